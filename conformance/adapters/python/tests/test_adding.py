"""Add Paycard between this Wallet and this Broker: every answer, lock, restart and removal (protocol.md section 14)."""

from __future__ import annotations

import unittest
from typing import Any
from unittest import mock

from quickpay import adding, boxes, signing
from quickpay.player import Refused
from quickpay.xml import Node, element, leaf
from tests.adding import FILE, OTHER, RIGHT, Adding, manifest
from tests.keys import listed
from tests.world import WALLET

BOXED = boxes.boxed


class Forms(unittest.TestCase):
    """QP-ADM-012: what an answer looks like."""

    def test_a_birthday_before_2000_is_a_day(self) -> None:
        question = {"form": "date", "choices": [], "max_len": 256}
        for value in ("1980-02-29", "1899-12-31", "2026-01-01"):
            self.assertTrue(adding._in_form(question, value), value)
        for value in ("1981-02-29", "1980-2-29", "19800229", "1980-W09-5", "1980-02-29 ", ""):
            self.assertFalse(adding._in_form(question, value), value)


class Added(Adding):
    """QP-ADM-008, QP-ADM-010, QP-ADM-011, QP-ADM-012, QP-PAY-005, QP-PAY-007."""

    async def test_a_paycard_is_added_and_pays(self) -> None:
        ref = await self.begin()
        shown = self.wallet.adding.status(ref)
        self.assertEqual((shown["state"], len(shown["questions"])), ("QUESTIONED", 3))
        self.assertEqual((await self.answer(ref))["state"], "READY")
        self.assertEqual(self.wallet._active()["paycard"], "P7")  # not active until the user says so
        self.wallet.activate("P20")
        await self.buy()
        self.assertEqual([one["account"] for one in self.broker.balance() if one["held"] + one["owed"]], ["a20"])

    async def test_a_wrong_answer_and_the_right_ones(self) -> None:
        ref = await self.begin()
        first = {one["no"] for one in self.wallet.adding.status(ref)["questions"]}
        shown = await self.wrong(ref)
        self.assertEqual((shown["state"], shown["told"]), ("QUESTIONED", "wrong-answers"))
        self.assertFalse(first & {one["no"] for one in shown["questions"]})
        self.assertEqual((await self.answer(ref))["state"], "READY")

    async def test_nothing_that_is_secret_stays(self) -> None:
        ref = await self.begin()
        await self.answer(ref)
        for player in (WALLET, "B7"):
            kept = self.stored(self.players[player])
            for word in ("ISSUE-0", *RIGHT.values()):
                self.assertNotIn(f">{word}<", kept)
                self.assertNotIn(f"'{word}'", kept)
        self.assertNotIn("reply_key", self.wallet.adding._get(ref))
        self.assertIn(self.wallet.adding._get(ref)["secret"], self.stored(self.players["B7"]))

    async def test_it_is_locked_over_sessions(self) -> None:
        for number in range(3):
            ref = await self.begin()
            shown = await self.wrong(ref)
            self.assertEqual(shown["state"], "ABSENT" if number == 2 else "QUESTIONED")
            if number < 2:
                self.wallet.adding.cancel(ref)
        self.assertEqual((shown["told"], shown["code"]), ("refused", "QP-E-LOCKED"))
        self.restart_broker()
        self.assertEqual(self.wallet.adding.status(await self.begin())["code"], "QP-E-LOCKED")
        await self.pass_time(86_401)
        self.assertEqual((await self.answer(await self.begin()))["state"], "READY")

    async def test_wrong_codes_lock_the_wallet(self) -> None:
        codes = [self.wallet.adding.status(await self.begin(f"GUESS-{number}"))["code"] for number in range(3)]
        self.assertEqual(codes, ["QP-E-PAYCARD", "QP-E-PAYCARD", "QP-E-LOCKED"])
        self.assertEqual(self.wallet.adding.status(await self.begin())["code"], "QP-E-LOCKED")  # a right code, too
        await self.pass_time(86_401)
        self.assertEqual(self.wallet.adding.status(await self.begin())["state"], "QUESTIONED")

    async def test_restarts_at_each_step(self) -> None:
        ref = self.wallet.adding.add("card", "ISSUE-0")
        self.restart_wallet()
        await self.quiet()
        self.restart_broker()
        self.restart_wallet()
        self.assertEqual(self.wallet.adding.status(ref)["state"], "QUESTIONED")
        self.assertEqual((await self.answer(ref))["state"], "READY")
        self.restart_wallet()
        self.restart_broker()
        self.wallet.activate("P20")
        await self.buy()
        self.assertEqual([one["account"] for one in self.broker.balance() if one["held"] + one["owed"]], ["a20"])

    async def test_a_session_ends(self) -> None:
        ref = await self.begin()
        await self.pass_time(601)
        self.assertEqual(self.wallet.adding.status(ref)["told"], "expired")
        self.assertEqual(self.broker.enrolments._get("paycard/P20")["state"], "ISSUED")

    async def test_removed_is_for_ever(self) -> None:
        ref = await self.begin()
        await self.answer(ref)
        self.wallet.activate("P20")
        self.wallet.adding.remove("P20")
        await self.quiet()
        self.assertIsNone(self.wallet._active())
        with self.assertRaises(Refused):
            self.wallet.activate("P20")
        self.assertFalse(self.wallet._outbox.waiting("adding/" + ref))
        for _ in range(2):
            self.assertEqual(self.broker.enrolments._get("paycard/P20")["state"], "REMOVED")
            self.assertNotIn((WALLET, "P20"), self.broker._bindings)
            self.restart_broker()
        self.assertIsNone(self.broker.enrolments._enrolment("ISSUE-0", WALLET))

    async def test_a_removal_needs_the_secret(self) -> None:
        ref = await self.begin()
        await self.answer(ref)
        with mock.patch("quickpay.adding.canonical.removal_token", lambda *_: "AAAA"):
            self.wallet.adding.remove("P20")
        await self.quiet()
        self.assertEqual(self.broker.enrolments._get("paycard/P20")["state"], "BOUND")

    async def test_another_wallet_has_no_use_for_the_code(self) -> None:
        await self.answer(await self.begin())
        self.assertIsNone(self.broker.enrolments._enrolment("ISSUE-0", OTHER))
        self.assertIsNotNone(self.broker.enrolments._enrolment("ISSUE-0", WALLET))


