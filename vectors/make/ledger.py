"""The vectors of money: shares, settlements, claims and purses, in whole numbers without a limit of their own.

The rules are stated here from the text of the specification and share nothing with the reference.
"""
import itertools
import json
import re
from fractions import Fraction

from common import file_text, specification

SPEC = specification()
BASIS_POINTS = 10_000
TOTALS = ("AcceptedTotal", "CommissionTotal", "DeductionTotal", "CarriedDebit", "NetTotal")
RULES = ["QP-ADD-24"]


def largest(type_id):
    """The greatest number that the pattern of a type can spell."""
    pattern = next(each["pattern"] for each in SPEC["types"] if each["id"] == type_id)
    return 10 ** (int(re.search(r"\{0,(\d+)\}", pattern).group(1)) + 1) - 1


MAX_SUM, MAX_AMOUNT = largest("Sum"), largest("Amount")
MAX_INT64 = 2 ** 63 - 1


def share(amount, rate):
    """So many basis points of an amount, rounded half to even: what Python's round of a fraction is."""
    return round(Fraction(amount * rate, BASIS_POINTS))


def vector(name, operation, flag, given, expect=None, base=None, mutation=None, rules=RULES):
    out = {"id": f"ledger.{operation}.{name}", "operation": operation, "flags": [flag], "requirements": rules,
           "result": "valid" if base is None else "invalid", "given": given}
    if base is not None:
        out |= {"base": f"ledger.{operation}.{base}", "mutation": mutation}
    if expect is not None:
        out["expect"] = expect
    return out


