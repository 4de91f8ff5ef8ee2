// Issues certificates at the end of a run.
#pragma once

#include <filesystem>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "conformance/certificate/statement.hpp"
#include "reference/crypto/rsa.hpp"

namespace quickpay::conformance {

struct IssueOptions {
  std::string key;                     ///< file of the private key
  std::vector<std::string> artefacts;  ///< files and folders of the implementation
  std::string command;                 ///< of the adapter
  std::string challenge;               ///< file; empty: none
  std::string log;                     ///< file; empty: none
};

/// Everything that an issuer holds before the run begins.
struct Issuer {
  IssueOptions options;
  crypto::RsaPrivateKey key;
  Subject subject;
};

/// Reads key, artefact and challenge, so that nothing of it can fail after a long run. The error is a sentence.
tl::expected<Issuer, std::string> prepare_issuer(const IssueOptions& options);

/// What became of the wish for a certificate.
struct Issued {
  std::string path;                   ///< of certificate.json; empty: there is none
  std::string digest;                 ///< of that file
  std::vector<std::string> refusals;  ///< why there is none
};

/// Writes manifest.sha256, badge.svg and certificate.json into `folder`, which holds the reports of this run, and
/// appends to the log. An error is a sentence about a file that could not be read or written; then there is no
/// certificate either.
tl::expected<Issued, std::string> issue(const Issuer& issuer, const RunResult& result, const SpecFacts& spec,
                                        const std::filesystem::path& folder);

}  // namespace quickpay::conformance
