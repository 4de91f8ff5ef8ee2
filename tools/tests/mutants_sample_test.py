"""tools/mutants as a user runs it, on a few mutants of each role and with docs/mutants.md; and the same with something that is
wrong on purpose, which has to be said: mutants_sample_test.py QUICKPAY"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KNOWN = json.loads((ROOT / "conformance" / "mutants" / "explanations.json").read_text())
DOCUMENT = ROOT / "docs" / "mutants.md"
SEED = "1"
# Those that are killed, and where there is one that nobody can tell from the reference. How many are killed of all is for
# the whole population to say.
TRIED = {
    "wallet": ("believes:wallet.order:offer_right",),
    "vendor": ("believes:vendor.order:order_matches", "vendor.order:wrong-set:V18@CHECKING:4:yes"),
    "broker": ("believes:broker.order:funds_suffice", "believes:broker.order:terms_equal"),
    "host": ("skips-step:10", "doubts:host.message:has_expiry"),
}
KILLED = "believes:wallet.order:offer_right"        # a Wallet that takes any offer
SURVIVES = "believes:wallet.order:notices_settled"  # a Wallet that calls an order done too early, which nobody sees


def mutants(*words):
    """What a run says at its end, and its exit code."""
    run = subprocess.run([ROOT / "tools" / "mutants", "--build", BUILD, "--results", RESULTS, "--seed", SEED, *words],
                         capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


class Sample(unittest.TestCase):
    def test_every_mutant_is_killed_or_explained_and_the_document_names_the_mutants_there_are(self):
        for role, tried in TRIED.items():
            only = [word for mutant in tried for word in ("--only", mutant)]
            code, text = mutants("--role", role, "--compare", DOCUMENT, *only)
            self.assertEqual(code, 0, text)
            self.assertRegex(text, r"all +killed +[1-9]")


class Twins(unittest.TestCase):
    """The same command, red."""

    @staticmethod
    def explained(survivors):
        """Words that say which survivors are known."""
        path = pathlib.Path(RESULTS).parent / "explanations.json"
        path.write_text(json.dumps({**KNOWN, "survivors": survivors}))
        return "--explanations", path

    def test_a_mutant_that_is_killed_has_no_explanation(self):
        entry = {"role": "wallet", "kind": "equivalent", "mutants": [KILLED], "why": "Nobody can tell."}
        code, text = mutants("--role", "wallet", "--only", KILLED, *self.explained([*KNOWN["survivors"], entry]))
        self.assertEqual(code, 1, text)
        self.assertRegex(text, rf"{KILLED} is killed by \S+, but explained as equivalent")

    def test_a_mutant_that_survives_needs_one(self):
        code, text = mutants("--role", "wallet", "--only", SURVIVES, *self.explained([]))
        self.assertEqual(code, 1, text)
        self.assertIn(f"{SURVIVES} survives and nobody says why", text)

    def test_a_document_that_lacks_a_mutant_or_has_another_one(self):
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "mutants.md"
            other.write_text(DOCUMENT.read_text().replace(KILLED, "believes:wallet.order:nothing"))
            code, text = mutants("--role", "wallet", "--only", KILLED, "--compare", other)
        self.assertEqual(code, 1, text)
        self.assertIn(f"lacks wallet {KILLED}", text)
        self.assertIn("has wallet believes:wallet.order:nothing, which is not tried", text)


    def test_what_is_postponed_is_told_and_is_not_in_the_document(self):
        path = pathlib.Path(RESULTS).parent / "postponed.json"
        for mutants_of, wrong in (([KILLED], f"has wallet {KILLED}, which is postponed"), (["no-such-mutant"], "lacks none of what is postponed")):
            late = {"role": "wallet", "mutants": mutants_of, "why": "It waits."}
            path.write_text(json.dumps({**KNOWN, "postponed": [late]}))
            code, text = mutants("--role", "wallet", "--only", KILLED, "--compare", DOCUMENT, "--explanations", path)
            self.assertEqual(code, 1, text)
            self.assertIn(wrong, text)
        self.assertEqual(mutants("--doc", pathlib.Path(RESULTS).parent / "doc.md", "--explanations", path)[0], 2)


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).parent
    with tempfile.TemporaryDirectory() as kept:
        RESULTS = pathlib.Path(kept) / "results"  # what is known of the reference is not asked again
        unittest.main()
