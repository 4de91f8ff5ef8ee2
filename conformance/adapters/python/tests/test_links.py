"""PurchaseLinks: what a shop's page hands over begins a purchase, or nothing at all."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import unittest
from typing import Any
from unittest import mock

from quickpay import links, xml
from quickpay.links import Link
from quickpay.player import Refused
from quickpay.server import Server
from quickpay.signing import Signer
from quickpay.tables import MICRO, Family
from quickpay.xml import Node, element, leaf
from tests import test_adapters
from tests.keys import listed, to_sign
from tests.regular import Regular
from tests.world import ADDRESSES, GOODS, NOW, World

BOTH = ("micro", "regular")
#: What an admin document has at most.
MOST_BYTES, MOST_ELEMENTS = 262_144, 4_096
ELSEWHERE = "127.30.1.66"
NAMED = {"Host": "H1", "Vendor": "V1001", "Kind": "micro", "Item": "news-1"}


def link(*more: Node, **changes: str) -> str:
    """A link to the one item, or to another one."""
    return xml.write(element("PurchaseLink", *(leaf(name, text) for name, text in {**NAMED, **changes}.items()), *more)).decode("utf-8")


def padded(text: str, size: int) -> str:
    """With as many blanks before its end as make it so long."""
    return text.replace("</PurchaseLink>", " " * (size - len(text.encode("utf-8"))) + "</PurchaseLink>")


def entry(*parts: Node, vendor: str = "V1001", name: str = "The Shop") -> Node:
    """Signed by the Host, as the answer to a LookupPlayer would have it."""
    said = element("Entry", leaf("Role", "vendor"), leaf("Id", vendor), leaf("State", "live"), leaf("Name", name), *parts,
                   leaf("IssuedAt", "2026-11-22T11:59:00Z"), leaf("ValidTo", "2026-11-30T11:59:00Z"))
    return Signer(to_sign("H1")).sign("directory", said, NOW)


def currencies() -> list[Node]:
    """More elements than a document of micropayment has, and as many as an entry can hold."""
    return [element("Currency", leaf("Code", "USD"), leaf("Exponent", 2), leaf("Active", "yes"))] * 200


def why(text: str, kinds: tuple[str, ...] = BOTH) -> str:
    """The word with which a link is refused, or nothing."""
    try:
        links.read(text, "H1", kinds)
    except Refused as refusal:
        return str(refusal)
    return ""


PLAIN = link()
ROOT = '<PurchaseLink xmlns="urn:quickpay:1">'
NO_XML = {
    "nothing": "", "text": "V1001", "no namespace": PLAIN.replace(' xmlns="urn:quickpay:1"', ""),
    "another namespace": PLAIN.replace("quickpay:1", "quickpay:2"), "a byte order mark": "\ufeff" + PLAIN,
    "a comment": PLAIN.replace("<Host>", "<!-- --><Host>"), "a second attribute": PLAIN.replace("<Host>", '<Host id="1">'),
    "a character reference": PLAIN.replace("news-1", "news-&#49;"), "half a pair of surrogates": PLAIN.replace("news-1", "news-\ud800"),
    "a document type": "<!DOCTYPE PurchaseLink>" + PLAIN, "two roots": PLAIN * 2, "no end": PLAIN[:-1], "text between": PLAIN.replace("<Kind>", "x<Kind>"),
    "too deep": PLAIN.replace("news-1", "<A>" * 8 + "</A>" * 8), "too many elements": ROOT + "<A>a</A>" * MOST_ELEMENTS + "</PurchaseLink>",
    "not by the tables either": PLAIN.replace("<Kind>micro</Kind>", "<Kind id='1'/>")}
NO_LINK = {
    "another root": PLAIN.replace("PurchaseLink", "GetOrder"), "empty": ROOT + "</PurchaseLink>", "no Host": PLAIN.replace("<Host>H1</Host>", ""),
    "no Item": PLAIN.replace("<Item>news-1</Item>", ""), "out of order": link().replace("<Host>H1</Host>", "").replace("<Kind>", "<Host>H1</Host><Kind>"),
    "twice": PLAIN.replace("<Kind>micro</Kind>", "<Kind>micro</Kind>" * 2), "unknown": link(leaf("Price", 1)),
    "an extension": link(element("Ext", leaf("Name", "x-a"), leaf("Value", "b"))), "an empty Item": link(Item=""),
    "a long Item": link(Item="a" * 129), "blanks in an Item": link(Item=" news-1"), "another Kind": link(Kind="barter"),
    "a Broker that sells": link(Vendor="B7"), "a Vendor that is the Host": link(Host="V1001"), "text": ROOT + "V1001</PurchaseLink>",
    "two entries": link(entry(), entry()), "an entry without Sig": link(element("Entry", *entry().children[:-1])),
    "an entry with a Net": link(entry(element("Net", leaf("Addr", ELSEWHERE), leaf("Prefix", 32)))),
    "an entry before the rest": PLAIN.replace(ROOT, link(entry()).split("<Host>")[0] + "<Entry>x</Entry>")}


class Read(unittest.TestCase):
    """What is a link and what is none: QP-TECH-003, QP-ADD-14, QP-ADD-20."""

    def test_what_it_names(self) -> None:
        for text in (PLAIN, xml.DECLARATION + "\n" + PLAIN, PLAIN.replace("><", ">\r\n\t <"), link(entry()), link(entry(vendor="V2"))):
            self.assertEqual(dataclasses.replace(links.read(text, "H1", BOTH), entry=None), Link("V1001", "micro", "news-1"), text)
        longest = link(Kind="regular", Item="a" * 128).replace("a" * 128, "&apos;" * 128)
        self.assertEqual(links.read(longest, "H1", BOTH), Link("V1001", "regular", "'" * 128))

    def test_what_is_no_xml(self) -> None:
        self.assertEqual({name: why(text) for name, text in NO_XML.items()}, dict.fromkeys(NO_XML, "link QP-E-XML"))

    def test_what_breaks_the_table(self) -> None:
        self.assertEqual({name: why(text) for name, text in NO_LINK.items()}, dict.fromkeys(NO_LINK, "link QP-E-SCHEMA"))

    def test_its_length_in_bytes(self) -> None:
        """QP-ADD-20: of the family of LookupPlayer, and counted in bytes."""
        for text in (PLAIN, link(entry(name="Ärzte")), link(entry(*currencies()))):
            self.assertEqual([why(padded(text, MOST_BYTES + more)) for more in (0, 1)], ["", "link QP-E-XML"])
        self.assertLess(len(padded(link(entry(name="Ärzte")), MOST_BYTES + 1)), MOST_BYTES + 1)

    def test_whose_host_it_names(self) -> None:
        self.assertEqual([why(link(Host=host)) for host in ("H1", "H2", "H10")], ["", "link other-host", "link other-host"])

    def test_what_is_not_served(self) -> None:
        self.assertEqual([why(link(Kind=kind), ("micro",)) for kind in BOTH], ["", "link not-served"])


class Opening(World):
    """A Wallet that counts what it sends, and a place at which a page says that the Vendor listens."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.listed.append({"id": "V2", "role": "vendor", "name": "", "endpoints": [], "removed": True})
        self.wallet._player.directory.replace(self.listed)
        start = self.wallet._caller.start
        self.sent = self.enterContext(mock.patch.object(self.wallet._caller, "start", side_effect=start))
        self.strangers: list[str] = []
        server = Server(self.clock, self.be_asked)
        self.trap = element("Endpoint", leaf("Addr", ELSEWHERE), leaf("Port", await server.start(ELSEWHERE)))
        self.addAsyncCleanup(server.stop)

    async def be_asked(self, path: str, body: bytes, peer: str) -> bytes:
        self.strangers.append(path)
        raise ConnectionResetError

    async def buy_by(self, text: str, kind: str | None = None) -> str:
        """Opens the document and confirms what is shown."""
        ref = self.wallet.open_document(text, kind)
        shown = await self.wallet.wait(ref, 5000)
        self.wallet.confirm(ref, shown["digest"])
        await self.quiet()
        return self.state(ref)

    async def refused(self, text: str, kind: str | None = None) -> str:
        """The word with which a document is refused; nothing is sent, and nothing kept of it."""
        with self.assertRaises(Refused) as raised:
            self.wallet.open_document(text, kind)
        await self.pass_time(3600)
        self.assertEqual((self.sent.call_count, self.wallet.orders(), list(self.wallet_store.under("purchase/"))), (0, [], []))
        return str(raised.exception)


