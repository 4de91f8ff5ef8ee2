"""What a Wallet does for every purchase, whatever its kind: the user's part, calls, timers, the store.

The rows W… are those of wallet.order, the rows P… those of wallet.purchase (reference/generated/machines.md).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import sys
from typing import Any

from quickpay import asking, canonical, documents, links, offers, signing, times
from quickpay.adding import PREFIX, Adding
from quickpay.calls import Call, Caller, Outbox
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.membership import WalletMembership
from quickpay.player import Player, Refused
from quickpay.post import Post
from quickpay.store import Unit
from quickpay.succession import Standing, Succession
from quickpay.tables import root_of
from quickpay.xml import Node, leaf

MAX_PURCHASES = 20_000
#: No state of the machines: the Host is asked who the Vendor is, and no machine begins before that is over. Also the timer that ends it.
WAITING = "waiting"
_REPICK = ("QP-E-FUNDS", "QP-E-DECLINED", "QP-E-PAYCARD")
_ENDED = ("NONE", "UNDELIVERED", "RECEIVED", "REFUSED", "ACCEPTED", "DECLINED", "FAILED", "LAPSED", "DONE", "REFUNDED")
#: Where each kind of order has its messages in the tables.
MESSAGES = {"micro": "", "regular": "regular/"}

Purchase = dict[str, Any]


class Buying:
    """One machine an order. A purchase has a reference of its own, as its OrderId comes later."""

    def __init__(self, player: Player, settings: dict[str, Any]) -> None:
        self._player = player
        self._paycards = {one["paycard"]: one for one in settings.get("paycards", [])}
        self._caller = Caller(player)
        asking.begin(player, self._caller, settings)
        self._to_add = {one["broker"] for one in settings.get("new_paycards", [])}
        self.post = Post(player, self._caller)
        self._outbox = Outbox(player, self._caller, self._noticed)
        standing = Standing(player)
        signer = signing.Signer(settings.get("signing_keys", []), standing.usable)
        self.succession = Succession(player, self._caller, signer, [], standing)
        self.registration = WalletMembership(player, self._caller, signer, standing, settings.get("software"))
        self.adding = Adding(player, settings, self._caller, self._outbox, self._paycards)
        self._calls: dict[str, Call] = {}
        self._timers: dict[tuple[str, str], Timer] = {}
        self._changed = asyncio.Event()
        self._count = 0

    def load(self) -> None:
        """Takes up what the store says is open; first of all who this is."""
        self.registration.load()
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
        self.succession.load()
        self.adding.load()
        self._outbox.load()
        self._player.directory.watch(self._go_on)
        for broker in self._brokers():
            self._player.directory.need(broker)
        self._go_on()

    def _noticed(self, unit: Unit, ref: str, outcome: Outcome) -> None:
        """A notice has its final answer; what a Broker says to the end of a Paycard changes nothing."""
        if not ref.startswith(PREFIX):
            self._registered(unit, ref, outcome)

    async def stop(self) -> None:
        await self._caller.stop()

    # what people see

    def _purchases(self) -> list[tuple[str, Purchase]]:
        return [(key.removeprefix("purchase/"), value) for key, value in self._player.store.under("purchase/")]

    def orders(self) -> list[dict[str, Any]]:
        return [_shown(purchase) for _, purchase in self._purchases() if purchase["state"] not in ("NONE", WAITING)]

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
        shown["ended"] = purchase["state"] in _ENDED
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

    def open_document(self, text: str, kind: str | None = None) -> str:
        """Opens what a shop's page handed over, where a kind is named only a link to an order of that kind."""
        link = links.read(text, self._player.me.host, MESSAGES if kind is None else (kind,))
        if link.entry is not None:
            self._player.directory.offer(link.entry, link.vendor)
        return self.open_link(link.vendor, link.item, link.kind)

    def open_link(self, vendor: str, item: str, kind: str = "micro") -> str:
        if not self._player.member:
            raise Refused("out-of-state")
        if self._count >= MAX_PURCHASES:
            raise Refused("too many purchases")
        self._count += 1
        ref = f"{self._count}"
        purchase: Purchase = {"kind": kind, "vendor": vendor, "item": item, "state": "NONE", "timers": {}}
        if self._known(purchase):
            self._begin(ref, purchase)
        else:
            purchase["state"], unit = WAITING, self._player.unit()
            self._start(unit, ref, purchase, WAITING)
            self._save(unit, ref, purchase)
        return ref

    def _known(self, purchase: Purchase) -> bool:
        """Whether the Vendor is at hand, and waiting for the Brokers of the Paycards makes no sense any more."""
        directory, brokers = self._player.directory, self._brokers()
        for name in (purchase["vendor"], *brokers):
            directory.need(name)
        return directory.at_hand(purchase["vendor"]) and all(map(directory.settled, brokers))

    def _brokers(self) -> list[str]:
        """Of the Paycards that there are, and of those that may be added."""
        return sorted({one["broker"] for one in self._paycards.values() if not one.get("removed")} | self._to_add)

    def _go_on(self, _: str = "") -> None:
        """Purchases that waited for the Host begin, or come to nothing."""
        for ref, purchase in self._purchases():
            if purchase["state"] == WAITING and self._known(purchase):
                self._begin(ref, dict(purchase))

    def _begin(self, ref: str, purchase: Purchase) -> None:
        vendor, item, kind = purchase["vendor"], purchase["item"], purchase["kind"]
        unit = self._player.unit()
        self._stop(unit, ref, purchase, WAITING)
        if self._player.directory.get(vendor, "vendor") is None:
            purchase |= {"state": "NONE", "told": "vendor-unknown"}  # W2 P2
        else:
            secret = documents.fresh_id()
            purchase |= {"state": "ASKED", "secret": secret, "tag": canonical.buyer_tag(secret)}  # W1 P1
            self._send(unit, ref, purchase, MESSAGES[kind] + "GetOrder", vendor, leaf("Kind", kind), leaf("Item", item),
                       leaf("BuyerTag", purchase["tag"]))
            self._start(unit, ref, purchase, "T_ask")
        self._save(unit, ref, purchase)

    def confirm(self, ref: str, digest: str) -> None:
        purchase = self._in(ref, "OFFERED")
        order = from_json(purchase["order"])
        paycard = self._paying()
        unit = self._player.unit()
        if digest != canonical.order_digest(order) or paycard is None:
            purchase |= {"told": "cannot-pay", "why": "digest" if paycard else "paycard"}  # W11 P11
        else:
            purchase |= {"confirmed": digest, "paycard": paycard["paycard"]}  # W10 P10
            self._inquire(unit, ref, purchase)
            unit.then(lambda: self._mind(ref, paycard["broker"]))
        self._save(unit, ref, purchase)

    def _mind(self, ref: str, broker: str) -> None:
        """Of whom the Wallet knows nothing yet it asks for no endorsement unless it turns out to be live."""
        if not self._player.directory.at_hand(broker):
            self._calls[ref].barred = lambda: None if self._live(broker) else "QP-E-BROKER"

    def _live(self, broker: str) -> bool:
        entry = self._player.directory.get(broker, "broker")
        return entry is not None and entry.state == "live"

    def decline(self, ref: str) -> None:
        purchase = self._in(ref, "OFFERED")
        self._end(ref, purchase, "DECLINED", None, "declined")  # W8 P8

    def cancel(self, ref: str) -> None:
        purchase = self._in(ref, "ASKED", WAITING)
        if purchase["state"] == WAITING:
            return self._end(ref, purchase, "NONE", "cancelled", "cancelled")
        self._end(ref, purchase, "FAILED", "cancelled", "cancelled")  # W7 P7

    def try_again(self, ref: str) -> None:
        self._ask_again(ref, self._in(ref, "UNDELIVERED", "REFUSED"))  # W29 P22

    def activate(self, paycard: str) -> None:
        found = self._paycards.get(paycard, {"removed": True})
        if found.get("removed") or found.get("outdated"):
            raise Refused("no such paycard")
        unit = self._player.unit()
        unit.put("active", [paycard])
        unit.commit()

    # GetOrder

    def _got_offer(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        if outcome.kind != "ok":
            return self._end(ref, purchase, "FAILED", "refused", outcome.code)  # W5 P5
        offer = outcome.find("Offer")
        assert offer is not None
        order = offer.children[0]
        seen = f"seen/{purchase['vendor']}/{order.get('OrderId')}"
        wrong = offers.wrong_offer(offer, purchase["kind"], purchase["vendor"], purchase["tag"], self._player.currencies,
                                   lambda _: self._player.store.get(seen) is not None)
        wrong = wrong or self._wrong_signature(purchase, offer)
        unit = self._player.unit()
        unit.put(seen, 1)
        if wrong is not None:
            unit.commit()
            self._alarm(f"{purchase['vendor']}: an offer that is wrong: {wrong}")
            return self._end(ref, purchase, "FAILED", "offer-wrong", "offer " + wrong)  # W4 P4
        purchase |= {"state": "OFFERED", "order": to_json(order), "vendor_state": outcome.get("VendorState"),
                     "text": offer.get("ItemText"),
                     "name": self._name(purchase["vendor"]) or outcome.get("VendorName")}
        self._stop(unit, ref, purchase, "T_ask")
        self._start(unit, ref, purchase, "T_valid")
        self._save(unit, ref, purchase)  # W3 P3

    def _name(self, vendor: str) -> str | None:
        entry = self._player.directory.get(vendor, "vendor")
        return None if entry is None else entry.name

    # InquiryPayment

    def _paying(self) -> dict[str, Any] | None:
        """The active Paycard, unless its Broker is known to begin nothing now."""
        paycard = self._active()
        entry = None if paycard is None else self._player.directory.issued(paycard["broker"])
        return paycard if entry is None or entry.state == "live" else None

    def _active(self) -> dict[str, Any] | None:
        """The one active Paycard, if there is exactly one."""
        active = self._player.store.get("active") or []
        found = self._paycards.get(active[0]) if len(active) == 1 else None
        return None if found is None or found.get("outdated") else found

    def _inquire(self, unit: Unit, ref: str, purchase: Purchase) -> None:
        paycard = self._paycards[purchase["paycard"]]
        reference = offers.reference(from_json(purchase["order"]))
        msg_id = documents.fresh_id()
        token = canonical.paycard_token(bytes.fromhex(paycard["secret"]), self._player.me.player, paycard["paycard"],
                                        msg_id, reference)
        purchase |= {"state": "INQUIRING", "broker": paycard["broker"], "told": None, "why": None}
        self._send(unit, ref, purchase, MESSAGES[purchase["kind"]] + "InquiryPayment", paycard["broker"], leaf("Paycard", paycard["paycard"]),
                   reference, leaf("PaycardToken", token), msg_id=msg_id)

    def _not_inquired(self, ref: str, purchase: Purchase, outcome: Outcome) -> bool:
        """What follows when the Broker says no; False where it says yes."""
        if outcome.code in _REPICK:
            purchase |= {"state": "OFFERED", "told": "choose-paycard", "why": outcome.code}
            self._save(self._player.unit(), ref, purchase)  # W14 P15
        elif outcome.kind != "ok":
            self._end(ref, purchase, "FAILED", "refused", outcome.code)  # W15 P16
        return outcome.kind != "ok"

    # what the machines of the kinds add

    def _wrong_signature(self, purchase: Purchase, offer: Node) -> str | None:
        """What is wrong with the signature of an offer, in a word, or None."""
        raise NotImplementedError

    def _answered(self, ref: str, purchase: Purchase, call: Call, outcome: Outcome) -> None:
        """An answer that ends its call, as an event."""
        raise NotImplementedError

    def _disbelieved(self, purchase: Purchase, call: Call, outcome: Outcome) -> Node | None:
        """What came in an answer of class ok that is none, so that the request is repeated."""
        raise NotImplementedError

    def _ask_again(self, ref: str, purchase: Purchase) -> None:
        raise NotImplementedError

    def _registered(self, unit: Unit, ref: str, outcome: Outcome) -> None:
        """A notice has its final answer."""
        raise NotImplementedError

    def _ran_out(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        """A timer has run out in a state that not all kinds have; where there is no row for it only that is noted."""
        raise NotImplementedError

    # timers

    def _start(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        now = self._player.clock.now()
        if name == "T_valid":
            order = from_json(purchase["order"])
            due = now + times.lasts(order.get("Created") or "", order.get("Expires") or "")
        elif name == "ClaimBy":
            promised = from_json(purchase["commitment"])
            due = now + times.lasts(promised.get("CommittedAt") or "", promised.get("ClaimBy") or "")
        else:
            due = now + (asking.PATIENCE_MS if name == WAITING else self._player.milliseconds(name))
        purchase["timers"] = {**purchase["timers"], name: due}
        unit.then(lambda: self._arm(ref, name, due))

    def _stop(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        purchase["timers"] = {key: due for key, due in purchase["timers"].items() if key != name}
        unit.then(lambda: self._player.clock.cancel(self._timers.pop((ref, name), None)))

    def _arm(self, ref: str, name: str, due: int) -> None:
        self._player.clock.cancel(self._timers.get((ref, name)))
        self._timers[ref, name] = self._player.clock.at(due, lambda: self._over(ref, name))

    def _over(self, ref: str, name: str) -> None:
        purchase = self._get(ref)
        unit = self._player.unit()
        self._stop(unit, ref, purchase, name)
        match name, purchase["state"]:
            case "waiting", "waiting":
                self._end(ref, purchase, "NONE", "vendor-unknown", "no-answer")
            case "T_ask", "ASKED":
                self._end(ref, purchase, "FAILED", "no-answer", "no-answer")  # W6 P6
            case "T_valid", "OFFERED":
                self._end(ref, purchase, "DECLINED", "offer-expired", "offer-expired")  # W9 P9
            case "T_valid", "INQUIRING":
                self._end(ref, purchase, "FAILED", "offer-expired", "offer-expired")  # W16 P17
            case _:
                self._ran_out(unit, ref, purchase, name)

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
        self._calls[ref] = call
        self._caller.start(call)

    def _done(self, call: Call, outcome: Outcome) -> None:
        """An attempt has ended: unsure ones are repeated, the others are events of the machine."""
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        ref = call.extra["ref"]
        purchase = self._get(ref)
        wrong = self._disbelieved(purchase, call, outcome) if outcome.kind == "ok" else None
        if wrong is not None:
            return self._keep_evidence(ref, purchase, call, wrong)
        purchase.pop("call", None)
        self._calls.pop(ref, None)
        if root_of(call.message) == "GetOrder":
            self._got_offer(ref, purchase, outcome)
        else:
            self._answered(ref, purchase, call, outcome)

    def _keep_evidence(self, ref: str, purchase: Purchase, call: Call, wrong: Node) -> None:
        """P12 and P19: what is not right is no answer; the last of it is kept."""
        self._alarm(f"{call.message} to {call.receiver}: {wrong.name} is not right")
        self._save(self._player.unit(), ref, {**purchase, "evidence": to_json(wrong)})
        self._caller.retry(call)

    @staticmethod
    def _alarm(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

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

    def _in(self, ref: str, *states: str) -> Purchase:
        purchase = self._get(ref)
        if purchase["state"] not in states:
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
    state = "NONE" if purchase["state"] == WAITING else purchase["state"]
    shown: dict[str, Any] = {"vendor": purchase["vendor"], "order": _order_id(purchase), "state": state}
    if "order" in purchase:
        order = from_json(purchase["order"])
        shown |= {"amount": int(order.get("Amount") or 0), "currency": order.get("Currency")}
    return shown
