#!/usr/bin/env python3
"""The pages that people read: report_page_test.py QUICKPAY

report.html of a failing run and the matrix of two runs need nothing from elsewhere, can be read in light, in dark and on paper
(contrast of each colour with each ground, WCAG AA), and be walked through with the keyboard alone. The twins: each rule is broken on purpose."""
import html.parser
import pathlib
import re
import subprocess
import sys
import tempfile

LEAST_CONTRAST = 4.5  # WCAG 2.1, 1.4.3: normal text
INKS = ("ink", "soft", "accent", "good", "bad", "warn", "open")
GROUNDS = ("bg", "card", "code")
CHIPS = (("good", "goodbg"), ("bad", "badbg"), ("warn", "warnbg"), ("open", "openbg"))
SCROLLS = {"pre", "figure"}  # may be wider or longer than their room: without focus a keyboard cannot move them
HEADINGS = {f"h{n}": n for n in range(1, 7)}


def luminance(colour):
    digits = colour if len(colour) == 6 else "".join(c * 2 for c in colour)
    parts = [int(digits[i:i + 2], 16) / 255 for i in (0, 2, 4)]
    return sum(weight * (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4) for weight, p in zip((0.2126, 0.7152, 0.0722), parts))


def contrast(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def schemes(style):
    """Colours by name, as they are in light, in dark and on paper."""
    def colours(block):
        return dict(re.findall(r"--(\w+):#([0-9a-fA-F]{3,6})", block))

    light = colours(style[:style.index("@media")])
    found = {"light": light}
    for name, query in (("dark", r"@media ?\(prefers-color-scheme: ?dark\)"), ("print", r"@media print")):
        match = re.search(query + r"\{:root\{(.*?)\}", style, re.DOTALL)
        found[name] = {**light, **colours(match[1])} if match else {}
    return found


def colour_faults(style):
    for scheme, colours in schemes(style).items():
        if not colours:
            yield f"there are no colours for {scheme}"
            continue
        pairs = [(ink, ground) for ink in INKS for ground in GROUNDS] + ([] if scheme == "print" else list(CHIPS))
        for ink, ground in pairs:
            if (seen := contrast(colours[ink], colours[ground])) < LEAST_CONTRAST:
                yield f"{scheme}: {ink} on {ground} has a contrast of {seen:.2f}"
    if ":focus-visible{outline:" not in style:
        yield "nothing shows where the keyboard is"


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.faults, self.ids, self.goals, self.first, self.level, self.style, self.inside = [], [], [], None, 0, "", ""
        self.feed(text)
        self.faults += [f"#{goal} leads nowhere" for goal in self.goals if goal not in self.ids]
        self.faults += [f"two elements are called {one}" for one in {one for one in self.ids if self.ids.count(one) > 1}]
        self.faults += [] if self.first in self.goals else ["the first stop of the keyboard is no way to the findings"]
        self.faults += list(colour_faults(self.style))
        self.faults += ["something comes from elsewhere"] if re.search(r"@import|url\(", self.style) else []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.inside = tag
        self.ids += [given["id"]] if "id" in given else []
        if tag == "a":
            goal = given.get("href", "")
            self.goals.append(goal[1:])
            self.first = self.first or goal[1:]
            self.faults += [] if goal.startswith("#") else [f"a link leads to {goal}"]
        if tag in ("script", "link", "img", "iframe", "object") or "src" in given:
            self.faults.append(f"<{tag}> takes something from elsewhere, or acts")
        if tag in SCROLLS and given.get("tabindex") != "0":
            self.faults.append(f"a <{tag}> cannot be moved by the keyboard")
        if tag == "html" and not given.get("lang"):
            self.faults.append("the page does not say its language")
        if tag == "th" and "scope" not in given:
            self.faults.append("a <th> does not say what it is the head of")
        if tag == "svg" and not (given.get("aria-label") or given.get("aria-labelledby")):
            self.faults.append("a picture has no words")
        if tag in HEADINGS:
            if HEADINGS[tag] > self.level + 1:
                self.faults.append(f"<{tag}> follows <h{self.level}>")
            self.level = HEADINGS[tag]

    def handle_data(self, data):
        if self.inside == "style":
            self.style += data


#: What is broken on purpose, and how.
TWINS = (("@media (prefers-color-scheme:dark)", "@media (x)"), ("@media print", "@media y"), ("--soft:#5b6670", "--soft:#aab6b0"),
         (":focus-visible{outline:", ":hover{outline:"), ('<pre tabindex="0"', "<pre"), ('class="skip" href="#main"', 'class="skip" href="#none"'),
         ('<html lang="en"', "<html"), ("</header>", '<img src="https://elsewhere.example/x"></header>'), ("<h2", "<h5"), (' scope="col"', ""))


def pages(quickpay, folder):
    """A failing run, a good one, and both in a matrix."""
    found = {}
    for name, fault in (("broken", " --fault delivers-before-check-commit"), ("good", "")):
        subprocess.run([quickpay, "certify", "--role", "vendor", "--adapter", f"exec {quickpay} reference-adapter --role vendor{fault}", "--select",
                        "vendor.check-commit.*", "--seed", "5", "--out", f"{folder}/{name}"], capture_output=True, check=bool(not fault), timeout=200)
        found[name] = pathlib.Path(f"{folder}/{name}/report.html").read_text(encoding="utf-8")
    subprocess.run([quickpay, "matrix", f"{folder}/broken", f"{folder}/good", "--out", f"{folder}/matrix.html"], capture_output=True, check=True, timeout=60)
    found["matrix"] = pathlib.Path(f"{folder}/matrix.html").read_text(encoding="utf-8")
    return found


def main():
    with tempfile.TemporaryDirectory() as folder:
        found = pages(sys.argv[1], folder)
    wrong = [f"{name}: {fault}" for name, text in found.items() for fault in Page(text).faults]
    for old, new in TWINS:
        if old not in found["broken"]:
            wrong.append(f"{old} is not in the report")
        elif not Page(found["broken"].replace(old, new)).faults:
            wrong.append(f"nobody sees {new} instead of {old}")
    print("\n".join(wrong) or f"{len(found)} pages: light, dark, paper, keyboard")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
