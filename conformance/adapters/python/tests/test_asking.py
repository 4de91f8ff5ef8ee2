"""Players that ask the Host who others are: what they believe, for how long, and what they do meanwhile (protocol.md section 13)."""

from __future__ import annotations

import unittest
from typing import Any, Callable
from unittest import mock

from quickpay import asking, documents, xml
from quickpay.client import post
from quickpay.documents import Identity
from quickpay.player import Refused
from quickpay.tables import PATH_OF
from quickpay.xml import Node, element, leaf
from tests.keys import to_sign
from tests.looking import DAY, TICKET, Looking, at, entry, key_node
from tests.world import ADDRESSES, NOW, WALLET

#: Where nobody listens.
NOWHERE = at("127.30.1.66", 9)
FORGED = {
    "of another player": lambda now: entry("V1002", now, NOWHERE),
    "of another role": lambda now: entry("V1001", now, NOWHERE, role="broker"),
    "by another key": lambda now: entry("V1001", now, NOWHERE, signer="B7"),
    "changed": lambda now: element("Entry", *(leaf("State", "removed") if one.name == "State" else one for one in entry("V1001", now, NOWHERE).children)),
    "long over": lambda now: entry("V1001", now - 9 * DAY * 1000, NOWHERE)}


class Together(Looking):
    async def test_a_purchase_of_strangers(self) -> None:
        """QP-REL-004, QP-ROLE-010: each asks for whom it meets, once."""
        self.assertEqual(await self.pay(await self.open()), "DONE")
        self.assertEqual(self.cores["V1001"].orders()[-1]["state"], "DELIVERED")
        first = sorted(self.host.names())
        self.assertEqual(first, ["B7", "B7", "V1001", "V1001", WALLET])
        self.host.away = True
        self.assertEqual(await self.pay(await self.open()), "DONE")
        self.assertEqual(sorted(self.host.names()), first)

    async def test_nobody_says_who_asks(self) -> None:
        """QP-ANON-010."""
        await self.pay(await self.open())
        self.assertEqual({request.get("Head/Sender") for _, request in self.host.asked}, {None})
        self.assertEqual({request.get("Body/Ticket") for name, request in self.host.asked if name == WALLET}, {TICKET})
        self.assertEqual({request.get("Body/Ticket") for name, request in self.host.asked if name != WALLET}, {None})

    async def test_what_was_told_is_kept(self) -> None:
        """Over a restart, with its age; and who begins anew with an older package has what it learnt."""
        await self.pay(await self.open())
        self.host.away = True
        for name in ("V1001", "B7", WALLET):
            await self.restart(name)
        self.assertEqual(await self.pay(await self.open()), "DONE")

    async def test_suspended_and_removed_brokers(self) -> None:
        """QP-ROLE-009: nothing is begun with them."""
        for state in ("suspended", "removed"):
            ref = await self.open()
            self.host.says["B7"] = lambda now: entry("B7", now, NOWHERE, state=state)
            await self.pass_time(DAY + 1)
            ref = await self.open()
            self.wallet.confirm(ref, self.wallet.status(ref)["digest"])
            self.assertEqual(self.state(ref), ("OFFERED", "cannot-pay"))

    async def unknown_broker(self, state: str) -> str:
        """A purchase that was confirmed before anything is known of its Broker; what becomes of it."""
        right, self.host.says["B7"] = self.host.says["B7"], "QP-E-BUSY"
        await self.quiet()
        ref = await self.open()
        await self.pay(ref, 0)
        self.host.says["B7"] = lambda now: entry("B7", now, *right(now).children[3:-3], state=state)  # type: ignore[operator]
        await self.pass_time(20)
        return str(self.wallet.status(ref)["state"])

    async def test_a_broker_of_whom_nothing_is_known_yet(self) -> None:
        """QP-ROLE-009: its user has confirmed, but nobody is asked who turns out not to be live; others at once."""
        self.assertEqual(await self.unknown_broker("suspended"), "FAILED")
        self.assertEqual(self.cores["B7"].orders(), [])

    async def test_a_broker_that_turns_out_to_be_live(self) -> None:
        self.assertEqual(await self.unknown_broker("live"), "DONE")

    async def test_twin_that_asks_whoever_it_is(self) -> None:
        with mock.patch.object(self.wallet, "_live", lambda _: True):
            await self.unknown_broker("suspended")
        self.assertEqual(len(self.cores["B7"].orders()), 1)

    async def test_a_package_that_is_not_whole(self) -> None:
        for text in (self.package.replace("<State>live", "<State>removed"), self.package.replace("H1", "H2"), "<Entry/>", "<Entry", "é"):
            with mock.patch.object(self, "package", text), self.assertRaises(ValueError):
                self.start(WALLET)
        with mock.patch.object(self, "package", self.package.replace(' xmlns="urn:quickpay:1"', "")):
            self.start(WALLET)
        with self.assertRaises(Refused):
            self.directory(WALLET).replace([{"id": "V1001", "role": "vendor"}])

    async def test_currencies_of_the_host(self) -> None:
        table = [element("Currency", leaf("Code", code), leaf("Active", active)) for code, active in (("EUR", "yes"), ("USD", "no"))]
        text = xml.write(entry("H1", NOW + 1000, self.host_place, key_node("H1"), *table)).decode()
        settings = self.settings("V1001")
        with mock.patch.object(self, "settings", lambda name: {**settings, "currencies": [], "host_entry": text}):
            self.start("V1001")
        self.assertEqual(self.cores["V1001"]._player.currencies, {"EUR"})


