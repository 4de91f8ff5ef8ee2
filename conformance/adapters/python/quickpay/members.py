"""How Wallets and Brokers come into the directory: host.wallet and host.broker (protocol.md section 15). Comments name their rows."""

from __future__ import annotations

import hmac
import secrets
from typing import Any, Callable

from quickpay import boxes, offered, places, signing, terms, times
from quickpay.epochs import Epochs
from quickpay.errors import OK
from quickpay.fees import Fees
from quickpay.front import Pending
from quickpay.listing import Listing
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf


class Wallets:
    """Wallets are called by chance, and nothing is known of them but where they are."""

    def __init__(self, player: Player, listing: Listing, epochs: Epochs) -> None:
        self._player, self._listing, self._epochs = player, listing, epochs

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"RegisterWallet": self._register, "UpdateWallet": self._update, "UnregisterWallet": self._unregister}

    def _register(self, pending: Pending) -> None:
        inner = _inner(pending)
        keys = _parts(inner, "Key")
        code = None if _covers_source(pending) else "QP-E-ADDRESS"  # I1
        code = code or offered.unfit(keys, self._player.clock.now(), "Nonce", inner.get("Nonce"))  # I2 I3
        if code is None and self._listing.full():
            code = "QP-E-BUSY"
        if code is not None:
            return pending.refuse(code)
        unit, wallet, ticket = self._player.unit(), self._listing.random_id(), secrets.token_hex(16)
        self._listing.change(unit, wallet, {"role": "wallet", "bound": _bound(inner), "ticket": ticket, **_software(inner),
                                            "published": [offered.as_listed(key) for key in keys]})
        _say(pending, unit, leaf("WalletId", wallet), leaf("LookupTicket", ticket), self._epochs.first(unit, wallet))  # I4

    def _update(self, pending: Pending) -> None:
        inner = _inner(pending)
        if self._gone(pending):
            return pending.refuse("QP-E-GONE")  # I5
        if not _covers_source(pending):
            return pending.refuse("QP-E-ADDRESS")  # I6
        ticket = None if inner.get("NewTicket") is None else secrets.token_hex(16)
        told: dict[str, Any] = {**_software(inner), **({} if ticket is None else {"ticket": ticket})}
        if _bound(inner):
            told["bound"] = _bound(inner)
        unit = self._player.unit()
        self._listing.change(unit, pending.sender, told)
        _say(pending, unit, None if ticket is None else leaf("LookupTicket", ticket))  # I7

    def _unregister(self, pending: Pending) -> None:
        if self._gone(pending):
            return pending.refuse("QP-E-GONE")  # I8
        unit = self._player.unit()
        self._listing.change(unit, pending.sender, {"removed": True, "software": None})
        pending.answer(unit, OK)  # I9
        unit.commit()

    def _gone(self, pending: Pending) -> bool:
        entry = self._listing.issued(pending.sender)
        return entry is None or entry.removed


