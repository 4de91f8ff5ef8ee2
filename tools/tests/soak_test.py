"""A sample of tools/soak, and the proof that it sees what it looks for.

usage: soak_test.py QUICKPAY SERVE_BROKEN [unittest arguments]
QP_SEED repeats the load and the moments of the kills.
"""
import asyncio
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest

SOAK = pathlib.Path("tools/soak/soak.py").resolve()
sys.path.insert(0, str(SOAK.parent))
import books  # noqa: E402
import evidence  # noqa: E402
import ledgers  # noqa: E402
import returns  # noqa: E402
import soak  # noqa: E402

QUICKPAY, SERVE_BROKEN = sys.argv[1:3]
SEED = os.environ.get("QP_SEED") or str(int(time.time()))
print(f"QP_SEED={SEED}", flush=True)
ANY_BROKER = ("B7", "B8")
ANY_WALLET = ("Wa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "Wb2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2")
ANYBODY = ("V1001", "V1002", *ANY_BROKER, *ANY_WALLET, "new-vendor-0")
#: What somebody does to a ledger after the run: (player, or those of whom one has acknowledged such a thing; statement). Each has to be found.
FORGERIES = {
    "a debt is gone": ("B7", "DELETE FROM record WHERE machine='broker.debt' AND key=(SELECT min(key) FROM record WHERE machine='broker.debt')"),
    "an account is another one": ("B8", "UPDATE record SET contents=debit_more(contents,'debited') WHERE machine='account' AND key="
                                  "(SELECT min(key) FROM record WHERE machine='account')"),
    "a payout is gone": ("B8", "DELETE FROM record WHERE machine='payout' AND key=(SELECT max(key) FROM record WHERE machine='payout')"),
    "an income is gone": ("V1001", "DELETE FROM record WHERE machine='income' AND key=(SELECT min(key) FROM record WHERE machine='income')"),
    "a delivery is gone": ("V1002", "DELETE FROM record WHERE machine='vendor.order' AND state='DELIVERED'"),
    "an answer is gone": ("H1", "DELETE FROM answer WHERE msg_id=(SELECT min(msg_id) FROM answer)"),
    "an answer is another one": ("H1", "UPDATE answer SET body=x'00' WHERE msg_id=(SELECT min(msg_id) FROM answer)"),
    "a revoke is gone": ("V1001", "DELETE FROM record WHERE machine='vendor.revoke'"),
    "a revoke is gone at the Broker": ("B7", "DELETE FROM record WHERE machine='broker.revoke'"),
    "a revoke is gone at the Host": ("H1", "DELETE FROM record WHERE machine='host.revoke'"),
    "a revoked order is paid": ("B7", "UPDATE record SET state='PAID' WHERE machine='broker.debt' AND state='REVOKED'"),
    "a revoked order is claimed": ("V1001", "UPDATE record SET state='SETTLED' WHERE machine='vendor.claim' AND state='WITHDRAWN'"),
    "a commission is kept": ("B7", "UPDATE record SET contents=debit_more(contents,'reversed') WHERE machine='broker.revoke' AND state='REVOKED'"),
    "the Host was told of another commission": ("H1", "UPDATE record SET contents=debit_more(contents,'commission_reversed') WHERE machine='host.revoke'"),
    "a book has another refund": ("B7", "UPDATE record SET contents=debit_more(contents,'refunded') WHERE machine='book'"),
    "more is carried": ("B7", "UPDATE record SET contents=debit_more(contents,'carried') WHERE machine='book.vendor'"),
    "a commitment is gone": ("B8", "DELETE FROM record WHERE machine='broker.commitment'"),
    "a sale is gone": ("V1002", "DELETE FROM record WHERE machine='vendor.sale' AND state='ACCEPTED'"),
    "a receipt is gone at the Host": ("H1", "DELETE FROM record WHERE machine='host.purchase'"),
    "a regular purchase is gone": ("Wa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "DELETE FROM record WHERE machine='wallet.purchase' AND state='DONE'"),
    "a statement is gone": ("H1", "DELETE FROM record WHERE machine='host.statement'"),
    "goods are gone": ("Wa1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1", "DELETE FROM record WHERE machine='wallet.order' AND state='DONE'"),
    "a Vendor was never registered": ("H1", "DELETE FROM record WHERE machine='host.vendor'"),
    "a Vendor that left is one again": ("H1", "UPDATE record SET state='LIVE' WHERE machine='host.vendor' AND state='REMOVED'"),
    "a Wallet was never registered": ("H1", "DELETE FROM record WHERE machine='host.wallet'"),
    "a Wallet that left is one again": ("H1", "UPDATE record SET state='LIVE' WHERE machine='host.wallet' AND state='REMOVED'"),
    "a Broker was never registered": ("H1", "DELETE FROM record WHERE machine='host.broker'"),
    "a Vendor has its old name": ("H1", "UPDATE record SET contents=rename(contents) WHERE machine='member' AND key LIKE 'V%'"),
    "keys were never published": ("H1", "UPDATE record SET contents=rename(contents,'IjANBgkq') WHERE machine='member.keys'"),
    "keys were never taken back": ("H1", "UPDATE record SET contents=rename(contents,'withdrawn') WHERE machine='member.keys'"),
    "a Broker does not know who it is": ("new-broker-0", "DELETE FROM record WHERE machine='broker.registration'"),
    "a Vendor does not know who it was": ("new-vendor-0", "DELETE FROM record WHERE machine='vendor.registration'"),
    "a Wallet has not left": ("new-wallet-0", "UPDATE record SET state='REGISTERED' WHERE machine='wallet.registration'"),
    "nothing is known of own keys": (ANYBODY, "DELETE FROM record WHERE machine IN ('vendor.keys','broker.keys')"),
    "a Paycard is not bound": (ANY_BROKER, "DELETE FROM record WHERE machine='paycard.binding'"),
    "a Paycard is nobody's": (ANY_BROKER, "UPDATE record SET state='ISSUED' WHERE machine='broker.paycard' AND state='BOUND'"),
    "a Paycard that was given up is bound": (ANY_BROKER, "UPDATE record SET state='BOUND' WHERE machine='broker.paycard' AND state='REMOVED'"),
    "a Paycard was not added": (ANY_WALLET, "UPDATE record SET state='ABSENT' WHERE machine='wallet.paycard' AND state='READY'"),
    "a Paycard was not given up": (ANY_WALLET, "UPDATE record SET state='READY' WHERE machine='wallet.paycard' AND state='REMOVED'"),
    "what a Paycard needs is gone": (ANY_WALLET, "DELETE FROM record WHERE machine='paycard.added'"),
    "a notice is still owed": ("B7", "INSERT INTO call VALUES('m','broker.order','k','RegisterCommit','H1','/p',x'',1,1,0,0,0)"),
}
#: The same where revokes need no signature.
UNSIGNED = {
    "a revoke that nobody signed is forgotten": (ANY_BROKER, "DELETE FROM record WHERE machine='broker.revoke' AND state='HELD'"),
    "a revoke that nobody signed is final": (ANY_BROKER, "UPDATE record SET state='REVOKED' WHERE machine='broker.revoke' AND state='HELD'"),
    "a revoke that nobody signed is proven": ("H1", "UPDATE record SET state='PROVEN' WHERE machine='host.revoke' AND state IN ('UNPROVEN','VOID')"),
    "a revoke that nobody signed stands": ("H1", "UPDATE record SET state='STANDING' WHERE machine='host.revoke' AND state IN ('UNPROVEN','VOID')"),
    "the Host was not told of a revoke": ("H1", "DELETE FROM record WHERE machine='host.revoke' AND state IN ('UNPROVEN','VOID')"),
    "a claim is lost by it": (("V1001", "V1002"), "UPDATE record SET state='LOST' WHERE machine='vendor.claim' AND state='SETTLED' AND key IN (SELECT key FROM held)"),
}
#: And where keys are shared.
SHARED = {
    "somebody has lost its keys": (ANYBODY, "UPDATE record SET contents=rename(contents,'shared.') WHERE machine LIKE '%.keys' AND machine<>'member.keys'"),
    "the Host has lost its keys": ("H1", "UPDATE record SET contents=rename(contents,'hared.') WHERE machine='member.keys'"),
}


def rename(contents, text="new-"):
    """A record in which this text is another one of the same length."""
    return bytes(contents).replace(text.encode(), text.upper().encode())


def debit_more(contents, field):
    """A record with another sum: a digit more, and a zero is none.

    One account in another's place would not do: with few purchases all of them can be alike.
    """
    before, name, after = bytes(contents).partition(bytes([len(field)]) + field.encode())
    if not name:
        raise ValueError(f"the record has no {field}")
    size = after[0]
    return before + name + bytes([size + 1]) + after[1:size + 1] + b"1" + after[size + 1:]


class Sample(unittest.TestCase):
    """The reference, a few kills of each role."""

    PROFILE, KILLS = "F", 4

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.run_ = soak.Run(soak.arguments([QUICKPAY, "--kills", str(cls.KILLS), "--profile", cls.PROFILE, "--seed", SEED]), cls.folder)
        asyncio.run(cls.run_.go())
        print("\n".join(cls.run_.report()), flush=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_nothing_is_lost(self):
        self.assertEqual(self.run_.findings(), [])
        self.assertEqual({role: self.run_.killer.kills[role] for role in soak.ROLES}, dict.fromkeys(soak.ROLES, self.KILLS))
        self.assertGreater(self.run_.killer.checked, 100)
        self.assertGreater(self.run_.killer.audits, self.KILLS)

    def test_a_player_that_ends_by_itself_is_found(self):
        killer, vendor = self.run_.killer, self.run_.world.vendors[0]
        killer.look_for_ends()
        self.assertEqual(killer.findings, [])
        vendor.told_to_stop = False
        killer.look_for_ends()
        vendor.told_to_stop = True
        self.assertEqual(killer.findings.pop(), "V1001 ended by itself with exit code 0; see V1001.log")

    def test_what_was_done_to_a_ledger_is_found(self):
        good = {player.ledger: ledgers.Ledger(player.ledger) for player in self.run_.world.players}
        for name, (players, statement) in (FORGERIES | (UNSIGNED if self.PROFILE == "F" else SHARED)).items():
            with self.subTest(name):
                of_one = [players] if isinstance(players, str) else players
                self.assertTrue(any(self.found(good, player, statement) for player in of_one), f"is not there, or not found: {statement}")
        self.assertEqual(self.judged(), [])

    def found(self, good, player, statement):
        """Whether there was something to change in this ledger, and it is found. Only what was changed is read again: all of them often is long."""
        ledger = self.run_.world.player(player).ledger
        shutil.copy(ledger, ledger + ".good")
        try:
            return self.forge(ledger, statement) and self.judged(lambda path: ledgers.Ledger(path) if path == ledger else good[path]) != []
        finally:
            shutil.move(ledger + ".good", ledger)

    def forge(self, ledger, statement):
        with sqlite3.connect(ledger) as database:
            database.create_function("debit_more", 2, debit_more)
            database.create_function("rename", -1, rename)
            database.execute("CREATE TEMP TABLE held(key)")
            database.executemany("INSERT INTO held VALUES(?)", [(key,) for key in self.held()])
            changed = database.execute(statement).rowcount
        database.close()
        return changed > 0

    def held(self):
        """The orders of which a Broker holds a revoke that nobody signed."""
        brokers = [ledgers.Ledger(broker.ledger) for broker in self.run_.world.brokers]
        return [key for ledger in brokers for key, revoke in ledger.records["broker.revoke"].items() if revoke.state == "HELD"]

    def judged(self, read=ledgers.Ledger):
        try:
            return books.Books(self.run_.world, self.run_.evidence, read=read).findings
        except KeyError as missing:  # a record that another one rests on
            return [f"{missing} is not there"]

    def test_a_run_without_returns_shows_nothing(self):
        def nothing_back(judged):
            judged.sums["refunded"] = 0
            judged._sums_over_all()
            return " ".join(judged.findings)

        self.assertIn("this run shows nothing of it", nothing_back(books.Books(self.run_.world, self.run_.evidence)))
        self.assertEqual(nothing_back(books.Books(self.run_.world, self.run_.evidence, regular=False)), "")

    def test_a_run_that_administered_nothing_shows_nothing(self):
        expected = evidence.EXPECTED | evidence.EXPECTED_IN[self.PROFILE]
        final, good = self.run_.evidence.final, {player.ledger: ledgers.Ledger(player.ledger) for player in self.run_.world.players}
        for what in expected:
            key = what if " " in what else what + " QP-OK"
            count, final[key] = final[key], 0
            try:
                self.assertEqual(self.judged(good.get), [f"no {what} was acknowledged: this run shows nothing of it"])
            finally:
                final[key] = count

    def test_an_order_in_two_settlements_is_found(self):
        settlements = self.run_.evidence.settlements
        paid = books.Books(self.run_.world, self.run_.evidence).paid
        for kind in ("micro", "regular"):
            order, (broker, batch, *_) = next(item for item in paid.items() if item[0].startswith(kind))
            vendor = order.split("/")[1]
            settlements[broker, vendor, "another-batch"] = settlements[broker, vendor, batch]
            self.assertIn(f"{order} is paid twice", " ".join(self.judged()))
            del settlements[broker, vendor, "another-batch"]

    def test_a_revoke_that_was_acknowledged_and_is_lost_is_found(self):
        for player, machine in (("V1001", "vendor.revoke"), ("B7", "broker.revoke")):
            ledger = ledgers.Ledger(self.run_.world.player(player).ledger)
            ledger.records[machine].clear()
            lost = list(self.run_.evidence.lost(self.run_.world.player(player), ledger))
            self.assertRegex(" ".join(lost), rf"{player}: {machine} regular/\S+ is NONE")

    def test_a_revoke_that_waits_for_its_vendor_alone_is_found(self):
        judged = books.Books(self.run_.world, self.run_.evidence)
        vendor = next(one for one in self.run_.world.vendors if judged.of[one.id].records["vendor.revoke"])
        revokes = judged.of[vendor.id].records["vendor.revoke"]
        key = next(key for key, one in revokes.items() if one.fields["answer"] == b"final")
        revokes[key] = revokes[key]._replace(fields=revokes[key].fields | {"answer": b"pending"})
        self.assertRegex(" ".join(returns.taken_back(judged, vendor)), f"{key}: {vendor.id} was told that its revoke waits, and B. has it REVOKED")

    def test_a_notice_of_another_commission_is_found(self):
        notices = self.run_.evidence.notices
        taken = [(broker.id, key) for broker in self.run_.world.brokers for key, one in
                 ledgers.Ledger(broker.ledger).records["broker.revoke"].items() if one.state == "REVOKED"]
        notices[taken[0]].append(10**6)
        self.assertIn(f"the last notice of the revoke of {taken[0][1]}", " ".join(self.judged()))
        notices[taken[0]].pop()

    def test_what_is_deducted_twice_or_never_is_found(self):
        judged = books.Books(self.run_.world, self.run_.evidence)
        broker = next(one for one in self.run_.world.brokers if judged.of[one.id].records["broker.revoke"])
        returned = returns.Returned(judged, broker)
        key = next(key for key, debt in returned.records["broker.debt"].items() if debt.state == "REVOKED" and returns.was_settled(debt))
        _, vendor, order = key.split("/")
        debt = returned.records["broker.debt"][key]
        again = ledgers.Record("OPEN", {}, {"amount": str(ledgers.order_ref(debt)[1]).encode(), "reversed": debt.fields["commission"]})
        left, batches = returned.records["deduction"], returned.records["broker.batch"]
        left[f"{vendor}/EUR/{order}"] = again
        returns.Returned(judged, broker)
        self.assertIn(f"deductions of {key}", " ".join(judged.findings))
        judged.findings.clear()
        left.clear()
        batches.clear()
        returns.Returned(judged, broker)
        self.assertIn(f"deductions of {key}", " ".join(judged.findings))

    def test_a_deduction_of_what_nobody_took_back_is_found(self):
        judged = books.Books(self.run_.world, self.run_.evidence)
        broker = self.run_.world.brokers[0]
        judged.of[broker.id].records["deduction"]["V1001/USD/nobodys"] = ledgers.Record("OPEN", {}, {"amount": b"9", "reversed": b"0"})
        returns.Returned(judged, broker)
        self.assertIn("regular/V1001/nobodys is deducted", " ".join(judged.findings))

    def test_a_claim_is_given_up_only_if_the_host_rejected_it(self):
        judged = books.Books(self.run_.world, self.run_.evidence)
        order, (broker, *_) = next(iter(judged.paid.items()))
        claims, verdicts = judged.of[order.split("/")[1]].records["vendor.claim"], judged.of["H1"].records["host.verdict"]
        claims[order] = claims[order]._replace(state="LOST")
        self.assertFalse(judged._given_up(order, broker))
        verdicts[order.split("/", 1)[1] + f"/{broker}/wallet"] = ledgers.Record("REJECTED", {}, {})
        self.assertTrue(judged._given_up(order, broker))
        claims[order] = claims[order]._replace(state="SETTLED")
        self.assertFalse(judged._given_up(order, broker))

    def test_a_batch_with_two_settlements_is_found(self):
        given = next(iter(self.run_.evidence.settlements.values()))
        given.add(min(given) + b" ")
        self.assertIn("signed settlements of batch", " ".join(self.judged()))
        given.remove(max(given, key=len))


class SampleInH(Sample):
    """The same with codes."""

    PROFILE, KILLS = "H", 1


class Twins(unittest.TestCase):
    """Servers that answer before what they say is durable."""

    def run_with(self, role):
        words = [sys.executable, str(SOAK), QUICKPAY, "--kills", "40", "--seed", SEED, "--quiet", "--broken", SERVE_BROKEN, "--broken-role",
                 role, "--fault", "answers-early"]
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([*words, "--out", folder], capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stdout

    def test_a_broker_that_answers_early_is_found(self):
        self.assertRegex(self.run_with("broker"), r"B[78]: .* is (gone|NONE|ENDORSED)")

    def test_a_host_that_answers_early_is_found(self):
        self.assertRegex(self.run_with("host"), r"H1: .* is (gone|NONE)")


class CommandLine(unittest.TestCase):
    def test_help_and_wrong_usage(self):
        run = lambda *words: subprocess.run([sys.executable, str(SOAK), *words], capture_output=True, text=True, timeout=60, check=False)
        self.assertIn("--kills", run("--help").stdout)
        self.assertEqual(run("--kills", "0", QUICKPAY).returncode, 2)
        self.assertEqual(run("no-such-program").returncode, 2)
        self.assertEqual(run(QUICKPAY, "--fault", "answers-early").returncode, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
