"""The Host's directory for those who ask: the machine host.directory (protocol.md section 13). Comments name its rows."""

from __future__ import annotations

import dataclasses
import hmac
import secrets
from typing import Callable, Iterable

from quickpay import places, signing, times
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.player import Entry, Player
from quickpay.tables import PATH_OF
from quickpay.terms import MAX_SOURCES
from quickpay.types import is_a
from quickpay.xml import Node, element, leaf

#: What an entry holds at most.
MAX_NAME_BYTES, MAX_KEY_BYTES = 128, 4096
MAX_ENDPOINTS, MAX_KEYS, MAX_CURRENCIES, MAX_NETS, MAX_PRODUCTS = 8, 16, 200, 8, 16
MAX_PRODUCT_BYTES = 64
#: Who is not there, by the role that was asked for.
_UNKNOWN = {"broker": "QP-E-BROKER", "vendor": "QP-E-VENDOR"}


class Entries:
    """Says who a player is, and signs it. Nothing is kept of a look-up but its answer."""

    def __init__(self, player: Player, signer: signing.Signer, others: Iterable[str]) -> None:
        """others: the other messages that this Host answers."""
        self._player = player
        self._signer = signer
        self._families = sorted({PATH_OF[message].split("/")[3] for message in [*others, *self.served()]})
        self._last = 0
        #: Compared where there is no ticket, so that it takes as long as where there is one.
        self._nobodys = secrets.token_hex(16)

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"LookupPlayer": self._look_up}

    def _look_up(self, pending: Pending) -> None:
        entry = self._found(pending.body)
        if entry is None:
            return pending.refuse(_UNKNOWN.get(pending.body.get("Role") or "", "QP-E-FORBIDDEN"))  # L1 to L3
        now = self._player.clock.now()
        self._last = max(self._last, now)  # a clock that was set back makes no entry older than the one before
        try:
            signed = self._signer.sign("directory", self._said(entry), now)
        except signing.NoKey:
            return pending.refuse("QP-E-INTERNAL")
        unit = self._player.unit()
        pending.answer(unit, OK, signed)  # L4
        unit.commit()

    # who is asked for

    def _found(self, body: Node) -> Entry | None:
        role, name = body.get("Role") or "", body.get("Id")
        if name is None:
            return self._vendor_at(body) if role == "vendor" else None
        match role:
            case "host":
                return self._own() if name == self._player.me.player else None
            case "wallet":
                return self._wallet(name, body.get("Ticket") or "")
        return self._listed(name, role)

    def _listed(self, name: str, role: str) -> Entry | None:
        """Whoever is or was a player of this role."""
        entry = self._player.directory.issued(name)
        return entry if entry is not None and entry.role == role else None

    def _vendor_at(self, body: Node) -> Entry | None:
        wanted = (body.get("Endpoint/Addr") or "", int(body.get("Endpoint/Port") or 0))
        for entry in self._player.directory.living("vendor") if places.address(wanted[0]) is not None else ():
            if any(places.same(place, wanted) for place in entry.endpoints):
                return entry
        return None

    def _wallet(self, name: str, shown: str) -> Entry | None:
        entry = self._listed(name, "wallet")
        ticket = entry.ticket if entry is not None else None
        right = hmac.compare_digest(shown.encode("utf-8"), (ticket or self._nobodys).encode("utf-8"))
        return entry if right and ticket else None

    def _own(self) -> Entry:
        """As the directory lists this Host; what is not there is what it knows by itself."""
        name = self._player.me.player
        listed, place = self._listed(name, "host") or Entry(name, "host", "", (), ()), self._player.place
        return dataclasses.replace(listed, endpoints=listed.endpoints or (() if place is None else (place,)),
                                   keys=listed.keys or self._signer.published())

    # what is said

    def _said(self, entry: Entry) -> Node:
        lasts = self._player.milliseconds("T_dir") + self._player.milliseconds("T_dir_stale")
        own = entry.role == "host"
        return element(
            "Entry", leaf("Role", entry.role), leaf("Id", entry.id), leaf("State", entry.state),
            *([] if entry.role == "wallet" else _presence(entry)), *(self._abilities() if own else _sources(entry)),
            *map(_key, shown(entry.keys)[:MAX_KEYS]), *(_currencies(sorted(self._player.currencies)) if own else _terms(entry)),
            *(_nets(entry) if entry.role == "wallet" else []),
            leaf("IssuedAt", times.to_text(self._last)), leaf("ValidTo", times.to_text(self._last + lasts)))

    def _abilities(self) -> list[Node]:
        """What this Host knows of itself alone."""
        return [leaf("Profile", self._player.me.profile), *(leaf("Protocol", family) for family in self._families)]


def _presence(entry: Entry) -> list[Node]:
    """Name and Endpoints; a name that the field cannot hold is left out."""
    fits = is_a("Text", entry.name) and len(entry.name.encode("utf-8")) <= MAX_NAME_BYTES
    known = [(places.address(host), port) for host, port in entry.endpoints]
    return [*([leaf("Name", entry.name)] if fits else []),
            *[element("Endpoint", leaf("Addr", str(address)), leaf("Port", port))
              for address, port in known if address is not None][:MAX_ENDPOINTS]]


def _sources(entry: Entry) -> list[Node]:
    """Where a Vendor or Broker sends from besides its Endpoints; what is no address is left out."""
    known = [places.address(text) for text in entry.terms.sources] if entry.role in ("vendor", "broker") else []
    return [leaf("SourceAddr", str(address)) for address in known if address is not None][:MAX_SOURCES]


def _currencies(codes: Iterable[str]) -> list[Node]:
    return [element("Currency", leaf("Code", code), leaf("Active", "yes")) for code in codes if is_a("Currency", code)][:MAX_CURRENCIES]


def _terms(entry: Entry) -> list[Node]:
    """What a Broker told of how it pays."""
    if entry.role != "broker":
        return []
    told, fit = entry.terms.told, [one for one in entry.terms.oldest if _spelt(*one)]
    return [*_currencies(entry.terms.currencies), *([] if told is None else [leaf("CommissionBp", told)]),
            *(element("MinPaycard", leaf("Product", product), leaf("Version", version)) for product, version in fit[:MAX_PRODUCTS])]


def _spelt(product: str, version: str) -> bool:
    return is_a("Word", product) and len(product) <= MAX_PRODUCT_BYTES and is_a("Ver", version)


def _nets(entry: Entry) -> list[Node]:
    """The addresses that a Wallet is bound to: whole ones, but where it registered a network itself."""
    told = [(places.address(text), prefix) for text, _, prefix in (one.partition("/") for one in entry.bound)]
    known = [(address, prefix or str(address.max_prefixlen)) for address, prefix in told if address is not None]
    return [element("Net", leaf("Addr", str(address)), leaf("Prefix", prefix)) for address, prefix in known[:MAX_NETS]]


def shown(keys: Iterable[signing.Published]) -> list[signing.Published]:
    """Those that the field of an entry can hold."""
    return [key for key in keys if len(key.encoded) <= MAX_KEY_BYTES]


def _key(key: signing.Published) -> Node:
    withdrawn = key.withdrawn_from
    return element(
        "Key", leaf("KeyId", key.key_id), leaf("PubKey", key.encoded), leaf("Usage", key.usage),
        leaf("NotBefore", times.to_text(key.not_before)), leaf("NotAfter", times.to_text(key.after - times.SECOND)),
        None if withdrawn is None else leaf("WithdrawnFrom", times.to_text(withdrawn)))
