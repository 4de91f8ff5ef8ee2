"""The Vendor before the Host: the machine vendor.dispute (reference/generated/machines.md). Comments name its rows."""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator

from quickpay import documents, proofs, signing, takebacks, times
from quickpay.calls import Call, Caller
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.money import MAX_ITEMS, parts
from quickpay.player import Player, alarm
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

#: What fits into one claim or case; items with a Commitment, of which there may be fewer, weigh more than one.
MAX_WEIGHT = 30_000

Claim = dict[str, Any]
Case = dict[str, Any]


class Disputes:
    """Cases before the Host; what it says changes the claims."""

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, tell: Callable[..., bool]) -> None:
        """tell: changes the claim of an order that is in an expected state, or says that it is not."""
        self._player, self._caller, self._signer, self._tell = player, caller, signer, tell
        self._timers: dict[str, Timer] = {}

    def load(self) -> None:
        """Takes up what the store says is open."""
        for key, case in self._player.store.under("dispute/"):
            self._go_on(key, case)

    def open(self, unit: Unit, broker: str, claims: Iterable[Claim], marks: list[Node], *evidence: Node) -> None:
        """U1: claims go before the Host, as many at a time as fit into one case."""
        for some in _shares(sorted(claims, key=lambda one: order_of(one).encode("utf-8"))):
            self._open_one(unit, broker, some, marks, *evidence)

    def _open_one(self, unit: Unit, broker: str, ordered: list[Claim], marks: list[Node], *evidence: Node) -> None:
        case_id = documents.fresh_id()
        me = self._player.me
        host_case = element(
            "HostCase", leaf("Host", me.host), leaf("BatchId", case_id), leaf("Vendor", me.player), leaf("Broker", broker),
            *evidence, *(_case_item(claim, [*self._contest(claim), *marks]) for claim in ordered))
        host_case = self._signer.sign("host-case", host_case, self._player.clock.now())
        case: Case = {"state": "SENT", "case": to_json(host_case), "decide_by": None, **self._request(host_case)}
        unit.put(f"dispute/{case_id}", case)
        unit.then(lambda: self._send_case(f"dispute/{case_id}", case))

    def _contest(self, claim: Claim) -> list[Node]:
        """Said of every regular order that this Vendor has not revoked: who is silent may have registered a revoke."""
        if claim["commitment"] is None or takebacks.is_revoked(self._player.store, order_of(claim)):
            return []
        return [leaf("Contest", "yes")]

    def _request(self, host_case: Node) -> dict[str, Any]:
        msg_id = documents.fresh_id()
        document = self._player.compose("SettleWithHost", self._player.me.host, msg_id, host_case)
        return {"msg_id": msg_id, "document": document.decode("utf-8")}

    def _go_on(self, key: str, case: Case) -> None:
        if case["state"] == "SENT":
            self._send_case(key, case)
        elif case["state"] == "WAITING":
            self._wait(key, case)

    def _wait(self, key: str, case: Case) -> None:
        self._timers[key] = self._player.clock.at(case["decide_by"], lambda: self._ask_again(key))

    def _ask_again(self, key: str) -> None:
        """U7: a new request with the same case."""
        case = dict(self._player.store.get(key))
        case |= {"state": "SENT", "decide_by": None, **self._request(from_json(case["case"]))}
        unit = self._player.unit()
        unit.put(key, case)
        unit.then(lambda: self._send_case(key, case))
        unit.commit()

    def _send_case(self, key: str, case: Case) -> None:
        call = Call("SettleWithHost", self._player.me.host, case["msg_id"], case["document"], self._case_answered,
                    lambda: self._player.milliseconds("T_call_batch"))
        call.extra = {"key": key}
        self._caller.start(call)

    def _case_answered(self, call: Call, outcome: Outcome) -> None:
        key = call.extra["key"]
        case = dict(self._player.store.get(key))
        if outcome.kind in ("no", "new"):
            return self._case_refused(key, case, outcome.code)  # U5
        right = outcome.kind == "ok" and self._verdicts_right(from_json(case["case"]), outcome)
        if right:
            return self._book_verdicts(key, case, outcome)
        if outcome.kind == "ok":
            alarm(f"{key}: verdicts that are not right")  # U2
            unit = self._player.unit()
            unit.put(key, {**case, "evidence": to_json(outcome.document)})
            unit.commit()
        self._caller.retry(call, int(outcome.get("Status/After") or 0))  # U2 U6

    def _case_refused(self, key: str, case: Case, code: str) -> None:
        alarm(f"{key} was refused: {code}")
        unit = self._player.unit()
        for item in parts(from_json(case["case"]), "Item"):
            self._tell(unit, item.get("OrderRef/OrderId") or "", "ARBITRATION", state="CLAIMABLE")  # C16
        unit.put(key, closed(case))
        unit.commit()

    def _verdicts_right(self, host_case: Node, outcome: Outcome) -> bool:
        """Signed by the Host, every item once in order, and an Approval of exactly what is approved."""
        verdicts, approval = outcome.find("Verdicts"), outcome.find("Approval")
        if verdicts is None or not self._of_host(host_case, verdicts, "host-verdicts", None):
            return False
        items, told = parts(host_case, "Item"), parts(verdicts, "Verdict")
        names = [(item.get("OrderRef/OrderId"), item.get("OrderRef/Digest")) for item in items]
        if names != [(one.get("OrderId"), one.get("Digest")) for one in told] or not all(map(_sound, told)):
            return False
        approved = [item for item, one in zip(items, told) if one.get("Decision") == "approve"]
        if approval is None:
            return not approved
        listed = [tuple(one.get(name) for name in ("OrderId", "Digest", "Amount")) for one in parts(approval, "Approved")]
        return (listed == [tuple(item.get("OrderRef/" + name) for name in ("OrderId", "Digest", "Amount"))
                           for item in approved]
                and self._of_host(host_case, approval, "host-approval", "ApprovedAt"))

    def _of_host(self, host_case: Node, node: Node, purpose: str, moment: str | None) -> bool:
        names = ("Host", "Vendor", "Broker", "BatchId")
        return (all(node.get(name) == host_case.get(name) for name in names)
                and self._player.unbelievable([signing.Signed(self._player.me.host, "host", purpose, node, moment)]) is None)

    def _book_verdicts(self, key: str, case: Case, outcome: Outcome) -> None:
        verdicts, approval = outcome.find("Verdicts"), outcome.find("Approval")
        assert verdicts is not None
        unit = self._player.unit()
        case_id = key.removeprefix("dispute/")
        if approval is not None:
            unit.put(f"approval/{case_id}", to_json(approval))
        for verdict in parts(verdicts, "Verdict"):
            self._verdict(unit, verdict, case_id)
        pending = [one.get("DecideBy") or "" for one in parts(verdicts, "Verdict") if one.get("Decision") == "pending"]
        sent = outcome.document.get("Head/SentAt") if outcome.document is not None else None
        if pending and sent:
            wait = max(times.SECOND, times.lasts(sent, min(pending)))  # where DecideBy is this second, the Host decides after it
            case |= {"state": "WAITING", "decide_by": self._player.clock.now() + wait}  # U3
            unit.put(key, case)
            unit.then(lambda: self._wait(key, case))
        else:
            unit.put(key, closed(case))  # U4
        unit.commit()

    def _verdict(self, unit: Unit, verdict: Node, case_id: str) -> None:
        order, code = verdict.get("OrderId") or "", verdict.get("Code")
        match verdict.get("Decision"):
            case "approve":
                self._tell(unit, order, "ARBITRATION", state="CLAIMABLE", approval=case_id)  # C12
            case "reject":
                if self._tell(unit, order, "ARBITRATION", state="LOST"):  # C13
                    alarm(f"{order}: the Host rejects it: {code}")
            case "refused" if code == "QP-E-ALREADY-SETTLED":
                self._tell(unit, order, "ARBITRATION", state="SETTLED")  # C14
            case "refused":
                if self._tell(unit, order, "ARBITRATION", state="CLAIMABLE"):  # C15
                    alarm(f"{order}: the Host does not judge it: {code}")


