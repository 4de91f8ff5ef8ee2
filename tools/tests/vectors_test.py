"""quickpay vectors: build, lint and run as a user calls them, with programs that answer rightly, wrongly and not at all.

usage: vectors_test.py QUICKPAY
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

QUICKPAY = pathlib.Path(sys.argv.pop(1)).resolve()
TREE = pathlib.Path(__file__).resolve().parent.parent.parent
PYTHON = f"{sys.executable} -B {TREE}/conformance/adapters/python/vectors.py"
BLOCKS = f"{sys.executable} -B {TREE}/vectors/make/blocks.py"


def vectors(*arguments, tree=TREE):
    done = subprocess.run([QUICKPAY, "vectors", *arguments], capture_output=True, text=True, cwd=tree, timeout=120)
    return done.returncode, done.stdout, done.stderr


def counts(text):
    """{kind: (asked, right, wrong, not supported)}."""
    found = re.findall(r"^(\w+) +(\d+) asked +(\d+) right +(\d+) wrong +(\d+) not supported$", text, re.MULTILINE)
    return {kind: tuple(map(int, numbers)) for kind, *numbers in found}


def answering(line):
    """A program that answers every question q with the same expression."""
    code = f"import json,sys\nfor l in sys.stdin:\n q = json.loads(l)\n print({line}, flush=True)"
    return f"{sys.executable} -c '{code}'"


class Run(unittest.TestCase):
    def test_reference(self):
        code, out, _ = vectors("run")
        self.assertEqual(code, 0, out)
        told = counts(out)
        self.assertEqual(list(told), ["codec", "crypto", "state", "scenario", "ledger", "vote"])
        for asked, right, wrong, unsupported in told.values():
            self.assertGreater(asked, 150)
            self.assertEqual((right, wrong, unsupported), (asked, 0, 0))

    def test_python(self):
        code, out, _ = vectors("run", "--program", PYTHON, "--kind", "codec", "--kind", "crypto", "--kind", "ledger")
        self.assertEqual(code, 0, out)
        self.assertEqual(set(counts(out)), {"codec", "crypto", "ledger"})
        for asked, right, wrong, unsupported in counts(out).values():
            self.assertEqual((right, wrong, unsupported), (asked, 0, 0), out)  # every message, those of recurring names included

    def test_what_is_left_out_is_counted_apart(self):
        code, out, _ = vectors("run", "--kind", "crypto", "--program", answering('json.dumps({"n": q["n"], "unsupported": "not here"})'))
        asked, right, wrong, unsupported = counts(out)["crypto"]
        self.assertEqual((code, right, wrong, unsupported), (4, 0, 0, asked))

    def test_blocks_as_written(self):
        code, out, _ = vectors("run", "--program", BLOCKS, "--kind", "state", "--kind", "scenario")
        self.assertEqual(code, 0, out)

    def test_wrong(self):
        code, out, _ = vectors("run", "--kind", "crypto", "--program", answering('json.dumps({"n": q["n"], "result": "valid"})'))
        asked, right, wrong, _ = counts(out)["crypto"]
        self.assertEqual(code, 1)
        self.assertGreater(wrong, 1000)
        self.assertEqual(asked, right + wrong)
        self.assertIn('result is "valid", expected "invalid"', out)

    def test_hostile_answer_is_shown_as_text(self):
        code, out, _ = vectors("run", "--kind", "vote", "--program", answering('json.dumps({"n": q["n"], "decision": "\\x1b[31m"})'))
        self.assertEqual(code, 1)
        self.assertNotIn("\x1b", out)

    def test_programs_that_do_not_answer(self):
        for program, words in ((answering('"garbage \\x1b[31m"'), "no JSON object"), (answering('json.dumps({"n": 0})'), "another question"),
                               ("exit 3", "ended"), ("sleep 60", "no answer in time"), (answering('"x" * 3000000'), "megabyte"),
                               ("/no/such/program", "ended")):
            code, out, err = vectors("run", "--kind", "vote", "--timeout", "1", "--program", program)
            self.assertEqual(code, 5, (program, out, err))
            self.assertIn(words, err)
            self.assertNotIn("\x1b", err)

    def test_usage(self):
        self.assertEqual(vectors("run", "--kind", "nothing")[0], 2)
        self.assertEqual(vectors("run", "--dir", "/no/such/folder")[0], 2)
        self.assertEqual(vectors()[0], 2)
        for command in ((), ("build",), ("lint",), ("run",)):
            self.assertEqual(vectors(*command, "--help")[0], 0)


class Tree(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.tree = pathlib.Path(self.folder.name)
        for room in ("vectors", "spec"):
            shutil.copytree(TREE / room, self.tree / room)

    def tearDown(self):
        self.folder.cleanup()

    def change(self, file, old, new):
        text = (self.tree / file).read_text()
        self.assertIn(old, text)
        (self.tree / file).write_text(text.replace(old, new, 1))

    def test_lint(self):
        code, out, _ = vectors("lint", tree=self.tree)
        self.assertEqual(code, 0, out)
        self.assertEqual(out.count("are in order"), 6)
        self.change("vectors/ledger/ledger.json", '"flags":["half"]', '"flags":["halve"]')
        code, out, _ = vectors("lint", tree=self.tree)
        self.assertEqual(code, 1)
        self.assertIn("schema: ledger/ledger.json", out)

    def test_run_of_a_changed_vector(self):
        self.change("vectors/ledger/ledger.json", '"share":2}', '"share":3}')
        code, out, _ = vectors("run", "--kind", "ledger", tree=self.tree)
        self.assertEqual((code, counts(out)["ledger"][2]), (1, 1))

    def test_build_names_and_restores(self):
        files = ("vectors/ledger/ledger.json", "vectors/generated/micropayment/state-broker_order.json")
        before = [(self.tree / file).read_bytes() for file in files]
        self.change(files[0], '"share":2}', '"share":3}')
        self.change(files[1], '"next": "ENDORSED"', '"next": "NONE"')
        code, out, err = vectors("build", "--check", tree=self.tree)
        self.assertEqual(code, 1)
        for file in files:
            self.assertIn(f"different: {file}", out + err)
        code, out, err = vectors("build", tree=self.tree)
        self.assertEqual(code, 0, out + err)
        for file, text in zip(files, before):
            self.assertIn(f"wrote: {file}", out)
            self.assertEqual((self.tree / file).read_bytes(), text)


if __name__ == "__main__":
    unittest.main()
