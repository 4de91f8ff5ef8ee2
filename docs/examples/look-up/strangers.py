"""Makes strangers of the players of a copy of docs/examples: the Host signs entries, and the others begin with its own.

usage: strangers.py WORLD KEY PUBLIC_KEY     the signing key of the Host, two PEM files (PKCS#8 and SubjectPublicKeyInfo)
"""
import json
import pathlib
import sys

TICKET = "0123456789abcdef0123456789abcdef"  # a sample value
TIMES = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2035-12-31T23:59:59Z"}
ENTRY = "host-entry.xml"


def change(path: pathlib.Path, edit) -> None:
    content = json.loads(path.read_text())
    edit(content)
    path.write_text(json.dumps(content, indent=2) + "\n")


def inside(pem: str) -> str:
    return "".join(line for line in pathlib.Path(pem).read_text().splitlines() if not line.startswith("-----"))


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    world, key, public_key = pathlib.Path(sys.argv[1]), inside(sys.argv[2]), inside(sys.argv[3])
    wallet = json.loads((world / "wallet.json").read_text())["player"]

    def sign(host: dict) -> None:
        host["host_entry"] = ENTRY
        host["fixtures"] = {"signing_keys": [{"key": key, **TIMES}]}

    def publish(directory: dict) -> None:
        for player in directory["players"]:
            if player["role"] == "host":
                player["keys"] = [{"key": public_key, **TIMES}]
            if player["role"] == "wallet":
                player["ticket"] = TICKET

    def forget(player: dict) -> None:
        del player["directory"], player["currencies"]
        player["host_entry"] = ENTRY

    change(world / "host.json", sign)
    change(world / "directory.json", publish)
    for name in ("broker.json", "vendor.json", "wallet.json"):
        change(world / name, forget)
    change(world / "broker.json", lambda b: b["fixtures"].update(tickets=[{"wallet": wallet, "ticket": TICKET}]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
