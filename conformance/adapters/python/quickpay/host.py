"""The Host's core: the machines host.case and host.statement (reference/generated/machines.md), and its mail.

Regular orders are in registry.py, revokes in contests.py, look-ups in entries.py, keys in rollovers.py and epochs.py, registration in admissions.py
and members.py."""

from __future__ import annotations

from typing import Any

from quickpay import boxes, signing, times
from quickpay.admissions import Admissions
from quickpay.contests import Contests
from quickpay.documents import from_json, to_json
from quickpay.entries import Entries
from quickpay.epochs import Epochs
from quickpay.errors import OK
from quickpay.fees import Fees
from quickpay.front import Front, Pending
from quickpay.hearings import Hearings, case_key, tail
from quickpay.listing import Listing
from quickpay.mail import Mail
from quickpay.members import Brokers, Wallets
from quickpay.outages import Outages
from quickpay.player import Player
from quickpay.registry import Registry
from quickpay.rollovers import Rollovers
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

MAX_CASES = 50_000
#: Wallets whose statements on one order are kept.
MAX_STATEMENTS = 100

Case = dict[str, Any]


class Host:
    """Keeps what Brokers, Vendors and Wallets register, and messages."""

    def __init__(self, player: Player, settings: dict[str, Any]) -> None:
        self._player = player
        player.directory = listing = Listing(player.directory, player.store)
        self.mail = Mail(player)
        self.outages = Outages(player)
        signer = signing.Signer(settings.get("signing_keys", []))
        policy = settings.get("policy", {})
        self.fees = Fees(player.store, listing, policy, tail)
        self.registry = Registry(player, self._next_number, self._charge)
        self.contests = Contests(player, self.mail, self.outages, self._next_number, tail, self.fees)
        self.hearings = Hearings(player, signer, policy, self.outages, self.registry, self.contests) if signer else None
        signed = {} if self.hearings is None else {"SettleWithHost": self.hearings.hear, "RegisterRevoke": self.contests.register}
        self.epochs = Epochs(player)
        self.admissions = Admissions(player, listing, self.epochs, bool(policy.get("probes_locally", False)))
        members = (Wallets(player, listing, self.epochs),
                   Brokers(player, listing, self.epochs, policy.get("broker_codes", []), self.fees))
        served = {"RegisterCommit": self._commit, "RegisterDelivery": self._delivery, "RegisterOrder": self._statement,
                  "regular/RegisterOrder": self.registry.register, **signed}
        for part in (self.mail, Rollovers(player, listing), self.epochs, self.admissions, *members):
            served |= part.served()
        opener = boxes.Opener(settings.get("sealing_keys", []))
        self.front = Front(player, {**served, **Entries(player, signer, served).served()}, opener)

    def load(self) -> None:
        """Takes up what the store says is open."""
        self.mail.load()
        self.epochs.load()
        self.contests.load()
        if self.hearings is not None:
            self.hearings.load()
        self.admissions.load(self.front)

    async def stop(self) -> None:
        """A Host calls nobody but Vendors, to see whether they are there."""
        await self.admissions.stop()

    # what people see and do

    def orders(self) -> list[dict[str, Any]]:
        return self.cases()

    def cases(self) -> list[dict[str, Any]]:
        return [_shown(case) for _, case in self._player.store.under("case/")]

    @property
    def suspended(self) -> bool:
        return self.outages.open

    # RegisterCommit, RegisterDelivery, RegisterOrder

    def _commit(self, pending: Pending) -> None:
        case = self._case(pending, pending.sender)
        if case is None and not self._issued(pending.body.get("OrderRef/Vendor"), "vendor"):
            return pending.refuse("QP-E-VENDOR")  # H1
        told = {name: pending.body.get(name) for name in ("Wallet", "CommitId", "SettleBy")}
        self._register(case, pending, pending.sender, "commit", told)  # H2 to H5

    def _delivery(self, pending: Pending) -> None:
        broker = pending.body.get("Broker") or ""
        case = self._case(pending, broker)
        if pending.sender != pending.body.get("OrderRef/Vendor"):
            return pending.refuse("QP-E-FORBIDDEN")  # H6 H9
        if case is None and not self._issued(broker, "broker"):
            return pending.refuse("QP-E-BROKER")  # H7
        told = {name: pending.body.get(name) for name in ("CommitId", "DeliveryId")}
        self._register(case, pending, broker, "delivery", told)  # H8 H10 to H12

    def _statement(self, pending: Pending) -> None:
        broker = pending.body.get("Broker") or ""
        case = self._case(pending, broker)
        if case is None and not self._issued(pending.body.get("OrderRef/Vendor"), "vendor"):
            return pending.refuse("QP-E-VENDOR")  # H13
        if case is None and not self._issued(broker, "broker"):
            return pending.refuse("QP-E-BROKER")  # H14
        received = pending.body.get("Outcome") != "not-received"
        told = {name: pending.body.get(name) for name in ("DeliveryId", "ReceivedAt")}
        part = f"{'received' if received else 'not-received'} {pending.sender}"
        self._register(case, pending, broker, part, told)  # H15 H16 S1 to S5

    def _issued(self, player: str | None, role: str) -> bool:
        entry = self._player.directory.issued(player or "")
        return entry is not None and entry.role == role

    def _case(self, pending: Pending, broker: str) -> Case | None:
        found = self._player.store.get(_key(pending, broker))
        return None if found is None else dict(found)

    def _register(self, case: Case | None, pending: Pending, broker: str, part: str, told: dict[str, Any]) -> None:
        """A part that is registered for the first time is kept; later ones get the answer of the first."""
        now = self._player.clock.now()
        unit = self._player.unit()
        if case is None:
            number = self._next_number()
            if number > MAX_CASES:
                return pending.refuse("QP-E-BUSY")
            case = {"no": str(number), "first": now, "ref": to_json(_ref(pending)), "broker": broker, "parts": {}}
            unit.put("cases", number)
        if part not in case["parts"]:
            if len(case["parts"]) >= 2 + 2 * MAX_STATEMENTS:
                return pending.refuse("QP-E-BUSY")
            kept = {"when": "in-time" if self._in_time(case, now) else "late", "at": times.to_text(now), **told}
            case["parts"] = {**case["parts"], part: kept}
            unit.put(_key(pending, broker), case)
            if part == "commit":
                self._charge(unit, _ref(pending), broker, pending.body)
            if self.hearings is not None:
                self.hearings.registered(unit, _key(pending, broker), case)
        self._answer(unit, case, part, pending)
        unit.commit()

    def _charge(self, unit: Unit, ref: Node, broker: str, promised: Node) -> None:
        """promised says when the order was committed."""
        committed = times.from_text(promised.get("CommittedAt") or "")
        self.fees.charge(unit, ref, broker, committed, self.contests.final(ref, broker))

    def _next_number(self) -> int:
        return (self._player.store.get("cases") or 0) + 1

    def _in_time(self, case: Case, now: int) -> bool:
        """No more than T_register since the first registration, without the time in which the Host was suspended."""
        away = self.outages.between(case["first"], now)
        return now - case["first"] - away <= self._player.milliseconds("T_register")

    def _answer(self, unit: Unit, case: Case, part: str, pending: Pending) -> None:
        receipt = self._receipt(case) if part == "commit" else None
        pending.answer(unit, OK, leaf("CaseNo", case["no"]), leaf("RegisteredAt", case["parts"][part]["at"]), receipt)

    def _receipt(self, case: Case) -> Node | None:
        """In profile H the word for the Vendor that its Broker has registered this commitment."""
        ref, kept = from_json(case["ref"]), case["parts"]["commit"]
        vendor = ref.get("Vendor") or ""
        now = self._player.clock.now()
        good = [key for key in self._player.keys.of(vendor) if key.good(now)]
        if self._player.me.profile != "H" or not good:
            return None
        plain = element(
            "HostReceipt", leaf("Host", self._player.me.player), leaf("Vendor", vendor), leaf("Broker", case["broker"]),
            ref.child("OrderId"), ref.child("Digest"), leaf("CommitId", kept["CommitId"]),
            leaf("SettleBy", kept["SettleBy"]), leaf("RegisteredAt", kept["at"]))
        return element("HostReceipt", *plain.children, good[0].mac("host-receipt", plain))  # the Vendor may not have the next key yet


def _ref(pending: Pending) -> Node:
    ref = pending.body.find("OrderRef")
    assert ref is not None
    return ref


def _key(pending: Pending, broker: str) -> str:
    return case_key(_ref(pending), broker)


def _shown(case: Case) -> dict[str, Any]:
    ref, parts = from_json(case["ref"]), case["parts"]

    def when(part: str) -> str:
        return str(parts[part]["when"]) if part in parts else "none"
    wallets = sorted({part.split(" ")[1] for part in parts if " " in part})
    statements = [{"wallet": wallet, "received": when("received " + wallet), "not_received": "not-received " + wallet in parts}
                  for wallet in wallets]
    return {"vendor": ref.get("Vendor"), "order": ref.get("OrderId"), "broker": case["broker"],
            "commit": when("commit"), "delivery": when("delivery"), "statements": statements}
