"""The codes and what a client may do after each (reference/generated/errors.md)."""

from __future__ import annotations

OK = "QP-OK"
STALE = "QP-E-STALE"
_NO = ("XML SCHEMA VERSION RECEIVER UNSUPPORTED FORBIDDEN CONFLICT ORDER-EXPIRED MISMATCH PAYCARD VENDOR CURRENCY "
       "NO-ITEM TOO-MANY TOTAL ALREADY-SETTLED SETTLE-EXPIRED BROKER-FIRST NO-COMMIT NO-DELIVERY NOT-CLAIMED REVOKED "
       "NOT-REVOCABLE SIGNATURE KEY EXISTS GONE ADDRESS")
_NEW = "PROFILE STALE ENDORSEMENT-EXPIRED DECLINED FUNDS BROKER SESSION ANSWER LOCKED CURSOR"
_SAME = "BUSY INTERNAL UNKNOWN-ORDER NOT-ENDORSED BROKER-UNREACHABLE PENDING QUOTA"

RETRY: dict[str, str] = {f"QP-E-{word}": retry
                         for retry, words in (("no", _NO), ("new", _NEW), ("same", _SAME))
                         for word in words.split()}

#: Codes of answers to a request whose Head could not be read (protocol.md section 3).
UNREADABLE = frozenset({"QP-E-XML", "QP-E-SCHEMA", "QP-E-UNSUPPORTED"})


def final(code: str) -> bool:
    """Whether an answer with this code is kept and repeated."""
    return RETRY.get(code) != "same"


def classify(code: str, stated: str | None) -> str:
    """``ok``, ``no``, ``new`` or ``same``; for codes that are unknown here, what the answer itself states."""
    return "ok" if code == OK else RETRY.get(code) or stated or "no"
