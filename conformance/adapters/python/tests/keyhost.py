"""A Host for tests that gives keys and registers Vendors, as it is told."""

from __future__ import annotations

import unittest
from typing import Any

from quickpay import boxes, documents, schema, times, xml
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.keys import Key, seal_right
from quickpay.player import Player
from quickpay.server import Server
from quickpay.tables import PATHS
from quickpay.xml import Node, element, leaf
from tests.keys import to_sign
from tests.world import NOW

DAY = 86_400_000
W9, TICKETS = "W" + "9" * 32, ("5" * 32, "6" * 32)


class KeyHost:
    """A Host that says yes to what is signed and sealed for it, or what it was told to say instead."""

    def __init__(self, profile: str) -> None:
        self.me = Identity("H1", "H1", profile)
        self.clock = Clock(NOW)
        self.server = Server(self.clock, self.handle)
        self.opener = boxes.Opener(to_sign("H1 seals"))
        self.requests: list[Node] = []
        self.asked: list[Node] = []
        self.codes: list[str | None] = []
        self.keys = {"1": Key(1, b"\x11" * 32, None)}
        self.spoilt: str | None = None

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        request, message = xml.read(body), PATHS[path]
        self.requests.append(request)
        code = self.codes.pop(0) if self.codes else "QP-OK"
        if code is None:
            raise ConnectionResetError
        key = self.keys[request.get("Auth/Mac/KeyRef") or ""] if schema.auth_due(request, message) else None
        assert key is None or seal_right(request, key)
        fields = self.fields(message, request) if code == "QP-OK" else []
        return documents.response(self.me, message, request, self.clock.now(), code, *fields, key=key)

    def fields(self, message: str, request: Node) -> list[documents.Part]:
        sealed = request.find("Body/Sealed") is not None
        return [leaf("Vendor", "V9") if message == "RegisterVendor" else None, self.shared(message, request) if sealed else None]

    def shared(self, message: str, request: Node) -> documents.Part:
        asked = self.opener.open(message, request, self.clock.now())
        nonce, reply_key = asked.get("Nonce") or "", asked.get("ReplyKey") or ""
        self.asked.append(asked)
        nonce = "0" * 32 if self.spoilt == "nonce" else nonce
        reply_key = "0" * 64 if self.spoilt == "reply-key" else reply_key
        inner = element(message + "ResponseInner", leaf("Nonce", nonce), *self.given(message, asked))
        self.spoilt = None
        return lambda outer: boxes.boxed(reply_key, inner, outer)

    def given(self, message: str, asked: Node) -> list[Node | None]:
        """What is in the box besides the Nonce; a shared key in profile H, or where there should be none."""
        due = (self.me.profile == "H") != (self.spoilt == "shared")
        shared = element("Shared", leaf("Key", "22" * 32), leaf("Epoch", 2), leaf("ValidTo", times.to_text(NOW + 90 * DAY))) if due else None
        match message:
            case "RegisterWallet":
                return [leaf("WalletId", W9), leaf("LookupTicket", TICKETS[0]), shared]
            case "UpdateWallet":
                return [None if asked.get("NewTicket") is None else leaf("LookupTicket", TICKETS[1])]
            case "RegisterBroker":
                return [leaf("Broker", "B9"), shared, leaf("FeeBp", 5000)]
        return [shared]


class Registers(unittest.IsolatedAsyncioTestCase):
    """A player without an id, of the class ``core`` and at ``address``, and the Host that gives it one; ``store``, ``clock`` and
    ``listed`` are those of the test."""

    profile, port = "F", 4700
    core: Any
    address: str
    settings: dict[str, Any]
    store: Any
    clock: Any
    listed: list[Any]

    def start(self) -> None:
        self.player = Player(Identity("", "H1", self.profile), self.clock, self.store,
                             {"source": self.address, "directory": self.listed, "currencies": ["USD"]})
        self.player.place = (self.address, self.port)
        self.one = self.core(self.player, self.settings)
        self.one.load()
        self.registration: Any = self.one.registration
        self.addAsyncCleanup(self.one.stop)

    async def restart(self) -> None:
        """As after a kill: nothing is left but the store."""
        self.one._caller.drop(self.registration._call)
        await self.one.stop()
        self.start()

    async def told(self, ref: str) -> tuple[str | None, str | None]:
        await self.player.activity.quiet()
        shown = self.player.attempts.status(ref)
        return shown["told"], shown.get("why")
