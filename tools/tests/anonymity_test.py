"""Who learns what, searched byte for byte in what served players keep and in everything that passed between them.

usage: anonymity_test.py QUICKPAY SERVE_BROKEN [unittest arguments]

In profile F and in H: a Wallet with a Paycard of each of two Brokers and two Wallets with one, of which one pays from the same account, buy the
same things of two Vendors, at once and by regular orders. The Vendors settle, and take some of the latter back. Vendors must not have
seen an identifier of a Wallet or Paycard, or anything else by which one buyer is known again; Brokers and the Host must not have seen what
was bought. Nobody serves more than the protocols of payment that its role needs, and nobody writes or reads mail. Twins: players that tell, and canaries in every form.
"""
import asyncio
import base64
import collections
import os
import pathlib
import re
import secrets
import shutil
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path("tools/soak").resolve()))
import evidence  # noqa: E402
import ledgers  # noqa: E402
import load  # noqa: E402
import recorder  # noqa: E402
import world  # noqa: E402

QUICKPAY, SERVE_BROKEN = map(os.path.abspath, sys.argv[1:3])
PURCHASES = 2    # of each item, by each Wallet with each of its Paycards at each Vendor
TAKEN_BACK = 2   # of each Vendor's regular orders
PATIENCE_S = 300  # on a machine that has other things to do
NAMED = "W0123456789abcdef0123456789abcdef"  # the Wallet that the broken Wallet says it is
INQUIRY = "/qp/1/micro/inquiry-payment"
OF_WALLETS = {f"/qp/1/{protocol}/{message}" for protocol in ("micro", "regular")
              for message in ("get-order", "inquiry-payment", "request-order-delivery", "register-order")}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def forms(canary):
    """A canary as it might be written: itself, in hexadecimal, in base64 at each of the three places of a longer text."""
    raw = canary.encode()
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    for shift in range(3):
        start = -(-shift * 4 // 3)  # the first characters also hold bits of what stands before
        code = base64.b64encode(b"\0" * shift + raw)[start:len(raw + b"\0" * shift) // 3 * 4]
        yield code
        yield code.translate(bytes.maketrans(b"+/", b"-_"))


def found(canaries, places):
    """(canary, place) of each canary that stands in a place in some form."""
    return [(canary, name) for canary in canaries for name, content in places.items() if any(form in content for form in forms(canary))]


class Market:
    """The players, whose items, goods, Wallets and Paycards are all canaries."""

    def __init__(self, folder, first=None, profile="F"):
        wallets = [first or "W" + secrets.token_hex(16), *("W" + secrets.token_hex(16) for _ in range(2))]
        self.world = world.World(QUICKPAY, folder, wallets=wallets, profile=profile)
        self.texts, self.goods = [], []
        for vendor in self.world.vendors:
            for item in vendor.fixtures["items"]:
                item.pop("url", None)
                item["text"], goods = f"An article called {secrets.token_hex(12)}", f"goods {secrets.token_hex(12)}"
                item["data"] = base64.b64encode(goods.encode()).decode()
                self.texts.append(item["text"])
                self.goods.append(goods)
        self.buyers = list(wallets)
        for player in self.world.players:
            player.more = {"protocols": ["micropayment", "regular"] + (["settlement", "revoke"] if player.role != "wallet" else [])}
        for wallet in self.world.wallets:
            for card in wallet.fixtures["paycards"]:
                self._rename(wallet, card)
        self._share_account()
        self.events = collections.defaultdict(asyncio.Event)

    def _rename(self, wallet, card):
        """Names of Paycards and accounts that occur nowhere else."""
        broker = self.world.player(card["broker"])
        binding = next(one for one in broker.fixtures["bindings"] if one["paycard"] == card["paycard"])
        account = next(one for one in broker.fixtures["accounts"] if one["account"] == binding["account"])
        card["paycard"] = binding["paycard"] = "P" + secrets.token_hex(12)
        account["account"] = binding["account"] = "a" + secrets.token_hex(12)
        self.buyers += [card["paycard"], account["account"], card["secret"]]

    def _share_account(self):
        """The last Wallet is another one of the first one's customer: its Paycard pays from the same account."""
        cards = [wallet.fixtures["paycards"][0]["paycard"] for wallet in self.world.wallets]
        broker = self.world.brokers[0]
        of_card = {binding["paycard"]: binding for binding in broker.fixtures["bindings"]}
        unused, self.shared = of_card[cards[2]]["account"], of_card[cards[0]]["account"]
        of_card[cards[2]]["account"] = self.shared
        broker.fixtures["accounts"] = [account for account in broker.fixtures["accounts"] if account["account"] != unused]
        self.buyers.remove(unused)
        self.accounts = {account["account"]: {one.id} for one in self.world.brokers for account in one.fixtures["accounts"]}
        self.secrets = {card["secret"]: {card["broker"], wallet.id} for wallet in self.world.wallets for card in wallet.fixtures["paycards"]}

    def _hear(self, wallet, event):
        if event["event"] in ("received", "done"):  # a regular order has no goods
            self.events[event["order"]].set()

    async def trade(self):
        for wallet in self.world.wallets:
            wallet.listeners.append(self._hear)
        await self.world.start()
        for wallet in self.world.wallets:
            for card in wallet.fixtures["paycards"]:
                await wallet.tell(do="activate-paycard", paycard=card["paycard"])
                await asyncio.gather(*(self._buy(wallet, vendor, item["item"]) for vendor in self.world.vendors
                                       for item in vendor.fixtures["items"] for _ in range(PURCHASES)))
                await asyncio.gather(*(self._buy(wallet, vendor, item["item"], "pay-regular") for vendor in self.world.vendors
                                       for item in vendor.fixtures["items"]))
        for vendor in self.world.vendors:
            await vendor.tell(do="settle-with-broker")
            while any(claim["state"] != "SETTLED" for claim in await vendor.records("vendor.claim")):
                await asyncio.sleep(0.05)
            await self._take_back(vendor)
        inquiry = next(one for one in self.world.traffic.exchanges if one.path == INQUIRY)
        self.elsewhere = await load.post(self.world.player(inquiry.server), self.world.host.address, INQUIRY,
                                         re.sub(b"<MsgId>[^<]*", b"<MsgId>" + b"e" * 32, recorder.body_of(inquiry.request)))

    async def _take_back(self, vendor):
        """The first two regular orders that this Vendor sold."""
        claims = [claim["key"] for claim in await vendor.records("vendor.claim") if claim["key"].startswith("regular/")]
        for claim in claims[:TAKEN_BACK]:
            await vendor.tell(do="revoke", order=claim.rsplit("/", 1)[1], reason="customer-request")
        while any(revoke["state"] != "REVOKED" for revoke in await vendor.records("vendor.revoke")):
            await asyncio.sleep(0.05)
        while len(await self.world.host.records("host.revoke")) < TAKEN_BACK * (1 + self.world.vendors.index(vendor)):
            await asyncio.sleep(0.05)

    async def _buy(self, wallet, vendor, item, do="pay-micro"):
        reply = await wallet.tell(do=do, vendor=vendor.id, item=item, confirm="yes")
        await asyncio.wait_for(self.events[reply["order"]].wait(), PATIENCE_S)

    async def try_once(self, seen, do="pay-micro"):
        """The first Wallet opens a link, and a regular order that was accepted is taken back; ends when a request was seen for which `seen` holds."""
        passed = asyncio.Event()
        self.world.traffic.watchers.append(lambda what, exchange: passed.set() if seen(exchange) else None)
        await self.world.start()
        await self.world.wallets[0].tell(do=do, vendor=self.world.vendors[0].id, item="item-0", confirm="yes")
        while not passed.is_set() and do == "pay-regular":
            for claim in await self.world.vendors[0].records("vendor.claim"):
                await self.world.vendors[0].tell(do="revoke", order=claim["key"].rsplit("/", 1)[1])
            await asyncio.sleep(0.05)
        await asyncio.wait_for(passed.wait(), PATIENCE_S)

    def run(self, story):
        async def whole():
            try:
                await asyncio.wait_for(story, 2 * PATIENCE_S)
                self.stopped = [await player.stop() for player in self.world.players]
            finally:
                await self.world.close()

        asyncio.run(whole())

    def places(self, player):
        """Everything that this player keeps or wrote, and everything that it sent or was sent."""
        names = [name for name in os.listdir(self.world.folder) if name.startswith(player.id + ".ledger") or name == player.id + ".log"]
        kept = {name: pathlib.Path(self.world.folder, name).read_bytes() for name in names}
        for exchange in self.world.traffic.exchanges:
            if player.id == exchange.server or player.address == exchange.source:
                kept[f"{exchange.path} {exchange.number} of {player.id}"] = exchange.request + (exchange.answer or b"")
        return kept

    def by_owner(self):
        """Each player's places, as above."""
        return {player.id: self.places(player) for player in self.world.players}

    def shown_to_vendors(self):
        """What each order showed its Vendor of its buyer: Wallet -> order -> values."""
        names = {player.id for player in self.world.players if player.role != "wallet"}
        shown = collections.defaultdict(lambda: collections.defaultdict(set))
        for exchange in self.world.traffic.exchanges:
            sender, body = self.world.at(exchange.source), recorder.body_of(exchange.request)
            if sender in self.world.wallets and self.world.player(exchange.server).role == "vendor":
                tree = ledgers.parse(body)
                of_offer = evidence.message_of(tree) == "GetOrder" and exchange.answer
                order = ledgers.text(ledgers.parse(recorder.body_of(exchange.answer)) if of_offer else tree, "OrderId")
                values = {leaf.text for leaf in tree.iter() if len(leaf) == 0 and leaf.text}
                head = exchange.request.split(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
                values |= {line for line in head if not line.lower().startswith("content-length:")}
                shown[sender.id][order] |= {value for value in values if value not in names and not TIME.fullmatch(value)}
        return shown


def strayed(canaries, places):
    """(canary, place) of each canary that stands in a place of a player that is not one of its own."""
    for canary, own in canaries.items():
        for owner, theirs in places.items():
            if owner not in own:
                yield from found([canary], theirs)


def tied(exchanges, one, other):
    """Messages that name both Wallets."""
    return [exchange.path for exchange in exchanges
            if all(found([wallet], {"": exchange.request + (exchange.answer or b"")}) for wallet in (one, other))]


def repeated(shown):
    """Values by which a buyer is known again: in two orders of a Wallet, and in none of the others."""
    for wallet, orders in shown.items():
        others = set().union(*(values for other, theirs in shown.items() if other != wallet for values in theirs.values()))
        count = collections.Counter(value for values in orders.values() for value in values)
        yield from ((wallet, value) for value, times in count.items() if times > 1 and value not in others)


class Anonymity(unittest.TestCase):
    PROFILE = "F"

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.market = Market(cls.folder, profile=cls.PROFILE)
        cls.market.run(cls.market.trade())

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def of(self, *players):
        return {name: content for player in players for name, content in self.market.places(player).items()}

    # QP-TECH-003, QP-TECH-011, QP-TECH-017, QP-TECH-018, QP-WAL-009, QP-PAY-008: every Paycard pays every Vendor, two Paycards of two Brokers in one Wallet, and players with the protocols that they chose.
    def test_the_purchases_were_made(self):
        self.assertEqual(self.market.stopped, [0] * len(self.market.world.players))
        pairs = collections.Counter()
        for wallet in self.market.world.wallets:
            for order in ledgers.Ledger(wallet.ledger).records["wallet.order"].values():
                pairs[wallet.id, order.fields["vendor"].decode(), order.fields["broker"].decode()] += "goods" in order.fields
        self.assertEqual(len(pairs), 2 * 4)  # four Paycards, two Vendors
        self.assertEqual(set(pairs.values()), {3 * PURCHASES})
        regular = [order for wallet in self.market.world.wallets for order in ledgers.Ledger(wallet.ledger).records["wallet.purchase"].values()]
        self.assertEqual([order.state for order in regular], ["DONE"] * (2 * 4 * 3))
        for machine in ("broker.revoke", "host.revoke"):
            self.assertEqual(sum(len(ledgers.Ledger(player.ledger).records[machine]) for player in self.market.world.players), 2 * TAKEN_BACK)

    # QP-WAL-004, QP-ANON-003: four messages, and no login among them, are all that a user's machine exchanges. QP-CM-008: none of anybody's is mail.
    def test_wallets_send_what_a_payment_needs(self):
        sent = {role: {one.path for one in self.market.world.traffic.exchanges if self.market.world.at(one.source).role == role}
                for role in ("wallet", "vendor", "broker", "host")}
        self.assertEqual(sent["wallet"], OF_WALLETS)
        self.assertEqual({path for paths in sent.values() for path in paths if path.startswith("/qp/1/comm/")}, set())

    # QP-REL-006, QP-WAL-013, QP-SEC-010: the same inquiry from another address is refused.
    def test_a_wallet_is_known_at_its_address_only(self):
        self.assertEqual(ledgers.text(ledgers.parse(self.market.elsewhere), "Code"), "QP-E-FORBIDDEN")

    # QP-ANON-001, QP-ANON-002, QP-ANON-004, QP-ANON-009, QP-GEN-005
    def test_vendors_do_not_learn_who_buys(self):
        places = self.of(*self.market.world.vendors)
        self.assertGreater(len(places), 100)
        self.assertEqual(found(self.market.buyers, places), [])
        self.assertEqual(len({name for _, name in found(self.market.texts, places)} & {"V1001.ledger", "V1002.ledger"}), 2, "canaries")
        self.assertTrue(any("/revoke/" in name for name in places) and any("/regular/" in name for name in places))

    # QP-ADD-12
    def test_no_buyer_is_known_again(self):
        shown = self.market.shown_to_vendors()
        self.assertEqual(sorted(len(orders) for orders in shown.values()), [6 * PURCHASES + 6] * 2 + [12 * PURCHASES + 12])
        self.assertEqual(list(repeated(shown)), [])

    # QP-ADD-13, QP-ANON-014
    def test_brokers_and_host_do_not_learn_what_is_bought(self):
        places = self.of(self.market.world.host, *self.market.world.brokers)
        self.assertGreater(len(places), 100)
        self.assertEqual(found(self.market.texts + self.market.goods, places), [])
        self.assertNotEqual(found(self.market.buyers, places), [], "canaries that they do know")
        self.assertTrue(all(any(part in name for name in places) for part in ("/revoke-order", "/register-revoke", "/regular/inquiry")))

    # QP-ANON-013: what is kept of a customer, account and secret, is at the Broker alone; a secret besides in the customer's own Wallet.
    def test_the_broker_alone_keeps_what_is_of_a_customer(self):
        places = self.market.by_owner()
        self.assertEqual(list(strayed(self.market.accounts, places)), [])
        self.assertEqual(list(strayed(self.market.secrets, places)), [])
        for account, (broker,) in self.market.accounts.items():
            self.assertIn((account, broker + ".ledger"), found([account], places[broker]), "a Broker does keep its accounts")

    # QP-ANON-008: two Wallets of one account are two End Users to everybody, and nothing that is sent or kept at Vendors and Host ties them.
    def test_two_wallets_of_one_account_are_two_end_users(self):
        one, _, other = (wallet.id for wallet in self.market.world.wallets)
        shared = ledgers.Ledger(self.market.world.brokers[0].ledger).records
        payers = {order.fields["wallet"].decode() for machine in ("broker.order", "broker.commitment") for order in shared[machine].values()
                  if order.fields["account"].decode() == self.market.shared}
        self.assertEqual(payers, {one, other}, "the account pays for both, and each order is of one of them")
        self.assertEqual(tied(self.market.world.traffic.exchanges, one, other), [])
        for records in self.kept_at_others():
            self.assertFalse(all(found([wallet], {"": records}) for wallet in (one, other)), records)

    # QP-ANON-008: whichever Paycard pays, a Wallet is one End User to the Host.
    def test_a_wallet_with_two_paycards_is_one_end_user(self):
        host = ledgers.Ledger(self.market.world.host.ledger).records
        told = collections.Counter(key.rsplit("/", 1)[1] for machine in ("host.statement", "host.purchase") for key in host[machine])
        of_paycard = 2 * 3 * (PURCHASES + 1)
        self.assertEqual(told, {wallet.id: of_paycard * len(wallet.fixtures["paycards"]) for wallet in self.market.world.wallets})

    def kept_at_others(self):
        """Each record of Host and Vendors, as it is kept."""
        for player in (self.market.world.host, *self.market.world.vendors):
            for machine in ledgers.Ledger(player.ledger).records.values():
                for key, record in machine.items():
                    yield key.encode() + b"|" + b"|".join(record.fields.values())


class AnonymityInH(Anonymity):
    PROFILE = "H"


class Twins(unittest.TestCase):
    def tell(self, player, fault, seen, do="pay-micro", profile="F"):
        """A market in which one player is broken."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        market = Market(folder, NAMED, profile)
        broken = next(one for one in market.world.players if one.role == player)
        broken.command = [SERVE_BROKEN, player, broken.id + ".json", fault]
        market.run(market.try_once(seen, do))
        return market

    def test_a_wallet_that_says_who_it_is_is_found(self):
        for do, profile in (("pay-micro", "F"), ("pay-regular", "F"), ("pay-regular", "H")):
            with self.subTest(do=do, profile=profile):
                market = self.tell("wallet", "identifies-itself", lambda exchange: exchange.path.endswith("/get-order"), do, profile)
                wallet, vendor = market.world.wallets[0], market.world.vendors[0]
                self.assertIn(wallet.id, {canary for canary, _ in found(market.buyers, market.places(vendor))})

    def test_a_vendor_that_tells_what_it_sells_is_found(self):
        market = self.tell("vendor", "tells-items", lambda exchange: exchange.path.endswith("/check-commit"))
        places = {name: content for broker in market.world.brokers for name, content in market.places(broker).items()}
        self.assertIn(market.texts[0], {canary for canary, _ in found(market.texts, places)})

    def test_a_vendor_that_tells_what_it_takes_back_is_found(self):
        market = self.tell("vendor", "tells-items", lambda exchange: exchange.path.endswith("/revoke-order"), "pay-regular")
        places = {name: content for broker in market.world.brokers for name, content in market.places(broker).items() if "/revoke-order" in name}
        self.assertIn(market.texts[0], {canary for canary, _ in found(market.texts, places)})

    def test_canaries_are_found_in_every_form_and_place(self):
        canary = "W" + secrets.token_hex(16)
        for before in (b"", b"x", b"xy", b"xyz"):
            text = before + canary.encode() + b"behind"
            for form in (text, text.hex().encode(), text.hex().upper().encode(), base64.b64encode(text), base64.urlsafe_b64encode(text)):
                self.assertEqual(found([canary], {"place": b"\0" + form}), [(canary, "place")], form)
                self.assertEqual(found([canary[:9] + "~" + canary[10:]], {"place": b"\0" + form}), [], form)

    # The twins of QP-ANON-013 and QP-ANON-008.
    def test_an_account_that_a_host_or_a_vendor_has_is_found(self):
        account = "a" + secrets.token_hex(12)
        kept = base64.b64encode(f"the account {account}".encode())
        places = {"B7": {"B7.ledger": kept}, "H1": {"H1.ledger": kept}, "V1001": {"/qp": b"nothing"}}
        self.assertEqual(list(strayed({account: {"B7"}}, places)), [(account, "H1.ledger")])
        self.assertEqual(list(strayed({account: {"B7", "H1"}}, places)), [])

    def test_a_message_that_ties_two_wallets_is_found(self):
        exchange = recorder.Exchange(0, "", "H1", "/qp/1/micro/register-commit", f"<Wallet>{NAMED}</Wallet>".encode())
        other = "W" + secrets.token_hex(16)
        self.assertEqual(tied([exchange], NAMED, other), [])
        exchange.answer = b"<Also>" + base64.b64encode(f"it is {other}, too".encode()) + b"</Also>"
        self.assertEqual(tied([exchange], NAMED, other), [exchange.path])

    def test_a_value_that_one_buyer_repeats_is_found(self):
        shown = {"W1": {"o1": {"tag-1", "news"}, "o2": {"tag-1", "news"}}, "W2": {"o3": {"tag-2", "news"}, "o4": {"tag-3"}}}
        self.assertEqual(list(repeated(shown)), [("W1", "tag-1")])


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