class AddedH(Adding):
    """In profile H, where an endorsement counts only with the answer of the Paycard that was added."""

    profile = "H"

    async def test_a_paycard_is_added_and_pays(self) -> None:
        self.assertEqual((await self.answer(await self.begin()))["state"], "READY")
        self.wallet.activate("P20")
        ref = await self.buy()
        self.assertEqual(self.wallet.status(ref)["state"], "DONE")


class Guarded(Adding):
    """What the Broker refuses of a Wallet (QP-ADM-006, QP-ADM-008, QP-ADD-18, QP-WAL-006), and what it keeps (QP-PAY-007)."""

    async def code(self) -> str | None:
        return self.wallet.adding.status(await self.begin())["code"]

    async def test_a_wallet_says_who_it_is_and_lives(self) -> None:
        info = element("WalletInfo", leaf("WalletId", OTHER))
        with mock.patch.object(self.wallet.adding, "_wallet_info", lambda: info):
            self.assertEqual(await self.code(), "QP-E-FORBIDDEN")
        self.remove(WALLET)
        self.assertEqual(await self.code(), "QP-E-FORBIDDEN")
        self.remove(WALLET, False)
        self.assertIsNone(await self.code())

    async def test_its_key_keeps_the_policy(self) -> None:
        self.wallet.adding._info = {"key": "AAAA"}
        self.assertEqual(await self.code(), "QP-E-KEY")
        self.wallet.adding._info = {"key": listed("W")[0]["key"], "ticket": "4" * 32}
        self.assertIsNone(await self.code())

    async def test_a_file_that_was_not_issued_is_no_guess(self) -> None:
        self.put("card.so.manifest", manifest(Version="1.3"))
        for _ in range(4):
            self.assertEqual(await self.code(), "QP-E-PAYCARD")
        self.put("card.so.manifest", manifest())
        self.assertIsNone(await self.code())

    async def test_a_session_is_of_who_opened_it_and_the_last_one_counts(self) -> None:
        ref = await self.begin()
        store = self.players["B7"].store
        for change in ({"opener": OTHER}, {"session": "7" * 32}):
            right = dict(store.get("paycard/P20"))
            store.commit({"paycard/P20": {**right, **change}})
            self.assertEqual((await self.answer(ref))["code"], "QP-E-SESSION")
            ref = await self.begin()
        self.assertEqual((await self.answer(ref))["state"], "READY")

    async def test_the_old_secret_works_until_the_new_one_is_given(self) -> None:
        ref = await self.begin()
        await self.answer(ref)
        old = self.broker._bindings[WALLET, "P20"]["secret"]
        self.players[WALLET].store.commit({"adding/" + ref: None})
        self.wallet._paycards.pop("P20")  # a Wallet that has lost it
        ref = await self.begin()
        self.assertEqual(self.broker._bindings[WALLET, "P20"]["secret"], old)
        await self.answer(ref)
        self.assertEqual(self.broker._bindings[WALLET, "P20"]["secret"], self.wallet._paycards["P20"]["secret"])
        self.assertNotEqual(self.wallet._paycards["P20"]["secret"], old)

    async def test_a_repetition_gets_the_same_secret(self) -> None:
        """The answer is lost once; QP-ADD-01."""
        ref = await self.begin()
        with mock.patch.object(boxes, "answer_of", lambda *_: None):
            await self.answer(ref)
        self.assertEqual(self.wallet.adding.status(ref)["state"], "ANSWERED")
        await self.pass_time(3)
        self.assertEqual(self.wallet.adding.status(ref)["state"], "READY")
        self.assertEqual(self.broker._bindings[WALLET, "P20"]["secret"], self.wallet._paycards["P20"]["secret"])