class Opened(Opening):
    async def test_a_purchase(self) -> None:
        """QP-TECH-003: with what the page says alone."""
        self.assertEqual((await self.buy_by(PLAIN), self.vendor_state()), ("DONE", "DELIVERED"))
        self.assertEqual(self.wallet.goods()[0]["sha256"], hashlib.sha256(GOODS).hexdigest())
        self.assertEqual([call.args[0].message for call in self.sent.call_args_list],
                         ["GetOrder", "InquiryPayment", "RequestOrderDelivery", "RegisterOrder"])

    async def test_no_step_for_what_is_no_link(self) -> None:
        """QP-ADD-14, QP-ADD-20; and the Wallet goes on."""
        told = [await self.refused(text) for text in (NO_XML["a comment"], NO_LINK["no Item"], link(Host="H2"), padded(PLAIN, MOST_BYTES + 1))]
        self.assertEqual(told, ["link QP-E-XML", "link QP-E-SCHEMA", "link other-host", "link QP-E-XML"])
        self.assertEqual(await self.buy_by(PLAIN), "DONE")

    async def test_only_of_the_kind_that_is_wanted(self) -> None:
        self.assertEqual([await self.refused(link(Kind=kind), other) for kind, other in (BOTH, BOTH[::-1])], ["link not-served"] * 2)
        self.assertEqual(await self.buy_by(PLAIN, "micro"), "DONE")

    async def test_whom_the_directory_does_not_know(self) -> None:
        """QP-ADD-14: W2, whatever the link brings along; a Vendor that was removed is none."""
        for vendor in ("V1002", "V2"):
            for more in ((), (entry(self.trap, vendor=vendor),)):
                ref = self.wallet.open_document(link(*more, Vendor=vendor))
                await self.quiet()
                self.assertEqual((self.state(ref), self.wallet.status(ref)["told"]), ("NONE", "vendor-unknown"))
        self.assertEqual((self.sent.call_count, self.wallet.orders(), self.strangers), (0, [], []))
        self.assertEqual(await self.buy_by(PLAIN), "DONE")

    async def test_the_directory_counts_and_not_the_page(self) -> None:
        """QP-ADD-14, QP-SAFE-001: neither place nor name are those of the link."""
        ref = self.wallet.open_document(link(entry(self.trap, name="Another Shop")))
        await self.wallet.wait(ref, 5000)
        self.assertEqual((self.state(ref), self.wallet._get(ref)["name"], self.strangers), ("OFFERED", None, []))


