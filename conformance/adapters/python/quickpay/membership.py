"""A Wallet and a Broker that register themselves: the machines wallet.registration and broker.registration. Comments name their rows.

Whatever the Host gives comes in a box, and what does not open under the ReplyKey of the request is no answer.
"""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import os
from typing import Any, Iterable

from quickpay import documents, places, signing, times
from quickpay.calls import Caller
from quickpay.documents import Outcome
from quickpay.joining import Joining, Record, endpoint, named, proof
from quickpay.player import Player, Refused, alarm
from quickpay.store import Unit
from quickpay.succession import Standing
from quickpay.terms import MAX_CURRENCIES, MAX_PRODUCTS, sources
from quickpay.types import is_a
from quickpay.xml import Node, element, leaf

#: Networks of a Wallet; keys of a Broker, of which there is at least one of each use.
MAX_NETS, MAX_KEYS = 8, 4
MAX_CODE = 64
NAME, VERSION = "quickpay-python-wallet", "1.0"


class WalletMembership(Joining):
    """Bound to the addresses of its machine; it keeps the ticket by which others may look it up."""

    role, first = "wallet", "RegisterWallet"
    taken = {"RegisterWallet": ("REGISTERED", "registered"), "UpdateWallet": ("REGISTERED", "changed"), "UnregisterWallet": ("GONE", "gone")}

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, standing: Standing, software: dict[str, str] | None) -> None:
        super().__init__(player, caller, signer, standing)
        self._software = software

    def nets(self) -> list[str]:
        """Where it is bound, as far as messages said so."""
        found: list[str] = self._get().get("nets", [])
        return found

    def ticket(self) -> str | None:
        found: str | None = self._get().get("ticket")
        return found

    # what the user does

    def register(self, bound: list[str] | None = None) -> str:
        """Without networks it is bound to the one address from which it sends."""
        self._newcomer()
        nets = self._fit([self._whole()] if bound is None else bound)
        key, record = self._seal_key(), {"nets": nets}
        answer = self._for_the_answer(record)
        return self._begin(record, "REGISTERING", "RegisterWallet", self._sealed(
            key, "RegisterWallet", self._made_of(), *map(_net, nets), self._first_key(record, leaf("Nonce", record["nonce"])), *answer))  # F21

    def rebind(self, bound: list[str], new_ticket: bool = False, software: bool = False) -> str:
        """Says where it is from now on, that it wants another ticket, that it is other software, or several of these."""
        record = self._in("REGISTERED")
        record["moves"] = self._fit(bound) if bound else record["nets"]
        key, answer = self._seal_key(), self._for_the_answer(record)
        record["renews"] = new_ticket
        return self._begin(record, "CHANGING", "UpdateWallet", self._sealed(
            key, "UpdateWallet", *map(_net, self._fit(bound) if bound else []), self._made_of() if software else None,
            leaf("NewTicket", "yes") if new_ticket else None, *answer))  # F24

    def leave(self) -> str:
        return self._begin(self._in("REGISTERED"), "LEAVING", "UnregisterWallet", leaf("Reason", "user"))  # F28

    # what the Host says

    def _kept(self, unit: Unit, record: Record, message: str, outcome: Outcome) -> bool:
        if message == "UnregisterWallet":
            return True
        inner = self._answer(record, message, outcome)
        if inner is None or message == self.first and not self._shared(unit, inner):
            return False
        if message == self.first:
            self._named(unit, record, inner.get("WalletId") or "")
        ticket = inner.get("LookupTicket")
        if ticket is None and record.get("renews"):
            alarm("the Host has given no other ticket")
        record["ticket"] = ticket or record.get("ticket")
        return True

    def _lasting(self, record: Record, told: str) -> Record:
        return {"ticket": record.get("ticket"), "nets": record.get("moves", record["nets"]) if told == "changed" else record["nets"]}

    # what a Wallet says of itself: nothing about a person

    def _whole(self) -> str:
        address = places.address(self._player.source or "")
        if address is None:
            raise Refused("unfit-address")
        return f"{address}/{address.max_prefixlen}"

    @staticmethod
    def _fit(bound: list[str]) -> list[str]:
        """Networks in the form that a Host takes; whether one covers where this Wallet sends from is for the Host to say."""
        split = [one.partition("/") for one in bound]
        fit = all(prefix.isascii() and is_a("Prefix", prefix) and places.bindable(text, int(prefix)) for text, _, prefix in split)
        if not fit or not 0 < len(bound) <= MAX_NETS:
            raise Refused("unfit-address")
        return list(bound)

    def _made_of(self) -> Node:
        told = self._software or {"name": NAME, "version": VERSION, "release_hash": installed()}
        fit = is_a("Word", told["name"]) and is_a("Ver", told["version"]) and is_a("Digest", told["release_hash"])
        if not fit:
            raise Refused("no-software")
        return element("Software", leaf("Name", told["name"]), leaf("Version", told["version"]), leaf("ReleaseHash", told["release_hash"]))


