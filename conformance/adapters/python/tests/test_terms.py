"""What Brokers say of how they pay, and Vendors and Brokers of where they send from: at the Host, and where it is looked up."""

from __future__ import annotations

import unittest

from quickpay import terms, times
from quickpay.terms import Terms
from quickpay.xml import Node, element, leaf
from tests import test_entries, test_keys_host
from tests.keys import listed
from tests.test_entries import many, told
from tests.test_keys_host import signed
from tests.test_registration_host import HERE, THERE, Enrolling, Registering, Shop, endpoint, sealed
from tests.world import ADDRESSES, NOW, WALLET

ELSEWHERE = "127.30.3.3"


def oldest(product: str, version: str) -> Node:
    return element("MinPaycard", leaf("Product", product), leaf("Version", version))


class Rates(unittest.TestCase):
    """QP-ROLE-019: what a Broker keeps of an order is what it had told when it committed it."""

    told = Terms(rates=((0, 100), (NOW, 200), (NOW + 5000, 300)))

    def test_by_the_moment_of_the_commitment(self) -> None:
        self.assertEqual([self.told.rate(NOW + at) for at in (-NOW, -1, 0, 4999, 5000, 10 ** 9)], [100, 100, 200, 200, 300, 300])
        self.assertEqual((self.told.told, Terms().rate(NOW), Terms().told), (300, None, None))

    def test_the_contract_counts_at_any_time(self) -> None:
        contract = Terms(contract=7, rates=self.told.rates)
        self.assertEqual(([contract.rate(NOW + at) for at in (-1, 10 ** 9)], contract.told), ([7, 7], 300))

    def test_who_told_nothing_first(self) -> None:
        rates = terms.next_rate(leaf("CommissionBp", 50), [], NOW), terms.next_rate(element("Change", leaf("CommissionBp", 50)), [], NOW)
        self.assertEqual(rates, ({}, {"rates": [[NOW, 50]]}))
        late = terms.changed(Terms(), rates[1])
        self.assertEqual((late.rate(NOW - 1), late.rate(NOW)), (None, 50))

    def test_the_last_64_are_kept(self) -> None:
        """The earliest of them counts for whatever is older."""
        rates: list[list[int | None]] = [[0, 1]]
        for number in range(2, 67):
            rates = terms.next_rate(element("Change", leaf("CommissionBp", number)), rates, NOW + number)["rates"]
        kept = terms.changed(Terms(), {"rates": rates})
        self.assertEqual((len(rates), kept.rate(NOW), kept.rate(NOW + 4), kept.told), (64, 3, 4, 66))


class Versions(unittest.TestCase):
    """QP-ADM-006."""

    def test_number_by_number(self) -> None:
        for version, least in (("1.9", "1.10"), ("1", "1.0.0.1"), ("2.0", "10"), ("0.9.9", "1")):
            self.assertTrue(terms.older(version, least), version)
            self.assertFalse(terms.older(least, version), version)
        self.assertFalse(terms.older("1.0", "1") or terms.older("1", "1.0.0.0"))

    def test_every_line_about_a_product_counts(self) -> None:
        said = Terms(oldest=(("card", "1.2"), ("card", "1.4"), ("other", "9")))
        self.assertEqual([said.admits("card", version) for version in ("1.1", "1.3", "1.4", "2")], [False, False, True, True])
        self.assertTrue(said.admits("Card", "0.1"))


class Telling(Enrolling):
    """Brokers that say on which terms they pay."""

    ALL = (leaf("SourceAddr", HERE), leaf("SourceAddr", "2001:db8::5"), leaf("Currency", "EUR"), leaf("CommissionBp", 250),
           oldest("card", "1.10"), oldest("other", "2"))

    async def come_on(self, *said: Node, code: str = "CODE-1") -> str:
        """RegisterBroker with these terms."""
        def named(*names: str) -> list[Node]:
            return [one for one in said if one.name in names]
        fields = [leaf("EnrolmentCode", code), leaf("Name", "New Bank"), endpoint(THERE, 8102), *named("SourceAddr"), *self.keys(),
                  *named("Currency", "CommissionBp", "MinPaycard")]
        asked = self.ask_as_nobody("RegisterBroker", sealed(self.inside("RegisterBroker", *fields)))
        return await self.deliver("RegisterBroker", asked, THERE)

    async def entered(self, *said: Node) -> str:
        self.assertEqual(await self.come_on(*said), "QP-OK")
        assert self.told is not None
        return self.told.get("Broker") or ""

    async def alter(self, broker: str, at: int, *said: Node, by: str = "B7", peer: str = THERE) -> str:
        """UpdateBroker, made so many seconds after the beginning."""
        change = element("BrokerChange", leaf("Broker", broker), *said, leaf("ChangedAt", times.to_text(NOW + at * 1000)))
        return await self.as_member("UpdateBroker", broker, peer, signed(change, "broker-change", by))

    async def shown_of(self, broker: str) -> list[list[str]]:
        entry = await self.seen("broker", broker)
        return [told(entry, name) for name in ("SourceAddr", "Currency", "CommissionBp", "MinPaycard")]


