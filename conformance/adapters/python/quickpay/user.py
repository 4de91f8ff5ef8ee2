"""A user of the Wallet who answers its question as was agreed beforehand."""

from __future__ import annotations

import asyncio
from typing import Any

from quickpay.product import Product, Refusal, Stopped

MARGIN_S = 0.3
MAX_STEPS = 100
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
