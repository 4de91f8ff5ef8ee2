"""tools/evidence.py counts what ran, and nothing else.

usage: evidence_test.py BUILD_FOLDER [unittest arguments]
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path("tools").resolve()))
import evidence  # noqa: E402

BUILD = pathlib.Path(sys.argv[1]).resolve()
QP = "QP-"  # not written as one word with what follows, or this file itself would count
SOURCE = f'''// Of the whole ({QP}AA-001).
#include <x>

// {QP}AA-002, {QP}AA-003 to {QP}AA-005
TEST(First, Case) {{
  EXPECT_EQ(1, 1) << "{QP}AA-006";
}}

void helper();

TEST_F(Second, Case) {{}}

    # {QP}AA-002
    def test_third(self):
'''
JUNIT = '''<testsuite><testcase name="ran" status="run"><system-out>said</system-out></testcase>
<testcase name="failed" status="fail"><failure/></testcase><testcase name="skipped" status="run"><skipped/></testcase>
<testcase name="disabled" status="disabled"/></testsuite>'''


def ids(*names):
    return {QP + name for name in names}


class Counting(unittest.TestCase):
    def test_cases_have_the_comment_before_them(self):
        self.assertEqual([(name, evidence.named(part)) for name, part in evidence.cases(SOURCE)], [
            ("", ids("AA-001")), ("First.Case", ids("AA-002", "AA-003", "AA-004", "AA-005", "AA-006")), ("Second.Case", set()), ("", ids("AA-002"))])

    def test_only_what_ran_and_passed_counts(self):
        with tempfile.TemporaryDirectory() as folder:
            report = pathlib.Path(folder) / "junit.xml"
            report.write_text(JUNIT)
            self.assertEqual(evidence.passed(report), {"ran": "said"})

    def test_a_test_that_did_not_run_shows_nothing(self):
        both = evidence.count_tests(BUILD, {"house_links": "", "roles_no_rsa": ""})
        alone = evidence.count_tests(BUILD, {"house_links": ""})
        self.assertEqual((both.get(QP + "MP-018"), alone.get(QP + "MP-018")), (1, None))

    def test_a_case_that_was_not_said_to_be_ok_shows_nothing(self):
        said = "[       OK ] Mail.IsHandedOutAsItWasRegistered (1 ms)\n"
        count = lambda output: evidence.count_tests(BUILD, {"roles_test": output}).get(QP + "CM-011", 0)
        self.assertEqual(count(said) - count(said.replace("      OK", " SKIPPED")), 1)

    def test_a_source_with_a_header_that_was_made_beforehand_belongs_to_its_own_target(self):
        said = "[       OK ] Suites.HaveTheFourFamilies (1 ms)\n"
        self.assertEqual(evidence.count_tests(BUILD, {"conformance_suites_test": said}).get(QP + "GEN-003"), 1)

    def test_what_the_reference_did_not_pass_in_a_test_that_ran_shows_nothing(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self.assertRaises(FileNotFoundError, evidence.count_checks, folder, {"certify_reference_1": ""})
            for number in range(3):
                report = folder / "reports" / f"certify_reference_{number}"
                report.mkdir(parents=True)
                checks = [{"id": "a", "requirements": [QP + "AA-001"], "verdict": "pass" if number else "fail"},
                          {"id": f"b{number}", "requirements": [QP + "AA-002"], "verdict": "pass" if number > 1 else "fail"}]
                (report / "report.json").write_text(json.dumps({"checks": checks}))
            self.assertEqual(evidence.count_checks(folder, {"certify_reference_0": "", "certify_reference_1": ""}), {QP + "AA-001": 1})

    def test_without_reports_there_is_no_evidence(self):
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(evidence.main([folder]), 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
