#!/usr/bin/env python3
"""A whole run of the reference takes less than a minute: whole_test.py QUICKPAY ROLE…

Exit code 0, nothing inconclusive, certifiable, and in LIMIT_SECONDS; of a few tries the best counts, since the machine may be busy.
Part of `tools/test --deep`, where nothing else runs beside it."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

LIMIT_SECONDS = 60.0
TRIES = 3


def complaint(role, code, report, seconds):
    """Why the run is not what an implementer was promised; empty if it is."""
    if code != 0 or not report["certifiable"]:
        return f"{role}: exit code {code}, certifiable: {report['certifiable']}"
    open_ones = [name for name in ("fail", "warn", "inconclusive", "error") if report["counts"][name]]
    if open_ones:
        return f"{role}: {', '.join(open_ones)}: {report['counts']}"
    return "" if seconds < LIMIT_SECONDS else f"{role}: {seconds:.1f} s, less than {LIMIT_SECONDS} s wanted"


def run(quickpay, role, folder):
    begin = time.monotonic()
    done = subprocess.run([quickpay, "certify", "--role", role, "--reference", "--out", folder], stdout=subprocess.DEVNULL, check=False)
    return done.returncode, json.loads((pathlib.Path(folder) / "report.json").read_text()), time.monotonic() - begin


def judged(quickpay, role):
    """The complaint about the best try, and what it was."""
    best = None
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(TRIES):
            code, report, seconds = run(quickpay, role, folder)
            best = min(best or (seconds, report), (seconds, report), key=lambda one: one[0])
            if (why := complaint(role, code, report, seconds)) == "" or code != 0:
                break
    seconds, report = best
    print(f"{role}: {len(report['scenarios'])} scenarios, {report['counts']['pass']} passes in {seconds:.1f} s (seed {report['seed']})")
    return why, report


def can_fail(report):
    """The twins: a run like the good one, but for one thing."""
    counts = report["counts"]
    return all((complaint("x", 1, report, 1), complaint("x", 0, {**report, "certifiable": False}, 1), complaint("x", 0, report, LIMIT_SECONDS),
                complaint("x", 0, {**report, "counts": {**counts, "inconclusive": 1}}, 1)))


def main():
    quickpay, *roles = sys.argv[1:]
    results = [judged(quickpay, role) for role in roles]
    wrong = [why for why, _ in results if why]
    if not all(can_fail(report) for why, report in results if not why):
        wrong.append("this check cannot fail")
    print("\n".join(wrong))
    return 1 if wrong or not roles else 0


if __name__ == "__main__":
    sys.exit(main())