class Told(Telling):
    """QP-ADM-013, QP-ROLE-009: the terms of a Broker come with its registration or later, and its entry says them."""

    async def test_all_of_it_may_be_absent(self) -> None:
        self.assertEqual(await self.shown_of(await self.entered()), [[], [], [], []])

    async def test_it_is_shown(self) -> None:
        """Also after a restart, and to whoever asks."""
        broker = await self.entered(*self.ALL)
        said = [[HERE, "2001:db8::5"], ["EUR yes"], ["250"], ["card 1.10", "other 2"]]
        self.assertEqual(await self.shown_of(broker), said)
        self.restart()
        self.assertEqual(await self.shown_of(broker), said)

    async def test_what_is_named_replaces_and_the_rest_stays(self) -> None:
        broker = await self.entered(*self.ALL)
        self.assertEqual(await self.alter(broker, 1, leaf("CommissionBp", 0)), "QP-OK")
        self.assertEqual(await self.shown_of(broker), [[HERE, "2001:db8::5"], ["EUR yes"], ["0"], ["card 1.10", "other 2"]])
        self.assertEqual(await self.alter(broker, 2, leaf("SourceAddr", ELSEWHERE), leaf("Currency", "USD"), oldest("card", "1.9")), "QP-OK")
        self.restart()
        self.assertEqual(await self.shown_of(broker), [[ELSEWHERE], ["USD yes"], ["0"], ["card 1.9"]])

    async def test_currencies_have_to_be_active(self) -> None:
        """A10: after the keys, and the code is not used up; one that is taken out of the table later stays."""
        for said, code in ((leaf("Currency", "XXX"), "QP-E-CURRENCY"), (leaf("Currency", "USD"), "QP-OK")):
            self.assertEqual(await self.come_on(leaf("Currency", "EUR"), said), code)
        assert self.told is not None
        self.player.currencies = frozenset({"USD"})
        self.assertEqual((await self.shown_of(self.told.get("Broker") or ""))[1], ["EUR yes", "USD yes"])

    async def test_a_change_is_refused_for_its_currency_before_its_date(self) -> None:
        """A11: after the signature, and nothing of it counts."""
        broker = await self.entered()
        self.assertEqual(await self.alter(broker, 5, leaf("Currency", "USD")), "QP-OK")
        for at, said, by, code in ((4, "XXX", "V new", "QP-E-KEY"), (4, "XXX", "B7", "QP-E-CURRENCY"), (4, "USD", "B7", "QP-E-CONFLICT"),
                                   (6, "XXX", "B7", "QP-E-CURRENCY")):
            self.assertEqual(await self.alter(broker, at, leaf("Currency", said), leaf("CommissionBp", 9), by=by), code)
        self.assertEqual((await self.shown_of(broker))[1:3], [["USD yes"], []])

    async def test_what_an_entry_cannot_hold(self) -> None:
        """QP-ROLE-009: what is no address, product or version is left out, and a list that is too long is cut."""
        self.listed[0] |= {"source_addresses": ["nowhere", "::::", *(f"127.30.4.{number}" for number in range(20))],
                           "oldest_paycards": [{"product": product, "version": version} for product, version in (
                               ("p" * 65, "1"), ("card", "1.x"), *((f"card-{number}", "1") for number in range(20)))],
                           "currencies": ["usd", *(f"{a}{b}X" for a in "ABCDEFGHIJKLMNO" for b in "ABCDEFGHIJKLMNO")]}
        self.know()
        shown = await self.shown_of("B7")
        self.assertEqual([len(one) for one in shown], [16, 200, 0, 16])
        self.assertEqual((shown[0][0], shown[3][0]), ("127.30.4.0", "card-0 1"))

    async def test_the_owners_contract_is_not_told(self) -> None:
        """QP-ROLE-019: an entry has what the Broker said itself."""
        self.listed[0]["commission_bp"] = 300
        self.know()
        self.assertEqual((await self.shown_of("B7"))[2], [])


class ToldInF(Told):
    profile = "F"


