"""The limits of the house: files of at most 500 lines, functions of at most 70, median function at most 10 lines.

usage: check_style.py [--root DIR]      exit 1 and one line a breach; needs universal-ctags and git.
Generated files, test tables and data are exempt from the length of a file only where they are generated.
"""
import argparse
import statistics
import subprocess
import sys

MAX_FILE = 500
MAX_FUNCTION = 70
MAX_MEDIAN = 10
SUFFIXES = (".cpp", ".hpp", ".h", ".py", ".js", ".ts")


def sources(root: str) -> list[str]:
    listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=root,
                            capture_output=True, text=True, check=True).stdout.split("\n")
    return [f for f in listed if f.endswith(SUFFIXES) and "/generated/" not in f]


def long_files(root: str, files: list[str]) -> list[str]:
    breaches = []
    for name in files:
        with open(f"{root}/{name}", encoding="utf-8") as source:
            lines = sum(1 for _ in source)
        if lines > MAX_FILE:
            breaches.append(f"{name}: {lines} lines, {MAX_FILE} allowed")
    return breaches


def functions(root: str, files: list[str]) -> list[tuple[int, str]]:
    tags = subprocess.run(["ctags", "-L", "-", "-o", "-", "--fields=+ne", "--kinds-C++=f", "--kinds-Python=fm"],
                          cwd=root, input="\n".join(files), capture_output=True, text=True, check=True).stdout
    found = []
    for line in tags.split("\n"):
        cells = line.split("\t")
        fields = dict(c.split(":", 1) for c in cells[3:] if ":" in c)
        if "line" in fields and "end" in fields:
            length = int(fields["end"]) - int(fields["line"]) + 1
            found.append((length, f"{cells[1]}:{fields['line']} {cells[0]}"))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", default=".")
    root = parser.parse_args().root
    files = sources(root)
    found = functions(root, files)
    if not found:
        print("check_style: found no function to measure", file=sys.stderr)
        return 2
    breaches = long_files(root, files)
    breaches += [f"{where}: {length} lines, {MAX_FUNCTION} allowed" for length, where in found if length > MAX_FUNCTION]
    median = statistics.median(length for length, _ in found)
    if median > MAX_MEDIAN:
        breaches.append(f"median function: {median} lines, {MAX_MEDIAN} allowed")
    print("\n".join(breaches))
    print(f"{len(files)} files, {len(found)} functions, median {median:g} lines, {len(breaches)} breaches")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
