"""The arithmetic of settlement (protocol.md section 10): whole minor units, exact, and limits of what a total can say."""

from __future__ import annotations

from dataclasses import dataclass

from quickpay.xml import Node

MAX_SUM = 10 ** 18 - 1
WHOLE = 10_000


def commission(amount: int, rate: int) -> int:
    """The rate in basis points of an amount, rounded half to even."""
    quotient, rest = divmod(amount * rate, WHOLE)
    return quotient + (2 * rest > WHOLE or (2 * rest == WHOLE and quotient % 2 == 1))


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of a Settlement."""

    accepted: int
    commission: int
    deduction: int
    prior: int

    @property
    def left(self) -> int:
        return self.accepted - self.commission - self.deduction - self.prior

    @property
    def net(self) -> int:
        return max(self.left, 0)

    @property
    def carried(self) -> int:
        return max(-self.left, 0)


def adds_up(settlement: Node) -> bool:
    """Whether the totals of a Settlement follow from its lists."""
    accepted, deducted = parts(settlement, "Accepted"), parts(settlement, "Deduction")
    if any(number(one, "Commission") > number(one, "Amount") for one in accepted):
        return False
    totals = Totals(sum(number(one, "Amount") for one in accepted), sum(number(one, "Commission") for one in accepted),
                    sum(number(one, "Amount") - number(one, "CommissionReversed") for one in deducted),
                    number(settlement, "PriorDebit"))
    told = [number(settlement, name) for name in
            ("AcceptedTotal", "CommissionTotal", "DeductionTotal", "CarriedDebit", "NetTotal")]
    return told == [totals.accepted, totals.commission, totals.deduction, totals.carried, totals.net]


def parts(node: Node, name: str) -> list[Node]:
    return [child for child in node.children if child.name == name]


def number(node: Node, path: str) -> int:
    return int(node.get(path) or 0)


def in_order(ids: list[str]) -> bool:
    """Sorted by bytes, each once."""
    coded = [one.encode("utf-8") for one in ids]
    return all(one < other for one, other in zip(coded, coded[1:]))
