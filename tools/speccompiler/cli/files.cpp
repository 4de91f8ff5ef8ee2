#include "tools/speccompiler/cli/files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

namespace quickpay::spec {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "manifest.json";

std::optional<std::string> read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

// Only what lies in a folder `generated` below the root may ever be removed.
bool removable(const std::string& path) {
  const fs::path parts(path);
  const auto named = [&](std::string_view name) { return std::find(parts.begin(), parts.end(), name) != parts.end(); };
  return parts.is_relative() && named("generated") && !named("..");
}

std::vector<std::string> files_of_manifest(const fs::path& path) {
  std::vector<std::string> files;
  const auto text = read_file(path);
  if (!text || text->size() > kMaxManifestBytes) return files;
  const auto manifest = nlohmann::json::parse(*text, nullptr, false);
  if (!manifest.is_object() || !manifest.contains("files") || !manifest["files"].is_object()) return files;
  for (const auto& [file, slice] : manifest["files"].items()) {
    if (removable(file)) files.push_back(file);
  }
  return files;
}

std::vector<std::string> stale_files(const std::vector<EmittedFile>& files, const fs::path& root) {
  std::set<std::string> current;
  std::set<std::string> stale;
  for (const EmittedFile& file : files) current.insert(file.path);
  for (const EmittedFile& file : files) {
    if (fs::path(file.path).filename() != kManifest) continue;
    for (const std::string& old : files_of_manifest(root / file.path)) {
      if (current.count(old) == 0 && fs::exists(root / old)) stale.insert(old);
    }
  }
  return {stale.begin(), stale.end()};
}

// Written beside and moved into place, so that a file is never half.
bool replace_file(const fs::path& path, const std::string& content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  const fs::path beside = path.string() + ".new";
  {
    std::ofstream stream(beside, std::ios::binary | std::ios::trunc);
    stream << content;
    stream.close();
    if (!stream) return false;
  }
  fs::rename(beside, path, error);
  return !error;
}

}  // namespace

TreeDifference compare_tree(const std::vector<EmittedFile>& files, const fs::path& root) {
  TreeDifference difference;
  for (const EmittedFile& file : files) {
    const auto present = read_file(root / file.path);
    if (!present) {
      difference.missing.push_back(file.path);
    } else if (*present != file.content) {
      difference.changed.push_back(file.path);
    }
  }
  difference.stale = stale_files(files, root);
  std::sort(difference.missing.begin(), difference.missing.end());
  std::sort(difference.changed.begin(), difference.changed.end());
  return difference;
}

tl::expected<void, std::string> write_tree(const std::vector<EmittedFile>& files, const TreeDifference& difference,
                                           const fs::path& root) {
  std::set<std::string> wanted(difference.missing.begin(), difference.missing.end());
  wanted.insert(difference.changed.begin(), difference.changed.end());
  for (const EmittedFile& file : files) {
    if (wanted.count(file.path) == 0) continue;
    if (!replace_file(root / file.path, file.content)) {
      return tl::make_unexpected(fmt::format("{} cannot be written", file.path));
    }
  }
  for (const std::string& path : difference.stale) {
    std::error_code error;
    if (!fs::remove(root / path, error)) return tl::make_unexpected(fmt::format("{} cannot be removed", path));
  }
  return {};
}

}  // namespace quickpay::spec
