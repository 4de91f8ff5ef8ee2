"""The HTTP server: refuses what protocol.md section 2 refuses, hands everything else on and answers with 200."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Awaitable, Callable

from quickpay.clock import Clock
from quickpay.http import (CONTENT_TYPE, Headers, HttpError, Wire, body_length, parse_headers, parse_request_line,
                           read_block, read_body, right_type, time_limit)
from quickpay.tables import PATHS, family_of

MAX_CONNECTIONS = 256
MAX_REQUESTS = 10_000
HEADER_MS, REQUEST_MS, BATCH_MS, IDLE_MS, WRITE_MS = 5_000, 15_000, 60_000, 60_000, 15_000
LINGER_MS, LINGER_BYTES = 1_000, 256 * 1024


@dataclass(frozen=True, slots=True)
class Goods:
    """What a GET gets."""

    media_type: str
    data: bytes


#: Called with the path and the ticket of a GET; the goods, the status that refuses them, or None for a path that is nobody's.
Giver = Callable[[str, str | None], Goods | int | None]
#: Called with path, body and the address of the peer's socket; gives the response document.
Handler = Callable[[str, bytes, str], Awaitable[bytes]]

_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 403: "Forbidden", 408: "Request Timeout",
            411: "Length Required", 413: "Content Too Large", 415: "Unsupported Media Type",
            417: "Expectation Failed", 431: "Request Header Fields Too Large", 503: "Service Unavailable", 505: "HTTP Version Not Supported"}


class Server:
    """Listens on one address and serves every connection in a task of its own."""

    def __init__(self, clock: Clock, handler: Handler, giver: Giver = lambda path, ticket: None) -> None:
        self._clock = clock
        self._handler = handler
        self._giver = giver
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._suspended = False

    def suspend(self, suspended: bool) -> None:
        """While it is suspended no connection gets an answer."""
        self._suspended = suspended
        for task in list(self._tasks) if suspended else ():
            task.cancel()

    async def start(self, address: str, port: int = 0) -> int:
        """Binds and says the port."""
        self._server = await asyncio.start_server(self._accepted, address, port, backlog=MAX_CONNECTIONS)
        return self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._suspended or len(self._tasks) >= MAX_CONNECTIONS:
            writer.close()
            return
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self._clock, self._handler, self._giver, Wire(reader), writer)
        try:
            await connection.run()
        except (OSError, TimeoutError):
            pass  # the peer is gone; whatever it asked for is done or will be asked again
        finally:
            writer.close()


def peer_address(writer: asyncio.StreamWriter) -> str:
    """The address of the peer's socket, an IPv4-mapped one as IPv4."""
    address: str = writer.get_extra_info("peername")[0]
    return address.removeprefix("::ffff:") if "." in address else address


class _Connection:
    """Requests of one connection, one after the other."""

    def __init__(self, clock: Clock, handler: Handler, giver: Giver, wire: Wire, writer: asyncio.StreamWriter) -> None:
        self._clock, self._handler, self._giver, self._wire, self._writer = clock, handler, giver, wire, writer
        self._last, self._allowed = False, "POST"

    async def run(self) -> None:
        peer = peer_address(self._writer)
        for _ in range(MAX_REQUESTS):
            if not await self._next():
                return
            try:
                asked = await self._request()
            except TimeoutError:
                return await self._refuse(408)
            except HttpError as error:
                return await self._refuse(error.status)
            try:
                answer = asked if isinstance(asked, Goods) else await self._handler(*asked, peer)
            except HttpError as error:
                return await self._refuse(error.status)
            await self._send(200, answer)
            if self._last:
                return

    async def _next(self) -> bool:
        """Whether a request begins in time; an idle connection is a matter of resources, not of the product's time."""
        async with asyncio.timeout(IDLE_MS / 1000):
            return await self._wire.begun()

    async def _request(self) -> tuple[str, bytes] | Goods:
        """Path and body of a message, or the goods that a GET asks for. Raises TimeoutError where the head or the whole takes too long."""
        began = self._clock.now()
        async with time_limit(self._clock, HEADER_MS, real_too=True):
            lines = await read_block(self._wire)
        method, target = parse_request_line(lines[0])
        headers = parse_headers(lines[1:])
        if len(headers.all("host")) != 1:
            raise HttpError(400, "Host")
        length = body_length(headers)
        expectations = [value.lower() for value in headers.all("expect")]
        if any(value != "100-continue" for value in expectations):
            raise HttpError(417, "Expect")
        if target not in PATHS:
            return self._given(method, target, headers)
        if method != "POST":
            raise HttpError(405, "method")
        if not right_type(headers):
            raise HttpError(415, "content type")
        if length is None:
            raise HttpError(411, "no length")
        self._last = "close" in headers.tokens("connection")
        if expectations and length:
            self._writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        whole = BATCH_MS if "/batch/" in target else REQUEST_MS
        async with time_limit(self._clock, max(0, began + whole - self._clock.now()), real_too=True):
            return target, await read_body(self._wire, length, family_of(target).body)

    def _given(self, method: str, target: str, headers: Headers) -> Goods:
        """What a ticket opens. A path that is nobody's is 404 whatever the method."""
        tickets = headers.all("quickpay-ticket")
        found = self._giver(target, tickets[0] if len(tickets) == 1 else None)
        if found is None:
            raise HttpError(404, "path")
        if method != "GET":
            self._allowed = "GET"
            raise HttpError(405, "method")
        if body_length(headers):
            raise HttpError(400, "a GET with a body")
        if not isinstance(found, Goods):
            raise HttpError(found, "ticket")
        self._last = "close" in headers.tokens("connection")
        return found

    async def _send(self, status: int, answer: bytes | Goods) -> None:
        body, media_type = (answer.data, answer.media_type) if isinstance(answer, Goods) else (answer, CONTENT_TYPE)
        head = [f"HTTP/1.1 {status} {_REASONS[status]}", f"Content-Length: {len(body)}"]
        if body:
            head.append(f"Content-Type: {media_type}")
        if status == 405:
            head.append(f"Allow: {self._allowed}")
        if self._last:
            head.append("Connection: close")
        async with time_limit(self._clock, WRITE_MS, real_too=True):
            self._writer.write("\r\n".join([*head, "", ""]).encode("latin-1") + body)
            await self._writer.drain()

    async def _refuse(self, status: int) -> None:
        """Answers without a body and closes, but not before the peer could read the answer."""
        self._last = True
        await self._send(status, b"")
        self._writer.write_eof()
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(LINGER_MS / 1000):
                await self._wire.drain(LINGER_BYTES)
