"""Answers the vectors of codec, cryptography and money by this implementation, a line each.

    quickpay vectors run --program 'python3 conformance/adapters/python/vectors.py' --kind codec --kind crypto --kind ledger
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import sys
from typing import Any

from quickpay import rsa, schema, signing, sums, xml
from quickpay.canonical import encode, protected
from quickpay.tables import MESSAGE, PATHS, Family, family_of, root_of
from quickpay.types import is_a
from quickpay.xml import Node, element

JSON = dict[str, Any]
ANY = Family(1 << 24, 1 << 20)


def invalid(code: str) -> JSON:
    return {"result": "invalid", "code": code}


def codec(asked: JSON) -> JSON:
    root, message = asked["document"], PATHS.get(asked["path"], "")
    inner = root == message + "Inner" or root == message + "ResponseInner"
    name = root if inner else message + "Response" if root == root_of(message) + "Response" else message
    if name not in MESSAGE or root_of(name) != root:  # the path tells names apart that recur
        return {"unsupported": f"{root} is no message here"}
    try:
        limits = family_of(asked["path"])
        document = xml.read(base64.b64decode(asked["body"]), Family(ANY.body, limits.elements))  # the bytes are HTTP's to limit
        schema.check(document, name)
    except xml.XmlError:
        return invalid("QP-E-XML")
    except schema.SchemaError:
        return invalid("QP-E-SCHEMA")
    canonical = encode(document)
    return {"result": "valid", "canonical": {"bytes": len(canonical), "sha256": hashlib.sha256(canonical).hexdigest()}}


def crypto(asked: JSON) -> JSON:
    node: Node | None = xml.read(base64.b64decode(asked["body"]), ANY)
    if node is not None and asked["element"]:
        node = node.find(asked["element"])
    if node is None:
        return {"unsupported": "no such element"}
    left_out = asked.get("left_out", "Sig")
    plain = element(node.name, *(child for child in node.children if child.name != left_out))
    covered = protected(asked["purpose"], plain)
    if asked["operation"] == "mac":
        made = hmac.new(bytes.fromhex(asked["key"]), covered, hashlib.sha256).hexdigest()
        return {"result": "valid" if hmac.compare_digest(made.encode(), asked["value"].encode()) else "invalid"}
    return {"result": "valid" if _signature_right(asked, covered) else "invalid"}


def _signature_right(asked: JSON, covered: bytes) -> bool:
    key = signing.fit_key(base64.b64decode(asked["key"]))
    return (key is not None and is_a("B64", asked["value"])
            and rsa.verify(key, base64.b64decode(asked["value"]), covered))


def ledger(asked: JSON) -> JSON:
    return sums.answer(asked["operation"], asked["given"])


def main() -> None:
    answers = {"codec": codec, "crypto": crypto, "ledger": ledger}
    for line in sys.stdin:
        asked = json.loads(line)
        answer = answers.get(asked["kind"])
        made = answer(asked) if answer else {"unsupported": "not here"}
        print(json.dumps({"n": asked["n"], **made}), flush=True)


if __name__ == "__main__":
    main()
