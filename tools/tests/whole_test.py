#!/usr/bin/env python3
"""A whole run of the reference takes less than a minute, and one of smoke less than two seconds: whole_test.py QUICKPAY ROLE…

Exit code 0, nothing inconclusive, the whole run certifiable, and in time; of a few tries the best counts, since the machine may be busy.
Part of `tools/test --deep`, where nothing else runs beside it."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

LIMITS = {"": 60.0, "smoke": 2.0}  # seconds, by selection; a part of the suite certifies nothing
TRIES = 3


def complaint(role, code, report, seconds, select=""):
    """Why the run is not what an implementer was promised; empty if it is."""
    if code != 0 or report["certifiable"] != (select == ""):
        return f"{role}: exit code {code}, certifiable: {report['certifiable']}"
    open_ones = [name for name in ("fail", "warn", "inconclusive", "error") if report["counts"][name]]
    if open_ones:
        return f"{role}: {', '.join(open_ones)}: {report['counts']}"
    limit = LIMITS[select]
    return "" if seconds < limit else f"{role} {select}: {seconds:.1f} s, less than {limit} s wanted"


def run(quickpay, role, folder, select):
    begin = time.monotonic()
    done = subprocess.run([quickpay, "certify", "--role", role, "--reference", "--out", folder, *(["--select", select] if select else [])],
                          stdout=subprocess.DEVNULL, check=False)
    return done.returncode, json.loads((pathlib.Path(folder) / "report.json").read_text()), time.monotonic() - begin


def judged(quickpay, role, select):
    """The complaint about the best try, and what it was."""
    best = None
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(TRIES):
            code, report, seconds = run(quickpay, role, folder, select)
            best = min(best or (seconds, report), (seconds, report), key=lambda one: one[0])
            if (why := complaint(role, code, report, seconds, select)) == "" or code != 0:
                break
    seconds, report = best
    print(f"{role} {select or 'whole'}: {sum(one['ran'] for one in report['scenarios'])} scenarios, {report['counts']['pass']} passes in {seconds:.1f} s (seed {report['seed']})")
    return why, report, select


def can_fail(report, select):
    """The twins: a run like the good one, but for one thing."""
    counts = report["counts"]
    return all((complaint("x", 1, report, 1, select), complaint("x", 0, {**report, "certifiable": select != ""}, 1, select),
                complaint("x", 0, report, LIMITS[select], select),
                complaint("x", 0, {**report, "counts": {**counts, "inconclusive": 1}}, 1, select)))


def main():
    quickpay, *roles = sys.argv[1:]
    results = [judged(quickpay, role, select) for role in roles for select in LIMITS]
    wrong = [why for why, _, _ in results if why]
    if not all(can_fail(report, select) for why, report, select in results if not why):
        wrong.append("this check cannot fail")
    print("\n".join(wrong))
    return 1 if wrong or not roles else 0


if __name__ == "__main__":
    sys.exit(main())
