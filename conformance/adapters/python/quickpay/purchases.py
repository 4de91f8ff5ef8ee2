"""The Wallet's part in regular payment: the machine wallet.purchase. Comments name its rows, buying.py those of its beginning."""

from __future__ import annotations

from quickpay import offers, proofs
from quickpay.buying import Buying, Purchase
from quickpay.calls import Call
from quickpay.documents import Outcome, from_json, to_json
from quickpay.player import Refused
from quickpay.signing import Signed
from quickpay.store import Unit
from quickpay.xml import Node, leaf

_WORDS = {"QP-E-KEY": "key", "QP-E-SIGNATURE": "signature"}


class Purchases(Buying):
    """Buys on signed offers, commitments and receipts: what is not signed is no answer."""

    def refunded(self, ref: str) -> None:
        """P27 to P29: the Broker says, outside QuickPay, that it has given the money back."""
        purchase = self._in(ref, "REFUSED", "ACCEPTED", "DONE")
        if purchase["kind"] != "regular":
            raise Refused("what was bought so is not given back")
        self._end(ref, purchase, "REFUNDED", "refunded", "")

    def _believes(self, signed: Signed) -> bool:
        """Where the signer's entry is not at hand, nothing can be verified now either."""
        return self._player.unbelievable([signed]) is None

    def _wrong_signature(self, purchase: Purchase, offer: Node) -> str | None:
        if purchase["kind"] != "regular":
            return None
        code = self._player.unbelievable([proofs.offer(offer, purchase["vendor"])])
        return None if code is None else _WORDS[code]

    def _disbelieved(self, purchase: Purchase, call: Call, outcome: Outcome) -> Node | None:
        promised, receipt = outcome.find("Commitment"), outcome.find("Receipt")
        if promised is not None and not self._believes(proofs.commitment(promised, purchase["broker"])):
            return promised  # P12
        return receipt if receipt is not None and not self._receipt_right(purchase, receipt) else None  # P19

    def _receipt_right(self, purchase: Purchase, receipt: Node) -> bool:
        return (proofs.names_commitment(receipt, purchase["vendor"], from_json(purchase["commitment"]))
                and self._believes(proofs.receipt(receipt, purchase["vendor"])))

    def _answered(self, ref: str, purchase: Purchase, call: Call, outcome: Outcome) -> None:
        if call.message == "regular/InquiryPayment":
            self._committed(ref, purchase, outcome)
        else:
            self._accepted(ref, purchase, outcome)

    # InquiryPayment

    def _committed(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        if self._not_inquired(ref, purchase, outcome):
            return
        promised = outcome.find("Commitment")
        assert promised is not None
        wrong = offers.wrong_promise(promised, purchase["broker"], offers.reference(from_json(purchase["order"])))
        if wrong is not None:
            self._alarm(f"{purchase['broker']}: a commitment of another {wrong}")
            purchase["evidence"] = to_json(promised)
            return self._end(ref, purchase, "FAILED", "commitment-wrong", "commitment " + wrong)  # P14
        purchase["commitment"] = to_json(promised)
        unit = self._player.unit()
        self._stop(unit, ref, purchase, "T_valid")
        self._start(unit, ref, purchase, "ClaimBy")
        self._request(unit, ref, purchase)  # P13

    # RequestOrderDelivery

    def _ask_again(self, ref: str, purchase: Purchase) -> None:
        self._request(self._player.unit(), ref, purchase)  # P22

    def _request(self, unit: Unit, ref: str, purchase: Purchase) -> None:
        purchase |= {"state": "COMMITTED", "told": None, "why": None}
        state = purchase.get("vendor_state")
        self._send(unit, ref, purchase, "regular/RequestOrderDelivery", purchase["vendor"],
                   from_json(purchase["commitment"]), leaf("BuyerSecret", purchase["secret"]),
                   None if state is None else leaf("VendorState", state))
        self._save(unit, ref, purchase)

    def _accepted(self, ref: str, purchase: Purchase, outcome: Outcome) -> None:
        receipt = outcome.find("Receipt")
        unit = self._player.unit()
        if receipt is None:
            purchase |= {"state": "REFUSED", "told": "refused", "why": outcome.code}  # P20
        else:
            purchase |= {"state": "ACCEPTED", "told": "accepted", "receipt": to_json(receipt)}  # P18
            self._stop(unit, ref, purchase, "ClaimBy")
            self._start(unit, ref, purchase, "T_settle")
        promised = from_json(purchase["commitment"])
        self._outbox.add(unit, ref, "regular/RegisterOrder", promised.child("OrderRef"), promised.child("Broker"), promised,
                         receipt)
        self._save(unit, ref, purchase)

    def _registered(self, unit: Unit, ref: str, outcome: Outcome) -> None:
        purchase = self._get(ref)
        if purchase["state"] == "ACCEPTED" and not self._outbox.waiting(ref):
            self._put_end(unit, ref, purchase, "DONE", purchase.get("told"), "")  # P24

    def _ran_out(self, unit: Unit, ref: str, purchase: Purchase, name: str) -> None:
        match name, purchase["state"]:
            case "ClaimBy", "COMMITTED":
                self._put_end(unit, ref, purchase, "LAPSED", "no-answer", "no-answer")  # P21
            case "ClaimBy", "REFUSED":
                self._outbox.clear(unit, ref)
                self._put_end(unit, ref, purchase, "LAPSED", purchase.get("told"), purchase.get("why") or "")  # P23
            case "T_settle", "ACCEPTED":
                self._outbox.clear(unit, ref)
                self._put_end(unit, ref, purchase, "DONE", purchase.get("told"), "")  # P26
            case _:
                self._put(unit, ref, purchase)
        unit.commit()
