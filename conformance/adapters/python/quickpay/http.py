"""What HTTP server and client share: reading header blocks and bodies within the limits of protocol.md section 2."""

from __future__ import annotations

import asyncio
import contextlib
import re
from dataclasses import dataclass
from typing import AsyncIterator

from quickpay.clock import Clock

CONTENT_TYPE = "application/quickpay+xml"
MAX_HEADER = 16 * 1024
MAX_CHUNK_EXTENSION = 256
_READ = 16 * 1024

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_HEADER = re.compile(rb"(" + _TOKEN + rb"):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*"
                     rb"[\x21-\x7e\x80-\xff])?)?)[ \t]*")
_REQUEST_LINE = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e]+) HTTP/([0-9]\.[0-9])")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})([ \t]*;[\t\x20-\x7e\x80-\xff]*)?")
_TYPE = re.compile(r'application/quickpay\+xml(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?', re.IGNORECASE)


class HttpError(Exception):
    """A message that HTTP alone refuses; the status is for a server to answer with."""

    def __init__(self, status: int, why: str = "") -> None:
        super().__init__(f"{status} {why}")
        self.status = status


@dataclass(slots=True)
class Headers:
    """The header fields of a message, names in lower case, in the order in which they came."""

    fields: list[tuple[str, str]]

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def tokens(self, name: str) -> set[str]:
        return {word.strip().lower() for value in self.all(name) for word in value.split(",")}


class Wire:
    """A buffered reader of one connection that never holds more than a message may have."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self._buffer = bytearray()

    async def begun(self) -> bool:
        """Waits for the first byte of a message; False when there will be none."""
        return bool(self._buffer) or await self._more()

    async def _more(self) -> bool:
        data = await self._reader.read(_READ)
        self._buffer += data
        return bool(data)

    async def line(self, limit: int, status: int) -> bytes:
        """A line without its CRLF, which limit includes; HttpError(status) when it is longer."""
        searched = 0
        while (end := self._buffer.find(b"\n", searched)) < 0:
            searched = len(self._buffer)
            if searched > limit:
                raise HttpError(status, "line too long")
            if not await self._more():
                raise HttpError(400, "the connection ended within a message")
        line = bytes(self._buffer[:end + 1])
        del self._buffer[:end + 1]
        if len(line) > limit:
            raise HttpError(status, "line too long")
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise HttpError(400, "a line does not end in CRLF")
        return line[:-2]

    async def exactly(self, count: int) -> bytes:
        while len(self._buffer) < count:
            if not await self._more():
                raise HttpError(400, "the connection ended within a body")
        data = bytes(self._buffer[:count])
        del self._buffer[:count]
        return data

    async def drain(self, limit: int) -> None:
        """Reads on until the other side ends, at most limit bytes."""
        taken = 0
        while taken < limit and await self._more():
            taken += len(self._buffer)
            self._buffer.clear()


async def read_block(wire: Wire) -> list[bytes]:
    """The start line and the header lines; one empty line before them is forgiven."""
    lines: list[bytes] = []
    left = MAX_HEADER
    forgiven = False
    while True:
        line = await wire.line(left, 431)
        left -= len(line) + 2
        if line:
            lines.append(line)
        elif lines:
            return lines
        elif forgiven:
            raise HttpError(400, "empty lines instead of a message")
        else:
            forgiven = True


def parse_headers(lines: list[bytes]) -> Headers:
    fields = []
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found is None:
            raise HttpError(400, "not a header field")
        fields.append((found[1].decode("ascii").lower(), found[2].decode("latin-1")))
    return Headers(fields)


def parse_request_line(line: bytes) -> tuple[str, str]:
    """Method and target of a request of HTTP/1.1."""
    found = _REQUEST_LINE.fullmatch(line)
    if found is None:
        raise HttpError(400, "not a request line")
    if found[3] != b"1.1":
        raise HttpError(505, "not HTTP/1.1")
    return found[1].decode("ascii"), found[2].decode("ascii")


def right_type(headers: Headers) -> bool:
    """Whether the content is a QuickPay document without any coding."""
    types = headers.all("content-type")
    return len(types) == 1 and _TYPE.fullmatch(types[0]) is not None and not headers.all("content-encoding")


def body_length(headers: Headers) -> int | None:
    """The stated length, -1 for chunked, None when nothing is stated; HttpError(400) when framing is in doubt."""
    lengths, codings = headers.all("content-length"), headers.all("transfer-encoding")
    if codings:
        if lengths or len(codings) > 1 or codings[0].lower() != "chunked":
            raise HttpError(400, "transfer coding")
        return -1
    if not lengths:
        return None
    if len(lengths) > 1 or re.fullmatch("[0-9]{1,18}", lengths[0]) is None:
        raise HttpError(400, "content length")
    return int(lengths[0])


async def read_body(wire: Wire, length: int, most: int) -> bytes:
    if length > most:
        raise HttpError(413, "body too long")
    return await (wire.exactly(length) if length >= 0 else _read_chunks(wire, most))


async def _read_chunks(wire: Wire, most: int) -> bytes:
    body = b""
    while size := await _chunk_size(wire):
        if len(body) + size > most:
            raise HttpError(413, "body too long")
        body += await wire.exactly(size)
        if await wire.exactly(2) != b"\r\n":
            raise HttpError(400, "a chunk is longer than it says")
    await _skip_trailer(wire)
    return body


async def _chunk_size(wire: Wire) -> int:
    line = await wire.line(8 + MAX_CHUNK_EXTENSION + 2, 400)
    found = _CHUNK.fullmatch(line)
    if found is None or len(found[2] or b"") > MAX_CHUNK_EXTENSION:
        raise HttpError(400, "not a chunk")
    return int(found[1], 16)


async def _skip_trailer(wire: Wire) -> None:
    left = MAX_HEADER
    while line := await wire.line(left, 431):
        parse_headers([line])
        left -= len(line) + 2


@contextlib.asynccontextmanager
async def time_limit(clock: Clock, limit_ms: int, real_too: bool = False) -> AsyncIterator[None]:
    """TimeoutError when the product's clock (and, if asked for, the real one) passes the limit within the block."""
    async with asyncio.timeout(limit_ms / 1000 if real_too else None) as scope:
        timer = clock.after(limit_ms, lambda: scope.reschedule(0), minor=real_too)
        try:
            yield
        finally:
            clock.cancel(timer)
