"""Documents that the XML profile or the tables refuse (protocol.md section 3)."""

import unittest

from quickpay import schema, xml
from quickpay.types import is_a

GET_ORDER = ('<GetOrder xmlns="urn:quickpay:1"><Head><Version>1</Version><Profile>F</Profile><Host>H1</Host>'
             "<Receiver>V1</Receiver><MsgId>" + "0" * 32 + "</MsgId></Head><Body><Kind>micro</Kind><Item>i</Item>"
             "<BuyerTag>" + "0" * 64 + "</BuyerTag></Body></GetOrder>")
EXT = "<Ext><Name>x-a</Name><Value>b</Value></Ext>"
REFUSED = ('<GetOrderResponse xmlns="urn:quickpay:1"><Head><Version>1</Version><Profile>F</Profile><Host>H1</Host>'
           "<Sender>V1</Sender><MsgId>" + "0" * 32 + "</MsgId><SentAt>2026-11-22T12:00:00Z</SentAt></Head><Body>"
           "<Status><Code>QP-E-NO-ITEM</Code><Retry>no</Retry></Status></Body></GetOrderResponse>")

BAD_XML = {
    "empty": "",
    "no document": "hello",
    "byte order mark": "\ufeff" + GET_ORDER,
    "blank before the declaration": " " + xml.DECLARATION + GET_ORDER,
    "another declaration": '<?xml version="1.0"?>' + GET_ORDER,
    "no namespace": GET_ORDER.replace(' xmlns="urn:quickpay:1"', ""),
    "another namespace": GET_ORDER.replace("quickpay:1", "quickpay:2"),
    "attribute": GET_ORDER.replace("<Kind>", '<Kind a="b">'),
    "attribute on the root": GET_ORDER.replace('quickpay:1"', 'quickpay:1" a="b"'),
    "namespace on a child": GET_ORDER.replace("<Kind>", '<Kind xmlns="urn:quickpay:1">'),
    "prefix": GET_ORDER.replace("<Kind>micro</Kind>", "<q:Kind>micro</q:Kind>"),
    "comment": GET_ORDER.replace("<Kind>", "<!-- c --><Kind>"),
    "comment after the root": GET_ORDER + "<!-- c -->",
    "processing instruction": GET_ORDER.replace("<Kind>", "<?a b?><Kind>"),
    "CDATA": GET_ORDER.replace("micro", "<![CDATA[micro]]>"),
    "document type": "<!DOCTYPE GetOrder>" + GET_ORDER,
    "numeric reference": GET_ORDER.replace(">i<", ">&#105;<"),
    "unknown entity": GET_ORDER.replace(">i<", ">&nbsp;<"),
    "bare ampersand": GET_ORDER.replace(">i<", ">a&b<"),
    "end of CDATA": GET_ORDER.replace(">i<", ">]]><"),
    "text beside elements": GET_ORDER.replace("<Kind>", "x<Kind>"),
    "text after the root": GET_ORDER + "x",
    "second root": GET_ORDER + GET_ORDER,
    "crossed tags": GET_ORDER.replace("</Item><BuyerTag>", "<BuyerTag></Item>"),
    "cut off": GET_ORDER[:-1],
    "name too long": GET_ORDER.replace("Kind>", "K" * 65 + ">"),
    "name with an underscore": GET_ORDER.replace("Kind>", "Ki_nd>"),
    "control character": GET_ORDER.replace(">i<", ">\x01<"),
    "NUL": GET_ORDER.replace(">i<", ">\x00<"),
    "too deep": GET_ORDER.replace("i</Item>", "<A>" * 6 + "</A>" * 6 + "</Item>"),
    "too many": GET_ORDER.replace("</Body>", EXT * 100 + "</Body>"),
}
BAD_SCHEMA = {
    "another root": GET_ORDER.replace("GetOrder", "CheckCommit"),
    "unknown element": GET_ORDER.replace("</Body>", "<New>1</New></Body>"),
    "wrong order": GET_ORDER.replace("<Kind>micro</Kind><Item>i</Item>", "<Item>i</Item><Kind>micro</Kind>"),
    "missing": GET_ORDER.replace("<Item>i</Item>", ""),
    "twice": GET_ORDER.replace("<Item>i</Item>", "<Item>i</Item><Item>i</Item>"),
    "empty": GET_ORDER.replace("<Item>i</Item>", "<Item></Item>"),
    "empty, short": GET_ORDER.replace("<Item>i</Item>", "<Item/>"),
    "empty container": GET_ORDER[:GET_ORDER.index("<Body>")] + "<Body></Body></GetOrder>",
    "blank around a value": GET_ORDER.replace(">micro<", "> micro<"),
    "another constant": GET_ORDER.replace(">micro<", ">regular<"),
    "final line feed": GET_ORDER.replace("</Host>", "\n</Host>"),
    "elements in a leaf": GET_ORDER.replace(">i<", "><A>i</A><"),
    "text in a container": GET_ORDER[:GET_ORDER.index("<Body>")] + "<Body>x</Body></GetOrder>",
    "named sender": GET_ORDER.replace("<Receiver>", "<Sender>V2</Sender><Receiver>"),
    "sending time": GET_ORDER.replace("</Head>", "<SentAt>2026-11-22T12:00:00Z</SentAt></Head>"),
    "nine extensions": GET_ORDER.replace("</Body>", EXT * 9 + "</Body>"),
    "extensions apart": GET_ORDER.replace("<Kind>", EXT + "<Kind>"),
    "item too long": GET_ORDER.replace(">i<", ">" + "i" * 129 + "<"),
    "capital digit": GET_ORDER.replace("0" * 64, "A" * 64),
    "something after Body": GET_ORDER.replace("</GetOrder>", "<Foot>1</Foot></GetOrder>"),
}
BAD_RESPONSE = {
    "result without QP-OK": REFUSED.replace("</Status>", "</Status><VendorName>a</VendorName>"),
    "no Retry": REFUSED.replace("<Retry>no</Retry>", ""),
    "Retry with QP-OK": REFUSED.replace("QP-E-NO-ITEM", "QP-OK"),
    "receiver": REFUSED.replace("<MsgId>", "<Receiver>V2</Receiver><MsgId>"),
}


