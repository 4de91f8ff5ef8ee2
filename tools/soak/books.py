"""Whether money was conserved, order by order and sum by sum, in the ledgers of all players after a run."""
import collections

import ledgers
import returns

SETTLED = ("PAYABLE", "PAID")


class Books:
    """The ledgers of all players, and what is wrong with them. `findings` is empty if nothing is. `regular`: the load had regular
    orders, of which some were taken back; `read` reads a ledger."""

    def __init__(self, world, evidence, regular=True, read=ledgers.Ledger):
        self.world, self.evidence, self.findings, self.regular = world, evidence, [], regular
        self.of = {player.id: read(player.ledger) for player in world.players}
        self.sums = collections.Counter()
        for player in world.players:
            self.findings += evidence.lost(player, self.of[player.id])
            self.findings += [f"{player.id}: still owes {call[0]} to {call[1]}" for call in self.of[player.id].calls.values()]
        self._settlements()
        for broker in world.brokers:
            self._broker(broker)
        for vendor in world.vendors:
            self._vendor(vendor)
        for wallet in world.wallets:
            self._wallet(wallet)
        self._shared_keys()
        self._sums_over_all()

    def _shared_keys(self):
        """The Host has every key of profile H that somebody was given as its own."""
        key_in = lambda field: ledgers.text(ledgers.parse(b'<x xmlns="urn:quickpay:1">' + field + b"</x>"), "Key")
        for player in self.world.players:
            keys = self.of[player.id].records[player.role + ".keys"].get("H1")
            held = {key_in(field) for name, field in keys.fields.items() if name.startswith("shared.H1.")} if keys else set()
            given = self.of["H1"].records["member.keys"].get(player.id)
            known = {key_in(field) for name, field in given.fields.items() if name.startswith("Shared.")} if given else set()
            if player.id in self.world.shared and not held <= known:
                self.findings.append(f"{player.id} holds a key that its Host has not")

    def _same(self, what, one, other):
        if one != other:
            self.findings.append(f"{what}: {one} and {other}")

    def _settlements(self):
        """No order in two settlements, no batch with two."""
        self.paid = {}  # order -> (Broker, BatchId, amount, commission)
        for (broker, vendor, batch), given in self.evidence.settlements.items():
            self._same(f"signed settlements of batch {batch}", len(given), 1)
            tree = ledgers.parse(b'<x xmlns="urn:quickpay:1">' + min(given) + b"</Settlement></x>")
            for accepted in ledgers.all_of(tree, "Accepted"):
                order = self._kind(broker, vendor, ledgers.text(accepted, "OrderId"))
                if order in self.paid:
                    self.findings.append(f"{order} is paid twice: {self.paid[order]} and {(broker, batch)}")
                self.paid[order] = (broker, batch, int(ledgers.text(accepted, "Amount")), int(ledgers.text(accepted, "Commission")))

    def _kind(self, broker, vendor, order):
        """The key of an order of which a Settlement tells the OrderId alone."""
        regular = f"regular/{vendor}/{order}"
        return regular if regular in self.of[broker].records["broker.debt"] else f"micro/{vendor}/{order}"

    def _broker(self, broker):
        records = self.of[broker.id].records
        held, owed, debited, vendors = (collections.Counter() for _ in range(4))
        book = collections.Counter()
        for key, debt in records["broker.debt"].items():
            if not returns.was_settled(debt):
                continue
            _, amount = ledgers.order_ref(debt)
            commission = ledgers.number(debt, "commission")
            debited[debt.fields["account"].decode()] += amount if debt.state in SETTLED else 0
            book.update(debited=amount, commission=commission, payable=amount - commission)
            vendors[key.split("/")[1]] += amount - commission
            if key in self.paid:
                self._same(f"{key} in the ledger of {broker.id} and in its settlement",
                           (broker.id, debt.fields["batch_id"].decode(), amount, commission), self.paid[key])
        for key, order in records["broker.order"].items():
            _, amount = ledgers.order_ref(order)
            held[order.fields["account"].decode()] += amount if order.state == "ENDORSED" else 0
            owed[order.fields["account"].decode()] += amount if order.state == "COMMITTED" and self._bears(broker, key) else 0
        for key, order in records["broker.commitment"].items():
            owed[order.fields["account"].decode()] += ledgers.order_ref(order)[1] if self._bears(broker, key) else 0
        returned = returns.Returned(self, broker)
        self.findings += returns.held(self, broker)
        book.update(returned.book)
        for name, account in records["account"].items():
            for field, sums in (("held", held), ("owed", owed), ("debited", debited)):
                self._same(f"{field} of {name} at {broker.id}, and its orders", ledgers.number(account, field), sums[name])
        for name, entry in records["book"].items():
            for field in ("debited", "payable", "commission", "refunded", "deducted", "reversed"):
                self._same(f"{field} of {name} at {broker.id}, and its debts", ledgers.number(entry, field), book[field])
        self._payouts(broker, records, vendors)
        self.sums.update(book)
        self.sums.update(owed=sum(owed.values()))

    def _bears(self, broker, key):
        """Whether the account still bears an order that was committed."""
        return self.of[broker.id].state("broker.debt", key) not in ("UNCLAIMED", "REVOKED")

    def _payouts(self, broker, records, vendors):
        left = collections.Counter()
        for key, payout in records["payout"].items():
            left[key.split("/")[0]] += ledgers.number(payout, "net")
        # one by one, too: what is deducted can leave nothing to pay, which no sum misses
        self._same(f"batches that {broker.id} has paid, and its payouts",
                   sorted(key for key, batch in records["broker.batch"].items() if batch.state == "PAID"), sorted(records["payout"]))
        for name, entry in records["book.vendor"].items():
            vendor = name.split("/")[0]
            self._same(f"payable to {name} at {broker.id}, and its debts", ledgers.number(entry, "payable"), vendors[vendor])
            self._same(f"net of {name} at {broker.id}, and what left", ledgers.number(entry, "net"), left[vendor])

    def _vendor(self, vendor):
        ledger = self.of[vendor.id]
        self.findings += returns.taken_back(self, vendor)
        sold = [(key, order, "broker.order") for key, order in ledger.records["vendor.order"].items() if order.state == "DELIVERED"]
        sold += [(key, sale, "broker.commitment") for key, sale in ledger.records["vendor.sale"].items() if sale.state == "ACCEPTED"]
        for key, order, promise in sold:
            _, amount = ledgers.order_ref(order)
            broker = ledger.records["vendor.claim"][key].fields["broker"].decode()
            if self.of[broker].state(promise, key) != "COMMITTED":
                self.findings.append(f"{key} was delivered, and {broker} has not committed to it")
            claim = ledger.state("vendor.claim", key)
            self.sums.update(delivered=amount, **{"claim " + claim: 1})
            if claim == "SETTLED" and self.of[broker].state("broker.debt", key) not in SETTLED:
                self.findings.append(f"{key} is settled for {vendor.id}, and {broker} does not owe it")
        for entry in ledger.records["income"].values():
            self.sums.update(income=ledgers.number(entry, "net"), accepted=ledgers.number(entry, "accepted"))

    def _wallet(self, wallet):
        for key, order in self.of[wallet.id].records["wallet.order"].items():
            self.sums.update({"order " + order.state: 1})
            if order.state not in ("RECEIVED", "DONE"):
                continue
            at_vendor, amount = ledgers.order_ref(order)
            vendor, item = order.fields["vendor"].decode(), order.fields["item"].decode()
            self.sums.update(received=amount)
            if order.fields["goods"] != self.world.goods(vendor, item):
                self.findings.append(f"{key} of {wallet.id}: those are not the goods")
            if self.of[vendor].state("vendor.order", at_vendor) != "DELIVERED":
                self.findings.append(f"{at_vendor} was received and not delivered")
            self._registered(at_vendor.split("/", 1)[1], order.fields["broker"].decode())

        for key, purchase in self.of[wallet.id].records["wallet.purchase"].items():
            self.sums.update({"order regular " + purchase.state: 1})
            if purchase.state in ("ACCEPTED", "DONE"):
                at_vendor, amount = ledgers.order_ref(purchase)
                self.sums.update(received=amount, regular=amount)
                if self.of[purchase.fields["vendor"].decode()].state("vendor.sale", at_vendor) != "ACCEPTED":
                    self.findings.append(f"{at_vendor} has a receipt and was not accepted")
                self._known(wallet, at_vendor.split("/", 1)[1], purchase.fields["broker"].decode())

    def _known(self, wallet, order, broker):
        """The Host has the Receipt of a regular order from its Wallet."""
        told = [purchase.state for key, purchase in self.of["H1"].records["host.purchase"].items()
                if key.startswith(f"{order}/{broker}/") and key.endswith("/" + wallet.id)]
        self._same(f"what the Host knows of the regular order {order} of {wallet.id}", told, ["RECEIPTED"])

    def _registered(self, order, broker):
        """The Host knows of the order what all three told it."""
        cases = {key: case for key, case in self.of["H1"].records["host.case"].items() if key.startswith(f"{order}/{broker}/")}
        stated = [key for key in self.of["H1"].records["host.statement"] if key.startswith(f"{order}/{broker}/")]
        told = [(case.variables["c"], case.variables["d"]) for case in cases.values()]
        if told != [("in-time", "in-time")] or len(stated) != 1:
            self.findings.append(f"the Host's case of {order} says {told} and {len(stated)} statements")

    def _sums_over_all(self):
        """What buyers owe is what Vendors get and Brokers keep; nobody has got what nobody owes."""
        sums = self.sums
        self._same("debited, and payable with commissions", sums["debited"], sums["payable"] + sums["commission"])
        # A Broker that was taken for unreachable had perhaps settled; the Vendor then learns of it by a refusal, and has no
        # settlement to book: a claim that is settled in another batch than its last one. Or the Host, asked meanwhile, had no
        # notice in time and rejected it: a claim that is given up, and paid.
        unheard = sum(self._unheard(broker.id) for broker in self.world.brokers)
        self._same("debited, and booked by Vendors with what they did not hear of", sums["debited"], sums["accepted"] + unheard)
        self.sums.update(unheard=unheard)
        if sums["delivered"] > sums["owed"] + sums["taken back"] or sums["received"] > sums["delivered"]:
            self.findings.append(f"received {sums['received']}, delivered {sums['delivered']}, owed {sums['owed']}")
        if not sums["received"] or not sums["accepted"]:
            self.findings.append("nothing was bought and settled: this run shows nothing")
        if self.regular and not (sums["regular"] and sums["refunded"]):
            self.findings.append("no regular order was settled and taken back: this run shows nothing of it")
        self.findings += [f"no {what} was acknowledged: this run shows nothing of it" for what in self.evidence.missing()]

    def _last_batch(self, order):
        claim = self.of[order.split("/")[1]].records["vendor.claim"].get(order)
        return claim.fields.get("batch", b"").decode() if claim else ""

    def _unheard(self, broker):
        """What this Broker has settled, whether or not its answer ever left it, and no Vendor could book."""
        settled = ((order, debt) for order, debt in self.of[broker].records["broker.debt"].items() if returns.was_settled(debt))
        return sum(ledgers.order_ref(debt)[1] for order, debt in settled
                   if self._last_batch(order) != debt.fields["batch_id"].decode() or self._given_up(order, broker))

    def _given_up(self, order, broker):
        """Whether the Vendor holds a claim for lost, and the Host did reject it."""
        rejected = any(verdict.state == "REJECTED" for key, verdict in self.of["H1"].records["host.verdict"].items()
                       if key.startswith(f"{order.split('/', 1)[1]}/{broker}/"))
        return rejected and self.of[order.split("/")[1]].state("vendor.claim", order) == "LOST"
