"""The Broker's part in regular payment: the machine broker.commitment. Comments name its rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from quickpay import documents, money, signing, times
from quickpay.debts import Debts
from quickpay.documents import from_json, to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

MAX_COMMITMENTS = 50_000

Order = dict[str, Any]
Binding = dict[str, Any]


@dataclass(slots=True)
class Payer:
    """What the Broker has to say of any inquiry, whatever the kind of its order."""

    #: The Paycard's binding, or the code that refuses who asks.
    who: Callable[[Pending, Node], Binding | str]
    #: The code for a currency or Vendor that is not accepted.
    unacceptable: Callable[[Node, Binding], str | None]
    #: The code for an amount that the owner's policy or the limit of an account does not admit.
    unaffordable: Callable[[str, int], str | None]
    owe: Callable[[Unit, str, int], None]


class Commitments:
    """Commits with the answer to the Wallet; one machine an order."""

    def __init__(self, player: Player, signer: signing.Signer, debts: Debts, payer: Payer) -> None:
        self._player, self._signer, self._debts, self._payer = player, signer, debts, payer
        self._count = sum(1 for _ in player.store.under("order/regular/"))

    def inquiry(self, pending: Pending) -> None:
        ref = pending.body.find("OrderRef")
        assert ref is not None
        binding = self._payer.who(pending, ref)
        if isinstance(binding, str):
            return pending.refuse(binding)  # O1 O2 O9 O10
        order = self._player.store.get(_key(ref))
        if order is not None and _same(order, pending, ref):
            return self._answer_again(order, pending)  # O11
        code = self._payer.unacceptable(ref, binding)  # O3 to O5, O12 to O14
        if code is None and order is not None:
            code = "QP-E-CONFLICT"  # O15
        code = code or self._payer.unaffordable(binding["account"], money.number(ref, "Amount"))  # O6 O7
        if code is None and self._count >= MAX_COMMITMENTS:
            code = "QP-E-BUSY"
        if code is not None:
            return pending.refuse(code)
        try:
            self._commit(pending, binding["account"], ref)  # O8
        except signing.NoKey:
            pending.refuse("QP-E-INTERNAL")

    def _answer_again(self, order: Order, pending: Pending) -> None:
        unit = self._player.unit()
        pending.answer(unit, OK, from_json(order["commitment"]))
        unit.commit()

    def _commit(self, pending: Pending, account: str, ref: Node) -> None:
        """What is owed, the record, the debt and the answer are one unit."""
        now = self._player.clock.now()
        claim_by = times.to_text(now + self._player.milliseconds("T_claim"))
        commitment = self._signer.sign("commitment", element(
            "Commitment", leaf("Broker", self._player.me.player), leaf("CommitId", documents.fresh_id()), ref,
            leaf("CommittedAt", times.to_text(now)), leaf("ClaimBy", claim_by)), now)
        order: Order = {"wallet": pending.sender, "paycard": pending.body.get("Paycard"), "account": account,
                        "ref": to_json(ref), "state": "COMMITTED", "commit": commitment.get("CommitId"),
                        "settle_by": claim_by, "commitment": to_json(commitment)}
        unit = self._player.unit()
        if self._debts.committed(unit, order):
            self._payer.owe(unit, account, money.number(ref, "Amount"))
        unit.put(_key(ref), order)
        pending.answer(unit, OK, commitment)
        unit.commit()
        self._count += 1


def _same(order: Order, pending: Pending, ref: Node) -> bool:
    """same_content: OrderRef, Wallet and Paycard are those of the record."""
    return (order["wallet"], order["paycard"], order["ref"]) == (pending.sender, pending.body.get("Paycard"), to_json(ref))


def _key(ref: Node) -> str:
    return f"order/{ref.get('Kind')}/{ref.get('Vendor')}/{ref.get('OrderId')}"
