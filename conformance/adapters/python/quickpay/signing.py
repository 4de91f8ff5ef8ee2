"""RSA signatures (protocol.md section 4, QP-ADD-18): who published which key, what is signed, and signing."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field as attribute
from typing import Any, Callable, Iterable

from quickpay import canonical, rsa, times
from quickpay.xml import Node, element, leaf

LEAST_BITS, MOST_BITS, EXPONENT = 2048, 8192, 65537
#: Keys of one player.
MAX_KEYS = 100


@dataclass(frozen=True, slots=True)
class Published:
    """A key that the directory lists, as ``encoded``; ``key`` is None for one that is not fit to be believed."""

    key_id: str
    key: rsa.PublicKey | None
    usage: str
    not_before: int
    after: int
    withdrawn_from: int | None
    encoded: str

    def good(self, at: int, now: int, tolerance: int) -> bool:
        """Whether it may have signed at a time, by another clock, what is looked at now. No tolerance for a withdrawn key."""
        if self.usage != "sign" or self.key is None:
            return False
        if self.withdrawn_from is not None and max(at, now) >= self.withdrawn_from:
            return False
        return self.not_before - tolerance <= at < self.after + tolerance

    def seals(self, now: int) -> bool:
        """Whether others may seal to it now."""
        withdrawn = self.withdrawn_from is not None and now >= self.withdrawn_from
        return self.usage == "seal" and self.key is not None and not withdrawn and self.not_before <= now < self.after


def published(listed: Iterable[dict[str, Any]]) -> tuple[Published, ...]:
    """The keys of a directory entry."""
    keys = list(listed)
    if len(keys) > MAX_KEYS:
        raise ValueError("too many keys")
    return tuple(_published(one) for one in keys)


def _published(one: dict[str, Any]) -> Published:
    data = base64.b64decode(one["key"], validate=True)
    withdrawn = one.get("withdrawn_from")
    return Published(hashlib.sha256(data).hexdigest(), fit_key(data), one.get("usage", "sign"),
                     times.from_text(one["not_before"]), times.after_last_second(one["not_after"]),
                     None if withdrawn is None else times.from_text(withdrawn), base64.b64encode(data).decode("ascii"))


def fit_key(data: bytes) -> rsa.PublicKey | None:
    """The key if it can be read and is of an admitted size and exponent."""
    try:
        key = rsa.read_public(data)
    except rsa.Malformed:
        return None
    return key if _fit(key) else None


def _fit(key: rsa.PublicKey) -> bool:
    return LEAST_BITS <= key.modulus.bit_length() <= MOST_BITS and key.exponent == EXPONENT


@dataclass(frozen=True, slots=True)
class Signed:
    """An element with a Sig, and who has to have signed it, for what.

    ``moment``: the leaf that says when, if there is one; ``seen``: when it was looked at first, if not now.
    """

    signer: str
    role: str
    purpose: str
    node: Node
    moment: str | None = None
    seen: int | None = None

    def made(self, now: int) -> int:
        return now if self.moment is None else times.from_text(self.node.get(self.moment) or "")


def key_of(keys: Iterable[Published], node: Node | None, at: int, now: int, tolerance: int) -> Published | None:
    """The key of these that the Sig of an element names, if it is good at this time."""
    name = None if node is None else node.get("Sig/KeyId")
    return next((key for key in keys if key.key_id == name and key.good(at, now, tolerance)), None)


def to_seal(keys: Iterable[Published], now: int) -> rsa.PublicKey | None:
    """Of these the key to which something is sealed now: the one that became good last."""
    good = sorted((key for key in keys if key.seals(now)), key=lambda key: key.not_before)
    return good[-1].key if good else None


def right(key: Published, purpose: str, node: Node) -> bool:
    """Whether the last child of an element is the key's signature over the rest of it, for this purpose."""
    sig = node.children[-1]
    value = base64.b64decode(sig.get("Value") or "", validate=True)
    return (sig.name == "Sig" and key.key is not None
            and rsa.verify(key.key, value, canonical.protected(purpose, unsigned(node))))


def unsigned(node: Node) -> Node:
    """The element without its Sig."""
    return element(node.name, *(child for child in node.children if child.name != "Sig"))


class NoKey(Exception):
    """This player has no key that is good now."""


@dataclass(frozen=True, slots=True)
class Own:
    """A key of this player, to sign with or to which others seal; ``encoded`` is its public part."""

    key_id: str
    usage: str
    begins: int
    after: int
    encoded: str
    key: rsa.PrivateKey = attribute(repr=False)

    def good(self, now: int) -> bool:
        return self.begins <= now < self.after

    def times(self) -> tuple[Node, Node]:
        """Its first and its last second."""
        return leaf("NotBefore", times.to_text(self.begins)), leaf("NotAfter", times.to_text(self.after - times.SECOND))

    def signed(self, purpose: str, node: Node) -> Node:
        """The element with its Sig."""
        value = rsa.sign(self.key, canonical.protected(purpose, node))
        sig = element("Sig", leaf("KeyId", self.key_id), leaf("Value", base64.b64encode(value).decode("ascii")))
        return element(node.name, *node.children, sig)


def own(listed: Iterable[dict[str, Any]], usage: str) -> list[Own]:
    """Keys as their owner's configuration has them; the one that becomes good last comes last."""
    return sorted((_own(one, usage) for one in listed), key=lambda one: one.begins)


def _own(one: dict[str, Any], usage: str) -> Own:
    key = private(one["key"])
    data = rsa.write_public(key.public)
    return Own(hashlib.sha256(data).hexdigest(), usage, times.from_text(one["not_before"]), times.after_last_second(one["not_after"]),
               base64.b64encode(data).decode("ascii"), key)


class Signer:
    """The keys that a player signs with: of those that are good and may be used, the one that became good last."""

    def __init__(self, listed: Iterable[dict[str, Any]], usable: Callable[[str, int], bool] = lambda key_id, now: True) -> None:
        self.keys = own(listed, "sign")
        self._usable = usable

    def __bool__(self) -> bool:
        return bool(self.keys)

    def published(self) -> tuple[Published, ...]:
        """What others need to believe them."""
        return tuple(Published(one.key_id, one.key.public, "sign", one.begins, one.after, None, one.encoded) for one in self.keys)

    def current(self, purpose: str, now: int) -> Own:
        """The key for what is signed now; NoKey where there is none."""
        good = [key for key in self.keys if key.good(now) and self._usable(key.key_id, now)]
        if not good:
            raise NoKey(purpose)
        return good[-1]

    def sign(self, purpose: str, node: Node, now: int) -> Node:
        """The element with its Sig; NoKey where no key is good."""
        return self.current(purpose, now).signed(purpose, node)


def private(text: str) -> rsa.PrivateKey:
    """A key as its owner's configuration has it."""
    key = rsa.read_private(base64.b64decode(text, validate=True))
    if not _fit(key.public):
        raise ValueError("not a key of an admitted size")
    return key
