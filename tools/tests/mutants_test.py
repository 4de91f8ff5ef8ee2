"""What tools/mutants makes of results: every complaint is seen to be made, and none of a suite that is in order."""
import importlib.machinery
import importlib.util
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "conformance" / "mutants"))
from table import document, population, runs, verdict  # noqa: E402 (the path comes first)

SURVIVORS = [{"mutants": ["vendor.order:drop-effect:V1:*"], "role": "vendor", "kind": "equivalent", "why": "Nothing differs."},
             {"mutants": ["believes:vendor.order:*"], "role": "vendor", "kind": "hole", "why": "No scenario."}]
MINIATURES = [{"miniatures": ["silent"], "roles": ["vendor"], "passes": [], "why": "It does nothing."},
              {"miniatures": ["crashes"], "roles": ["vendor"], "passes": ["vendor.http.*"], "why": "It dies behind HTTP."}]
CHECKS = [{"role": "vendor", "checks": ["vendor.idle"], "why": "A mere measurement."}]
LISTED = """null                           The adapter does nothing.
                               breaks wallet:unreachable vendor:unreachable
                               profile F
                               miniature yes
ignores-limit                  It endorses too much.
                               breaks vendor:QP-SAFE-009
                               profile H
believes:vendor.order:in_time
                               profile F
                               protocol micropayment
vendor.claim:drop-row:C1
                               profile F
                               protocol settlement
"""


def result(mutant, code=1, **more):
    failures = [{"check": "vendor.found", "scenario": "vendor.x", "reason": "accepted", "requirements": ["QP-A-1"]}] if code == 1 else []
    return {"role": "vendor", "mutant": mutant, "profile": "F", "whole": True, "exit": code, "certifiable": code == 0,
            "errors": [], "passes": 0, "negative_passes": [], "groundless": [], "failures": failures, **more}


KILLED = [result(f"accepts:M{n}") for n in range(40)]
EXPLAINED = [result("vendor.order:drop-effect:V1:2", 0), result("believes:vendor.order:in_time", 0)]


class Mutants(unittest.TestCase):
    def test_a_suite_in_order_gets_no_complaint(self):
        self.assertEqual(verdict.about_mutants(KILLED + EXPLAINED, SURVIVORS), [])
        self.assertEqual(verdict.about_reasons(KILLED + EXPLAINED, SURVIVORS, []), [])
        self.assertEqual(verdict.about_all([result("", 0)], KILLED), [])

    def test_a_survivor_without_a_reason(self):
        for code in (0, 4):
            self.assertIn("nobody says why", verdict.about_mutants(KILLED + [result("x:y", code)], SURVIVORS)[0])

    def test_a_reason_of_another_role_does_not_count(self):
        self.assertTrue(verdict.about_mutants([{**EXPLAINED[0], "role": "host"}, *KILLED], SURVIVORS))

    def test_a_survivor_that_is_killed(self):
        self.assertIn("explained as equivalent", verdict.about_each([result("vendor.order:drop-effect:V1:2")], SURVIVORS)[0])

    def test_a_reason_that_explains_nothing(self):
        self.assertIn("believes:vendor.order:* explains no", verdict.about_reasons(KILLED + EXPLAINED[:1], SURVIVORS, [])[0])
        killed = KILLED + EXPLAINED[:1] + [result("believes:vendor.order:in_time")]
        self.assertEqual(len(verdict.about_reasons(killed, SURVIVORS, [])), 1)

    def test_a_reason_for_what_was_left_out_stays(self):
        there = [population.Mutant("vendor", "believes:vendor.order:in_time")]
        self.assertEqual(verdict.about_reasons(KILLED + EXPLAINED[:1], SURVIVORS, there), [])

    def test_holes_count_against_the_rate_and_what_is_equivalent_does_not(self):
        holes = [result(f"believes:vendor.order:{n}", 0) for n in range(4)]
        self.assertIn("40 of 44", verdict.about_mutants(KILLED + holes, SURVIVORS)[0])
        same = [result(f"vendor.order:drop-effect:V1:{n}", 0) for n in range(4)]
        self.assertEqual(verdict.about_mutants(KILLED + same, SURVIVORS), [])

    def test_a_reference_that_is_killed_and_a_suite_that_breaks(self):
        self.assertTrue(verdict.about_all([result("", 1)], []))
        self.assertIn("vendor.x", verdict.about_all([], [result("accepts:X", errors=["vendor.x"])])[0])
        self.assertIn("vendor.y", verdict.about_all([], [result("accepts:X", groundless=["vendor.y"])])[0])


