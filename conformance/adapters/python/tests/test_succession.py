"""Keys that follow one another: what a Vendor says of its own, and when it uses them (protocol.md section 16)."""

from __future__ import annotations

import hashlib
import unittest
from typing import Any

from quickpay import boxes, rsa, signing, times, xml
from quickpay.documents import Identity
from quickpay.keys import Key
from quickpay.player import Player, Refused
from quickpay.store import MemoryStore
from quickpay.succession import Standing
from quickpay.vendor import Vendor
from quickpay.xml import element, leaf
from tests.keyhost import KeyHost
from tests.keys import listed, private, to_sign
from tests.world import ADDRESSES, NOW, _listed

DAY = 86_400_000
OLD, NEXT = "V1001", "V1001 next"
LATER = times.to_text(NOW + 2 * DAY)
SHARED = [{"peer": "H1", "epoch": 1, "key": "11" * 32, "valid_to": times.to_text(NOW + DAY)}]


def key_id(name: str) -> str:
    return hashlib.sha256(rsa.write_public(private(name).public)).hexdigest()


class Keeping(unittest.IsolatedAsyncioTestCase):
    """A Vendor with a key in use and one that follows in two days."""

    profile = "F"
    shared: list[dict[str, Any]] = []
    listed_keys = [OLD]

    async def asyncSetUp(self) -> None:
        self.host = KeyHost(self.profile)
        self.store, self.clock = MemoryStore(), self.host.clock
        self.listed = [{**_listed("H1", await self.host.server.start(ADDRESSES["H1"])),
                        "keys": [*listed("H1"), *listed("H1 seals", usage="seal")]},
                       {**_listed("V1001", 0), "keys": [one for name in self.listed_keys for one in listed(name)]}]
        self.start()
        self.addAsyncCleanup(self.host.server.stop)

    def start(self) -> None:
        """The product begins anew on what is in its store."""
        keys = [*to_sign(OLD), {**to_sign(NEXT)[0], "not_before": LATER}]
        self.player = Player(Identity("V1001", "H1", self.profile), self.clock, self.store,
                             {"source": ADDRESSES["V1001"], "directory": self.listed, "keys": self.shared})
        self.vendor = Vendor(self.player, {"signing_keys": keys})
        self.keys = self.vendor.succession
        self.vendor.load()
        self.addAsyncCleanup(self.vendor.stop)

    async def restart(self) -> None:
        self.vendor._caller.drop(self.keys._call)
        await self.vendor.stop()
        self.start()

    async def told(self, ref: str) -> str | None:
        await self.player.activity.quiet()
        return self.player.attempts.status(ref)["told"]  # type: ignore[no-any-return]

    async def pass_time(self, milliseconds: int) -> None:
        await self.clock.advance(milliseconds, self.player.activity.quiet)

    def signs_with(self) -> str | None:
        """The key of what would be signed now."""
        try:
            return self.vendor.claims._signer.current("batch-claim", self.clock.now()).key_id  # type: ignore[union-attr]
        except signing.NoKey:
            return None

    def refused(self, *names: str) -> None:
        for name in names:
            with self.assertRaises(Refused):
                self.keys.publish(key_id(name))


