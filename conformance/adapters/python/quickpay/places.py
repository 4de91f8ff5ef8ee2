"""Addresses and places: when two are the same, which are written as they have to be, and where a Host sends a Probe."""

from __future__ import annotations

import ipaddress

from quickpay.xml import Node

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
#: An address as text, and a port.
Place = tuple[str, int]

#: Networks without an address of one machine that may be asked: "this" network, multicast, and what is reserved.
_NOBODYS = [ipaddress.ip_network(text) for text in ("0.0.0.0/8", "224.0.0.0/4", "240.0.0.0/4", "::/128", "ff00::/8")]
#: IPv4 addresses in the clothes of IPv6 ones. ::1 is none of them.
_DISGUISES = [ipaddress.ip_network(text) for text in ("::/96", "::ffff:0:0/96")]
_WELL_KNOWN = (80, 443)


def address(text: str) -> Address | None:
    """What an address is, however it is written: an IPv4-mapped one is IPv4. None where it is no address."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, ipaddress.IPv6Address) else None
    return found if mapped is None else mapped


def endpoints(node: Node) -> list[Place]:
    """The places that an element names."""
    return [(one.get("Addr") or "", int(one.get("Port") or 0)) for one in node.children if one.name == "Endpoint"]


def same(one: Place, other: Place) -> bool:
    return one[1] == other[1] and address(one[0]) is not None and address(one[0]) == address(other[0])


def spelled(text: str) -> Address | None:
    """The address if it is in its one spelling (RFC 5952); an IPv4 address in other clothes never is."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    disguised = any(found in network for network in _DISGUISES) and not found.is_loopback
    return found if str(found) == text and not disguised else None


def probed(place: Place, locally: bool) -> bool:
    """Whether a Host sends a Probe there; locally: its owner admits loopback addresses and all ports."""
    found = spelled(place[0])
    if found is None or found.is_link_local or any(found in network for network in _NOBODYS):
        return False
    return locally or not found.is_loopback and (place[1] >= 1024 or place[1] in _WELL_KNOWN)


def bindable(text: str, prefix: int) -> bool:
    """Whether a Wallet may be bound to such addresses."""
    found = spelled(text)
    return found is not None and (prefix == 32 if found.version == 4 else 64 <= prefix <= 128)


def covers(bound: str, peer: str) -> bool:
    """Whether an address, or those with its prefix where there is one behind a stroke, are those of a peer."""
    text, _, prefix = bound.partition("/")
    start, found = address(text), address(peer)
    if start is None or found is None or start.version != found.version:
        return False
    return found in ipaddress.ip_network((start, int(prefix or start.max_prefixlen)), strict=False)
