"""A mixed load: people who buy, Vendors' operators who settle and take regular orders back, somebody who does so in a Vendor's name, mail,
and administration."""
import asyncio
import re
import time
import urllib.parse

import administration
import recorder
from world import OUTER, shared_keys, xml

OPEN_PURCHASES = 5  # of one buyer at a time
REGULAR = 0.3       # the share of regular orders
ENDED = {"UNDELIVERED", "RECEIVED", "DECLINED", "FAILED", "DONE"}
ENDED_REGULAR = {"REFUSED", "ACCEPTED", "DECLINED", "FAILED", "LAPSED", "DONE", "REFUNDED"}
REVOKABLE = {"CLAIMABLE", "SETTLED"}
TICK = 0.1
MAIL = (
    '<RegisterMessage xmlns="urn:quickpay:1"><Head><Version>1</Version><Profile>{profile}</Profile><Host>{host}</Host>'
    "<Sender>{sender}</Sender><Receiver>{host}</Receiver><MsgId>{msg}</MsgId><SentAt>{now}</SentAt></Head><Body>"
    "<Kind>x-note</Kind><Audience><Id>{reader}</Id></Audience><Text>{text}</Text><ExpiresAt>{expires}</ExpiresAt></Body>"
    "</RegisterMessage>")
REVOKE = (
    '<RevokeOrder xmlns="urn:quickpay:1"><Head><Version>1</Version><Profile>F</Profile><Host>{host}</Host><Sender>{vendor}</Sender>'
    "<Receiver>{broker}</Receiver><MsgId>{msg}</MsgId><SentAt>{now}</SentAt></Head><Body><Revoke><RevokeId>{revoke}</RevokeId>{order}"
    "<CommitId>{commit}</CommitId><Reason>other</Reason><RevokedAt>{now}</RevokedAt></Revoke></Body></RevokeOrder>")
PROVEN = "0123"  # how the orders end whose Vendor signs a revoke that somebody else made without a signature
RECENT, TRIES = 3, 50  # of the orders that were overheard, since they are claimed soon; and with one revoke


class Buyer:
    """The user of a Wallet: opens purchases, confirms most offers, changes the Paycard now and then."""

    def __init__(self, world, evidence, wallet, random, at_once=OPEN_PURCHASES, regular=REGULAR):
        self.world, self.evidence, self.wallet, self.random, self.at_once = world, evidence, wallet, random, at_once
        self.regular = regular
        self.open, self.shown, self.life = set(), {}, 0
        wallet.listeners.append(self.on_event)

    def on_event(self, wallet, event):
        self.evidence.hear(wallet, event)
        if event["event"] == "offer":
            self.shown[event["order"]] = event["digest"]
        if event["event"] in ("received", "done"):
            self.open.discard(event["order"])
            self.shown.pop(event["order"], None)

    async def step(self, buying):
        if not self.wallet.running:
            return
        if self.life != self.wallet.lives:
            await self._look_around()
        if not buying:  # none may be left that waits for another Paycard
            await self.wallet.tell(do="offers")
        for order, digest in list(self.shown.items()):
            await self._decide(order, digest)
        if buying and len(self.open) < self.at_once:
            await self._buy()

    async def _look_around(self):
        """After a restart: what is still open, and which offers wait."""
        life, self.shown, still = self.wallet.lives, {}, set()
        for machine, ended in (("wallet.order", ENDED), ("wallet.purchase", ENDED_REGULAR)):
            records = await self.wallet.records(machine)
            if records is None:
                return
            still |= {record["key"] for record in records if record["state"] not in ended}
        self.open = still
        if await self.wallet.tell(do="offers"):
            self.life = life

    async def _decide(self, order, digest):
        self.shown.pop(order, None)
        if self.random.random() < 0.05:
            await self.wallet.tell(do="decline", order=order)
            return
        reply = await self.wallet.tell(do="confirm", order=order, digest=digest)
        if reply is not None and not reply["ok"]:  # the Paycard was given up, or the order was confirmed before, and then this is refused, too
            await self.wallet.tell(do="decline", order=order)

    async def _buy(self):
        cards = self.wallet.cards
        if len(cards) > 1 and self.random.random() < 0.3:
            await self.wallet.tell(do="activate-paycard", paycard=self.random.choice(cards)["paycard"])
        vendor = self.random.choice(self.world.vendors)
        regular = self.random.random() < self.regular
        reply = await self.wallet.tell(do="pay-regular" if regular else "pay-micro", vendor=vendor.id, item=f"item-{self.random.randrange(3)}",
                                       confirm=self.random.choice(("ask", "yes")))
        if reply is not None and reply["ok"]:
            self.open.add(reply["order"])
            self.evidence.told(self.wallet, reply["order"], "wallet.purchase" if regular else "wallet.order")


