"""A directory that begins with the Host's own entry and asks the Host for everybody else (protocol.md section 13).

A look-up never blocks: who is not known yet is not at hand, and the question leaves meanwhile. Nothing is kept of a question but its answer.
"""

from __future__ import annotations

import asyncio
import collections
from dataclasses import dataclass, field as attribute
from typing import Any, Callable

from quickpay import documents, entry, schema, xml
from quickpay.calls import Call, Caller
from quickpay.clock import Timer
from quickpay.documents import Outcome, from_json, to_json
from quickpay.player import Directory, Entry, Player, Refused, alarm
from quickpay.store import Unit
from quickpay.types import is_a
from quickpay.xml import Node, leaf

#: Entries that are kept; questions at a time that this player has itself, and those about names that others told it, also in a minute.
MAX_ENTRIES, MAX_OWN, MAX_OTHERS, MAX_A_MINUTE = 10_000, 32, 16, 120
#: Names that the Host does not know.
MAX_UNKNOWN = 1000
MINUTE_MS = 60_000
#: How long a question is repeated, how long after a failed one every entry that grew old counts, and how long nobody stays unknown.
PATIENCE_MS, AWAY_MS, UNKNOWN_MS = 2 * MINUTE_MS, 10 * MINUTE_MS, MINUTE_MS
PREFIX = "entry/"


@dataclass(slots=True)
class _Kept:
    """An entry, and when it arrived."""

    node: Node
    entry: Entry
    arrived: int


@dataclass(slots=True)
class _Question:
    """Asked until there is an answer, for as long as a question lasts."""

    call: Call
    end: Timer
    own: bool
    #: Whether an attempt got no answer.
    failed: bool = False
    moved: asyncio.Event = attribute(default_factory=asyncio.Event)


def begin(player: Player, caller: Caller, settings: dict[str, Any]) -> None:
    """A player whose owner gave it the Host's entry in place of a list."""
    if settings.get("host_entry") is not None:
        tickets = {one["wallet"]: one["ticket"] for one in settings.get("tickets", [])}
        player.directory = Asking(player, caller, settings["host_entry"], tickets)


