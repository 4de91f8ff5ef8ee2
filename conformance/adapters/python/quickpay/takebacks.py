"""The Vendor takes committed orders back: the machine vendor.revoke (reference/generated/machines.md). Comments name its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from quickpay import documents, signing, times
from quickpay.calls import Call, Caller
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.player import Player, Refused, alarm
from quickpay.store import MemoryStore, Unit
from quickpay.xml import Node, element, leaf

if TYPE_CHECKING:
    from quickpay.claims import Claims

TakeBack = dict[str, Any]


def is_revoked(store: MemoryStore, order: str) -> bool:
    """Whether the Vendor took an order back; a revoke that the Broker refused is none, one that it never answered may be one."""
    taken = store.get(_key(order))
    return taken is not None and taken["revoke"] is not None


class TakeBacks:
    """Orders that are taken back, each until its Broker has said yes or no or was asked for long enough."""

    def __init__(self, player: Player, caller: Caller, signer: signing.Signer, claims: "Claims") -> None:
        self._player, self._caller, self._signer, self._claims = player, caller, signer, claims
        self._timers: dict[str, Timer] = {}
        self._calls: dict[str, Call] = {}

    def load(self) -> None:
        """Takes up what the store says is open."""
        for key, taken in self._player.store.under("revoke/"):
            if taken["state"] == "REVOKING":
                self._begin(key, taken)

    def revoke(self, order: str, reason: str) -> None:
        """E1 and E2: the claim is given up, and the request on its way, in one unit."""
        before, claim = self._player.store.get(_key(order)), self._claims.at_rest(order)
        if claim is None or (before is not None and before["state"] != "FAILED"):
            raise Refused("it cannot be taken back")
        now, msg_id = self._player.clock.now(), documents.fresh_id()
        revoke = self._signed(element(
            "Revoke", leaf("RevokeId", documents.fresh_id()), from_json(claim["ref"]), leaf("CommitId", claim["commit"]),
            leaf("Reason", reason), leaf("RevokedAt", times.to_text(now))), now)
        document = self._player.compose("RevokeOrder", claim["broker"], msg_id, revoke)
        taken: TakeBack = {"state": "REVOKING", "order": order, "broker": claim["broker"], "revoke": to_json(revoke),
                           "answer": None, "until": now + self._player.milliseconds("T_claim"), "msg_id": msg_id,
                           "document": document.decode("utf-8")}
        unit = self._player.unit()
        self._claims.given_up(unit, order)
        unit.put(_key(order), taken)
        unit.then(lambda: self._begin(_key(order), taken))
        unit.commit()

    def _signed(self, revoke: Node, now: int) -> Node:
        """With a signature where there is a key; in profile H there has to be one."""
        try:
            return self._signer.sign("revoke", revoke, now)
        except signing.NoKey:
            if self._player.me.profile == "H":
                raise Refused("there is no key to sign with") from None
            return revoke

    def _begin(self, key: str, taken: TakeBack) -> None:
        call = Call("RevokeOrder", taken["broker"], taken["msg_id"], taken["document"], self._answered,
                    lambda: self._player.milliseconds("T_call"))
        call.extra = {"key": key}
        call.keep = self._written_anew
        self._calls[key] = call
        self._timers[key] = self._player.clock.at(taken["until"], lambda: self._given_up(key))
        self._caller.start(call)

    def _written_anew(self, unit: Unit, call: Call) -> None:
        key = call.extra["key"]
        unit.put(key, {**self._player.store.get(key), "msg_id": call.msg_id, "document": call.document})

    def _answered(self, call: Call, outcome: Outcome) -> None:
        key = call.extra["key"]
        taken = self._player.store.get(key)
        right = outcome.kind == "ok" and _right(taken, outcome)
        if right:
            names = ("Effect", "State", "HoldUntil")
            return self._end(key, "REVOKED", answer={name: outcome.get(name) for name in names})  # E3
        if outcome.kind in ("no", "new"):
            alarm(f"{key} was refused: {outcome.code}")
            return self._end(key, "FAILED", revoke=None)  # E5
        if outcome.kind == "ok":
            alarm(f"{key}: an answer that is not right")  # E4
        self._caller.retry(call, int(outcome.get("Status/After") or 0))  # E4 E6

    def _given_up(self, key: str) -> None:
        """E7: nobody answered for T_claim. The Revoke stays on record, since it may have been taken."""
        alarm(f"{key} was never answered")
        self._caller.drop(self._calls[key])
        self._end(key, "FAILED")

    def _end(self, key: str, state: str, **changes: Any) -> None:
        taken = self._player.store.get(key)
        kept = {name: value for name, value in taken.items() if name not in ("msg_id", "document", "until")}
        self._player.clock.cancel(self._timers.pop(key))
        del self._calls[key]
        unit = self._player.unit()
        unit.put(key, {**kept, "state": state, **changes})
        if state == "FAILED":
            self._claims.taken_back(unit, taken["order"])
        unit.commit()


def _right(taken: TakeBack, outcome: Outcome) -> bool:
    """answer_right: the Amount is that of the order, and HoldUntil is there exactly with pending."""
    amount = from_json(taken["revoke"]).get("OrderRef/Amount")
    return outcome.get("Amount") == amount and (outcome.get("State") == "pending") == (outcome.get("HoldUntil") is not None)


def _key(order: str) -> str:
    return f"revoke/{order}"
