"""Revoke among the Python roles: a signed one is final, one without a signature waits until the Vendor could contest it."""

from __future__ import annotations

import unittest

from quickpay import documents
from quickpay.documents import from_json
from quickpay.money import parts
from quickpay.player import Refused
from quickpay.xml import Node, element, leaf
from tests.regular import changed
from tests.revoking import HOLD, Asked, Revoking, plain, told
from tests.test_regular import CLAIM_DAYS, DAY


class Signed(Revoking):
    """QP-RV-003, QP-RV-005, QP-RV-006, QP-RV-008, QP-RV-011, QP-RV-013."""

    async def test_what_waits_for_a_batch_falls_back(self) -> None:
        order = await self.bought_one()
        await self.take_back(order)
        self.assertEqual((self.everywhere(), self.state(), self.owed()), ((["REVOKED"], ["REVOKED"], ["PROVEN"]), "WITHDRAWN", 0))
        [alert] = self.mail()
        self.assertEqual(alert[:3], ("revoke-alert", "V1001", order))
        with self.assertRaises(Refused):
            self.claims.run()

    async def test_what_was_settled_is_deducted_once_and_without_commission(self) -> None:
        order = await self.bought_one()
        await self.run_batches()
        await self.take_back(order)
        self.assertEqual((self.state(), self.owed()), ("WITHDRAWN", 0))
        await self.pass_time(3600)
        self.assertEqual(self.debts.book()[0]["paid"], 123)  # a Settlement that was signed is paid out all the same
        await self.order()
        await self.run_batches()
        [deduction] = parts(self.settlement(), "Deduction")
        taken = [deduction.get(name) for name in ("OrderId", "Amount", "CommissionReversed")]
        self.assertEqual((taken, self.totals()), ([order, "125", "2"], ("125", "123", "0", "0")))
        await self.buy()
        await self.later_batches()
        self.assertEqual((self.totals(), self.debts.book()[0]["net"]), (("125", "0", "0", "123"), 246))
        self.assertEqual(self.owed(), 250)

    async def test_what_exceeds_the_payout_is_carried(self) -> None:
        orders = [await self.bought_one() for _ in range(2)]
        await self.run_batches()
        for order in orders:
            await self.take_back(order)
        await self.buy()
        await self.later_batches()
        named = [one.get("OrderId") for one in parts(self.settlement(), "Deduction")]
        self.assertEqual((named, self.totals()), (sorted(orders), ("125", "246", "123", "0")))

    async def test_only_once_and_only_a_claim_at_rest(self) -> None:
        order = await self.bought_one()
        await self.take_back(order)
        await self.buy()
        for one in (order, self.claims.claims()[-1]["order"], "none"):
            for refuse in (lambda: self.take_backs.revoke(one, "other"), lambda: self.claims.contest(one)):
                with self.assertRaises(Refused):
                    refuse()
        self.assertEqual([one["state"] for one in self.claims.claims()], ["WITHDRAWN", "CLAIMABLE"])

    async def test_in_a_batch_it_is_not_taken_back(self) -> None:
        order = await self.bought_one()
        self.out_of_reach()
        await self.run_batches()
        with self.assertRaises(Refused):
            self.take_backs.revoke(order, "other")
        self.assertEqual((self.state(), self.at("V1001")), ("CLAIMED", []))

    async def test_a_lost_answer_is_asked_for_again(self) -> None:
        order = await self.bought_one()
        self.out_of_reach()
        await self.take_back(order)
        self.assertEqual((self.everywhere(), self.state()), ((["REVOKING"], [], []), "WITHDRAWN"))
        await self.pass_time(3600)  # in profile H the request has grown old and is written anew
        self.servers["B7"].suspend(False)
        await self.pass_time(3600)
        self.assertEqual(self.everywhere(), (["REVOKED"], ["REVOKED"], ["PROVEN"]))

    async def test_nobody_answers_for_t_claim(self) -> None:
        order = await self.bought_one()
        await self.run_batches()
        self.out_of_reach()
        self.players["V1001"]._parameters["T_claim"] = HOLD
        await self.take_back(order)
        await self.pass_time(HOLD - 1)
        self.assertEqual((self.at("V1001"), self.state()), (["REVOKING"], "WITHDRAWN"))
        await self.pass_time(1)
        self.assertEqual((self.at("V1001"), self.state()), (["FAILED"], "SETTLED"))
        with self.assertRaises(Refused):  # it may have been taken
            self.claims.contest(order)
        self.servers["B7"].suspend(False)
        await self.take_back(order)
        self.assertEqual((self.at("V1001"), self.state()), (["REVOKED"], "WITHDRAWN"))

    async def test_what_the_broker_refused_is_claimed_again(self) -> None:
        for settled in (False, True):
            order = await self.bought_one()
            if settled:
                await self.later_batches()
            before = self.players["B7"].store.get(f"debt/regular/V1001/{order}")
            self.players["B7"].store.commit({f"debt/regular/V1001/{order}": {**before, "state": "UNCLAIMED"}})
            await self.take_back(order)
            self.assertEqual((self.at("V1001")[-1], self.state()), ("FAILED", "SETTLED" if settled else "CLAIMABLE"))
            self.players["B7"].store.commit({f"debt/regular/V1001/{order}": before})
        self.claims.contest(order)  # a revoke that was refused is none

    async def test_a_lie_of_the_broker_is_no_answer(self) -> None:
        for name, text in (("Amount", "124"), ("State", "pending")):
            order = await self.bought_one()
            honest = self.broker.front._served["RevokeOrder"]
            self.pretend(self.broker, "RevokeOrder", lambda one: leaf(name, text) if one.name == name else one)
            await self.take_back(order)
            self.assertEqual(self.at("V1001")[-1], "REVOKING", name)
            self.broker.front._served["RevokeOrder"] = honest
            self.forget("answer/")
            await self.pass_time(60)
            self.assertEqual(self.at("V1001")[-1], "REVOKED", name)

    async def test_a_claim_of_a_revoked_order_is_refused_whatever_unlocks_it(self) -> None:
        order = await self.bought_one()
        await self.run_batches()
        await self.take_back(order)
        await self.pass_time(3600)  # that the Settlement is paid out makes no difference
        claim = self.last_claim()
        [item] = parts(claim, "Item")
        approval = self.by("H1", "host-approval", element(
            "Approval", leaf("Host", "H1"), leaf("Vendor", "V1001"), leaf("Broker", "B7"), leaf("BatchId", "5" * 32),
            element("Approved", *(item.find("OrderRef/" + name) for name in ("OrderId", "Digest", "Amount"))),
            leaf("ApprovedAt", "2026-11-22T12:00:00Z")))
        head = [one for one in claim.children if one.name not in ("BatchId", "Item", "Sig")]
        for some in ((), (approval,)):
            again = element("Claim", leaf("BatchId", documents.fresh_id()), *head, *some, item)
            self.assertEqual(await self.ask("SettleWithBroker", self.signed(again)), "QP-OK")
            self.assertEqual(self.answer.get("Body/Settlement/Refused/Code"), "QP-E-REVOKED")


