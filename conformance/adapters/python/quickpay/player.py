"""What every player has: identity, clock, store, directory, parameters, and a sense of being busy."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import os
import sys
import traceback
from dataclasses import dataclass, field as attribute
from typing import Any, Callable, Iterator, NoReturn

from quickpay import documents, rsa, signing, times
from quickpay.attempts import Attempts
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.keys import Key, Keys
from quickpay.store import MemoryStore, Unit
from quickpay.tables import AUTHENTICATED
from quickpay.terms import Terms
from quickpay.xml import Node

#: Defaults of reference/generated/parameters.md that are used here, in seconds (N_…: a number, jitter: percent).
DEFAULTS = {"T_order": 900, "T_endorse": 120, "T_redeliver": 600, "T_register": 86400, "T_settle": 2592000,
            "T_claim": 2592000, "T_hold": 259200, "T_answer": 86400, "T_skew": 300, "T_cm": 2592000, "N_cm": 100, "T_call": 15,
            "T_call_check": 5, "T_ask": 60, "T_receipt": 1, "T_arb": 1209600, "T_broker": 86400, "N_broker": 8, "T_batchmin": 3600, "T_stmt": 259200,
            "T_call_batch": 60, "T_dir": 86400, "T_dir_stale": 604800, "T_session": 600, "T_lock": 86400, "N_tries": 3,
            "T_epoch": 7776000, "T_retain": 34214400, "T_probe": 10,
            "backoff_first": 1, "backoff_cap": 600, "backoff_jitter_percent": 50}
MAX_PLAYERS = 10_000
#: Under what the store has how a player registered by messages (joining.py).
REGISTRATION = "registration"


class Refused(Exception):
    """What a person asked for is not possible now."""


def alarm(text: str) -> None:
    """Calls an operator."""
    print(text, file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """A player as the directory lists it."""

    id: str
    role: str
    name: str
    endpoints: tuple[tuple[str, int], ...]
    bound: tuple[str, ...]
    removed: bool = False
    accepted: bool = True
    keys: tuple[signing.Published, ...] = ()
    ticket: str | None = attribute(default=None, repr=False)
    suspended: bool = False
    terms: Terms = Terms()

    @property
    def state(self) -> str:
        """As an entry says it; who was removed is not suspended as well."""
        return "removed" if self.removed else "suspended" if self.suspended else "live"


class Directory:
    """The other players. Who is not listed does not exist."""

    def __init__(self, listed: list[dict[str, Any]]) -> None:
        self._entries: dict[str, Entry] = {}
        self.replace(listed)

    def replace(self, listed: list[dict[str, Any]]) -> None:
        if len(listed) > MAX_PLAYERS:
            raise ValueError("too many players")
        self._entries = {one["id"]: _entry(one) for one in listed}

    def get(self, player: str, role: str) -> Entry | None:
        """A living player of a role."""
        entry = self.issued(player)
        return entry if entry is not None and entry.role == role and not entry.removed else None

    def living(self, role: str) -> Iterator[Entry]:
        """The players of a role, but those that were removed."""
        return (entry for entry in map(self.issued, self.names()) if entry is not None and entry.role == role and not entry.removed)

    def names(self) -> list[str]:
        """The ids of whoever is or was a player."""
        return list(self._entries)

    def issued(self, player: str) -> Entry | None:
        """Whoever is or was a player."""
        return self._entries.get(player)

    def at_hand(self, player: str) -> bool:
        """Whether it can be said now who that is, or that there is nobody; of a list it always can."""
        return True

    def settled(self, player: str) -> bool:
        """Whether no more will be known of it before long."""
        return True

    def need(self, player: str) -> None:
        """This player itself has to know who that is, now or soon."""

    def doubt(self, player: str) -> None:
        """Somebody of that name did what does not go with its entry."""

    def offer(self, node: Node, vendor: str) -> None:
        """An Entry that came with a link; who has a list needs none."""

    def watch(self, listener: Callable[[str], None]) -> None:
        """Is told of names of which more is known; a list never says more."""

    async def reach(self, player: str) -> tuple[tuple[str, int], ...]:
        """Where it listens, after a while where somebody has to be asked."""
        return self.endpoints(player)

    def endpoints(self, player: str) -> tuple[tuple[str, int], ...]:
        entry = self.issued(player)
        return entry.endpoints if entry is not None else ()


def _entry(one: dict[str, Any]) -> Entry:
    endpoints = tuple((e["address"], int(e["port"])) for e in one.get("endpoints", []) if e.get("port"))
    return Entry(one["id"], one["role"], one.get("name", ""), endpoints, tuple(one.get("bound", [])),
                 bool(one.get("removed", False)), bool(one.get("accepted", True)), signing.published(one.get("keys", [])),
                 (one.get("ticket") or "").lower() or None,
                 one["role"] == "broker" and bool(one.get("suspended", False)), Terms.listed(one))


class Activity:
    """Knows when nothing moves any more: no call is under way but those whose peer keeps silent."""

    ROUNDS = 25
    BUDGET_S, LONGEST_S, SHORTEST_S = 4.0, 2.0, 0.1

    def __init__(self) -> None:
        self._budget = self.BUDGET_S
        self._calls: dict[object, bool] = {}
        self._moved = asyncio.Event()

    def refill(self) -> None:
        """A new command has its own time to wait for silent peers."""
        self._budget = self.BUDGET_S

    def touch(self) -> None:
        self._moved.set()

    def begin(self, call: object) -> None:
        self._calls[call] = False
        self.touch()

    def end(self, call: object) -> None:
        self._calls.pop(call, None)
        self.touch()

    async def quiet(self) -> None:
        """Waits until every ready event is handled and every call has ended or was given a fair time to."""
        calm = 0
        while calm < self.ROUNDS:
            self._moved.clear()
            if all(self._calls.values()):
                await asyncio.sleep(0)
            else:
                await self._movement()
            calm = 0 if self._moved.is_set() else calm + 1

    async def _movement(self) -> None:
        patience = min(self.LONGEST_S, max(self.SHORTEST_S, self._budget / 2))
        try:
            async with asyncio.timeout(patience):
                await self._moved.wait()
        except TimeoutError:
            self._budget -= patience
            self._calls = dict.fromkeys(self._calls, True)


class Player:
    """The parts that the cores are built on."""

    def __init__(self, me: Identity, clock: Clock, store: MemoryStore, settings: dict[str, Any]) -> None:
        self.me = me
        self.clock = clock
        self.store = store
        self.directory = Directory(settings.get("directory", []))
        self.source: str | None = settings.get("source")
        #: Where it listens, once it does.
        self.place: tuple[str, int] | None = None
        self.currencies = frozenset(settings.get("currencies", []))
        self.keys = Keys(me.player, me.host, [*settings.get("keys", []), *(record for _, record in store.under("shared/"))])
        #: What it signs with itself: for what it signed, where its directory has no entry of it.
        self.own_keys: Callable[[], tuple[signing.Published, ...]] = tuple
        self.attempts = Attempts(store)
        self.activity = Activity()
        self._parameters = {**DEFAULTS, **settings.get("parameters", {})}

    def become(self, name: str) -> None:
        """The identifier that the Host has given."""
        self.me = dataclasses.replace(self.me, player=name)
        self.keys.become(name)

    @property
    def member(self) -> bool:
        """Whether it has an identifier, and has not left."""
        return bool(self.me.player) and (self.store.get(REGISTRATION) or {}).get("state") != "GONE"

    def compose(self, message: str, receiver: str, msg_id: str, *fields: documents.Part, named: bool = True) -> bytes:
        """A request of this player, sealed where its profile asks for it and there is a key."""
        now = self.clock.now()
        sealing = self.me.profile == "H" and message in AUTHENTICATED and named
        return documents.request(self.me, message, receiver, msg_id, now, *fields,
                                 key=self.best_key(message, receiver) if sealing else None, named=named)

    def host_key(self) -> rsa.PublicKey | None:
        """The key to which something is sealed for the Host now."""
        entry = self.directory.get(self.me.host, "host")
        return None if entry is None else signing.to_seal(entry.keys, self.clock.now())

    def best_key(self, message: str, receiver: str) -> Key | None:
        """The key under which a request is made now."""
        return self.keys.best(receiver, self._looked_at(message))

    def believed_key(self, message: str, receiver: str, mac: Node | None) -> Key | None:
        """The key under which a request was made, if it still stands for it and for its answer."""
        return self.keys.believed(receiver, mac, self._looked_at(message))

    def _looked_at(self, message: str) -> int:
        """A key that is over still asks for its successor, for T_retain (section 16)."""
        return self.clock.now() - (self.milliseconds("T_retain") if message == "GetPairKey" else 0)

    def keep_shared(self, unit: Unit, peer: str, shared: Node) -> None:
        """Puts a key that the Host gave beside those with this peer; one that had no end gets one as it gets a successor."""
        given = {"peer": peer, "epoch": int(shared.get("Epoch") or 0), "key": shared.get("Key"), "valid_to": shared.get("ValidTo")}
        end = times.to_text(self.clock.now() + self.milliseconds("T_dir"))
        ended = [{"peer": peer, "epoch": key.epoch, "key": key.value.hex(), "valid_to": end}
                 for key in self.keys.endless(peer) if key.epoch < given["epoch"]]
        for one in (given, *ended):
            unit.put(f"shared/{peer}/{one['epoch']}", one)
            unit.then(functools.partial(self.keys.add, one))

    def unbelievable(self, signed: list[signing.Signed]) -> str | None:
        """QP-E-KEY if a key is not good for its signature, then QP-E-SIGNATURE if a signature is not right, else None."""
        keys = [self._key_of(one) for one in signed]
        if None in keys:
            return "QP-E-KEY"
        right = all(signing.right(key, one.purpose, one.node) for key, one in zip(keys, signed) if key is not None)
        return None if right else "QP-E-SIGNATURE"

    def _key_of(self, signed: signing.Signed) -> signing.Published | None:
        """The signer's published key that an element names, if it was good when that was made (within T_skew)."""
        entry, now = self.directory.issued(signed.signer), self.clock.now()
        if entry is None and signed.signer == self.me.player:
            keys = self.own_keys()
        elif entry is None or entry.role != signed.role:
            return None
        else:
            keys = entry.keys
        looked_at = now if signed.seen is None else signed.seen
        return signing.key_of(keys, signed.node, signed.made(now), looked_at, self.milliseconds("T_skew"))

    def parameter(self, name: str) -> int:
        return int(self._parameters[name])

    def milliseconds(self, name: str) -> int:
        return int(self._parameters[name] * 1000)

    def fail(self, error: Exception) -> NoReturn:
        """Stops at once: what is durable is right, what is in memory may not be."""
        traceback.print_exception(error)
        os._exit(70)

    def unit(self) -> Unit:
        return Unit(self.store)
