"""Settlement among the Python roles: batches, refusals, the Host's verdict, and what nobody may get away with."""

from __future__ import annotations

import unittest
from typing import Any

from quickpay import documents, rsa, signing, sums, times, xml
from quickpay.broker import Broker
from quickpay.client import post
from quickpay.debts import _Batch
from quickpay.documents import Identity, from_json
from quickpay.player import Refused
from quickpay.tables import PATH_OF
from quickpay.xml import Node, element, leaf
from tests.four import Four
from tests.keys import listed, private, to_sign
from tests.world import NOW

PLAYERS = ("V1001", "B7", "H1")


class Arithmetic(unittest.TestCase):
    def test_commission_is_rounded_half_to_even(self) -> None:
        self.assertEqual([sums.share(amount, 100) for amount in (49, 50, 51, 149, 150, 151, 250)], [0, 0, 1, 1, 2, 2, 2])
        self.assertEqual([sums.share(10 ** 15 - 1, rate) for rate in (0, 10_000)], [0, 10 ** 15 - 1])

    def test_what_cannot_be_deducted_is_carried(self) -> None:
        for prior, net, carried in ((0, 95, 0), (95, 0, 0), (100, 0, 5)):
            totals = sums.totals([{"Amount": 100, "Commission": 5}], [], prior)
            assert totals is not None
            self.assertEqual((totals["NetTotal"], totals["CarriedDebit"]), (net, carried))


class Signatures(unittest.TestCase):
    node = element("Thing", leaf("Amount", 1))

    def key(self, **changes: Any) -> signing.Published:
        return signing.published(listed("V1001", **changes))[0]

    def test_right_only_for_key_purpose_and_content(self) -> None:
        signed = signing.Signer(to_sign("V1001")).sign("batch-claim", self.node, NOW)
        other = element("Thing", leaf("Amount", 2), signed.children[-1])
        self.assertTrue(signing.right(self.key(), "batch-claim", signed))
        for purpose, node in (("host-case", signed), ("batch-claim", other)):
            self.assertFalse(signing.right(self.key(), purpose, node))
        self.assertFalse(signing.right(signing.published(listed("B7"))[0], "batch-claim", signed))

    def test_padding_with_room_for_more_is_no_signature(self) -> None:
        key, data = private("V1001"), b"data"
        whole = rsa.sign(key, data)
        padded = pow(int.from_bytes(whole, "big"), key.public.exponent, key.public.modulus).to_bytes(256, "big")
        short = b"\x00\x01" + b"\xff" * 8 + padded[padded.index(b"\x00", 2):]
        garbage = short + b"\x01" * (256 - len(short))
        for forged in (garbage, b"\x00" * 256, padded[:-1] + b"\x00"):
            value = pow(int.from_bytes(forged, "big"), key.secret, key.public.modulus).to_bytes(256, "big")
            self.assertFalse(rsa.verify(key.public, value, data))
        self.assertFalse(rsa.verify(key.public, whole + b"\x00", data))
        self.assertTrue(rsa.verify(key.public, whole, data))

    def test_times_and_uses_of_keys(self) -> None:
        self.assertTrue(self.key().good(NOW, NOW, 0))
        for changes in ({"usage": "seal"}, {"withdrawn_from": times.to_text(NOW)}, {"not_after": times.to_text(NOW - 1000)},
                        {"not_before": times.to_text(NOW + 1000)}):
            self.assertFalse(self.key(**changes).good(NOW, NOW, 0), changes)
        self.assertTrue(self.key(not_after=times.to_text(NOW - 1000)).good(NOW, NOW, 300_000))
        self.assertFalse(self.key(withdrawn_from=times.to_text(NOW)).good(NOW - 1000, NOW, 0))

    def test_only_the_one_encoding_of_a_fit_key(self) -> None:
        data = rsa.write_public(private("V1001").public)
        self.assertEqual(rsa.read_public(data), private("V1001").public)
        for bad in (data + b"\x00", data[:-1], b"", b"\x30\x80" + data[4:], data.replace(b"\x05\x00", b"\x05\x01")):
            with self.assertRaises(rsa.Malformed):
                rsa.read_public(bad)
        self.assertIsNone(signing.fit_key(rsa.write_public(private("small", 1024).public)))
        self.assertIsNone(signing.fit_key(rsa.write_public(private("three", 2048, 3).public)))


