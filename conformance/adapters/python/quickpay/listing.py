"""The Host's directory: what its owner lists, as players have changed it since by messages (protocol.md sections 15 and 16)."""

from __future__ import annotations

import dataclasses
import secrets
from typing import Any, Iterable

from quickpay import signing, terms, times
from quickpay.player import MAX_PLAYERS, Directory, Entry
from quickpay.store import MemoryStore, Unit

#: What messages said of a player. ``role`` is there if it registered by one; ``name``, ``endpoints``, ``bound`` and ``ticket`` count
#: in place of the owner's, ``published`` keys besides those of the owner; ``withdrawn`` says from when on, by KeyId. ``sources``,
#: ``currencies``, ``oldest`` and ``rates`` are those of terms.py; the owner's rate counts before all of ``rates``.
Changes = dict[str, Any]
_PREFIX, _LETTERS = "listed/", {"vendor": "V", "broker": "B"}


class Listing(Directory):
    """Keeps apart what the owner says, which may be replaced, and what messages said, which stays."""

    def __init__(self, owners: Directory, store: MemoryStore) -> None:
        """owners: what the owner listed until now."""
        self._owners, self._store = owners, store
        self._remember(owners.names())

    def replace(self, listed: list[dict[str, Any]]) -> None:
        self._owners.replace(listed)
        self._remember(self._owners.names())

    def _remember(self, names: Iterable[str]) -> None:
        """Whom the owner ever listed: their ids are never given to others."""
        fresh = {f"had/{name}": True for name in names if name[0] in _LETTERS.values() and self._store.get(f"had/{name}") is None}
        if fresh:
            self._store.commit(fresh)

    def names(self) -> list[str]:
        changed = (name.removeprefix(_PREFIX) for name, _ in self._store.under(_PREFIX))
        return list(dict.fromkeys([*self._owners.names(), *changed]))

    def issued(self, player: str) -> Entry | None:
        entry, changes = self._owners.issued(player), self.changes(player)
        if entry is None and "role" in changes:
            entry = Entry(player, changes["role"], "", (), ())
        return entry if entry is None or not changes else _changed(entry, changes)

    def changes(self, player: str) -> Changes:
        found: Changes = self._store.get(_PREFIX + player) or {}
        return found

    def change(self, unit: Unit, player: str, changes: Changes) -> None:
        """What is not among these changes stays as it is. At most one in a unit of a player."""
        unit.put(_PREFIX + player, {**self.changes(player), **changes})

    def full(self) -> bool:
        return len(self.names()) >= MAX_PLAYERS

    # identifiers

    def next_id(self, unit: Unit, role: str) -> str:
        """Numbered on: no player has it or had it, and with unit nobody else gets it."""
        number = self._store.get("number/" + role) or 0
        name = ""
        while not name or self._store.get("had/" + name) is not None:
            number += 1
            name = f"{_LETTERS[role]}{number}"
        unit.put("number/" + role, number)
        return name

    def random_id(self) -> str:
        """Of a Wallet: nobody can guess it."""
        name = "W" + secrets.token_hex(16)
        return name if self.issued(name) is None else self.random_id()

    # keys

    def list_key(self, unit: Unit, player: str, key: dict[str, str]) -> None:
        """From unit on it is listed besides those that are there; a key as the owner's list has them."""
        self.change(unit, player, {"published": [*self.changes(player).get("published", []), key]})

    def withdraw_key(self, unit: Unit, player: str, key_id: str, since: str) -> None:
        """Of several withdrawals the earliest counts."""
        withdrawn = self.changes(player).get("withdrawn", {})
        earliest = min(withdrawn.get(key_id, since), since, key=times.from_text)
        self.change(unit, player, {"withdrawn": {**withdrawn, key_id: earliest}})


def _changed(entry: Entry, changes: Changes) -> Entry:
    told: dict[str, Any] = {name: changes[name] for name in ("name", "ticket") if name in changes}
    if "endpoints" in changes:
        told["endpoints"] = tuple((address, port) for address, port in changes["endpoints"])
    if "bound" in changes:
        told["bound"] = tuple(changes["bound"])
    removed = entry.removed or changes.get("removed", False)
    return dataclasses.replace(entry, **told, removed=removed, keys=_keys(entry, changes), terms=terms.changed(entry.terms, changes))


def _keys(entry: Entry, changes: Changes) -> tuple[signing.Published, ...]:
    published, withdrawn = signing.published(changes.get("published", [])), changes.get("withdrawn", {})
    names = {key.key_id for key in published}
    owners = [key for key in entry.keys if key.key_id not in names]
    return tuple(_withdrawn(key, withdrawn.get(key.key_id)) for key in (*owners, *published))


def _withdrawn(key: signing.Published, since: str | None) -> signing.Published:
    """The key, withdrawn from the earlier of two times."""
    if since is None:
        return key
    moments = [times.from_text(since)] + ([] if key.withdrawn_from is None else [key.withdrawn_from])
    return dataclasses.replace(key, withdrawn_from=min(moments))