class OpenedRegular(Regular):
    async def test_a_purchase(self) -> None:
        """QP-TECH-003: the link says what kind of order it is."""
        for kind in (None, "regular"):
            ref = self.wallet.open_document(link(Kind="regular"), kind)
            shown = await self.wallet.wait(ref, 5000)
            self.wallet.confirm(ref, shown["digest"])
            await self.quiet()
            self.assertEqual(self.bought(ref), "DONE")
        self.assertEqual(self.sold(), ["ACCEPTED"] * 2)


class Twins(Opening):
    """Each check, left out: what the tests above look at comes out otherwise."""

    async def asks(self, text: str) -> bool:
        """Whether the Wallet takes a step."""
        self.wallet.open_document(text)
        await self.quiet()
        return self.sent.call_count > 0

    async def test_a_wallet_of_any_host(self) -> None:
        with mock.patch("quickpay.links._wrong", lambda *_: None):
            self.assertTrue(await self.asks(link(Host="H2")))

    async def test_a_wallet_that_looks_at_no_table(self) -> None:
        with mock.patch("quickpay.links.schema.check", lambda *_: None):
            self.assertTrue(await self.asks(link(leaf("Price", 1))))

    async def test_a_wallet_that_reads_loosely(self) -> None:
        read = xml.read
        with mock.patch("quickpay.links.xml.read", lambda data, family: read(data.replace(b"<!-- -->", b""), family)):
            self.assertTrue(await self.asks(NO_XML["a comment"]))

    async def test_a_wallet_that_knows_every_vendor(self) -> None:
        anybody = self.wallet._player.directory.get("V1001", "vendor")
        with mock.patch.object(self.wallet._player.directory, "get", lambda *_: anybody):
            self.assertTrue(await self.asks(link(Vendor="V1002")))

    async def test_a_wallet_that_believes_the_page(self) -> None:
        place = ((ELSEWHERE, int(self.trap.get("Port") or 0)),)
        with mock.patch.object(self.wallet._player.directory, "endpoints", lambda _: place):
            await self.asks(link(entry(self.trap)))
        self.assertEqual(self.strangers, ["/qp/1/micro/get-order"])

    def test_limits_of_another_family(self) -> None:
        with mock.patch("quickpay.links.family_of", lambda _: MICRO):
            self.assertEqual([why(padded(PLAIN, MOST_BYTES)), why(link(entry(*currencies())))], ["link QP-E-XML"] * 2)

    def test_a_length_in_characters(self) -> None:
        read = xml.read

        def counted(data: bytes, family: Family) -> Node:
            more = len(data) - len(data.decode("utf-8"))
            return read(data, Family(family.body + more, family.elements))
        with mock.patch("quickpay.links.xml.read", counted):
            self.assertEqual(why(padded(link(entry(name="Ärzte")), MOST_BYTES + 1)), "")


