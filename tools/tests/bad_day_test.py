#!/usr/bin/env python3
"""An implementer's bad day: what can be wrong with an adapter or the product behind it, and what `quickpay certify` says.

bad_day_test.py QUICKPAY: each case gets the exit code and a sentence that tells what is wrong, and ends in time. The adapters are the Python template of
init-adapter with one fault each; the twin is the template itself, of which none of these sentences is said."""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SCENARIO = "vendor.get-order.body.kind.empty"
ANSWER = 'self.wfile.write(b"HTTP/1.1 501 Not Implemented\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n")'
ADDRESS = '(self.setup["listen"], 0)'
MAIN = "def main():\n"
#: What is wrong; the text of the template that is replaced, and by what; exit code and sentence; most seconds.
CASES = (
    ("prints garbage", MAIN, MAIN + '    print("Acme Vendor 2.4, listening")\n', 5, "no reply: not JSON: Acme Vendor 2.4, listening", 30),
    ("ends at once", MAIN, MAIN + '    sys.exit("no licence")\n', 5, "(exit status 1, stderr: no licence)", 30),
    ("dies in the middle", ANSWER, "import os; os._exit(9)", 1, "the adapter closed its stdout (exit status 9", 30),
    ("says hello too late", MAIN, MAIN + "    import time\n    time.sleep(60)\n", 5, "no reply to hello within 10000 ms", 45),
    ("speaks TLS on the plain port", ANSWER, r'self.wfile.write(b"\x15\x03\x01\x00\x02\x02\x46")', 1, "TLS, and not the plain HTTP of this port", 30),
)
TOO_MUCH = "Address already in use"


def certify(quickpay, adapter):
    began = time.monotonic()
    done = subprocess.run([quickpay, "certify", "--role", "vendor", "--adapter", adapter, "--select", SCENARIO],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - began


def judge(name, seen, code, sentence, most):
    """True if the case went as it should; says what it was."""
    exit_code, said, seconds = seen
    good = exit_code == code and sentence in said and seconds < most
    print(f"{'ok  ' if good else 'FAIL'} {name}: exit {exit_code}, {seconds:.1f} s")
    if not good:
        print(f"     expected exit {code} and: {sentence}\n{said}")
    return good


def port_taken(quickpay, template, folder):
    """The product wants a port that somebody else has."""
    with socket.create_server(("0.0.0.0", 0)) as other:
        file = folder / "taken.py"
        file.write_text(template.replace(ADDRESS, f'(self.setup["listen"], {other.getsockname()[1]})'), encoding="utf-8")
        return judge("wants a port that is taken", certify(quickpay, f"python3 {file}"), 5, TOO_MUCH, 30)


def main():
    quickpay = os.path.abspath(sys.argv[1])
    folder = pathlib.Path(tempfile.mkdtemp(prefix="quickpay-bad-day-"))
    try:
        subprocess.run([quickpay, "init-adapter", "--role", "vendor", "--lang", "python", folder / "good"], check=True, stdout=subprocess.DEVNULL)
        template = (folder / "good/adapter.py").read_text(encoding="utf-8")
        results = [judge("path is wrong", certify(quickpay, f"{folder}/nothing-here"), 5, "exit status 127", 30)]
        for name, old, new, code, sentence, most in CASES:
            assert template.count(old) == 1, old
            file = folder / "bad.py"
            file.write_text(template.replace(old, new), encoding="utf-8")
            results.append(judge(name, certify(quickpay, f"python3 {file}"), code, sentence, most))
        results.append(port_taken(quickpay, template, folder))
        code, said, _ = certify(quickpay, f"python3 {folder}/good/adapter.py")
        twin = code == 1 and not any(sentence in said for sentence in [TOO_MUCH, *(case[4] for case in CASES)])
        print(f"{'ok  ' if twin else 'FAIL'} the template without a fault: exit {code}, none of these sentences")
        return 0 if all(results) and twin else 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
