#!/usr/bin/env python3
"""The adapter of the Python Vendor: QPAP/1 on stdin and stdout, the product in a process of its own."""
from datetime import datetime

from quickpay.product import Product
from quickpay.qpap import serve

HELLO = {"impl": {"name": "QuickPay Python Vendor", "version": "1.0"}, "roles": ["vendor"], "profiles": ["F"],
         "protocols": ["micropayment"], "clock": "virtual", "fence": True, "max_sessions": 1,
         "observes": ["orders", "state"], "features": {"location": False}}
sessions = {}


async def setup(line):
    now = int(datetime.fromisoformat(line["now"]).timestamp() * 1000)
    sessions[line["session"]] = product = Product({**line, **line["fixtures"], "now": now})
    return {"ready": True, "listen": await product.start()}


async def observe(product, what):
    if what in HELLO["observes"]:
        return {"value": await product.call(what)}
    return {"unverifiable": "a Vendor does not know that"}


async def obey(line):
    command, session = line["cmd"], line.get("session")
    match command:
        case "hello":
            return HELLO
        case "setup":
            return await setup(line)
        case "directory":
            await sessions[session].directory(line["directory"])
            return {"ready": True}
        case "observe":
            return await observe(sessions[session], line["what"])
        case "fence":
            await sessions[session].call("settle")
            return {"done": True}
        case "clock":
            moved = await sessions[session].advance(line["advance_ms"])
            return {"now": moved["now_text"], "next_due_ms": moved["next_due_ms"]}
        case "restart":
            return {"ready": True, "listen": await sessions[session].restart(line["hard"])}
        case "teardown":
            await sessions.pop(session).remove()
            return {}
    return {} if command == "bye" else {"unsupported": "a Vendor has no such operation"}


async def end():
    for product in sessions.values():
        await product.remove()

serve(obey, end)
