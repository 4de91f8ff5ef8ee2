#!/usr/bin/env python3
"""Kills the served roles of the reference at random moments of a mixed load, and looks whether anything was lost.

Two Wallets, two Vendors, two Brokers and a Host run as processes of `quickpay serve` and pay, at once and by regular orders, settle,
take orders back, leave mail, publish and renew keys and add Paycards, in profile F or H, while others register, change and leave. Each role is killed (SIGKILL) --kills times: at a random time, or when a request or an answer of the player has just passed. After every kill the
ledger of the dead player must hold all that it has acknowledged, a Host's must pass `quickpay audit`; then it is started again. In the
end no order may be paid twice, what buyers owe must be what Vendors get and Brokers keep, and nobody keeps anything of what was taken back.

Exit code: 0 nothing was lost, 1 something was, 2 wrong usage, 3 the run itself failed, 130 interrupted (what was seen is reported).
"""
import argparse
import asyncio
import collections
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import administration
import books
import evidence
import ledgers
import load
import world

ROLES = ("wallet", "vendor", "broker", "host")
KEYLESS = 0.3  # of the lives of a Vendor in profile F: it has mislaid its keys to sign
SLOW_EVERY, SLOW_S = 8, 6.0   # every so many kills a player is away so long that a Vendor goes to the Host
SETTLE_S, ROUNDS = 240, 6     # how long everything may take to come to rest, and how often all are started anew for it
SHOWN_FINDINGS = 20
AUDIT_S = 1800  # on a machine that has other things to do


class Killer:
    """Kills players one at a time and starts them again; several may be down together."""

    def __init__(self, players, seen, chance, quickpay):
        self.world, self.evidence, self.random, self.quickpay = players, seen, chance, quickpay
        self.kills, self.moments, self.audits, self.checked = collections.Counter(), collections.Counter(), 0, 0
        self.findings, self.restarts, self.trigger = [], [], None  # one finding ends the run
        players.traffic.watchers.append(self._watch)

    def _watch(self, what, exchange):
        if self.trigger is None:
            return
        victim, moment, left, passed = self.trigger
        mine = {"receives": what == "asked" and exchange.server == victim.id,
                "answers": what == "answered" and exchange.server == victim.id,
                "asks": what == "asked" and exchange.source == victim.address}[moment]
        if not mine:
            return
        self.trigger = (victim, moment, left - 1, passed)
        if left == 1:
            self.trigger = None
            victim.strike()  # before what has just left it goes on
            passed.set()

    async def strike(self, role):
        alive = [player for player in self.world.present if player.role == role and player.running]
        if not alive:
            await asyncio.sleep(load.TICK)
            return
        victim = self.random.choice(alive)
        moment = self.random.choice(("any time", "asks") if role == "wallet" else ("any time", "asks", "answers", "receives"))
        if role == "host" and moment == "asks":
            moment = "answers"
        if moment == "any time":
            await asyncio.sleep(self.random.random() * 0.5)
        elif not await self._when(victim, moment):
            moment = "any time"
        if victim.retired:
            return  # it has left meanwhile
        await victim.kill()
        self.kills[role] += 1
        self.moments[moment] += 1
        await self._look_at(victim)
        slow = self.kills[role] % SLOW_EVERY == 0
        self.restarts.append(asyncio.ensure_future(self._restart(victim, SLOW_S if slow else self.random.random() * 0.3)))

    async def _when(self, victim, moment):
        passed = asyncio.Event()
        self.trigger = (victim, moment, self.random.randint(1, 4), passed)
        try:
            await asyncio.wait_for(passed.wait(), 3)
            return True
        except (TimeoutError, asyncio.TimeoutError):
            self.trigger = None
            return False

    async def _restart(self, victim, pause):
        await asyncio.sleep(pause)
        if self.world.profile == "F" and victim in self.world.vendors:
            victim.keyless = self.random.random() < KEYLESS
            victim.write_config()
        await victim.start()

    async def _look_at(self, victim):
        """The ledger of a dead player."""
        await asyncio.sleep(0)
        self.checked += self.evidence.count(victim)
        self.findings += self.evidence.lost(victim, ledgers.Ledger(victim.ledger))
        if victim.role == "host":
            self.audit(victim)

    def audit(self, host):
        self.audits += 1
        with tempfile.TemporaryDirectory() as folder:
            copy = os.path.join(folder, "host.ledger")
            ledgers.copy_ledger(host.ledger, copy)
            done = subprocess.run([self.quickpay, "audit", copy], capture_output=True, text=True, timeout=AUDIT_S, check=False)
        if done.returncode != 0:
            self.findings.append(f"quickpay audit: exit {done.returncode}: {done.stdout}{done.stderr}".strip())
        return done.stdout

    def look_for_ends(self):
        """Nobody ends but by a kill or when he is told to."""
        self.findings += [f"{player.id} ended by itself with exit code {player.ended_by_itself}; see {player.id}.log"
                          for player in self.world.present if player.ended_by_itself is not None]

    async def end(self):
        for restart in self.restarts:
            restart.cancel()
        await asyncio.gather(*self.restarts, return_exceptions=True)

    async def all_up(self):
        """Everybody runs, and who had mislaid its keys has them again."""
        await asyncio.gather(*self.restarts)
        self.restarts = []
        self.look_for_ends()
        for player in self.world.present:
            if player.keyless and player.running:
                player.keyless = False
                player.write_config()
                await player.stop()
                await player.start()


