"""`quickpay check` as a command: with any one row of a machine changed it exits 1 and names level, machine and row; and a search that
ends when it is told to, finds what is planted, and never says that anything holds.

Usage: check_command_test.py QUICKPAY [SAMPLE]. Rows and changes are drawn by QP_SEED (printed).
"""
import json
import os
import random
import signal
import subprocess
import sys
import time


def defects() -> list[tuple[str, str, str]]:
    """Every machine, row and change that changes something."""
    with open("spec/quickpay-1.0/generated/ir.json", encoding="utf-8") as file:
        machines = json.load(file)["machines"]
    found = []
    for machine in machines:
        for row in machine["rows"]:
            changes = ["name"] + ["target"] * (len(machine["states"]) > 1) + ["effects"] * bool(row["effects"])
            found += [(machine["id"], row["id"], change) for change in changes]
    return found


def check(quickpay: str, *arguments: str) -> tuple[int, str]:
    done = subprocess.run([quickpay, "check", "--level", "2", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def search(quickpay: str, *arguments: str, interrupt: bool = False) -> tuple[int, str]:
    command = [quickpay, "check", "--search", "--memory", "16", "--configuration", "settlement-loss", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        first = process.stdout.readline()
        if interrupt:
            time.sleep(2)  # within the first pass
            process.send_signal(signal.SIGINT)
        text = first + process.stdout.read()
    return process.returncode, text


def check_search(quickpay: str) -> None:
    code, text = search(quickpay, "--seconds", "4")
    assert code == 0 and "does not show that there is nothing" in text and "not gone through" in text, text
    assert "holds" not in text and "stand" not in text, text
    code, text = search(quickpay, interrupt=True)
    assert code == 0 and "searched 1 worlds" in text, text
    code, text = search(quickpay, "--seconds", "60", "--plant", "broker.order B20 effects")
    assert code == 1 and "does not hold" in text and "  now: " in text and "THERE ARE FINDINGS" in text, text
    code, text = search(quickpay, "--configuration", "nowhere")
    assert code == 2, text


def main() -> int:
    quickpay = sys.argv[1]
    sample = int(sys.argv[2]) if len(sys.argv) > 2 else 4
    seed = int(os.environ.get("QP_SEED") or random.SystemRandom().randrange(2**32))
    print(f"QP_SEED={seed}")
    code, text = check(quickpay)
    assert code == 0 and "all claims stand" in text, text
    code, text = check(quickpay, "--plant", "nobody N1 target")
    assert code == 2 and "no such row" in text, text
    done = subprocess.run([quickpay, "check", "--plant", "each"], capture_output=True, text=True)
    assert done.returncode == 0 and "every change of every row is noticed" in done.stdout, done.stdout + done.stderr
    choose = random.Random(seed)
    for machine, row, change in choose.sample(defects(), sample):
        code, text = check(quickpay, "--plant", f"{machine} {row} {change}")
        lines = text.splitlines()
        failed = [i for i, line in enumerate(lines) if line.startswith("FAIL") and " L1 " in line]
        assert code == 1 and failed, f"{machine} {row} {change} was not noticed:\n{text}"
        assert any(machine in line and row in line for line in lines[failed[0] + 1 :]), text
        print(f"{machine} {row} {change}: noticed")
    check_search(quickpay)
    return 0


if __name__ == "__main__":
    sys.exit(main())
