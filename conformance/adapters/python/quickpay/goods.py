"""What a Vendor sells, and whose money it takes, as the shop keeper wrote it down."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from quickpay.player import Directory, Entry
from quickpay.types import is_a

MAX_GOODS = 36 * 1024


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


@dataclass(frozen=True, slots=True)
class Brokers:
    """The Brokers that a Vendor accepts."""

    directory: Directory
    accepted: frozenset[str]

    def known(self, broker: str) -> bool:
        """Known, accepted and not suspended. That it was removed since is no reason to refuse an order that was offered."""
        entry = self._entry(broker)
        return entry is not None and entry.state != "suspended"

    def living(self, broker: str) -> bool:
        """Accepted for orders that begin now."""
        entry = self._entry(broker)
        return entry is not None and entry.state == "live"

    def _entry(self, broker: str) -> Entry | None:
        entry = self.directory.issued(broker) if broker in self.accepted else None
        return entry if entry is not None and entry.role == "broker" else None


def read_item(listed: dict[str, Any]) -> Item:
    """ValueError when no order could be made of it."""
    stock = listed.get("stock")
    item = Item(listed["text"], int(listed["amount"]), listed["currency"], listed["media_type"],
                base64.b64decode(listed["data"], validate=True), bool(listed.get("content_hash")),
                None if stock is None else int(stock))
    if not (is_a("Text", item.text) and is_a("Amount", str(item.amount)) and is_a("Currency", item.currency)
            and is_a("Word", item.media_type) and 0 < len(item.data) <= MAX_GOODS):
        raise ValueError(f"the item {listed['item']} cannot be sold")
    return item
