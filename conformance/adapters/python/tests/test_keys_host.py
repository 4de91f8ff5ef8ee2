"""Keys at the Host: who gets a key listed or taken back, what entries then say, and how shared keys follow one another."""

from __future__ import annotations

import base64
import dataclasses
import secrets
import unittest
from typing import Any

from quickpay import boxes, documents, rsa, signing, times, xml
from quickpay.host import Host
from quickpay.keys import Key, Keys, pair_key, seal_right, sealed
from quickpay.tables import PATH_OF, family_of
from quickpay.xml import Node, element, leaf
from tests import four, test_entries
from tests.keys import ALWAYS, listed, private, to_sign
from tests.world import ADDRESSES, NOW, WALLET

DAY = 86_400_000
EPOCH = 90 * DAY


def key_id(name: str) -> str:
    return signing.published(listed(name))[0].key_id


def signed(node: Node, purpose: str, by: str) -> Node:
    return signing.Signer(to_sign(by)).sign(purpose, signing.unsigned(node), NOW)


def new_key(name: str, player: str = "V1001", by: str | None = None, **changes: str) -> Node:
    """A key with its proof."""
    fields = {"Usage": "sign", "NotBefore": ALWAYS["not_before"], "NotAfter": ALWAYS["not_after"], **changes}
    public = leaf("PubKey", listed(name)[0]["key"])
    plain = element("Key", leaf("Player", player), public, *(leaf(field, text) for field, text in fields.items()))
    return signed(plain, "key-proof", by or name)


def change(key: Node, by: str | None = "V1001", purpose: str = "key-rollover") -> Node:
    plain = element("KeyChange", key)
    return plain if by is None else signed(plain, purpose, by)


def withdrawal(name: str, by: str, since: str = "2026-11-22T12:00:00Z", player: str = "V1001", purpose: str = "key-withdrawal") -> Node:
    return signed(element("Withdrawal", leaf("Player", player), leaf("KeyId", key_id(name)), leaf("Reason", "leaked"), leaf("From", since)),
                  purpose, by)


class Keyed(test_entries.Asking):
    """A Host that has keys with everybody, to whose key others seal."""

    profile = "H"
    settings = {"signing_keys": to_sign("H1"), "sealing_keys": to_sign("H1 seals")}

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.listed = [{"id": "B7", "role": "broker", "endpoints": [{"address": ADDRESSES["B7"], "port": 8102}]},
                       {"id": "V1001", "role": "vendor", "endpoints": [{"address": ADDRESSES["V1001"], "port": 8103}], "keys": listed("V1001")},
                       {"id": WALLET, "role": "wallet", "bound": [ADDRESSES[WALLET]]}]
        self.know()
        self.owners: dict[str, list[Key]] = {}
        self.share({"epoch": 1, "until": NOW + EPOCH})

    def know(self) -> None:
        self.player.directory.replace(self.listed)

    def share(self, *epochs: dict[str, Any], peers: tuple[str, ...] = ("B7", "V1001", WALLET)) -> None:
        for peer in peers:
            self.owners[peer] = [Key(one["epoch"], self.secret(peer, one["epoch"]), one["until"]) for one in epochs]
            self.player.keys.replace(peer, self.owners[peer])

    @staticmethod
    def secret(peer: str, epoch: int) -> bytes:
        return bytes.fromhex(four.HOST_KEYS[peer])[:-1] + bytes([epoch])

    def restart(self) -> None:
        """What it must not forget is in the store, and what its owner says comes again."""
        self.player.keys = Keys("H1", "H1", [])
        for peer, keys in self.owners.items():
            self.player.keys.replace(peer, keys)
        self.host = Host(self.player, self.settings)
        self.host.load()

    async def say(self, message: str, part: Any, sender: str = "V1001", key: Key | None = None) -> str:
        """The code that answers a request; its Auth is with the key of epoch 1 unless there is another one."""
        key = key or Key(1, self.secret(sender, 1), None)
        identity = documents.Identity(sender, "H1", self.profile)
        data = documents.request(identity, message, "H1", documents.fresh_id(), self.clock.now(),
                                 *(part if isinstance(part, tuple) else (part,)), key=key if self.profile == "H" else None)
        answer = await self.host.front.handle(PATH_OF[message], data, ADDRESSES[sender])
        self.answer = xml.read(answer, family_of(PATH_OF[message]))
        self.assertEqual(self.answer.child("Auth") is not None and seal_right(self.answer, key), self.proven())
        return self.answer.get("Body/Status/Code") or ""

    def proven(self) -> bool:
        """Whether the answer has to have an Auth."""
        return self.profile == "H"

    async def publish(self, node: Node, sender: str = "V1001") -> str:
        return await self.say("PublishKey", node, sender)

    async def withdraw(self, node: Node) -> str:
        return await self.say("WithdrawKey", node)

    async def shown(self, name: str = "V1001") -> list[tuple[str, str | None]]:
        """The keys of an entry, and from when on they are withdrawn."""
        entry = await self.entry(test_entries.by_id("broker" if name == "B7" else "vendor", name))
        return [(one.get("KeyId") or "", one.get("WithdrawnFrom")) for one in test_entries.many(entry, "Key")]


