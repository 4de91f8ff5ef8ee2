"""Boxes: AES-256-GCM and RSA-OAEP by their check values, and that a box opens in its own message alone (QP-ADM-011, QP-ADM-012)."""

from __future__ import annotations

import base64
import unittest
from unittest import mock

from quickpay import boxes, rsa, schema, xml
from quickpay.aes import Closed, Gcm, _schedule, encrypt_block
from quickpay.boxes import Opener
from quickpay.xml import Node, element, leaf
from tests.keys import private, to_sign
from tests.world import NOW

KEY = bytes.fromhex("feffe9928665731c6d6a8f9467308308" * 2)
NONCE = bytes.fromhex("cafebabefacedbaddecaf888")
PLAIN = bytes.fromhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
BOUND = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
HIDDEN = bytes.fromhex("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662")
TAG = bytes.fromhex("76fc6ece0f4e1768cddf8853bb2d551b")


class Ciphers(unittest.TestCase):
    def test_a_block_of_aes(self) -> None:
        """FIPS 197, C.3."""
        keys = _schedule(bytes(range(32)))
        made = encrypt_block(keys, bytes.fromhex("00112233445566778899aabbccddeeff"))
        self.assertEqual(made.hex(), "8ea2b7ca516745bfeafc49904b496089")

    def test_the_check_values_of_gcm(self) -> None:
        """Test case 16 of the specification of GCM, and what is empty."""
        self.assertEqual(Gcm(KEY).seal(NONCE, PLAIN, BOUND), HIDDEN + TAG)
        self.assertEqual(Gcm(bytes(32)).seal(bytes(12), b"", b"").hex(), "530f8afbc74536b9a963b4f1c4cb738b")

    def test_every_changed_byte_closes_a_box(self) -> None:
        box, gcm = HIDDEN + TAG, Gcm(KEY)
        self.assertEqual(gcm.open(NONCE, box, BOUND), PLAIN)
        for at in range(len(box)):
            with self.assertRaises(Closed):
                gcm.open(NONCE, box[:at] + bytes([box[at] ^ 1]) + box[at + 1:], BOUND)
        for nonce, spoilt, bound in ((NONCE[:-1] + b"0", box, BOUND), (NONCE, box, BOUND + b"0"), (NONCE, box[:-1], BOUND), (NONCE, b"", b"")):
            with self.assertRaises(Closed):
                gcm.open(nonce, spoilt, bound)

    def test_what_is_wrapped(self) -> None:
        key = private("B7 seals")
        value = rsa.wrap(key.public, KEY)
        self.assertEqual((len(value), rsa.unwrap(key, value)), (key.public.size, KEY))
        self.assertNotEqual(value, rsa.wrap(key.public, KEY))
        for spoilt in (value[:-1] + bytes([value[-1] ^ 1]), value[1:], b"\0" + value, bytes(len(value)), b"\xff" * len(value)):
            self.assertIsNone(rsa.unwrap(key, spoilt))
        self.assertIsNone(rsa.unwrap(private("B7"), value))
        self.assertEqual(rsa.unwrap(key, rsa.wrap(key.public, b"\0\0\1")), b"\0\0\1")


def _outer(msg_id: str, *fields: Node) -> Node:
    head = element("Head", leaf("Version", "1"), leaf("MsgId", msg_id))
    return element("TakeQuestion", head, *([element("Body", *fields)] if fields else []))


class Boxes(unittest.TestCase):
    """What is sealed to a key, and what comes back."""

    def setUp(self) -> None:
        self.inner = element("TakeQuestionInner", leaf("SessionId", "5" * 32), leaf("Nonce", "4" * 32))
        self.opener = Opener(to_sign("B7 seals"))

    def sealed(self, inner: Node | None = None) -> Node:
        return boxes.sealed(private("B7 seals").public, inner or self.inner, _outer("1" * 32))

    def closed(self, part: Node, msg_id: str = "1" * 32, now: int = NOW) -> None:
        with self.assertRaises(Closed):
            self.opener.open("TakeQuestion", _outer(msg_id, part), now)

    def test_it_opens_for_its_key_in_its_message(self) -> None:
        self.assertEqual(self.opener.open("TakeQuestion", _outer("1" * 32, self.sealed()), NOW), self.inner)
        self.closed(self.sealed(), msg_id="2" * 32)
        self.closed(self.sealed(), now=NOW + 10 * 365 * 86_400_000)
        self.closed(boxes.sealed(private("B7").public, self.inner, _outer("1" * 32)))
        name = leaf("KeyId", "0" * 64)
        self.closed(element("Sealed", name, *self.sealed().children[1:]))

    def test_a_key_that_is_too_short_is_none(self) -> None:
        short = base64.b64encode(rsa.wrap(private("B7 seals").public, bytes(16))).decode()
        parts = self.sealed().children
        self.closed(element("Sealed", parts[0], leaf("WrappedKey", short), *parts[2:]))

    def test_what_comes_out_is_judged_like_any_document(self) -> None:
        part = self.sealed(element("TakeQuestionInner", leaf("SessionId", "5" * 32)))
        with self.assertRaises(schema.SchemaError):
            self.opener.open("TakeQuestion", _outer("1" * 32, part), NOW)
        with mock.patch("quickpay.xml.write", lambda _: b"<no/>"), self.assertRaises(xml.XmlError):
            self.opener.open("TakeQuestion", _outer("1" * 32, self.sealed()), NOW)

    def test_without_the_head_a_box_would_open_anywhere(self) -> None:
        """The twin: were it not bound, the check above would find nothing."""
        with mock.patch("quickpay.boxes.bound_to", lambda _: b""):
            self.assertEqual(self.opener.open("TakeQuestion", _outer("2" * 32, self.sealed()), NOW), self.inner)


if __name__ == "__main__":
    unittest.main()