class Harm(Adding):
    """What a Wallet does not begin, and what it takes for no answer (QP-ADM-006, QP-ADM-007, QP-ADM-011, QP-WAL-009)."""

    def refused(self, why: str = "not-certified", code: str = "ISSUE-0") -> None:
        with self.assertRaisesRegex(Refused, why):
            self.wallet.adding.add("card", code)

    async def test_manifest_and_file_have_to_be_right(self) -> None:
        for spoilt in (manifest(Broker="B8"), manifest(Product="other"), manifest(AbiVersion="2"), manifest(MinVersion="1.10"),
                       manifest(FileHash="0" * 64), manifest("V1001"), manifest().replace(b"My Bank", b"My Bonk"), b"<Manifest/>",
                       manifest().replace(b"<Manifest>", b'<Manifest xmlns="urn:quickpay:1">')):
            self.put("card.so.manifest", spoilt)
            self.refused()
        self.put("card.so.manifest", manifest())
        self.put("card.so", FILE + b"!")
        self.refused()
        self.put("card.so", FILE)
        self.assertEqual(self.wallet.adding.status(await self.begin())["state"], "QUESTIONED")

    async def test_without_a_good_sealing_key_nothing_leaves(self) -> None:
        broker = next(one for one in self.listed if one["id"] == "B7")
        for changes in ({"usage": "sign"}, {"usage": "seal", "not_after": "2026-01-02T00:00:00Z"},
                        {"usage": "seal", "withdrawn_from": "2026-02-01T00:00:00Z"}):
            broker["keys"] = [*listed("B7"), *listed("B7 seals", **changes)]
            self.know()
            self.refused()

    async def test_a_suspended_broker_adds_none(self) -> None:
        """QP-ROLE-009, U2: but a session that was begun goes on."""
        begun = await self.begin()
        self.mark("B7", "suspended", True)
        self.refused(code="ISSUE-1")
        self.assertEqual((await self.answer(begun))["state"], "READY")
        self.mark("B7", "suspended", False)
        self.assertEqual(self.wallet.adding.status(await self.begin("ISSUE-1"))["state"], "QUESTIONED")

    async def test_a_broker_lets_old_ones_be_used_no_more(self) -> None:
        """QP-ADM-006: whatever the manifest says of itself, which is version 1.2 here."""
        for said, right in (([("card", "1.3")], False), ([("card", "1.10")], False), ([("card", "1.1"), ("card", "2")], False),
                            ([("card", "1.2.0"), ("other", "9")], True)):
            self.least(*said)
            if right:
                self.assertEqual(self.wallet.adding.status(await self.begin())["state"], "QUESTIONED")
            else:
                self.refused()

    async def test_one_that_runs_goes_on_until_it_is_started_anew(self) -> None:
        """QP-ADM-006: then it pays no more, until its Broker lets it be used again; it can be removed all the same."""
        await self.answer(await self.begin())
        self.wallet.activate("P20")
        for version, active in (("1.3", False), ("1.2", True), ("1.3", False)):
            before = self.wallet._active()
            self.least(("card", version))
            self.assertEqual(self.wallet._active(), before)
            self.restart_wallet()
            self.assertEqual(self.wallet._active() is not None, active)
        with self.assertRaisesRegex(Refused, "no such paycard"):
            self.wallet.activate("P20")
        self.assertEqual(self.wallet.status(await self.buy())["why"], "paycard")
        self.wallet.adding.remove("P20")
        await self.quiet()
        self.assertEqual(self.broker.enrolments._get("paycard/P20")["state"], "REMOVED")

    def least(self, *said: tuple[str, str]) -> None:
        self.mark("B7", "oldest_paycards", [{"product": product, "version": version} for product, version in said])

    async def test_codes_and_answers_have_a_form(self) -> None:
        self.refused("unfit-code", "two words")
        ref = await self.begin()
        self.refused("out-of-state")
        for changes in ({"digits": "47-1"}, {"digits": "47111"}, {"date": "2001-02-30"}, {"choice": "green"}, {"text": "x" * 257}):
            questions = self.wallet.adding.status(ref)["questions"]
            if any(one["form"] in changes for one in questions):
                with self.assertRaisesRegex(Refused, "incomplete"):
                    await self.answer(ref, **changes)
        with self.assertRaisesRegex(Refused, "incomplete"):
            self.wallet.adding.answer(ref, [])
        self.assertEqual((await self.answer(ref))["state"], "READY")

    async def saying(self, message: str, change: Any) -> dict[str, Any]:
        """A Broker that changes one inner answer before it seals it."""
        def boxed(key: str, inner: Node, outer: Node) -> Node:
            return BOXED(key, change(inner) if inner.name == message + "ResponseInner" else inner, outer)

        with mock.patch.object(boxes, "boxed", boxed):
            ref = await self.begin()
            if self.wallet.adding.status(ref)["state"] == "QUESTIONED":
                await self.answer(ref)
            return self.wallet.adding.status(ref)

    async def test_another_nonce_is_no_answer(self) -> None:
        """It is asked again until T_session."""
        for message, state in (("ConfirmPaycard", "CONFIRMING"), ("TakeQuestion", "TAKING"), ("AnswerResponse", "ANSWERED")):
            shown = await self.saying(message, lambda one: _with(one, "Nonce", "9" * 32))
            self.assertEqual(shown["state"], state)
            await self.pass_time(601)

    async def test_another_key_is_no_answer(self) -> None:
        with mock.patch.object(boxes, "boxed", lambda _, inner, outer: BOXED("00" * 32, inner, outer)):
            self.assertEqual(self.wallet.adding.status(await self.begin())["state"], "CONFIRMING")

    async def test_another_paycard_ends_the_attempt(self) -> None:
        shown = await self.saying("ConfirmPaycard", lambda one: _with(one, "Paycard", "P7"))
        self.assertEqual((shown["state"], shown["told"]), ("ABSENT", "failed"))  # the Wallet has that one
        shown = await self.saying("AnswerResponse", lambda one: _with(one, "Paycard", "P29"))
        self.assertEqual((shown["state"], shown["told"]), ("ABSENT", "failed"))

    async def test_a_number_that_is_used_twice_ends_the_attempt(self) -> None:
        def doubled(inner: Node) -> Node:
            return element(inner.name, *inner.children, inner.children[-1])
        self.assertEqual((await self.saying("TakeQuestion", doubled))["told"], "failed")


