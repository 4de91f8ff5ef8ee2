// What a certificate says, and when there is none.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/certificate/artefact.hpp"
#include "conformance/certificate/challenge.hpp"
#include "conformance/report/report.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kCertificateFormat = "quickpay-certificate-1";

/// What a certificate says beyond the run and the specification.
struct Subject {
  Artefact artefact;    ///< of the implementation
  Artefact adapter;     ///< files that the adapter's command line names
  std::string command;  ///< that command line
  std::optional<Challenge> challenge;
};

/// Why this run earns no certificate; empty if it does. Each is a sentence without a full stop.
std::vector<std::string> refusals(const RunResult& result);

/// Digest over the scenarios and checks of a suite: which questions were asked.
std::string suite_digest(const std::vector<ScenarioInfo>& scenarios);

/// Name, size and digest of the set of requirements that the mandatory checks of these scenarios rest on.
Json requirement_set(const std::vector<ScenarioInfo>& scenarios, const std::string& name);

/// The payload without its issuer. `results` are the files that were written for this run.
Json statement_of(const RunResult& result, const SpecFacts& spec, const Subject& subject,
                  const std::vector<FileDigest>& results, const std::string& key_id);

/// What is wrong with a payload by itself: members that are missing or of another kind, counts that no certificate may
/// have, or a challenge that does not fit. Empty if nothing. See conformance/schemas/certificate.schema.json.
std::vector<std::string> statement_faults(const Json& payload, const std::string& key_id);

}  // namespace quickpay::conformance
