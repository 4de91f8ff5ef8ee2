"""What the messages of settlement say about money, in terms of sums.py."""

from __future__ import annotations

from typing import Any

from quickpay import sums
from quickpay.xml import Node

#: Most items of a claim or a case.
MAX_ITEMS = 10_000


def adds_up(settlement: Node) -> bool:
    """Whether the totals of a Settlement follow from its lists."""
    told: dict[str, Any] = {child.name: int(child.text) for child in settlement.children
                            if child.name == "PriorDebit" or child.name in sums.TOTALS}
    return sums.settlement_right({**told, "Accepted": amounts(parts(settlement, "Accepted")),
                                  "Deduction": amounts(parts(settlement, "Deduction"))})


def amounts(nodes: list[Node]) -> list[dict[str, int]]:
    """The sums in each part."""
    kinds = ("Amount", "Commission", "CommissionReversed")
    return [{child.name: int(child.text) for child in part.children if child.name in kinds} for part in nodes]


def parts(node: Node, name: str) -> list[Node]:
    return [child for child in node.children if child.name == name]


def number(node: Node, path: str) -> int:
    return int(node.get(path) or 0)


def in_order(ids: list[str]) -> bool:
    """Sorted by bytes, each once."""
    coded = [one.encode("utf-8") for one in ids]
    return all(one < other for one, other in zip(coded, coded[1:]))
