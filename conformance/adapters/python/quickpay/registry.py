"""What Wallets registered about regular orders: the Host's machine host.purchase. Comments name its rows."""

from __future__ import annotations

import hashlib
from typing import Any, Callable

from quickpay import canonical, proofs, times
from quickpay.documents import to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, leaf

MAX_CASES = 50_000

Case = dict[str, Any]


class Registry:
    """A case of each Wallet apart, so that a forged Commitment that came first keeps no right one out."""

    def __init__(self, player: Player, number: Callable[[], int], charge: Callable[[Unit, Node, str, Node], None]) -> None:
        """number says which CaseNo comes next; charge takes the fee of an order for which a Commitment came."""
        self._player, self._number, self._charge = player, number, charge

    def register(self, pending: Pending) -> None:
        """RegisterOrder; the signatures are left to a dispute."""
        body = pending.body
        ref, broker = _child(body, "OrderRef"), body.get("Broker") or ""
        promised, receipt = _child(body, "Commitment"), body.child("Receipt")
        code = self._unfit(ref, broker, promised, receipt)
        if code is not None:
            return pending.refuse(code)
        key = f"{_prefix(ref, broker)}{pending.sender}"
        case: Case | None = self._player.store.get(key)
        number = self._number() if case is None else case["no"]
        if number > MAX_CASES:
            return pending.refuse("QP-E-BUSY")
        unit = self._player.unit()
        if case is None:
            case = {"no": number, "at": self._player.clock.now(), "commitment": to_json(promised), "receipt": None}
            unit.put("cases", number)
            self._charge(unit, ref, broker, promised)
        if case["receipt"] is None and receipt is not None:
            case = {**case, "receipt": to_json(receipt)}  # R4 R9
        unit.put(key, case)
        pending.answer(unit, OK, leaf("CaseNo", case["no"]), leaf("RegisteredAt", times.to_text(case["at"])))
        unit.commit()

    def _unfit(self, ref: Node, broker: str, promised: Node, receipt: Node | None) -> str | None:
        vendor = ref.get("Vendor") or ""
        if not self._issued(vendor, "vendor"):
            return "QP-E-VENDOR"  # R1 R6 R11
        if not self._issued(broker, "broker"):
            return "QP-E-BROKER"  # R2 R7 R12
        fits = (promised.get("Broker"), promised.child("OrderRef")) == (broker, ref) and (
            receipt is None or proofs.names_commitment(receipt, vendor, promised))
        return None if fits else "QP-E-MISMATCH"  # R3 R8 R13

    def _issued(self, player: str, role: str) -> bool:
        entry = self._player.directory.issued(player)
        return entry is not None and entry.role == role

    def seen(self, ref: Node, broker: str, promised: Node) -> int | None:
        """When some Wallet registered this very Commitment first."""
        told = to_json(promised)
        return min((case["at"] for _, case in self._player.store.under(_prefix(ref, broker)) if case["commitment"] == told),
                   default=None)


def _child(body: Node, name: str) -> Node:
    child = body.child(name)
    assert child is not None
    return child


def _prefix(ref: Node, broker: str) -> str:
    """The cases of one Vendor, OrderId, Broker and OrderRef; the Wallet's id follows."""
    digest = hashlib.sha256(canonical.encode(ref)).hexdigest()
    return f"purchased/{ref.get('Vendor')}/{ref.get('OrderId')}/{broker}/{digest}/"
