// `quickpay repro` without its command line: one bundle in, one scenario played again, alone.
#pragma once

#include "conformance/certify/certify.hpp"

namespace quickpay::conformance {

struct ReproOptions {
  std::string bundle;         ///< file
  CertifyOptions certify;     ///< names the implementation; role, profile, scenario and seed come from the bundle
  bool pause = false;         ///< before the scenario of the bundle
  std::string export_as;      ///< "curl": nothing is played, the requests are written to `out`
};

/// Plays the scenario of a bundle, and the twin that it needs, and says whether the same was found again.
/// The exit code is that of the run; `usage` for a file that is no bundle of this suite and specification.
CertifyEnd repro(const ReproOptions& options, const CertifyParts& parts, std::ostream& out, std::ostream& err,
                 const std::atomic<bool>* stop);

}  // namespace quickpay::conformance
