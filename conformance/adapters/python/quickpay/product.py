"""Starts a product in a process of its own, talks to its console, and can kill it in the middle."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import shutil
import signal
import socket
import tempfile
from typing import Any, NoReturn

from quickpay.console import MAX_LINE, Console

STOP_S = 3.0


class Stopped(Exception):
    """The product ended before it answered."""


class Refusal(Exception):
    """The product will not do that now."""


class Product:
    """One player with a folder that outlives its process."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self._folder = tempfile.mkdtemp(prefix="quickpay-")
        self._process = 0
        self._writer: asyncio.StreamWriter | None = None
        self._listener: asyncio.Task[None] | None = None
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0

    async def start(self) -> dict[str, Any]:
        """A new process on the folder as it is; says where it listens."""
        ours, theirs = socket.socketpair()
        self._process = os.fork()
        if self._process == 0:
            _become_product(theirs, self._folder)
        theirs.close()
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=4 * MAX_LINE)
        self._listener = asyncio.ensure_future(self._listen(reader))
        return await self.call("start", settings=self.settings)

    async def call(self, name: str, /, **arguments: Any) -> Any:
        """The result of a command; Refusal, Stopped, or RuntimeError when the product failed."""
        if self._writer is None:
            raise Stopped("not started")
        self._number += 1
        number = self._number
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._writer.write(json.dumps({"id": number, "do": name, **arguments}).encode("utf-8") + b"\n")
        try:
            reply = await self._waiting[number]
        finally:
            self._waiting.pop(number, None)
        if "refused" in reply:
            raise Refusal(reply["refused"])
        if "error" in reply:
            raise RuntimeError(reply["error"])
        return reply["result"]

    async def advance(self, milliseconds: int) -> dict[str, Any]:
        """Moves the virtual clock, which a restart does not turn back."""
        moved: dict[str, Any] = await self.call("advance", milliseconds=milliseconds)
        self.settings["now"] = moved["now"]
        return moved

    async def directory(self, listed: list[dict[str, Any]]) -> None:
        """Replaces the directory, for this process and those that follow it."""
        self.settings["directory"] = listed
        await self.call("directory", listed=listed)

    async def restart(self, hard: bool) -> dict[str, Any]:
        await self.stop(hard)
        return await self.start()

    async def stop(self, hard: bool = False) -> None:
        """Ends the process: in order, or at once with SIGKILL."""
        if not self._process:
            return
        if not hard:
            try:
                async with asyncio.timeout(STOP_S):
                    await self.call("stop")
            except (Stopped, OSError, TimeoutError):
                pass  # it is killed below
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
        self._process = 0
        if self._writer is not None:
            self._writer.close()
        if self._listener is not None:
            await self._listener

    async def remove(self) -> None:
        """Ends the product and everything that it kept."""
        await self.stop(hard=True)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while text := await reader.readline():
                reply = json.loads(text)
                future = self._waiting.get(reply["id"])
                if future is not None and not future.done():
                    future.set_result(reply)
        except OSError:
            pass  # the process was killed; what waited for it learns that below
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(Stopped("the product ended"))


def _become_product(console: socket.socket, folder: str) -> NoReturn:
    """The child: nothing of the parent is used any more but the modules that are loaded."""
    status = 1
    try:
        gc.freeze()
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)
        os.closerange(3, console.fileno())
        os.closerange(console.fileno() + 1, 1024)
        asyncio.run(Console(folder).run(console))
        status = 0
    finally:
        os._exit(status)
