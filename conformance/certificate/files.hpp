// Files of certification, read and written as a whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <tl/expected.hpp>

#include "conformance/model/iut.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxCertificateBytes = 1U << 20;  ///< of a certificate, challenge, commitment or key
inline constexpr std::size_t kMaxResultBytes = 256U << 20;     ///< of one file of a results folder
inline constexpr std::size_t kMaxArtefactBytes = 2U << 30;     ///< of one file of an implementation

/// The bytes of a regular file of at most `limit` bytes. The error is a sentence that names the file.
tl::expected<std::string, std::string> read_file(const std::filesystem::path& path, std::size_t limit);

/// Writes the file, flushes it to the disk and renames it into place, so that there is the old one or the new one.
/// `secret`: readable by the owner alone, and refused where a file is already there.
tl::expected<void, std::string> write_file(const std::filesystem::path& path, const std::string& content,
                                           bool secret = false);

/// JSON with sorted names and without white space: the bytes that are hashed and signed.
std::string canonical(const Json& json);

/// The time of now, "2026-11-22T12:00:00Z".
std::string utc_now();

}  // namespace quickpay::conformance
