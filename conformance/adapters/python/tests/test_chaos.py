"""Random faults and restarts: what must hold whatever is lost (machines.md, section 7 of protocol.md)."""

from __future__ import annotations

import random
import unittest

from quickpay import xml
from quickpay.player import Player
from quickpay.vendor import Vendor
from quickpay.wallet import Wallet
from tests.world import ITEM, PAYCARD, WALLET, World

CODES = ("QP-E-BUSY", "QP-E-INTERNAL", "QP-E-UNKNOWN-ORDER", "QP-E-ENDORSEMENT-EXPIRED")
SEEDS = range(3)
STEPS = 12


class Chaos(World):
    """A Broker and a Host that lose, delay and refuse; a Wallet and a Vendor that are started anew."""

    async def test_nothing_is_delivered_without_a_yes(self) -> None:
        for seed in SEEDS:
            with self.subTest(seed):
                await self._run(random.Random(seed))

    async def _run(self, source: random.Random) -> None:
        refs = []
        for _ in range(STEPS):
            stub = source.choice((self.broker, self.host))
            if source.random() < 0.4:
                stub.lose()
            elif source.random() < 0.3:
                stub.refuse(source.choice(CODES))
            if source.random() < 0.5:
                refs.append(await self.buy())
            if source.random() < 0.2:
                await self._restart()
            await self.pass_time(source.choice((0.5, 3, 30, 300)))
        self.broker.faults.clear()
        self.host.faults.clear()
        await self.pass_time(3000)
        self._judge(refs)

    async def _restart(self) -> None:
        await self.wallet.stop()
        await self.vendor.stop()
        self.wallet = Wallet(self._again(WALLET, self.wallet_store), {"paycards": [PAYCARD]})
        self.vendor = Vendor(self._again("V1001", self.vendor_store), {"items": [ITEM], "brokers_accepted": ["B7"]})
        self.vendor_server._handler = self.vendor.front.handle
        self.clock._live.clear()
        self.wallet.load()
        self.vendor.load()

    def _again(self, name: str, store) -> Player:  # type: ignore[no-untyped-def]
        player = self._player(name, store)
        player.directory.replace(self.listed)
        return player

    def _judge(self, refs: list[str]) -> None:
        asked = {xml.read(body).get("Body/OrderRef/OrderId") for body in self.broker.named("CheckCommit")}
        told = {xml.read(body).get("Body/OrderRef/OrderId") for body in self.host.named("RegisterDelivery")}
        delivered = {one["order"] for one in self.vendor.orders() if one["state"] == "DELIVERED"}
        self.assertLessEqual(delivered, asked)
        self.assertEqual(delivered, told)
        for ref in refs:
            shown = self.wallet.status(ref)
            self.assertIn(shown["state"], ("DONE", "DECLINED", "FAILED", "UNDELIVERED"))
            self.assertEqual(shown["state"] == "DONE", shown["order"] in {one["order"] for one in self.wallet.goods()})
            if shown["state"] == "DONE":
                self.assertIn(shown["order"], delivered)


if __name__ == "__main__":
    unittest.main()