class Sources(Registering):
    """QP-ROLE-009: where a Vendor or Broker sends from besides its Endpoints. Look-ups have no Auth in either profile."""

    async def asks(self, sender: str, peer: str) -> str:
        return await self.ask(test_entries.by_id("broker", "B7"), sender, peer)

    async def test_a_vendor_names_them(self) -> None:
        shop = await Shop(self).open()
        self.assertEqual(await self.enter(shop), "QP-OK")
        vendor = self.taken()
        self.assertEqual([await self.asks(vendor, peer) for peer in (HERE, THERE)], ["QP-OK", "QP-E-FORBIDDEN"])
        said = (leaf("SourceAddr", THERE), shop.tag())
        self.assertEqual(await self.as_member("UpdateVendor", vendor, HERE, *said), "QP-OK")
        self.restart()
        self.assertEqual(len(shop.probes), 1)
        self.assertEqual(told(await self.seen("vendor", vendor), "SourceAddr"), [THERE])
        self.assertEqual([await self.asks(vendor, peer) for peer in (HERE, THERE, ELSEWHERE)], ["QP-OK", "QP-OK", "QP-E-FORBIDDEN"])

    async def test_a_place_that_is_probed_brings_them(self) -> None:
        """QP-ADD-26: and one that does not answer changes nothing of them."""
        shop, other = [await Shop(self).open(address) for address in (HERE, THERE)]
        other.secret = shop.secret
        self.assertEqual(await self.enter(shop), "QP-OK")
        vendor = self.taken()
        for changed, code, said in (({"Nonce": "0" * 32}, "QP-E-ADDRESS", []), ({}, "QP-OK", [ELSEWHERE])):
            other.changed = changed
            self.assertEqual(await self.as_member("UpdateVendor", vendor, HERE, other.endpoint(), leaf("SourceAddr", ELSEWHERE),
                                                  shop.tag()), code)
            self.assertEqual(told(await self.seen("vendor", vendor), "SourceAddr"), said)

    async def test_the_owner_names_them(self) -> None:
        """Of a Vendor or a Broker; a Wallet is where it is bound."""
        for one in self.listed:
            one["source_addresses"] = [THERE]
        self.know()
        for sender, code in (("B7", "QP-OK"), ("V1001", "QP-OK"), (WALLET, "QP-E-FORBIDDEN")):
            self.assertEqual((await self.asks(sender, THERE), await self.asks(sender, ELSEWHERE)), (code, "QP-E-FORBIDDEN"))
        self.assertEqual(await self.asks("B7", ADDRESSES["B7"]), "QP-OK")


class SourcesInF(Sources):
    profile = "F"


class Suspended(Telling):
    """QP-ROLE-009, QP-ADM-013: the Host's owner suspends a Broker, and reinstates it."""

    def suspend(self, name: str = "B7", suspended: bool = True) -> None:
        if all(one["id"] != name for one in self.listed):
            self.listed.append({"id": name, "role": "broker"})
        next(one for one in self.listed if one["id"] == name)["suspended"] = suspended
        self.know()

    async def test_its_entry_says_so(self) -> None:
        for suspended, state in ((True, "suspended"), (False, "live")):
            self.suspend("B7", suspended)
            self.assertEqual((await self.seen("broker", "B7")).get("State"), state)
        self.listed[0] |= {"suspended": True, "removed": True}
        self.listed[1]["suspended"] = True
        self.know()
        self.assertEqual((await self.seen("broker", "B7")).get("State"), "removed")
        self.assertEqual((await self.seen("vendor", "V1001")).get("State"), "live")

    async def test_it_changes_nothing_of_itself(self) -> None:
        """A5: until it is reinstated."""
        broker = await self.entered()
        for suspended, code in ((True, "QP-E-FORBIDDEN"), (False, "QP-OK")):
            self.suspend(broker, suspended)
            self.assertEqual(await self.alter(broker, 1, leaf("Name", "Changed")), code)
        self.assertEqual((await self.seen("broker", broker)).get("Name"), "Changed")

    async def test_its_keys_are_its_own(self) -> None:
        """QP-ADD-18: it publishes and withdraws as before."""
        self.listed[0]["keys"] = listed("B7")
        self.suspend()
        key = test_keys_host.new_key("V new", "B7", NotBefore=times.to_text(NOW))
        self.assertEqual(await self.publish(test_keys_host.change(key, "B7"), "B7"), "QP-OK")
        back = test_keys_host.withdrawal("V new", "V new", player="B7")
        self.assertEqual(await self.say("WithdrawKey", back, "B7"), "QP-OK")
        self.assertIn((test_keys_host.key_id("V new"), "2026-11-22T12:00:00Z"), await self.shown("B7"))

    async def test_who_is_listed_for_this_alone_keeps_what_it_registered_with(self) -> None:
        """QP-ADD-18, QP-ADD-23: what it signed before has to be judged by somebody's keys."""
        broker = await self.entered(*self.ALL)
        before = await self.seen("broker", broker)
        for changes, state in (({"suspended": True}, "suspended"), ({"removed": True}, "removed")):
            self.listed = [*self.listed[:3], {"id": broker, "role": "broker", **changes}]
            self.know()
            entry = await self.seen("broker", broker)
            self.assertEqual(entry.get("State"), state)
            for name in ("Name", "Endpoint", "Key", "SourceAddr", "Currency", "CommissionBp", "MinPaycard"):
                self.assertEqual((many(entry, name), bool(many(entry, name))), (many(before, name), True))


