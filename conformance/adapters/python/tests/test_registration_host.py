"""Registration at the Host: who shows that it listens where it says, who comes sealed, who leaves, and what nobody gets twice."""

from __future__ import annotations

import asyncio
import secrets
import unittest
from typing import Any

from quickpay import boxes, canonical, documents, places, xml
from quickpay.documents import Identity, Part
from quickpay.server import Server
from quickpay.tables import PATH_OF, PATHS, family_of
from quickpay.xml import Node, element, leaf
from tests import test_entries, test_keys_host
from tests.keys import ALWAYS, listed, private, to_sign
from tests.test_keys_host import signed
from tests.world import ADDRESSES

HERE, THERE = "127.30.3.1", "127.30.3.2"


class Shop:
    """Listens, and answers Probes by its secret, or as a test tells it."""

    def __init__(self, case: "Registering") -> None:
        self.secret, self.place = secrets.token_hex(16), (HERE, 0)
        self.probes: list[Node] = []
        self.changed: dict[str, str] = {}
        self.code = "QP-OK"
        self._case = case
        self._server = Server(case.clock, self.handle)

    async def open(self, address: str = HERE) -> "Shop":
        self.place = (address, await self._server.start(address))
        self._case.addAsyncCleanup(self._server.stop)
        return self

    def tag(self) -> Node:
        return leaf("ProbeTag", canonical.digest("probe", element("ProbeProof", leaf("ProbeSecret", self.secret))))

    def endpoint(self) -> Node:
        return endpoint(*self.place)

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        request = xml.read(body, family_of(path))
        self.probes.append(request)
        name = request.get("Head/Receiver") or ""
        told = {"Nonce": request.get("Body/Nonce") or "", "ProbeSecret": self.secret, **self.changed}
        me = Identity(name, "H1", self._case.profile)
        fields = [leaf(part, text) for part, text in told.items()] if self.code == "QP-OK" else []
        return documents.response(me, PATHS[path], request, self._case.clock.now(), self.code, *fields)


def endpoint(address: str, port: int) -> Node:
    return element("Endpoint", leaf("Addr", address), leaf("Port", port))


def sealed(inner: Node) -> Part:
    return lambda outer: boxes.sealed(private("H1 seals").public, inner, outer)


def key(name: str, binding: Node, use: str | None = "sign", by: str | None = None, purpose: str = "key-proof", **changes: str) -> Node:
    """A key with its proof, bound to its request."""
    dates = {"NotBefore": ALWAYS["not_before"], "NotAfter": ALWAYS["not_after"], **changes}
    plain = element("Key", leaf("PubKey", listed(name)[0]["key"]), None if use is None else leaf("Usage", use),
                    *(leaf(field, text) for field, text in dates.items()), binding)
    return signed(plain, purpose, by or name)


class Registering(test_keys_host.Keyed):
    """A Host that probes on its own machine."""

    settings = {**test_keys_host.Keyed.settings, "policy": {"probes_locally": True, "broker_codes": ["CODE-1", "CODE-2"]}}

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.addAsyncCleanup(self._stop)
        self.reply, self.nonce = secrets.token_hex(32), secrets.token_hex(16)
        self.told: Node | None = None

    async def _stop(self) -> None:
        await self.host.stop()

    def ask_as_nobody(self, message: str, *fields: Part) -> bytes:
        return documents.request(Identity("-", "H1", self.profile), message, "H1", documents.fresh_id(), self.clock.now(), *fields)

    async def deliver(self, message: str, data: bytes, peer: str) -> str:
        self.answer = xml.read(await self.host.front.handle(PATH_OF[message], data, peer), family_of(PATH_OF[message]))
        self.told = boxes.answer_of(message, self.answer, self.reply, self.nonce)
        return self.answer.get("Body/Status/Code") or ""

    def inside(self, message: str, *fields: Node | None) -> Node:
        return element(message + "Inner", *fields, leaf("ReplyKey", self.reply), leaf("Nonce", self.nonce))

    async def enter(self, shop: Shop, peer: str | None = None, *more: Node, place: Node | None = None) -> str:
        """RegisterVendor, from the address of its place unless there is another one."""
        fields: list[Part] = [place or shop.endpoint(), shop.tag(), *more]
        if self.profile == "H":
            fields.append(sealed(self.inside("RegisterVendor")))
        self.asked = self.ask_as_nobody("RegisterVendor", *fields)
        return await self.deliver("RegisterVendor", self.asked, peer or shop.place[0])

    def taken(self) -> str:
        """The id that the last answer gave to a Vendor."""
        return self.answer.get("Body/Vendor") or ""

    async def change(self, vendor: str, shop: Shop, *fields: Node, peer: str = HERE) -> str:
        parts = (*(part for part in fields if part.name == "Endpoint"), *(part for part in fields if part.name == "Name"), shop.tag())
        return await self.as_member("UpdateVendor", vendor, peer, *parts)

    async def as_member(self, message: str, member: str, peer: str, *fields: Part) -> str:
        shared = self.player.keys.best(member, self.clock.now()) if self.profile == "H" else None
        data = documents.request(Identity(member, "H1", self.profile), message, "H1", documents.fresh_id(), self.clock.now(), *fields,
                                 key=shared)
        return await self.deliver(message, data, peer)

    async def seen(self, role: str, name: str, ticket: str | None = None) -> Node:
        return await self.entry(test_entries.by_id(role, name, ticket))


