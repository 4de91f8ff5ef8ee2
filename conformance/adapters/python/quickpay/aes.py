"""AES-256 and AES-256-GCM with nonces of 12 bytes (FIPS 197, SP 800-38D).

Tables are looked up by secret bytes, so this takes no constant time: these are keys of tests.
"""

from __future__ import annotations

import hmac

KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
ROUNDS = 14
_REDUCTION = 0xE1 << 120


class Closed(Exception):
    """A box that this key does not open."""


def _double(value: int) -> int:
    value <<= 1
    return value ^ 0x11B if value & 0x100 else value


def _times(one: int, other: int) -> int:
    """The product in the field of AES."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one, other = _double(one), other >> 1
    return product


def _substitutes() -> bytes:
    made = []
    for value in range(256):
        inverse = next((one for one in range(256) if _times(value, one) == 1), 0)
        wide = inverse | inverse << 8
        folded = inverse ^ wide >> 7 ^ wide >> 6 ^ wide >> 5 ^ wide >> 4
        made.append(folded & 0xFF ^ 0x63)
    return bytes(made)


_BOX = _substitutes()
_TWICE = bytes(_double(value) for value in range(256))
#: Where each byte comes from when the rows are shifted.
_SHIFTED = tuple((at + 4 * (at % 4)) % 16 for at in range(16))


def _schedule(key: bytes) -> list[bytes]:
    """The round keys."""
    words = [key[at:at + 4] for at in range(0, KEY_BYTES, 4)]
    constant = 1
    for at in range(8, 4 * (ROUNDS + 1)):
        word = words[-1]
        if at % 8 == 0:
            word = bytes(_BOX[byte] for byte in word[1:] + word[:1])
            word = bytes([word[0] ^ constant]) + word[1:]
            constant = _double(constant)
        elif at % 8 == 4:
            word = bytes(_BOX[byte] for byte in word)
        words.append(bytes(one ^ other for one, other in zip(word, words[at - 8])))
    return [b"".join(words[at:at + 4]) for at in range(0, len(words), 4)]


def _mixed(state: bytes) -> bytes:
    """Each column multiplied by the matrix of AES."""
    made = bytearray()
    for at in range(0, 16, 4):
        column = state[at:at + 4]
        every = column[0] ^ column[1] ^ column[2] ^ column[3]
        made += bytes(column[row] ^ every ^ _TWICE[column[row] ^ column[(row + 1) % 4]] for row in range(4))
    return bytes(made)


def encrypt_block(keys: list[bytes], block: bytes) -> bytes:
    state = bytes(one ^ other for one, other in zip(block, keys[0]))
    for number in range(1, ROUNDS + 1):
        state = bytes(_BOX[state[at]] for at in _SHIFTED)
        state = _mixed(state) if number < ROUNDS else state
        state = bytes(one ^ other for one, other in zip(state, keys[number]))
    return state


def _hashed(secret: int, data: bytes) -> int:
    """GHASH of whole blocks."""
    total = 0
    for at in range(0, len(data), 16):
        factor, total = total ^ int.from_bytes(data[at:at + 16], "big"), 0
        shifted = secret
        for bit in range(127, -1, -1):
            total ^= shifted if factor >> bit & 1 else 0
            shifted = shifted >> 1 ^ (_REDUCTION if shifted & 1 else 0)
    return total


def _filled(data: bytes) -> bytes:
    return data + bytes(-len(data) % 16)


class Gcm:
    """One key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError("not a key of AES-256")
        self._keys = _schedule(key)
        self._secret = int.from_bytes(encrypt_block(self._keys, bytes(16)), "big")

    def seal(self, nonce: bytes, data: bytes, bound: bytes) -> bytes:
        """The data enciphered, its tag at the end."""
        hidden = self._counted(nonce, data)
        return hidden + self._tag(nonce, hidden, bound)

    def open(self, nonce: bytes, box: bytes, bound: bytes) -> bytes:
        """Closed unless the box was made with this key and nonce, and is bound to this."""
        hidden, tag = box[:-TAG_BYTES], box[-TAG_BYTES:]
        if len(nonce) != NONCE_BYTES or len(tag) != TAG_BYTES or not hmac.compare_digest(tag, self._tag(nonce, hidden, bound)):
            raise Closed("the box does not open")
        return self._counted(nonce, hidden)

    def _counted(self, nonce: bytes, data: bytes) -> bytes:
        blocks = range((len(data) + 15) // 16)
        stream = b"".join(encrypt_block(self._keys, nonce + (number + 2).to_bytes(4, "big")) for number in blocks)
        return bytes(one ^ other for one, other in zip(data, stream))

    def _tag(self, nonce: bytes, hidden: bytes, bound: bytes) -> bytes:
        sizes = (8 * len(bound)).to_bytes(8, "big") + (8 * len(hidden)).to_bytes(8, "big")
        total = _hashed(self._secret, _filled(bound) + _filled(hidden) + sizes)
        return (total ^ int.from_bytes(encrypt_block(self._keys, nonce + b"\0\0\0\1"), "big")).to_bytes(16, "big")
