#include "conformance/certify/sign.hpp"

#include "conformance/report/text.hpp"

namespace quickpay::conformance {

namespace {

/// Why nothing that these options run can be certified.
std::optional<std::string> signing_fault(const CertifyOptions& options) {
  if (options.sign.empty()) {
    return options.challenge.empty() && options.log.empty() && options.artefacts.empty()
               ? std::nullopt
               : std::optional<std::string>("--artefact, --challenge and --log are for a certificate: add --sign KEY");
  }
  if (options.out.empty()) {
    return "--sign needs --out: a certificate is about the results in that folder";
  }
  if (!options.endpoint.empty()) {
    return "--sign: level E cannot be certified, since what needs an adapter is not judged";
  }
  if (!options.baseline.empty()) {
    return "--sign: no certificate where a baseline excuses failures; leave out --baseline";
  }
  if (!options.select.empty() || !options.protocols.empty()) {
    return "--sign: a certificate is about the whole suite; leave out --select and --protocol";
  }
  if (options.artefacts.empty() && !options.reference) {
    return "--sign needs --artefact FILE, the implementation that is certified";
  }
  if (options.seed && !options.challenge.empty()) {
    return "--seed: the challenge gives the seed";
  }
  return std::nullopt;
}

}  // namespace

tl::expected<std::optional<Issuer>, std::string> issuer_of(const CertifyOptions& options, const Target& target) {
  if (const auto fault = signing_fault(options)) {
    return tl::unexpected(*fault);
  }
  if (options.sign.empty()) {
    return std::nullopt;
  }
  IssueOptions wish{options.sign, options.artefacts, target.adapter, options.challenge, options.log};
  if (wish.artefacts.empty()) {
    wish.artefacts.push_back(options.self);
  }
  return prepare_issuer(wish).map([](Issuer issuer) { return std::optional(std::move(issuer)); });
}

bool sign_run(const Issuer& issuer, const RunResult& result, const SpecFacts& spec, const std::string& folder,
              std::ostream& out, std::ostream& err) {
  const auto issued = issue(issuer, result, spec, folder);
  if (!issued) {
    err << "quickpay certify: no certificate: " << printable(issued.error()) << "\n";
    return false;
  }
  for (const std::string& why : issued->refusals) {
    out << "no certificate: " << printable(why) << "\n";
  }
  if (!issued->path.empty()) {
    out << "certificate: " << issued->path << "\n";
  }
  return true;
}

}  // namespace quickpay::conformance
