"""Writes the table of the vote as C++: vote_rows.py VOTE_JSON OUT. The rows are those of vectors/vote; nothing is decided here."""
import json
import pathlib
import sys

FLAGS = ("commit", "delivery", "order", "proof", "suspended", "revoked")
STANDS = ("broker", "vendor", "wallet")
WORDS = ("id", "decision", "code", "literal")


def line(row):
    flags = ", ".join("true" if row[flag] else "false" for flag in FLAGS)
    stands = ", ".join(f"'{row[party][0]}'" for party in STANDS)
    words = ", ".join(json.dumps(row[word]) for word in WORDS)
    return f"    {{{words}, {flags}, {stands}}}"


def main():
    source, out = map(pathlib.Path, sys.argv[1:])
    rows = json.loads(source.read_text())["vectors"]
    out.write_text("// From vectors/vote/vote.json.\n#include \"conformance/suites/vote_rows.hpp\"\n\n"
                   "namespace quickpay::conformance {\n\nnamespace {\nconstexpr VoteRow kRows[] = {\n"
                   + ",\n".join(map(line, rows))
                   + "};\n}  // namespace\n\nstd::span<const VoteRow> vote_rows() { return kRows; }\n\n"
                   "}  // namespace quickpay::conformance\n")


if __name__ == "__main__":
    main()
