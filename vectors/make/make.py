"""Writes the vectors that are made here: crypto/crypto.json, ledger/ledger.json and vote/vote.json.

usage: make.py            writes the files that differ, and names them
       make.py --check    names the files that differ, and ends with 1 if there are any
The codec's, the machines' and the scenarios' are written by the spec compiler; `quickpay vectors build` does both.
"""
import sys

import crypto
import ledger
import vote
from common import ROOM

MAKERS = {"crypto": crypto, "ledger": ledger, "vote": vote}


def main():
    different = 0
    for kind, maker in MAKERS.items():
        path, text = ROOM / kind / f"{kind}.json", maker.text()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        different += 1
        if "--check" in sys.argv[1:]:
            print(f"different: vectors/{kind}/{kind}.json")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote: vectors/{kind}/{kind}.json")
    return 1 if different and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
