"""Revoke among the Python roles: a signed one is final, one without a signature waits until the Vendor could contest it."""

from __future__ import annotations

import unittest
from typing import Any

from quickpay import documents, signing
from quickpay.documents import from_json
from quickpay.money import parts
from quickpay.player import Refused
from quickpay.takebacks import TakeBacks
from quickpay.xml import Node, element, leaf
from tests.keys import listed
from tests.regular import Regular, changed
from tests.test_regular import CLAIM_DAYS, DAY
from tests.world import WALLET

HOLD = 6 * 3600
UNREACHABLE = element("Unreachable", leaf("FirstTry", "2026-11-22T10:00:00Z"), leaf("LastTry", "2026-11-22T12:00:00Z"),
                      leaf("Tries", 8))


class Revoking(Regular):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        for name in ("B7", "H1"):
            self.players[name]._parameters["T_hold"] = HOLD

    @property
    def take_backs(self) -> TakeBacks:
        assert self.vendor.take_backs is not None
        return self.vendor.take_backs

    async def bought_one(self) -> str:
        """The OrderId of a regular order that was accepted."""
        await self.order()
        return str(self.claims.claims()[-1]["order"])

    async def take_back(self, order: str) -> None:
        self.take_backs.revoke(order, "customer-request")
        await self.quiet()

    async def later_batches(self) -> None:
        await self.pass_time(3600)
        await self.run_batches()

    def unsigned(self) -> None:
        """From now on the Vendor has no key to sign a revoke with."""
        self.take_backs._signer = signing.Signer([])

    def lost_answers(self, name: str = "B7") -> None:
        self.servers[name].suspend(True)

    def at(self, name: str) -> list[str]:
        """In which states a player has revokes."""
        return [one["state"] for _, one in self.players[name].store.under("revoke/")]

    def everywhere(self) -> tuple[list[str], list[str], list[str]]:
        return self.at("V1001"), self.at("B7"), self.at("H1")

    def owed(self) -> int:
        return int(self.broker.balance()[0]["owed"])

    def mail(self) -> list[tuple[str | None, ...]]:
        bodies = [from_json(one["body"]) for _, one in self.players["H1"].store.under("mail/")]
        return [tuple(body.get(name) for name in ("Kind", "Audience/Id", "OrderRef/OrderId", "Ref")) for body in bodies]

    def settlement(self) -> Node:
        """The last that the Broker signed."""
        [*_, (_, batch)] = self.players["B7"].store.under("settled/")
        return from_json(batch["settlement"])

    def totals(self) -> tuple[str | None, ...]:
        return tuple(self.settlement().get(name) for name in ("AcceptedTotal", "DeductionTotal", "CarriedDebit", "NetTotal"))


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
        told = [deduction.get(name) for name in ("OrderId", "Amount", "CommissionReversed")]
        self.assertEqual((told, self.totals()), ([order, "125", "2"], ("125", "123", "0", "0")))
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
        self.lost_answers()
        await self.run_batches()
        with self.assertRaises(Refused):
            self.take_backs.revoke(order, "other")
        self.assertEqual((self.state(), self.at("V1001")), ("CLAIMED", []))

    async def test_a_lost_answer_is_asked_for_again(self) -> None:
        order = await self.bought_one()
        self.lost_answers()
        await self.take_back(order)
        self.assertEqual((self.everywhere(), self.state()), ((["REVOKING"], [], []), "WITHDRAWN"))
        await self.pass_time(3600)  # in profile H the request has grown old and is written anew
        self.servers["B7"].suspend(False)
        await self.pass_time(3600)
        self.assertEqual(self.everywhere(), (["REVOKED"], ["REVOKED"], ["PROVEN"]))

    async def test_nobody_answers_for_t_claim(self) -> None:
        order = await self.bought_one()
        await self.run_batches()
        self.lost_answers()
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


