"""The Vendor's core: the machine vendor.order (reference/generated/machines.md). Comments name its rows. Regular orders: sales.py."""

from __future__ import annotations

import base64
from typing import Any

from quickpay import asking, canonical, documents, signing, times
from quickpay.calls import Call, Caller, Outbox
from quickpay.client import authority
from quickpay.claims import Claims
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.errors import OK
from quickpay.front import Front, Pending
from quickpay.goods import Brokers, Item, read_item
from quickpay.player import Player
from quickpay.post import Post
from quickpay.registration import Registration
from quickpay.sales import Sales
from quickpay.server import Goods
from quickpay.store import Unit
from quickpay.succession import Standing, Succession
from quickpay.takebacks import TakeBacks
from quickpay.xml import Node, element, leaf

MAX_ORDERS = 50_000
_OPEN = ("CHECKING", "UNSURE", "COMMITTED")
_LISTED = {"QP-E-UNKNOWN-ORDER": "QP-E-NOT-ENDORSED", "QP-E-MISMATCH": "QP-E-MISMATCH",
           "QP-E-ENDORSEMENT-EXPIRED": "QP-E-ENDORSEMENT-EXPIRED"}

Order = dict[str, Any]


class Vendor:
    """Sells items; one machine an order."""

    def __init__(self, player: Player, settings: dict[str, Any]) -> None:
        self._player = player
        self._items = {one["item"]: read_item(one, bool(settings.get("inline"))) for one in settings.get("items", [])}
        self._caller = Caller(player)
        asking.begin(player, self._caller, settings)
        self._brokers = Brokers(player.directory, frozenset(settings.get("brokers_accepted", [])))
        self.post = Post(player, self._caller)
        self._outbox = Outbox(player, self._caller, lambda unit, order, outcome: None)
        standing = Standing(player)
        signer = signing.Signer(settings.get("signing_keys", []), standing.usable)
        self.succession = Succession(player, self._caller, signer, [], standing)
        self.claims = Claims(player, self._caller, signer) if signer else None
        self.sales = None if self.claims is None else Sales(player, self._items, self._brokers, signer, self.claims)
        self.take_backs = None if self.claims is None else TakeBacks(player, self._caller, signer, self.claims)
        policy = settings.get("policy", {})
        self.registration = Registration(player, self._caller, signer, standing, policy)
        self._receipt_from = policy.get("receipt_from")
        self._parked: dict[str, list[Pending]] = {}
        self._checks: dict[str, Call] = {}
        self._timers: dict[str, Timer] = {}
        self._count = 0
        regular = {} if self.sales is None else self.sales.served()
        self.front = Front(player, {"GetOrder": self._get_order, "RequestOrderDelivery": self._request_delivery,
                                    "Probe": self.registration.probe, **regular})

    def load(self) -> None:
        """Takes up what the store says is open; first of all who this is."""
        self.registration.load()
        for _, order in self._player.store.under("order/"):
            self._count += 1
            self._watch(order)
            if "check" in order:
                self._check(order)
        for part in (self.succession, self.claims, self.sales, self.take_backs):
            if part is not None:
                part.load()
        self._outbox.load()

    async def stop(self) -> None:
        await self._caller.stop()

    def orders(self) -> list[dict[str, Any]]:
        """What an operator may see of the orders."""
        regular = [] if self.sales is None else self.sales.orders()
        return [*(self._shown(order) for _, order in self._player.store.under("order/")), *regular]

    def _shown(self, order: Order) -> dict[str, Any]:
        shown: dict[str, Any] = {"vendor": self._player.me.player, "order": order["id"], "state": order["state"]}
        if "order" in order:
            told = from_json(order["order"])
            shown |= {"amount": int(told.get("Amount") or 0), "currency": told.get("Currency")}
        return shown

    # GetOrder

    def _get_order(self, pending: Pending) -> None:
        item = self._items.get(pending.body.get("Item") or "")
        broker = pending.body.get("Broker")
        if item is None:
            pending.refuse("QP-E-NO-ITEM")  # V1
        elif broker is not None and not self._brokers.living(broker):
            pending.refuse("QP-E-BROKER")  # V2
        elif self._count >= MAX_ORDERS:
            pending.refuse("QP-E-BUSY")
        else:
            self._offer(pending, item)  # V3

    def _offer(self, pending: Pending, item: Item) -> None:
        salt = documents.fresh_id()
        now = self._player.clock.now()
        expires = now // times.SECOND * times.SECOND + self._player.milliseconds("T_order")
        node = element(
            "Order", leaf("Kind", "micro"), leaf("Vendor", self._player.me.player),
            leaf("OrderId", documents.fresh_id()), leaf("Amount", item.amount), leaf("Currency", item.currency),
            leaf("Created", times.to_text(now)), leaf("Expires", times.to_text(expires)),
            leaf("ItemHash", canonical.item_hash(salt, item.text)), pending.body.child("BuyerTag"),
            leaf("ContentHash", canonical.content_hash(item.data)) if item.content_hash else None)
        order: Order = {"id": node.get("OrderId"), "state": "OFFERED", "item": pending.body.get("Item"),
                        "order": to_json(node)}
        unit = self._player.unit()
        self._save(unit, order)
        pending.answer(unit, OK, element("Offer", node, leaf("ItemText", item.text), leaf("Salt", salt)))
        unit.commit()
        self._count += 1
        self._brokers.meet(pending.body.get("Broker"))

    # RequestOrderDelivery

    def _request_delivery(self, pending: Pending) -> None:
        reference = pending.body.find("Endorsement/OrderRef")
        order = self._find(reference) if reference is not None else None
        if order is None:
            return pending.refuse("QP-E-UNKNOWN-ORDER")
        if order["state"] in ("EXPIRED", "ABANDONED") or self._redeliver_over(order):
            return pending.refuse("QP-E-ORDER-EXPIRED")  # V9 V30 V34
        if not self._matches(order, pending.body):
            return pending.refuse("QP-E-MISMATCH")  # V5 V10 V22 V25 V31
        same = order.get("endorsement") == to_json(_endorsement(pending))
        match order["state"], same:
            case "OFFERED", _:
                self._asked(order, pending)
            case "CHECKING", True:
                self._park(order, pending)  # V11
            case "UNSURE", True:
                self._park(order, pending)  # V23
            case ("CHECKING" | "UNSURE"), False:
                pending.refuse("QP-E-BUSY")  # V12 V24
            case _, False:
                pending.refuse("QP-E-CONFLICT")  # V26 V32
            case "COMMITTED", _ if self._receipt_missing(order):
                self._open_check(order, pending, pending.body.get("Endorsement/Broker") or "")  # V27
            case "COMMITTED", _:
                self._deliver(order, [pending])  # V28
            case _:
                self._redeliver(order, pending)  # V33

    def _find(self, reference: Node) -> Order | None:
        if reference.get("Kind") != "micro" or reference.get("Vendor") != self._player.me.player:
            return None
        found = self._player.store.get(f"order/{reference.get('OrderId')}")
        return None if found is None else dict(found)

    def _redeliver_over(self, order: Order) -> bool:
        return order["state"] == "DELIVERED" and self._player.clock.now() >= order["redeliver_until"]

    def _matches(self, order: Order, body: Node) -> bool:
        """order_matches: every field of the OrderRef, and BuyerSecret where it is given."""
        secret = body.get("BuyerSecret")
        told = from_json(order["order"])
        return (body.find("Endorsement/OrderRef") == _reference(told)
                and (secret is None or canonical.buyer_tag(secret) == told.get("BuyerTag")))

    def _asked(self, order: Order, pending: Pending) -> None:
        broker = pending.body.get("Endorsement/Broker") or ""
        if not self._brokers.known(broker):
            pending.refuse("QP-E-BROKER")  # V6
        elif not self._player.directory.endpoints(broker):
            pending.refuse("QP-E-BUSY")  # V7
        else:
            self._open_check(order, pending, broker)  # V8

    def _open_check(self, order: Order, pending: Pending, broker: str) -> None:
        endorsement = _endorsement(pending)
        msg_id = documents.fresh_id()
        document = self._player.compose(
            "CheckCommit", broker, msg_id, endorsement.child("EndorsementId"), _reference(from_json(order["order"])),
            leaf("WantReceipt", "yes") if self._wants_receipt(order) else None)
        if order["state"] == "OFFERED":
            order["redeliver_until"] = self._player.clock.now() + self._player.milliseconds("T_redeliver")
        order |= {"state": "CHECKING", "endorsement": to_json(endorsement),
                  "check": {"receiver": broker, "msg_id": msg_id, "document": document.decode("utf-8")}}
        unit = self._player.unit()
        self._save(unit, order)
        pending.park(unit)
        self._parked[order["id"]] = [pending]
        unit.then(lambda: self._check(order))
        unit.commit()

    def _park(self, order: Order, pending: Pending) -> None:
        """V11 and V23: one more Wallet waits; an answer of the Broker that nobody hurried for is hurried for now."""
        hurried = order["state"] == "UNSURE"
        unit = self._player.unit()
        if hurried:
            order["state"] = "CHECKING"
            self._save(unit, order)
        pending.park(unit)
        self._parked.setdefault(order["id"], []).append(pending)
        unit.commit()
        if hurried:
            self._caller.hurry(self._checks[order["id"]])

    def _deliver(self, order: Order, waiting: list[Pending]) -> None:
        """V15 and V28: the goods leave, and the notice with them."""
        now = self._player.clock.now()
        order |= {"state": "DELIVERED", "delivery": documents.fresh_id(), "delivered_at": times.to_text(now)}
        unit = self._player.unit()
        if self._items[order["item"]].path is not None:
            order |= {"ticket": documents.fresh_id(), "valid_to": times.to_text(order["redeliver_until"])}
            unit.put("ticket/" + order["ticket"], order["id"])
        self._save(unit, order)
        endorsement = from_json(order["endorsement"])
        self._outbox.add(unit, order["id"], "RegisterDelivery", _reference(from_json(order["order"])),
                         endorsement.child("Broker"), leaf("CommitId", order["commit"]),
                         leaf("DeliveryId", order["delivery"]), leaf("DeliveredAt", order["delivered_at"]))
        if self.claims is not None:
            self.claims.delivered(unit, _reference(from_json(order["order"])), endorsement.get("Broker") or "", order)
        for pending in waiting:
            pending.answer(unit, OK, *self._goods(order))
        unit.commit()

    def _redeliver(self, order: Order, pending: Pending) -> None:
        unit = self._player.unit()
        pending.answer(unit, OK, *self._goods(order))
        unit.commit()

    def give(self, path: str, ticket: str | None) -> Goods | int | None:
        """The goods of a delivered order for its ticket, as long as the order is delivered again; 403 for any other ticket."""
        self._player.activity.touch()
        items = {name: item for name, item in self._items.items() if item.path == path}
        if not items:
            return None
        opened = None if ticket is None else self._player.store.get("ticket/" + ticket)
        order = None if opened is None else self._player.store.get("order/" + opened)
        if order is None or order["item"] not in items or self._player.clock.now() >= times.after_last_second(order["valid_to"]):
            return 403
        return Goods(items[order["item"]].media_type, items[order["item"]].data)

    def _location(self, order: Order, path: str) -> Node:
        address, port = self._player.place or ("", 0)
        return element("Location", leaf("Url", f"http://{authority(address, port)}{path}"), leaf("Ticket", order["ticket"]),
                       leaf("ValidTo", order["valid_to"]))

    def _goods(self, order: Order) -> tuple[Node, ...]:
        item = self._items[order["item"]]
        if item.path is not None and "ticket" in order:
            return leaf("DeliveryId", order["delivery"]), leaf("DeliveredAt", order["delivered_at"]), self._location(order, item.path)
        data = base64.b64encode(item.data).decode("ascii")
        return (leaf("DeliveryId", order["delivery"]), leaf("DeliveredAt", order["delivered_at"]),
                element("Content", leaf("MediaType", item.media_type), leaf("Data", data)))

    # CheckCommit

    def _check(self, order: Order) -> None:
        """Sends the stored CheckCommit."""
        key = order["id"]
        saved = order["check"]
        call = Call("CheckCommit", saved["receiver"], saved["msg_id"], saved["document"], self._checked,
                    lambda: self._player.milliseconds("T_call_check" if self._parked.get(key) else "T_call"))
        call.extra = {"order": key}
        call.keep = self._keep_check
        self._checks[key] = call
        self._caller.start(call)

    def _keep_check(self, unit: Unit, call: Call) -> None:
        """A CheckCommit that was written anew takes the place of the one before."""
        order = dict(self._player.store.get("order/" + call.extra["order"]))
        check = {"receiver": call.receiver, "msg_id": call.msg_id, "document": call.document}
        unit.put("order/" + order["id"], {**order, "check": check})

    def _checked(self, call: Call, outcome: Outcome) -> None:
        order = dict(self._player.store.get("order/" + call.extra["order"]))
        if order["state"] not in ("CHECKING", "UNSURE"):
            return
        if outcome.kind == "ok":
            self._committed(order, outcome)
        elif outcome.code in _LISTED:
            self._not_committed(order, _LISTED[outcome.code])  # V16 V17 V18
        elif outcome.kind in ("no", "new"):
            self._not_committed(order, "QP-E-BROKER-UNREACHABLE")  # V19
        else:
            self._unsure(order, call, outcome)

    def _committed(self, order: Order, outcome: Outcome) -> None:
        settle_by = outcome.get("SettleBy") or ""
        order |= {"state": "COMMITTED", "commit": outcome.get("CommitId"), "settle_by": settle_by,
                  "lasts": times.lasts(outcome.get("CommittedAt") or "", settle_by)}
        receipt = outcome.find("HostReceipt")
        if receipt is not None and self._receipt_right(order, receipt):
            order["receipt"] = to_json(receipt)
        order.pop("check")
        self._checks.pop(order["id"])
        missing = self._receipt_missing(order)
        if self._parked.get(order["id"]) and not missing:
            return self._deliver(order, self._parked.pop(order["id"]))  # V15
        unit = self._player.unit()
        self._save(unit, order)  # V14
        if missing:
            self._answer_parked(unit, order, "QP-E-BROKER-UNREACHABLE")  # V13
        unit.commit()

    def _wants_receipt(self, order: Order) -> bool:
        """Whether the owner wants the Host's receipt for an order of this size."""
        least = self._receipt_from
        amount = int(from_json(order["order"]).get("Amount") or 0)
        return self._player.me.profile == "H" and least is not None and amount >= int(least)

    def _receipt_missing(self, order: Order) -> bool:
        return self._wants_receipt(order) and "receipt" not in order

    def _receipt_right(self, order: Order, receipt: Node) -> bool:
        """Whether it is the Host's word on exactly this order and commitment."""
        me, told = self._player.me, from_json(order["order"])
        expected = {"Host": me.host, "Vendor": me.player, "Broker": from_json(order["endorsement"]).get("Broker"),
                    "OrderId": order["id"], "Digest": canonical.order_digest(told), "CommitId": order["commit"],
                    "SettleBy": order["settle_by"]}
        if any(receipt.get(name) != value for name, value in expected.items()):
            return False
        mac = receipt.child("Mac")
        key = self._player.keys.believed(me.host, mac, self._player.clock.now())
        return key is not None and key.made(mac, "host-receipt", element("HostReceipt", *receipt.children[:-1]))

    def _not_committed(self, order: Order, code: str) -> None:
        """V16 to V19: the endorsement is dropped, and the order is on offer again until it expires."""
        for name in ("check", "endorsement", "redeliver_until"):
            order.pop(name)
        order["state"] = "OFFERED"
        self._checks.pop(order["id"])
        unit = self._player.unit()
        self._save(unit, order)
        self._answer_parked(unit, order, code)
        unit.commit()

    def _unsure(self, order: Order, call: Call, outcome: Outcome) -> None:
        if order["state"] == "CHECKING":
            order["state"] = "UNSURE"
            unit = self._player.unit()
            self._save(unit, order)
            self._answer_parked(unit, order, "QP-E-BROKER-UNREACHABLE")  # V20
            unit.commit()
        self._caller.retry(call, int(outcome.get("Status/After") or 0))  # V20 V21

    def _answer_parked(self, unit: Unit, order: Order, code: str) -> None:
        for pending in self._parked.pop(order["id"], []):
            pending.answer(unit, code)

    # timers and the store

    def _save(self, unit: Unit, order: Order) -> None:
        unit.put("order/" + order["id"], order)
        unit.then(lambda: self._watch(order))

    def _watch(self, order: Order) -> None:
        """Keeps the one timer that an order has in its state."""
        key = order["id"]
        self._player.clock.cancel(self._timers.pop(key, None))
        if order["state"] == "OFFERED":
            due = times.after_last_second(from_json(order["order"]).get("Expires") or "")
            self._timers[key] = self._player.clock.at(due, lambda: self._expired(key))
        elif order["state"] in _OPEN:
            self._timers[key] = self._player.clock.at(order["redeliver_until"], lambda: self._abandoned(key))

    def _expired(self, key: str) -> None:
        """V4: only the OrderId is left, so that it is never used again."""
        unit = self._player.unit()
        unit.put("order/" + key, {"id": key, "state": "EXPIRED"})
        unit.commit()

    def _abandoned(self, key: str) -> None:
        """V29: given up; never delivered, never claimed."""
        order = dict(self._player.store.get("order/" + key))
        self._caller.drop(self._checks.pop(key, None))
        order["state"] = "ABANDONED"
        order.pop("check", None)
        unit = self._player.unit()
        self._save(unit, order)
        self._answer_parked(unit, order, "QP-E-BROKER-UNREACHABLE")
        unit.commit()


def _endorsement(pending: Pending) -> Node:
    node = pending.body.child("Endorsement")
    assert node is not None
    return node


def _reference(order: Node) -> Node:
    """The OrderRef of the Vendor's own copy of an order."""
    names = ("Kind", "Vendor", "OrderId", "Amount", "Currency", "Expires")
    return element("OrderRef", *(order.child(name) for name in names), leaf("Digest", canonical.order_digest(order)))
