"""What Broker and Vendor sign in regular payment and revoke (protocol.md sections 11 and 12), as all roles look at it."""

from __future__ import annotations

from quickpay import times
from quickpay.signing import Signed
from quickpay.xml import Node

#: Items with a Commitment that a claim and a case may hold, so that both fit into their family under the largest keys.
MAX_PROVEN_CLAIM, MAX_PROVEN_CASE = 3000, 2000


def offer(node: Node, vendor: str) -> Signed:
    return Signed(vendor, "vendor", "vendor-order", node, "Order/Created")


def commitment(node: Node, broker: str, seen: int | None = None) -> Signed:
    """``seen``: when this player took it first, where that was before now; a key that was withdrawn since is good for it."""
    return Signed(broker, "broker", "commitment", node, "CommittedAt", seen)


def receipt(node: Node, vendor: str) -> Signed:
    return Signed(vendor, "vendor", "vendor-receipt", node, "AcceptedAt")


def revoke(node: Node, vendor: str) -> Signed:
    """Of a Revoke that has a Sig; in profile F it may have none."""
    return Signed(vendor, "vendor", "revoke", node, "RevokedAt")


def names_commitment(node: Node, vendor: str, promised: Node) -> bool:
    """Whether a Receipt is of this Vendor, for the order and on the commitment that are promised."""
    expected = {"Vendor": vendor, "Broker": promised.get("Broker"), "OrderId": promised.get("OrderRef/OrderId"),
                "Digest": promised.get("OrderRef/Digest"), "CommitId": promised.get("CommitId")}
    return all(node.get(name) == value for name, value in expected.items())


def claim_by(promised: Node) -> int:
    """The first moment at which it can be claimed no more, by the clock of whoever compares."""
    return times.after_last_second(promised.get("ClaimBy") or "")


def is_regular(ref: Node) -> bool:
    return ref.get("Kind") == "regular"
