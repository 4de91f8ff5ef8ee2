// The lint of the vectors sees each fault, and `run` sees a reader or a vector that differs.
#include "vectors/check.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace quickpay::vectors {
namespace {

namespace fs = std::filesystem;

TEST(VectorsLint, TheTreeIsInOrder) {
  for (const std::string& fault : lint("vectors")) {
    ADD_FAILURE() << fault;
  }
}

/// A folder with three vectors in it, of which a test breaks something.
class LintOfAFolder : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("qp-vectors-" + std::to_string(::getpid()));
    fs::create_directories(folder_ / "generated" / "p");
    write("notes.json", R"({"full":{"bugType":"NONE","description":"d","effect":"e"},"bom":{"bugType":"X","description":"d","effect":"e"}})");
    write("tombstones.json", R"([{"id":"a.gone","why":"the field went"}])");
    vectors(good());
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string good() {
    return R"({"id":"a.full","flags":["full"],"result":"valid"},{"id":"a.bom","flags":["bom"],"result":"invalid","base":"a.full"})";
  }
  void vectors(const std::string& list, int count = 2) const {
    write("generated/p/codec-A.json", R"({"count":)" + std::to_string(count) + R"(,"vectors":[)" + list + "]}");
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(folder_ / name) << text; }
  std::size_t faults() const { return lint(folder_).size(); }

  fs::path folder_;
};

TEST_F(LintOfAFolder, SeesEachFault) {
  EXPECT_EQ(faults(), 0U);
  vectors(good(), 3);
  EXPECT_GT(faults(), 0U) << "count";
  vectors(good() + R"(,{"id":"a.bom","flags":["bom"],"result":"invalid","base":"a.full"})", 3);
  EXPECT_GT(faults(), 0U) << "twice";
  vectors(good() + R"(,{"id":"a.gone","flags":["bom"],"result":"invalid","base":"a.full"})", 3);
  EXPECT_GT(faults(), 0U) << "gone";
  vectors(good() + R"(,{"id":"A.Bom","flags":["bom"],"result":"invalid","base":"a.full"})", 3);
  EXPECT_GT(faults(), 0U) << "no slug";
  vectors(good() + R"(,{"id":"a.x","flags":["bom"],"result":"invalid","base":"a.bom"})", 3);
  EXPECT_GT(faults(), 0U) << "the base is invalid";
  vectors(good() + R"(,{"id":"a.x","flags":["cdata"],"result":"valid"})", 3);
  EXPECT_GT(faults(), 0U) << "no note";
  vectors(R"({"id":"a.full","flags":["full"],"result":"valid"})", 1);
  EXPECT_GT(faults(), 0U) << "a note that nobody uses";
  vectors("{");
  EXPECT_GT(faults(), 0U) << "no JSON";
  vectors(R"({"id":1})", 1);
  EXPECT_GT(faults(), 0U) << "no text";
}

TEST(VectorsRun, OurReaderAgreesAndAnotherOneIsSeen) {
  auto loaded = load_codec_folder("vectors/generated");
  ASSERT_TRUE(loaded) << loaded.error();
  EXPECT_GT(loaded->size(), 5000U);
  EXPECT_TRUE(disagreements(*loaded).empty());
  const auto valid = std::find_if(loaded->begin(), loaded->end(), [](const CodecVector& v) { return v.valid; });
  const auto invalid = std::find_if(loaded->begin(), loaded->end(), [](const CodecVector& v) { return !v.valid; });
  valid->canonical_sha256.front() = valid->canonical_sha256.front() == '0' ? '1' : '0';
  invalid->code = "QP-E-OTHER";
  EXPECT_EQ(disagreements(*loaded).size(), 2U);
}

}  // namespace
}  // namespace quickpay::vectors
