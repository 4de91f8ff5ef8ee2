"""A player's own keys and what it has told the Host of them: the machines broker.keys, vendor.keys and wallet.keys.

Comments name the rows of vendor.keys; the other two have the same rows under other numbers. Nothing is begun here without its owner.
"""

from __future__ import annotations

import dataclasses
import secrets
from typing import Any, Iterable

from quickpay import boxes, documents, signing, times
from quickpay.calls import Call, Caller
from quickpay.documents import Outcome
from quickpay.player import Player, Refused, alarm
from quickpay.store import Unit
from quickpay.types import is_a
from quickpay.xml import Node, element, leaf

OPEN, LISTED, WITHDRAWN = "keys", "key-listed/", "key-withdrawn/"

Record = dict[str, Any]


class Standing:
    """What became of this player's keys: which ones others can know, and which ones it has taken back."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def withdrawn(self, key_id: str) -> bool:
        """Whether this player has ever set out to withdraw it; what the Host said then does not count."""
        return self._player.store.get(WITHDRAWN + key_id) is not None

    def published(self, signer: signing.Signer) -> tuple[signing.Published, ...]:
        """What this player signs with, as an entry of it would say."""
        return tuple(dataclasses.replace(key, withdrawn_from=self._player.store.get(WITHDRAWN + key.key_id)) for key in signer.published())

    def usable(self, key_id: str, now: int) -> bool:
        """Whether this player may sign with it: everybody who has an entry of this player can know it.

        Who is not in its own directory cannot tell, and uses what its owner gave it."""
        if self.withdrawn(key_id):
            return False
        begins = self._player.store.get(LISTED + key_id)
        entry = self._player.directory.issued(self._player.me.player)
        if begins is not None or entry is None:
            return begins is None or now >= int(begins)
        return any(key.key_id == key_id and (key.withdrawn_from is None or now < key.withdrawn_from) for key in entry.keys)

    def now_listed(self, unit: Unit, key_id: str, first: bool) -> None:
        """From when on the key may sign: at once if it is the first, else when every entry in use has it. What was known stays."""
        if not self.listed(key_id):
            wait = 0 if first else self._player.milliseconds("T_dir")
            unit.put(LISTED + key_id, self._player.clock.now() + wait)

    def listed(self, key_id: str) -> bool:
        """Whether the Host lists it, as far as this player knows."""
        return self._player.store.get(LISTED + key_id) is not None or any(key.key_id == key_id for key in self._entry_keys())

    def any_to_sign(self, own: Iterable[signing.Own]) -> bool:
        """Whether a key to sign was ever listed of this player, whatever became of it."""
        return (any(key.usage == "sign" for key in self._entry_keys())
                or any(self._player.store.get(LISTED + key.key_id) is not None for key in own if key.usage == "sign"))

    def _entry_keys(self) -> tuple[signing.Published, ...]:
        entry = self._player.directory.issued(self._player.me.player)
        return () if entry is None else entry.keys


class Succession:
    """One machine: at most one request to the Host is open, and a withdrawal waits for no other."""

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, sealing: Iterable[signing.Own], standing: Standing) -> None:
        self._player, self._caller, self._signer, self._standing = player, caller, signer, standing
        self._own = {key.key_id: key for key in (*signer.keys, *sealing)}
        self._call: Call | None = None

    def load(self) -> None:
        record = self._player.store.get(OPEN)
        if record is not None:
            self._resume(dict(record))

    # what the owner does

    def publish(self, key_id: str) -> str:
        key = self._ready(key_id)
        if self._standing.withdrawn(key_id):
            raise Refused("out-of-state")
        first = (self._player.me.profile == "H" and key.usage == "sign" and not self._standing.any_to_sign(self._own.values()))
        said = element("Key", leaf("Player", self._player.me.player), leaf("PubKey", key.encoded), leaf("Usage", key.usage), *key.times())
        change = element("KeyChange", key.signed("key-proof", said))
        if not first:
            change = self._vouching("key-rollover").signed("key-rollover", change)
        return self._begin(self._player.unit(), "PublishKey", change, state="PUBLISHING", key=key_id, first=first)  # T11

    def withdraw(self, key_id: str, reason: str) -> str:
        open_before = self._player.store.get(OPEN)
        if open_before is not None and open_before["state"] == "WITHDRAWING":
            raise Refused("out-of-state")
        key = self._askable(key_id)
        if not is_a("WithdrawalReason", reason):
            raise Refused("no such reason")
        withdrawal = self._withdrawing(key).signed("key-withdrawal", element(
            "Withdrawal", leaf("Player", self._player.me.player), leaf("KeyId", key_id), leaf("Reason", reason),
            leaf("From", times.to_text(self._player.clock.now()))))
        unit = self._player.unit()
        if open_before is not None:  # T33 T34
            self._caller.drop(self._call)
            self._player.attempts.end(unit, open_before["ref"], "given-up", "out-of-state")
        unit.put(WITHDRAWN + key_id, self._player.clock.now())
        return self._begin(unit, "WithdrawKey", withdrawal, state="WITHDRAWING", key=key_id)  # T15

    def renew(self, peer: str | None = None) -> str:
        """Asks for the last key that this player shares with the Host, or a Vendor with a Broker."""
        me = self._player.me
        known = self._player.best_key("GetPairKey" if peer is None else "", me.host)
        misplaced = peer is not None and not (me.player.startswith("V") and is_a("BrokerId", peer))
        if self._player.store.get(OPEN) is not None or me.profile != "H" or known is None or misplaced or self._player.host_key() is None:
            raise Refused("out-of-state")
        return self._begin(self._player.unit(), "GetPairKey", state="RENEWING", peer=peer)  # T18

    def _ready(self, key_id: str) -> signing.Own:
        """An own key, while nothing is open and the Host can be asked."""
        if self._player.store.get(OPEN) is not None:
            raise Refused("out-of-state")
        return self._askable(key_id)

    def _askable(self, key_id: str) -> signing.Own:
        key, me = self._own.get(key_id), self._player.me
        if key is None or not me.player or me.profile == "H" and self._player.best_key("", me.host) is None:
            raise Refused("out-of-state")
        return key

    def _withdrawing(self, key: signing.Own) -> signing.Own:
        """Who signs that a key is withdrawn: itself; if that was withdrawn before, and refused, another one that is good, if there is one.

        Its own withdrawal is the one thing that a withdrawn key still says, since the Host takes nothing else from it."""
        if key.usage == "sign" and not self._standing.withdrawn(key.key_id):
            return key
        try:
            return self._vouching("key-withdrawal")
        except Refused:
            if key.usage == "seal":
                raise
            return key

    def _vouching(self, purpose: str) -> signing.Own:
        try:
            return self._signer.current(purpose, self._player.clock.now())
        except signing.NoKey:
            raise Refused("out-of-state") from None

    # requests

    def _begin(self, unit: Unit, message: str, *fields: Node, **about: Any) -> str:
        """The request, and with a withdrawal that its key is used no more, are durable before anything is sent."""
        record = {"ref": self._player.attempts.begin(unit), **about}
        msg_id = documents.fresh_id()
        document = self._asking(record, msg_id) if message == "GetPairKey" else self._player.compose(
            message, self._player.me.host, msg_id, *fields)
        assert document is not None
        record["call"] = {"message": message, "msg_id": msg_id, "document": document.decode("utf-8")}
        unit.put(OPEN, record)
        unit.then(lambda: self._resume(dict(record)))
        unit.commit()
        return str(record["ref"])

    def _asking(self, record: Record, msg_id: str) -> bytes | None:
        """GetPairKey under a MsgId, to which its box is bound, with a ReplyKey and a Nonce of its own, which the record keeps.

        None while the Host has no key to which one could seal."""
        key, peer = self._player.host_key(), record["peer"]
        if key is None:
            return None
        record |= {"reply_key": secrets.token_hex(32), "nonce": documents.fresh_id()}
        inner = element("GetPairKeyInner", leaf("Want", "own" if peer is None else "pair"),
                        None if peer is None else leaf("Peer", peer), leaf("ReplyKey", record["reply_key"]), leaf("Nonce", record["nonce"]))
        return self._player.compose("GetPairKey", self._player.me.host, msg_id, lambda outer: boxes.sealed(key, inner, outer))

    def _resume(self, record: Record) -> None:
        saved = record["call"]
        self._call = call = Call(saved["message"], self._player.me.host, saved["msg_id"], saved["document"], self._done,
                                 lambda: self._player.milliseconds("T_call"))
        call.keep = lambda unit, now: unit.put(OPEN, {**record, "call": {
            "message": now.message, "msg_id": now.msg_id, "document": now.document}})
        if saved["message"] == "GetPairKey":
            call.compose = lambda _, msg_id: self._asking(record, msg_id)
        self._caller.start(call)

    # what the Host says

    def _done(self, call: Call, outcome: Outcome) -> None:
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        record, unit = self._player.store.get(OPEN), self._player.unit()
        told = self._told(unit, record, call.message, outcome)
        if told is None:
            alarm(f"{call.message} to {call.receiver}: an answer that is not its Host's")
            return self._caller.retry(call)
        self._call = None
        unit.put(OPEN, None)
        self._player.attempts.end(unit, record["ref"], told, "peer-error" if told == "refused" else None)
        unit.commit()

    def _told(self, unit: Unit, record: Record, message: str, outcome: Outcome) -> str | None:
        """What the answer means, and what has to be kept of it; None if it is none."""
        exists = message == "PublishKey" and outcome.code == "QP-E-EXISTS"
        if outcome.kind != "ok" and not exists:
            return "refused"  # T14 T17 T20
        if message == "PublishKey":
            self._standing.now_listed(unit, record["key"], record["first"] and not exists)
            return "listed" if exists else "published"  # T13 T12
        if message == "WithdrawKey":
            return "withdrawn"  # T16
        assert outcome.document is not None
        inner = boxes.answer_of(message, outcome.document, record["reply_key"], record["nonce"])
        shared = None if inner is None else inner.child("Shared")
        if shared is None:
            return None
        self._player.keep_shared(unit, record["peer"] or self._player.me.host, shared)
        return "renewed"  # T19
