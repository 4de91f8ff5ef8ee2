// Generated files against a tree: what differs, and making it equal.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "tools/speccompiler/emit/emit.hpp"

namespace quickpay::spec {

inline constexpr std::size_t kMaxManifestBytes = 1024 * 1024;  ///< a larger manifest counts as none

/// How a tree departs from what is generated; paths relative to its root, sorted.
struct TreeDifference {
  std::vector<std::string> missing;
  std::vector<std::string> changed;
  std::vector<std::string> stale;  ///< listed in the manifest of the tree, no longer generated, still there
  bool empty() const { return missing.empty() && changed.empty() && stale.empty(); }
};

TreeDifference compare_tree(const std::vector<EmittedFile>& files, const std::filesystem::path& root);

/// Makes the tree equal to what is generated; files that are equal already are not touched. Error: which file failed.
tl::expected<void, std::string> write_tree(const std::vector<EmittedFile>& files, const TreeDifference& difference,
                                           const std::filesystem::path& root);

}  // namespace quickpay::spec
