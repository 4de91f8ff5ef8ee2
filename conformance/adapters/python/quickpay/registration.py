"""A Vendor that registers itself, changes its name, and leaves: the machine vendor.registration. Comments name its rows."""

from __future__ import annotations

from typing import Any

from quickpay import canonical, documents, signing
from quickpay.calls import Caller
from quickpay.documents import Outcome
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.joining import Joining, Record, endpoint, named
from quickpay.player import Player, Refused
from quickpay.store import Unit
from quickpay.succession import Standing
from quickpay.terms import sources
from quickpay.xml import leaf


class Registration(Joining):
    """Answers a Probe only while it asks for something."""

    role, first = "vendor", "RegisterVendor"
    taken = {"RegisterVendor": ("REGISTERED", "registered"), "UpdateVendor": ("REGISTERED", "changed"), "UnregisterVendor": ("GONE", "gone")}

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, standing: Standing, policy: dict[str, Any]) -> None:
        super().__init__(player, caller, signer, standing)
        self._sources = sources(policy)

    def place(self) -> tuple[str, int] | None:
        """Where the Host was told, or is being told, that this Vendor listens."""
        found = self._get().get("place")
        return None if found is None else (found[0], found[1])

    # what the owner does

    def register(self, name: str | None) -> str:
        self._newcomer()
        place = self._player.place
        if place is None:
            raise Refused("out-of-state")
        record = {**self._secret(), "place": list(place)}
        return self._begin(record, "REGISTERING", "RegisterVendor", endpoint(place), leaf("ProbeTag", record["tag"]), named(name),
                           self._first_key(record, leaf("ProbeTag", record["tag"]), usage=False), self._boxed(record))  # F1

    def rename(self, name: str) -> str:
        """Says as well where this Vendor listens, if that is not where it was registered, and where else it sends from."""
        record = {**self._in("REGISTERED"), **self._secret()}
        place = self._player.place
        moved = place is not None and list(place) != record["place"]
        if place is not None and moved:
            record["moves"] = list(place)
        return self._begin(record, "CHANGING", "UpdateVendor", endpoint(place) if moved else None,
                           *(leaf("SourceAddr", one) for one in self._sources), named(name), leaf("ProbeTag", record["tag"]))  # F6

    def leave(self) -> str:
        return self._begin(self._in("REGISTERED"), "LEAVING", "UnregisterVendor", leaf("Reason", "user"))  # F10

    # the Host

    def probe(self, pending: Pending) -> None:
        record = self._get()
        ours = pending.sender == self._player.me.host and record.get("tag") == pending.body.get("ProbeTag")
        if record["state"] not in ("REGISTERING", "CHANGING") or not ours:
            return pending.refuse("QP-E-FORBIDDEN")  # F3
        unit = self._player.unit()
        pending.answer(unit, OK, pending.body.child("Nonce"), leaf("ProbeSecret", record["secret"]))  # F2
        unit.commit()

    def _kept(self, unit: Unit, record: Record, message: str, outcome: Outcome) -> bool:
        """In profile H the answer to the first request has a box, and the key in it."""
        if message != "RegisterVendor":
            return True
        if "reply_key" in record and not self._shared(unit, self._answer(record, message, outcome)):
            return False
        self._named(unit, record, outcome.get("Vendor") or "")
        return True

    def _lasting(self, record: Record, told: str) -> Record:
        return {"place": record.get("moves", record["place"]) if told == "changed" else record["place"]}

    @staticmethod
    def _secret() -> Record:
        """Fresh for each request, and given to nobody but in an answer to Probe."""
        secret = documents.fresh_id()
        return {"secret": secret, "tag": canonical.probe_tag(secret)}

    def _boxed(self, record: Record) -> documents.Part:
        """In profile H what the box of the answer is made with."""
        if self._player.me.profile != "H":
            return None
        return self._sealed(self._seal_key(), "RegisterVendor", *self._for_the_answer(record))
