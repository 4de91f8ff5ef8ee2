"""Four that begin with nothing but the Host's entry and one enrolment code: they register, look each other up, and trade."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

from quickpay import asking, xml
from quickpay.broker import Broker
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.host import Host
from quickpay.player import Player
from quickpay.server import Server
from quickpay.store import MemoryStore, Unit
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet
from tests.keys import listed, to_sign
from tests.looking import at, entry, key_node
from tests.world import ADDRESSES, ITEM, NOW, PAYCARD, WALLET

CODE = "ENROL-4711"
SETTINGS: dict[str, dict[str, Any]] = {
    "H1": {"signing_keys": to_sign("H1"), "sealing_keys": to_sign("H1 seals"), "policy": {"broker_codes": [CODE], "probes_locally": True}},
    "V1001": {"items": [ITEM], "brokers_accepted": ["B1"], "signing_keys": to_sign("V1001")},
    "B7": {"accounts": [{"account": "a1", "limit": 3000, "currency": "USD"}], "signing_keys": to_sign("B7"), "sealing_keys": to_sign("B7 seals")},
    WALLET: {"paycards": [{**PAYCARD, "broker": "B1"}]}}
KINDS: dict[str, Any] = {"H1": Host, "V1001": Vendor, "B7": Broker, WALLET: Wallet}


class Beginners(unittest.IsolatedAsyncioTestCase):
    """By the names that others would have given them; what they are really called the Host says."""

    profile = "F"

    async def asyncSetUp(self) -> None:
        self.clock = Clock(NOW)
        self.stores: dict[str, Any] = {name: MemoryStore() for name in KINDS}
        self.cores: dict[str, Any] = {}
        self.servers = {name: Server(self.clock, lambda *request, name=name: self.cores[name].front.handle(*request)) for name in ("H1", "V1001", "B7")}
        self.ports = {name: await server.start(ADDRESSES[name]) for name, server in self.servers.items()}
        self.keys = [*listed("H1"), *listed("H1 seals", usage="seal")]
        self.package = xml.write(entry("H1", NOW, at(ADDRESSES["H1"], self.ports["H1"]), key_node("H1"), key_node("H1 seals", usage="seal"))).decode()
        for name in KINDS:
            await self.start(name)
        self.addAsyncCleanup(self._stop)

    async def start(self, name: str, **more: Any) -> None:
        if name in self.cores:
            await self.cores[name].stop()
        known = {"directory": [{"id": "H1", "role": "host", "endpoints": [{"address": ADDRESSES["H1"], "port": self.ports["H1"]}], "keys": self.keys}]}
        settings = {"source": ADDRESSES[name], "currencies": ["USD"], **(known if name == "H1" else {"host_entry": self.package}), **SETTINGS[name], **more}
        player = Player(Identity("H1" if name == "H1" else "", "H1", self.profile), self.clock, self.stores[name], settings)
        player.place = (ADDRESSES[name], self.ports[name]) if name in self.ports else None
        self.cores[name] = KINDS[name](player, settings)
        self.cores[name].load()

    async def _stop(self) -> None:
        for part in (*self.cores.values(), *self.servers.values()):
            await part.stop()

    async def quiet(self) -> None:
        for _ in range(3):
            for core in self.cores.values():
                await core._player.activity.quiet()

    async def told(self, name: str, ref: str) -> str | None:
        await self.quiet()
        await self.clock.advance(3000, self.quiet)
        found: str | None = self.cores[name]._player.attempts.status(ref)["told"]
        return found

    def called(self, name: str) -> str:
        return str(self.cores[name]._player.me.player)

    async def everybody_registers(self) -> None:
        """In the end the Broker learns outside QuickPay who its customer is."""
        self.assertEqual(await self.told("B7", self.cores["B7"].registration.register(CODE, "The Bank")), "registered")
        self.assertEqual(await self.told("V1001", self.cores["V1001"].registration.register("The Shop")), "registered")
        self.assertEqual(await self.told(WALLET, self.cores[WALLET].registration.register()), "registered")
        wallet, ticket = self.called(WALLET), self.cores[WALLET].registration.ticket()
        await self.start("B7", tickets=[{"wallet": wallet, "ticket": ticket}],
                         bindings=[{"wallet": wallet, "paycard": "P7", "account": "a1", "secret": PAYCARD["secret"]}])


class Beginning(Beginners):
    async def test_they_trade(self) -> None:
        """QP-REL-002, QP-REL-004, QP-WAL-006, QP-ROLE-025."""
        await self.everybody_registers()
        self.assertEqual((self.called("B7"), self.called("V1001")), ("B1", "V1"))
        if self.profile == "H":
            self.assertEqual(await self.told("V1001", self.cores["V1001"].succession.renew("B1")), "renewed")
        await self.clock.advance(asking.UNKNOWN_MS, self.quiet)  # when the Wallet began there was no such Broker
        for kind, end in (("micro", "DONE"), ("regular", "DONE")):
            self.assertEqual(await self.buy(kind), end, kind)

    async def buy(self, kind: str) -> str:
        wallet = self.cores[WALLET]
        ref = wallet.open_link("V1", "news-1", kind)
        await self.quiet()
        wallet.confirm(ref, wallet.status(ref)["digest"])
        await self.clock.advance(20_000, self.quiet)
        return str(wallet.status(ref)["state"])

    async def test_they_move_and_leave(self) -> None:
        """QP-ADM-013, QP-ADD-23."""
        await self.everybody_registers()
        wallet, ticket = self.cores[WALLET].registration, self.cores[WALLET].registration.ticket()
        self.assertEqual(await self.told(WALLET, wallet.rebind([f"{ADDRESSES[WALLET]}/32", "127.30.9.9/32"], new_ticket=True)), "changed")
        listing = self.cores["H1"]._player.directory
        found = listing.issued(self.called(WALLET))
        self.assertEqual((list(found.bound), found.ticket == wallet.ticket(), found.ticket == ticket), (wallet.nets(), True, False))
        for name in ("Other", "Third"):
            self.assertEqual(await self.told("B7", self.cores["B7"].registration.rename(name)), "changed")
        self.assertEqual(listing.issued("B1").name, "Third")
        self.assertEqual(await self.told(WALLET, wallet.leave()), "gone")
        self.assertTrue(listing.issued(self.called(WALLET)).removed)
        if self.profile == "F":
            return
        self.assertEqual([await self.told("B7", self.cores["B7"].succession.renew()) for _ in range(2)], ["renewed"] * 2)


class BeginningInH(Beginning):
    profile = "H"


class Cut(Exception):
    """The power is gone."""


class CutStore(MemoryStore):
    """Writes so many units more, and then no other; ``torn``: what leaves with the last one is lost."""

    left, torn = 1 << 30, False

    def commit(self, changes: Any) -> None:
        if self.left <= 0:
            raise Cut
        self.left -= 1
        super().commit(changes)
        if self.left <= 0 and self.torn:
            raise Cut


class PowerFails(Beginners):
    """QP-ADD-05, QP-ADD-06: cut at every write of a registration and a change, and begun again on what was written."""

    steps = 12

    async def asyncSetUp(self) -> None:
        self.cuts: list[Exception] = []
        self.enterContext(mock.patch.object(Player, "fail", lambda _, error: self.cuts.append(error)))
        await super().asyncSetUp()

    async def live(self, name: str, *what: Any) -> None:
        """Each of these, one after the other, until the power is gone."""
        for number, act in enumerate(what):
            if number == 0 or self.stores[name].left > 0:
                await self.told(name, act(self.cores[name].registration))

    async def cut(self, name: str, left: int, torn: bool, *what: Any) -> None:
        store: Any = CutStore()
        self.stores[name] = store
        await self.start(name)
        await self.quiet()
        store.left, store.torn = left, torn
        try:
            await self.live(name, *what)
        except Cut:
            pass
        await self.quiet()
        store.left = 1 << 30
        self.cores[name]._caller.drop(self.cores[name].registration._call)
        await self.start(name)
        await self.clock.advance(20_000, self.quiet)

    def agree(self, name: str) -> str:
        """The state of the record; what it says is what the Host has."""
        record = self.stores[name].get("registration") or {"state": "OUT"}
        listing, mine = self.cores["H1"]._player.directory, self.called(name)
        if record["state"] == "OUT":
            self.assertEqual(mine, "")
            return "OUT"
        self.assertNotIn("call", record)
        found = listing.issued(mine)
        self.assertEqual((found.removed, "ticket" not in record or found.ticket == record["ticket"]), (record["state"] == "GONE", True))
        return str(record["state"])

    async def test_a_wallet(self) -> None:
        acts = (lambda one: one.register(), lambda one: one.rebind([], new_ticket=True), lambda one: one.leave())
        seen = [(await self.cut(WALLET, left, torn, *acts), self.agree(WALLET))[1] for left in range(self.steps) for torn in (False, True)]
        self.assertEqual((seen[0], seen[-1], set(seen)), ("OUT", "GONE", {"OUT", "REGISTERED", "GONE"}))

    async def test_a_broker(self) -> None:
        seen = []
        for left in range(self.steps):
            for torn in (False, True):
                code = f"ENROL-{left}-{torn}"
                await self.start("H1", policy={"broker_codes": [code]})
                await self.cut("B7", left, torn, lambda one, code=code: one.register(code, "The Bank"), lambda one: one.rename("Other"))
                seen.append(self.agree("B7"))
        self.assertEqual((seen[0], seen[-1]), ("OUT", "REGISTERED"))

    async def test_twin_that_sends_before_it_writes(self) -> None:
        """Left out: that nothing leaves before it is written. The Host lists a Wallet that knows nothing of it."""
        def early(unit: Unit) -> None:
            for action in unit._then:
                action()
            unit._store.commit(unit._changes)
        listing, before = self.cores["H1"]._player.directory, len(self.cores["H1"]._player.directory.names())
        with mock.patch.object(Unit, "commit", early):
            await self.cut(WALLET, 0, False, lambda one: one.register())
        self.assertEqual((self.agree(WALLET), len(listing.names())), ("OUT", before + 1))


if __name__ == "__main__":
    unittest.main()