class Published(Keyed):
    async def test_a_further_key(self) -> None:
        """QP-ADD-18, D9: in the next entry besides the one that was there, and after a restart; it can say the next one."""
        self.assertEqual(await self.publish(change(new_key("V next"))), "QP-OK")
        self.assertEqual(await self.shown(), [(key_id("V1001"), None), (key_id("V next"), None)])
        self.know()
        self.restart()
        self.assertEqual(await self.publish(change(new_key("V third", Usage="seal"), by="V next")), "QP-OK")
        self.assertEqual([name for name, _ in await self.shown()], [key_id("V1001"), key_id("V next"), key_id("V third")])
        claim = signed(element("Thing", leaf("Amount", "1")), "batch-claim", "V next")
        told = signing.Signed("V1001", "vendor", "batch-claim", claim)
        self.assertIsNone(self.player.unbelievable([told]))
        sealing = signed(element("Thing", leaf("Amount", "1")), "batch-claim", "V third")
        self.assertEqual(self.player.unbelievable([dataclasses.replace(told, node=sealing)]), "QP-E-KEY")

    async def test_what_is_refused(self) -> None:
        """QP-ADD-18: D1 and D3 to D8, and nothing is listed then."""
        old = {"NotBefore": "2025-01-01T00:00:00Z", "NotAfter": times.to_text(NOW - 1000)}
        backwards = {"NotBefore": "2027-01-02T00:00:00Z", "NotAfter": "2027-01-01T00:00:00Z"}
        wrong = [(change(new_key("V next", player="B7")), "QP-E-FORBIDDEN"), (change(new_key("V1001")), "QP-E-EXISTS"),
                 (change(new_key("V next", **old)), "QP-E-KEY"), (change(new_key("V next", **backwards)), "QP-E-KEY"),
                 (change(new_key("V next"), by="V next"), "QP-E-KEY"), (change(new_key("V next"), by="B7"), "QP-E-KEY"),
                 (change(new_key("V next"), purpose="key-proof"), "QP-E-SIGNATURE"), (change(new_key("V next", by="B7")), "QP-E-SIGNATURE"),
                 (change(misnamed("V next")), "QP-E-SIGNATURE")]
        for node, code in wrong:
            self.assertEqual(await self.publish(node), code)
        self.assertEqual(await self.shown(), [(key_id("V1001"), None)])

    async def test_weak_keys(self) -> None:
        """QP-ADD-18, D5: however they are signed."""
        for weak in (private("small", 1024), private("three", 2048, 3)):
            text = base64.b64encode(rsa.write_public(weak.public)).decode("ascii")
            key = element("Key", *(leaf("PubKey", text) if one.name == "PubKey" else one for one in new_key("V next").children))
            self.assertEqual(await self.publish(change(key)), "QP-E-KEY")

    async def test_who_speaks_for_a_key(self) -> None:
        """QP-ADD-18, D7: a key that is over, future, withdrawn or to seal lists no other."""
        moments = {"not_after": "2026-11-22T11:00:00Z"}, {"not_before": "2026-11-22T13:00:00Z"}
        for changes in (*moments, {"withdrawn_from": times.to_text(NOW)}, {"usage": "seal"}):
            self.listed[1]["keys"] = listed("V1001", **changes)
            self.know()
            self.assertEqual(await self.publish(change(new_key("V next"))), "QP-E-KEY", changes)
        self.listed[1]["keys"] = listed("V1001", withdrawn_from=times.to_text(NOW + 1000))
        self.know()
        self.assertEqual(await self.publish(change(new_key("V next"))), "QP-OK")

    async def test_no_room(self) -> None:
        """QP-ADD-20, D4: an entry has sixteen keys, whatever became of them."""
        others = [{**listed("V1001")[0], "key": f"AAA{letter}", "withdrawn_from": "2026-01-02T00:00:00Z"} for letter in "ABCDEFGHIJKLMN"]
        self.listed[1]["keys"] = [*listed("V1001"), *others]
        self.know()
        self.assertEqual(await self.publish(change(new_key("V next"))), "QP-OK")
        self.assertEqual(await self.publish(change(new_key("V third"))), "QP-E-TOO-MANY")
        self.assertEqual(self.answer.get("Body/Status/Retry"), "no")
        self.assertEqual(len(await self.shown()), 16)

    async def test_who_was_removed(self) -> None:
        """QP-ADD-23, D2: publishes nothing, and may still withdraw."""
        self.listed[1]["removed"] = True
        self.know()
        self.assertEqual(await self.publish(change(new_key("V next"))), "QP-E-GONE")
        self.assertEqual(await self.withdraw(withdrawal("V1001", by="V1001")), "QP-OK")


