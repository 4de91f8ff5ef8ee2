"""The adapters as processes, driven by QPAP lines, with products that are killed in the middle."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import sys
import unittest
from typing import Any

from quickpay import documents, signing, times, xml
from quickpay.client import post
from quickpay.documents import Identity
from quickpay.signing import Signer
from quickpay.tables import PATH_OF
from quickpay.xml import Node, element, leaf
from tests.keys import listed, to_sign
from tests.world import ADDRESSES, GOODS, ITEM, NOW, PAYCARD, WALLET, Stub, _listed

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SETUP = {"cmd": "setup", "host": "H1", "profile": "F", "now": "2026-11-22T12:00:00Z", "currencies": ["USD"]}


class Adapter:
    """One adapter process and the lines to and from it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, os.path.join(FOLDER, self.name), stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE)

    async def ask(self, **line: Any) -> dict[str, Any]:
        self.number += 1
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"id": self.number, "session": "s", **line}).encode() + b"\n")
        reply = json.loads(await asyncio.wait_for(self.process.stdout.readline(), 30))
        assert reply["id"] == self.number
        return reply

    async def end(self) -> None:
        await self.ask(cmd="teardown")
        await self.ask(cmd="bye")
        await self.process.wait()


class TwoAdapters(unittest.IsolatedAsyncioTestCase):
    """A Vendor and a Wallet as processes."""

    stub: type[Stub] = Stub
    fixtures: dict[str, Any] = {}

    async def asyncSetUp(self) -> None:
        self.broker, self.host = self.stub("B7"), self.stub("H1")
        self.listed = [{**_listed(stub.me.player, await stub.server.start(ADDRESSES[stub.me.player])), **self.published(stub.me.player)}
                       for stub in (self.broker, self.host)]
        self.vendor, self.wallet = Adapter("vendor.py"), Adapter("wallet.py")
        for adapter in (self.vendor, self.wallet):
            await adapter.start()
            self.addAsyncCleanup(adapter.end)
        reply = await self.vendor.ask(
            **SETUP, role="vendor", player="V1001", listen=ADDRESSES["V1001"], source=ADDRESSES["V1001"],
            directory=self.listed, fixtures={"items": [ITEM], "brokers_accepted": ["B7"], **self.fixtures})
        await self.wallet.ask(**SETUP, role="wallet", player=WALLET, source=ADDRESSES[WALLET], directory=[],
                              fixtures={"paycards": [PAYCARD]})
        await self.know_vendor(reply)
        for stub in (self.broker, self.host):
            self.addAsyncCleanup(stub.server.stop)

    def published(self, player: str) -> dict[str, Any]:
        """What the directory says of a player but its place."""
        return {}

    async def know_vendor(self, reply: dict[str, Any]) -> None:
        listed = [*self.listed, {**_listed("V1001", reply["listen"]["port"]), **self.published("V1001")}]
        await self.wallet.ask(cmd="directory", directory=listed)

    async def pay(self, confirm: str = "yes", deadline_ms: int = 5000, op: str = "pay-micro") -> dict[str, Any]:
        return await self.wallet.ask(cmd="do", op=op, deadline_ms=deadline_ms,
                                     args={"vendor": "V1001", "item": "news-1", "confirm": confirm})


class Adapters(TwoAdapters):
    async def test_paid(self) -> None:
        reply = await self.pay()
        self.assertEqual(reply["outcome"], "accepted")
        for adapter in (self.vendor, self.wallet):
            self.assertTrue((await adapter.ask(cmd="fence"))["done"])
        goods = (await self.wallet.ask(cmd="observe", what="goods"))["value"]
        self.assertEqual(goods[0]["sha256"], hashlib.sha256(GOODS).hexdigest())
        orders = (await self.vendor.ask(cmd="observe", what="orders"))["value"]
        self.assertEqual([order["state"] for order in orders], ["DELIVERED"])
        self.assertEqual(len(self.host.requests), 2)
        self.assertIsNone((await self.wallet.ask(cmd="clock", advance_ms=1000))["next_due_ms"])

    async def test_refusals(self) -> None:
        for confirm in ("no", "other-digest"):
            reply = await self.pay(confirm)
            self.assertEqual((reply["outcome"], reply["reason"]), ("rejected", "not-authorised"))
        self.broker.refuse("QP-E-FUNDS")
        self.assertEqual((await self.pay())["reason"], "insufficient")

    async def test_killed_while_unsure(self) -> None:
        self.broker.faults.append(lambda message, request, answer: answer)
        self.broker.lose()
        reply = await self.pay(deadline_ms=1500)
        self.assertEqual((reply["outcome"], reply["details"]["state"]), ("pending", "ENDORSED"))
        await self.know_vendor(await self.vendor.ask(cmd="restart", hard=True))
        await self.vendor.ask(cmd="fence")
        await self.wallet.ask(cmd="restart", hard=True)
        reply = await self.wallet.ask(cmd="await", ref=reply["ref"], deadline_ms=5000)
        self.assertEqual((reply["outcome"], reply["details"]["state"] in ("RECEIVED", "DONE")), ("accepted", True))
        self.assertEqual(len(set(self.broker.named("CheckCommit"))), 1)

    async def test_what_they_cannot_do(self) -> None:
        self.assertIn("unsupported", await self.vendor.ask(cmd="do", op="x", args={}, deadline_ms=100))
        self.assertIn("unverifiable", await self.vendor.ask(cmd="observe", what="goods"))
        self.assertEqual((await self.wallet.ask(cmd="hello", qpap=1))["roles"], ["wallet"])

