"""What must be true, after a run, of regular orders that their Vendors took back: nobody keeps anything of them."""
import collections

import ledgers


def was_settled(debt):
    """Whether a debt has been in a signed Settlement, taken back since or not."""
    return debt.state in ("PAYABLE", "PAID") or debt.state == "REVOKED" and "batch_id" in debt.fields


class Returned:
    """What one Broker gave back, order by order. `book` holds the sums; what is wrong goes to the findings of the books."""

    def __init__(self, books, broker):
        self.books, self.broker, self.book = books, broker, collections.Counter()
        self.records = books.of[broker.id].records
        self.deducted = self._deductions()
        for key, debt in self.records["broker.debt"].items():
            revoked = books.of[broker.id].state("broker.revoke", key) == "REVOKED"
            if (debt.state == "REVOKED") != revoked:
                books.findings.append(f"{key} at {broker.id}: the debt is {debt.state}, and the revoke {revoked}")
            if debt.state == "REVOKED":
                self._one(key, debt)
        for key in self.deducted:
            books.findings.append(f"{key} is deducted at {broker.id}, and was not settled and taken back")
        self._vendors()

    def _deductions(self):
        """What is or will be deducted: order -> [(amount, commission reversed)]."""
        found = collections.defaultdict(list)
        for key, batch in self.records["broker.batch"].items():
            tree = ledgers.parse(b'<x xmlns="urn:quickpay:1">' + batch.fields["Settlement"] + b"</x>")
            for one in ledgers.all_of(tree, "Deduction"):
                found[f"regular/{key.split('/')[0]}/{ledgers.text(one, 'OrderId')}"].append(
                    (int(ledgers.text(one, "Amount")), int(ledgers.text(one, "CommissionReversed"))))
        for key, one in self.records["deduction"].items():
            vendor, _, order = key.split("/")
            found[f"regular/{vendor}/{order}"].append((ledgers.number(one, "amount"), ledgers.number(one, "reversed")))
        return found

    def _one(self, key, debt):
        _, amount = ledgers.order_ref(debt)
        commission = ledgers.number(debt, "commission") if was_settled(debt) else 0
        self.books.sums.update({"taken back": amount})
        same = self.books._same
        same(f"commission reversed on {key} at {self.broker.id}, and what it was settled with",
             ledgers.number(self.records["broker.revoke"][key], "reversed"), commission)
        noticed = self.books.evidence.notices[self.broker.id, key]
        same(f"the last notice of the revoke of {key}, and what {self.broker.id} did", noticed[-1:], [commission])
        told = [(record.state, ledgers.number(record, "commission_reversed")) for case, record in
                self.books.of["H1"].records["host.revoke"].items() if case.startswith(f"{key.split('/', 1)[1]}/{self.broker.id}/")]
        # The Host keeps what it was told first: of a revoke that was held before the order was settled that is nothing.
        if len(told) != 1 or told[0][0] != "PROVEN" or told[0][1] not in noticed:
            self.books.findings.append(f"the Host has the revoke of {key} as {told}, and {self.broker.id} told it {noticed}")
        if was_settled(debt):
            self.book.update(refunded=amount, deducted=amount - commission, reversed=commission)
            same(f"deductions of {key} at {self.broker.id}", self.deducted.pop(key, []), [(amount, commission)])

    def _vendors(self):
        """What left, less what is still carried, is what was payable less what was deducted."""
        for name, entry in self.records["book.vendor"].items():
            of = lambda field: ledgers.number(entry, field)
            self.books._same(f"net less carried of {name} at {self.broker.id}, and payable less deducted", of("net") - of("carried"),
                             of("payable") - of("deducted"))


def held(books, broker):
    """A line for each revoke that nobody signed and that has cost a Vendor something that did not make it, or that the Host was not told of."""
    for key, revoke in books.of[broker.id].records["broker.revoke"].items():
        if revoke.state not in ("HELD", "VOID"):
            continue
        order, vendor = key.split("/", 1)[1], key.split("/")[1]
        told = [record.state for case, record in books.of["H1"].records["host.revoke"].items() if case.startswith(f"{order}/{broker.id}/")]
        if told not in (["UNPROVEN"], ["VOID"]):
            yield f"{key} at {broker.id}: the revoke is {revoke.state}, and the Host has it {told}"
        own = _pending(books.of[vendor].records["vendor.revoke"].get(key))
        books.sums.update({"held": 1, "contested": told.count("VOID"), "own held": own})
        delivered = books.of[vendor].state("vendor.sale", key) == "ACCEPTED"  # else there is nothing to claim
        if delivered and (claim := books.of[vendor].state("vendor.claim", key)) != ("WITHDRAWN" if own else "SETTLED"):
            yield f"{key}: {broker.id} holds a revoke that nobody signed, and the claim of {vendor} is {claim}"


def _pending(revoke):
    """Whether a Vendor was told of its revoke that it waits: it had no key to sign with."""
    return revoke is not None and revoke.state == "REVOKED" and revoke.fields["answer"] == b"pending"


def taken_back(books, vendor):
    """A line for each revoke that the Vendor counts as taken, and its Broker does not, or that leaves a claim."""
    ledger = books.of[vendor.id]
    for key, revoke in ledger.records["vendor.revoke"].items():
        broker = revoke.fields["broker"].decode()
        debt = books.of[broker].state("broker.debt", key)
        if _pending(revoke):
            if (held_as := books.of[broker].state("broker.revoke", key)) not in ("HELD", "VOID"):
                yield f"{key}: {vendor.id} was told that its revoke waits, and {broker} has it {held_as}"
            continue
        if revoke.state != "REVOKED" or debt != "REVOKED" or ledger.state("vendor.claim", key) != "WITHDRAWN":
            yield (f"{key}: {vendor.id} has the revoke {revoke.state} and the claim {ledger.state('vendor.claim', key)}, "
                   f"{broker} the debt {debt}")
    for key, claim in ledger.records["vendor.claim"].items():
        broker = claim.fields["broker"].decode()
        if books.of[broker].state("broker.debt", key) == "REVOKED" and ledger.state("vendor.revoke", key) == "NONE":
            yield f"{key} is taken back at {broker}, and {vendor.id} did not do it"
