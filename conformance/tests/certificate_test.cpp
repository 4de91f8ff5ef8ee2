// Certificates: every byte is bound, nothing that was not earned is signed, and what is signed can be judged again.
#include "conformance/certificate/issue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <signal.h>

#include <fstream>
#include <functional>
#include <regex>
#include <sstream>

#include "conformance/certificate/keys.hpp"
#include "conformance/certificate/log.hpp"
#include "conformance/certificate/verify.hpp"
#include "conformance/run/recording.hpp"
#include "conformance/tests/schema.hpp"
#include "conformance/tests/toy_suite.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/pem.hpp"

namespace quickpay::conformance {
namespace {

namespace fs = std::filesystem;

std::string content_of(const fs::path& path) { return read_file(path, kMaxResultBytes).value_or(""); }

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
    static const crypto::RsaPrivateKey key = made("issuer");
    return key;
  }
  static const crypto::RsaPrivateKey& stranger() {
    static const crypto::RsaPrivateKey key = made("stranger");
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

// ---------------------------------------------------------------- what is signed
TEST_F(CertificateTest, AFlawlessRunIsSignedAndStands) {
  ASSERT_EQ(run("location"), ExitCode::as_expected) << err_.str();
  ASSERT_TRUE(has_certificate()) << out_.str();
  VerifyOptions options;
  options.key = key_ + ".pub";
  options.results = options_.out;
  const Verification verification = checked(options);
  EXPECT_TRUE(verification.stands()) << fall(verification);
  EXPECT_EQ(verification.certificate["implementation"]["name"], "Toy");
  EXPECT_EQ(verification.certificate["issuer"]["kind"], "self");
  EXPECT_EQ(verification.certificate["seed"], 5);
}

TEST_F(CertificateTest, ItsStatementKeepsTheSchema) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  Json payload = open_envelope(kCertificateType, content_of(out("certificate.json")))->payload;
  EXPECT_EQ(tests::schema_fault("certificate.schema.json", payload), "");
  payload["counts"]["fail"] = 1;
  EXPECT_NE(tests::schema_fault("certificate.schema.json", payload), "");
  payload["counts"]["fail"] = 0;
  payload["more"] = 1;
  EXPECT_NE(tests::schema_fault("certificate.schema.json", payload), "");
}

TEST_F(CertificateTest, AnotherKeyIsNotItsIssuer) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  write(folder_ / "other.pub", crypto::to_pem(crypto::kPemPublicKey, stranger().public_key().spki_der()));
  VerifyOptions options;
  options.key = (folder_ / "other.pub").string();
  EXPECT_FALSE(checked(options).stands());
}

// ---------------------------------------------------------------- every byte
TEST_F(CertificateTest, EveryByteOfTheCertificateIsBound) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const std::string whole = content_of(out("certificate.json"));
  ASSERT_TRUE(open_envelope(kCertificateType, whole));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (const char flip : {'\x01', '\x20'}) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      EXPECT_FALSE(open_envelope(kCertificateType, changed)) << "byte " << i;
    }
    std::string shorter = whole;
    EXPECT_FALSE(open_envelope(kCertificateType, shorter.erase(i, 1))) << "byte " << i;
  }
  EXPECT_FALSE(open_envelope(kCertificateType, whole + " "));
  EXPECT_FALSE(open_envelope(kChallengeType, whole));
}

TEST_F(CertificateTest, EveryByteOfResultsAndTranscriptsIsBound) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const auto files = result_digests(options_.out);
  ASSERT_TRUE(files);
  ASSERT_GE(files->size(), 8U);
  std::size_t tried = 0;
  for (const FileDigest& file : *files) {
    const std::string whole = content_of(out(file.path));
    const std::size_t stride = std::max<std::size_t>(1, whole.size() / 7);
    for (std::size_t i = 0; i < whole.size(); i += stride, ++tried) {
      std::string changed = whole;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      write(out(file.path), changed);
      EXPECT_NE(fall(checked_with_results()).find(file.path + " was changed"), std::string::npos) << file.path << " byte " << i;
    }
    write(out(file.path), whole);
  }
  EXPECT_GE(tried, 50U);
  EXPECT_TRUE(checked_with_results().stands());
}

