"""Deadlines that another player set run as differences, from the row that starts them (protocol.md section 7)."""

from __future__ import annotations

import unittest

from quickpay import canonical, documents, offers, times
from quickpay.xml import Node, leaf
from tests.regular import SECRET, Asked, changed
from tests.world import NOW, WALLET

DAY = 86_400
LASTS, STATED = 30 * DAY, 3 * DAY


class Deadlines(Asked):
    async def check_settle_by(self) -> None:
        """The claim that has just begun lasts as long as its commitment does, from now on."""
        await self.pass_time(LASTS - 1)
        self.assertEqual(self.state(), "CLAIMABLE")
        await self.pass_time(1)
        self.assertEqual(self.state(), "LOST")

    async def test_settle_by_of_a_regular_order_runs_from_its_acceptance(self) -> None:
        promised = await self.committed()
        await self.pass_time(600)
        self.assertEqual(await self.bring(promised), "QP-OK")
        await self.check_settle_by()

    async def test_clocks_that_differ_change_nothing(self) -> None:
        promised = await self.committed()
        for name, moment in (("CommittedAt", NOW - 240_000), ("ClaimBy", NOW - 240_000 + LASTS * 1000)):
            promised = changed(promised, name, times.to_text(moment))
        self.assertEqual(await self.bring(self.by("B7", "commitment", promised)), "QP-OK")
        await self.check_settle_by()

    async def endorsed(self) -> Node:
        """The Broker's Endorsement of a fresh order of micropayment."""
        self.assertEqual(await self.tell("GetOrder", "V1001", leaf("Kind", "micro"), leaf("Item", "news-1"),
                                         leaf("BuyerTag", canonical.buyer_tag(SECRET))), "QP-OK")
        order = self.answer.find("Body/Offer/Order")
        assert order is not None
        ref, msg_id = offers.reference(order), documents.fresh_id()
        token = leaf("PaycardToken", canonical.paycard_token(bytes(32), WALLET, "P7", msg_id, ref))
        self.assertEqual(await self.tell("InquiryPayment", "B7", leaf("Paycard", "P7"), ref, token, msg_id=msg_id), "QP-OK")
        endorsement = self.answer.find("Body/Endorsement")
        assert endorsement is not None
        return endorsement

    async def test_settle_by_of_a_micropayment_runs_from_its_delivery(self) -> None:
        asked = await self.endorsed(), leaf("BuyerSecret", SECRET)
        self.servers["B7"].suspend(True)
        self.assertEqual(await self.tell("RequestOrderDelivery", "V1001", *asked), "QP-E-BROKER-UNREACHABLE")
        self.servers["B7"].suspend(False)
        await self.pass_time(10)
        self.assertEqual((self.vendor.orders()[-1]["state"], self.claims.claims()), ("COMMITTED", []))
        await self.pass_time(300)
        self.assertEqual(await self.tell("RequestOrderDelivery", "V1001", *asked), "QP-OK")
        await self.check_settle_by()

    async def test_claim_by_of_a_wallet_runs_from_the_answer(self) -> None:
        def other_clock(promised: Node) -> Node:
            for name, moment in (("CommittedAt", NOW + 240_000), ("ClaimBy", NOW + 240_000 + LASTS * 1000)):
                promised = changed(promised, name, times.to_text(moment))
            return self.by("B7", "commitment", promised)
        self.pretend(self.broker, "regular/InquiryPayment", other_clock)
        self.players["V1001"].store.commit({"sold/news-1": 2})
        ref = await self.order()
        await self.pass_time(LASTS - 1)
        self.assertEqual(self.bought(ref), "REFUSED")
        await self.pass_time(1)
        self.assertEqual(self.bought(ref), "LAPSED")

    async def test_decide_by_runs_from_the_answer_of_the_host(self) -> None:
        await self.buy()
        store = self.players["H1"].store
        [(key, case)] = store.under("case/")
        store.commit({key: {**case, "parts": {"commit": case["parts"]["commit"]}}})
        for prefix in ("debt/", "order/"):
            self.forget(prefix)
        served, asked = self.host.front._served, []
        hear = served["SettleWithHost"]
        served["SettleWithHost"] = lambda pending: (asked.append(self.clock.now()), hear(pending))[1]
        began = self.clock.now()
        await self.run_batches()
        self.assertEqual(self.verdicts(), [("OPEN", "")])
        await self.pass_time(STATED + 10)
        self.assertEqual([(moment - began) / 1000 for moment in asked], [0, STATED, STATED + 1])
        self.assertEqual(self.state(), "LOST")


if __name__ == "__main__":
    unittest.main()
