#!/usr/bin/env python3
"""Counts what names and shows each requirement, for `quickpay spec lint --evidence FILE`.

Nothing is listed by hand. Tests: the cases of sources (comments before a case, and the case itself) that belong to tests which CTest ran and
passed, as its JUnit report says; of a program of GoogleTest only the cases of which the report says OK. Checks: those that the reference passed
in certifications that CTest ran and passed. Exit code 2 if something of that is not there.
"""
import argparse
import collections
import json
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
ID = re.compile(r"QP-[A-Z]{2,}-\d{2,}")  # an area of one letter is one that a test made up
SPAN = re.compile(r"(QP-[A-Z]{2,}-)(\d+) to \1(\d+)")
CASE = re.compile(r"^\s*(?:(?:TEST(?:_[FP])?|RC_GTEST_PROP)\s*\(\s*(\w+),\s*(\w+)|(?:async )?def test_\w+\()")
PASSED = re.compile(r"^\[       OK \] (?:\w+/)?(\w+\.\w+)", re.MULTILINE)
CERTIFIED = "certify_reference_"
COMMENT = re.compile(r"^\s*(?://|#|\"\"\"|\*)")


def named(text):
    """The requirements that a text names; "QP-X-001 to QP-X-004" names four."""
    spans = {f"{prefix}{n:0{len(first)}}" for prefix, first, last in SPAN.findall(text) for n in range(int(first), int(last) + 1)}
    return spans | set(ID.findall(text))


def cases(text):
    """(name, text) of what stands before the first case, then of each case with the comment before it; only GoogleTest's have names."""
    lines = text.split("\n")
    starts = [(0, "")]
    for number, line in enumerate(lines):
        case = CASE.match(line)
        if case is None:
            continue
        start = number
        while start > starts[-1][0] and COMMENT.match(lines[start - 1]):
            start -= 1
        starts.append((start, f"{case[1]}.{case[2]}" if case[1] else ""))
    ends = [start for start, _ in starts[1:]] + [len(lines)]
    return [(name, "\n".join(lines[start:end])) for (start, name), end in zip(starts, ends)]


def passed(junit):
    """Name -> output of the tests that ran and passed."""
    return {case.get("name"): case.findtext("system-out") or "" for case in ElementTree.parse(junit).iter("testcase")
            if case.get("status") == "run" and case.find("failure") is None and case.find("skipped") is None}


def sources(build):
    """Test name -> its source files, as CTest and the compiler were told."""
    compiled = collections.defaultdict(set)
    for entry in json.loads((build / "compile_commands.json").read_text()):
        made = entry.get("output") or "".join(re.findall(r" -o (\S+)", entry.get("command", "")))  # a header made beforehand is another target's
        target = re.search(r"CMakeFiles/([^/]+)\.dir/", made)
        if target:
            compiled[target.group(1)].add(pathlib.Path(entry["file"]))
    shown = subprocess.run(["ctest", "--test-dir", build, "--show-only=json-v1"], capture_output=True, text=True, check=True).stdout
    for test in json.loads(shown)["tests"]:
        command = test.get("command", [])
        files = {ROOT / word for word in command if word.endswith((".py", ".sh"))}
        if "discover" in command:
            files |= set((ROOT / command[command.index("-s") + 1]).rglob("test*.py"))
        of_program = compiled[pathlib.Path(command[0]).name if command else test["name"]]
        yield test["name"], {file for file in files | of_program if file.is_relative_to(ROOT) and file.exists()}


def count_tests(build, ran):
    """Requirement -> how many cases name it and passed. A source that several tests run counts once."""
    shown = collections.defaultdict(set)
    for name, files in sources(build):
        if name not in ran or name.startswith(CERTIFIED):
            continue
        good = set(PASSED.findall(ran[name]))
        for file in files:
            for number, (case, text) in enumerate(cases(file.read_text(errors="replace"))):
                if not case or case in good:
                    for requirement in named(text):
                        shown[requirement].add((file, number))
    return {requirement: len(where) for requirement, where in shown.items()}


def count_checks(build, ran):
    """Requirement -> how many checks that name it the reference passed."""
    certified = sorted(name for name in ran if name.startswith(CERTIFIED) and (build / "reports" / name / "report.json").exists())
    if not certified:
        raise FileNotFoundError(f"{build}/reports has no certification of the reference that CTest ran")
    ids = collections.defaultdict(set)
    for name in certified:
        for check in json.loads((build / "reports" / name / "report.json").read_text())["checks"]:
            for requirement in check["requirements"] if check["verdict"] == "pass" else ():
                ids[requirement].add(check["id"])
    return {requirement: len(checks) for requirement, checks in ids.items()}


def main(words):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", type=pathlib.Path, default=ROOT / "build/release", help="the build folder, after CTest ran there")
    parser.add_argument("--junit", type=pathlib.Path, help="CTest's report (default: junit.xml in the build folder)")
    parser.add_argument("--out", type=pathlib.Path, help="where to write (default: evidence.json in the build folder)")
    options = parser.parse_args(words)
    build = options.build.resolve()
    try:
        ran = passed(options.junit or build / "junit.xml")
        counts = {"tests": count_tests(build, ran), "checks": count_checks(build, ran)}
    except (OSError, subprocess.CalledProcessError, ElementTree.ParseError, json.JSONDecodeError) as why:
        print(f"tools/evidence.py: {why}; run tools/test first", file=sys.stderr)
        return 2
    out = options.out or build / "evidence.json"
    out.write_text(json.dumps(counts, indent=1, sort_keys=True) + "\n")
    print(f"{out}: " + ", ".join(f"{len(count)} requirements by {sum(count.values())} {kind}" for kind, count in counts.items()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
