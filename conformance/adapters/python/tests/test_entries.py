"""Look-ups at the Host: whom an entry is given of, what it says, and what nobody learns."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

from quickpay import documents, signing, times, xml
from quickpay.clock import Clock
from quickpay.documents import Identity
from quickpay.host import Host
from quickpay.player import Player
from quickpay.store import MemoryStore
from quickpay.tables import PATH_OF, family_of
from quickpay.xml import Node, element, leaf
from tests.four import HOST_KEYS
from tests.keys import listed, to_sign
from tests.world import ADDRESSES, NOW, WALLET

PATH = PATH_OF["LookupPlayer"]
TICKET = "0123456789abcdef" * 2
SHY, NOBODY = "W" + "1" * 32, "W" + "2" * 32
DAY = 86_400


def _listed(player: str, role: str, *places: tuple[str, int], **more: Any) -> dict[str, Any]:
    endpoints = [{"address": address, "port": port} for address, port in places]
    return {"id": player, "role": role, "name": "", "endpoints": endpoints, "bound": [], **more}


def directory() -> list[dict[str, Any]]:
    keys = [*listed("V1001", withdrawn_from="2026-11-01T00:00:00Z"),
            *listed("B7", usage="seal", not_before="2027-01-01T00:00:00Z"), *listed("H1")]
    return [_listed("B7", "broker", (ADDRESSES["B7"], 8102), name="First Bank"),
            _listed("V1001", "vendor", (ADDRESSES["V1001"], 8103), ("2001:DB8::0:1", 443), name="The Shop", keys=keys),
            _listed("V2", "vendor", ("127.30.1.99", 8109), removed=True),
            _listed("H1", "host", (ADDRESSES["H1"], 8101), name="The Host", keys=listed("H1")),
            _listed("H2", "host", ("127.30.1.98", 8101)),
            _listed(WALLET, "wallet", bound=[ADDRESSES[WALLET], "2001:db8:0::1"], ticket=TICKET, keys=listed("V1001")),
            _listed(SHY, "wallet", bound=["127.30.1.21"])]


def by_id(role: str, name: str, ticket: str | None = None) -> list[Node | None]:
    return [leaf("Role", role), leaf("Id", name), None if ticket is None else leaf("Ticket", ticket)]


def by_place(role: str, address: str, port: int, ticket: str | None = None) -> list[Node | None]:
    return [leaf("Role", role), element("Endpoint", leaf("Addr", address), leaf("Port", port)),
            None if ticket is None else leaf("Ticket", ticket)]


def many(entry: Node, name: str) -> list[Node]:
    return [child for child in entry.children if child.name == name]


def told(entry: Node, name: str) -> list[str]:
    """The texts of the leaves of one name, of a structure those inside it, joined."""
    return [one.text or " ".join(part.text for part in one.children) for one in many(entry, name)]


class Asking(unittest.IsolatedAsyncioTestCase):
    """A Host with a directory, and whoever asks it."""

    profile = "F"
    settings: dict[str, Any] = {"signing_keys": to_sign("H1")}

    async def asyncSetUp(self) -> None:
        self.clock, self.store = Clock(NOW), MemoryStore()
        keys = [{"peer": peer, "epoch": 1, "key": key} for peer, key in HOST_KEYS.items()]
        self.player = Player(Identity("H1", "H1", self.profile), self.clock, self.store,
                             {"currencies": ["USD", "EUR"], "directory": directory(), "keys": keys})
        self.host = Host(self.player, self.settings)

    def request(self, fields: list[Node | None], sender: str | None = None) -> bytes:
        """Written without a look at the tables."""
        head = element("Head", leaf("Version", "1"), leaf("Profile", self.profile), leaf("Host", "H1"),
                       None if sender is None else leaf("Sender", sender), leaf("Receiver", "H1"),
                       leaf("MsgId", documents.fresh_id()), leaf("SentAt", times.to_text(self.clock.now())))
        return xml.write(element("LookupPlayer", head, element("Body", *fields)))

    async def send(self, data: bytes, peer: str = "127.0.0.1") -> Node:
        return xml.read(await self.host.front.handle(PATH, data, peer), family_of(PATH))

    async def ask(self, fields: list[Node | None], sender: str | None = None, peer: str = "127.0.0.1") -> str:
        """The code that answers."""
        self.answer = await self.send(self.request(fields, sender), peer)
        return self.answer.get("Body/Status/Code") or ""

    async def entry(self, fields: list[Node | None]) -> Node:
        self.assertEqual(await self.ask(fields), "QP-OK")
        found = self.answer.find("Body/Entry")
        assert found is not None
        return found


class Given(Asking):
    async def test_entries_are_signed_and_good_for_a_time(self) -> None:
        """QP-ROLE-009, QP-ADD-18: by the Host's key, for the purpose directory, and for T_dir and T_dir_stale."""
        key = signing.published(listed("H1"))[0]
        for fields in (by_id("broker", "B7"), by_id("vendor", "V1001"), by_id("host", "H1"), by_id("wallet", WALLET, TICKET)):
            entry = await self.entry(fields)
            self.assertEqual((entry.get("Sig/KeyId"), entry.get("Id")), (key.key_id, fields[1].text if fields[1] else ""))
            self.assertTrue(signing.right(key, "directory", entry))
            altered = element("Entry", *(leaf("State", "suspended") if one.name == "State" else one for one in entry.children))
            self.assertFalse(signing.right(key, "directory", altered))
            self.assertFalse(signing.right(key, "batch-claim", entry))
            self.assertEqual((entry.get("IssuedAt"), entry.get("ValidTo")), ("2026-11-22T12:00:00Z", "2026-11-30T12:00:00Z"))
        self.player._parameters.update(T_dir=60, T_dir_stale=3600)
        self.assertEqual((await self.entry(by_id("broker", "B7"))).get("ValidTo"), "2026-11-22T13:01:00Z")

    async def test_no_entry_is_older_than_the_one_before(self) -> None:
        """QP-ROLE-009: also where the Host's clock was set back."""
        await self.clock.advance(DAY * 1000, self.player.activity.quiet)
        await self.entry(by_id("broker", "B7"))
        self.clock._virtual = NOW
        entry = await self.entry(by_id("vendor", "V1001"))
        self.assertEqual((entry.get("IssuedAt"), entry.get("ValidTo")), ("2026-11-23T12:00:00Z", "2026-12-01T12:00:00Z"))

    async def test_what_is_said_of_others(self) -> None:
        """QP-ROLE-010, QP-ADD-18: name, places and every key with its times, whether it is good or not, and nothing made up."""
        entry = await self.entry(by_id("vendor", "V1001"))
        self.assertEqual([told(entry, name) for name in ("Role", "State", "Name")], [["vendor"], ["live"], ["The Shop"]])
        self.assertEqual(told(entry, "Endpoint"), [f"{ADDRESSES['V1001']} 8103", "2001:db8::1 443"])
        keys = [[leaf_.text for leaf_ in one.children[2:]] for one in many(entry, "Key")]
        first, last = "2026-01-01T00:00:00Z", "2027-12-31T23:59:59Z"
        self.assertEqual(keys, [["sign", first, last, "2026-11-01T00:00:00Z"], ["seal", "2027-01-01T00:00:00Z", last],
                                ["sign", first, last]])
        self.assertEqual([one.get("PubKey") for one in many(entry, "Key")],
                         [listed(name)[0]["key"] for name in ("V1001", "B7", "H1")])
        self.assertEqual([many(entry, name) for name in ("Profile", "Protocol", "Currency", "Net")], [[]] * 4)

    async def test_what_is_said_of_itself(self) -> None:
        """QP-ROLE-009: the profile, the families that it answers messages of, and the active currencies."""
        entry = await self.entry(by_id("host", "H1"))
        self.assertEqual((entry.get("Name"), told(entry, "Endpoint")), ("The Host", [ADDRESSES["H1"] + " 8101"]))
        self.assertEqual((told(entry, "Profile"), told(entry, "Currency")), ([self.profile], ["EUR yes", "USD yes"]))
        self.assertEqual(told(entry, "Protocol"), ["admin", "batch", "comm", "micro", "regular", "revoke"])

    async def test_itself_where_nobody_lists_it(self) -> None:
        """QP-ROLE-009: the place where it listens and the keys that it signs with."""
        self.player.directory.replace([])
        self.assertEqual(told(await self.entry(by_id("host", "H1")), "Endpoint"), [])
        self.player.place = (ADDRESSES["H1"], 8200)
        entry = await self.entry(by_id("host", "H1"))
        self.assertEqual((many(entry, "Name"), told(entry, "Endpoint")), ([], [ADDRESSES["H1"] + " 8200"]))
        [key] = many(entry, "Key")
        self.assertEqual((key.get("KeyId"), key.get("NotAfter")), (entry.get("Sig/KeyId"), "2027-12-31T23:59:59Z"))

    async def test_nothing_else_of_a_wallet(self) -> None:
        """QP-ANON-011: its state, keys and addresses alone."""
        entry = await self.entry(by_id("wallet", WALLET, TICKET))
        self.assertEqual([one.name for one in entry.children],
                         ["Role", "Id", "State", "Key", "Net", "Net", "IssuedAt", "ValidTo", "Sig"])
        self.assertEqual(told(entry, "Net"), [f"{ADDRESSES[WALLET]} 32", "2001:db8::1 128"])

    async def test_a_vendor_by_any_of_its_places(self) -> None:
        """QP-ROLE-010: however its address is written."""
        for address, port in ((ADDRESSES["V1001"], 8103), ("2001:db8:0:0::1", 443), ("::ffff:7f1e:10a", 8103)):
            self.assertEqual((await self.entry(by_place("vendor", address, port))).get("Id"), "V1001")

    async def test_who_was_removed(self) -> None:
        """QP-ADD-23: is found by its id, with that state; its place may be another one's by now."""
        self.assertEqual((await self.entry(by_id("vendor", "V2"))).get("State"), "removed")
        self.assertEqual(await self.ask(by_place("vendor", "127.30.1.99", 8109)), "QP-E-VENDOR")

    async def test_what_an_entry_cannot_hold_is_cut(self) -> None:
        """QP-ROLE-009: no list is longer than the tables admit, no name and no key."""
        giant = {**listed("V1001")[0], "key": "A" * 4100}
        self.player.directory.replace([
            _listed("V1", "vendor", *[("127.30.2.1", 9000 + n) for n in range(9)], name="n" * 129,
                    keys=[giant, *listed("V1001") * 17]),
            _listed(WALLET, "wallet", bound=[f"127.30.2.{n}" for n in range(1, 10)], ticket=TICKET)])
        self.player.currencies = frozenset(f"{a}{b}X" for a in "ABCDEFGHIJKLMNO" for b in "ABCDEFGHIJKLMNO")
        entry = await self.entry(by_id("vendor", "V1"))
        self.assertEqual([len(many(entry, name)) for name in ("Name", "Endpoint", "Key")], [0, 8, 16])
        self.assertNotIn(giant["key"], [one.get("PubKey") for one in many(entry, "Key")])
        self.assertEqual(len(many(await self.entry(by_id("host", "H1")), "Currency")), 200)
        self.assertEqual(len(many(await self.entry(by_id("wallet", WALLET, TICKET)), "Net")), 8)