TEST_F(CertificateTest, FilesThatAppearOrVanishAreNoticed) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  write(out("transcript/more.txt"), "more");
  EXPECT_NE(fall(checked_with_results()).find("transcript/more.txt was not there"), std::string::npos);
  fs::remove(out("transcript/more.txt"));
  fs::remove(out("junit.xml"));
  EXPECT_NE(fall(checked_with_results()).find("junit.xml is missing"), std::string::npos);
}

// ---------------------------------------------------------------- judged again
TEST_F(CertificateTest, AVerdictThatDoesNotFollowIsRefusedWhoeverSignsIt) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const fs::path transcript = out("transcript/vendor.pay.good.jsonl");
  const std::string honest = content_of(transcript);
  std::string broken = std::regex_replace(honest, std::regex(R"("kind":0)"), R"("kind":1)");
  ASSERT_NE(broken, honest);
  write(transcript, broken);
  sign_anyway();
  EXPECT_NE(fall(checked_with_results()).find("vendor.pay.accepts in vendor.pay.good is fail by the transcript, pass by report.json"),
            std::string::npos)
      << fall(checked_with_results());
  write(transcript, honest);
  sign_anyway();
  EXPECT_TRUE(checked_with_results().stands()) << fall(checked_with_results());
}

TEST_F(CertificateTest, AReportThatHidesAFailureIsRefusedWhoeverSignsIt) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const std::string certificate = content_of(out("certificate.json"));
  ASSERT_EQ(run("accepts-everything"), ExitCode::failed);
  EXPECT_FALSE(has_certificate());
  std::string report = content_of(out("report.json"));
  Json changed = Json::parse(report);
  for (Json& check : changed["checks"]) {
    check["verdict"] = check["verdict"] == "not_applicable" ? "not_applicable" : "pass";
  }
  write(out("certificate.json"), certificate);
  write(out("report.json"), changed.dump());
  sign_anyway([&](Json& payload) {
    payload["claims"]["features"] = changed["implementation"]["features"];
    payload["started"] = changed["started"];
    payload["counts"] = {{"pass", 0U}, {"fail", 0U}, {"warn", 0U}, {"inconclusive", 0U}, {"not_applicable", 0U}, {"error", 0U}};
    for (const Json& check : changed["checks"]) {
      Json& number = payload["counts"][check["verdict"].get<std::string>()];
      number = number.get<unsigned>() + 1;
    }
    changed["counts"] = payload["counts"];
  });
  write(out("report.json"), changed.dump());
  sign_anyway();
  EXPECT_EQ(fall(checked_with_results()), "vendor.pay.refuses in vendor.pay.other-amount is fail by the transcript, pass by report.json\n");
}

TEST_F(CertificateTest, ATranscriptOfAnotherSeedOrScenarioIsRefused) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const fs::path transcript = out("transcript/vendor.pay.good.jsonl");
  const std::string honest = content_of(transcript);
  for (const auto& [from, to] : {std::pair{R"("seed":5)", R"("seed":6)"}, std::pair{R"("number":1)", R"("number":2)"},
                                 std::pair{R"("profile":"F")", R"("profile":"H")"}, std::pair{R"(pay.good")", R"(pay.polite")"}}) {
    const std::string changed = std::regex_replace(honest, std::regex(from), to);
    ASSERT_NE(changed, honest) << from;
    write(transcript, changed);
    sign_anyway();
    EXPECT_NE(fall(checked_with_results()).find("cannot be judged again"), std::string::npos) << from;
  }
}

TEST_F(CertificateTest, AnotherSuiteCannotJudgeAgain) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  parts_.suite = [](std::string_view role) {
    auto suite = fakes::toy_suite(role);
    suite.pop_back();
    return suite;
  };
  EXPECT_NE(fall(checked_with_results()).find("asks other questions"), std::string::npos);
  parts_ = fakes::toy_parts();
  parts_.spec.id = std::string(64, 'b');
  EXPECT_NE(fall(checked_with_results()).find("judges by specification"), std::string::npos);
}

RC_GTEST_PROP(Recordings, AnyTextIsReadOrRefused, (std::string text)) {
  RC_ASSERT(read_recording(text).has_value() == text.empty());  // and nothing is thrown
}