class LinkAdapter(test_adapters.TwoAdapters):
    stub = test_adapters.Signing
    fixtures = {"signing_keys": to_sign("V1001")}

    def published(self, player: str) -> dict[str, Any]:
        return {"keys": listed(player)} if player != "H1" else {}

    async def pay_by(self, text: str, op: str = "pay-micro") -> dict[str, Any]:
        return await self.wallet.ask(cmd="do", op=op, deadline_ms=5000, args={"link": text, "confirm": "yes"})

    async def test_it_says_so(self) -> None:
        self.assertEqual((await self.wallet.ask(cmd="hello", qpap=1))["features"], {"links": True, "look-ups": True, "stapled-entries": True})

    async def test_both_kinds(self) -> None:
        """QP-TECH-003."""
        for op, kind, state in (("pay-micro", "micro", "DONE"), ("pay-micro", "regular", "DONE"), ("pay-regular", "regular", "DONE")):
            reply = await self.pay_by(link(entry(), Kind=kind), op)
            await self.wallet.ask(cmd="fence")
            [*_, order] = (await self.wallet.ask(cmd="observe", what="orders"))["value"]
            self.assertEqual((reply["outcome"], order["state"]), ("accepted", state))
        self.assertEqual([message for message, _, _ in self.broker.requests if "Inquiry" in message],
                         ["InquiryPayment", "regular/InquiryPayment", "regular/InquiryPayment"])

    async def test_refusals(self) -> None:
        """QP-ADD-14, QP-ADD-20: the reason where there is a word for it."""
        for text, word in ((NO_XML["text"], "malformed"), (NO_XML["half a pair of surrogates"], "malformed"), (NO_LINK["unknown"], "malformed"),
                           (link(Host="H2"), "unspecified"), (link(Vendor="V1002"), "unspecified")):
            reply = await self.pay_by(text)
            self.assertEqual((reply["outcome"], reply["reason"]), ("rejected", word))
        self.assertEqual((await self.pay_by(PLAIN, "pay-regular"))["outcome"], "rejected")
        self.assertEqual((self.broker.requests, (await self.vendor.ask(cmd="observe", what="orders"))["value"]), ([], []))
        self.assertEqual((await self.pay_by(PLAIN))["outcome"], "accepted")

    async def test_as_long_as_a_line_can_be(self) -> None:
        """QP-ADD-20: of characters that are longer wherever they are written as escapes."""
        for letter in ("ä", "\x7f"):
            text = padded(PLAIN, 2 ** 20 - 1000).replace("  ", letter if letter == "ä" else letter * 2)
            reply = await self.tell_raw({"op": "pay-micro", "args": {"link": text, "confirm": "yes"}, "cmd": "do", "deadline_ms": 5000})
            self.assertEqual((reply["outcome"], reply["reason"]), ("rejected", "malformed"))
        self.assertEqual((await self.pay_by(PLAIN))["outcome"], "accepted")

    async def tell_raw(self, line: dict[str, Any]) -> dict[str, Any]:
        """A line without escapes, of which not much more is left than its link."""
        data = json.dumps({"id": -1, "session": "s", **line}, ensure_ascii=False).encode("utf-8")
        self.assertLessEqual(len(data), 2 ** 20)
        process = self.wallet.process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(data + b"\n")
        return json.loads(await process.stdout.readline())


if __name__ == "__main__":
    unittest.main()
