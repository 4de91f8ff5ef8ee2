"""The Broker's part in Add Paycard: the machines broker.applicant (rows J…) and broker.paycard (rows K…).

A record of its own for each Wallet that named wrong codes, and for each Paycard. What a session is about is in that of its Paycard.
"""

from __future__ import annotations

import base64
import hmac
import random
import secrets
from typing import Any, Callable

from quickpay import boxes, canonical, documents, signing, times
from quickpay.clock import Timer
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.xml import Node, element, leaf

#: Questions that are asked at a time, and bytes of the longest answer, unless the owner says otherwise.
MOST_ASKED, LONGEST_ANSWER = 10, 256

Record = dict[str, Any]
#: The Paycards that pay, by Wallet and Paycard.
Bindings = dict[tuple[str, str], dict[str, Any]]


class Enrolments:
    """Guards the issue codes, asks the owners of accounts, and gives Paycards their secrets."""

    def __init__(self, player: Player, settings: dict[str, Any], bindings: Bindings) -> None:
        self._player = player
        self._bindings = bindings
        self._files = {(one["product"], one["version"], one["file_hash"]) for one in settings.get("paycard_files", [])}
        self._codes = {one["issue_code"]: one for one in settings.get("enrolments", [])}
        self._timers: dict[tuple[str, str], Timer] = {}

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"ConfirmPaycard": self._confirm, "TakeQuestion": self._ask, "AnswerResponse": self._judge,
                "RemovePaycard": self._remove}

    def load(self) -> None:
        """Takes up timers, and what was bound and removed since the configuration was written."""
        for key, record in [*self._player.store.under("applicant/"), *self._player.store.under("paycard/")]:
            for name, due in record["timers"].items():
                self._arm(key, name, due)
        for key, record in self._player.store.under("paycard/"):
            paycard = key.removeprefix("paycard/")
            if record["bound"]:
                self._bindings[record["wallet"], paycard] = _binding(paycard, record)
            elif record["state"] == "REMOVED":
                self._unbind(paycard)

    def states(self) -> list[dict[str, Any]]:
        """Where each Paycard stands that a session was about."""
        return [{"paycard": key.removeprefix("paycard/"), "state": record["state"], "wallet": record.get("wallet")}
                for key, record in self._player.store.under("paycard/")]

    # the applicant

    def _confirm(self, pending: Pending) -> None:
        inner, key = _inner(pending), "applicant/" + pending.sender
        info = inner.child("WalletInfo")
        assert info is not None
        living = self._player.directory.get(pending.sender, "wallet") is not None
        if info.get("WalletId") != pending.sender or not living:
            return pending.refuse("QP-E-FORBIDDEN")  # J1 J6
        applicant = self._get(key)
        if applicant["state"] == "LOCKED":
            return self._locked(self._player.unit(), pending, applicant)  # J7
        if (inner.get("Product"), inner.get("Version"), inner.get("FileHash")) not in self._files:
            return pending.refuse("QP-E-PAYCARD")  # J2
        enrolment = self._enrolment(inner.get("IssueCode") or "", pending.sender)
        if enrolment is None:
            return self._guessed(pending, key, applicant)
        self._open(pending, enrolment["paycard"], info)  # J3

    def _enrolment(self, code: str, wallet: str) -> dict[str, Any] | None:
        """code_good: given out, not used by another Wallet, and the Paycard not removed."""
        enrolment = self._codes.get(code)
        if enrolment is None:
            return None
        record = self._get("paycard/" + enrolment["paycard"])
        gone = record["state"] == "REMOVED" or record["bound"] and record["wallet"] != wallet
        return None if gone else enrolment

    def _guessed(self, pending: Pending, key: str, applicant: Record) -> None:
        """J4 and J5: a wrong code counts until T_lock after the last."""
        applicant["tries"] += 1
        last = applicant["tries"] >= self._player.parameter("N_tries")
        applicant["state"] = "LOCKED" if last else "SUSPECT"
        unit = self._player.unit()
        self._start(unit, key, applicant, "T_lock")
        unit.put(key, applicant)
        if last:
            return self._locked(unit, pending, applicant)
        pending.answer(unit, "QP-E-PAYCARD")
        unit.commit()

    def _locked(self, unit: Unit, pending: Pending, record: Record) -> None:
        """Says after how many seconds it makes sense to ask again."""
        left = record["timers"]["T_lock"] - self._player.clock.now()
        pending.answer(unit, "QP-E-LOCKED", after=max(1, -(-left // times.SECOND)))
        unit.commit()

    # the Paycard: its sessions

    def _open(self, pending: Pending, paycard: str, info: Node) -> None:
        key = "paycard/" + paycard
        record, encoded = self._get(key), info.get("PubKey")
        unit = self._player.unit()
        if record["state"] == "LOCKED":
            return self._locked(unit, pending, record)  # K3
        if encoded is not None and signing.fit_key(base64.b64decode(encoded)) is None:
            return pending.refuse("QP-E-KEY")  # K1
        inner = _inner(pending)
        record |= {"state": "SESSION", "session": documents.fresh_id(), "opener": pending.sender, "open": {},
                   "info": documents.to_json(info), "reply_key": inner.get("ReplyKey")}
        self._start(unit, key, record, "T_session")
        unit.put(key, record)
        ends = times.to_text(record["timers"]["T_session"])
        self._say(pending, unit, record["reply_key"],
                  leaf("SessionId", record["session"]), leaf("Paycard", paycard), leaf("ExpiresAt", ends),
                  leaf("QuestionsNeeded", _asked(self._of(paycard))))  # K2

    def _of(self, paycard: str) -> dict[str, Any]:
        return next(one for one in self._codes.values() if one["paycard"] == paycard)

    def _named(self, pending: Pending) -> str | None:
        """The Paycard whose last session the request names, and its Sender opened; None after a refusal (J9 J11, K5 K9)."""
        session = _inner(pending).get("SessionId")
        for key, record in self._player.store.under("paycard/"):
            if record.get("session") == session and record.get("opener") == pending.sender:
                if record["state"] == "LOCKED":
                    self._locked(self._player.unit(), pending, record)
                elif record["state"] != "SESSION":
                    break
                else:
                    return key
                return None
        pending.refuse("QP-E-SESSION")
        return None

    def _ask(self, pending: Pending) -> None:
        key = self._named(pending)
        if key is None:
            return
        record, enrolment = self._get(key), self._of(key.removeprefix("paycard/"))
        drawn = random.sample(range(len(enrolment["questions"])), _asked(enrolment))
        numbers = range(record["next"], record["next"] + len(drawn))
        record |= {"next": record["next"] + len(drawn), "open": {str(no): at for no, at in zip(numbers, drawn)}}
        unit = self._player.unit()
        unit.put(key, record)
        posed = [_question(no, enrolment["questions"][at]) for no, at in zip(numbers, drawn)]
        self._say(pending, unit, record["reply_key"], *posed)  # K4

    def _judge(self, pending: Pending) -> None:
        key = self._named(pending)
        if key is None:
            return
        record, enrolment = self._get(key), self._of(key.removeprefix("paycard/"))
        right = _all_right(_inner(pending), record["open"], enrolment["questions"])
        record["open"] = {}
        if right:
            return self._bind(pending, key, record, enrolment)
        record["tries"] += 1
        unit = self._player.unit()
        last = record["tries"] >= self._player.parameter("N_tries")
        if last:
            self._end_session(unit, key, record, "LOCKED")
        self._start(unit, key, record, "T_lock")
        unit.put(key, record)
        if last:
            return self._locked(unit, pending, record)  # K7
        pending.answer(unit, "QP-E-ANSWER")  # K8
        unit.commit()

    def _bind(self, pending: Pending, key: str, record: Record, enrolment: dict[str, Any]) -> None:
        """K6: an older secret is dead from now on."""
        paycard, reply_key = enrolment["paycard"], record["reply_key"]
        record |= {"bound": True, "wallet": pending.sender, "account": enrolment["account"], "tries": 0,
                   "secret": secrets.token_hex(32)}
        unit = self._player.unit()
        self._end_session(unit, key, record, "BOUND")
        self._stop(unit, key, record, "T_lock")
        unit.put(key, record)
        unit.then(lambda: self._bindings.update({(pending.sender, paycard): _binding(paycard, record)}))
        now = times.to_text(self._player.clock.now())
        self._say(pending, unit, reply_key, leaf("Paycard", paycard), leaf("PaycardSecret", record["secret"]),
                  leaf("ActivatedAt", now))

    @staticmethod
    def _say(pending: Pending, unit: Unit, reply_key: str, *fields: Node) -> None:
        """The answer, in its box."""
        inner = element(pending.message + "ResponseInner", leaf("Nonce", _inner(pending).get("Nonce") or ""), *fields)
        pending.answer(unit, OK, lambda outer: boxes.boxed(reply_key, inner, outer))
        unit.commit()

    # the Paycard: its end

    def _remove(self, pending: Pending) -> None:
        paycard = pending.body.get("Paycard") or ""
        binding = self._bindings.get((pending.sender, paycard))
        if binding is None:
            return pending.refuse("QP-E-PAYCARD")  # K15, and what was removed
        right = canonical.removal_token(bytes.fromhex(binding["secret"]), pending.sender, paycard, pending.msg_id)
        if not hmac.compare_digest(right, pending.body.get("PaycardToken") or ""):
            return pending.refuse("QP-E-FORBIDDEN")  # K16
        key = "paycard/" + paycard
        record = self._get(key) | {"bound": False, "open": {}}
        record.pop("secret", None)
        unit = self._player.unit()
        self._end_session(unit, key, record, "REMOVED")
        self._stop(unit, key, record, "T_lock")
        unit.put(key, record)
        pending.answer(unit, OK)
        unit.then(lambda: self._unbind(paycard))
        unit.commit()  # K17

    def _unbind(self, paycard: str) -> None:
        for wallet, name in [one for one in self._bindings if one[1] == paycard]:
            del self._bindings[wallet, name]

    # timers and the store

    def _get(self, key: str) -> Record:
        found = self._player.store.get(key)
        return dict(found) if found is not None else {"state": "OPEN" if key.startswith("applicant/") else "ISSUED", "bound": False,
                                                      "tries": 0, "next": 1, "open": {}, "timers": {}}

    def _end_session(self, unit: Unit, key: str, record: Record, state: str) -> None:
        """Nothing stays of it but its SessionId and its Wallet."""
        record["state"] = state
        record.pop("reply_key", None)
        record.pop("info", None)
        self._stop(unit, key, record, "T_session")

    def _start(self, unit: Unit, key: str, record: Record, name: str) -> None:
        due = self._player.clock.now() + self._player.milliseconds(name)
        record["timers"] = {**record["timers"], name: due}
        unit.then(lambda: self._arm(key, name, due))

    def _stop(self, unit: Unit, key: str, record: Record, name: str) -> None:
        record["timers"] = {other: due for other, due in record["timers"].items() if other != name}
        unit.then(lambda: self._player.clock.cancel(self._timers.pop((key, name), None)))

    def _arm(self, key: str, name: str, due: int) -> None:
        self._player.clock.cancel(self._timers.get((key, name)))
        self._timers[key, name] = self._player.clock.at(due, lambda: self._over(key, name))

    def _over(self, key: str, name: str) -> None:
        record, unit = self._get(key), self._player.unit()
        self._stop(unit, key, record, name)
        free = "OPEN" if key.startswith("applicant/") else "BOUND" if record["bound"] else "ISSUED"
        if name == "T_lock":
            record |= {"tries": 0, "state": record["state"] if record["state"] == "SESSION" else free}  # J12 K12 to K14
        else:
            record["open"] = {}
            self._end_session(unit, key, record, free)  # K10 K11
        unit.put(key, record)
        unit.commit()


def _inner(pending: Pending) -> Node:
    assert pending.inner is not None
    return pending.inner


def _binding(paycard: str, record: Record) -> dict[str, Any]:
    return {"wallet": record["wallet"], "paycard": paycard, "account": record["account"], "secret": record["secret"]}


def _asked(enrolment: dict[str, Any]) -> int:
    return min(int(enrolment.get("asked", MOST_ASKED)), len(enrolment["questions"]))


def _question(no: int, question: dict[str, Any]) -> Node:
    return element("Question", leaf("No", no), leaf("Prompt", question["prompt"]), leaf("Form", question.get("form", "text")),
                   *(leaf("Choice", one) for one in question.get("choices", [])),
                   leaf("MaxLen", question.get("max_len", LONGEST_ANSWER)))


def _all_right(inner: Node, posed: dict[str, int], questions: list[dict[str, Any]]) -> bool:
    """Exactly one answer to each open question, equal byte by byte. All of them are compared."""
    given = [(one.get("No") or "", one.get("Value") or "") for one in inner.children if one.name == "Answer"]
    same = [hmac.compare_digest(value.encode(), questions[posed[no]]["answer"].encode()) for no, value in given if no in posed]
    return bool(posed) and len(same) == len(given) and sorted(no for no, _ in given) == sorted(posed) and all(same)