class Returns:
    """The operator of a Vendor who takes regular orders back, claimed or not."""

    def __init__(self, evidence, vendor, random):
        self.evidence, self.vendor, self.random = evidence, vendor, random

    async def step(self):
        claims = await self.vendor.records("vendor.claim")
        candidates = [claim for claim in claims or [] if claim["key"].startswith("regular/") and claim["state"] in REVOKABLE
                      and self._may_take_back(claim["key"])]
        if not candidates:
            return
        waiting = [claim for claim in candidates if claim["state"] == "CLAIMABLE"]  # they are few, and not for long
        if self.random.random() > (0.5 if waiting else 0.2):
            return
        order = self.random.choice(waiting or candidates)["key"]
        reply = await self.vendor.tell(do="revoke", order=order.rsplit("/", 1)[1], reason="customer-request")
        if reply is not None and reply["ok"]:
            self.evidence.taken_back(self.vendor, order)

    def _may_take_back(self, order):
        """Most of those that a stranger took back stay as they are, since a signature ends what is to be seen."""
        return order not in self.evidence.held or order[-1] in PROVEN


class Mail:
    """Messages that a Broker or Vendor leaves for another one, repeated with the same bytes until they are taken."""

    def __init__(self, world, sender, reader, random):
        self.world, self.sender, self.reader, self.random, self.sent = world, sender, reader, random, 0

    async def step(self):
        self.sent += 1
        stamp = lambda seconds: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))
        body = MAIL.format(host=self.world.host.id, sender=self.sender.id, reader=self.reader.id, now=stamp(0), expires=stamp(30),
                           msg=f"{self.random.getrandbits(128):032x}", text=f"note {self.sent} of {self.sender.id}",
                           profile=self.world.profile).encode()
        if self.world.profile == "H":
            body = xml.write(shared_keys.sealed(xml.read(body), self.world.shared[self.sender.id]))
        while await post(self.world.host, self.sender.address, "/qp/1/comm/register-message", body) is None:
            await asyncio.sleep(TICK)


class Stranger:
    """Somebody who can send from the addresses of Vendors and takes regular orders back in their names, of course without a signature
    (profile F). The Broker holds such a revoke for days at least, the Vendor contests it with its claim, and nobody loses anything."""

    def __init__(self, world, random):
        self.world, self.random, self.overheard = world, random, []
        world.traffic.watchers.append(self._overhear)

    def _overhear(self, what, exchange):
        if what == "asked" and exchange.path == "/qp/1/regular/request-order-delivery":
            request = recorder.body_of(exchange.request).decode()
            if commitment := re.search(r"<Broker>(\w+)</Broker><CommitId>(\w+)</CommitId>(<OrderRef>.*?</OrderRef>)", request):
                self.overheard.append((exchange.server, *commitment.groups()))

    async def step(self):
        if not self.overheard or self.random.random() > 0.3:
            return
        vendor, broker, commit, order = self.random.choice(self.overheard[-RECENT:])
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        body = REVOKE.format(host=self.world.host.id, vendor=vendor, broker=broker, commit=commit, order=order, now=now,
                             msg=f"{self.random.getrandbits(128):032x}", revoke=f"{self.random.getrandbits(128):032x}").encode()
        for _ in range(TRIES):  # the same request, as a Broker that is away would get it from the Vendor
            if await post(self.world.player(broker), self.world.player(vendor).address, "/qp/1/revoke/revoke-order", body) is not None:
                return
            await asyncio.sleep(TICK)


