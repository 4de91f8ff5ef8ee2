"""Judging RSA signatures (protocol.md sections 4 and 10): RSASSA-PKCS1-v1_5 with SHA-256, by encoding and comparing."""

from __future__ import annotations

import base64
import hashlib
import re

from quickpay.types import is_a

EXPONENT, LEAST_BITS, MOST_BITS = 65537, 2048, 8192
_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


def _length(size: int) -> bytes:
    if size < 128:
        return bytes([size])
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(digits)]) + digits


def _field(tag: int, content: bytes) -> bytes:
    return bytes([tag]) + _length(len(content)) + content


def _number(value: int) -> bytes:
    return _field(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _spki(modulus: int) -> bytes:
    key = _field(0x30, _number(modulus) + _number(EXPONENT))
    return _field(0x30, _ALGORITHM + _field(3, b"\0" + key))


def modulus_of(spki: bytes) -> int | None:
    """The modulus of a key that keeps the policy: the one that is encoded to these very bytes."""
    found = re.search(rb"\x02(?:\x82(..)|\x81(.))", spki, re.DOTALL)
    if found is None:
        return None
    size = int.from_bytes(found.group(1) or found.group(2), "big")
    modulus = int.from_bytes(spki[found.end():found.end() + size], "big")
    fits = LEAST_BITS <= modulus.bit_length() <= MOST_BITS
    return modulus if fits and _spki(modulus) == spki else None


def verify(spki: bytes, covered: bytes, text: str) -> bool:
    """Whether the text of a Value is the signature of these bytes under the key."""
    modulus = modulus_of(spki)
    if modulus is None or not is_a("B64", text):
        return False
    size = (modulus.bit_length() + 7) // 8
    signature = base64.b64decode(text)
    number = int.from_bytes(signature, "big")
    if len(signature) != size or number >= modulus:
        return False
    info = _DIGEST_INFO + hashlib.sha256(covered).digest()
    wanted = b"\0\1" + b"\xff" * (size - 3 - len(info)) + b"\0" + info
    return pow(number, EXPONENT, modulus).to_bytes(size, "big") == wanted
