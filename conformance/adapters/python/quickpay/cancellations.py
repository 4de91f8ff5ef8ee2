"""The Broker's part in revoke: the machine broker.revoke (reference/generated/machines.md). Comments name its rows."""

from __future__ import annotations

from typing import Any

from quickpay import proofs, signing, times
from quickpay.calls import Outbox
from quickpay.clock import Timer
from quickpay.debts import Debt, Debts
from quickpay.documents import Outcome, from_json, to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.money import number
from quickpay.outages import Outages
from quickpay.player import Player, alarm
from quickpay.store import Unit
from quickpay.xml import Node, leaf

#: Revokes that are kept; each is answered again for ever.
MAX_REVOKES = 50_000

Record = dict[str, Any]


class Cancellations:
    """One revoke of an order: a signed one is final, one without a signature is held until the Host has judged it."""

    def __init__(self, player: Player, debts: Debts, outbox: Outbox, outages: Outages) -> None:
        self._player, self._debts, self._outbox, self._outages = player, debts, outbox, outages
        self._timers: dict[str, Timer] = {}
        self._count = 0

    def load(self) -> None:
        """Takes up what the store says is open."""
        for key, record in self._player.store.under("revoke/"):
            self._count += 1
            self._watch(key, record)

    # RevokeOrder

    def revoke(self, pending: Pending) -> None:
        revoke = pending.body.child("Revoke")
        assert revoke is not None
        ref = _ref(revoke)
        key, debt = _key(ref), self._debts.find(ref)
        record = self._player.store.get(key)
        code = self._unbelievable(pending.sender, revoke) or _not_revocable(revoke, debt, record)
        if code is not None or debt is None:
            return pending.refuse(code or "QP-E-UNKNOWN-ORDER")
        if record is None and self._count >= MAX_REVOKES:
            return pending.refuse("QP-E-BUSY")
        unit = self._player.unit()
        if record is None or (record["state"] != "REVOKED" and _signed(revoke)):
            record = self._take(unit, key, debt, record, revoke)
        _answer(unit, pending, ref, record)  # X15 X26 too
        unit.commit()

    def _unbelievable(self, sender: str, revoke: Node) -> str | None:
        """X1 to X3 and the like. The key has to be good when the Revoke was made and when it comes."""
        if _ref(revoke).get("Vendor") != sender:
            return "QP-E-FORBIDDEN"
        if not _signed(revoke):
            return None
        return self._player.unbelievable([proofs.revoke(revoke, sender), signing.Signed(sender, "vendor", "revoke", revoke)])

    def _take(self, unit: Unit, key: str, debt: Debt, before: Record | None, revoke: Node) -> Record:
        """X8, X14 and X21: final. X9: held. The RevokeId that counts is that of the first."""
        now = self._player.clock.now()
        self._count += before is None
        record: Record = {"id": revoke.get("RevokeId"), "since": now, **(before or {}), "revoke": to_json(revoke),
                          "effect": _effect(debt), "hold_until": None, "ask": None}
        if _signed(revoke):
            record["state"] = "REVOKED"
            self._debts.cancel(unit, _ref(revoke), record["id"])
        else:
            hold_until = times.to_text(now + self._player.milliseconds("T_hold"))
            record |= {"state": "HELD", "hold_until": hold_until, "ask": times.after_last_second(hold_until)}
        self._keep(unit, key, record)
        self._notify(unit, key, record, debt)
        return record

    def _keep(self, unit: Unit, key: str, record: Record) -> None:
        unit.put(key, record)
        unit.then(lambda: self._watch(key, record))

    # RegisterRevoke

    def _notify(self, unit: Unit, key: str, record: Record, debt: Debt) -> None:
        revoke = from_json(record["revoke"])
        reversed_ = debt["commission"] if record["effect"] == "deduct" else 0
        self._outbox.add(unit, key, "RegisterRevoke", revoke.child("OrderRef"), revoke.child("CommitId"),
                         leaf("RevokeId", record["id"]), revoke, leaf("CommissionReversed", reversed_), revoke.child("RevokedAt"),
                         lasts="T_claim")

    def registered(self, unit: Unit, key: str, outcome: Outcome) -> None:
        """X27 to X29 and X31: what the Host says of a revoke, in the unit in which its notice ends."""
        if outcome.kind != "ok":
            alarm(f"{key}: the Host refuses the notice: {outcome.code}")
        record, now = dict(self._player.store.get(key)), self._player.clock.now()
        if outcome.kind != "ok" or record["state"] != "HELD":
            return
        ref = _ref(from_json(record["revoke"]))
        over = now >= times.after_last_second(record["hold_until"])
        match outcome.get("RevokeState"):
            case "void":
                self._debts.put_off(unit, ref, now - record["since"])
                self._keep(unit, key, {**record, "state": "VOID", "ask": None})
            case "standing" if over:
                debt = self._debts.find(ref)
                assert debt is not None
                self._debts.cancel(unit, ref, record["id"])
                self._keep(unit, key, {**record, "state": "REVOKED", "effect": _effect(debt), "hold_until": None, "ask": None})

    def _watch(self, key: str, record: Record) -> None:
        self._player.clock.cancel(self._timers.pop(key, None))
        if record["ask"] is not None:
            self._timers[key] = self._player.clock.at(record["ask"], lambda: self._outages.when_over(lambda: self._ask(key)))

    def _ask(self, key: str) -> None:
        """X30: HoldUntil is over, and the Host has to say what becomes of it; so again until it does."""
        record = dict(self._player.store.get(key))
        if record["state"] != "HELD":
            return
        debt = self._debts.find(_ref(from_json(record["revoke"])))
        assert debt is not None
        unit = self._player.unit()
        self._outbox.clear(unit, key)
        record["ask"] = self._player.clock.now() + self._player.milliseconds("backoff_cap")
        self._keep(unit, key, record)
        self._notify(unit, key, record, debt)
        unit.commit()


def _not_revocable(revoke: Node, debt: Debt | None, record: Record | None) -> str | None:
    """X4 to X7, X13, X19, X20 and X25."""
    ref = _ref(revoke)
    if not proofs.is_regular(ref):
        return "QP-E-NOT-REVOCABLE"
    if debt is None:
        return "QP-E-UNKNOWN-ORDER"
    own = debt["commit"] if debt["own"] else revoke.get("CommitId")
    if (debt["ref"], own) != (to_json(ref), revoke.get("CommitId")):
        return "QP-E-MISMATCH"
    void = record is not None and record["state"] == "VOID" and not _signed(revoke)
    return "QP-E-NOT-REVOCABLE" if void or debt["state"] == "UNCLAIMED" else None


def _answer(unit: Unit, pending: Pending, ref: Node, record: Record) -> None:
    hold_until = record["hold_until"]
    pending.answer(unit, OK, leaf("RevokeId", record["id"]), leaf("Effect", record["effect"]),
                   leaf("Amount", number(ref, "Amount")), leaf("State", "pending" if hold_until else "final"),
                   leaf("HoldUntil", hold_until) if hold_until else None)


def _effect(debt: Debt) -> str:
    return "released" if debt["state"] == "OWED" else "deduct"


def _signed(revoke: Node) -> bool:
    return revoke.child("Sig") is not None


def _ref(revoke: Node) -> Node:
    ref = revoke.child("OrderRef")
    assert ref is not None
    return ref


def _key(ref: Node) -> str:
    """One record for each Kind, Vendor and OrderId; debts.py looks for those that are held."""
    return f"revoke/{ref.get('Kind')}/{ref.get('Vendor')}/{ref.get('OrderId')}"
