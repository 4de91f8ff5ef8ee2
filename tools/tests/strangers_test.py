"""docs/configuration.md, "Begin with the Host's entry", step by step: its commands are run as they stand, with another
folder and addresses. Players that were told of nobody but the Host trade. And the twin: with one digit of the Host's entry
changed nobody starts.

usage: strangers_test.py BUILD_FOLDER [unittest arguments]
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
STOP = "\nfor job in $(jobs -p); do kill $job; done; wait\n"


def steps() -> str:
    with open(os.path.join(ROOT, "docs", "configuration.md"), encoding="utf-8") as document:
        chapter = document.read().split("## Begin with the Host's entry")[1]
    return re.search(r"```sh\n(.*?)```", chapter, re.DOTALL).group(1)


class StrangersTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        examples = os.path.join(self.folder, "examples")
        leftovers = shutil.ignore_patterns("*.ledger*", "__pycache__")
        shutil.copytree(os.path.join(ROOT, "docs", "examples"), examples, ignore=leftovers)
        for path in glob.glob(examples + "/**/*.*", recursive=True):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(text.replace("127.30.0.", own_network()))
        copy = os.path.join(self.folder, "strangers")
        here = steps().replace("docs/examples", examples).replace("/var/tmp/strangers", copy)
        self.prepare, self.others = here.split("quickpay serve broker")
        self.others = "quickpay serve broker" + self.others

    def sh(self, commands: str) -> subprocess.CompletedProcess:
        script = "export PATH=%s:$PATH\n%s%s" % (BUILD, commands, STOP)
        return subprocess.run(["bash", "-ec", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)

    def test_they_trade(self) -> None:  # QP-ROLE-010, QP-REL-004
        done = self.sh(self.prepare + self.others)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        events = {line["event"]: line for line in said if "event" in line}
        self.assertIn("received", events, done.stderr)

    def test_none_starts_with_a_spoiled_entry(self) -> None:  # QP-ADD-18
        spoil = "sed -i 's#<Port>8101</Port>#<Port>8199</Port>#' host-entry.xml\n"
        done = self.sh(self.prepare + spoil + "quickpay serve vendor --config vendor.json < /dev/null || echo ended with $?\n")
        self.assertIn("ended with 2", done.stdout)
        self.assertIn("host-entry.xml: is signed by no key that is in it", done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
