// The commands: exit codes, what they print, what they write and what they leave alone.
#include "tools/speccompiler/cli/commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tools/speccompiler/cli/files.hpp"
#include "tools/speccompiler/lint/lint.hpp"
#include "tools/speccompiler/tests/support.hpp"

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

CommandResult run(const std::vector<std::string>& arguments) { return run_spec_command(arguments, "speccompiler"); }

TEST(Command, HelpWorksEverywhere) {
  EXPECT_EQ(run({"--help"}).exit_code, 0);
  for (const char* command : {"lint", "build", "diff", "show", "doc"}) {
    const CommandResult help = run({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.out, HasSubstr("Usage:")) << command;
    EXPECT_TRUE(help.err.empty()) << command;
  }
}

TEST(Command, WrongUsageIsTwo) {
  EXPECT_EQ(run({}).exit_code, 2);
  EXPECT_EQ(run({"lintt"}).exit_code, 2);
  EXPECT_EQ(run({"lint", "--colour"}).exit_code, 2);
  EXPECT_EQ(run({"diff", "only-one"}).exit_code, 2);
  EXPECT_EQ(run({"diff", "a", "b", "--allow", "MONEY"}).exit_code, 2);
}

TEST(Lint, CountsWhatItRead) {
  const CommandResult result = run({"lint", "--requirements", test::kLibraryLoan});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 messages, 1 machines"));
  EXPECT_THAT(result.out, HasSubstr("excluded until never"));
  EXPECT_THAT(result.out, HasSubstr("6 requirements: 5 referred to, 1 excluded, 0 neither"));
}

/// What lint says of the example with this evidence.
CommandResult with_evidence(const std::string& text) {
  const test::TemporaryFolder folder;
  const fs::path file = folder.path() / "evidence.json";
  std::ofstream(file) << text;
  return run({"lint", "--evidence", file.string(), test::kLibraryLoan});
}

constexpr const char* kAllShown = R"({"tests":{"LL-001":2,"LL-003":1},"checks":{"LL-002":4,"LL-004":7}})";

TEST(LintEvidence, CountsWhatShowsEachMust) {
  const CommandResult result = with_evidence(kAllShown);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("LL-001         MUST     2 tests, 0 checks\n"));
  EXPECT_THAT(result.out, HasSubstr("LL-002         MUST     0 tests, 4 checks\n"));
  EXPECT_THAT(result.out, HasSubstr("LL-006         MUST     excluded until never: Money is not part of"));
  EXPECT_THAT(result.out, Not(HasSubstr("LL-005"))) << "a SHOULD needs nothing";
  EXPECT_THAT(result.out, HasSubstr("\n4 shown, 1 excluded, 0 wrong\n"));
}

// Twin: the same without the one test that shows LL-003.
TEST(LintEvidence, NamesAMustThatNothingShows) {
  const CommandResult result = with_evidence(R"({"tests":{"LL-001":2},"checks":{"LL-002":4,"LL-004":7}})");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "LL-003: no test that ran and no check names it\n");
  EXPECT_THAT(result.out, HasSubstr("\n3 shown, 1 excluded, 1 wrong\n"));
}

// Twin: a test names what is excluded, so one of the two is wrong.
TEST(LintEvidence, NamesAnExclusionOfWhatIsTested) {
  const CommandResult result =
      with_evidence(R"({"tests":{"LL-001":2,"LL-003":1,"LL-006":1},"checks":{"LL-002":4,"LL-004":7}})");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "LL-006: excluded, but 1 tests and 0 checks name it\n");
}

TEST(LintEvidence, NamesWhatIsNoRequirement) {
  const CommandResult result =
      with_evidence(R"({"tests":{"LL-001":2,"LL-003":1,"LL-0003":1},"checks":{"LL-002":4,"LL-004":7}})");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_EQ(result.err, "LL-0003: something names it, and it is no requirement\n");
}

TEST(LintEvidence, IsNotMadeUp) {
  for (const char* text :
       {"", "[]", "{}", R"({"tests":{}})", R"({"tests":{"LL-001":-1},"checks":{}})", R"({"checks":{"LL-001":1}})"}) {
    EXPECT_EQ(with_evidence(text).exit_code, 2) << text;
  }
  EXPECT_EQ(run({"lint", "--evidence", "no-such-file", test::kLibraryLoan}).exit_code, 2);
}

TEST(Lint, NamesFilesAsTheCallerSeesThem) {
  const CommandResult result = run({"lint", std::string(test::kBadFolder) + "/unknown-type.xml"});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("tools/speccompiler/tests/bad/unknown-type.xml:44:17: error: unknown type 'Amout' "
                                    "(did you mean 'Amount'?)\n1 finding\n"));
}

// Nothing is written when the specification is bad.
TEST(Build, OfEveryBadSpecWritesNothing) {
  const test::TemporaryFolder root;
  for (const auto& entry : fs::directory_iterator(test::kBadFolder)) {
    const CommandResult result = run({"build", "--root", root.path().string(), entry.path().string()});
    EXPECT_EQ(result.exit_code, 1) << entry.path();
    EXPECT_TRUE(root.empty()) << entry.path();
  }
}

