#!/usr/bin/env python3
"""Follows docs/write-an-adapter.md for one language word for word, in an environment with nothing in it:
init_adapter_test.py QUICKPAY LANGUAGE (python, js, cpp)

The twins: a template with a fault fails check-adapter, which names the section; init-adapter overwrites nothing."""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

GUIDE = pathlib.Path("docs/write-an-adapter.md")
HEADINGS = {"python": "### Python", "js": "### JavaScript", "cpp": "### C++"}
FILES = {"python": "adapter.py", "js": "adapter.js", "cpp": "adapter.cpp"}
RUN = {"python": "python3 {}/adapter.py", "js": "node {}/adapter.js", "cpp": "{}/adapter"}
ROLES = ("vendor", "wallet", "broker", "host")
#: What is broken on purpose in the text of a template, and the section that check-adapter has to name.
FAULTS = {
    "python": (("sessions.pop(line[\"session\"]).stop()", "sessions.pop(line[\"session\"])", "§7"),
               ("\"roles\": [ROLE]", "\"roles\": [\"bank\"]", "§3"), ("def main():", "def main():\n    print(\"ready\")", "§1")),
    "js": (("session(line).stop();", "", "§7"), ("roles: [ROLE]", "roles: ['bank']", "§3")),
    "cpp": (("json::List{kRole}", "json::List{\"bank\"}", "§3"),),  # one: each is compiled
}


class Place:
    """An empty home with `quickpay` and the tools of the language on its PATH, and nothing else in the environment."""

    def __init__(self, quickpay, language):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="quickpay-guide-"))
        tools = self.folder / "bin"
        tools.mkdir()
        for name in ("sh", {"python": "python3", "js": "node", "cpp": "c++"}[language]):
            found = sys.executable if name == "python3" else shutil.which(name)
            if found is None:
                sys.exit(f"{name} is not on this machine: see tools/packages.txt")
            (tools / name).symlink_to(found)
        (tools / "quickpay").symlink_to(os.path.abspath(quickpay))
        self.path = f"{tools}:/usr/bin:/bin" if language == "cpp" else str(tools)

    def run(self, command):
        return subprocess.run(["/bin/sh", "-c", command], cwd=self.folder, env={"PATH": self.path, "HOME": str(self.folder)},
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=200)


def commands(language):
    """The lines of the guide's block for a language, and the exit code that it gives for each."""
    text = GUIDE.read_text(encoding="utf-8")
    block = text[text.index(HEADINGS[language]):].split("```sh\n", 1)[1].split("```", 1)[0]
    for line in block.strip().splitlines():
        command, _, code = line.partition(" # exit ")
        yield command, int(code or 0)


def follow(place, language):
    """The guide itself; ends with a verdict that is honest about a product that does nothing."""
    for command, expected in commands(language):
        done = place.run(command)
        print(f"{done.returncode}  {command}")
        assert done.returncode == expected, done.stdout + done.stderr
    counts = json.loads((place.folder / "report/report.json").read_text(encoding="utf-8"))["counts"]
    print(f"   {counts}")
    assert counts["fail"] > 0 and counts["pass"] == 0 and counts["error"] == 0, counts


def every_role(place, language):
    """Each role starts and is an adapter. In C++, the Wallet and one server: the servers are the same text."""
    for role in ROLES if language != "cpp" else ("wallet", "vendor"):
        folder = f"of-{role}"
        made = place.run(f"quickpay init-adapter --role {role} --lang {language} {folder}")
        assert made.returncode == 0, made.stderr
        place.build = re.search(r"^  (c\+\+ .*)$", made.stdout, re.MULTILINE)
        assert place.build is None or place.run(place.build[1]).returncode == 0
        check = place.run(f"quickpay check-adapter --role {role} --adapter '{RUN[language].format(folder)}'")
        print(f"{role}: {check.stdout.splitlines()[-2]}")
        assert check.returncode == 0 and " 0 failed" in check.stdout, check.stdout


def nothing_is_overwritten(place, language):
    file = place.folder / "my-vendor" / FILES[language]
    file.write_text("mine", encoding="utf-8")
    again = place.run(f"quickpay init-adapter --role vendor --lang {language} my-vendor")
    assert again.returncode == 2 and "is there already" in again.stderr, again
    assert file.read_text(encoding="utf-8") == "mine"


def faults_are_named(place, language):
    file = place.folder / "of-vendor" / FILES[language]
    whole = file.read_text(encoding="utf-8")
    for old, new, section in FAULTS[language]:
        assert whole.count(old) == 1, old
        file.write_text(whole.replace(old, new), encoding="utf-8")
        assert place.build is None or place.run(place.build[1]).returncode == 0
        check = place.run(f"quickpay check-adapter --role vendor --adapter '{RUN[language].format('of-vendor')}'")
        failed = [line for line in check.stdout.splitlines() if line.startswith("FAIL")]
        print(f"{section}: {failed} {check.stderr.strip()}")
        assert check.returncode in (1, 5) and any(section in line for line in [*failed, check.stderr]), check.stdout


def main():
    quickpay, language = sys.argv[1:]
    place = Place(quickpay, language)
    try:
        follow(place, language)
        every_role(place, language)
        nothing_is_overwritten(place, language)
        faults_are_named(place, language)
    finally:
        shutil.rmtree(place.folder, ignore_errors=True)


if __name__ == "__main__":
    main()