async def post(server, source, path, body, timeout=15):
    """The body of the answer, or None."""
    head = (f"POST {urllib.parse.quote(path)} HTTP/1.1\r\nHost: {server.address}:{OUTER}\r\n"
            f"Content-Type: application/quickpay+xml\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n").encode()

    async def once():
        reader, writer = await asyncio.open_connection(server.address, OUTER, local_addr=(source, 0))
        try:
            writer.write(head + body)
            answer = await reader.read()
        finally:
            writer.close()
        whole = re.match(rb"HTTP/1\.1 200 .*?\r\n\r\n", answer, re.DOTALL)
        return recorder.body_of(answer) if whole else None

    try:
        return await asyncio.wait_for(once(), timeout)
    except (OSError, TimeoutError, asyncio.TimeoutError):
        return None


class Load:
    """Everything together, until stop() and then until nothing is open any more."""

    def __init__(self, world, evidence, random, at_once=OPEN_PURCHASES, regular=REGULAR):
        self.world = world
        self.buyers = [Buyer(world, evidence, wallet, random, at_once, regular) for wallet in world.wallets]
        pairs = zip(world.vendors + world.brokers, world.brokers + world.vendors)
        self.mail = [Mail(world, sender, reader, random) for sender, reader in pairs]
        self.returns = [Returns(evidence, vendor, random) for vendor in world.vendors]
        self.clerks = administration.clerks(world, evidence, random) if world.administered else []
        if world.administered and world.profile == "F":
            self.returns.append(Stranger(world, random))
        self.buying, self.tasks = True, []

    def start(self):
        self.tasks = [asyncio.ensure_future(self._buy(buyer)) for buyer in self.buyers]
        self.tasks += [asyncio.ensure_future(self._post(mail)) for mail in self.mail]
        self.tasks += [asyncio.ensure_future(self._take_back(returns)) for returns in self.returns]
        self.tasks += [asyncio.ensure_future(self._settle(vendor)) for vendor in self.world.vendors]
        self.tasks += [asyncio.ensure_future(self._administer(clerk, ticks)) for clerk, ticks in self.clerks]

    async def _buy(self, buyer):
        while True:
            await buyer.step(self.buying)
            await asyncio.sleep(TICK)

    async def _post(self, mail):
        while self.buying:
            await mail.step()
            await asyncio.sleep(10 * TICK)

    async def _take_back(self, returns):
        while self.buying:
            await returns.step()
            await asyncio.sleep(2 * TICK)

    async def _administer(self, clerk, ticks):
        while True:
            await clerk.step(self.buying)
            await asyncio.sleep(ticks * TICK)

    async def _settle(self, vendor):
        while True:
            await vendor.tell(do="settle-with-broker")
            await asyncio.sleep(10 * TICK)

    def check(self):
        """A task of the load that failed has found a mistake of this program."""
        for task in self.tasks:
            if task.done() and not task.cancelled() and task.exception():
                raise task.exception()

    async def end(self):
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def at_rest(self):
        """Whether every purchase has ended and every claim is decided."""
        for players, machine, ended in ((self.world.wallets, "wallet.order", ENDED - {"RECEIVED"}),
                                        (self.world.wallets, "wallet.purchase", ENDED_REGULAR - {"ACCEPTED"}),
                                        (self.world.vendors, "vendor.revoke", {"REVOKED"}),
                                        (self.world.brokers, "broker.revoke", {"REVOKED", "HELD", "VOID"}),
                                        (self.world.vendors, "vendor.claim", {"SETTLED", "LOST", "WITHDRAWN"}),
                                        (self.world.vendors, "vendor.batch", {"CLOSED"}),
                                        (self.world.vendors, "vendor.dispute", {"CLOSED"}),
                                        (self.world.brokers, "broker.batch", {"PAID"}),
                                        *(administration.at_rest(self.world) if self.world.administered else [])):
            for player in players:
                records = await player.records(machine)
                if records is None or any(record["state"] not in ended for record in records):
                    return False
        return True