class SuspendedInF(Suspended):
    profile = "F"


class Charged(Telling):
    """QP-ROLE-019: the fee of an order is a share of what its Broker kept when it committed it."""

    settings = {**Registering.settings, "policy": {**Registering.settings["policy"], "fee_bp": 5000, "commission_bp": 1000}}
    AMOUNT = 10_000

    def order(self, kind: str, number: int) -> Node:
        return element("OrderRef", leaf("Kind", kind), leaf("Vendor", "V1001"), leaf("OrderId", f"o-{number}"), leaf("Amount", self.AMOUNT),
                       leaf("Currency", "USD"), leaf("Expires", "2026-11-22T12:15:00Z"), leaf("Digest", "d1" * 32))

    async def fee(self, broker: str, at: int, kind: str = "micro", peer: str = THERE) -> int:
        """What the Host takes for an order that was committed so many seconds after the beginning."""
        self.number = getattr(self, "number", 0) + 1
        ref, when = self.order(kind, self.number), times.to_text(NOW + at * 1000)
        if kind == "micro":
            code = await self.as_member("RegisterCommit", broker, peer, ref, leaf("Wallet", WALLET), leaf("CommitId", "c0" * 16),
                                        leaf("CommittedAt", when), leaf("SettleBy", "2026-12-22T12:00:00Z"))
        else:
            promised = element("Commitment", leaf("Broker", broker), leaf("CommitId", "c0" * 16), ref, leaf("CommittedAt", when),
                               leaf("ClaimBy", "2026-12-22T12:00:00Z"))
            code = await self.as_member("regular/RegisterOrder", WALLET, ADDRESSES[WALLET], ref, leaf("Broker", broker),
                                        signed(promised, "commitment", "B7"))
        self.assertEqual(code, "QP-OK")
        return self.host.fees.charged(ref, broker)

    async def pass_to(self, at: int) -> None:
        await self.clock.advance(NOW + at * 1000 - self.clock.now(), self.player.activity.quiet)

    async def test_a_change_counts_from_when_the_host_took_it(self) -> None:
        """By the Host's clock, whatever date the change has; also of an order that is registered afterwards."""
        broker = await self.entered(leaf("CommissionBp", 200))
        await self.pass_to(60)
        self.assertEqual(await self.alter(broker, -120, leaf("CommissionBp", 400)), "QP-OK")
        await self.pass_to(120)
        for kind in ("micro", "regular"):
            self.assertEqual([await self.fee(broker, at, kind) for at in (-10, 59, 60, 90)], [500, 100, 200, 200])
        self.restart()
        self.assertEqual([await self.fee(broker, at) for at in (59, 60)], [100, 200])

    async def test_a_refused_change_changes_no_rate(self) -> None:
        broker = await self.entered(leaf("CommissionBp", 200))
        self.assertEqual(await self.alter(broker, 1, leaf("Currency", "XXX"), leaf("CommissionBp", 400)), "QP-E-CURRENCY")
        self.assertEqual(await self.fee(broker, 1), 100)

    async def test_before_a_broker_told_anything_the_contract_counts(self) -> None:
        broker = await self.entered()
        await self.pass_to(60)
        self.assertEqual(await self.alter(broker, 1, leaf("CommissionBp", 400)), "QP-OK")
        self.assertEqual([await self.fee(broker, at) for at in (59, 60)], [500, 200])

    async def test_the_owners_word_counts_at_any_time(self) -> None:
        broker = await self.entered(leaf("CommissionBp", 200))
        for contract, fee in (({}, 100), ({"commission_bp": 600}, 300), ({"commission_bp": 0}, 0)):
            self.listed = [*self.listed[:3], {"id": broker, "role": "broker", **contract}]
            self.know()
            self.assertEqual(await self.fee(broker, 0), fee)


class ChargedInF(Charged):
    profile = "F"


if __name__ == "__main__":
    unittest.main()
