"""Purchases between the Wallet and the Vendor of this package, with a stub Broker and Host."""

import hashlib
import unittest

from quickpay import xml
from quickpay.client import post
from quickpay.tables import PATH_OF
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet
from tests.world import ADDRESSES, GOODS, ITEM, PAYCARD, WALLET, World


class Paid(World):
    async def test_fault_free(self) -> None:
        ref = await self.buy()
        self.assertEqual(self.state(ref), "DONE")
        self.assertEqual(self.vendor_state(), "DELIVERED")
        self.assertEqual([m for m, _, _ in self.broker.requests], ["InquiryPayment", "CheckCommit"])
        self.assertEqual(sorted(m for m, _, _ in self.host.requests), ["RegisterDelivery", "RegisterOrder"])
        self.assertEqual(self.wallet.goods()[0]["sha256"], hashlib.sha256(GOODS).hexdigest())

    async def test_sources(self) -> None:
        await self.buy()
        self.assertEqual([peer for _, _, peer in self.broker.requests], [ADDRESSES[WALLET], ADDRESSES["V1001"]])

    async def test_own_order_ref(self) -> None:
        await self.buy()
        inquiry, check = (xml.read(body) for _, body, _ in self.broker.requests)
        self.assertEqual(inquiry.find("Body/OrderRef"), check.find("Body/OrderRef"))

    async def test_declined(self) -> None:
        ref = await self.buy(confirm=False)
        self.wallet.decline(ref)
        await self.pass_time(901)
        self.assertEqual((self.state(ref), self.vendor_state()), ("DECLINED", "EXPIRED"))
        self.assertEqual(self.broker.requests, [])

    async def test_other_digest(self) -> None:
        ref = await self.buy(confirm=False)
        self.wallet.confirm(ref, "0" * 64)
        await self.quiet()
        self.assertEqual((self.state(ref), self.broker.requests), ("OFFERED", []))

    async def test_expires_is_included(self) -> None:
        await self.buy(confirm=False)
        await self.pass_time(900.999)
        self.assertEqual(self.vendor_state(), "OFFERED")
        await self.pass_time(0.001)
        self.assertEqual(self.vendor_state(), "EXPIRED")

    async def test_content_hash(self) -> None:
        self.vendor._items["news-1"] = self.vendor._items["news-1"].__class__(
            "An article", 125, "USD", "text/plain", GOODS, True)
        ref = await self.buy(confirm=False)
        object.__setattr__(self.vendor._items["news-1"], "data", b"something else")
        self.wallet.confirm(ref, self.wallet.status(ref)["digest"])
        await self.quiet()
        self.assertEqual((self.state(ref), self.wallet.goods()), ("UNDELIVERED", []))
        self.assertIn(b"<Outcome>not-received</Outcome>", self.host.named("RegisterOrder")[0])
        object.__setattr__(self.vendor._items["news-1"], "data", GOODS)
        self.wallet.try_again(ref)
        await self.quiet()
        self.assertEqual(self.state(ref), "DONE")


class BrokerFaults(World):
    async def test_funds(self) -> None:
        self.broker.refuse("QP-E-FUNDS")
        ref = await self.buy()
        self.assertEqual((self.state(ref), self.wallet.status(ref)["told"]), ("OFFERED", "choose-paycard"))

    async def test_refused(self) -> None:
        self.broker.refuse("QP-E-CURRENCY")
        self.assertEqual(self.state(await self.buy()), "FAILED")

    async def test_same_bytes_again(self) -> None:
        for fault in (self.broker.lose, lambda: self.broker.refuse("QP-E-BUSY"),
                      lambda: self.broker.spoil(b"<InReplyTo>", b"<InReplyTo>0"),
                      lambda: self.broker.spoil(b"<Sender>B7<", b"<Sender>B8<")):
            fault()
            self.broker.requests.clear()
            ref = await self.buy()
            self.assertEqual(self.state(ref), "INQUIRING")
            await self.pass_time(2)
            self.assertEqual(self.state(ref), "DONE")
            self.assertEqual(len(set(self.broker.named("InquiryPayment"))), 1)
            self.assertEqual(len(self.broker.named("InquiryPayment")), 2)

    async def test_foreign_endorsements(self) -> None:
        for old, new in ((b"<Endorsement><Broker>B7<", b"<Endorsement><Broker>B8<"),
                         (b"<Amount>125<", b"<Amount>124<"), (b"<Vendor>V1001<", b"<Vendor>V1002<")):
            self.broker.spoil(old, new)
            self.assertEqual(self.state(await self.buy()), "FAILED")
        self.assertEqual(self.vendor_state(), "OFFERED")

    async def test_lost_yes(self) -> None:
        ref = await self.buy(confirm=False)
        digest = self.wallet.status(ref)["digest"]
        self.broker.faults.append(lambda message, request, answer: answer)
        self.broker.lose()
        self.wallet.confirm(ref, digest)
        await self.quiet()
        self.assertEqual((self.state(ref), self.vendor_state()), ("ENDORSED", "UNSURE"))
        await self.pass_time(4)
        self.assertEqual((self.state(ref), self.vendor_state()), ("DONE", "DELIVERED"))
        self.assertEqual(len(set(self.broker.named("CheckCommit"))), 1)

    async def test_check_refused(self) -> None:
        for code, state in (("QP-E-UNKNOWN-ORDER", "ENDORSED"), ("QP-E-MISMATCH", "UNDELIVERED"),
                            ("QP-E-ENDORSEMENT-EXPIRED", "DONE"), ("QP-E-FORBIDDEN", "ENDORSED")):
            with self.subTest(code):
                self.broker.faults.append(lambda message, request, answer: answer)
                self.broker.refuse(code)
                ref = await self.buy()
                self.assertEqual(self.state(ref), state)
                await self.pass_time(700)

    async def test_abandoned(self) -> None:
        self.broker.faults.append(lambda message, request, answer: answer)
        for _ in range(200):
            self.broker.lose()
        ref = await self.buy()
        await self.pass_time(599)
        self.assertEqual((self.state(ref), self.vendor_state()), ("ENDORSED", "UNSURE"))
        await self.pass_time(2)
        self.assertEqual((self.state(ref), self.vendor_state()), ("UNDELIVERED", "ABANDONED"))


