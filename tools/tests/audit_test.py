"""quickpay audit as docs/audit.md shows it, on the ledger of a Host that was served, and on what was done to that ledger.

usage: audit_test.py QUICKPAY [unittest arguments]
"""
import http.client
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

QUICKPAY = os.path.abspath(sys.argv[1])
PID = os.getpid()
NETWORK = f"127.{200 + PID // 250 % 50}.{1 + PID % 250}."  # no other run of this test on the machine uses it
BROKER = NETWORK + "2"
REGISTER_COMMIT = (
    '<RegisterCommit xmlns="urn:quickpay:1"><Head><Version>1</Version><Profile>F</Profile><Host>H1</Host>'
    "<Sender>B7</Sender><Receiver>H1</Receiver><MsgId>{msg}</MsgId><SentAt>2026-11-22T12:00:05Z</SentAt></Head><Body>"
    "<OrderRef><Kind>micro</Kind><Vendor>V1001</Vendor><OrderId>{order}</OrderId><Amount>125</Amount>"
    "<Currency>USD</Currency><Expires>2026-11-22T12:15:00Z</Expires><Digest>" + "d" * 64 + "</Digest></OrderRef>"
    "<Wallet>W0123456789abcdef0123456789abcdef</Wallet><CommitId>" + "c" * 32 + "</CommitId>"
    "<CommittedAt>2026-11-22T12:00:04Z</CommittedAt><SettleBy>2026-12-22T12:00:04Z</SettleBy></Body></RegisterCommit>")


def audit(*arguments):
    return subprocess.run([QUICKPAY, "audit", *arguments], capture_output=True, text=True, timeout=60, check=False)


def write(folder, name, value):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file)


def post(address, number):
    host, port = address.rsplit(":", 1)
    connection = http.client.HTTPConnection(host, int(port), timeout=20, source_address=(BROKER, 0))
    body = REGISTER_COMMIT.format(msg=f"{number:032x}", order=f"order-{number}")
    connection.request("POST", "/qp/1/micro/register-commit", body, {"Content-Type": "application/quickpay+xml"})
    answer = connection.getresponse().read().decode()
    connection.close()
    return answer


def serve(folder, orders):
    """A Host in a process of its own takes a registration of each order; its ledger remains."""
    write(folder, "directory.json", {"players": [
        {"id": "B7", "role": "broker", "endpoints": [{"address": BROKER, "port": 8102}]},
        {"id": "V1001", "role": "vendor", "endpoints": [{"address": NETWORK + "3", "port": 8103}]}]})
    write(folder, "host.json", {"player": "H1", "listen": {"address": NETWORK + "1", "port": 0},
                                "ledger": "host.ledger", "directory": "directory.json", "currencies": ["USD"]})
    process = subprocess.Popen([QUICKPAY, "serve", "host", "--config", "host.json"], cwd=folder,
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        address = next(json.loads(line)["at"] for line in process.stderr if json.loads(line)["event"] == "listening")
        return [post(address, number) for number in range(1, orders + 1)]
    finally:
        process.terminate()
        process.communicate(timeout=60)


class Audit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.answers = serve(cls.folder, 3)
        cls.ledger = os.path.join(cls.folder, "host.ledger")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def changed(self, *statements):
        """A copy of the ledger to which somebody with a database tool did something."""
        path = os.path.join(self.folder, "changed.ledger")
        shutil.copy(self.ledger, path)
        with sqlite3.connect(path) as database:
            for statement in statements:
                self.assertGreater(database.execute(statement).rowcount, 0, statement)
        database.close()
        return path

    def test_an_honest_host_is_clean_and_prints_its_chain(self):
        for answer in self.answers:
            self.assertIn("<Code>QP-OK</Code>", answer)
        done = audit(self.ledger)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("7 entries, 3 inputs replayed, 3 records compared: all follow\nchain ", done.stdout)
        chain = done.stdout.split()[-1]
        self.assertEqual(audit("--chain", chain, self.ledger).returncode, 0)
        done = audit("--chain", "0" * 64, self.ledger)
        self.assertEqual(done.returncode, 1)
        self.assertIn("cut off or replaced", done.stdout)

    def assert_named(self, path, where):
        done = audit(path)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(done.stdout.startswith(where), done.stdout)

    def test_what_was_done_to_the_log_is_named(self):
        entry = "machine='host.log' AND key='0000000000000004'"
        self.assert_named(self.changed(f"DELETE FROM record WHERE {entry}"), "entry 4 of the log")
        self.assert_named(self.changed(f"UPDATE record SET state='CHANGE' WHERE {entry}"), "entry 4 of the log")
        self.assert_named(self.changed(
            f"UPDATE record SET contents=(SELECT contents FROM record WHERE machine='host.log' AND "
            f"key='0000000000000002') WHERE {entry}"), "entry 4 of the log")
        self.assert_named(self.changed("DELETE FROM record WHERE machine='host.log' AND key>'0000000000000005'"),
                          "entry 6 of the log")

    def test_what_was_done_to_a_case_is_named(self):
        self.assert_named(self.changed("DELETE FROM record WHERE machine='host.case' AND key LIKE 'V1001/order-2/%'"),
                          "host.case V1001/order-2/B7/")

    def test_what_cannot_be_audited_never_counts_as_clean(self):
        self.assertEqual(audit(self.ledger + ".missing").returncode, 2)
        self.assertEqual(audit().returncode, 2)
        self.assertEqual(audit(os.path.join(self.folder, "host.json")).returncode, 3)
        empty = self.changed("DELETE FROM record")
        done = audit(empty)
        self.assertEqual(done.returncode, 3)
        self.assertIn("has no log", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
