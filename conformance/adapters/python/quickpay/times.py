"""Points in time: integers of milliseconds since 1970 inside, ``Time`` outside (protocol.md section 6)."""

from __future__ import annotations

import calendar
import time

SECOND = 1000


def to_text(moment_ms: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment_ms // SECOND))


def from_text(text: str) -> int:
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) * SECOND


def seconds_between(earlier: str, later: str) -> int:
    return (from_text(later) - from_text(earlier)) // SECOND


def lasts(earlier: str, later: str) -> int:
    """How long a deadline that another player set runs here, in milliseconds; never less than nothing (section 7)."""
    return max(0, from_text(later) - from_text(earlier))


def after_last_second(text: str) -> int:
    """The first moment that is later than "until text", which includes the whole second of that name."""
    return from_text(text) + SECOND
