"""The messages: their tables, as fields.py has them, their paths and families, and who sends them."""

from __future__ import annotations

from dataclasses import dataclass, field as attribute

from quickpay.fields import STRUCTURES
from quickpay.messages import MESSAGES

PATHS = {
    "/qp/1/micro/get-order": "GetOrder",
    "/qp/1/micro/inquiry-payment": "InquiryPayment",
    "/qp/1/micro/request-order-delivery": "RequestOrderDelivery",
    "/qp/1/micro/check-commit": "CheckCommit",
    "/qp/1/micro/register-commit": "RegisterCommit",
    "/qp/1/micro/register-delivery": "RegisterDelivery",
    "/qp/1/micro/register-order": "RegisterOrder",
    "/qp/1/regular/get-order": "regular/GetOrder",
    "/qp/1/regular/inquiry-payment": "regular/InquiryPayment",
    "/qp/1/regular/request-order-delivery": "regular/RequestOrderDelivery",
    "/qp/1/regular/register-order": "regular/RegisterOrder",
    "/qp/1/batch/settle-with-broker": "SettleWithBroker",
    "/qp/1/batch/settle-with-host": "SettleWithHost",
    "/qp/1/revoke/revoke-order": "RevokeOrder",
    "/qp/1/revoke/register-revoke": "RegisterRevoke",
    "/qp/1/admin/lookup-player": "LookupPlayer",
    "/qp/1/admin/confirm-paycard": "ConfirmPaycard",
    "/qp/1/admin/take-question": "TakeQuestion",
    "/qp/1/admin/answer-response": "AnswerResponse",
    "/qp/1/admin/remove-paycard": "RemovePaycard",
    "/qp/1/admin/register-vendor": "RegisterVendor",
    "/qp/1/admin/update-vendor": "UpdateVendor",
    "/qp/1/admin/unregister-vendor": "UnregisterVendor",
    "/qp/1/admin/register-wallet": "RegisterWallet",
    "/qp/1/admin/update-wallet": "UpdateWallet",
    "/qp/1/admin/unregister-wallet": "UnregisterWallet",
    "/qp/1/admin/register-broker": "RegisterBroker",
    "/qp/1/admin/update-broker": "UpdateBroker",
    "/qp/1/admin/probe": "Probe",
    "/qp/1/admin/publish-key": "PublishKey",
    "/qp/1/admin/withdraw-key": "WithdrawKey",
    "/qp/1/admin/get-pair-key": "GetPairKey",
    "/qp/1/comm/register-message": "RegisterMessage",
    "/qp/1/comm/retrieve-messages": "RetrieveMessages",
    "/qp/1/comm/discard-messages": "DiscardMessages",
}
PATH_OF = {message: path for path, message in PATHS.items()}
ANONYMOUS = frozenset({"GetOrder", "RequestOrderDelivery", "regular/GetOrder", "regular/RequestOrderDelivery",
                       "RegisterVendor", "RegisterWallet", "RegisterBroker"})
_ANYBODY = ("broker", "vendor", "wallet")
#: The roles that may send a message that says, or may say, who sends it.
SENDERS: dict[str, tuple[str, ...]] = {
    "InquiryPayment": ("wallet",), "CheckCommit": ("vendor",), "RegisterCommit": ("broker",),
    "RegisterDelivery": ("vendor",), "RegisterOrder": ("wallet",),
    "regular/InquiryPayment": ("wallet",), "regular/RegisterOrder": ("wallet",),
    "SettleWithBroker": ("vendor",), "SettleWithHost": ("vendor",),
    "RevokeOrder": ("vendor",), "RegisterRevoke": ("broker",),
    "ConfirmPaycard": ("wallet",), "TakeQuestion": ("wallet",), "AnswerResponse": ("wallet",), "RemovePaycard": ("wallet",),
    "UpdateVendor": ("vendor",), "UnregisterVendor": ("vendor",), "Probe": ("host",),
    "UpdateWallet": ("wallet",), "UnregisterWallet": ("wallet",), "UpdateBroker": ("broker",),
    "PublishKey": _ANYBODY, "WithdrawKey": _ANYBODY, "GetPairKey": _ANYBODY,
    "LookupPlayer": _ANYBODY, "RegisterMessage": _ANYBODY, "RetrieveMessages": _ANYBODY, "DiscardMessages": _ANYBODY}
#: What is authenticated in profile H, requests and answers alike, if the request says who sends it.
AUTHENTICATED = frozenset(SENDERS) - {
    "InquiryPayment", "regular/InquiryPayment", "SettleWithBroker", "SettleWithHost", "LookupPlayer",
    "ConfirmPaycard", "TakeQuestion", "AnswerResponse", "RemovePaycard", "Probe"}
#: What stands for the head of a document that has none.
HEADLESS = "-"


@dataclass(frozen=True, slots=True)
class Family:
    """The limits of a document of one family; the depth is that of the reader."""

    body: int
    elements: int


MICRO, BATCH, COMM = Family(64 * 1024, 256), Family(8 * 1024 * 1024, 200_000), Family(256 * 1024, 4096)
_FAMILIES = {"micro": MICRO, "regular": MICRO, "batch": BATCH, "revoke": MICRO, "admin": COMM, "comm": COMM}


def root_of(message: str) -> str:
    """The root element of a message: its name without the protocol."""
    return message.rpartition("/")[2]


def family_of(path: str) -> Family:
    return _FAMILIES[path.split("/")[3]]


@dataclass(slots=True)
class Field:
    """One line of a table."""

    name: str
    type: str
    low: int
    high: int
    least: int = 1
    most: int = 1 << 20
    always: str | None = None
    choice: str | None = None
    when: tuple[str, bool, str] | None = None
    profiles: dict[str, tuple[int, int]] = attribute(default_factory=dict)


@dataclass(slots=True)
class Message:
    """A document: which head it has and what is in its body; without a head, what is in its root."""

    head: str
    body: list[Field]


def _times(word: str) -> tuple[int, int]:
    low, _, high = word.partition("..")
    return int(low), int(high or low)


def _field(line: str) -> Field:
    words = line.split()
    made = Field(words[0], words[1], *_times(words[2]))
    rest = words[3:]
    while rest:
        word = rest.pop(0)
        if word == "choice":
            made.choice = rest.pop(0)
        elif word == "when":
            path, relation, value = rest.pop(0), rest.pop(0), rest.pop(0)
            made.when = (path, relation == "is", value)
        elif word in ("F", "H"):
            made.profiles[word] = _times(rest.pop(0))
        elif word.startswith("="):
            made.always = word[1:]
        elif word != "optional":
            least, _, most = word.partition("-")
            made.least, made.most = int(least), int(most)
    return made


def _blocks(text: str) -> dict[str, list[str]]:
    blocks: dict[str, list[str]] = {}
    for line in text.strip().splitlines():
        if line.startswith(" "):
            blocks[title].append(line)
        else:
            title = line
            blocks[title] = []
    return blocks


def _messages() -> dict[str, Message]:
    made = {}
    for title, lines in _blocks(MESSAGES).items():
        name, head = title.split()
        made[name] = Message(head, [_field(line) for line in lines])
    return made


STRUCTURE: dict[str, list[Field]] = {
    title: [_field(line) for line in lines] for title, lines in _blocks(STRUCTURES).items()}
MESSAGE: dict[str, Message] = _messages()
