"""Purchases between all four roles of this package, in both profiles, with receipts and with clocks that pass."""

import asyncio
import unittest

from quickpay import documents, xml
from quickpay.client import post
from quickpay.documents import Identity
from quickpay.front import Pending
from quickpay.goods import Brokers
from quickpay.keys import Key, Keys, seal_right
from quickpay.offers import reference
from quickpay.player import Refused
from quickpay.tables import PATH_OF
from quickpay.xml import Node, element, leaf
from tests.four import HOST_KEYS, PAIR_KEY, Four, keys_of
from tests.test_golden import ORDER
from tests.world import ADDRESSES, NOW, WALLET

PAID = ("DONE", "DELIVERED", "COMMITTED")
KEPT = [("in-time", "in-time", ["in-time"])]


class CheckValues(unittest.TestCase):
    """protocol.md section 9."""

    def test_pair_key(self) -> None:
        broker = Keys("B7", "H1", keys_of("B7")).best("V1001", NOW)
        assert broker is not None
        self.assertEqual((broker.epoch, broker.value.hex()), (1, PAIR_KEY))

    def test_auth(self) -> None:
        key = Key(1, bytes.fromhex(PAIR_KEY), None)
        document = documents.request(Identity("V1001", "H1", "H"), "CheckCommit", "B7", "0f" * 16, NOW + 5000,
                                     leaf("EndorsementId", "e1" * 16), reference(ORDER), key=key)
        read = xml.read(document)
        self.assertEqual(read.get("Auth/Mac/Value"), "2b1ed19b8c59b9d194a70547ec671126dfca4ffeaf233852f08ba554142e9fed")
        self.assertTrue(seal_right(read, key))
        self.assertFalse(seal_right(read, Key(1, bytes(32), None)))

    def test_epochs(self) -> None:
        keys = Keys("W" + "0" * 32, "H1", [
            {"peer": "H1", "epoch": 1, "key": "11" * 32, "valid_to": "2026-11-22T12:00:00Z"},
            {"peer": "H1", "epoch": 2, "key": "22" * 32, "valid_to": "2026-11-22T12:00:01Z"}])

        def mac(epoch: int) -> Node:
            return element("Mac", leaf("KeyRef", epoch), leaf("Value", "0" * 64))
        self.assertEqual([keys.believed("H1", mac(epoch), NOW + 999) is not None for epoch in (1, 2, 3)],
                         [True, True, False])
        self.assertEqual([keys.believed("H1", mac(epoch), NOW + 1000) is not None for epoch in (1, 2)], [False, True])
        best = keys.best("H1", NOW)
        self.assertEqual(best and best.epoch, 2)
        self.assertIsNone(keys.best("H1", NOW + 2000))


