#!/usr/bin/env python3
"""Claims that deny: denials_test.py QUICKPAY

Whoever leaves a protocol or a feature out is asked for it and refuses; who serves it all the same is found; who claims everything is not
asked. Who claims nothing that the suite plays has not been judged."""
import json
import pathlib
import subprocess
import sys
import tempfile

#: QP-TECH-005, QP-APP-002: a payment is made with one protocol alone, and no other one has to be there for it.
#: Role, what it claims, what it denies, a scenario of what it claims, and the operation of a liar where no message is sent.
CASES = (("host", "micropayment", ("administration", "communication", "keys", "registration", "regular", "revoke", "settlement"), "register-commit.first", ""),
         ("host", "communication", ("administration", "keys", "micropayment", "registration", "regular", "revoke", "settlement"), "retrieve-messages.first", ""),
         ("host", "registration", ("administration", "communication", "keys", "micropayment", "regular", "revoke", "settlement"), "registration.vendor.first", ""),
         ("broker", "micropayment", ("paycard", "regular", "revoke", "settlement"), "inquiry.endorsed", ""),
         ("vendor", "micropayment", ("registration", "regular", "revoke", "settlement"), "purchase.paid", "settle-with-broker revoke"))


#: What the suite asks of a Vendor that claims to deliver by URL, and of one that does not.
CLAIMED = ("vendor.location.delivers", "vendor.location.no-ticket", "vendor.location.other-ticket")
DENIED = ("vendor.location.denied",)


def judged(quickpay, role, adapter, select):
    """Exit code, and verdict of the main check of each scenario that ran."""
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([quickpay, "certify", "--role", role, "--adapter", adapter, "--select", select, "--seed", "7", "--out", folder],
                             capture_output=True, text=True, timeout=120)
        path = pathlib.Path(folder) / "report.json"
        report = json.loads(path.read_text()) if path.exists() else {"checks": []}
    return run.returncode, {check["id"]: check["verdict"] for check in report["checks"] if check["id"] == check["scenario"]}


def complaints(quickpay):
    for role, claimed, denied, plain, operation in CASES:
        ids = {f"{role}.denied.{protocol}" for protocol in denied}
        reference = f"{quickpay} reference-adapter --role {role}"
        select = f"{role}.denied.*,{role}.{plain}"
        code, seen = judged(quickpay, role, f"exec {reference} --protocol {claimed}", select)
        if code != 0 or seen != dict.fromkeys(ids | {f"{role}.{plain}"}, "pass"):
            yield f"{role} that speaks {claimed} alone: exit {code}, {seen}"
        code, seen = judged(quickpay, role, f"exec {sys.executable} conformance/tests/adapters/claims.py '{reference}' {claimed} {operation}", select)
        if code != 1 or {id for id, verdict in seen.items() if verdict == "fail"} != ids:
            yield f"{role} that speaks everything and claims {claimed}: exit {code}, {seen}"
        code, seen = judged(quickpay, role, f"exec {reference}", select)
        if code != 0 or set(seen) != {f"{role}.{plain}"}:
            yield f"{role} that claims everything it speaks: exit {code}, {seen}"
        code, seen = judged(quickpay, role, f"exec {sys.executable} conformance/tests/adapters/claims.py '{reference}' none", select)
        if code != 6 or seen:
            yield f"{role} that claims nothing: exit {code}, {seen}"


def complaints_of_features(quickpay):
    reference = f"{quickpay} reference-adapter --role vendor"
    liar = f"{sys.executable} conformance/tests/adapters/claims.py '{reference}' micropayment,-location"
    for name, adapter, code, ran, verdict in (
            ("Vendor that claims location", reference, 0, CLAIMED, "pass"),
            ("Vendor without it", f"{sys.executable} conformance/adapters/python/vendor.py --inline", 0, DENIED, "pass"),
            ("Vendor that denies what it does", liar, 1, DENIED, "fail")):
        found, seen = judged(quickpay, "vendor", f"exec {adapter}", "vendor.location.*")
        wanted = dict.fromkeys({*CLAIMED, *DENIED}, "not_applicable") | dict.fromkeys(ran, verdict)
        if (found, seen) != (code, wanted):
            yield f"{name}: exit {found}, {seen}"


def main():
    found = [*complaints(sys.argv[1]), *complaints_of_features(sys.argv[1])]
    print("\n".join(found) or "what is denied is asked for")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
