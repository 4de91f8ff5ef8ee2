"""The vectors that Python writes are what it writes; a digit or a word changed by hand is found (make/make.py --check)."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
IR = "spec/quickpay-1.0/generated/ir.json"


def check(tree):
    return subprocess.run([sys.executable, "-B", tree / "vectors/make/make.py", "--check"], capture_output=True, text=True)


class Made(unittest.TestCase):
    def test_tree(self):
        done = check(TREE)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_changed_by_hand(self):
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            (tree / IR).parent.mkdir(parents=True)
            shutil.copy(TREE / IR, tree / IR)
            for room in ("make", "generated", "crypto", "ledger", "vote"):
                shutil.copytree(TREE / "vectors" / room, tree / "vectors" / room)
            for kind, old, new in (("ledger", '"share":2}', '"share":3}'), ("vote", '"waits":"wallet"', '"waits":"broker"'),
                                   ("crypto", '"flags":["ber"]', '"flags":["range"]')):
                path = tree / f"vectors/{kind}/{kind}.json"
                text = path.read_text()
                self.assertIn(old, text)
                path.write_text(text.replace(old, new, 1))
            done = check(tree)
            self.assertEqual(done.returncode, 1)
            for kind in ("ledger", "vote", "crypto"):
                self.assertIn(f"different: vectors/{kind}/{kind}.json", done.stdout)


if __name__ == "__main__":
    unittest.main()
