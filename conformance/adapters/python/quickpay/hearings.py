"""The Host's part in settlement: the machines host.hearing and host.verdict. Comments name their rows."""

from __future__ import annotations

import hashlib
from typing import Any

from quickpay import canonical, proofs, signing, times
from quickpay.clock import Timer
from quickpay.contests import Contests
from quickpay.documents import from_json, to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.money import MAX_ITEMS, in_order, number, parts
from quickpay.outages import Outages
from quickpay.player import Player
from quickpay.registry import Registry
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

#: Cases that are kept; each may be brought again.
MAX_HEARINGS = 50_000
DAY_MS = 86_400_000
_BROKER_YES = ("QP-E-SETTLE-EXPIRED", "QP-E-PENDING", "QP-E-REVOKED")
_BROKER_NO = ("QP-E-UNKNOWN-ORDER", "QP-E-MISMATCH", "QP-E-NO-COMMIT")

Case = dict[str, Any]
Verdict = dict[str, Any]


class Hearings:
    """Judges what Brokers refused or never answered."""

    def __init__(self, player: Player, signer: signing.Signer, policy: dict[str, Any], outages: Outages,
                 registry: Registry, contests: Contests) -> None:
        self._player, self._signer, self._outages, self._registry = player, signer, outages, registry
        self._contests = contests
        self._most = int(policy.get("max_batch", MAX_ITEMS))
        self._timers: dict[str, Timer] = {}
        self._count = 0

    def load(self) -> None:
        """Takes up what the store says is open."""
        self._count = sum(1 for _ in self._player.store.under("hearing/"))
        for key, verdict in self._player.store.under("verdict/"):
            self._watch(key, verdict)

    def verdicts(self) -> list[dict[str, Any]]:
        """What an operator may see."""
        shown = []
        for _, verdict in self._player.store.under("verdict/"):
            ref = from_json(verdict["ref"])
            code = {} if verdict["code"] is None else {"code": verdict["code"]}
            shown.append({"vendor": ref.get("Vendor"), "order": ref.get("OrderId"), "broker": verdict["broker"],
                          "state": verdict["state"], **code})
        return shown

    # host.hearing

    def hear(self, pending: Pending) -> None:
        """SettleWithHost, J1 to J19."""
        case = pending.body.child("HostCase")
        assert case is not None
        code = self._unfit(pending.sender, case)
        if code is not None:
            return pending.refuse(code)
        key = f"hearing/{pending.sender}/{case.get('BatchId')}"
        digest = canonical.digest("host-case", signing.unsigned(case))
        before = self._player.store.get(key)
        if before is not None and before != digest:
            return pending.refuse("QP-E-CONFLICT")  # J18
        if before is None and self._count >= MAX_HEARINGS:
            return pending.refuse("QP-E-BUSY")
        unit = self._player.unit()
        unit.put(key, digest)
        try:
            answer = self._judge(unit, case)  # J9 J19
        except signing.NoKey:
            return pending.refuse("QP-E-INTERNAL")
        self._count += before is None
        pending.answer(unit, OK, *answer)
        unit.commit()

    def _unfit(self, sender: str, case: Node) -> str | None:
        """J1 to J8, J10 to J17."""
        items, settlements = parts(case, "Item"), parts(case, "Settlement")
        broker = case.get("Broker") or ""
        if case.get("Vendor") != sender or any(item.get("OrderRef/Vendor") != sender for item in items):
            return "QP-E-FORBIDDEN"
        if case.get("Host") != self._player.me.player:
            return "QP-E-RECEIVER"
        code = self._player.unbelievable([
            signing.Signed(sender, "vendor", "host-case", case),
            *(signing.Signed(one.get("Broker") or "", "broker", "batch-settlement", one, "SettledAt") for one in settlements)])
        if code is not None:
            return code
        if any((one.get("Broker"), one.get("Vendor")) != (broker, sender) for one in settlements):
            return "QP-E-MISMATCH"
        if not in_order([item.get("OrderRef/OrderId") or "" for item in items]):
            return "QP-E-TOTAL"
        if len(items) > self._most:
            return "QP-E-TOO-MANY"
        entry = self._player.directory.issued(broker)
        return None if entry is not None and entry.role == "broker" else "QP-E-BROKER"

    def _judge(self, unit: Unit, case: Node) -> tuple[Node, Node | None]:
        now = self._player.clock.now()
        told = [self._item(unit, case, item) for item in parts(case, "Item")]
        head = [case.child(name) for name in ("Host", "Vendor", "Broker", "BatchId")]
        verdicts = self._signer.sign("host-verdicts", element("Verdicts", *head, *told), now)
        approved = [
            element("Approved", item.find("OrderRef/OrderId"), item.find("OrderRef/Digest"), item.find("OrderRef/Amount"))
            for item, one in zip(parts(case, "Item"), told) if one.get("Decision") == "approve"]
        if not approved:
            return verdicts, None
        approval = element("Approval", *head, *approved, leaf("ApprovedAt", times.to_text(now)))
        return verdicts, self._signer.sign("host-approval", approval, now)

    # host.verdict

    def _item(self, unit: Unit, case: Node, item: Node) -> Node:
        """Event item: Y1 to Y22 and Y28 to Y30, or the verdict that there is."""
        ref = item.find("OrderRef")
        assert ref is not None
        broker = case.get("Broker") or ""
        key = "verdict/" + tail(ref, broker)
        found = self._player.store.get(key)
        verdict: Verdict = dict(found) if found is not None else {
            "state": "NONE", "code": None, "ref": to_json(ref), "broker": broker, "admits": False, "denies": False, "proven": False,
            "opened": None, "decide_by": None, "put_off": 0}
        if verdict["state"] in ("NONE", "OPEN"):
            code = self._not_admitted(case, item)
            if code is not None:
                return _told(ref, "refused", code)  # Y2 to Y7, Y13 to Y18
            self._admit(unit, key, verdict, case, item)
        elif verdict["state"] == "APPROVED" and self._contests_revoke(case, item):
            if self._not_admitted(case, item) is None:
                self._contests.contest(unit, ref, broker)  # Y29
        return _said(ref, verdict)

    def _contests_revoke(self, case: Node, item: Node) -> bool:
        """contests: the item is a Contest and not Withdrawn, and a revoke of the order is on record that may be contested."""
        said = item.get("Contest") is not None and item.get("Withdrawn") is None
        return said and self._contests.contestable(_ref(item), case.get("Broker") or "")

    def _not_admitted(self, case: Node, item: Node) -> str | None:
        """Why an item is refused with nothing recorded, or None."""
        if item.get("Withdrawn") is not None:
            return None
        code = self._proofs_wrong(case, item)
        if code is None and not self._contests_revoke(case, item) and self._broker_left_out(case, item):
            code = "QP-E-BROKER-FIRST"
        codes = [code for _, code in _refusals(case, item)]
        return code or next((code for code in ("QP-E-ALREADY-SETTLED", "QP-E-CURRENCY") if code in codes), None)

    def _broker_left_out(self, case: Node, item: Node) -> bool:
        """Neither does a Settlement refuse the item, nor does its Broker count as out of reach."""
        if _refusals(case, item):
            return False
        out = case.child("Unreachable")
        if out is None:
            return True
        span = times.from_text(out.get("LastTry") or "") - times.from_text(out.get("FirstTry") or "")
        return number(out, "Tries") < self._player.parameter("N_broker") or span < self._player.milliseconds("T_broker")

    def _proofs_wrong(self, case: Node, item: Node) -> str | None:
        """Y2 to Y4: the first that is wrong of keys, signatures, and what a HostReceipt and a Commitment name."""
        found = (self._receipt_wrong(case, item), self._commitment_wrong(case, item))
        return next((code for code in ("QP-E-KEY", "QP-E-SIGNATURE", "QP-E-MISMATCH") if code in found), None)

    def _receipt_wrong(self, case: Node, item: Node) -> str | None:
        receipt = item.child("HostReceipt")
        if receipt is None:
            return None
        vendor = case.get("Vendor") or ""
        mac = receipt.child("Mac")
        key = self._player.keys.believed(vendor, mac, times.from_text(receipt.get("RegisteredAt") or ""))
        if key is None:
            return "QP-E-KEY"
        right = key.made(mac, "host-receipt", element("HostReceipt", *receipt.children[:-1]))
        commit = self._registrations("verdict/" + tail(_ref(item), case.get("Broker") or ""))["parts"].get("commit", {})
        if not right or any(receipt.get(name) != commit.get(name) for name in ("CommitId", "SettleBy")):
            return "QP-E-SIGNATURE"  # the Vendor could make one: it proves what is on record alone
        names = {"Host": self._player.me.player, "Vendor": vendor, "Broker": case.get("Broker"),
                 "OrderId": item.get("OrderRef/OrderId"), "Digest": item.get("OrderRef/Digest")}
        return None if all(receipt.get(name) == value for name, value in names.items()) else "QP-E-MISMATCH"

    def _commitment_wrong(self, case: Node, item: Node) -> str | None:
        """A regular order needs one that is right, and other orders none. A key that was withdrawn is good for what some
        Wallet had registered before."""
        ref, promised, broker = _ref(item), item.child("Commitment"), case.get("Broker") or ""
        if promised is None:
            return "QP-E-MISMATCH" if proofs.is_regular(ref) else None
        seen = self._registry.seen(ref, broker, promised)
        code = self._player.unbelievable([proofs.commitment(promised, broker, seen)])
        if code is not None:
            return code
        named = (promised.get("Broker"), promised.child("OrderRef"), promised.get("CommitId"))
        fits = proofs.is_regular(ref) and named == (broker, ref, item.get("CommitId"))
        return None if fits else "QP-E-MISMATCH"

    def _admit(self, unit: Unit, key: str, verdict: Verdict, case: Node, item: Node) -> None:
        """Y1, Y8 to Y12, Y19 to Y22, Y28."""
        now, ref, broker = self._player.clock.now(), _ref(item), case.get("Broker") or ""
        contests = self._contests_revoke(case, item)
        if item.get("Withdrawn") is not None:
            verdict |= {"state": "REJECTED", "code": "QP-E-REVOKED" if self._contests.stands(ref, broker) else "QP-E-NOT-CLAIMED"}
        elif not contests and self._too_late(case, item, now):
            verdict |= {"state": "REJECTED", "code": "QP-E-SETTLE-EXPIRED"}
        elif not contests and self._contests.stands(ref, broker):
            verdict |= {"state": "REJECTED", "code": "QP-E-REVOKED"}
        else:
            if contests:
                self._contests.contest(unit, ref, broker)
            self._keep_evidence(verdict, case, item)
            state, code = self._vote(verdict, self._registrations(key))
            if state == "OPEN" and verdict["opened"] is None:
                verdict |= {"opened": now, "decide_by": now + self._player.milliseconds("T_stmt")}
            verdict |= {"state": state, "code": code}
        self._keep(unit, key, verdict)

    def _too_late(self, case: Node, item: Node, now: int) -> bool:
        """First claimed after SettleBy (ClaimBy of a regular order), or brought more than T_arb later; suspensions of the Host do not count."""
        commit = self._registrations("verdict/" + tail(_ref(item), case.get("Broker") or ""))["parts"].get("commit", {})
        told = item.get("Commitment/ClaimBy") or commit.get("SettleBy")
        if told is None:
            return False
        settle_by = times.from_text(told)
        claimed = [times.from_text(one.get("SettledAt") or "") for one, _ in _refusals(case, item)]
        claimed += [times.from_text(one.get("FirstTry") or "") for one in parts(case, "Unreachable")]
        if claimed and min(claimed) > settle_by:
            return True
        away = self._outages.between(settle_by, now)
        return now // times.SECOND * times.SECOND - settle_by - away > self._player.milliseconds("T_arb")

    @staticmethod
    def _keep_evidence(verdict: Verdict, case: Node, item: Node) -> None:
        """What any admitted request proved stays proved."""
        codes = [code for _, code in _refusals(case, item)]
        verdict["proven"] |= item.child("Commitment") is not None
        if any(code in _BROKER_YES for code in codes):
            verdict["admits"] = True
        if any(code in _BROKER_NO for code in codes):
            verdict["denies"] = True

    def _registrations(self, key: str) -> Case:
        """What was registered about the order of a verdict."""
        return self._player.store.get("case/" + key.removeprefix("verdict/")) or {"parts": {}, "first": None}

    def _vote(self, verdict: Verdict, case: Case) -> tuple[str, str | None]:
        """The anchored rule: state and code that follow from what is at hand."""
        if verdict["proven"]:
            return "APPROVED", OK  # a regular order: the Commitment speaks for the Broker, the claim for the Vendor
        registered = case["parts"]
        commit = registered.get("commit")
        broker_yes = commit is not None or verdict["admits"]
        if not broker_yes and verdict["denies"]:
            return "REJECTED", "QP-E-NO-COMMIT"
        if not broker_yes:
            return "OPEN", None
        wallet = None if commit is None else commit["Wallet"]
        if self._vendor_yes(verdict, case) or f"received {wallet}" in registered:
            return "APPROVED", OK
        if f"not-received {wallet}" in registered:
            return "REJECTED", "QP-E-NO-DELIVERY"
        return "OPEN", None

    def _vendor_yes(self, verdict: Verdict, case: Case) -> bool:
        """A delivery registered in time, or the claim where the Host was suspended meanwhile."""
        delivery = case["parts"].get("delivery")
        if delivery is not None and delivery["when"] == "in-time":
            return True
        expires = times.from_text(from_json(verdict["ref"]).get("Expires") or "")
        return self._outages.between(expires - DAY_MS, expires + self._player.milliseconds("T_register")) > 0

    def registered(self, unit: Unit, case_key: str, case: Case) -> None:
        """Y23 to Y25: a registration may decide at once; ``case`` is what this unit makes of the record."""
        key = "verdict/" + case_key.removeprefix("case/")
        verdict = self._player.store.get(key)
        if verdict is None or verdict["state"] != "OPEN":
            return
        state, code = self._vote(verdict, case)
        if state != "OPEN":
            self._keep(unit, key, {**verdict, "state": state, "code": code})

    def _keep(self, unit: Unit, key: str, verdict: Verdict) -> None:
        unit.put(key, verdict)
        unit.then(lambda: self._watch(key, verdict))

    def _watch(self, key: str, verdict: Verdict) -> None:
        self._player.clock.cancel(self._timers.pop(key, None))
        if verdict["state"] == "OPEN":
            due = times.after_last_second(times.to_text(verdict["decide_by"]))
            self._timers[key] = self._player.clock.at(due, lambda: self._outages.when_over(lambda: self._decide(key)))

    def _decide(self, key: str) -> None:
        """Y26 and Y27: what the Host was suspended is made up for; then it decides on what it has."""
        verdict = dict(self._player.store.get(key))
        if verdict["state"] != "OPEN":
            return
        away = self._outages.between(verdict["opened"], self._player.clock.now())
        if away > verdict["put_off"]:
            verdict |= {"decide_by": verdict["decide_by"] + away - verdict["put_off"], "put_off": away}
        else:
            yes = verdict["admits"] or "commit" in self._registrations(key)["parts"]
            verdict |= {"state": "REJECTED", "code": "QP-E-NO-DELIVERY" if yes else "QP-E-NO-COMMIT"}
        unit = self._player.unit()
        self._keep(unit, key, verdict)
        unit.commit()


