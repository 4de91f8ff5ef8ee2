"""What players have acknowledged, as the traffic and their replies show it, and what of it their ledgers do not hold."""
import collections

import ledgers
import recorder

#: Message: the machine of its order, and the states in which a sender's or a server's record cannot be any more once the request
#: has left its sender, or once its answer QP-OK has left its server. NONE: there is no record.
SENT = {
    "CheckCommit": ("vendor.order", {"NONE", "OFFERED"}),
    "RegisterCommit": ("broker.order", {"NONE", "ENDORSED", "LAPSED"}),
    "RegisterDelivery": ("vendor.order", {"NONE", "OFFERED", "CHECKING", "UNSURE", "EXPIRED", "ABANDONED"}),
    "SettleWithBroker": ("vendor.batch", {"NONE"}),
    "SettleWithHost": ("vendor.dispute", {"NONE"}),
    "RevokeOrder": ("vendor.revoke", {"NONE"}),
    "RegisterRevoke": ("broker.revoke", {"NONE"}),
}
ANSWERED = {
    "GetOrder": ("vendor.order", {"NONE"}),
    "InquiryPayment": ("broker.order", {"NONE"}),
    "CheckCommit": ("broker.order", {"NONE", "ENDORSED", "LAPSED"}),
    "RequestOrderDelivery": ("vendor.order", {"NONE", "OFFERED", "CHECKING", "UNSURE", "EXPIRED", "ABANDONED"}),
    "SettleWithBroker": ("broker.batch", {"NONE"}),
    "SettleWithHost": ("host.hearing", {"NONE"}),
    "regular/GetOrder": ("vendor.sale", {"NONE"}),
    "regular/InquiryPayment": ("broker.commitment", {"NONE"}),
    "regular/RequestOrderDelivery": ("vendor.sale", {"NONE", "OFFERED", "EXPIRED"}),
    "RevokeOrder": ("broker.revoke", {"NONE"}),
}
#: A revoke that is final, because the Vendor signed it.
NOT_FINAL = "broker.revoke", {"NONE", "HELD", "VOID"}
#: The same of administration. A player's own record is that of its Host, and the machine that of its role.
OUTSIDE = {"NONE", "OUT", "REGISTERING"}
SENT_TO_HOST = {
    "RegisterVendor": ("registration", {"NONE"}),
    "UpdateVendor": ("registration", OUTSIDE),
    "UnregisterVendor": ("registration", OUTSIDE),
    "RegisterWallet": ("registration", {"NONE"}),
    "UpdateWallet": ("registration", OUTSIDE),
    "UnregisterWallet": ("registration", OUTSIDE),
    "RegisterBroker": ("registration", {"NONE"}),
    "UpdateBroker": ("registration", OUTSIDE),
    "PublishKey": ("keys", {"NONE"}),
    "WithdrawKey": ("keys", {"NONE"}),
    "GetPairKey": ("keys", {"NONE"}),
}
NOT_LISTED = {"NONE", "UNREGISTERED", "PROBING", "REFUSED"}
NOT_REMOVED = NOT_LISTED | {"LIVE", "CHANGING"}
ADMINISTERED = {  # the key is the Sender, and of RegisterVendor the id that it got
    "RegisterVendor": ("host.vendor", NOT_LISTED),
    "UpdateVendor": ("host.vendor", NOT_LISTED),
    "UnregisterVendor": ("host.vendor", NOT_REMOVED),
    "UpdateWallet": ("host.wallet", NOT_LISTED),
    "UnregisterWallet": ("host.wallet", NOT_REMOVED),
    "UpdateBroker": ("host.broker", NOT_LISTED),
}
NOT_BOUND = {"NONE", "ISSUED", "SESSION", "LOCKED"}
NOT_ADDED = {"NONE", "ABSENT", "CONFIRMING", "TAKING", "QUESTIONED", "ANSWERED"}
#: What a run with administration has to see acknowledged, and what in this profile besides.
EXPECTED = {*SENT_TO_HOST, "Probe", "LookupPlayer", "ConfirmPaycard", "TakeQuestion", "AnswerResponse", "RemovePaycard"} - {"GetPairKey"}
EXPECTED_IN = {"F": {"RevokeOrder pending"}, "H": {"GetPairKey", "GetPairKey own"}}
#: A regular order of which its user was told that it is done.
NOT_DONE = {"NONE", "ASKED", "OFFERED", "INQUIRING", "COMMITTED", "REFUSED", "ACCEPTED"}


def message_of(tree):
    return tree.tag.removeprefix(ledgers.SPACE)


def message_at(path, tree):
    """The message with its protocol where two have one of that name."""
    return ("regular/" if path.startswith("/qp/1/regular/") else "") + message_of(tree)


def _is_signed(tree):
    """Whether the Revoke in it has a signature."""
    return any(True for revoke in ledgers.all_of(tree, "Revoke") for _ in ledgers.all_of(revoke, "Sig"))


def _holds(bears_out, ledger):
    try:
        return bears_out(ledger)
    except KeyError:  # a record or field that it rests on is not there
        return False


