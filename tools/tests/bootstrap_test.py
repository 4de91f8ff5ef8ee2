"""Four programs that begin with nothing but the Host's entry, and a Broker with the code of its contract: each registers, the Wallet
gets its Paycard by Add Paycard, buys, and the Vendor claims what it is owed and has its income. In both profiles (QP-ROLE-010, QP-ROLE-025,
QP-REL-001, QP-WAL-005, QP-ADM-013, QP-ADM-008, QP-BS-001). What Broker and customer tell each other outside QuickPay is the Wallet's
ticket and an issue code. And the twins: with a code that the Host's owner gave to nobody there is no Broker, who is no player yet serves
nothing, and who does not know the answers, or whose ticket the Broker has not got, gets no Paycard and buys nothing.

usage: bootstrap_test.py QUICKPAY [unittest arguments]
"""
import hashlib
import json
import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from loopback import own_network

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "soak"))
import ledgers  # noqa: E402

QUICKPAY = os.path.abspath(sys.argv[1])
PAYCARD = pathlib.Path(QUICKPAY).parent / "paycards" / "paycard-plain.so"
BANK = "B7"  # the Broker whose name is in that file
PRODUCT = "paycard-plain"
TIMES = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2035-12-31T23:59:59Z"}
CODE = "ENROL-4711"
ISSUE_CODE = "ISSUE-4711"
ANSWERS = {"Your mother's name?": "Smith", "The last digits?": "4711"}
WRONG = "999"
TRIES = 3  # N_tries, as the specification has it
PRICE, COMMISSION_BP, COMMISSION = 125, 400, 5
WAIT = 60  # seconds, for what takes less than two
TICK = 0.05
PATIENCE_MS = 60000  # of a Wallet with a Paycard, on a machine that has other things to do


def inside(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


class Keys:
    """RSA keys, made once."""
    made: dict = {}

    @classmethod
    def pem(cls, name: str) -> str:
        if name not in cls.made:
            cls.made[name] = subprocess.run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
                                            check=True, capture_output=True, text=True).stdout
        return cls.made[name]

    @classmethod
    def public(cls, name: str) -> str:
        return inside(subprocess.run(["openssl", "pkey", "-pubout"], input=cls.pem(name), check=True, capture_output=True, text=True).stdout)

    @classmethod
    def own(cls, name: str) -> list:
        return [{"key": inside(cls.pem(name)), **TIMES}]


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

    def event(self, *events: str) -> dict:
        return self.until(lambda line: line.get("event") in events)

    def has(self, machine: str, wanted) -> None:
        """Waits until the records of a machine are as wanted, key by key."""
        ends = time.monotonic() + WAIT
        while not wanted({record["key"]: record["state"] for record in self.do("records", machine=machine)["records"]}):
            if time.monotonic() > ends:
                raise TimeoutError(f"{self.role}: {self.do('records', machine=machine)}")
            time.sleep(TICK)

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
                "keys": [{"key": Keys.public("host"), **TIMES}, {"key": Keys.public("box"), "usage": "seal", **TIMES}]}
        # An id is never given twice, so that the next Broker is the one whose name is in the file of the Paycard.
        gone = [{"id": f"B{number}", "role": "broker", "removed": True} for number in range(1, int(BANK[1:]))]
        (self.folder / "directory.json").write_text(json.dumps({"players": [host, *gone]}))
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

    def ledger(self, role: str) -> ledgers.Ledger:
        return ledgers.Ledger(str(self.folder / (role + ".ledger")))

    def broker(self, **fixtures) -> Player:
        account = {"account": "A1", "limit": 10000, "balance": 10000, "currency": "USD"}
        return self.start("broker", policy={"commission_bp": COMMISSION_BP},
                          fixtures={"signing_keys": Keys.own("broker"), "sealing_keys": Keys.own("broker-box"),
                                    "accounts": [account], **fixtures})

    def bank(self) -> None:
        """A Broker that registers, and the file of its Paycard, which it signs for its customers."""
        broker = self.broker()
        self.case.assertTrue(broker.do("register", code=CODE, name="The Bank", endpoints=[self.place("broker")])["ok"])
        self.case.assertEqual(broker.told("registered", "refused").get("player"), BANK)
        self.card = self.folder / "card.so"
        shutil.copy(PAYCARD, self.card)
        (self.folder / "broker.pem").write_text(Keys.pem("broker"))
        subprocess.run([QUICKPAY, "paycard", "sign", str(self.card), "--key", str(self.folder / "broker.pem"), "--broker", BANK, "--product",
                        PRODUCT, "--version", "1.0", "--label", "First Example Bank"], check=True, capture_output=True)

    def shop(self) -> str:
        goods = {"text": "Today", "amount": PRICE, "currency": "USD", "media_type": "text/plain", "data": "aGVsbG8="}
        vendor = self.start("vendor", fixtures={"signing_keys": Keys.own("vendor"), "items": [{"item": "news-1", **goods}]})
        self.case.assertTrue(vendor.do("register", name="The Shop", endpoints=[self.place("vendor")])["ok"])
        shop = vendor.told("registered", "refused")["player"]
        if self.profile == "H":
            self.case.assertTrue(vendor.do("renew-key", peer=BANK)["ok"])
            vendor.told("renewed")
        return shop

    def customer(self) -> dict:
        """A Wallet that registers and has heard of its Broker; what it was told."""
        file = {"broker": BANK, "product": PRODUCT, "shared_object": str(self.card), "manifest": str(self.card) + ".manifest"}
        wallet = self.start("wallet", paycard_deadline=PATIENCE_MS, fixtures={"paycards": [], "new_paycards": [file]})
        self.case.assertTrue(wallet.do("register", bound=[self.place("wallet")["address"] + "/32"])["ok"])
        installed = wallet.told("registered", "refused")
        wallet.has("directory.entry", lambda entries: BANK in entries)
        return installed

    def enrol(self, *tickets: dict) -> None:
        """The Broker and its customer make their contract: an issue code goes one way, the Wallet's ticket the other."""
        questions = [{"prompt": "Your mother's name?", "answer": "Smith"},
                     {"prompt": "The last digits?", "form": "digits", "max_len": 4, "answer": "4711"}]
        digest = hashlib.sha256(self.card.read_bytes()).hexdigest()
        self.broker(tickets=list(tickets), paycard_files=[{"product": PRODUCT, "version": "1.0", "file_hash": digest}],
                    enrolments=[{"issue_code": ISSUE_CODE, "paycard": "P20", "account": "A1", "questions": questions}])

    def answer(self, order: str, wrong: bool = False) -> dict:
        """The user answers what the Broker asks; what is told then."""
        wallet = self.players["wallet"]
        asked = [wallet.event("question") for _ in ANSWERS]
        given = [{"no": int(one["no"]), "value": WRONG if wrong else ANSWERS[one["text"]]} for one in asked]
        self.case.assertTrue(wallet.do("answer-questions", order=order, answers=given)["ok"])
        return wallet.told("added", "wrong-answers", "refused", "failed", "expired")

    def add(self) -> str:
        begun = self.players["wallet"].do("add-paycard", product=PRODUCT, issue_code=ISSUE_CODE)
        self.case.assertTrue(begun["ok"], begun)
        return begun["order"]


