"""Administration under load: players that begin with nothing, change and leave; keys that are published, taken back and renewed; Paycards
that are added and given up."""
import hashlib
import os
import shutil
import subprocess

import ledgers
import world

HOST_ENTRY = "host-entry.xml"
FIRST_ADDRESS = {"vendor": 40, "wallet": 100, "broker": 160}  # of newcomers, the last part
MOST = {"vendor": 60, "wallet": 60, "broker": 1}              # that begin in one run; a Broker never leaves
CODE = "ENROL-OF-THE-NEW-BROKER"
OTHER_PORT = world.OUTER + 1  # to which new Vendors move, and back
SPARE_KEYS = 6                # of each server that the owner listed; its entry has room for 16
PAYCARDS = {"B7": ("paycard-plain", "plain"), "B8": ("paycard-numbered", "numbered")}  # those of the build: product and scheme
ISSUED = 8                    # issue codes that each Wallet gets from each Broker, and one more for each kill
#: How often somebody leaves or begins to add a Paycard when he could: often until all was seen once, so that the kills begin soon, and
#: then so that there is something left of it for the whole run.
LEAVES, ADDS = (0.3, 0.06), (1, 0.15)
PATIENCE_MS = 60000           # of a Wallet with a Paycard, on a machine that has other things to do
ANSWERS = {"Your mother's name?": "Smith", "The last digits?": "4711"}
WRONG = "999"
KEYS_UNDER_WAY = {"PUBLISHING", "WITHDRAWING", "RENEWING"}
UNDER_WAY = {"CONFIRMING", "TAKING", "QUESTIONED", "ANSWERED"}


class Newcomer(world.Player):
    """A player that begins with nothing but the Host's entry, and a Broker with the code of its contract."""

    def __init__(self, of, role, number):
        super().__init__(of, role, f"new-{role}-{number}", FIRST_ADDRESS[role] + number)
        self.changes, self.port = 0, world.OUTER
        if role == "vendor":
            self.spare = of.vendors[0].spare[:3]
            self.fixtures = {"items": [{"item": "item-0", "text": "An article", "amount": 100, "currency": world.CURRENCY}]}
        if role == "broker":
            self.seal = of.host.seal

    def known(self):
        return {"player": "new", "host_entry": HOST_ENTRY}

    def _place(self):
        return {"endpoints": [{"address": self.address, "port": self.port}]}

    def register(self):
        words = {"bound": [self.address + "/32"]} if self.role == "wallet" else {"name": f"{self.id} 0", **self._place()}
        return self.tell(do="register", **words, **({"code": CODE} if self.role == "broker" else {}))

    def change(self):
        """Another name, and of a Vendor now and then another place, where the Host sends a Probe; of a Wallet another ticket."""
        self.changes += 1
        if self.role == "wallet":
            return self.tell(do="change", bound=[self.address + "/32"], new_ticket=True)
        if self.role == "vendor" and self.changes % 2:
            self.port = OTHER_PORT if self.port == world.OUTER else world.OUTER
        return self.tell(do="change", name=f"{self.id} {self.changes}", **(self._place() if self.role == "vendor" else {"terms": True}))

    def look_up(self):
        """Somebody has to be known for that, so the Host is asked."""
        if self.role == "wallet":
            return self.tell(do="pay-micro", vendor=self.world.vendors[0].id, item="item-0", confirm="no")
        return self.tell(do="link", item="item-0") if self.role == "vendor" else self.change()


class Newcomers:
    """One after the other a player of this role comes, changes, and leaves; then the next one comes."""

    def __init__(self, of, evidence, role, random):
        self.world, self.evidence, self.role, self.random = of, evidence, role, random
        self.now, self.number = None, 0

    async def step(self, going_on):
        player = self.now
        if player is None:
            if going_on and self.number < MOST[self.role]:
                await self._begin()
            return
        records = await player.records(self.role + ".registration") if player.running else None
        if records is None:
            return
        state = records[0]["state"] if records else "OUT"
        if state == "GONE":
            await self._end(player)
        elif state == "OUT" and going_on:
            await player.register()
        elif state == "REGISTERED" and going_on:
            await self._go_on(player)

    async def _begin(self):
        player = self.now = Newcomer(self.world, self.role, self.number)
        self.number += 1
        player.listeners.append(self._hear)
        player.write_config()
        await self.world.record(player, *([OTHER_PORT] if self.role == "vendor" else []))
        self.world.players.append(player)
        await player.start()

    async def _go_on(self, player):
        if player.changes and self.number < MOST[self.role] and self.random.random() < LEAVES[not self.evidence.missing()]:
            await player.tell(do="leave")
        else:
            await self.random.choice((player.change, player.change, player.look_up))()

    async def _end(self, player):
        """It goes once nobody owes it an answer any more; from now on nobody has it do anything."""
        player.going = True
        for machine, under_way in ((self.role + ".keys", KEYS_UNDER_WAY), ("wallet.order", {"ASKED"})):
            records = await player.records(machine)
            if records is None or any(record["state"] in under_way for record in records):
                return
        if not player.running:
            return
        player.retired = True  # so that it is not killed as it stops
        await player.stop()
        if ledgers.Ledger(player.ledger).calls:  # a question of who others are, or what the Host has not answered
            player.retired = False
            await player.start()
        else:
            self.now = None

    def _hear(self, player, event):
        if event["event"] == "tell" and event["text"] == "registered":
            self.evidence.registered(player, event["player"])
        if event["event"] == "tell" and event["text"] == "gone":
            self.evidence.left(player)