class Miniatures(unittest.TestCase):
    def test_passes_that_are_earned_are_no_complaint(self):
        minis = [result("silent"), result("crashes", passes=3, negative_passes=["vendor.http.a"])]
        self.assertEqual(verdict.about_miniatures(minis, MINIATURES), [])

    def test_each_unearned_pass_is_one(self):
        for mini in (result("silent", passes=1), result("crashes", negative_passes=["vendor.pay.a"]),
                     result("crashes", negative_passes=["vendor.http.a"], groundless=["vendor.http.a"]),
                     result("unknown", negative_passes=["vendor.http.a"]), result("silent", 0), result("silent", certifiable=True)):
            self.assertTrue(verdict.about_miniatures([mini], MINIATURES), mini)


class Checks(unittest.TestCase):
    declared = {("vendor", "vendor.found"), ("vendor", "vendor.idle")}

    def test_idle_checks_need_a_reason_and_reasons_an_idle_check(self):
        self.assertEqual(verdict.about_checks(self.declared, KILLED, CHECKS), [])
        self.assertIn("vendor.idle finds no mutant", verdict.about_checks(self.declared, KILLED, [])[0])
        stale = [{**CHECKS[0], "checks": ["vendor.idle", "vendor.found", "vendor.gone"]}]
        self.assertEqual(len(verdict.about_checks(self.declared, KILLED, stale)), 2)


class Population(unittest.TestCase):
    def test_reads_what_is_listed(self):
        null, limit, derived, claim = population.parsed(LISTED, "vendor")
        self.assertEqual((null.id, null.breaks, null.miniature), ("null", "unreachable", True))
        self.assertEqual((limit.breaks, limit.profile, limit.operator), ("QP-SAFE-009", "H", "named"))
        self.assertEqual((derived.operator, derived.protocol, claim.operator), ("believes", "micropayment", "drop-row"))

    def test_spread_takes_some_of_each_operator_and_none_that_cannot_be_seen(self):
        ids = [f"m.x:drop-row:R{n}" for n in range(10)] + ["m.x:swap-effects:R1:1", "m.x:wrong-set:R1:1", "believes:m.x:p"]
        chosen = population.spread([population.Mutant("vendor", one) for one in ids], 2)
        self.assertEqual([m.id for m in chosen], ["believes:m.x:p", "m.x:drop-row:R0", "m.x:drop-row:R5", "m.x:wrong-set:R1:1"])

    def test_a_sample_is_the_same_for_the_same_seed(self):
        mutants = [population.Mutant("vendor", str(n)) for n in range(20)] + [population.Mutant("vendor", "null", miniature=True)]
        drawn = [m.id for m in population.sample(mutants, 5)]
        self.assertEqual(drawn, [m.id for m in population.sample(mutants, 5)])
        self.assertNotEqual(drawn, [m.id for m in population.sample(mutants, 6)])
        self.assertNotIn("null", drawn)

    def test_scenarios_about_the_row_come_first(self):
        scenarios = [{"id": "a", "subject": "V1", "mutation": ""}, {"id": "b", "subject": "V12 V3", "mutation": ""},
                     {"id": "c", "subject": "", "mutation": "CheckCommit.Amount:+1"}]
        for mutant, found in (("vendor.order:drop-row:V12@OPEN", ["b"]), ("vendor.order:wrong-target:V12.2:OPEN", ["b"]),
                              ("accepts:CheckCommit", ["c"]), ("vendor.order:drop-row:V2", [])):
            self.assertEqual(runs.likely(mutant, scenarios), found)


