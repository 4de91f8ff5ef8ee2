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
REFUSED = (("w=FAILED@losses", "wallet"), ("b=LAPSED@losses", "broker"))
SIGNS = "a Vendor that has a key to sign with signs what it takes back"
# (trail, role): why that role does not play it
UNPLAYED = {(name, "vendor"): SIGNS for name in ("P-REVOKE-TAKEN@revoke-unsigned-network-lies-F", *REGULAR_WITNESSES[8:11])}
NOT_PLAYED = ": not played"
ADMINISTRATION = ("-keys-", "registration", "paycard")  # in such a world nobody buys: the runner has no words for it


def unplayed(name, role):
    """Why the role does not play the trail; nothing: it does."""
    return "cannot be played against" if any(world in name.split("@")[1] for world in ADMINISTRATION) else UNPLAYED.get((name, role))


DELIVERED, COMMIT, RECEIVED = (f"{p}@network-lies-F" for p in ("P-DELIVERED-COMMITTED", "P-COMMIT-AGREED", "P-CASE-RECEIVED"))
LITERAL = "P-APPROVED-COMMITTED@settlement-vendor-lies-literal"
LIAR = "P-DELIVERED-COMMITTED@broker-lies"
LOST = "no longer holds"
BOOKED, WANTED, TAKEN, PROOF = "P-REVOKE-BOOKED@revoke-unsigned-loss", *(f"P-{p}@revoke-network-lies-F" for p in ("REVOKE-WANTED", "REVOKE-TAKEN", "PROOF-STANDS"))
PURCHASE = "P-PURCHASE-COMMITTED@regular-network-lies-F"
MINIMUM = 90  # plays of failing trails

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


def judge(trails, name, role, profile):
    trail = json.loads(trails.file(name).read_text())
    code, text = trails.play(name, role, profile)
    if unplayed(name, role):
        assert code == 2 and unplayed(name, role) in text, f"{name} against {role} in {profile}: {code}\n{text}"
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


def main():
    with tempfile.TemporaryDirectory() as folder:
        trails = Trails(sys.argv[1], folder)
        failing = play_all(trails, must_fail())
        failing = [line for line in failing if not line.endswith(NOT_PLAYED)]
        assert len(failing) >= MINIMUM, failing
        assert any(line.endswith(": lost") for line in failing) and any(line.endswith(": no loss") for line in failing)
        play_all(trails, WITNESSES + REGULAR_WITNESSES)
        look_at_faults(trails)
        look_at_twins(trails)
        look_at_files(trails)
        print(f"{len(failing)} plays of trails that must fail, {len(TWINS)} twins")


if __name__ == "__main__":
    main()
