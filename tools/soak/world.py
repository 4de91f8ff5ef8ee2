"""Players of the reference on one machine, each a process of its own (`quickpay serve`), with a recorder before each server."""
import asyncio
import base64
import ctypes
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys

import recorder

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "conformance" / "adapters" / "python"))
from quickpay import keys as shared_keys, xml  # noqa: E402,F401  codes of profile H, for the players' files and for mail

INNER, OUTER = 8100, 8101  # where a server listens, and where the others are told that it does
CURRENCY = "USD"
LIMIT = 10**9
COMMISSION_BP = 150
#: Spans so short that a run of minutes sees them end; the specification's bounds allow them.
PARAMETERS = {
    "host": {"T_broker": 2, "N_broker": 2, "T_stmt": 10, "T_arb": 3600},
    "broker": {"T_endorse": 60},
    "vendor": {"T_order": 900, "T_redeliver": 120, "T_batchmin": 1, "T_broker": 2, "N_broker": 2, "T_call_batch": 10},
    "wallet": {"T_redeliver": 120},
}
LINE_LIMIT = 1 << 20
START_S = 120  # a player that takes longer does not start


def network():
    """The first three parts of loopback addresses that no other run on this machine uses."""
    pid = os.getpid()
    return f"127.{100 + pid // 250 % 50}.{1 + pid % 250}."


def openssl(given, *words):
    return subprocess.run(["openssl", *words], input=given, capture_output=True, check=True).stdout


