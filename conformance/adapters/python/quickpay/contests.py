"""The Host's part in revoke: the machine host.revoke (reference/generated/machines.md). Comments name its rows."""

from __future__ import annotations

from typing import Any, Callable

from quickpay import proofs
from quickpay.clock import Timer
from quickpay.documents import to_json
from quickpay.errors import OK
from quickpay.fees import Fees
from quickpay.front import Pending
from quickpay.mail import Mail
from quickpay.outages import Outages
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

MAX_CASES = 50_000
_STANDING = {"UNPROVEN": "open", "STANDING": "standing", "VOID": "void", "PROVEN": "standing"}

Record = dict[str, Any]


class Contests:
    """Revokes as they are registered, proven and contested; what arrives first makes no difference to what is on record."""

    def __init__(self, player: Player, mail: Mail, outages: Outages, number: Callable[[], int],
                 tail: Callable[[Node, str], str], fees: Fees) -> None:
        """number says which CaseNo comes next, tail under which name an order of a Broker is kept."""
        self._fees = fees
        self._player, self._mail, self._outages = player, mail, outages
        self._number, self._tail = number, tail
        self._timers: dict[str, Timer] = {}

    def load(self) -> None:
        """Takes up what the store says is open."""
        for key, record in self._player.store.under("revoke/"):
            self._watch(key, record)

    # RegisterRevoke

    def register(self, pending: Pending) -> None:
        body, ref = pending.body, _ref(pending.body)
        key = self._key(ref, pending.sender)
        record: Record | None = self._player.store.get(key)
        code = self._unfit(body, ref) or _conflict(body, record)
        if code is not None:
            return pending.refuse(code)
        if record is None and (self._number() > MAX_CASES or self._mail.full()):
            return pending.refuse("QP-E-BUSY")
        proven = body.find("Revoke/Sig") is not None
        unit = self._player.unit()
        if record is None:
            record = self._open(unit, body, ref)  # Z6 Z7
        if proven and record["state"] != "PROVEN":
            record = {**record, "state": "PROVEN", "due": None, "proof": to_json(_revoke(body))}  # Z6 Z12 Z21
        unit.put(key, record)
        unit.then(lambda: self._watch(key, record))
        standing = _STANDING[record["state"]]
        fee = self._fees.charged(ref, pending.sender) if standing == "standing" else 0
        pending.answer(unit, OK, leaf("CaseNo", record["no"]), leaf("FeeReversed", fee), leaf("RevokeState", standing))
        unit.commit()

    def _unfit(self, body: Node, ref: Node) -> str | None:
        """Z1 to Z5 and the like. The directory of this Host is a list that is always at hand."""
        vendor, revoke = ref.get("Vendor") or "", body.child("Revoke")
        entry = self._player.directory.issued(vendor)
        if entry is None or entry.role != "vendor":
            return "QP-E-VENDOR"
        if not proofs.is_regular(ref):
            return "QP-E-NOT-REVOCABLE"
        if revoke is None:
            return None
        code = None if revoke.child("Sig") is None else self._player.unbelievable([proofs.revoke(revoke, vendor)])
        fits = all(revoke.child(name) == body.child(name) for name in ("OrderRef", "CommitId", "RevokedAt"))
        return code or (None if fits else "QP-E-MISMATCH")

    def _open(self, unit: Unit, body: Node, ref: Node) -> Record:
        """The CaseNo, the notice, when it came, and the alert in the Vendor's mailbox."""
        now, number = self._player.clock.now(), self._number()
        unit.put("cases", number)
        self._mail.post(unit, self._player.me.player, element(
            "Body", leaf("Kind", "revoke-alert"), element("Audience", leaf("Id", ref.get("Vendor") or "")), ref,
            leaf("Ref", body.get("RevokeId") or "")))
        return {"state": "UNPROVEN", "no": number, "id": body.get("RevokeId"), "commit": body.get("CommitId"), "opened": now,
                "due": now + self._player.milliseconds("T_hold") + 1, "put_off": 0, "proof": None}

    def _key(self, ref: Node, broker: str) -> str:
        return "revoke/" + self._tail(ref, broker)

    # what a case asks and says of a revoke

    def contestable(self, ref: Node, broker: str) -> bool:
        """Whether a revoke of the order is on record that is not proven and may be contested still."""
        return self._state(ref, broker) == "UNPROVEN"

    def stands(self, ref: Node, broker: str) -> bool:
        """Whether a revoke of the order is on record that is not void."""
        return self._state(ref, broker) in ("UNPROVEN", "STANDING", "PROVEN")

    def final(self, ref: Node, broker: str) -> bool:
        """Whether a revoke of the order is on record that stands."""
        return self._state(ref, broker) in ("STANDING", "PROVEN")

    def contest(self, unit: Unit, ref: Node, broker: str) -> None:
        """Z14."""
        key = self._key(ref, broker)
        record: Record = {**self._player.store.get(key), "state": "VOID", "due": None}
        unit.put(key, record)
        unit.then(lambda: self._watch(key, record))

    def _state(self, ref: Node, broker: str) -> str | None:
        record = self._player.store.get(self._key(ref, broker))
        return None if record is None else str(record["state"])

    # T_hold

    def _watch(self, key: str, record: Record) -> None:
        self._player.clock.cancel(self._timers.pop(key, None))
        if record["due"] is not None:
            self._timers[key] = self._player.clock.at(record["due"], lambda: self._outages.when_over(lambda: self._stand(key)))

    def _stand(self, key: str) -> None:
        """Z15 and Z16: what the Host was suspended is made up for; then what nobody contested stands."""
        record = dict(self._player.store.get(key))
        if record["state"] != "UNPROVEN":
            return
        away = self._outages.between(record["opened"], self._player.clock.now())
        if away > record["put_off"]:
            record |= {"due": record["due"] + away - record["put_off"], "put_off": away}
        else:
            record |= {"state": "STANDING", "due": None}
        unit = self._player.unit()
        unit.put(key, record)
        unit.then(lambda: self._watch(key, record))
        unit.commit()


def _conflict(body: Node, record: Record | None) -> str | None:
    """Z11, Z20 and Z26: the first notice says which revoke it is."""
    same = record is None or (record["id"], record["commit"]) == (body.get("RevokeId"), body.get("CommitId"))
    return None if same else "QP-E-CONFLICT"


def _ref(body: Node) -> Node:
    ref = body.child("OrderRef")
    assert ref is not None
    return ref


def _revoke(body: Node) -> Node:
    revoke = body.child("Revoke")
    assert revoke is not None
    return revoke
