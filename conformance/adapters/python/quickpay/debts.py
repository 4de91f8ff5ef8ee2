"""The Broker's part in settlement: the machines broker.batch and broker.debt. Comments name their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Callable

from quickpay import canonical, proofs, signing, sums, times
from quickpay.clock import Timer
from quickpay.documents import from_json, to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.money import MAX_ITEMS, amounts, in_order, number, parts
from quickpay.outages import Outages
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

#: Claims that are kept; each is answered again for ever.
MAX_BATCHES = 50_000
DAY_S = 86_400
#: Why an order that was in a Settlement is paid no more, whoever unlocks it.
_SETTLED = {"PAYABLE": "QP-E-ALREADY-SETTLED", "PAID": "QP-E-ALREADY-SETTLED", "REVOKED": "QP-E-REVOKED"}

Debt = dict[str, Any]


@dataclass(slots=True)
class Money:
    """What settlement does at the Broker's accounts: whether the limit of one bears more, and a change of what it owes."""

    admits: Callable[[str, int], bool]
    move: Callable[[Unit, str, int], None]


@dataclass(slots=True)
class _Batch:
    """One claim while it is settled."""

    claim: Node
    approved: set[tuple[str | None, ...]]
    accepted: list[Node] = field(default_factory=list)
    refused: list[Node] = field(default_factory=list)
    deducted: list[Node] = field(default_factory=list)
    debts: list[str] = field(default_factory=list)
    #: By account; the store knows of them only when the batch is settled.
    debits: dict[str, int] = field(default_factory=dict)


