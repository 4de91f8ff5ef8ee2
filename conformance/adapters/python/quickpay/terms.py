"""On which terms a Broker pays, and where Vendors and Brokers send from as well (protocol.md sections 12, 13 and 15)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any, Iterable

from quickpay.places import spelled
from quickpay.xml import Node

#: What an entry has room for.
MAX_SOURCES, MAX_CURRENCIES, MAX_PRODUCTS = 16, 200, 16
#: Rates of one Broker that a Host keeps.
MAX_RATES = 64
_PARTS = 4

#: From when on by the Host's clock, and what the Broker keeps then. Journals of before may begin with 0: ever since, and None: nothing was told.
Rate = tuple[int, int | None]
#: As the journal has them, the last one at the end.
Rates = list[list[int | None]]


@dataclass(frozen=True, slots=True)
class Terms:
    """What an entry says of a Vendor or Broker besides who and where it is; nothing where nobody said it."""

    sources: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    #: Products, and from which Version on each is used.
    oldest: tuple[tuple[str, str], ...] = ()
    #: What the contract says, in basis points.
    contract: int | None = None
    #: What the Broker told of that.
    rates: tuple[Rate, ...] = ()

    @property
    def told(self) -> int | None:
        """What the Broker told last that it keeps."""
        return self.rates[-1][1] if self.rates else None

    def rate(self, committed: int) -> int | None:
        """What it keeps of an order that it committed then: the contract's word, or its own; None without either."""
        if self.contract is not None:
            return self.contract
        earliest = self.rates[0][1] if len(self.rates) == MAX_RATES else None
        return next((rate for since, rate in reversed(self.rates) if since <= committed), earliest)

    def admits(self, product: str, version: str) -> bool:
        """Whether a Paycard is new enough for all that is said of its Product."""
        return not any(older(version, least) for named, least in self.oldest if named == product)

    @classmethod
    def listed(cls, one: dict[str, Any]) -> Terms:
        """As the owner's list of players has them."""
        contract = one.get("commission_bp")
        return cls(tuple(one.get("source_addresses", [])), tuple(one.get("currencies", [])),
                   tuple((each["product"], each["version"]) for each in one.get("oldest_paycards", [])),
                   None if contract is None else int(contract))


def changed(terms: Terms, changes: dict[str, Any]) -> Terms:
    """With what messages said: a list takes the place of the one before."""
    lists: dict[str, Any] = {name: tuple(changes[name]) for name in ("sources", "currencies") if name in changes}
    for name in ("oldest", "rates"):
        if name in changes:
            lists[name] = tuple((first, second) for first, second in changes[name])
    return dataclasses.replace(terms, **lists)


def sources(policy: dict[str, Any]) -> list[str]:
    """Where the owner says that this player sends from as well; ValueError where no entry can say it."""
    found: list[str] = policy.get("source_addresses", [])
    if len(found) > MAX_SOURCES or any(spelled(one) is None for one in found):
        raise ValueError("source addresses that no entry can say")
    return found


def said(node: Node) -> dict[str, Any]:
    """The lists that an element names; one that it does not name stays as it was."""
    lists = {"sources": _texts(node, "SourceAddr"), "currencies": _texts(node, "Currency"),
             "oldest": [[one.get("Product"), one.get("Version")] for one in node.children if one.name == "MinPaycard"]}
    return {name: found for name, found in lists.items() if found}


def next_rate(node: Node, before: Rates, now: int) -> dict[str, Any]:
    """What a Broker says of its rate: it counts from now on."""
    told = node.get("CommissionBp")
    return {} if told is None else {"rates": [*before, [now, int(told)]][-MAX_RATES:]}


def inactive(node: Node, active: Iterable[str]) -> bool:
    """Whether an element names a Currency that is not among the active ones."""
    return not set(_texts(node, "Currency")) <= set(active)


def older(version: str, least: str) -> bool:
    """Whether a version comes before another one, number by number; what is not there is 0."""
    return _numbers(version) < _numbers(least)


def _numbers(version: str) -> list[int]:
    numbers = [int(part) for part in version.split(".")]
    return numbers + [0] * (_PARTS - len(numbers))


def _texts(node: Node, name: str) -> list[str]:
    return [child.text for child in node.children if child.name == name]
