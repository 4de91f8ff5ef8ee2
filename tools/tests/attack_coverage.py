#!/usr/bin/env python3
"""Compares conformance/suites/attacks.json with the scenarios that there are: attack_coverage.py QUICKPAY [--write]

Each attack names the roles that it concerns and patterns of the scenarios that run it, `<role>.` left out. A role that no
scenario covers needs a reason. docs/attacks.md shows the table; --write writes it anew."""
import argparse
import fnmatch
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ROLES = ("host", "broker", "vendor", "wallet")
FAMILIES = {"HTTP": 39, "XML": 41, "SIG": 25, "CRY": 21, "SEM": 77, "PRV": 8, "RES": 15}  # how many ids each has
NO_REASON = "No scenario is assigned."  # says that there is none, and not why
FIELDS = {"id", "case", "roles", "runs", "why"}
TITLES = {"HTTP": "HTTP", "XML": "XML", "SIG": "Signatures", "CRY": "Cryptography", "SEM": "Meaning", "PRV": "Privacy",
          "RES": "Resources"}


def scenarios(quickpay):
    """Ids of all scenarios by role, without the role."""
    found = {}
    for role in ROLES:
        lines = [subprocess.run([quickpay, "certify", "--role", role, "--reference", "--list", "--profile", profile],
                                check=True, text=True, stdout=subprocess.PIPE).stdout.split() for profile in ("F", "H")]
        found[role] = sorted({line[len(role) + 1:] for line in lines[0] + lines[1]})
    return found


def covered(attack, known):
    """Scenarios that run an attack, by role."""
    return {role: [s for s in known[role] if any(fnmatch.fnmatchcase(s, p) for p in attack.get("runs", []))]
            for role in attack["roles"]}


def wanted_ids():
    first = {"SIG": 9}  # SIG-XSW1 to SIG-XSW8 stand for the first eight
    ids = [f"{family}-{n:02}" for family, last in FAMILIES.items() for n in range(first.get(family, 1), last + 1)]
    return set(ids) | {f"SIG-XSW{n}" for n in range(1, 9)}


def complaints(attacks, known):
    """What is wrong with the table; empty if nothing is."""
    ids = [attack["id"] for attack in attacks]
    found = [f"{i} is missing" for i in sorted(wanted_ids() - set(ids))]
    found += [f"{i} is no attack" for i in sorted(set(ids) - wanted_ids())]
    found += [f"{i} is there twice" for i in sorted({i for i in ids if ids.count(i) > 1})]
    for attack in attacks:
        runs = covered(attack, known)
        found += [f"{attack['id']}: unknown field {field}" for field in sorted(set(attack) - FIELDS)]
        found += [f"{attack['id']}: that is no reason: {NO_REASON}"] if attack.get("why") == NO_REASON else []
        found += [f"{attack['id']}: no scenario fits {pattern}" for pattern in attack.get("runs", [])
                  if not any(fnmatch.fnmatchcase(s, pattern) for role in attack["roles"] for s in known[role])]
        if not attack.get("why"):
            found += [f"{attack['id']}: neither a scenario nor a reason for the {role}" for role, s in runs.items() if not s]
    return found


def document(attacks, known):
    lines = ["# Attacks and the scenarios that run them", "",
             "Written by `tools/tests/attack_coverage.py` from [attacks.json](../conformance/suites/attacks.json): do not edit.",
             "A role runs an attack if one of its scenarios does (`quickpay certify --role R --list` with the patterns of attacks.json",
             "names them); – means that the attack does not concern it. Where a role has none, the last column says why.", ""]
    run = sum(any(covered(a, known).values()) for a in attacks)
    pairs = [bool(s) for a in attacks for s in covered(a, known).values()]
    lines += [f"**{run} of {len(attacks)} attacks run against an implementation; of {len(pairs)} pairs of attack and role that "
              f"it concerns, {sum(pairs)} run.**"]
    for family, title in TITLES.items():
        lines += ["", f"## {title}", "", "| id | attack | host | broker | vendor | wallet | otherwise |", "|---|---|---|---|---|---|---|"]
        for attack in (a for a in attacks if a["id"].split("-")[0] == family):
            runs = covered(attack, known)
            cells = [("runs" if runs[role] else "no") if role in runs else "–" for role in ROLES]
            lines.append(f"| {attack['id']} | {attack['case']} | {' | '.join(cells)} | {attack.get('why', '')} |")
    return "\n".join(lines) + "\n"


def shows_what_is_wrong(attacks, known):
    """The twins: each fault of the table is seen."""
    some = attacks[0]
    bare = {field: value for field, value in some.items() if field not in ("runs", "why")}
    broken = [attacks[1:], attacks + [some], attacks[1:] + [{**some, "runs": ["no-such-scenario"]}], attacks[1:] + [bare],
              attacks + [{**some, "id": "HTTP-99"}], attacks[1:] + [{**some, "reason": "x"}],
              attacks[1:] + [{**bare, "why": NO_REASON}]]
    return all(complaints(table, known) for table in broken)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quickpay", help="the built command")
    parser.add_argument("--write", action="store_true", help="write docs/attacks.md anew")
    asked = parser.parse_args()
    attacks = json.loads((ROOT / "conformance" / "suites" / "attacks.json").read_text(encoding="utf-8"))
    known = scenarios(asked.quickpay)
    page = ROOT / "docs" / "attacks.md"
    if asked.write:
        page.write_text(document(attacks, known), encoding="utf-8")
    wrong = complaints(attacks, known)
    if not page.exists() or page.read_text(encoding="utf-8") != document(attacks, known):
        wrong.append(f"docs/attacks.md is not what the suites say: {sys.argv[0]} {asked.quickpay} --write")
    if not shows_what_is_wrong(attacks, known):
        wrong.append("a broken table is not seen: this check cannot fail")
    print("\n".join(wrong) or f"{len(attacks)} attacks, {sum(map(len, known.values()))} scenarios")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
