#!/usr/bin/env python3
"""Lets implementations pay each other, without any player of the suite: pairs.py QUICKPAY

One Host and one Broker of the reference, and each pair of a Wallet and a Vendor in which at least one is the Python
implementation. The adapter protocol is the only thing this program knows of them. A pair is good if the goods arrived,
and Vendor and Host say so; the twin is a Wallet that does not pay, for which the same check has to complain."""
import base64
import json
import subprocess
import sys

GOODS = b"goods of the pair"
NOW = "2026-11-22T12:00:00Z"
NET = "127.41.7."
WALLET, VENDOR, BROKER, HOST = "W0123456789abcdef0123456789abcdef", "V1001", "B7", "H1"
SECRET = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
ADDRESS = {WALLET: NET + "1", VENDOR: NET + "2", BROKER: NET + "3", HOST: NET + "4"}
FIXTURES = {
    WALLET: {"paycards": [{"broker": BROKER, "paycard": "P7", "secret": SECRET, "active": True}]},
    VENDOR: {"items": [{"item": "news-1", "text": "An article", "amount": 125, "currency": "USD", "media_type": "text/plain",
                        "data": base64.b64encode(GOODS).decode(), "content_hash": True}], "brokers_accepted": [BROKER]},
    BROKER: {"accounts": [{"account": "a1", "limit": 10000, "balance": 0, "currency": "USD"}],
             "bindings": [{"wallet": WALLET, "paycard": "P7", "account": "a1", "secret": SECRET}]},
    HOST: {},
}


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

    def set_up(self):
        listen = {} if self.role == "wallet" else {"listen": ADDRESS[self.id]}
        ready = self.ask("setup", role=self.role, player=self.id, host=HOST, profile="F", source=ADDRESS[self.id], now=NOW,
                         directory=[], currencies=["USD"], fixtures=FIXTURES[self.id], **listen)
        return {"id": self.id, "role": self.role, "name": self.role, "endpoints": [ready["listen"]] if listen else [],
                "bound": [] if listen else [ADDRESS[self.id]]}

    def end(self):
        try:
            self.ask("teardown")
            self.ask("bye")
        finally:
            self.process.kill()
            self.process.wait()


def complaints(outcome, vendor, host):
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
    return found


def purchase(commands, confirm):
    players = [Player(role, player, command) for (role, player), command in commands.items()]
    try:
        directory = [player.set_up() for player in players]
        for player in players:
            player.ask("directory", directory=[entry for entry in directory if entry["id"] != player.id])
        wallet, vendor, _, host = players
        outcome = wallet.ask("do", op="pay-micro", args={"vendor": VENDOR, "item": "news-1", "confirm": confirm}, deadline_ms=8000)
        for player in players:
            player.ask("fence")
        return complaints(outcome, vendor, host)
    finally:
        for player in players:
            player.end()


def main():
    quickpay = sys.argv[1]
    reference = lambda role: f"{quickpay} reference-adapter --role {role}"
    python = lambda role: f"python3 conformance/adapters/python/{role}.py"
    good = True
    for name, wallet, vendor in (("reference wallet, Python vendor", reference, python),
                                 ("Python wallet, reference vendor", python, reference),
                                 ("Python wallet, Python vendor", python, python)):
        commands = {("wallet", WALLET): wallet("wallet"), ("vendor", VENDOR): vendor("vendor"),
                    ("broker", BROKER): reference("broker"), ("host", HOST): reference("host")}
        found = purchase(commands, "yes")
        twin = purchase(commands, "no")
        good = good and not found and len(twin) == 3
        print(f"{name}: {'; '.join(found) or 'paid, delivered, three notices'}; declined: {len(twin)} complaints of 3")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
