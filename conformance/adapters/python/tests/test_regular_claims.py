"""Claims and disputes about regular orders: what a Commitment proves, at the Broker and before the Host."""

from __future__ import annotations

import unittest

from quickpay import documents, signing
from quickpay.money import parts
from quickpay.xml import Node, element, leaf
from tests.keys import listed, to_sign
from tests.regular import Regular, changed
from tests.test_regular import CLAIM_DAYS, DAY


class Claiming(Regular):
    async def item(self) -> Node:
        """The item of the claim that the Vendor made for an order which the Broker forgot since."""
        await self.order()
        await self.run_batches()
        for prefix in ("debt/", "order/", "settled/", "book/", "account/"):
            self.forget(prefix)
        item = self.last_claim().child("Item")
        assert item is not None
        return item

    async def claim(self, item: Node) -> str:
        """What the Broker says of an item: the code that refuses it, or QP-OK."""
        claim = self.last_claim()
        plain = [one for one in claim.children if one.name not in ("BatchId", "Item", "Sig")]
        fresh = element("Claim", leaf("BatchId", documents.fresh_id()), *plain, item)
        self.assertEqual(await self.ask("SettleWithBroker", self.signed(fresh)), "QP-OK")
        return self.answer.get("Body/Settlement/Refused/Code") or "QP-OK"

    def other(self, item: Node, **texts: str) -> Node:
        """The item with a Commitment of the Broker that says something else."""
        promised = item.child("Commitment")
        assert promised is not None
        for name, text in texts.items():
            promised = changed(promised, name, text)
        return changed(item, "-", "", Commitment=self.by("B7", "commitment", promised))


class Broker(Claiming):
    async def test_a_signature_outlives_the_record(self) -> None:
        item = await self.item()
        self.assertEqual([await self.claim(item) for _ in range(2)], ["QP-OK", "QP-E-ALREADY-SETTLED"])
        self.assertEqual((self.debts.book()[0]["net"], self.broker.balance()[0]["owed"]), (123, 0))

    async def test_refusals_in_their_order(self) -> None:
        item = await self.item()
        promised = item.child("Commitment")
        assert promised is not None
        bare = element("Item", *(one for one in item.children if one.name != "Commitment"))
        wrong = [(bare, "QP-E-NO-COMMIT"),
                 (changed(item, "-", "", Commitment=self.by("V1001", "commitment", promised)), "QP-E-KEY"),
                 (changed(item, "-", "", Commitment=changed(promised, "CommitId", "0" * 32)), "QP-E-SIGNATURE"),
                 (self.other(item, CommitId="0" * 32), "QP-E-MISMATCH"), (self.other(item, Broker="B9"), "QP-E-MISMATCH"),
                 (self.other(item, CommittedAt="2026-10-20T12:00:00Z", ClaimBy="2026-11-22T11:59:59Z"), "QP-E-SETTLE-EXPIRED")]
        for node, code in wrong:
            self.assertEqual(await self.claim(node), code)
        self.assertEqual([book["net"] for book in self.debts.book()], [0])
        self.assertEqual(await self.claim(item), "QP-OK")
        for node, code in (*wrong[:3], (self.other(item, CommitId="0" * 32), "QP-E-MISMATCH")):
            self.assertEqual(await self.claim(node), code)

    async def test_a_micropayment_with_a_commitment_is_none(self) -> None:
        item = await self.item()
        await self.buy()
        [_, claim] = [one for _, one in self.players["V1001"].store.under("claim/")]
        micro = element("Item", documents.from_json(claim["ref"]), leaf("CommitId", claim["commit"]), item.child("Commitment"))
        self.assertEqual(await self.claim(micro), "QP-E-MISMATCH")
        self.forget("debt/")
        self.forget("order/")
        self.assertEqual(await self.claim(micro), "QP-E-UNKNOWN-ORDER")

    async def test_a_key_that_was_withdrawn_is_good_for_what_is_on_record(self) -> None:
        await self.order()
        await self.run_batches()
        item = self.last_claim().child("Item")
        assert item is not None
        self.forget("settled/")
        store = self.players["B7"].store
        [(key, debt)] = store.under("debt/")
        store.commit({key: {**debt, "state": "OWED"}})
        await self.pass_time(60)
        self.debts._signer.keys += signing.own(to_sign("B7 next"), "sign")  # by which the Broker signs from now on
        self.listed[1]["keys"] = [*listed("B7", withdrawn_from="2026-11-22T12:00:30Z"), *listed("B7 next")]
        self.know()
        self.assertEqual(await self.claim(item), "QP-OK")
        self.forget("debt/")
        self.assertEqual(await self.claim(item), "QP-E-KEY")

    async def test_outages_put_claim_by_off(self) -> None:
        await self.order()
        self.broker.outages.suspend()
        await self.pass_time(DAY)
        self.broker.outages.resume()
        await self.pass_time((CLAIM_DAYS - 1) * DAY + 60)
        self.assertEqual((self.state(), self.broker.balance()[0]["owed"]), ("LOST", 125))
        await self.pass_time(DAY)
        self.assertEqual(self.broker.balance()[0]["owed"], 0)


