"""The check values of protocol.md section 4."""

import unittest

from quickpay import canonical
from quickpay.offers import reference
from quickpay.xml import element, leaf

SALT = "00112233445566778899aabbccddeeff"
TEXT = 'Article 4711: "Tea & Toast"'
ITEM_HASH = "1c47fcdf0f5ba9dfade9bd43b498a3736d0ebf001a47b219b57d66a7fdf58940"
BUYER_TAG = "1872c5951c1bb329c147ed8cee67e4e97d824e168f0fcdb47590de380dbdfc89"
DIGEST = "45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c"
REVOKE = "7e7c664d638142567a58220a70afd04bf453e55cdee39af340586cf59e64b446"
TOKEN = "fbb8934be44750c9000f24c7e64e9a2773adc2f2487b443e5851a885eb042623"

ORDER = element(
    "Order", leaf("Kind", "micro"), leaf("Vendor", "V1001"), leaf("OrderId", "2026-000042"), leaf("Amount", 125),
    leaf("Currency", "USD"), leaf("Created", "2026-11-22T12:00:00Z"), leaf("Expires", "2026-11-22T12:15:00Z"),
    leaf("ItemHash", ITEM_HASH), leaf("BuyerTag", BUYER_TAG))


class Golden(unittest.TestCase):
    def test_encoding(self) -> None:
        item = element("Item", leaf("Salt", SALT), leaf("ItemText", TEXT))
        expected = b'(Item(Salt=32:00112233445566778899aabbccddeeff)(ItemText=27:Article 4711: "Tea & Toast"))'
        self.assertEqual(canonical.encode(item), expected)

    def test_item_hash(self) -> None:
        self.assertEqual(canonical.item_hash(SALT, TEXT), ITEM_HASH)

    def test_buyer_tag(self) -> None:
        self.assertEqual(canonical.buyer_tag("f0e1d2c3b4a5968778695a4b3c2d1e0f"), BUYER_TAG)

    def test_order_digest(self) -> None:
        self.assertEqual(canonical.order_digest(ORDER), DIGEST)

    def test_token(self) -> None:
        body = element("Token", leaf("Wallet", "W0123456789abcdef0123456789abcdef"), leaf("Paycard", "P7"),
                       leaf("MsgId", "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbb"), reference(ORDER))
        self.assertEqual(canonical.mac(bytes(range(32)), "paycard-token", body).hex(), TOKEN)

    def test_revoke(self) -> None:
        ref = element(
            "OrderRef", leaf("Kind", "regular"), leaf("Vendor", "V1001"), leaf("OrderId", "2026-000043"), leaf("Amount", 400),
            leaf("Currency", "USD"), leaf("Expires", "2026-11-22T12:15:00Z"), leaf("Digest", "d1" * 32))
        revoke = element("Revoke", leaf("RevokeId", "a7" * 16), ref, leaf("CommitId", "c0" * 16),
                         leaf("Reason", "customer-request"), leaf("RevokedAt", "2026-11-23T09:00:00Z"))
        self.assertEqual((len(canonical.protected("revoke", revoke)), canonical.digest("revoke", revoke)), (386, REVOKE))

    def test_lengths_count_bytes(self) -> None:
        self.assertEqual(canonical.encode(leaf("A", "äß")), "(A=4:äß)".encode())


if __name__ == "__main__":
    unittest.main()
