#!/usr/bin/env python3
"""The adapter protocol over HTTP, for a device that can only call out (docs/adapter-protocol.md §10).

    quickpay certify --jobs 1 --role wallet --adapter 'python3 conformance/adapters/long_poll/bridge.py --listen 192.0.2.1:8700 --token T'

To the runner this is an adapter on stdin and stdout. The device fetches commands by GET and brings replies by POST."""
import argparse
import hmac
import http.server
import json
import queue
import sys
import threading
import time

MAX_LINE = 1 << 20
MAX_WAITING = 256  # commands
POLL_S = 20.0      # how long a GET waits for a command
FETCH_S = 6.0      # how long a command waits for a device


class Bridge:
    """Commands on their way to the device, and which of them are answered."""

    def __init__(self, token):
        self.token = token
        self.waiting = queue.Queue(MAX_WAITING)
        self.lock = threading.Lock()
        self.open = {}   # number → when it came, or None once it was fetched
        self.over = threading.Event()

    def reply(self, line):
        """Passes a reply on, once a command; False if nobody waits for it."""
        with self.lock:
            if line.get("id") not in self.open:
                return False
            del self.open[line["id"]]
            print(json.dumps(line), flush=True)
        return True

    def take(self, line):
        """A command of the runner. One that is lost for want of a device is answered with the reason."""
        with self.lock:
            self.open[line["id"]] = time.monotonic()
        try:
            self.waiting.put_nowait(line)
        except queue.Full:
            self.reply({"id": line["id"], "error": "too many commands wait for the device"})

    def answered(self, number):
        """Waits until a command has its reply; one that is fetched and not answered is not waited for for long."""
        late = time.monotonic() + FETCH_S
        while number in self.open and time.monotonic() < late:
            time.sleep(0.02)

    def fetch(self):
        """The next command that still waits, or None after POLL_S or at the end."""
        late = time.monotonic() + POLL_S
        while not self.over.is_set() and time.monotonic() < late:
            try:
                line = self.waiting.get(timeout=0.1)
            except queue.Empty:
                continue
            with self.lock:
                if line["id"] in self.open:
                    self.open[line["id"]] = None
                    return line
        return None

    def complain(self):
        """Answers what no device has fetched in time."""
        while not self.over.wait(0.2):
            with self.lock:
                late = [number for number, came in self.open.items() if came is not None and time.monotonic() - came > FETCH_S]
            for number in late:
                self.reply({"id": number, "error": f"no device has fetched it within {FETCH_S:.0f} s"})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    bridge = None

    def log_message(self, *_):
        """Says nothing: stderr is kept with the report."""

    def answer(self, status, line=None):
        body = b"" if line is None else json.dumps(line).encode("utf-8")
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def allowed(self):
        given = self.headers.get("Authorization", "")
        if hmac.compare_digest(given.encode("utf-8"), f"Bearer {self.bridge.token}".encode("utf-8")):
            return True
        self.close_connection = True
        self.answer(401)
        return False

    def do_GET(self):
        if not self.allowed():
            return
        if self.path != "/qpap/1/command":
            return self.answer(404)
        line = self.bridge.fetch()
        if line is not None:
            return self.answer(200, line)
        self.answer(410 if self.bridge.over.is_set() else 204)

    def do_POST(self):
        if not self.allowed():
            return
        length = self.headers.get("Content-Length", "")
        if self.path != "/qpap/1/reply" or not length.isdigit() or int(length) > MAX_LINE:
            self.close_connection = True
            return self.answer(404 if self.path != "/qpap/1/reply" else 413)
        try:
            line = json.loads(self.rfile.read(int(length)))
        except ValueError:
            line = None
        if not isinstance(line, dict):
            return self.answer(400)
        self.answer(204 if self.bridge.reply(line) else 409)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


def arguments():
    parser = argparse.ArgumentParser(description="The adapter protocol over HTTP, for devices that can only call out.")
    parser.add_argument("--listen", required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--token", required=True, help="what the device shows in Authorization: Bearer")
    return parser.parse_args()


def command_in(text):
    """A line that can be answered, or None."""
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and isinstance(line.get("id"), int) else None


def main():
    options = arguments()
    address, _, port = options.listen.rpartition(":")
    Handler.bridge = bridge = Bridge(options.token)
    try:
        server = Server((address, int(port)), Handler)
    except (OSError, ValueError) as error:
        sys.exit(f"cannot listen at {options.listen}: {error} (one at a time: run with --jobs 1)")
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    threading.Thread(target=bridge.complain, daemon=True).start()
    for text in sys.stdin:
        line = command_in(text)
        if line is not None:
            bridge.take(line)
        if line is not None and line.get("cmd") == "bye":
            bridge.answered(line["id"])
            break
    bridge.over.set()
    server.shutdown()


main()
