"""Every relative link of every Markdown file leads to a file or folder that git knows: check_links.py [--root DIR]."""
import argparse
import os
import re
import subprocess
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=".")
    root = parser.parse_args().root
    files = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"], cwd=root,
                           capture_output=True, text=True, check=True).stdout.split()
    broken, checked = [], 0
    for name in files:
        with open(os.path.join(root, name), encoding="utf-8") as source:
            text = re.sub(r"```.*?```", "", source.read(), flags=re.S)
        for target in LINK.findall(text):
            if re.match(r"[a-z]+:", target) or target.startswith("#"):
                continue
            checked += 1
            if not os.path.exists(os.path.join(root, os.path.dirname(name), target.split("#")[0])):
                broken.append(f"{name}: {target}")
    print("\n".join(broken))
    print(f"{len(files)} files, {checked} links, {len(broken)} broken")
    return 1 if broken or checked == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
