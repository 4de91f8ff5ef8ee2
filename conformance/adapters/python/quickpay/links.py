"""What a shop's page hands over: a PurchaseLink, the document with which a purchase begins (protocol.md section 13)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from quickpay import schema, xml
from quickpay.player import Refused
from quickpay.tables import PATH_OF, family_of
from quickpay.xml import Node

#: Its limits are those of the family of this message.
LIKE = "LookupPlayer"


@dataclass(frozen=True, slots=True)
class Link:
    """What is ordered, and of whom. Nothing else of the page counts: who a Vendor is the directory says.

    The Entry proves itself, and is an answer that came another way."""

    vendor: str
    kind: str
    item: str
    entry: Node | None = None


def read(text: str, host: str, kinds: Collection[str]) -> Link:
    """Refused unless the text is a link of the system of this Host to an order of one of these kinds."""
    document = _document(text)
    wrong = _wrong(document, host, kinds)
    if wrong is not None:
        raise Refused("link " + wrong)
    vendor, kind, item = (document.get(name) or "" for name in ("Vendor", "Kind", "Item"))
    return Link(vendor, kind, item, document.child("Entry"))


def _document(text: str) -> Node:
    # Half of a pair of surrogates has no UTF-8; as bytes it is for the reader to refuse, like everything else.
    data = text.encode("utf-8", "surrogatepass")
    try:
        document = xml.read(data, family_of(PATH_OF[LIKE]))
        schema.check(document, "PurchaseLink")
    except xml.XmlError as error:
        raise Refused("link QP-E-XML") from error
    except schema.SchemaError as error:
        raise Refused("link QP-E-SCHEMA") from error
    return document


def _wrong(document: Node, host: str, kinds: Collection[str]) -> str | None:
    """Why no step is taken for a document that can be read, or None."""
    if document.get("Host") != host:
        return "other-host"
    return None if document.get("Kind") in kinds else "not-served"
