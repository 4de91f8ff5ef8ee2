// Which files open_sqlite takes for a ledger, and what it says of the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <SQLiteCpp/SQLiteCpp.h>

#include "reference/ledger/ledger.hpp"

namespace quickpay::ledger {
namespace {

using ::testing::HasSubstr;

class OpenTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "ledger-open-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::string path() const { return (folder_ / "a.ledger").string(); }
  void exec(const char* sql) { SQLite::Database(path(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql); }
  std::string refusal() {
    auto opened = open_sqlite(path());
    return opened ? "opened" : opened.error().what;
  }

  std::filesystem::path folder_;
};

TEST_F(OpenTest, CreatesAndReopens) {
  EXPECT_EQ(refusal(), "opened");
  EXPECT_EQ(refusal(), "opened");
}

TEST_F(OpenTest, KeepsNothingInMemory) {
  auto ledger = open_sqlite(":memory:");
  ASSERT_TRUE(ledger);
  ASSERT_TRUE((*ledger)->begin_unit());
  ASSERT_TRUE((*ledger)->put({"m", "k", "S", {}, {}}));
  ASSERT_TRUE((*ledger)->end_unit());
  ASSERT_TRUE((*ledger)->flush());
  EXPECT_TRUE((*ledger)->find("m", "k").value());
  EXPECT_FALSE(open_sqlite(":memory:").value()->find("m", "k").value());
}

TEST_F(OpenTest, RefusesAnotherSchemaVersion) {
  ASSERT_EQ(refusal(), "opened");
  const int other = kSchemaVersion + 1;
  exec(("PRAGMA user_version=" + std::to_string(other)).c_str());
  EXPECT_THAT(refusal(), HasSubstr("it has schema version " + std::to_string(other) + ", this program reads " +
                                   std::to_string(kSchemaVersion)));
}

TEST_F(OpenTest, RefusesADatabaseOfAnotherProgramAndLeavesItAlone) {
  exec("CREATE TABLE t(x)");
  const auto before = std::filesystem::last_write_time(path());
  EXPECT_THAT(refusal(), HasSubstr("database of another program"));
  EXPECT_EQ(std::filesystem::last_write_time(path()), before);
}

TEST_F(OpenTest, RefusesWhatIsNoDatabase) {
  std::ofstream(path()) << std::string(5000, 'x');
  EXPECT_THAT(refusal(), HasSubstr("not a database"));
}

TEST_F(OpenTest, RefusesAFolderThatIsNotThere) {
  auto opened = open_sqlite((folder_ / "no" / "such").string());
  ASSERT_FALSE(opened);
  EXPECT_THAT(opened.error().what, HasSubstr("cannot open the ledger"));
}

TEST_F(OpenTest, RefusesASecondUser) {
  auto first = open_sqlite(path());
  ASSERT_TRUE(first);
  EXPECT_THAT(refusal(), HasSubstr("is in use by another process"));
  first->reset();
  EXPECT_EQ(refusal(), "opened");
}

}  // namespace
}  // namespace quickpay::ledger