class Debts:
    """At most one entry for an order, whoever claims it and how often."""

    def __init__(self, player: Player, signer: signing.Signer, policy: dict[str, Any], outages: Outages,
                 money: Money) -> None:
        self._player, self._signer, self._outages, self._money = player, signer, outages, money
        self._rate = int(policy.get("commission_bp", 0))
        self._value_after = int(policy.get("value_after", DAY_S))
        self._most = int(policy.get("max_batch", MAX_ITEMS))
        self._timers: dict[str, Timer] = {}
        self._count = 0

    def load(self) -> None:
        """Takes up what the store says is open."""
        for key, debt in self._player.store.under("debt/"):
            self._watch(key, debt)
        for key, batch in self._player.store.under("settled/"):
            self._count += 1
            self._watch_batch(key, batch)

    def book(self) -> list[dict[str, Any]]:
        """What an operator may see: what signed Settlements give each Vendor, and what has left."""
        shown = []
        for key, book in self._player.store.under("book/"):
            _, vendor, currency = key.split("/")
            shown.append({"vendor": vendor, "currency": currency, "net": book["net"], "paid": book["paid"]})
        return shown

    # broker.debt

    def committed(self, unit: Unit, order: dict[str, Any]) -> bool:
        """G1: an order that was committed, in the unit of its commitment; whether it is owed. G2: it was paid before."""
        ref = from_json(order["ref"])
        key = _key(ref)
        if self._player.store.get(key) is not None:
            return False
        debt: Debt = {"state": "OWED", "ref": order["ref"], "commit": order["commit"], "own": True, "account": order["account"],
                      "rate": self._rate,
                      "since": self._player.clock.now(), "put_off": 0, "due": times.after_last_second(order["settle_by"])}
        self._keep(unit, key, debt)
        return True

    # what revoke does to debts

    def find(self, ref: Node) -> Debt | None:
        debt = self._player.store.get(_key(ref))
        return None if debt is None else dict(debt)

    def cancel(self, unit: Unit, ref: Node, revoke_id: str) -> None:
        """G37: what was committed falls back. G38: what the order cost falls back, and the Vendor gives back what it got."""
        key = _key(ref)
        debt = dict(self._player.store.get(key))
        if debt["state"] in ("PAYABLE", "PAID"):
            unit.put(f"deduct/{ref.get('Vendor')}/{ref.get('Currency')}/{ref.get('OrderId')}",
                     {"id": revoke_id, "order": ref.get("OrderId"), "amount": _amount(debt), "commission": debt["commission"]})
        if debt["account"] is not None:
            self._money.move(unit, debt["account"], -_amount(debt))
        self._keep(unit, key, {**debt, "state": "REVOKED"})

    def put_off(self, unit: Unit, ref: Node, milliseconds: int) -> None:
        """The time for which a revoke was held that is void now is made up for, as an outage is."""
        key = _key(ref)
        debt = self._player.store.get(key)
        if debt["state"] == "OWED":
            self._keep(unit, key, {**debt, "due": debt["due"] + milliseconds})

    def _held(self, key: str) -> bool:
        """revoke_held: there is a revoke of the order that is not final."""
        record = self._player.store.get("revoke/" + key.removeprefix("debt/"))
        return record is not None and record["state"] == "HELD"

    def _keep(self, unit: Unit, key: str, debt: Debt) -> None:
        unit.put(key, debt)
        unit.then(lambda: self._watch(key, debt))

    def _watch(self, key: str, debt: Debt) -> None:
        self._player.clock.cancel(self._timers.pop(key, None))
        if debt["state"] == "OWED":
            self._timers[key] = self._player.clock.at(
                debt["due"], lambda: self._outages.when_over(lambda: self._settle_by(key)))

    def _settle_by(self, key: str) -> None:
        """G11 and G12: what nobody claimed falls back, but not before the outages are made up for, nor while a revoke is held."""
        debt = dict(self._player.store.get(key))
        if debt["state"] != "OWED" or self._held(key):
            return
        away = self._outages.between(debt["since"], self._player.clock.now())
        unit = self._player.unit()
        if away > debt["put_off"]:
            debt |= {"due": debt["due"] + away - debt["put_off"], "put_off": away}
        else:
            debt["state"] = "UNCLAIMED"
            self._money.move(unit, debt["account"], -_amount(debt))
        self._keep(unit, key, debt)
        unit.commit()

    # broker.batch

    def settle(self, pending: Pending) -> None:
        """SettleWithBroker, K1 to K19."""
        claim = pending.body.child("Claim")
        assert claim is not None
        code = self._unfit(pending.sender, claim)
        if code is not None:
            return pending.refuse(code)
        key = f"settled/{pending.sender}/{claim.get('BatchId')}"
        before = self._player.store.get(key)
        digest = canonical.digest("batch-claim", signing.unsigned(claim))
        if before is not None and before["digest"] != digest:
            return pending.refuse("QP-E-CONFLICT")  # K18
        if before is None and self._count >= MAX_BATCHES:
            return pending.refuse("QP-E-BUSY")
        unit = self._player.unit()
        if before is None:
            try:
                settlement = self._settle(unit, key, claim, digest)  # K9
            except signing.NoKey:
                return pending.refuse("QP-E-INTERNAL")
        else:
            settlement = from_json(before["settlement"])  # K19
        pending.answer(unit, OK, settlement)
        unit.commit()

    def _unfit(self, sender: str, claim: Node) -> str | None:
        """K1 to K8, K10 to K17."""
        items, approvals = parts(claim, "Item"), parts(claim, "Approval")
        if claim.get("Vendor") != sender or any(item.get("OrderRef/Vendor") != sender for item in items):
            return "QP-E-FORBIDDEN"
        if claim.get("Broker") != self._player.me.player:
            return "QP-E-RECEIVER"
        code = self._player.unbelievable([
            signing.Signed(sender, "vendor", "batch-claim", claim),
            *(signing.Signed(one.get("Host") or "", "host", "host-approval", one, "ApprovedAt") for one in approvals)])
        if code is not None:
            return code
        me = self._player.me
        if any((one.get("Host"), one.get("Vendor"), one.get("Broker")) != (me.host, sender, me.player) for one in approvals):
            return "QP-E-MISMATCH"
        amounts = [number(item, "OrderRef/Amount") for item in items]
        if (number(claim, "Count"), number(claim, "Total")) != (len(items), sum(amounts)) or not in_order(
                [item.get("OrderRef/OrderId") or "" for item in items]):
            return "QP-E-TOTAL"
        if len(items) > self._most:
            return "QP-E-TOO-MANY"
        return None if claim.get("Currency") in self._player.currencies else "QP-E-CURRENCY"

    def _settle(self, unit: Unit, key: str, claim: Node, digest: str) -> Node:
        """Every item at its debt, in order; then the sums, signed once."""
        batch = _Batch(claim, _approved(claim))
        for item in parts(claim, "Item"):
            self._item(unit, batch, item)
        for account, debit in batch.debits.items():
            self._money.move(unit, account, debit)
        book_key = f"book/{claim.get('Vendor')}/{claim.get('Currency')}"
        book = dict(self._player.store.get(book_key) or {"net": 0, "paid": 0, "carried": 0})
        self._deduct(unit, batch, book["carried"])
        totals = sums.totals(amounts(batch.accepted), amounts(batch.deducted), book["carried"])
        assert totals is not None  # the total of the claim could be spelt, and no rate is above one
        now = self._player.clock.now()
        value_date = times.to_text(now + self._value_after * times.SECOND)
        settlement = self._signer.sign("batch-settlement", self._settlement(batch, digest, totals, book["carried"], now, value_date), now)
        unit.put(book_key, {**book, "net": book["net"] + totals["NetTotal"], "carried": totals["CarriedDebit"]})
        record = {"state": "SETTLED", "digest": digest, "settlement": to_json(settlement),
                  "due": times.from_text(value_date), "net": totals["NetTotal"], "book": book_key,
                  "debts": batch.debts}
        self._count += 1
        unit.put(key, record)
        unit.then(lambda: self._watch_batch(key, record))
        return settlement

    def _deduct(self, unit: Unit, batch: _Batch, prior: int) -> None:
        """What waits to be deducted, as far as there is room for it, each once."""
        taken = prior
        waiting = self._player.store.under(f"deduct/{batch.claim.get('Vendor')}/{batch.claim.get('Currency')}/")
        for key, one in sorted(waiting, key=lambda pair: pair[1]["order"].encode("utf-8")):
            more = one["amount"] - one["commission"]
            if len(batch.deducted) < MAX_ITEMS and taken + more <= sums.MOST:
                taken += more
                unit.put(key, None)
                batch.deducted.append(element("Deduction", leaf("RevokeId", one["id"]), leaf("OrderId", one["order"]),
                                              leaf("Amount", one["amount"]), leaf("CommissionReversed", one["commission"])))

    def _settlement(self, batch: _Batch, digest: str, totals: dict[str, int], prior: int, now: int, value_date: str) -> Node:
        claim = batch.claim
        told = {**totals, "PriorDebit": prior}
        before, after = ("AcceptedTotal", "CommissionTotal"), ("DeductionTotal", "PriorDebit", "CarriedDebit", "NetTotal")
        return element(
            "Settlement", leaf("Broker", self._player.me.player), claim.child("Vendor"), claim.child("BatchId"),
            leaf("BatchDigest", digest), claim.child("Currency"), *batch.accepted, *batch.refused,
            *(leaf(name, told[name]) for name in before), *batch.deducted, *(leaf(name, told[name]) for name in after),
            leaf("ValueDate", value_date), leaf("SettledAt", times.to_text(now)))

    def _item(self, unit: Unit, batch: _Batch, item: Node) -> None:
        """broker.debt, event item: G3 to G10, G13 to G19, G21 to G36 and G39 to G46."""
        ref = _ref(item)
        key = _key(ref)
        debt = self._player.store.get(key)
        state = "NONE" if debt is None else debt["state"]
        approved = _name(ref) in batch.approved
        code = self._refusal(state, debt, batch, item, approved)
        if code is not None:
            first = leaf("FirstBatch", debt["batch"]) if code == "QP-E-ALREADY-SETTLED" else None
            batch.refused.append(element("Refused", ref.child("OrderId"), ref.child("Digest"), leaf("Code", code), first))
            return
        entry: Debt = dict(debt) if state == "OWED" else self._unlocked(batch, item, debt, approved)  # G10 G26, G4 G14 G25
        commission = sums.share(number(ref, "Amount"), entry["rate"])
        entry |= {"state": "PAYABLE", "batch": batch.claim.get("BatchId"), "commission": commission}
        self._keep(unit, key, entry)
        batch.debts.append(key)
        batch.accepted.append(element("Accepted", ref.child("OrderId"), ref.child("Amount"), leaf("Commission", commission)))

    def _refusal(self, state: str, debt: Debt | None, batch: _Batch, item: Node, approved: bool) -> str | None:
        """Why an item is not paid, or None."""
        ref = _ref(item)
        if ref.get("Currency") != batch.claim.get("Currency"):
            return "QP-E-CURRENCY"
        if approved:
            return _SETTLED.get(state)
        code = self._unproven(debt, item)
        if code is not None:
            return code
        if state == "NONE":
            return self._unrecorded(item, ref)
        if not self._equal(debt, item):
            return "QP-E-MISMATCH"
        if state == "OWED":
            return "QP-E-PENDING" if self._held(_key(ref)) else None
        return _SETTLED.get(state, "QP-E-SETTLE-EXPIRED")

    def _unproven(self, debt: Debt | None, item: Node) -> str | None:
        """G21 to G23 and the like: a regular order has to bring its Commitment, and any Commitment has to be this Broker's.

        A key that was withdrawn is good for what this Broker's own record says was committed, or taken, before.
        """
        promised = item.child("Commitment")
        if promised is None:
            return "QP-E-NO-COMMIT" if proofs.is_regular(_ref(item)) else None
        seen = None if debt is None else debt["since"]
        return self._player.unbelievable([proofs.commitment(promised, self._player.me.player, seen)])

    def _unrecorded(self, item: Node, ref: Node) -> str | None:
        """G5 to G7, G24 and G25: an order without a debt. A signature outlives the record."""
        order = self._player.store.get(_order_key(ref))
        promised = item.child("Commitment") if proofs.is_regular(ref) else None
        if order is None and promised is None:
            return "QP-E-UNKNOWN-ORDER"
        known = {"ref": to_json(ref), "commit": None} if order is None else {"ref": order["ref"], "commit": order.get("commit")}
        if not self._equal(known, item):
            return "QP-E-MISMATCH"
        if promised is None:
            return "QP-E-NO-COMMIT"
        return "QP-E-SETTLE-EXPIRED" if self._over(promised) else None

    def _over(self, promised: Node) -> bool:
        """proof_over: ClaimBy is past, the outages that were logged since the commitment not counted."""
        now = self._player.clock.now()
        away = self._outages.between(times.from_text(promised.get("CommittedAt") or ""), now)
        return now >= proofs.claim_by(promised) + away

    def _equal(self, debt: Debt | None, item: Node) -> bool:
        """terms_equal: the OrderRef and, once there is one, the CommitId are those of the record and of the Commitment."""
        ref, promised = item.find("OrderRef"), item.child("Commitment")
        if debt is None or ref is None or to_json(ref) != debt["ref"]:
            return False
        if promised is not None and (promised.get("Broker"), promised.child("OrderRef"), promised.get("CommitId")) != (
                self._player.me.player, ref, item.get("CommitId")):
            return False
        return debt["commit"] is None or debt["commit"] == item.get("CommitId")

    def _unlocked(self, batch: _Batch, item: Node, debt: Debt | None, approved: bool) -> Debt:
        """book-approved: on the account if it is known and admits the amount, else the Broker's own."""
        ref, now = _ref(item), self._player.clock.now()
        order = self._player.store.get(_order_key(ref))
        account = debt["account"] if debt is not None else order["account"] if order is not None else None
        amount = number(ref, "Amount")
        if account is not None and self._money.admits(account, batch.debits.get(account, 0) + amount):
            batch.debits[account] = batch.debits.get(account, 0) + amount
        else:
            account = None
        promised = None if approved else item.get("Commitment/CommitId")  # who is approved need not show one
        return {"ref": to_json(ref), "commit": promised if debt is None else debt["commit"], "account": account,
                "own": debt is not None and debt["own"], "rate": self._rate if debt is None else debt["rate"],
                "since": now if debt is None else debt["since"]}

    def _watch_batch(self, key: str, batch: dict[str, Any]) -> None:
        if batch["state"] == "SETTLED":
            self._timers[key] = self._player.clock.at(batch["due"], lambda: self._pay_out(key))

    def _pay_out(self, key: str) -> None:
        """K20 and G20: the money leaves."""
        batch = {**self._player.store.get(key), "state": "PAID"}
        book = self._player.store.get(batch["book"])
        unit = self._player.unit()
        unit.put(key, batch)
        unit.put(batch["book"], {**book, "paid": book["paid"] + batch["net"]})
        for key_, debt in ((one, self._player.store.get(one)) for one in batch["debts"]):
            if debt["state"] == "PAYABLE":
                unit.put(key_, {**debt, "state": "PAID"})
        unit.commit()


def _ref(item: Node) -> Node:
    ref = item.find("OrderRef")
    assert ref is not None
    return ref


def _approved(claim: Node) -> set[tuple[str | None, ...]]:
    return {(one.get("OrderId"), one.get("Digest"), one.get("Amount"))
            for approval in parts(claim, "Approval") for one in parts(approval, "Approved")}


def _name(ref: Node) -> tuple[str | None, ...]:
    return ref.get("OrderId"), ref.get("Digest"), ref.get("Amount")


def _order_key(ref: Node) -> str:
    return f"order/{ref.get('Kind')}/{ref.get('Vendor')}/{ref.get('OrderId')}"


def _key(ref: Node) -> str:
    return f"debt/{ref.get('Kind')}/{ref.get('Vendor')}/{ref.get('OrderId')}"


def _amount(debt: Debt) -> int:
    return number(from_json(debt["ref"]), "Amount")
