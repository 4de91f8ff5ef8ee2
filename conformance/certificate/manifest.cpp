#include "conformance/certificate/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <set>
#include <span>

#include "conformance/certificate/files.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kMaxDifferences = 10;
constexpr std::size_t kDigestDigits = 64;

/// Depth is bounded by the logarithm of the number of leaves.
std::string root(std::span<const std::string> leaves) {
  if (leaves.size() == 1) {
    return crypto::sha256(std::string(1, '\0') + leaves.front());
  }
  const std::size_t left = std::bit_floor(leaves.size() - 1);
  return crypto::sha256('\x01' + root(leaves.first(left)) + root(leaves.subspan(left)));
}

bool added_later(const std::string& path) {
  return path == kManifestName || path == kCertificateName || path == kBadgeName;
}

std::string line_of(const FileDigest& file) { return file.digest + "  " + file.path; }

std::map<std::string, std::string, std::less<>> parsed(std::string_view text) {
  std::map<std::string, std::string, std::less<>> files;
  for (std::size_t begin = 0; begin < text.size() && files.size() < kMaxManifestFiles;) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    if (line.size() > kDigestDigits + 2) {
      files.emplace(line.substr(kDigestDigits + 2), line.substr(0, kDigestDigits));
    }
  }
  return files;
}

}  // namespace

std::string merkle_root(const std::vector<std::string>& leaves) {
  return crypto::to_hex(leaves.empty() ? crypto::sha256("") : root(leaves));
}

tl::expected<std::vector<FileDigest>, std::string> digests_of(const std::filesystem::path& folder) {
  std::vector<FileDigest> files;
  std::error_code error;
  std::filesystem::recursive_directory_iterator walk(folder, error), end;
  for (; !error && walk != end; walk.increment(error)) {
    const std::string path = walk->path().lexically_relative(folder).generic_string();
    if (walk->is_symlink(error)) {
      return tl::unexpected(fmt::format("{} is a link", walk->path().string()));
    }
    if (walk->is_directory(error)) {
      continue;
    }
    const auto content = read_file(walk->path(), kMaxResultBytes);
    if (!content) {
      return tl::unexpected(content.error());
    }
    files.push_back({path, crypto::sha256_hex(*content)});
    if (files.size() > kMaxManifestFiles) {
      return tl::unexpected(fmt::format("{} holds more than {} files", folder.string(), kMaxManifestFiles));
    }
  }
  if (error) {
    return tl::unexpected(fmt::format("cannot read {}: {}", folder.string(), error.message()));
  }
  std::sort(files.begin(), files.end(), [](const FileDigest& a, const FileDigest& b) { return a.path < b.path; });
  return files;
}

tl::expected<std::vector<FileDigest>, std::string> result_digests(const std::filesystem::path& folder) {
  return digests_of(folder).map([](std::vector<FileDigest> files) {
    std::erase_if(files, [](const FileDigest& file) { return added_later(file.path); });
    return files;
  });
}

std::string manifest_text(const std::vector<FileDigest>& files) {
  std::string text;
  for (const FileDigest& file : files) {
    text += line_of(file) + "\n";
  }
  return text;
}

std::string root_of(const std::vector<FileDigest>& files) {
  std::vector<std::string> leaves;
  std::transform(files.begin(), files.end(), std::back_inserter(leaves), line_of);
  return merkle_root(leaves);
}

std::vector<std::string> differences(std::string_view text, const std::vector<FileDigest>& files) {
  auto certified = parsed(text);
  std::vector<std::string> list;
  for (const FileDigest& file : files) {
    const auto known = certified.find(file.path);
    if (known == certified.end()) {
      list.push_back(fmt::format("{} was not there", file.path));
    } else if (known->second != file.digest) {
      list.push_back(fmt::format("{} was changed", file.path));
    }
    if (known != certified.end()) {
      certified.erase(known);
    }
  }
  for (const auto& [path, digest] : certified) {
    list.push_back(fmt::format("{} is missing", path));
  }
  list.resize(std::min(list.size(), kMaxDifferences));
  return list;
}

}  // namespace quickpay::conformance
