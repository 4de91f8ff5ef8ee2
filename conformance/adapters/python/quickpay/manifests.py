"""What a Broker signs about the file of a Paycard, and whether a Wallet may use that file (paycards.md)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from quickpay import rsa, schema, signing, xml
from quickpay.player import Entry, Player
from quickpay.terms import older
from quickpay.xml import Node

ABI = "1"
MAX_FILE, MAX_MANIFEST = 1 << 26, 1 << 16
#: A manifest has no namespace, and is read as if it had that of the messages.
_BARE, _ROOT = b"<Manifest>", b'<Manifest xmlns="urn:quickpay:1">'


@dataclass(frozen=True, slots=True)
class Certified:
    """A file that may become a Paycard, and the key to which its requests are sealed."""

    product: str
    version: str
    file_hash: str
    paycard: str | None
    seal_key: rsa.PublicKey


def certified(player: Player, one: dict[str, Any]) -> Certified | None:
    """card_certified: manifest and file are right, and the directory lists a good sealing key of the Broker."""
    entry = player.directory.get(one["broker"], "broker")
    facts = None if entry is None else _described(one) if "manifest" not in one else _vouched(player, entry, one)
    if entry is None or facts is None:
        return None
    sealing = signing.to_seal(entry.keys, player.clock.now())
    return None if sealing is None else Certified(*facts, sealing)


def begun(player: Player, one: dict[str, Any]) -> Certified | None:
    """What may be added from now on: its Broker is not suspended, and lets this version be used."""
    found, entry = certified(player, one), player.directory.issued(one["broker"])
    admitted = found is not None and entry is not None and entry.state == "live" and entry.terms.admits(found.product, found.version)
    return found if admitted else None


def _described(one: dict[str, Any]) -> tuple[str, str, str, None]:
    """Of a session of the adapter protocol, which gives no file: the runner stands for the one who checked it."""
    return one["product"], one["version"], one["file_hash"], None


def _vouched(player: Player, entry: Entry, one: dict[str, Any]) -> tuple[str, str, str, str | None] | None:
    """What the Broker signed of the file, if it is that file."""
    manifest, now = _read(one["manifest"]), player.clock.now()
    if manifest is None or not _fits(manifest, one):
        return None
    key = signing.key_of(entry.keys, manifest, now, now, 0)
    if key is None or not signing.right(key, "manifest", manifest) or _hash(one["shared_object"]) != manifest.get("FileHash"):
        return None
    product, version, file_hash = (manifest.get(name) or "" for name in ("Product", "Version", "FileHash"))
    return product, version, file_hash, manifest.get("Paycard")


def _fits(manifest: Node, one: dict[str, Any]) -> bool:
    """For this Broker, product and interface, and not too old by its own word."""
    named = (manifest.get("Broker"), manifest.get("Product"), manifest.get("AbiVersion"))
    return named == (one["broker"], one["product"], ABI) and not older(manifest.get("Version") or "", manifest.get("MinVersion") or "")


def _read(path: str) -> Node | None:
    data = _bytes(path, MAX_MANIFEST)
    if data is None or not data.startswith(_BARE):
        return None
    try:
        manifest = xml.read(data.replace(_BARE, _ROOT, 1))
        schema.check(manifest, "Manifest")
    except (xml.XmlError, schema.SchemaError):
        return None
    return manifest


def _hash(path: str) -> str | None:
    data = _bytes(path, MAX_FILE)
    return None if data is None else hashlib.sha256(data).hexdigest()


def _bytes(path: str, most: int) -> bytes | None:
    try:
        with open(path, "rb") as file:
            data = file.read(most + 1)
    except OSError:
        return None
    return data if len(data) <= most else None