class Reader(unittest.TestCase):
    def test_good(self) -> None:
        for text in (GET_ORDER, xml.DECLARATION + "\n" + GET_ORDER + "\r\n", GET_ORDER.replace("><", ">\t <"),
                     GET_ORDER.replace("</Body>", EXT * 8 + "</Body>"), GET_ORDER.replace("<Kind>", "<Kind >")):
            schema.check(xml.read(text.encode()), "GetOrder")
        schema.check(xml.read(REFUSED.encode()), "GetOrderResponse")

    def test_bad_xml(self) -> None:
        for name, text in BAD_XML.items():
            with self.subTest(name), self.assertRaises(xml.XmlError):
                xml.read(text.encode())

    def test_bad_bytes(self) -> None:
        for name, data in {"latin-1": b"\xe4", "overlong": b"\xc0\xaf", "surrogate": b"\xed\xa0\x80"}.items():
            with self.subTest(name), self.assertRaises(xml.XmlError):
                xml.read(GET_ORDER.encode().replace(b">i<", b">" + data + b"<"))

    def test_bad_schema(self) -> None:
        for name, text in BAD_SCHEMA.items():
            with self.subTest(name), self.assertRaises(schema.SchemaError):
                schema.check(xml.read(text.encode()), "GetOrder")

    def test_bad_response(self) -> None:
        for name, text in BAD_RESPONSE.items():
            with self.subTest(name), self.assertRaises(schema.SchemaError):
                schema.check(xml.read(text.encode()), "GetOrderResponse")

    def test_written_is_read(self) -> None:
        node = xml.element("A", xml.leaf("B", "<&>\"' äß]]>"))
        self.assertEqual(xml.read(xml.write(node)), node)

    def test_types(self) -> None:
        for name, good, bad in (("Time", "2024-02-29T23:59:59Z", "2023-02-29T00:00:00Z"), ("Amount", "1", "01"),
                                ("B64", "QQ==", "QR=="), ("Text", "a b", "a\u200bb"), ("Url", "http://a:1/", "ftp://a"),
                                ("RoleId", "V1", "V01"), ("ErrorCode", "QP-E-NEW-ONE", "QP-E-"), ("Int", "0", "1\n")):
            with self.subTest(name):
                self.assertTrue(is_a(name, good))
                self.assertFalse(is_a(name, bad))


if __name__ == "__main__":
    unittest.main()