class Waiting(Looking):
    """A Wallet that cannot tell yet whether there is such a Vendor."""

    async def test_a_vendor_that_there_is_not(self) -> None:
        """QP-ADD-14: W2; for a minute the Host is not asked again."""
        self.host.says["V9"] = "QP-E-VENDOR"
        self.assertEqual(self.state(await self.open("V9")), ("NONE", "vendor-unknown"))
        self.assertEqual(self.state(await self.open("V9")), ("NONE", "vendor-unknown"))
        self.assertEqual(self.host.names().count("V9"), 1)
        await self.pass_time(61)
        await self.open("V9")
        self.assertEqual(self.host.names().count("V9"), 2)

    async def test_names_that_nobody_has(self) -> None:
        """No question about them."""
        directory, before = self.directory(WALLET), len(self.host.asked)
        for name in ("", "V0", "X1", "H2", WALLET, "W" + "1" * 32):
            self.assertEqual((directory.issued(name), directory.at_hand(name)), (None, True), name)
        await self.quiet()
        self.assertEqual(len(self.host.asked), before + 1)  # the Broker of the Paycard, that was under way

    async def test_the_host_comes_back(self) -> None:
        """The link waits, over a restart, too, and is then followed."""
        self.host.away = True
        ref = await self.open()
        self.assertEqual((self.state(ref), self.wallet.orders(), self.wallet.status(ref)["ended"]), (("NONE", None), [], False))
        await self.restart(WALLET)
        self.host.away = False
        await self.pass_time(10)
        self.assertEqual(self.state(ref), ("OFFERED", None))

    async def test_the_host_stays_away(self) -> None:
        self.host.away = True
        ref = await self.open()
        await self.restart(WALLET)
        await self.pass_time(119)
        self.assertEqual(self.state(ref), ("NONE", None))
        await self.pass_time(1)
        self.assertEqual((self.state(ref), self.wallet.status(ref)["ended"]), (("NONE", "vendor-unknown"), True))
        self.host.away = False
        await self.pass_time(600)
        self.assertEqual((self.state(ref), self.wallet.orders()), (("NONE", "vendor-unknown"), []))

    async def test_a_user_who_does_not_want_to_wait(self) -> None:
        self.host.away = True
        ref = await self.open()
        self.wallet.cancel(ref)
        self.host.away = False
        await self.pass_time(10)
        self.assertEqual((self.state(ref), self.wallet.orders()), (("NONE", "cancelled"), []))

    async def test_the_same_question_again(self) -> None:
        """Section 2: the same bytes."""
        self.host.says["V1001"], right = "QP-E-BUSY", self.host.says["V1001"]
        ref = await self.open()
        await self.pass_time(5)
        self.host.says["V1001"] = right
        await self.pass_time(20)
        self.assertEqual(self.state(ref)[0], "OFFERED")
        asked = {xml.write(request) for name, request in self.host.asked if name == "V1001" and request.get("Body/Role") == "vendor"}
        self.assertEqual(len(asked), 1)


