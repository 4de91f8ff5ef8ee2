#!/usr/bin/env python3
"""Add Paycard between implementations: paycard_interop_test.py QUICKPAY

The Python Wallet adds a Paycard of the reference's Broker, and the reference's Wallet one of the Python Broker: with a wrong
answer, a lock, a restart and a removal. Each check is made again where it has to fail. QP-ADM-006, QP-ADM-008, QP-ADM-010,
QP-ADM-011, QP-ADM-012, QP-PAY-005, QP-PAY-007, QP-WAL-009."""
import asyncio
import contextlib
import hashlib
import json
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time

PYTHON = pathlib.Path(__file__).resolve().parents[2] / "conformance/adapters/python"
sys.path.insert(0, str(PYTHON))
sys.path.insert(0, str(PYTHON / "tests"))

from quickpay.product import Product, Refusal  # noqa: E402
from tests.keys import listed, to_sign  # noqa: E402

WALLET = "W0123456789abcdef0123456789abcdef"
BROKER, OWN = "127.30.7.2", "127.30.7.4"
RIGHT, WRONG = {"Your mother's name?": "Smith", "The last digits?": "4711"}, "999"
PATIENCE_S = 20


class Wrong(Exception):
    """Something did not go as it has to."""


def expect(found, wanted, what):
    if found != wanted:
        raise Wrong(f"{what}: {found!r} instead of {wanted!r}")


class World:
    """A folder with the file of a Paycard, its manifest and what both implementations are told."""

    def __init__(self, quickpay, folder):
        self.quickpay, self.folder = quickpay, pathlib.Path(folder)
        self.file = self.folder / "card.so"
        shutil.copy(pathlib.Path(quickpay).parent / "paycards/paycard-plain.so", self.file)
        self.run("keygen", self.folder / "broker.pem")
        self.sign("paycard-plain")
        pem = (self.folder / "broker.pem.pub").read_text().splitlines()
        public = "".join(line for line in pem if not line.startswith("-----"))
        times = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2035-12-31T23:59:59Z"}
        self.keys = [{"key": public, "usage": "sign", **times}, *listed("B7 seals", usage="seal", **times)]
        self.sealing = [{**one, **times} for one in to_sign("B7 seals")]
        self.enrolments = [{"issue_code": f"ISSUE-{no}", "paycard": f"P2{no}", "account": f"a{no}", "questions": [
            {"prompt": "Your mother's name?", "answer": "Smith"},
            {"prompt": "The last digits?", "form": "digits", "max_len": 4, "answer": "4711"}]} for no in range(4)]

    def run(self, *words):
        return subprocess.run([self.quickpay, *map(str, words)], check=True, capture_output=True, text=True).stdout

    def sign(self, product):
        self.run("paycard", "sign", self.file, "--key", self.folder / "broker.pem", "--broker", "B7", "--product", product,
                 "--version", "1.0", "--label", "First Example Bank")

    def directory(self, port):
        return [{"id": "H1", "role": "host", "name": "", "endpoints": []},
                {"id": "B7", "role": "broker", "name": "My Bank", "endpoints": [{"address": BROKER, "port": port}], "keys": self.keys},
                {"id": WALLET, "role": "wallet", "bound": [OWN]}]

    def fixtures_of_broker(self):
        digest = hashlib.sha256(self.file.read_bytes()).hexdigest()
        return {"accounts": [{"account": f"a{no}", "limit": 300, "currency": "USD"} for no in range(4)], "bindings": [],
                "sealing_keys": self.sealing, "enrolments": self.enrolments,
                "paycard_files": [{"product": "paycard-plain", "version": "1.0", "file_hash": digest}]}

    def fixtures_of_wallet(self):
        return {"paycards": [], "new_paycards": [{"broker": "B7", "product": "paycard-plain", "shared_object": str(self.file),
                                                  "manifest": str(self.file) + ".manifest"}]}