class Keys:
    """Operators who publish keys and take them back, and in profile H renew those that are shared."""

    def __init__(self, of, evidence, random):
        self.world, self.evidence, self.random = of, evidence, random
        self.published = {}  # player: how many of its spare keys were
        for player in of.players:
            player.listeners.append(self._hear)

    def _hear(self, player, event):
        if event["event"] == "tell" and event["text"] == "renewed":
            self.evidence.renewed(player)

    async def step(self, going_on):
        player = self.random.choice([one for one in self.world.present if one.role != "host" and not one.going])
        if not going_on or not player.running:
            return
        if self.world.profile == "H" and (not player.spare or self.random.random() < 0.5):
            await self._renew(player)
        elif player.spare:
            await self._publish_or_withdraw(player)

    async def _renew(self, player):
        """Its own key, or one of a Vendor with a Broker."""
        if player.role == "vendor" and self.random.random() < 0.5:
            await player.tell(do="renew-key", peer=self.random.choice(self.world.brokers).id)
        else:
            await player.tell(do="renew-key")

    async def _publish_or_withdraw(self, player):
        number = self.published.get(player.id, 0)
        if number and self.random.random() < 0.5:
            await player.tell(do="withdraw-key", key_id=player.spare[self.random.randrange(number)].id)
        elif number < len(player.spare):
            reply = await player.tell(do="publish-key", key_id=player.spare[number].id)
            if reply and reply["ok"]:
                self.published[player.id] = number + 1


class Paycards:
    """The user of a Wallet who adds Paycards, sometimes with a wrong answer first, pays with them and gives some up."""

    def __init__(self, of, evidence, wallet, random):
        self.world, self.evidence, self.wallet, self.random = of, evidence, wallet, random
        self.codes = [one for broker in of.brokers for one in of.issued if one["wallet"] is wallet and one["broker"] is broker]
        self.random.shuffle(self.codes)
        self.begun, self.asked, self.added, self.life = {}, {}, {}, 0
        wallet.listeners.append(self._hear)

    @staticmethod
    def _order(issued):
        """Under which name the Wallet adds it, whether or not its reply comes."""
        return hashlib.sha256(f"{issued['product']}/{issued['code']}".encode()).hexdigest()[:32]

    def _hear(self, _, event):
        order = event.get("order")
        if event["event"] == "question":
            self.asked.setdefault(order, {})[int(event["no"])] = event["text"]
        if event["event"] == "tell" and order in self.begun:
            self.asked.pop(order, None)
            if event["text"] == "added":
                self._is_there(order)

    def _is_there(self, order):
        if order not in self.added:
            self.added[order] = self.begun[order]
            self.wallet.cards.append({"paycard": self.begun[order]["paycard"]})
            self.evidence.added(self.wallet, order, self.begun[order])

    async def step(self, going_on):
        if not self.wallet.running:
            return
        records = await self._look()
        if records is None:
            return
        for order, questions in list(self.asked.items()):
            if len(questions) == len(ANSWERS) and order in self.begun:
                await self._answer(order, self.asked.pop(order))
        if going_on and not UNDER_WAY & set(records.values()):
            await self._begin()

    async def _begin(self):
        if self.random.random() < ADDS[not self.evidence.missing()]:
            there = len(self.wallet.cards) - len(self.wallet.fixtures["paycards"])
            await (self._remove() if there > 1 and self.random.random() < 0.3 else self._add())

    async def _look(self):
        """What has become of everything; after a restart the questions are shown again."""
        found = await self.wallet.records("wallet.paycard")
        if found is None:
            return None
        if self.life != self.wallet.lives:
            life = self.wallet.lives
            self.asked.clear()
            if await self.wallet.tell(do="offers"):
                self.life = life
        for record in found:
            if record["state"] == "READY":
                self._is_there(record["key"])
        return {record["key"]: record["state"] for record in found}

    async def _answer(self, order, questions):
        issued = self.begun[order]
        wrong = not issued.get("tried") and self.random.random() < 0.25  # once, or the Broker locks
        issued["tried"] = issued.get("tried") or wrong
        await self.wallet.tell(do="answer-questions", order=order, answers=[
            {"no": no, "value": WRONG if wrong else ANSWERS[text]} for no, text in questions.items()])

    async def _add(self):
        if not self.codes:
            return
        issued = self.codes.pop()
        self.begun[self._order(issued)] = issued
        reply = await self.wallet.tell(do="add-paycard", product=issued["product"], issue_code=issued["code"])
        if reply is None or not reply["ok"]:
            self.codes.insert(0, issued)

    async def _remove(self):
        """Not the one that pays: what is offered could not be paid by it."""
        order = self.random.choice(list(self.added))
        card = self.added[order]["paycard"]
        if {"paycard": card} not in self.wallet.cards:
            return
        self.wallet.cards.remove({"paycard": card})
        if await self.wallet.tell(do="activate-paycard", paycard=self.wallet.cards[0]["paycard"]):
            reply = await self.wallet.tell(do="remove-paycard", paycard=card)
            if reply and reply["ok"]:
                self.evidence.removed(self.wallet, order)


