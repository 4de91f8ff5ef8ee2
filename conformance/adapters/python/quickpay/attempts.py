"""What an operator began and waits for: each attempt has a name, and what became of it is kept, over a restart, too."""

from __future__ import annotations

import asyncio
from typing import Any

from quickpay.store import MemoryStore, Unit

#: Of attempts that have ended the last ones are kept.
MAX_KEPT = 64
PREFIX, COUNT = "attempt/", "attempts"


class Attempts:
    """Records of attempts; who makes one says when it has ended."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self._changed = asyncio.Event()

    def begin(self, unit: Unit) -> str:
        """A new attempt; the oldest is forgotten."""
        number = int(self._store.get(COUNT) or 0) + 1
        unit.put(COUNT, number)
        unit.put(f"{PREFIX}{number}", {"told": None})
        unit.put(f"{PREFIX}{number - MAX_KEPT}", None)
        return str(number)

    def end(self, unit: Unit, ref: str, told: str, why: str | None = None) -> None:
        """What people are told; why: the reason for which the attempt failed, in the words of the adapter protocol."""
        unit.put(PREFIX + ref, {"told": told, "why": why})
        unit.then(self._changed.set)

    def status(self, ref: str) -> dict[str, Any]:
        found = self._store.get(PREFIX + ref)
        return {"told": "forgotten", "why": "out-of-state"} if found is None else dict(found)

    async def wait(self, ref: str, milliseconds: int) -> dict[str, Any]:
        """The status when the attempt has ended, at the latest after a real while."""
        try:
            async with asyncio.timeout(milliseconds / 1000):
                while self.status(ref)["told"] is None:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        return self.status(ref)
