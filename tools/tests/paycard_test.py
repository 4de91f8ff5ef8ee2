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

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
FOLDER_IN_DOC = "/var/tmp/my-paycard"
NETWORK_IN_DOC = "127.30.0."


def own_network() -> str:
    """Addresses that no other run of this test on the machine uses: 127.x.y."""
    pid = os.getpid()
    return f"127.{100 + pid // 250 % 100}.{1 + pid % 250}."


def steps() -> list[str]:
    """The commands of the document, a text for each block."""
    with open(os.path.join(ROOT, "docs", "paycards.md"), encoding="utf-8") as document:
        return re.findall(r"```sh\n(.*?)```", document.read(), re.DOTALL)


class PaycardTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = tempfile.mkdtemp()
        cls.examples = os.path.join(cls.folder, "examples")
        shutil.copytree(os.path.join(ROOT, "docs", "examples"), cls.examples, ignore=shutil.ignore_patterns("*.ledger*"))
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

    def buy(self, change: str = "", wallet: str = "") -> tuple[list[dict], list[dict]]:
        """Serves the five players of the last step; returns what the Wallet said, and its log."""
        shutil.rmtree(self.file("world"), ignore_errors=True)
        stop = "\nfor job in $(jobs -p); do kill $job; done; wait\n"
        serve = self.serve.rstrip("\n")
        if wallet:
            serve = serve[:serve.index("printf")] + wallet
        # a busy machine is no reason to give a Paycard up
        patience = "sed -i 's/\"currencies\"/\"paycard_deadline\": 60000, \"currencies\"/' %s\n" % self.file("world/wallet.json")
        done = self.sh("export PATH=%s:$PATH\n%s%s%s\n%s%s" % (BUILD, self.copy, patience, change, serve, stop))
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return lines, [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]

    def test_1_is_signed(self) -> None:
        self.assertIn("my-paycard.so.manifest", self.made.stdout)
        self.assertRegex(self.made.stdout, "file hash: [0-9a-f]{64}")

    def test_2_is_tried(self) -> None:
        done = self.sh(self.prepare + self.try_out)
        self.assertIn("the manifest vouches for the file", done.stdout)
        self.assertIn("authorize: done", done.stdout)
        self.assertIn("stored: " + b"next".hex(), done.stdout)

    def test_3_is_refused_with_one_byte_changed(self) -> None:
        with open(self.file("my-paycard.so"), "ab") as library:
            library.write(b"x")
        try:
            done = self.sh(self.prepare + self.try_out, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("the shared object is not the one that was signed", done.stderr)
        finally:
            with open(self.file("my-paycard.so"), "r+b") as library:
                library.truncate(os.path.getsize(self.file("my-paycard.so")) - 1)

    def test_4_pays_beside_another(self) -> None:
        said, log = self.buy()
        self.assertIn("paycard ready", [line["event"] for line in log])
        ends = [line.get("text") for line in said if line.get("event") == "done"]
        self.assertEqual(ends, ["DONE"], said)
        offers = [line for line in said if line.get("event") == "offer"]
        self.assertEqual([offer["paycard"] for offer in offers], ["P8"])

    def test_5_another_pays_where_it_is_spoiled(self) -> None:
        spoiled = self.file("world/spoiled.manifest")
        change = "sed 's/My Bank/Me Bank/' %s > %s\n" % (self.file("my-paycard.so.manifest"), spoiled)
        change += "sed -i 's#\"manifest\": .*#\"manifest\": \"spoiled.manifest\"#' %s\n" % self.file("world/wallet.json")
        buy = '{"do":"pay-micro","vendor":"V1001","item":"news-1","confirm":"yes"}'
        wallet = "printf '%%s\\n' '%s' '%s' | quickpay serve wallet --config wallet.json" % (
            '{"do":"activate-paycard","paycard":"P8"}', buy)
        said, log = self.buy(change, wallet)
        troubles = [line for line in log if line["event"] == "paycard trouble"]
        self.assertEqual({line["paycard"] for line in troubles}, {"P8"})
        self.assertEqual({line["why"] for line in troubles}, {"the signature of the manifest is wrong"})
        self.assertNotIn("done", [line.get("event") for line in said])
        again = "printf '%%s\\n' '%s' '%s' | quickpay serve wallet --config wallet.json" % (
            '{"do":"activate-paycard","paycard":"P7"}', buy)
        said, log = self.buy(change, again)
        self.assertEqual([line.get("text") for line in said if line.get("event") == "done"], ["DONE"], said)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