class Hardened(Signed):
    profile = "H"

    async def test_without_a_key_nothing_is_revoked(self) -> None:
        order = await self.bought_one()
        self.unsigned()
        with self.assertRaises(Refused):
            self.take_backs.revoke(order, "other")
        self.assertEqual((self.state(), self.at("V1001")), ("CLAIMABLE", []))


class Held(Asked):
    """QP-ADD-16, QP-RV-012: anybody could have sent a revoke without a signature from the Vendor's address."""

    async def test_it_is_booked_when_the_host_says_that_it_stands(self) -> None:
        await self.held()
        self.assertEqual((self.everywhere(), self.owed()), ((["REVOKED"], ["HELD"], ["UNPROVEN"]), 125))
        await self.pass_time(HOLD)
        self.assertEqual((self.everywhere()[1:], self.owed()), ((["HELD"], ["UNPROVEN"]), 125))
        await self.pass_time(1)
        self.assertEqual((self.everywhere()[1:], self.owed()), ((["REVOKED"], ["STANDING"]), 0))
        self.assertEqual(len(self.mail()), 1)

    async def test_that_it_stands_says_nothing_before_hold_until_is_over(self) -> None:
        await self.held()
        await self.pass_time(HOLD)
        for state in ("open", "standing"):
            self.host_says(state)
            self.assertEqual((self.at("B7"), self.owed()), (["HELD"], 125), state)

    async def test_a_host_that_was_away_makes_up_for_it(self) -> None:
        await self.held()
        self.suspend(True)
        await self.pass_time(3600)
        self.suspend(False)
        await self.pass_time(HOLD - 60)
        self.assertEqual((self.everywhere()[1:], self.owed()), ((["HELD"], ["UNPROVEN"]), 125))
        await self.pass_time(60 + 600)  # the Broker asks again every ten minutes
        self.assertEqual((self.everywhere()[1:], self.owed()), ((["REVOKED"], ["STANDING"]), 0))

    async def test_the_broker_does_not_book_without_the_host(self) -> None:
        await self.held()
        self.suspend(True)
        await self.pass_time(HOLD + 1800)
        self.assertEqual((self.at("B7"), self.owed()), (["HELD"], 125))
        [notice] = [one for _, one in self.players["B7"].store.under("notice/") if one["message"] == "RegisterRevoke"]
        # One at a time, and a fresh one every ten minutes.
        self.assertEqual(notice["until"] - self.clock.now(), CLAIM_DAYS * DAY * 1000 - 599_000)

    async def test_what_is_held_does_not_fall_back_and_what_is_void_makes_up_for_it(self) -> None:
        await self.bought_one()
        await self.pass_time(CLAIM_DAYS * DAY - 3600)
        self.suspend(True)
        await self.send(plain(self.kept_claim()))
        await self.pass_time(2 * 3600)
        self.assertEqual((self.state(), self.at("B7"), self.owed()), ("LOST", ["HELD"], 125))
        self.host_says("void")
        await self.pass_time(3600 - 60)
        self.assertEqual((self.at("B7"), self.owed()), (["VOID"], 125))
        await self.pass_time(120)
        self.assertEqual(self.owed(), 0)

    async def test_the_claim_waits_the_case_contests_and_the_approval_is_paid(self) -> None:
        await self.forged()
        await self.run_batches()
        self.assertEqual(self.settlement().get("Refused/Code"), "QP-E-PENDING")
        self.assertEqual(self.at("B7"), ["HELD"])
        self.expect_judged("VOID", "CLAIMABLE")
        await self.later_batches()
        self.assertEqual((self.state(), self.debts.book()[0]["net"]), ("SETTLED", 123))
        await self.pass_time(HOLD)
        self.assertEqual((self.at("B7"), self.owed()), (["VOID"], 125))

    async def test_the_operator_contests(self) -> None:
        await self.forged()
        self.claims.contest(self.claims.claims()[-1]["order"])
        await self.quiet()
        self.expect_judged("VOID", "CLAIMABLE")
        await self.run_batches()
        self.assertEqual((self.state(), self.debts.book()[0]["net"]), ("SETTLED", 123))

    async def test_what_was_settled_is_contested_and_settled_again(self) -> None:
        order = await self.bought_one()
        await self.run_batches()
        await self.send(plain(self.kept_claim()))
        self.assertEqual(told(self.answer)[1], "deduct")
        self.claims.contest(order)
        await self.quiet()
        self.expect_judged("VOID", "CLAIMABLE")
        await self.later_batches()
        self.assertEqual((self.state(), self.totals(), self.debts.book()[0]["net"]), ("SETTLED", ("0", "0", "0", "0"), 123))

    async def test_what_was_revoked_is_not_contested_though_nobody_answered(self) -> None:
        order = await self.bought_one()
        self.players["V1001"]._parameters["T_claim"] = 60
        self.out_of_reach()
        await self.take_back(order)
        revoke = from_json(self.players["V1001"].store.get(f"revoke/{order}")["revoke"])
        await self.pass_time(61)
        self.servers["B7"].suspend(False)
        self.assertEqual((self.at("V1001"), self.state(), await self.send(revoke)), (["FAILED"], "CLAIMABLE", "QP-OK"))
        await self.run_batches()
        self.assertEqual(self.settlement().get("Refused/Code"), "QP-E-REVOKED")
        [(_, case)] = self.players["V1001"].store.under("dispute/")
        self.assertIsNone(from_json(case["case"]).get("Item/Contest"))
        self.assertEqual((self.verdicts(), self.state()), ([("REJECTED", "QP-E-REVOKED")], "LOST"))

    async def test_what_is_void_needs_the_signature(self) -> None:
        revoke = await self.forged()
        self.claims.contest(self.claims.claims()[-1]["order"])
        await self.pass_time(HOLD + 60)
        self.assertEqual(self.at("B7"), ["VOID"])
        self.assertEqual(await self.send(revoke), "QP-E-NOT-REVOCABLE")
        self.assertEqual(await self.send(self.by("V1001", "revoke", changed(revoke, "RevokeId", "b" * 32))), "QP-OK")
        self.assertEqual(told(self.answer), ["a" * 32, "released", "125", "final", None])
        self.assertEqual((self.everywhere()[1:], self.owed()), ((["REVOKED"], ["PROVEN"]), 0))

    async def test_the_first_revoke_counts(self) -> None:
        revoke = await self.forged()
        first = told(self.answer)
        self.assertEqual((first[1:4], first[4] is None), (["released", "125", "pending"], False))
        await self.pass_time(60)
        self.assertEqual(await self.send(changed(revoke, "RevokeId", "b" * 32)), "QP-OK")
        self.assertEqual((told(self.answer), len(self.mail())), (first, 1))
        self.assertEqual(await self.send(self.by("V1001", "revoke", changed(revoke, "RevokeId", "c" * 32))), "QP-OK")
        self.assertEqual(told(self.answer), ["a" * 32, "released", "125", "final", None])
        self.assertEqual((self.everywhere()[1:], self.owed(), len(self.mail())), ((["REVOKED"], ["PROVEN"]), 0, 1))
        self.assertEqual(await self.send(revoke), "QP-OK")
        self.assertEqual(told(self.answer), ["a" * 32, "released", "125", "final", None])


class Charged(Revoking):
    """QP-ROLE-019, QP-RV-008: a Host that takes half of the commission."""

    more = {**Revoking.more, "H1": {**Revoking.more["H1"], "policy": {"fee_bp": 5000, "commission_bp": 1000}}}

    def fees(self) -> list[int]:
        return [fee for _, fee in self.players["H1"].store.under("fee/")]

    async def test_an_order_is_charged_for_once(self) -> None:
        await self.bought_one()
        [fee] = self.fees()
        self.assertGreater(fee, 0)

    async def test_a_host_that_charges_nothing_keeps_no_fee(self) -> None:
        self.host.fees._rate = 0
        await self.bought_one()
        self.assertEqual(self.fees(), [])


if __name__ == "__main__":
    unittest.main()
