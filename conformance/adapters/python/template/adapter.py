#!/usr/bin/env python3
"""The start of an adapter for a QuickPay @ROLE@: it runs, and the product behind it does nothing yet.

The commands are those of docs/adapter-protocol.md; § means a section of it. Python 3.9 or later, standard library only.
"""
import json
import socketserver
import sys
import threading

ROLE = "@ROLE@"


class NotYet(socketserver.StreamRequestHandler):
    """Answers every request "501 Not Implemented"."""

    def handle(self):
        length = 0
        while line := self.rfile.readline(16384).strip():
            if line.lower().startswith(b"content-length:") and line[15:].strip().isdigit():
                length = int(line[15:])
        self.rfile.read(min(length, 256 * 1024))
        self.wfile.write(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


class Product:
    """Your product. Start it here with what `setup` says (§4), or replace this class by it."""

    def __init__(self, setup):
        self.setup = setup                     # player, host, profile, source, currencies, fixtures
        self.players = setup["directory"]      # who the others are and where they listen
        self.server = None

    def start(self):
        """Where it listens; a Wallet listens nowhere."""
        if "listen" not in self.setup:
            return None
        self.server = Server((self.setup["listen"], 0), NotYet)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        return {"address": self.setup["listen"], "port": self.server.server_address[1]}

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()

    def operate(self, op, args):
        """An operation of §5. The reason says why nothing came of it: the product cannot do it."""
        return {"outcome": "rejected", "reason": "internal"}


def hello(line):
    """What is claimed (§3). Add "fence", "observes", "clock": "virtual" when they are there."""
    return {"impl": {"name": "My @ROLE@", "version": "0"}, "roles": [ROLE], "profiles": ["F"],
            "protocols": ["micropayment"], "clock": "wall"}


def setup(line):
    sessions[line["session"]] = product = Product(line)
    where = product.start()
    return {"ready": True} if where is None else {"ready": True, "listen": where}


def directory(line):
    sessions[line["session"]].players = line["directory"]
    return {"ready": True}


def do(line):
    return sessions[line["session"]].operate(line["op"], line["args"])


def teardown(line):
    sessions.pop(line["session"]).stop()
    return {}


def bye(line):
    return {}


# Not there yet: await, observe (§6), fence, clock and restart (§7). They are answered "unsupported".
COMMANDS = {"hello": hello, "setup": setup, "directory": directory, "do": do, "teardown": teardown, "bye": bye}
sessions = {}


def reply_to(line):
    command = COMMANDS.get(line.get("cmd"))
    if command is None:
        return {"unsupported": "not in this adapter yet"}
    try:
        return command(line)
    except Exception as error:                 # the adapter failed, which is not the product's fault
        return {"error": repr(error)[:1000]}


def main():
    for text in sys.stdin:
        try:
            line = json.loads(text)
            number = line["id"]
        except (ValueError, TypeError, KeyError):
            continue                           # nothing that could be answered
        print(json.dumps({"id": number, **reply_to(line)}), flush=True)
        if line.get("cmd") == "bye":
            break
    for product in sessions.values():
        product.stop()


main()
