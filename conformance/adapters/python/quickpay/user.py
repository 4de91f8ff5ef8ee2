"""A user of the Wallet who answers its question as was agreed beforehand, and an owner who waits for what he began."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

from quickpay.product import Product, Refusal, Stopped
from quickpay.reasons import reason

MARGIN_S = 0.3
MAX_STEPS = 100
#: Operations that are attempts: they are begun, and waited for.
Attempts = dict[str, Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]]
KEYS: Attempts = {
    "publish-key": lambda args: ("publish-key", {"key_id": args["key_id"]}),
    "withdraw-key": lambda args: ("withdraw-key", {"key_id": args["key_id"], "reason": args["reason"]}),
    "renew-key": lambda args: ("renew-key", {"peer": args.get("peer")})}
#: How each role registers, and says what changed.
VENDOR: Attempts = {"register": lambda args: ("register", {"name": args.get("name")}),
                    "rename": lambda args: ("rename", {"name": args["name"]}), "leave": lambda args: ("leave", {})}
BROKER: Attempts = {"register": lambda args: ("register", {"code": args["code"], "name": args["name"]}),
                    "rename": lambda args: ("rename", {"name": args["name"]})}
WALLET: Attempts = {"register": lambda args: ("register", {}), "leave": lambda args: ("leave", {}),
                    "rebind": lambda args: ("rebind", {"bound": args.get("net", []), "new_ticket": bool(args.get("new_ticket"))})}
OTHER_DIGEST = "0" * 64


async def shop(wallet: Product, ref: str, confirm: str, milliseconds: int) -> tuple[str, dict[str, Any]]:
    """Sees a purchase through; how it ended (``pending`` when time is nearly over) and what the Wallet shows."""
    loop = asyncio.get_running_loop()
    late = loop.time() + milliseconds / 1000 - MARGIN_S
    shown: dict[str, Any] = {}
    try:
        for _ in range(MAX_STEPS):
            left = max(0, int((late - loop.time()) * 1000))
            shown = await wallet.call("wait", ref=ref, milliseconds=left)
            if shown["state"] != "OFFERED" or shown["told"]:
                break
            if confirm == "no":
                await wallet.call("decline", ref=ref)
            else:
                await wallet.call("confirm", ref=ref, digest=shown["digest"] if confirm == "yes" else OTHER_DIGEST)
    except Stopped:
        return "pending", shown
    if shown["state"] in ("RECEIVED", "ACCEPTED", "DONE"):
        return "accepted", shown
    return "rejected" if shown["ended"] or shown["told"] else "pending", shown


async def attempt(product: Product, command: str, arguments: dict[str, Any], milliseconds: int) -> dict[str, Any]:
    """Begins an attempt and waits for its end, in the words of the adapter protocol."""
    try:
        ref = await product.call(command, **arguments)
    except Refusal as refusal:
        return {"outcome": "rejected", "reason": reason(str(refusal))}
    return await see_through(product, ref, milliseconds)


async def see_through(product: Product, ref: str, milliseconds: int) -> dict[str, Any]:
    try:
        shown = await product.call("wait-attempt", ref=ref, milliseconds=max(0, milliseconds - int(MARGIN_S * 1000)))
    except Stopped:
        shown = {"told": None}
    if shown["told"] is None:
        return {"outcome": "pending", "ref": ref}
    return {"outcome": "accepted", "ref": ref} if shown["why"] is None else {"outcome": "rejected", "ref": ref, "reason": shown["why"]}


async def enrol(wallet: Product, ref: str, wish: dict[str, Any], milliseconds: int) -> tuple[str, dict[str, Any]]:
    """Answers the questions before a Paycard is added; how it ended (``pending`` as above) and what the Wallet shows."""
    loop = asyncio.get_running_loop()
    late = loop.time() + milliseconds / 1000 - MARGIN_S
    known = {one["prompt"]: one["value"] for one in wish.get("answers", [])}
    shown: dict[str, Any] = {}
    try:
        for _ in range(MAX_STEPS):
            left = max(0, int((late - loop.time()) * 1000))
            shown = await wallet.call("wait-paycard", ref=ref, milliseconds=left)
            if shown["state"] != "QUESTIONED":
                break
            said = [{"no": one["no"], "value": known[one["prompt"]]} for one in shown["questions"] if one["prompt"] in known]
            try:
                if wish.get("confirm") == "no":
                    raise Refusal("declined")
                await wallet.call("answer-questions", ref=ref, answers=said)
            except Refusal:  # who does not know what to say gives up
                await wallet.call("cancel-paycard", ref=ref)
    except Stopped:
        return "pending", shown
    ends = {"READY": "accepted", "ABSENT": "rejected"}
    return ends.get(shown["state"], "pending"), shown
