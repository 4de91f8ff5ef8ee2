"""L5, as a user runs it: traces of a broken reference are found wrong, and what is no trace is said to be none.

usage: trace_test.py QUICKPAY
"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

QUICKPAY = sys.argv.pop(1)


def trace(*files: str, stdin: bytes = b"") -> tuple[int, str]:
    done = subprocess.run([QUICKPAY, "trace", *files], input=stdin, capture_output=True, check=False)
    return done.returncode, (done.stdout + done.stderr).decode()


class TraceTest(unittest.TestCase):
    def broken(self, folder: str, mutation: str, select: str) -> list[str]:
        adapter = f"{QUICKPAY} reference-adapter --role vendor --fault {mutation} --trace {folder}"
        subprocess.run([QUICKPAY, "certify", "--role", "vendor", "--adapter", adapter, "--select", select, "--seed", "1"],
                       capture_output=True, check=False)
        return sorted(str(path) for path in pathlib.Path(folder).glob("*.ndjson"))

    def test_a_mutated_row_is_named(self) -> None:
        listed = subprocess.run([QUICKPAY, "reference-adapter", "--role", "vendor", "--list"], capture_output=True,
                                text=True, check=True).stdout.split()
        mutation = next(one for one in listed if one.startswith("vendor.order:wrong-target:V15@CHECKING:"))
        with tempfile.TemporaryDirectory() as folder:
            files = self.broken(folder, mutation, "vendor.check-commit.*")
            self.assertTrue(files)
            code, said = trace(*files)
        self.assertEqual(code, 1, said)
        self.assertIn("the row: V15@CHECKING", said)
        self.assertIn("the state after it is", said)

    def test_what_is_no_trace(self) -> None:
        self.assertEqual(trace("no-such-file")[0], 2)
        for text, words in ((b"", "the trace is empty"), (b"\x00\xff\n", "no JSON"), (b"{", "cut off"),
                            (b'{"trace":"end"}\n', "a begin line must come first")):
            code, said = trace("-", stdin=text)
            self.assertEqual(code, 3, said)
            self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
