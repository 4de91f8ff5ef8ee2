"""Prints "PASSED FAILED" of a JUnit file that CTest wrote; a test that did not run counts as failed."""
import sys
import xml.etree.ElementTree as ET


def main() -> int:
    try:
        cases = ET.parse(sys.argv[1]).getroot().iter("testcase")
    except (IndexError, OSError, ET.ParseError) as error:
        print(f"ctest_counts: {error}", file=sys.stderr)
        return 2
    passed = failed = 0
    for case in cases:
        ran = case.get("status") == "run" and case.find("failure") is None and case.find("skipped") is None
        passed += ran
        failed += not ran
    if passed + failed == 0:
        print("ctest_counts: no test in the report", file=sys.stderr)
        return 1
    print(passed, failed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