def misnamed(name: str) -> Node:
    """A key whose proof is right and names another one."""
    key = new_key(name)
    sig = element("Sig", leaf("KeyId", key_id("V1001")), leaf("Value", key.get("Sig/Value") or ""))
    return element("Key", *key.children[:-1], sig)


class Firsts(Keyed):
    async def test_the_first_key_to_sign_needs_no_word(self) -> None:
        """QP-ADD-18, D6: once, and no key to seal; the code of the request stands for it."""
        self.assertEqual(await self.publish(change(new_key("B seals", "B7", Usage="seal"), by=None), "B7"), "QP-E-SIGNATURE")
        self.assertEqual(await self.publish(change(new_key("B7", "B7"), by=None), "B7"), "QP-OK")
        self.assertEqual(await self.publish(change(new_key("B next", "B7"), by=None), "B7"), "QP-E-SIGNATURE")
        self.assertEqual(await self.publish(change(new_key("B seals", "B7", Usage="seal"), by="B7"), "B7"), "QP-OK")
        self.assertEqual(await self.shown("B7"), [(key_id("B7"), None), (key_id("B seals"), None)])

    async def test_a_key_that_is_over_was_a_first_one(self) -> None:
        self.listed[0]["keys"] = listed("B7", not_after="2026-02-01T00:00:00Z")
        self.know()
        self.assertEqual(await self.publish(change(new_key("B next", "B7"), by=None), "B7"), "QP-E-SIGNATURE")


class PublishedInF(Published):
    profile = "F"

    async def test_without_its_word_it_breaks_the_profile(self) -> None:
        data = change(new_key("B7", "B7"), by=None)
        self.assertEqual(await self.publish(data, "B7"), "QP-E-PROFILE")


class Withdrawn(Keyed):
    async def test_it_is_shown_and_counts(self) -> None:
        """QP-ADD-18, D14: the earliest counts, over a restart; the owner's date as well."""
        for since, earliest in (("2026-11-24T00:00:00Z", "2026-11-24T00:00:00Z"), ("2026-11-25T00:00:00Z", "2026-11-24T00:00:00Z"),
                                ("2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z")):
            self.assertEqual(await self.withdraw(withdrawal("V1001", "V1001", since)), "QP-OK")
            self.restart()
            self.assertEqual(await self.shown(), [(key_id("V1001"), earliest)])
        self.assertEqual(await self.publish(change(new_key("V next"))), "QP-E-KEY")
        for owners, earliest in (("2026-11-19T00:00:00Z", "2026-11-19T00:00:00Z"), ("2026-11-21T00:00:00Z", "2026-11-20T00:00:00Z")):
            self.listed[1]["keys"] = listed("V1001", withdrawn_from=owners)
            self.know()
            self.assertEqual(await self.shown(), [(key_id("V1001"), earliest)])

    async def test_by_another_key_that_is_good(self) -> None:
        """QP-ADD-18: and one that was withdrawn withdraws itself alone."""
        self.assertEqual(await self.publish(change(new_key("V next"))), "QP-OK")
        self.assertEqual(await self.withdraw(withdrawal("V1001", "V next")), "QP-OK")
        self.assertEqual(await self.withdraw(withdrawal("V next", "V1001")), "QP-E-KEY")
        self.assertEqual(await self.withdraw(withdrawal("V1001", "V1001", "2026-11-01T00:00:00Z")), "QP-OK")
        self.assertEqual(await self.shown(), [(key_id("V1001"), "2026-11-01T00:00:00Z"), (key_id("V next"), None)])

    async def test_what_is_refused(self) -> None:
        """QP-ADD-18: D10 to D13, and the key is as good as before; a key to seal signs nothing."""
        self.listed[1]["keys"] += listed("V seals", usage="seal")
        self.know()
        wrong = [(withdrawal("V1001", "V1001", player="B7"), "QP-E-FORBIDDEN"), (withdrawal("B7", "V1001"), "QP-E-KEY"),
                 (withdrawal("V1001", "B7"), "QP-E-KEY"), (withdrawal("V seals", "V seals"), "QP-E-KEY"),
                 (withdrawal("V1001", "V seals"), "QP-E-KEY"), (withdrawal("V1001", "V1001", purpose="key-rollover"), "QP-E-SIGNATURE")]
        for node, code in wrong:
            self.assertEqual(await self.withdraw(node), code)
        self.assertEqual(await self.shown(), [(key_id("V1001"), None), (key_id("V seals"), None)])
        self.assertEqual(await self.withdraw(withdrawal("V seals", "V1001")), "QP-OK")