// ---------------------------------------------------------------- what is not signed
TEST_F(CertificateTest, NothingComesOutForTenBrokenImplementations) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  ASSERT_TRUE(has_certificate());
  for (const char* mode : {"always-rejects", "accepts-everything", "crash", "crash-on-bad", "crash-late", "garbage", "null",
                           "wrong-reason", "no-outcome", "error", "pending"}) {
    EXPECT_NE(run(mode), ExitCode::as_expected) << mode;
    EXPECT_FALSE(has_certificate()) << mode << ": that of the run before is still there";
    EXPECT_NE(out_.str().find("no certificate: "), std::string::npos) << mode;
  }
}

TEST_F(CertificateTest, OptionsThatCannotBeCertifiedAreRefusedBeforeTheRun) {
  const CertifyOptions right = options_;
  const auto refused = [&](const std::string& word, const std::function<void(CertifyOptions&)>& change) {
    options_ = right;
    change(options_);
    EXPECT_EQ(run("location"), ExitCode::usage) << word;
    EXPECT_NE(err_.str().find(word), std::string::npos) << err_.str();
  };
  refused("--out", [](CertifyOptions& o) { o.out.clear(); });
  refused("--select", [](CertifyOptions& o) { o.select = "*good"; });
  refused("--protocol", [](CertifyOptions& o) { o.protocols = "micropayment"; });
  refused("--artefact", [](CertifyOptions& o) { o.artefacts.clear(); });
  refused("--artefact", [](CertifyOptions& o) { o.artefacts = {"/nowhere"}; });
  refused("--sign", [](CertifyOptions& o) { o.sign = "/nowhere"; });
  refused("--sign", [](CertifyOptions& o) { o.sign.clear(); });
  refused("--baseline", [&](CertifyOptions& o) {
    write(folder_ / "baseline.json", "[]");
    o.baseline = (folder_ / "baseline.json").string();
  });
}

TEST_F(CertificateTest, ARunThatIsNotWholeIsRefused) {
  RunResult result = fakes::run_of({fakes::judged("vendor.pay.good", Verdict::pass)});
  EXPECT_TRUE(refusals(result).empty());
  for (const auto& change : std::vector<std::function<void(RunResult&)>>{
           [](RunResult& r) { r.level = "E"; }, [](RunResult& r) { r.baseline = true; }, [](RunResult& r) { r.complete = false; },
           [](RunResult& r) { r.interrupted = true; }, [](RunResult& r) { r.defects = {"hangs"}; },
           [](RunResult& r) { r.scenarios[0].dropped = 1; }, [](RunResult& r) { r.stale = {{"vendor.x", "", "known"}}; },
           [](RunResult& r) { r.scenarios[0].checks[0].verdict = Verdict::inconclusive; },
           [](RunResult& r) { r.scenarios[0].checks[0].verdict = Verdict::fail; r.scenarios[0].checks[0].excused = true; }}) {
    RunResult changed = result;
    change(changed);
    EXPECT_FALSE(refusals(changed).empty());
  }
}

TEST_F(CertificateTest, AnArtefactThatChangesDuringTheRunIsNotCertified) {
  const fs::path product = folder_ / "product";
  write(product, "one");
  options_.artefacts = {product.string()};
  parts_.suite = [&](std::string_view role) {
    auto suite = fakes::toy_suite(role);
    suite.back().run = [this, product, body = suite.back().run](Session& session) {
      write(product, "two");
      body(session);
    };
    return suite;
  };
  EXPECT_EQ(run("location"), ExitCode::as_expected);
  EXPECT_FALSE(has_certificate());
  EXPECT_NE(out_.str().find("was changed during the run"), std::string::npos);
}

// ---------------------------------------------------------------- challenge
struct ChallengeTest : CertificateTest {
  void SetUp() override {
    CertificateTest::SetUp();
    witness_ = (folder_ / "witness").string();
    write(witness_, crypto::to_pem(crypto::kPemPrivateKey, stranger().pkcs8_der()));
    write(witness_ + ".pub", crypto::to_pem(crypto::kPemPublicKey, stranger().public_key().spki_der()));
    options_.seed.reset();
    options_.challenge = (folder_ / "challenge.json").string();
  }
  void challenge(const std::string& by, const std::string& time = "2026-01-01T00:00:00Z") {
    const auto artefact = artefact_of(options_.artefacts);
    write(options_.challenge, *make_challenge(commitment_text(*artefact, time), time, *read_private_key(by)));
  }
  std::string witness_;
};