class Asked(Revoking):
    """Revokes that a test sends from the Vendor's address."""

    async def held(self) -> str:
        """An order that the Vendor revoked without a signature."""
        order = await self.bought_one()
        self.unsigned()
        await self.take_back(order)
        return order

    async def forged(self) -> Node:
        """A revoke that the Vendor knows nothing of."""
        await self.bought_one()
        revoke = _revoke(self.kept_claim())
        self.assertEqual(await self.send(revoke), "QP-OK")
        return revoke

    def kept_claim(self) -> dict[str, Any]:
        [*_, (_, claim)] = self.players["V1001"].store.under("claim/")
        return claim

    async def send(self, revoke: Node) -> str:
        code = await self.tell("RevokeOrder", "B7", revoke, sender="V1001")
        await self.quiet()
        return code

    def expect_judged(self, revoke: str, claim: str) -> None:
        self.assertEqual((self.verdicts(), self.at("H1"), self.state()), ([("APPROVED", "QP-OK")], [revoke], claim))


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
        self.assertEqual(notice["until"] - self.clock.now(), CLAIM_DAYS * DAY * 1000 - 599_000)  # one at a time, fresh every ten minutes

    async def test_what_is_held_does_not_fall_back_and_what_is_void_makes_up_for_it(self) -> None:
        await self.bought_one()
        await self.pass_time(CLAIM_DAYS * DAY - 3600)
        self.suspend(True)
        await self.send(_revoke(self.kept_claim()))
        await self.pass_time(2 * 3600)
        self.assertEqual((self.state(), self.at("B7"), self.owed()), ("LOST", ["HELD"], 125))
        [(key, record)] = self.players["B7"].store.under("revoke/")
        unit = self.players["B7"].unit()
        assert self.broker.cancellations is not None
        told = documents.Outcome("ok", "QP-OK", element("X", element("Body", leaf("RevokeState", "void"))))
        self.broker.cancellations.registered(unit, key, told)
        unit.commit()
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
        await self.send(_revoke(self.kept_claim()))
        self.assertEqual(_told(self.answer)[1], "deduct")
        self.claims.contest(order)
        await self.quiet()
        self.expect_judged("VOID", "CLAIMABLE")
        await self.later_batches()
        self.assertEqual((self.state(), self.totals(), self.debts.book()[0]["net"]), ("SETTLED", ("0", "0", "0", "0"), 123))

    async def test_what_was_revoked_is_not_contested_though_nobody_answered(self) -> None:
        order = await self.bought_one()
        self.players["V1001"]._parameters["T_claim"] = 60
        self.lost_answers()
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
        told = [self.answer.get("Body/" + name) for name in ("RevokeId", "Effect", "Amount", "State", "HoldUntil")]
        self.assertEqual(told, ["a" * 32, "released", "125", "final", None])
        self.assertEqual((self.everywhere()[1:], self.owed()), ((["REVOKED"], ["PROVEN"]), 0))

    async def test_the_first_revoke_counts(self) -> None:
        revoke = await self.forged()
        first = _told(self.answer)
        self.assertEqual((first[1:4], first[4] is None), (["released", "125", "pending"], False))
        await self.pass_time(60)
        self.assertEqual(await self.send(changed(revoke, "RevokeId", "b" * 32)), "QP-OK")
        self.assertEqual((_told(self.answer), len(self.mail())), (first, 1))
        self.assertEqual(await self.send(self.by("V1001", "revoke", changed(revoke, "RevokeId", "c" * 32))), "QP-OK")
        self.assertEqual(_told(self.answer), ["a" * 32, "released", "125", "final", None])
        self.assertEqual((self.everywhere()[1:], self.owed(), len(self.mail())), ((["REVOKED"], ["PROVEN"]), 0, 1))
        self.assertEqual(await self.send(revoke), "QP-OK")
        self.assertEqual(_told(self.answer), ["a" * 32, "released", "125", "final", None])