class BootstrapTest(unittest.TestCase):
    def founded(self, profile: str, contract: bool = True) -> tuple:
        """Everybody has registered, and the Broker waits for its customer."""
        town = Town(self, profile)
        town.bank()
        shop = town.shop()
        installed = town.customer()
        town.enrol(*[{"wallet": installed["player"], "ticket": installed["ticket"]}] * contract)
        return town, shop

    def whole(self, profile: str) -> None:
        town, shop = self.founded(profile)
        wallet = town.players["wallet"]
        self.assertEqual(town.answer(town.add())["text"], "added")
        self.assertTrue(wallet.do("activate-paycard", paycard="P20")["ok"])
        for pay in ("pay-micro", "pay-regular"):
            order = wallet.do(pay, vendor=shop, item="news-1", confirm="yes")["order"]
            done = wallet.until(lambda line, order=order: line.get("event") == "done" and line["order"] == order)
            self.assertEqual(done["text"], "DONE")  # the Host has heard of it, too
        self.settles(town.players["vendor"])
        for role in ("wallet", "vendor", "broker", "host"):
            town.players[role].stop()
        self.books(town)
        done = subprocess.run([QUICKPAY, "audit", str(town.folder / "host.ledger")], capture_output=True, text=True, timeout=WAIT, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def settles(self, vendor: Player) -> None:
        self.assertEqual(vendor.do("settle-with-broker")["batches"], 1)
        vendor.has("vendor.claim", lambda claims: sorted(claims.values()) == ["SETTLED"] * 2)

    def books(self, town: Town) -> None:
        """The Vendor has got what the Wallet has paid, but for the commission, and nobody says otherwise."""
        vendor, broker, wallet = (town.ledger(role) for role in ("vendor", "broker", "wallet"))
        (income,) = vendor.records["income"].values()
        (book,) = broker.records["book"].values()
        self.assertEqual([ledgers.number(income, field) for field in ("accepted", "net")], [2 * PRICE, 2 * (PRICE - COMMISSION)])
        self.assertEqual([ledgers.number(book, field) for field in ("debited", "payable", "commission")],
                         [2 * PRICE, 2 * (PRICE - COMMISSION), 2 * COMMISSION])
        self.assertEqual(broker.state("broker.paycard", "P20"), "BOUND")
        self.assertEqual([record.fields["goods"] for record in wallet.records["wallet.order"].values()], [b"hello"])

    def test_begin_with_nothing_in_f(self) -> None:
        self.whole("F")

    def test_begin_with_nothing_in_h(self) -> None:
        self.whole("H")

    def nothing_is_bought(self, town: Town, shop: str) -> None:
        wallet = town.players["wallet"]
        self.assertFalse(wallet.do("activate-paycard", paycard="P20")["ok"])
        self.assertTrue(wallet.do("pay-micro", vendor=shop, item="news-1", confirm="yes")["ok"])
        self.assertEqual(wallet.event("refused", "received", "done")["event"], "refused")
        self.assertEqual(town.players["vendor"].do("settle-with-broker")["batches"], 0)
        for role in ("wallet", "vendor", "broker"):
            town.players[role].stop()
        self.assertEqual(town.ledger("broker").records["paycard.binding"], {})
        self.assertEqual(town.ledger("vendor").records["vendor.claim"], {})

    def test_wrong_answers_give_no_paycard_and_nothing_is_bought(self) -> None:
        town, shop = self.founded("F")
        order = town.add()
        self.assertEqual([town.answer(order, wrong=True)["text"] for _ in range(TRIES)], ["wrong-answers"] * (TRIES - 1) + ["refused"])
        self.nothing_is_bought(town, shop)

    def test_a_wallet_whose_ticket_the_broker_has_not_got_is_asked_nothing(self) -> None:
        town, shop = self.founded("F", contract=False)
        town.add()
        told = town.players["wallet"].event("question", "tell")
        self.assertEqual((told["event"], told["text"]), ("tell", "refused"))
        self.nothing_is_bought(town, shop)

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
