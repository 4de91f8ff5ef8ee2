"""The HTTP client: one request, one connection, from the player's own address, no redirects."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass

from quickpay.http import (CONTENT_TYPE, Headers, HttpError, Wire, body_length, parse_headers, read_block, read_body,
                           right_type)
from quickpay.tables import family_of

MAX_INTERIM = 8
MAX_GOODS = 16 * 1024 * 1024


@dataclass(slots=True)
class Answer:
    """A response as HTTP sees it."""

    status: int
    headers: Headers
    body: bytes


def authority(address: str, port: int) -> str:
    """An address and a port as they are written in a header or a URL."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


async def post(address: str, port: int, source: str | None, path: str, document: bytes) -> bytes:
    """The document that answers; HttpError or OSError when there is none, which is an unknown outcome."""
    head = (f"POST {path} HTTP/1.1\r\nHost: {authority(address, port)}\r\nContent-Type: {CONTENT_TYPE}\r\n"
            f"Content-Length: {len(document)}\r\nConnection: close\r\n\r\n")
    async with _connected(address, port, source) as (wire, writer):
        writer.write(head.encode("latin-1") + document)
        await writer.drain()
        status, headers = await _response_head(wire)
        length = body_length(headers)
        if status != 200 or not right_type(headers) or length is None:
            raise HttpError(status, "not an answer")
        return await read_body(wire, length, family_of(path).body)


async def get(address: str, port: int, source: str | None, target: str, headers: dict[str, str]) -> bytes:
    """The whole body behind a URL of a Vendor."""
    lines = [f"GET {target} HTTP/1.1", f"Host: {authority(address, port)}", "Connection: close",
             *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    async with _connected(address, port, source) as (wire, writer):
        writer.write("\r\n".join(lines).encode("latin-1"))
        await writer.drain()
        status, fields = await _response_head(wire)
        length = body_length(fields)
        if status != 200 or length is None:
            raise HttpError(status, "no goods there")
        return await read_body(wire, length, MAX_GOODS)


@contextlib.asynccontextmanager
async def _connected(address: str, port: int, source: str | None):  # type: ignore[no-untyped-def]
    reader, writer = await asyncio.open_connection(address, port, local_addr=(source, 0) if source else None)
    try:
        yield Wire(reader), writer
    finally:
        writer.close()


async def _response_head(wire: Wire) -> tuple[int, Headers]:
    """Status and headers of the final response; interim ones are passed over."""
    for _ in range(MAX_INTERIM):
        lines = await read_block(wire)
        words = lines[0].split(b" ", 2)
        if words[0] != b"HTTP/1.1" or len(words) < 2 or len(words[1]) != 3 or not words[1].isdigit():
            raise HttpError(400, "not a status line")
        status = int(words[1])
        if not 100 <= status < 200:
            return status, parse_headers(lines[1:])
    raise HttpError(400, "too many interim responses")
