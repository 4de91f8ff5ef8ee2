"""The checks of the house can fail: each script is run on a tree that is good and on one broken on purpose."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


def run(script: str, *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, os.path.join(HERE, script), *arguments], capture_output=True, text=True)


class Tree(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        subprocess.run(["git", "init", "-q", self.folder.name], check=True)

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.folder.name, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path


class Style(Tree):
    def check(self) -> subprocess.CompletedProcess:
        return run("check_style.py", "--root", self.folder.name)

    def test_small_function_passes(self) -> None:
        self.write("a.cpp", "int f() {\n  return 1;\n}\n")
        self.assertEqual(self.check().returncode, 0)

    def test_long_function_is_named(self) -> None:
        self.write("a.cpp", "int g() { return 0; }\nint h() { return 0; }\nint f() {\n" + "  g();\n" * 70 + "}\n")
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.cpp:3 f: 72 lines", result.stdout)

    def test_long_file_is_named(self) -> None:
        self.write("a.cpp", "int f() { return 0; }\n" + "// line\n" * 500)
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.cpp: 501 lines", result.stdout)

    def test_generated_file_may_be_long(self) -> None:
        self.write("a.cpp", "int f() { return 0; }\n")
        self.write("room/generated/b.cpp", "// line\n" * 900)
        self.assertEqual(self.check().returncode, 0)

    def test_long_median_is_told(self) -> None:
        self.write("a.cpp", "void g();\nvoid f() {\n" + "  g();\n" * 20 + "}\n")
        self.assertIn("median function: 22 lines", self.check().stdout)

    def test_nothing_to_measure_is_an_error(self) -> None:
        self.assertEqual(self.check().returncode, 2)


class Links(Tree):
    def check(self) -> subprocess.CompletedProcess:
        return run("check_links.py", "--root", self.folder.name)

    def test_good_link_passes(self) -> None:
        self.write("a.md", "[b](b.md)")
        self.write("b.md", "[up](a.md#part)")
        self.assertEqual(self.check().returncode, 0)

    def test_broken_link_is_named(self) -> None:
        self.write("a.md", "[b](b.md)")
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn("a.md: b.md", result.stdout)

    def test_no_link_at_all_is_an_error(self) -> None:
        self.write("a.md", "text")
        self.assertEqual(self.check().returncode, 1)


class Counts(Tree):
    def count(self, cases: str) -> subprocess.CompletedProcess:
        return run("ctest_counts.py", self.write("junit.xml", f"<testsuite>{cases}</testsuite>"))

    def test_counts(self) -> None:
        result = self.count('<testcase name="a" status="run"/><testcase name="b" status="fail"><failure/></testcase>')
        self.assertEqual(result.stdout.split(), ["1", "1"])

    def test_not_run_is_failed(self) -> None:
        result = self.count('<testcase name="a" status="run"/><testcase name="b" status="notrun"><skipped/></testcase>')
        self.assertEqual(result.stdout.split(), ["1", "1"])

    def test_nothing_ran_is_an_error(self) -> None:
        self.assertNotEqual(self.count("").returncode, 0)

    def test_missing_report_is_an_error(self) -> None:
        self.assertEqual(run("ctest_counts.py", "/nonexistent.xml").returncode, 2)


if __name__ == "__main__":
    unittest.main()
