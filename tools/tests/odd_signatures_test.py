#!/usr/bin/env python3
"""What is oddly signed is noticed: odd_signatures_test.py QUICKPAY ROLE

Every scenario about a weak key, a key that is not good, or an odd encoding of a signature passes with the reference, and fails with one that
believes the signature."""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

WEAK = ("exponent-three", "exponent-three-forged", "short-key", "curve-key")
KEYS = ("withdrawn-key", "expired-key", "early-key", "sealing-key") + WEAK
ENCODINGS = ("without-null", "long-length", "garbage-behind", "short-padding", "encryption-padding", "old-hash", "bare-hash")
ENTRIES = ("altered", "other-host", "brokers-key", "vendors-key", "wrong-purpose", "other-id", "other-role", "over", "older")
LOOK_UPS = ("look-up.", ENTRIES + KEYS + ENCODINGS, "believes-any-entry")
# What is called after a key, too, and is about something else: the key that is listed, or to which is sealed, or one that signed before.
APART = ("host.keys.publish.exponent-three", "host.register-revoke.withdrawn-key", "host.registration.broker.sealing-key",
         "wallet.paycard.early-sealing-key", "wallet.paycard.old-sealing-key")
MOST = 4  # A second attempt that does not come is waited for, and a runner gives up after five such waits in a row: as many go into a run.
AT_ONCE = 6  # Such runs wait more than they work.
# Of each role: where its scenarios are, which of the two they are about, and the fault that they have to find.
BELIEVERS = {
    "host": [("keys.word.", WEAK, "believes:host.keys:signer_good"), ("keys.word.", ENCODINGS, "believes-any-word-for-keys"),
             ("keys.proof.", ENCODINGS, "believes-any-word-for-keys"),
             ("keys.withdraw.", WEAK, "lets-old-keys-withdraw"), ("keys.withdraw.", ENCODINGS, "withdraws-without-a-signature"),
             ("registration.vendor.key-", ENCODINGS, "lists-unproven-keys"), ("registration.wallet.key-", ENCODINGS, "lists-unproven-keys"),
             ("registration.broker.key-", ENCODINGS, "lists-unproven-keys"),
             ("registration.broker.change-", KEYS, "believes:host.broker:signer_good"),
             ("registration.broker.change-", ENCODINGS, "believes-any-change"),
             ("settle-with-host.", KEYS + ENCODINGS, "believes-any-signature"),
             ("settle-with-host.inner-", KEYS + ENCODINGS, "believes-any-signature"),
             ("regular.dispute.", KEYS + ENCODINGS, "approves-any-commitment"),
             ("register-revoke.", WEAK + ENCODINGS, "believes-any-revoke")],
    "broker": [("settle-with-broker.", KEYS + ENCODINGS, "believes-any-signature"),
               ("settle-with-broker.inner-", KEYS + ENCODINGS, "believes-any-signature"),
               ("regular.settle.", KEYS + ENCODINGS, "pays-on-any-signature"),
               ("revoke-order.", KEYS + ENCODINGS, "believes-any-revoke"), LOOK_UPS],
    "vendor": [("regular.delivery.", KEYS + ENCODINGS, "accepts-any-commitment"),
               ("settle.lie.", KEYS + ENCODINGS, "believes-any-settlement"),
               ("settle.host-lie.verdicts-", KEYS + ENCODINGS, "believes-any-verdict"),
               ("settle.host-lie.approval-", KEYS + ENCODINGS, "believes-any-verdict"), LOOK_UPS],
    "wallet": [("regular.offer.", KEYS + ENCODINGS, "believes:wallet.purchase:offer_right"),
               ("regular.retry.commitment.", KEYS + ENCODINGS, "believes-any-commitment"),
               ("regular.retry.receipt.", KEYS + ENCODINGS, "believes:wallet.purchase:receipt_right"), LOOK_UPS]}


def judged(quickpay, role, fault, select):
    """What the checks of each selected scenario say together: fail if one fails, pass if all pass."""
    adapter = f"exec {quickpay} reference-adapter --role {role}" + (f" --fault {fault}" if fault else "")
    with tempfile.TemporaryDirectory() as folder:
        (pathlib.Path(folder) / "select").write_text("\n".join(select) + "\n")
        subprocess.run([quickpay, "certify", "--role", role, "--adapter", adapter, "--select", f"@{folder}/select", "--seed", "7",
                        "--out", folder], capture_output=True, text=True)
        report = json.loads((pathlib.Path(folder) / "report.json").read_text())
    verdicts = {}
    for check in report["checks"]:
        verdicts.setdefault(check["scenario"], set()).add(check["verdict"])
    return {scenario: "fail" if "fail" in seen else "/".join(sorted(seen)) for scenario, seen in verdicts.items()}


def judged_apart(quickpay, role, fault, select):
    """The same in runs of MOST scenarios."""
    parts = [select[at:at + MOST] for at in range(0, len(select), MOST)]
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda part: judged(quickpay, role, fault, part), parts))
    return {scenario: verdict for verdicts in found for scenario, verdict in verdicts.items()}


def untold(quickpay, role, every):
    """Scenarios of the suite that are called after a key or an encoding, and that no fault is named for here."""
    listed = subprocess.run([quickpay, "certify", "--role", role, "--reference", "--list"], check=True, capture_output=True, text=True).stdout
    ids = {word for word in listed.split() if word.startswith(f"{role}.")}
    odd = {id for id in ids for end in KEYS + ENCODINGS if id.endswith((f".{end}", f"-{end}"))}
    return sorted(odd - set(every) - set(APART))


def main():
    quickpay, role = sys.argv[1:]
    faults = {}
    for prefix, odd, fault in BELIEVERS[role]:
        faults.setdefault(fault, []).extend(f"{role}.{prefix}{id}" for id in odd)
    every = sorted({id for ids in faults.values() for id in ids})
    forgotten = untold(quickpay, role, every)
    if forgotten:
        print(f"{role}: no fault is named for {forgotten}")
    good = judged(quickpay, role, "", every)
    refused = [id for id in every if good.get(id) != "pass"]
    print(f"{role}: {len(every)} scenarios; the reference does not pass {refused}")
    unseen = []
    for fault, ids in sorted(faults.items()):
        bad = judged_apart(quickpay, role, fault, ids)
        missed = [id for id in ids if bad.get(id) != "fail"]
        print(f"{fault}: {len(ids)} scenarios, of which do not find it {missed}")
        unseen += missed
    return 1 if refused or unseen or forgotten or not every else 0


if __name__ == "__main__":
    sys.exit(main())