class Vendors(Registering):
    async def test_it_is_listed_by_its_probe(self) -> None:
        """QP-REL-001, QP-ADD-26, Q7 Q9: with its key, and in profile H with one that it shares; also after a restart."""
        shop = await Shop(self).open()
        proof = key("V new", shop.tag(), use=None)
        self.assertEqual(await self.enter(shop, None, leaf("Name", "The Shop"), proof), "QP-OK")
        vendor = self.taken()
        [probe] = shop.probes
        self.assertEqual((probe.get("Head/Receiver"), probe.get("Body/ProbeTag")), (vendor, shop.tag().text))
        self.restart()
        entry = await self.seen("vendor", vendor)
        self.assertEqual((entry.get("Name"), test_entries.told(entry, "Endpoint")), ("The Shop", [f"{HERE} {shop.place[1]}"]))
        self.assertEqual([one.get("KeyId") for one in test_entries.many(entry, "Key")], [test_keys_host.key_id("V new")])
        self.assertEqual(self.told is not None, self.profile == "H")
        self.assertEqual([one.value.hex() for one in self.player.keys.of(vendor)],
                         [] if self.told is None else [self.told.get("Shared/Key")])
        self.assertEqual(await self.deliver("RegisterVendor", self.asked, HERE), "QP-OK")
        self.assertEqual((self.taken(), len(shop.probes)), (vendor, 1))

    async def test_a_wrong_answer_lists_nobody(self) -> None:
        """QP-ADD-26, Q10 Q11: and the id is nobody's."""
        shop = await Shop(self).open()
        right, numbers = shop.secret, []
        for changed, code in (({"ProbeSecret": "0" * 32}, "QP-OK"), ({"Nonce": "0" * 32}, "QP-OK"), ({}, "QP-E-FORBIDDEN"),
                              ({}, "QP-E-UNSUPPORTED")):
            shop.changed, shop.code = changed, code
            self.assertEqual(await self.enter(shop), "QP-E-ADDRESS")
            numbers.append(shop.probes[-1].get("Head/Receiver"))
        shop.changed, shop.code, shop.secret = {}, "QP-OK", right
        self.assertEqual(await self.enter(shop), "QP-OK")
        self.assertEqual(len({*numbers, self.taken()}), 5)
        for name in numbers:
            self.assertEqual(await self.ask(test_entries.by_id("vendor", name or "")), "QP-E-VENDOR")

    async def test_before_any_probe(self) -> None:
        """QP-ADD-18, QP-ADD-26, Q1 to Q5: nobody is asked."""
        shop = await Shop(self).open()
        other, over = leaf("ProbeTag", "0" * 64), {"NotAfter": "2026-11-01T00:00:00Z"}
        keys = [(key("V new", shop.tag(), None, **over), "QP-E-KEY"), (key("V new", other, None), "QP-E-SIGNATURE"),
                (key("V new", shop.tag(), None, by="B7"), "QP-E-SIGNATURE"), (key("V new", shop.tag(), None, purpose="probe"), "QP-E-SIGNATURE")]
        for proof, code in keys:
            self.assertEqual(await self.enter(shop, None, proof), code)
        self.assertEqual(await self.enter(shop, THERE), "QP-E-ADDRESS")
        self.player.place = shop.place
        self.assertEqual(await self.enter(shop), "QP-E-ADDRESS")
        taken = endpoint(ADDRESSES["V1001"], 8103)
        self.assertEqual(await self.enter(shop, ADDRESSES["V1001"], place=taken), "QP-E-ADDRESS")
        self.assertEqual(shop.probes, [])

    async def test_the_places_of_who_was_removed_are_free(self) -> None:
        """QP-ADD-23, QP-ADD-26: once, and by another id."""
        shop = await Shop(self).open()
        self.assertEqual(await self.enter(shop), "QP-OK")
        vendor = self.taken()
        self.assertEqual(await self.enter(shop), "QP-E-ADDRESS")
        self.assertEqual(await self.as_member("UnregisterVendor", vendor, HERE, leaf("Reason", "user")), "QP-OK")
        self.assertEqual((await self.seen("vendor", vendor)).get("State"), "removed")
        self.assertEqual(await self.as_member("UnregisterVendor", vendor, HERE, leaf("Reason", "user")), "QP-E-GONE")
        self.assertEqual(await self.change(vendor, shop, leaf("Name", "Again")), "QP-E-GONE")
        self.assertEqual(await self.enter(shop), "QP-OK")
        self.assertNotEqual(self.taken(), vendor)

    async def test_numbers_that_the_owner_gave_are_passed_over(self) -> None:
        """QP-REL-002, QP-ADD-23: also those that the list has no more, as V2, which it began with."""
        self.listed += [{"id": "V1", "role": "vendor"}, {"id": "V3", "role": "vendor"}]
        self.know()
        self.listed = self.listed[:-2]
        self.know()
        self.restart()
        given = []
        for _ in range(2):
            shop = await Shop(self).open()
            self.assertEqual(await self.enter(shop), "QP-OK")
            given.append(self.taken())
        self.assertEqual(given, ["V4", "V5"])

    async def test_it_moves(self) -> None:
        """QP-ADD-26, Q17 to Q24: every new place is asked, and one that does not answer changes nothing."""
        shop, second, third = [await Shop(self).open(address) for address in (HERE, HERE, THERE)]
        second.secret = third.secret = shop.secret
        self.assertEqual(await self.enter(shop), "QP-OK")
        vendor = self.taken()
        third.changed = {"Nonce": "0" * 32}
        moves = (shop.endpoint(), second.endpoint(), third.endpoint(), leaf("Name", "Moved"))
        self.assertEqual(await self.change(vendor, shop, *moves), "QP-E-ADDRESS")
        entry = await self.seen("vendor", vendor)
        self.assertEqual((entry.get("Name"), len(test_entries.many(entry, "Endpoint"))), (None, 1))
        third.changed = {}
        self.assertEqual(await self.change(vendor, shop, *moves), "QP-OK")
        self.assertEqual([len(one.probes) for one in (shop, second, third)], [1, 2, 2])
        entry = await self.seen("vendor", vendor)
        self.assertEqual((entry.get("Name"), len(test_entries.many(entry, "Endpoint"))), ("Moved", 3))
        self.assertEqual(await self.change(vendor, shop, leaf("Name", "Renamed"), peer=THERE), "QP-OK")
        self.assertEqual((await self.seen("vendor", vendor)).get("Name"), "Renamed")

    async def test_who_was_listed_by_the_owner_changes_likewise(self) -> None:
        """QP-ADM-013: what it says counts before the list, which may come again; who is removed in either is removed."""
        shop = await Shop(self).open()
        peer = ADDRESSES["V1001"]
        self.assertEqual(await self.change("V1001", shop, endpoint(peer, 8103), leaf("Name", "Told"), peer=peer), "QP-OK")
        self.assertEqual(await self.change("V1001", shop, shop.endpoint(), peer=peer), "QP-OK")
        self.know()
        entry = await self.seen("vendor", "V1001")
        self.assertEqual((entry.get("Name"), test_entries.told(entry, "Endpoint")), ("Told", [f"{HERE} {shop.place[1]}"]))
        self.listed[1]["removed"] = True
        self.know()
        self.assertEqual(await self.change("V1001", shop, leaf("Name", "Late")), "QP-E-GONE")

    async def test_a_place_that_keeps_silent(self) -> None:
        """QP-ADD-26, Q12 and Q6: T_probe, all attempts together; who asks meanwhile comes again, a repetition joins, also after a restart."""
        shop = await Shop(self).open()
        await shop._server.stop()
        first = self.start_entering(shop)
        await self.settle()
        self.assertEqual(await self.enter(shop), "QP-E-BUSY")
        await self.host.stop()
        self.restart()
        repeated = self.again(first[1])
        await self.settle()
        await self.clock.advance(9_000, self.settle)
        self.assertFalse(repeated.done())
        await self.clock.advance(1_000, self.settle)
        answer = xml.read(await repeated, family_of(PATH_OF["RegisterVendor"]))
        self.assertEqual(answer.get("Body/Status/Code"), "QP-E-ADDRESS")
        self.assertEqual([one for one, _ in self.store.under("probing/")], [])
        first[0].cancel()

    async def settle(self) -> None:
        """Gives what is ready its turn."""
        for _ in range(20):
            await asyncio.sleep(0.002)

    def again(self, data: bytes) -> Any:
        return asyncio.ensure_future(self.host.front.handle(PATH_OF["RegisterVendor"], data, HERE))

    def start_entering(self, shop: Shop) -> tuple[Any, bytes]:
        fields: list[Part] = [shop.endpoint(), shop.tag()]
        if self.profile == "H":
            fields.append(sealed(self.inside("RegisterVendor")))
        data = self.ask_as_nobody("RegisterVendor", *fields)
        return self.again(data), data


