"""Host, Broker and Vendor are away in turn while others trade; what they missed reaches them afterwards, and nothing is lost.

usage: suspension_test.py QUICKPAY SERVE_BROKEN [unittest arguments]

Away means that the process stands still (SIGSTOP), that it was ended and is started later, or that its operator suspends it.
Without the Host everything is bought and delivered (QP-MP-019, QP-GEN-012); without one Broker or Vendor, whatever does not concern it.
"""
import asyncio
import collections
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path("tools/soak").resolve()))
import books  # noqa: E402
import evidence  # noqa: E402
import load  # noqa: E402
import soak  # noqa: E402
import world  # noqa: E402

QUICKPAY, SERVE_BROKEN = map(os.path.abspath, sys.argv[1:3])
AT_ONCE = 60      # purchases of a buyer, so that those that hang leave room for others
ENOUGH = 12       # purchases that have to end without the one who is away
MISSED = 3        # requests that it has to miss meanwhile
PATIENCE_S = 300  # on a machine that has other things to do
NOTHING_S = 3     # in which nothing can be bought


class Trade:
    """The players under load. What happens can be waited for."""

    def __init__(self, folder, broken=None):
        self.world = world.World(QUICKPAY, folder)
        if broken:
            player = next(one for one in self.world.players if one.role == broken[0])
            player.command = [SERVE_BROKEN, player.role, player.id + ".json", broken[1]]
        self.evidence = evidence.Evidence(self.world)
        self.load = load.Load(self.world, self.evidence, random.Random(1), AT_ONCE, regular=0)
        self.parties, self.received, self.missed = {}, [], collections.Counter()
        self.happened, self.away = asyncio.Condition(), ()
        self.world.traffic.watchers += [self.evidence.see, self._see]
        for player in self.world.players:
            player.more["trace"] = player.id + ".trace.ndjson"
        for wallet in self.world.wallets:
            wallet.listeners.append(self._hear)

    def traces(self):
        return [pathlib.Path(self.world.folder, player.more["trace"]) for player in self.world.players]

    def _see(self, what, exchange):
        if what == "asked" and exchange.server in self.away:
            self.missed[exchange.server] += 1
            self._tell()
        if what == "answered":
            self._tell()

    def _hear(self, _, event):
        if event["event"] == "offer":
            self.parties[event["order"]] = {event["vendor"], event["broker"]}
        if event["event"] == "received":
            self.received.append(event["order"])
            self._tell()

    def _tell(self):
        async def wake():
            async with self.happened:
                self.happened.notify_all()

        self.waking = asyncio.ensure_future(wake())

    async def until(self, condition, seconds=PATIENCE_S):
        async with self.happened:
            await asyncio.wait_for(self.happened.wait_for(condition), seconds)

    def without(self, players):
        """How many purchases ended so far in which none of them took part."""
        return sum(not self.parties[order] & players for order in self.received)

    async def while_away(self, *players):
        """Enough is bought without them, although they are asked."""
        away = {player.id for player in players}
        before, self.missed, self.away = self.without(away), collections.Counter(), away
        await self.until(lambda: self.without(away) >= before + ENOUGH and all(self.missed[name] >= MISSED for name in away))
        self.away = ()

    async def answers_again(self, player):
        before = self.evidence.count(player)
        await self.until(lambda: self.evidence.count(player) > before)

    async def stand_still(self, *players):
        for player in players:
            player.suspend()
        try:
            await self.while_away(*players)
        finally:
            for player in players:
                player.suspend(False)
        for player in players:
            await self.answers_again(player)

    async def end_and_start(self, player):
        code = await player.stop()
        await self.while_away(player)
        await player.start()
        await self.answers_again(player)
        return code

    async def operator_suspends(self, player):
        """The operator's word, and whether it was done."""
        asked = await player.tell(do="suspend")
        await self.while_away(player)
        resumed = await player.tell(do="resume")
        await self.answers_again(player)
        return asked["ok"] and resumed["ok"]

    async def drained(self):
        """Whether everything has ended and the Host has taken every notice."""
        if not await self.load.at_rest():
            return False
        kept = [await player.records(machine) for players, machine in ((self.world.brokers, "broker.order"), (self.world.vendors, "vendor.order"))
                for player in players]
        due = sum(record["state"] in ("COMMITTED", "DELIVERED") for records in kept for record in records)
        paths = collections.Counter(path for path, _, _ in self.evidence.answers[self.world.host.id])
        return due == paths["/qp/1/micro/register-commit"] + paths["/qp/1/micro/register-delivery"]

    async def come_to_rest(self, seconds=PATIENCE_S):
        self.load.buying = False

        async def rest():
            while not await self.drained():
                self.load.check()
                await asyncio.sleep(load.TICK)

        await asyncio.wait_for(rest(), seconds)
        return [await player.stop() for player in self.world.players]

    def run(self, story):
        async def whole():
            try:
                await self.world.start()
                self.load.start()
                return await story(self)
            finally:
                await self.load.end()
                await self.world.close()

        return asyncio.run(whole())


