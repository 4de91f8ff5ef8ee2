"""RSASSA-PKCS1-v1_5 and RSA-OAEP with SHA-256 (RFC 8017), and keys as SubjectPublicKeyInfo and PKCS#8 in DER.

A signature is checked by making the encoding that it must contain and comparing: nothing of it is parsed. A public key is
read by writing what was read once more: there is one encoding of a key, and every other one is refused. The private key's
work takes no constant time: these are keys of tests.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")
_ALGORITHM = bytes.fromhex("300d06092a864886f70d0101010500")
MAX_BYTES = 8192
INTEGER, BITS, OCTETS, SEQUENCE = 0x02, 0x03, 0x04, 0x30


class Malformed(ValueError):
    """Bytes that are no RSA key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    modulus: int
    exponent: int

    @property
    def size(self) -> int:
        """Bytes of a signature."""
        return (self.modulus.bit_length() + 7) // 8


@dataclass(frozen=True, slots=True)
class PrivateKey:
    public: PublicKey
    secret: int
    primes: tuple[int, int]

    def power(self, number: int) -> int:
        """number to the secret, by each prime apart (RFC 8017, 5.1.2), which takes a quarter of the time."""
        one, other = self.primes
        first, second = (pow(number, self.secret % (prime - 1), prime) for prime in self.primes)
        return second + other * ((first - second) * pow(other, -1, one) % one)


def sign(key: PrivateKey, data: bytes) -> bytes:
    padded = int.from_bytes(_padded(data, key.public.size), "big")
    return key.power(padded).to_bytes(key.public.size, "big")


def verify(key: PublicKey, value: bytes, data: bytes) -> bool:
    number = int.from_bytes(value, "big")
    if len(value) != key.size or number >= key.modulus:
        return False
    found = pow(number, key.exponent, key.modulus).to_bytes(key.size, "big")
    return hmac.compare_digest(found, _padded(data, key.size))


def _padded(data: bytes, size: int) -> bytes:
    info = _SHA256 + hashlib.sha256(data).digest()
    return b"\x00\x01" + b"\xff" * (size - len(info) - 3) + b"\x00" + info


# OAEP, with MGF1 of SHA-256 and an empty label

_NO_LABEL = hashlib.sha256(b"").digest()
HASH_BYTES = 32


def wrap(key: PublicKey, data: bytes) -> bytes:
    """As long as the modulus; another value each time."""
    room = key.size - 2 * HASH_BYTES - 2 - len(data)
    if room < 0:
        raise ValueError("too long for this key")
    seed = secrets.token_bytes(HASH_BYTES)
    block = _masked(_NO_LABEL + bytes(room) + b"\x01" + data, seed)
    padded = b"\x00" + _masked(seed, block) + block
    return pow(int.from_bytes(padded, "big"), key.exponent, key.modulus).to_bytes(key.size, "big")


def unwrap(key: PrivateKey, value: bytes) -> bytes | None:
    """What was wrapped for this key; None for everything else, whatever is wrong with it."""
    size, number = key.public.size, int.from_bytes(value, "big")
    if len(value) != size or number >= key.public.modulus:
        return None
    padded = key.power(number).to_bytes(size, "big")
    hidden, block = padded[1:1 + HASH_BYTES], padded[1 + HASH_BYTES:]
    plain = _masked(block, _masked(hidden, block))
    rest = plain[HASH_BYTES:].lstrip(b"\x00")
    right = padded[0] == 0 and hmac.compare_digest(plain[:HASH_BYTES], _NO_LABEL) and rest[:1] == b"\x01"
    return rest[1:] if right else None


def _masked(data: bytes, seed: bytes) -> bytes:
    count = (len(data) + HASH_BYTES - 1) // HASH_BYTES
    mask = b"".join(hashlib.sha256(seed + number.to_bytes(4, "big")).digest() for number in range(count))
    return bytes(one ^ other for one, other in zip(data, mask))


# DER


def write_public(key: PublicKey) -> bytes:
    numbers = _write(SEQUENCE, _integer(key.modulus) + _integer(key.exponent))
    return _write(SEQUENCE, _ALGORITHM + _write(BITS, b"\x00" + numbers))


def read_public(data: bytes) -> PublicKey:
    """Malformed unless data is the one encoding of a key."""
    inner, _ = _read(SEQUENCE, data)
    bits, _ = _read(BITS, inner[len(_ALGORITHM):])
    modulus, exponent = _integers(_read(SEQUENCE, bits[1:])[0], 2)
    key = PublicKey(modulus, exponent)
    if modulus <= 0 or exponent <= 0 or write_public(key) != data:
        raise Malformed("not the encoding of an RSA key")
    return key


def read_private(data: bytes) -> PrivateKey:
    inner, _ = _read(SEQUENCE, data)
    _, rest = _read(INTEGER, inner)
    if not rest.startswith(_ALGORITHM):
        raise Malformed("not an RSA key")
    octets, _ = _read(OCTETS, rest[len(_ALGORITHM):])
    _, modulus, exponent, secret, one, other = _integers(_read(SEQUENCE, octets)[0], 6)
    if one * other != modulus or min(one, other) < 2:
        raise Malformed("not an RSA key")
    return PrivateKey(PublicKey(modulus, exponent), secret, (one, other))


def _write(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, size]) + content if size < 128 else bytes([tag, 0x80 + len(length)]) + length + content


def _integer(value: int) -> bytes:
    return _write(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _read(tag: int, data: bytes) -> tuple[bytes, bytes]:
    """The content of the first value, and what follows it."""
    if len(data) < 2 or data[0] != tag or len(data) > MAX_BYTES:
        raise Malformed("not an RSA key")
    more = data[1] - 0x80 if data[1] >= 0x80 else 0
    size = int.from_bytes(data[2:2 + more], "big") if more else data[1]
    end = 2 + more + size
    if end > len(data):
        raise Malformed("a key that is cut off")
    return data[2 + more:end], data[end:]


def _integers(data: bytes, count: int) -> list[int]:
    """The first numbers of a sequence."""
    found = []
    for _ in range(count):
        value, data = _read(INTEGER, data)
        found.append(int.from_bytes(value, "big", signed=True))
    return found
