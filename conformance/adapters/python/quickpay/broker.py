"""The Broker's core: the machine broker.order (reference/generated/machines.md). Comments name its rows. Regular: commitments.py."""

from __future__ import annotations

import hmac
from typing import Any, Callable

from quickpay import asking, boxes, canonical, documents, signing, times
from quickpay.calls import Caller, Outbox
from quickpay.cancellations import Cancellations
from quickpay.clock import Timer
from quickpay.commitments import Commitments, Payer
from quickpay.debts import Debts, Money
from quickpay.documents import Outcome, from_json, to_json
from quickpay.enrolments import Enrolments
from quickpay.errors import OK
from quickpay.front import Front, Pending
from quickpay.membership import BrokerMembership
from quickpay.outages import Outages
from quickpay.player import Player, Refused
from quickpay.post import Post
from quickpay.store import Unit
from quickpay.succession import Standing, Succession
from quickpay.xml import Node, element, leaf

MAX_ORDERS = 50_000
#: Inquiries of one order whose MsgId is remembered; more are put off.
MAX_INQUIRIES = 100

Order = dict[str, Any]
Account = dict[str, Any]


class Broker:
    """Pays for Wallets; one machine an order. What is held and owed never passes the limit of an account."""

    def __init__(self, player: Player, settings: dict[str, Any]) -> None:
        self._player = player
        self._accounts = {one["account"]: one for one in settings.get("accounts", [])}
        self._bindings = {(one["wallet"], one["paycard"]): one for one in settings.get("bindings", [])}
        self._policy = settings.get("policy", {})
        self._caller = Caller(player)
        asking.begin(player, self._caller, settings)
        self.post = Post(player, self._caller)
        self._outbox = Outbox(player, self._caller, self._noticed)
        self._timers: dict[str, Timer] = {}
        self._parked: dict[str, list[Pending]] = {}
        self._receipts: dict[str, Timer] = {}
        self._count = 0
        self.outages = Outages(player)
        standing = Standing(player)
        signer = signing.Signer(settings.get("signing_keys", []), standing.usable)
        player.own_keys = lambda: standing.published(signer)
        money = Money(self._admits, lambda unit, account, owed: self._move(unit, account, owed=owed))
        self.debts = Debts(player, signer, self._policy, self.outages, money) if signer else None
        self.cancellations = None if self.debts is None else Cancellations(player, self.debts, self._outbox, self.outages)
        signed: dict[str, Callable[[Pending], None]] = {}
        if self.debts is not None and self.cancellations is not None:
            payer = Payer(self._who, self._unacceptable, self._unaffordable, money.move)
            commitments = Commitments(player, signer, self.debts, payer)
            signed = {"SettleWithBroker": self.debts.settle, "regular/InquiryPayment": commitments.inquiry,
                      "RevokeOrder": self.cancellations.revoke}
        opener = boxes.Opener(settings.get("sealing_keys", []), standing.withdrawn)
        self.succession = Succession(player, self._caller, signer, opener.keys.values(), standing)
        self.registration = BrokerMembership(player, self._caller, signer, standing, opener.keys.values(), self._policy)
        self.enrolments = Enrolments(player, settings, self._bindings) if opener else None
        added = {} if self.enrolments is None else self.enrolments.served()
        self.front = Front(player, {"InquiryPayment": self._inquiry, "CheckCommit": self._check, **signed, **added}, opener)

    def load(self) -> None:
        """Takes up what the store says is open; first of all who this is."""
        self.registration.load()
        for _, order in self._player.store.under("order/"):
            self._count += 1
            self._watch(order)
        for part in (self.succession, self.enrolments, self.debts, self.cancellations):
            if part is not None:
                part.load()
        self._outbox.load()

    async def stop(self) -> None:
        await self._caller.stop()

    # what people see and do

    def orders(self) -> list[dict[str, Any]]:
        shown = []
        for _, order in self._player.store.under("order/"):
            ref = from_json(order["ref"])
            shown.append({"vendor": ref.get("Vendor"), "order": ref.get("OrderId"), "state": order["state"],
                          "amount": int(ref.get("Amount") or 0), "currency": ref.get("Currency")})
        return shown

    def balance(self) -> list[dict[str, Any]]:
        return [{"account": name, "limit": int(one["limit"]), "currency": one["currency"], **self._used(name)}
                for name, one in self._accounts.items()]

    def block(self, paycard: str, blocked: bool) -> None:
        """From now on the Paycard is accepted no more, or again."""
        if not any(name == paycard for _, name in self._bindings):
            raise Refused("no such paycard")
        unit = self._player.unit()
        unit.put("blocked/" + paycard, 1 if blocked else None)
        unit.commit()

    # InquiryPayment

    def _inquiry(self, pending: Pending) -> None:
        ref = pending.body.find("OrderRef")
        assert ref is not None
        binding = self._who(pending, ref)
        if isinstance(binding, str):
            return pending.refuse(binding)  # B1 B2, B9 B10, B22 B23
        order = self._find(ref)
        same = order is not None and self._same(order, pending, ref)
        if order is not None and same and order["state"] != "LAPSED":
            return self._endorsed_before(order, pending, binding)  # B11
        code = self._unacceptable(ref, binding)  # B3 to B5, B12 to B14, B24 to B26
        if code is None and order is not None and not same:
            code = "QP-E-CONFLICT"  # B15 B27
        if code is not None:
            return pending.refuse(code)
        if order is not None and pending.msg_id in order["inquiries"]:
            return self._endorsed_before(order, pending, binding)  # B28
        self._decide(order, pending, binding, ref)

    def _who(self, pending: Pending, ref: Node) -> dict[str, Any] | str:
        """The binding of the Paycard that asks, or why it is not believed."""
        binding = self._bound(pending.sender, pending.body.get("Paycard") or "")
        if binding is None:
            return "QP-E-PAYCARD"
        return binding if self._token_right(pending, binding, ref) else "QP-E-FORBIDDEN"

    def _bound(self, wallet: str, paycard: str) -> dict[str, Any] | None:
        """paycard_bound: issued to this Wallet, and not blocked."""
        blocked = self._player.store.get("blocked/" + paycard) is not None
        return None if blocked else self._bindings.get((wallet, paycard))

    @staticmethod
    def _token_right(pending: Pending, binding: dict[str, Any], ref: Node) -> bool:
        token = canonical.paycard_token(bytes.fromhex(binding["secret"]), pending.sender, binding["paycard"],
                                        pending.msg_id, ref)
        return hmac.compare_digest(token, pending.body.get("PaycardToken") or "")

    def _find(self, ref: Node) -> Order | None:
        found = self._player.store.get(_key(ref))
        return None if found is None else dict(found)

    @staticmethod
    def _same(order: Order, pending: Pending, ref: Node) -> bool:
        """same_content: OrderRef, Wallet and Paycard are those of the record."""
        return (order["wallet"], order["paycard"], order["ref"]) == (
            pending.sender, pending.body.get("Paycard"), to_json(ref))

    def _unacceptable(self, ref: Node, binding: dict[str, Any]) -> str | None:
        """A list is always at hand, and nothing is put off for it (B4)."""
        currency = ref.get("Currency")
        if currency not in self._player.currencies or currency != self._accounts[binding["account"]]["currency"]:
            return "QP-E-CURRENCY"
        vendor = self._player.directory.get(ref.get("Vendor") or "", "vendor")
        if vendor is None and not self._player.directory.at_hand(ref.get("Vendor") or ""):
            return "QP-E-BUSY"
        return None if vendor is not None and vendor.accepted else "QP-E-VENDOR"

    def _decide(self, order: Order | None, pending: Pending, binding: dict[str, Any], ref: Node) -> None:
        name = binding["account"]
        code = self._unaffordable(name, int(ref.get("Amount") or 0))
        if code is not None:
            pending.refuse(code)  # B6 B7, B29 B30
        elif order is None and self._count >= MAX_ORDERS or order is not None and _full(order):
            pending.refuse("QP-E-BUSY")
        else:
            self._endorse(order or {"inquiries": []}, pending, name, ref)  # B8 B31

    def _unaffordable(self, account: str, amount: int) -> str | None:
        if self._declines(account, amount):
            return "QP-E-DECLINED"
        return None if self._admits(account, amount) else "QP-E-FUNDS"

    def _declines(self, account: str, amount: int) -> bool:
        """The owner's policy: no order above a sum, no more open endorsements than a number."""
        most, open_most = self._policy.get("decline_above"), self._policy.get("max_open")
        if most is not None and amount > int(most):
            return True
        if open_most is None:
            return False
        return sum(order["state"] == "ENDORSED" and order["account"] == account
                   for _, order in self._player.store.under("order/")) >= int(open_most)

    def _endorse(self, order: Order, pending: Pending, account: str, ref: Node) -> None:
        """The hold, the record, the timer and the answer are one unit."""
        player = self._player
        now = player.clock.now()
        check_by = times.to_text(now + player.milliseconds("T_endorse"))
        endorsement = element(
            "Endorsement", leaf("Broker", player.me.player), leaf("EndorsementId", documents.fresh_id()), ref,
            leaf("EndorsedAt", times.to_text(now)), leaf("CheckBy", check_by))
        self._count += not order["inquiries"]
        order |= {"wallet": pending.sender, "paycard": pending.body.get("Paycard"), "account": account,
                  "ref": to_json(ref), "state": "ENDORSED", "endorsement": to_json(endorsement),
                  "check_by": times.after_last_second(check_by), "inquiries": [*order["inquiries"], pending.msg_id]}
        unit = player.unit()
        self._move(unit, account, held=int(ref.get("Amount") or 0))
        self._save(unit, order)
        self._answer_endorsed(unit, order, pending)
        unit.commit()

    def _endorsed_before(self, order: Order, pending: Pending, binding: dict[str, Any]) -> None:
        """B11 and B28: the endorsement that the record has."""
        if pending.msg_id not in order["inquiries"]:
            if _full(order):
                return pending.refuse("QP-E-BUSY")
            order["inquiries"] = [*order["inquiries"], pending.msg_id]
        unit = self._player.unit()
        unit.put(_key(from_json(order["ref"])), order)
        self._answer_endorsed(unit, order, pending)
        unit.commit()

    def _answer_endorsed(self, unit: Unit, order: Order, pending: Pending) -> None:
        endorsement = from_json(order["endorsement"])
        answer = None
        if self._player.me.profile == "H":
            secret = bytes.fromhex(self._bindings[order["wallet"], order["paycard"]]["secret"])
            answer = leaf("PaycardAnswer", canonical.paycard_answer(secret, pending.msg_id, endorsement))
        pending.answer(unit, OK, endorsement, answer)

    # CheckCommit

    def _check(self, pending: Pending) -> None:
        ref = pending.body.find("OrderRef")
        assert ref is not None
        if pending.sender != ref.get("Vendor"):
            return pending.refuse("QP-E-FORBIDDEN")  # B16 B18 B32 B35
        order = self._find(ref)
        if order is None:
            return pending.refuse("QP-E-UNKNOWN-ORDER")  # B17
        endorsed = from_json(order["endorsement"]).get("EndorsementId")
        if to_json(ref) != order["ref"] or pending.body.get("EndorsementId") != endorsed:
            return pending.refuse("QP-E-MISMATCH")  # B19 B33 B36
        match order["state"]:
            case "LAPSED":
                pending.refuse("QP-E-ENDORSEMENT-EXPIRED")  # B34
            case "ENDORSED":
                self._commit(order, pending)  # B20 B39
            case _:
                unit = self._player.unit()
                self._answer_committed(unit, order, pending)  # B37 B40
                unit.commit()

    def _commit(self, order: Order, pending: Pending) -> None:
        """The commitment, the debt, the notice and the answer are one unit."""
        now = self._player.clock.now()
        order |= {"state": "COMMITTED", "commit": documents.fresh_id(), "committed_at": times.to_text(now),
                  "settle_by": times.to_text(now + self._player.milliseconds("T_settle"))}
        ref = from_json(order["ref"])
        amount = int(ref.get("Amount") or 0)
        unit = self._player.unit()
        owed = self.debts is None or self.debts.committed(unit, order)
        self._move(unit, order["account"], held=-amount, owed=amount if owed else 0)
        self._save(unit, order)
        self._outbox.add(unit, _key(ref), "RegisterCommit", ref, leaf("Wallet", order["wallet"]), *_commitment(order))
        self._answer_committed(unit, order, pending)
        unit.commit()

    def _answer_committed(self, unit: Unit, order: Order, pending: Pending) -> None:
        """At once, unless a receipt is wanted that the Host may still give."""
        wanted = pending.body.get("WantReceipt") is not None
        wait = self._player.milliseconds("T_receipt")
        if not (wanted and wait and not order.get("registered")):
            return self._answer_commit(unit, order, pending)
        key = _key(from_json(order["ref"]))
        pending.park(unit)
        self._parked.setdefault(key, []).append(pending)
        unit.then(lambda: self._await_receipt(key, wait))

    def _answer_commit(self, unit: Unit, order: Order, pending: Pending) -> None:
        receipt = order.get("receipt")
        pending.answer(unit, OK, *_commitment(order), None if receipt is None else from_json(receipt))

    def _await_receipt(self, key: str, milliseconds: int) -> None:
        self._player.clock.cancel(self._receipts.get(key))
        self._receipts[key] = self._player.clock.after(milliseconds, lambda: self._waited(key))

    def _waited(self, key: str) -> None:
        """B41: T_receipt is over."""
        unit = self._player.unit()
        self._answer_parked(unit, dict(self._player.store.get(key)))
        unit.commit()

    def _noticed(self, unit: Unit, key: str, outcome: Outcome) -> None:
        """The Host has answered a notice of a revoke or of a commitment."""
        if key.startswith("revoke/") and self.cancellations is not None:
            self.cancellations.registered(unit, key, outcome)
        else:
            self._registered(unit, key, outcome)

    def _registered(self, unit: Unit, key: str, outcome: Outcome) -> None:
        """B38: the Host has answered, with a receipt or without."""
        order = dict(self._player.store.get(key))
        receipt = outcome.find("HostReceipt")
        order |= {"registered": True, **({} if receipt is None else {"receipt": to_json(receipt)})}
        unit.put(key, order)
        self._answer_parked(unit, order)

    def _answer_parked(self, unit: Unit, order: Order) -> None:
        key = _key(from_json(order["ref"]))
        self._player.clock.cancel(self._receipts.pop(key, None))
        for pending in self._parked.pop(key, []):
            self._answer_commit(unit, order, pending)

    # money, timers and the store

    def _used(self, account: str) -> dict[str, int]:
        kept = self._player.store.get("account/" + account)
        return {"held": 0, "owed": 0} if kept is None else dict(kept)

    def _admits(self, account: str, more: int) -> bool:
        """Whether the limit of an account bears so much more."""
        used = self._used(account)
        return used["held"] + used["owed"] + more <= int(self._accounts[account]["limit"])

    def _move(self, unit: Unit, account: str, held: int = 0, owed: int = 0) -> None:
        used = self._used(account)
        unit.put("account/" + account, {"held": used["held"] + held, "owed": used["owed"] + owed})

    def _save(self, unit: Unit, order: Order) -> None:
        unit.put(_key(from_json(order["ref"])), order)
        unit.then(lambda: self._watch(order))

    def _watch(self, order: Order) -> None:
        """Keeps CheckBy of an order that is endorsed."""
        key = _key(from_json(order["ref"]))
        self._player.clock.cancel(self._timers.pop(key, None))
        if order["state"] == "ENDORSED":
            self._timers[key] = self._player.clock.at(order["check_by"], lambda: self._lapse(key))

    def _lapse(self, key: str) -> None:
        """B21: nobody checked in time."""
        order = dict(self._player.store.get(key))
        order["state"] = "LAPSED"
        unit = self._player.unit()
        self._move(unit, order["account"], held=-int(from_json(order["ref"]).get("Amount") or 0))
        self._save(unit, order)
        unit.commit()


def _key(ref: Node) -> str:
    """One record for each Kind, Vendor and OrderId."""
    return f"order/{ref.get('Kind')}/{ref.get('Vendor')}/{ref.get('OrderId')}"


def _full(order: Order) -> bool:
    return len(order["inquiries"]) >= MAX_INQUIRIES


def _commitment(order: Order) -> tuple[Node, Node, Node]:
    return leaf("CommitId", order["commit"]), leaf("CommittedAt", order["committed_at"]), leaf("SettleBy", order["settle_by"])
