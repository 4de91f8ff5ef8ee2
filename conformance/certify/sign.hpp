// The certificate at the end of a run, as the options of `quickpay certify` ask for it.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <tl/expected.hpp>

#include "conformance/certificate/issue.hpp"
#include "conformance/certify/certify.hpp"
#include "conformance/run/runner.hpp"

namespace quickpay::conformance {

/// Nothing if no certificate is asked for. The error is a sentence: options of a run that cannot be certified, or a
/// file that cannot be read.
tl::expected<std::optional<Issuer>, std::string> issuer_of(const CertifyOptions& options, const Target& target);

/// Issues the certificate of a run whose reports were written, and says on `out` where it is or why there is none.
/// False: a file could not be read or written; `err` says which.
bool sign_run(const Issuer& issuer, const RunResult& result, const SpecFacts& spec, const std::string& folder,
              std::ostream& out, std::ostream& err);

}  // namespace quickpay::conformance
