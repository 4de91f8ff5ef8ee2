"""The runner under attack: hostile_test.py QUICKPAY. What a hostile implementation says is text in every report, a flood costs
no memory, a full disk is named, and Ctrl-C keeps what was judged."""
import html.parser
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import unittest
import xml.dom.minidom

QUICKPAY = sys.argv.pop(1)
HERE = pathlib.Path(__file__).resolve().parent
SEED = int(os.environ.get("QP_SEED") or int.from_bytes(os.urandom(3), "big"))
MARK = f"HOSTILE{SEED}"
MEMORY_KIB = 400 * 1024  # the flood alone is 256 MiB each time
ELEMENTS = {"html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "h4", "p", "div", "table", "caption", "thead", "tbody", "tr", "th", "td", "dl",
            "dt", "dd", "nav", "ul", "li", "main", "section", "article", "span", "blockquote", "details", "summary", "figure", "svg", "line", "rect", "text", "g", "path", "pre",
            "code", "footer", "br", "mark"}
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class Page(html.parser.HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, text):
        super().__init__()
        self.faults, self.shown = [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        bad = [name for name, value in attrs if name.startswith("on") or (name in ("href", "src") and not (value or "").startswith("#"))]
        if tag not in ELEMENTS or bad:
            self.faults.append(f"<{tag} {attrs}>")

    def handle_data(self, data):
        self.shown.append(data)


def sarif_texts(value):
    if isinstance(value, dict):
        for name, member in value.items():
            if name in ("text", "justification"):
                yield member
            yield from sarif_texts(member)
    elif isinstance(value, list):
        for member in value:
            yield from sarif_texts(member)


def certify(out, adapter, *more):
    return subprocess.run([QUICKPAY, "certify", "--role", "vendor", "--adapter", adapter, "--out", str(out), *more], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=200)


class Hostile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"QP_SEED={SEED}", flush=True)
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.out = pathlib.Path(cls.folder.name) / "out"
        cls.run_ = certify(cls.out, f"exec python3 {HERE}/hostile_adapter.py {SEED}", "--select", "vendor.get-order.*", "--seed", str(SEED))
        cls.memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss

    def read(self, name):
        return (self.out / name).read_text(encoding="utf-8")

    def test_it_fails_and_says_so(self):
        self.assertEqual(self.run_.returncode, 1, self.run_.stdout.decode(errors="replace")[-2000:])
        self.assertFalse(list(pathlib.Path(".").glob("owned*")))

    def test_a_browser_shows_it_as_text(self):
        page = Page(self.read("report.html"))
        self.assertEqual(page.faults, [])
        shown = "".join(page.shown)
        self.assertIn(MARK, shown)
        self.assertIn("<script>alert(1)</script>", shown)
        self.assertNotRegex(shown, CONTROLS)
        self.assertTrue(Page("<p onclick=x><script>").faults, "this check can fail")

    def test_a_terminal_shows_it_as_text(self):
        text = self.run_.stdout.decode("utf-8")
        self.assertNotRegex(text, CONTROLS)
        self.assertIn(MARK, text)
        for path in (self.out / "transcript").glob("*.txt"):
            self.assertNotRegex(path.read_text(encoding="utf-8"), CONTROLS)

    def test_a_sarif_reader_shows_it_as_text(self):
        text = self.read("results.sarif")
        self.assertIn(MARK, text)
        texts = list(sarif_texts(json.loads(text)))
        for one in texts:
            self.assertNotRegex(one, CONTROLS)
            self.assertNotRegex(one, r"(?<!\\)[\[\]]")
            self.assertNotRegex(one.replace("{{", "").replace("}}", ""), r"[{}]")

    def test_machines_read_the_rest(self):
        xml.dom.minidom.parse(str(self.out / "junit.xml"))
        report = json.loads(self.read("report.json"))
        self.assertEqual(report["counts"]["pass"], 0)
        for path in (self.out / "transcript").glob("*.jsonl"):
            self.assertTrue(path.read_bytes().isascii())
            self.assertTrue(all(isinstance(json.loads(line), dict) for line in path.read_text().splitlines()))

    def test_file_names_are_those_of_scenarios(self):
        for path in self.out.rglob("*"):
            self.assertRegex(path.name, r"^[a-z0-9][a-z0-9.-]*$")

    def test_a_flood_is_not_kept(self):
        self.assertLess(self.memory, MEMORY_KIB)
        self.assertLess(sum(path.stat().st_size for path in self.out.rglob("*")), 64 << 20)


class BadDay(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.out = pathlib.Path(folder.name) / "out"

    def test_a_full_disk_is_named(self):
        self.out.mkdir()
        (self.out / "report.html").symlink_to("/dev/full")
        run = certify(self.out, f"{QUICKPAY} reference-adapter", "--select", "vendor.get-order.fresh-order-ids")
        self.assertEqual(run.returncode, 3)
        self.assertRegex(run.stdout.decode(), r"cannot write .*report\.html: No space left on device")

    def test_ctrl_c_keeps_what_was_judged(self):
        played = 60  # enough that some of them have their twins with them, whatever the order
        run = certify(self.out, f"exec python3 {HERE}/interrupting_adapter.py {played} {QUICKPAY} reference-adapter", "--jobs", "1")
        self.assertEqual(run.returncode, 130, run.stdout.decode()[-2000:])
        report = json.loads((self.out / "report.json").read_text())
        self.assertTrue(report["interrupted"])
        self.assertGreater(report["counts"]["pass"], 0)
        self.assertFalse(report["certifiable"])
        ran = [scenario["id"] for scenario in report["scenarios"] if scenario["ran"]]
        self.assertTrue(played <= len(ran) <= played + 2, ran)
        self.assertTrue((self.out / "transcript" / f"{ran[0]}.jsonl").exists())


if __name__ == "__main__":
    unittest.main()
