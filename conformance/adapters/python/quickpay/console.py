"""The product's process: one player with a console of one JSON object a line on a socket."""

from __future__ import annotations

import asyncio
import json
import socket
import sys
from typing import Any, Awaitable, Callable

from quickpay import times
from quickpay.broker import Broker
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.host import Host
from quickpay.outages import Outages
from quickpay.player import Player, Refused, alarm
from quickpay.post import Post
from quickpay.server import Server
from quickpay.store import FileStore
from quickpay.succession import Succession
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet

MAX_LINE = 1 << 20
#: How many times as long a line of the adapter's channel may be on this one, on which all but ASCII is written as escapes.
ESCAPED = 8
MAX_COMMANDS = 64

Command = Callable[[dict[str, Any]], Awaitable[Any]]
KEY_COMMANDS = ("publish-key", "withdraw-key", "renew-key")
SERVERS: dict[str, type[Vendor] | type[Broker] | type[Host]] = {"vendor": Vendor, "broker": Broker, "host": Host}


class Product:
    """One player, from the first command (the settings) to the end of the console."""

    def __init__(self, settings: dict[str, Any], folder: str) -> None:
        now = settings.get("now")
        self.clock = Clock(None if now is None else int(now))
        self.store = FileStore(folder)
        me = Identity(settings["player"], settings["host"], settings.get("profile", "F"))
        self.player = Player(me, self.clock, self.store, settings)
        self.server: Server | None = None
        self.address = settings.get("listen")
        self.core: Wallet | Vendor | Broker | Host
        if settings["role"] in SERVERS:
            self.core = core = SERVERS[settings["role"]](self.player, settings)
            giver = core.give if isinstance(core, Vendor) else lambda path, ticket: None
            self.server = Server(self.clock, core.front.handle, giver)
        else:
            self.core = Wallet(self.player, settings)

    async def start(self) -> dict[str, Any]:
        self.core.load()
        if self.server is not None and isinstance(self.core, Host | Broker):
            self.server.suspend(self.core.outages.open)
        port = await self._listen(self.server) if self.server is not None else None
        if self.address is not None and port is not None:
            self.player.place = (self.address, port)
        return {"address": self.address, "port": port}

    async def _listen(self, server: Server) -> int:
        """A Vendor or Broker that registered its place keeps it, if it is to be had."""
        place = self.core.registration.place() if isinstance(self.core, Vendor | Broker) else None
        if place is None or place[0] != self.address:
            return await server.start(self.address)
        try:
            return await server.start(*place)
        except OSError as error:
            alarm(f"port {place[1]}: {error!r}")
            return await server.start(self.address)

    async def stop(self) -> None:
        if self.server is not None:
            await self.server.stop()
        await self.core.stop()
        self.store.close()

    async def command(self, name: str, line: dict[str, Any]) -> Any:
        """What an operator (or, for a Wallet, its user) can ask for."""
        self.player.activity.refill()
        self.clock.run_due()
        common: dict[str, Command] = {"directory": self._directory, "settle": self._settle, "advance": self._advance,
                                      "orders": self._orders, "state": self._state, "wait-attempt": self._attempt}
        if name in common:
            return await common[name](line)
        if name.startswith("mail-") and not isinstance(self.core, Host):
            return await self._mail(self.core.post, name, line)
        if name in KEY_COMMANDS and not isinstance(self.core, Host):
            return self._key(self.core.succession, name, line)
        match self.core:
            case Wallet():
                return await self._user(self.core, name, line)
            case Broker() | Host() if name in ("suspend", "resume"):
                return self._suspend(self.core.outages, name)
            case Broker():
                return self._bank(self.core, name, line)
            case Host():
                return self._operator(self.core, name)
            case Vendor():
                return self._shop(self.core, name, line)
        raise Refused(f"no command {name}")

    @staticmethod
    async def _mail(post: Post, name: str, line: dict[str, Any]) -> Any:
        match name:
            case "mail-leave":
                return await post.leave(line["kind"], line["audience"], line.get("content", {}))
            case "mail-fetch":
                return await post.fetch(bool(line.get("named", True)))
            case "mail-discard":
                return await post.discard(int(line["up_to"]))
        raise Refused(f"no command {name}")

    @staticmethod
    def _key(succession: Succession, name: str, line: dict[str, Any]) -> str:
        """The name of the attempt."""
        match name:
            case "publish-key":
                return succession.publish(line["key_id"])
            case "withdraw-key":
                return succession.withdraw(line["key_id"], line["reason"])
        return succession.renew(line.get("peer"))

    @staticmethod
    def _bank(broker: Broker, name: str, line: dict[str, Any]) -> Any:
        match name:
            case "balance":
                return broker.balance()
            case "block":
                return broker.block(line["paycard"], bool(line["blocked"]))
            case "paycards":
                return [] if broker.enrolments is None else broker.enrolments.states()
            case "register":
                return broker.registration.register(line["code"], line["name"])
            case "rename":
                return broker.registration.rename(line["name"])
            case "book":
                return [] if broker.debts is None else broker.debts.book()
        raise Refused(f"no command {name}")

    def _suspend(self, outages: Outages, name: str) -> Any:
        outages.suspend() if name == "suspend" else outages.resume()
        assert self.server is not None
        return self.server.suspend(outages.open)

    @staticmethod
    def _operator(host: Host, name: str) -> Any:
        match name:
            case "cases":
                return host.cases()
            case "verdicts":
                return [] if host.hearings is None else host.hearings.verdicts()
        raise Refused(f"no command {name}")

    @staticmethod
    def _shop(vendor: Vendor, name: str, line: dict[str, Any]) -> Any:
        if name == "claims":
            return [] if vendor.claims is None else vendor.claims.claims()
        match name:
            case "register":
                return vendor.registration.register(line.get("name"))
            case "rename":
                return vendor.registration.rename(line["name"])
            case "leave":
                return vendor.registration.leave()
        if vendor.claims is not None and vendor.take_backs is not None:
            match name:
                case "run-batches":
                    return {"batches": vendor.claims.run()}
                case "withdraw":
                    return vendor.claims.withdraw(line["order"])
                case "revoke":
                    return vendor.take_backs.revoke(line["order"], line["reason"])
                case "contest":
                    return vendor.claims.contest(line["order"])
        raise Refused(f"no command {name}")

    async def _directory(self, line: dict[str, Any]) -> None:
        self.player.directory.replace(line["listed"])

    async def _settle(self, line: dict[str, Any]) -> None:
        await self.player.activity.quiet()
        while self.clock.run_due():
            await self.player.activity.quiet()

    async def _advance(self, line: dict[str, Any]) -> dict[str, Any]:
        await self.clock.advance(int(line["milliseconds"]), self.player.activity.quiet)
        due = self.clock.next_due(minor=False)
        now = self.clock.now()
        return {"now": now, "now_text": times.to_text(now), "next_due_ms": None if due is None else due - now}

    async def _attempt(self, line: dict[str, Any]) -> dict[str, Any]:
        return await self.player.attempts.wait(line["ref"], int(line["milliseconds"]))

    async def _orders(self, line: dict[str, Any]) -> list[dict[str, Any]]:
        return self.core.orders()

    async def _state(self, line: dict[str, Any]) -> dict[str, Any]:
        return {"orders": self.core.orders(), "now": times.to_text(self.clock.now())}

    async def _user(self, wallet: Wallet, name: str, line: dict[str, Any]) -> Any:
        match name:
            case "register":
                return wallet.registration.register(line.get("bound"))
            case "rebind":
                return wallet.registration.rebind(line.get("bound", []), bool(line.get("new_ticket")), bool(line.get("software")))
            case "leave":
                return wallet.registration.leave()
            case "registered":
                return {"player": self.player.me.player, "ticket": wallet.registration.ticket(), "bound": wallet.registration.nets()}
            case "open-link":
                return wallet.open_link(line["vendor"], line["item"], line.get("kind", "micro"))
            case "open-document":
                return wallet.open_document(line["link"], line.get("kind"))
            case "wait":
                return await wallet.wait(line["ref"], int(line["milliseconds"]))
            case "confirm":
                return wallet.confirm(line["ref"], line["digest"])
            case "decline":
                return wallet.decline(line["ref"])
            case "cancel":
                return wallet.cancel(line["ref"])
            case "try-again":
                return wallet.try_again(line["ref"])
            case "refunded":
                return wallet.refunded(line["ref"])
            case "activate":
                return wallet.activate(line["paycard"])
            case "goods":
                return wallet.goods()
            case "add-paycard":
                return wallet.adding.add(line["product"], line["issue_code"])
            case "wait-paycard":
                return await wallet.adding.wait(line["ref"], int(line["milliseconds"]))
            case "answer-questions":
                return wallet.adding.answer(line["ref"], line["answers"])
            case "cancel-paycard":
                return wallet.adding.cancel(line["ref"])
            case "remove-paycard":
                return wallet.adding.remove(line["paycard"])
        raise Refused(f"no command {name}")


