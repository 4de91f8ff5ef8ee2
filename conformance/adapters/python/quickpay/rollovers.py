"""How the RSA keys of players follow one another at the Host: host.keys, rows D1 to D14 (protocol.md section 16). Comments name them."""

from __future__ import annotations

from typing import Callable

from quickpay import entries, offered, signing
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.listing import Listing
from quickpay.player import Entry, Player
from quickpay.xml import Node


class Rollovers:
    """Lists further keys of players on their own proof, and takes keys back on their word."""

    def __init__(self, player: Player, listing: Listing) -> None:
        self._player, self._listing = player, listing

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"PublishKey": self._publish, "WithdrawKey": self._withdraw}

    def _publish(self, pending: Pending) -> None:
        change = _child(pending.body, "KeyChange")
        key = _child(change, "Key")
        code = self._unlistable(pending.sender, change, key)
        if code is not None:
            return pending.refuse(code)
        unit = self._player.unit()
        self._listing.list_key(unit, pending.sender, offered.as_listed(key))  # D9
        pending.answer(unit, OK)
        unit.commit()

    def _unlistable(self, sender: str, change: Node, key: Node) -> str | None:
        """D1 to D5, and what the signatures come to."""
        if key.get("Player") != sender:
            return "QP-E-FORBIDDEN"  # D1
        entry = self._listing.issued(sender)
        if entry is None or entry.removed:
            return "QP-E-GONE"  # D2
        new = offered.published(key)
        if any(one.key_id == new.key_id for one in entry.keys):
            return "QP-E-EXISTS"  # D3
        if len(entries.shown(entry.keys)) >= entries.MAX_KEYS:
            return "QP-E-TOO-MANY"  # D4
        if not offered.good(new, self._player.clock.now()):
            return "QP-E-KEY"  # D5
        return self._unsigned(entry, change, new)

    def _unsigned(self, entry: Entry, change: Node, new: signing.Published) -> str | None:
        """D6 to D8: who says so."""
        signer, key = None, _child(change, "Key")
        if change.child("Sig") is not None:
            signer = self._good(entry, change)
            if signer is None:
                return "QP-E-KEY"  # D7
        elif new.usage != "sign" or any(one.usage == "sign" for one in entry.keys):
            return "QP-E-SIGNATURE"  # D6
        said = signer is None or signing.right(signer, "key-rollover", change)
        return None if offered.proven(new, key) and said else "QP-E-SIGNATURE"  # D8

    def _good(self, entry: Entry, node: Node) -> signing.Published | None:
        """The key to sign of this player that has signed an element and is good now."""
        now = self._player.clock.now()
        return signing.key_of(entry.keys, node, now, now, self._player.milliseconds("T_skew"))

    def _withdraw(self, pending: Pending) -> None:
        word = _child(pending.body, "Withdrawal")
        code = self._unbelievable(pending.sender, word)
        if code is not None:
            return pending.refuse(code)
        unit = self._player.unit()
        self._listing.withdraw_key(unit, pending.sender, word.get("KeyId") or "", word.get("From") or "")  # D14
        pending.answer(unit, OK)
        unit.commit()

    def _unbelievable(self, sender: str, word: Node) -> str | None:
        """D10 to D13."""
        entry, name = self._listing.issued(sender), word.get("KeyId")
        if entry is None or word.get("Player") != sender:
            return "QP-E-FORBIDDEN"  # D10
        about = [key for key in entry.keys if key.key_id == name]
        if not about:
            return "QP-E-KEY"  # D11
        itself = [key for key in about if key.usage == "sign" and key.key_id == word.get("Sig/KeyId")]
        signer = itself[0] if itself else self._good(entry, word)  # whatever became of it, it may go itself
        if signer is None:
            return "QP-E-KEY"  # D12
        return None if signing.right(signer, "key-withdrawal", word) else "QP-E-SIGNATURE"  # D13


def _child(node: Node, name: str) -> Node:
    child = node.child(name)
    assert child is not None
    return child