class Run:
    """One soak from the start of the players to the report."""

    def __init__(self, options, folder):
        self.options, self.chance, self.begun = options, random.Random(options.seed), time.monotonic()
        self.world = world.World(options.quickpay, folder, profile=options.profile)
        administration.furnish(self.world, options.kills)
        for player in self.world.players:
            if options.broken and player.role == options.broken_role:
                player.command = [options.broken, player.role, player.id + ".json", options.fault]
        self.evidence = evidence.Evidence(self.world)
        self.world.traffic.watchers.append(self.evidence.see)
        self.killer = Killer(self.world, self.evidence, self.chance, self.world.quickpay)
        self.load = load.Load(self.world, self.evidence, self.chance)
        self.books = None

    def say(self, words):
        if not self.options.quiet:
            print(f"[{time.monotonic() - self.begun:6.1f}s] {words}", file=sys.stderr, flush=True)

    async def go(self):
        try:
            await self.world.start()
            self.load.start()
            await self._until_everything_happens()
            await self._kill()
            await self._come_to_rest()
        finally:
            await self.killer.end()
            await self.load.end()
            await self.world.close()

    async def _until_everything_happens(self):
        """Goods were received, each Vendor has taken a settled order back, each Broker has one to deduct, and all was administered once."""
        wanted = {player.id for player in self.world.vendors + self.world.brokers}
        while not any(self.evidence.goods.values()) or self.evidence.deducted < wanted or self.evidence.missing():
            self.load.check()
            self.killer.look_for_ends()
            if self.killer.findings:
                return
            await asyncio.sleep(load.TICK)

    async def _kill(self):
        self.evidence.killing = True
        wanted = [role for role in ROLES for _ in range(self.options.kills)]
        self.chance.shuffle(wanted)
        while sum(self.killer.kills.values()) < len(wanted) and not self.killer.findings:
            done = sum(self.killer.kills.values())
            await self.killer.strike(wanted[done])
            self.load.check()
            self.killer.look_for_ends()
            if done % 20 == 19:
                self.say(f"{done + 1} of {len(wanted)} kills, {len(self.world.traffic.exchanges)} exchanges, "
                         f"{len(self.killer.findings)} findings")

    async def _come_to_rest(self):
        """No more purchases; then all players are restarted until none owes the others anything."""
        self.load.buying = self.evidence.killing = False
        await self.killer.all_up()
        if self.killer.findings:
            return  # what was lost may keep the rest from ever ending
        rested = False
        for _ in range(ROUNDS):
            self.say("waits until everything has ended")
            ends = time.monotonic() + SETTLE_S
            while not (rested := await self.load.at_rest()) and time.monotonic() < ends:
                self.load.check()
                self.killer.look_for_ends()
                if self.killer.findings:
                    return
                await asyncio.sleep(2 * load.TICK)
            codes = [await player.stop() for player in self.world.present]
            if any(codes):
                self.killer.findings.append(f"exit codes of players that were told to stop: {codes}")
            if not any(ledgers.Ledger(player.ledger).calls for player in self.world.present):
                break
            await asyncio.gather(*(player.start() for player in self.world.present))
        if not rested:
            self.killer.findings.append("not every purchase, claim and batch came to its end")
        self.killer.audit(self.world.host)
        self.books = books.Books(self.world, self.evidence)

    def findings(self):
        return self.killer.findings + (self.books.findings if self.books else ["the run did not come to its end, so the books were not judged"])

    def _administration(self):
        """How many of each message were acknowledged, and how many of them after the first kill."""
        seen = sorted(what for what in evidence.EXPECTED | evidence.EXPECTED_IN[self.options.profile])
        count = lambda what: f"{what} {self.evidence.acknowledged(what)} ({self.evidence.acknowledged_under_kill(what)})"
        yield "administration acknowledged (while players were killed): " + ", ".join(count(what) for what in seen)

    def report(self):
        kills, sums = self.killer.kills, self.books.sums if self.books else collections.Counter()
        final = self.evidence.final
        yield f"profile {self.options.profile}, seed {self.options.seed}, {time.monotonic() - self.begun:.0f} s, {len(self.world.traffic.exchanges)} exchanges"
        yield "killed: " + ", ".join(f"{role} {kills[role]}" for role in ROLES) + " times; " + ", ".join(
            f"{count} at {moment}" if moment == "any time" else f"{count} as it {moment}" for moment, count in self.killer.moments.items())
        yield f"acknowledgements looked up in ledgers of killed players: {self.killer.checked}; audits: {self.killer.audits}"
        yield "purchases: " + (", ".join(f"{sums[key]} {key[6:]}" for key in sorted(sums) if key.startswith("order ")) or "none ended")
        yield "claims: " + (", ".join(f"{sums[key]} {key[6:]}" for key in sorted(sums) if key.startswith("claim ")) or "none")
        yield (f"answers: {final['SettleWithBroker QP-OK']} settlements of {len(self.evidence.settlements)} batches, "
               f"{final['SettleWithHost QP-OK']} hearings, {final['RegisterMessage QP-OK']} messages of mail taken")
        yield (f"taken back: {final['RevokeOrder deduct']} settled, {final['RevokeOrder released']} not settled; refunded {sums['refunded']} = "
               f"deducted {sums['deducted']} + commission reversed {sums['reversed']}; unsigned {sums['held']}, "
               f"of which Vendors contested {sums['contested']} and made {sums['own held']}")
        yield (f"money: received {sums['received']}, delivered {sums['delivered']}, owed {sums['owed']}, debited {sums['debited']} = "
               f"payable {sums['payable']} + commission {sums['commission']}; Vendors booked {sums['accepted']} and did not hear of "
               f"{sums['unheard']}")
        yield from self._administration()
        found = self.findings()
        yield from found[:SHOWN_FINDINGS]
        if len(found) > SHOWN_FINDINGS:
            yield f"… and {len(found) - SHOWN_FINDINGS} more"
        yield f"{len(found)} findings" if found else "nothing acknowledged was lost, no order was paid twice, the audit is clean, money is conserved"


