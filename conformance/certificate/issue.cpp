#include "conformance/certificate/issue.hpp"

#include <fmt/format.h>

#include "conformance/certificate/keys.hpp"
#include "conformance/certificate/log.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::conformance {

namespace {

/// The files that the adapter's command names, which may be none: a program that the shell knows by itself.
tl::expected<Artefact, std::string> adapter_of(const std::string& command) {
  const std::vector<std::string> files = files_of_command(command);
  return files.empty() ? Artefact{{}, root_of({})} : artefact_of(files);
}

tl::expected<std::optional<Challenge>, std::string> challenge_of(const IssueOptions& options,
                                                                 const Artefact& artefact) {
  if (options.challenge.empty()) {
    return std::nullopt;
  }
  auto challenge = read_file(options.challenge, kMaxCertificateBytes).and_then(open_challenge);
  if (!challenge) {
    return tl::unexpected(challenge.error());
  }
  if (challenge->artefact != artefact.digest) {
    return tl::unexpected(std::string("the challenge is for another artefact"));
  }
  return std::optional(std::move(*challenge));
}

tl::expected<Subject, std::string> subject_of(const IssueOptions& options) {
  auto artefact = artefact_of(options.artefacts);
  if (!artefact) {
    return tl::unexpected("--artefact: " + artefact.error());
  }
  auto adapter = adapter_of(options.command);
  if (!adapter) {
    return tl::unexpected("--adapter: " + adapter.error());
  }
  auto challenge = challenge_of(options, *artefact);
  if (!challenge) {
    return tl::unexpected("--challenge: " + challenge.error());
  }
  return Subject{std::move(*artefact), std::move(*adapter), options.command, std::move(*challenge)};
}

tl::expected<void, std::string> put(const std::filesystem::path& folder, const std::vector<FileDigest>& files,
                                    const std::string& badge, const std::string& certificate) {
  return write_file(folder / kManifestName, manifest_text(files))
      .and_then([&] { return write_file(folder / kBadgeName, badge); })
      .and_then([&] { return write_file(folder / kCertificateName, certificate); });
}

}  // namespace

tl::expected<Issuer, std::string> prepare_issuer(const IssueOptions& options) {
  auto key = read_private_key(options.key);
  if (!key) {
    return tl::unexpected("--sign: " + key.error());
  }
  return subject_of(options).map([&](Subject subject) { return Issuer{options, *key, std::move(subject)}; });
}

tl::expected<Issued, std::string> issue(const Issuer& issuer, const RunResult& result, const SpecFacts& spec,
                                        const std::filesystem::path& folder) {
  std::vector<std::string> why = refusals(result);
  const auto now = subject_of(issuer.options);
  if (!now || now->artefact.digest != issuer.subject.artefact.digest ||
      now->adapter.digest != issuer.subject.adapter.digest) {
    why.push_back("the implementation or its adapter was changed during the run");
  }
  if (!why.empty()) {
    return Issued{{}, {}, why};
  }
  const auto files = result_digests(folder);
  if (!files) {
    return tl::unexpected(files.error());
  }
  const std::string key_id = issuer.key.public_key().key_id();
  const auto certificate =
      sign_payload(kCertificateType, statement_of(result, spec, issuer.subject, *files, key_id), issuer.key);
  if (!certificate) {
    return tl::unexpected(certificate.error());
  }
  const Issued issued{(folder / kCertificateName).string(), crypto::sha256_hex(*certificate), {}};
  if (!issuer.options.log.empty()) {  // what is not in the log must not be in the world
    if (const auto logged = append_log(issuer.options.log, {"issued", issued.digest, {}}, utc_now(), issuer.key);
        !logged) {
      return tl::unexpected(logged.error());
    }
  }
  return put(folder, *files, badge_svg(result, issued.digest), *certificate).map([&] { return issued; });
}

}  // namespace quickpay::conformance
