"""Checks of a document against the tables of its message (QP-E-SCHEMA) and of its profile (QP-E-PROFILE)."""

from __future__ import annotations

from quickpay.tables import ANONYMOUS, AUTHENTICATED, HEADLESS, MESSAGE, PATH_OF, STRUCTURE, Field, root_of
from quickpay.types import checker
from quickpay.xml import Node


class SchemaError(Exception):
    """A document that breaks the tables of its message."""


_CHECKERS = {f.type: checker(f.type)
             for table in [*STRUCTURE.values(), *(m.body for m in MESSAGE.values())]
             for f in table if f.type not in STRUCTURE}


def _profiled() -> frozenset[str]:
    """The structures that have, somewhere inside, a field that depends on the profile."""
    found: set[str] = set()
    while True:
        more = {name for name, table in STRUCTURE.items() if any(f.profiles or f.type in found for f in table)}
        if more == found:
            return frozenset(found)
        found = more


_PROFILED = _profiled()


def check(document: Node, message: str) -> None:
    """SchemaError unless the document is a message of this name."""
    table = MESSAGE[message]
    if document.name != root_of(message) or document.text.strip():
        raise SchemaError(f"the root is not {message}")
    if table.head == HEADLESS:
        return _check_fields(document, table.body)
    names = [c.name for c in document.children]
    if names not in (["Head", "Body"], ["Head", "Body", "Auth"]):
        raise SchemaError("the root does not hold Head, Body and perhaps Auth")
    _check_fields(document.children[0], STRUCTURE[table.head])
    _check_fields(document.children[1], table.body)
    if len(names) == 3:
        _check_fields(document.children[2], STRUCTURE["Auth"])


def check_element(node: Node, structure: str) -> None:
    """SchemaError unless the element, which may have another name in a message, is such a structure."""
    _check_fields(node, STRUCTURE[structure])


def _check_fields(node: Node, table: list[Field]) -> None:
    if not node.children:
        raise SchemaError(f"{node.name} is empty or holds text")
    counts = _count(node, table)
    chosen: dict[str, int] = {}
    for field in table:
        low, high = _bounds(node, field)
        count = counts[field.name]
        if field.choice is not None and high:
            chosen[field.choice] = chosen.get(field.choice, 0) + (count > 0)
            low = 0
        if not low <= count <= high:
            raise SchemaError(f"{node.name} holds {count} of {field.name}")
    if any(count != 1 for count in chosen.values()):
        raise SchemaError(f"{node.name} does not hold exactly one of a choice")


def _bounds(node: Node, field: Field) -> tuple[int, int]:
    if field.when is not None:
        path, equal, value = field.when
        if (node.get(path) == value) != equal:
            return 0, 0
    return field.low, field.high


def _count(node: Node, table: list[Field]) -> dict[str, int]:
    """How often each field occurs; checks the order and each child on the way."""
    counts = {}
    at = 0
    for field in table:
        start = at
        while at < len(node.children) and node.children[at].name == field.name:
            _check_child(node.children[at], field)
            at += 1
        counts[field.name] = at - start
    if at < len(node.children):
        raise SchemaError(f"{node.children[at].name} is unknown in {node.name} or out of order")
    return counts


def _check_child(node: Node, field: Field) -> None:
    table = STRUCTURE.get(field.type)
    if table is not None:
        _check_fields(node, table)
        return
    size = len(node.text.encode("utf-8"))
    if node.children or not field.least <= size <= field.most or not _CHECKERS[field.type](node.text):
        raise SchemaError(f"{node.name} is not a {field.type}")
    if field.always is not None and node.text != field.always:
        raise SchemaError(f"{node.name} is not {field.always}")


def profile_right(document: Node, message: str) -> bool:
    """Whether the parts are there that the declared profile demands, and those absent that it forbids."""
    profile = document.get("Head/Profile") or ""
    body = document.find("Body")
    if body is None or not _auth_right(document, message):
        return False
    return _parts_right(body, MESSAGE[message].body, profile)


def _parts_right(node: Node, table: list[Field], profile: str) -> bool:
    """Whether the fields of an element, and those inside them, occur as often as the profile has it."""
    for field in table:
        low, high = field.profiles.get(profile, (0, field.high))
        parts = [c for c in node.children if c.name == field.name]
        if _bounds(node, field)[1] and not low <= len(parts) <= high:
            return False
        inside = STRUCTURE[field.type] if field.type in _PROFILED else []
        if not all(_parts_right(part, inside, profile) for part in parts):
            return False
    return True


def _auth_right(document: Node, message: str) -> bool:
    """Whether Auth is where it has to be. In an answer that is for the client to judge, who knows what it asked."""
    there = document.child("Auth") is not None
    if message in PATH_OF:
        return there == auth_due(document, message)
    return not there or document.get("Head/Profile") == "H" and message.removesuffix("Response") in AUTHENTICATED


def auth_due(request: Node, message: str) -> bool:
    """Whether a request has to be authenticated."""
    return message in AUTHENTICATED and request.get("Head/Profile") == "H" and request.get("Head/Sender") is not None


def is_anonymous(message: str) -> bool:
    return message.removesuffix("Response") in ANONYMOUS