class Signing(Stub):
    """A Broker that commits with its answer."""

    def _fields(self, message: str, request: Node) -> list[Node | None]:
        if message != "regular/InquiryPayment":
            return super()._fields(message, request)
        return [Signer(to_sign("B7")).sign("commitment", element(
            "Commitment", leaf("Broker", "B7"), leaf("CommitId", "c" * 32), request.find("Body/OrderRef"),
            leaf("CommittedAt", times.to_text(NOW)), leaf("ClaimBy", times.to_text(NOW + 86_400_000))), NOW)]


class RegularAdapters(TwoAdapters):
    stub = Signing
    fixtures = {"signing_keys": to_sign("V1001")}

    def published(self, player: str) -> dict[str, Any]:
        return {"keys": listed(player)} if player != "H1" else {}

    async def test_killed_before_the_receipt_and_after(self) -> None:
        self.broker.lose()
        reply = await self.pay(deadline_ms=1500, op="pay-regular")
        self.assertEqual((reply["outcome"], reply["details"]["state"]), ("pending", "INQUIRING"))
        await self.wallet.ask(cmd="restart", hard=True)
        reply = await self.wallet.ask(cmd="await", ref=reply["ref"], deadline_ms=5000)
        self.assertEqual(reply["outcome"], "accepted")
        self.assertEqual(len(set(self.broker.named("regular/InquiryPayment"))), 1)
        await self.know_vendor(await self.vendor.ask(cmd="restart", hard=True))
        await self.wallet.ask(cmd="restart", hard=True)
        for adapter, state in ((self.vendor, "ACCEPTED"), (self.wallet, "DONE")):
            await adapter.ask(cmd="fence")
            [order] = (await adapter.ask(cmd="observe", what="orders"))["value"]
            self.assertEqual((order["state"], order["amount"]), (state, 125))
        [claim] = (await self.vendor.ask(cmd="observe", what="claims"))["value"]
        self.assertEqual(claim["state"], "CLAIMABLE")
        self.assertEqual(len(set(self.host.named("regular/RegisterOrder"))), 1)

    async def test_refusals(self) -> None:
        self.assertEqual((await self.pay("other-digest", op="pay-regular"))["reason"], "not-authorised")
        reply = await self.pay(op="pay-regular")
        again = await self.wallet.ask(cmd="do", op="try-again", args={"ref": reply["ref"]}, deadline_ms=1000)
        self.assertEqual((again["outcome"], again["reason"]), ("rejected", "out-of-state"))


class HostAdapter(unittest.IsolatedAsyncioTestCase):
    async def test_it_says_where_it_listens(self) -> None:
        """QP-ROLE-009: a Host that its directory does not list, before and after a restart."""
        host = Adapter("host.py")
        await host.start()
        self.addAsyncCleanup(host.end)
        place = (await host.ask(**SETUP, role="host", player="H1", listen=ADDRESSES["H1"], source=ADDRESSES["H1"],
                                directory=[], fixtures={"signing_keys": to_sign("H1")}))["listen"]
        for _ in range(2):
            entry = await self.looked_up(place)
            self.assertEqual((entry.get("Endpoint/Addr"), entry.get("Endpoint/Port")), (ADDRESSES["H1"], str(place["port"])))
            self.assertTrue(signing.right(signing.published(listed("H1"))[0], "directory", entry))
            place = (await host.ask(cmd="restart", hard=True))["listen"]

    async def looked_up(self, place: dict[str, Any]) -> Node:
        data = documents.request(Identity("H1", "H1", "F"), "LookupPlayer", "H1", documents.fresh_id(), NOW,
                                 leaf("Role", "host"), leaf("Id", "H1"), named=False)
        answer = xml.read(await post(place["address"], place["port"], None, PATH_OF["LookupPlayer"], data))
        entry = answer.find("Body/Entry")
        assert entry is not None
        return entry


if __name__ == "__main__":
    unittest.main()
