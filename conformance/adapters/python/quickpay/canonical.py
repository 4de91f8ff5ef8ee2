"""The canonical encoding QPC1 and everything that is computed over it (protocol.md section 4)."""

from __future__ import annotations

import base64
import hashlib
import hmac

from quickpay.xml import Node, element, leaf

PREFIX = b"QuickPay-1"


def encode(node: Node) -> bytes:
    """E(X). Reading and composing keep children in the order of the table, so their order here is that order."""
    name = node.name.encode("ascii")
    if node.children:
        return b"(" + name + b"".join(encode(c) for c in node.children) + b")"
    value = node.text.encode("utf-8")
    return b"(%s=%d:%s)" % (name, len(value), value)


def protected(purpose: str, node: Node) -> bytes:
    return PREFIX + b"\x00" + purpose.encode("ascii") + b"\x00" + encode(node)


def digest(purpose: str, node: Node) -> str:
    return hashlib.sha256(protected(purpose, node)).hexdigest()


def mac(key: bytes, purpose: str, node: Node) -> bytes:
    return hmac.new(key, protected(purpose, node), hashlib.sha256).digest()


def order_digest(order: Node) -> str:
    return digest("order", order)


def item_hash(salt: str, text: str) -> str:
    return digest("item", element("Item", leaf("Salt", salt), leaf("ItemText", text)))


def buyer_tag(secret: str) -> str:
    return digest("buyer", element("Buyer", leaf("BuyerSecret", secret)))


def probe_tag(secret: str) -> str:
    return digest("probe", element("ProbeProof", leaf("ProbeSecret", secret)))


def content_hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def paycard_token(secret: bytes, wallet: str, paycard: str, msg_id: str, order_ref: Node) -> str:
    body = element("Token", leaf("Wallet", wallet), leaf("Paycard", paycard), leaf("MsgId", msg_id), order_ref)
    return base64.b64encode(mac(secret, "paycard-token", body)).decode("ascii")


def removal_token(secret: bytes, wallet: str, paycard: str, msg_id: str) -> str:
    body = element("Removal", leaf("Wallet", wallet), leaf("Paycard", paycard), leaf("MsgId", msg_id))
    return base64.b64encode(mac(secret, "paycard-remove", body)).decode("ascii")


def paycard_answer(secret: bytes, msg_id: str, endorsement: Node) -> str:
    body = element("Answer", leaf("MsgId", msg_id), endorsement)
    return base64.b64encode(mac(secret, "paycard-answer", body)).decode("ascii")
