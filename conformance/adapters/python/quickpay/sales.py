"""The Vendor's part in regular payment: the machine vendor.sale (reference/generated/machines.md). Comments name its rows."""

from __future__ import annotations

from typing import Any, Callable, Mapping

from quickpay import canonical, documents, money, offers, proofs, signing, times
from quickpay.claims import Claims
from quickpay.clock import Timer
from quickpay.documents import from_json, to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.goods import Brokers, Item
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

MAX_SALES = 50_000
MAX_AMOUNT = 10 ** 15 - 1
MAX_TEXT = 1024

Sale = dict[str, Any]


class Sales:
    """Sells by signed offers, accepts on signed commitments; one machine an order."""

    def __init__(self, player: Player, items: Mapping[str, Item], brokers: Brokers, signer: signing.Signer, claims: Claims) -> None:
        self._player, self._items, self._brokers = player, items, brokers
        self._signer, self._claims = signer, claims
        self._timers: dict[str, Timer] = {}
        self._count = 0

    def load(self) -> None:
        """Takes up what the store says is open."""
        for _, sale in self._player.store.under("sale/"):
            self._count += 1
            self._watch(sale)

    def orders(self) -> list[dict[str, Any]]:
        """What an operator may see."""
        return [{"vendor": self._player.me.player, "order": sale["id"], "state": sale["state"],
                 "amount": money.number(order := from_json(sale["order"]), "Amount"), "currency": order.get("Currency")}
                for _, sale in self._player.store.under("sale/")]

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"regular/GetOrder": self._get_order, "regular/RequestOrderDelivery": self._request}

    # GetOrder

    def _get_order(self, pending: Pending) -> None:
        body = pending.body
        item, pieces = self._items.get(body.get("Item") or ""), int(body.get("Quantity") or 1)
        broker = body.get("Broker")
        if item is None or not _can_be_spelt(item, pieces):
            return pending.refuse("QP-E-NO-ITEM")  # A1
        if broker is not None and not self._brokers.living(broker):
            return pending.refuse("QP-E-BROKER")  # A2
        if self._count >= MAX_SALES:
            return pending.refuse("QP-E-BUSY")
        try:
            self._offer(pending, item, pieces)  # A3
        except signing.NoKey:
            pending.refuse("QP-E-INTERNAL")

    def _offer(self, pending: Pending, item: Item, pieces: int) -> None:
        order, text, salt = self._order(item, pieces, _tag(pending))
        now = self._player.clock.now()
        offer = self._signer.sign("vendor-order", element("Offer", order, leaf("ItemText", text), leaf("Salt", salt)), now)
        sale: Sale = {"id": order.get("OrderId"), "state": "OFFERED", "item": pending.body.get("Item"), "pieces": pieces,
                      "order": to_json(order)}
        unit = self._player.unit()
        self._save(unit, sale)
        pending.answer(unit, OK, offer)
        unit.commit()
        self._count += 1
        self._brokers.meet(pending.body.get("Broker"))

    def _order(self, item: Item, pieces: int, tag: Node) -> tuple[Node, str, str]:
        """The order with the text and the salt that its ItemHash covers. Nothing is delivered, so it has no ContentHash."""
        salt, text = documents.fresh_id(), _text(item, pieces)
        now = self._player.clock.now()
        expires = now // times.SECOND * times.SECOND + self._player.milliseconds("T_order")
        order = element(
            "Order", leaf("Kind", "regular"), leaf("Vendor", self._player.me.player), leaf("OrderId", documents.fresh_id()),
            leaf("Amount", item.amount * pieces), leaf("Currency", item.currency), leaf("Created", times.to_text(now)),
            leaf("Expires", times.to_text(expires)), leaf("ItemHash", canonical.item_hash(salt, text)), tag)
        return order, text, salt

    # RequestOrderDelivery

    def _request(self, pending: Pending) -> None:
        promised = pending.body.child("Commitment")
        assert promised is not None
        sale = self._find(promised)
        if sale is None:
            return pending.refuse("QP-E-UNKNOWN-ORDER")
        if not _matches(sale, pending.body):
            return pending.refuse("QP-E-MISMATCH")  # A5 A13 A20
        if sale["state"] == "ACCEPTED":
            return self._accepted_before(sale, promised, pending)
        code = self._unacceptable(promised)  # A6 to A10, A14 to A18
        if code is not None:
            return pending.refuse(code)
        if sale["state"] == "EXPIRED":
            return pending.refuse("QP-E-ORDER-EXPIRED")  # A19
        if self._left(sale) < sale["pieces"]:
            return self._sold_out(sale, pending)  # A11
        try:
            self._accept(sale, promised, pending)  # A12
        except signing.NoKey:
            pending.refuse("QP-E-INTERNAL")

    def _find(self, promised: Node) -> Sale | None:
        if promised.get("OrderRef/Vendor") != self._player.me.player:
            return None
        found = self._player.store.get(f"sale/{promised.get('OrderRef/OrderId')}")
        return None if found is None else dict(found)

    def _accepted_before(self, sale: Sale, promised: Node, pending: Pending) -> None:
        if sale["commitment"] != to_json(promised):
            return pending.refuse("QP-E-CONFLICT")  # A21
        unit = self._player.unit()
        pending.answer(unit, OK, from_json(sale["receipt"]))  # A22
        unit.commit()

    def _unacceptable(self, promised: Node) -> str | None:
        """A list is always at hand, and nothing is put off for it (A7 A15)."""
        broker = promised.get("Broker") or ""
        if not self._brokers.known(broker):
            return "QP-E-BROKER"
        if not self._brokers.directory.at_hand(broker):
            return "QP-E-BUSY"
        code = self._player.unbelievable([proofs.commitment(promised, broker)])
        if code is not None:
            return code
        return "QP-E-SETTLE-EXPIRED" if self._player.clock.now() >= proofs.claim_by(promised) else None

    def _left(self, sale: Sale) -> int:
        """Pieces of its item that are not set apart yet."""
        item = self._items.get(sale["item"])
        if item is None:
            return 0
        return sale["pieces"] if item.stock is None else item.stock - self._sold(sale)

    def _sold(self, sale: Sale) -> int:
        return int(self._player.store.get(f"sold/{sale['item']}") or 0)

    def _sold_out(self, sale: Sale, pending: Pending) -> None:
        unit = self._player.unit()
        self._save(unit, {**sale, "state": "EXPIRED"})
        pending.answer(unit, "QP-E-NO-ITEM")
        unit.commit()

    def _accept(self, sale: Sale, promised: Node, pending: Pending) -> None:
        """The pieces, the receipt and the claim are one unit."""
        now = self._player.clock.now()
        receipt = self._signer.sign("vendor-receipt", element(
            "Receipt", leaf("Vendor", self._player.me.player), promised.child("Broker"), leaf("OrderId", sale["id"]),
            promised.find("OrderRef/Digest"), promised.child("CommitId"), leaf("AcceptedAt", times.to_text(now))), now)
        unit = self._player.unit()
        unit.put(f"sold/{sale['item']}", self._sold(sale) + sale["pieces"])
        self._save(unit, {**sale, "state": "ACCEPTED", "commitment": to_json(promised), "receipt": to_json(receipt)})
        self._claims.accepted(unit, promised)
        pending.answer(unit, OK, receipt)
        unit.commit()

    # the timer and the store

    def _save(self, unit: Unit, sale: Sale) -> None:
        unit.put(f"sale/{sale['id']}", sale)
        unit.then(lambda: self._watch(sale))

    def _watch(self, sale: Sale) -> None:
        """Keeps Expires of an order that is on offer."""
        key = sale["id"]
        self._player.clock.cancel(self._timers.pop(key, None))
        if sale["state"] == "OFFERED":
            due = times.after_last_second(from_json(sale["order"]).get("Expires") or "")
            self._timers[key] = self._player.clock.at(due, lambda: self._expired(key))

    def _expired(self, key: str) -> None:
        """A4: the order is kept, since what is brought for it is refused in the same order as before."""
        unit = self._player.unit()
        unit.put(f"sale/{key}", {**self._player.store.get(f"sale/{key}"), "state": "EXPIRED"})
        unit.commit()


def _tag(pending: Pending) -> Node:
    tag = pending.body.child("BuyerTag")
    assert tag is not None
    return tag


def _text(item: Item, pieces: int) -> str:
    """Says how many there are where it is more than one."""
    return item.text if pieces == 1 else f"{pieces} x {item.text}"


def _can_be_spelt(item: Item, pieces: int) -> bool:
    """Whether an order has room for the amount of so many and for a text that says so; nothing is cut off."""
    return item.amount * pieces <= MAX_AMOUNT and len(_text(item, pieces).encode("utf-8")) <= MAX_TEXT


def _matches(sale: Sale, body: Node) -> bool:
    """order_matches: every field of the OrderRef, and BuyerSecret."""
    order = from_json(sale["order"])
    return (body.find("Commitment/OrderRef") == offers.reference(order)
            and canonical.buyer_tag(body.get("BuyerSecret") or "") == order.get("BuyerTag"))
