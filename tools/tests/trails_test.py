#!/usr/bin/env python3
"""Trails of the explorer become scenarios: trails_test.py QUICKPAY

Every trail that must fail is played against the reference, in each role that sees something of it and in both profiles: the loss is there in
the profile of the trail, and gone where the other profile or the anchored vote stands in its way. Then the twins: implementations for which
the same trail ends otherwise, and files that are no trails.
"""
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

ROLES = ("vendor", "broker", "host", "wallet")
WITNESSES = ("w=DONE@fault-free", "h=OPEN@fault-free", "v=CHECKING@fault-free", "v=UNSURE@losses", "v=COMMITTED@losses", "w=DECLINED@losses")
REGULAR_WITNESSES = ("rw=DONE@regular", "rw=DECLINED@regular", "rv=ACCEPTED@regular-losses", "rb=COMMITTED@regular-losses", "rh=RECEIPTED@regular", "tv=REVOKED@revoke",
                     "tb=REVOKED@revoke", "th=PROVEN@revoke", "tb=HELD@revoke-unsigned", "th=STANDING@revoke-unsigned", "bd=REVOKED@revoke-unsigned", "vc=SETTLED@regular-settlement")
KEY_WITNESSES = ("wk=PUBLISHING@wallet-keys-faults", "wk=WITHDRAWING@wallet-keys", "wk:T22@wallet-keys", "wk:T23@wallet-keys", "wk:T24@wallet-keys-answers", "wk:T26@wallet-keys",
                 "wk:T29@wallet-keys", "wk:T35@wallet-keys", "wk:T36@wallet-keys", "vk:T12@vendor-keys", "vk:T16@vendor-keys", "vk:T17@vendor-keys-answers", "vk:T19@vendor-keys",
                 "vk:T20@vendor-keys-answers", "bk:T2@broker-keys", "bk:T3@broker-keys", "bk:T6@broker-keys", "bk:T9@broker-keys", "hk:D5@broker-keys-answers",
                 "hk:D8@vendor-keys-network-lies-F", "hk:D11@vendor-keys-answers", "hk:D13@wallet-keys-network-lies-F")
REGISTRATION_WITNESSES = ("vr=REGISTERING@registration", "vr=REGISTERED@registration", "vr:F5@registration-answers", "vr:F7@registration", "vr:F2@CHANGING@registration",
                          "vr:F9@registration-answers", "vr=GONE@registration-faults", "hr=PROBING@registration", "hr=REFUSED@registration-answers", "hr:Q23@registration",
                          "hr:Q26@registration-answers", "hr=REMOVED@registration")
PAYCARD_WITNESSES = ("wp=CONFIRMING@paycard", "wp=QUESTIONED@paycard", "wp:U15@QUESTIONED@paycard", "wp=READY@paycard", "bp:K17@BOUND@paycard", "wp:U11@paycard", "wp:U12@paycard-answers",
                     "wp:U14@paycard-answers", "wp:U16@TAKING@paycard-answers", "bp=LOCKED@paycard", "bp=SESSION@paycard", "ba=LOCKED@paycard-wallet-lies", "ba:J7@paycard-wallet-lies",
                     "ba:J1@OPEN@paycard-answers", "ba:J2@OPEN@paycard-answers", "ba:J12@SUSPECT@paycard-wallet-lies", "bp:K13@paycard", "bp:K13@paycard-wallet-lies", "bp:K16@BOUND@paycard-network-lies-F")
ENTRY_WITNESSES = ("ew=LIVE@entries", "ew=REMOVED@entries", "ew:I7@LIVE@entries", "ew:I1@entries", "ew:I6@LIVE@entries", "eb=LIVE@entries", "eb:A1@entries", "eb:A9@LIVE@entries",
                   "ed:L1@entries", "ed:L4@entries")
ADMINISTRATION = KEY_WITNESSES + REGISTRATION_WITNESSES + PAYCARD_WITNESSES + ENTRY_WITNESSES
REFUSED = (("w=FAILED@losses", "wallet"), ("b=LAPSED@losses", "broker"))
BEYOND = "the suite cannot bring about what this row wants"
SIGNS = "a Vendor that has a key to sign with signs what it takes back"
# (trail, role): why that role does not play it
UNPLAYED = {(name, "vendor"): SIGNS for name in ("P-REVOKE-TAKEN@revoke-unsigned-network-lies-F", *REGULAR_WITNESSES[8:11])}
UNPLAYED |= {("bp:K13@paycard", "wallet"): "the user gives up only when he is asked", ("bp:K13@paycard", "broker"): "nobody is left who would send a request that was given up"}
NOT_PLAYED = ": not played"