class VendorsInF(Vendors):
    profile = "F"


class Careful(Registering):
    """A Host whose owner admits nothing on its machine."""

    settings = {**Registering.settings, "policy": {}}

    async def test_it_probes_nobody_here(self) -> None:
        shop = await Shop(self).open()
        self.assertEqual(await self.enter(shop), "QP-E-ADDRESS")
        self.assertEqual(shop.probes, [])


class Places(unittest.TestCase):
    def test_where_a_probe_goes(self) -> None:
        """QP-ADD-26: to one machine, in its one spelling, not to the Host's own."""
        for place in (("192.0.2.1", 8000), ("192.0.2.1", 80), ("192.0.2.1", 443), ("2001:db8::1", 8000), ("10.0.0.1", 8000)):
            self.assertTrue(places.probed(place, False), place)
        for place in (("192.0.2.1", 22), ("127.0.0.1", 8000), ("::1", 8000)):
            self.assertEqual((places.probed(place, False), places.probed(place, True)), (False, True), place)
        for text in ("0.0.0.0", "255.255.255.255", "224.0.0.1", "ff02::1", "169.254.1.1", "fe80::1", "::", "2001:db8:0::1", "2001:DB8::1",
                     "::ffff:c000:201", "::c000:201", "ffff", ""):
            self.assertFalse(places.probed((text, 8000), True), text)

    def test_what_covers_whom(self) -> None:
        for bound, peer in (("127.0.0.1", "127.0.0.1"), ("127.0.0.1/32", "::ffff:127.0.0.1"), ("2001:db8::5/64", "2001:db8::9"),
                            ("2001:DB8:0::1", "2001:db8::1")):
            self.assertTrue(places.covers(bound, peer))
        for bound, peer in (("127.0.0.1", "127.0.0.2"), ("2001:db8::5/128", "2001:db8::9"), ("127.0.0.1/32", "::1"), ("", ""),
                            ("nowhere", "127.0.0.1")):
            self.assertFalse(places.covers(bound, peer))


