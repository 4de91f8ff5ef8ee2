"""Adds a second Broker, B8, and its Paycard P8 as a plug-in to a copy of docs/examples.

usage: second_broker.py WORLD FILE PUBLIC_KEY     the manifest is FILE.manifest, the key a PEM file
"""
import json
import pathlib
import sys

WALLET = "W0123456789abcdef0123456789abcdef"
SECRET = "1f1e1d1c1b1a191817161514131211100f0e0d0c0b0a09080706050403020100"  # a sample value
ENDPOINT = {"address": "127.30.0.5", "port": 8105}


def change(path: pathlib.Path, edit) -> dict:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content, indent=2) + "\n")
    return content


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    world, shared_object = pathlib.Path(sys.argv[1]), str(pathlib.Path(sys.argv[2]).resolve())
    key = "".join(line for line in pathlib.Path(sys.argv[3]).read_text().splitlines() if not line.startswith("-----"))
    listed = {"key": key, "not_before": "2026-01-01T00:00:00Z", "not_after": "2035-12-31T23:59:59Z"}
    change(world / "directory.json", lambda d: d["players"].append(
        {"id": "B8", "role": "broker", "name": "My Bank", "endpoints": [ENDPOINT], "keys": [listed]}))
    change(world / "wallet.json", lambda w: w["fixtures"]["paycards"].append(
        {"broker": "B8", "paycard": "P8", "secret": SECRET, "shared_object": shared_object, "manifest": shared_object + ".manifest"}))
    change(world / "vendor.json", lambda v: v["fixtures"]["brokers_accepted"].append("B8"))
    second = json.loads((world / "broker.json").read_text())
    second.update(player="B8", listen=ENDPOINT, ledger="second-broker.ledger")
    second["fixtures"]["bindings"] = [
        {"wallet": WALLET, "paycard": "P8", "account": "4711", "secret": SECRET, "scheme": "numbered"}]
    (world / "second-broker.json").write_text(json.dumps(second, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
