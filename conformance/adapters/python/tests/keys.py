"""RSA keys for tests, in the form in which an adapter gets them. Made once a process; the numbers are not secret."""

from __future__ import annotations

import base64
import functools
import random
from typing import Any

from quickpay import rsa

ALWAYS = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2027-12-31T23:59:59Z"}


def _prime(generator: random.Random, bits: int) -> int:
    while True:
        number = generator.getrandbits(bits) | 1 | 3 << (bits - 2)
        if number % 65537 != 1 and all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            return number


@functools.cache
def private(name: str, bits: int = 2048, exponent: int = 65537) -> rsa.PrivateKey:
    """The key of this name: the same every time."""
    generator = random.Random(f"{name} {bits}")
    while True:
        one, other = _prime(generator, bits // 2), _prime(generator, bits // 2)
        order = (one - 1) * (other - 1)
        if one != other and order % exponent:
            return rsa.PrivateKey(rsa.PublicKey(one * other, exponent), pow(exponent, -1, order))


def to_sign(name: str) -> list[dict[str, Any]]:
    return [{"key": base64.b64encode(_pkcs8(private(name))).decode(), **ALWAYS}]


def listed(name: str, **changes: Any) -> list[dict[str, Any]]:
    data = rsa.write_public(private(name).public)
    return [{"key": base64.b64encode(data).decode(), "usage": "sign", **ALWAYS, **changes}]


def _pkcs8(key: rsa.PrivateKey) -> bytes:
    numbers = b"".join(map(rsa._integer, (0, key.public.modulus, key.public.exponent, key.secret, 0, 0, 0, 0, 0)))
    inner = rsa._write(rsa.OCTETS, rsa._write(rsa.SEQUENCE, numbers))
    return rsa._write(rsa.SEQUENCE, rsa._integer(0) + rsa._ALGORITHM + inner)
