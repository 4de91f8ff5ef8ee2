"""Four programs that begin with nothing but the Host's entry, and a Broker with the code of its contract: each registers, and
then the Wallet buys. In both profiles (QP-ROLE-010, QP-ROLE-025, QP-REL-001, QP-WAL-005, QP-ADM-013). And the twins: with a code
that the Host's owner gave to nobody there is no Broker, and who is no player yet serves nothing.

usage: bootstrap_test.py QUICKPAY [unittest arguments]
"""
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

from loopback import own_network

QUICKPAY = os.path.abspath(sys.argv[1])
TIMES = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2035-12-31T23:59:59Z"}
CODE = "ENROL-4711"
SECRET = "5a" * 32
WAIT = 60  # seconds, for what takes less than two


def inside(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


class Keys:
    """RSA keys, made once."""
    made: dict = {}

    @classmethod
    def of(cls, name: str) -> tuple:
        if name not in cls.made:
            key = subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                                 check=True, capture_output=True, text=True).stdout
            public = subprocess.run(["openssl", "pkey", "-pubout"], input=key, check=True, capture_output=True, text=True).stdout
            cls.made[name] = (inside(key), inside(public))
        return cls.made[name]

    @classmethod
    def own(cls, name: str) -> list:
        return [{"key": cls.of(name)[0], **TIMES}]


class Player:
    """`quickpay serve`, and what it says."""

    def __init__(self, folder: pathlib.Path, role: str):
        self.folder, self.role, self.said = folder, role, queue.Queue()
        with open(folder / (role + ".log"), "a", encoding="utf-8") as log:
            self.process = subprocess.Popen([QUICKPAY, "serve", role, "--config", str(folder / (role + ".json"))], text=True,
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        threading.Thread(target=lambda: [self.said.put(json.loads(line)) for line in self.process.stdout], daemon=True).start()

    def until(self, wanted) -> dict:
        while True:
            line = self.said.get(timeout=WAIT)
            if wanted(line):
                return line

    def do(self, command: str, **fields) -> dict:
        self.process.stdin.write(json.dumps({"do": command, "id": 1, **fields}) + "\n")
        self.process.stdin.flush()
        return self.until(lambda line: "ok" in line)

    def told(self, *texts: str) -> dict:
        return self.until(lambda line: line.get("event") in ("tell", "received") and line.get("text", "received") in texts)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(WAIT)
        self.process.stdin.close()
        self.process.stdout.close()


class Town:
    def __init__(self, case: unittest.TestCase, profile: str):
        self.profile, self.net = profile, own_network()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        case.addCleanup(shutil.rmtree, self.folder)
        self.case, self.players = case, {}
        host = {"id": "H1", "role": "host", "endpoints": [self.place("host")],
                "keys": [{"key": Keys.of("host")[1], **TIMES}, {"key": Keys.of("box")[1], "usage": "seal", **TIMES}]}
        (self.folder / "directory.json").write_text(json.dumps({"players": [host]}))
        self.start("host", player="H1", directory="directory.json", currencies=["USD"],
                   policy={"broker_codes": [CODE], "probes_locally": True, "commission_bp": 0},
                   fixtures={"signing_keys": Keys.own("host"), "sealing_keys": Keys.own("box")})
        while not (self.folder / "host-entry.xml").exists():
            self.players["host"].do("records", machine="host.case")

    def place(self, role: str) -> dict:
        return {"address": self.net + str(1 + ["host", "broker", "vendor", "wallet"].index(role)), "port": 8100}

    def start(self, role: str, **config) -> Player:
        own = {"player": "new", "profile": self.profile, "ledger": role + ".ledger", "host_entry": "host-entry.xml", "source": self.place(role)["address"]}
        if role != "wallet":
            own["listen"] = self.place(role)
        (self.folder / (role + ".json")).write_text(json.dumps({**own, **config}))
        if role in self.players:
            self.players[role].stop()
        self.players[role] = Player(self.folder, role)
        self.case.addCleanup(self.players[role].stop)
        return self.players[role]

    def broker(self, **fixtures) -> Player:
        account = {"account": "A1", "limit": 10000, "balance": 10000, "currency": "USD"}
        return self.start("broker", fixtures={"signing_keys": Keys.own("broker"), "sealing_keys": Keys.own("broker-box"),
                                              "accounts": [account], **fixtures})


class BootstrapTest(unittest.TestCase):
    def whole(self, profile: str) -> None:
        town = Town(self, profile)
        broker = town.broker()
        self.assertTrue(broker.do("register", code=CODE, name="The Bank", endpoints=[town.place("broker")])["ok"])
        bank = broker.told("registered", "refused")["player"]
        vendor = town.start("vendor", fixtures={"items": [{"item": "news-1", "text": "Today", "amount": 125, "currency": "USD",
                                                           "media_type": "text/plain", "data": "aGVsbG8="}]})
        self.assertTrue(vendor.do("register", name="The Shop", endpoints=[town.place("vendor")])["ok"])
        shop = vendor.told("registered", "refused")["player"]
        if profile == "H":
            self.assertTrue(vendor.do("renew-key", peer=bank)["ok"])
            vendor.told("renewed")
        wallet = town.start("wallet")
        self.assertTrue(wallet.do("register", bound=[town.place("wallet")["address"] + "/32"])["ok"])
        installed = wallet.told("registered", "refused")
        # what a Broker and its customer tell each other when they make their contract
        card = {"paycard": "P1", "secret": SECRET}
        town.broker(bindings=[{"wallet": installed["player"], "account": "A1", **card}],
                    tickets=[{"wallet": installed["player"], "ticket": installed["ticket"]}])
        wallet = town.start("wallet", fixtures={"paycards": [{"broker": bank, "active": True, **card}]})
        self.assertTrue(wallet.do("pay-micro", vendor=shop, item="news-1", confirm="yes")["ok"])
        wallet.until(lambda line: line.get("event") == "received")

    def test_begin_with_nothing_in_f(self) -> None:
        self.whole("F")

    def test_begin_with_nothing_in_h(self) -> None:
        self.whole("H")

    def test_a_code_that_nobody_gave_makes_no_broker(self) -> None:
        town = Town(self, "F")
        broker = town.broker()
        self.assertTrue(broker.do("register", code="GUESS", name="The Bank", endpoints=[town.place("broker")])["ok"])
        self.assertNotIn("player", broker.told("registered", "refused"))

    def test_who_is_no_player_publishes_no_keys(self) -> None:
        broker = Town(self, "F").broker()
        self.assertEqual(broker.do("withdraw-key", key_id="0" * 64)["reason"], "out-of-state")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
