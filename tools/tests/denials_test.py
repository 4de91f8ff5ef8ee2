#!/usr/bin/env python3
"""Claims that deny: denials_test.py QUICKPAY

Whoever leaves a protocol out is asked for it and refuses; who serves it all the same is found; who claims everything is not
asked. Who claims nothing that the suite plays has not been judged."""
import json
import pathlib
import subprocess
import sys
import tempfile

#: Role, what it claims, what it denies, a scenario of what it claims, and the operation of a liar where no message is sent.
CASES = (("host", "micropayment", ("communication", "settlement"), "register-commit.first", ""),
         ("host", "communication", ("micropayment", "settlement"), "retrieve-messages.first", ""),
         ("broker", "micropayment", ("settlement",), "inquiry.endorsed", ""),
         ("vendor", "micropayment", ("settlement",), "purchase.paid", "settle-with-broker"))


def judged(quickpay, role, adapter, plain):
    """Exit code, and verdict of the main check of each scenario that ran."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([quickpay, "certify", "--role", role, "--adapter", adapter, "--select", f"{role}.denied.*,{role}.{plain}", "--seed", "7",
                              "--out", folder], capture_output=True, text=True, timeout=120)
        path = pathlib.Path(folder) / "report.json"
        report = json.loads(path.read_text()) if path.exists() else {"checks": []}
    return run.returncode, {check["id"]: check["verdict"] for check in report["checks"] if check["id"] == check["scenario"]}


def complaints(quickpay):
    for role, claimed, denied, plain, operation in CASES:
        ids = {f"{role}.denied.{protocol}" for protocol in denied}
        reference = f"{quickpay} reference-adapter --role {role}"
        code, seen = judged(quickpay, role, f"exec {reference} --protocol {claimed}", plain)
        if code != 0 or seen != dict.fromkeys(ids | {f"{role}.{plain}"}, "pass"):
            yield f"{role} that speaks {claimed} alone: exit {code}, {seen}"
        code, seen = judged(quickpay, role, f"exec {sys.executable} conformance/tests/adapters/claims.py '{reference}' {claimed} {operation}", plain)
        if code != 1 or {id for id, verdict in seen.items() if verdict == "fail"} != ids:
            yield f"{role} that speaks everything and claims {claimed}: exit {code}, {seen}"
        code, seen = judged(quickpay, role, f"exec {reference}", plain)
        if code != 0 or set(seen) != {f"{role}.{plain}"}:
            yield f"{role} that claims everything it speaks: exit {code}, {seen}"
        code, seen = judged(quickpay, role, f"exec {sys.executable} conformance/tests/adapters/claims.py '{reference}' none", plain)
        if code != 6 or seen:
            yield f"{role} that claims nothing: exit {code}, {seen}"


def main():
    found = list(complaints(sys.argv[1]))
    print("\n".join(found) or "what is denied is asked for")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
