#!/usr/bin/env python3
"""Certifies every broken implementation that `quickpay reference-adapter --list` names and expects a refusal for the
right requirement, and no certificate; a fault that names scenarios is tried on these.

usage: broken_implementations.py QUICKPAY ROLE [FAULT...]"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

TOO_LONG = ("slow",)  # minutes for each role: tools/mutants has it among its miniatures
AT_A_TIME = 4  # most of them wait for something that never comes
LIMIT_SECONDS = 280


def listed(quickpay, role):
    """What each fault breaks in this role, in which profile, and which scenarios show it (empty: all), by fault."""
    lines = subprocess.run([quickpay, "reference-adapter", "--role", role, "--list"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    faults, fault = {}, None
    for words in (line.split() for line in lines):
        if len(words) > 1 and words[0] == "breaks":
            faults[fault] = (dict(word.split(":") for word in words[1:])[role], "F", "")
        elif len(words) > 1 and words[0] == "profile":
            faults[fault] = (faults[fault][0], words[1], faults[fault][2])
        elif len(words) > 1 and words[0] == "select":
            faults[fault] = (*faults[fault][:2], words[1])
        else:
            fault = words[0]
    return faults


def complaint(code, report, breaks):
    """Why the run did not refuse this implementation as it should have; empty if it did."""
    passes = report["counts"]["pass"]
    failed = [check for check in report["checks"] if check["verdict"] == "fail"]
    if breaks in ("unreachable", "any") and passes:
        return f"{passes} passes that cannot be earned"
    if breaks == "unreachable":
        return "" if code == 5 and not failed else f"exit code {code}, expected 5"
    if code != 1:
        return f"exit code {code}, expected 1"
    if breaks != "any" and not any(breaks in check["requirements"] for check in failed):
        return f"no failed check names {breaks}"
    return ""


def judge(quickpay, key, role, fault, breaks, profile="F", select=""):
    with tempfile.TemporaryDirectory() as folder:
        adapter = f"{quickpay} reference-adapter --role {role}" + (f" --fault {fault}" if fault != "none" else "")
        # Whoever runs a part of the suite gets no certificate, whatever it finds: the runner takes no --sign then.
        what = ["--select", f"{role}.{select}"] if select else ["--sign", key, "--artefact", quickpay]
        run = subprocess.run([quickpay, "certify", "--role", role, "--profile", profile, "--adapter", adapter, "--out",
                              folder, *what],
                             text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT_SECONDS)
        report = json.loads((pathlib.Path(folder) / "report.json").read_text())
        certified = (pathlib.Path(folder) / "certificate.json").exists()
    why = complaint(run.returncode, report, breaks) or ("a certificate came out" if certified else "")
    counts = report["counts"]
    line = (f"{fault:30} {profile} {breaks:12} exit {run.returncode}, {counts['pass']} pass, {counts['fail']} fail, "
            f"{counts['inconclusive']} inconclusive (seed {report['seed']})")
    return (f"{line}: {why}\n{run.stdout}" if why else line), not why


def main():
    quickpay, role, *only = sys.argv[1:]
    faults = {name: (name, *what) for name, what in listed(quickpay, role).items()
              if (name in only if only else name not in TOO_LONG)}
    # The twin: the reference without a fault must not be refused, so this very check has to complain about it.
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(AT_A_TIME) as pool:
        key = folder + "/key"
        subprocess.run([quickpay, "keygen", key], check=True, stdout=subprocess.DEVNULL)
        whole = pool.submit(judge, quickpay, key, role, "none", "any")
        results = list(pool.map(lambda item: judge(quickpay, key, role, *item), faults.values()))
    print("\n".join(text for text, _ in results))
    if whole.result()[1]:
        print("the implementation without a fault counts as refused: this check cannot fail")
        return 1
    return 0 if faults and all(right for _, right in results) else 1


if __name__ == "__main__":
    sys.exit(main())