class Results(unittest.TestCase):
    """Runs with a stand-in for quickpay that writes a report and counts how often it was started."""

    REPORT = {"exit_code": 1, "certifiable": False, "counts": {"pass": 1}, "defects": [], "protocols": ["micropayment"], "ms": 3,
              "checks": [{"id": "v.n", "scenario": "v.n", "verdict": "pass", "reason": "", "requirements": []},
                         {"id": "v.twin", "scenario": "v.twin", "verdict": "fail", "reason": "refused", "requirements": ["QP-A-1"]}],
              "scenarios": [{"id": "v.n", "negative": True, "twin": "v.twin", "ran": True, "subject": "", "mutation": ""},
                            {"id": "v.twin", "negative": False, "twin": "", "ran": True, "subject": "", "mutation": ""}]}

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = pathlib.Path(self.folder.name)
        self.quickpay = self.path / "quickpay"
        self.stand_in(0)

    def stand_in(self, code, alone=1):
        """`alone`: the exit code of its report when scenarios are selected, which is how what failed is played again."""
        whole, again = ({**self.REPORT, "exit_code": one} for one in (1, alone))
        self.quickpay.write_text(f"#!/bin/sh\nwords=\"$*\"; while [ \"$1\" != --out ]; do shift; done\ncase \"$words\" in\n"
                                 f"*--select*) cat >\"$2/report.json\" <<'END'\n{json.dumps(again)}\nEND\n;;\n"
                                 f"*) echo x >>{self.path}/starts; cat >\"$2/report.json\" <<'END'\n{json.dumps(whole)}\nEND\n"
                                 f";;\nesac\nexit {code}\n")
        self.quickpay.chmod(0o755)

    def starts(self):
        return len((self.path / "starts").read_text().split())

    def test_a_pass_without_its_twin_is_groundless(self):
        [played] = runs.Runs(self.quickpay, 1).play([runs.Job("vendor", "x", "F", True)])
        self.assertEqual((played["groundless"], played["negative_passes"]), (["v.n"], ["v.n"]))
        self.assertEqual(played["failures"][0]["check"], "v.twin")

    def test_what_fails_has_to_fail_again_alone(self):
        job = runs.Job("vendor", "x", "F", False)
        self.assertTrue(verdict.killed(runs.Runs(self.quickpay, 1).play([job])[0]))
        self.assertEqual(self.starts(), 1)
        self.stand_in(0, alone=0)
        self.assertFalse(verdict.killed(runs.Runs(self.quickpay, 1).play([job])[0]))
        self.assertEqual(self.starts(), 1 + runs.TRIES)

    def test_what_found_one_mutant_is_tried_first_on_the_next(self):
        played = runs.Runs(self.quickpay, 1)
        self.assertEqual(played.how(runs.Job("vendor", "x", "F", False)), ["--fail-fast"])
        played.play([runs.Job("vendor", "x", "F", False)])
        self.assertEqual(played.how(runs.Job("vendor", "y", "F", False)), ["--fail-fast", "--first", "v.twin"])
        self.assertEqual(played.how(runs.Job("host", "y", "F", False)), ["--fail-fast"])
        played.once = {("host", "y"): ["h.before"]}
        self.assertEqual(played.how(runs.Job("host", "y", "F", False)), ["--fail-fast", "--first", "h.before"])

    def test_a_run_goes_on_where_another_one_ended(self):
        jobs = [runs.Job("vendor", str(n), "F", True) for n in range(3)]
        kept = self.path / "results"
        runs.Runs(self.quickpay, 1, kept).play(jobs[:2])
        self.assertEqual(len(runs.Runs(self.quickpay, 1, kept).play(jobs)), 3)
        self.assertEqual(self.starts(), 3)
        runs.Runs(self.quickpay, 2, kept).play(jobs[:1])
        self.assertEqual(self.starts(), 4, "of another seed nothing is known")

    def test_an_interrupted_run_is_no_result(self):
        self.stand_in(130)
        played = runs.Runs(self.quickpay, 1)
        self.assertEqual(played.play([runs.Job("vendor", "x", "F", True)]), [])
        self.assertTrue(played.stop)


