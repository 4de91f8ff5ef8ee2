"""What Broker and Host refuse of a revoke, and which items of a case contest one."""

from __future__ import annotations

import unittest

from quickpay import documents
from quickpay.documents import from_json
from quickpay.xml import Node, element, leaf
from tests.keys import listed
from tests.regular import changed
from tests.revoking import HOLD, Asked, plain, with_ref
from tests.test_regular import CLAIM_DAYS, DAY
from tests.world import WALLET

UNREACHABLE = element("Unreachable", leaf("FirstTry", "2026-11-22T10:00:00Z"), leaf("LastTry", "2026-11-22T12:00:00Z"),
                      leaf("Tries", 8))


class Refusals(Asked):
    """QP-RV-001, QP-RV-002, QP-RV-004, QP-RV-009, QP-ADD-18: the first that holds, at the Broker and at the Host."""

    async def test_at_the_broker(self) -> None:
        await self.bought_one()
        revoke, ref = plain(self.kept_claim()), from_json(self.kept_claim()["ref"])
        wrong = [
            (with_ref(revoke, changed(ref, "Vendor", "V9")), "QP-E-FORBIDDEN"), (self.by("B7", "revoke", revoke), "QP-E-KEY"),
            (self.by("V1001", "batch-claim", revoke), "QP-E-SIGNATURE"),
            (self.by("V1001", "revoke", changed(revoke, "RevokedAt", "2025-11-22T12:00:00Z")), "QP-E-KEY"),
            (with_ref(revoke, changed(ref, "Kind", "micro")), "QP-E-NOT-REVOCABLE"),
            (with_ref(revoke, changed(ref, "OrderId", "none")), "QP-E-UNKNOWN-ORDER"),
            (with_ref(revoke, changed(ref, "Amount", "126")), "QP-E-MISMATCH"),
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
        revoke = self.by("V1001", "revoke", plain(self.kept_claim()))
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
        revoke = changed(plain(self.kept_claim()), "RevokedAt", "2026-12-22T12:00:00Z")
        for one in (revoke, self.by("V1001", "revoke", revoke)):
            self.assertEqual(await self.send(one), "QP-E-NOT-REVOCABLE")

    async def test_a_debt_without_a_commit_id_of_its_own_compares_none(self) -> None:
        await self.bought_one()
        for prefix in ("debt/", "order/"):
            self.forget(prefix)
        await self.run_batches()
        self.assertEqual(self.state(), "SETTLED")
        self.assertEqual(await self.send(changed(plain(self.kept_claim()), "CommitId", "0" * 32)), "QP-OK")

    async def notice(self, revoke: Node | None, **texts: str) -> str:
        """A RegisterRevoke of the Broker; texts differ from what the Revoke says."""
        told = plain(self.kept_claim()) if revoke is None else revoke
        for name, text in texts.items():
            told = changed(told, name, text)
        ref, commit, moment = (told.child(name) for name in ("OrderRef", "CommitId", "RevokedAt"))
        assert ref is not None and commit is not None and moment is not None
        embedded = () if revoke is None else (revoke,)
        return await self.tell("RegisterRevoke", "H1", ref, commit, leaf("RevokeId", told.get("RevokeId")), *embedded,
                               leaf("CommissionReversed", 0), moment, sender="B7")

    async def test_at_the_host(self) -> None:
        await self.bought_one()
        revoke = plain(self.kept_claim())
        ref = from_json(self.kept_claim()["ref"])
        wrong: list[tuple[Node | None, dict[str, str], str]] = [
            (with_ref(revoke, changed(ref, "Vendor", "V9")), {}, "QP-E-VENDOR"),
            (with_ref(revoke, changed(ref, "Kind", "micro")), {}, "QP-E-NOT-REVOCABLE"),
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
        promised = from_json(claim["commitment"]) if proof and claim["commitment"] else None
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

    async def test_a_contest_never_comes_too_late(self) -> None:
        await self.bought_one()
        await self.pass_time((CLAIM_DAYS + 14) * DAY + 60)
        await self.notice(None)
        self.assertEqual((await self.judged(leaf("Contest", "yes")), self.at("H1")), ("QP-OK", ["VOID"]))

    async def test_a_refusal_because_of_a_revoke_admits_the_commitment(self) -> None:
        store = self.players["H1"].store
        for code, told in (("QP-E-PENDING", "QP-OK"), ("QP-E-UNKNOWN-ORDER", "QP-E-NO-COMMIT")):
            await self.buy()
            [*_, (key, case)] = store.under("case/")
            store.commit({key: {**case, "parts": {"delivery": case["parts"]["delivery"]}}})
            self.assertEqual(await self.judged(evidence=(self.refusal(code),)), told)

    def refusal(self, code: str) -> Node:
        """A Settlement of the Broker that refuses the last order."""
        ref = from_json(self.kept_claim()["ref"])
        totals = ("AcceptedTotal", "CommissionTotal", "DeductionTotal", "PriorDebit", "CarriedDebit", "NetTotal")
        return self.by("B7", "batch-settlement", element(
            "Settlement", leaf("Broker", "B7"), leaf("Vendor", "V1001"), leaf("BatchId", documents.fresh_id()),
            leaf("BatchDigest", "d" * 64), leaf("Currency", "USD"),
            element("Refused", ref.child("OrderId"), ref.child("Digest"), leaf("Code", code)),
            *(leaf(name, 0) for name in totals), leaf("ValueDate", "2026-11-22T12:00:00Z"), leaf("SettledAt", "2026-11-22T12:00:00Z")))

    async def test_withdrawn_contests_nothing(self) -> None:
        await self.bought_one()
        await self.notice(None)
        self.assertEqual(await self.judged(leaf("Contest", "yes"), leaf("Withdrawn", "yes")), "QP-E-REVOKED")
        self.assertEqual((await self.judged(leaf("Contest", "yes")), self.at("H1")), ("QP-E-REVOKED", ["UNPROVEN"]))

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
            self.assertEqual(await self.tell("RevokeOrder", "B7", plain(self.kept_claim()), sender=sender), "QP-E-FORBIDDEN")


if __name__ == "__main__":
    unittest.main()