class Believing(Looking):
    """QP-ROLE-010, QP-ADD-18: what a Host, or whoever stands in its place, cannot make a player believe."""

    def look(self, name: str = "V1001") -> Any:
        return self.directory(WALLET).issued(name)

    async def test_forgeries(self) -> None:
        for what, forged in FORGED.items():
            self.host.says["V1001"], right = forged, self.host.says["V1001"]
            with mock.patch("quickpay.asking.alarm") as alarms:
                ref = await self.open()
            self.assertEqual((self.state(ref), self.look()), (("NONE", None), None), what)
            self.assertTrue(alarms.call_args, what)
            self.host.says["V1001"] = right
            await self.pass_time(30)
            self.assertEqual(self.state(ref)[0], "OFFERED", what)
            self.stores[WALLET].commit({"entry/V1001": None})
            await self.restart(WALLET)

    async def test_what_is_older_than_what_is_there(self) -> None:
        await self.open()
        self.host.says["V1001"] = lambda now: entry("V1001", NOW - 1000, NOWHERE)
        await self.pass_time(DAY + 1)
        before = self.directory(WALLET)._kept["V1001"]
        await self.open()
        await self.pass_time(30)
        self.assertIs(self.directory(WALLET)._kept["V1001"], before)

    async def test_twins(self) -> None:
        """Each check, left out: the forgery is believed."""
        words = dict(zip(FORGED, ("other-player", "other-player", "not-signed", "not-signed", "too-old")))
        right = asking.entry.wrong
        for what, forged in FORGED.items():
            def blind(*details: Any, word: str = words[what]) -> str | None:
                found = right(*details)
                return None if found == word else found
            self.host.says["V1001"] = forged
            with mock.patch("quickpay.asking.entry.wrong", blind):
                await self.open()
                self.assertIn("V1001", self.directory(WALLET)._kept, what)
            self.stores[WALLET].commit({"entry/V1001": None})
            await self.restart(WALLET)

    async def test_the_next_key_of_the_host(self) -> None:
        """Learnt from an entry of the Host alone, which a key known before has signed."""
        self.host.says["V1001"] = lambda now: entry("V1001", now, NOWHERE, signer="H1 next")
        self.host.says["H1"] = lambda now: entry("H1", now, self.host_place, key_node("H1"), key_node("H1 next"))
        self.assertIsNone(self.look())
        await self.quiet()
        self.assertIn("H1", self.host.names())
        await self.pass_time(30)
        self.assertIsNotNone(self.look())

    async def test_a_key_that_only_it_announces_itself(self) -> None:
        self.host.says["H1"] = lambda now: entry("H1", now, NOWHERE, key_node("H1 next"), signer="H1 next")
        self.host.says["V1001"] = lambda now: entry("V1001", now, NOWHERE, signer="H1 next")
        await self.open()
        await self.pass_time(100)
        self.assertEqual((self.look(), self.directory(WALLET).endpoints("H1")), (None, ((ADDRESSES["H1"], int(self.host_place.get("Port") or 0)),)))

    async def test_a_key_that_the_host_withdrew(self) -> None:
        keys = [key_node("H1", withdrawn_from="2026-11-22T12:00:00Z"), key_node("H1 next")]
        self.package = xml.write(entry("H1", NOW + 1000, self.host_place, *keys, signer="H1 next")).decode()
        self.stores[WALLET].commit({"entry/B7": None})
        await self.restart(WALLET)
        self.host.says["V1001"] = lambda now: entry("V1001", now - DAY * 1000, NOWHERE)
        await self.open()
        self.assertIsNone(self.look())


