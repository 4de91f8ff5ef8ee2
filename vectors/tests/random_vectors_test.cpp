// The law behind the vectors: for any specification, the schema and the vectors that are made of it agree, although the
// one is checked by libxml2 and the others come from automata and tables.
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "tools/speccompiler/emit/emit.hpp"
#include "tools/speccompiler/emit/tests/random_spec.hpp"
#include "vectors/tests/schema_oracle.hpp"
#include "vectors/vectors.hpp"

namespace quickpay {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSpecs = 40;

fs::path written(const spec::Spec& spec) {
  const fs::path root = fs::path(testing::TempDir()) / "quickpay-random-vectors";
  fs::remove_all(root);
  for (const spec::EmittedFile& file : spec::emit_all(spec)) {
    fs::create_directories((root / file.path).parent_path());
    std::ofstream(root / file.path, std::ios::binary) << file.content;
  }
  return root;
}

std::vector<std::string> disagreements(const fs::path& root, std::size_t& checked) {
  const test::SchemaOracle oracle((root / "reference/codec/generated/play.xsd").string());
  EXPECT_TRUE(oracle.loaded());
  const auto vectors = vectors::load_codec_folder(root / "vectors/generated/game");
  EXPECT_TRUE(vectors) << (vectors ? "" : vectors.error());
  if (!oracle.loaded() || !vectors) return {"nothing to compare"};
  checked += vectors->size();
  return test::oracle_disagreements(oracle, *vectors, "X-XML");
}

TEST(RandomVectors, AgreeWithTheSchemaOfTheirSpecification) {
  const std::uint64_t seed = spec::test::run_seed();
  std::size_t checked = 0;
  for (std::uint64_t i = 0; i < kSpecs; ++i) {
    const auto found = disagreements(written(spec::test::random_spec(seed + i)), checked);
    EXPECT_TRUE(found.empty()) << "seed " << seed + i << ": " << found.size() << ", first " << found.front();
  }
  EXPECT_GT(checked, kSpecs * 50);
  std::cout << checked << " vectors of " << kSpecs << " specifications\n";
}

// Twin: the schema of one specification disagrees with the vectors of another.
TEST(RandomVectors, OfAnotherSpecificationDisagree) {
  std::size_t checked = 0;
  const fs::path root = written(spec::test::random_spec(1));
  fs::copy_file(root / "reference/codec/generated/play.xsd", root / "kept.xsd");
  const std::string kept = [&] {
    std::ifstream stream(root / "kept.xsd");
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }();
  const fs::path other = written(spec::test::random_spec(2));
  std::ofstream(other / "reference/codec/generated/play.xsd") << kept;
  EXPECT_FALSE(disagreements(other, checked).empty());
}

}  // namespace
}  // namespace quickpay
