"""Requests that are sent until they have an answer, and the outbox of notices (protocol.md sections 2.8 and 7)."""

from __future__ import annotations

import asyncio
import random
import sys
from dataclasses import dataclass, field
from typing import Any, Callable

from quickpay import documents, schema, times, xml
from quickpay.client import get, post
from quickpay.clock import Timer
from quickpay.documents import FAIL, Outcome
from quickpay.errors import STALE
from quickpay.http import HttpError
from quickpay.keys import Key
from quickpay.player import Player, alarm
from quickpay.store import Unit
from quickpay.tables import AUTHENTICATED, PATH_OF, family_of

MAX_NOTICES = 20_000
MAX_AFTER_S = 600


@dataclass(eq=False, slots=True)
class Call:
    """One request on its way: the same bytes and the same MsgId in every attempt."""

    message: str
    receiver: str
    msg_id: str
    document: str
    done: Callable[["Call", Outcome], None]
    limit: Callable[[], int]
    attempts: int = 0
    dropped: bool = False
    task: "asyncio.Task[None] | None" = None
    scope: asyncio.Timeout | None = None
    alarm: Timer | None = None
    pause: Timer | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    #: Puts the request as it is written now into a unit; for requests that may have to be written anew.
    keep: Callable[[Unit, "Call"], None] | None = None
    #: Writes the request under a MsgId, if that can be done now; where the Body depends on the Head.
    compose: Callable[["Call", str], bytes | None] | None = None
    anew: bool = False
    #: Whether it can never be written anew, since what is sealed belongs to its Head: grown old it is refused (section 9).
    fixed: bool = False
    #: The code that stands for an answer if the request may not leave after all, once there is a place for it; looked at once.
    barred: Callable[[], str | None] | None = None
    #: Whether the request says who sends it.
    named: bool = True

    def saved(self) -> dict[str, str]:
        return {"message": self.message, "receiver": self.receiver, "msg_id": self.msg_id, "document": self.document}