class Ageing(Looking):
    """Up to T_dir it is used; then the Host is asked first, and where it is away the entry serves for T_dir_stale."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.pay(await self.open())
        self.vendors = self.host.says["V1001"]

    def count(self) -> int:
        """Questions of the Wallet for the Vendor, since the Broker has its own."""
        return self.host.names().count("V1001")

    async def test_it_grows_old(self) -> None:
        before = self.count()
        await self.pass_time(DAY - 60)
        await self.open()
        self.assertEqual(self.count(), before)
        await self.pass_time(120)
        ref = await self.open()
        self.assertEqual((self.count(), self.state(ref)[0]), (before + 1, "OFFERED"))

    async def test_the_host_is_away(self) -> None:
        self.host.away = True
        await self.pass_time(DAY + 60)
        ref = await self.open()
        self.assertEqual(self.state(ref)[0], "OFFERED")
        asked = self.count()
        await self.pass_time(300)
        await self.open()
        self.assertEqual(self.host.names().count("V1001") - asked, self.repeated(asked))
        await self.pass_time(7 * DAY)
        ref = await self.open()
        await self.pass_time(30)
        self.assertEqual(self.state(ref), ("NONE", None))

    def repeated(self, since: int) -> int:
        """Attempts of the question that is under way, since which no other one was asked."""
        later = [request for name, request in self.host.asked if name == "V1001"][since:]
        return len(later) if len({one.get("Head/MsgId") for one in later}) <= 1 else -1

    async def test_it_says_itself_how_long_it_lasts(self) -> None:
        self.host.says["V1001"] = lambda now: entry("V1001", now, *self.vendors(now).children[3:-3], lasts=3600)  # type: ignore[operator]
        await self.pass_time(DAY + 60)
        await self.open()
        self.host.away = True
        await self.pass_time(3601)
        self.assertIsNone(self.directory(WALLET).issued("V1001"))

    async def test_a_refusal_takes_nothing_away(self) -> None:
        """QP-ADD-23: nobody signs it."""
        self.host.says["V1001"] = "QP-E-VENDOR"
        await self.pass_time(DAY + 60)
        self.assertEqual(self.state(await self.open())[0], "OFFERED")
        await self.pass_time(7 * DAY + 60)
        self.assertEqual(self.state(await self.open()), ("NONE", "vendor-unknown"))

    async def test_twin_that_never_asks_again(self) -> None:
        before = self.count()
        with mock.patch.object(self.cores[WALLET]._player, "milliseconds", lambda name: 10 * DAY * 1000):
            await self.pass_time(DAY + 60)
            self.directory(WALLET).need("V1001")
        self.assertEqual(self.count(), before)

    async def test_the_host_itself_is_asked_where_it_was(self) -> None:
        await self.pass_time(30 * DAY)
        ref = await self.open()
        await self.pass_time(5)
        self.assertEqual((self.state(ref)[0], "H1" in self.host.names()), ("OFFERED", True))


class Serving(Looking):
    """What servers do for those whom they do not know yet."""

    async def send(self, message: str, *fields: Node, sender: str | None = None, receiver: str = "B7", source: str = WALLET) -> str:
        data = documents.request(Identity(sender or "", "H1", "F"), message, receiver, documents.fresh_id(), self.clock.now(), *fields)
        port = self.servers[receiver]._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
        answer = xml.read(await post(ADDRESSES[receiver], port, ADDRESSES.get(source, source), PATH_OF[message], data))
        await self.quiet()
        return answer.get("Body/Status/Code") or ""

    async def check(self, sender: str, source: str = "V1001") -> str:
        ref = element("OrderRef", leaf("Kind", "micro"), leaf("Vendor", sender if sender[0] == "V" else "V1001"), leaf("OrderId", "o1"), leaf("Amount", 1), leaf("Currency", "USD"),
                      leaf("Expires", "2026-11-22T12:15:00Z"), leaf("Digest", "d1" * 32))
        return await self.send("CheckCommit", leaf("EndorsementId", "e1" * 16), ref, sender=sender, source=source)

    async def test_a_stranger_is_put_off(self) -> None:
        """QP-REL-004: and is served once its entry is there."""
        self.assertEqual([await self.check("V1001") for _ in range(2)], ["QP-E-BUSY", "QP-E-UNKNOWN-ORDER"])
        self.assertEqual([await self.check("V404") for _ in range(2)], ["QP-E-BUSY", "QP-E-FORBIDDEN"])
        self.assertEqual(await self.check("B8"), "QP-E-FORBIDDEN")
        self.assertNotIn("B8", self.host.names())

    async def test_who_has_moved(self) -> None:
        """Is refused once, and asked about, if its entry is older than a minute."""
        await self.check("V1001")
        self.host.says["V1001"] = lambda now: entry("V1001", now, at("127.30.1.77", 1))
        self.assertEqual([await self.check("V1001", "127.30.1.77") for _ in range(2)], ["QP-E-FORBIDDEN"] * 2)
        await self.pass_time(61)
        self.assertEqual([await self.check("V1001", "127.30.1.77") for _ in range(2)], ["QP-E-FORBIDDEN", "QP-E-UNKNOWN-ORDER"])

    async def test_names_that_others_invent(self) -> None:
        """QP-ADD-20: so many questions at a time, and in a minute; what the Broker has to know itself is asked all the same."""
        self.host.away = True
        for number in range(40):
            self.assertEqual(await self.check(f"V{5000 + number}"), "QP-E-BUSY")
        invented = {name for name in self.host.names() if name.startswith("V5")}
        self.assertEqual(len(invented), asking.MAX_OTHERS)
        self.directory("B7").need("V1001")
        await self.quiet()
        self.assertIn("V1001", self.host.names())

    async def test_in_a_minute(self) -> None:
        for number in range(150):
            await self.check(f"V{5000 + number}")
        self.assertEqual(len({name for name in self.host.names() if name.startswith("V5")}), asking.MAX_A_MINUTE)
        await self.pass_time(61)
        await self.check("V6000")
        self.assertIn("V6000", self.host.names())

    async def test_what_is_kept_is_bounded(self) -> None:
        directory = self.directory("B7")
        with mock.patch("quickpay.asking.MAX_ENTRIES", 3), mock.patch("quickpay.asking.MAX_UNKNOWN", 2):
            for number in range(6):
                name = f"V{5000 + number}"
                self.host.says[name] = lambda now, name=name: entry(name, now, NOWHERE)
                await self.check(name)
                await self.check(f"V{7000 + number}")
                await self.pass_time(1)
        self.assertEqual((len(directory._kept), len(directory._unknown), "H1" in directory._kept), (3, 2, True))

    async def test_a_vendor_that_waits_for_a_broker(self) -> None:
        """V2, V7: it sells all the same, and has asked by the time the Broker's word comes."""
        order = await self.send("GetOrder", leaf("Kind", "micro"), leaf("Item", "news-1"), leaf("Broker", "B7"), leaf("BuyerTag", "0" * 64), receiver="V1001")
        self.assertEqual((order, self.host.names().count("B7")), ("QP-OK", 2))
        brokers = self.cores["V1001"]._brokers
        self.assertEqual((brokers.known("B7"), brokers.living("B7"), brokers.known("B8")), (True, True, False))
        self.host.says["B7"] = lambda now: entry("B7", now, NOWHERE, state="suspended")
        await self.pass_time(DAY + 1)
        self.assertEqual((brokers.known("B7"), brokers.directory.at_hand("B7")), (True, False))
        await self.quiet()
        self.assertEqual((brokers.known("B7"), brokers.directory.at_hand("B7")), (False, True))

    async def test_twin_without_limits(self) -> None:
        self.host.away = True
        with mock.patch("quickpay.asking.Asking._admitted", lambda *_: True):
            for number in range(asking.MAX_OTHERS + 1):
                await self.check(f"V{5000 + number}")
        self.assertGreater(len({name for name in self.host.names() if name.startswith("V5")}), asking.MAX_OTHERS)


