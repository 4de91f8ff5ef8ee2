"""The arithmetic of settlement and of accounts (protocol.md section 10), in whole minor units."""

from __future__ import annotations

from typing import Any

MOST = 10 ** 18 - 1
MOST_64 = 2 ** 63 - 1
TOTALS = ("AcceptedTotal", "CommissionTotal", "DeductionTotal", "CarriedDebit", "NetTotal")
JSON = dict[str, Any]


def share(amount: int, rate: int) -> int:
    """So many ten-thousandths of an amount, rounded half to even."""
    down, rest = divmod(amount * rate, 10_000)
    return down + (rest > 5_000 or (rest == 5_000 and down % 2 == 1))


def totals(accepted: list[JSON], deducted: list[JSON], prior: int) -> JSON | None:
    """What follows from the lists; None where it cannot be spelt, or where an item takes more than it gives."""
    if any(each["Commission"] > each["Amount"] for each in accepted):
        return None
    if any(each["CommissionReversed"] > each["Amount"] for each in deducted):
        return None
    gross, kept = sum(each["Amount"] for each in accepted), sum(each["Commission"] for each in accepted)
    back = sum(each["Amount"] - each["CommissionReversed"] for each in deducted)
    if gross > MOST or back + prior > MOST:
        return None
    due = gross - kept - back - prior
    return dict(zip(TOTALS, (gross, kept, back, max(-due, 0), max(due, 0))))


def settlement_right(given: JSON) -> bool:
    made = totals(given["Accepted"], given["Deduction"], given["PriorDebit"])
    return made is not None and all(given[name] == value for name, value in made.items())


def claim_right(given: JSON) -> bool:
    orders = [each["OrderId"].encode() for each in given["Item"]]
    total = sum(each["Amount"] for each in given["Item"])
    return sorted(set(orders)) == orders and len(orders) == given["Count"] and total == given["Total"] <= MOST


def carried(given: JSON) -> JSON:
    prior, out = 0, []
    for each in given["settlements"]:
        made = totals(each["Accepted"], each["Deduction"], prior)
        if made is None:
            return {"result": "invalid"}
        out.append({"PriorDebit": prior, **made})
        prior = made["CarriedDebit"]
    return {"result": "valid", "totals": out}


def moved(given: JSON) -> JSON:
    held, owed, amount = given["held"], given["owed"], given["amount"]
    change = {"hold": (1, 0), "release": (-1, 0), "commit": (-1, 1), "owe": (0, 1), "fall_due": (0, 0)}[given["move"]]
    after = held + change[0] * amount, owed + change[1] * amount
    right = all(0 <= each <= MOST_64 for each in after)
    right = right and (given["move"] != "hold" or sum(after) <= given["limit"])
    right = right and (given["move"] != "fall_due" or amount <= owed)
    return {"result": "valid", "held": after[0], "owed": after[1]} if right else {"result": "invalid"}


def answer(operation: str, given: JSON) -> JSON:
    """What the vectors of money ask."""
    if operation == "share":
        return {"result": "valid", "share": share(given["amount"], given["rate_bp"])}
    if operation == "chain":
        return carried(given)
    if operation == "purse":
        return moved(given)
    right = settlement_right(given) if operation == "settlement" else claim_right(given)
    return {"result": "valid" if right else "invalid"}
