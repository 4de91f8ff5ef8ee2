"""A Vendor that registers itself, and answers Probes only while it does (protocol.md section 15)."""

from __future__ import annotations

import unittest
from typing import Any

from quickpay import canonical, documents, signing, xml
from quickpay.client import post
from quickpay.documents import Identity
from quickpay.http import HttpError
from quickpay.player import Refused
from quickpay.server import Server
from quickpay.store import MemoryStore
from quickpay.tables import PATH_OF
from quickpay.vendor import Vendor
from quickpay.xml import Node, leaf
from tests.keyhost import KeyHost, Registers
from tests.keys import listed, to_sign
from tests.world import ADDRESSES, ITEM, NOW, _listed

NONCE = "4" * 32


class Registering(Registers):
    """A Vendor without an id, and a Host that gives it V9."""

    core, address = Vendor, ADDRESSES["V1001"]
    settings: dict[str, Any] = {"items": [ITEM], "signing_keys": to_sign("V9")}

    async def asyncSetUp(self) -> None:
        self.host = KeyHost(self.profile)
        self.store, self.clock = MemoryStore(), self.host.clock
        self.listed = [{**_listed("H1", await self.host.server.start(ADDRESSES["H1"])), "keys": listed("H1 seals", usage="seal")},
                       _listed("B7", 1)]
        self.server = Server(self.clock, lambda *request: self.one.front.handle(*request))
        self.port = await self.server.start(ADDRESSES["V1001"])
        self.start()
        for server in (self.host.server, self.server):
            self.addAsyncCleanup(server.stop)

    async def registered(self) -> None:
        self.assertEqual(await self.told(self.registration.register("The Shop")), ("registered", None))

    def asked(self, number: int = -1) -> Node:
        """The Body of a request that the Host got."""
        return self.host.requests[number].children[1]

    async def send(self, message: str, *fields: Node, sender: str = "H1", receiver: str = "V9", source: str | None = None) -> Node:
        data = documents.request(Identity(sender, "H1", self.profile), message, receiver, documents.fresh_id(), NOW, *fields)
        return xml.read(await post(ADDRESSES["V1001"], self.port, source or ADDRESSES[sender], PATH_OF[message], data))

    async def probe(self, tag: str, **how: str) -> str:
        self.answer = await self.send("Probe", leaf("Nonce", NONCE), leaf("ProbeTag", tag), **how)
        return self.answer.get("Body/Status/Code") or ""


class Registered(Registering):
    """QP-REL-001, QP-REL-002, QP-ADD-26."""

    async def begin(self) -> str:
        """The tag of a registration that has no answer yet."""
        self.host.codes = [None]
        self.ref = self.registration.register(None)
        await self.player.activity.quiet()
        return self.asked().get("ProbeTag") or ""

    async def test_it_gives_its_secret_to_the_host_alone(self) -> None:
        tag = await self.begin()
        self.assertEqual(await self.probe(tag, receiver="V4711"), "QP-OK")
        secret = self.answer.get("Body/ProbeSecret") or ""
        self.assertEqual((canonical.probe_tag(secret), self.answer.get("Body/Nonce"), self.answer.get("Head/Sender")), (tag, NONCE, "V4711"))
        self.assertNotIn(secret, xml.write(self.host.requests[0]).decode())
        for wrong, how in (("0" * 64, {}), (tag, {"source": ADDRESSES["B7"]}), (tag, {"sender": "B7"})):
            self.assertEqual(await self.probe(wrong, **how), "QP-E-FORBIDDEN")
            self.assertIsNone(self.answer.get("Body/ProbeSecret"))

    async def test_nothing_else_is_served_without_an_id(self) -> None:
        await self.begin()
        fields = [leaf("Kind", "micro"), leaf("Item", "news-1"), leaf("BuyerTag", "0" * 64)]
        with self.assertRaises(HttpError) as raised:
            await self.send("GetOrder", *fields, source=ADDRESSES["B7"])
        self.assertEqual(raised.exception.status, 503)
        with self.assertRaises(HttpError) as raised:
            await post(ADDRESSES["V1001"], self.port, ADDRESSES["H1"], PATH_OF["Probe"], b"<Probe")
        self.assertEqual(raised.exception.status, 503)
        await self.clock.advance(5000, self.player.activity.quiet)
        offer = await self.send("GetOrder", *fields, source=ADDRESSES["B7"])
        self.assertEqual(offer.get("Body/Offer/Order/Vendor"), "V9")

    async def test_it_has_its_id_for_good(self) -> None:
        await self.registered()
        tag = self.asked().get("ProbeTag") or ""
        self.assertEqual((self.asked().get("Endpoint/Port"), self.asked().get("Name")), (str(self.port), "The Shop"))
        for _ in range(2):
            self.assertEqual((self.player.me.player, self.registration.place()), ("V9", self.player.place))
            self.assertEqual(await self.probe(tag), "QP-E-FORBIDDEN")
            self.assertEqual(await self.probe(tag, receiver="V4711"), "QP-E-RECEIVER")
            with self.assertRaises(Refused):
                self.registration.register(None)
            await self.restart()
        self.assertNotIn("secret", self.store.get("registration"))

    async def test_its_first_key_proves_itself(self) -> None:
        await self.registered()
        key, shown = signing.published(listed("V9"))[0], self.asked().child("Key")
        assert shown is not None
        self.assertTrue(signing.right(key, "key-proof", shown))
        self.assertFalse(signing.right(signing.published(listed("V1001"))[0], "key-proof", shown))
        self.assertEqual(shown.get("ProbeTag"), self.asked().get("ProbeTag"))

    async def test_it_is_repeated_over_a_restart(self) -> None:
        tag = await self.begin()
        await self.restart()
        self.assertEqual(await self.probe(tag, receiver="V4711"), "QP-OK")
        await self.clock.advance(5000, self.player.activity.quiet)
        self.assertEqual(await self.told(self.ref), ("registered", None))
        self.assertEqual(len({xml.write(one) for one in self.host.requests}), 1)

    async def test_who_was_refused_begins_anew(self) -> None:
        self.host.codes = ["QP-E-ADDRESS"]
        self.assertEqual(await self.told(self.registration.register(None)), ("refused", "peer-error"))
        self.assertEqual(self.player.me.player, "")
        await self.registered()
        self.assertNotEqual(self.asked(0).get("ProbeTag"), self.asked(1).get("ProbeTag"))


