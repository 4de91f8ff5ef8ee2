#!/usr/bin/env python3
"""An adapter behind HTTP: long_poll_test.py QUICKPAY

check-adapter and a scenario of certify reach the Python Wallet through the bridge and the device; the twin is a device with a wrong token, which is as good as none."""
import socket
import subprocess
import sys

FOLDER = "conformance/adapters/long_poll/"
TOKEN = "a-token-of-the-test"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


class Device:
    def __init__(self, port, token):
        self.process = subprocess.Popen([sys.executable, FOLDER + "device.py", "--bridge", f"http://127.0.0.1:{port}", "--token", token,
                                         "--adapter", f"{sys.executable} conformance/adapters/python/wallet.py"], start_new_session=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def quickpay(program, port, *words):
    bridge = f"{sys.executable} {FOLDER}bridge.py --listen 127.0.0.1:{port} --token {TOKEN}"
    done = subprocess.run([program, *words, "--role", "wallet", "--adapter", bridge], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=200)
    print(f"exit {done.returncode}: {(done.stdout + done.stderr).strip().splitlines()[-1]}")
    return done


def main():
    program, port = sys.argv[1], free_port()
    with Device(port, TOKEN):
        check = quickpay(program, port, "check-adapter")
        assert check.returncode == 0 and " 0 failed" in check.stdout, check.stdout + check.stderr
        run = quickpay(program, port, "certify", "--jobs", "1", "--select", "wallet.purchase.*")
        assert run.returncode == 0 and " 0 fail" in run.stdout and not run.stdout.startswith("0 pass"), run.stdout + run.stderr
    with Device(port, "another"):
        done = quickpay(program, port, "check-adapter")
        assert done.returncode == 5 and "no device has fetched it" in done.stderr, done


if __name__ == "__main__":
    main()