class Stapled(Looking):
    """Entries that come with a link (QP-ROLE-010)."""

    def link(self, node: Node | None = None) -> str:
        fields = [leaf(*one) for one in (("Host", "H1"), ("Vendor", "V1001"), ("Kind", "micro"), ("Item", "news-1"))]
        return xml.write(element("PurchaseLink", *fields, node)).decode()

    async def follow(self, node: Node | None) -> str:
        ref = self.wallet.open_document(self.link(node))
        await self.quiet()
        return ref

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.quiet()
        self.right: Callable[[int], Node] = self.host.says["V1001"]  # type: ignore[assignment]

    def asked(self) -> int:
        return self.host.names().count("V1001")

    async def test_the_host_need_not_be_there(self) -> None:
        self.host.away = True
        self.assertEqual((self.state(await self.follow(self.right(NOW)))[0], self.asked()), ("OFFERED", 0))

    async def test_what_does_not_count_is_left_aside(self) -> None:
        for forged in FORGED.values():
            before = self.asked()
            ref = await self.follow(forged(NOW))
            self.assertEqual((self.state(ref)[0], self.asked()), ("OFFERED", before + 1))
            self.stores[WALLET].commit({"entry/V1001": None})
            await self.restart(WALLET)

    async def test_it_is_as_old_as_it_is(self) -> None:
        ref = await self.follow(self.right(NOW - (DAY + 60) * 1000))
        self.assertEqual((self.state(ref)[0], self.asked()), ("OFFERED", 1))

    async def test_as_new_is_not_newer(self) -> None:
        await self.follow(self.right(NOW))
        await self.pass_time(DAY - 60)
        await self.follow(self.right(NOW))
        before = self.directory(WALLET)._kept["V1001"].arrived
        await self.follow(entry("V1001", NOW - 1000, NOWHERE))
        self.assertEqual((before, self.directory(WALLET)._kept["V1001"].arrived), (NOW, NOW))
        await self.pass_time(120)
        await self.follow(self.right(NOW))
        self.assertEqual(self.asked(), 1)

    async def test_of_the_near_future(self) -> None:
        await self.follow(self.right(NOW + 200_000))
        self.assertEqual(self.directory(WALLET)._kept["V1001"].arrived, NOW)

    async def test_twin_that_counts_from_now(self) -> None:
        with mock.patch("quickpay.asking.min", lambda one, other: other, create=True):
            await self.follow(self.right(NOW - (DAY + 60) * 1000))
        self.assertEqual(self.asked(), 0)


class Regular(Looking):
    vendor_keys = to_sign("V1001")

    async def test_a_regular_order_of_a_stranger(self) -> None:
        ref = self.wallet.open_link("V1001", "news-1", "regular")
        await self.quiet()
        self.assertEqual(self.state(ref)[0], "OFFERED")


if __name__ == "__main__":
    unittest.main()