class Changing(Registering):
    """QP-ADM-013, QP-ADD-23."""

    async def test_a_name(self) -> None:
        for act in (lambda: self.registration.rename("Other"), self.registration.leave):
            with self.assertRaises(Refused):
                act()
        await self.registered()
        self.assertEqual(await self.told(self.registration.rename("Other")), ("changed", None))
        self.assertEqual((self.asked().get("Name"), self.asked().child("Endpoint")), ("Other", None))
        self.assertNotEqual(self.asked(0).get("ProbeTag"), self.asked(1).get("ProbeTag"))
        self.host.codes = ["QP-E-ADDRESS"]
        self.assertEqual(await self.told(self.registration.rename("Third")), ("refused", "peer-error"))
        self.assertEqual(await self.told(self.registration.rename("Fourth")), ("changed", None))

    async def test_another_place(self) -> None:
        await self.registered()
        self.player.place = (ADDRESSES["V1001"], 4711)
        self.host.codes = ["QP-E-ADDRESS", None]
        await self.told(self.registration.rename("Other"))
        self.assertEqual(self.registration.place(), (ADDRESSES["V1001"], self.port))
        ref = self.registration.rename("Other")
        await self.told(ref)
        self.assertEqual(await self.probe(self.asked().get("ProbeTag") or ""), "QP-OK")
        await self.clock.advance(5000, self.player.activity.quiet)
        self.assertEqual((await self.told(ref), self.registration.place()), (("changed", None), self.player.place))

    async def test_where_else_it_sends_from(self) -> None:
        """QP-ROLE-009: the Host is told with the next change, as the owner's policy has it."""
        self.settings = {**self.settings, "policy": {"source_addresses": ["127.30.1.98", "2001:db8::5"]}}
        await self.restart()
        await self.registered()
        self.assertEqual(await self.told(self.registration.rename("Other")), ("changed", None))
        self.assertEqual([one.text for one in self.asked().children if one.name == "SourceAddr"], ["127.30.1.98", "2001:db8::5"])
        for wrong in (["nowhere"], ["2001:DB8::5"], ["127.30.1.98"] * 17):
            self.settings = {**self.settings, "policy": {"source_addresses": wrong}}
            with self.assertRaises(ValueError):
                Vendor(self.player, self.settings)

    async def test_the_end(self) -> None:
        for act, why in ((lambda: self.registration.rename("Other"), "revoked"), (self.registration.leave, None)):
            await self.registered()
            self.host.codes = ["QP-E-GONE"]
            self.assertEqual(await self.told(act()), ("gone", why))
            with self.assertRaises(Refused):
                self.registration.register(None)
            self.store.commit({"registration": None})
            await self.restart()
        await self.registered()
        self.assertEqual(await self.told(self.registration.leave()), ("gone", None))
        self.assertEqual(self.store.get("registration")["state"], "GONE")


class Sealed(Registering):
    """QP-ADD-21."""

    profile = "H"

    async def test_it_gets_a_key(self) -> None:
        await self.registered()
        await self.restart()
        key = self.player.keys.best("H1", NOW)
        self.assertEqual(None if key is None else (key.epoch, key.value), (2, b"\x22" * 32))
        self.host.keys["2"] = key  # type: ignore[assignment]
        self.assertEqual(await self.told(self.registration.leave()), ("gone", None))

    async def test_a_box_for_somebody_else_is_no_answer(self) -> None:
        self.host.spoilt = "nonce"
        ref = self.registration.register(None)
        self.assertEqual((await self.told(ref), self.player.me.player), ((None, None), ""))
        self.assertIsNone(self.player.keys.best("H1", NOW))
        await self.clock.advance(5000, self.player.activity.quiet)
        self.assertEqual((await self.told(ref), self.player.me.player), (("registered", None), "V9"))

    async def test_nobody_to_seal_to(self) -> None:
        self.listed[0]["keys"] = []
        await self.restart()
        with self.assertRaises(Refused):
            self.registration.register(None)


if __name__ == "__main__":
    unittest.main()
