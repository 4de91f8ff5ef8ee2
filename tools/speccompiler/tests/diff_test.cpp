// Differences: each edit of the example gets the class it deserves, and nothing else is reported.
#include "tools/speccompiler/diff/diff.hpp"

#include <gtest/gtest.h>

#include "tools/speccompiler/lint/lint.hpp"
#include "tools/speccompiler/tests/support.hpp"

namespace quickpay::spec {
namespace {

Spec compiled(const std::string& from, const std::string& to) {
  const test::TemporaryFolder folder;
  for (const char* name : {"library-loan.xml", "loan.xml"}) {
    std::string text = test::read_file(std::string(test::kLibraryLoan) + "/" + name);
    if (!from.empty() && text.find(from) != std::string::npos) text = test::edited(text, from, to);
    folder.write(name, text);
  }
  auto spec = compile_spec(folder.path());
  if (!spec) {
    for (const Diagnostic& finding : spec.error()) ADD_FAILURE() << to_string(finding);
  }
  return spec.value_or(Spec{});
}

struct Edit {
  const char* name;
  const char* from;
  const char* to;
  const char* change;  ///< the one change expected
};

class OneEdit : public ::testing::TestWithParam<Edit> {};

TEST_P(OneEdit, GetsItsClass) {
  const auto changes = diff(compiled("", ""), compiled(GetParam().from, GetParam().to));
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(to_string(changes.front()), GetParam().change);
  EXPECT_EQ(changes.size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(
    All, OneEdit,
    ::testing::Values(
        Edit{"text", "Somebody has it.", "Out.",
             "DOC    changed machine library.copy: states[LENT].text: \"Somebody has it.\" -> \"Out.\""},
        Edit{"parameter", "default=\"5\"", "default=\"6\"",
             "VECTOR changed parameter N_books: default: \"5\" -> \"6\""},
        Edit{"level", "\"LL-005\" level=\"SHOULD\"", "\"LL-005\" level=\"MUST\"",
             "VECTOR changed requirement LL-005: level: \"SHOULD\" -> \"MUST\""},
        Edit{"value_added", "<value name=\"torn\"/>", "<value name=\"torn\"/><value name=\"lost\"/>",
             "XSD    changed type Damage: values: [\"none\",\"worn\",\"torn\"] -> "
             "[\"none\",\"worn\",\"torn\",\"lost\"]"},
        Edit{"value_removed", "<value name=\"worn\"/>", "",
             "WIRE   changed type Damage: values: [\"none\",\"worn\",\"torn\"] -> [\"none\",\"torn\"]"},
        Edit{"more_occurrences", "card=\"0..3\"", "card=\"0..4\"",
             "XSD    changed message Recall: request.body[Note].max: 3 -> 4"},
        Edit{"fewer_occurrences", "card=\"0..3\"", "card=\"0..2\"",
             "WIRE   changed message Recall: request.body[Note].max: 3 -> 2"},
        Edit{"optional_field", "<field name=\"SeenAt\" type=\"Time\"/>",
             "<field name=\"SeenAt\" type=\"Time\"/><field name=\"Note\" type=\"Text\" card=\"0..1\"/>",
             "XSD    added   message Recall: response.body[Note]"},
        Edit{"required_field", "<field name=\"SeenAt\" type=\"Time\"/>",
             "<field name=\"SeenAt\" type=\"Time\"/><field name=\"Note\" type=\"Text\"/>",
             "WIRE   added   message Recall: response.body[Note]"},
        Edit{"path", "/loan/1/recall", "/loan/1/call",
             "WIRE   changed message Recall: path: \"/loan/1/recall\" -> \"/loan/1/call\""},
        Edit{"retry", "code=\"LL-E-LENT\" retry=\"new\"", "code=\"LL-E-LENT\" retry=\"no\"",
             "WIRE   changed error LL-E-LENT: retry: \"new\" -> \"no\""},
        Edit{"effect", "do=\"tell overdue\"", "do=\"tell late\"",
             "STATE  changed machine library.copy: blocks[LENT T_loan!].cases[C9].effects: [[\"tell\",\"overdue\"]] -> "
             "[[\"tell\",\"late\"]]"}),
    [](const auto& edit) { return std::string(edit.param.name); });

TEST(Diff, OfEqualSpecificationsIsEmpty) { EXPECT_TRUE(diff(compiled("", ""), compiled("", "")).empty()); }

TEST(Diff, PutsTheGravestFirst) {
  const auto changes = diff(compiled("", ""), *compile_spec(test::kQuickPay));
  ASSERT_FALSE(changes.empty());
  EXPECT_EQ(changes.front().change, ChangeClass::state);
  EXPECT_TRUE(std::is_sorted(changes.begin(), changes.end(),
                             [](const Change& a, const Change& b) { return a.change > b.change; }));
}

TEST(Diff, KnowsTheNamesOfItsClasses) {
  for (const ChangeClass change : {ChangeClass::doc, ChangeClass::api, ChangeClass::vector, ChangeClass::xsd,
                                   ChangeClass::wire, ChangeClass::state}) {
    EXPECT_EQ(change_class_named(name_of(change)), change);
  }
  EXPECT_FALSE(change_class_named("MONEY"));
}

}  // namespace
}  // namespace quickpay::spec
