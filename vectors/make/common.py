"""What the makers of vectors share: the specification, the bodies of the codec's vectors, QPC1, and writing a file."""
import base64
import json
import pathlib
import xml.etree.ElementTree as ET

ROOM = pathlib.Path(__file__).resolve().parent.parent
TREE = ROOM.parent
IR = TREE / "spec/quickpay-1.0/generated/ir.json"


def specification():
    return json.loads(IR.read_text(encoding="utf-8"))


def bodies(file):
    """Every vector of a file of the codec with its bytes."""
    done = {}
    for vector in json.loads(file.read_text(encoding="utf-8"))["vectors"]:
        raw = base64.b64decode if vector["encoding"] == "base64" else str.encode
        out = b""
        for part in [vector["body"]] if isinstance(vector["body"], str) else vector["body"]:
            if isinstance(part, str):
                out += raw(part)
            elif "repeat" in part:
                out += raw(part["repeat"]) * part["times"]
            else:
                out += done[vector["base"]][part["from"]:part["to"]]
        done[vector["id"]] = out
        yield vector, out


def tree(body):
    """The root of a document, names without their namespace."""
    root = ET.fromstring(body)
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
    return root


def without(element, child):
    """A copy of an element without a direct child of that name."""
    copy = ET.Element(element.tag)
    copy.text = element.text
    copy.extend(each for each in element if each.tag != child)
    return copy


def canonical(element):
    """E(X): the canonical encoding QPC1 (docs/protocol.md)."""
    name = element.tag.encode()
    if len(element):
        return b"(" + name + b"".join(canonical(child) for child in element) + b")"
    value = (element.text or "").encode()
    return b"(%s=%d:%s)" % (name, len(value), value)


def file_text(kind, head, vectors, source):
    """The bytes of a file of vectors: one vector a line."""
    top = {"kind": kind, "made": f"by vectors/make/{source}; change that, not this file", **head, "count": len(vectors)}
    lines = ",\n".join(json.dumps(each, separators=(",", ":"), ensure_ascii=False) for each in vectors)
    return json.dumps(top, indent=1, ensure_ascii=False)[:-2] + ',\n "vectors": [\n' + lines + "\n]}\n"
