"""A Host that gives entries, true or not, and a Wallet, a Vendor and a Broker that know nobody but it."""

from __future__ import annotations

import unittest
from typing import Any, Callable

from quickpay import documents, signing, times, xml
from quickpay.asking import Asking
from quickpay.broker import Broker
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.player import Player
from quickpay.server import Server
from quickpay.signing import Signer
from quickpay.store import MemoryStore
from quickpay.tables import PATHS, family_of
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet
from quickpay.xml import Node, element, leaf
from tests.keys import listed, to_sign
from tests.world import ADDRESSES, ITEM, NOW, PAYCARD, WALLET, Stub

DAY = 86_400
TICKET = "0123456789abcdef" * 2
ROLES = {"H": "host", "B": "broker", "V": "vendor", "W": "wallet"}


def key_node(name: str, **changes: Any) -> Node:
    [key] = signing.published(listed(name, **changes))
    withdrawn = key.withdrawn_from
    return element("Key", leaf("KeyId", key.key_id), leaf("PubKey", key.encoded), leaf("Usage", key.usage),
                   leaf("NotBefore", times.to_text(key.not_before)), leaf("NotAfter", times.to_text(key.after - 1000)),
                   None if withdrawn is None else leaf("WithdrawnFrom", times.to_text(withdrawn)))


def entry(name: str, issued: int, *middle: Node | None, state: str = "live", signer: str = "H1", lasts: int = 8 * DAY, role: str | None = None) -> Node:
    """Middle: what stands between State and IssuedAt."""
    plain = element("Entry", leaf("Role", role or ROLES[name[0]]), leaf("Id", name), leaf("State", state), *middle,
                    leaf("IssuedAt", times.to_text(issued)), leaf("ValidTo", times.to_text(issued + lasts * 1000)))
    return Signer(to_sign(signer)).sign("directory", plain, NOW)


def at(address: str, port: int) -> Node:
    return element("Endpoint", leaf("Addr", address), leaf("Port", port))


class EntryHost(Stub):
    """Takes every notice, and answers questions from what it is told to say; what a name leads to may be a code, too."""

    def __init__(self, clock: Clock) -> None:
        super().__init__("H1")
        self.clock = clock
        self.says: dict[str, Callable[[int], Node] | str] = {}
        self.asked: list[tuple[str, Node]] = []
        self.away = False

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        if PATHS[path] != "LookupPlayer":
            return await super().handle(path, body, peer)
        request = xml.read(body, family_of(path))
        name = request.get("Body/Id") or ""
        self.asked.append((name, request))
        if self.away:
            raise ConnectionResetError
        said = self.says.get(name, "QP-E-FORBIDDEN")
        now = self.clock.now()
        if isinstance(said, str):
            return documents.response(self.me, "LookupPlayer", request, now, said)
        return documents.response(self.me, "LookupPlayer", request, now, "QP-OK", said(now))

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


class Looking(unittest.IsolatedAsyncioTestCase):
    """Three that begin with the Host's entry."""

    vendor_keys: list[dict[str, Any]] = []

    async def asyncSetUp(self) -> None:
        self.clock = Clock(NOW)
        self.host = EntryHost(self.clock)
        self.stores = {name: MemoryStore() for name in ("V1001", "B7", WALLET)}
        self.cores: dict[str, Any] = {}
        port = await self.host.server.start(ADDRESSES["H1"])
        self.host_place = at(ADDRESSES["H1"], port)
        self.host.says["H1"] = lambda now: entry("H1", now, self.host_place, key_node("H1"))
        self.package = xml.write(self.host.says["H1"](NOW)).decode()
        self.servers = {name: Server(self.clock, lambda *request, name=name: self.cores[name].front.handle(*request)) for name in ("V1001", "B7")}
        for name, server in self.servers.items():
            place = at(ADDRESSES[name], await server.start(ADDRESSES[name]))
            self.host.says[name] = lambda now, name=name, place=place: entry(name, now, place, key_node(name))
        net = element("Net", leaf("Addr", ADDRESSES[WALLET]), leaf("Prefix", 32))
        self.host.says[WALLET] = lambda now: entry(WALLET, now, net)
        for name in self.stores:
            self.start(name)
        self.addAsyncCleanup(self._stop)

    def settings(self, name: str) -> dict[str, Any]:
        more = {"V1001": {"items": [ITEM], "brokers_accepted": ["B7"], "signing_keys": self.vendor_keys}, WALLET: {"paycards": [PAYCARD]},
                "B7": {"accounts": [{"account": "a1", "limit": 3000, "currency": "USD"}], "tickets": [{"wallet": WALLET, "ticket": TICKET}],
                       "bindings": [{"wallet": WALLET, "paycard": "P7", "account": "a1", "secret": PAYCARD["secret"]}]}}
        return {"host_entry": self.package, "source": ADDRESSES[name], "currencies": ["USD"], **more[name]}

    def start(self, name: str) -> None:
        """Again, on what is in its store, after a kill as well."""
        settings = self.settings(name)
        player = Player(Identity(name, "H1", "F"), self.clock, self.stores[name], settings)
        kind: dict[str, Any] = {"V": Vendor, "B": Broker, "W": Wallet}
        self.cores[name] = kind[name[0]](player, settings)
        self.cores[name].load()

    async def restart(self, name: str) -> None:
        for question in self.directory(name)._open.values():
            self.cores[name]._caller.drop(question.call)
            self.clock.cancel(question.end)
        await self.cores[name].stop()
        self.start(name)

    async def _stop(self) -> None:
        for part in (*self.cores.values(), *self.servers.values(), self.host.server):
            await part.stop()

    def directory(self, name: str) -> Asking:
        found: Asking = self.cores[name]._player.directory
        return found

    @property
    def wallet(self) -> Wallet:
        found: Wallet = self.cores[WALLET]
        return found

    async def quiet(self) -> None:
        for _ in range(2):
            for core in self.cores.values():
                await core._player.activity.quiet()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(int(seconds * 1000), self.quiet)

    async def open(self, vendor: str = "V1001") -> str:
        ref = self.wallet.open_link(vendor, "news-1")
        await self.quiet()
        return ref

    async def pay(self, ref: str, seconds: int = 10) -> str:
        """Confirms what is shown; the state after a while, in which questions were answered and requests repeated."""
        shown = self.wallet.status(ref)
        self.wallet.confirm(ref, shown["digest"])
        await self.quiet()
        await self.pass_time(seconds)
        return str(self.wallet.status(ref)["state"])

    def state(self, ref: str) -> tuple[str, str | None]:
        shown = self.wallet.status(ref)
        return shown["state"], shown["told"]