class Host(Regular):
    async def disputed(self) -> None:
        """The Broker refuses what it committed to, since it denies its own key."""
        await self.order()
        debts, unproven = self.debts, self.debts._unproven
        debts._unproven = lambda debt, item: "QP-E-KEY"  # type: ignore[method-assign]
        await self.run_batches()
        debts._unproven = unproven  # type: ignore[method-assign]

    async def test_the_commitment_decides(self) -> None:
        await self.disputed()
        self.assertEqual((self.verdicts(), self.state()), ([("APPROVED", "QP-OK")], "CLAIMABLE"))
        await self.pass_time(3600)
        await self.run_batches()
        self.assertEqual((self.state(), self.debts.book()[0]["net"]), ("SETTLED", 123))

    async def judged(self, *items: Node) -> list[str]:
        """The codes of a case that says the Broker was out of reach."""
        unreachable = element("Unreachable", leaf("FirstTry", "2026-11-22T10:00:00Z"), leaf("LastTry", "2026-11-22T12:00:00Z"),
                              leaf("Tries", 8))
        case = element("HostCase", leaf("Host", "H1"), leaf("BatchId", documents.fresh_id()), leaf("Vendor", "V1001"),
                       leaf("Broker", "B7"), unreachable, *items)
        self.assertEqual(await self.ask("SettleWithHost", self.signed(case, "host-case"), "H1"), "QP-OK")
        verdicts = self.answer.find("Body/Verdicts")
        assert verdicts is not None
        return [one.get("Code") or "" for one in parts(verdicts, "Verdict")]

    async def pieces(self) -> tuple[Node, Node, Node]:
        """OrderRef, CommitId and Commitment of an order that was accepted."""
        promised = self.kept(await self.order(), "commitment")
        ref, commit = promised.child("OrderRef"), promised.child("CommitId")
        assert ref is not None and commit is not None
        return ref, commit, promised

    async def test_what_is_not_right_leaves_nothing(self) -> None:
        ref, commit, promised = await self.pieces()
        forged = self.by("B7", "commitment", changed(promised, "CommitId", "0" * 32))
        wrong = [((ref, commit), "QP-E-MISMATCH"), ((ref, commit, self.by("V1001", "commitment", promised)), "QP-E-KEY"),
                 ((ref, commit, changed(promised, "ClaimBy", "2027-11-22T12:00:00Z")), "QP-E-SIGNATURE"),
                 ((ref, commit, forged), "QP-E-MISMATCH"), ((changed(ref, "Amount", "126"), commit, promised), "QP-E-MISMATCH"),
                 ((changed(ref, "Kind", "micro"), commit, promised), "QP-E-MISMATCH"), ((ref, promised), "QP-E-MISMATCH"), ((ref,), "QP-E-MISMATCH")]
        for fields, code in wrong:
            self.assertEqual(await self.judged(element("Item", *fields)), [code])
        self.assertEqual(self.verdicts(), [])
        self.assertEqual(await self.judged(element("Item", ref, commit, promised)), ["QP-OK"])

    async def test_too_late(self) -> None:
        ref, commit, promised = await self.pieces()
        await self.pass_time((CLAIM_DAYS + 14) * DAY + 60)
        self.assertEqual(await self.judged(element("Item", ref, commit, promised)), ["QP-E-SETTLE-EXPIRED"])
        self.assertEqual(self.verdicts(), [("REJECTED", "QP-E-SETTLE-EXPIRED")])

    async def test_a_key_that_was_withdrawn_is_good_for_what_a_wallet_registered_before(self) -> None:
        ref, commit, promised = await self.pieces()
        await self.pass_time(60)
        self.listed[1]["keys"] = listed("B7", withdrawn_from="2026-11-22T12:00:30Z")
        self.know()
        other = self.by("B7", "commitment", changed(promised, "CommitId", "0" * 32))
        self.assertEqual(await self.judged(element("Item", ref, leaf("CommitId", "0" * 32), other)), ["QP-E-KEY"])
        self.assertEqual(await self.judged(element("Item", ref, commit, promised)), ["QP-OK"])

    async def test_what_was_registered_after_the_withdrawal_is_not_believed(self) -> None:
        self.suspend(True)
        ref, commit, promised = await self.pieces()
        self.listed[1]["keys"] = listed("B7", withdrawn_from="2026-11-22T12:00:30Z")
        self.know()
        await self.pass_time(60)
        self.suspend(False)
        await self.pass_time(120)  # longer than the pause between two tries has become
        self.assertEqual(len(self.cases()), 1)
        self.assertEqual(await self.judged(element("Item", ref, commit, promised)), ["QP-E-KEY"])


class HardenedHost(Host):
    profile = "H"


if __name__ == "__main__":
    unittest.main()
