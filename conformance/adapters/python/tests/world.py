"""A Vendor and a Wallet of this package, and a Broker and a Host that answer as a test tells them."""

from __future__ import annotations

import base64
import unittest
from typing import Any, Callable

from quickpay import documents, times, xml
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.player import Player
from quickpay.server import Server
from quickpay.store import MemoryStore
from quickpay.tables import PATHS
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet
from quickpay.xml import Node, element, leaf

NOW = times.from_text("2026-11-22T12:00:00Z")
WALLET = "W0123456789abcdef0123456789abcdef"
ADDRESSES = {"B7": "127.30.1.2", "H1": "127.30.1.1", "V1001": "127.30.1.10", WALLET: "127.30.1.20"}
GOODS = b"hello, world"
ITEM = {"item": "news-1", "text": "An article", "amount": 125, "currency": "USD", "media_type": "text/plain",
        "data": base64.b64encode(GOODS).decode(), "content_hash": True}
PAYCARD = {"broker": "B7", "paycard": "P7", "secret": "00" * 32, "active": True}

Fault = Callable[[str, Node, bytes], bytes]


class Stub:
    """A Broker or Host that says yes to everything, or what its fault makes of that."""

    def __init__(self, player: str) -> None:
        self.me = Identity(player, "H1", "F")
        self.server = Server(Clock(NOW), self.handle)
        self.requests: list[tuple[str, bytes, str]] = []
        self.faults: list[Fault] = []

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        message = PATHS[path]
        self.requests.append((message, body, peer))
        request = xml.read(body)
        answer = documents.response(self.me, message, request, NOW, "QP-OK", *self._fields(message, request))
        return self.faults.pop(0)(message, request, answer) if self.faults else answer

    def refuse(self, code: str) -> None:
        """The next answer refuses."""
        self.faults.append(lambda message, request, _: documents.response(self.me, message, request, NOW, code))

    def spoil(self, old: bytes, new: bytes) -> None:
        """The next answer has other bytes in one place."""
        self.faults.append(lambda message, request, answer: answer.replace(old, new))

    def lose(self) -> None:
        """The next answer never arrives."""
        def lost(message: str, request: Node, answer: bytes) -> bytes:
            raise ConnectionResetError
        self.faults.append(lost)

    def _fields(self, message: str, request: Node) -> list[Node | None]:
        now = times.to_text(NOW)
        if message == "InquiryPayment":
            return [element("Endorsement", leaf("Broker", self.me.player), leaf("EndorsementId", "e" * 32),
                            request.find("Body/OrderRef"), leaf("EndorsedAt", now),
                            leaf("CheckBy", times.to_text(NOW + 120_000)))]
        if message == "CheckCommit":
            return [leaf("CommitId", "c" * 32), leaf("CommittedAt", now), leaf("SettleBy", now)]
        return [leaf("CaseNo", "1"), leaf("RegisteredAt", now)]

    def named(self, message: str) -> list[bytes]:
        return [body for name, body, _ in self.requests if name == message]


class World(unittest.IsolatedAsyncioTestCase):
    """Everything listens and knows everybody else when a test begins."""

    async def asyncSetUp(self) -> None:
        self.broker, self.host = Stub("B7"), Stub("H1")
        ports = {"B7": await self.broker.server.start(ADDRESSES["B7"]),
                 "H1": await self.host.server.start(ADDRESSES["H1"])}
        self.clock = Clock(NOW)
        self.vendor_store, self.wallet_store = MemoryStore(), MemoryStore()
        self.vendor = Vendor(self._player("V1001", self.vendor_store), {"items": [ITEM], "brokers_accepted": ["B7"]})
        self.vendor_server = Server(self.clock, self.vendor.front.handle)
        ports["V1001"] = await self.vendor_server.start(ADDRESSES["V1001"])
        self.wallet = Wallet(self._player(WALLET, self.wallet_store), {"paycards": [PAYCARD]})
        self.wallet.load()
        self.listed = [_listed(player, port) for player, port in ports.items()]
        for core in (self.vendor, self.wallet):
            core._player.directory.replace(self.listed)
        self.addAsyncCleanup(self._stop)

    def _player(self, player: str, store: MemoryStore) -> Player:
        return Player(Identity(player, "H1", "F"), self.clock, store,
                      {"source": ADDRESSES[player], "currencies": ["USD"]})

    async def _stop(self) -> None:
        for part in (self.wallet, self.vendor, self.vendor_server, self.broker.server, self.host.server):
            await part.stop()

    async def quiet(self) -> None:
        for core in (self.wallet, self.vendor, self.wallet):
            await core._player.activity.quiet()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(int(seconds * 1000), self.quiet)

    async def buy(self, confirm: bool = True) -> str:
        """Opens the link and confirms what is shown."""
        ref = self.wallet.open_link("V1001", "news-1")
        shown = await self.wallet.wait(ref, 5000)
        if confirm and shown["state"] == "OFFERED":
            self.wallet.confirm(ref, shown["digest"])
            await self.quiet()
        return ref

    def state(self, ref: str) -> str:
        return self.wallet.status(ref)["state"]

    def vendor_state(self) -> str:
        return self.vendor.orders()[-1]["state"]


def _listed(player: str, port: int) -> dict[str, Any]:
    role = {"B": "broker", "H": "host", "V": "vendor"}[player[0]]
    return {"id": player, "role": role, "name": "", "endpoints": [{"address": ADDRESSES[player], "port": port}]}
