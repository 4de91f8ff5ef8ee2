"""What the Host charges Brokers: a share of the commission of every order for which a commitment was registered (protocol.md section 12)."""

from __future__ import annotations

from typing import Any, Callable

from quickpay import sums
from quickpay.listing import Listing
from quickpay.store import MemoryStore, Unit
from quickpay.xml import Node, leaf


class Fees:
    """One fee of each order of a Broker, kept with the commitment that came first."""

    def __init__(self, store: MemoryStore, listing: Listing, policy: dict[str, Any], tail: Callable[[Node, str], str]) -> None:
        """tail says under which name an order of a Broker is kept."""
        self._store, self._listing, self._tail = store, listing, tail
        self._rate, self._commission = int(policy.get("fee_bp", 0)), int(policy.get("commission_bp", 0))

    def charge(self, unit: Unit, ref: Node, broker: str, committed: int, revoked: bool) -> None:
        """With the commitment of unit, made at committed; revoked: its revoke stands, and nothing is charged any more."""
        key = "fee/" + self._tail(ref, broker)
        commission = sums.share(int(ref.get("Amount") or 0), self._commission_at(broker, committed))
        fee = sums.share(commission, self._rate)
        if fee > 0 and not revoked and self._store.get(key) is None:
            unit.put(key, fee)

    def _commission_at(self, broker: str, committed: int) -> int:
        entry = self._listing.issued(broker)
        told = None if entry is None else entry.terms.rate(committed)
        return self._commission if told is None else told

    def charged(self, ref: Node, broker: str) -> int:
        return int(self._store.get("fee/" + self._tail(ref, broker)) or 0)

    def told(self) -> Node | None:
        """For a Broker that registers."""
        return leaf("FeeBp", self._rate) if self._rate > 0 else None
