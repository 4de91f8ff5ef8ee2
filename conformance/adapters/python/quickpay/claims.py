"""The Vendor's part in settlement: the machines vendor.claim and vendor.batch. Comments name their rows."""

from __future__ import annotations

from typing import Any

from quickpay import canonical, disputes, documents, proofs, signing, sums, takebacks, times
from quickpay.calls import Call, Caller
from quickpay.clock import Timer
from quickpay.disputes import Disputes, closed, order_of, proof
from quickpay.documents import Outcome, from_json, to_json
from quickpay.money import adds_up, in_order, number, parts
from quickpay.player import Player, Refused, alarm
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

MAX_APPROVALS = 8
#: Orders that the Approvals of one claim may name in all, so that the document stays within its family.
MAX_APPROVED = 10_000

Claim = dict[str, Any]
Batch = dict[str, Any]


class Claims:
    """Delivered orders on their way to the money."""

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer) -> None:
        self._player, self._caller, self._signer = player, caller, signer
        self._disputes = Disputes(player, caller, signer, self._tell)
        self._timers: dict[str, Timer] = {}

    def load(self) -> None:
        """Takes up what the store says is open."""
        store = self._player.store
        for key, claim in store.under("claim/"):
            self._watch(key, claim)
        for key, batch in store.under("batch/"):
            if batch["state"] == "SENT":
                self._send_batch(key, batch)
        self._disputes.load()

    def claims(self) -> list[dict[str, Any]]:
        """What an operator may see."""
        shown = []
        for _, claim in self._player.store.under("claim/"):
            ref = from_json(claim["ref"])
            shown.append({"order": ref.get("OrderId"), "state": claim["state"], "broker": claim["broker"],
                          "amount": number(ref, "Amount"), "currency": ref.get("Currency")})
        return shown

    # vendor.claim

    def delivered(self, unit: Unit, ref: Node, broker: str, order: dict[str, Any]) -> None:
        """C1: an order that was delivered on a commitment; in the unit of its delivery, from which SettleBy runs."""
        key = f"claim/{order['id']}"
        claim: Claim = {"state": "CLAIMABLE", "ref": to_json(ref), "broker": broker, "commit": order["commit"],
                        "delivery": order["delivery"], "delivered_at": order["delivered_at"],
                        "receipt": order.get("receipt"), "commitment": None, "approval": None, **self._lasts(order["lasts"])}
        self._keep(unit, key, claim)

    def accepted(self, unit: Unit, promised: Node) -> None:
        """C1: a regular order that was accepted on a Commitment, whose ClaimBy is the SettleBy of the claim."""
        ref = promised.find("OrderRef")
        assert ref is not None
        lasts = times.lasts(promised.get("CommittedAt") or "", promised.get("ClaimBy") or "")
        claim: Claim = {"state": "CLAIMABLE", "ref": to_json(ref), "broker": promised.get("Broker"),
                        "commit": promised.get("CommitId"), "delivery": None, "delivered_at": None, "receipt": None,
                        "commitment": to_json(promised), "approval": None, **self._lasts(lasts)}
        self._keep(unit, f"claim/{ref.get('OrderId')}", claim)

    def _lasts(self, milliseconds: int) -> dict[str, int]:
        """SettleBy, which may stop, and where it would end: what is left of it counts when a revoke has failed."""
        ends = self._player.clock.now() + milliseconds
        return {"settle_due": ends, "ends": ends}

    def withdraw(self, order: str) -> None:
        """C4 and C17: the operator gives a claim up."""
        claim = self._player.store.get(f"claim/{order}")
        if claim is None or claim["state"] not in ("CLAIMABLE", "ARBITRATION"):
            raise Refused("there is nothing to withdraw")
        unit = self._player.unit()
        judged = claim["state"] == "ARBITRATION"
        given_up = {**claim, "state": "WITHDRAWN", "settle_due": None}
        self._keep(unit, f"claim/{order}", given_up)
        if judged:
            self._disputes.open(unit, claim["broker"], [given_up], [leaf("Withdrawn", "yes")])
        unit.commit()

    # what revoke does to claims, and contesting what it did not do

    def at_rest(self, order: str) -> Claim | None:
        """claim_at_rest: the claim of a regular order that neither a batch nor a case has, and that is not lost."""
        claim = self._player.store.get(f"claim/{order}")
        if claim is None or claim["commitment"] is None or claim["state"] not in ("CLAIMABLE", "SETTLED", "WITHDRAWN"):
            return None
        return dict(claim)

    def given_up(self, unit: Unit, order: str) -> None:
        """C18 and C19; what the operator gave up before stays as it is."""
        note = {"CLAIMABLE": "waiting", "SETTLED": "settled"}.get(self._claim(order)["state"])
        if note is not None:
            self._keep(unit, f"claim/{order}", {**self._claim(order), "state": "WITHDRAWN", "settle_due": None, "note": note})

    def taken_back(self, unit: Unit, order: str) -> None:
        """C20 to C22."""
        match self._claim(order).get("note"):
            case "settled":
                self._tell(unit, order, "WITHDRAWN", state="SETTLED", note=None)
            case "waiting":
                self._tell(unit, order, "WITHDRAWN", state="CLAIMABLE", note=None, settle_due=self._claim(order)["ends"])

    def contest(self, order: str) -> None:
        """C23 and C24: the operator says that the Vendor did not revoke the order."""
        claim = self.at_rest(order)
        if claim is None or claim["state"] == "WITHDRAWN" or takebacks.is_revoked(self._player.store, order):
            raise Refused("there is nothing to contest")
        unit = self._player.unit()
        self._tell(unit, order, claim["state"], state="ARBITRATION", settle_due=None)
        try:
            self._disputes.open(unit, claim["broker"], [claim], [])
        except signing.NoKey:
            raise Refused("there is no key to sign with") from None
        unit.commit()

    def _keep(self, unit: Unit, key: str, claim: Claim) -> None:
        unit.put(key, claim)
        unit.then(lambda: self._watch(key, claim))

    def _watch(self, key: str, claim: Claim) -> None:
        self._player.clock.cancel(self._timers.pop(key, None))
        if claim["settle_due"] is not None:
            self._timers[key] = self._player.clock.at(claim["settle_due"], lambda: self._settle_by(key))

    def _settle_by(self, key: str) -> None:
        """C3: what was never claimed is lost. A claim that is with the Broker goes on."""
        claim = {**self._player.store.get(key), "settle_due": None}
        if claim["state"] == "CLAIMABLE":
            claim["state"] = "LOST"
            alarm(f"{key} was not claimed in time")
        unit = self._player.unit()
        self._keep(unit, key, claim)
        unit.commit()

    def _claim(self, order: str) -> Claim:
        return dict(self._player.store.get(f"claim/{order}"))

    def _tell(self, unit: Unit, order: str, expected: str, **changes: Any) -> bool:
        """Changes a claim that is in the expected state; others are left alone."""
        claim = self._claim(order)
        if claim["state"] != expected:
            return False
        self._keep(unit, f"claim/{order}", {**claim, **changes})
        return True

    # vendor.batch

    def run(self) -> int:
        """One run of the batch job: a batch for each Broker and currency where one is due; how many that were."""
        made = 0
        waiting: dict[tuple[str, str], list[Claim]] = {}
        for _, claim in self._player.store.under("claim/"):
            if claim["state"] == "CLAIMABLE":
                currency = from_json(claim["ref"]).get("Currency") or ""
                waiting.setdefault((claim["broker"], currency), []).append(claim)
        for (broker, currency), claims in sorted(waiting.items(), key=lambda one: one[0]):
            if self._due(broker, currency):
                self._make_batch(broker, currency, claims)  # T1
                made += 1
        if not made:
            raise Refused("no batch is due")  # T2
        return made

    def _due(self, broker: str, currency: str) -> bool:
        began = self._player.store.get(f"began/{broker}/{currency}")
        return began is None or self._player.clock.now() - began >= self._player.milliseconds("T_batchmin")

    def _make_batch(self, broker: str, currency: str, claims: list[Claim]) -> None:
        now = self._player.clock.now()
        batch_id = documents.fresh_id()
        chosen, approvals = self._choose(claims)
        items = [element("Item", from_json(one["ref"]), leaf("CommitId", one["commit"]), proof(one)) for one in chosen]
        claim = element(
            "Claim", leaf("BatchId", batch_id), leaf("Vendor", self._player.me.player), leaf("Broker", broker),
            leaf("Currency", currency), leaf("Count", len(items)),
            leaf("Total", sum(number(item, "OrderRef/Amount") for item in items)), *approvals, *items)
        claim = self._signer.sign("batch-claim", claim, now)
        msg_id = documents.fresh_id()
        document = self._player.compose("SettleWithBroker", broker, msg_id, claim)
        batch: Batch = {"state": "SENT", "broker": broker, "claim": to_json(claim), "msg_id": msg_id,
                        "document": document.decode("utf-8"), "tries": 0, "first": now, "last": now}
        unit = self._player.unit()
        unit.put(f"began/{broker}/{currency}", now)
        unit.put(f"batch/{batch_id}", batch)
        for one in chosen:
            self._tell(unit, order_of(one), "CLAIMABLE", state="CLAIMED")  # C2
        unit.then(lambda: self._send_batch(f"batch/{batch_id}", batch))
        unit.commit()

    def _choose(self, claims: list[Claim]) -> tuple[list[Claim], list[Node]]:
        """The claims that fit into one batch, in their order, and the Approvals that they need."""
        chosen: list[Claim] = []
        approvals: dict[str, Node] = {}
        total = named = weight = 0
        for claim in sorted(claims, key=lambda one: order_of(one).encode("utf-8")):
            amount = number(from_json(claim["ref"]), "Amount")
            more = disputes.weight(claim, proofs.MAX_PROVEN_CLAIM)
            if weight + more > disputes.MAX_WEIGHT or total + amount > sums.MOST:
                break
            name = claim["approval"]
            if name is not None and name not in approvals:
                approval = from_json(self._player.store.get(f"approval/{name}"))
                size = len(parts(approval, "Approved"))
                if len(approvals) >= MAX_APPROVALS or named + size > MAX_APPROVED:
                    continue
                approvals[name] = approval
                named += size
            chosen.append(claim)
            total += amount
            weight += more
        return chosen, list(approvals.values())

    def _send_batch(self, key: str, batch: Batch) -> None:
        call = Call("SettleWithBroker", batch["broker"], batch["msg_id"], batch["document"], self._batch_answered,
                    lambda: self._player.milliseconds("T_call_batch"))
        call.extra = {"key": key}
        call.attempts = batch["tries"]
        self._caller.start(call)

    def _batch_answered(self, call: Call, outcome: Outcome) -> None:
        key = call.extra["key"]
        batch = dict(self._player.store.get(key))
        batch |= {"tries": batch["tries"] + 1, "last": self._player.clock.now()}
        settlement = outcome.find("Settlement") if outcome.kind == "ok" else None
        if outcome.kind in ("no", "new"):
            return self._return(key, batch, outcome.code)  # T6
        if settlement is not None and self._settlement_right(batch, settlement):
            return self._book(key, batch, settlement)  # T3
        if settlement is not None:
            batch["evidence"] = to_json(settlement)
            alarm(f"{key}: a Settlement that is not right")
        if self._unreachable(batch):
            return self._go_to_host(key, batch)  # T4 T7
        unit = self._player.unit()
        unit.put(key, batch)
        unit.commit()
        self._caller.retry(call, int(outcome.get("Status/After") or 0))  # T5 T8

    def _unreachable(self, batch: Batch) -> bool:
        return (batch["tries"] >= self._player.parameter("N_broker")
                and batch["last"] - batch["first"] >= self._player.milliseconds("T_broker"))

    def _return(self, key: str, batch: Batch, code: str) -> None:
        alarm(f"{key} was refused: {code}")
        unit = self._player.unit()
        for item in parts(from_json(batch["claim"]), "Item"):
            self._tell(unit, item.get("OrderRef/OrderId") or "", "CLAIMED", state="CLAIMABLE")  # C10
        unit.put(key, {**closed(batch), "refused": code})
        unit.commit()

    def _settlement_right(self, batch: Batch, settlement: Node) -> bool:
        """Signed by the Broker, the answer to this claim, every item once, and the sums are right."""
        claim = from_json(batch["claim"])
        expected = {"Broker": batch["broker"], "Vendor": self._player.me.player, "BatchId": claim.get("BatchId"),
                    "Currency": claim.get("Currency"),
                    "BatchDigest": canonical.digest("batch-claim", signing.unsigned(claim))}
        return (all(settlement.get(name) == value for name, value in expected.items())
                and self._believes(batch["broker"], "broker", "batch-settlement", settlement, "SettledAt")
                and _every_item_once(claim, settlement) and adds_up(settlement))

    def _believes(self, signer: str, role: str, purpose: str, node: Node, moment: str | None) -> bool:
        return self._player.unbelievable([signing.Signed(signer, role, purpose, node, moment)]) is None

    def _book(self, key: str, batch: Batch, settlement: Node) -> None:
        unit = self._player.unit()
        for one in parts(settlement, "Accepted"):
            self._tell(unit, one.get("OrderId") or "", "CLAIMED", state="SETTLED", settle_due=None)  # C5
        judged = [claim for one in parts(settlement, "Refused") if (claim := self._refused(unit, one)) is not None]
        if judged:
            self._disputes.open(unit, batch["broker"], judged, [], settlement)
        unit.put(key, closed(batch))
        unit.commit()

    def _refused(self, unit: Unit, refused: Node) -> Claim | None:
        """The claim, if it goes before the Host."""
        order, code = refused.get("OrderId") or "", refused.get("Code")
        claim = self._claim(order)
        if code == "QP-E-ALREADY-SETTLED":
            self._tell(unit, order, "CLAIMED", state="SETTLED", settle_due=None)  # C6
        elif code == "QP-E-CURRENCY":
            alarm(f"{order}: {code}")
            self._tell(unit, order, "CLAIMED", state="CLAIMABLE")  # C7
        elif claim["approval"] is not None:
            alarm(f"{order}: refused although the Host approved it")
            self._tell(unit, order, "CLAIMED", state="LOST", settle_due=None)  # C8
        elif self._tell(unit, order, "CLAIMED", state="ARBITRATION", settle_due=None):  # C9
            return claim
        return None

    def _go_to_host(self, key: str, batch: Batch) -> None:
        alarm(f"{key}: the Broker is out of reach")
        unreachable = element("Unreachable", leaf("FirstTry", times.to_text(batch["first"])),
                              leaf("LastTry", times.to_text(batch["last"])), leaf("Tries", batch["tries"]))
        unit = self._player.unit()
        orders = [item.get("OrderRef/OrderId") or "" for item in parts(from_json(batch["claim"]), "Item")]
        judged = [self._claim(order) for order in orders
                  if self._tell(unit, order, "CLAIMED", state="ARBITRATION", settle_due=None)]  # C11
        self._disputes.open(unit, batch["broker"], judged, [], unreachable)
        unit.put(key, closed(batch))
        unit.commit()


def _every_item_once(claim: Node, settlement: Node) -> bool:
    items = {item.get("OrderRef/OrderId"): item for item in parts(claim, "Item")}
    accepted, refused = parts(settlement, "Accepted"), parts(settlement, "Refused")
    names = [[one.get("OrderId") or "" for one in some] for some in (accepted, refused)]
    if not (in_order(names[0]) and in_order(names[1])) or sorted(names[0] + names[1]) != sorted(map(str, items)):
        return False
    return (all(one.get("Amount") == items[one.get("OrderId")].get("OrderRef/Amount") for one in accepted)
            and all(one.get("Digest") == items[one.get("OrderId")].get("OrderRef/Digest")
                    and one.get("Code") != "QP-OK" for one in refused))
