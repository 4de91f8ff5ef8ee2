"""The vectors of cryptography: signatures over typed objects, and authentication codes of whole documents.

RSA is computed here with whole numbers, digests with Python's hashlib; nothing is shared with the reference. The keys are
in ../crypto/keys.json for everybody to see, and good for nothing else.
"""
import base64
import functools
import hashlib
import hmac
import json
import re
import xml.etree.ElementTree as ET

from common import ROOM, bodies, canonical, file_text, specification, tree, without

SPEC = specification()
PREFIX = SPEC["signature_prefix"].encode()
KEYS = json.loads((ROOM / "crypto/keys.json").read_text(encoding="utf-8"))
SECRETS = {"one": bytes(range(32)), "two": bytes(range(1, 33))}
OIDS = {"sha1": "06052b0e03021a", "sha256": "0609608648016503040201", "sha384": "0609608648016503040202",
        "sha512": "0609608648016503040203"}
NULL = bytes.fromhex("0500")
SIGNED, CODED = ["QP-ADD-18", "QP-ADD-19"], ["QP-ADD-19", "QP-ADD-21"]
SIGNATURE, KEY, TEXT = "QP-E-SIGNATURE", "QP-E-KEY", "QP-E-SCHEMA"


def tlv(tag, content):
    size = len(content)
    length = bytes([size]) if size < 128 else (lambda b: bytes([0x80 | len(b)]) + b)(size.to_bytes((size.bit_length() + 7) // 8, "big"))
    return bytes([tag]) + length + content


def number(value):
    return tlv(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))


class Rsa:
    def __init__(self, name):
        key = KEYS[name]
        p, q = int(key["p"], 16), int(key["q"], 16)
        self.n, self.e, self.p, self.q = p * q, key["e"], p, q
        self.dp, self.dq, self.inverse = pow(self.e, -1, p - 1), pow(self.e, -1, q - 1), pow(q, -1, p)
        self.size = (self.n.bit_length() + 7) // 8

    def spki(self):
        algorithm = tlv(0x30, bytes.fromhex("06092a864886f70d010101") + NULL)
        return tlv(0x30, algorithm + tlv(3, b"\0" + tlv(0x30, number(self.n) + number(self.e))))

    def raw(self, encoded):
        """What the private key makes of an encoding, computed by the two primes apart."""
        message = int.from_bytes(encoded, "big")
        at_p, at_q = pow(message, self.dp, self.p), pow(message, self.dq, self.q)
        return (at_q + (at_p - at_q) * self.inverse % self.p * self.q).to_bytes(self.size, "big")


RSA = {name: Rsa(name) for name in KEYS}


def protected(purpose, element):
    return PREFIX + b"\0" + purpose.encode() + b"\0" + canonical(element)


def digest_info(data, algorithm="sha256", parameters=NULL, digest=None):
    digest = hashlib.new(algorithm, data).digest() if digest is None else digest
    return tlv(0x30, tlv(0x30, bytes.fromhex(OIDS[algorithm]) + parameters) + tlv(4, digest))


def padded(info, size, first=b"\0\1", fill=b"\xff", stop=b"\0"):
    return first + fill * (size - len(first) - len(stop) - len(info)) + stop + info


def sign(key, data):
    return key.raw(padded(digest_info(data), key.size))


def pss(data, size):
    """EMSA-PSS with SHA-256 and an empty salt."""
    mask = lambda seed, length: b"".join(hashlib.sha256(seed + i.to_bytes(4, "big")).digest() for i in range(length // 32 + 1))[:length]
    digest = hashlib.sha256(bytes(8) + hashlib.sha256(data).digest()).digest()
    block = bytes(size - 34) + b"\1"
    masked = bytes(a ^ b for a, b in zip(block, mask(digest, len(block))))
    return bytes([masked[0] & 0x7F]) + masked[1:] + digest + b"\xbc"


def cube_root(value):
    low, high = 0, 1 << (value.bit_length() // 3 + 2)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if middle ** 3 < value else (low, middle)
    return low


def forged_for_three(data, size):
    """A number whose cube begins like a padded digest and goes on with garbage: no private key is needed."""
    head = b"\0\1\xff\xff\xff\xff\xff\xff\xff\xff\0" + digest_info(data)
    return cube_root(int.from_bytes(head + bytes(size - len(head)), "big")).to_bytes(size, "big")


def bad_paddings(data, size):
    """Encodings that a key of its owner was applied to, and that no careful verifier takes."""
    info, digest = digest_info(data), hashlib.sha256(data).digest()
    yield "garbage-behind", "pkcs1-garbage", b"\0\1" + b"\xff" * 8 + b"\0" + info + b"\xa5" * (size - 11 - len(info))
    yield "garbage-in-the-padding", "pkcs1-garbage", b"\0\1" + b"\xff" * 8 + b"\xa5" * (size - 11 - len(info)) + b"\0" + info
    yield "zero-in-the-padding", "pkcs1-garbage", b"\0\1" + b"\xff" * 60 + b"\0" + b"\xff" * (size - 64 - len(info)) + b"\0" + info
    yield "no-padding", "pkcs1-garbage", bytes(size - len(info)) + info
    yield "short-padding", "pkcs1-garbage", b"\0" * (size - 10 - len(info)) + b"\0\1" + b"\xff" * 7 + b"\0" + info
    yield "block-type-0", "pkcs1-garbage", padded(info, size, b"\0\0")  # its padding of zeros would be no-padding
    yield "block-type-2", "pkcs1-garbage", padded(info, size, b"\0\2")
    yield "no-separator", "pkcs1-garbage", padded(info, size, stop=b"")
    yield "separator-of-one", "pkcs1-garbage", padded(info, size, stop=b"\1")
    yield "digest-alone", "pkcs1-garbage", padded(digest, size)
    yield "pss", "other-scheme", pss(data, size)
    for algorithm in ("sha1", "sha384", "sha512"):
        yield algorithm, "other-digest", padded(digest_info(data, algorithm), size)
        yield f"{algorithm}-of-that-length", "other-digest", padded(digest_info(data, algorithm, digest=digest), size)
    yield "sha1-called-sha256", "other-digest", padded(digest_info(data, digest=hashlib.sha1(data).digest()), size)
    yield "digest-of-the-digest", "other-digest", padded(digest_info(digest), size)
    yield "no-parameters", "ber", padded(digest_info(data, parameters=b""), size)
    yield "parameters-with-content", "ber", padded(digest_info(data, parameters=bytes.fromhex("050200ff")), size)
    yield "parameters-of-zeros", "ber", padded(digest_info(data, parameters=b"\0\0"), size)
    yield "long-length", "ber", padded(b"\x30\x81" + info[1:], size)
    yield "very-long-length", "ber", padded(b"\x30\x82\0" + info[1:], size)
    yield "indefinite-length", "ber", padded(b"\x30\x80" + info[2:] + b"\0\0", size)
    yield "long-length-of-the-digest", "ber", padded(tlv(0x30, info[2:-34] + b"\x04\x81\x20" + digest), size)
    yield "more-in-the-sequence", "ber", padded(tlv(0x30, info[2:] + NULL), size)
    yield "behind-the-sequence", "ber", padded(info + NULL, size)
    yield "digest-as-bits", "ber", padded(tlv(0x30, info[2:-34] + b"\x03\x20" + digest), size)
    yield "set-for-sequence", "ber", padded(b"\x31" + info[1:], size)


def wrong_inputs(purpose, element, whole, body):
    """What a careless signer could have covered instead."""
    text = canonical(element)
    yield "no-prefix", purpose.encode() + b"\0" + text
    yield "no-purpose", PREFIX + b"\0" + text
    yield "no-separator", PREFIX + purpose.encode() + text
    yield "encoding-alone", text
    yield "signature-covered", protected(purpose, whole)
    yield "bytes-of-the-document", body
    yield "empty", b""


def wrong_texts(value):
    """The right bytes in a spelling that messages do not have, or other bytes."""
    raw = base64.b64encode(value).decode()
    yield "stripped", "stripped", TEXT, ""
    yield "line-break", "base64", TEXT, raw[:64] + "\n" + raw[64:]
    yield "blank-behind", "base64", TEXT, raw + " "
    yield "no-padding", "base64", TEXT, raw.rstrip("=")
    yield "more-padding", "base64", TEXT, raw + "="
    yield "url-alphabet", "base64", TEXT, base64.urlsafe_b64encode(b"\xfb\xff" + value[2:]).decode()
    yield "hexadecimal", "base64", SIGNATURE, value.hex()
    yield "pad-bits", "base64", TEXT, raw[:-3] + chr(ord(raw[-3]) + 1) + "=="


def wrong_numbers(key, value):
    for word, at in (("first", 0), ("middle", len(value) // 2), ("last", len(value) - 1)):
        yield f"{word}-byte", "bit-flipped", value[:at] + bytes([value[at] ^ 1]) + value[at + 1:]
    yield "short-by-one", "length", value[:-1]
    yield "without-the-first-byte", "length", value[1:]
    yield "zero-before", "length", b"\0" + value
    yield "zero-behind", "length", value + b"\0"
    yield "half", "length", value[:len(value) // 2]
    yield "zero", "range", bytes(key.size)
    yield "one", "range", (1).to_bytes(key.size, "big")
    yield "modulus", "range", key.n.to_bytes(key.size, "big")
    yield "modulus-less-one", "range", (key.n - 1).to_bytes(key.size, "big")
    yield "modulus-less-it", "range", (key.n - int.from_bytes(value, "big")).to_bytes(key.size, "big")
    more = int.from_bytes(value, "big") + key.n
    yield "and-the-modulus", "range", more.to_bytes((more.bit_length() + 7) // 8, "big")
    yield "backwards", "bit-flipped", value[::-1]


def altered(element):
    """A copy of an element whose last leaf says something else."""
    copy = ET.fromstring(ET.tostring(element))
    last = [leaf for leaf in copy.iter() if not len(leaf)][-1]
    last.text = (last.text or "") + "0"
    return copy


def spelt(value):
    return base64.b64encode(value).decode()


class Signatures:
    """Everything over one signed element of one body."""

    def __init__(self, prefix, purpose, document, path, body):
        self.purpose, self.document, self.path, self.body = purpose, document, path, body
        self.whole = tree(body).find(path)
        self.element = without(self.whole, "Sig")
        self.data = protected(purpose, self.element)
        self.id = f"crypto.signature.{prefix}"
        self.value = sign(RSA["a"], self.data)

    def vector(self, name, flag, text, code=None, mutation=None, key="a", purpose=None):
        out = {"id": f"{self.id}.{name}" if name else self.id, "operation": "verify", "flags": [flag], "requirements": SIGNED,
               "result": "invalid" if code else "valid", "key": key, "purpose": purpose or self.purpose,
               "document": self.document, "element": self.path}
        if code:
            out |= {"code": code, "base": self.id, "mutation": mutation}
        else:
            out["canonical"] = {"bytes": len(canonical(self.element)), "sha256": hashlib.sha256(canonical(self.element)).hexdigest()}
        return out | {"value": text}

    def valid(self):
        yield self.vector("", "right", spelt(self.value))
        yield self.vector("long-key", "right", spelt(sign(RSA["long"], self.data)), key="long")

    def invalid(self, purposes):
        a = RSA["a"]
        for name, flag, code, text in wrong_texts(self.value):
            yield self.vector(name, flag, text, code, {"value": name})
        for name, flag, value in wrong_numbers(a, self.value):
            yield self.vector(name, flag, spelt(value), SIGNATURE, {"value": name})
        for name, flag, encoded in bad_paddings(self.data, a.size):
            yield self.vector(f"encoded-{name}", flag, spelt(a.raw(encoded)), SIGNATURE, {"encoding": name})
        for name, data in wrong_inputs(self.purpose, self.element, self.whole, self.body):
            yield self.vector(f"over-{name}", "other-input", spelt(sign(a, data)), SIGNATURE, {"input": name})
        for purpose in purposes:
            if purpose != self.purpose:
                yield self.vector(f"for-{purpose}", "wrong-purpose", spelt(sign(a, protected(purpose, self.element))), SIGNATURE,
                                  {"purpose": purpose})
        yield self.vector("of-another-object", "other-object", spelt(sign(a, protected(self.purpose, altered(self.element)))), SIGNATURE, {"input": "another object"})
        yield self.vector("by-another-key", "wrong-key", spelt(sign(RSA["b"], self.data)), SIGNATURE, {"signed-with": "b"})
        yield self.vector("under-another-key", "wrong-key", spelt(self.value), SIGNATURE, {"key": "b"}, key="b")
        yield from self.keys()

    def keys(self):
        """Keys that the policy refuses, whatever was signed with them."""
        for name in ("small", "e3", "e65539"):
            yield self.vector(f"key-{name}", "bad-key", spelt(sign(RSA[name], self.data)), KEY, {"key": name}, key=name)
        forged = spelt(forged_for_three(self.data, RSA["e3"].size))
        yield self.vector("forged-for-exponent-3", "e3-forgery", forged, KEY, {"key": "e3"}, key="e3")
        yield self.vector("forged-for-exponent-3-under-a-right-key", "e3-forgery", forged, SIGNATURE, {"value": "forged"})


class Codes:
    """Everything over one document, or one element in it, that ends with a Mac."""

    def __init__(self, prefix, purpose, document, path, body, left_out):
        self.purpose, self.document, self.path, self.body = purpose, document, path, body
        root = tree(body)
        self.whole = root if path == "" else root.find(path)
        self.element = without(self.whole, left_out)
        self.left_out = left_out
        self.id = f"crypto.mac.{prefix}"
        self.data = protected(purpose, self.element)

    def mac(self, data, key="one"):
        return hmac.new(SECRETS[key], data, hashlib.sha256).hexdigest()

    def vector(self, name, flag, text, mutation=None, code=None):
        out = {"id": f"{self.id}.{name}" if name else self.id, "operation": "mac", "flags": [flag], "requirements": CODED,
               "result": "valid" if mutation is None else "invalid", "key": "one", "purpose": self.purpose,
               "document": self.document, "element": self.path, "left_out": self.left_out}
        if mutation is not None:
            out |= {"base": self.id, "mutation": mutation} | ({"code": code} if code else {})
        return out | {"value": text}

    def vectors(self):
        right = self.mac(self.data)
        yield self.vector("", "right", right)
        bad = lambda name, flag, text, code=None: self.vector(name, flag, text, {"value": name}, code)
        yield bad("stripped", "stripped", "", TEXT)
        yield bad("half", "truncated", right[:32], TEXT)
        yield bad("short-by-one", "truncated", right[:-1], TEXT)
        yield bad("first-four-bytes", "truncated", right[:8], TEXT)
        yield bad("half-and-zeros", "truncated", right[:32] + "0" * 32)
        yield bad("upper-case", "spelling", right.upper(), TEXT)
        yield bad("base64", "spelling", spelt(bytes.fromhex(right)), TEXT)
        yield bad("longer", "spelling", right + "00", TEXT)
        yield bad("zeros", "bit-flipped", "0" * 64)
        yield bad("first-digit", "bit-flipped", "%x" % (int(right[0], 16) ^ 1) + right[1:])
        yield bad("last-digit", "bit-flipped", right[:-1] + "%x" % (int(right[-1], 16) ^ 1))
        yield bad("another-key", "wrong-key", self.mac(self.data, "two"))
        yield bad("key-as-text", "wrong-key", hmac.new(SECRETS["one"].hex().encode(), self.data, hashlib.sha256).hexdigest())
        yield bad("no-key", "wrong-key", hashlib.sha256(self.data).hexdigest())
        yield bad("key-before", "other-scheme", hashlib.sha256(SECRETS["one"] + self.data).hexdigest())
        yield bad("key-behind", "other-scheme", hashlib.sha256(self.data + SECRETS["one"]).hexdigest())
        yield bad("sha512-cut", "other-scheme", hmac.new(SECRETS["one"], self.data, hashlib.sha512).hexdigest()[:64])
        yield bad("of-another-document", "other-object", self.mac(protected(self.purpose, altered(self.element))))
        for purpose in ("host-receipt", "pair-key", "paycard-token", "msg"):
            if purpose != self.purpose:
                yield bad(f"for-{purpose}", "wrong-purpose", self.mac(protected(purpose, self.element)))
        for name, data in wrong_inputs(self.purpose, self.element, self.whole, self.body):
            if data != self.data:
                yield bad(f"over-{name}", "other-input", self.mac(data))


def kebab(name):
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()


def purposes_of(child):
    """Structs that end with a signature or a code of their own, and its purpose as the specification words it."""
    for struct in SPEC["structs"]:
        for field in struct["fields"]:
            found = re.search(r"purpose ([a-z-]+)", field.get("text", ""))
            if field["type"] == child and found:
                yield struct["id"], found.group(1)


def examples():
    """Valid bodies that everything is there in, and the smallest ones."""
    for file in sorted((ROOM / "generated").glob("*/codec-*.json")):
        for vector, body in bodies(file):
            if vector["result"] == "valid" and vector["id"].rsplit(".", 1)[-1] in ("full", "minimal"):
                yield vector, body


def place_of(root, name, path=""):
    for child in root:
        below = f"{path}/{child.tag}".lstrip("/")
        found = below if child.tag == name else place_of(child, name, below)
        if found:
            return found
    return None


def elements_of(struct, part=SPEC):
    """Names under which a struct occurs: its own, or that of a field that has its type."""
    if isinstance(part, list):
        return {struct}.union(*(elements_of(struct, each) for each in part))
    if not isinstance(part, dict):
        return {struct}
    own = {part["name"] if "name" in part else part["id"]} if part.get("type") == struct else set()
    return {struct}.union(own, *(elements_of(struct, each) for each in part.values()))


@functools.cache
def names_of(struct):
    """The same in their order: the whole specification is looked through for them, and they are wanted of every example."""
    return tuple(sorted(elements_of(struct)))


def signed_place(root, struct):
    """The path of the first element of the struct that ends with a signature."""
    places = [place_of(root, name) for name in names_of(struct)]
    return next((path for path in places if path and root.find(path).find("Sig") is not None), None)


def signatures():
    purposes = dict(purposes_of("Sig"))
    for struct, purpose in purposes.items():
        made = []
        for vector, body in examples():
            path = signed_place(tree(body), struct)
            if path and not any(each.id.endswith(vector["id"].split(".", 1)[1]) for each in made):
                made.append(Signatures(f"{kebab(struct)}.{vector['id']}", purpose, vector["id"], path, body))
        if not made:
            continue  # no message carries it: a Paycard's manifest, whose tests are those of reference/paycard
        for each in made:
            yield from each.valid()
        fullest = max(made, key=lambda each: len(each.data))
        yield from fullest.invalid(sorted(set(purposes.values())))


def codes():
    made = []
    for vector, body in examples():
        root = tree(body)
        if root.find("Auth") is not None:
            made.append(Codes(f"document.{vector['id']}", "msg", vector["id"], "", body, "Auth"))
        for struct, purpose in purposes_of("Mac"):
            path = place_of(root, struct)
            if path:
                made.append(Codes(f"{kebab(struct)}.{vector['id']}", purpose, vector["id"], path, body, "Mac"))
    for each in made:
        yield from each.vectors()


def text():
    keys = {name: {"note": KEYS[name]["note"], "spki": spelt(key.spki())} for name, key in RSA.items()}
    secrets = {name: value.hex() for name, value in SECRETS.items()}
    return file_text("crypto", {"prefix": PREFIX.decode(), "keys": keys, "secrets": secrets}, [*signatures(), *codes()], "crypto.py")