def furnish(of, kills):
    """What the players need for administration besides what they have."""
    of.administered = True
    of.host.more = {"host_entry": HOST_ENTRY}
    of.host.policy = {"probes_locally": True, "broker_codes": [CODE]}
    seal, spare = world.Key(), [world.Key("2019-01-01T00:00:00Z") for _ in range(SPARE_KEYS)]
    for player in (of.host, *of.brokers):
        player.seal = seal
    for player in of.brokers + of.vendors:
        player.spare = spare
    of.issued = []
    for broker in of.brokers:
        _issue_paycards(of, broker, ISSUED + kills)


def _issue_paycards(of, broker, codes):
    """The file of a Broker's Paycard, signed by it, for every Wallet, and the codes under which Wallets get one."""
    product, scheme = PAYCARDS[broker.id]
    file = os.path.join(of.folder, product + ".so")
    shutil.copy(os.path.join(os.path.dirname(of.quickpay), "paycards", product + ".so"), file)
    key = os.path.join(of.folder, broker.id + ".pem")
    with open(key, "wb") as pem:
        pem.write(broker.key.pem)
    label = {"B7": "First Example Bank", "B8": "Second Example Bank"}[broker.id]
    subprocess.run([of.quickpay, "paycard", "sign", file, "--key", key, "--broker", broker.id, "--product", product, "--version", "1.0",
                    "--label", label], check=True, capture_output=True)
    with open(file, "rb") as shared_object:
        digest = hashlib.sha256(shared_object.read()).hexdigest()
    broker.fixtures["paycard_files"] = [{"product": product, "version": "1.0", "file_hash": digest}]
    broker.fixtures["enrolments"] = []
    for wallet in of.wallets:
        wallet.more = {"paycard_deadline": PATIENCE_MS}
        wallet.fixtures.setdefault("new_paycards", []).append(
            {"broker": broker.id, "product": product, "shared_object": file, "manifest": file + ".manifest"})
        for _ in range(codes):
            _issue_one(of, broker, wallet, product, scheme)


def _issue_one(of, broker, wallet, product, scheme):
    number = len(broker.fixtures["enrolments"])
    issued = {"wallet": wallet, "broker": broker, "product": product, "code": f"ISSUE-{broker.id}-{number}", "paycard": f"P{broker.id}e{number}"}
    of.issued.append(issued)
    broker.fixtures["accounts"].append({"account": f"e{number}", "limit": world.LIMIT, "currency": world.CURRENCY})
    broker.fixtures["enrolments"].append({
        "issue_code": issued["code"], "paycard": issued["paycard"], "account": f"e{number}", "scheme": scheme,
        "questions": [{"prompt": prompt, "answer": answer} for prompt, answer in ANSWERS.items()]})


def clerks(of, evidence, random):
    """(who, ticks from one step to the next) of all who administer."""
    return ([(Newcomers(of, evidence, role, random), 3) for role in MOST] + [(Keys(of, evidence, random), 3)]
            + [(Paycards(of, evidence, wallet, random), 4) for wallet in of.wallets])


def at_rest(of):
    """(players, machine, states in which nothing is under way), for what the load waits for in the end."""
    here = [player for player in of.present if player.role != "host"]
    yield of.wallets, "wallet.paycard", {"ABSENT", "READY", "REMOVED"}
    yield [of.host], "host.vendor", {"UNREGISTERED", "LIVE", "REFUSED", "REMOVED"}
    for role in MOST:
        of_role = [player for player in here if player.role == role]
        yield of_role, role + ".registration", {"OUT", "REGISTERED", "GONE"}
        yield of_role, role + ".keys", {"IDLE"}
