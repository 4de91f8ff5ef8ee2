"""A batch is settled over HTTP by one signature of each side (QP-BS-009).

usage: batch_test.py QUICKPAY SERVE_BROKEN ORDERS [unittest arguments]

A Vendor and a Broker are served; their ledgers hold what that many paid micropayments left at their ports to settlement. The Vendor claims
it when it starts, and what passes is counted in the recorded traffic. Twins: a Broker that signs twice, and orders that no Broker knows.
"""
import asyncio
import collections
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path("tools/soak").resolve()))
import ledgers  # noqa: E402
import recorder  # noqa: E402
import world  # noqa: E402

QUICKPAY, SERVE_BROKEN = map(os.path.abspath, sys.argv[1:3])
ORDERS = int(sys.argv[3])
UNKNOWN = 3   # of the orders, to a Broker that does not know all
AMOUNT = 125
COMMISSION = AMOUNT * world.COMMISSION_BP // 10_000 + (AMOUNT * world.COMMISSION_BP % 10_000 >= 5_000)
SIGNATURE = re.compile(rb"<Sig>")
PATIENCE_S = 600  # on a machine that has other things to do


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def contents(fields):
    """A record's contents without variables, as its ledger keeps them."""
    def text(value):
        size, out = len(value), b""
        while size >= 0x80:
            out, size = out + bytes([size & 0x7F | 0x80]), size >> 7
        return out + bytes([size]) + value

    return b"\0" + bytes([len(fields)]) + b"".join(text(name.encode()) + text(value.encode()) for name, value in sorted(fields.items()))


class Batch:
    """One Vendor, one Broker, and the orders between them."""

    def __init__(self, folder, fault=None):
        self.world = world.World(QUICKPAY, folder, vendors=("V1001",), brokers=("B7",), wallets=())
        self.now, self.later = stamp(0), stamp(30 * 86400)  # both sides keep the same
        self.vendor, self.broker = self.world.vendors[0], self.world.brokers[0]
        for player, more in ((self.vendor, {"T_call_batch": PATIENCE_S}), (self.broker, {})):
            player.more = {"parameters": world.PARAMETERS[player.role] | more}
        self.vendor.more["parameters"] |= {"T_broker": 86400, "N_broker": 8}
        if fault:
            self.broker.command = [SERVE_BROKEN, "broker", "B7.json", fault]
        self.broker.fixtures["accounts"] = [{"account": "a0", "limit": world.LIMIT, "currency": world.CURRENCY}]

    def records(self, count):
        """(key, fields) of what is handed over."""
        now, later = self.now, self.later
        for number in range(count):
            ref = (f"<OrderRef><Kind>micro</Kind><Vendor>V1001</Vendor><OrderId>order-{number}</OrderId><Amount>{AMOUNT}</Amount>"
                   f"<Currency>{world.CURRENCY}</Currency><Expires>{later}</Expires><Digest>{'d' * 64}</Digest></OrderRef>")
            endorsement = (f"<Endorsement><Broker>B7</Broker><EndorsementId>{'e' * 32}</EndorsementId>{ref}<EndorsedAt>{now}</EndorsedAt>"
                           f"<CheckBy>{later}</CheckBy></Endorsement>")
            yield f"micro/V1001/order-{number}", {
                "OrderRef": ref, "Endorsement": endorsement, "commit_id": "c" * 32, "delivery_id": "f" * 32, "committed_at": now,
                "delivered_at": now, "settle_by": later, "account": "a0"}

    def leave(self, player, machine, count):
        with sqlite3.connect(player.ledger) as database:
            put = "REPLACE INTO record(machine,key,state,contents) VALUES(?,?,?,?)"
            database.executemany(put, ((machine, key, "HANDED-OVER", contents(fields)) for key, fields in self.records(count)))
            if player is self.broker:
                owed = {"owed": str(AMOUNT * count), "held": "0", "debited": "0", "open": "0", "currency": world.CURRENCY}
                database.execute(put, ("account", "a0", "OPEN", contents(owed)))
        database.close()

    async def settle(self, known):
        await self.world.start()
        for player in (self.vendor, self.broker):
            await player.stop()
        self.leave(self.vendor, "port.claim", ORDERS)
        self.leave(self.broker, "port.debt", known)
        answered = asyncio.Event()
        self.world.traffic.watchers.append(lambda what, _: answered.set() if what == "answered" else None)
        self.began = time.monotonic()
        await self.broker.start()
        await self.vendor.start()  # which claims at once what is due
        await asyncio.wait_for(answered.wait(), PATIENCE_S)
        self.seconds = time.monotonic() - self.began

    async def until_closed(self):
        while any(batch["state"] != "CLOSED" for batch in await self.vendor.records("vendor.batch")):
            await asyncio.sleep(0.1)

    def run(self, known, to_the_end=True):
        async def whole():
            try:
                await self.settle(known)
                if to_the_end:
                    await asyncio.wait_for(self.until_closed(), PATIENCE_S)
                self.codes = [await player.stop() for player in (self.vendor, self.broker)]
            finally:
                await self.world.close()

        asyncio.run(whole())

    def signatures(self):
        """How many signatures each player has sent, in whatever message."""
        sent = collections.Counter()
        for one in self.world.traffic.exchanges:
            sent[self.world.at(one.source).id] += len(SIGNATURE.findall(one.request))
            sent[one.server] += len(SIGNATURE.findall(one.answer or b""))
        return dict(sent)

    def counts(self):
        """Batches that passed, and items claimed, accepted and refused in the first."""
        settled = [one for one in self.world.traffic.exchanges if one.path.endswith("/settle-with-broker")]
        request, answer = recorder.body_of(settled[0].request), recorder.body_of(settled[0].answer)
        return len(settled), request.count(b"<Item>"), answer.count(b"<Accepted>"), answer.count(b"<Refused>")


class OneBatch(unittest.TestCase):
    def batch(self, known, fault=None):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        batch = Batch(folder, fault)
        batch.run(known, to_the_end=fault is None)
        return batch

    def test_one_signature_of_each_side(self):
        batch = self.batch(ORDERS)
        self.assertEqual(batch.counts(), (1, ORDERS, ORDERS, 0))
        self.assertEqual(batch.signatures(), {"V1001": 1, "B7": 1})
        self.assertEqual(batch.codes, [0, 0])
        size = sum(len(one.request) + len(one.answer or b"") for one in batch.world.traffic.exchanges)
        print(f"{ORDERS} orders settled over HTTP {batch.seconds:.2f} s after the start, {size} bytes, one signature of each side", flush=True)
        vendor, broker = ledgers.Ledger(batch.vendor.ledger), ledgers.Ledger(batch.broker.ledger)
        self.assertEqual([claim.state for claim in vendor.records["vendor.claim"].values()], ["SETTLED"] * ORDERS)
        self.assertEqual(ledgers.number(vendor.records["income"]["B7/USD"], "net"), ORDERS * (AMOUNT - COMMISSION))
        self.assertEqual(ledgers.number(broker.records["account"]["a0"], "debited"), ORDERS * AMOUNT)

    def test_a_broker_that_signs_twice_is_found(self):
        self.assertGreaterEqual(self.batch(ORDERS, "signs-twice").signatures()["B7"], 2)

    def test_what_the_broker_does_not_know_is_refused_and_counted(self):
        batch = self.batch(ORDERS - UNKNOWN)
        self.assertEqual(batch.counts(), (1, ORDERS, ORDERS - UNKNOWN, UNKNOWN))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
