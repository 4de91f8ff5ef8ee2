#!/usr/bin/env python3
"""Implementations meet: interop_test.py QUICKPAY

Reference and Python pay each other in every pair of Wallet and Vendor, and in the other roles. A broken implementation is
blamed, and only it, whatever role it plays."""
import json
import pathlib
import subprocess
import sys
import tempfile

PYTHON = pathlib.Path("conformance/adapters/python")
BROKEN = {"wallet": ("pays-without-confirmation", "identifies-itself", "says-rejected-but-pays"),
          "vendor": ("delivers-before-check-commit", "never-notifies"),
          "broker": ("always-rejects", "forgets-idempotency"), "host": ("always-rejects",)}


def meet(quickpay, *words):
    """Exit code and meetings."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([quickpay, "interop", *words, "--out", folder], capture_output=True, text=True, timeout=200)
        path = pathlib.Path(folder) / "interop.json"
        return run.returncode, json.loads(path.read_text())["meetings"] if path.exists() else [], run.stdout + run.stderr


def python(role):
    return f"exec python3 {PYTHON / role}.py"


def faults_of(quickpay, role):
    listed = subprocess.run([quickpay, "reference-adapter", "--list", "--role", role], capture_output=True, text=True, check=True).stdout
    return {line.split()[0] for line in listed.splitlines() if line[:1].isalpha()}


def complaints(quickpay):
    code, meetings, said = meet(quickpay, "--wallet", python("wallet"), "--wallet", "reference", "--vendor", python("vendor"), "--vendor", "reference")
    if code != 0 or len(meetings) != 4 or not all(meeting["good"] for meeting in meetings):
        yield f"wallets and vendors do not pay each other: exit {code}\n{said}"
    others = [role for role in ("broker", "host") if (PYTHON / f"{role}.py").exists()]
    for role in others:
        code, meetings, said = meet(quickpay, f"--{role}", python(role))
        if code != 0:
            yield f"the Python {role} does not fit in: exit {code}\n{said}"
    for role, faults in BROKEN.items():
        for fault in faults:
            if fault not in faults_of(quickpay, role):
                yield f"there is no fault {fault} of the {role}"
                continue
            code, meetings, said = meet(quickpay, f"--{role}", f"exec {quickpay} reference-adapter --role {role} --fault {fault}")
            if code != 1 or [meeting["blamed"] for meeting in meetings] != [[role]]:
                yield f"{fault} of the {role}: exit {code}, not only the {role} is blamed\n{said}"
    shown = subprocess.run([quickpay, "demo"], capture_output=True, text=True, timeout=200)
    if shown.returncode != 0 or "CheckCommitResponse QP-OK" not in shown.stdout:
        yield f"the demo: exit {shown.returncode}\n{shown.stdout}{shown.stderr}"
    code, _, said = meet(quickpay, "--vendor", "echo nonsense; cat")
    if code != 5 or "vendor unreachable" not in said:
        yield f"an adapter that talks nonsense: exit {code}\n{said}"


def main():
    found = list(complaints(sys.argv[1]))
    print("\n".join(found) or "all good pairs pay, every broken implementation is blamed alone")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