DELIVERED, COMMIT, RECEIVED = (f"{p}@network-lies-F" for p in ("P-DELIVERED-COMMITTED", "P-COMMIT-AGREED", "P-CASE-RECEIVED"))
LITERAL = "P-APPROVED-COMMITTED@settlement-vendor-lies-literal"
LIAR = "P-DELIVERED-COMMITTED@broker-lies"
LOST = "no longer holds"
BOOKED, WANTED, TAKEN, PROOF = "P-REVOKE-BOOKED@revoke-unsigned-loss", *(f"P-{p}@revoke-network-lies-F" for p in ("REVOKE-WANTED", "REVOKE-TAKEN", "PROOF-STANDS"))
PURCHASE = "P-PURCHASE-COMMITTED@regular-network-lies-F"
REMOVAL, PROBED, GONE = (f"P-{p}@registration-network-lies-F" for p in ("REMOVAL-WANTED", "VENDOR-PROBED", "GONE-REMOVED"))
KNOWN, WITHDRAWN = ("P-KEY-KNOWN@{0}-keys-network-lies-F", "P-WITHDRAWAL-KNOWN@{0}-keys-network-lies-F")
MINIMUM = 170  # plays of failing trails
# of the witnesses of administration, each role's
PLAYED = {"wallet": 44, "vendor": 34, "broker": 43, "host": 71}

# (trail, role, profile, fault, exit code): the trail does not end as it must
TWINS = (
    (LITERAL, "host", "F", "counts-votes-literally", 1),
    (RECEIVED, "host", "H", "skips-step:13", 1),  # believes an Auth that is wrong
    (COMMIT, "broker", "H", "skips-step:13", 1),
    (DELIVERED, "vendor", "H", "skips-step:13", 1),
    (DELIVERED, "vendor", "F", "vendor.order:drop-row:V15@CHECKING", 1),  # no loss where the specification has one
    (WITNESSES[0], "vendor", "F", "vendor.order:drop-row:V15@CHECKING", 1),
    (WITNESSES[0], "broker", "F", "broker.order:drop-row:B20", 1),
    (WITNESSES[0], "wallet", "F", "wallet.order:drop-row:W17", 1),
    (WITNESSES[3], "vendor", "F", "vendor.order:drop-row:V20", 1),
    (WITNESSES[4], "vendor", "F", "vendor.order:drop-effect:V20:3", 1),  # never asks again
    (PURCHASE, "host", "H", "skips-step:13", 1),
    (WANTED, "broker", "H", "skips-step:13", 1),
    (WANTED, "broker", "F", "broker.revoke:drop-row:X28", 1),  # no loss where the specification has one
    (TAKEN, "vendor", "H", "skips-step:13", 1),
    (TAKEN, "vendor", "F", "vendor.claim:drop-row:C18", 1),  # takes the order back and goes on claiming it
    (PROOF, "host", "F", "host.revoke:drop-row:Z11", 1),
    (BOOKED, "host", "F", "host.revoke:drop-row:Z14", 1),
    (REGULAR_WITNESSES[0], "wallet", "F", "wallet.purchase:drop-row:P18", 1),
    (REGULAR_WITNESSES[2], "vendor", "F", "vendor.sale:drop-row:A12", 1),
    (REGULAR_WITNESSES[6], "broker", "F", "broker.revoke:drop-effect:X8:3", 1),  # takes the revoke and goes on owing
    (REGULAR_WITNESSES[7], "host", "F", "host.revoke:wrong-target:Z6:VOID", 1),
    (PROBED, "host", "H", "skips-step:13", 1),
    (PROBED, "host", "F", "host.vendor:drop-effect:Q18@UNREGISTERED:2", 1),  # says yes, and changes nothing
    (REMOVAL, "host", "H", "skips-step:13", 1),
    (REMOVAL, "host", "F", "host.vendor:drop-effect:Q28@UNREGISTERED:1", 1),
    (GONE, "vendor", "H", "skips-step:13", 1),
    (GONE, "vendor", "F", "vendor.registration:drop-row:F8", 1),
    (KNOWN.format("wallet"), "wallet", "H", "skips-step:13", 1),
    (KNOWN.format("wallet"), "wallet", "F", "wallet.keys:drop-row:T22", 1),
    (KNOWN.format("broker"), "broker", "H", "skips-step:13", 1),
    (WITHDRAWN.format("vendor"), "vendor", "H", "skips-step:13", 1),
    (WITHDRAWN.format("broker"), "broker", "F", "broker.keys:drop-row:T6", 1),
    ("wk:T23@wallet-keys", "wallet", "F", "wallet.keys:drop-row:T23", 1),
    ("vk:T12@vendor-keys", "host", "F", "host.keys:drop-effect:D9:1", 1),  # says yes, and lists nothing
    ("bk:T6@broker-keys", "host", "F", "host.keys:drop-effect:D14:1", 1),
    ("vr=REGISTERED@registration", "vendor", "F", "vendor.registration:drop-row:F2@REGISTERING", 1),
    ("hr:Q23@registration", "host", "F", "host.vendor:drop-effect:Q23:2", 1),
    ("wp=READY@paycard", "wallet", "F", "wallet.paycard:drop-row:U9", 1),
    ("wp:U11@paycard", "wallet", "F", "wallet.paycard:drop-effect:U11:2", 1),  # does not ask for other questions
    ("bp=LOCKED@paycard", "broker", "F", "broker.paycard:wrong-target:K7:SESSION", 1),
    ("bp:K17@BOUND@paycard", "broker", "F", "broker.paycard:wrong-target:K17@BOUND:BOUND", 1),
    ("ba=LOCKED@paycard-wallet-lies", "broker", "F", "broker.applicant:wrong-target:J4@SUSPECT:SUSPECT", 1),
    ("ew=REMOVED@entries", "host", "F", "host.wallet:drop-effect:I9@UNREGISTERED:1", 1),
    ("eb:A1@entries", "host", "F", "host.broker:drop-row:A1", 1),
    ("ed:L1@entries", "host", "F", "host.directory:drop-row:L1", 1),
    (RECEIVED, "host", "H", "null", 5),  # who does nothing earns nothing
)


