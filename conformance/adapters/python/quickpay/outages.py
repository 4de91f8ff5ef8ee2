"""The times in which a player did not answer, as it logged them itself (QP-ADD-05, QP-ADD-07)."""

from __future__ import annotations

from typing import Callable

from quickpay.player import Player, Refused

MAX_OUTAGES = 10_000


class Outages:
    """A log in the store: one that goes on, and those that are over."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._put_off: list[Callable[[], None]] = []

    @property
    def open(self) -> bool:
        return self._player.store.get("suspended") is not None

    def spans(self) -> list[list[int]]:
        return list(self._player.store.get("suspensions") or [])

    def between(self, begin: int, end: int) -> int:
        """Milliseconds of outages that are over, within a span of time."""
        return sum(max(0, min(end, last) - max(begin, first)) for first, last in self.spans())

    def when_over(self, action: Callable[[], None]) -> None:
        """Does it now, or when the outage that goes on is over: who is away decides nothing."""
        if self.open:
            self._put_off.append(action)
        else:
            action()

    def suspend(self) -> None:
        if self.open:
            raise Refused("it is suspended")
        if len(self.spans()) >= MAX_OUTAGES:
            raise Refused("too many suspensions")
        unit = self._player.unit()
        unit.put("suspended", self._player.clock.now())
        unit.commit()

    def resume(self) -> None:
        if not self.open:
            raise Refused("it is not suspended")
        unit = self._player.unit()
        span = [self._player.store.get("suspended"), self._player.clock.now()]
        unit.put("suspensions", [*self.spans(), span])
        unit.put("suspended", None)
        unit.commit()
        put_off, self._put_off = self._put_off, []
        for action in put_off:
            action()