class Console:
    """Reads commands, runs each in a task of its own, writes the results."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._product: Product | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self, sock: socket.socket) -> None:
        reader, writer = await asyncio.open_connection(sock=sock, limit=ESCAPED * MAX_LINE)
        while text := await reader.readline():
            line = json.loads(text)
            if line["do"] == "stop":
                await self._stop()
                _write(writer, {"id": line["id"], "result": None})
                await writer.drain()
                return
            if len(self._tasks) >= MAX_COMMANDS:
                _write(writer, {"id": line["id"], "error": "too many commands at a time"})
                continue
            task = asyncio.ensure_future(self._answer(line, writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._product is not None:
            await self._product.stop()

    async def _answer(self, line: dict[str, Any], writer: asyncio.StreamWriter) -> None:
        try:
            reply = {"result": await self._do(line)}
        except Refused as refusal:
            reply = {"refused": str(refusal)}
        except Exception as error:
            print(f"{line['do']}: {error!r}", file=sys.stderr, flush=True)
            reply = {"error": repr(error)[:1000]}
        _write(writer, {"id": line["id"], **reply})

    async def _do(self, line: dict[str, Any]) -> Any:
        if line["do"] == "start":
            self._product = Product(line["settings"], self._folder)
            return await self._product.start()
        if self._product is None:
            raise Refused("not started")
        return await self._product.command(line["do"], line)


def _write(writer: asyncio.StreamWriter, reply: dict[str, Any]) -> None:
    writer.write(json.dumps(reply).encode("utf-8") + b"\n")