class Settling(Four):
    more = {name: {"signing_keys": to_sign(name)} for name in PLAYERS}
    more["B7"] = {**more["B7"], "policy": {"commission_bp": 200, "value_after": 3600}}

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        for one in self.listed[:3]:
            one["keys"] = listed(one["id"])
        self.know()
        for player in self.players.values():
            player._parameters["T_broker"] = 3600
        self.claims, self.debts, self.hearings = self.vendor.claims, self.broker.debts, self.host.hearings
        assert self.claims is not None and self.debts is not None and self.hearings is not None

    async def run_batches(self) -> None:
        self.vendor.claims.run()  # type: ignore[union-attr]
        await self.quiet()

    def state(self) -> str:
        return self.claims.claims()[-1]["state"]  # type: ignore[union-attr]

    def verdicts(self) -> list[tuple[str, str]]:
        return [(one["state"], one.get("code", "")) for one in self.hearings.verdicts()]  # type: ignore[union-attr]

    def forget(self, prefix: str, name: str = "B7") -> None:
        store = self.players[name].store
        store.commit({key: None for key, _ in store.under(prefix)})

    async def ask(self, message: str, node: Node, to: str = "B7", sender: str = "V1001") -> str:
        """The code that answers a request from the Vendor's address."""
        data = documents.request(Identity(sender, "H1", self.profile), message, to, documents.fresh_id(), self.clock.now(), node)
        place = next(one for one in self.listed if one["id"] == to)["endpoints"][0]
        answer = await post(place["address"], place["port"], self.players["V1001"].source, PATH_OF[message], data)
        self.answer = xml.read(answer)
        return self.answer.get("Body/Status/Code") or ""

    def last_claim(self) -> Node:
        [*_, (_, batch)] = self.players["V1001"].store.under("batch/")
        return from_json(batch["claim"])

    def signed(self, claim: Node, purpose: str = "batch-claim", by: str = "V1001") -> Node:
        return signing.Signer(to_sign(by)).sign(purpose, signing.unsigned(claim), NOW)


class Plain(Settling):
    async def test_paid(self) -> None:
        for _ in range(2):
            await self.buy()
        await self.run_batches()
        self.assertEqual(self.state(), "SETTLED")
        self.assertEqual(self.debts.book(), [{"vendor": "V1001", "currency": "USD", "net": 246, "paid": 0}])
        await self.pass_time(3600)
        self.assertEqual(self.debts.book()[0]["paid"], 246)
        self.assertEqual(self.broker.balance()[0]["owed"], 250)

    async def test_the_rate_is_that_of_the_commitment(self) -> None:
        """QP-ROLE-019: another configuration counts for orders that are committed afterwards."""
        await self.buy()
        self.configure(1000)
        await self.run_batches()
        await self.pass_time(3600)
        await self.buy()
        await self.run_batches()
        commissions = [settled.get("Settlement/Accepted/Commission") for settled in self.settled()]
        self.assertEqual(commissions, ["2", "12"])  # of 125, at 2 and at 10 percent

    async def test_the_rate_outlives_the_time_for_claims(self) -> None:
        """QP-ROLE-019: also of what the Host approved later."""
        await self.buy()
        [(_, debt)] = self.players["B7"].store.under("debt/")
        self.configure(1000)
        batch, item = _Batch(leaf("Claim", ""), set()), element("Item", from_json(debt["ref"]))
        rates = [self.debts._unlocked(batch, item, one, True)["rate"] for one in ({**debt, "state": "UNCLAIMED"}, None)]
        self.assertEqual(rates, [200, 1000])  # of what is not on record there is none but the present one

    def settled(self) -> list[Node]:
        return [element("Kept", from_json(one["settlement"])) for _, one in sorted(
            self.players["B7"].store.under("settled/"), key=lambda pair: str(from_json(pair[1]["settlement"]).get("SettledAt")))]

    def configure(self, rate: int) -> None:
        """The Broker begins anew with another rate; what it must not forget is in the store."""
        for timer in self.debts._timers.values():
            self.clock.cancel(timer)
        self.more = {**self.more, "B7": {**self.more["B7"], "policy": {"commission_bp": rate, "value_after": 3600}}}
        self.broker = Broker(self.players["B7"], self.bank())
        self.broker.load()
        self.servers["B7"]._handler = self.broker.front.handle
        assert self.broker.debts is not None
        self.debts = self.broker.debts

    async def test_a_batch_at_a_time(self) -> None:
        with self.assertRaises(Refused):
            self.claims.run()
        await self.buy()
        await self.run_batches()
        await self.buy()
        with self.assertRaises(Refused):
            self.claims.run()
        await self.pass_time(3600)
        await self.run_batches()
        self.assertEqual(self.state(), "SETTLED")

    async def test_the_same_claim_has_the_same_answer_and_another_is_a_conflict(self) -> None:
        await self.buy()
        await self.run_batches()
        claim = self.last_claim()
        settlements = []
        for _ in range(2):
            self.assertEqual(await self.ask("SettleWithBroker", claim), "QP-OK")
            settlements.append(self.answer.find("Body/Settlement"))
        self.assertEqual(settlements[0], settlements[1])
        self.assertEqual(self.debts.book()[0]["net"], 123)
        other = self.signed(_with(claim, "Currency", "USD", Item=_with(claim.child("Item"), "CommitId", "0" * 32)))
        self.assertEqual(await self.ask("SettleWithBroker", other), "QP-E-CONFLICT")
        again = self.signed(_with(claim, "BatchId", "1" * 32))
        self.assertEqual(await self.ask("SettleWithBroker", again), "QP-OK")
        refused = self.answer.find("Body/Settlement/Refused")
        self.assertEqual((refused.get("Code"), refused.get("FirstBatch")), ("QP-E-ALREADY-SETTLED", claim.get("BatchId")))
        self.assertEqual(self.debts.book()[0]["net"], 123)

    async def test_refusals_in_their_order(self) -> None:
        await self.buy()
        await self.run_batches()
        claim = _with(self.last_claim(), "BatchId", "2" * 32)
        item = claim.child("Item")
        wrong = [
            (self.signed(_with(claim, "Vendor", "V9")), "QP-E-FORBIDDEN"), (self.signed(_with(claim, "Broker", "B9")), "QP-E-RECEIVER"),
            (self.signed(claim, by="H1"), "QP-E-KEY"), (self.signed(claim, purpose="host-case"), "QP-E-SIGNATURE"),
            (claim, "QP-E-SIGNATURE"), (self.signed(_with(claim, "Total", "126")), "QP-E-TOTAL"),
            (self.signed(_with(claim, "Count", "2")), "QP-E-TOTAL"),
            (self.signed(element("Claim", *_with(_with(claim, "Count", "2"), "Total", "250").children[:-1], item, claim.children[-1])),
             "QP-E-TOTAL"),
            (self.signed(_with(claim, "Currency", "EUR")), "QP-E-CURRENCY")]
        for node, code in wrong:
            self.assertEqual(await self.ask("SettleWithBroker", node), code)
        self.assertEqual(self.debts.book()[0]["net"], 123)

    async def test_a_lie_of_the_broker_is_no_answer(self) -> None:
        await self.buy()
        honest = self.debts._settlement

        def lying(*args: Any) -> Node:
            return _with(honest(*args), "NetTotal", "0")
        self.debts._settlement = lying  # type: ignore[method-assign]
        await self.run_batches()
        self.assertEqual(self.state(), "CLAIMED")
        await self.pass_time(2 * 3600)
        self.assertEqual(self.state(), "CLAIMABLE")  # the Host approved, by what was registered
        self.assertEqual(self.verdicts(), [("APPROVED", "QP-OK")])

    async def test_unclaimed_falls_back(self) -> None:
        await self.buy()
        self.broker.outages.suspend()
        await self.pass_time(86400)
        self.broker.outages.resume()
        await self.pass_time(29 * 86400 + 60)
        self.assertEqual((self.state(), self.broker.balance()[0]["owed"]), ("LOST", 125))
        await self.pass_time(86400)
        self.assertEqual(self.broker.balance()[0]["owed"], 0)