class GivenInH(Given):
    """Neither request nor answer has an Auth."""

    profile = "H"


class Refused(Asking):
    async def test_by_role(self) -> None:
        """QP-ROLE-009, QP-ANON-012: rows L1 to L3, each with the code of the role that was asked for."""
        place = ADDRESSES["V1001"]
        wrong = [(by_id("broker", "B9"), "QP-E-BROKER"), (by_id("broker", "V1001"), "QP-E-BROKER"),
                 (by_place("broker", ADDRESSES["B7"], 8102), "QP-E-BROKER"), (by_place("broker", place, 8103), "QP-E-BROKER"),
                 (by_id("vendor", "V9"), "QP-E-VENDOR"),
                 (by_id("vendor", "B7"), "QP-E-VENDOR"), (by_id("vendor", WALLET), "QP-E-VENDOR"),
                 (by_place("vendor", place, 8104), "QP-E-VENDOR"), (by_place("vendor", "127.30.1.97", 8103), "QP-E-VENDOR"),
                 (by_place("vendor", "::::", 8103), "QP-E-VENDOR"), (by_place("vendor", ADDRESSES["B7"], 8102), "QP-E-VENDOR"),
                 (by_id("host", "H2"), "QP-E-FORBIDDEN"), (by_id("host", "H9"), "QP-E-FORBIDDEN"),
                 (by_id("host", "B7"), "QP-E-FORBIDDEN"), (by_place("host", ADDRESSES["H1"], 8101), "QP-E-FORBIDDEN"),
                 (by_place("host", place, 8103), "QP-E-FORBIDDEN")]
        for fields, code in wrong:
            self.assertEqual(await self.ask(fields), code)
            self.assertIsNone(self.answer.find("Body/Entry"))

    async def test_a_wallet_without_its_ticket(self) -> None:
        """QP-ANON-012: whatever there is, the same Body, after one comparison in constant time."""
        bodies = set()
        wrong = [by_id("wallet", WALLET, TICKET[:-1] + "0"), by_id("wallet", NOBODY, TICKET), by_id("wallet", SHY, TICKET),
                 by_id("wallet", "V1001", TICKET)]
        for fields in wrong:
            with mock.patch("hmac.compare_digest", return_value=False) as compared:
                self.assertEqual(await self.ask(fields), "QP-E-FORBIDDEN")
            self.assertEqual([len(one) for one in compared.call_args.args], [32, 32])
            self.assertEqual(await self.ask(fields), "QP-E-FORBIDDEN")
            bodies.add(xml.write(self.answer.children[1]))
        self.assertEqual(await self.ask(by_place("wallet", ADDRESSES[WALLET], 8103, TICKET)), "QP-E-FORBIDDEN")
        self.assertEqual(bodies, {xml.write(self.answer.children[1])})
        await self.entry(by_id("wallet", WALLET, TICKET))

    async def test_no_ticket_is_nobodys(self) -> None:
        """QP-ANON-012: also what is compared where there is none opens nothing."""
        with mock.patch("hmac.compare_digest", return_value=True):
            for name in (SHY, NOBODY):
                self.assertEqual(await self.ask(by_id("wallet", name, TICKET)), "QP-E-FORBIDDEN")
            await self.entry(by_id("wallet", WALLET, "0" * 32))

    async def test_a_ticket_stands_with_a_wallet_alone(self) -> None:
        """QP-ANON-012: a request for a Wallet without it is none, and says nothing of a Wallet."""
        for fields in (by_id("wallet", WALLET), by_id("wallet", NOBODY), by_id("vendor", "V1001", TICKET),
                       [leaf("Role", "vendor")], [*by_id("vendor", "V1001"), *by_place("vendor", "127.30.1.1", 1)[1:]]):
            self.assertEqual(await self.ask(fields), "QP-E-SCHEMA")

    async def test_who_may_ask(self) -> None:
        """QP-ROLE-010, QP-ADD-15: every Broker, Vendor and Wallet from its own address, and who does not say who it is."""
        for sender in ("B7", "V1001", WALLET):
            self.assertEqual(await self.ask(by_id("broker", "B7"), sender, ADDRESSES[sender]), "QP-OK")
            self.assertEqual(await self.ask(by_id("broker", "B7"), sender, "127.30.1.77"), "QP-E-FORBIDDEN")
        for sender in ("H2", NOBODY):
            self.assertEqual(await self.ask(by_id("broker", "B7"), sender, "127.30.1.98"), "QP-E-FORBIDDEN")

    async def test_it_changes_nothing(self) -> None:
        """QP-ROLE-009, QP-ADD-01: what is kept is the answer, which the same request gets again."""
        data = self.request(by_id("vendor", "V1001"))
        before = dict(self.store.under(""))
        first = await self.host.front.handle(PATH, data, "127.0.0.1")
        await self.ask(by_id("wallet", NOBODY, TICKET))
        self.assertEqual({key: value for key, value in self.store.under("") if not key.startswith("answer/")}, before)
        self.player.directory.replace([])
        self.assertEqual(await self.host.front.handle(PATH, data, "127.0.0.1"), first)
        self.assertEqual(await self.ask(by_id("vendor", "V1001")), "QP-E-VENDOR")


class RefusedInH(Refused):
    """The source address counts in profile H, too: no Auth stands for it."""

    profile = "H"


class WithoutKey(Asking):
    settings = {"signing_keys": [{**to_sign("H1")[0], "not_after": "2026-11-22T11:59:59Z"}]}

    async def test_nothing_is_said_unsigned(self) -> None:
        """QP-ADD-18: who cannot sign says so, but refuses as ever."""
        for fields, code in ((by_id("vendor", "V1001"), "QP-E-INTERNAL"), (by_id("vendor", "V9"), "QP-E-VENDOR"),
                             (by_id("wallet", NOBODY, TICKET), "QP-E-FORBIDDEN")):
            self.assertEqual(await self.ask(fields), code)


class WithoutAnyKey(WithoutKey):
    settings = {}


if __name__ == "__main__":
    unittest.main()
