"""The types of leaves (reference/generated/types.md)."""

from __future__ import annotations

import re
from typing import Callable

_HEX32 = "[0-9a-f]{32}"
_HEX64 = "[0-9a-f]{64}"
_B64 = "[A-Za-z0-9+/]"
_URL_CHAR = r"[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f][0-9A-Fa-f]"
_URL_PATH = r"[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f][0-9A-Fa-f]"
_URL_QUERY = r"[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f][0-9A-Fa-f]"
_DAYS = ("((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
         "|02-(0[1-9]|1[0-9]|2[0-8]))")
_LEAP = "([2-9][0-9](0[48]|[2468][048]|[13579][26])|([2468][048]|[3579][26])00)-02-29"

PATTERNS: dict[str, str] = {
    "HostId": "H[1-9][0-9]{0,17}",
    "BrokerId": "B[1-9][0-9]{0,17}",
    "VendorId": "V[1-9][0-9]{0,17}",
    "WalletId": "W[0-9a-f]{32}",
    "PaycardId": "P[0-9A-Za-z]{1,32}",
    "RoleId": "[HBV][1-9][0-9]{0,17}|W[0-9a-f]{32}",
    "OrderId": "[0-9A-Za-z][0-9A-Za-z._-]{0,63}",
    "MsgId": _HEX32,
    "CommitId": _HEX32,
    "EndorsementId": _HEX32,
    "DeliveryId": _HEX32,
    "BatchId": _HEX32,
    "RevokeId": _HEX32,
    "Tok16": _HEX32,
    "Tok24": "[0-9a-f]{24}",
    "SessionId": _HEX32,
    "Key32": _HEX64,
    "Digest": _HEX64,
    "Kind": "micro|regular",
    "Amount": "[1-9][0-9]{0,14}",
    "Money0": "0|[1-9][0-9]{0,14}",
    "Sum": "0|[1-9][0-9]{0,17}",
    "BasisPoints": "0|[1-9][0-9]{0,3}|10000",
    "Ruling": "approve|reject|pending|refused",
    "PlayerRole": "host|broker|vendor|wallet",
    "PlayerState": "live|suspended|removed",
    "ServedFamily": "micro|batch|regular|revoke|admin|comm",
    "KeyUse": "sign|seal",
    "Addr": r"((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])|[0-9a-f:]{2,39}",
    "Port": "[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]",
    "Prefix": "[1-9][0-9]?|1[01][0-9]|12[0-8]",
    "Exponent": "[0-6]",
    "QuestionCount": "[1-9]|10",
    "AnswerLength": "[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-6]",
    "AnswerForm": "text|digits|date|choice",
    "RemovalReason": "user|replaced|other",
    "WithdrawalReason": "lost|leaked|replaced",
    "KeyWanted": "own|pair",
    "Ver": r"[0-9]{1,5}(\.[0-9]{1,5}){0,3}",
    "RevokeReason": "out-of-stock|customer-request|error|other",
    "RevokeEffect": "released|deduct",
    "RevokeState": "final|pending",
    "RevokeStanding": "open|standing|void",
    "Quantity": "[1-9][0-9]{0,3}",
    "Int": "0|[1-9][0-9]{0,8}",
    "Epoch": "[1-9][0-9]{0,8}",
    "Currency": "[A-Z]{3}",
    "Time": f"([2-9][0-9]{{3}}-{_DAYS}|{_LEAP})T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z",
    "B64": f"({_B64}{{4}})*({_B64}{{4}}|{_B64}{{2}}[AEIMQUYcgkosw048]=|{_B64}[AQgw]==)",
    "Url": (rf"https?://(({_URL_CHAR})+|\[[0-9A-Fa-f:.]+\])(:[0-9]{{1,5}})?"
            rf"(/({_URL_PATH})*)?(\?({_URL_QUERY})*)?"),
    "Word": "[!-%'-;=?-~]+",
    "CaseNo": "[!-%'-;=?-~]{1,32}",
    "Profile": "F|H",
    "ErrorCode": "QP-OK|QP-E-[A-Z]{1,20}(-[A-Z]{1,20}){0,3}",
    "Retry": "no|same|new",
    "Outcome": "received|not-received",
    "ExtName": "x-[!-%'-;=?-~]+",
    "Yes": "yes",
    "YesNo": "yes|no",
    "MessageNo": "[1-9][0-9]{0,17}",
    "Cursor": "0|[1-9][0-9]{0,17}",
    "Limit": "[1-9][0-9]?|100",
    "AudienceRole": "all|host|broker|vendor|wallet",
    "MailKind": ("updated-info|exception/(not-received|duplicate-order|late-registration|mismatch|revoke-dispute)|"
                 "revoke-alert|batch-call|key-notice|outage-notice|x-[a-z0-9-]{1,38}"),
}

_NOT_TEXT = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufffe\uffff]")
_COMPILED = {name: re.compile(pattern) for name, pattern in PATTERNS.items()}


def _is_text(value: str) -> bool:
    return bool(value) and _NOT_TEXT.search(value) is None


def checker(name: str) -> Callable[[str], bool]:
    """The test that a value has to pass to be of the type called name."""
    if name == "Text":
        return _is_text
    compiled = _COMPILED[name]
    return lambda value: compiled.fullmatch(value) is not None


def is_a(name: str, value: str) -> bool:
    return checker(name)(value)
