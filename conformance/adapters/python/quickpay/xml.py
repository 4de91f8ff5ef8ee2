"""The XML profile of protocol.md section 3: a strict reader and a writer of plain element trees.

The reader knows no tables. Everything it refuses is QP-E-XML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from quickpay.tables import MICRO, Family

NAMESPACE = "urn:quickpay:1"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
MAX_DEPTH = 8
BLANKS = " \t\r\n"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]{0,63}")
_NAME_END = frozenset(BLANKS + "/>")
_ATTRIBUTE = re.compile(r"""xmlns[ \t\r\n]*=[ \t\r\n]*(?:"([^"<&]*)"|'([^'<&]*)')""")
_ENTITY = re.compile(r"&([^;&]{0,5};)?")
_ENTITIES = {"amp;": "&", "lt;": "<", "gt;": ">", "quot;": '"', "apos;": "'"}
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class XmlError(Exception):
    """A document that breaks the XML profile."""


@dataclass(frozen=True, slots=True)
class Node:
    """An element: either text or child elements."""

    name: str
    text: str = ""
    children: tuple["Node", ...] = ()

    def child(self, name: str) -> "Node | None":
        return next((c for c in self.children if c.name == name), None)

    def get(self, path: str) -> str | None:
        """The text of the leaf at a path such as ``Head/MsgId``."""
        node = self.find(path)
        return None if node is None else node.text

    def find(self, path: str) -> "Node | None":
        node: Node | None = self
        for name in path.split("/"):
            node = None if node is None else node.child(name)
        return node


def leaf(name: str, text: str | int) -> Node:
    return Node(name, str(text))


def element(name: str, *children: Node | None) -> Node:
    return Node(name, "", tuple(c for c in children if c is not None))


class _Open:
    """An element whose end has not come yet."""

    __slots__ = ("name", "parts", "children")

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[str] = []
        self.children: list[Node] = []

    def close(self) -> Node:
        text = "".join(self.parts)
        if not self.children:
            return Node(self.name, text)
        if text.strip(BLANKS):
            raise XmlError(f"{self.name} holds text and elements")
        return Node(self.name, "", tuple(self.children))


class _Reader:
    """One pass over the characters of a document; every step moves forward, so the length bounds it."""

    def __init__(self, text: str, most: int) -> None:
        self.text = text
        self.most = most
        self.at = 0
        self.count = 0
        self.stack: list[_Open] = []
        self.root: Node | None = None

    def read(self) -> Node:
        if self.text.startswith(DECLARATION):
            self.at = len(DECLARATION)
        while self.at < len(self.text):
            if self.text[self.at] == "<":
                self._tag()
            else:
                self._characters()
        if self.root is None:
            raise XmlError("the root element is missing or has no end")
        return self.root

    def _characters(self) -> None:
        end = self.text.find("<", self.at)
        end = len(self.text) if end < 0 else end
        raw = self.text[self.at:end]
        self.at = end
        if self.stack:
            self.stack[-1].parts.append(_unescape(raw))
        elif raw.strip(BLANKS):
            raise XmlError("text outside the root element")

    def _tag(self) -> None:
        if self.text.startswith("</", self.at):
            self.at += 2
            self._end_tag()
        elif self.text[self.at + 1:self.at + 2] in ("!", "?"):
            raise XmlError("a comment, CDATA, document type or processing instruction")
        else:
            self.at += 1
            self._start_tag()

    def _end_tag(self) -> None:
        name = self._name()
        self._skip_blanks()
        self._expect(">")
        if not self.stack or self.stack[-1].name != name:
            raise XmlError(f"</{name}> does not end the open element")
        self._finish()

    def _start_tag(self) -> None:
        if self.root is not None:
            raise XmlError("a second root element")
        self.count += 1
        if self.count > self.most or len(self.stack) >= MAX_DEPTH:
            raise XmlError("too many elements or too deep")
        top = not self.stack
        self.stack.append(_Open(self._name()))
        self._attributes(top)
        if self.text.startswith("/>", self.at):
            self.at += 2
            self._finish()
        else:
            self._expect(">")

    def _attributes(self, top: bool) -> None:
        blanks = self._skip_blanks()
        if not top:
            return
        found = _ATTRIBUTE.match(self.text, self.at) if blanks else None
        if found is None or (found[1] if found[1] is not None else found[2]) != NAMESPACE:
            raise XmlError("the root does not carry the namespace alone")
        self.at = found.end()
        self._skip_blanks()

    def _finish(self) -> None:
        node = self.stack.pop().close()
        if self.stack:
            self.stack[-1].children.append(node)
        else:
            self.root = node

    def _name(self) -> str:
        found = _NAME.match(self.text, self.at)
        if found is None or self.text[found.end():found.end() + 1] not in _NAME_END:
            raise XmlError("not an element name of the profile")
        self.at = found.end()
        return found[0]

    def _skip_blanks(self) -> bool:
        start = self.at
        while self.at < len(self.text) and self.text[self.at] in BLANKS:
            self.at += 1
        return self.at > start

    def _expect(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise XmlError(f"{mark} expected, or an attribute is where none may be")
        self.at += len(mark)


def _unescape(raw: str) -> str:
    if "]]>" in raw:
        raise XmlError("]]> in text")
    return _ENTITY.sub(_entity, raw) if "&" in raw else raw


def _entity(found: re.Match[str]) -> str:
    value = _ENTITIES.get(found[1] or "")
    if value is None:
        raise XmlError("an entity that is not one of the five")
    return value


def read(data: bytes, family: Family = MICRO) -> Node:
    """The tree of a document; XmlError when it breaks the profile or passes a limit of its family."""
    if len(data) > family.body:
        raise XmlError("too long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise XmlError("not UTF-8") from error
    if _FORBIDDEN.search(text):
        raise XmlError("a character that XML does not have")
    if text.startswith("\ufeff"):
        raise XmlError("a byte order mark")
    return _Reader(text, family.elements).read()


def _escape(text: str) -> str:
    return "".join(_ESCAPES.get(c, c) for c in text)


def _write(node: Node, out: list[str], attribute: str = "") -> None:
    out.append(f"<{node.name}{attribute}>")
    out.append(_escape(node.text))
    for child in node.children:
        _write(child, out)
    out.append(f"</{node.name}>")


def write(root: Node) -> bytes:
    """The document of a tree, without declaration and without blanks between elements."""
    out: list[str] = []
    _write(root, out, f' xmlns="{NAMESPACE}"')
    return "".join(out).encode("utf-8")
