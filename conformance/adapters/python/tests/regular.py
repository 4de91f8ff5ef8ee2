"""All four roles with keys to sign with and a Vendor whose stock is small, for the tests of regular payment."""

from __future__ import annotations

from typing import Any

from quickpay import canonical, documents, offers, xml
from quickpay.client import post
from quickpay.documents import Identity, from_json
from quickpay.sales import Sales
from quickpay.signing import Signer, unsigned
from quickpay.tables import PATH_OF
from quickpay.xml import Node, element, leaf
from tests.keys import to_sign
from tests.test_settlement import Settling
from tests.world import ADDRESSES, ITEM, NOW, WALLET

SECRET = "5" * 32


class Regular(Settling):
    more = {**Settling.more, "V1001": {**Settling.more["V1001"], "items": [{**ITEM, "stock": 2}]}}

    async def order(self) -> str:
        """Opens the link and confirms what is shown."""
        ref = self.wallet.open_link("V1001", "news-1", "regular")
        shown = await self.wallet.wait(ref, 5000)
        if shown["state"] == "OFFERED":
            self.wallet.confirm(ref, shown["digest"])
        await self.quiet()
        return ref

    def bought(self, ref: str) -> str:
        return self.wallet.status(ref)["state"]

    def kept(self, ref: str, name: str) -> Node:
        """What the Wallet keeps of a purchase."""
        return from_json(self.players[WALLET].store.get("purchase/" + ref)[name])

    @property
    def sales(self) -> Sales:
        assert self.vendor.sales is not None
        return self.vendor.sales

    def sold(self) -> list[str]:
        return [one["state"] for one in self.sales.orders()]

    def cases(self) -> list[dict[str, Any]]:
        return [case for _, case in self.players["H1"].store.under("purchased/")]

    async def tell(self, message: str, to: str, *fields: Node, sender: str = WALLET, msg_id: str | None = None) -> str:
        """The code that answers a request from the address of whoever sends it; the document stays in ``answer``."""
        key = self.players[sender].keys.best(to, self.clock.now()) if self.profile == "H" and to == "H1" else None
        data = documents.request(Identity(sender, "H1", self.profile), message, to, msg_id or documents.fresh_id(),
                                 self.clock.now(), *fields, key=key)
        place = next(one for one in self.listed if one["id"] == to)["endpoints"][0]
        self.answer = xml.read(await post(place["address"], place["port"], ADDRESSES[sender], PATH_OF[message], data))
        return self.answer.get("Body/Status/Code") or ""

    def by(self, name: str, purpose: str, node: Node) -> Node:
        """The element, signed by somebody."""
        return Signer(to_sign(name)).sign(purpose, unsigned(node), NOW)

    def pretend(self, core: Any, name: str, forge: Any) -> None:
        """The answers of a server under this name are what forge makes of them; forge gets the response."""
        honest = core.front._served[name]

        def lying(pending: Any) -> None:
            answer = pending.answer

            def changed(unit: Any, code: str, *fields: Node | None) -> None:
                answer(unit, code, *(forge(one) if one is not None else None for one in fields))
            pending.answer = changed
            honest(pending)
        core.front._served[name] = lying


class Asked(Regular):
    """Requests of a Wallet, one by one."""

    async def offer(self, quantity: int | None = None) -> Node | None:
        pieces = () if quantity is None else (leaf("Quantity", quantity),)
        await self.tell("regular/GetOrder", "V1001", leaf("Kind", "regular"), leaf("Item", "news-1"), *pieces,
                        leaf("BuyerTag", canonical.buyer_tag(SECRET)))
        return self.answer.find("Body/Offer")

    async def committed(self) -> Node:
        """A Commitment of the Broker to a fresh offer."""
        offer = await self.offer()
        assert offer is not None
        self.assertEqual(await self.inquire(offers.reference(offer.children[0])), "QP-OK")
        promised = self.answer.find("Body/Commitment")
        assert promised is not None
        return promised

    async def inquire(self, ref: Node, msg_id: str = "a" * 32) -> str:
        token = canonical.paycard_token(bytes(32), WALLET, "P7", msg_id, ref)
        self.forget("answer/")
        return await self.tell("regular/InquiryPayment", "B7", leaf("Paycard", "P7"), ref, leaf("PaycardToken", token),
                               msg_id=msg_id)

    async def bring(self, promised: Node, secret: str = SECRET) -> str:
        return await self.tell("regular/RequestOrderDelivery", "V1001", promised, leaf("BuyerSecret", secret))


def changed(node: Node, name: str, text: str, **others: Node) -> Node:
    """The element with another text in one leaf, and other elements for some."""
    return element(node.name, *(leaf(name, text) if one.name == name else others.get(one.name, one) for one in node.children))