class Plain(Four):
    async def test_paid(self) -> None:
        self.assertEqual(self.states(await self.buy()), PAID)
        self.assertEqual(self.votes(), KEPT)
        self.assertEqual(self.broker.balance()[0]["owed"], 125)

    async def test_a_broker_that_was_removed_pays_for_what_was_offered(self) -> None:
        """AMB-57: to a Wallet that does not know of it yet."""
        ref = await self.offered()
        self.mark("B7", "removed", True, "V1001", "B7", "H1")
        self.confirm(ref)
        await self.quiet()
        self.assertEqual(self.states(ref), PAID)

    async def test_a_wallet_begins_nothing_with_a_broker_that_is_not_live(self) -> None:
        """QP-ROLE-009, QP-WAL-010, W11: as if no Paycard could pay; W10 when it is reinstated, or nothing is known of it."""
        for key in ("suspended", "removed"):
            ref = await self.offered()
            self.mark("B7", key, True, WALLET)
            self.confirm(ref)
            await self.quiet()
            shown = self.wallet.status(ref)
            self.assertEqual((shown["state"], shown["told"], shown["why"]), ("OFFERED", "cannot-pay", "paycard"))
            self.assertEqual([one for one in self.broker.orders() if one["order"] == shown["order"]], [])
            self.mark("B7", key, False)
            self.confirm(ref)
            await self.quiet()
            self.assertEqual(self.states(ref), PAID)

    async def test_an_inquiry_that_lapsed_is_made_again(self) -> None:
        """QP-ROLE-009, W21: what a user confirmed before its Broker was suspended goes on."""
        ref = await self.offered()
        self.servers["V1001"].suspend(True)
        self.confirm(ref)
        await self.quiet()
        self.mark("B7", "suspended", True, WALLET)
        await self.pass_time(130)
        self.assertEqual(self.broker.orders()[-1]["state"], "LAPSED")
        self.servers["V1001"].suspend(False)
        await self.pass_time(400)
        self.assertEqual(self.states(ref), PAID)

    async def test_a_vendor_takes_no_endorsement_of_a_suspended_broker(self) -> None:
        """QP-ROLE-009, V6: also of an order that was offered before, and takes it once the Broker is reinstated."""
        ref = await self.offered()
        self.mark("B7", "suspended", True, "V1001")
        self.confirm(ref)
        await self.quiet()
        self.assertEqual((self.states(ref)[:2], self.wallet.status(ref)["why"]), (("UNDELIVERED", "OFFERED"), "QP-E-BROKER"))
        self.mark("B7", "suspended", False)
        self.wallet.try_again(ref)
        await self.quiet()
        self.assertEqual(self.states(ref), PAID)

    async def test_what_a_vendor_began_goes_on(self) -> None:
        """QP-ROLE-009, QP-MP-003: the endorsement that it checks, the goods that left (V33), and every notice to the Host."""
        served = self.broker.front._served
        check = served["CheckCommit"]

        def suspended(pending: Pending) -> None:
            self.mark("B7", "suspended", True)
            check(pending)
        served["CheckCommit"] = suspended
        ref = await self.buy()
        self.assertEqual((self.states(ref), self.votes()), (PAID, KEPT))
        kept = self.wallet._get(ref)
        data = documents.request(Identity("-", "H1", self.profile), "RequestOrderDelivery", "V1001", documents.fresh_id(), NOW,
                                 documents.from_json(kept["endorsement"]), leaf("BuyerSecret", kept["secret"]))
        answer = xml.read(await self.vendor.front.handle(PATH_OF["RequestOrderDelivery"], data, ADDRESSES[WALLET]))
        self.assertEqual((answer.get("Body/Status/Code"), answer.get("Body/DeliveryId")), ("QP-OK", kept["delivery"]))

    async def offered(self) -> str:
        ref = self.wallet.open_link("V1001", "news-1")
        await self.wallet.wait(ref, 5000)
        return ref

    def confirm(self, ref: str) -> None:
        self.wallet.confirm(ref, self.wallet.status(ref)["digest"])

    async def test_a_broker_that_is_not_accepted_pays_nothing(self) -> None:
        self.vendor._brokers = Brokers(self.players["V1001"].directory, frozenset())
        ref = await self.buy()
        self.assertEqual((self.states(ref)[:2], self.wallet.status(ref)["why"]), (("UNDELIVERED", "OFFERED"), "QP-E-BROKER"))

    async def test_the_limit_holds(self) -> None:
        for _ in range(2):
            await self.buy()
        self.assertEqual(self.wallet.status(await self.buy())["told"], "choose-paycard")
        self.assertEqual((self.broker.balance()[0]["held"], self.broker.balance()[0]["owed"]), (0, 250))

    async def test_a_blocked_paycard_pays_nothing(self) -> None:
        self.broker.block("P7", True)
        self.assertEqual(self.wallet.status(await self.buy())["told"], "choose-paycard")
        self.broker.block("P7", False)
        self.assertEqual(self.states(await self.buy()), PAID)

    async def test_suspension_does_not_count(self) -> None:
        """QP-ADD-06: T_register does not run while the Host is suspended."""
        for away, votes in ((True, "in-time"), (False, "late")):
            ref = await self.buy()
            case = self.host.cases()[-1]
            if away:
                self.suspend(True)
            await self.pass_time(90_000)
            if away:
                self.suspend(False)
            store = self.players["H1"].store
            key, kept = max((k, v) for k, v in store.under("case/") if v["ref"][1][2][1] == case["order"])
            now = self.clock.now()
            self.assertEqual(self.host._in_time(kept, now), votes == "in-time")
            self.assertEqual(self.states(ref), PAID)


class Hardened(Four):
    profile = "H"

    async def test_paid(self) -> None:
        self.assertEqual(self.states(await self.buy()), PAID)
        self.assertEqual(self.votes(), KEPT)

    async def test_nobody_else_speaks_for_the_vendor(self) -> None:
        await self.buy()
        me, host = Identity("V1001", "H1", "H"), self.listed[2]["endpoints"][0]
        codes = []
        for key in (bytes.fromhex(HOST_KEYS["V1001"]), bytes(32)):
            ask = documents.request(me, "RetrieveMessages", "H1", documents.fresh_id(), NOW, leaf("Since", 0),
                                    leaf("Limit", 1), key=Key(1, key, None))
            answer = xml.read(await post(host["address"], host["port"], None, PATH_OF["RetrieveMessages"], ask))
            codes.append((answer.get("Body/Status/Code"), answer.child("Auth") is not None))
        self.assertEqual(codes, [("QP-OK", True), ("QP-E-FORBIDDEN", False)])

    async def test_a_notice_that_grew_old_is_written_anew(self) -> None:
        self.suspend(True)
        ref = await self.buy()
        self.assertEqual(self.states(ref)[0], "RECEIVED")
        [(_, before)] = self.players[WALLET].store.under("notice/")
        await self.pass_time(3600)
        self.suspend(False)
        await self.pass_time(900)
        self.assertEqual((self.states(ref), self.votes()), (PAID, KEPT))
        self.assertNotIn(f"answer//qp/1/micro/register-order {WALLET} {before['msg_id']}", self._accepted())

    def _accepted(self) -> list[str]:
        """The requests that the Host did not refuse."""
        return [key for key, one in self.players["H1"].store.under("answer/") if "<Code>QP-OK<" in (one["answer"] or "")]

    async def test_an_endorsement_without_the_paycards_answer_is_none(self) -> None:
        self.broker._bindings[WALLET, "P7"]["secret"] = "00" * 32
        honest = self.broker._answer_endorsed

        def forged(unit, order, pending) -> None:  # type: ignore[no-untyped-def]
            self.broker._bindings[WALLET, "P7"]["secret"] = "01" * 32
            honest(unit, order, pending)
            self.broker._bindings[WALLET, "P7"]["secret"] = "00" * 32
        self.broker._answer_endorsed = forged  # type: ignore[method-assign]
        ref = await self.buy()
        self.assertEqual(self.wallet.status(ref)["state"], "INQUIRING")
        self.assertEqual(self.vendor.orders()[-1]["state"], "OFFERED")