class Explanations(unittest.TestCase):
    known = json.loads((ROOT / "conformance" / "mutants" / "explanations.json").read_text())

    def test_are_complete(self):
        for entry in self.known["survivors"]:
            self.assertIn(entry["kind"], ("equivalent", "unobservable", "hole"))
            self.assertTrue(entry["mutants"] and entry["role"] in population.ROLES, entry)
        for entry in [one for kind in self.known.values() for one in kind]:
            self.assertTrue(entry["why"].endswith("."), entry)


class Document(unittest.TestCase):
    def test_says_what_was_found_and_is_the_same_each_time(self):
        known = {"survivors": SURVIVORS, "miniatures": MINIATURES, "checks": CHECKS}
        facts = {"spec": "0123", "seed": 7, "each": 3}
        results, minis = KILLED + EXPLAINED, [result("silent")]
        text = document.document(facts, results, minis, [], Checks.declared, known)
        self.assertEqual(text, document.document(facts, results[::-1], minis, [], Checks.declared, known))
        for words in ("**40 of 41", "| vendor | `believes:vendor.order:in_time` | hole | No scenario. |", "`0123`, seed 7",
                      "| `vendor.idle` | nothing: A mere measurement. |", "| `accepts:M7` | F* | `vendor.found` |"):
            self.assertIn(words, text)


class OfTheCommand(unittest.TestCase):
    """Four checks of the Vendor that found nothing yet, in a script that is no module."""

    def setUp(self):
        loader = importlib.machinery.SourceFileLoader("mutants_command", str(ROOT / "tools" / "mutants"))
        self.command = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
        loader.exec_module(self.command)
        self.declared = {("vendor", f"vendor.c{n}") for n in range(4)}
        self.references = [{"role": "vendor", "profile": profile, "owners": {f"vendor.c{n}": f"s{n}" for n in there}}
                           for profile, there in (("F", range(4)), ("H", range(3)))]


class Chase(OfTheCommand):
    """Checks that found nothing are tried on killed mutants; here only the n-th mutant fails the n-th check."""

    class Played:
        stop, workers = False, 1

        def __init__(self, kept=()):
            self.jobs, self.kept = [], list(kept)

        def parts(self):
            return list(self.kept)

        def play(self, jobs):
            self.jobs += jobs
            return [{**result(job.mutant), "failures": [{"check": f"vendor.c{job.mutant}", "scenario": f"s{job.mutant}"}]}
                    for job in jobs if f"s{job.mutant}" in job.select.split(",")]

    def test_until_each_has_found_one(self):
        played = self.Played()
        more = self.command.chase(played, self.declared, [result(str(n)) for n in range(9)], self.references)
        self.assertEqual(verdict.idle(self.declared, more), [])
        self.assertEqual([(job.profile, job.select) for job in played.jobs],
                         [("H", "s0,s1,s2"), ("H", "s1,s2"), ("H", "s2"), ("F", "s3")])

    def test_what_an_interrupted_run_has_found_is_not_looked_for_again(self):
        kept = [{**result(str(n)), "failures": [{"check": f"vendor.c{n}", "scenario": f"s{n}"}]} for n in range(3)]
        played = self.Played(kept)
        more = self.command.chase(played, self.declared, [result(str(n)) for n in range(9)], self.references)
        self.assertEqual(verdict.idle(self.declared, more), [])
        self.assertEqual({job.select for job in played.jobs}, {"s3"})

    def test_what_no_mutant_fails_stays_idle(self):
        played = self.Played()
        survivor = result("3", 0)
        more = self.command.chase(played, self.declared, [result("0"), result("1"), survivor], self.references)
        self.assertEqual(verdict.idle(self.declared, more), [("vendor", "vendor.c2"), ("vendor", "vendor.c3")])


