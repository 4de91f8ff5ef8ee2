// Every bad specification gets the findings written at its end: place, text and suggestion, no more and no fewer.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tools/speccompiler/lint/lint.hpp"
#include "tools/speccompiler/tests/support.hpp"

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFewestBadSpecs = 25;

std::vector<std::string> bad_specs() {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(test::kBadFolder)) {
    if (entry.path().extension() == ".xml") files.push_back(entry.path().filename().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::vector<std::string> expected_findings(const fs::path& path) {
  std::istringstream lines(test::read_file(path));
  std::vector<std::string> expected;
  for (std::string line; std::getline(lines, line);) {
    const std::string mark = "expect ";
    if (line.rfind(mark, 0) == 0) expected.push_back(path.filename().string() + ":" + line.substr(mark.size()));
  }
  return expected;
}

class BadSpec : public ::testing::TestWithParam<std::string> {};

TEST_P(BadSpec, GetsItsFindings) {
  const fs::path path = fs::path(test::kBadFolder) / GetParam();
  const auto spec = compile_spec(path);
  ASSERT_FALSE(spec) << "nothing was found";
  std::vector<std::string> findings;
  for (const Diagnostic& finding : spec.error()) findings.push_back(to_string(finding));
  EXPECT_EQ(findings, expected_findings(path));
}

std::string test_name(const ::testing::TestParamInfo<std::string>& info) {
  std::string name = info.param.substr(0, info.param.find('.'));
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, BadSpec, ::testing::ValuesIn(bad_specs()), test_name);

TEST(BadSpecs, AreMany) { EXPECT_GE(bad_specs().size(), kFewestBadSpecs); }

void expect_clean(const fs::path& path) {
  const auto spec = compile_spec(path);
  if (spec) return;
  for (const Diagnostic& finding : spec.error()) ADD_FAILURE() << to_string(finding);
}

TEST(GoodSpecs, QuickPayIsClean) { expect_clean(test::kQuickPay); }

TEST(GoodSpecs, TheExampleIsClean) { expect_clean(test::kLibraryLoan); }

}  // namespace
}  // namespace quickpay::spec
