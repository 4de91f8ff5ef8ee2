#!/usr/bin/env python3
"""Lets implementations pay each other, without any player of the suite: pairs.py QUICKPAY

In each purchase one player is of another implementation than the three others, or all are of the Python one, which also
pays in profile H, alone and beside the reference (QP-TECH-001, QP-TECH-002). The adapter protocol is the only thing
this program knows of them. A purchase is good if the goods arrived, and Vendor, Host and Broker say so; a regular one if
it was accepted and settled, and then taken back (QP-RV-003, QP-RV-008). The twins are a Wallet that does not pay and a
Vendor that takes nothing back, for which the same checks have to complain (once in each profile)."""
import base64
import json
import pathlib
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(TREE / "conformance" / "adapters" / "python"))
from tests.keys import listed, to_sign  # noqa: E402  RSA keys: nothing else of the Python implementation is used here

GOODS = b"goods of the pair"
NOW = "2026-11-22T12:00:00Z"
NET = "127.41.7."
WALLET, VENDOR, BROKER, HOST = "W0123456789abcdef0123456789abcdef", "V1001", "B7", "H1"
SECRET = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
ADDRESS = {WALLET: NET + "1", VENDOR: NET + "2", BROKER: NET + "3", HOST: NET + "4"}
HOST_KEYS = {WALLET: "22" * 32, VENDOR: "11" * 32, BROKER: SECRET}
#: What the Vendor and the Broker share in epoch 1, as docs/protocol.md section 9 computes it.
PAIR_KEY = "16ee8fa38bc4645e465ad7169fc079dc45cc3be336d16874a7b0d6c950262cb9"
KEYS = {
    **{player: [{"peer": HOST, "epoch": 1, "key": key}] for player, key in HOST_KEYS.items()},
    HOST: [{"peer": player, "epoch": 1, "key": key} for player, key in HOST_KEYS.items()],
}
KEYS[VENDOR].append({"peer": BROKER, "epoch": 1, "key": PAIR_KEY})
FIXTURES = {
    WALLET: {"paycards": [{"broker": BROKER, "paycard": "P7", "secret": SECRET, "active": True}]},
    VENDOR: {"items": [{"item": "news-1", "text": "An article", "amount": 125, "currency": "USD", "media_type": "text/plain",
                        "data": base64.b64encode(GOODS).decode(), "content_hash": True}], "brokers_accepted": [BROKER]},
    BROKER: {"accounts": [{"account": "a1", "limit": 10000, "balance": 0, "currency": "USD"}],
             "bindings": [{"wallet": WALLET, "paycard": "P7", "account": "a1", "secret": SECRET}]},
    HOST: {},
}
POLICY = {BROKER: {"policy": {"commission_bp": 200, "value_after": 3600, "max_batch": 100}}, HOST: {"policy": {"max_batch": 100}}}


TWIN = "all Python"