class Key:
    """An RSA key as configuration and directory want it. Of several that are good a player signs with the one that became so last."""

    def __init__(self, not_before="2020-01-01T00:00:00Z"):
        valid = {"not_before": not_before, "not_after": "2099-12-31T23:59:59Z"}
        made = openssl(b"", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048")
        private = openssl(made, "pkcs8", "-topk8", "-nocrypt", "-outform", "DER")
        public = openssl(made, "pkey", "-pubout", "-outform", "DER")
        self.private = {"key": base64.b64encode(private).decode(), **valid}
        self.public = {"key": base64.b64encode(public).decode(), **valid}
        self.pem, self.id = made, hashlib.sha256(public).hexdigest()


def _end_with_parent():
    """Runs in the child: whatever happens to this program, no player outlives it."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Player:
    """One player: its files, and its process while it runs."""

    def __init__(self, world, role, player, number):
        self.world, self.role, self.id = world, role, player
        self.address = world.network + str(number)
        self.key = None if role == "wallet" else world.keys[role]
        self.seal, self.spare = None, []  # what others seal to, and keys to sign that nobody has been told of
        self.cards = []  # with which the user of a Wallet pays
        self.going = self.retired = False  # it has left, and then it is a player no more
        self.keyless = False  # it has mislaid its keys to sign
        self.fixtures, self.policy, self.shop, self.more = {}, {}, {}, {}
        self.command = [world.quickpay, "serve", role, "--config", player + ".json"]
        self.process, self.readers, self.ready = None, [], asyncio.Event()
        self.asked, self.listeners = {}, []
        self.lives, self.struck, self.told_to_stop = 0, False, False

    @property
    def ledger(self):
        return os.path.join(self.world.folder, self.id + ".ledger")

    def listed(self):
        entry = {"id": self.id, "role": self.role}
        if self.role == "wallet":
            return entry | {"bound": [self.address]}
        keys = [self.key.public] + ([self.seal.public | {"usage": "seal"}] if self.seal else [])
        return entry | {"name": "Shop " + self.id, "keys": keys, "endpoints": [{"address": self.address, "port": OUTER}]}

    def known(self):
        """What it is, and whom it knows, in its configuration."""
        return {"player": self.id, "directory": "directory.json"}

    @property
    def signs(self):
        return self.key is not None and not self.keyless

    def given(self):
        """Its fixtures with its keys."""
        fixtures = self.fixtures | ({"signing_keys": [key.private for key in (self.key, *self.spare)]} if self.signs else {})
        if self.seal:
            fixtures["sealing_keys"] = [self.seal.private]
        if shared := self.world.profile == "H" and self.world.shared_by(self):
            fixtures["keys"] = shared
        return fixtures

    def write_config(self):
        config = {"host": self.world.host.id, "profile": self.world.profile, "ledger": self.id + ".ledger", "currencies": [CURRENCY],
                  "source": self.address, "parameters": PARAMETERS[self.role], "fixtures": self.given(), **self.known()}
        if self.policy:
            config["policy"] = self.policy
        if self.role != "wallet":
            config |= {"listen": {"address": self.address, "port": INNER}, "authorities": ["*"]}
        self.world.write(self.id + ".json", config | self.more)

    @property
    def running(self):
        return self.process is not None and self.process.returncode is None

    @property
    def ended_by_itself(self):
        """Its exit code if it ended, and nobody made it; else None."""
        made_to = self.process is None or self.struck or self.told_to_stop
        return None if made_to else self.process.returncode

    async def start(self):
        self.lives += 1
        self.ready = asyncio.Event()
        pipe = asyncio.subprocess.PIPE
        self.process = await asyncio.create_subprocess_exec(*self.command, cwd=self.world.folder, stdin=pipe, stdout=pipe,
                                                            stderr=pipe, limit=LINE_LIMIT, start_new_session=True,
                                                            preexec_fn=_end_with_parent)
        self.struck = self.told_to_stop = False  # until now that was said of the process before
        self.readers = [asyncio.ensure_future(self._read_output(self.process.stdout)),
                        asyncio.ensure_future(self._read_log(self.process.stderr))]
        await asyncio.wait_for(self.ready.wait(), START_S)
        if not self.struck and (self.process.returncode is not None or self.readers[1].done()):
            raise RuntimeError(f"{self.id} does not start; see {self.id}.log")

    async def _read_output(self, stream):
        while line := await stream.readline():
            if not line.endswith(b"\n"):
                return  # half a line says nothing
            said = json.loads(line)
            if "event" in said:
                for listener in self.listeners:
                    listener(self, said)
            elif (future := self.asked.pop(said["id"], None)) is not None:
                if not future.done():
                    future.set_result(said)

    async def _read_log(self, stream):
        with open(os.path.join(self.world.folder, self.id + ".log"), "ab") as log:
            while line := await stream.readline():
                log.write(line)
                log.flush()
                if b'"event":"listening"' in line or (self.role == "wallet" and b'"event":"started"' in line):
                    self.ready.set()
        self.ready.set()

    def tell(self, **command):
        """A command; the future has the reply, or None if the process ended before one came."""
        number = self.world.next_command()
        future = asyncio.get_running_loop().create_future()
        self.asked[number] = future
        if self.running:
            self.process.stdin.write((json.dumps({"id": number, **command}) + "\n").encode())
        else:
            self._forget(number)
        return future

    def _forget(self, number):
        future = self.asked.pop(number, None)
        if future is not None and not future.done():
            future.set_result(None)

    async def records(self, machine):
        """All records of a machine as the player tells them, or None if it ended meanwhile."""
        found = []
        while True:
            reply = await self.tell(do="records", machine=machine, after=found[-1]["key"] if found else "", limit=1000)
            if reply is None or not reply["ok"]:
                return None
            found += reply["records"]
            if len(reply["records"]) < 1000:
                return found

    async def _ended(self):
        code = await self.process.wait()
        await asyncio.gather(*self.readers)
        for number in list(self.asked):
            self._forget(number)
        return code

    def strike(self):
        """kill -9 at this very moment."""
        if self.running and not self.struck:
            self.struck = True
            self.process.kill()

    async def kill(self):
        """kill -9; what it had written until then has been read when this returns."""
        self.strike()
        return await self._ended()

    async def stop(self):
        """SIGTERM; the exit code."""
        if self.running:
            self.told_to_stop = True
            self.process.terminate()
        return await self._ended()

    def suspend(self, stopped=True):
        self.process.send_signal(signal.SIGSTOP if stopped else signal.SIGCONT)


class World:
    """The players, their folder, and the traffic between them."""

    def __init__(self, quickpay, folder, vendors=("V1001", "V1002"), brokers=("B7", "B8"), wallets=("W" + "a1" * 16, "W" + "b2" * 16),
                 profile="F"):
        self.quickpay, self.folder, self.network = os.path.abspath(quickpay), os.path.abspath(folder), network()
        self.profile, self.administered = profile, False
        self.traffic, self.commands, self.recorders = recorder.Traffic(), 0, []
        self.keys = {role: Key() for role in ("host", "broker", "vendor")}
        self.host = Player(self, "host", "H1", 1)
        self.brokers = [Player(self, "broker", name, 10 + i) for i, name in enumerate(brokers)]
        self.vendors = [Player(self, "vendor", name, 20 + i) for i, name in enumerate(vendors)]
        self.wallets = [Player(self, "wallet", name, 30 + i) for i, name in enumerate(wallets)]
        self.players = [self.host, *self.brokers, *self.vendors, *self.wallets]
        self.shared = {player.id: shared_keys.Key(1, os.urandom(32), None) for player in self.players if player is not self.host}
        self._furnish()

    def shared_by(self, player):
        """The symmetric keys of a player, as the configuration of profile H has them."""
        if player is self.host:
            keys = self.shared
        elif player.id in self.shared:
            keys = {self.host.id: self.shared[player.id]}
        else:
            return []  # it is given them when it registers
        if player.role == "vendor":
            keys |= {broker.id: shared_keys.pair_key(self.shared[broker.id], player.id, broker.id) for broker in self.brokers}
        return [{"peer": peer, "epoch": key.epoch, "key": key.value.hex()} for peer, key in keys.items()]

    def _furnish(self):
        for i, vendor in enumerate(self.vendors):
            vendor.fixtures = {"items": [self.item(vendor, i, kind) for kind in range(3)]}
        for broker in self.brokers:
            broker.fixtures = {"accounts": [], "bindings": []}
            broker.policy = {"commission_bp": COMMISSION_BP, "value_after": 5, "max_open": 1000}
        for i, wallet in enumerate(self.wallets):
            wallet.fixtures = {"paycards": []}
            for b in range(1 if i else len(self.brokers)):  # the first Wallet has a Paycard of each Broker
                self.issue(wallet, self.brokers[(i + b) % len(self.brokers)], b == 0)

    def item(self, vendor, i, kind):
        """One of three kinds of goods: with their hash promised, without, and fetched from a Location."""
        path = f"/goods/item-{kind}"
        goods = {"item": f"item-{kind}", "text": f"An article of kind {kind} <of {vendor.id}>", "amount": 125 + 40 * kind + i,
                 "currency": CURRENCY, "media_type": "text/plain", "content_hash": kind != 1,
                 "data": base64.b64encode(self.goods(vendor.id, f"item-{kind}")).decode()}
        if kind == 2:
            vendor.shop[path] = self.goods(vendor.id, f"item-{kind}")
            goods["url"] = f"http://{vendor.address}:{OUTER}{path}"
        return goods

    @staticmethod
    def goods(vendor, item):
        return f"the goods {item} of {vendor}".encode()

    def issue(self, wallet, broker, active):
        number = len(broker.fixtures["bindings"])
        card = {"paycard": f"P{broker.id}x{number}", "secret": os.urandom(32).hex()}
        wallet.fixtures["paycards"].append({"broker": broker.id, "active": active, **card})
        wallet.cards.append(wallet.fixtures["paycards"][-1])
        broker.fixtures["accounts"].append({"account": f"a{number}", "limit": LIMIT, "currency": CURRENCY})
        broker.fixtures["bindings"].append({"wallet": wallet.id, "account": f"a{number}", **card})

    def write(self, name, value):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)

    def next_command(self):
        self.commands += 1
        return self.commands

    @property
    def present(self):
        """All players but those that have left for good."""
        return [player for player in self.players if not player.retired]

    def player(self, name):
        return next(player for player in self.players if player.id == name)

    def at(self, address):
        """Who sends from this address."""
        return next((player for player in self.players if player.address == address), None)

    async def start(self):
        directory = [player.listed() for player in self.players]
        self.write("directory.json", {"players": directory})
        for player in self.players:
            player.write_config()
            await self.record(player)
        if self.administered:
            await self._write_host_entry()
        for failed in await asyncio.gather(*(player.start() for player in self.players), return_exceptions=True):
            if failed:
                raise failed

    async def _write_host_entry(self):
        """With the Host's entry newcomers begin. A Host that is broken on purpose writes none, so that a good one does it before."""
        command, self.host.command = self.host.command, [self.quickpay, "serve", "host", "--config", self.host.id + ".json"]
        if command != self.host.command:
            await self.host.start()
            await self.host.stop()
        self.host.command = command

    async def record(self, player, *more):
        """Records what a player is asked where the others are told that it listens, and at further ports."""
        for port in (OUTER, *more) if player.role != "wallet" else ():
            self.recorders.append(await recorder.record(self.traffic, player, port, INNER))

    async def close(self):
        """Nothing of the world is left, however it went."""
        for player in self.players:
            if player.running:
                await player.kill()
        for server in self.recorders:
            server.close()
