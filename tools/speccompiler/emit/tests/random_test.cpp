// What emitters make of random specifications compiles, without a warning.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tools/speccompiler/emit/emit.hpp"
#include "tools/speccompiler/emit/tests/random_spec.hpp"

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;

constexpr int kSpecs = 3;

fs::path written(const std::vector<EmittedFile>& files, const std::string& name) {
  const fs::path root = fs::path(testing::TempDir()) / ("quickpay-random-" + name);
  fs::remove_all(root);
  for (const EmittedFile& file : files) {
    fs::create_directories((root / file.path).parent_path());
    std::ofstream(root / file.path, std::ios::binary) << file.content;
  }
  return root;
}

bool compiles(const fs::path& root, const std::string& file) {
  const std::string log = (root / "log").string();
  const std::string command = fmt::format(
      "{} -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror -I {} -I . {} > {} "
      "2>&1",
      QP_CXX, root.string(), (root / file).string(), log);
  if (std::system(command.c_str()) == 0) return true;
  std::ifstream stream(log);
  ADD_FAILURE() << file << ":\n" << std::string(std::istreambuf_iterator<char>(stream), {}).substr(0, 4000);
  return false;
}

bool is_engine(const std::string& path) { return path.find("_msm.cpp") != std::string::npos; }

TEST(RandomSpecifications, CompileWithoutWarnings) {
  const std::uint64_t seed = test::run_seed();
  for (std::uint64_t i = 0; i < kSpecs; ++i) {
    const auto files = emit_all(test::random_spec(seed + i));
    const fs::path root = written(files, std::to_string(i));
    for (const EmittedFile& file : files) {
      const bool source = fs::path(file.path).extension() == ".cpp";
      if (!source || (is_engine(file.path) && i != 0)) continue;  // engines cost seconds: those of one specification do
      EXPECT_TRUE(compiles(root, file.path)) << "seed " << seed + i;
    }
  }
}

// Twin: a table with a hole does not compile.
TEST(RandomSpecifications, BrokenOutputIsNotTaken) {
  auto files = emit_all(test::random_spec(1));
  for (EmittedFile& file : files) {
    const std::size_t field = file.content.find("Leaf, nullptr, ");
    if (file.path.find("messages.cpp") == std::string::npos || field == std::string::npos) continue;
    file.content.replace(field, 15, "Leaf, nowhere, ");
  }
  const fs::path root = written(files, "broken");
  const std::string command =
      fmt::format("{} -std=c++20 -fsyntax-only -I {} -I . {}/reference/codec/generated/messages.cpp > /dev/null 2>&1",
                  QP_CXX, root.string(), root.string());
  EXPECT_NE(std::system(command.c_str()), 0);
}

TEST(RandomSpecifications, AreTheSameForTheSameSeed) {
  const auto one = emit_all(test::random_spec(7));
  const auto other = emit_all(test::random_spec(7));
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].content, other[i].content) << one[i].path;
}

}  // namespace
}  // namespace quickpay::spec
