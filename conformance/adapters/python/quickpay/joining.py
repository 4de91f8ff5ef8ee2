"""How a player comes into the Host's directory by messages: what Vendor, Wallet and Broker have in common (protocol.md section 15).

One record: the state, the identifier, and while a request is open what that is about. Comments name the rows of vendor.registration
(F1 to F13), wallet.registration (F21 to F31) and broker.registration (F41 to F46).
"""

from __future__ import annotations

import secrets
from typing import Any

from quickpay import boxes, documents, rsa, signing
from quickpay.boxes import SEALED
from quickpay.calls import Call, Caller
from quickpay.documents import Outcome
from quickpay.player import REGISTRATION, Player, Refused, alarm
from quickpay.store import Unit
from quickpay.succession import Standing
from quickpay.types import is_a
from quickpay.xml import Node, element, leaf

MAX_NAME = 128

Record = dict[str, Any]


class Joining:
    """One machine. One that the Host's owner registered stays out of it."""

    #: Under what the record has the identifier, and the message that asks for one.
    role, first = "", ""
    #: Where each request leads that the Host takes, and what people are told then.
    taken: dict[str, tuple[str, str]] = {}

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, standing: Standing) -> None:
        self._player, self._caller, self._signer, self._standing = player, caller, signer, standing
        self._call: Call | None = None

    def load(self) -> None:
        record = self._get()
        if record.get(self.role) is not None:
            self._player.become(record[self.role])
        if "call" in record:
            self._resume(record)

    # what the roles add

    def _kept(self, unit: Unit, record: Record, message: str, outcome: Outcome) -> bool:
        """Puts what an answer of class ok brings into record and unit; False if it is no answer."""
        raise NotImplementedError

    def _lasting(self, record: Record, told: str) -> Record:
        """What stays of a record when its request is over."""
        raise NotImplementedError

    # requests

    def _newcomer(self) -> None:
        """Who has an identifier, by whatever way, does not ask for one."""
        if self._get()["state"] != "OUT" or self._player.me.player:
            raise Refused("out-of-state")

    def _in(self, state: str) -> Record:
        record = self._get()
        if record["state"] != state:
            raise Refused("out-of-state")
        return record

    def _get(self) -> Record:
        found = self._player.store.get(REGISTRATION)
        return {"state": "OUT"} if found is None else dict(found)

    def _begin(self, record: Record, state: str, message: str, *fields: documents.Part) -> str:
        unit = self._player.unit()
        record |= {"state": state, "ref": self._player.attempts.begin(unit)}
        msg_id = documents.fresh_id()
        document = self._player.compose(message, self._player.me.host, msg_id, *fields)
        record["call"] = {"message": message, "msg_id": msg_id, "document": document.decode("utf-8")}
        unit.put(REGISTRATION, record)
        unit.then(lambda: self._resume(record))
        unit.commit()
        return str(record["ref"])

    def _resume(self, record: Record) -> None:
        saved = record["call"]
        self._call = call = Call(saved["message"], self._player.me.host, saved["msg_id"], saved["document"], self._done,
                                 lambda: self._player.milliseconds("T_call"))
        call.fixed = saved["message"] in SEALED
        call.keep = lambda unit, now: unit.put(REGISTRATION, {**record, "call": {
            "message": now.message, "msg_id": now.msg_id, "document": now.document}})
        self._caller.start(call)

    # what is sealed, and what proves itself

    def _seal_key(self) -> rsa.PublicKey:
        key = self._player.host_key()
        if key is None:
            raise Refused("out-of-state")
        return key

    @staticmethod
    def _for_the_answer(record: Record) -> tuple[Node, Node]:
        """With what the box of the answer is made, drawn for this request alone."""
        record |= {"reply_key": secrets.token_hex(32), "nonce": documents.fresh_id()}
        return leaf("ReplyKey", record["reply_key"]), leaf("Nonce", record["nonce"])

    @staticmethod
    def _sealed(key: rsa.PublicKey, message: str, *fields: Node | None) -> documents.Part:
        inner = element(message + "Inner", *fields)
        return lambda outer: boxes.sealed(key, inner, outer)

    def _first_key(self, record: Record, bound: Node, usage: bool = True) -> Node | None:
        """The key that would sign now, if there is one, with its proof."""
        try:
            key = self._signer.current("key-proof", self._player.clock.now())
        except signing.NoKey:
            return None
        record["key"] = key.key_id
        return proof(key, bound, usage)

    # what the Host says

    def _done(self, call: Call, outcome: Outcome) -> None:
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        record, unit = self._get(), self._player.unit()
        state, told, why = self._led_to(call.message, outcome)
        if outcome.kind == "ok" and not self._kept(unit, record, call.message, outcome):
            alarm(f"{call.message} to {call.receiver}: an answer that is not its Host's")
            return self._caller.retry(call)
        self._player.attempts.end(unit, record["ref"], told, why)
        unit.put(REGISTRATION, None if state == "OUT" else {"state": state, self.role: record.get(self.role), **self._lasting(record, told)})
        unit.commit()

    def _led_to(self, message: str, outcome: Outcome) -> tuple[str, str, str | None]:
        """The state, what people are told, and why it is not what they wanted."""
        if outcome.kind == "ok":
            return *self.taken[message], None  # F4 F7 F11, F22 F25 F29, F42 F45
        gone = outcome.code == "QP-E-GONE" and message != self.first
        if gone and self.role != "broker":
            return "GONE", "gone", None if message.startswith("Unregister") else "revoked"  # F12 F8, F30 F26
        why = "revoked" if gone else "peer-error"
        return "OUT" if message == self.first else "REGISTERED", "refused", why  # F5 F9 F13, F23 F27 F31, F43 F46

    def _answer(self, record: Record, message: str, outcome: Outcome) -> Node | None:
        """What is in the box of an answer; None if it is none to this request."""
        assert outcome.document is not None
        return boxes.answer_of(message, outcome.document, record["reply_key"], record["nonce"])

    def _shared(self, unit: Unit, inner: Node | None) -> bool:
        """The shared key comes with an identifier in profile H, and in profile F with none; whether it is so."""
        shared = None if inner is None else inner.child("Shared")
        if inner is None or (shared is not None) != (self._player.me.profile == "H"):
            return False
        if shared is not None:
            self._player.keep_shared(unit, self._player.me.host, shared)
        return True

    def _named(self, unit: Unit, record: Record, name: str) -> None:
        """The identifier, with the keys that came into the directory along with it: they sign at once."""
        record[self.role] = name
        for key_id in record.get("keys", [record.get("key")]):
            if key_id is not None:
                self._standing.now_listed(unit, key_id, first=True)
        unit.then(lambda: self._player.become(name))


def proof(key: signing.Own, bound: Node, usage: bool = True) -> Node:
    """A key that a request brings along, signed by itself; bound: what makes the proof of use in that request alone."""
    return key.signed("key-proof", element(
        "Key", leaf("PubKey", key.encoded), leaf("Usage", key.usage) if usage else None, *key.times(), bound))


def named(name: str | None) -> Node | None:
    if name is None:
        return None
    if not is_a("Text", name) or len(name.encode("utf-8")) > MAX_NAME:
        raise Refused("no such name")
    return leaf("Name", name)


def endpoint(place: tuple[str, int] | None) -> Node | None:
    return None if place is None else element("Endpoint", leaf("Addr", place[0]), leaf("Port", place[1]))