class Wallets(Registering):
    SOFTWARE = element("Software", leaf("Name", "w"), leaf("Version", "1.0"), leaf("ReleaseHash", "0" * 64))

    @staticmethod
    def net(address: str, prefix: int = 32) -> Node:
        return element("Net", leaf("Addr", address), leaf("Prefix", prefix))

    async def enter_wallet(self, *fields: Node, peer: str = HERE) -> str:
        inner = self.inside("RegisterWallet", self.SOFTWARE, *fields)
        return await self.deliver("RegisterWallet", self.ask_as_nobody("RegisterWallet", sealed(inner)), peer)

    async def test_it_gets_an_id_and_a_ticket(self) -> None:
        """QP-WAL-005, QP-ANON-012, I4: by chance; who has the ticket finds it and its addresses."""
        found = set()
        for _ in range(2):
            self.assertEqual(await self.enter_wallet(self.net(THERE), self.net(HERE), key("W", leaf("Nonce", self.nonce))), "QP-OK")
            assert self.told is not None
            wallet, ticket = self.told.get("WalletId") or "", self.told.get("LookupTicket") or ""
            self.assertEqual(self.told.child("Shared") is not None, self.profile == "H")
            found |= {wallet, ticket}
        self.assertEqual(len(found), 4)
        self.restart()
        entry = await self.seen("wallet", wallet, ticket)
        self.assertEqual((test_entries.told(entry, "Net"), len(test_entries.many(entry, "Key"))), ([f"{THERE} 32", f"{HERE} 32"], 1))
        self.assertEqual(await self.ask(test_entries.by_id("wallet", wallet, "0" * 32)), "QP-E-FORBIDDEN")

    async def test_what_is_refused(self) -> None:
        """QP-REL-006, QP-WAL-013, QP-ADD-18: I1 to I3."""
        nonce, other = leaf("Nonce", self.nonce), leaf("Nonce", "0" * 32)
        wrong: list[tuple[list[Node], str]] = [
            ([self.net(THERE)], "QP-E-ADDRESS"), ([self.net(HERE, 31)], "QP-E-ADDRESS"),
            ([self.net(HERE), self.net("2001:db8::", 63)], "QP-E-ADDRESS"),
            ([self.net(HERE), self.net("2001:db8:0::", 64)], "QP-E-ADDRESS"),
            ([self.net(HERE), key("W", nonce, NotAfter="2026-11-01T00:00:00Z")], "QP-E-KEY"),
            ([self.net(HERE), key("W", other)], "QP-E-SIGNATURE"), ([self.net(HERE), key("W", nonce, by="B7")], "QP-E-SIGNATURE"),
            ([self.net(HERE), key("W", nonce, use="seal")], "QP-E-SCHEMA")]
        for fields, code in wrong:
            self.assertEqual(await self.enter_wallet(*fields), code)
        self.assertEqual(await self.enter_wallet(self.net(HERE), self.net("2001:db8::", 64), key("W", nonce)), "QP-OK")

    async def test_it_moves_and_leaves(self) -> None:
        """QP-REL-006, I5 to I9: in profile F from where it is, in profile H from anywhere; the old ticket is dead."""
        await self.enter_wallet(self.net(HERE))
        assert self.told is not None
        wallet, old = self.told.get("WalletId") or "", self.told.get("LookupTicket") or ""
        to = self.net(THERE)
        self.assertEqual(await self.update(wallet, HERE, to), "QP-E-ADDRESS")
        if self.profile == "F":
            self.assertEqual(await self.update(wallet, THERE, to), "QP-E-FORBIDDEN")
            self.assertEqual(await self.update(wallet, HERE, to, self.net(HERE)), "QP-OK")
        self.assertEqual(await self.update(wallet, THERE, to, leaf("NewTicket", "yes")), "QP-OK")
        assert self.told is not None
        ticket = self.told.get("LookupTicket") or ""
        self.assertEqual(await self.ask(test_entries.by_id("wallet", wallet, old)), "QP-E-FORBIDDEN")
        self.assertEqual(test_entries.told(await self.seen("wallet", wallet, ticket), "Net"), [f"{THERE} 32"])
        for code in ("QP-OK", "QP-E-GONE"):
            self.assertEqual(await self.as_member("UnregisterWallet", wallet, THERE, leaf("Reason", "user")), code)
        self.assertEqual((await self.seen("wallet", wallet, ticket)).get("State"), "removed")
        self.assertEqual(await self.update(wallet, THERE, to), "QP-E-GONE")
        self.assertIsNone(self.host.admissions._listing.changes(wallet)["software"])

    async def update(self, wallet: str, peer: str, *fields: Node) -> str:
        return await self.as_member("UpdateWallet", wallet, peer, sealed(self.inside("UpdateWallet", *fields)))