class Refusals(Asked):
    """QP-RV-001, QP-RV-002, QP-RV-004, QP-RV-009, QP-ADD-18: the first that holds, at the Broker and at the Host."""

    async def test_at_the_broker(self) -> None:
        await self.bought_one()
        revoke, other = _revoke(self.kept_claim()), self.kept_claim()
        ref = from_json(other["ref"])
        wrong = [
            (_with_ref(revoke, changed(ref, "Vendor", "V9")), "QP-E-FORBIDDEN"), (self.by("B7", "revoke", revoke), "QP-E-KEY"),
            (self.by("V1001", "batch-claim", revoke), "QP-E-SIGNATURE"),
            (self.by("V1001", "revoke", changed(revoke, "RevokedAt", "2025-11-22T12:00:00Z")), "QP-E-KEY"),
            (_with_ref(revoke, changed(ref, "Kind", "micro")), "QP-E-NOT-REVOCABLE"),
            (_with_ref(revoke, changed(ref, "OrderId", "none")), "QP-E-UNKNOWN-ORDER"),
            (_with_ref(revoke, changed(ref, "Amount", "126")), "QP-E-MISMATCH"),
            (changed(revoke, "CommitId", "0" * 32), "QP-E-MISMATCH")]
        for node, code in wrong:
            self.assertEqual(await self.send(node), code)
        self.assertEqual((self.at("B7"), self.owed()), ([], 125))
        self.assertEqual(await self.send(revoke), "QP-OK")
        for node, code in wrong:
            self.assertEqual(await self.send(node), code)
        await self.pass_time(HOLD + 60)
        self.assertEqual(self.at("B7"), ["REVOKED"])
        for node, code in wrong:
            self.assertEqual(await self.send(node), code)

    async def test_a_key_has_to_be_good_now_too(self) -> None:
        await self.bought_one()
        revoke = self.by("V1001", "revoke", _revoke(self.kept_claim()))
        await self.pass_time(60)
        self.listed[0]["keys"] = listed("V1001", not_after="2026-11-22T12:00:30Z")
        self.know()
        await self.pass_time(600)  # more than T_skew
        self.assertEqual(await self.send(revoke), "QP-E-KEY")
        self.assertEqual(await self.notice(revoke), "QP-OK")  # the Host asks for the moment of RevokedAt alone
        self.listed[0]["keys"] = listed("V1001", withdrawn_from="2026-11-22T12:00:30Z")
        self.know()
        self.assertEqual([await self.send(revoke), await self.notice(revoke)], ["QP-E-KEY", "QP-E-KEY"])

    async def test_nobody_claimed_it_in_time(self) -> None:
        await self.bought_one()
        await self.pass_time(CLAIM_DAYS * DAY + 60)
        self.assertEqual(self.owed(), 0)
        revoke = changed(_revoke(self.kept_claim()), "RevokedAt", "2026-12-22T12:00:00Z")
        for one in (revoke, self.by("V1001", "revoke", revoke)):
            self.assertEqual(await self.send(one), "QP-E-NOT-REVOCABLE")

    async def test_a_debt_without_a_commit_id_of_its_own_compares_none(self) -> None:
        await self.bought_one()
        for prefix in ("debt/", "order/"):
            self.forget(prefix)
        await self.run_batches()
        self.assertEqual(self.state(), "SETTLED")
        self.assertEqual(await self.send(changed(_revoke(self.kept_claim()), "CommitId", "0" * 32)), "QP-OK")

    async def notice(self, revoke: Node | None, **texts: str) -> str:
        """A RegisterRevoke of the Broker; texts differ from what the Revoke says."""
        told = _revoke(self.kept_claim()) if revoke is None else revoke
        for name, text in texts.items():
            told = changed(told, name, text)
        ref, commit, moment = (told.child(name) for name in ("OrderRef", "CommitId", "RevokedAt"))
        assert ref is not None and commit is not None and moment is not None
        embedded = () if revoke is None else (revoke,)
        return await self.tell("RegisterRevoke", "H1", ref, commit, leaf("RevokeId", told.get("RevokeId")), *embedded,
                               leaf("CommissionReversed", 0), moment, sender="B7")

    async def test_at_the_host(self) -> None:
        await self.bought_one()
        revoke = _revoke(self.kept_claim())
        ref = from_json(self.kept_claim()["ref"])
        wrong: list[tuple[Node | None, dict[str, str], str]] = [
            (_with_ref(revoke, changed(ref, "Vendor", "V9")), {}, "QP-E-VENDOR"),
            (_with_ref(revoke, changed(ref, "Kind", "micro")), {}, "QP-E-NOT-REVOCABLE"),
            (self.by("B7", "revoke", revoke), {}, "QP-E-KEY"), (self.by("V1001", "host-case", revoke), {}, "QP-E-SIGNATURE"),
            (revoke, {"CommitId": "0" * 32}, "QP-E-MISMATCH"), (revoke, {"RevokedAt": "2026-11-22T12:00:01Z"}, "QP-E-MISMATCH")]
        for node, texts, code in wrong:
            self.assertEqual(await self.notice(node, **texts), code)
        self.assertEqual((self.at("H1"), self.mail()), ([], []))
        self.assertEqual(await self.notice(None), "QP-OK")
        first = self.answer.get("Body/CaseNo")
        wrong += [(None, {"RevokeId": "b" * 32}, "QP-E-CONFLICT"), (None, {"CommitId": "0" * 32}, "QP-E-CONFLICT")]
        for node, texts, code in wrong:
            self.assertEqual(await self.notice(node, **texts), code)
        self.assertEqual((self.at("H1"), len(self.mail())), (["UNPROVEN"], 1))
        self.assertEqual(await self.notice(self.by("V1001", "revoke", revoke)), "QP-OK")
        told = (self.answer.get("Body/CaseNo"), self.answer.get("Body/RevokeState"))
        self.assertEqual((told, self.at("H1")), ((first, "standing"), ["PROVEN"]))
        for node, texts, code in wrong:
            self.assertEqual(await self.notice(node, **texts), code)
        self.assertEqual(len(self.mail()), 1)

    async def judged(self, *marks: Node, proof: bool = True, evidence: tuple[Node, ...] = ()) -> str:
        """What a case says of the order."""
        claim = self.kept_claim()
        promised = from_json(claim["commitment"]) if proof else None
        item = element("Item", from_json(claim["ref"]), leaf("CommitId", claim["commit"]), promised, *marks)
        case = element("HostCase", leaf("Host", "H1"), leaf("BatchId", documents.fresh_id()), leaf("Vendor", "V1001"),
                       leaf("Broker", "B7"), *evidence, item)
        self.assertEqual(await self.ask("SettleWithHost", self.signed(case, "host-case"), "H1"), "QP-OK")
        return self.answer.get("Body/Verdicts/Verdict/Code") or ""

    async def test_what_contests_nothing(self) -> None:
        contest = leaf("Contest", "yes")
        await self.bought_one()
        self.assertEqual(await self.judged(contest), "QP-E-BROKER-FIRST")  # there is nothing to contest yet
        await self.notice(None)
        self.assertEqual(await self.judged(contest, proof=False), "QP-E-MISMATCH")
        self.assertEqual((await self.judged(), self.at("H1")), ("QP-E-BROKER-FIRST", ["UNPROVEN"]))
        await self.pass_time(HOLD)
        self.assertEqual((await self.judged(contest), self.at("H1")), ("QP-OK", ["VOID"]))  # the last moment

    async def test_too_late_to_contest(self) -> None:
        await self.bought_one()
        await self.notice(None)
        await self.pass_time(HOLD + 1)
        self.assertEqual((await self.judged(leaf("Contest", "yes")), self.at("H1")), ("QP-E-BROKER-FIRST", ["STANDING"]))
        self.assertEqual(await self.judged(leaf("Contest", "yes"), evidence=(UNREACHABLE,)), "QP-E-REVOKED")
        self.assertEqual(self.verdicts(), [("REJECTED", "QP-E-REVOKED")])

    async def test_withdrawn_contests_nothing(self) -> None:
        await self.bought_one()
        await self.notice(None)
        self.assertEqual(await self.judged(leaf("Contest", "yes"), leaf("Withdrawn", "yes")), "QP-E-NOT-CLAIMED")
        self.assertEqual((await self.judged(leaf("Contest", "yes")), self.at("H1")), ("QP-E-NOT-CLAIMED", ["UNPROVEN"]))

    async def test_approved_before(self) -> None:
        await self.bought_one()
        self.assertEqual(await self.judged(evidence=(UNREACHABLE,)), "QP-OK")
        await self.notice(None)
        contest, withdrawn = leaf("Contest", "yes"), leaf("Withdrawn", "yes")
        for marks, proof, state in (((), True, "UNPROVEN"), ((contest, withdrawn), True, "UNPROVEN"),
                                    ((contest,), False, "UNPROVEN"), ((contest,), True, "VOID")):
            self.assertEqual((await self.judged(*marks, proof=proof), self.at("H1")), ("QP-OK", [state]))

    async def test_only_the_vendor(self) -> None:
        await self.bought_one()
        for sender in ("B7", WALLET):
            self.assertEqual(await self.tell("RevokeOrder", "B7", _revoke(self.kept_claim()), sender=sender), "QP-E-FORBIDDEN")


def _revoke(claim: dict[str, Any]) -> Node:
    """As somebody without a key writes it."""
    return element("Revoke", leaf("RevokeId", "a" * 32), from_json(claim["ref"]), leaf("CommitId", claim["commit"]),
                   leaf("Reason", "other"), leaf("RevokedAt", "2026-11-22T12:00:00Z"))


def _with_ref(revoke: Node, ref: Node) -> Node:
    return changed(revoke, "-", "", OrderRef=ref)


def _told(answer: Node) -> list[str | None]:
    return [answer.get("Body/" + name) for name in ("RevokeId", "Effect", "Amount", "State", "HoldUntil")]


if __name__ == "__main__":
    unittest.main()
