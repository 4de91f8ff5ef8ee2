#!/usr/bin/env python3
"""The adapter of the Python Wallet: QPAP/1 on stdin and stdout, the product in a process of its own."""
from datetime import datetime

from quickpay.product import Product, Refusal
from quickpay.qpap import serve
from quickpay.reasons import reason
from quickpay.user import shop

HELLO = {"impl": {"name": "QuickPay Python Wallet", "version": "1.0"}, "roles": ["wallet"], "profiles": ["F", "H"],
         "protocols": ["micropayment", "regular"], "clock": "virtual", "fence": True, "max_sessions": 1,
         "observes": ["orders", "goods", "state"]}
KINDS = {"pay-micro": "micro", "pay-regular": "regular"}
sessions, wishes = {}, {}


async def follow(product, line, ref):
    outcome, shown = await shop(product, ref, wishes[line["session"], ref], line["deadline_ms"])
    details = {key: shown[key] for key in ("order", "state", "goods") if shown.get(key)}
    reply = {"outcome": outcome, "ref": ref, "details": details}
    return {**reply, "reason": reason(shown["why"])} if outcome == "rejected" else reply


async def operate(product, line, op, args):
    try:
        if op == "activate-paycard":
            await product.call("activate", paycard=args["paycard"])
            return {"outcome": "accepted"}
        if op in KINDS:
            ref = await product.call("open-link", vendor=args["vendor"], item=args["item"], kind=KINDS[op])
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
            return await follow(sessions[session], line, line["ref"])
        case "observe":
            return {"value": await sessions[session].call(line["what"])}
        case "fence":
            return {"done": await sessions[session].call("settle") is None}
        case "clock":
            moved = await sessions[session].advance(line["advance_ms"])
            return {"now": moved["now_text"], "next_due_ms": moved["next_due_ms"]}
        case "restart":
            return {"ready": bool(await sessions[session].restart(line["hard"]))}
        case "teardown":
            await sessions.pop(session).remove()
    return {} if command in ("bye", "teardown") else {"unsupported": "a Wallet has no such command"}


async def end():
    for product in sessions.values():
        await product.remove()

serve(obey, end)