class Beyond(OfTheCommand):
    """What no mutant of the population fails is tried on others about the same rows."""

    def setUp(self):
        super().setUp()
        scenarios = [{"id": f"s{n}", "subject": f"V{n}", "mutation": ""} for n in range(4)]
        self.references = [{**reference, "scenarios": [one for one in scenarios if one["id"] in reference["owners"].values()]}
                           for reference in self.references[::-1]]
        self.others = [population.Mutant("vendor", f"vendor.order:drop-row:V{n}@{at}") for n in range(5) for at in range(40)]

    class Played(Chase.Played):
        def play(self, jobs):
            self.jobs += jobs
            return [{**result(job.mutant), "failures": [{"check": "vendor.c" + one[1:], "scenario": one}]}
                    for job in jobs if job.mutant.endswith("@0") for one in job.select.split(",")]

    def test_until_each_has_found_one(self):
        played = self.Played()
        more = self.command.beyond(played, self.declared, [], self.references, self.others)
        self.assertEqual(verdict.idle(self.declared, more), [])
        self.assertEqual({(job.profile, job.select, job.mutant.split(":")[2][:2]) for job in played.jobs},
                         {("H", "s0", "V0"), ("H", "s1", "V1"), ("H", "s2", "V2"), ("F", "s3", "V3")})
        self.assertEqual(len(played.jobs), 4 * self.command.BEYOND)

    def test_what_no_mutant_fails_stays_idle(self):
        strangers = [population.Mutant("broker", mutant.id) for mutant in self.others]
        more = self.command.beyond(self.Played(), self.declared, [], self.references, strangers)
        self.assertEqual(verdict.idle(self.declared, more), sorted(self.declared))


class Comparison(unittest.TestCase):
    """A document against the mutants that there are."""
    known = {"survivors": SURVIVORS, "miniatures": MINIATURES, "checks": CHECKS}
    results = KILLED + EXPLAINED
    text = document.document({"spec": "0", "seed": 1, "each": 1}, results, [result("silent")], [], Checks.declared, known)
    mutants = [population.Mutant("vendor", one["mutant"]) for one in [*results, result("silent")]]

    def test_of_the_same_mutants_says_nothing(self):
        self.assertEqual(document.differences(self.text, self.mutants), [])

    def test_says_what_found_a_mutant(self):
        found = document.found_in(self.text)
        self.assertEqual((found["vendor", "accepts:M7"], found["vendor", "silent"]), (["vendor.found"], []))

    def test_names_what_is_new_and_what_is_gone(self):
        for role, gone in ("vendor", "silent"), ("vendor", "accepts:M3"), ("vendor", "believes:vendor.order:in_time"):
            there = [mutant for mutant in self.mutants if mutant.id != gone]
            self.assertEqual(document.differences(self.text, there), [f"has {role} {gone}, which is not tried"])
        self.assertEqual(document.differences(self.text, [*self.mutants, population.Mutant("vendor", "x")]), ["lacks vendor x"])

    def test_while_it_waits_other_mutants_of_machines_may_be_drawn_but_not_more(self):
        new = population.Mutant("vendor", "vendor.order:odd-effect:V1")
        known = [*self.mutants, new]
        self.assertEqual(document.differences(self.text, [*self.mutants, new], known), ["lacks 1 of vendor odd-effect"])
        self.assertEqual(document.differences(self.text, [*self.mutants, population.Mutant("vendor", "x")], known), ["lacks vendor x"])
        drawn = next(m for m in self.mutants if population.of_machine(m))
        same = population.Mutant(drawn.role, drawn.id + "0")
        others = [m for m in self.mutants if m != drawn]
        self.assertEqual(document.differences(self.text, [*others, same], [*known, same]), [])


class CommandLine(unittest.TestCase):
    def test_refuses_what_it_cannot_do(self):
        for words in (["--doc", "x", "--sample", "3"], ["--build", "/nonexistent"], ["--role", "bank"]):
            run = subprocess.run([ROOT / "tools" / "mutants", *words], capture_output=True, check=False)
            self.assertEqual(run.returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
