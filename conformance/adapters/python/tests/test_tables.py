"""The tables of this implementation are those of the documents: field by field, in order, with types and times."""

from __future__ import annotations

import copy
import pathlib
import re
import unittest

from quickpay.tables import MESSAGE, STRUCTURE, Field

DOCUMENT = pathlib.Path(__file__).resolve().parents[4] / "docs/reference/generated/messages.md"
_SECTION = re.compile(r'### <a id="(message|struct)-([^"]*)">')
_PART = re.compile(r"#### (?:Request|Response) `(\w+)`")
_FIELD = re.compile(r"\| `(\w+)` \| \[(\w+)\]\([^)]*\) \| ([0-9.]+) \|")

#: What the tables narrow where the document says it of single fields.
NARROWED = {"MicroOrderRef": "OrderRef", "RegularOrderRef": "OrderRef", "RegularOrder": "Order", "SigningMemberKey": "MemberKey"}
#: What paycards.md describes.
ELSEWHERE = {"Manifest"}

#: Name, type, and how often at least and at most.
Line = tuple[str, str, int, int]


def written() -> dict[str, list[Line]]:
    """What the document has, by the names that the tables use."""
    found: dict[str, list[Line]] = {}
    lines: list[Line] = []
    family = ""
    for text in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if section := _SECTION.match(text):
            kind, name = section.groups()
            family = "regular/" if name.startswith("regular-") else ""
            lines = found.setdefault(name, []) if kind == "struct" else []
        elif part := _PART.match(text):
            lines = found.setdefault(family + part.group(1), [])
        elif field := _FIELD.match(text):
            low, _, high = field.group(3).partition("..")
            lines.append((field.group(1), field.group(2), int(low), int(high or low)))
    return found


def differing(tables: dict[str, list[Field]], document: dict[str, list[Line]]) -> list[str]:
    own = {name: [(one.name, NARROWED.get(one.type, one.type), one.low, one.high) for one in fields] for name, fields in tables.items()}
    return [name for name, lines in own.items() if name not in ELSEWHERE and document.get(NARROWED.get(name, name)) != lines]


def tables() -> dict[str, list[Field]]:
    return {**STRUCTURE, **{name: message.body for name, message in MESSAGE.items()}}


class Tables(unittest.TestCase):
    def test_they_are_those_of_the_documents(self) -> None:
        self.assertEqual(differing(tables(), written()), [])

    def test_what_is_not_is_seen(self) -> None:
        """A field that is not there, that has another type, or that may be there more often."""
        document = written()
        for name, change in (("Entry", {"name": "SourceAddress"}), ("BrokerChange", {"type": "Digest"}), ("UpdateVendor", {"high": 17})):
            changed = copy.deepcopy(tables())
            for attribute, value in change.items():
                setattr(changed[name][2], attribute, value)
            self.assertEqual(differing(changed, document), [name])


if __name__ == "__main__":
    unittest.main()
