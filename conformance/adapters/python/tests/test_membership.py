"""A Wallet and a Broker that register themselves, and what they take for an answer (protocol.md section 15)."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

from quickpay import signing, times, xml
from quickpay.broker import Broker
from quickpay.player import Refused
from quickpay.store import MemoryStore
from quickpay.wallet import Wallet
from quickpay.xml import Node, element, leaf
from tests.keyhost import TICKETS, W9, KeyHost, Registers
from tests.keys import listed, to_sign
from tests.world import ADDRESSES, NOW, PAYCARD, WALLET, _listed

HOME = ADDRESSES[WALLET]
SOFTWARE = {"name": "mine", "version": "2.1", "release_hash": "ab" * 32}


class Newcomer(Registers):
    """A player without an id, and a Host that gives it one."""

    core: type[Wallet] | type[Broker] = Wallet
    address = HOME
    settings: dict[str, Any] = {"paycards": [PAYCARD], "signing_keys": to_sign("W9"), "software": SOFTWARE}

    async def asyncSetUp(self) -> None:
        self.host, self.store = KeyHost(self.profile), MemoryStore()
        self.clock = self.host.clock
        self.listed = [{**_listed("H1", await self.host.server.start(ADDRESSES["H1"])), "keys": listed("H1 seals", usage="seal")},
                       _listed("V1001", 1)]
        self.start()
        self.addAsyncCleanup(self.host.server.stop)

    def register(self) -> str:
        return str(self.registration.register())

    async def registered(self) -> None:
        self.assertEqual(await self.told(self.register()), ("registered", None))

    async def wait(self, seconds: int = 5) -> None:
        await self.clock.advance(seconds * 1000, self.player.activity.quiet)

    def inside(self, number: int = -1) -> Node:
        return self.host.asked[number]


class Laws:
    """What holds for whoever registers."""

    async def test_it_has_its_id_for_good(self: Any) -> None:
        """QP-WAL-005, QP-ROLE-007."""
        await self.registered()
        for _ in range(2):
            self.assertEqual(self.player.me.player, self.name)
            with self.assertRaises(Refused):
                self.register()
            await self.restart()
        self.assertEqual([name for name in ("reply_key", "nonce", "call") if name in self.store.get("registration")], [])

    async def test_it_is_repeated_over_a_restart(self: Any) -> None:
        """QP-ADD-01: the same bytes, until there is an answer."""
        self.host.codes = [None, "QP-E-BUSY"]
        ref = self.register()
        self.assertEqual(await self.told(ref), (None, None))
        await self.restart()
        await self.wait()
        self.assertEqual((await self.told(ref), len({xml.write(one) for one in self.host.requests})), (("registered", None), 1))

    async def test_a_box_for_somebody_else_is_no_answer(self: Any) -> None:
        """QP-ADD-21: nor one with a shared key where there is none, or without one where there has to be one."""
        for spoilt in ("nonce", "reply-key", "shared"):
            self.host.spoilt = spoilt
            ref = self.register()
            self.assertEqual((await self.told(ref), self.player.me.player, self.player.keys.best("H1", NOW)), ((None, None), "", None))
            await self.wait()
            self.assertEqual(await self.told(ref), ("registered", None))
            self.store.commit({key: None for key, _ in [*self.store.under("registration"), *self.store.under("shared/")]})
            await self.restart()

    async def test_who_was_refused_begins_anew(self: Any) -> None:
        self.host.codes = ["QP-E-ADDRESS"]
        self.assertEqual((await self.told(self.register()), self.player.me.player), (("refused", "peer-error"), ""))
        await self.registered()
        sealed = [one.get("Body/Sealed/WrappedKey") for one in self.host.requests]
        self.assertEqual((len(set(sealed)), len(sealed)), (2, 2))

    async def test_its_keys_prove_themselves(self: Any) -> None:
        """QP-ADD-18: each for this request alone, and they sign at once."""
        await self.registered()
        keys = [child for child in self.inside().children if child.name == "Key"]
        for key in keys:
            [known] = [one for name, use in self.own_keys for one in signing.published(listed(name, usage=use)) if one.key_id == key.get("Sig/KeyId")]
            self.assertTrue(signing.right(known, "key-proof", key))
            self.assertEqual((key.get("Nonce"), key.get("Usage")), (self.inside().get("Nonce"), known.usage))
        self.assertEqual(len(keys), len(self.own_keys))
        self.assertIsNotNone(self.one.succession._signer.current("directory", NOW))

    async def test_nobody_to_seal_to(self: Any) -> None:
        self.listed[0]["keys"] = []
        await self.restart()
        with self.assertRaises(Refused):
            self.register()

    async def test_twin_that_opens_no_box(self: Any) -> None:
        """Left out: the check of the box. What the test of the boxes looks at comes out otherwise."""
        if self.profile == "F":
            self.host.spoilt = "shared"
            with mock.patch("quickpay.joining.Joining._shared", lambda *_: True):
                self.assertEqual(await self.told(self.register()), ("registered", None))

    async def test_twin_that_forgets(self: Any) -> None:
        """Left out: keeping the request. After a restart nothing goes on."""
        self.host.codes = [None]
        with mock.patch.object(self.store, "_apply", lambda changes: None):
            ref = self.register()
            await self.player.activity.quiet()
        await self.restart()
        await self.wait()
        self.assertEqual(await self.told(ref), ("forgotten", "out-of-state"))


class WalletRegisters(Laws, Newcomer):
    name, own_keys = W9, [("W9", "sign")]

    async def test_what_it_says(self) -> None:
        """QP-WAL-013, QP-ANON-006: where it is and what it is, and nothing else."""
        await self.registered()
        inner = self.inside()
        self.assertEqual([child.name for child in inner.children], ["Software", "Net", "Key", "ReplyKey", "Nonce"])
        self.assertEqual((inner.get("Net/Addr"), inner.get("Net/Prefix"), inner.get("Software/ReleaseHash")), (HOME, "32", "ab" * 32))
        self.assertEqual((self.registration.ticket(), self.registration.nets()), (TICKETS[0], [f"{HOME}/32"]))

    async def test_without_software_of_its_owners(self) -> None:
        self.settings = {**self.settings, "software": None, "signing_keys": []}
        await self.restart()
        await self.registered()
        self.assertEqual((self.inside().get("Software/Version"), self.inside().find("Key")), ("1.0", None))
        self.assertRegex(self.inside().get("Software/ReleaseHash") or "", "^[0-9a-f]{64}$")

    async def test_nothing_is_bought_without_an_id(self) -> None:
        """QP-WAL-006: before it registered, and after it left."""
        with self.assertRaises(Refused):
            self.one.open_link("V1001", "news-1")
        await self.registered()
        self.one.open_link("V1001", "news-1")
        self.assertEqual(await self.told(self.registration.leave()), ("gone", None))
        with self.assertRaises(Refused):
            self.one.open_link("V1001", "news-1")
        with self.assertRaises(Refused):
            self.register()

    async def test_addresses_that_no_host_takes(self) -> None:
        for wrong in ([], [HOME], [f"{HOME}/24"], ["nowhere/32"], ["::ffff:127.0.0.1/128"], [f"{HOME}/32"] * 9):
            with self.assertRaises(Refused):
                self.registration.register(wrong)
        self.assertEqual(self.host.requests, [])

    async def test_another_place_and_ticket(self) -> None:
        """QP-ADM-013, QP-ANON-012."""
        for act in (lambda: self.registration.rebind([f"{HOME}/32"]), self.registration.leave):
            with self.assertRaises(Refused):
                act()
        await self.registered()
        nets = [f"{HOME}/32", "2001:db8::/64"]
        self.assertEqual(await self.told(self.registration.rebind(nets, new_ticket=True)), ("changed", None))
        self.assertEqual((self.registration.ticket(), self.registration.nets()), (TICKETS[1], nets))
        self.assertEqual([child.name for child in self.inside().children], ["Net", "Net", "NewTicket", "ReplyKey", "Nonce"])
        self.assertEqual(await self.told(self.registration.rebind([], software=True)), ("changed", None))
        self.assertEqual((self.registration.ticket(), self.registration.nets()), (TICKETS[1], nets))

    async def test_a_change_that_is_refused(self) -> None:
        await self.registered()
        self.host.codes = ["QP-E-ADDRESS"]
        self.assertEqual(await self.told(self.registration.rebind(["127.9.9.9/32"], True)), ("refused", "peer-error"))
        self.assertEqual((self.registration.ticket(), self.registration.nets()), (TICKETS[0], [f"{HOME}/32"]))
        self.host.spoilt = "nonce"
        ref = self.registration.rebind([], True)
        self.assertEqual((await self.told(ref), self.registration.ticket()), ((None, None), TICKETS[0]))
        await self.restart()
        await self.wait()
        self.assertEqual((await self.told(ref), self.registration.ticket()), (("changed", None), TICKETS[1]))

    async def test_the_end(self) -> None:
        """QP-ADD-23: the Host says that it was removed."""
        for act, why in ((lambda: self.registration.rebind([f"{HOME}/32"]), "revoked"), (self.registration.leave, None)):
            await self.registered()
            self.host.codes = ["QP-E-GONE"]
            self.assertEqual((await self.told(act()), self.store.get("registration")["state"]), (("gone", why), "GONE"))
            self.store.commit({"registration": None})
            await self.restart()


class WalletRegistersSealed(Laws, Newcomer):
    profile, name, own_keys = "H", W9, [("W9", "sign")]

    async def changing(self, *codes: str | None, after: int) -> str:
        """A change whose first attempt got no answer, and that goes on so much later."""
        await self.registered()
        key = self.player.keys.best("H1", NOW)
        self.host.keys["2"] = key  # type: ignore[assignment]
        self.host.codes = list(codes)
        ref: str = self.registration.rebind([f"{HOME}/32"])
        await self.player.activity.quiet()
        await self.clock.advance(after, self.player.activity.quiet)
        return ref

    async def test_a_change_that_grew_old_is_over(self) -> None:
        """Section 9: what is sealed cannot be written anew, and is refused; the next one is another request."""
        ref = await self.changing(None, *[None] * 8, "QP-E-STALE", after=900_000)
        self.assertEqual(await self.told(ref), ("refused", "peer-error"))
        self.assertEqual(len({one.get("Head/MsgId") for one in self.host.requests[1:]}), 1)
        self.assertEqual(await self.told(self.registration.rebind([f"{HOME}/32"])), ("changed", None))

    async def test_a_change_under_a_key_that_is_over(self) -> None:
        ref = await self.changing(*[None] * 400, after=100_000)
        self.player.keys.add({"peer": "H1", "epoch": 2, "key": "22" * 32, "valid_to": times.to_text(self.clock.now())})
        await self.wait(1200)
        self.assertEqual(await self.told(ref), ("refused", "peer-error"))

    async def test_twin_that_writes_it_anew(self) -> None:
        with mock.patch("quickpay.joining.SEALED", frozenset()):
            await self.changing("QP-E-STALE", after=60_000)
        self.assertGreater(len({one.get("Head/MsgId") for one in self.host.requests[1:]}), 1)

    async def test_it_leaves(self) -> None:
        await self.registered()
        self.host.keys["2"] = self.player.keys.best("H1", NOW)  # type: ignore[assignment]
        self.assertEqual(await self.told(self.registration.leave()), ("gone", None))


class Banking(Newcomer):
    core, address = Broker, ADDRESSES["B7"]
    settings = {"signing_keys": to_sign("B9"), "sealing_keys": to_sign("B9 seals"),
                "policy": {"commission_bp": 150, "source_addresses": ["127.30.1.98"], "currencies": ["USD"],
                           "oldest_paycards": [{"product": "card", "version": "1.2"}]}}
    name, own_keys = "B9", [("B9", "sign"), ("B9 seals", "seal")]

    def register(self) -> str:
        return str(self.registration.register("ENROL-1", "The Bank"))


class BrokerRegisters(Laws, Banking):
    async def test_what_it_says(self) -> None:
        """QP-ROLE-025, QP-ROLE-019."""
        await self.registered()
        inner = self.inside()
        told = {child.name: child.text for child in inner.children if not child.children}
        self.assertEqual((told["EnrolmentCode"], told["Name"], told["SourceAddr"], told["Currency"], told["CommissionBp"]),
                         ("ENROL-1", "The Bank", "127.30.1.98", "USD", "150"))
        self.assertEqual((inner.get("Endpoint/Port"), inner.get("MinPaycard/Version")), ("4700", "1.2"))
        self.assertEqual((self.registration.place(), self.store.get("registration")["fee_bp"]), (self.player.place, "5000"))

    async def test_keys_that_are_too_few_or_too_many(self) -> None:
        for more in ({"sealing_keys": []}, {"signing_keys": []}, {"signing_keys": [to_sign(f"B9 {n}")[0] for n in range(4)]}):
            self.settings = {**Banking.settings, **more}
            await self.restart()
            with self.assertRaises(Refused):
                self.register()
        self.assertEqual(self.host.requests, [])

    async def test_terms_that_no_entry_can_say(self) -> None:
        for wrong in ({"currencies": ["USD"] * 201}, {"oldest_paycards": [{"product": "card", "version": "1"}] * 17}, {"source_addresses": ["here"]}):
            with self.assertRaises(ValueError):
                Broker(self.player, {**self.settings, "policy": wrong})

    async def test_changes_are_never_of_one_moment(self) -> None:
        """QP-ADM-013: signed, and each later than the one before, whatever the Host said to that."""
        with self.assertRaises(Refused):
            self.registration.rename("Other")
        await self.registered()
        key, moments = signing.published(listed("B9"))[0], []
        for code, told in (("QP-OK", "changed"), ("QP-E-CONFLICT", "refused"), ("QP-OK", "changed")):
            self.host.codes = [code]
            self.assertEqual((await self.told(self.registration.rename("Other")))[0], told)
            change = self.host.requests[-1].find("Body/BrokerChange")
            assert change is not None
            self.assertTrue(signing.right(key, "broker-change", change))
            moments.append(times.from_text(change.get("ChangedAt") or ""))
            await self.restart()
        self.assertEqual([moment - NOW for moment in moments], [0, 1000, 2000])

    async def test_removed(self) -> None:
        """No message removes a Broker: it stays what it is, and its owner is told why."""
        await self.registered()
        self.host.codes = ["QP-E-GONE"]
        self.assertEqual(await self.told(self.registration.rename("Other")), ("refused", "revoked"))
        self.assertEqual(self.store.get("registration")["state"], "REGISTERED")

    async def test_another_place(self) -> None:
        await self.registered()
        self.player.place = (self.address, 4711)
        self.assertEqual(await self.told(self.registration.rename("Other")), ("changed", None))
        self.assertEqual(self.host.requests[-1].get("Body/BrokerChange/Endpoint/Port"), "4711")
        self.assertEqual(self.registration.place(), self.player.place)

    async def test_it_believes_what_it_signed(self) -> None:
        """QP-ADD-18: it is in no directory of its own, and knows its keys all the same; one that it withdrew counts no more."""
        await self.registered()
        signed = signing.Signed("B9", "broker", "commitment", self.one.succession._signer.sign("commitment", element("A", leaf("B", "c")), NOW))
        self.assertIsNone(self.player.unbelievable([signed]))
        self.store.commit({"key-withdrawn/" + signing.published(listed("B9"))[0].key_id: NOW})
        self.assertEqual(self.player.unbelievable([signed]), "QP-E-KEY")


class BrokerRegistersSealed(Laws, Banking):
    profile = "H"

    async def test_it_derives_the_keys_of_vendors(self) -> None:
        """QP-ADD-21: from the key that came with its id."""
        await self.registered()
        for _ in range(2):
            key = self.player.keys.best("V1001", NOW)
            self.assertEqual(None if key is None else key.epoch, 2)
            await self.restart()


if __name__ == "__main__":
    unittest.main()
