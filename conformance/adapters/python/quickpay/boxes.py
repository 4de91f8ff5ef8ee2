"""Documents that travel sealed (protocol.md section 14): to the holder of an RSA key, and back under a ReplyKey."""

from __future__ import annotations

import base64
import hashlib
import secrets
from typing import Any, Callable, Iterable

from quickpay import canonical, rsa, schema, signing, xml
from quickpay.aes import KEY_BYTES, NONCE_BYTES, Closed, Gcm
from quickpay.tables import MESSAGE, PATH_OF, PATHS, family_of
from quickpay.xml import Node, element, leaf

#: The messages that carry a document inside; its table is that of the name that follows.
SEALED = frozenset(message for message in PATHS.values() if message + "Inner" in MESSAGE)


def bound_to(document: Node) -> bytes:
    """What a box in this document is authenticated with: the root with its Head alone."""
    return canonical.protected("box", element(document.name, document.children[0]))


def sealed(key: rsa.PublicKey, inner: Node, outer: Node) -> Node:
    """Sealed, under a fresh key, for an outer document of which there is the Head."""
    fresh = secrets.token_bytes(KEY_BYTES)
    key_id = hashlib.sha256(rsa.write_public(key)).hexdigest()
    return element("Sealed", leaf("KeyId", key_id), leaf("WrappedKey", _text(rsa.wrap(key, fresh))),
                   *_boxed(fresh, inner, outer))


def boxed(reply_key: str, inner: Node, outer: Node) -> Node:
    return element("Boxed", *_boxed(bytes.fromhex(reply_key), inner, outer))


def _boxed(key: bytes, inner: Node, outer: Node) -> tuple[Node, Node]:
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = Gcm(key).seal(nonce, xml.write(inner), bound_to(outer))
    return leaf("Nonce", nonce.hex()), leaf("Box", _text(box))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _opened(key: bytes, part: Node, outer: Node) -> bytes:
    return Gcm(key).open(bytes.fromhex(part.get("Nonce") or ""), base64.b64decode(part.get("Box") or ""), bound_to(outer))


def _read(data: bytes, message: str, name: str) -> Node:
    """An inner document, judged as strictly as any: XmlError or SchemaError."""
    inner = xml.read(data, family_of(PATH_OF[message]))
    schema.check(inner, name)
    return inner


def answer_of(message: str, document: Node, reply_key: str, nonce: str) -> Node | None:
    """The inner document of an answer; None if it is none to the inner request with this Nonce."""
    part = document.find("Body/Boxed")
    if part is None:
        return None
    try:
        inner = _read(_opened(bytes.fromhex(reply_key), part, document), message, message + "ResponseInner")
    except (Closed, xml.XmlError, schema.SchemaError):
        return None
    return inner if inner.get("Nonce") == nonce else None


class Opener:
    """The keys to which others seal."""

    def __init__(self, listed: Iterable[dict[str, Any]], withdrawn: Callable[[str], bool] = lambda key_id: False) -> None:
        self.keys = {key.key_id: key for key in signing.own(listed, "seal")}
        self._withdrawn = withdrawn

    def __bool__(self) -> bool:
        return bool(self.keys)

    def open(self, message: str, request: Node, now: int) -> Node:
        """What is inside a request: Closed, XmlError or SchemaError if it cannot be read."""
        part = request.find("Body/Sealed")
        assert part is not None
        own = self.keys.get(part.get("KeyId") or "")
        if own is None or not own.good(now) or self._withdrawn(own.key_id):
            raise Closed("no such key now")
        wrapped = rsa.unwrap(own.key, base64.b64decode(part.get("WrappedKey") or ""))
        if wrapped is None or len(wrapped) != KEY_BYTES:
            raise Closed("no key is wrapped")
        return _read(_opened(wrapped, part, request), message, message + "Inner")
