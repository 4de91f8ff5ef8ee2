"""What a Vendor sells, and whose money it takes, as the shop keeper wrote it down."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from quickpay.player import Directory
from quickpay.tables import PATHS
from quickpay.types import is_a

#: Goods that fit into an answer, and those that are fetched.
MAX_GOODS, MAX_FETCHED, MAX_PATH = 36 * 1024, 16 * 1024 * 1024, 900


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is for sale; ``stock``: the pieces that regular orders can have altogether, where that is limited."""

    text: str
    amount: int
    currency: str
    media_type: str
    data: bytes
    content_hash: bool
    stock: int | None = None
    #: The path at which the goods are fetched with a ticket, where they are not sent inside the message.
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Brokers:
    """The Brokers that a Vendor accepts."""

    directory: Directory
    accepted: frozenset[str]

    def known(self, broker: str) -> bool:
        """Known, accepted and not suspended. That it was removed since is no reason to refuse an order that was offered."""
        return self._said(broker, "live", "removed")

    def living(self, broker: str) -> bool:
        """Accepted for orders that begin now."""
        return self._said(broker, "live")

    def _said(self, broker: str, *states: str) -> bool:
        """Whether it is accepted, and in one of these states as far as that can be said now."""
        entry = self.directory.issued(broker) if broker in self.accepted else None
        if entry is None:
            return broker in self.accepted and not self.directory.at_hand(broker)
        return entry.role == "broker" and entry.state in states

    def meet(self, named: str | None) -> None:
        """An offer is made: before long somebody will bring the word of the Broker that was named."""
        if named is not None:
            self.directory.need(named)


def _is_path(path: str | None) -> bool:
    """Of this server, and none of a message; who listens elsewhere has no part in this player."""
    return path is None or path.startswith("/") and len(path) <= MAX_PATH and is_a("Url", "http://a" + path) and path not in PATHS


def read_item(listed: dict[str, Any], inline: bool = False) -> Item:
    """ValueError when no order could be made of it; inline: it is not fetched, whatever is listed."""
    stock = listed.get("stock")
    item = Item(listed["text"], int(listed["amount"]), listed["currency"], listed["media_type"],
                base64.b64decode(listed["data"], validate=True), bool(listed.get("content_hash")),
                None if stock is None else int(stock), None if inline else listed.get("url"))
    most = MAX_GOODS if item.path is None else MAX_FETCHED
    if not (is_a("Text", item.text) and is_a("Amount", str(item.amount)) and is_a("Currency", item.currency)
            and is_a("Word", item.media_type) and 0 < len(item.data) <= most and _is_path(item.path)):
        raise ValueError(f"the item {listed['item']} cannot be sold")
    return item