class WithdrawnInF(Withdrawn):
    profile = "F"


class Shared(Keyed):
    async def get(self, sender: str = "V1001", peer: str | None = None, key: Key | None = None) -> str:
        """Asks for the own key, or for that with a Broker; what comes is in ``given``."""
        self.reply, nonce = secrets.token_hex(32), secrets.token_hex(16)
        inner = element("GetPairKeyInner", leaf("Want", "own" if peer is None else "pair"), None if peer is None else leaf("Peer", peer),
                        leaf("ReplyKey", self.reply), leaf("Nonce", nonce))
        code = await self.say("GetPairKey", lambda outer: boxes.sealed(private("H1 seals").public, inner, outer), sender, key)
        told = boxes.answer_of("GetPairKey", self.answer, self.reply, nonce)
        self.assertEqual(told is not None, code == "QP-OK")
        if told is not None:
            self.given = Key(int(told.get("Shared/Epoch") or 0), bytes.fromhex(told.get("Shared/Key") or ""),
                             times.after_last_second(told.get("Shared/ValidTo") or ""))
        return code

    async def pass_time(self, milliseconds: int) -> None:
        await self.clock.advance(milliseconds, self.player.activity.quiet)


class Own(Shared):
    async def test_the_last_one_until_the_next_is_due(self) -> None:
        """QP-ADD-21, D20 D21: T_dir before its last second, random, always the same, also after a restart."""
        await self.pass_time(EPOCH - DAY - 2000)
        self.assertEqual(await self.get(), "QP-OK")
        self.assertEqual((self.given.epoch, self.given.value), (1, self.secret("V1001", 1)))
        await self.pass_time(1000)
        self.assertEqual(await self.get(), "QP-OK")
        following = self.given
        self.assertEqual((following.epoch, following.until), (2, self.clock.now() + EPOCH + 1000))
        self.assertEqual(await self.get("B7"), "QP-OK")
        self.assertNotEqual(self.given.value, following.value)
        self.restart()
        for key in (None, following):
            self.assertEqual(await self.get(key=key), "QP-OK")
            self.assertEqual(self.given, following)

    async def test_codes_of_both_epochs_count_until_the_first_is_over(self) -> None:
        """QP-ADD-21: and what the Host says by itself is under the earlier one."""
        await self.pass_time(EPOCH - DAY)
        await self.get()
        following = self.given
        for key in (None, following):
            self.assertEqual(await self.say("WithdrawKey", withdrawal("V1001", "V1001"), key=key), "QP-OK")
        self.assertEqual((await self.receipt()).get("Mac/KeyRef"), "1")
        await self.pass_time(DAY)
        self.assertEqual((await self.receipt()).get("Mac/KeyRef"), "2")
        self.proven = lambda: False  # type: ignore[method-assign]
        self.assertEqual(await self.withdraw(withdrawal("V1001", "V1001")), "QP-E-FORBIDDEN")

    async def receipt(self) -> Node:
        """The Host's, for the Vendor, of a commitment that its Broker registers."""
        ref = element("OrderRef", leaf("Kind", "micro"), leaf("Vendor", "V1001"), leaf("OrderId", "1"), leaf("Amount", 1),
                      leaf("Currency", "USD"), leaf("Expires", times.to_text(NOW)), leaf("Digest", secrets.token_hex(32)))
        now = times.to_text(self.clock.now())
        told = (ref, leaf("Wallet", WALLET), leaf("CommitId", "c" * 32), leaf("CommittedAt", now), leaf("SettleBy", now))
        self.share({"epoch": 1, "until": None}, peers=("B7",))
        self.assertEqual(await self.say("RegisterCommit", told, "B7"), "QP-OK")
        found = self.answer.find("Body/HostReceipt")
        assert found is not None
        return found

    async def test_who_slept(self) -> None:
        """QP-ADD-21: a key that is over fetches its successor for T_retain, and nothing else."""
        self.assertEqual(self.player.milliseconds("T_retain"), 396 * DAY)
        self.player._parameters["T_retain"] = 30 * DAY // 1000
        await self.pass_time(EPOCH + 30 * DAY - 1000)
        self.assertEqual(await self.get(peer="B7"), "QP-E-KEY")
        self.assertEqual(await self.get(), "QP-OK")
        self.assertEqual(self.given.epoch, 2)
        self.proven = lambda: False  # type: ignore[method-assign]
        self.assertEqual(await self.withdraw(withdrawal("V1001", "V1001")), "QP-E-FORBIDDEN")
        await self.pass_time(1000)
        self.assertEqual(await self.get(), "QP-E-FORBIDDEN")

    async def test_a_key_without_an_end_gets_one(self) -> None:
        """QP-ADD-21: T_dir after its first successor was given."""
        self.share({"epoch": 7, "until": None})
        old = Key(7, self.secret("V1001", 7), None)
        self.assertEqual(await self.get(key=old), "QP-OK")
        self.assertEqual(self.given.epoch, 8)
        self.restart()
        self.assertEqual([key.until for key in self.player.keys.of("V1001")], [NOW + DAY + 1000, NOW + EPOCH + 1000])

    async def test_who_gets_none(self) -> None:
        """QP-ADD-23, QP-ADD-21: D15, and who makes a code of its own."""
        self.listed[1]["removed"] = True
        self.know()
        self.assertEqual(await self.get(), "QP-E-GONE")
        self.proven = lambda: False  # type: ignore[method-assign]
        for epoch in (1, 2):
            self.assertEqual(await self.get(key=Key(epoch, bytes(32), None)), "QP-E-FORBIDDEN")