class Caller:
    """Makes attempts and pauses between them."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._tasks: set[asyncio.Task[None]] = set()
        #: Calls that know no place of their receiver, by its name.
        self._lost: dict[str, set[Call]] = {}

    def start(self, call: Call) -> None:
        """Begins an attempt now."""
        self._player.clock.cancel(call.pause)
        call.pause = None
        self._lost.get(call.receiver, set()).discard(call)
        if not call.fixed and (call.anew or self._worn(call)):
            self._rewrite(call)
        call.task = asyncio.ensure_future(self._attempt(call))
        self._player.activity.begin(call.task)
        self._tasks.add(call.task)
        call.task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        self._player.activity.end(task)

    def retry(self, call: Call, after_s: int = 0) -> None:
        """Another attempt after the pause that its number calls for."""
        pause = max(self.backoff(call.attempts), min(after_s, MAX_AFTER_S) * 1000)
        call.pause = self._player.clock.after(pause, lambda: self.start(call))

    def came(self, receiver: str) -> None:
        """More is known of a receiver: who waits because it had no place for it tries again at once."""
        if receiver in self._lost and self._player.directory.endpoints(receiver):
            for call in self._lost.pop(receiver):
                if call.pause is not None and not call.dropped:
                    self.start(call)

    def hurry(self, call: Call) -> None:
        """An attempt at once; one that is under way already ends when an attempt from now would."""
        if call.task is None:
            self.start(call)
        elif call.alarm is not None:
            due = min(call.alarm.due, self._player.clock.now() + call.limit())
            self._player.clock.cancel(call.alarm)
            self._alarm(call, due)

    def drop(self, call: Call | None) -> None:
        if call is None:
            return
        call.dropped = True
        self._player.clock.cancel(call.pause)
        self._lost.get(call.receiver, set()).discard(call)
        if call.task is not None:
            call.task.cancel()

    def backoff(self, attempts: int) -> int:
        """Milliseconds before the attempt after so many: 1 s, doubling, at most 10 min, varied at random."""
        first, cap = self._player.milliseconds("backoff_first"), self._player.milliseconds("backoff_cap")
        plain = min(cap, first << min(max(attempts - 1, 0), 32))
        jitter = self._player.parameter("backoff_jitter_percent") / 100
        return int(plain * random.uniform(1 - jitter, 1 + jitter))

    async def stop(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _attempt(self, call: Call) -> None:
        call.attempts += 1
        outcome = await self._bounded(call)
        call.task = None
        try:
            self._player.clock.run_due()
            if outcome.kind == "stale" and not call.dropped:
                self._stale(call)
            elif not call.dropped:
                call.done(call, outcome)
        except Exception as error:
            self._player.fail(error)

    def _seal(self, call: Call) -> tuple[bool, Key | None]:
        """Whether the request has to be sealed, and the key under which it is, if that is good still."""
        if call.message not in AUTHENTICATED or self._player.me.profile != "H":
            return False, None
        request = xml.read(call.document.encode("utf-8"), family_of(PATH_OF[call.message]))
        due = schema.auth_due(request, call.message)
        return due, self._player.believed_key(call.message, call.receiver, request.find("Auth/Mac"))

    def _worn(self, call: Call) -> bool:
        """Whether nobody can believe the request any more, since the epoch of its key is over."""
        due, key = self._seal(call)
        return due and key is None

    def _stale(self, call: Call) -> None:
        """What has grown old is written anew at once. What was young shows two clocks that differ: that can wait."""
        sent = xml.read(call.document.encode("utf-8"), family_of(PATH_OF[call.message])).get("Head/SentAt") or ""
        call.anew, old = True, self._player.clock.now() - times.from_text(sent) > self._player.milliseconds("T_skew")
        if not old:
            alarm(f"{call.message} to {call.receiver}: its clock and this one differ")
        if call.fixed:
            call.done(call, Outcome("new", STALE))
        elif old:
            self.start(call)
        else:
            self.retry(call)

    def _rewrite(self, call: Call) -> None:
        """The same Body, or the same inside, under a fresh MsgId; kept before it is sent."""
        if call.keep is None:
            return
        msg_id = documents.fresh_id()
        document = (call.compose or self._same_body)(call, msg_id)
        if document is None:
            return
        call.anew, call.msg_id, call.document = False, msg_id, document.decode("utf-8")
        unit = self._player.unit()
        call.keep(unit, call)
        unit.commit()

    def _same_body(self, call: Call, msg_id: str) -> bytes:
        old = xml.read(call.document.encode("utf-8"), family_of(PATH_OF[call.message]))
        key = self._player.best_key(call.message, call.receiver)
        return documents.renewed(call.message, old, msg_id, self._player.clock.now(), key)

    def _alarm(self, call: Call, due: int) -> None:
        scope = call.scope
        assert scope is not None
        call.alarm = self._player.clock.at(due, lambda: scope.reschedule(0))

    async def _bounded(self, call: Call) -> Outcome:
        """One attempt within its time limit."""
        try:
            async with asyncio.timeout(None) as call.scope:
                self._alarm(call, self._player.clock.now() + call.limit())
                try:
                    return await self._ask(call)
                finally:
                    self._player.clock.cancel(call.alarm)
                    call.alarm = None
        except (OSError, HttpError, TimeoutError):
            return FAIL
        except Exception as error:
            print(f"{call.message}: {error!r}", file=sys.stderr, flush=True)
            return FAIL

    async def _ask(self, call: Call) -> Outcome:
        player = self._player
        if call.message == "fetch":
            call.extra["goods"] = await get(*call.extra["place"], player.source, call.extra["target"],
                                            {"QuickPay-Ticket": call.extra["ticket"]})
            return Outcome("ok")
        endpoints = call.extra.get("places") or await player.directory.reach(call.receiver)
        if not endpoints:
            self._lost.setdefault(call.receiver, set()).add(call)
            return FAIL
        barred, call.barred = call.barred, None
        code = None if barred is None else barred()
        if code is not None:
            return Outcome("no", code)
        address, port = endpoints[(call.attempts - 1) % len(endpoints)]
        due, key = self._seal(call)
        if due and key is None:
            return Outcome("new", STALE) if call.fixed else FAIL
        answer = await post(address, port, player.source, PATH_OF[call.message], call.document.encode("utf-8"))
        return documents.judge(player.me, call.message, call.receiver, call.msg_id, answer, key, call.named)


class Outbox:
    """Notices to the Host: stored with what they report, repeated until a final answer or until their time is over."""

    def __init__(self, player: Player, caller: Caller, final: Callable[[Unit, str, Outcome], None]) -> None:
        """final adds to the unit in which a notice ends what follows from that for its order."""
        self._player = player
        self._caller = caller
        self._final = final
        self._open: dict[str, Call] = {}

    def load(self) -> None:
        for key, record in self._player.store.under("notice/"):
            self._go(key, record)

    def add(self, unit: Unit, order: str, message: str, *fields: documents.Part, lasts: str = "T_settle",
            receiver: str | None = None) -> None:
        """Puts a notice into the unit of the change that it reports; lasts: the parameter that says for how long it is repeated.
        It goes to the Host unless there is another receiver."""
        player = self._player
        if len(self._open) >= MAX_NOTICES:
            raise RuntimeError("too many notices")
        msg_id = documents.fresh_id()
        document = player.compose(message, receiver or player.me.host, msg_id, *fields)
        record = {"order": order, "message": message, "msg_id": msg_id, "document": document.decode("utf-8"),
                  "receiver": receiver or player.me.host, "until": player.clock.now() + player.milliseconds(lasts)}
        unit.put("notice/" + msg_id, record)
        unit.then(lambda: self._go("notice/" + msg_id, record))

    def waiting(self, order: str) -> bool:
        """Whether a notice of this order still waits for a final answer."""
        return any(call.extra["order"] == order for call in self._open.values())

    def clear(self, unit: Unit, order: str) -> None:
        for key, call in list(self._open.items()):
            if call.extra["order"] == order:
                self._forget(unit, key)

    def _go(self, key: str, record: dict[str, Any]) -> None:
        call = Call(record["message"], record["receiver"], record["msg_id"], record["document"], self._done,
                    lambda: self._player.milliseconds("T_call"))
        end = self._player.clock.at(record["until"], lambda: self._over(key))
        call.extra = {"order": record["order"], "key": key, "end": end}
        call.keep = lambda unit, now: unit.put(key, {**record, "msg_id": now.msg_id, "document": now.document})
        self._open[key] = call
        self._caller.start(call)

    def _forget(self, unit: Unit, key: str) -> None:
        unit.put(key, None)
        call = self._open.pop(key)
        self._player.clock.cancel(call.extra["end"])
        self._caller.drop(call)

    def _over(self, key: str) -> None:
        """The time of the notice is over: nobody is told any more."""
        unit = self._player.unit()
        self._forget(unit, key)
        unit.commit()

    def _done(self, call: Call, outcome: Outcome) -> None:
        if outcome.kind in ("same", "fail"):
            return self._caller.retry(call, int(outcome.get("Status/After") or 0))
        unit = self._player.unit()
        self._forget(unit, call.extra["key"])
        self._final(unit, call.extra["order"], outcome)
        unit.commit()
