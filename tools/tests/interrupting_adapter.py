"""An adapter in whose midst somebody presses Ctrl-C: interrupting_adapter.py SESSIONS COMMAND… passes everything on to COMMAND and
signals the runner after so many sessions."""
import os
import signal
import subprocess
import sys


def main():
    left = int(sys.argv[1])
    child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    for line in sys.stdin:
        child.stdin.write(line)
        child.stdin.flush()
        if reply := child.stdout.readline():
            sys.stdout.write(reply)
            sys.stdout.flush()
        if '"teardown"' in line:
            left -= 1
            if left == 0:
                os.kill(os.getppid(), signal.SIGINT)
    child.stdin.close()
    child.wait()


main()
