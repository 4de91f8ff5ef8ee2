#!/usr/bin/env python3
"""A toy adapter for the tests of the runner: toy.py MODE. It knows one operation, `pay`, and has no product behind it.
DISPUTES in the environment: what it says in hello.disputes."""
import json
import os
import subprocess
import sys
import time

mode = sys.argv[1] if len(sys.argv) > 1 else "good"
counter = sys.argv[2] if len(sys.argv) > 2 else ""


def send(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def raw(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def hello():
    impl = {"name": "Toy", "version": "1"}
    if mode == "hostile":
        impl = {"name": "<script>alert(1)</script>\x1b[31m\u202egnp", "version": "\"'&]]>"}
    return {"impl": impl, "roles": ["wallet"] if mode == "wrong-role" else ["vendor", "wallet", "broker", "host"],
            "fence": mode != "no-fence", "clock": "virtual" if mode != "wall" else "wall",
            "features": {"location": mode == "location"}, "protocols": ["micropayment"],
            **({"disputes": json.loads(os.environ["DISPUTES"])} if "DISPUTES" in os.environ else {})}


def pay(args):
    good = args.get("fault", "") == ""
    if mode == "always-rejects":
        return {"outcome": "rejected", "reason": "malformed"}
    if mode == "accepts-everything":
        return {"outcome": "accepted"}
    return {"outcome": "accepted", "ref": "r1"} if good else {"outcome": "rejected", "reason": "amount-mismatch"}


def on_do(line):
    if mode == "crash" or (mode == "crash-on-bad" and line["args"].get("fault")):
        sys.stderr.write("about to fall over\n")
        os._exit(7)
    if mode == "abort":
        os.abort()
    if mode == "mute":
        return
    if mode == "hang" or mode == "hang-forever":
        time.sleep(3600)
    if mode == "garbage":
        raw("hello, this is a log line\n")
    if mode == "not-object":
        raw("[1,2,3]\n")
    if mode == "deep":
        raw('{"id":%d,"x":%s%s}\n' % (line["id"], "[" * 100, "]" * 100))
    if mode == "oversize":
        raw("x" * (3 << 20) + "\n")
    if mode == "flood":
        raw('\n'.join('{"id":999999}' for _ in range(5000)) + "\n")
    if mode == "late" and line["args"].get("slow"):
        time.sleep(0.9)
    if mode == "wrong-reason":
        return {"outcome": "rejected", "reason": "because"}
    if mode == "no-outcome":
        return {"result": "fine"}
    if mode == "error":
        return {"error": "the product is on fire"}
    if mode == "stderr":
        sys.stderr.write("e" * (1 << 20))
        sys.stderr.flush()
    if mode == "pending":
        return {"outcome": "pending", "ref": "p1"}
    reply = pay(line["args"])
    if mode == "twice":
        send({"id": line["id"], **reply})
    return reply


def reply_to(line):
    cmd = line["cmd"]
    if cmd == "hello":
        return hello()
    if mode == "null" and cmd not in ("bye", "teardown"):
        return {"unsupported": "null"}
    if mode == "silent":
        return None
    if cmd == "setup":
        reply = {"ready": True}
        if "listen" in line:
            reply["listen"] = {"address": "127.0.0.1" if mode == "wrong-address" else line["listen"], "port": 4711}
        return reply
    if cmd in ("directory", "restart"):
        return {"ready": True}
    if cmd == "do":
        return on_do(line)
    if cmd == "await":
        return {"outcome": "accepted", "ref": line["ref"]}
    if cmd == "observe":
        return {"value": [1]} if line["what"] == "orders" else {"unverifiable": "no window"}
    if cmd == "fence":
        return {"done": True}
    if cmd == "clock":
        return {"now": "2026-11-22T12:00:00Z", "next_due_ms": None}
    if cmd == "teardown" and mode == "crash-late":
        os._exit(9)
    return {} if cmd in ("teardown", "bye") else {"unsupported": cmd}


if counter:
    with open(counter, "a", encoding="utf-8") as log:
        log.write("%d\n" % os.getpid())
if mode == "crash-start":
    sys.exit(3)
if mode == "grandchild":
    child = subprocess.Popen(["sleep", "600"], close_fds=True)
    sys.stderr.write("child %d\n" % child.pid)
    sys.stderr.flush()
for text in sys.stdin:
    command = json.loads(text)
    answer = reply_to(command)
    if answer is not None:
        send({"id": command["id"], **answer})
    if command["cmd"] == "bye":
        break
if mode == "grandchild":
    time.sleep(600)