def case_key(ref: Node, broker: str) -> str:
    """One case for each Vendor, OrderId, Broker and OrderRef."""
    return "case/" + tail(ref, broker)


def tail(ref: Node, broker: str) -> str:
    """What tells the orders of a Broker apart."""
    return f"{ref.get('Vendor')}/{ref.get('OrderId')}/{broker}/{hashlib.sha256(canonical.encode(ref)).hexdigest()}"


def _ref(item: Node) -> Node:
    ref = item.find("OrderRef")
    assert ref is not None
    return ref


def _refusals(case: Node, item: Node) -> list[tuple[Node, str]]:
    """The Settlements that refuse an item by OrderId and Digest, and with which code."""
    name = (item.get("OrderRef/OrderId"), item.get("OrderRef/Digest"))
    return [(settlement, one.get("Code") or "") for settlement in parts(case, "Settlement")
            for one in parts(settlement, "Refused") if (one.get("OrderId"), one.get("Digest")) == name]


def _told(ref: Node, decision: str, code: str, decide_by: Node | None = None) -> Node:
    return element("Verdict", ref.child("OrderId"), ref.child("Digest"), leaf("Decision", decision), leaf("Code", code),
                   decide_by)


def _said(ref: Node, verdict: Verdict) -> Node:
    match verdict["state"]:
        case "APPROVED":
            return _told(ref, "approve", OK)
        case "REJECTED":
            return _told(ref, "reject", verdict["code"])
    return _told(ref, "pending", "QP-E-PENDING", leaf("DecideBy", times.to_text(verdict["decide_by"])))
