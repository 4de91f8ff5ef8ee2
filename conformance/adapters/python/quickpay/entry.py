"""An Entry that the Host signed: what it says of a player, and whether it is believed (protocol.md section 13)."""

from __future__ import annotations

from typing import Iterable

from quickpay import places, schema, signing, times, xml
from quickpay.player import Entry
from quickpay.tables import COMM
from quickpay.terms import Terms, said
from quickpay.xml import Node

ROLES = {"H": "host", "B": "broker", "V": "vendor", "W": "wallet"}
#: An Entry by itself may stand without the namespace of the messages.
_BARE, _ROOT = b"<Entry>", b'<Entry xmlns="urn:quickpay:1">'


def read(text: str) -> Node:
    """An Entry as its owner's file has it; XmlError or SchemaError if it is none."""
    data = text.strip().encode("utf-8", "surrogatepass")
    node = xml.read(_ROOT + data[len(_BARE):] if data.startswith(_BARE) else data, COMM)
    schema.check_element(node, "Entry")
    return node


def player_of(node: Node) -> Entry:
    """As a directory has it."""
    endpoints = tuple((one.get("Addr") or "", int(one.get("Port") or 0)) for one in _all(node, "Endpoint"))
    lists = said(node)
    terms = Terms(sources=tuple(lists.get("sources", [])), currencies=tuple(currencies(node)),
                  oldest=tuple((product, version) for product, version in lists.get("oldest", [])))
    return Entry(node.get("Id") or "", node.get("Role") or "", node.get("Name") or "", endpoints, tuple(_nets(node)),
                 removed=node.get("State") == "removed", suspended=node.get("State") == "suspended", keys=_keys(node), terms=terms)


def currencies(node: Node) -> list[str]:
    return [one.get("Code") or "" for one in _all(node, "Currency") if one.get("Active") == "yes"]


def issued(node: Node) -> int:
    return times.from_text(node.get("IssuedAt") or "")


def lasts(node: Node) -> int:
    """For how long it is used at most."""
    return times.lasts(node.get("IssuedAt") or "", node.get("ValidTo") or "")


def signed(node: Node, keys: Iterable[signing.Published], now: int, tolerance: int) -> bool:
    """Whether one of these keys signed it, and was good when it was made."""
    key = signing.key_of(keys, node, issued(node), now, tolerance)
    return key is not None and signing.right(key, "directory", node)


def wrong(node: Node, name: str, keys: Iterable[signing.Published], before: Node | None, now: int, tolerance: int) -> str | None:
    """Why it is not believed of the player with this name, in a word, or None. Before: the Entry that is there."""
    if (node.get("Id"), node.get("Role")) != (name, ROLES.get(name[:1])):
        return "other-player"
    if not signed(node, keys, now, tolerance):
        return "not-signed"
    if before is not None and issued(node) < issued(before):
        return "older"
    present = now // times.SECOND * times.SECOND
    return "too-old" if present - times.from_text(node.get("ValidTo") or "") > tolerance else None


def _all(node: Node, name: str) -> list[Node]:
    return [child for child in node.children if child.name == name]


def _keys(node: Node) -> tuple[signing.Published, ...]:
    fields = {"key": "PubKey", "usage": "Usage", "not_before": "NotBefore", "not_after": "NotAfter", "withdrawn_from": "WithdrawnFrom"}
    return signing.published({word: one.get(field) for word, field in fields.items()} for one in _all(node, "Key"))


def _nets(node: Node) -> list[str]:
    """A prefix that is longer than its address covers nobody."""
    nets = [(places.address(one.get("Addr") or ""), int(one.get("Prefix") or 0)) for one in _all(node, "Net")]
    return [f"{address}/{prefix}" for address, prefix in nets if address is not None and prefix <= address.max_prefixlen]
