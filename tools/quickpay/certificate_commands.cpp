#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "conformance/certificate/challenge.hpp"
#include "conformance/certificate/files.hpp"
#include "conformance/certificate/keys.hpp"
#include "conformance/certificate/log.hpp"
#include "conformance/certificate/verify.hpp"
#include "conformance/report/text.hpp"
#include "reference/crypto/hash.hpp"
#include "tools/quickpay/commands.hpp"
#include "tools/quickpay/parts.hpp"

namespace quickpay::cli {

namespace {

using namespace conformance;

constexpr int kDoesNotStand = 1;

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

int complain(const std::string& command, const std::string& why) {
  const std::string text = fmt::format("quickpay {}: {}\n", command, printable(why));
  std::fwrite(text.data(), 1, text.size(), stderr);
  return kUsage;
}

int keygen(const std::string& path, std::size_t bits) {
  const auto key_id = make_key_files(path, bits);
  if (!key_id) {
    return complain("keygen", key_id.error());
  }
  print(fmt::format("private key: {0}\npublic key: {0}.pub\nkey id: {1}\n", path, *key_id));
  return 0;
}

std::string text_at(const Json& certificate, const char* pointer) {
  const Json::json_pointer path(pointer);
  return certificate.contains(path)
             ? printable(certificate.at(path).is_string() ? certificate.at(path).get<std::string>()
                                                          : certificate.at(path).dump())
             : std::string();
}

/// What a certificate says, for people. Everything in it was chosen by whoever signed it.
std::string description(const Json& certificate) {
  std::string text;
  for (const auto& [term, pointer] :
       {std::pair{"implementation", "/implementation/name"}, std::pair{"version", "/implementation/version"},
        std::pair{"artefact", "/implementation/artefact/digest"},
        std::pair{"adapter", "/implementation/adapter/digest"}, std::pair{"role", "/role"},
        std::pair{"profile", "/profile"}, std::pair{"protocols", "/claims/protocols"}, std::pair{"level", "/level"},
        std::pair{"suite", "/suite/version"}, std::pair{"specification", "/spec/id"}, std::pair{"seed", "/seed"},
        std::pair{"counts", "/counts"}, std::pair{"issued", "/issued"}, std::pair{"issuer", "/issuer/kind"}}) {
    text += fmt::format("{:14} {}\n", term, text_at(certificate, pointer));
  }
  return text;
}

int verify_certificate(const VerifyOptions& options) {
  if (!options.head.empty() && options.log.empty()) {
    return complain("verify", "--head goes with --log");
  }
  const CertifyParts parts = certify_parts();
  const auto verification = verify(options, {parts.suite, parts.worlds, parts.spec});
  if (!verification) {
    return complain("verify", verification.error());
  }
  if (!verification->certificate.is_null()) {
    print(description(verification->certificate));
  }
  for (const Ruling& ruling : verification->rulings) {
    print(fmt::format("{} {}\n", ruling.stands ? "ok  " : "FAIL", printable(ruling.text)));
  }
  print(verification->stands() ? "the certificate stands\n" : "the certificate does not stand\n");
  return verification->stands() ? 0 : kDoesNotStand;
}

int commit(const std::vector<std::string>& artefacts, const std::string& out) {
  const auto artefact = artefact_of(artefacts);
  const auto written =
      artefact ? write_file(out, commitment_text(*artefact, utc_now())) : tl::unexpected(artefact.error());
  if (!written) {
    return complain("commit", written.error());
  }
  print(fmt::format("artefact: {}\ncommitment: {}\n", artefact->digest, out));
  return 0;
}

int challenge(const std::string& commitment, const std::string& sign, const std::string& out, const std::string& log) {
  const auto key = read_private_key(sign);
  const auto text = read_file(commitment, kMaxCertificateBytes);
  if (!key || !text) {
    return complain("challenge", key ? text.error() : key.error());
  }
  const auto made = make_challenge(*text, utc_now(), *key);
  const auto opened = made ? open_challenge(*made) : tl::unexpected(made.error());
  if (!opened) {
    return complain("challenge", opened.error());
  }
  if (!log.empty()) {
    if (const auto logged = append_log(log, {"challenge", crypto::sha256_hex(*made), {}}, utc_now(), *key); !logged) {
      return complain("challenge", logged.error());
    }
  }
  if (const auto written = write_file(out, *made); !written) {
    return complain("challenge", written.error());
  }
  print(fmt::format("artefact: {}\nseed: {}\nchallenge: {}\n", opened->artefact, opened->seed, out));
  return 0;
}

int revoke(const std::string& certificate, const std::string& sign, const std::string& log, const std::string& reason) {
  const auto key = read_private_key(sign);
  const auto text = read_file(certificate, kMaxCertificateBytes);
  if (!key || !text) {
    return complain("revoke", key ? text.error() : key.error());
  }
  const auto opened = open_envelope(kCertificateType, *text);
  if (!opened) {
    return complain("revoke", opened.error());
  }
  if (opened->key_id != key->public_key().key_id()) {
    return complain("revoke", "only the key that signed a certificate revokes it");
  }
  const auto head = append_log(log, {"revoked", crypto::sha256_hex(*text), reason}, utc_now(), *key);
  if (!head) {
    return complain("revoke", head.error());
  }
  print(fmt::format("revoked; head {}\n", *head));
  return 0;
}

int show_log(const std::string& path) {
  const auto text = read_file(path, kMaxLogBytes);
  if (!text) {
    return complain("log", text.error());
  }
  const auto entries = read_log(*text);
  if (!entries) {
    print(fmt::format("FAIL {}: {}\n", path, entries.error()));
    return kDoesNotStand;
  }
  for (const LogEntry& entry : *entries) {
    print(fmt::format("{} {:9} {} by {} {}\n", printable(entry.time), entry.kind, printable(entry.subject),
                      entry.key_id.substr(0, 16), printable(entry.reason)));
  }
  print(fmt::format("{} entries; head {}\n", entries->size(), entries->empty() ? "none" : entries->back().digest));
  return 0;
}

void add_keygen(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("keygen", "Make a key pair that signs certificates");
  auto path = std::make_shared<std::string>();
  auto bits = std::make_shared<std::size_t>(kCertificateKeyBits);
  command->add_option("FILE", *path, "of the private key; FILE.pub gets the public one")->required();
  command->add_option("--bits", *bits, "2048 to 8192")->capture_default_str();
  command->callback([&line, path, bits] { line.chosen = [path, bits] { return keygen(*path, *bits); }; });
}

void add_verify(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("verify", "Check a certificate, offline");
  auto options = std::make_shared<VerifyOptions>();
  command->add_option("CERT", options->certificate, "certificate.json")->required();
  command->add_option("--key", options->key, "key of the issuer, in PEM");
  command->add_option("--witness", options->witness, "key of whoever drew the challenge, in PEM");
  command->add_option("--results", options->results, "folder of the results: compared, and judged again");
  command->add_option("--log", options->log, "log of certificates: is it in there, and not revoked?");
  command->add_option("--head", options->head, "head of the log that was seen before");
  command->footer("Exit codes: 0 it stands, 1 it does not, 2 usage or a file that cannot be read.");
  command->callback([&line, options] { line.chosen = [options] { return verify_certificate(*options); }; });
}

void add_commit(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("commit", "Commit to an artefact before its challenge is drawn");
  auto artefacts = std::make_shared<std::vector<std::string>>();
  auto out = std::make_shared<std::string>("commitment.json");
  command->add_option("--artefact", *artefacts, "file or folder of the implementation; may be repeated")->required();
  command->add_option("--out", *out, "file")->capture_default_str();
  command->callback([&line, artefacts, out] { line.chosen = [artefacts, out] { return commit(*artefacts, *out); }; });
}

void add_challenge(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("challenge", "Draw the seed that a committed artefact is certified with");
  auto commitment = std::make_shared<std::string>();
  auto sign = std::make_shared<std::string>();
  auto log = std::make_shared<std::string>();
  auto out = std::make_shared<std::string>("challenge.json");
  command->add_option("COMMITMENT", *commitment, "commitment.json")->required();
  command->add_option("--sign", *sign, "key of the witness")->required();
  command->add_option("--out", *out, "file")->capture_default_str();
  command->add_option("--log", *log, "log to which the challenge is added");
  command->callback([=, &line] { line.chosen = [=] { return challenge(*commitment, *sign, *out, *log); }; });
}

void add_revoke(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("revoke", "Add the revocation of a certificate to a log");
  auto certificate = std::make_shared<std::string>();
  auto sign = std::make_shared<std::string>();
  auto log = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  command->add_option("CERT", *certificate, "certificate.json")->required();
  command->add_option("--sign", *sign, "key that signed it")->required();
  command->add_option("--log", *log, "file")->required();
  command->add_option("--reason", *reason, "for people")->required();
  command->callback([=, &line] { line.chosen = [=] { return revoke(*certificate, *sign, *log, *reason); }; });
}

void add_log(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("log", "Check and list a log of certificates");
  auto path = std::make_shared<std::string>();
  command->add_option("LOG", *path, "file")->required();
  command->callback([&line, path] { line.chosen = [path] { return show_log(*path); }; });
}

}  // namespace

void add_certificates(CommandLine& line) {
  add_keygen(line);
  add_verify(line);
  add_commit(line);
  add_challenge(line);
  add_revoke(line);
  add_log(line);
}

}  // namespace quickpay::cli