class Disputes(Settling):
    async def refused_and_judged(self, *forget: str) -> None:
        await self.buy()
        for prefix in forget or ("debt/", "order/"):
            self.forget(prefix)
        await self.run_batches()

    async def test_the_host_approves_and_the_broker_pays_once(self) -> None:
        await self.refused_and_judged()
        self.assertEqual(self.verdicts(), [("APPROVED", "QP-OK")])
        self.assertEqual(self.state(), "CLAIMABLE")
        await self.pass_time(3600)
        await self.run_batches()
        self.assertEqual(self.state(), "SETTLED")
        self.assertEqual(self.debts.book()[0]["net"], 123)
        again = self.signed(_with(self.last_claim(), "BatchId", "3" * 32))
        self.assertEqual(await self.ask("SettleWithBroker", again), "QP-OK")
        self.assertEqual(self.answer.get("Body/Settlement/Refused/Code"), "QP-E-ALREADY-SETTLED")
        self.assertEqual(self.debts.book()[0]["net"], 123)

    async def test_without_a_commitment_the_host_rejects(self) -> None:
        await self.buy()
        for name in ("B7", "H1"):
            for prefix in ("debt/", "order/", "case/"):
                self.forget(prefix, name)
        await self.run_batches()
        self.assertEqual((self.verdicts(), self.state()), ([("REJECTED", "QP-E-NO-COMMIT")], "LOST"))

    async def test_open_until_decide_by(self) -> None:
        await self.buy()
        store = self.players["H1"].store
        [(key, case)] = store.under("case/")
        store.commit({key: {**case, "parts": {"commit": case["parts"]["commit"]}}})
        self.forget("debt/")
        self.forget("order/")
        await self.run_batches()
        self.assertEqual((self.verdicts(), self.state()), ([("OPEN", "")], "ARBITRATION"))
        await self.pass_time(86400 + 900 + 60)
        self.suspend(True)
        await self.pass_time(86400)
        self.suspend(False)
        await self.pass_time(2 * 86400 - 1200)
        self.assertEqual(self.verdicts(), [("OPEN", "")])
        await self.pass_time(86400 + 1800)
        self.assertEqual((self.verdicts(), self.state()), ([("REJECTED", "QP-E-NO-DELIVERY")], "LOST"))

    async def test_out_of_reach(self) -> None:
        await self.buy()
        self.broker.outages.suspend()
        self.servers["B7"].suspend(True)
        await self.run_batches()
        await self.pass_time(3600 + 1200)
        self.assertEqual((self.verdicts(), self.state()), ([("APPROVED", "QP-OK")], "CLAIMABLE"))

    async def test_withdrawn(self) -> None:
        await self.buy()
        order = self.claims.claims()[0]["order"]
        self.claims.withdraw(order)
        self.assertEqual(self.state(), "WITHDRAWN")
        for _ in range(2):
            with self.assertRaises(Refused):
                self.claims.withdraw(order)

    async def test_the_broker_comes_first(self) -> None:
        await self.buy()
        await self.run_batches()
        ref = self.last_claim().find("Item/OrderRef")
        case = element("HostCase", leaf("Host", "H1"), leaf("BatchId", "4" * 32), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                       element("Item", ref))
        self.assertEqual(await self.ask("SettleWithHost", self.signed(case, "host-case"), "H1"), "QP-OK")
        self.assertEqual(self.answer.get("Body/Verdicts/Verdict/Code"), "QP-E-BROKER-FIRST")
        self.assertEqual(self.verdicts(), [])
        self.assertEqual(await self.ask("SettleWithHost", self.signed(case), "H1"), "QP-E-SIGNATURE")