class Twins(Adding):
    """Each check, left out: what the tests above look at comes out otherwise."""

    async def test_a_wallet_that_looks_at_no_signature(self) -> None:
        self.put("card.so.manifest", manifest().replace(b"My Bank", b"My Bonk"))
        with mock.patch.object(signing, "right", lambda *_: True):
            self.assertTrue(self.wallet.adding.add("card", "ISSUE-0"))

    async def test_a_wallet_that_looks_at_no_nonce(self) -> None:
        def believed(message: str, document: Node, key: str, _: str) -> Node | None:
            return boxes._read(boxes._opened(bytes.fromhex(key), document.find("Body/Boxed"), document), message, message + "ResponseInner")
        with mock.patch.object(boxes, "answer_of", believed), \
                mock.patch.object(boxes, "boxed", lambda key, inner, outer: BOXED(key, _with(inner, "Nonce", "9" * 32), outer)):
            self.assertEqual(self.wallet.adding.status(await self.begin())["state"], "QUESTIONED")

    async def test_a_broker_that_compares_nothing(self) -> None:
        with mock.patch("quickpay.enrolments._all_right", lambda *_: True):
            self.assertEqual((await self.wrong(await self.begin()))["state"], "READY")

    async def test_a_broker_that_does_not_count(self) -> None:
        self.players["B7"]._parameters["N_tries"] = 1000
        ref = await self.begin()
        for _ in range(4):
            self.assertEqual((await self.wrong(ref))["state"], "QUESTIONED")

    async def test_a_broker_that_forgets(self) -> None:
        await self.begin()
        self.players["B7"].store._values.pop("paycard/P20")
        ref = next(iter(self.wallet.adding._timers))
        self.assertEqual((await self.answer(ref))["code"], "QP-E-SESSION")

    async def test_a_broker_that_takes_any_token(self) -> None:
        await self.answer(await self.begin())
        with mock.patch("quickpay.adding.canonical.removal_token", lambda *_: "AAAA"):
            self.wallet.adding.remove("P20")
            await self.quiet()
        self.assertEqual(self.broker.enrolments._get("paycard/P20")["state"], "REMOVED")


def _with(inner: Node, name: str, text: str) -> Node:
    return element(inner.name, *(leaf(name, text) if one.name == name else one for one in inner.children))


if __name__ == "__main__":
    unittest.main()
