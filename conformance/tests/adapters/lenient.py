#!/usr/bin/env python3
"""An implementation that guesses what malformed HTTP means: lenient.py ADAPTER-COMMAND [--one-at-a-time | --first-packet]

The adapter behind it is a good one. Everything that reaches its product or comes back to it passes a proxy which looks for
the document in whatever bytes there are, and hands it on in plain HTTP. So what has to be refused for its HTTP alone is not.
With --one-at-a-time it serves nobody else while a request has not come to its end. With --first-packet it takes what the
first packet brought for all."""
import json
import re
import socket
import subprocess
import sys
import threading

DOCUMENT = re.compile(rb'<([A-Z]\w*) xmlns="urn:quickpay:1">.*?</\1>', re.DOTALL)
FIRST, IDLE, LIMIT = 10, 0.3, 4 << 20  # seconds until the first byte and the next ones, and bytes
#: Headers that it acts upon although nobody has to.
OBEYED = {b"Upgrade:": b"101 Switching Protocols", b"X-HTTP-Method-Override:": b"405 Method Not Allowed"}
TYPE = b"Content-Type: application/quickpay+xml\r\n"
ONE_AT_A_TIME, PATIENCE = "--one-at-a-time" in sys.argv[2:], 60
FIRST_PACKET = "--first-packet" in sys.argv[2:]


def document_in(connection):
    """The first document that arrives, or nothing once the other side is quiet."""
    seen = b""
    while len(seen) < LIMIT:
        connection.settimeout(IDLE if seen else FIRST)
        found = DOCUMENT.search(seen)
        if found:
            return found
        try:
            more = connection.recv(65536)
        except OSError:
            return None
        if not more:
            return None
        seen += more
        if FIRST_PACKET:
            return DOCUMENT.search(seen)
    return None


def path_of(message):
    return b"/qp/1/micro/" + re.sub(rb"(?<!^)([A-Z])", rb"-\1", message).lower()


def waited_for(connection):
    """Until a request that has begun goes on no more since its sender gave up."""
    connection.settimeout(PATIENCE)
    while connection.recv(65536):
        pass


def relay(connection, source, target):
    with connection:
        request = document_in(connection)
        if not request and ONE_AT_A_TIME:
            waited_for(connection)
        if not request:
            return connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        for header, obeyed in OBEYED.items():
            if header in request.string[:request.start()]:
                return connection.sendall(b"HTTP/1.1 " + obeyed + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        with socket.socket() as onward:
            onward.bind((source or connection.getpeername()[0], 0))
            onward.connect(target)
            body = request.group(0)
            host = ("%s:%d" % target).encode()
            onward.sendall(b"POST %s HTTP/1.1\r\nHost: %s\r\n%sContent-Length: %d\r\n\r\n%s" % (path_of(request.group(1)), host, TYPE, len(body), body))
            answer = document_in(onward)
        if answer:
            body = answer.group(0)
            connection.sendall(b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (TYPE, len(body), body))


def quietly(function, *words):
    try:
        function(*words)
    except OSError:
        pass  # the other side is gone


def proxy(address, source, target):
    """Listens at `address` for `target`; sends from `source`, or from where the caller is."""
    listener = socket.create_server((address, 0))

    def serve():
        while True:
            connection, _ = listener.accept()
            if ONE_AT_A_TIME:  # in the order in which they came
                quietly(relay, connection, source, target)
            else:
                threading.Thread(target=quietly, args=(relay, connection, source, target), daemon=True).start()

    threading.Thread(target=quietly, args=(serve,), daemon=True).start()
    return listener.getsockname()[1]


class Session:
    source = ""

    def through_proxies(self, command):
        self.source = command.get("source", self.source)
        for player in command["directory"]:
            for endpoint in player["endpoints"] if player["id"] != self.player(command) else []:
                endpoint["port"] = proxy(endpoint["address"], self.source, (endpoint["address"], endpoint["port"]))

    def player(self, command):
        self.id = command.get("player", getattr(self, "id", ""))
        return self.id


def main():
    inner = subprocess.Popen(["sh", "-c", "exec " + sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    session = Session()
    for text in sys.stdin:
        command = json.loads(text)
        if "directory" in command:
            session.through_proxies(command)
        inner.stdin.write(json.dumps(command) + "\n")
        inner.stdin.flush()
        reply = json.loads(inner.stdout.readline())
        listen = reply.get("listen")
        if listen:
            listen["port"] = proxy(listen["address"], "", (listen["address"], listen["port"]))
        print(json.dumps(reply), flush=True)
        if command["cmd"] == "bye":
            break
    inner.kill()


if __name__ == "__main__":
    main()
