"""How Vendors register, move and leave: the machine host.vendor (protocol.md section 15). Comments name its rows."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Any, Callable

from quickpay import boxes, canonical, documents, offered, places, terms
from quickpay.calls import Call, Caller
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.epochs import Epochs
from quickpay.errors import OK
from quickpay.front import Front, Pending
from quickpay.listing import Listing
from quickpay.places import Place
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

#: Vendors that are being probed at a time.
MAX_OPEN = 1000

#: What is kept while a Vendor is PROBING or CHANGING: the request, and the places that are still to be probed.
Record = dict[str, Any]


@dataclass(slots=True)
class _Open:
    """A Probe on its way, when it has to have an answer, and who waits for that."""

    call: Call
    end: Timer
    pending: Pending


class Admissions:
    """Lists who shows that it listens where it says."""

    def __init__(self, player: Player, listing: Listing, epochs: Epochs, locally: bool) -> None:
        """locally: loopback addresses and all ports are probed, too."""
        self._player, self._listing, self._epochs, self._locally = player, listing, epochs, locally
        self._caller = Caller(player)
        self._open: dict[str, _Open] = {}

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"RegisterVendor": self._register, "UpdateVendor": self._update, "UnregisterVendor": self._unregister}

    def load(self, front: Front) -> None:
        """The Probes that were under way go out again; who repeats its request waits for them."""
        for key, record in self._player.store.under("probing/"):
            inner = None if record["inner"] is None else from_json(record["inner"])
            pending = front.resume(record["message"], from_json(record["request"]), inner, record["peer"])
            self._go(key.removeprefix("probing/"), record, pending)

    async def stop(self) -> None:
        await self._caller.stop()

    # RegisterVendor

    def _register(self, pending: Pending) -> None:
        code = self._unfit(pending)
        if code is not None:
            return pending.refuse(code)
        unit = self._player.unit()
        self._begin(unit, self._listing.next_id(unit, "vendor"), pending, places.endpoints(pending.body))  # Q7

    def _unfit(self, pending: Pending) -> str | None:
        """Q1 to Q6."""
        body = pending.body
        keys = [key for key in body.children if key.name == "Key"]
        code = offered.unfit(keys, self._player.clock.now(), "ProbeTag", body.get("ProbeTag"))
        if code is not None:
            return code  # Q1 Q2
        if not places.covers(body.get("Endpoint/Addr") or "", pending.peer):
            return "QP-E-ADDRESS"  # Q3
        return self._unusable("", places.endpoints(body), places.endpoints(body))

    # UpdateVendor, UnregisterVendor

    def _update(self, pending: Pending) -> None:
        vendor, wanted = pending.sender, places.endpoints(pending.body)
        if vendor in self._open:
            return pending.refuse("QP-E-BUSY")  # Q20
        entry = self._listing.issued(vendor)
        if entry is None or entry.removed:
            return pending.refuse("QP-E-GONE")  # Q13
        fresh = [place for place in wanted if not any(places.same(place, own) for own in entry.endpoints)]
        code = self._unusable(vendor, wanted, fresh)
        if code is not None:
            return pending.refuse(code)
        unit = self._player.unit()
        if fresh:
            return self._begin(unit, vendor, pending, fresh)  # Q17
        self._change(unit, vendor, pending.body)
        pending.answer(unit, OK)  # Q18
        unit.commit()

    def _unregister(self, pending: Pending) -> None:
        vendor = pending.sender
        entry, unit = self._listing.issued(vendor), self._player.unit()
        if vendor in self._open:
            self._end(unit, vendor).answer(unit, "QP-E-ADDRESS")  # Q29
        elif entry is None or entry.removed:
            return pending.refuse("QP-E-GONE")  # Q27
        self._listing.change(unit, vendor, {"removed": True})
        pending.answer(unit, OK)  # Q28
        unit.commit()

    # places

    def _unusable(self, vendor: str, wanted: list[Place], fresh: list[Place]) -> str | None:
        """Q4 to Q6, Q14 to Q16."""
        own = self._own()
        if not all(places.probed(place, self._locally) and not any(places.same(place, one) for one in own) for place in wanted):
            return "QP-E-ADDRESS"
        if not self._free(vendor, wanted):
            return "QP-E-ADDRESS"
        waiting = [place for name, one in self._open.items() if name != vendor for place in one.call.extra["waiting"]]
        busy = any(places.same(place, one) for place in fresh for one in waiting)
        return "QP-E-BUSY" if busy or len(self._open) >= MAX_OPEN or self._listing.full() else None

    def _own(self) -> list[Place]:
        """Where this Host listens."""
        listed = self._listing.endpoints(self._player.me.player)
        return [*listed, *([] if self._player.place is None else [self._player.place])]

    def _free(self, vendor: str, wanted: list[Place]) -> bool:
        """No other Vendor that is not removed has one of them."""
        taken = [place for entry in self._listing.living("vendor") if entry.id != vendor for place in entry.endpoints]
        return not any(places.same(place, one) for place in wanted for one in taken)

    # the Probe

    def _begin(self, unit: Unit, vendor: str, pending: Pending, fresh: list[Place]) -> None:
        record = {"message": pending.message, "request": to_json(pending.request), "peer": pending.peer,
                  "inner": None if pending.inner is None else to_json(pending.inner), "places": fresh}
        pending.park(unit)
        self._probe(unit, vendor, record, pending)
        unit.commit()

    def _probe(self, unit: Unit, vendor: str, record: Record, pending: Pending) -> None:
        """Asks at the first of the places that are left."""
        msg_id, nonce = documents.fresh_id(), documents.fresh_id()
        document = self._player.compose("Probe", vendor, msg_id, leaf("Nonce", nonce), leaf("ProbeTag", pending.body.get("ProbeTag") or ""))
        kept = {**record, "nonce": nonce, "msg_id": msg_id, "document": document.decode("utf-8"),
                "until": self._player.clock.now() + self._player.milliseconds("T_probe")}
        unit.put("probing/" + vendor, kept)
        unit.then(lambda: self._go(vendor, kept, pending))

    def _go(self, vendor: str, record: Record, pending: Pending) -> None:
        call = Call("Probe", vendor, record["msg_id"], record["document"], self._answered, lambda: self._player.milliseconds("T_call"))
        waiting: list[Place] = [(address, port) for address, port in record["places"]]
        call.extra = {"places": waiting[:1], "waiting": waiting, "nonce": record["nonce"], "record": record}
        end = self._player.clock.at(record["until"], lambda: self._refuse(vendor))  # Q12 Q26
        self._open[vendor] = _Open(call, end, pending)
        self._caller.start(call)

    def _answered(self, call: Call, outcome: Outcome) -> None:
        vendor = call.receiver
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        pending, record = self._open[vendor].pending, call.extra["record"]
        if outcome.kind != "ok" or not _right(outcome, call, pending):
            return self._refuse(vendor)  # Q10 Q11 Q21 Q25
        unit = self._player.unit()
        if len(record["places"]) > 1:
            self._end(unit, vendor)
            self._probe(unit, vendor, {**record, "places": record["places"][1:]}, pending)  # Q22
            return unit.commit()
        if not self._free(vendor, places.endpoints(pending.body)):
            return self._refuse(vendor)  # Q10 Q24
        self._end(unit, vendor)
        if pending.message == "RegisterVendor":
            self._list(unit, vendor, pending)  # Q9
        else:
            self._change(unit, vendor, pending.body)
            pending.answer(unit, OK)  # Q23
        unit.commit()

    def _refuse(self, vendor: str) -> None:
        unit = self._player.unit()
        self._end(unit, vendor).answer(unit, "QP-E-ADDRESS")
        unit.commit()

    def _end(self, unit: Unit, vendor: str) -> Pending:
        """Nothing stays of the request; who waits for its answer gets it in this unit."""
        one = self._open.pop(vendor)
        self._player.clock.cancel(one.end)
        self._caller.drop(one.call)
        unit.put("probing/" + vendor, None)
        return one.pending

    # the directory

    def _list(self, unit: Unit, vendor: str, pending: Pending) -> None:
        body, inner = pending.body, pending.inner
        keys = [offered.as_listed(key) for key in body.children if key.name == "Key"]
        self._listing.change(unit, vendor, {"role": "vendor", "name": body.get("Name") or "", "endpoints": places.endpoints(body), "published": keys})
        shared = self._epochs.first(unit, vendor)
        if inner is None or shared is None:
            return pending.answer(unit, OK, leaf("Vendor", vendor))
        told = element("RegisterVendorResponseInner", leaf("Nonce", inner.get("Nonce") or ""), shared)
        pending.answer(unit, OK, leaf("Vendor", vendor), lambda outer: boxes.boxed(inner.get("ReplyKey") or "", told, outer))

    def _change(self, unit: Unit, vendor: str, body: Node) -> None:
        """What is absent stays."""
        told: dict[str, Any] = {**terms.said(body), **({} if body.get("Name") is None else {"name": body.get("Name")})}
        if places.endpoints(body):
            told["endpoints"] = places.endpoints(body)
        self._listing.change(unit, vendor, told)


def _right(outcome: Outcome, call: Call, pending: Pending) -> bool:
    """probe_right: Nonce is that of the Probe, and the ProbeTag is made from the secret."""
    proof = element("ProbeProof", leaf("ProbeSecret", outcome.get("ProbeSecret") or ""))
    made = canonical.digest("probe", proof)
    return outcome.get("Nonce") == call.extra["nonce"] and hmac.compare_digest(made, pending.body.get("ProbeTag") or "")
