"""Keys that players bring along in messages, with the proof that they have the private part (protocol.md sections 15 and 16)."""

from __future__ import annotations

from quickpay import signing
from quickpay.xml import Node


def as_listed(key: Node) -> dict[str, str]:
    """As the owner's list would have it. Where there is no Usage it is to sign."""
    fields = {"key": "PubKey", "not_before": "NotBefore", "not_after": "NotAfter"}
    return {"usage": key.get("Usage") or "sign", **{name: key.get(field) or "" for name, field in fields.items()}}


def published(key: Node) -> signing.Published:
    [found] = signing.published([as_listed(key)])
    return found


def good(key: signing.Published, now: int) -> bool:
    """Whether it keeps the key policy, its times are the right way round, and its time is not over."""
    return key.key is not None and key.not_before < key.after and now < key.after


def proven(key: signing.Published, node: Node) -> bool:
    """Whether the element is signed by the key that is in it."""
    return node.get("Sig/KeyId") == key.key_id and signing.right(key, "key-proof", node)


def unfit(keys: list[Node], now: int, name: str, value: str | None) -> str | None:
    """Why keys of a registration cannot be listed: KEY before SIGNATURE. The leaf called name binds each to its request."""
    pairs = [(published(key), key) for key in keys]
    if not all(good(key, now) for key, _ in pairs):
        return "QP-E-KEY"
    return None if all(node.get(name) == value and proven(key, node) for key, node in pairs) else "QP-E-SIGNATURE"