TEST(Build, OfTheExampleIsRepeatable) {
  const test::TemporaryFolder root;
  const std::vector<std::string> build{"build", "--root", root.path().string(), test::kLibraryLoan};
  std::vector<std::string> check = build;
  check.insert(check.begin() + 1, "--check");
  EXPECT_EQ(run(check).exit_code, 1);
  EXPECT_TRUE(root.empty());
  EXPECT_EQ(run(build).exit_code, 0);
  EXPECT_FALSE(root.empty());
  const CommandResult checked = run(check);
  EXPECT_EQ(checked.exit_code, 0) << checked.err;
  EXPECT_THAT(run(build).out, ::testing::Not(HasSubstr("wrote")));
}

TEST(Build, RestoresADeletedFileAndNoticesAnEdit) {
  const test::TemporaryFolder root;
  const auto spec = compile_spec(test::kLibraryLoan);
  ASSERT_TRUE(spec);
  const auto files = emit_all(*spec);
  ASSERT_GE(files.size(), 2U);
  ASSERT_TRUE(write_tree(files, compare_tree(files, root.path()), root.path()));
  fs::remove(root.path() / files[0].path);
  root.write(files[1].path, "edited");
  const TreeDifference difference = compare_tree(files, root.path());
  EXPECT_THAT(difference.missing, ElementsAre(files[0].path));
  EXPECT_THAT(difference.changed, ElementsAre(files[1].path));
  ASSERT_TRUE(write_tree(files, difference, root.path()));
  EXPECT_TRUE(compare_tree(files, root.path()).empty());
}

TEST(Tree, RemovesOnlyStaleFilesOfGeneratedFolders) {
  const test::TemporaryFolder root;
  root.write(
      "a/generated/manifest.json",
      R"({"files":{"a/generated/old.hpp":"x","precious.txt":"x","a/generated/../b.txt":"x","a/generated/gone":"x"}})");
  for (const char* name : {"a/generated/old.hpp", "precious.txt", "a/b.txt"}) root.write(name, "x");
  const std::vector<EmittedFile> files{{"a/generated/manifest.json", "{}"}, {"a/generated/new.hpp", "new"}};
  const TreeDifference difference = compare_tree(files, root.path());
  EXPECT_THAT(difference.stale, ElementsAre("a/generated/old.hpp"));
  ASSERT_TRUE(write_tree(files, difference, root.path()));
  EXPECT_FALSE(fs::exists(root.path() / "a/generated/old.hpp"));
  EXPECT_TRUE(fs::exists(root.path() / "precious.txt"));
  EXPECT_TRUE(fs::exists(root.path() / "a/b.txt"));
  EXPECT_EQ(test::read_file(root.path() / "a/generated/new.hpp"), "new");
}

TEST(Tree, IgnoresABrokenManifest) {
  const test::TemporaryFolder root;
  root.write("generated/manifest.json", "{\"files\":[");
  EXPECT_TRUE(compare_tree({{"generated/manifest.json", "{}"}}, root.path()).stale.empty());
}

TEST(Diff, ExitsByClass) {
  const CommandResult same = run({"diff", test::kLibraryLoan, test::kLibraryLoan});
  EXPECT_EQ(same.exit_code, 0);
  EXPECT_EQ(same.out, "0 changes, highest class: none\n");
  const test::TemporaryFolder folder;
  folder.write("library-loan.xml", test::read_file(std::string(test::kLibraryLoan) + "/library-loan.xml"));
  folder.write("loan.xml", test::edited(test::read_file(std::string(test::kLibraryLoan) + "/loan.xml"), "card=\"0..3\"",
                                        "card=\"0..4\""));
  const std::string other = folder.path().string();
  EXPECT_EQ(run({"diff", test::kLibraryLoan, other}).exit_code, 1);
  EXPECT_EQ(run({"diff", test::kLibraryLoan, other, "--allow", "XSD"}).exit_code, 0);
  EXPECT_EQ(run({"diff", test::kLibraryLoan, other, "--allow", "VECTOR"}).exit_code, 1);
  EXPECT_EQ(run({"diff", other, test::kLibraryLoan, "--allow", "XSD"}).exit_code, 1);
}

TEST(Show, PrintsAnElementAndItsReferences) {
  const auto show = [](const std::string& id) { return run({"show", "--spec", test::kLibraryLoan, id}); };
  EXPECT_THAT(show("LL-004").out, HasSubstr("MUST"));
  EXPECT_THAT(show("LL-004").out, HasSubstr("row library.copy C4"));
  EXPECT_THAT(show("Borrow").out, HasSubstr("path: /loan/1/borrow"));
  EXPECT_THAT(show("Loan").out, HasSubstr("message Recall"));
  EXPECT_THAT(show("C3").out, HasSubstr("rows (value/mask): C3.1"));
  EXPECT_THAT(show("LL-E-LENT").out, HasSubstr("machine library.copy"));
  EXPECT_THAT(show("LLD-01").out, HasSubstr("resolution"));
  const CommandResult none = show("Borow");
  EXPECT_EQ(none.exit_code, 1);
  EXPECT_THAT(none.err, HasSubstr("did you mean 'Borrow'?"));
}

}  // namespace
}  // namespace quickpay::spec