class Published(Keeping):
    """QP-ADD-18, QP-ROLE-010."""

    async def test_it_proves_itself_and_is_vouched_for(self) -> None:
        self.assertEqual(await self.told(self.keys.publish(key_id(NEXT))), "published")
        change = self.host.requests[0].find("Body/KeyChange")
        said = change.child("Key")  # type: ignore[union-attr]
        old, new = (signing.published(listed(name))[0] for name in (OLD, NEXT))
        self.assertTrue(signing.right(new, "key-proof", said) and signing.right(old, "key-rollover", change))  # type: ignore[arg-type]
        self.assertFalse(signing.right(old, "key-proof", said) or signing.right(new, "key-rollover", change))  # type: ignore[arg-type]
        self.assertEqual((said.get("Player"), said.get("NotBefore")), ("V1001", LATER))  # type: ignore[union-attr]

    async def test_it_signs_when_its_time_has_come(self) -> None:
        await self.told(self.keys.publish(key_id(NEXT)))
        await self.pass_time(2 * DAY - 1000)
        self.assertEqual(self.signs_with(), key_id(OLD))
        await self.restart()
        await self.pass_time(1000)
        self.assertEqual(self.signs_with(), key_id(NEXT))

    async def test_one_that_is_not_listed_never_signs(self) -> None:
        self.host.codes = ["QP-E-KEY"]
        self.assertEqual(await self.told(self.keys.publish(key_id(NEXT))), "refused")
        await self.pass_time(3 * DAY)
        self.assertEqual(self.signs_with(), key_id(OLD))

    async def test_what_was_listed_late_waits_for_t_dir(self) -> None:
        self.host.codes = [None] * 1000
        ref = self.keys.publish(key_id(NEXT))
        await self.pass_time(3 * DAY // 2)
        self.host.codes = []
        await self.pass_time(900_000)
        self.assertEqual(await self.told(ref), "published")
        await self.pass_time(DAY - 900_000)
        self.assertEqual(self.signs_with(), key_id(OLD))
        await self.pass_time(900_000)
        self.assertEqual(self.signs_with(), key_id(NEXT))

    async def test_what_cannot_be_asked(self) -> None:
        self.refused("V1001 of somebody else")
        self.host.codes = [None, "QP-E-EXISTS"]
        ref = self.keys.publish(key_id(NEXT))
        self.refused(NEXT)  # one at a time
        await self.pass_time(5000)
        self.assertEqual(await self.told(ref), "listed")
        with self.assertRaises(Refused):
            self.keys.renew()  # profile F

    async def test_nobody_vouches(self) -> None:
        self.listed[1]["keys"] = []
        await self.restart()
        self.refused(OLD, NEXT)


class Withdrawn(Keeping):
    """QP-ADD-18: whatever the Host says."""

    async def test_it_signs_its_withdrawal_and_nothing_more(self) -> None:
        self.host.codes = ["QP-E-KEY"]
        self.assertEqual(await self.told(self.keys.withdraw(key_id(OLD), "leaked")), "refused")
        withdrawal = self.host.requests[0].find("Body/Withdrawal")
        self.assertTrue(signing.right(signing.published(listed(OLD))[0], "key-withdrawal", withdrawal))  # type: ignore[arg-type]
        await self.restart()
        self.assertIsNone(self.signs_with())
        self.refused(OLD, NEXT)
        self.assertEqual(await self.told(self.keys.withdraw(key_id(OLD), "leaked")), "withdrawn")

    async def test_it_waits_for_nothing(self) -> None:
        self.host.codes = [None]
        published = self.keys.publish(key_id(NEXT))
        await self.player.activity.quiet()
        withdrawn = self.keys.withdraw(key_id(OLD), "lost")
        self.assertEqual((await self.told(withdrawn), await self.told(published)), ("withdrawn", "given-up"))
        await self.pass_time(DAY)
        self.assertEqual([one.name for one in self.host.requests], ["PublishKey", "WithdrawKey"])

    async def test_before_the_answer_and_after_a_restart(self) -> None:
        self.host.codes = [None]
        ref = self.keys.withdraw(key_id(OLD), "replaced")
        self.assertIsNone(self.signs_with())
        with self.assertRaises(Refused):
            self.keys.withdraw(key_id(NEXT), "replaced")
        await self.restart()
        self.assertIsNone(self.signs_with())
        await self.pass_time(5000)
        self.assertEqual(await self.told(ref), "withdrawn")
        self.assertEqual(len({xml.write(one) for one in self.host.requests}), 1)

    async def test_nobody_seals_to_it(self) -> None:
        withdrawn: list[str] = []
        opener = boxes.Opener(to_sign("B7 seals"), withdrawn.__contains__)
        head = element("Head", leaf("MsgId", "0" * 32))
        inner = element("GetPairKeyInner", leaf("Want", "own"), leaf("ReplyKey", "0" * 64), leaf("Nonce", "0" * 32))
        sealed = boxes.sealed(private("B7 seals").public, inner, element("GetPairKey", head))
        request = element("GetPairKey", head, element("Body", sealed))
        self.assertEqual(opener.open("GetPairKey", request, NOW), inner)
        withdrawn.append(key_id("B7 seals"))
        with self.assertRaises(boxes.Closed):
            opener.open("GetPairKey", request, NOW)


class Shared(Keeping):
    """QP-ADD-21."""

    profile, shared = "H", SHARED

    def best(self) -> int | None:
        key = self.player.keys.best("H1", self.clock.now())
        return None if key is None else key.epoch

    async def test_the_next_epoch(self) -> None:
        self.assertEqual((await self.told(self.keys.renew()), self.best()), ("renewed", 2))
        await self.restart()
        self.assertEqual(self.best(), 2)
        self.host.keys["2"] = Key(2, b"\x22" * 32, None)
        self.assertEqual(await self.told(self.keys.publish(key_id(NEXT))), "published")
        self.assertEqual(self.host.requests[-1].get("Auth/Mac/KeyRef"), "2")

    async def test_a_box_for_somebody_else_is_no_answer(self) -> None:
        for spoilt in ("nonce", "reply-key"):
            self.host.spoilt = spoilt
            ref = self.keys.renew()
            self.assertEqual((await self.told(ref), self.best()), (None, 1))
            await self.pass_time(2000)
            self.assertEqual((await self.told(ref), self.best()), ("renewed", 2))
            self.assertEqual(len({xml.write(one) for one in self.host.requests[-2:]}), 1)
            self.store.commit({key: None for key, _ in self.store.under("shared/")})
            await self.restart()

    async def test_who_slept_asks_with_the_key_that_is_over(self) -> None:
        await self.pass_time(2 * DAY)
        self.assertIsNone(self.best())
        self.refused(OLD)
        with self.assertRaises(Refused):
            self.keys.renew("B7")
        self.assertEqual((await self.told(self.keys.renew()), self.best()), ("renewed", 2))

    async def test_who_slept_too_long_asks_its_owner(self) -> None:
        await self.pass_time(DAY + 34_214_400_000 + 2000)
        with self.assertRaises(Refused):
            self.keys.renew()

    async def test_what_grew_old_is_sealed_anew(self) -> None:
        self.host.codes = [None, None, None, "QP-E-STALE"]
        ref = self.keys.renew()
        for _ in range(4):
            await self.pass_time(310_000)
        self.assertEqual(await self.told(ref), "renewed")
        opened = [self.host.opener.open("GetPairKey", one, NOW) for one in self.host.requests]
        self.assertEqual([len({one.get(name) for one in opened}) for name in ("ReplyKey", "Nonce")], [2, 2])
        self.assertEqual(len({xml.write(one) for one in self.host.requests}), 2)

    async def test_with_a_broker(self) -> None:
        self.assertEqual(await self.told(self.keys.renew("B7")), "renewed")
        self.assertEqual(self.host.opener.open("GetPairKey", self.host.requests[0], NOW).get("Peer"), "B7")
        self.assertEqual([self.player.keys.best(peer, NOW).epoch for peer in ("B7", "H1")], [2, 1])  # type: ignore[union-attr]

    async def test_a_key_without_an_end_gets_one(self) -> None:
        self.shared = [{**SHARED[0], "valid_to": None}]
        await self.restart()
        await self.told(self.keys.renew())
        await self.restart()
        for moment, known in ((NOW + DAY, True), (NOW + DAY + 1000, False)):
            mac = element("Mac", leaf("KeyRef", 1), leaf("Value", "0" * 64))
            self.assertEqual(self.player.keys.believed("H1", mac, moment) is not None, known)


class First(Keeping):
    """QP-ADD-18: in profile H the first key to sign needs no other one, and no time."""

    profile, shared = "H", SHARED
    listed_keys: list[str] = []

    async def test_it_is_used_at_once(self) -> None:
        self.assertIsNone(self.signs_with())
        self.assertEqual(await self.told(self.keys.publish(key_id(OLD))), "published")
        self.assertIsNone(self.host.requests[0].find("Body/KeyChange/Sig"))
        self.assertEqual(self.signs_with(), key_id(OLD))
        await self.told(self.keys.publish(key_id(NEXT)))
        self.assertIsNotNone(self.host.requests[1].find("Body/KeyChange/Sig"))

    async def test_who_had_one_has_no_first_one(self) -> None:
        self.listed[1]["keys"] = listed("V1001 long ago", withdrawn_from=times.to_text(NOW - DAY))
        await self.restart()
        self.refused(OLD, NEXT)
        self.assertFalse(Standing(self.player).usable(key_id("V1001 long ago"), NOW))


if __name__ == "__main__":
    unittest.main()
