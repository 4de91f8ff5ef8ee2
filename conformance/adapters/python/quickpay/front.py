"""A server's steps 5 to 18: from the body of a request to the bytes of its answer (reference/generated/errors.md)."""

from __future__ import annotations

import asyncio
import collections
import dataclasses
import hashlib
import sys
from typing import Callable

from quickpay import boxes, canonical, documents, schema, times, xml
from quickpay.aes import Closed
from quickpay.documents import VERSION
from quickpay.entry import ROLES
from quickpay.errors import STALE, final
from quickpay.http import HttpError
from quickpay.keys import Key, seal_right
from quickpay.places import covers
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.tables import PATHS, PATH_OF, SENDERS, family_of
from quickpay.xml import Node

MAX_ANSWERS = 100_000


class Pending:
    """One request that has passed the checks of the front and waits for its answer."""

    def __init__(self, front: "Front", message: str, key: str, digest: str, request: Node, seal: Key | None,
                 inner: Node | None = None, peer: str = "") -> None:
        self._front = front
        self.message = message
        self.key = key
        self.digest = digest
        self.body = request.children[1]
        self.request = request
        self.seal = seal
        #: What came sealed inside.
        self.inner = inner
        #: The address that it came from.
        self.peer = peer
        self.sender = request.get("Head/Sender") or ""
        self.msg_id = request.get("Head/MsgId") or ""
        self.future: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def answer(self, unit: Unit, code: str, *fields: documents.Part, after: int | None = None) -> None:
        """Makes the answer part of unit; it leaves when the unit is durable."""
        player = self._front.player
        data = documents.response(self._front.named(self.request), self.message, self.request, player.clock.now(), code, *fields,
                                  key=self.seal, after=after)
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

    def __init__(self, player: Player, served: dict[str, Callable[[Pending], None]], opener: boxes.Opener | None = None) -> None:
        """opener: the keys to which what comes is sealed, where sealed messages are served."""
        self.player = player
        self._opener = opener
        self._served = served
        self._under_way: dict[str, Pending] = {}
        stored = sorted((record["until"], key) for key, record in player.store.under("answer/"))
        self._ages = collections.deque(stored)

    async def handle(self, path: str, body: bytes, peer: str) -> bytes:
        """The document that answers a request."""
        message = PATHS[path]
        self.player.activity.touch()
        self.player.clock.run_due()
        nameless = not self.player.me.player and message != "Probe"
        if message not in self._served or nameless:
            return self._plain(message, None, "QP-E-UNSUPPORTED")
        try:
            request = xml.read(body, family_of(path))
            schema.check(request, message)
        except xml.XmlError:
            return self._plain(message, None, "QP-E-XML")
        except schema.SchemaError:
            return self._plain(message, None, "QP-E-SCHEMA")
        code = self._misdirected(message, request) or self._unproven(message, request, peer)
        inner = self._inner(message, request) if code is None else code
        if isinstance(inner, str):
            return self._plain(message, request, inner)
        answer = await self._once(message, request, self._seal(message, request), inner, peer)
        self.player.activity.touch()
        return answer

    def _plain(self, message: str, request: Node | None, code: str, seal: Key | None = None) -> bytes:
        return documents.response(self.named(request), message, request, self.player.clock.now(), code, key=seal)

    def named(self, request: Node | None) -> documents.Identity:
        """Who answers. A Vendor without an id is whoever it is called, and without a name there is no answer (section 15)."""
        me = self.player.me
        if not me.player and request is None:
            raise HttpError(503, "nobody yet")
        return me if me.player or request is None else dataclasses.replace(me, player=request.get("Head/Receiver") or "")

    def _misdirected(self, message: str, request: Node) -> str | None:
        """Steps 8 to 10."""
        me = self.player.me
        head = request.children[0]
        if head.get("Version") != VERSION or head.get("Host") != me.host:
            return "QP-E-VERSION"
        if head.get("Profile") != me.profile or not schema.profile_right(request, message):
            return "QP-E-PROFILE"
        return None if head.get("Receiver") == self.named(request).player else "QP-E-RECEIVER"

    def _unproven(self, message: str, request: Node, peer: str) -> str | None:
        """Steps 11 to 13: who sends it, from where, and under which key."""
        sender = request.get("Head/Sender")
        if sender is None:
            return None
        if ROLES.get(sender[:1]) not in SENDERS[message]:
            return "QP-E-FORBIDDEN"
        entry = self.player.directory.issued(sender)
        if entry is None and not self.player.directory.at_hand(sender):
            return "QP-E-BUSY"
        if entry is None or entry.role not in SENDERS[message]:
            return "QP-E-FORBIDDEN"
        due = schema.auth_due(request, message)
        places = entry.bound if entry.role == "wallet" else [*(address for address, _ in entry.endpoints), *entry.terms.sources]
        bound = entry.role == "wallet" and message != "UpdateWallet"  # by which its address changes
        if (bound or not due) and not any(covers(place, peer) for place in places):
            self.player.directory.doubt(sender)
            return "QP-E-FORBIDDEN"
        seal = self._seal(message, request)
        proven = not due or (seal is not None and seal_right(request, seal))
        return None if proven else "QP-E-FORBIDDEN"

    def _inner(self, message: str, request: Node) -> Node | str | None:
        """Step 13, too: what a sealed request has inside, or the code that refuses it."""
        if message not in boxes.SEALED or self._opener is None or request.find("Body/Sealed") is None:
            return None
        try:
            return self._opener.open(message, request, self.player.clock.now())
        except Closed:
            return "QP-E-FORBIDDEN"
        except xml.XmlError:
            return "QP-E-XML"
        except schema.SchemaError:
            return "QP-E-SCHEMA"

    def _seal(self, message: str, request: Node) -> Key | None:
        """The key under which the request says it is sealed, and its answers are."""
        if not schema.auth_due(request, message):
            return None
        sender = request.get("Head/Sender") or ""
        grace = self.player.milliseconds("T_retain") if message == "GetPairKey" else 0  # who slept through the end of its key
        return self.player.keys.believed(sender, request.find("Auth/Mac"), self.player.clock.now(), grace)

    async def _once(self, message: str, request: Node, seal: Key | None, inner: Node | None, peer: str) -> bytes:
        """Step 14: the stored answer, a conflict, the answer that is being made, or a new one."""
        key, digest = _identity(message, request)
        record = self.player.store.get(key)
        if record is not None and record["until"] < self.player.clock.now():
            record = None
        first = self._under_way.get(key)
        if (first is not None and first.digest != digest) or (record is not None and record["digest"] != digest):
            return self._plain(message, request, "QP-E-CONFLICT", seal)
        if record is not None and record["answer"] is not None:
            return record["answer"].encode("utf-8")
        if first is None:
            first = self._begin(Pending(self, message, key, digest, request, seal, inner, peer), record is not None)
        return await asyncio.shield(first.future)

    def resume(self, message: str, request: Node, inner: Node | None, peer: str) -> Pending:
        """A parked request as it was before a restart: who repeats it joins."""
        pending = Pending(self, message, *_identity(message, request), request, self._seal(message, request), inner, peer)
        self._under_way[pending.key] = pending
        return pending

    def _begin(self, pending: Pending, known: bool) -> Pending:
        """Steps 15 to 18; known where the request has come before, without a final answer."""
        message = pending.message
        self._under_way[pending.key] = pending
        if len(self._ages) >= MAX_ANSWERS:
            self.release(pending, self._plain(message, pending.request, "QP-E-BUSY", pending.seal))
            return pending
        try:
            if pending.seal is not None and not known and self._old(pending.request):
                pending.refuse(STALE)
            else:
                self._served[message](pending)
        except Exception as error:
            print(f"{message}: {error!r}", file=sys.stderr, flush=True)
            self.release(pending, self._plain(message, pending.request, "QP-E-INTERNAL", pending.seal))
        return pending

    def _old(self, request: Node) -> bool:
        sent = times.from_text(request.get("Head/SentAt") or "")
        now = self.player.clock.now() // times.SECOND * times.SECOND
        return abs(now - sent) > self.player.milliseconds("T_skew")

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


def _identity(message: str, request: Node) -> tuple[str, str]:
    """What a request is remembered by, and the digest of its bytes."""
    key = f"answer/{PATH_OF[message]} {request.get('Head/Sender') or ''} {request.get('Head/MsgId')}"
    return key, hashlib.sha256(canonical.encode(request)).hexdigest()