class Asking(Directory):
    """Says of a name: who that is, that there is nobody, or that it cannot say now (not at hand)."""

    def __init__(self, player: Player, caller: Caller, host_entry: str, tickets: dict[str, str]) -> None:
        super().__init__([])
        self._player, self._caller, self._tickets = player, caller, tickets
        self._listeners: list[Callable[[str], None]] = [caller.came]
        self._kept: dict[str, _Kept] = {}
        self._open: dict[str, _Question] = {}
        self._unknown: dict[str, int] = {}
        self._away_until = 0
        self._asked: collections.deque[int] = collections.deque()
        #: Whether the active currencies are those of the Host, as the owner has named none.
        self._follows = not player.currencies
        for key, record in player.store.under(PREFIX):
            node = from_json(record["entry"])
            self._keep(key.removeprefix(PREFIX), _Kept(node, entry.player_of(node), record["arrived"]))
        self._package(host_entry)

    def _package(self, text: str) -> None:
        """What the owner put there is believed; its signature shows whether it is whole. A newer one replaces what was learnt."""
        host = self._player.me.host
        try:
            node = entry.read(text)
        except (xml.XmlError, schema.SchemaError) as error:
            raise ValueError(f"no entry of a Host: {error}") from error
        keys, kept = entry.player_of(node).keys, self._kept.get(host)
        if entry.wrong(node, host, keys, None, entry.issued(node), self._player.milliseconds("T_skew")) is not None:
            raise ValueError("not the entry of this Host, as it signed it")
        if kept is None or entry.issued(kept.node) < entry.issued(node):
            unit = self._player.unit()
            self._take(unit, host, node, self._player.clock.now())
            unit.commit()

    # who somebody is

    def replace(self, listed: list[dict[str, Any]]) -> None:
        if listed:
            raise Refused("this player asks its Host")

    def names(self) -> list[str]:
        return list(self._kept)

    def issued(self, player: str) -> Entry | None:
        """None where nobody can say it now, too; then the Host is asked."""
        found = self._usable(player)
        if found is None or player == self._player.me.host:
            self._ask(player, own=player in self._kept)
        return found

    def at_hand(self, player: str) -> bool:
        return self._usable(player) is not None or not self._askable(player)

    def settled(self, player: str) -> bool:
        """Whether waiting makes no sense any more: it is at hand, or the Host did not answer."""
        question = self._open.get(player)
        return self.at_hand(player) or question is None or question.failed

    def need(self, player: str) -> None:
        """This player itself has to know who that is."""
        if not self.at_hand(player) or player == self._player.me.host:
            self._ask(player, own=True)

    def doubt(self, player: str) -> None:
        """What its entry says does not go with what it did: it may have moved, so the Host is asked, but not over and over."""
        kept = self._kept.get(player)
        if kept is not None and self._player.clock.now() - kept.arrived > MINUTE_MS and self._askable(player):
            self._put(player, own=False)

    async def reach(self, player: str) -> tuple[tuple[str, int], ...]:
        """Where it listens; an attempt of a question that is under way is waited for."""
        self.need(player)
        question = self._open.get(player)
        if not self.at_hand(player) and question is not None and question.call.task is not None:
            await question.moved.wait()
        return self.endpoints(player)

    def watch(self, listener: Callable[[str], None]) -> None:
        """Is told whenever more is known of whether a name is at hand."""
        self._listeners.append(listener)

    def offer(self, node: Node, vendor: str) -> None:
        """An Entry that came with a link: as an answer, but as old as it is. One that does not count is left aside."""
        kept, now = self._kept.get(vendor), self._player.clock.now()
        if kept is not None and entry.issued(node) <= entry.issued(kept.node):
            return
        why = self._wrong(node, vendor)
        if why is not None:
            return alarm(f"the entry of {vendor} in a link: {why}")
        unit = self._player.unit()
        self._take(unit, vendor, node, min(entry.issued(node), now))
        unit.commit()
        if self._usable(vendor) is not None:
            self._close(vendor)

    # what is known

    def _usable(self, name: str) -> Entry | None:
        """The entry, if it may be used now. The Host itself is asked where it was, however long ago."""
        kept = self._kept.get(name)
        if kept is None or name == self._player.me.host:
            return None if kept is None else kept.entry
        age = self._player.clock.now() - kept.arrived
        if age > min(self._longest(), entry.lasts(kept.node)):
            return None
        return kept.entry if age <= self._player.milliseconds("T_dir") or self._makes_do(name) else None

    def _longest(self) -> int:
        return self._player.milliseconds("T_dir") + self._player.milliseconds("T_dir_stale")

    def _makes_do(self, name: str) -> bool:
        """Whether the Host was asked for a newer one, and did not answer; a refusal takes nothing away."""
        question, now = self._open.get(name), self._player.clock.now()
        return question is not None and question.failed or now < self._away_until or now < self._unknown.get(name, 0)

    def _nobody(self, name: str) -> str | None:
        """Why the Host need not be asked for a name of which nothing is known, or None."""
        role = entry.ROLES.get(name[:1])
        if not is_a("RoleId", name) or name == self._player.me.player:
            return "no name of another"
        if role == "host" and name != self._player.me.host:
            return "another Host"
        return "no ticket" if role == "wallet" and name not in self._tickets else None

    def _askable(self, name: str) -> bool:
        return self._nobody(name) is None and self._player.clock.now() >= self._unknown.get(name, 0)

    # questions

    def _ask(self, name: str, own: bool) -> None:
        """Of the Host a newer entry is wanted once the one that is there has grown old; it is never waited for."""
        kept, now = self._kept.get(name), self._player.clock.now()
        fresh = kept is not None and now - kept.arrived <= self._player.milliseconds("T_dir")
        if name == self._player.me.host and (fresh or now < self._away_until):
            return
        if self._askable(name):
            self._put(name, own)

    def _put(self, name: str, own: bool) -> None:
        if name in self._open:
            self._open[name].own |= own
        elif self._admitted(own):
            self._send(name, own)

    def _admitted(self, own: bool) -> bool:
        """How many questions there may be: those for names that others told take no place from this player's own."""
        if own:
            return sum(one.own for one in self._open.values()) < MAX_OWN
        now = self._player.clock.now()
        while self._asked and self._asked[0] <= now - MINUTE_MS:
            self._asked.popleft()
        if len(self._asked) >= MAX_A_MINUTE or sum(not one.own for one in self._open.values()) >= MAX_OTHERS:
            return False
        self._asked.append(now)
        return True

    def _send(self, name: str, own: bool) -> None:
        """Nobody says who asks."""
        player, msg_id, ticket = self._player, documents.fresh_id(), self._tickets.get(name)
        document = player.compose("LookupPlayer", player.me.host, msg_id, leaf("Role", entry.ROLES[name[0]]), leaf("Id", name),
                                  None if ticket is None else leaf("Ticket", ticket), named=False).decode("utf-8")
        call = Call("LookupPlayer", player.me.host, msg_id, document, lambda call, outcome: self._answered(name, call, outcome),
                    lambda: player.milliseconds("T_call"))
        call.named = False
        end = player.clock.after(PATIENCE_MS, lambda: self._close(name))
        self._open[name] = _Question(call, end, own)
        self._caller.start(call)

    def _answered(self, name: str, call: Call, outcome: Outcome) -> None:
        if outcome.kind in ("no", "new"):
            return self._refused(name)
        node = outcome.find("Entry") if outcome.kind == "ok" else None
        why = None if node is None else self._wrong(node, name)
        if node is None or why is not None:
            if why is not None:
                alarm(f"the entry of {name} from {call.receiver}: {why}")
            return self._failed(name, call, outcome, why)
        unit = self._player.unit()
        self._take(unit, name, node, self._player.clock.now())
        unit.commit()
        self._away_until = 0
        self._close(name)

    def _failed(self, name: str, call: Call, outcome: Outcome, why: str | None) -> None:
        """The Host is away, or what it says cannot be believed; it may have a key that this player has missed."""
        question = self._open[name]
        question.failed = True
        self._away_until = self._player.clock.now() + AWAY_MS
        self._caller.retry(call, int(outcome.get("Status/After") or 0))
        if why == "not-signed" and name != self._player.me.host:
            self._put(self._player.me.host, own=True)
        self._tell(name, question)

    def _refused(self, name: str) -> None:
        """Nobody signs a refusal: it takes away nothing that is there, and counts for a while where nothing is."""
        self._unknown.pop(name, None)
        if len(self._unknown) >= MAX_UNKNOWN:
            del self._unknown[next(iter(self._unknown))]
        self._unknown[name] = self._player.clock.now() + UNKNOWN_MS
        self._away_until = 0
        self._close(name)

    def _wrong(self, node: Node, name: str) -> str | None:
        host, kept = self._kept[self._player.me.host], self._kept.get(name)
        return entry.wrong(node, name, host.entry.keys, None if kept is None else kept.node, self._player.clock.now(),
                           self._player.milliseconds("T_skew"))

    def _take(self, unit: Unit, name: str, node: Node, arrived: int) -> None:
        """Beyond the limit the one that came first is forgotten; the Host never."""
        if name not in self._kept and len(self._kept) >= MAX_ENTRIES:
            oldest = min((one for one in self._kept if one != self._player.me.host), key=lambda one: self._kept[one].arrived)
            unit.put(PREFIX + oldest, None)
            unit.then(lambda: self._kept.pop(oldest))
        unit.put(PREFIX + name, {"entry": to_json(node), "arrived": arrived})
        kept = _Kept(node, entry.player_of(node), arrived)
        unit.then(lambda: self._keep(name, kept))

    def _keep(self, name: str, kept: _Kept) -> None:
        self._kept[name] = kept
        if name == self._player.me.host and self._follows:
            self._player.currencies = frozenset(entry.currencies(kept.node))

    def _close(self, name: str) -> None:
        """The question is over, with an answer or without."""
        question = self._open.pop(name, None)
        if question is not None:
            self._player.clock.cancel(question.end)
            self._caller.drop(question.call)
        self._tell(name, question)

    def _tell(self, name: str, question: _Question | None) -> None:
        if question is not None:
            question.moved.set()
            question.moved = asyncio.Event()
        for listener in self._listeners:
            listener(name)
