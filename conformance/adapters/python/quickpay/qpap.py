"""The channel of an adapter: one JSON object a line on stdin, one reply to each on stdout, in any order."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any, Awaitable, Callable

MAX_LINE = 1 << 20
MAX_COMMANDS = 256

Obey = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]


def _command(text: bytes) -> dict[str, Any] | None:
    """A line that can be answered, or None."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and "id" in line else None


async def _answer(obey: Obey, line: dict[str, Any]) -> None:
    try:
        reply = await obey(line)
    except Exception as error:
        reply = {"error": repr(error)[:1000]}
    print(json.dumps({"id": line["id"], **reply}), flush=True)


async def _run(obey: Obey, end: Callable[[], Awaitable[None]]) -> None:
    reader = asyncio.StreamReader(limit=2 * MAX_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    tasks: set[asyncio.Task[None]] = set()
    while text := await reader.readline():
        line = _command(text)
        if line is None:
            continue
        task = asyncio.ensure_future(_answer(obey, line))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        if line.get("cmd") == "bye":
            await asyncio.gather(*tasks)
            break
        if len(tasks) > MAX_COMMANDS:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    await end()


def serve(obey: Obey, end: Callable[[], Awaitable[None]]) -> None:
    """Obeys every command until ``bye`` or the end of stdin, then calls end."""
    asyncio.run(_run(obey, end))
