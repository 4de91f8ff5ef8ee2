"""Regular payment among the Python roles: what is signed counts, once; what is not signed is no answer."""

from __future__ import annotations

import dataclasses
import unittest

from quickpay import canonical, disputes, offers, proofs, signing, times
from quickpay.player import Refused
from quickpay.xml import Node, element, leaf
from tests.keys import listed, to_sign
from tests.regular import SECRET, Asked, Regular, changed
from tests.world import NOW, WALLET

DAY = 86_400
CLAIM_DAYS = 30


class Purchases(Regular):
    async def test_paid_and_registered(self) -> None:
        ref = await self.order()
        self.assertEqual((self.bought(ref), self.sold(), self.broker.orders()[0]["state"]), ("DONE", ["ACCEPTED"], "COMMITTED"))
        self.assertEqual((self.broker.balance()[0]["held"], self.broker.balance()[0]["owed"]), (0, 125))
        [case] = self.cases()
        self.assertIsNotNone(case["receipt"])
        self.assertEqual(self.wallet.orders()[0]["state"], "DONE")

    async def test_settled_once(self) -> None:
        await self.order()
        await self.run_batches()
        self.assertEqual((self.state(), self.debts.book()[0]["net"]), ("SETTLED", 123))
        again = self.signed(changed(self.last_claim(), "BatchId", "1" * 32))
        self.assertEqual(await self.ask("SettleWithBroker", again), "QP-OK")
        self.assertEqual(self.answer.get("Body/Settlement/Refused/Code"), "QP-E-ALREADY-SETTLED")

    async def test_both_kinds_in_one_claim(self) -> None:
        await self.buy()
        await self.order()
        await self.run_batches()
        self.assertEqual({claim["state"] for claim in self.claims.claims()}, {"SETTLED"})
        self.assertEqual(self.debts.book()[0]["net"], 246)

    async def test_the_limit_of_the_account_holds(self) -> None:
        for _ in range(2):
            await self.order()
        ref = await self.order()
        self.assertEqual((self.bought(ref), self.wallet.status(ref)["why"]), ("OFFERED", "QP-E-FUNDS"))
        self.assertEqual(self.broker.balance()[0]["owed"], 250)

    async def test_goods_that_never_come_this_way_have_no_content_hash(self) -> None:
        self.assertIsNone(self.kept(await self.order(), "order").get("ContentHash"))

        def with_hash(offer: Node) -> Node:
            order = offer.children[0]
            plain = [one for one in offer.children[1:] if one.name != "Sig"]
            return self.by("V1001", "vendor-order", element("Offer", element("Order", *order.children, leaf("ContentHash", "0" * 64)), *plain))
        self.pretend(self.vendor, "regular/GetOrder", with_hash)
        ref = self.wallet.open_link("V1001", "news-1", "regular")
        self.assertEqual((await self.wallet.wait(ref, 5000))["state"], "OFFERED")

    async def test_money_given_back_ends_no_notice(self) -> None:
        self.suspend(True)
        ref = await self.order()
        self.wallet.refunded(ref)
        self.suspend(False)
        await self.pass_time(60)
        self.assertEqual((self.bought(ref), [case["receipt"] is not None for case in self.cases()]), ("REFUNDED", [True]))

    async def test_money_given_back_outside(self) -> None:
        ref = await self.order()
        self.wallet.refunded(ref)
        self.assertEqual(self.bought(ref), "REFUNDED")
        with self.assertRaises(Refused):
            self.wallet.refunded(await self.buy())


