"""Goods that are fetched from the Vendor with a ticket, and not sent inside a message."""

from __future__ import annotations

import base64
import hashlib
import unittest
from typing import Any
from unittest import mock

from quickpay.client import get
from quickpay.goods import read_item
from quickpay.http import HttpError
from quickpay.server import Server
from quickpay.store import MemoryStore
from quickpay.vendor import Vendor
from tests.world import ADDRESSES, GOODS, ITEM, World

PATH, FOUR = "/goods/news-1", "/goods/news-2"
AWAY = {**ITEM, "url": PATH, "data": base64.b64encode(GOODS * 10_000).decode()}
OTHER = {**ITEM, "item": "news-2", "url": FOUR}


class Location(World):
    """A Vendor that has its goods beside its messages."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.vendor_server.stop()
        self.start()
        self.vendor_server = Server(self.clock, lambda *request: self.vendor.front.handle(*request), lambda *asked: self.vendor.give(*asked))
        self.port = await self.vendor_server.start(ADDRESSES["V1001"])
        next(one for one in self.listed if one["id"] == "V1001")["endpoints"][0]["port"] = self.port
        for core in (self.vendor, self.wallet):
            core._player.directory.replace(self.listed)
            core._player.place = (ADDRESSES["V1001"], self.port)

    def start(self) -> None:
        player = self._player("V1001", self.vendor_store)
        player.directory.replace(self.listed)
        self.vendor = Vendor(player, {"items": [AWAY, OTHER], "brokers_accepted": ["B7"]})
        self.vendor.load()

    def order(self) -> dict[str, Any]:
        found: dict[str, Any] = next(one for _, one in self.vendor_store.under("order/"))
        return found

    async def fetch(self, path: str = PATH, ticket: str | None = None, name: str = "QuickPay-Ticket") -> bytes | int:
        try:
            return await get(ADDRESSES["V1001"], self.port, None, path, {name: self.order()["ticket"] if ticket is None else ticket})
        except HttpError as error:
            return error.status

    async def test_a_purchase(self) -> None:
        """QP-MP-002: they may be more than a message holds."""
        ref = await self.buy()
        self.assertEqual(self.state(ref), "DONE")
        self.assertEqual(self.wallet.goods()[0]["sha256"], hashlib.sha256(GOODS * 10_000).hexdigest())

    async def test_only_for_its_ticket(self) -> None:
        """QP-SAFE-001: at its path, and as long as the order is delivered again; over a restart, too."""
        await self.buy()
        self.start()
        self.assertEqual(await self.fetch(), GOODS * 10_000)
        self.assertEqual([await self.fetch(ticket=wrong) for wrong in ("0" * 32, "", "x", "é")], [403] * 4)
        self.assertEqual([await self.fetch(path) for path in (FOUR, "/goods", PATH + "?", "/")], [403, 404, 404, 404])
        self.assertEqual(await self.fetch(name="Ticket"), 403)
        self.assertEqual(await self.fetch("/qp/1/micro/get-order"), 405)
        await self.pass_time(599)
        self.assertEqual(await self.fetch(), GOODS * 10_000)
        await self.pass_time(3)
        self.assertEqual(await self.fetch(), 403)

    async def test_the_same_ticket_again(self) -> None:
        """V33."""
        await self.buy()
        ticket = self.order()["ticket"]
        answer = self.vendor._goods(self.order())
        self.assertEqual((answer[2].get("Ticket"), answer[2].get("Url")), (ticket, f"http://{ADDRESSES['V1001']}:{self.port}{PATH}"))

    async def test_nothing_leaves_before_the_order_is_delivered(self) -> None:
        self.broker.lose()
        await self.buy()
        self.assertNotIn("ticket", self.order())
        self.assertEqual(await self.fetch(ticket="0" * 32), 403)

    def test_paths(self) -> None:
        for wrong in ("goods", "http://elsewhere/goods", "/qp/1/micro/get-order", "/a b", "/" + "a" * 900):
            with self.assertRaises(ValueError):
                read_item({**ITEM, "url": wrong})
        with self.assertRaises(ValueError):
            read_item({**ITEM, "data": AWAY["data"]})

    async def test_an_owner_who_sends_all_goods_inside(self) -> None:
        self.vendor = Vendor(self.vendor._player, {"items": [OTHER], "brokers_accepted": ["B7"], "inline": True})
        ref = self.wallet.open_link("V1001", "news-2")
        self.wallet.confirm(ref, (await self.wallet.wait(ref, 5000))["digest"])
        await self.quiet()
        self.assertEqual((self.state(ref), "ticket" in self.order(), await self.fetch(FOUR, "0" * 32)), ("DONE", False, 404))

    async def test_twin_that_asks_for_no_ticket(self) -> None:
        await self.buy()
        ticket = self.order()["ticket"]
        with mock.patch.object(MemoryStore, "get", lambda store, key: store._values.get("ticket/" + ticket if key.startswith("ticket/") else key)):
            self.assertEqual(await self.fetch(ticket="0" * 32), GOODS * 10_000)

    async def test_what_a_get_may_not_bring(self) -> None:
        await self.buy()
        headers = {"QuickPay-Ticket": self.order()["ticket"], "Content-Length": "3"}
        with self.assertRaises(HttpError) as raised:
            await get(ADDRESSES["V1001"], self.port, None, PATH, headers)
        self.assertEqual(raised.exception.status, 400)


if __name__ == "__main__":
    unittest.main()
