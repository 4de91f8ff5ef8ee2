"""A Vendor whose every word is hostile to whoever reads it: hostile_adapter.py SEED. It answers each request with a random
document full of what a browser, a terminal or a SARIF reader would obey, and some with floods that never end."""
import http.server
import json
import random
import sys
import threading

SEED = int(sys.argv[1])
MARK = f"HOSTILE{SEED}"
PIECES = ["</pre></details></article>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "'--><iframe src=//evil.test>",
          "<a href=\"javascript:alert(1)\">", "]]>", "&lt;b&gt;&#27;[2J", "\x1b[2J\x1b]0;owned\x07", "\x1b]8;;http://evil.test\x1b\\", "\x9b31m", "\r\x1b[1A\x1b[K", "\x08" * 9,
          "\u202egnp.exe", "\u2066\u200b\ufeff", "\x00", "[click](http://evil.test/{0})", "{0}{{1}}", "![x](http://evil.test/x.png)", "$(touch owned)`touch owned`", "';touch owned;'",
          "../../../owned", "con\n::error::owned", "##[command]owned", "%0A%1B"]
FLOOD_CHUNKS = 4096  # of 64 KiB


def words(chance):
    return MARK + "".join(chance.choice(PIECES) for _ in range(chance.randrange(4, 12)))


class Vendor(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    count = 0

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        Vendor.count += 1
        self.close_connection = True
        chance = random.Random(f"{SEED} {Vendor.count}")
        try:
            self.flood() if Vendor.count % 16 == 0 else self.say(chance)
        except OSError:
            pass  # who is flooded hangs up

    def say(self, chance):
        noise = bytes(chance.randrange(256) for _ in range(60))
        tag = chance.choice(["GetOrderResponse", "script", "x:y"])
        body = f"<{tag} xmlns=\"urn:quickpay:1\"><Code>{words(chance)}</Code>{words(chance)}".encode() + noise + f"</{tag}>".encode()
        clean = words(chance).replace("\n", "").replace("\r", "").encode("utf-8")
        self.wfile.write(b"HTTP/1.1 200 " + clean + b"\r\nContent-Type: application/quickpay+xml\r\nX-" + MARK.encode() + b": " + clean +
                         b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body)

    def flood(self):
        self.wfile.write(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 999999999\r\n\r\n" if Vendor.count % 32 else b""))
        for _ in range(FLOOD_CHUNKS):
            self.wfile.write(b"X: " + b"y" * 65536 + b"\r\n")

    def log_message(self, *_):
        pass


class Threads(http.server.ThreadingHTTPServer):
    daemon_threads = True


def main():
    chance = random.Random(SEED)
    servers = {}
    for line in sys.stdin:
        command = json.loads(line)
        reply = {"id": command["id"]}
        if command["cmd"] == "hello":
            reply.update(impl={"name": words(chance)[:200], "version": words(chance)[:200], "vendor": words(chance)[:200], "url": "javascript:alert(1)"},
                         roles=["vendor"], clock="virtual", fence=True)
        elif command["cmd"] == "setup":
            server = servers[command["session"]] = Threads((command["listen"], 0), Vendor)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            reply.update(ready=True, listen={"address": command["listen"], "port": server.server_address[1]})
        elif command["cmd"] in ("directory", "restart"):
            reply["ready"] = True
        elif command["cmd"] == "fence":
            reply["done"] = True
        elif command["cmd"] == "clock":
            reply.update(now="2026-11-22T12:00:00Z", next_due_ms=None)
        elif command["cmd"] == "teardown":
            if server := servers.pop(command["session"], None):
                server.shutdown()
                server.server_close()
        elif command["cmd"] == "observe":
            reply["unverifiable"] = words(chance)[:1000]
        elif command["cmd"] == "do":
            reply["error"] = words(chance)[:1000]
        sys.stderr.buffer.write(words(chance).encode() + b"\n")
        sys.stderr.flush()
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()
        if command["cmd"] == "bye":
            break


main()