TEST_F(ChallengeTest, TheSeedIsThatOfTheChallenge) {
  challenge(witness_);
  ASSERT_EQ(run("location"), ExitCode::as_expected) << err_.str();
  VerifyOptions options;
  options.key = key_ + ".pub";
  options.witness = witness_ + ".pub";
  options.results = options_.out;
  const Verification verification = checked(options);
  EXPECT_TRUE(verification.stands()) << fall(verification);
  EXPECT_EQ(verification.certificate["issuer"]["kind"], "witnessed");
  EXPECT_EQ(verification.certificate["seed"], open_challenge(content_of(options_.challenge))->seed);
  options.witness = key_ + ".pub";
  EXPECT_FALSE(checked(options).stands());
}

TEST_F(ChallengeTest, WhoChallengesHimselfIsNoWitness) {
  challenge(key_);
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  EXPECT_EQ(checked().certificate["issuer"]["kind"], "self");
  sign_anyway([](Json& payload) { payload["issuer"]["kind"] = "witnessed"; });
  EXPECT_FALSE(checked().stands());
}

TEST_F(ChallengeTest, AnotherArtefactSeedOrTimeIsRefused) {
  challenge(witness_);
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const std::string honest = content_of(out("certificate.json"));
  for (const auto& change : std::vector<std::function<void(Json&)>>{
           [](Json& p) { p["seed"] = 5U; }, [](Json& p) { p["implementation"]["artefact"]["digest"] = std::string(64, '0'); },
           [](Json& p) { p["started"] = "2025-01-01T00:00:00Z"; }, [](Json& p) { p.erase("challenge"); },
           [](Json& p) { p["challenge"] = "{}"; }}) {
    sign_anyway(change);
    EXPECT_FALSE(checked().stands());
    write(out("certificate.json"), honest);
  }
  options_.artefacts = {"conformance/tests/toy_suite.hpp"};
  EXPECT_EQ(run("location"), ExitCode::usage);
  EXPECT_NE(err_.str().find("for another artefact"), std::string::npos);
  options_.seed = 5;
  options_.artefacts = {"conformance/tests/adapters/toy.py"};
  EXPECT_EQ(run("location"), ExitCode::usage);
}

TEST_F(ChallengeTest, TwoChallengesForOneCommitmentGiveTwoSeeds) {
  const std::string commitment = commitment_text(*artefact_of(options_.artefacts), "2026-01-01T00:00:00Z");
  const auto key = read_private_key(witness_);
  const auto one = make_challenge(commitment, "2026-01-01T00:00:00Z", *key).and_then(open_challenge);
  const auto other = make_challenge(commitment, "2026-01-01T00:00:00Z", *key).and_then(open_challenge);
  EXPECT_NE(one->seed, other->seed);
  EXPECT_FALSE(make_challenge("{}", "2026-01-01T00:00:00Z", *key));
}

// ---------------------------------------------------------------- log
struct LogTest : CertificateTest {
  void SetUp() override {
    CertificateTest::SetUp();
    log_ = (folder_ / "log").string();
    options_.log = log_;
    ASSERT_EQ(run("location"), ExitCode::as_expected) << err_.str();
    options_in_log_.log = log_;
  }
  void revoke(const std::string& by) {
    ASSERT_TRUE(append_log(log_, {"revoked", crypto::sha256_hex(content_of(out("certificate.json"))), "a reason"}, utc_now(),
                           *read_private_key(by)));
  }
  std::string log_;
  VerifyOptions options_in_log_;
};

TEST_F(LogTest, ACertificateIsInTheLogUntilItIsRevoked) {
  EXPECT_TRUE(checked(options_in_log_).stands());
  options_in_log_.head = read_log(content_of(log_))->back().digest;
  const std::string other = (folder_ / "other").string();
  write(other, crypto::to_pem(crypto::kPemPrivateKey, stranger().pkcs8_der()));
  revoke(other);  // who did not issue it cannot revoke it
  EXPECT_TRUE(checked(options_in_log_).stands());
  revoke(key_);
  EXPECT_NE(fall(checked(options_in_log_)).find("revoked at"), std::string::npos);
}

