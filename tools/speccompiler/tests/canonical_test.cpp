// The canonical form: independent of places and white space, sensitive to everything else; slices see only their part.
#include "tools/speccompiler/ir/canonical.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tools/speccompiler/lint/lint.hpp"
#include "tools/speccompiler/tests/support.hpp"

namespace quickpay::spec {
namespace {

Spec compiled(const std::string& root, const std::string& loan) {
  const test::TemporaryFolder folder;
  folder.write("library-loan.xml", root);
  folder.write("loan.xml", loan);
  auto spec = compile_spec(folder.path());
  if (!spec) {
    for (const Diagnostic& finding : spec.error()) ADD_FAILURE() << to_string(finding);
  }
  return spec.value_or(Spec{});
}

class Canonical : public ::testing::Test {
 protected:
  std::string root_ = test::read_file(std::string(test::kLibraryLoan) + "/library-loan.xml");
  std::string loan_ = test::read_file(std::string(test::kLibraryLoan) + "/loan.xml");
};

TEST_F(Canonical, IsOneLineOfSortedJson) {
  const std::string text = canonical_json(compiled(root_, loan_));
  const auto parsed = nlohmann::json::parse(text);
  EXPECT_EQ(parsed.dump() + "\n", text);
  EXPECT_EQ(text.find("\"at\""), std::string::npos);
}

TEST_F(Canonical, IgnoresWhiteSpaceCommentsAndPlaces) {
  const std::string moved =
      test::edited(loan_, "<message id=\"Borrow\"", "\n\n<!-- moved -->\n  <message   id=\"Borrow\"");
  EXPECT_EQ(canonical_json(compiled(root_, loan_)), canonical_json(compiled(root_, moved)));
}

TEST_F(Canonical, SeesEveryChange) {
  const std::string before = spec_id(compiled(root_, loan_));
  EXPECT_NE(before, spec_id(compiled(root_, test::edited(loan_, "Somebody has it.", "Someone has it."))));
  EXPECT_NE(before,
            spec_id(compiled(test::edited(root_, "max-body-bytes=\"8192\"", "max-body-bytes=\"8193\""), loan_)));
  EXPECT_EQ(before.size(), 64U);
}

TEST_F(Canonical, SlicesSeeOnlyTheirPart) {
  const Spec before = compiled(root_, loan_);
  const Spec after = compiled(root_, test::edited(loan_, "tell overdue", "tell late"));
  EXPECT_NE(slice_hash(before, "machine:library.copy"), slice_hash(after, "machine:library.copy"));
  EXPECT_NE(slice_hash(before, "all"), slice_hash(after, "all"));
  for (const char* slice : {"types", "errors", "parameters", "requirements", "messages:loan"}) {
    EXPECT_EQ(slice_hash(before, slice), slice_hash(after, slice)) << slice;
    EXPECT_EQ(slice_hash(before, slice).size(), 64U) << slice;
  }
  EXPECT_EQ(slice_hash(before, "machine:none"), "");
  EXPECT_EQ(slice_hash(before, "messages:none"), "");
  EXPECT_EQ(slice_hash(before, "all"), spec_id(before));
}

TEST(Sha256, HasTheKnownValue) {
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace quickpay::spec