def run(*arguments):
    done = subprocess.run([str(one) for one in arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Trails:
    def __init__(self, quickpay, folder):
        self.quickpay, self.folder = quickpay, pathlib.Path(folder)

    def file(self, trail):
        path = self.folder / (trail.replace("@", "-").replace("=", "-") + ".json")
        if not path.exists():
            code, text = run(self.quickpay, "check", "--trail", trail, "--scenario", path)
            assert code == 0, f"{trail}: {text}"
        return path

    def play(self, trail, role, profile, fault=None):
        broken = ["--adapter", f"{self.quickpay} reference-adapter --role {role} --fault '{fault}'"]
        target = broken if fault else ["--reference"]
        return run(self.quickpay, "certify", "--role", role, "--profile", profile, "--trail", self.file(trail), *target)


def must_fail():
    """Every trail that the specification says there is."""
    with open("spec/quickpay-1.0/generated/ir.json", encoding="utf-8") as file:
        sets = json.load(file)["property_sets"]
    every = [one for each in sets for one in each["configurations"] if not one.get("deep")]
    return [f"{fails}@{one['id']}" for one in every for fails in one.get("fails", [])]


def sees(trail, role):
    """Whether the role gets a request of this trail, or an answer; where a property fails, at the last step."""
    steps = trail["steps"] if trail["witness"] else trail["steps"][-1:]
    return any((step["does"] == "request" and step["to"] == role) or (step["does"] in ("answer", "no-answer") and step["from"] == role)
               or (step["does"] in ("action", "crash", "time") and step["player"] == role) for step in steps)


def vouched(step):
    """Who buys is anonymous to the Vendor, so that no key can prove who wrote it."""
    return step["message"] not in ("GetOrder", "RequestOrderDelivery")


def expected_loss(trail, role, profile):
    """Told apart from the runner: by the trail and the design alone."""
    if "literal" in trail["options"] and role == "host" and trail["trail"] == LITERAL.split("@")[0]:  # who alone counts votes
        return False
    plain = "plain" in trail["options"] and any(step["does"] == "request" and step["to"] == role and step["message"] in ("RevokeOrder", "RegisterRevoke")
                                                for step in trail["steps"])
    if profile == "H" and plain:  # where every revoke has a signature
        return False
    forged = any(step["forged"] and role in (step["to"] if step["does"] == "request" else step["from"]) and vouched(step)
                 for step in trail["steps"] if step["does"] in ("request", "answer"))
    return not (profile == "H" and trail["liars"] == ["network"] and forged)


def shares_keys(trail):
    """Whether somebody asks for a key that only profile H has."""
    return any(step.get("message") == "GetPairKey" or step.get("action") == "renew" for step in trail["steps"])


def judge(trails, name, role, profile):
    trail = json.loads(trails.file(name).read_text())
    code, text = trails.play(name, role, profile)
    reason = UNPLAYED.get((name, role), BEYOND if BEYOND in text and name in ADMINISTRATION else None)
    if reason:
        assert code == 2 and reason in text, f"{name} against {role} in {profile}: {code}\n{text}"
        return f"{name} {role} {profile}{NOT_PLAYED}"
    if profile == "F" and shares_keys(trail):  # a scenario of profile H alone: nothing runs
        assert code == 6, f"{name} against {role} in {profile}: {code}\n{text}"
        return f"{name} {role} {profile}{NOT_PLAYED}"
    assert code == 0, f"{name} against {role} in {profile}:\n{text}"
    lost = LOST in text
    if not trail["witness"]:
        assert lost == expected_loss(trail, role, profile), f"{name} against {role} in {profile}:\n{text}"
    return f"{name} {role} {profile}: " + ("goes through" if trail["witness"] else "lost" if lost else "no loss")


def play_all(trails, names):
    for name in names:
        trails.file(name)
    plays = [(name, role, profile) for name in names for role in ROLES if sees(json.loads(trails.file(name).read_text()), role)
             for profile in ("F", "H")]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda one: judge(trails, *one), plays))
    for line in done:
        print(line)
    return done


