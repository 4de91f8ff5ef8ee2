"""Writes the table of the vote: every evidence that the Host can have on one order in dispute, and the decision.

usage: vote.py    says how many rows end how; make.py writes the table
The rule is stated here a second time, from its text in README.md, and shares nothing with the reference.
"""
import collections
import itertools
import json

STANDS = ("yes", "no", "silent")
FLAGS = ("commit", "delivery", "order", "proof", "suspended", "revoked")
MEANINGS = {"approve": "QP-OK", "revoked": "QP-E-REVOKED", "no-claim": "QP-E-NOT-CLAIMED",
            "broker": "QP-E-NO-COMMIT", "wallet": "QP-E-NO-DELIVERY"}


def votes(row):
    """Who effectively says yes or no; who is in neither set abstains."""
    yes, no = set(), set()
    if row["commit"] or row["proof"] or row["broker"] == "yes":
        yes.add("broker")
    elif row["broker"] == "no":
        no.add("broker")
    if row["vendor"] == "no":
        no.add("vendor")
    elif row["delivery"] or (row["vendor"] == "yes" and row["suspended"]):
        yes.add("vendor")
    if row["order"] or row["wallet"] == "yes":
        yes.add("wallet")
    elif row["wallet"] == "no":
        no.add("wallet")
    return yes, no


def decide(row, literal):
    """Decision, code, and whose statement the case waits for."""
    yes, no = votes(row)
    if row["revoked"]:
        return "reject", MEANINGS["revoked"], None
    if row["vendor"] != "yes":
        return "no-claim", MEANINGS["no-claim"], None
    if len(yes) >= 2 and (literal or "broker" in yes):
        return "approve", MEANINGS["approve"], None
    party = "wallet" if "broker" in yes else "broker"
    if party in no:
        return "reject", MEANINGS[party], None
    return "pending", MEANINGS[party], party


def identifier(row):
    bits = "".join("1" if row[flag] else "0" for flag in FLAGS[:3])
    stands = "-".join(row[party][0] for party in ("broker", "vendor", "wallet"))
    extra = [flag for flag in FLAGS[3:] if row[flag]]
    return ".".join(["vote", bits, stands, *extra])


def rows():
    for flags in itertools.product((True, False), repeat=6):
        for broker, vendor, wallet in itertools.product(STANDS, repeat=3):
            row = dict(zip(FLAGS, flags), broker=broker, vendor=vendor, wallet=wallet)
            decision, code, waits = decide(row, literal=False)
            full = {"id": identifier(row), **row, "decision": decision, "code": code}
            if waits:
                full["waits"] = waits
            full["literal"] = decide(row, literal=True)[0]
            yield full


def text():
    table = list(rows())
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in table)
    head = {"requirements": ["QP-BS-010", "QP-BS-011", "QP-ADD-07", "QP-ADD-08"], "count": len(table)}
    return json.dumps(head)[:-1] + ', "vectors": [\n' + lines + "\n]}\n"


def count():
    ends = collections.Counter(" ".join(filter(None, (row["decision"], row.get("waits")))) for row in rows())
    for end, number in sorted(ends.items()):
        print(f"{number:5} {end}")
    print(f"{sum(row['decision'] != row['literal'] for row in rows()):5} rows that the literal rule decides otherwise")


if __name__ == "__main__":
    count()