def _shares(claims: list[Claim]) -> Iterator[list[Claim]]:
    """The claims in their order, cut where a case is full."""
    share: list[Claim] = []
    full = 0
    for claim in claims:
        more = weight(claim, proofs.MAX_PROVEN_CASE)
        if full + more > MAX_WEIGHT:
            yield share
            share, full = [], 0
        share.append(claim)
        full += more
    if share:
        yield share


def _case_item(claim: Claim, marks: list[Node]) -> Node:
    receipt = None if claim["receipt"] is None else from_json(claim["receipt"])
    delivered = [] if claim["delivery"] is None else [leaf("DeliveryId", claim["delivery"]), leaf("DeliveredAt", claim["delivered_at"])]
    return element("Item", from_json(claim["ref"]), leaf("CommitId", claim["commit"]), *delivered, receipt, proof(claim), *marks)


def _sound(verdict: Node) -> bool:
    """Whether code and time fit the decision."""
    decision, code = verdict.get("Decision"), verdict.get("Code")
    return (decision == "approve") == (code == "QP-OK") and (decision == "pending") == (verdict.get("DecideBy") is not None)


def order_of(claim: Claim) -> str:
    return from_json(claim["ref"]).get("OrderId") or ""


def proof(claim: Claim) -> Node | None:
    return None if claim["commitment"] is None else from_json(claim["commitment"])


def weight(claim: Claim, most_proven: int) -> int:
    return MAX_WEIGHT // (MAX_ITEMS if claim["commitment"] is None else most_proven)


def closed(record: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a batch or case that is over."""
    return {name: value for name, value in record.items() if name not in ("document", "msg_id")} | {"state": "CLOSED"}