def really_played(lines):
    return [line for line in lines if not line.endswith(NOT_PLAYED)]


def look_at_twins(trails):
    for name, role, profile, fault, wanted in TWINS:
        code, text = trails.play(name, role, profile, fault)
        assert code == wanted, f"{name} against {role} with {fault} in {profile}: {code}\n{text}"
        print(f"{name} {role} {profile} with {fault}: noticed")


def look_at_files(trails):
    quickpay, folder = trails.quickpay, trails.folder
    good = trails.file(RECEIVED).read_text()
    spec = json.loads(good)["spec"]
    damaged = {"no JSON": "{", "another specification": good.replace(spec, "0" * len(spec)), "no steps": good.replace('"steps"', '"step"')}
    for what, text in damaged.items():
        (folder / "damaged.json").write_text(text)
        code, said = run(quickpay, "certify", "--role", "host", "--reference", "--trail", folder / "damaged.json")
        assert code == 2 and "damaged.json" in said, f"{what}: {code} {said}"
    for name, role in REFUSED:
        code, said = run(quickpay, "certify", "--role", role, "--reference", "--trail", trails.file(name))
        assert code == 2 and f"cannot be played against a {role}: " in said, said
    for wanted in ("P-ONE-DEBT@network-lies-F", "P-NOBODY@fault-free", "w=NOWHERE@fault-free", "P-ONE-DEBT@nowhere", "nonsense"):
        code, said = run(quickpay, "check", "--trail", wanted)
        assert code == 2 and "quickpay check: " in said, f"{wanted}: {code} {said}"


def look_at_faults(trails):
    """What no shortest trail has: a crash of the role under test, and a request that comes twice."""
    whole = json.loads(trails.file(WITNESSES[0]).read_text())
    asks = next(i for i, step in enumerate(whole["steps"]) if step["does"] == "request" and step["message"] == "GetOrder")
    crash = {"text": "crash and restart of the vendor", "does": "crash", "forged": False, "player": "vendor", "takes": []}
    for what, more in (("twice", dict(whole["steps"][asks], again=True)), ("crash", crash)):
        steps = whole["steps"][: asks + 1] + [more] + whole["steps"][asks + 1 :]
        path = trails.folder / f"{what}.json"
        path.write_text(json.dumps(dict(whole, steps=steps)))
        code, said = run(trails.quickpay, "certify", "--role", "vendor", "--reference", "--trail", path)
        assert code == 0 and "goes through" in said, f"{what}: {code}\n{said}"
        print(f"{what}: goes through")


def look_at_report(trails):
    """Every step of a trail stands in the report, with a picture of the messages, whatever came of it."""
    for name, role in ((GONE, "vendor"), ("wp=READY@paycard", "wallet")):
        steps = json.loads(trails.file(name).read_text())["steps"]
        code, said = run(trails.quickpay, "certify", "--role", role, "--reference", "--trail", trails.file(name), "--out", trails.folder / "report")
        page = (trails.folder / "report" / "report.html").read_text()
        missing = [step["text"] for number, step in enumerate(steps, 1) if f"trail, {number}: {step['text']}" not in page]
        assert code == 0 and page.count('<svg class="seq"') == 1 and not missing, f"{name}: {code} {said} {missing}"
        print(f"{name}: {len(steps)} steps in the report")


def main():
    with tempfile.TemporaryDirectory() as folder:
        trails = Trails(sys.argv[1], folder)
        failing = really_played(play_all(trails, must_fail()))
        assert len(failing) >= MINIMUM, failing
        assert any(line.endswith(": lost") for line in failing) and any(line.endswith(": no loss") for line in failing)
        play_all(trails, WITNESSES + REGULAR_WITNESSES)
        administration = really_played(play_all(trails, ADMINISTRATION))
        counts = {role: sum(f" {role} " in line for line in administration) for role in ROLES}
        assert all(counts[role] >= PLAYED[role] for role in ROLES), counts
        look_at_faults(trails)
        look_at_twins(trails)
        look_at_files(trails)
        look_at_report(trails)
        print(f"{len(failing)} plays of trails that must fail, {len(TWINS)} twins; of administration, each role's: {counts}")


if __name__ == "__main__":
    main()
