"""docs/paycards.md, step by step: its commands are run as they stand, with other folders and addresses. A Paycard is
built, signed, tried, and pays beside another one. And the twins: with one byte changed it does not, and the other pays.

usage: paycard_test.py BUILD_FOLDER [unittest arguments]
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from loopback import own_network

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
FOLDER_IN_DOC = "/var/tmp/my-paycard"
NETWORK_IN_DOC = "127.30.0."


def steps() -> list[str]:
    """The commands of the document, a text for each block."""
    with open(os.path.join(ROOT, "docs", "paycards.md"), encoding="utf-8") as document:
        return re.findall(r"```sh\n(.*?)```", document.read(), re.DOTALL)


class PaycardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.mkdtemp()
        cls.examples = os.path.join(cls.folder, "examples")
        leftovers = shutil.ignore_patterns("*.ledger*", "__pycache__")
        shutil.copytree(os.path.join(ROOT, "docs", "examples"), cls.examples, ignore=leftovers)
        for path in glob.glob(cls.examples + "/**/*.*", recursive=True):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace(NETWORK_IN_DOC, own_network()))
        cls.commands = [cls.here(step) for step in steps()]
        prepare, make, sign, cls.try_out, pay = cls.commands
        cls.copy, cls.serve = pay.split("cd ")[0], "cd " + pay.split("cd ")[1]
        cls.prepare = prepare
        cls.made = cls.sh(prepare + make + sign)

    @classmethod
    def tearDownClass(cls) -> None:
        shutil.rmtree(cls.folder)

    @classmethod
    def here(cls, step: str) -> str:
        step = step.replace("$PWD/build/release", BUILD).replace("docs/examples", cls.examples)
        return step.replace(FOLDER_IN_DOC, os.path.join(cls.folder, "my-paycard"))

    @classmethod
    def sh(cls, commands: str, check: bool = True) -> subprocess.CompletedProcess:
        return subprocess.run(["bash", "-ec", commands], cwd=ROOT, capture_output=True, text=True, check=check,
                              timeout=240)

    def file(self, name: str) -> str:
        return os.path.join(self.folder, "my-paycard", name)

    def world(self, change: str = "", wallet: str = "") -> str:
        """The last step of the document: five players, and a Wallet with these commands or those of the document."""
        shutil.rmtree(self.file("world"), ignore_errors=True)
        serve = self.serve.rstrip("\n")
        if wallet:
            serve = serve[:serve.index("printf")] + wallet
        # a busy machine is no reason to give a Paycard up
        patience = "sed -i 's/\"currencies\"/\"paycard_deadline\": 60000, \"currencies\"/' world/wallet.json\n"
        stop = "\nfor job in $(jobs -p); do kill $job; done; wait\n"
        here = "cd %s\n" % self.file("")
        return "export PATH=%s:$PATH\n%s%s%s%s\n%s%s" % (BUILD, self.copy, here, patience, change, serve, stop)

    def test_1_is_signed(self) -> None:
        self.assertIn("my-paycard.so.manifest", self.made.stdout)
        self.assertRegex(self.made.stdout, "file hash: [0-9a-f]{64}")

    def test_2_is_tried(self) -> None:
        done = self.sh(self.prepare + self.try_out)
        self.assertIn("the manifest vouches for the file", done.stdout)
        self.assertIn("authorize: done", done.stdout)
        self.assertIn("stored: " + b"next".hex(), done.stdout)

    def test_3_is_refused_with_one_byte_changed(self) -> None:
        with open(self.file("my-paycard.so"), "ab") as shared_object:
            shared_object.write(b"x")
        try:
            done = self.sh(self.prepare + self.try_out, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the shared object is not the one that was signed", done.stderr)
        finally:
            with open(self.file("my-paycard.so"), "r+b") as shared_object:
                shared_object.truncate(os.path.getsize(self.file("my-paycard.so")) - 1)

    def test_4_pays_beside_another(self) -> None:
        done = self.sh(self.world())
        self.assertIn("paycard ready", done.stderr)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        events = {line["event"]: line for line in said if "event" in line}
        self.assertEqual(events["offer"]["paycard"], "P8")
        self.assertIn("received", events)

    # The manifest has one byte changed: the order waits, the user takes the other Paycard, and it pays the same order.
    def test_5_another_pays_where_one_is_spoiled(self) -> None:
        change = "sed 's/My Bank/Me Bank/' my-paycard.so.manifest > world/spoiled.manifest\n"
        change += "sed -i 's#\"manifest\": .*#\"manifest\": \"spoiled.manifest\"#' world/wallet.json\n"
        talk = Conversation(self.world(change, "quickpay serve wallet --config wallet.json 2> wallet.log"))
        self.assertTrue(talk.ask({"do": "activate-paycard", "paycard": "P8"})["ok"])
        talk.ask({"do": "pay-micro", "vendor": "V1001", "item": "news-1"})
        offer = talk.until("offer")
        yes = {"do": "confirm", "order": offer["order"], "digest": offer["digest"]}
        self.assertEqual(talk.ask(yes), {"ok": False, "reason": "cannot-pay"})
        self.assertTrue(talk.ask({"do": "activate-paycard", "paycard": "P7"})["ok"])
        self.assertTrue(talk.ask(yes)["ok"])
        self.assertEqual(talk.until("received")["order"], offer["order"])
        talk.end()
        with open(self.file("world/wallet.log"), encoding="utf-8") as log:
            troubles = [line for line in map(json.loads, log) if line["event"] == "paycard trouble"]
        self.assertEqual({(line["paycard"], line["why"]) for line in troubles},
                         {("P8", "the signature of the manifest is wrong")})


class Conversation:
    """A Wallet and its user."""

    def __init__(self, commands: str) -> None:
        self.process = subprocess.Popen(["bash", "-ec", commands], cwd=ROOT, text=True, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        self.events: list[dict] = []

    def next(self) -> dict:
        line = self.process.stdout.readline()
        if not line:
            raise EOFError("the Wallet ended")
        return json.loads(line)

    def ask(self, command: dict) -> dict:
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        while "ok" not in (said := self.next()):
            self.events.append(said)
        return said

    def until(self, event: str) -> dict:
        while True:
            said = self.events.pop(0) if self.events else self.next()
            if said.get("event") == event:
                return said

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
