"""Composing documents, and judging the ones that answer (protocol.md section 3)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any, Callable

from quickpay import schema, times, xml
from quickpay.errors import OK, RETRY, STALE, UNREADABLE, classify
from quickpay.keys import Key, seal_right, sealed
from quickpay.tables import PATH_OF, family_of, root_of
from quickpay.xml import Node, element, leaf

VERSION = "1"
#: A field of a Body, or what makes it of the document with its Head alone.
Part = Node | None | Callable[[Node], Node]


@dataclass(frozen=True, slots=True)
class Identity:
    """Who this player is, and in which system."""

    player: str
    host: str
    profile: str


def fresh_id() -> str:
    return secrets.token_hex(16)


def to_json(node: Node) -> list[Any]:
    """A tree as the store keeps it."""
    return [node.name, [to_json(c) for c in node.children] or node.text]


def from_json(value: list[Any]) -> Node:
    name, content = value
    return leaf(name, content) if isinstance(content, str) else element(name, *(from_json(c) for c in content))


def request(me: Identity, message: str, receiver: str, msg_id: str, now: int, *fields: Part,
            key: Key | None = None, named: bool = True) -> bytes:
    """A request, sealed if there is a key; one to a Vendor says nothing about its sender, and others may leave its name out."""
    anonymous = schema.is_anonymous(message)
    head = element(
        "Head", leaf("Version", VERSION), leaf("Profile", me.profile), leaf("Host", me.host),
        leaf("Sender", me.player) if named and not anonymous else None, leaf("Receiver", receiver), leaf("MsgId", msg_id),
        None if anonymous else leaf("SentAt", times.to_text(now)))
    return _written(message, _filled(root_of(message), head, fields), key)


def renewed(message: str, document: Node, msg_id: str, now: int, key: Key | None) -> bytes:
    """A request with the same Body, written anew (protocol.md section 9, freshness)."""
    fresh = {"MsgId": msg_id, "SentAt": times.to_text(now)}
    head, body = document.children[:2]
    head = element("Head", *(leaf(one.name, fresh.get(one.name, one.text)) for one in head.children))
    return _written(message, element(document.name, head, body), key)


def _filled(root: str, head: Node, parts: tuple[Part, ...]) -> Node:
    empty = element(root, head)
    return element(root, head, element("Body", *(part(empty) if callable(part) else part for part in parts)))


def _written(message: str, document: Node, key: Key | None) -> bytes:
    document = document if key is None else sealed(document, key)
    schema.check(document, message)
    return xml.write(document)


def response(me: Identity, message: str, asked: Node | None, now: int, code: str, *fields: Part,
             key: Key | None = None, after: int | None = None) -> bytes:
    """The answer to asked, or to a request whose Head was not read; sealed if there is a key."""
    name = message + "Response"
    told = {leaf_.name: leaf_.text for leaf_ in asked.children[0].children} if asked is not None else {}
    head = element(
        "Head", leaf("Version", VERSION), leaf("Profile", told.get("Profile", "F")), leaf("Host", me.host),
        leaf("Sender", me.player), leaf("Receiver", told["Sender"]) if "Sender" in told else None,
        leaf("MsgId", fresh_id()), leaf("InReplyTo", told["MsgId"]) if "MsgId" in told else None,
        leaf("SentAt", times.to_text(now)))
    status = element("Status", leaf("Code", code), None if code == OK else leaf("Retry", RETRY[code]),
                     None if after is None else leaf("After", after))
    return _written(name, _filled(root_of(name), head, (status, *fields)), key)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an attempt came to: a class (ok, no, new, same, stale, fail), the code, and the document if there is one."""

    kind: str
    code: str = ""
    document: Node | None = None

    def get(self, path: str) -> str | None:
        return None if self.document is None else self.document.get("Body/" + path)

    def find(self, path: str) -> Node | None:
        return None if self.document is None else self.document.find("Body/" + path)


FAIL = Outcome("fail")


def judge(me: Identity, message: str, receiver: str, msg_id: str, data: bytes, key: Key | None = None,
          named: bool = True) -> Outcome:
    """The outcome that a response body means; everything that is no answer to this request is unknown. With a key,
    what is not sealed under it is none. ``named``: the request says who sends it, where its message has a place for that."""
    name = message + "Response"
    try:
        document = xml.read(data, family_of(PATH_OF[message]))
        schema.check(document, name)
    except (xml.XmlError, schema.SchemaError):
        return FAIL
    code = document.get("Body/Status/Code") or ""
    sound = document.child("Auth") is None if key is None else seal_right(document, key)
    if not sound or not _answers(me, message, receiver, msg_id, document, code, named):
        return FAIL
    kind = "stale" if key is not None and code == STALE else classify(code, document.get("Body/Status/Retry"))
    return Outcome(kind, code, document)


def _answers(me: Identity, message: str, receiver: str, msg_id: str, document: Node, code: str, named: bool) -> bool:
    head = {leaf_.name: leaf_.text for leaf_ in document.children[0].children}
    if head["Version"] != VERSION or head["Host"] != me.host or head["Sender"] != receiver:
        return False
    readable = code not in UNREADABLE
    if head.get("InReplyTo", None if readable else msg_id) != msg_id:
        return False
    asker = me.player if named else None
    if not schema.is_anonymous(message) and head.get("Receiver", None if readable else asker) != asker:
        return False
    if readable and head["Profile"] != me.profile:
        return False
    return schema.profile_right(document, message + "Response")
