"""All four roles for the tests of revoke, and revokes that a test writes itself."""

from __future__ import annotations

from typing import Any

from quickpay import documents, signing
from quickpay.documents import from_json
from quickpay.takebacks import TakeBacks
from quickpay.xml import Node, element, leaf
from tests.regular import Regular, changed

HOLD = 6 * 3600


class Revoking(Regular):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        for name in ("B7", "H1"):
            self.players[name]._parameters["T_hold"] = HOLD

    @property
    def take_backs(self) -> TakeBacks:
        assert self.vendor.take_backs is not None
        return self.vendor.take_backs

    async def bought_one(self) -> str:
        """The OrderId of a regular order that was accepted."""
        await self.order()
        return str(self.claims.claims()[-1]["order"])

    async def take_back(self, order: str) -> None:
        self.take_backs.revoke(order, "customer-request")
        await self.quiet()

    async def later_batches(self) -> None:
        await self.pass_time(3600)
        await self.run_batches()

    def unsigned(self) -> None:
        """From now on the Vendor has no key to sign a revoke with."""
        self.take_backs._signer = signing.Signer([])

    def out_of_reach(self, name: str = "B7") -> None:
        self.servers[name].suspend(True)

    def at(self, name: str) -> list[str]:
        """In which states a player has revokes."""
        return [one["state"] for _, one in self.players[name].store.under("revoke/")]

    def everywhere(self) -> tuple[list[str], list[str], list[str]]:
        return self.at("V1001"), self.at("B7"), self.at("H1")

    def owed(self) -> int:
        return int(self.broker.balance()[0]["owed"])

    def mail(self) -> list[tuple[str | None, ...]]:
        bodies = [from_json(one["body"]) for _, one in self.players["H1"].store.under("mail/")]
        return [tuple(body.get(name) for name in ("Kind", "Audience/Id", "OrderRef/OrderId", "Ref")) for body in bodies]

    def settlement(self) -> Node:
        """The last that the Broker signed."""
        [*_, (_, batch)] = self.players["B7"].store.under("settled/")
        return from_json(batch["settlement"])

    def totals(self) -> tuple[str | None, ...]:
        return tuple(self.settlement().get(name) for name in ("AcceptedTotal", "DeductionTotal", "CarriedDebit", "NetTotal"))


class Asked(Revoking):
    """Revokes that a test sends from the Vendor's address."""

    async def held(self) -> str:
        """An order that the Vendor revoked without a signature."""
        order = await self.bought_one()
        self.unsigned()
        await self.take_back(order)
        return order

    async def forged(self) -> Node:
        """A revoke that the Vendor knows nothing of."""
        await self.bought_one()
        revoke = plain(self.kept_claim())
        self.assertEqual(await self.send(revoke), "QP-OK")
        return revoke

    def kept_claim(self) -> dict[str, Any]:
        [*_, (_, claim)] = self.players["V1001"].store.under("claim/")
        return claim

    async def send(self, revoke: Node) -> str:
        code = await self.tell("RevokeOrder", "B7", revoke, sender="V1001")
        await self.quiet()
        return code

    def host_says(self, state: str) -> None:
        """An answer of the Host to the one notice, whenever a test wants it."""
        [(key, _)] = self.players["B7"].store.under("revoke/")
        unit = self.players["B7"].unit()
        assert self.broker.cancellations is not None
        answer = element("X", element("Body", leaf("RevokeState", state)))
        self.broker.cancellations.registered(unit, key, documents.Outcome("ok", "QP-OK", answer))
        unit.commit()

    def expect_judged(self, revoke: str, claim: str) -> None:
        self.assertEqual((self.verdicts(), self.at("H1"), self.state()), ([("APPROVED", "QP-OK")], [revoke], claim))


def plain(claim: dict[str, Any]) -> Node:
    """As somebody without a key writes it."""
    return element("Revoke", leaf("RevokeId", "a" * 32), from_json(claim["ref"]), leaf("CommitId", claim["commit"]),
                   leaf("Reason", "other"), leaf("RevokedAt", "2026-11-22T12:00:00Z"))


def with_ref(revoke: Node, ref: Node) -> Node:
    return changed(revoke, "-", "", OrderRef=ref)


def told(answer: Node) -> list[str | None]:
    return [answer.get("Body/" + name) for name in ("RevokeId", "Effect", "Amount", "State", "HoldUntil")]
