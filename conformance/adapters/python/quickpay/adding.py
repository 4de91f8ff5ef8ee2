"""The Wallet's part in Add Paycard: the machine wallet.paycard. Comments name its rows.

The Paycard is part of this Wallet: it makes the sealed requests and keeps the secret. Neither the issue code nor an answer is kept.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
import secrets
from datetime import date
from typing import Any, Callable

from quickpay import boxes, canonical, documents, manifests, rsa
from quickpay.calls import Call, Caller, Outbox
from quickpay.clock import Timer
from quickpay.documents import Outcome, to_json
from quickpay.player import REGISTRATION, Player, Refused, alarm
from quickpay.store import Unit
from quickpay.types import is_a
from quickpay.xml import Node, element, leaf

MAX_ADDED, MAX_NETS = 1000, 8
OPEN = ("CONFIRMING", "TAKING", "QUESTIONED", "ANSWERED")
PREFIX = "adding/"

Record = dict[str, Any]


class Adding:
    """One machine for each product and issue code."""

    def __init__(self, player: Player, settings: dict[str, Any], caller: Caller, outbox: Outbox, paycards: dict[str, Any]) -> None:
        self._player, self._caller, self._outbox, self._paycards = player, caller, outbox, paycards
        self._files = {one["product"]: one for one in settings.get("new_paycards", [])}
        self._info = settings.get("wallet_info", {})
        self._calls: dict[str, Call] = {}
        self._timers: dict[str, Timer] = {}
        #: Of which it could not be said yet whether their Brokers let them be used.
        self._unjudged: set[str] = set()
        self._changed = asyncio.Event()

    def load(self) -> None:
        self._player.directory.watch(self._judge)
        for key, record in self._player.store.under(PREFIX):
            ref = key.removeprefix(PREFIX)
            if "paycard" in record and record["state"] in ("READY", "REMOVED"):
                self._paycards[record["paycard"]] = _owned(record, self._outdated(record))
                self._unjudged |= set() if self._player.directory.at_hand(record["broker"]) else {ref}
            if record.get("due") is not None:
                self._arm(ref, record["due"])
            if "call" in record:
                self._resume(ref, record["call"])

    def _judge(self, broker: str) -> None:
        """Of a Paycard whose Broker was not at hand at the start it is said as soon as it is."""
        for ref in [ref for ref in self._unjudged if self._get(ref)["broker"] == broker and self._player.directory.at_hand(broker)]:
            self._unjudged.discard(ref)
            record = self._get(ref)
            self._paycards[record["paycard"]] = _owned(record, self._outdated(record))

    def _outdated(self, record: Record) -> bool:
        """Whether its Broker lets this version be used no more; what runs already goes on until the Wallet is started anew."""
        entry = self._player.directory.issued(record["broker"])
        return entry is not None and not entry.terms.admits(record["product"], record["version"])

    # what the user does and sees

    def add(self, product: str, code: str) -> str:
        if not self._player.member:
            raise Refused("out-of-state")
        ref = hashlib.sha256(f"{product}\0{code}".encode()).hexdigest()[:32]
        if self._player.store.get(PREFIX + ref) is not None and self._get(ref)["state"] != "ABSENT":
            raise Refused("out-of-state")
        if not is_a("Word", code) or len(code) > 64:
            raise Refused("unfit-code")
        file = self._files.get(product)
        found = None if file is None else manifests.begun(self._player, file)
        if file is None or found is None:
            raise Refused("not-certified")  # U2
        if sum(1 for _ in self._player.store.under(PREFIX)) >= MAX_ADDED:
            raise Refused("too many Paycards")
        record = {"state": "CONFIRMING", "broker": file["broker"], "product": product, "reply_key": secrets.token_hex(32),
                  "version": found.version, "named": found.paycard, "told": None, "code": None}
        inner = [leaf("Product", found.product), leaf("Version", found.version), leaf("FileHash", found.file_hash)]
        unit = self._player.unit()
        self._send(unit, ref, record, "ConfirmPaycard", found.seal_key, *inner, leaf("IssueCode", code), self._wallet_info(),
                   leaf("ReplyKey", record["reply_key"]))
        self._start(unit, ref, record)
        self._save(unit, ref, record)  # U1
        return ref

    def answer(self, ref: str, answers: list[dict[str, Any]]) -> None:
        record = self._in(ref, "QUESTIONED")
        given = {str(one["no"]): str(one["value"]) for one in answers}
        asked = {one["no"]: one for one in record["questions"]}
        complete = len(given) == len(answers) and given.keys() == asked.keys()
        key = self._seal_key(record)
        if key is None or not complete or not all(_in_form(asked[no], value) for no, value in given.items()):
            raise Refused("incomplete")  # U8
        record["state"] = "ANSWERED"
        parts = [element("Answer", leaf("No", no), leaf("Value", value)) for no, value in given.items()]
        unit = self._player.unit()
        self._send(unit, ref, record, "AnswerResponse", key, leaf("SessionId", record["session"]), *parts)
        self._save(unit, ref, record)  # U7

    def cancel(self, ref: str) -> None:
        self._end(ref, self._in(ref, *OPEN), "cancelled")  # U15

    def remove(self, paycard: str) -> None:
        ref = next((key.removeprefix(PREFIX) for key, record in self._player.store.under(PREFIX)
                    if record["state"] == "READY" and record["paycard"] == paycard), None)
        if ref is None:
            raise Refused("no such paycard")
        record, me = self._get(ref), self._player.me.player
        record["state"] = "REMOVED"
        secret, unit = bytes.fromhex(record["secret"]), self._player.unit()
        self._outbox.add(
            unit, PREFIX + ref, "RemovePaycard", leaf("Paycard", paycard),
            lambda outer: leaf("PaycardToken", canonical.removal_token(secret, me, paycard, outer.get("Head/MsgId") or "")),
            leaf("Reason", "user"), receiver=record["broker"])
        active = [one for one in self._player.store.get("active") or [] if one != paycard]
        unit.put("active", active)
        unit.then(lambda: self._paycards.update({paycard: _owned(record)}))
        self._save(unit, ref, record)  # U17

    def status(self, ref: str) -> dict[str, Any]:
        record = self._get(ref)
        shown = {name: record.get(name) for name in ("state", "told", "code", "paycard", "limit")}
        return {**shown, "questions": record.get("questions", [])}

    async def wait(self, ref: str, milliseconds: int) -> dict[str, Any]:
        """The status when the user is asked or it has ended, at the latest after a real while."""
        try:
            async with asyncio.timeout(milliseconds / 1000):
                while (shown := self.status(ref))["state"] in ("CONFIRMING", "TAKING", "ANSWERED"):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        return self.status(ref)

    # what the Paycard does

    def _wallet_info(self) -> Node:
        me = self._player.me.player
        nets = [one.partition("/") for one in self._bound()[:MAX_NETS]]
        ticket, key = self._info.get("ticket"), self._info.get("key")
        return element("WalletInfo", leaf("WalletId", me),
                       *(element("Net", leaf("Addr", text), leaf("Prefix", prefix)) for text, _, prefix in nets),
                       None if ticket is None else leaf("LookupTicket", ticket), None if key is None else leaf("PubKey", key))

    def _bound(self) -> list[str]:
        """Where this Wallet is bound: as its directory has it, or as it told the Host itself."""
        entry = self._player.directory.get(self._player.me.player, "wallet")
        if entry is None:
            return list((self._player.store.get(REGISTRATION) or {}).get("nets", []))
        return [f"{one}/{one.max_prefixlen}" for one in map(ipaddress.ip_address, entry.bound)]

    def _seal_key(self, record: Record) -> rsa.PublicKey | None:
        """Of the certified file; it is looked at anew for each request, as the directory may have changed."""
        found = manifests.certified(self._player, self._files[record["product"]]) if record["product"] in self._files else None
        return None if found is None else found.seal_key

    def _send(self, unit: Unit, ref: str, record: Record, message: str, key: rsa.PublicKey, *fields: Node) -> None:
        """A sealed request with a Nonce of its own."""
        record["nonce"], msg_id = documents.fresh_id(), documents.fresh_id()
        inner = element(message + "Inner", *fields, leaf("Nonce", record["nonce"]))
        document = self._player.compose(message, record["broker"], msg_id, lambda outer: boxes.sealed(key, inner, outer))
        saved = {"message": message, "receiver": record["broker"], "msg_id": msg_id, "document": document.decode("utf-8")}
        record["call"] = saved
        unit.then(lambda: self._resume(ref, saved))

    def _take(self, unit: Unit, ref: str, record: Record) -> bool:
        key = self._seal_key(record)
        if key is not None:
            record |= {"state": "TAKING", "questions": []}
            self._send(unit, ref, record, "TakeQuestion", key, leaf("SessionId", record["session"]))
        return key is not None

    # what the Broker says

    def _done(self, call: Call, outcome: Outcome) -> None:
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        ref = call.extra["ref"]
        record = self._get(ref)
        inner = None
        if outcome.kind == "ok" and outcome.document is not None:
            inner = boxes.answer_of(call.message, outcome.document, record["reply_key"], record["nonce"])
            if inner is None:
                alarm(f"{call.message} to {call.receiver}: an answer that is not its Broker's")
                return self._caller.retry(call)
        record.pop("call", None)
        self._calls.pop(ref, None)
        if inner is not None:
            steps = {"ConfirmPaycard": self._confirmed, "TakeQuestion": self._asked, "AnswerResponse": self._finished}
            return steps[call.message](ref, record, inner)
        if call.message == "AnswerResponse" and outcome.code == "QP-E-ANSWER":
            return self._wrong(ref, record)
        self._end(ref, {**record, "code": outcome.code}, "refused")  # U12 to U14

    def _confirmed(self, ref: str, record: Record, inner: Node) -> None:
        paycard = inner.get("Paycard") or ""
        record |= {"session": inner.get("SessionId"), "paycard": paycard}
        unit = self._player.unit()
        if paycard in self._paycards or record["named"] not in (None, paycard) or not self._take(unit, ref, record):
            return self._fail(ref, record)  # U4
        self._start(unit, ref, record)
        self._save(unit, ref, record)  # U3

    def _asked(self, ref: str, record: Record, inner: Node) -> None:
        questions = [_shown(one) for one in inner.children if one.name == "Question"]
        if len({one["no"] for one in questions}) != len(questions):
            return self._fail(ref, record)  # U6
        record |= {"state": "QUESTIONED", "questions": questions}
        self._save(self._player.unit(), ref, record)  # U5

    def _wrong(self, ref: str, record: Record) -> None:
        record["told"] = "wrong-answers"
        unit = self._player.unit()
        if not self._take(unit, ref, record):
            return self._fail(ref, record)
        self._save(unit, ref, record)  # U11

    def _finished(self, ref: str, record: Record, inner: Node) -> None:
        paycard, limit = inner.get("Paycard"), inner.find("Limit")
        if paycard != record["paycard"] or paycard in self._paycards:
            return self._fail(ref, record)  # U10
        kept = {"state": "READY", "told": "added", "broker": record["broker"], "product": record["product"],
                "version": record["version"], "paycard": paycard, "secret": inner.get("PaycardSecret"),
                "limit": None if limit is None else to_json(limit)}
        self._disarm(ref)
        unit = self._player.unit()
        unit.then(lambda: self._paycards.update({paycard: _owned(kept)}))
        self._save(unit, ref, kept)  # U9

    def _fail(self, ref: str, record: Record) -> None:
        alarm(f"{record['broker']}: what it says of a Paycard cannot be")
        self._end(ref, record, "failed")

    def _end(self, ref: str, record: Record, told: str) -> None:
        """ABSENT again: nothing stays but what the user is told."""
        self._caller.drop(self._calls.pop(ref, None))
        self._disarm(ref)
        self._save(self._player.unit(), ref, {"state": "ABSENT", "told": told, "code": record.get("code")})

    # timers, calls and the store

    def _start(self, unit: Unit, ref: str, record: Record) -> None:
        due = record["due"] = self._player.clock.now() + self._player.milliseconds("T_session")
        unit.then(lambda: self._arm(ref, due))

    def _arm(self, ref: str, due: int) -> None:
        self._disarm(ref)
        self._timers[ref] = self._player.clock.at(due, lambda: self._end(ref, self._get(ref), "expired"))  # U16

    def _disarm(self, ref: str) -> None:
        self._player.clock.cancel(self._timers.pop(ref, None))

    def _resume(self, ref: str, saved: dict[str, Any]) -> None:
        call = Call(saved["message"], saved["receiver"], saved["msg_id"], saved["document"], self._done,
                    lambda: self._player.milliseconds("T_call"))
        call.extra = {"ref": ref}
        self._calls[ref] = call
        self._caller.start(call)

    def _get(self, ref: str) -> Record:
        found = self._player.store.get(PREFIX + ref)
        if found is None:
            raise Refused("no such paycard")
        return dict(found)

    def _in(self, ref: str, *states: str) -> Record:
        record = self._get(ref)
        if record["state"] not in states:
            raise Refused("out-of-state")
        return record

    def _save(self, unit: Unit, ref: str, record: Record) -> None:
        unit.put(PREFIX + ref, record)
        unit.then(self._changed.set)
        unit.commit()


def _owned(record: Record, outdated: bool = False) -> dict[str, Any]:
    """As the other Paycards of the Wallet; one that was removed, or is too old, is there for its open orders."""
    return {"broker": record["broker"], "paycard": record["paycard"], "secret": record["secret"],
            "removed": record["state"] == "REMOVED", "outdated": outdated}


def _shown(question: Node) -> dict[str, Any]:
    return {"no": question.get("No"), "prompt": question.get("Prompt"), "form": question.get("Form"),
            "choices": [one.text for one in question.children if one.name == "Choice"], "max_len": int(question.get("MaxLen") or 0)}


def _a_day(value: str) -> bool:
    """YYYY-MM-DD; a birthday may be older than what the type Time admits."""
    try:
        return len(value) == len("2000-01-01") and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _digits(value: str) -> bool:
    return value.isascii() and value.isdigit()


def _in_form(question: dict[str, Any], value: str) -> bool:
    """Whether an answer has the form and the length that its question wants."""
    if not is_a("Text", value) or len(value.encode("utf-8")) > question["max_len"]:
        return False
    forms: dict[str, Callable[[str], bool]] = {"digits": _digits, "date": _a_day, "choice": lambda one: one in question["choices"]}
    return forms.get(question["form"], lambda _: True)(value)
