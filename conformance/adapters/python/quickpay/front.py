"""A server's steps 5 to 18: from the body of a request to the bytes of its answer (reference/generated/errors.md)."""

from __future__ import annotations

import asyncio
import collections
import hashlib
import sys
from typing import Callable

from quickpay import canonical, documents, schema, xml
from quickpay.documents import VERSION
from quickpay.errors import final
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.tables import PATHS, PATH_OF
from quickpay.xml import Node

MAX_ANSWERS = 100_000


class Pending:
    """One request that has passed the checks of the front and waits for its answer."""

    def __init__(self, front: "Front", message: str, key: str, digest: str, request: Node) -> None:
        self._front = front
        self._message = message
        self.key = key
        self.digest = digest
        self.body = request.children[1]
        self.request = request
        self.future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def answer(self, unit: Unit, code: str, *fields: Node | None) -> None:
        """Makes the answer part of unit; it leaves when the unit is durable."""
        player = self._front.player
        data = documents.response(player.me, self._message, self.request, player.clock.now(), code, *fields)
        self._front.remember(unit, self, data if final(code) else None)
        unit.then(lambda: self._front.release(self, data))

    def park(self, unit: Unit) -> None:
        """Keeps the answer open; that the request came is remembered with unit."""
        self._front.remember(unit, self, None)

    def refuse(self, code: str) -> None:
        """An answer that changes nothing but the memory of answers."""
        unit = self._front.player.unit()
        self.answer(unit, code)
        unit.commit()


class Front:
    """Applies the processing order and remembers answers."""

    def __init__(self, player: Player, served: dict[str, Callable[[Pending], None]]) -> None:
        self.player = player
        self._served = served
        self._under_way: dict[str, Pending] = {}
        stored = sorted((record["until"], key) for key, record in player.store.under("answer/"))
        self._ages = collections.deque(stored)

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        """The document that answers a request."""
        message = PATHS[path]
        self.player.activity.touch()
        self.player.clock.run_due()
        if message not in self._served:
            return self._plain(message, None, "QP-E-UNSUPPORTED")
        try:
            request = xml.read(body)
            schema.check(request, message)
        except xml.XmlError:
            return self._plain(message, None, "QP-E-XML")
        except schema.SchemaError:
            return self._plain(message, None, "QP-E-SCHEMA")
        code = self._misdirected(message, request)
        if code is not None:
            return self._plain(message, request, code)
        answer = await self._once(message, request)
        self.player.activity.touch()
        return answer

    def _plain(self, message: str, request: Node | None, code: str) -> bytes:
        return documents.response(self.player.me, message, request, self.player.clock.now(), code)

    def _misdirected(self, message: str, request: Node) -> str | None:
        """Steps 8 to 13. Both messages that are served here are anonymous: no sender, no source, no Auth in F."""
        me = self.player.me
        head = request.children[0]
        if head.get("Version") != VERSION or head.get("Host") != me.host:
            return "QP-E-VERSION"
        if head.get("Profile") != me.profile or not schema.profile_right(request, message):
            return "QP-E-PROFILE"
        return None if head.get("Receiver") == me.player else "QP-E-RECEIVER"

    async def _once(self, message: str, request: Node) -> bytes:
        """Step 14: the stored answer, a conflict, the answer that is being made, or a new one."""
        sender = request.get("Head/Sender") or ""
        key = f"answer/{PATH_OF[message]} {sender} {request.get('Head/MsgId')}"
        digest = hashlib.sha256(canonical.encode(request)).hexdigest()
        record = self.player.store.get(key)
        if record is not None and record["until"] < self.player.clock.now():
            record = None
        first = self._under_way.get(key)
        if (first is not None and first.digest != digest) or (record is not None and record["digest"] != digest):
            return self._plain(message, request, "QP-E-CONFLICT")
        if record is not None and record["answer"] is not None:
            return record["answer"].encode("utf-8")
        if first is None:
            first = self._begin(message, key, digest, request)
        return await asyncio.shield(first.future)

    def _begin(self, message: str, key: str, digest: str, request: Node) -> Pending:
        pending = Pending(self, message, key, digest, request)
        self._under_way[key] = pending
        if len(self._ages) >= MAX_ANSWERS:
            self.release(pending, self._plain(message, request, "QP-E-BUSY"))
            return pending
        try:
            self._served[message](pending)
        except Exception as error:
            print(f"{message}: {error!r}", file=sys.stderr, flush=True)
            self.release(pending, self._plain(message, request, "QP-E-INTERNAL"))
        return pending

    def remember(self, unit: Unit, pending: Pending, data: bytes | None) -> None:
        """Keeps the answer, or just the digest of the request when the answer is not final; forgets old ones."""
        now = self.player.clock.now()
        until = now + self.player.milliseconds("T_answer")
        unit.put(pending.key, {"digest": pending.digest, "until": until,
                               "answer": None if data is None else data.decode("utf-8")})
        self._ages.append((until, pending.key))
        while self._ages and self._ages[0][0] < now:
            _, key = self._ages.popleft()
            record = self.player.store.get(key)
            if record is not None and record["until"] < now and key != pending.key:
                unit.put(key, None)

    def release(self, pending: Pending, data: bytes) -> None:
        """Lets the answer go to everybody who waits for it."""
        self._under_way.pop(pending.key, None)
        if not pending.future.done():
            pending.future.set_result(data)
