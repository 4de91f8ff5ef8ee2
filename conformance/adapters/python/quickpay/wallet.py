"""The Wallet's core: the machine wallet.order (reference/generated/machines.md). Comments name its rows. Regular: purchases.py."""

from __future__ import annotations

import base64
import hmac

from quickpay import canonical, offers, times
from quickpay.buying import Purchase
from quickpay.calls import Call
from quickpay.documents import Outcome, from_json, to_json
from quickpay.purchases import Purchases
from quickpay.store import Unit
from quickpay.xml import Node, leaf


class Wallet(Purchases):
    """Buys what is delivered at once; what it inherits buys the rest."""

    def _answered(self, ref: str, purchase: Purchase, call: Call, outcome: Outcome) -> None:
        match call.message:
            case "InquiryPayment":
                self._inquired(ref, purchase, outcome)
            case "RequestOrderDelivery":
                self._delivered(ref, purchase, outcome)
            case "fetch":
                self._examine(ref, purchase, base64.b64encode(call.extra["goods"]).decode("ascii"))
            case _:
                super()._answered(ref, purchase, call, outcome)

    def _ask_again(self, ref: str, purchase: Purchase) -> None:
        if purchase["kind"] == "micro":
            return self._fetch_delivery(ref, purchase)
        super()._ask_again(ref, purchase)

    # InquiryPayment

    def _disbelieved(self, purchase: Purchase, call: Call, outcome: Outcome) -> Node | None:
        """In profile H an endorsement counts only with what the Paycard computes for it."""
        endorsement = outcome.find("Endorsement")
        if call.message != "InquiryPayment" or self._player.me.profile != "H" or endorsement is None:
            return super()._disbelieved(purchase, call, outcome)
        secret = bytes.fromhex(self._paycards[purchase["paycard"]]["secret"])
        right = hmac.compare_digest(canonical.paycard_answer(secret, call.msg_id, endorsement),
                                    outcome.get("PaycardAnswer") or "")
        return None if right else endorsement

    def _inquired(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        if self._not_inquired(ref, purchase, outcome):
            return
        endorsement = outcome.find("Endorsement")
        assert endorsement is not None
        wrong = offers.wrong_promise(endorsement, purchase["broker"], offers.reference(from_json(purchase["order"])))
        if wrong is not None:
            self._alarm(f"{purchase['broker']}: an endorsement of another {wrong}")
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
        if purchase["kind"] != "micro":
            return super()._registered(unit, ref, outcome)
        if purchase["state"] == "RECEIVED" and not self._outbox.waiting(ref):
            self._put_end(unit, ref, purchase, "DONE", purchase.get("told"), "")  # W30

    def _ran_out(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        match name, purchase["state"]:
            case "T_redeliver", ("ENDORSED" | "FETCHING"):
                self._drop(ref, purchase)
                self._undelivered(ref, purchase, "no-answer", "no-answer")  # W24 W28
            case "T_settle", "RECEIVED":
                self._outbox.clear(unit, ref)
                self._put_end(unit, ref, purchase, "DONE", purchase.get("told"), "")  # W32
                unit.commit()
            case _:
                super()._ran_out(unit, ref, purchase, name)