class WalletsInF(Wallets):
    profile = "F"


class Enrolling(Registering):
    """Brokers that come with a code."""

    def bring(self, *keys: Node, code: str = "CODE-1") -> bytes:
        fields = (leaf("EnrolmentCode", code), leaf("Name", "New Bank"), endpoint(HERE, 8102), *keys)
        return self.ask_as_nobody("RegisterBroker", sealed(self.inside("RegisterBroker", *fields)))

    def keys(self) -> tuple[Node, Node]:
        nonce = leaf("Nonce", self.nonce)
        return key("B7", nonce), key("B7 seals", nonce, use="seal")

    async def come(self, *keys: Node, code: str = "CODE-1") -> str:
        return await self.deliver("RegisterBroker", self.bring(*(keys or self.keys()), code=code), THERE)


class Brokers(Enrolling):
    async def test_a_code_leads_to_one_broker(self) -> None:
        """QP-ROLE-025, A1 A4: also after a restart; a refusal does not use it up."""
        for code in ("CODE-", "CODE-10", "code-1"):
            self.assertEqual(await self.come(code=code), "QP-E-FORBIDDEN")
        self.assertEqual(await self.come(self.keys()[0], self.keys()[0]), "QP-E-KEY")
        self.assertEqual(await self.come(), "QP-OK")
        assert self.told is not None
        broker = self.told.get("Broker") or ""
        self.restart()
        self.assertEqual(await self.come(), "QP-E-FORBIDDEN")
        entry = await self.seen("broker", broker)
        self.assertEqual((entry.get("Name"), [one.get("Usage") for one in test_entries.many(entry, "Key")]), ("New Bank", ["sign", "seal"]))
        self.assertEqual(await self.come(code="CODE-2"), "QP-OK")
        self.assertNotEqual(self.told.get("Broker"), broker)

    async def test_its_keys(self) -> None:
        """QP-ADD-18, A2 A3: one to sign and one to seal, each proven for this request."""
        (sign, seal), nonce = self.keys(), leaf("Nonce", self.nonce)
        other = leaf("Nonce", "0" * 32)
        wrong = [((sign, key("V new", nonce)), "QP-E-KEY"), ((seal, key("V new", nonce, use="seal")), "QP-E-KEY"),
                 ((sign, key("B7", nonce, use="seal")), "QP-E-KEY"), ((sign, seal, key("V new", nonce, NotAfter="2026-11-01T00:00:00Z")), "QP-E-KEY"),
                 ((sign, key("B7 seals", other, use="seal")), "QP-E-SIGNATURE"),
                 ((sign, key("B7 seals", nonce, use="seal", by="B7")), "QP-E-SIGNATURE")]
        for keys, code in wrong:
            self.assertEqual(await self.come(*keys), code)
        self.assertEqual(await self.come(sign, seal), "QP-OK")

    async def test_what_it_changes_it_signs(self) -> None:
        """QP-ADM-013, A5 to A9: and the last change is the latest."""
        await self.come()
        assert self.told is not None
        broker = self.told.get("Broker") or ""
        first = self.said(broker, "2026-11-22T11:59:00Z", "One")
        for change, code in ((self.said("B7", "2026-11-22T12:00:00Z", "Other"), "QP-E-FORBIDDEN"),
                             (self.said(broker, "2026-11-22T12:00:00Z", "Other", by="V1001"), "QP-E-KEY"),
                             (self.said(broker, "2025-11-22T12:00:00Z", "Other"), "QP-E-KEY"),
                             (self.said(broker, "2026-11-22T12:00:00Z", "Other", purpose="manifest"), "QP-E-SIGNATURE"),
                             (first, "QP-OK"), (self.said(broker, "2026-11-22T12:00:00Z", "Two"), "QP-OK"), (first, "QP-E-CONFLICT"),
                             (self.said(broker, "2026-11-22T12:00:00Z", "Three"), "QP-E-CONFLICT")):
            self.assertEqual(await self.as_member("UpdateBroker", broker, HERE, change), code)
        self.assertEqual((await self.seen("broker", broker)).get("Name"), "Two")

    async def test_its_key_is_good_when_it_is_read(self) -> None:
        """QP-ADD-18, A6: not only at ChangedAt, which whoever has the key can write."""
        for over, code in (("2026-11-22T11:00:00Z", "QP-E-KEY"), (ALWAYS["not_after"], "QP-OK")):
            self.listed[0]["keys"] = listed("B7", not_after=over)
            self.know()
            change = self.said("B7", "2026-11-22T10:00:00Z", "Other")
            self.assertEqual(await self.as_member("UpdateBroker", "B7", ADDRESSES["B7"], change), code)

    @staticmethod
    def said(broker: str, at: str, name: str, by: str = "B7", purpose: str = "broker-change") -> Node:
        return signed(element("BrokerChange", leaf("Broker", broker), leaf("Name", name), leaf("ChangedAt", at)), purpose, by)


class BrokersInF(Brokers):
    profile = "F"


if __name__ == "__main__":
    unittest.main()
