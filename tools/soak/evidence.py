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
    "RegisterRevoke": ("broker.revoke", {"NONE", "HELD", "VOID"}),  # each is signed here
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
    "RevokeOrder": ("broker.revoke", {"NONE", "HELD", "VOID"}),
}
#: A regular order of which its user was told that it is done.
NOT_DONE = {"NONE", "ASKED", "OFFERED", "INQUIRING", "COMMITTED", "REFUSED", "ACCEPTED"}


def message_of(tree):
    return tree.tag.removeprefix(ledgers.SPACE)


def message_at(path, tree):
    """The message with its protocol where two have one of that name."""
    return ("regular/" if path.startswith("/qp/1/regular/") else "") + message_of(tree)


class Evidence:
    """Collected while players run: watch the traffic with `see`, and the events of Wallets with `hear`."""

    def __init__(self, world):
        self.world = world
        self.answers = collections.defaultdict(dict)  # player: (path, sender, MsgId) -> the answer's bytes
        self.states = collections.defaultdict(dict)   # player: (machine, key) -> states that it cannot be in any more
        self.goods = collections.defaultdict(set)     # Wallet: orders that its user was told to have received
        self.final = collections.Counter()
        self.deducted = set()  # who has taken a settled order back, and at which Broker
        self.settlements = collections.defaultdict(set)  # (Broker, Vendor, BatchId) -> signed bytes that were given

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
        if sender is not None and message in SENT:
            batch = SENT[message][0] in ("vendor.batch", "vendor.dispute")
            self._note(sender.id, SENT[message], ledgers.text(request, "BatchId") if batch else ledgers.key_of(request))

    def _answered(self, exchange):
        if exchange.status != 200:
            return
        body = recorder.body_of(exchange.answer)
        answer, request = ledgers.parse(body), ledgers.parse(recorder.body_of(exchange.request))
        code, message = ledgers.text(answer, "Code"), message_at(exchange.path, request)
        self.final[message + " " + code] += 1
        sender = next((head.text for head in request.iterfind(f"{ledgers.SPACE}Head/{ledgers.SPACE}Sender")), "")
        asker = self.world.at(exchange.source)
        if code != "QP-OK" and message == "CheckCommit" and asker is not None:  # it may offer the order again
            self.states[asker.id].get(("vendor.order", ledgers.key_of(request)), set()).discard("OFFERED")
        if code == "QP-OK":
            self.answers[exchange.server][exchange.path, sender, ledgers.text(request, "MsgId")] = body
        if code == "QP-OK" and message in ANSWERED:
            self._acknowledged(exchange.server, message, request, answer)
        if code == "QP-OK" and message == "RevokeOrder":
            self.final["RevokeOrder " + ledgers.text(answer, "Effect")] += 1
            if ledgers.text(answer, "Effect") == "deduct":
                self.deducted |= {sender, exchange.server}
        if code == "QP-OK" and message == "SettleWithBroker":
            signed = body[body.index(b"<Settlement>"):body.index(b"</Settlement>")]
            self.settlements[exchange.server, sender, ledgers.text(request, "BatchId")].add(signed)

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
        return len(self.answers[player.id]) + len(self.states[player.id]) + len(self.goods[player.id])

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