class HardenedDisputes(Disputes):
    profile = "H"

    async def test_a_receipt_proves_what_is_on_record(self) -> None:
        """QP-ADD-22: the Vendor has the key of its Mac and can make one, so another commitment's is as good as forged."""
        await self.buy()
        [(_, case)] = self.players["H1"].store.under("case/")
        ref, commit = from_json(case["ref"]), case["parts"]["commit"]
        for commit_id, settle_by, code in ((commit["CommitId"], commit["SettleBy"], "QP-E-BROKER-FIRST"),
                                           ("0" * 32, commit["SettleBy"], "QP-E-SIGNATURE"),
                                           (commit["CommitId"], "2027-12-31T23:59:59Z", "QP-E-SIGNATURE")):
            self.assertEqual(await self.judged(ref, self.receipt(ref, commit_id, settle_by)), code)
        other = _with(ref, "OrderId", "another")
        self.assertEqual(await self.judged(other, self.receipt(other, commit["CommitId"], commit["SettleBy"])), "QP-E-SIGNATURE")
        elsewhere = self.receipt(other, commit["CommitId"], commit["SettleBy"])
        self.assertEqual(await self.judged(ref, elsewhere), "QP-E-MISMATCH")
        self.assertEqual(self.verdicts(), [])

    def receipt(self, ref: Node, commit_id: str, settle_by: str) -> Node:
        """As the Vendor can make it."""
        plain = element("HostReceipt", leaf("Host", "H1"), leaf("Vendor", "V1001"), leaf("Broker", "B7"), ref.child("OrderId"),
                        ref.child("Digest"), leaf("CommitId", commit_id), leaf("SettleBy", settle_by),
                        leaf("RegisteredAt", times.to_text(NOW)))
        key = self.players["V1001"].keys.best("H1", NOW)
        assert key is not None
        return element("HostReceipt", *plain.children, key.mac("host-receipt", plain))

    async def judged(self, ref: Node, receipt: Node) -> str:
        case = element("HostCase", leaf("Host", "H1"), leaf("BatchId", documents.fresh_id()), leaf("Vendor", "V1001"), leaf("Broker", "B7"),
                       element("Item", ref, receipt))
        self.assertEqual(await self.ask("SettleWithHost", self.signed(case, "host-case"), "H1"), "QP-OK")
        return self.answer.get("Body/Verdicts/Verdict/Code") or ""


class HardenedPlain(Plain):
    profile = "H"


def _with(node: Node | None, name: str, text: str, **others: Node) -> Node:
    """The element with another text in one leaf, and other elements for some."""
    assert node is not None
    return element(node.name, *(leaf(name, text) if one.name == name else others.get(one.name, one) for one in node.children))


if __name__ == "__main__":
    unittest.main()
