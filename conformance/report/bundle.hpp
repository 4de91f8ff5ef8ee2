// Repro bundles: one file a scenario with a finding, from which that scenario can be played again, alone.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "conformance/report/report.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kBundleKind = "quickpay-repro/1";
inline constexpr std::string_view kBundleEnding = ".qpr.json";
inline constexpr std::size_t kMaxBundleBytes = 8U << 20;       ///< of a file that is read
inline constexpr std::size_t kMaxBundledBodies = 1U << 20;     ///< bytes of messages in a file that is written
inline constexpr std::size_t kMaxBundledMessages = 512;
inline constexpr std::size_t kMaxBundleDepth = 16;             ///< nesting
inline constexpr std::size_t kMaxBundleText = 4096;            ///< bytes of a name or a text
inline constexpr std::size_t kMaxBundledHeaders = 128;         ///< of one message

/// What was found in one check.
struct BundledFinding {
  std::string check;
  std::string verdict;
  std::string reason;
  bool operator==(const BundledFinding&) const = default;
};

/// One message that passed; hostile in every part.
struct BundledMessage {
  bool request = false;
  bool by_iut = false;
  std::string from, to, path, mutation, body;
  std::vector<std::pair<std::string, std::string>> headers;
};

/// What a bundle says. It names no program, no file and no address: the implementation is named again on the command line.
struct Bundle {
  std::string role;
  std::string profile;
  std::string scenario;
  std::uint64_t seed = 0;
  std::vector<BundledFinding> findings;
  std::vector<BundledMessage> messages;
};

/// True iff something in the scenario is worth playing again: a check that counts and neither passed nor is not applicable.
bool has_bundle(const ScenarioResult& scenario);
/// FOLDER/repro/ID.qpr.json.
std::string bundle_path(const std::string& folder, const ScenarioResult& scenario);
std::string bundle_text(const RunResult& result, const SpecFacts& spec, const ScenarioResult& scenario);
/// Reads a bundle made by this suite for this specification. The error is a sentence: what is wrong with the file.
tl::expected<Bundle, std::string> read_bundle(std::string_view text, const SpecFacts& spec);
/// The findings of a scenario as a bundle keeps them.
std::vector<BundledFinding> bundled_findings(const ScenarioResult& scenario);

/// The requests of the suite to the implementation as lines for a POSIX shell with curl; the address is $IUT. What of
/// them curl cannot send is said in a comment.
std::string curl_lines(const Bundle& bundle);

}  // namespace quickpay::conformance