class Player:
    """One adapter process with one session."""

    def __init__(self, role, player, command):
        self.role, self.id, self.calls = role, player, 0
        self.process = subprocess.Popen(["sh", "-c", "exec " + command], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ask("hello", qpap=1)

    def ask(self, cmd, **fields):
        self.calls += 1
        self.process.stdin.write(json.dumps({"id": self.calls, "cmd": cmd, "session": "pair", **fields}) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline() or '{"error": "the adapter ended"}')
        if "error" in reply or "unsupported" in reply:
            raise RuntimeError(f"{self.role}: {cmd}: {reply}")
        return reply

    def set_up(self, profile):
        listen = {} if self.role == "wallet" else {"listen": ADDRESS[self.id]}
        fixtures = FIXTURES[self.id] | ({"keys": KEYS[self.id]} if profile == "H" else {})
        if listen:
            fixtures |= {"signing_keys": to_sign(self.id)} | POLICY.get(self.id, {})
        ready = self.ask("setup", role=self.role, player=self.id, host=HOST, profile=profile, source=ADDRESS[self.id], now=NOW,
                         directory=[], currencies=["USD"], fixtures=fixtures, **listen)
        return {"id": self.id, "role": self.role, "name": self.role, "endpoints": [ready["listen"]] if listen else [],
                "bound": [] if listen else [ADDRESS[self.id]], "keys": listed(self.id) if listen else []}

    def end(self):
        try:
            self.ask("teardown")
            self.ask("bye")
        finally:
            self.process.kill()
            self.process.wait()


def complaints(outcome, vendor, broker, host):
    """What is missing of a purchase that went well."""
    found = []
    if outcome["outcome"] != "accepted":
        found.append(f"the Wallet says {outcome}")
    states = [order["state"] for order in vendor.ask("observe", what="orders")["value"]]
    if states != ["DELIVERED"]:
        found.append(f"the Vendor's orders are {states}")
    cases = [(case["commit"], case["delivery"], [s["received"] for s in case["statements"]])
             for case in host.ask("observe", what="cases")["value"]]
    if cases != [("in-time", "in-time", ["in-time"])]:
        found.append(f"the Host's cases are {cases}")
    money = [(account["held"], account["owed"]) for account in broker.ask("observe", what="balance")["value"]]
    if money != [(0, 125)]:
        found.append(f"the Broker's accounts are {money}")
    return found


def regular_complaints(outcome, vendor, broker):
    """What is missing of a regular purchase that went well and was settled."""
    found = [] if outcome["outcome"] == "accepted" else [f"the Wallet says {outcome}"]
    vendor.ask("do", op="settle-with-broker", args={}, deadline_ms=8000)
    vendor.ask("fence")
    claims = [claim["state"] for claim in vendor.ask("observe", what="claims")["value"]]
    if claims != ["SETTLED"]:
        found.append(f"the Vendor's claims are {claims}")
    money = [(account["held"], account["owed"]) for account in broker.ask("observe", what="balance")["value"]]
    if money != [(0, 125)]:
        found.append(f"the Broker's accounts are {money}")
    book = [book["net"] for book in broker.ask("observe", what="book")["value"]]
    if book != [123]:
        found.append(f"the Broker's book is {book}")
    return found


def revoke_complaints(players, take_back):
    """What is missing of a settled order that was taken back, and was deducted from what is paid for the next."""
    wallet, vendor, broker, host = players
    order = vendor.ask("observe", what="claims")["value"][0]["order"]
    if take_back:
        vendor.ask("do", op="revoke", args={"order": order, "reason": "customer-request"}, deadline_ms=8000)
    for player in (vendor, broker, host):
        player.ask("fence")
    found = []
    claims = [claim["state"] for claim in vendor.ask("observe", what="claims")["value"]]
    if claims != ["WITHDRAWN"]:
        found.append(f"the Vendor's claims are {claims}")
    money = [(account["held"], account["owed"]) for account in broker.ask("observe", what="balance")["value"]]
    if money != [(0, 0)]:
        found.append(f"the Broker's accounts are {money}")
    for player in players:
        player.ask("clock", advance_ms=3601 * 1000)  # past ValueDate
    wallet.ask("do", op="pay-regular", args={"vendor": VENDOR, "item": "news-1", "confirm": "yes"}, deadline_ms=8000)
    vendor.ask("do", op="settle-with-broker", args={}, deadline_ms=8000)
    vendor.ask("fence")
    book = [(book["net"], book["paid"]) for book in broker.ask("observe", what="book")["value"]]
    if book != [(123, 123)]:
        found.append(f"the Broker's book is {book}")
    return found


def purchase(commands, profile, confirm, op="pay-micro", take_back=None):
    """The complaints about a purchase, and about taking it back where that is asked for; take_back false: the twin."""
    players = [Player(role, player, command) for (role, player), command in commands.items()]
    try:
        directory = [player.set_up(profile) for player in players]
        for player in players:
            player.ask("directory", directory=directory)
        wallet, vendor, broker, host = players
        outcome = wallet.ask("do", op=op, args={"vendor": VENDOR, "item": "news-1", "confirm": confirm}, deadline_ms=8000)
        for player in players:
            player.ask("fence")
        if op == "pay-micro":
            return complaints(outcome, vendor, broker, host)
        found = regular_complaints(outcome, vendor, broker)
        return found if take_back is None or found else revoke_complaints(players, take_back)
    finally:
        for player in players:
            player.end()


def mixtures():
    """Who is of which implementation: one of the four alone, both ways round, and all four."""
    roles = ("wallet", "vendor", "broker", "host")
    for role in roles:
        yield f"Python {role} among the reference", {role}, "F"
        yield f"reference {role} among Python", set(roles) - {role}, "F"
    yield TWIN, set(roles), "F"
    yield TWIN, set(roles), "H"
    yield "Python wallet and broker, reference vendor and host", {"wallet", "broker"}, "H"
    yield "Python vendor and host, reference wallet and broker", {"vendor", "host"}, "H"


def main():
    quickpay = sys.argv[1]
    good = True
    for name, python, profile in mixtures():
        commands = {(role, player): f"python3 conformance/adapters/python/{role}.py" if role in python
                    else f"{quickpay} reference-adapter --role {role}"
                    for role, player in (("wallet", WALLET), ("vendor", VENDOR), ("broker", BROKER), ("host", HOST))}
        found = purchase(commands, profile, "yes")
        regular = purchase(commands, profile, "yes", "pay-regular", take_back=True)
        good = good and not found and not regular
        print(f"{profile}, {name}: {'; '.join(found) or 'paid, delivered, three notices'}", flush=True)
        print(f"{profile}, {name}, regular: {'; '.join(regular) or 'committed, accepted, settled, taken back'}", flush=True)
        if name == TWIN:
            twins = [len(purchase(commands, profile, "no", op)) for op in ("pay-micro", "pay-regular")]
            twins.append(len(purchase(commands, profile, "yes", "pay-regular", take_back=False)))
            good = good and twins == [4, 4, 3]
            print(f"{profile}, {name}, declined, declined, not taken back: {twins} complaints of 4, 4 and 3", flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
