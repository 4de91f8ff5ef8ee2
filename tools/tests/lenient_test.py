#!/usr/bin/env python3
"""Malformed HTTP is seen: lenient_test.py QUICKPAY ROLE

Who guesses what malformed HTTP means fails every scenario about it; the implementation behind the guessing passes them all."""
import json
import pathlib
import subprocess
import sys
import tempfile

# A second attempt that does not come is waited for: of those checks a few stand for all.
SELECT = {"wallet": "wallet.retry.get-order.http-length-twice,wallet.retry.get-order.http-content-coding,wallet.retry.get-order.http-status-206",
          "vendor": "vendor.check-commit.http-*,vendor.http.*", "broker": "broker.host.http-both-lengths,broker.http.*", "host": "host.http.*"}
NEVER_ENDING = "http.never-ending"  # who serves one request at a time fails it
TRICKLES = {"wallet": "wallet.trickle.*", "vendor": "vendor.http.trickle,vendor.check-commit.trickle",
            "broker": "broker.http.trickle,broker.host.trickle", "host": "host.http.trickle"}
OTHERS = (NEVER_ENDING, "trickle", "http.chunked", "http.charset-utf8", "http.header-case",  # legal, read by everybody
          "check-commit.http-error")                                  # has no document to be found


def judged(quickpay, role, adapter, select):
    """What the checks of each selected scenario say together: fail if one fails, pass if all pass."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([quickpay, "certify", "--role", role, "--adapter", adapter, "--select", select, "--seed", "7", "--out", folder],
                             capture_output=True, text=True)
        report = json.loads((pathlib.Path(folder) / "report.json").read_text())
    verdicts = {}
    for check in report["checks"]:
        verdicts.setdefault(check["scenario"], set()).add(check["verdict"])
    return run.returncode, {scenario: "fail" if "fail" in seen else "/".join(sorted(seen)) for scenario, seen in verdicts.items()}


def trickles(quickpay, role, reference, broken):
    """Bytes that come one by one are read by the good one and by the lenient one, and not by who takes the first packet for all."""
    code, good = judged(quickpay, role, reference, TRICKLES[role])
    patient_code, patient = judged(quickpay, role, broken, TRICKLES[role])
    hasty_code, hasty = judged(quickpay, role, broken + " --first-packet", TRICKLES[role])
    earned = [id for id in hasty if hasty[id] == "pass"]
    print(f"{TRICKLES[role]}: the good one {good}; who waits {patient}; who does not {hasty}")
    return not (code or patient_code or earned) and hasty_code != 0 and len(good) == len(hasty) > 0


def main():
    quickpay, role = sys.argv[1:]
    reference = f"{quickpay} reference-adapter --role {role}"
    names = lambda id: any(id.endswith(end) for end in OTHERS)
    broken = f"exec python3 conformance/tests/adapters/lenient.py '{reference}'"
    code, good = judged(quickpay, role, reference, SELECT[role])
    lenient_code, lenient = judged(quickpay, role, broken, SELECT[role])
    about_http = [id for id in good if "http" in id and not names(id)]
    unseen = [id for id in about_http if lenient.get(id) != "fail"]
    refused = [id for id in about_http if good[id] != "pass"]
    print(f"{role}: {len(about_http)} scenarios; the good one does not pass {refused}; the lenient one does not fail {unseen}")
    if role != "wallet":
        name = f"{role}.{NEVER_ENDING}"
        slow_code, slow = judged(quickpay, role, broken + " --one-at-a-time", name)
        print(f"{name}: the good one {good[name]}, one request at a time: {slow[name]}")
        if good[name] != "pass" or slow_code != 1 or slow[name] != "fail":
            return 1
    if not trickles(quickpay, role, reference, broken):
        return 1
    return 0 if len(about_http) >= 3 and code == 0 and lenient_code == 1 and not unseen and not refused else 1


if __name__ == "__main__":
    sys.exit(main())
