"""A Vendor that registers itself, changes its name, and leaves: the machine vendor.registration. Comments name its rows."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from quickpay import boxes, canonical, documents, signing
from quickpay.calls import Call, Caller
from quickpay.documents import Outcome
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.places import spelled
from quickpay.player import Player, Refused, alarm
from quickpay.store import Unit
from quickpay.succession import Standing
from quickpay.terms import MAX_SOURCES
from quickpay.types import is_a
from quickpay.xml import Node, element, leaf

RECORD = "registration"
MAX_NAME = 128
#: Where each request leads that the Host takes, and what people are told then.
_TAKEN = {"RegisterVendor": ("REGISTERED", "registered"), "UpdateVendor": ("REGISTERED", "changed"), "UnregisterVendor": ("GONE", "gone")}

Record = dict[str, Any]


class Registration:
    """One machine. One that the Host's owner registered stays out of it."""

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, standing: Standing, policy: dict[str, Any]) -> None:
        self._player, self._caller, self._signer, self._standing = player, caller, signer, standing
        self._sources: list[str] = policy.get("source_addresses", [])
        if len(self._sources) > MAX_SOURCES or any(spelled(one) is None for one in self._sources):
            raise ValueError("source addresses that no entry can say")
        self._call: Call | None = None

    def load(self) -> None:
        record = self._get()
        if record.get("vendor") is not None:
            self._become(record["vendor"])
        if "call" in record:
            self._resume(record)

    def place(self) -> tuple[str, int] | None:
        """Where the Host was told, or is being told, that this Vendor listens."""
        found = self._get().get("place")
        return None if found is None else (found[0], found[1])

    # what the owner does

    def register(self, name: str | None) -> str:
        place = self._player.place
        if self._get()["state"] != "OUT" or self._player.me.player or place is None:
            raise Refused("out-of-state")
        record = {**self._secret(), "place": list(place)}
        return self._begin(record, "REGISTERING", "RegisterVendor", _endpoint(place), leaf("ProbeTag", record["tag"]), _name(name),
                           self._first_key(record), self._for_the_answer(record))  # F1

    def rename(self, name: str) -> str:
        """Says as well where this Vendor listens, if that is not where it was registered, and where else it sends from."""
        record = {**self._in("REGISTERED"), **self._secret()}
        place = self._player.place
        moved = place is not None and list(place) != record["place"]
        if place is not None and moved:
            record["moves"] = list(place)
        return self._begin(record, "CHANGING", "UpdateVendor", _endpoint(place) if moved else None,
                           *(leaf("SourceAddr", one) for one in self._sources), _name(name), leaf("ProbeTag", record["tag"]))  # F6

    def leave(self) -> str:
        return self._begin(self._in("REGISTERED"), "LEAVING", "UnregisterVendor", leaf("Reason", "user"))  # F10

    # the Host

    def probe(self, pending: Pending) -> None:
        record = self._get()
        ours = pending.sender == self._player.me.host and record.get("tag") == pending.body.get("ProbeTag")
        if record["state"] not in ("REGISTERING", "CHANGING") or not ours:
            return pending.refuse("QP-E-FORBIDDEN")  # F3
        unit = self._player.unit()
        pending.answer(unit, OK, pending.body.child("Nonce"), leaf("ProbeSecret", record["secret"]))  # F2
        unit.commit()

    def _done(self, call: Call, outcome: Outcome) -> None:
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        record, unit = self._get(), self._player.unit()
        state, told, why = self._led_to(call.message, outcome)
        if told == "registered" and not self._keep_identifier(unit, record, outcome):
            alarm(f"{call.message} to {call.receiver}: an answer that is not its Host's")
            return self._caller.retry(call)
        self._player.attempts.end(unit, record["ref"], told, why)
        place = record.get("moves", record["place"]) if told == "changed" else record["place"]
        unit.put(RECORD, None if state == "OUT" else {"state": state, "vendor": record.get("vendor"), "place": place})
        unit.commit()

    @staticmethod
    def _led_to(message: str, outcome: Outcome) -> tuple[str, str, str | None]:
        """The state, what people are told, and why it is not what they wanted."""
        if outcome.kind == "ok":
            return *_TAKEN[message], None  # F4 F7 F11
        if outcome.code == "QP-E-GONE" and message != "RegisterVendor":
            return "GONE", "gone", None if message == "UnregisterVendor" else "revoked"  # F12 F8
        return "OUT" if message == "RegisterVendor" else "REGISTERED", "refused", "peer-error"  # F5 F9 F13

    def _keep_identifier(self, unit: Unit, record: Record, outcome: Outcome) -> bool:
        """The id, in profile H the key, and that the key to sign is listed; whether the box could be opened."""
        vendor = record["vendor"] = outcome.get("Vendor") or ""
        if "reply_key" in record:
            assert outcome.document is not None
            inner = boxes.answer_of("RegisterVendor", outcome.document, record["reply_key"], record["nonce"])
            shared = None if inner is None else inner.child("Shared")
            if shared is None:
                return False
            self._player.keep_shared(unit, self._player.me.host, shared)
        if record.get("key") is not None:
            self._standing.now_listed(unit, record["key"], first=True)
        unit.then(lambda: self._become(vendor))
        return True

    # requests and the store

    def _become(self, vendor: str) -> None:
        self._player.me = replace(self._player.me, player=vendor)

    @staticmethod
    def _secret() -> Record:
        """Fresh for each request, and given to nobody but in an answer to Probe."""
        secret = documents.fresh_id()
        return {"secret": secret, "tag": canonical.probe_tag(secret)}

    def _first_key(self, record: Record) -> Node | None:
        """The key that would sign now, if there is one, with a proof that is of use in this request alone."""
        try:
            key = self._signer.current("key-proof", self._player.clock.now())
        except signing.NoKey:
            return None
        record["key"] = key.key_id
        return key.signed("key-proof", element("Key", leaf("PubKey", key.encoded), *key.times(), leaf("ProbeTag", record["tag"])))

    def _for_the_answer(self, record: Record) -> documents.Part:
        """In profile H what the box of the answer is made with."""
        key = self._player.host_key()
        if self._player.me.profile != "H":
            return None
        if key is None:
            raise Refused("out-of-state")
        record |= {"reply_key": secrets.token_hex(32), "nonce": documents.fresh_id()}
        inner = element("RegisterVendorInner", leaf("ReplyKey", record["reply_key"]), leaf("Nonce", record["nonce"]))
        return lambda outer: boxes.sealed(key, inner, outer)

    def _begin(self, record: Record, state: str, message: str, *fields: documents.Part) -> str:
        unit = self._player.unit()
        record |= {"state": state, "ref": self._player.attempts.begin(unit)}
        msg_id = documents.fresh_id()
        document = self._player.compose(message, self._player.me.host, msg_id, *fields)
        record["call"] = {"message": message, "msg_id": msg_id, "document": document.decode("utf-8")}
        unit.put(RECORD, record)
        unit.then(lambda: self._resume(record))
        unit.commit()
        return str(record["ref"])

    def _resume(self, record: Record) -> None:
        saved = record["call"]
        self._call = call = Call(saved["message"], self._player.me.host, saved["msg_id"], saved["document"], self._done,
                                 lambda: self._player.milliseconds("T_call"))
        call.keep = lambda unit, now: unit.put(RECORD, {**record, "call": {
            "message": now.message, "msg_id": now.msg_id, "document": now.document}})
        self._caller.start(call)

    def _get(self) -> Record:
        found = self._player.store.get(RECORD)
        return {"state": "OUT"} if found is None else dict(found)

    def _in(self, state: str) -> Record:
        record = self._get()
        if record["state"] != state:
            raise Refused("out-of-state")
        return record


def _endpoint(place: tuple[str, int] | None) -> Node | None:
    return None if place is None else element("Endpoint", leaf("Addr", place[0]), leaf("Port", place[1]))


def _name(name: str | None) -> Node | None:
    if name is None:
        return None
    if not is_a("Text", name) or len(name.encode("utf-8")) > MAX_NAME:
        raise Refused("no such name")
    return leaf("Name", name)
