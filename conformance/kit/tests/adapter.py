#!/usr/bin/env python3
"""An adapter that does everything, with one fault: adapter.py MODE. Its product is a socket that listens."""
import json
import socket
import sys
import time

mode = sys.argv[1]
START = 12 * 3600
CANNOT = ("pay-micro", "try-again", "settle-with-broker", "withdraw", "revoke", "contest")  # nobody answers, and nothing is there
sessions = {}


class Session:
    def __init__(self, line):
        self.now, self.listen, self.socket = START, line.get("listen"), None
        self.open()

    def open(self):
        if self.listen is not None:
            self.socket = socket.create_server((self.listen, 0))

    def close(self):
        if self.socket is not None:
            self.socket.close()

    def where(self):
        if self.socket is None:
            return {}
        address, port = self.socket.getsockname()
        return {"listen": {"address": "127.0.0.1" if mode == "elsewhere" else address,
                           "port": 1 if mode == "closed-port" else port}}


def hello(line):
    if mode == "crash":
        sys.stderr.write("no licence\n")
        sys.exit(3)
    claims = {"impl": {} if mode == "nameless" else {"name": "Whole", "version": "1"}, "roles": ["vendor", "wallet", "broker", "host"],
              "profiles": ["F"], "protocols": ["micropayments" if mode == "misspelt" else "micropayment", "communication", "settlement"], "clock": "virtual",
              "fence": True, "observes": [] if mode == "blind" else ["orders", "claims", "book", "verdicts", "state"]}
    return {**claims, "roles": ["bank"]} if mode == "no-role" else claims


def setup(line):
    if mode == "strict" and "x-later" in line:
        return {"error": "unknown field"}
    sessions[line["session"]] = session = Session(line)
    return {"ready": True} if mode == "no-listen" else {"ready": True, **session.where()}


def directory(line):
    return {"unsupported": "everybody is known"} if mode == "no-directory" else {"ready": True}


def do(line):
    known = {"pay-micro", "try-again", "activate-paycard", "block-paycard", "suspend", "resume", "settle-with-broker", "withdraw", "revoke", "contest"}
    if mode == "silent-do":
        time.sleep(60)
    if mode == "liar" and line["op"] == "pay-micro":
        return {"outcome": "accepted"}
    if mode == "pending" and line["op"] == "pay-micro":
        return {"outcome": "pending"}
    if mode == "word" and line["op"] == "pay-micro":
        return {"outcome": "rejected", "reason": "because"}
    if line["op"] not in known:
        return {"outcome": "accepted"} if mode == "obliging" else {"unsupported": "no such operation"}
    return {"outcome": "rejected", "reason": "peer-error"} if line["op"] in CANNOT else {"outcome": "accepted"}


def observe(line):
    if line["what"] == "orders" and mode not in ("shows-nothing", "shapeless"):
        old = [{"vendor": "V1", "order": "1", "state": "DONE"}] if mode == "remembers" and len(seen) > 1 else []
        return {"value": old}
    if mode == "shapeless":
        return {"value": {"orders": 0}}
    if line["what"] in ("claims", "book", "verdicts") and mode not in ("shows-nothing", "shapeless"):
        return {"value": []}
    if line["what"] == "state" or mode == "inventive":
        return {"value": {}}
    return {"unverifiable": "no window"}


def clock(line):
    session = sessions[line["session"]]
    session.now += line["advance_ms"] // 1000 * (2 if mode == "fast" else 1)
    return {"now": "2026-11-22T%02d:%02d:%02dZ" % (session.now // 3600, session.now // 60 % 60, session.now % 60), "next_due_ms": None}


def restart(line):
    session = sessions[line["session"]]
    session.close()
    if mode != ("stays-down-when-killed" if line["hard"] else "stays-down"):
        session.open()
    return {"ready": True, **session.where()} if session.socket is None or session.socket.fileno() >= 0 else \
        {"ready": True, "listen": {"address": session.listen, "port": 1}}


def teardown(line):
    session = sessions.pop(line["session"])
    if mode != "keeps-port":
        session.close()
    else:
        kept.append(session)
    return {}


def fence(line):
    if mode == "silent-fence" and line["session"] in sessions:
        time.sleep(600)
    return {"unsupported": "not today"} if mode == "no-fence" else {"done": sessions[line["session"]] is not None}


COMMANDS = {"hello": hello, "setup": setup, "directory": directory, "do": do, "observe": observe, "fence": fence,
            "clock": clock, "restart": restart, "teardown": teardown, "bye": lambda line: {}, "await": lambda line:
            {"outcome": "accepted" if mode == "never-begun" else "rejected"}}
seen, kept = set(), []


def reply_to(line):
    command = COMMANDS.get(line.get("cmd"))
    if command is None:
        return {"done": True} if mode == "yes-man" else {"unsupported": "unknown"}
    seen.add(line.get("session"))
    try:
        return command(line)
    except KeyError as error:
        if mode == "fragile-session":
            raise
        return {"error": repr(error)}


if mode == "banner":
    print("Whole 1, ready", flush=True)
for text in sys.stdin:
    if mode == "short-lines" and len(text) > 65536:
        sys.exit(4)
    try:
        command = json.loads(text)
    except ValueError:
        if mode == "fragile":
            raise
        continue
    if "id" not in command:
        continue
    number = command["id"] % 2**32 if mode == "narrow" else command["id"]
    print(json.dumps({"id": number, **reply_to(command)}), flush=True)
    if mode == "twice" and command["cmd"] == "fence":
        print(json.dumps({"id": number, "done": True}), flush=True)
    if command.get("cmd") == "bye" and mode != "stays":
        break
else:  # the end of stdin
    time.sleep(600 if mode == "outlives-stdin" else 0)