def shares():
    amounts = [0, 1, 2, 3, 49, 50, 51, 99, 100, 101, 125, 150, 199, 200, 250, 299, 300, 333, 999, 1000, 1250, 4999, 5000, 5001,
               9999, 10000, 10001, 12345, 99999, 123456789, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 2 ** 53 + 1, MAX_AMOUNT,
               MAX_SUM // 2, MAX_SUM - 1, MAX_SUM]
    rates = [0, 1, 2, 3, 5, 25, 33, 50, 75, 99, 100, 101, 150, 250, 333, 1000, 2500, 3333, 5000, 6667, 7500, 9998, 9999, 10000]
    for amount, rate in itertools.product(amounts, rates):
        exact = Fraction(amount * rate, BASIS_POINTS)
        whole = exact.denominator == 1
        flag = "exact" if whole else "half" if exact.denominator == 2 else "rounded"
        flag = "extreme" if amount >= MAX_AMOUNT and not whole else flag
        yield vector(f"{amount}-at-{rate}", "share", flag, {"amount": amount, "rate_bp": rate}, {"share": share(amount, rate)})


def settlement(accepted, deducted, prior):
    """The totals that follow from the lists; nothing if one cannot be expressed or an item takes more than it gives."""
    if any(part > amount for amount, part in (*accepted, *deducted)):
        return None
    plus, fees = sum(a for a, _ in accepted), sum(c for _, c in accepted)
    minus = sum(a - c for a, c in deducted)
    due = plus - fees - minus - prior
    if max(plus, fees, minus, minus + prior, abs(due)) > MAX_SUM:
        return None
    return dict(zip(TOTALS, (plus, fees, minus, max(0, -due), max(0, due))))


LISTS = {
    "one": ([(125, 2)], []), "two": ([(125, 2), (500, 8)], []), "nothing-accepted": ([], []),
    "free-of-commission": ([(100, 0)], []), "commission-takes-all": ([(100, 100)], []),
    "deduction": ([(1000, 15)], [(125, 2)]), "deduction-without-commission": ([(1000, 15)], [(125, 0)]),
    "deduction-of-nothing": ([(1000, 15)], [(125, 125)]), "deduction-alone": ([], [(125, 2)]),
    "deduction-larger": ([(125, 2)], [(1000, 15)]), "evens-out": ([(125, 2)], [(125, 2)]),
    "many-small": ([(1, 0)] * 50, []), "largest-amount": ([(MAX_AMOUNT, share(MAX_AMOUNT, 150))], []),
    "largest-sum": ([(MAX_AMOUNT, 0)] * 999 + [(999, 0)], []),
    "many-and-deductions": ([(100 + i, share(100 + i, 150)) for i in range(20)], [(100 + i, share(100 + i, 150)) for i in range(5)]),
}
PRIORS = {"no-debt": 0, "debt-of-one": 1, "debt-of-all": None, "debt-of-more": -1, "debt-of-less": -2, "large-debt": MAX_SUM - 10 ** 16}


def item_lists(accepted, deducted):
    return {"Accepted": [{"OrderId": f"o{i:05}", "Amount": a, "Commission": c} for i, (a, c) in enumerate(accepted)],
            "Deduction": [{"OrderId": f"d{i:05}", "Amount": a, "CommissionReversed": c} for i, (a, c) in enumerate(deducted)]}


def settlements():
    for (word, lists), (debt, prior) in itertools.product(LISTS.items(), PRIORS.items()):
        if word == "largest-sum" and debt != "no-debt":
            continue
        free = settlement(*lists, 0)
        if prior is None or prior < 0:
            prior = max(0, free["NetTotal"] + {None: 0, -1: 1, -2: -1}[prior])
        totals = settlement(*lists, prior)
        if totals is None:
            continue
        name = f"{word}.{debt}"
        flag = "extreme" if max(totals.values()) > MAX_AMOUNT else "carried" if totals["CarriedDebit"] or prior else "sum"
        given = {**item_lists(*lists), "PriorDebit": prior, **totals}
        yield vector(name, "settlement", flag, given)
        if word != "largest-sum":
            yield from wrong_settlements(name, given, lists)


def wrong_settlements(name, given, lists):
    for total in (*TOTALS, "PriorDebit"):
        for word, change in (("more", 1), ("less", -1)):
            if 0 <= given[total] + change <= MAX_SUM:
                wrong = {**given, total: given[total] + change}
                if {t: wrong[t] for t in TOTALS} == settlement(*lists, wrong["PriorDebit"]):
                    continue
                yield vector(f"{name}.{total.lower()}-one-{word}", "settlement", "off-by-one", wrong, None, name,
                             {"field": total, "to": wrong[total]})
    for key, part in (("Accepted", "Commission"), ("Deduction", "CommissionReversed")):
        if given[key]:
            items = [dict(each) for each in given[key]]
            items[0][part] = items[0]["Amount"] + 1
            yield vector(f"{name}.{part.lower()}-above-the-amount", "settlement", "takes-more", {**given, key: items}, None, name,
                         {"field": f"{key}[0]/{part}", "to": items[0][part]})
    if given["Accepted"]:
        items = given["Accepted"][1:]
        yield vector(f"{name}.an-item-less", "settlement", "item-lost", {**given, "Accepted": items}, None, name,
                     {"field": "Accepted[0]", "to": None})
        twice = [given["Accepted"][0], *given["Accepted"]]
        yield vector(f"{name}.an-item-twice", "settlement", "item-twice", {**given, "Accepted": twice}, None, name,
                     {"field": "Accepted[0]", "to": "twice"})


def overflows():
    """What cannot be expressed is no settlement, whatever the totals say."""
    base = vector("nearly-too-much", "settlement", "extreme", {**item_lists([], []), "PriorDebit": MAX_SUM, **settlement([], [], MAX_SUM)})
    yield base
    more = {**base["given"], **item_lists([], [(1, 0)]), "DeductionTotal": 1, "CarriedDebit": MAX_SUM + 1}
    yield vector("nearly-too-much.and-one", "settlement", "overflow", more, None, "nearly-too-much",
                 {"field": "Deduction[0]", "to": {"Amount": 1, "CommissionReversed": 0}})
    lists = LISTS["largest-sum"]
    full = {**item_lists(*lists), "PriorDebit": 0, **settlement(*lists, 0)}
    beyond = {**full, **item_lists([*lists[0], (1, 0)], []), "AcceptedTotal": MAX_SUM + 1, "NetTotal": MAX_SUM + 1}
    yield vector("largest-sum.no-debt.and-one", "settlement", "overflow", beyond, None, "largest-sum.no-debt",
                 {"field": "Accepted[1000]", "to": {"Amount": 1, "Commission": 0}})


def chains():
    """Several settlements, one after the other: the debit that one carries is the prior debit of the next."""
    plans = {"paid-back-at-once": [([], [(125, 2)]), ([(500, 8)], [])],
             "paid-back-slowly": [([], [(1000, 15)]), ([(300, 4)], []), ([(300, 4)], []), ([(500, 8)], [])],
             "grows": [([], [(100, 1)]), ([], [(200, 3)]), ([(10, 0)], [])],
             "exactly-even": [([], [(125, 2)]), ([(125, 2)], []), ([(7, 0)], [])],
             "never-in-debt": [([(5, 0)], []), ([(6, 0)], []), ([(7, 0)], [])],
             "revoked-in-the-next": [([(125, 2), (300, 4)], []), ([(50, 1)], [(125, 2)])]}
    for name, plan in plans.items():
        prior, steps, expected = 0, [], []
        for lists in plan:
            totals = settlement(*lists, prior)
            steps.append(item_lists(*lists))
            expected.append({"PriorDebit": prior, **totals})
            prior = totals["CarriedDebit"]
        yield vector(name, "chain", "carried", {"settlements": steps}, {"totals": expected})


def claims():
    def claim(amounts, **other):
        items = [{"OrderId": f"o{i:05}", "Amount": a} for i, a in enumerate(amounts)]
        return {"Item": items, "Count": len(items), "Total": sum(amounts), **other}

    for name, amounts in {"one": [125], "two": [125, 500], "fifty": [1] * 50, "largest": [MAX_AMOUNT],
                          "largest-sum": [MAX_AMOUNT] * 999 + [999]}.items():
        good = claim(amounts)
        yield vector(name, "claim", "extreme" if good["Total"] > MAX_AMOUNT else "sum", good, rules=["QP-ADD-24", "QP-BS-007"])
        for field, change in itertools.product(("Count", "Total"), (1, -1)):
            if 0 <= good[field] + change <= MAX_SUM:
                yield vector(f"{name}.{field.lower()}-{'more' if change > 0 else 'less'}", "claim", "off-by-one",
                             {**good, field: good[field] + change}, None, name, {"field": field, "to": good[field] + change})
        items = good["Item"]
        if len(items) > 1 and name != "largest-sum":
            yield vector(f"{name}.out-of-order", "claim", "unsorted", {**good, "Item": [*items[1:], items[0]]}, None, name,
                         {"field": "Item", "to": "first item last"})
        if name != "largest-sum":
            twice = {**good, "Item": [items[0], *items], "Count": len(items) + 1, "Total": good["Total"] + items[0]["Amount"]}
            yield vector(f"{name}.an-item-twice", "claim", "item-twice", twice, None, name, {"field": "Item[0]", "to": "twice"})
    full = claim([amount for amount, _ in LISTS["largest-sum"][0]])
    more = {**full, "Item": [*full["Item"], {"OrderId": "o99999", "Amount": 1}], "Count": full["Count"] + 1,
            "Total": MAX_SUM + 1}
    yield vector("largest-sum.and-one", "claim", "overflow", more, None, "largest-sum", {"field": "Item[1000]", "to": {"Amount": 1}})


def purse(operation, held, owed, amount, limit):
    """The purse after money moved, or nothing: a part would be negative, beyond 64 bits, or above the limit."""
    if operation == "hold" and held + owed + amount > limit:
        return None
    if operation == "fall_due" and amount > owed:
        return None
    after = {"hold": (held + amount, owed), "release": (held - amount, owed), "commit": (held - amount, owed + amount),
             "owe": (held, owed + amount), "fall_due": (held, owed)}[operation]
    return {"held": after[0], "owed": after[1]} if min(after) >= 0 and max(after) <= MAX_INT64 else None


def purses():
    rules = ["QP-SAFE-009", "QP-ADD-24"]
    for operation in ("hold", "release", "commit", "owe", "fall_due"):
        for held, owed, amount, limit in itertools.product((0, 125, 1000), (0, 125, 999), (1, 125, 1000), (1000, 100000)):
            given = {"held": held, "owed": owed, "amount": amount, "limit": limit}
            after = purse(operation, held, owed, amount, limit)
            name = f"{operation.replace('_', '-')}-{amount}-of-{held}-and-{owed}-to-{limit}"
            if after is not None and held + owed <= limit:
                yield vector(name, "purse", "moved", {"move": operation, **given}, after, rules=rules)
                yield from refused_purses(name, operation, given, rules)


def refused_purses(name, operation, given, rules):
    """The same move with the least amount that cannot be moved."""
    room = {"hold": given["limit"] - given["held"] - given["owed"], "release": given["held"], "commit": given["held"],
            "fall_due": given["owed"], "owe": MAX_INT64 - given["owed"]}[operation]
    over = {**given, "amount": room + 1}
    if over["amount"] > MAX_INT64:
        return
    assert purse(operation, **over) is None
    flag = {"hold": "above-the-limit", "owe": "overflow"}.get(operation, "below-zero")
    yield vector(f"{name}.one-too-much", "purse", flag, {"move": operation, **over}, None, name,
                 {"field": "amount", "to": over["amount"]}, rules)


def distinct(vectors):
    """Each question once: what one debt or amount leads to another one may lead to, too."""
    seen = set()
    for each in vectors:
        asked = json.dumps((each["operation"], each["given"]), sort_keys=True)
        if asked not in seen:
            seen.add(asked)
            yield each


def text():
    made = [*distinct((*shares(), *settlements(), *overflows(), *chains(), *claims(), *purses()))]
    return file_text("ledger", {"largest": {"Sum": MAX_SUM, "Amount": MAX_AMOUNT}}, made, "ledger.py")