class Suspicion(Regular):
    """The Wallet believes signatures."""

    async def test_an_offer_that_the_vendor_did_not_sign(self) -> None:
        self.pretend(self.vendor, "regular/GetOrder", lambda offer: self.by("B7", "vendor-order", offer))
        ref = await self.order()
        self.assertEqual((self.bought(ref), self.wallet.status(ref)["why"]), ("FAILED", "offer key"))

    async def test_an_offer_signed_for_something_else(self) -> None:
        self.pretend(self.vendor, "regular/GetOrder", lambda offer: self.by("V1001", "vendor-receipt", offer))
        self.assertEqual(self.wallet.status(await self.order())["why"], "offer signature")

    async def test_a_commitment_that_is_not_signed_is_no_answer(self) -> None:
        honest = self.broker.front._served["regular/InquiryPayment"]
        self.pretend(self.broker, "regular/InquiryPayment", lambda promised: changed(promised, "CommitId", "0" * 32))
        ref = await self.order()
        self.assertEqual(self.bought(ref), "INQUIRING")
        self.assertEqual(self.kept(ref, "evidence").get("CommitId"), "0" * 32)
        [key] = [key for key, _ in self.players["B7"].store.under("answer/")]
        self.players["B7"].store.commit({key: None})
        self.broker.front._served["regular/InquiryPayment"] = honest
        await self.pass_time(5)
        self.assertEqual(self.bought(ref), "DONE")

    async def test_a_commitment_cannot_be_verified_without_the_brokers_entry(self) -> None:
        entry, self.listed[1]["keys"] = self.listed[1]["keys"], []
        self.know()
        ref = await self.order()
        self.assertEqual(self.bought(ref), "INQUIRING")
        self.listed[1]["keys"] = entry
        self.know()
        await self.pass_time(5)
        self.assertEqual(self.bought(ref), "DONE")

    async def test_a_right_signature_under_a_wrong_text_ends_it(self) -> None:
        def other(promised: Node) -> Node:
            ref = promised.child("OrderRef")
            assert ref is not None
            wrong = changed(promised, "CommitId", promised.get("CommitId") or "", OrderRef=changed(ref, "Amount", "1"))
            return self.by("B7", "commitment", wrong)
        self.pretend(self.broker, "regular/InquiryPayment", other)
        ref = await self.order()
        self.assertEqual((self.bought(ref), self.wallet.status(ref)["why"]), ("FAILED", "commitment order"))
        self.assertEqual(self.cases(), [])

    async def test_a_receipt_for_another_commitment_is_none(self) -> None:
        for forge in (lambda one: changed(one, "CommitId", "0" * 32),
                      lambda one: self.by("V1001", "vendor-receipt", changed(one, "CommitId", "0" * 32)),
                      lambda one: self.by("B7", "vendor-receipt", one)):
            with self.subTest():
                self.players["B7"].store.commit({"account/a1": None})
                honest = self.vendor.front._served["regular/RequestOrderDelivery"]
                self.players["V1001"].store.commit({"sold/news-1": None})
                self.pretend(self.vendor, "regular/RequestOrderDelivery", forge)
                ref = await self.order()
                self.assertEqual((self.bought(ref), self.kept(ref, "evidence").name), ("COMMITTED", "Receipt"))
                self.vendor.front._served["regular/RequestOrderDelivery"] = honest
                self.wallet._drop(ref, {})


class Stock(Regular):
    more = {**Regular.more, "V1001": {**Regular.more["V1001"], "items": [{**Regular.more["V1001"]["items"][0], "stock": 1}]}}

    async def test_who_comes_too_late_keeps_a_commitment_that_lapses(self) -> None:
        await self.order()
        ref = await self.order()
        self.assertEqual((self.bought(ref), self.sold()), ("REFUSED", ["ACCEPTED", "EXPIRED"]))
        self.assertEqual([case["receipt"] is None for case in self.cases()], [False, True])
        self.wallet.try_again(ref)
        await self.quiet()
        self.assertEqual((self.bought(ref), self.wallet.status(ref)["why"]), ("REFUSED", "QP-E-ORDER-EXPIRED"))
        self.assertEqual(self.broker.balance()[0]["owed"], 250)
        await self.pass_time(CLAIM_DAYS * DAY + 60)
        self.assertEqual((self.bought(ref), self.broker.balance()[0]["owed"]), ("LAPSED", 0))
        with self.assertRaises(Refused):
            self.wallet.try_again(ref)

    async def test_what_goods_do_not_take(self) -> None:
        await self.buy()
        self.assertEqual(self.bought(await self.order()), "DONE")


