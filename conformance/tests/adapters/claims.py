#!/usr/bin/env python3
"""An adapter that claims less than it serves: claims.py ADAPTER-COMMAND PROTOCOL,…[,-FEATURE…] [OPERATION]

Everything is passed on, but for the protocols of hello, which are those given here, and features that are denied. OPERATION is said to be accepted,
whatever becomes of it."""
import json
import subprocess
import sys


def main():
    inner = subprocess.Popen(["sh", "-c", "exec " + sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    words, taken_up = sys.argv[2].split(","), sys.argv[3:]
    claimed = [word for word in words if not word.startswith("-")]
    for text in sys.stdin:
        command = json.loads(text)
        inner.stdin.write(text)
        inner.stdin.flush()
        reply = json.loads(inner.stdout.readline())
        if command["cmd"] == "hello":
            reply["protocols"] = claimed
            reply["features"].update({word[1:]: False for word in words if word.startswith("-")})
        if command["cmd"] == "do" and command["op"] in taken_up:
            reply = {"id": command["id"], "outcome": "accepted"}
        print(json.dumps(reply), flush=True)
        if command["cmd"] == "bye":
            break
    inner.kill()


if __name__ == "__main__":
    main()