class Brokers:
    """Brokers come by the word of the Host's owner, and what they change they sign."""

    def __init__(self, player: Player, listing: Listing, epochs: Epochs, codes: list[str], fees: Fees) -> None:
        """codes: those that the owner gave out."""
        self._player, self._listing, self._epochs, self._codes = player, listing, epochs, codes
        self._fees = fees

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"RegisterBroker": self._register, "UpdateBroker": self._update}

    def _register(self, pending: Pending) -> None:
        inner = _inner(pending)
        named, keys = (inner.get("EnrolmentCode") or "").encode("utf-8"), _parts(inner, "Key")
        found = [code for code in self._codes if hmac.compare_digest(code.encode("utf-8"), named)]
        if not found or self._player.store.get("code/" + found[0]) is not None:
            return pending.refuse("QP-E-FORBIDDEN")  # A1
        code = self._unfit(keys, inner)
        if code is not None:
            return pending.refuse(code)
        unit = self._player.unit()
        broker = self._listing.next_id(unit, "broker")
        unit.put("code/" + found[0], broker)
        self._listing.change(unit, broker, {"role": "broker", "name": inner.get("Name"), "endpoints": places.endpoints(inner),
                                            "published": [offered.as_listed(key) for key in keys],
                                            **terms.said(inner), **terms.next_rate(inner, [], self._player.clock.now())})
        _say(pending, unit, leaf("Broker", broker), self._epochs.first(unit, broker), self._fees.told())  # A4

    def _unfit(self, keys: list[Node], inner: Node) -> str | None:
        """A2 A3 A10."""
        uses, different = {key.get("Usage") for key in keys}, {key.get("PubKey") for key in keys}
        if uses != {"sign", "seal"} or len(different) < len(keys):
            return "QP-E-KEY"
        code = offered.unfit(keys, self._player.clock.now(), "Nonce", inner.get("Nonce"))
        if code is None and terms.inactive(inner, self._player.currencies):
            return "QP-E-CURRENCY"
        return "QP-E-BUSY" if code is None and self._listing.full() else code

    def _update(self, pending: Pending) -> None:
        change = pending.body.child("BrokerChange")
        assert change is not None
        code = self._unbelievable(pending.sender, change)
        if code is not None:
            return pending.refuse(code)
        rates = self._listing.changes(pending.sender).get("rates", [])
        told: dict[str, Any] = {"changed_at": change.get("ChangedAt"), **terms.said(change),
                                **terms.next_rate(change, rates, self._player.clock.now())}
        if change.get("Name") is not None:
            told["name"] = change.get("Name")
        if places.endpoints(change):
            told["endpoints"] = places.endpoints(change)
        unit = self._player.unit()
        self._listing.change(unit, pending.sender, told)
        pending.answer(unit, OK)  # A9
        unit.commit()

    def _unbelievable(self, sender: str, change: Node) -> str | None:
        """A5 to A8, and A11."""
        entry, now = self._listing.issued(sender), self._player.clock.now()
        if entry is None or entry.state != "live" or change.get("Broker") != sender:
            return "QP-E-FORBIDDEN"  # A5
        at, tolerance = times.from_text(change.get("ChangedAt") or ""), self._player.milliseconds("T_skew")
        good = [key for key in entry.keys if key.good(now, now, tolerance)]
        signer = signing.key_of(good, change, at, now, tolerance)
        if signer is None:
            return "QP-E-KEY"  # A6
        if not signing.right(signer, "broker-change", change):
            return "QP-E-SIGNATURE"  # A7
        if terms.inactive(change, self._player.currencies):
            return "QP-E-CURRENCY"  # A11
        last = self._listing.changes(sender).get("changed_at")
        return "QP-E-CONFLICT" if last is not None and at <= times.from_text(last) else None  # A8


def _inner(pending: Pending) -> Node:
    assert pending.inner is not None
    return pending.inner


def _parts(node: Node, name: str) -> list[Node]:
    return [child for child in node.children if child.name == name]


def _bound(inner: Node) -> list[str]:
    return [f"{net.get('Addr')}/{net.get('Prefix')}" for net in _parts(inner, "Net")]


def _software(inner: Node) -> dict[str, Any]:
    software = inner.child("Software")
    return {} if software is None else {"software": [part.text for part in software.children]}


def _covers_source(pending: Pending) -> bool:
    nets = _parts(_inner(pending), "Net")
    allowed = all(places.bindable(net.get("Addr") or "", int(net.get("Prefix") or 0)) for net in nets)
    return not nets or allowed and any(places.covers(net, pending.peer) for net in _bound(_inner(pending)))


def _say(pending: Pending, unit: Unit, *fields: Node | None) -> None:
    """The answer, in its box."""
    inner = _inner(pending)
    told = element(pending.message + "ResponseInner", leaf("Nonce", inner.get("Nonce") or ""), *fields)
    pending.answer(unit, OK, lambda outer: boxes.boxed(inner.get("ReplyKey") or "", told, outer))
    unit.commit()