class Evidence:
    """Collected while players run: watch the traffic with `see`, and the events of Wallets with `hear`."""

    def __init__(self, world):
        self.world = world
        self.answers = collections.defaultdict(dict)  # player: (path, sender, MsgId) -> the answer's bytes
        self.states = collections.defaultdict(dict)   # player: (machine, key) -> states that it cannot be in any more
        self.goods = collections.defaultdict(set)     # Wallet: orders that its user was told to have received
        self.final = collections.Counter()
        self.held = set()  # orders with a revoke that nobody had signed
        self.deducted = set()  # who has taken a settled order back, and at which Broker
        self.settlements = collections.defaultdict(set)  # (Broker, Vendor, BatchId) -> signed bytes that were given
        self.facts = collections.defaultdict(dict)  # player: what it acknowledged -> whether a ledger bears it out
        self.names = {}  # Vendor: (the name that the Host took last, the one that it was told since)
        self.notices = collections.defaultdict(list)  # (Broker, order): what its notices of a revoke said of the commission, each once
        self.killing, self.under_kill = False, collections.Counter()  # what was acknowledged while players were killed

    def see(self, what, exchange):
        if exchange.path.startswith("/qp/"):
            (self._sent if what == "asked" else self._answered)(exchange)

    def _note(self, player, entry, key):
        machine, gone = entry
        self.states[player].setdefault((machine, key), set()).update(gone)

    def _sent(self, exchange):
        sender = self.world.at(exchange.source)
        request = ledgers.parse(recorder.body_of(exchange.request))
        message = message_at(exchange.path, request)
        if sender is None:
            return
        if message in SENT_TO_HOST:
            machine, gone = SENT_TO_HOST[message]
            self._note(sender.id, (f"{sender.role}.{machine}", gone), self.world.host.id)
        if message == "UpdateVendor":
            vendor = ledgers.text(request, "Sender")
            self.names[vendor] = (self.names.get(vendor, ("", ""))[0], ledgers.text(request, "Name"))
        if message == "RegisterRevoke":
            self._noticed(sender, request)
        if message in SENT and (message != "RevokeOrder" or _is_signed(request)):  # what is not signed anybody may have sent
            batch = SENT[message][0] in ("vendor.batch", "vendor.dispute")
            self._note(sender.id, SENT[message], ledgers.text(request, "BatchId") if batch else ledgers.key_of(request))

    def _noticed(self, broker, request):
        """Notice of a revoke; of one that was held and then signed there are two."""
        order, commission = ledgers.key_of(request), int(ledgers.text(request, "CommissionReversed"))
        if commission not in self.notices[broker.id, order]:
            self.notices[broker.id, order].append(commission)
        if _is_signed(request):
            self._note(broker.id, NOT_FINAL, order)

    def _answered(self, exchange):
        if exchange.status != 200:
            return
        body = recorder.body_of(exchange.answer)
        answer, request = ledgers.parse(body), ledgers.parse(recorder.body_of(exchange.request))
        code, message = ledgers.text(answer, "Code"), message_at(exchange.path, request)
        self._tally(message + " " + code)
        sender = next((head.text for head in request.iterfind(f"{ledgers.SPACE}Head/{ledgers.SPACE}Sender")), "")
        asker = self.world.at(exchange.source)
        if code != "QP-OK" and message == "CheckCommit" and asker is not None:  # it may offer the order again
            self.states[asker.id].get(("vendor.order", ledgers.key_of(request)), set()).discard("OFFERED")
        if code == "QP-OK":
            self.answers[exchange.server][exchange.path, sender, ledgers.text(request, "MsgId")] = body
        if code == "QP-OK" and message in ANSWERED:
            self._acknowledged(exchange.server, message, request, answer)
        if code == "QP-OK" and message == "RevokeOrder":
            self._revoked(exchange.server, sender, request, answer)
        if code == "QP-OK":
            self._administered(exchange.server, message, sender, request, answer)
        if code == "QP-OK" and message == "SettleWithBroker":
            signed = body[body.index(b"<Settlement>"):body.index(b"</Settlement>")]
            self.settlements[exchange.server, sender, ledgers.text(request, "BatchId")].add(signed)

    def _tally(self, what):
        self.final[what] += 1
        self.under_kill[what] += self.killing

    def _revoked(self, broker, vendor, request, answer):
        """One that waits for the Host is no money yet."""
        if ledgers.text(answer, "State") == "pending":
            self.held.add(ledgers.key_of(request))
            return self._tally("RevokeOrder pending")
        self._tally("RevokeOrder " + ledgers.text(answer, "Effect"))
        self._note(broker, NOT_FINAL, ledgers.key_of(request))
        if ledgers.text(answer, "Effect") == "deduct":
            self.deducted |= {vendor, broker}
        return None

    def _administered(self, server, message, sender, request, answer):
        if message in ADMINISTERED:
            self._note(server, ADMINISTERED[message], ledgers.text(answer, "Vendor") if message == "RegisterVendor" else sender)
        if message == "UpdateVendor":
            self.names[sender] = (ledgers.text(request, "Name"), "")
            self.facts[server]["the name of " + sender] = lambda ledger: (
                ledger.records["member"][sender].fields["name"].decode() in self.names[sender])
        if message == "RemovePaycard":
            self._note(server, ("broker.paycard", NOT_BOUND | {"BOUND"}), ledgers.text(request, "Paycard"))
        if message == "PublishKey":
            key = ledgers.text(request, "PubKey")
            self.facts[server][f"a key of {sender}, …{key[-40:]},"] = lambda ledger: any(
                key.encode() in field for field in ledger.records["member.keys"][sender].fields.values())
        if message == "WithdrawKey":
            name = "withdrawn." + ledgers.text(request, "KeyId")
            self.facts[server][f"{name} of {sender}"] = lambda ledger: name in ledger.records["member.keys"][sender].fields

    def registered(self, player, name):
        """The owner was told which id the player has; most of that is sealed on the wire."""
        self._note(player.id, (player.role + ".registration", OUTSIDE), self.world.host.id)
        self._note(self.world.host.id, ("host." + player.role, NOT_LISTED), name)
        self.facts[player.id]["its id"] = lambda ledger: (
            ledger.records[player.role + ".registration"][self.world.host.id].fields[player.role].decode() == name)

    def left(self, player):
        """The owner was told that it is a player no more."""
        self._note(player.id, (player.role + ".registration", OUTSIDE | {"REGISTERED", "CHANGING", "LEAVING"}), self.world.host.id)

    def renewed(self, player):
        """The owner was told that the player has a new key that it shares; a Wallet shares one with the Host alone."""
        if player.role == "wallet":
            self._tally("GetPairKey own")
        self.facts[player.id]["a shared key"] = lambda ledger: any(
            name.startswith("shared.") for name in ledger.records[player.role + ".keys"][self.world.host.id].fields)

    def added(self, wallet, order, issued):
        """The user was told that the Paycard is there."""
        broker, card = issued["broker"].id, issued["paycard"]
        self._note(wallet.id, ("wallet.paycard", NOT_ADDED), order)
        self._note(broker, ("broker.paycard", NOT_BOUND), card)
        self.facts[broker][f"the binding of {card}"] = lambda ledger: (
            ledger.records["paycard.binding"][card].fields["wallet"].decode() == wallet.id)
        self.facts[wallet.id]["the Paycard " + card] = lambda ledger: (
            ledger.records["paycard.added"][card].fields["broker"].decode() == broker)

    def removed(self, wallet, order):
        """The user was told that the Paycard is given up."""
        self._note(wallet.id, ("wallet.paycard", NOT_ADDED | {"READY"}), order)

    def missing(self):
        """What a run with administration was to see acknowledged, and did not."""
        if not self.world.administered:
            return []
        expected = EXPECTED | EXPECTED_IN[self.world.profile]
        return sorted(what for what in expected if not self.acknowledged(what))

    def acknowledged(self, what):
        """How often; `what` is a message, or one with what its answer said."""
        return self.final[what if " " in what else what + " QP-OK"]

    def acknowledged_under_kill(self, what):
        return self.under_kill[what if " " in what else what + " QP-OK"]

    def _acknowledged(self, server, message, request, answer):
        machine = ANSWERED[message][0]
        if machine in ("broker.batch", "host.hearing"):
            key = ledgers.text(request, "Vendor") + "/" + ledgers.text(request, "BatchId")
        else:
            key = ledgers.key_of(answer if message.endswith("GetOrder") else request)
        self._note(server, ANSWERED[message], key)

    def hear(self, wallet, event):
        if event["event"] == "received":
            self.goods[wallet.id].add(event["order"])
        of_order = "wallet.purchase", event.get("order")
        if event["event"] == "done" and event.get("text") == "DONE" and of_order in self.states[wallet.id]:
            self._note(wallet.id, ("wallet.purchase", NOT_DONE), event["order"])

    def told(self, wallet, order, machine="wallet.order"):
        """The user was told that this order was opened."""
        self._note(wallet.id, (machine, {"NONE"}), order)

    def taken_back(self, vendor, order):
        """The operator was told that this order is being taken back."""
        self._note(vendor.id, ("vendor.revoke", {"NONE"}), order)

    def count(self, player):
        """How many acknowledgements of this player there are."""
        return sum(len(kind[player.id]) for kind in (self.answers, self.states, self.goods, self.facts))

    def lost(self, player, ledger):
        """A line for each acknowledgement that the ledger does not bear out."""
        for asked, body in self.answers[player.id].items():
            kept, final = ledger.answers.get(asked, (None, False))
            if not final or kept != body:
                yield f"{player.id}: the answer to {' '.join(asked)} is {'another one' if final else 'gone'}"
        for (machine, key), gone in self.states[player.id].items():
            if ledger.state(machine, key) in gone:
                yield f"{player.id}: {machine} {key} is {ledger.state(machine, key)}"
        for order in self.goods[player.id]:
            record = ledger.records["wallet.order"].get(order)
            if record is None or "goods" not in record.fields:
                yield f"{player.id}: the goods of {order} are gone"
        for fact, bears_out in self.facts[player.id].items():
            if not _holds(bears_out, ledger):
                yield f"{player.id}: {fact} is gone or another one"