def arguments(words):
    parser = argparse.ArgumentParser(prog="tools/soak/soak.py", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("quickpay", nargs="?", default="build/release/quickpay", help="the program (default: %(default)s)")
    parser.add_argument("--kills", type=int, default=200, metavar="N", help="of each role (default: %(default)s)")
    parser.add_argument("--profile", choices=("F", "H"), default="F", help="that everybody speaks (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=None, help="of load and moments (default: from the clock)")
    parser.add_argument("--out", metavar="DIR", help="keep ledgers, logs and configurations here (default: only after findings)")
    parser.add_argument("--quiet", action="store_true", help="no progress")
    parser.add_argument("--broken", metavar="PROGRAM", help="serve_broken, for a twin of this run")
    parser.add_argument("--broken-role", choices=("host", "broker", "vendor"), help="who runs it")
    parser.add_argument("--fault", help="its fault")
    options = parser.parse_args(words)
    if options.kills < 1:
        parser.error("--kills must be at least 1")
    if not os.access(options.quickpay, os.X_OK):
        parser.error(f"{options.quickpay} is no program; build it, or say where it is")
    if bool(options.broken) != bool(options.broken_role) or bool(options.broken) != bool(options.fault):
        parser.error("--broken, --broken-role and --fault go together")
    options.broken = options.broken and os.path.abspath(options.broken)
    options.seed = options.seed if options.seed is not None else int(time.time())
    return options


async def until_done_or_interrupted(run):
    going = asyncio.ensure_future(run.go())
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, going.cancel)
    try:
        await going
        return 0
    except asyncio.CancelledError:
        return 130


def main(words):
    options = arguments(words)
    folder = options.out or tempfile.mkdtemp(prefix="quickpay-soak-")
    os.makedirs(folder, exist_ok=True)
    run = Run(options, folder)
    try:
        code = asyncio.run(until_done_or_interrupted(run))
    except (RuntimeError, OSError, AssertionError, subprocess.SubprocessError) as error:
        print(f"the run failed: {error}; see {folder}", file=sys.stderr)
        return 3
    print("\n".join(run.report()))
    bad = bool(run.findings())
    if bad or options.out:
        print(f"ledgers and logs: {folder}")
    else:
        shutil.rmtree(folder)
    return code or int(bad)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
