"""The symmetric keys of profile H, and what is computed under them (protocol.md section 9)."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any

from quickpay import canonical, times
from quickpay.xml import Node, element, leaf

MAX_KEYS = 100_000


@dataclass(frozen=True, slots=True)
class Key:
    """A key of one epoch; ``until`` is the first moment at which it is good no more."""

    epoch: int
    value: bytes
    until: int | None

    def good(self, now: int) -> bool:
        return self.until is None or now < self.until

    def mac(self, purpose: str, node: Node) -> Node:
        value = canonical.mac(self.value, purpose, node).hex()
        return element("Mac", leaf("KeyRef", self.epoch), leaf("Value", value))

    def made(self, mac: Node | None, purpose: str, node: Node) -> bool:
        """Whether mac is what this key makes of node."""
        return mac is not None and hmac.compare_digest(mac.get("Value") or "", self.mac(purpose, node).get("Value") or "")


class Keys:
    """What a player shares with others; a Broker derives what it shares with Vendors."""

    def __init__(self, me: str, host: str, listed: list[dict[str, Any]]) -> None:
        if len(listed) > MAX_KEYS:
            raise ValueError("too many keys")
        self._me, self._host = me, host
        self._keys: dict[str, dict[int, Key]] = {}
        for one in listed:
            self.add(one)

    def become(self, me: str) -> None:
        """Who this is, once it is known."""
        self._me = me

    def add(self, one: dict[str, Any]) -> None:
        """A key as the configuration has it, and the journal."""
        until = None if one.get("valid_to") is None else times.after_last_second(one["valid_to"])
        key = Key(int(one["epoch"]), bytes.fromhex(one["key"]), until)
        self._keys.setdefault(one["peer"], {})[key.epoch] = key

    def endless(self, peer: str) -> list[Key]:
        """The keys with a peer that nobody has set an end to."""
        return [key for key in self._keys.get(peer, {}).values() if key.until is None]

    def best(self, peer: str, now: int) -> Key | None:
        """The key of the last epoch that is good: for what this player says."""
        good = [key for key in self._shared(peer).values() if key.good(now)]
        return max(good, key=lambda key: key.epoch, default=None)

    def believed(self, peer: str, mac: Node | None, now: int, grace: int = 0) -> Key | None:
        """The key that a Mac names, if it is good still, or was until so long ago: for what a peer says."""
        epoch = None if mac is None else mac.get("KeyRef")
        key = None if epoch is None else self._shared(peer).get(int(epoch))
        return key if key is not None and key.good(now - grace) else None

    def of(self, peer: str) -> list[Key]:
        """Every key that there is with a peer, the earliest first."""
        return sorted(self._shared(peer).values(), key=lambda key: key.epoch)

    def replace(self, peer: str, keys: list[Key]) -> None:
        """These count from now on, and no others."""
        self._keys[peer] = {key.epoch: key for key in keys}

    def _shared(self, peer: str) -> dict[int, Key]:
        if not (self._me.startswith("B") and peer.startswith("V")):
            return self._keys.get(peer, {})
        return {epoch: pair_key(key, peer, self._me) for epoch, key in self._keys.get(self._host, {}).items()}


def pair_key(key: Key, vendor: str, broker: str) -> Key:
    """What Vendor and Broker share in the epoch of a key of the Broker with the Host."""
    pair = element("Pair", leaf("Vendor", vendor), leaf("Broker", broker), leaf("Epoch", key.epoch))
    return Key(key.epoch, canonical.mac(key.value, "pair-key", pair), key.until)


def sealed(document: Node, key: Key) -> Node:
    """The document with its Auth."""
    return element(document.name, *document.children, element("Auth", key.mac("msg", document)))


def seal_right(document: Node, key: Key) -> bool:
    """Whether the document ends with the Auth that this key makes for it."""
    plain = element(document.name, *(child for child in document.children if child.name != "Auth"))
    return key.made(document.find("Auth/Mac"), "msg", plain)
