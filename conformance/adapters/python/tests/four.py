"""All four roles of this package in one process, on one virtual clock."""

from __future__ import annotations

import unittest
from typing import Any

from quickpay.broker import Broker
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.host import Host
from quickpay.player import Player
from quickpay.server import Server
from quickpay.store import MemoryStore
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet
from tests.world import ADDRESSES, ITEM, NOW, PAYCARD, WALLET, _listed

HOST_KEYS = {"B7": bytes(range(32)).hex(), "V1001": "11" * 32, WALLET: "22" * 32}
#: What V1001 and B7 share, as protocol.md section 9 has it.
PAIR_KEY = "16ee8fa38bc4645e465ad7169fc079dc45cc3be336d16874a7b0d6c950262cb9"


def keys_of(player: str) -> list[dict[str, Any]]:
    if player == "H1":
        return [{"peer": peer, "epoch": 1, "key": key} for peer, key in HOST_KEYS.items()]
    shared = [{"peer": "H1", "epoch": 1, "key": HOST_KEYS[player]}]
    return [*shared, {"peer": "B7", "epoch": 1, "key": PAIR_KEY}] if player == "V1001" else shared


class Four(unittest.IsolatedAsyncioTestCase):
    """A Wallet, a Vendor, a Broker and a Host that know each other."""

    profile = "F"
    policy: dict[str, Any] = {}
    #: Settings of a role that is more than a payer.
    more: dict[str, dict[str, Any]] = {}

    async def asyncSetUp(self) -> None:
        self.clock = Clock(NOW)
        self.players = {name: self._player(name) for name in ADDRESSES}
        self.wallet = Wallet(self.players[WALLET], {"paycards": [PAYCARD]})
        self.vendor = Vendor(self.players["V1001"],
                             {"items": [ITEM], "brokers_accepted": ["B7"], "policy": self.policy, **self.more.get("V1001", {})})
        self.broker = Broker(self.players["B7"], self.bank())
        self.host = Host(self.players["H1"], self.more.get("H1", {}))
        self.servers = {name: Server(self.clock, core.front.handle)
                        for name, core in (("V1001", self.vendor), ("B7", self.broker), ("H1", self.host))}
        self.listed = [_listed(name, await server.start(ADDRESSES[name])) for name, server in self.servers.items()]
        self.listed.append({"id": WALLET, "role": "wallet", "name": "", "endpoints": [], "bound": [ADDRESSES[WALLET]]})
        self.know()
        for core in (self.wallet, self.vendor, self.broker, self.host):
            core.load()
        self.addAsyncCleanup(self._stop)

    def bank(self) -> dict[str, Any]:
        """The settings of the Broker."""
        return {"accounts": [{"account": "a1", "limit": 300, "currency": "USD"}],
                "bindings": [{"wallet": WALLET, "paycard": "P7", "account": "a1", "secret": PAYCARD["secret"]}],
                **self.more.get("B7", {})}

    def _player(self, name: str) -> Player:
        return Player(Identity(name, "H1", self.profile), self.clock, MemoryStore(),
                      {"source": ADDRESSES[name], "currencies": ["USD"], "keys": keys_of(name)})

    def know(self) -> None:
        """Everybody learns what is listed."""
        for player in self.players.values():
            player.directory.replace(self.listed)

    def remove(self, name: str, removed: bool = True) -> None:
        self.mark(name, "removed", removed)

    def mark(self, name: str, key: str, value: Any, *who: str) -> None:
        """Everybody, or only who is named, learns something else of a player."""
        next(one for one in self.listed if one["id"] == name)[key] = value
        for player in who or self.players:
            self.players[player].directory.replace(self.listed)

    async def _stop(self) -> None:
        for part in (self.wallet, self.vendor, self.broker, *self.servers.values()):
            await part.stop()

    async def quiet(self) -> None:
        for _ in range(2):
            for player in self.players.values():
                await player.activity.quiet()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(int(seconds * 1000), self.quiet)

    def suspend(self, suspended: bool) -> None:
        """The Host stops answering, or goes on."""
        self.host.outages.suspend() if suspended else self.host.outages.resume()
        self.servers["H1"].suspend(suspended)

    async def buy(self) -> str:
        """Confirms the offer of the one item; where that ended."""
        ref = self.wallet.open_link("V1001", "news-1")
        shown = await self.wallet.wait(ref, 5000)
        self.wallet.confirm(ref, shown["digest"])
        await self.quiet()
        return ref

    def states(self, ref: str) -> tuple[str, str, str]:
        return (self.wallet.status(ref)["state"], self.vendor.orders()[-1]["state"], self.broker.orders()[-1]["state"])

    def votes(self) -> list[tuple[str, str, list[str]]]:
        return [(case["commit"], case["delivery"], [one["received"] for one in case["statements"]])
                for case in self.host.cases()]
