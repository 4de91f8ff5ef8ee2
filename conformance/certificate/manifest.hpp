// The files of a results folder, and the one digest that stands for all of them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxManifestFiles = 20'000;
inline constexpr std::string_view kManifestName = "manifest.sha256";
inline constexpr std::string_view kCertificateName = "certificate.json";
inline constexpr std::string_view kBadgeName = "badge.svg";

struct FileDigest {
  std::string path;    ///< relative to the folder, with slashes
  std::string digest;  ///< SHA-256, 64 hex digits
  friend bool operator==(const FileDigest&, const FileDigest&) = default;
};

/// Root of the Merkle tree over the leaves: a leaf is SHA-256 of 0x00 and its bytes, a node SHA-256 of 0x01 and its
/// two children; of n leaves the left child has the largest power of two below n. 64 hex digits; of no leaves, SHA-256
/// of nothing.
std::string merkle_root(const std::vector<std::string>& leaves);

/// The files of `folder` and of its folders, sorted by path. Links are refused. The error names the file.
tl::expected<std::vector<FileDigest>, std::string> digests_of(const std::filesystem::path& folder);

/// The same without what certification adds afterwards: certificate.json, manifest.sha256, badge.svg.
tl::expected<std::vector<FileDigest>, std::string> result_digests(const std::filesystem::path& folder);

/// "DIGEST  PATH" a line, as sha256sum -c reads it.
std::string manifest_text(const std::vector<FileDigest>& files);

/// Merkle root over the lines of the manifest.
std::string root_of(const std::vector<FileDigest>& files);

/// What is different between the files that were certified and those that are there, at most ten sentences. `text` is
/// the stored manifest, which nobody signed.
std::vector<std::string> differences(std::string_view text, const std::vector<FileDigest>& files);

}  // namespace quickpay::conformance