TEST_F(LogTest, WhatIsNotInItDoesNotStand) {
  sign_anyway([](Json& payload) { payload["issued"] = "2026-01-01T00:00:00Z"; });
  EXPECT_EQ(fall(checked(options_in_log_)), "not in the log\n");
}

TEST_F(LogTest, ItsBytesAreBoundAndNoLineCanBeTakenOut) {
  revoke(key_);
  revoke(key_);
  const std::string whole = content_of(log_);
  ASSERT_EQ(read_log(whole)->size(), 3U);
  constexpr std::size_t kStride = 7;
  for (std::size_t i = 0; i < whole.size(); i += kStride) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(read_log(changed)) << "byte " << i;
  }
  const std::size_t first = whole.find('\n') + 1, second = whole.find('\n', first) + 1;
  EXPECT_FALSE(read_log(whole.substr(first)));
  EXPECT_FALSE(read_log(whole.substr(0, first) + whole.substr(second)));
  EXPECT_FALSE(read_log(whole + whole.substr(second)));
  options_in_log_.head = read_log(whole)->back().digest;
  write(log_, whole.substr(0, second));  // a log may be cut at a line; who remembers its head notices
  EXPECT_NE(fall(checked(options_in_log_)).find("entries were taken out"), std::string::npos);
}

TEST_F(LogTest, NothingIsAddedToABrokenLog) {
  write(log_, content_of(log_) + "{}\n");
  const std::string before = content_of(log_);
  EXPECT_FALSE(append_log(log_, {"revoked", "x", ""}, utc_now(), *read_private_key(key_)));
  EXPECT_EQ(content_of(log_), before);
  EXPECT_EQ(run("location"), ExitCode::usage);  // and no certificate that is not in it
  EXPECT_FALSE(has_certificate());
}

// ---------------------------------------------------------------- parts
TEST(Merkle, RootsAreThoseOfTheDefinition) {
  const auto leaf = [](const std::string& text) { return crypto::sha256(std::string(1, '\0') + text); };
  EXPECT_EQ(merkle_root({}), crypto::sha256_hex(""));
  EXPECT_EQ(merkle_root({"a"}), crypto::to_hex(leaf("a")));
  const std::string ab = crypto::sha256("\x01" + leaf("a") + leaf("b"));
  EXPECT_EQ(merkle_root({"a", "b"}), crypto::to_hex(ab));
  EXPECT_EQ(merkle_root({"a", "b", "c"}), crypto::sha256_hex("\x01" + ab + leaf("c")));
}

RC_GTEST_PROP(Merkle, NoTwoListsHaveOneRoot, (std::vector<std::string> a, std::vector<std::string> b)) {
  RC_ASSERT((merkle_root(a) == merkle_root(b)) == (a == b));
}

TEST_F(CertificateTest, KeysAreNotOverwrittenAndHaveToKeepThePolicy) {
  const std::string fresh = (folder_ / "fresh").string();
  ASSERT_TRUE(make_key_files(fresh, crypto::kMinKeyBits));
  EXPECT_FALSE(make_key_files(fresh, crypto::kMinKeyBits));
  EXPECT_FALSE(make_key_files((folder_ / "short").string(), 1024));
  EXPECT_EQ(fs::status(fresh).permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_EQ(read_public_key(fresh)->key_id(), read_public_key(fresh + ".pub")->key_id());
  EXPECT_FALSE(read_private_key(key_ + ".pub"));
  write(folder_ / "noise", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
  EXPECT_FALSE(read_private_key(folder_ / "noise"));
}

TEST(Artefacts, TheWordsOfACommandThatAreFilesAreItsAdapter) {
  const auto files = files_of_command("exec python3 'conformance/tests/adapters/toy.py' good");
  ASSERT_EQ(files.size(), 2U);
  EXPECT_NE(files[0].find("/python3"), std::string::npos);
  EXPECT_EQ(files[1], "conformance/tests/adapters/toy.py");
  EXPECT_FALSE(artefact_of({"/nowhere"}));
  EXPECT_EQ(artefact_of({"conformance/tests/adapters"})->files.front().path, "adapters/toy.py");
}

}  // namespace
}  // namespace quickpay::conformance
