#!/usr/bin/env python3
"""What happens to a run: runs_test.py QUICKPAY

A full disk, a folder that cannot be, wrong addresses, Ctrl-C: each ends by itself, with the right exit code and a sentence that says what is wrong. The
twin is the run to which nothing happens. What can be wrong with an adapter is told by bad_day_test.py."""
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading

LIMIT = 60  # seconds; what takes longer hangs
EXAMPLES = "docs/examples/certify"
FIXTURE = EXAMPLES + "/fixture-vendor.json"


class Runs:
    def __init__(self, quickpay, folder):
        self.quickpay, self.folder, self.found = quickpay, pathlib.Path(folder), []

    def expect(self, name, code, words, said, expected):
        missing = [word for word in words if word not in said]
        if code != expected or missing:
            self.found.append(f"{name}: exit {code}, not {expected}; missing {missing}\n{said[-3000:]}")

    def certify(self, name, expected, words, *options, select="vendor.get-order.*"):
        run = subprocess.run([self.quickpay, "certify", "--role", "vendor", "--select", select, "--seed", "3", *options],
                             capture_output=True, text=True, timeout=LIMIT)
        self.expect(name, run.returncode, words, run.stdout + run.stderr, expected)

    def adapter(self, name, expected, words, command, *options, **more):
        self.certify(name, expected, words, "--adapter", command, *options, **more)

    # ---- the report
    def reports(self):
        reference = f"exec {self.quickpay} reference-adapter --role vendor"
        self.adapter("nothing happens", 0, ["all as expected"], reference)
        full = self.folder / "full"
        full.mkdir()
        (full / "report.json").symlink_to("/dev/full")
        self.adapter("disk full", 3, ["No space left on device", "report.json", "all as expected"], reference, "--out", str(full))
        (self.folder / "file").write_text("")
        self.adapter("no folder", 2, ["--out: "], reference, "--out", str(self.folder / "file" / "out"))

    # ---- ports
    def ports(self):
        closed = socket.create_server(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        closed.close()
        self.certify("nobody listens", 5, [f"nobody listens at 127.0.0.1:{port}"], "--endpoint", f"http://127.0.0.1:{port}", "--fixture", FIXTURE)
        self.certify("https", 2, ["not an http URL"], "--endpoint", f"https://127.0.0.1:{port}", "--fixture", FIXTURE)
        tls = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=answer_by_alert, args=(tls,), daemon=True).start()
        self.certify("TLS server", 5, ["speaks TLS"], "--endpoint", f"http://127.0.0.1:{tls.getsockname()[1]}", "--fixture", FIXTURE)
        self.serve()

    def serve(self):
        """A server of the reference whose port somebody else has."""
        shutil.copytree(EXAMPLES, self.folder / "server")
        config = self.folder / "server" / "vendor.json"
        listen = json.loads(config.read_text())["listen"]
        taken = socket.create_server((listen["address"], listen["port"]))
        run = subprocess.run([self.quickpay, "serve", "vendor", "--config", str(config)], capture_output=True, text=True, timeout=LIMIT, stdin=subprocess.DEVNULL)
        taken.close()
        self.expect("port taken", run.returncode, [str(listen["port"]), "in use"], run.stdout + run.stderr, run.returncode or 1)

    # ---- Ctrl-C
    def interrupts(self):
        for number, name in ((signal.SIGINT, "Ctrl-C"), (signal.SIGTERM, "SIGTERM")):
            out = self.folder / f"stopped-{number}"
            adapter = f"exec {self.quickpay} reference-adapter --role vendor"
            run = subprocess.Popen([self.quickpay, "certify", "--role", "vendor", "--adapter", adapter, "--seed", "3", "--out", str(out),
                                    "--jobs", "1", "--pause-before", "vendor.purchase.paid"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=False)
            said = b""
            while b"Enter goes on" not in said:  # some scenarios were played: the run waits for a line that never comes
                said += os.read(run.stdout.fileno(), 4096)
            run.send_signal(number)
            rest, _ = run.communicate(timeout=LIMIT)
            self.expect(name, run.returncode, ["interrupted: "], (said + rest).decode(), 128 + number)
            report = json.loads((out / "report.json").read_text())
            played = sum(1 for scenario in report["scenarios"] if scenario["ran"])
            if not report["interrupted"] or report["certifiable"] or played == 0:
                self.found.append(f"{name}: the report does not say what was judged: {played} played")


def answer_by_alert(server):
    while True:
        connection, _ = server.accept()
        connection.recv(4096)
        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")
        connection.close()


def main():
    with tempfile.TemporaryDirectory() as folder:
        day = Runs(sys.argv[1], folder)
        for part in (day.reports, day.ports, day.interrupts):
            part()
    print("\n".join(day.found) or "every mishap ended with its exit code and its sentence")
    return 1 if day.found else 0


if __name__ == "__main__":
    sys.exit(main())