def judged_trace(path):
    """What the monitor says of a trace: its exit code, and its words."""
    done = subprocess.run([QUICKPAY, "trace", str(path)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def one_that_is_missed(lines):
    """The first line of a trace with a step that leads elsewhere, and after which its record takes another one."""
    steps = [json.loads(line) for line in lines]
    for number, step in enumerate(steps):
        record = step.get("machine"), step.get("key")
        if step["trace"] == "step" and step["before"] != step["after"] and any((later.get("machine"), later.get("key")) == record for later in steps[number + 1:]):
            return number
    raise AssertionError("no record takes two steps")


class Suspension(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def judged(self, trade, codes):
        self.assertEqual(set(codes), {0})
        self.assertEqual(books.Books(trade.world, trade.evidence, regular=False).findings, [])
        killer = soak.Killer(trade.world, trade.evidence, None, QUICKPAY)
        self.assertIn("all follow", killer.audit(trade.world.host))
        self.assertEqual(killer.findings, [])
        for trace in trade.traces():  # every step of every player, through all its lives
            self.assertEqual(judged_trace(trace)[0], 0, judged_trace(trace)[1])

    def test_each_stands_still_in_turn(self):
        async def story(trade):
            for player in (trade.world.host, trade.world.brokers[0], trade.world.vendors[0]):
                await trade.stand_still(player)
            return await trade.come_to_rest()

        trade = Trade(self.folder)
        self.judged(trade, trade.run(story))
        # Twin: a step that was not written down is missed.
        trace = trade.traces()[1]
        lines = trace.read_text().splitlines(keepends=True)
        del lines[one_that_is_missed(lines)]
        trace.write_text("".join(lines))
        self.assertEqual(judged_trace(trace)[0], 1, judged_trace(trace)[1])

    def test_each_is_ended_and_started_in_turn(self):
        async def story(trade):
            ended = [await trade.end_and_start(player) for player in (trade.world.host, trade.world.brokers[1], trade.world.vendors[1])]
            done = [await trade.operator_suspends(player) for player in (trade.world.host, trade.world.brokers[0])]
            self.assertEqual((ended, done), ([0, 0, 0], [True, True]))
            return await trade.come_to_rest()

        trade = Trade(self.folder)
        self.judged(trade, trade.run(story))

    # Twins: the waiting can fail, and so can the drain.
    def test_without_any_broker_nothing_is_bought(self):
        async def story(trade):
            await trade.until(lambda: len(trade.received) > 3)
            for broker in trade.world.brokers:
                broker.suspend()
            await asyncio.sleep(0)
            before = len(trade.received)
            with self.assertRaises(asyncio.TimeoutError):
                await trade.until(lambda: len(trade.received) >= before + ENOUGH, NOTHING_S)
            for broker in trade.world.brokers:
                broker.suspend(False)

        Trade(self.folder).run(story)

    def test_a_broker_that_tells_nobody_is_found(self):
        async def story(trade):
            await trade.until(lambda: len(trade.received) > 3)
            trade.load.buying = False

            async def rest():  # the notices alone are missing then
                while not await trade.load.at_rest():
                    trade.load.check()
                    await asyncio.sleep(load.TICK)

            await asyncio.wait_for(rest(), PATIENCE_S)
            with self.assertRaises(asyncio.TimeoutError):
                await trade.come_to_rest(NOTHING_S)

        Trade(self.folder, ("broker", "never-notifies")).run(story)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
