"""The Host's mail: the machines host.message and host.mailbox (protocol.md section 8). Comments name their rows."""

from __future__ import annotations

from typing import Any, Callable

from quickpay import times, xml
from quickpay.clock import Timer
from quickpay.documents import from_json, to_json
from quickpay.errors import OK
from quickpay.front import Pending
from quickpay.player import Player
from quickpay.store import Unit
from quickpay.tables import COMM
from quickpay.xml import Node, element, leaf

MAX_MAIL = 20_000
#: What an answer keeps free for everything around the messages.
ROOM_BYTES, ROOM_ELEMENTS = 4 * 1024, 64
_CONTENT = ("OrderRef", "Ref", "From", "To", "Text", "Sealed", "ExpiresAt")

Message = dict[str, Any]


class Mail:
    """Keeps messages in the order of their numbers."""

    def __init__(self, player: Player) -> None:
        self._player = player
        self._kept: dict[int, Message] = {}
        self._timers: dict[int, Timer] = {}

    def served(self) -> dict[str, Callable[[Pending], None]]:
        return {"RegisterMessage": self._register, "RetrieveMessages": self._retrieve, "DiscardMessages": self._discard}

    def load(self) -> None:
        for _, message in sorted(self._player.store.under("mail/")):
            self._keep(message)

    def _keep(self, message: Message) -> None:
        number = message["no"]
        self._kept[number] = message
        self._timers[number] = self._player.clock.at(message["until"], lambda: self._over(number))

    def _last(self) -> int:
        return int(self._player.store.get("mails") or 0)

    # RegisterMessage

    def _register(self, pending: Pending) -> None:
        entry = self._player.directory.issued(pending.sender)
        if entry is None or entry.removed:
            pending.refuse("QP-E-GONE")  # M1
        elif sum(one["producer"] == pending.sender for one in self._kept.values()) >= self._player.parameter("N_cm"):
            pending.refuse("QP-E-QUOTA")  # M2
        elif self.full():
            pending.refuse("QP-E-BUSY")
        else:
            unit = self._player.unit()
            pending.answer(unit, OK, leaf("MessageNo", self.post(unit, pending.sender, pending.body)))  # M3 M4
            unit.commit()

    def full(self) -> bool:
        """Whether there is no room for one more message, whoever leaves it."""
        return len(self._kept) >= MAX_MAIL

    def post(self, unit: Unit, producer: str, body: Node) -> int:
        """Keeps a message, in the unit of what it tells; its number. Only one goes into a unit."""
        now, number = self._player.clock.now(), self._last() + 1
        expires = body.get("ExpiresAt")
        until = times.after_last_second(times.to_text(now + self._player.milliseconds("T_cm")))
        if expires is not None:
            until = min(until, times.after_last_second(expires))
        message = {"no": number, "producer": producer, "posted": times.to_text(now), "until": until,
                   "body": to_json(body), "discarded": []}
        unit.put("mails", number)
        unit.put(_key(number), message)
        unit.then(lambda: self._keep(message))
        return number

    def _over(self, number: int) -> None:
        """M5 and M6."""
        unit = self._player.unit()
        self._replace(unit, number, None)
        unit.commit()

    def _replace(self, unit: Unit, number: int, message: Message | None) -> None:
        """What becomes of a message: another record, or none."""
        unit.put(_key(number), message)
        unit.then(lambda: self._forget(number) if message is None else self._kept.update({number: message}))

    def _forget(self, number: int) -> None:
        self._player.clock.cancel(self._timers.pop(number, None))
        self._kept.pop(number, None)

    # RetrieveMessages

    def _retrieve(self, pending: Pending) -> None:
        since = int(pending.body.get("Since") or 0)
        if since > self._last():
            return pending.refuse("QP-E-CURSOR")  # N1
        chosen, more = self._choose(pending, since)
        unit = self._player.unit()
        last = chosen[-1].get("MessageNo") if chosen else None
        pending.answer(unit, OK, *chosen, leaf("Next", last or since), leaf("More", "yes" if more else "no"))  # N2
        unit.commit()

    def _choose(self, pending: Pending, since: int) -> tuple[list[Node], bool]:
        """The messages that go into one answer, and whether some are left."""
        limit, kind = int(pending.body.get("Limit") or 1), pending.body.get("Kind")
        chosen: list[Node] = []
        size, count = ROOM_BYTES, ROOM_ELEMENTS
        for number in sorted(n for n in self._kept if n > since):
            message = self._kept[number]
            body = from_json(message["body"])
            if not self._concerns(pending.sender, body) or (kind is not None and body.get("Kind") != kind):
                continue
            node = _handed_out(message, body, pending.sender)
            size, count = size + len(xml.write(node)), count + _elements(node)
            if len(chosen) == limit or size > COMM.body or count > COMM.elements:
                return chosen, True
            chosen.append(node)
        return chosen, False

    def _concerns(self, reader: str, body: Node) -> bool:
        """Whether a reader, perhaps without a name, gets a message."""
        role = body.get("Audience/Role")
        if not reader:
            return role is not None
        if role is None:
            return reader in _named(body)
        entry = self._player.directory.issued(reader)
        return role == "all" or (entry is not None and entry.role == role)

    # DiscardMessages

    def _discard(self, pending: Pending) -> None:
        """N3, M7 and M8."""
        unit = self._player.unit()
        limit = int(pending.body.get("UpTo") or 0)
        for number, message in [(n, m) for n, m in self._kept.items() if n <= limit]:
            named = _named(from_json(message["body"]))
            if pending.sender not in named or pending.sender in message["discarded"]:
                continue
            left = {**message, "discarded": [*message["discarded"], pending.sender]}
            self._replace(unit, number, None if named <= set(left["discarded"]) else left)
        pending.answer(unit, OK)
        unit.commit()


def _key(number: int) -> str:
    return f"mail/{number:018d}"


def _named(body: Node) -> set[str]:
    """The players that a message names."""
    audience = body.find("Audience")
    return {one.text for one in audience.children if one.name == "Id"} if audience is not None else set()


def _handed_out(message: Message, body: Node, reader: str) -> Node:
    """A message as a reader gets it: no Wallet's name but the reader's own."""
    role = body.get("Audience/Role")
    producer = message["producer"]
    return element(
        "Message", leaf("MessageNo", message["no"]), None if producer.startswith("W") else leaf("Producer", producer),
        body.child("Kind"), element("Audience", leaf("Id", reader) if role is None else leaf("Role", role)),
        *(body.child(name) for name in _CONTENT), leaf("PostedAt", message["posted"]))


def _elements(node: Node) -> int:
    return 1 + sum(_elements(child) for child in node.children)