class Daemon:
    """A player of the reference, with what it says."""

    def __init__(self, world, role, name, settings, port):
        (world.folder / "directory.json").write_text(json.dumps({"players": world.directory(port)}))
        self.role, self.config, self.quickpay = role, world.folder / f"{name}.json", world.quickpay
        self.log = world.folder / f"{name}.log"
        self.config.write_text(json.dumps({"host": "H1", "ledger": f"{name}.ledger", "directory": "directory.json",
                                           "currencies": ["USD"], **settings}))
        self.start()

    def start(self):
        self.said = queue.Queue()
        self.process = subprocess.Popen([self.quickpay, "serve", self.role, "--config", str(self.config)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=open(self.log, "a"), text=True)
        threading.Thread(target=self._listen, args=(self.process, self.said), daemon=True).start()

    @staticmethod
    def _listen(process, said):
        for line in process.stdout:
            said.put(json.loads(line))

    def port(self):
        """Where it listens, by its log."""
        for _ in range(PATIENCE_S * 20):
            found = re.findall(r"127\.30\.7\.2[\":, a-z]*?(\d{4,5})", self.log.read_text())
            if found:
                return int(found[-1])
            time.sleep(0.05)
        raise Wrong(f"{self.role} does not listen:\n{self.log.read_text()}")

    def tell(self, **line):
        self.process.stdin.write(json.dumps(line) + "\n")
        self.process.stdin.flush()

    def until(self, what):
        """Reads on to what is looked for."""
        seen = []
        with contextlib.suppress(queue.Empty):
            while True:
                seen.append(line := self.said.get(timeout=PATIENCE_S))
                if what(line):
                    return line
        raise Wrong(f"{self.role} did not say it, but {seen}\n{self.log.read_text()[-2000:]}")

    def end(self, hard=False):
        self.process.kill() if hard else self.process.terminate()
        self.process.wait(PATIENCE_S)


# The Python Wallet and the reference's Broker


class Adder:
    """The user of the Python Wallet."""

    def __init__(self, product):
        self.product = product

    async def begin(self, code):
        ref = await self.product.call("add-paycard", product="paycard-plain", issue_code=code)
        return ref, await self.wait(ref)

    async def wait(self, ref):
        return await self.product.call("wait-paycard", ref=ref, milliseconds=PATIENCE_S * 1000)

    async def answer(self, ref, said=None):
        asked = (await self.wait(ref))["questions"]
        given = [{"no": one["no"], "value": said or RIGHT[one["prompt"]]} for one in asked]
        await self.product.call("answer-questions", ref=ref, answers=given)
        return await self.wait(ref)


async def adds(user, broker):
    """A wrong answer, both restarted in the middle, then the right ones."""
    ref, shown = await user.begin("ISSUE-0")
    expect(len(shown["questions"]), 2, "questions")
    shown = await user.answer(ref, WRONG)
    expect((shown["state"], shown["told"]), ("QUESTIONED", "wrong-answers"), "a wrong answer")
    broker.end(hard=True)
    broker.start()
    broker.port()
    await user.product.restart(hard=True)
    await asyncio.sleep(1)
    shown = await user.answer(ref)
    expect((shown["state"], shown["paycard"]), ("READY", "P20"), "the right answers after a restart")


async def gives_up(user):
    """What was removed cannot be added again, and its number of tries does not matter."""
    await user.product.call("remove-paycard", paycard="P20")
    await user.product.call("settle")
    await user.product.restart(hard=True)
    with contextlib.suppress(Refusal):
        await user.product.call("activate", paycard="P20")
        raise Wrong("a Paycard that was removed can be activated")


async def is_locked(user):
    ref, _ = await user.begin("ISSUE-1")
    shown = [await user.answer(ref, WRONG) for _ in range(3)]
    expect([one["code"] for one in shown], [None, None, "QP-E-LOCKED"], "three wrong answers")
    expect((await user.begin("ISSUE-1"))[1]["code"], "QP-E-LOCKED", "a locked Paycard")
    await asyncio.sleep(5)
    ref, _ = await user.begin("ISSUE-1")
    expect((await user.answer(ref))["state"], "READY", "after T_lock")


async def guesses(user):
    codes = [(await user.begin(f"GUESS-{number}"))[1]["code"] for number in range(3)]
    expect(codes, ["QP-E-PAYCARD", "QP-E-PAYCARD", "QP-E-LOCKED"], "three wrong codes")
    expect((await user.begin("ISSUE-2"))[1]["code"], "QP-E-LOCKED", "a Wallet that is locked out")


def states(broker):
    broker.tell(do="records", id=1, machine="broker.paycard")
    line = broker.until(lambda one: "P2" in json.dumps(one))
    return json.dumps(line)


def wallet_of(world, port):
    return Product({"role": "wallet", "player": WALLET, "host": "H1", "profile": "F", "source": OWN, "currencies": ["USD"],
                    "directory": world.directory(port), **world.fixtures_of_wallet()})


def broker_of(world, port, **more):
    settings = {"player": "B7", "listen": {"address": BROKER, "port": port}, "parameters": {"T_lock": 4},
                "fixtures": {**world.fixtures_of_broker(), **more}}
    return Daemon(world, "broker", f"broker-{port}", settings, port)


async def python_wallet(world):
    broker = broker_of(world, 18102)
    broker.port()
    user = Adder(wallet_of(world, 18102))
    await user.product.start()
    try:
        await adds(user, broker)
        await gives_up(user)
        if "REMOVED" not in (said := states(broker)):
            raise Wrong(f"the Broker has not removed it: {said}")
        await is_locked(user)
        await guesses(user)
    finally:
        broker.end()
        await user.product.remove()


# The Python Broker and the reference's Wallet


def asked(wallet):
    """The questions that come now."""
    first = wallet.until(lambda one: one.get("event") == "question")
    more = [wallet.until(lambda one: one.get("event") == "question") for _ in range(int(first["of"]) - 1)]
    return [first, *more]


def answer(wallet, order, questions, said=None):
    given = [{"no": int(one["no"]), "value": said or RIGHT[one["text"]]} for one in questions]
    wallet.tell(do="answer-questions", id=2, order=order, answers=given)


def begin(wallet, code):
    wallet.tell(do="add-paycard", id=1, product="paycard-plain", issue_code=code)
    return wallet.until(lambda one: "order" in one and "event" not in one)["order"]


def told(wallet, *words):
    line = wallet.until(lambda one: one.get("event") == "tell" and one.get("text") in words)
    return line["text"]


def buys_of_python(wallet):
    order = begin(wallet, "ISSUE-0")
    answer(wallet, order, asked(wallet), WRONG)
    expect(told(wallet, "wrong-answers", "added", "refused", "failed"), "wrong-answers", "a wrong answer")
    questions = asked(wallet)
    wallet.end(hard=True)
    wallet.start()
    answer(wallet, order, questions)
    expect(told(wallet, "added", "refused", "failed", "wrong-answers"), "added", "the right answers after a restart")
    order = begin(wallet, "ISSUE-1")
    for _ in range(3):
        answer(wallet, order, asked(wallet), WRONG)
    expect(told(wallet, "added", "refused", "failed"), "refused", "three wrong answers")
    wallet.tell(do="remove-paycard", id=3, paycard="P20")


async def removed_at(product):
    """The Broker learns of the removal."""
    for _ in range(PATIENCE_S * 4):
        if {"paycard": "P20", "state": "REMOVED"}.items() <= (await product.call("paycards"))[0].items():
            return
        await asyncio.sleep(0.25)
    raise Wrong("the Python Broker has not heard of the removal")


async def python_broker(world, **more):
    product = Product({"role": "broker", "player": "B7", "host": "H1", "profile": "F", "source": BROKER, "currencies": ["USD"],
                       "listen": BROKER, "directory": world.directory(1), **world.fixtures_of_broker(), **more})
    port = (await product.start())["port"]
    settings = {"player": WALLET, "source": OWN, "fixtures": world.fixtures_of_wallet()}
    wallet = Daemon(world, "wallet", f"wallet-{len(more)}", settings, port)
    try:
        await asyncio.to_thread(buys_of_python, wallet)
        await removed_at(product)
    finally:
        wallet.end()
        await product.remove()


# Twins: what the checks above would say of players that do not keep the rules


async def twins(world):
    """The same meetings with a Broker that asks nothing right, that knows no such file, or that has another key."""
    others = [{**one, "questions": [{**question, "answer": WRONG} for question in one["questions"]]} for one in world.enrolments]
    for port, more, why in ((18103, {"enrolments": others}, "a wrong answer: ('READY'"),
                            (18104, {"paycard_files": []}, "questions: 0"),
                            (18105, {"sealing_keys": to_sign("B7")}, "questions: 0")):
        broker = broker_of(world, port, **more)
        broker.port()
        user = Adder(wallet_of(world, port))
        await user.product.start()
        try:
            await adds(user, broker)
            raise Wrong("nothing")
        except Wrong as wrong:
            blames(wrong, why, f"a Broker with other {', '.join(more)}")
        finally:
            broker.end()
            await user.product.remove()
    try:
        await python_broker(world, enrolments=others)
        raise Wrong("nothing")
    except Wrong as wrong:
        blames(wrong, "a wrong answer: 'added'", "a Python Broker to whom wrong answers are right")


def blames(wrong, why, what):
    """The twin fails, and by the check that is meant."""
    if not str(wrong).startswith(why):
        raise Wrong(f"{what} is blamed for: {wrong}") from wrong


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = World(sys.argv[1], folder)
        for meeting in (python_wallet, python_broker, twins):
            asyncio.run(meeting(world))
            print(f"{meeting.__name__}: as it has to be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
