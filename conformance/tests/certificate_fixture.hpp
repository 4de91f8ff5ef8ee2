// Signed runs of the toy suite, each test in a folder of its own.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "conformance/certificate/issue.hpp"
#include "conformance/certificate/keys.hpp"
#include "conformance/certificate/log.hpp"
#include "conformance/certificate/verify.hpp"
#include "conformance/tests/toy_suite.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/pem.hpp"

namespace quickpay::conformance {

namespace fs = std::filesystem;

inline std::string content_of(const fs::path& path) { return read_file(path, kMaxResultBytes).value_or(""); }

class CertificateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::signal(SIGPIPE, SIG_IGN);
    folder_ = fs::temp_directory_path() / ("qp-certificate-" + std::to_string(::getpid()));
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    key_ = (folder_ / "key").string();
    write(key_, crypto::to_pem(crypto::kPemPrivateKey, issuer().pkcs8_der()));
    write(key_ + ".pub", crypto::to_pem(crypto::kPemPublicKey, issuer().public_key().spki_der()));
    options_.jobs = 1;
    options_.role = "vendor";
    options_.seed = 5;
    options_.out = (folder_ / "out").string();
    options_.sign = key_;
    options_.artefacts = {"conformance/tests/adapters/toy.py"};
  }
  void TearDown() override { fs::remove_all(folder_); }

  static const crypto::RsaPrivateKey& issuer() {
    static const auto& key = *new crypto::RsaPrivateKey(made("issuer"));
    return key;
  }
  static const crypto::RsaPrivateKey& stranger() {
    static const auto& key = *new crypto::RsaPrivateKey(made("stranger"));
    return key;
  }
  static crypto::RsaPrivateKey made(std::string_view seed) {
    crypto::SeededRandom random(seed);
    crypto::CryptoCounters counters;
    return *crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
  }
  ExitCode run(const std::string& mode) {
    options_.adapter = "exec python3 conformance/tests/adapters/toy.py " + mode;
    out_.str({});
    err_.str({});
    return certify(options_, parts_, out_, err_, nullptr).code;
  }
  fs::path out(const std::string& name) const { return fs::path(options_.out) / name; }
  bool has_certificate() const { return fs::exists(out("certificate.json")); }
  void write(const fs::path& path, const std::string& text) const {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  }

  Verification checked(VerifyOptions options = {}) const {
    options.certificate = out("certificate.json").string();
    return verify(options, {parts_.suite, parts_.worlds, parts_.spec}).value_or(Verification{});
  }
  Verification checked_with_results() const {
    VerifyOptions options;
    options.results = options_.out;
    return checked(options);
  }
  static std::string fall(const Verification& verification) {
    std::string text;
    for (const Ruling& ruling : verification.rulings) {
      text += ruling.stands ? "" : ruling.text + "\n";
    }
    return text;
  }
  /// What a dishonest issuer does: signs whatever is in the folder.
  void sign_anyway(const std::function<void(Json&)>& change = [](Json&) {}) const {
    Json payload = open_envelope(kCertificateType, content_of(out("certificate.json")))->payload;
    change(payload);
    const auto files = result_digests(options_.out);
    payload["results"] = {{"files", files->size()}, {"root", root_of(*files)}};
    write(out("certificate.json"), *sign_payload(kCertificateType, payload, *read_private_key(key_)));
  }

  fs::path folder_;
  std::string key_;
  CertifyOptions options_;
  CertifyParts parts_ = fakes::toy_parts();
  std::ostringstream out_, err_;
};

}  // namespace quickpay::conformance
