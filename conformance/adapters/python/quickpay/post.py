"""A player's end of communication (protocol.md section 8): leaving messages at the Host and fetching them.

What comes is a hint: it is shown, and nothing here acts on it."""

from __future__ import annotations

import asyncio
from typing import Any

from quickpay import documents
from quickpay.calls import Call, Caller
from quickpay.documents import Outcome
from quickpay.player import Player, Refused
from quickpay.xml import Node, element, leaf

#: How long a person waits for the Host, by the product's clock; then the request is given up.
PATIENCE_S = 60
MAX_WAITING = 64
LIMIT = 100
_CONTENT = ("Ref", "From", "To", "Text", "ExpiresAt")


class Post:
    """Requests of a person to the Host; none is repeated after a restart, since nothing depends on one."""

    def __init__(self, player: Player, caller: Caller) -> None:
        self._player = player
        self._caller = caller
        self._waiting = 0

    async def leave(self, kind: str, audience: str | list[str], content: dict[str, str]) -> int:
        """Leaves a message to a role, or to players by id; its number."""
        named = [leaf("Role", audience)] if isinstance(audience, str) else [leaf("Id", one) for one in audience]
        outcome = await self._ask("RegisterMessage", True, leaf("Kind", kind), element("Audience", *named),
                                  *(leaf(name, content[name]) for name in _CONTENT if name in content))
        return int(outcome.get("MessageNo") or 0)

    async def fetch(self, named: bool = True) -> list[dict[str, Any]]:
        """The messages since the last time; without its name a player gets those to roles only, from the first on."""
        cursor = str(self._player.store.get("mail-cursor") or 0) if named else "0"
        found: list[dict[str, Any]] = []
        while True:
            outcome = await self._since(cursor, named)
            found.extend(_shown(one) for one in outcome.document.children[1].children  # type: ignore[union-attr]
                         if one.name == "Message")
            cursor = outcome.get("Next") or cursor
            if named:
                self._keep(cursor)
            if outcome.get("More") != "yes":
                return found

    async def discard(self, up_to: int) -> None:
        """Tells the Host that messages to this player are needed no longer."""
        await self._ask("DiscardMessages", True, leaf("UpTo", up_to))

    async def _since(self, cursor: str, named: bool) -> Outcome:
        """A cursor that the Host does not know begins again at 0."""
        try:
            return await self._ask("RetrieveMessages", named, leaf("Since", cursor), leaf("Limit", LIMIT))
        except Refused as refusal:
            if str(refusal) != "QP-E-CURSOR" or cursor == "0":
                raise
            return await self._since("0", named)

    def _keep(self, cursor: str) -> None:
        unit = self._player.unit()
        unit.put("mail-cursor", int(cursor))
        unit.commit()

    async def _ask(self, message: str, named: bool, *fields: Node) -> Outcome:
        """The answer of class ok; Refused with the code of another, or when the Host does not answer in time."""
        if named and not self._player.me.player:
            raise Refused("out-of-state")
        if self._waiting >= MAX_WAITING:
            raise Refused("too many requests wait for the Host")
        player = self._player
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        msg_id = documents.fresh_id()
        document = player.compose(message, player.me.host, msg_id, *fields, named=named).decode("utf-8")
        call = Call(message, player.me.host, msg_id, document, lambda _, outcome: self._answered(call, answer, outcome),
                    lambda: player.milliseconds("T_call"))
        call.keep = lambda unit, now: None
        call.named = named
        end = player.clock.after(PATIENCE_S * 1000, lambda: answer.done() or answer.set_result(documents.FAIL))
        self._caller.start(call)
        self._waiting += 1
        try:
            outcome = await answer
        finally:
            self._waiting -= 1
            player.clock.cancel(end)
            self._caller.drop(call)
        if outcome.kind != "ok":
            raise Refused(outcome.code or "the Host does not answer")
        return outcome

    def _answered(self, call: Call, answer: "asyncio.Future[Outcome]", outcome: Outcome) -> None:
        if outcome.kind in ("same", "fail"):
            self._caller.retry(call, int(outcome.get("Status/After") or 0))
        elif not answer.done():
            answer.set_result(outcome)


def _shown(message: Node) -> dict[str, Any]:
    """A message for people: its leaves by name, and whom it is for."""
    shown: dict[str, Any] = {one.name: one.text for one in message.children if not one.children}
    audience = message.find("Audience")
    assert audience is not None
    return {**shown, "Audience": audience.children[0].text}
