"""A Broker that waits for Paycards, a Wallet that adds them, and the file that both know."""

from __future__ import annotations

import hashlib
import os
import tempfile
from typing import Any

from quickpay import xml
from quickpay.broker import Broker
from quickpay.player import Player
from quickpay.signing import Signer
from quickpay.wallet import Wallet
from quickpay.xml import element, leaf
from tests.four import Four
from tests.keys import listed, to_sign
from tests.world import NOW, PAYCARD, WALLET

RIGHT = {"Your mother's name?": "Smith", "The last digits?": "4711", "Since when?": "2001-02-03", "Which colour?": "red"}
FILE = b"this stands for a shared object"
OTHER = "W" + "5" * 32
OTHER_ADDRESS = "127.30.1.21"
QUESTIONS = [{"prompt": "Your mother's name?", "answer": "Smith"},
             {"prompt": "The last digits?", "form": "digits", "max_len": 4, "answer": "4711"},
             {"prompt": "Since when?", "form": "date", "answer": "2001-02-03"},
             {"prompt": "Which colour?", "form": "choice", "choices": ["red", "blue"], "answer": "red"}]


def enrolment(no: int) -> dict[str, Any]:
    return {"issue_code": f"ISSUE-{no}", "paycard": f"P2{no}", "account": f"a2{no}", "questions": QUESTIONS, "asked": 3}


def manifest(signer: str = "B7", **changes: str) -> bytes:
    said = {"Broker": "B7", "Product": "card", "Version": "1.2", "AbiVersion": "1", "FileHash": hashlib.sha256(FILE).hexdigest(),
            "MinVersion": "1.0", "Label": "My Bank", **changes}
    node = element("Manifest", *(leaf(name, value) for name, value in said.items()))
    return xml.write(Signer(to_sign(signer)).sign("manifest", node, NOW)).replace(b' xmlns="urn:quickpay:1"', b"")


class Adding(Four):
    """Two Wallets and a Broker with four codes."""

    async def asyncSetUp(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.put("card.so", FILE)
        self.put("card.so.manifest", manifest())
        self.more = {"B7": self.broker_settings()}
        await super().asyncSetUp()
        broker = next(one for one in self.listed if one["id"] == "B7")
        broker["keys"] = [*listed("B7"), *listed("B7 seals", usage="seal")]
        self.listed.append({"id": OTHER, "role": "wallet", "bound": [OTHER_ADDRESS]})
        self.know()
        self.restart_wallet()

    def broker_settings(self) -> dict[str, Any]:
        files = [{"product": "card", "version": "1.2", "file_hash": hashlib.sha256(FILE).hexdigest()}]
        accounts = [{"account": name, "limit": 300, "currency": "USD"} for name in ("a1", "a20", "a21", "a22", "a23")]
        return {"accounts": accounts, "sealing_keys": to_sign("B7 seals"), "paycard_files": files,
                "enrolments": [enrolment(no) for no in range(4)]}

    def put(self, name: str, data: bytes) -> str:
        path = os.path.join(self.folder.name, name)
        with open(path, "wb") as file:
            file.write(data)
        return path

    def restart_wallet(self) -> None:
        """What it must not forget is in the store; nothing else is."""
        old = self.wallet
        for timer in old.adding._timers.values():
            self.clock.cancel(timer)
        for call in list(old.adding._calls.values()):
            old._caller.drop(call)
        path = os.path.join(self.folder.name, "card.so")
        self.wallet = Wallet(self.players[WALLET], {"paycards": [PAYCARD], "new_paycards": [
            {"broker": "B7", "product": "card", "shared_object": path, "manifest": path + ".manifest"}]})
        self.wallet.load()

    def restart_broker(self) -> None:
        assert self.broker.enrolments is not None
        for timer in self.broker.enrolments._timers.values():
            self.clock.cancel(timer)
        self.broker = Broker(self.players["B7"], {
            "bindings": [{"wallet": WALLET, "paycard": "P7", "account": "a1", "secret": PAYCARD["secret"]}], **self.more["B7"]})
        self.broker.load()
        self.servers["B7"]._handler = self.broker.front.handle

    async def begin(self, code: str = "ISSUE-0") -> str:
        ref = self.wallet.adding.add("card", code)
        await self.quiet()
        return ref

    async def answer(self, ref: str, **changed: str) -> dict[str, Any]:
        """The right answers but for what is changed, by its prompt's first word."""
        questions = self.wallet.adding.status(ref)["questions"]
        given = [{"no": one["no"], "value": changed.get(one["form"], RIGHT[one["prompt"]])} for one in questions]
        self.wallet.adding.answer(ref, given)
        await self.quiet()
        return self.wallet.adding.status(ref)

    async def wrong(self, ref: str) -> dict[str, Any]:
        questions = self.wallet.adding.status(ref)["questions"]
        spoilt = {"text": "Smyth", "digits": "4712", "date": "2001-02-04", "choice": "blue"}
        return await self.answer(ref, **{questions[0]["form"]: spoilt[questions[0]["form"]]})

    def stored(self, player: Player) -> str:
        return repr(player.store._values)
