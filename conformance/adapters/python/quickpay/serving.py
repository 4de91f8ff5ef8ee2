"""What the adapters of the three servers have in common: commands of the runner, in terms of the product."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Callable

from quickpay.product import Product, Refusal
from quickpay.qpap import serve
from quickpay.user import attempt, see_through

#: Operations of a role: the console's command and its arguments.
Operations = dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]]
#: Why the product refuses a command, where there is but one reason.
_REASONS = dict.fromkeys(("run-batches", "withdraw", "revoke", "contest"), "out-of-state")


class Adapter:
    """The sessions of one adapter process."""

    def __init__(self, hello: dict[str, Any], operations: Operations, attempts: Operations | None = None,
                 more: dict[str, Any] | None = None) -> None:
        """attempts: the operations that are begun and then waited for; more: settings of every product."""
        self._more = more or {}
        self._hello, self._operations, self._attempts = hello, operations, attempts or {}
        self._sessions: dict[str, Product] = {}

    def run(self) -> None:
        serve(self._obey, self._end)

    async def _end(self) -> None:
        for product in self._sessions.values():
            await product.remove()

    async def _obey(self, line: dict[str, Any]) -> dict[str, Any]:
        match line["cmd"]:
            case "hello":
                return self._hello
            case "setup":
                return await self._setup(line)
            case "teardown":
                await self._sessions.pop(line["session"]).remove()
                return {}
            case "bye":
                return {}
        return await self._command(self._sessions[line["session"]], line)

    async def _setup(self, line: dict[str, Any]) -> dict[str, Any]:
        now = int(datetime.fromisoformat(line["now"]).timestamp() * 1000)
        self._sessions[line["session"]] = product = Product({**line, **line["fixtures"], **self._more, "now": now})
        return {"ready": True, "listen": await product.start()}

    async def _command(self, product: Product, line: dict[str, Any]) -> dict[str, Any]:
        match line["cmd"]:
            case "directory":
                await product.directory(line["directory"])
                return {"ready": True}
            case "do":
                return await self._do(product, line)
            case "await" if self._attempts:
                return await see_through(product, line["ref"], line["deadline_ms"])
            case "observe":
                return await self._observe(product, line["what"])
            case "fence":
                await product.call("settle")
                return {"done": True}
            case "clock":
                moved = await product.advance(line["advance_ms"])
                return {"now": moved["now_text"], "next_due_ms": moved["next_due_ms"]}
            case "restart":
                return {"ready": True, "listen": await product.restart(line["hard"])}
        return {"unsupported": "no such command"}

    async def _do(self, product: Product, line: dict[str, Any]) -> dict[str, Any]:
        if line["op"] in self._attempts:
            return await attempt(product, *self._attempts[line["op"]](line["args"]), line["deadline_ms"])
        operation = self._operations.get(line["op"])
        if operation is None:
            return {"unsupported": "this player has no such operation"}
        name, arguments = operation(line["args"])
        try:
            details = await product.call(name, **arguments)
        except Refusal:
            return {"outcome": "rejected", "reason": _REASONS.get(name, "unspecified")}
        return {"outcome": "accepted", **({"details": details} if isinstance(details, dict) else {})}

    async def _observe(self, product: Product, what: str) -> dict[str, Any]:
        if what in self._hello["observes"]:
            return {"value": await product.call(what)}
        return {"unverifiable": "this player does not know that"}
