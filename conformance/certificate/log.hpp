// The public record of certificates: one signed entry a line, each with the digest of the line before it, so that
// nothing that was said can be taken back or slipped in.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/certificate/envelope.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kLogFormat = "quickpay-log-1";
inline constexpr std::size_t kMaxLogBytes = 256U << 20;
inline constexpr std::size_t kMaxReasonBytes = 1000;

struct LogEntry {
  std::string kind;     ///< "issued", "revoked", "challenge"
  std::string subject;  ///< SHA-256 of the certificate or challenge file
  std::string time;     ///< UTC
  std::string reason;   ///< revoked: why
  std::string key_id;   ///< who says so
  std::string digest;   ///< of the line: the head of the log up to here
};

/// What an entry says; the rest follows from the log.
struct LogWords {
  std::string kind;
  std::string subject;
  std::string reason;
};

/// Reads a log: every line is signed and follows from the line before. The error names the line.
tl::expected<std::vector<LogEntry>, std::string> read_log(std::string_view text);

/// Checks the whole log and adds an entry, on the disk when this returns. Only one process at a time writes; after an
/// error the file is as it was. Returns the new head.
tl::expected<std::string, std::string> append_log(const std::filesystem::path& path, const LogWords& words,
                                                  const std::string& now, const crypto::RsaPrivateKey& key);

}  // namespace quickpay::conformance
