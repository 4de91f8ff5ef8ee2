"""The Host's directory: what its owner lists, as players have changed it since by messages (protocol.md sections 15 and 16)."""

from __future__ import annotations

import dataclasses
from typing import Any

from quickpay import signing, times
from quickpay.player import Directory, Entry
from quickpay.store import MemoryStore, Unit

#: The keys that messages listed of a player, and from when on keys of it are withdrawn, by KeyId.
Changes = dict[str, Any]


class Listing(Directory):
    """Keeps apart what the owner says, which may be replaced, and what messages said, which stays."""

    def __init__(self, owners: Directory, store: MemoryStore) -> None:
        """owners: what the owner listed until now."""
        self._owners, self._store = owners, store

    def replace(self, listed: list[dict[str, Any]]) -> None:
        self._owners.replace(listed)

    def names(self) -> list[str]:
        return self._owners.names()

    def issued(self, player: str) -> Entry | None:
        entry, changes = self._owners.issued(player), self._changes(player)
        return entry if entry is None or changes is None else dataclasses.replace(entry, keys=_keys(entry, changes))

    def _changes(self, player: str) -> Changes | None:
        found: Changes | None = self._store.get(_record(player))
        return found

    def list_key(self, unit: Unit, player: str, key: dict[str, str]) -> None:
        """From unit on it is listed besides those that are there; a key as the owner's list has them."""
        changes = self._changes(player) or {"published": [], "withdrawn": {}}
        unit.put(_record(player), {**changes, "published": [*changes["published"], key]})

    def withdraw_key(self, unit: Unit, player: str, key_id: str, since: str) -> None:
        """Of several withdrawals the earliest counts."""
        changes = self._changes(player) or {"published": [], "withdrawn": {}}
        before = changes["withdrawn"].get(key_id, since)
        earliest = min(before, since, key=times.from_text)
        unit.put(_record(player), {**changes, "withdrawn": {**changes["withdrawn"], key_id: earliest}})


def _record(player: str) -> str:
    return "listed/" + player


def _keys(entry: Entry, changes: Changes) -> tuple[signing.Published, ...]:
    published = signing.published(changes["published"])
    names = {key.key_id for key in published}
    owners = [key for key in entry.keys if key.key_id not in names]
    return tuple(_withdrawn(key, changes["withdrawn"].get(key.key_id)) for key in (*owners, *published))


def _withdrawn(key: signing.Published, since: str | None) -> signing.Published:
    """The key, withdrawn from the earlier of two times."""
    if since is None:
        return key
    moments = [times.from_text(since)] + ([] if key.withdrawn_from is None else [key.withdrawn_from])
    return dataclasses.replace(key, withdrawn_from=min(moments))
