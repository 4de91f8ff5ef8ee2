"""The Wallet's core: the machine wallet.order (reference/generated/machines.md). Comments name its rows."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from typing import Any

from quickpay import canonical, documents, offers, times
from quickpay.calls import Call, Caller, Outbox
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.player import Player, Refused
from quickpay.post import Post
from quickpay.store import Unit
from quickpay.xml import Node, leaf

MAX_PURCHASES = 20_000
_REPICK = ("QP-E-FUNDS", "QP-E-DECLINED", "QP-E-PAYCARD")
_ENDED = ("UNDELIVERED", "RECEIVED", "DECLINED", "FAILED", "DONE")

Purchase = dict[str, Any]


class Wallet:
    """Buys items; one machine an order. A purchase has a reference of its own, as its OrderId comes later."""

    def __init__(self, player: Player, settings: dict[str, Any]) -> None:
        self._player = player
        self._paycards = {one["paycard"]: one for one in settings.get("paycards", [])}
        self._caller = Caller(player)
        self.post = Post(player, self._caller)
        self._outbox = Outbox(player, self._caller, self._registered)
        self._calls: dict[str, Call] = {}
        self._timers: dict[tuple[str, str], Timer] = {}
        self._changed = asyncio.Event()
        self._count = 0

    def load(self) -> None:
        """Takes up what the store says is open."""
        for ref, purchase in self._purchases():
            self._count += 1
            for name, due in purchase["timers"].items():
                self._arm(ref, name, due)
            if "call" in purchase:
                self._resume(ref, purchase["call"])
        if self._player.store.get("active") is None:
            unit = self._player.unit()
            unit.put("active", [name for name, one in self._paycards.items() if one.get("active")])
            unit.commit()
        self._outbox.load()

    async def stop(self) -> None:
        await self._caller.stop()

    # what people see

    def _purchases(self) -> list[tuple[str, Purchase]]:
        return [(key.removeprefix("purchase/"), value) for key, value in self._player.store.under("purchase/")]

    def orders(self) -> list[dict[str, Any]]:
        return [_shown(purchase) for _, purchase in self._purchases() if purchase["state"] != "NONE"]

    def goods(self) -> list[dict[str, Any]]:
        shown = []
        for _, purchase in self._purchases():
            if "goods" in purchase:
                data = base64.b64decode(purchase["goods"])
                shown.append({"vendor": purchase["vendor"], "order": _order_id(purchase),
                              "sha256": hashlib.sha256(data).hexdigest()})
        return shown

    def status(self, ref: str) -> dict[str, Any]:
        """Where a purchase stands; ``digest`` names the order that is shown."""
        purchase = self._get(ref)
        shown = _shown(purchase)
        shown["told"] = purchase.get("told")
        shown["why"] = purchase.get("why")
        shown["goods"] = purchase.get("goods")
        shown["ended"] = purchase["state"] in (*_ENDED, "NONE")
        if purchase["state"] == "OFFERED":
            shown["digest"] = canonical.order_digest(from_json(purchase["order"]))
        return shown

    async def wait(self, ref: str, milliseconds: int) -> dict[str, Any]:
        """The status when the purchase has ended or asks the user, at the latest after a real while."""
        try:
            async with asyncio.timeout(milliseconds / 1000):
                while not ((shown := self.status(ref))["ended"] or shown["state"] == "OFFERED"):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        return self.status(ref)

    # what the user does

    def open_link(self, vendor: str, item: str) -> str:
        if self._count >= MAX_PURCHASES:
            raise Refused("too many purchases")
        self._count += 1
        ref = f"{self._count}"
        purchase: Purchase = {"vendor": vendor, "item": item, "state": "NONE", "timers": {}}
        unit = self._player.unit()
        if self._player.directory.get(vendor, "vendor") is None:
            purchase |= {"told": "vendor-unknown"}  # W2
        else:
            secret = documents.fresh_id()
            purchase |= {"state": "ASKED", "secret": secret, "tag": canonical.buyer_tag(secret)}  # W1
            self._send(unit, ref, purchase, "GetOrder", vendor, leaf("Kind", "micro"), leaf("Item", item),
                       leaf("BuyerTag", purchase["tag"]))
            self._start(unit, ref, purchase, "T_ask")
        self._save(unit, ref, purchase)
        return ref

    def confirm(self, ref: str, digest: str) -> None:
        purchase = self._in(ref, "OFFERED")
        order = from_json(purchase["order"])
        paycard = self._active()
        unit = self._player.unit()
        if digest != canonical.order_digest(order) or paycard is None:
            purchase |= {"told": "cannot-pay", "why": "digest" if paycard else "paycard"}  # W11
        else:
            purchase |= {"confirmed": digest, "paycard": paycard["paycard"]}  # W10
            self._inquire(unit, ref, purchase)
        self._save(unit, ref, purchase)

    def decline(self, ref: str) -> None:
        purchase = self._in(ref, "OFFERED")
        self._end(ref, purchase, "DECLINED", None, "declined")  # W8

    def cancel(self, ref: str) -> None:
        purchase = self._in(ref, "ASKED")
        self._end(ref, purchase, "FAILED", "cancelled", "cancelled")  # W7

    def try_again(self, ref: str) -> None:
        purchase = self._in(ref, "UNDELIVERED")
        self._fetch_delivery(ref, purchase)  # W29

    def activate(self, paycard: str) -> None:
        if paycard not in self._paycards:
            raise Refused("no such paycard")
        unit = self._player.unit()
        unit.put("active", [paycard])
        unit.commit()

    # GetOrder

    def _got_offer(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        if outcome.kind != "ok":
            return self._end(ref, purchase, "FAILED", "refused", outcome.code)  # W5
        offer = outcome.find("Offer")
        assert offer is not None
        order = offer.children[0]
        seen = f"seen/{purchase['vendor']}/{order.get('OrderId')}"
        wrong = offers.wrong_offer(offer, purchase["vendor"], purchase["tag"], self._player.currencies,
                                   lambda _: self._player.store.get(seen) is not None)
        unit = self._player.unit()
        unit.put(seen, 1)
        if wrong is not None:
            unit.commit()
            return self._end(ref, purchase, "FAILED", "offer-wrong", "offer " + wrong)  # W4
        purchase |= {"state": "OFFERED", "order": to_json(order), "vendor_state": outcome.get("VendorState"),
                     "text": offer.get("ItemText"),
                     "name": self._name(purchase["vendor"]) or outcome.get("VendorName")}
        self._stop(unit, ref, purchase, "T_ask")
        self._start(unit, ref, purchase, "T_valid")
        self._save(unit, ref, purchase)  # W3

    def _name(self, vendor: str) -> str | None:
        entry = self._player.directory.get(vendor, "vendor")
        return None if entry is None else entry.name

    # InquiryPayment

    def _active(self) -> dict[str, Any] | None:
        """The one active Paycard, if there is exactly one."""
        active = self._player.store.get("active") or []
        return self._paycards.get(active[0]) if len(active) == 1 else None

    def _inquire(self, unit: Unit, ref: str, purchase: Purchase) -> None:
        paycard = self._paycards[purchase["paycard"]]
        reference = offers.reference(from_json(purchase["order"]))
        msg_id = documents.fresh_id()
        token = canonical.paycard_token(bytes.fromhex(paycard["secret"]), self._player.me.player, paycard["paycard"],
                                        msg_id, reference)
        purchase |= {"state": "INQUIRING", "broker": paycard["broker"], "told": None, "why": None}
        self._send(unit, ref, purchase, "InquiryPayment", paycard["broker"], leaf("Paycard", paycard["paycard"]),
                   reference, leaf("PaycardToken", token), msg_id=msg_id)

    def _answer_right(self, ref: str, msg_id: str, outcome: Outcome) -> bool:
        """In profile H an endorsement counts only with what the Paycard computes for it."""
        endorsement = outcome.find("Endorsement")
        if self._player.me.profile != "H" or endorsement is None:
            return True
        secret = bytes.fromhex(self._paycards[self._get(ref)["paycard"]]["secret"])
        return hmac.compare_digest(canonical.paycard_answer(secret, msg_id, endorsement),
                                   outcome.get("PaycardAnswer") or "")

    def _inquired(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        if outcome.code in _REPICK:
            unit = self._player.unit()
            purchase |= {"state": "OFFERED", "told": "choose-paycard", "why": outcome.code}
            return self._save(unit, ref, purchase)  # W14
        if outcome.kind != "ok":
            return self._end(ref, purchase, "FAILED", "refused", outcome.code)  # W15
        endorsement = outcome.find("Endorsement")
        assert endorsement is not None
        asked = offers.reference(from_json(purchase["order"]))
        wrong = offers.wrong_endorsement(endorsement, purchase["broker"], asked)
        if wrong is not None:
            return self._end(ref, purchase, "FAILED", "endorsement-wrong", "endorsement " + wrong)  # W13
        purchase["endorsement"] = to_json(endorsement)
        self._fetch_delivery(ref, purchase)  # W12

    # RequestOrderDelivery

    def _fetch_delivery(self, ref: str, purchase: Purchase) -> None:
        purchase |= {"state": "ENDORSED", "told": None, "why": None}
        unit = self._player.unit()
        state = purchase.get("vendor_state")
        self._send(unit, ref, purchase, "RequestOrderDelivery", purchase["vendor"],
                   from_json(purchase["endorsement"]), leaf("BuyerSecret", purchase["secret"]),
                   None if state is None else leaf("VendorState", state))
        self._start(unit, ref, purchase, "T_redeliver")
        self._save(unit, ref, purchase)

    def _delivered(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        if outcome.code == "QP-E-ENDORSEMENT-EXPIRED":
            return self._lapsed(ref, purchase)
        if outcome.kind != "ok":
            return self._undelivered(ref, purchase, "refused", outcome.code)  # W23
        purchase["delivery"] = outcome.get("DeliveryId")
        data = outcome.get("Content/Data")
        if data is not None:
            return self._examine(ref, purchase, data)
        target = offers.location_target(outcome.get("Location/Url") or "",
                                        self._player.directory.endpoints(purchase["vendor"]))
        if target is None:
            return self._undelivered(ref, purchase, "location-wrong", "location")  # W20
        (address, port), path = target
        saved = {"message": "fetch", "receiver": purchase["vendor"], "msg_id": "", "document": "",
                 "extra": {"place": [address, port], "target": path, "ticket": outcome.get("Location/Ticket")}}
        purchase |= {"state": "FETCHING", "call": saved}  # W19
        unit = self._player.unit()
        unit.then(lambda: self._resume(ref, saved))
        self._save(unit, ref, purchase)

    def _lapsed(self, ref: str, purchase: Purchase) -> None:
        """W21 and W22: the order stays with its Paycard, which has to be the active one still."""
        paycard = self._active()
        if "T_valid" not in purchase["timers"] or paycard is None or paycard["paycard"] != purchase["paycard"]:
            return self._end(ref, purchase, "FAILED", "refused", "QP-E-ENDORSEMENT-EXPIRED")
        unit = self._player.unit()
        self._stop(unit, ref, purchase, "T_redeliver")
        self._inquire(unit, ref, purchase)
        self._save(unit, ref, purchase)

    def _examine(self, ref: str, purchase: Purchase, data: str) -> None:
        """W17, W18, W25 and W26: goods that came are what was ordered, or evidence."""
        wanted = from_json(purchase["order"]).get("ContentHash")
        if wanted is not None and canonical.content_hash(base64.b64decode(data)) != wanted:
            purchase["evidence"] = data
            return self._undelivered(ref, purchase, "goods-wrong", "goods")
        purchase |= {"state": "RECEIVED", "goods": data}
        unit = self._player.unit()
        for timer in ("T_redeliver", "T_valid"):
            self._stop(unit, ref, purchase, timer)
        self._notice(unit, ref, purchase, "received")
        self._start(unit, ref, purchase, "T_settle")
        self._save(unit, ref, purchase)

    def _undelivered(self, ref: str, purchase: Purchase, told: str, why: str) -> None:
        """W18, W20, W23, W24, W26 and W28."""
        purchase |= {"state": "UNDELIVERED", "told": told, "why": why}
        unit = self._player.unit()
        self._stop(unit, ref, purchase, "T_redeliver")
        self._notice(unit, ref, purchase, "not-received")
        self._save(unit, ref, purchase)

    def _notice(self, unit: Unit, ref: str, purchase: Purchase, word: str) -> None:
        endorsement = from_json(purchase["endorsement"])
        delivery = purchase.get("delivery")
        self._outbox.add(unit, ref, "RegisterOrder", endorsement.child("OrderRef"), endorsement.child("Broker"),
                         endorsement.child("EndorsementId"), None if delivery is None else leaf("DeliveryId", delivery),
                         leaf("ReceivedAt", times.to_text(self._player.clock.now())), leaf("Outcome", word))

    def _registered(self, unit: Unit, ref: str, outcome: Outcome) -> None:
        purchase = self._get(ref)
        if purchase["state"] == "RECEIVED" and not self._outbox.waiting(ref):
            self._put_end(unit, ref, purchase, "DONE", purchase.get("told"), "")  # W30

    # timers

    def _start(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        now = self._player.clock.now()
        if name == "T_valid":
            order = from_json(purchase["order"])
            due = now + 1000 * times.seconds_between(order.get("Created") or "", order.get("Expires") or "")
        else:
            due = now + self._player.milliseconds(name)
        purchase["timers"] = {**purchase["timers"], name: due}
        unit.then(lambda: self._arm(ref, name, due))

    def _stop(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        purchase["timers"] = {key: due for key, due in purchase["timers"].items() if key != name}
        unit.then(lambda: self._player.clock.cancel(self._timers.pop((ref, name), None)))

    def _arm(self, ref: str, name: str, due: int) -> None:
        self._player.clock.cancel(self._timers.get((ref, name)))
        self._timers[ref, name] = self._player.clock.at(due, lambda: self._over(ref, name))

    def _over(self, ref: str, name: str) -> None:
        """A timer has run out; in a state without a row for it only that is noted."""
        purchase = self._get(ref)
        unit = self._player.unit()
        self._stop(unit, ref, purchase, name)
        match name, purchase["state"]:
            case "T_ask", "ASKED":
                self._end(ref, purchase, "FAILED", "no-answer", "no-answer")  # W6
            case "T_valid", "OFFERED":
                self._end(ref, purchase, "DECLINED", "offer-expired", "offer-expired")  # W9
            case "T_valid", "INQUIRING":
                self._end(ref, purchase, "FAILED", "offer-expired", "offer-expired")  # W16
            case "T_redeliver", ("ENDORSED" | "FETCHING"):
                self._drop(ref, purchase)
                self._undelivered(ref, purchase, "no-answer", "no-answer")  # W24 W28
            case "T_settle", "RECEIVED":
                self._outbox.clear(unit, ref)
                self._put_end(unit, ref, purchase, "DONE", purchase.get("told"), "")  # W32
                unit.commit()
            case _:
                self._save(unit, ref, purchase)

    # calls and the store

    def _send(self, unit: Unit, ref: str, purchase: Purchase, message: str, receiver: str, *fields: Node | None,
              msg_id: str | None = None) -> None:
        msg_id = msg_id or documents.fresh_id()
        document = self._player.compose(message, receiver, msg_id, *fields)
        saved = {"message": message, "receiver": receiver, "msg_id": msg_id, "document": document.decode("utf-8")}
        purchase["call"] = saved
        unit.then(lambda: self._resume(ref, saved))

    def _resume(self, ref: str, saved: dict[str, Any]) -> None:
        call = Call(saved["message"], saved["receiver"], saved["msg_id"], saved["document"], self._done,
                    lambda: self._player.milliseconds("T_call"))
        call.extra = {**saved.get("extra", {}), "ref": ref}
        if saved["message"] == "InquiryPayment":
            call.believes = lambda outcome: self._answer_right(ref, call.msg_id, outcome)
        self._calls[ref] = call
        self._caller.start(call)

    def _done(self, call: Call, outcome: Outcome) -> None:
        """An attempt has ended: unsure ones are repeated, the others are events of the machine."""
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        ref = call.extra["ref"]
        purchase = self._get(ref)
        purchase.pop("call", None)
        self._calls.pop(ref, None)
        match call.message:
            case "GetOrder":
                self._got_offer(ref, purchase, outcome)
            case "InquiryPayment":
                self._inquired(ref, purchase, outcome)
            case "RequestOrderDelivery":
                self._delivered(ref, purchase, outcome)
            case "fetch":
                self._examine(ref, purchase, base64.b64encode(call.extra["goods"]).decode("ascii"))

    def _drop(self, ref: str, purchase: Purchase) -> None:
        purchase.pop("call", None)
        self._caller.drop(self._calls.pop(ref, None))

    def _end(self, ref: str, purchase: Purchase, state: str, told: str | None, why: str) -> None:
        """A terminal state: no call, no timer."""
        unit = self._player.unit()
        self._put_end(unit, ref, purchase, state, told, why)
        unit.commit()

    def _put_end(self, unit: Unit, ref: str, purchase: Purchase, state: str, told: str | None, why: str) -> None:
        self._drop(ref, purchase)
        for name in list(purchase["timers"]):
            self._stop(unit, ref, purchase, name)
        purchase |= {"state": state, "told": told, "why": why}
        self._put(unit, ref, purchase)

    def _get(self, ref: str) -> Purchase:
        found = self._player.store.get("purchase/" + ref)
        if found is None:
            raise Refused("no such purchase")
        return dict(found)

    def _in(self, ref: str, state: str) -> Purchase:
        purchase = self._get(ref)
        if purchase["state"] != state:
            raise Refused(f"the purchase is in {purchase['state']}")
        return purchase

    def _save(self, unit: Unit, ref: str, purchase: Purchase) -> None:
        self._put(unit, ref, purchase)
        unit.commit()

    def _put(self, unit: Unit, ref: str, purchase: Purchase) -> None:
        unit.put("purchase/" + ref, purchase)
        unit.then(self._changed.set)


def _order_id(purchase: Purchase) -> str:
    return (from_json(purchase["order"]).get("OrderId") or "") if "order" in purchase else ""


def _shown(purchase: Purchase) -> dict[str, Any]:
    shown: dict[str, Any] = {"vendor": purchase["vendor"], "order": _order_id(purchase), "state": purchase["state"]}
    if "order" in purchase:
        order = from_json(purchase["order"])
        shown |= {"amount": int(order.get("Amount") or 0), "currency": order.get("Currency")}
    return shown