class Letters(Four):
    """Communication between the four (QP-CM-006, QP-CM-007, QP-ANON-010)."""

    async def test_left_fetched_and_discarded(self) -> None:
        first = await self.broker.post.leave("outage-notice", "vendor", {"Text": "Closed on Sunday"})
        second = await self.broker.post.leave("x-hello", ["V1001", WALLET], {})
        third = await self.wallet.post.leave("x-thanks", "all", {"Ref": "r1"})
        self.assertEqual((first, second, third), (1, 2, 3))
        vendor = await self.vendor.post.fetch()
        self.assertEqual([(one["MessageNo"], one["Audience"], one.get("Producer")) for one in vendor],
                         [("1", "vendor", "B7"), ("2", "V1001", "B7"), ("3", "all", None)])
        self.assertEqual(await self.vendor.post.fetch(), [])
        nameless = await self.wallet.post.fetch(named=False)
        self.assertEqual([one["MessageNo"] for one in nameless], ["1", "3"])
        self.assertEqual([one["MessageNo"] for one in await self.wallet.post.fetch()], ["2", "3"])
        for core in (self.vendor, self.wallet):
            await core.post.discard(3)
        self.assertEqual(sorted(self.host.mail._kept), [1, 3])

    async def test_a_quota_makes_one_wait_and_give_up(self) -> None:
        self.players["H1"]._parameters["N_cm"] = 1
        await self.broker.post.leave("x-one", "all", {})
        second = asyncio.ensure_future(self.broker.post.leave("x-two", "all", {}))
        await self.pass_time(30)
        self.assertFalse(second.done())
        await self.pass_time(40)
        with self.assertRaises(Refused):
            await second

    async def test_a_cursor_of_another_life_begins_again(self) -> None:
        await self.broker.post.leave("x-one", "all", {})
        self.players["V1001"].store.commit({"mail-cursor": 7})
        self.assertEqual([one["Kind"] for one in await self.vendor.post.fetch()], ["x-one"])


class HardenedLetters(Letters):
    profile = "H"


class Receipts(Four):
    """A Vendor that hands out nothing without the Host's word."""

    profile = "H"
    policy = {"receipt_from": 100}

    async def test_delivered_with_one(self) -> None:
        self.assertEqual(self.states(await self.buy()), PAID)
        [(_, order)] = self.players["V1001"].store.under("order/")
        self.assertIn("receipt", order)

    async def test_no_goods_without_one(self) -> None:
        self.suspend(True)
        ref = await self.buy()
        await self.pass_time(5)
        self.assertEqual(self.states(ref)[::2], ("ENDORSED", "COMMITTED"))
        self.assertIn(self.states(ref)[1], ("COMMITTED", "CHECKING"))
        self.suspend(False)
        await self.pass_time(30)
        self.assertEqual(self.states(ref), PAID)

    async def test_a_wrong_one_is_none(self) -> None:
        for name in ("OrderId", "CommitId", "Broker", "Vendor", "Mac"):
            with self.subTest(name):
                honest = self.host._receipt
                self.host._receipt = lambda case: _spoilt(honest(case), name)  # type: ignore[method-assign]
                self.players["B7"].store.commit({"account/a1": None})
                ref = await self.buy()
                self.host._receipt = honest  # type: ignore[method-assign]
                self.assertEqual(self.states(ref)[1:], ("COMMITTED", "COMMITTED"))


class NoPolicy(Four):
    profile = "H"

    async def test_small_orders_need_none(self) -> None:
        self.suspend(True)
        self.assertEqual(self.states(await self.buy())[1], "DELIVERED")


def _spoilt(receipt: Node | None, name: str) -> Node:
    assert receipt is not None
    other = {"OrderId": "other", "CommitId": "0" * 32, "Broker": "B8", "Vendor": "V9"}

    def changed(one: Node) -> Node:
        if one.name != name:
            return one
        return leaf(name, other[name]) if name in other else element("Mac", one.children[0], leaf("Value", "0" * 64))
    return element("HostReceipt", *(changed(one) for one in receipt.children))


if __name__ == "__main__":
    unittest.main()
