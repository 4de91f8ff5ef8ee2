"""How the keys follow one another that the Host shares with players: host.keys, rows D15 to D21 (protocol.md section 16)."""

from __future__ import annotations

import dataclasses
import secrets
from typing import Any, Callable

from quickpay import boxes, times
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.keys import Key, pair_key
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf


class Epochs:
    """Gives each player the key of its next epoch when it is time, and Vendors those that they share with Brokers."""

    def __init__(self, player: Player) -> None:
        self._player = player

    def load(self) -> None:
        """What messages gave counts in place of what the owner gave."""
        for name, kept in self._player.store.under("epochs/"):
            self._player.keys.replace(name.removeprefix("epochs/"), [_key(one) for one in kept])

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"GetPairKey": self._give}

    def _give(self, pending: Pending) -> None:
        inner, now = pending.inner, self._player.clock.now()
        assert inner is not None
        entry, pair = self._player.directory.issued(pending.sender), inner.get("Want") == "pair"
        if entry is None or entry.removed:
            return pending.refuse("QP-E-GONE")  # D15
        if pending.seal is None or pair and not pending.seal.good(now):
            return pending.refuse("QP-E-KEY")  # D16
        if not pair:
            return self._own(pending, inner)
        if entry.role != "vendor":
            return pending.refuse("QP-E-FORBIDDEN")  # D17
        key = self._with_broker(pending.sender, inner.get("Peer") or "")
        if key is None:
            return pending.refuse("QP-E-BROKER")  # D18
        self._say(pending, self._player.unit(), inner, key)  # D19

    def _own(self, pending: Pending, inner: Node) -> None:
        """The next one in its time, else the last: D20 D21."""
        unit, keys = self._player.unit(), self._player.keys.of(pending.sender)
        if self._ends_soon(keys[-1]):
            keys = self._succeeded(unit, pending.sender, keys)
        self._say(pending, unit, inner, keys[-1])

    def _ends_soon(self, key: Key) -> bool:
        """next_due. A key without an end has its end with its first successor, so that one is due."""
        last_second = None if key.until is None else key.until - times.SECOND
        return last_second is None or last_second <= self._player.clock.now() + self._player.milliseconds("T_dir")

    def _succeeded(self, unit: Unit, player: str, keys: list[Key]) -> list[Key]:
        """With a key of the next epoch, and without those that nobody may name any more."""
        now = self._player.clock.now()
        ends = self._end("T_dir")
        kept = [key if key.until is not None else dataclasses.replace(key, until=ends) for key in keys
                if key.good(now - self._player.milliseconds("T_retain"))]
        fresh = [*kept, Key(keys[-1].epoch + 1, secrets.token_bytes(32), self._end("T_epoch"))]
        self._replace(unit, player, fresh)
        return fresh

    def first(self, unit: Unit, player: str) -> Node | None:
        """In profile H the key that a player gets with its registration."""
        if self._player.me.profile != "H":
            return None
        key = Key(1, secrets.token_bytes(32), self._end("T_epoch"))
        self._replace(unit, player, [key])
        return self._shared(key)

    def _replace(self, unit: Unit, player: str, keys: list[Key]) -> None:
        unit.put("epochs/" + player, [_kept(key) for key in keys])
        unit.then(lambda: self._player.keys.replace(player, keys))

    def _end(self, name: str) -> int:
        """The end of a key whose last second is so far from now."""
        return times.after_last_second(times.to_text(self._player.clock.now() + self._player.milliseconds(name)))

    def _with_broker(self, vendor: str, broker: str) -> Key | None:
        """Of the epoch of the Broker's last key, ending with it."""
        living = self._player.directory.get(broker, "broker") is not None
        key = self._player.keys.best(broker, self._player.clock.now()) if living else None
        return None if key is None else pair_key(key, vendor, broker)

    def _say(self, pending: Pending, unit: Unit, inner: Node, key: Key) -> None:
        """In the box of the request."""
        told = element("GetPairKeyResponseInner", leaf("Nonce", inner.get("Nonce") or ""), self._shared(key))
        pending.answer(unit, OK, lambda outer: boxes.boxed(inner.get("ReplyKey") or "", told, outer))
        unit.commit()

    def _shared(self, key: Key) -> Node:
        """A Broker's key without an end is good for T_dir at least, whatever comes."""
        until = self._end("T_dir") if key.until is None else key.until
        return element("Shared", leaf("Key", key.value.hex()), leaf("Epoch", key.epoch),
                       leaf("ValidTo", times.to_text(until - times.SECOND)))


def _kept(key: Key) -> dict[str, Any]:
    return {"epoch": key.epoch, "key": key.value.hex(), "until": key.until}


def _key(kept: dict[str, Any]) -> Key:
    return Key(kept["epoch"], bytes.fromhex(kept["key"]), kept["until"])
