"""RSA keys for tests, in the form in which an adapter gets them. Made once a process; the numbers are not secret."""

from __future__ import annotations

import base64
import functools
import math
import random
from typing import Any

from quickpay import rsa

ALWAYS = {"not_before": "2026-01-01T00:00:00Z", "not_after": "2027-12-31T23:59:59Z"}


#: The product of the small primes: most numbers share one with it, and need no test that takes longer.
_SMALL = math.prod(number for number in range(3, 2000, 2) if all(number % other for other in range(3, math.isqrt(number) + 1, 2)))


def _prime(generator: random.Random, bits: int) -> int:
    while True:
        number = generator.getrandbits(bits) | 1 | 3 << (bits - 2)
        if number % 65537 != 1 and math.gcd(number, _SMALL) == 1 and all(pow(base, number - 1, number) == 1 for base in (2, 3, 5, 7)):
            return number


@functools.cache
def _primes(name: str, bits: int, exponent: int) -> tuple[int, int]:
    generator = random.Random(f"{name} {bits}")
    while True:
        one, other = _prime(generator, bits // 2), _prime(generator, bits // 2)
        if one != other and (one - 1) * (other - 1) % exponent:
            return one, other


@functools.cache
def private(name: str, bits: int = 2048, exponent: int = 65537) -> rsa.PrivateKey:
    """The key of this name: the same every time."""
    one, other = _primes(name, bits, exponent)
    return rsa.PrivateKey(rsa.PublicKey(one * other, exponent), pow(exponent, -1, (one - 1) * (other - 1)), (one, other))


def to_sign(name: str) -> list[dict[str, Any]]:
    return [{"key": base64.b64encode(_pkcs8(name)).decode(), **ALWAYS}]


def listed(name: str, **changes: Any) -> list[dict[str, Any]]:
    data = rsa.write_public(private(name).public)
    return [{"key": base64.b64encode(data).decode(), "usage": "sign", **ALWAYS, **changes}]


def _pkcs8(name: str) -> bytes:
    """With all numbers, since others read it, too."""
    key = private(name)
    one, other = _primes(name, 2048, 65537)
    values = (0, key.public.modulus, key.public.exponent, key.secret, one, other, key.secret % (one - 1), key.secret % (other - 1),
              pow(other, -1, one))
    numbers = b"".join(map(rsa._integer, values))
    inner = rsa._write(rsa.OCTETS, rsa._write(rsa.SEQUENCE, numbers))
    return rsa._write(rsa.SEQUENCE, rsa._integer(0) + rsa._ALGORITHM + inner)
