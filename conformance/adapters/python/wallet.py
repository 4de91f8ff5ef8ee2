#!/usr/bin/env python3
"""The adapter of the Python Wallet: QPAP/1 on stdin and stdout, the product in a process of its own."""
import asyncio
from datetime import datetime

from quickpay.product import Product, Refusal
from quickpay.qpap import serve
from quickpay.reasons import reason
from quickpay.user import KEYS, WALLET, attempt, enrol, see_through, shop

HELLO = {"impl": {"name": "QuickPay Python Wallet", "version": "1.0"}, "roles": ["wallet"], "profiles": ["F", "H"],
         "protocols": ["micropayment", "regular", "paycard", "registration", "keys"], "clock": "virtual", "fence": True, "max_sessions": 1,
         "observes": ["orders", "goods", "state"], "features": {"links": True, "look-ups": True, "stapled-entries": True}}
KINDS = {"pay-micro": "micro", "pay-regular": "regular"}
#: What distinguishes attempts with keys, and to register, from purchases.
ATTEMPT = "attempt "
LONG_MS = 60_000
ATTEMPTS = {**KEYS, **WALLET}
sessions, wishes, additions, tasks = {}, {}, {}, set()


async def follow(product, line, ref):
    outcome, shown = await shop(product, ref, wishes[line["session"], ref], line["deadline_ms"])
    details = {key: shown[key] for key in ("order", "state", "goods") if shown.get(key)}
    reply = {"outcome": outcome, "ref": ref, "details": details}
    return {**reply, "reason": reason(shown["why"])} if outcome == "rejected" else reply


async def follow_addition(product, line, ref):
    outcome, shown = await enrol(product, ref, additions[line["session"], ref], line["deadline_ms"])
    if outcome != "pending":
        additions[line["session"], ref]["ended"] = True
    reply = {"outcome": outcome, "ref": ref}
    return {**reply, "reason": reason(shown["code"] or shown["told"])} if outcome == "rejected" else reply


def go_on(session):
    """The user is still there after a restart, with the same answers."""
    for (of, ref), wish in additions.items():
        if of == session and "ended" not in wish:
            task = asyncio.ensure_future(enrol(sessions[session], ref, wish, LONG_MS))
            tasks.add(task)
            task.add_done_callback(tasks.discard)


async def opened(product, op, args):
    """Of a link `pay-micro` takes either kind of order, as the link has it; `pay-regular` ends with a receipt, and takes only its own."""
    if "link" in args:
        return await product.call("open-document", link=args["link"], kind=None if op == "pay-micro" else KINDS[op])
    return await product.call("open-link", vendor=args["vendor"], item=args["item"], kind=KINDS[op])


async def operate(product, line, op, args):
    if op in ATTEMPTS:
        reply = await attempt(product, *ATTEMPTS[op](args), line["deadline_ms"])
        return {**reply, "ref": ATTEMPT + reply["ref"]} if "ref" in reply else reply
    try:
        if op == "activate-paycard":
            await product.call("activate", paycard=args["paycard"])
            return {"outcome": "accepted"}
        if op == "remove-paycard":
            await product.call("remove-paycard", paycard=args["paycard"])
            return {"outcome": "accepted"}
        if op == "add-paycard":
            ref = await product.call("add-paycard", product=args["product"], issue_code=args["issue_code"])
            additions[line["session"], ref] = dict(args)
            return await follow_addition(product, line, ref)
        if op in KINDS:
            ref = await opened(product, op, args)
            wishes[line["session"], ref] = args["confirm"]
        else:
            await product.call("try-again", ref=(ref := args["ref"]))
    except Refusal as refusal:
        return {"outcome": "rejected", "reason": reason(str(refusal))}
    return await follow(product, line, ref)


async def obey(line):
    command, session = line["cmd"], line.get("session")
    match command:
        case "hello":
            return HELLO
        case "setup":
            now = int(datetime.fromisoformat(line["now"]).timestamp() * 1000)
            sessions[session] = Product({**line, **line["fixtures"], "now": now})
            return {"ready": bool(await sessions[session].start())}
        case "directory":
            return {"ready": await sessions[session].directory(line["directory"]) is None}
        case "do":
            return await operate(sessions[session], line, line["op"], line["args"])
        case "await":
            if line["ref"].startswith(ATTEMPT):
                reply = await see_through(sessions[session], line["ref"].removeprefix(ATTEMPT), line["deadline_ms"])
                return {**reply, "ref": line["ref"]}
            further = follow_addition if (session, line["ref"]) in additions else follow
            return await further(sessions[session], line, line["ref"])
        case "observe":
            return {"value": await sessions[session].call(line["what"])}
        case "fence":
            return {"done": await sessions[session].call("settle") is None}
        case "clock":
            moved = await sessions[session].advance(line["advance_ms"])
            return {"now": moved["now_text"], "next_due_ms": moved["next_due_ms"]}
        case "restart":
            ready = bool(await sessions[session].restart(line["hard"]))
            go_on(session)
            return {"ready": ready}
        case "teardown":
            for key in [key for key in additions if key[0] == session]:
                del additions[key]
            await sessions.pop(session).remove()
    return {} if command in ("bye", "teardown") else {"unsupported": "a Wallet has no such command"}


async def end():
    for product in sessions.values():
        await product.remove()

serve(obey, end)
