"""Why a Wallet ended a purchase, in the words of the adapter protocol (adapter-protocol.md section 5)."""

from __future__ import annotations

_WORDS = {
    "offer tag": "bad-signature", "offer item-hash": "bad-signature", "offer vendor": "amount-mismatch",
    "offer kind": "amount-mismatch", "offer validity": "unspecified", "offer currency": "currency",
    "offer order-id": "duplicate", "offer key": "untrusted-key", "offer signature": "bad-signature",
    "link QP-E-XML": "malformed", "link QP-E-SCHEMA": "malformed",
    "commitment order": "amount-mismatch", "commitment broker": "amount-mismatch", "endorsement order": "amount-mismatch", "endorsement broker": "amount-mismatch",
    "goods": "bad-signature", "location": "unspecified", "digest": "not-authorised", "paycard": "not-authorised",
    "declined": "not-authorised", "cancelled": "not-authorised", "no-answer": "peer-error",
    "offer-expired": "expired", "expired": "expired", "failed": "peer-error", "not-certified": "untrusted-key",
    "unfit-code": "malformed", "unfit-address": "malformed", "no such name": "malformed", "unfit-keys": "untrusted-key", "out-of-state": "out-of-state", "no such paycard": "revoked", "refused": "peer-error", "too many purchases": "limit",
    "QP-E-FUNDS": "insufficient", "QP-E-CURRENCY": "currency", "QP-E-ORDER-EXPIRED": "expired", "QP-E-ENDORSEMENT-EXPIRED": "expired",
    "QP-E-SETTLE-EXPIRED": "expired",
}


def reason(why: str | None) -> str:
    """A word of the list; a refusal of another player that has no word of its own is a ``peer-error``."""
    if why is None:
        return "unspecified"
    if why.startswith("the purchase is in"):
        return "out-of-state"
    return _WORDS.get(why) or ("peer-error" if why.startswith("QP-E-") else "unspecified")
