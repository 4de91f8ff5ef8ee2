"""The product's only clock and its timers: the wall's, or a virtual one that stands still until it is moved."""

from __future__ import annotations

import asyncio
import heapq
import time
from typing import Awaitable, Callable

MAX_TIMERS = 200_000


class Timer:
    """One alarm; minor ones (limits of connections) are not announced as the next thing due."""

    __slots__ = ("due", "order", "action", "minor")

    def __init__(self, due: int, order: int, action: Callable[[], None], minor: bool) -> None:
        self.due, self.order, self.action, self.minor = due, order, action, minor

    def __lt__(self, other: "Timer") -> bool:
        return (self.due, self.order) < (other.due, other.order)


class Clock:
    """Milliseconds since 1970 and a heap of timers."""

    def __init__(self, virtual_now: int | None = None) -> None:
        self._virtual = virtual_now
        self._heap: list[Timer] = []
        self._count = 0
        self._live: set[Timer] = set()
        self._alarm: asyncio.TimerHandle | None = None

    @property
    def virtual(self) -> bool:
        return self._virtual is not None

    def now(self) -> int:
        return int(time.time() * 1000) if self._virtual is None else self._virtual

    def at(self, due: int, action: Callable[[], None], minor: bool = False) -> Timer:
        if len(self._live) >= MAX_TIMERS:
            raise RuntimeError("too many timers")
        self._count += 1
        timer = Timer(due, self._count, action, minor)
        self._live.add(timer)
        heapq.heappush(self._heap, timer)
        self._arm()
        return timer

    def after(self, delay_ms: int, action: Callable[[], None], minor: bool = False) -> Timer:
        return self.at(self.now() + delay_ms, action, minor)

    def cancel(self, timer: Timer | None) -> None:
        if timer is not None:
            self._live.discard(timer)

    def next_due(self, minor: bool = True) -> int | None:
        """When the next timer is due; without the minor ones for people and runners."""
        if not minor:
            return min((t.due for t in self._live if not t.minor), default=None)
        while self._heap and self._heap[0] not in self._live:
            heapq.heappop(self._heap)
        return self._heap[0].due if self._heap else None

    def run_due(self) -> int:
        """Fires what is due, in order; how many that were. New timers that are due at once wait for the next call."""
        now, fired = self.now(), 0
        due = []
        while (first := self.next_due()) is not None and first <= now:
            due.append(heapq.heappop(self._heap))
        for timer in due:
            if timer in self._live:
                self._live.discard(timer)
                fired += 1
                timer.action()
        self._arm()
        return fired

    async def advance(self, delta_ms: int, quiet: Callable[[], Awaitable[None]]) -> None:
        """Moves a virtual clock, stopping at every timer on the way until what it set off is quiet again."""
        if self._virtual is None:
            raise RuntimeError("only a virtual clock can be moved")
        target = self._virtual + delta_ms
        await quiet()
        while (due := self.next_due()) is not None and due <= target:
            self._virtual = max(self._virtual, due)
            self.run_due()
            await quiet()
        self._virtual = max(self._virtual, target)
        await quiet()
        while self.run_due():
            await quiet()

    def _arm(self) -> None:
        """On the wall's clock, asks the event loop to wake up for the first timer."""
        if self._virtual is not None:
            return
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        due = self.next_due()
        if due is not None:
            delay = max(0, due - self.now()) / 1000
            self._alarm = asyncio.get_running_loop().call_later(delay, self.run_due)
