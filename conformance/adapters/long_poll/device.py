#!/usr/bin/env python3
"""The device's end of the adapter protocol over HTTP (docs/adapter-protocol.md §10): it carries lines between the bridge and an adapter that
speaks on stdin and stdout.

    python3 device.py --bridge http://192.0.2.1:8700 --token T --adapter 'python3 my_adapter.py'

Every `hello` begins with a new adapter, so that nothing of an earlier run is left. It goes on until it is stopped."""
import argparse
import http.client
import json
import subprocess
import threading
import time
import urllib.parse

PAUSE_S = 0.2  # while nobody is there


class Bridge:
    """Requests to the other end, each on a connection of its own."""

    def __init__(self, url, token):
        self.place = urllib.parse.urlsplit(url).netloc
        self.headers = {"Authorization": f"Bearer {token}"}

    def ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.place, timeout=30)
        try:
            connection.request(method, path, body, self.headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class Adapter:
    """A process behind pipes, whose replies go to the bridge as they come."""

    def __init__(self, command, bridge):
        self.process = subprocess.Popen(["sh", "-c", "exec " + command], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        threading.Thread(target=self.carry, args=(bridge,), daemon=True).start()

    def carry(self, bridge):
        for line in self.process.stdout:
            try:
                bridge.ask("POST", "/qpap/1/reply", line)
            except (OSError, http.client.HTTPException):
                return  # the runner is gone

    def tell(self, line):
        try:
            self.process.stdin.write(line + b"\n")
            self.process.stdin.flush()
        except OSError:
            pass  # it has ended; the runner's deadline says so

    def end(self):
        self.process.kill()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description="The device's end of the adapter protocol over HTTP.")
    parser.add_argument("--bridge", required=True, metavar="URL")
    parser.add_argument("--token", required=True)
    parser.add_argument("--adapter", required=True, metavar="CMD")
    options = parser.parse_args()
    bridge, adapter = Bridge(options.bridge, options.token), None
    while True:
        try:
            status, line = bridge.ask("GET", "/qpap/1/command")
        except (OSError, http.client.HTTPException):
            status, line = 0, b""
        if status != 200:
            time.sleep(0 if status == 204 else PAUSE_S)
            continue
        if json.loads(line)["cmd"] == "hello" or adapter is None:
            if adapter is not None:
                adapter.end()
            adapter = Adapter(options.adapter, bridge)
        adapter.tell(line)


main()
