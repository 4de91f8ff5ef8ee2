"""What a Wallet checks in offers, endorsements and locations (the sender rules of reference/generated/messages.md)."""

from __future__ import annotations

import urllib.parse
from typing import Callable

from quickpay import canonical, times
from quickpay.xml import Node

LONGEST_S = 24 * 3600


def wrong_offer(offer: Node, kind: str, vendor: str, tag: str, currencies: frozenset[str],
                seen: Callable[[str], bool]) -> str | None:
    """What is wrong with an offer but its signature, in a word for the user, or None."""
    order = offer.children[0]
    told = {leaf.name: leaf.text for leaf in order.children}
    lasts = times.seconds_between(told["Created"], told["Expires"])
    checks = (
        (told["Kind"] != kind, "kind"),
        (told["BuyerTag"] != tag, "tag"),
        (told["Vendor"] != vendor, "vendor"),
        (told["ItemHash"] != canonical.item_hash(offer.get("Salt") or "", offer.get("ItemText") or ""), "item-hash"),
        (not 0 < lasts <= LONGEST_S, "validity"),
        (told["Currency"] not in currencies, "currency"),
        (seen(told["OrderId"]), "order-id"),
    )
    return next((word for wrong, word in checks if wrong), None)


def reference(order: Node) -> Node:
    """The OrderRef of an order as it was shown."""
    names = ("Kind", "Vendor", "OrderId", "Amount", "Currency", "Expires")
    chosen = tuple(c for name in names if (c := order.child(name)) is not None)
    return Node("OrderRef", "", chosen + (Node("Digest", canonical.order_digest(order)),))


def wrong_promise(promise: Node, broker: str, asked: Node) -> str | None:
    """What an Endorsement or a Commitment names that was not asked for."""
    if promise.get("Broker") != broker:
        return "broker"
    return None if promise.child("OrderRef") == asked else "order"


def location_target(url: str, endpoints: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], str] | None:
    """The endpoint and the request target of a Location, or None when it is not at an endpoint of the Vendor."""
    parts = urllib.parse.urlsplit(url)
    try:
        place = (parts.hostname or "", parts.port or 80)
    except ValueError:
        return None
    if parts.scheme != "http" or place not in endpoints:
        return None
    target = parts.path or "/"
    return place, f"{target}?{parts.query}" if parts.query else target