class Pairs(Shared):
    async def test_of_the_epoch_of_the_broker(self) -> None:
        """QP-ADD-21, D19: as the Broker derives it from the last key that it has."""
        self.assertEqual(await self.get(peer="B7"), "QP-OK")
        self.assertEqual(self.given, pair_key(Key(1, self.secret("B7", 1), NOW + EPOCH), "V1001", "B7"))
        await self.pass_time(EPOCH - DAY)
        await self.get("B7")
        following = self.given
        self.assertEqual(await self.get(peer="B7"), "QP-OK")
        self.assertEqual(self.given, pair_key(following, "V1001", "B7"))

    async def test_what_is_refused(self) -> None:
        """QP-ADD-21: D17 and D18."""
        for sender in ("B7", WALLET):
            self.assertEqual(await self.get(sender, "B7"), "QP-E-FORBIDDEN")
        self.assertEqual(await self.get(peer="B9"), "QP-E-BROKER")
        self.share({"epoch": 1, "until": NOW}, peers=("B7",))
        self.assertEqual(await self.get(peer="B7"), "QP-E-BROKER")
        self.share({"epoch": 1, "until": NOW + 1}, peers=("B7",))
        self.assertEqual(await self.get(peer="B7"), "QP-OK")
        self.listed[0]["removed"] = True
        self.know()
        self.assertEqual(await self.get(peer="B7"), "QP-E-BROKER")

    async def test_of_a_key_without_an_end(self) -> None:
        """QP-ADD-21: it says no more than holds, whenever the Broker asks for its next one."""
        self.share({"epoch": 1, "until": None}, peers=("B7",))
        self.assertEqual(await self.get(peer="B7"), "QP-OK")
        said = self.given
        await self.get("B7")
        self.assertEqual([said.until], [key.until for key in self.player.keys.of("B7")][:1])


class SharedInF(Shared):
    profile = "F"

    async def test_there_is_nothing_to_share(self) -> None:
        """QP-ADD-21, D16: no code, no key."""
        for sender, peer in (("V1001", None), ("V1001", "B7"), ("B7", "B7")):
            self.assertEqual(await self.get(sender, peer), "QP-E-KEY")


if __name__ == "__main__":
    unittest.main()
