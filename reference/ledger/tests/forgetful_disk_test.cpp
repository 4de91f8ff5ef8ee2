// The disk that the power-loss tests stand on: it must forget, or they show nothing.
#include "reference/ledger/testing/forgetful_disk.hpp"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>
#include <vector>

namespace quickpay::ledger {
namespace {

// A raw file on the disk, as SQLite would use it.
class RawFile {
 public:
  RawFile(const ForgetfulDisk& disk, const char* path) : vfs_(sqlite3_vfs_find(disk.vfs_name().c_str())) {
    memory_.resize(static_cast<std::size_t>(vfs_->szOsFile));
    file_ = reinterpret_cast<sqlite3_file*>(memory_.data());
    opened_ = vfs_->xOpen(vfs_, path, file_, SQLITE_OPEN_CREATE | SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK;
  }
  ~RawFile() {
    if (opened_) file_->pMethods->xClose(file_);
  }
  bool opened() const { return opened_; }
  bool write(const std::string& text, int offset = 0) {
    return file_->pMethods->xWrite(file_, text.data(), static_cast<int>(text.size()), offset) == SQLITE_OK;
  }
  bool sync() { return file_->pMethods->xSync(file_, 0) == SQLITE_OK; }
  std::string read() {
    sqlite3_int64 size = 0;
    if (file_->pMethods->xFileSize(file_, &size) != SQLITE_OK) return "dead";
    std::string text(static_cast<std::size_t>(size), '\0');
    file_->pMethods->xRead(file_, text.data(), static_cast<int>(size), 0);
    return text;
  }

 private:
  sqlite3_vfs* vfs_;
  std::vector<std::max_align_t> memory_;
  sqlite3_file* file_ = nullptr;
  bool opened_ = false;
};

TEST(ForgetfulDisk, KeepsWhatWasSyncedAndForgetsTheRest) {
  ForgetfulDisk disk;
  RawFile file(disk, "f");
  ASSERT_TRUE(file.write("synced"));
  ASSERT_TRUE(file.sync());
  ASSERT_TRUE(file.write("VOLATI"));
  EXPECT_EQ(file.read(), "VOLATI");
  disk.power_on();
  EXPECT_EQ(file.read(), "dead");
  EXPECT_EQ(RawFile(disk, "f").read(), "synced");
}

TEST(ForgetfulDisk, FailsFromTheChosenOperationOn) {
  ForgetfulDisk disk;
  RawFile file(disk, "f");
  disk.cut_at(3);
  EXPECT_TRUE(file.write("a"));
  EXPECT_TRUE(file.sync());
  EXPECT_FALSE(file.write("b"));
  EXPECT_TRUE(disk.power_is_cut());
  EXPECT_FALSE(file.sync());
  EXPECT_FALSE(RawFile(disk, "g").opened());
  EXPECT_EQ(disk.writes(), 3);
  EXPECT_EQ(disk.syncs(), 1);
  disk.power_on();
  EXPECT_EQ(RawFile(disk, "f").read(), "a");
}

TEST(ForgetfulDisk, ForgetsFilesThatWereNeverSynced) {
  ForgetfulDisk disk;
  RawFile(disk, "f").write("x");
  disk.power_on();
  EXPECT_EQ(RawFile(disk, "f").read(), "");
}

TEST(ForgetfulDisk, LetsArbitrarySectorsSurviveWithASeed) {
  int old_and_new = 0;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    ForgetfulDisk disk(seed);
    RawFile file(disk, "f");
    file.write(std::string(4096, 'o'));
    file.sync();
    file.write(std::string(4096, 'n'));
    disk.power_on();
    const std::string found = RawFile(disk, "f").read();
    ASSERT_EQ(found.size(), 4096U);
    if (found.find('o') != std::string::npos && found.find('n') != std::string::npos) ++old_and_new;
  }
  EXPECT_GT(old_and_new, 5);
}

TEST(ForgetfulDisk, TwoDisksShareNothing) {
  ForgetfulDisk one;
  ForgetfulDisk two;
  RawFile(one, "f").write("x");
  EXPECT_NE(one.vfs_name(), two.vfs_name());
  EXPECT_EQ(RawFile(two, "f").read(), "");
}

}  // namespace
}  // namespace quickpay::ledger