class Asking(Asked):
    """What a Vendor and a Broker answer to requests of any Wallet."""

    async def test_several_pieces(self) -> None:
        offer = await self.offer(3)
        assert offer is not None
        self.assertEqual((offer.get("Order/Amount"), offer.get("ItemText")), ("375", "3 x An article"))
        self.assertIsNone(self.players[WALLET].unbelievable([proofs.offer(offer, "V1001")]))

    async def test_what_cannot_be_spelt_is_not_sold(self) -> None:
        item = self.vendor._items["news-1"]
        for text, amount, most in (("x" * 1000, 10 ** 14, 9), ("\u00e4" * 510, 1, 9), ("x" * 1024, 1, 1)):
            self.vendor._items["news-1"] = dataclasses.replace(item, text=text, amount=amount)
            offer = await self.offer(most)
            assert offer is not None
            self.assertEqual(offer.get("ItemText"), text if most == 1 else f"{most} x {text}")
            self.assertIsNone(await self.offer(most + 1))
            self.assertEqual(self.answer.get("Body/Status/Code"), "QP-E-NO-ITEM")

    async def test_the_same_inquiry_has_the_same_commitment(self) -> None:
        promised = await self.committed()
        ref = promised.child("OrderRef")
        assert ref is not None
        for msg_id in ("a" * 32, "b" * 32):
            self.assertEqual(await self.inquire(ref, msg_id), "QP-OK")
            self.assertEqual(self.answer.find("Body/Commitment"), promised)
        self.assertEqual(await self.inquire(changed(ref, "Amount", "126")), "QP-E-CONFLICT")
        self.assertEqual(self.broker.balance()[0]["owed"], 125)
        self.assertEqual(times.seconds_between(promised.get("CommittedAt") or "", promised.get("ClaimBy") or ""), CLAIM_DAYS * DAY)

    async def test_accepted_on_one_commitment_only(self) -> None:
        promised = await self.committed()
        receipts = []
        for _ in range(2):
            self.assertEqual(await self.bring(promised), "QP-OK")
            receipts.append(self.answer.find("Body/Receipt"))
        self.assertEqual(receipts[0], receipts[1])
        other = self.by("B7", "commitment", changed(promised, "CommitId", "0" * 32))
        self.assertEqual(await self.bring(other), "QP-E-CONFLICT")
        self.assertEqual(len(self.claims.claims()), 1)

    def refusals(self, promised: Node) -> list[tuple[Node, str, str]]:
        ref = promised.child("OrderRef")
        assert ref is not None

        def signed(node: Node, by: str = "B7", purpose: str = "commitment") -> Node:
            return self.by(by, purpose, node)

        def with_ref(name: str, text: str) -> Node:
            return signed(changed(promised, "Broker", "B7", OrderRef=changed(ref, name, text)))
        long_ago = changed(changed(promised, "CommittedAt", "2026-10-01T12:00:00Z"), "ClaimBy", "2026-11-22T11:59:59Z")
        return [(with_ref("OrderId", "other"), SECRET, "QP-E-UNKNOWN-ORDER"), (with_ref("Vendor", "V9"), SECRET, "QP-E-UNKNOWN-ORDER"),
                (with_ref("Amount", "1"), SECRET, "QP-E-MISMATCH"), (promised, "6" * 32, "QP-E-MISMATCH"),
                (changed(promised, "Broker", "B9"), SECRET, "QP-E-BROKER"), (signed(promised, "V1001"), SECRET, "QP-E-KEY"),
                (changed(promised, "CommitId", "0" * 32), SECRET, "QP-E-SIGNATURE"),
                (signed(promised, purpose="vendor-receipt"), SECRET, "QP-E-SIGNATURE"),
                (signed(long_ago), SECRET, "QP-E-SETTLE-EXPIRED")]

    async def test_refusals_of_the_vendor_in_their_order(self) -> None:
        promised = await self.committed()
        for node, secret, code in self.refusals(promised):
            self.assertEqual(await self.bring(node, secret), code)
        self.assertEqual((self.sold(), self.claims.claims()), (["OFFERED"], []))
        await self.pass_time(901)
        for node, secret, code in self.refusals(promised):
            self.assertEqual(await self.bring(node, secret), code)
        self.assertEqual(await self.bring(promised), "QP-E-ORDER-EXPIRED")

    async def test_a_broker_that_was_removed_pays_for_what_was_offered(self) -> None:
        for seconds, code in ((0, "QP-OK"), (901, "QP-E-ORDER-EXPIRED")):
            promised = await self.committed()
            await self.pass_time(seconds)
            self.remove("B7")
            accepted = self.sales._brokers
            self.sales._brokers = dataclasses.replace(accepted, accepted=frozenset())
            self.assertEqual(await self.bring(promised), "QP-E-BROKER")
            self.sales._brokers = accepted
            self.assertEqual(await self.bring(promised), code)
            self.remove("B7", False)

    async def test_a_vendor_takes_no_commitment_of_a_suspended_broker(self) -> None:
        """QP-ROLE-009, A6 A14: before it looks at keys; what it accepted before stays accepted (A22)."""
        self.broker._accounts["a1"]["limit"] = 1000
        taken = await self.committed()
        self.assertEqual(await self.bring(taken), "QP-OK")
        receipt = self.answer.find("Body/Receipt")
        for seconds, code in ((0, "QP-OK"), (901, "QP-E-ORDER-EXPIRED")):
            promised = await self.committed()
            await self.pass_time(seconds)
            self.mark("B7", "suspended", True)
            for forged in (promised, changed(promised, "CommitId", "0" * 32)):
                self.assertEqual(await self.bring(forged), "QP-E-BROKER")
            self.assertEqual(await self.bring(taken), "QP-OK")
            self.assertEqual(self.answer.find("Body/Receipt"), receipt)
            self.mark("B7", "suspended", False)
            self.assertEqual(await self.bring(promised), code)

    async def test_a_suspended_broker_pays_what_it_owes(self) -> None:
        """QP-ROLE-009: claims, notices and settlements go on."""
        promised = await self.committed()
        self.assertEqual(await self.bring(promised), "QP-OK")
        self.mark("B7", "suspended", True)
        await self.run_batches()
        self.assertEqual(self.state(), "SETTLED")

    async def test_a_broker_that_is_not_live_gets_no_new_orders(self) -> None:
        for key, value, code in (("removed", True, "QP-E-BROKER"), ("removed", False, "QP-OK"), ("suspended", True, "QP-E-BROKER"),
                                 ("suspended", False, "QP-OK")):
            self.mark("B7", key, value)
            for message, kind in (("GetOrder", "micro"), ("regular/GetOrder", "regular")):
                self.assertEqual(await self.tell(message, "V1001", leaf("Kind", kind), leaf("Item", "news-1"), leaf("Broker", "B7"),
                                                 leaf("BuyerTag", canonical.buyer_tag(SECRET))), code)

    async def test_the_host_keeps_wallets_apart_and_adds(self) -> None:
        promised = await self.committed()
        await self.bring(promised)
        receipt = self.answer.find("Body/Receipt")
        ref, broker = promised.child("OrderRef"), promised.child("Broker")
        assert receipt is not None and ref is not None and broker is not None
        numbers = []
        for more in ((), (receipt,), ()):
            await self.pass_time(60)
            self.assertEqual(await self.tell("regular/RegisterOrder", "H1", ref, broker, promised, *more), "QP-OK")
            numbers.append((self.answer.get("Body/CaseNo"), self.answer.get("Body/RegisteredAt")))
        self.assertEqual((set(numbers), len(self.cases())), ({("1", "2026-11-22T12:01:00Z")}, 1))
        self.assertIsNotNone(self.cases()[0]["receipt"])
        wrong = [((changed(ref, "Vendor", "V9"), broker, promised), "QP-E-VENDOR"), ((ref, leaf("Broker", "B9"), promised), "QP-E-BROKER"),
                 ((changed(ref, "Amount", "1"), broker, promised), "QP-E-MISMATCH"),
                 ((ref, broker, promised, changed(receipt, "CommitId", "0" * 32)), "QP-E-MISMATCH")]
        for fields, code in wrong:
            self.assertEqual(await self.tell("regular/RegisterOrder", "H1", *fields), code)


class HardenedPurchases(Purchases):
    profile = "H"


class HardenedAsking(Asking):
    profile = "H"


class Limits(unittest.TestCase):
    def test_items_with_a_commitment_weigh_more(self) -> None:
        proven, plain = {"commitment": ["Commitment", "x"]}, {"commitment": None}
        self.assertEqual([len(share) for share in disputes._shares([proven] * 4500)], [2000, 2000, 500])
        self.assertEqual([len(share) for share in disputes._shares([plain] * 10_001)], [10_000, 1])
        self.assertEqual(3000 * disputes.weight(proven, proofs.MAX_PROVEN_CLAIM), disputes.MAX_WEIGHT)

    def test_a_withdrawn_key_is_good_for_what_was_seen_before(self) -> None:
        node = signing.Signer(to_sign("B7")).sign("commitment", element("Commitment", leaf("CommittedAt", times.to_text(NOW))), NOW)
        [key] = signing.published(listed("B7", withdrawn_from=times.to_text(NOW + 60_000)))
        for seen, good in ((NOW, True), (NOW + 60_000, False)):
            self.assertEqual(signing.key_of([key], node, NOW, seen, 0) is not None, good)


if __name__ == "__main__":
    unittest.main()