class BrokerMembership(Joining):
    """Comes with the code of its contract, and signs what it changes. No message removes a Broker."""

    role, first = "broker", "RegisterBroker"
    taken = {"RegisterBroker": ("REGISTERED", "registered"), "UpdateBroker": ("REGISTERED", "changed")}

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, standing: Standing, sealing: Iterable[signing.Own],
                 policy: dict[str, Any]) -> None:
        super().__init__(player, caller, signer, standing)
        self._keys = [*signer.keys, *sealing]
        self._sources, self._terms = sources(policy), _terms(policy)

    def place(self) -> tuple[str, int] | None:
        """Where the Host was told, or is being told, that this Broker listens."""
        found = self._get().get("place")
        return None if found is None else (found[0], found[1])

    # what the owner does

    def register(self, code: str, name: str) -> str:
        self._newcomer()
        place = self._player.place
        if place is None:
            raise Refused("out-of-state")
        if not is_a("Word", code) or len(code) > MAX_CODE:
            raise Refused("unfit-code")
        key, keys = self._seal_key(), self._fit_keys()
        record = {"place": list(place), "keys": [one.key_id for one in keys], "changed_at": 0}
        answer = self._for_the_answer(record)
        proofs = [proof(one, leaf("Nonce", record["nonce"])) for one in keys]
        return self._begin(record, "REGISTERING", "RegisterBroker", self._sealed(
            key, "RegisterBroker", leaf("EnrolmentCode", code), named(name), endpoint(place), *self._addresses(), *proofs,
            *self._terms, *answer))  # F41

    def rename(self, name: str) -> str:
        """Says as well where this Broker listens, if that is not where it was registered, and on which terms it pays by now."""
        record, place = self._in("REGISTERED"), self._player.place
        moved = place is not None and list(place) != record["place"]
        if place is not None and moved:
            record["moves"] = list(place)
        now = self._player.clock.now() // times.SECOND * times.SECOND
        record["changed_at"] = max(now, record["changed_at"] + times.SECOND)  # two changes are never of one moment
        try:
            change = self._signer.sign("broker-change", element(
                "BrokerChange", leaf("Broker", self._player.me.player), named(name), endpoint(place) if moved else None, *self._addresses(),
                *self._terms, leaf("ChangedAt", times.to_text(record["changed_at"]))), self._player.clock.now())
        except signing.NoKey:
            raise Refused("out-of-state") from None
        return self._begin(record, "CHANGING", "UpdateBroker", change)  # F44

    # what the Host says

    def _kept(self, unit: Unit, record: Record, message: str, outcome: Outcome) -> bool:
        if message != self.first:
            return True
        inner = self._answer(record, message, outcome)
        if inner is None or not self._shared(unit, inner):
            return False
        self._named(unit, record, inner.get("Broker") or "")
        record["fee_bp"] = inner.get("FeeBp")
        return True

    def _lasting(self, record: Record, told: str) -> Record:
        """ChangedAt stays whatever the Host said: it may have taken a change whose answer was refused to a repetition."""
        place = record.get("moves", record["place"]) if told == "changed" else record["place"]
        return {"place": place, "changed_at": record["changed_at"], "fee_bp": record.get("fee_bp")}

    # what a Broker says of itself

    def _fit_keys(self) -> list[signing.Own]:
        """All that are not over: one to sign with and one to seal to at least."""
        fit = [key for key in self._keys if self._player.clock.now() < key.after and not self._standing.withdrawn(key.key_id)]
        if {key.usage for key in fit} != {"sign", "seal"} or len(fit) > MAX_KEYS:
            raise Refused("unfit-keys")
        return fit

    def _addresses(self) -> list[Node]:
        return [leaf("SourceAddr", one) for one in self._sources]


def _terms(policy: dict[str, Any]) -> list[Node | None]:
    """As the owner's policy has them; of what it does not name nothing is said. ValueError where no entry can say it."""
    currencies, oldest, rate = policy.get("currencies", []), policy.get("oldest_paycards", []), policy.get("commission_bp")
    if len(currencies) > MAX_CURRENCIES or len(oldest) > MAX_PRODUCTS:
        raise ValueError("terms that no entry can say")
    return [*(leaf("Currency", one) for one in currencies), None if rate is None else leaf("CommissionBp", int(rate)),
            *(element("MinPaycard", leaf("Product", one["product"]), leaf("Version", one["version"])) for one in oldest)]


def _net(text: str) -> Node:
    address, _, prefix = text.partition("/")
    return element("Net", leaf("Addr", str(ipaddress.ip_address(address))), leaf("Prefix", prefix))


@functools.cache
def installed() -> str:
    """SHA-256 of what was installed: the files of this package, by name."""
    folder, whole = os.path.dirname(os.path.abspath(__file__)), hashlib.sha256()
    for name in sorted(one for one in os.listdir(folder) if one.endswith(".py")):
        with open(os.path.join(folder, name), "rb") as file:
            whole.update(file.read())
    return whole.hexdigest()