class HostFaults(World):
    async def test_notices_are_repeated(self) -> None:
        for _ in range(6):
            self.host.lose()
        ref = await self.buy()
        self.assertEqual(self.state(ref), "RECEIVED")
        await self.pass_time(60)
        self.assertEqual(self.state(ref), "DONE")
        self.assertEqual((len(set(self.host.named("RegisterOrder"))), len(set(self.host.named("RegisterDelivery")))),
                         (1, 1))

    async def test_a_refusal_is_final(self) -> None:
        self.host.refuse("QP-E-VENDOR")
        self.host.refuse("QP-E-VENDOR")
        ref = await self.buy()
        await self.pass_time(3600)
        self.assertEqual((self.state(ref), len(self.host.requests)), ("DONE", 2))


class Restarts(World):
    async def test_everything_is_taken_up(self) -> None:
        self.host.lose()
        self.host.lose()
        ref = await self.buy()
        await self.wallet.stop()
        await self.vendor.stop()
        settings = {"items": [ITEM], "brokers_accepted": ["B7"]}
        self.wallet = Wallet(self._again(WALLET, self.wallet_store), {"paycards": [PAYCARD]})
        self.vendor = Vendor(self._again("V1001", self.vendor_store), settings)
        for core in (self.wallet, self.vendor):
            core.load()
        await self.quiet()
        self.assertEqual((self.state(ref), self.vendor_state()), ("DONE", "DELIVERED"))
        self.assertEqual((len(self.host.requests), len({body for _, body, _ in self.host.requests})), (4, 2))

    def _again(self, name: str, store):  # type: ignore[no-untyped-def]
        player = self._player(name, store)
        player.directory.replace(self.listed)
        return player


class Asked(World):
    """The Vendor as a server: order of checks and repeats."""

    def get_order(self, **changes: str) -> bytes:
        told = {"Version": "1", "Profile": "F", "Host": "H1", "Receiver": "V1001", "MsgId": "1" * 32, **changes}
        head = "".join(f"<{k}>{v}</{k}>" for k, v in told.items() if k in
                       ("Version", "Profile", "Host", "Receiver", "MsgId"))
        broker = f"<Broker>{changes['Broker']}</Broker>" if "Broker" in changes else ""
        return (f'<GetOrder xmlns="urn:quickpay:1"><Head>{head}</Head><Body><Kind>micro</Kind>'
                f"<Item>{changes.get('Item', 'news-1')}</Item>{broker}<BuyerTag>{'0' * 64}</BuyerTag></Body>"
                f"</GetOrder>").encode()

    async def ask(self, body: bytes, message: str = "GetOrder") -> tuple[str, bytes]:
        endpoint = self.listed[2]["endpoints"][0]
        answer = await post(endpoint["address"], endpoint["port"], None, PATH_OF[message], body)
        return xml.read(answer).get("Body/Status/Code") or "", answer

    async def test_order_of_checks(self) -> None:
        cases = (("QP-E-XML", b"x"), ("QP-E-SCHEMA", self.get_order(Version="2").replace(b">micro<", b">x<")),
                 ("QP-E-VERSION", self.get_order(Version="2", Profile="H")),
                 ("QP-E-VERSION", self.get_order(Host="H2")),
                 ("QP-E-PROFILE", self.get_order(Profile="H", Receiver="V2")),
                 ("QP-E-RECEIVER", self.get_order(Receiver="V2", Item="x")),
                 ("QP-E-NO-ITEM", self.get_order(Item="x", Broker="B9", MsgId="2" * 32)),
                 ("QP-E-BROKER", self.get_order(Broker="B9", MsgId="3" * 32)), ("QP-OK", self.get_order()))
        for code, body in cases:
            with self.subTest(code):
                self.assertEqual((await self.ask(body))[0], code)
        self.assertEqual((await self.ask(b"x", "CheckCommit"))[0], "QP-E-UNSUPPORTED")

    async def test_repeats(self) -> None:
        _, first = await self.ask(self.get_order())
        _, again = await self.ask(self.get_order().replace(b"<Body>", b"\n <Body>"))
        self.assertEqual(first, again)
        self.assertEqual((await self.ask(self.get_order(Item="x")))[0], "QP-E-CONFLICT")
        self.assertEqual((await self.ask(self.get_order()))[1], first)
        await self.pass_time(86401)
        self.assertNotEqual((await self.ask(self.get_order()))[1], first)


if __name__ == "__main__":
    unittest.main()
