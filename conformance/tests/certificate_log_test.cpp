// Challenges and the log of certificates.
#include "conformance/tests/certificate_fixture.hpp"

namespace quickpay::conformance {
namespace {

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
           [](Json& p) { p["seed"] = 5U; },
           [](Json& p) { p["implementation"]["artefact"]["digest"] = std::string(64, '0'); },
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
    ASSERT_TRUE(append_log(log_, {"revoked", crypto::sha256_hex(content_of(out("certificate.json"))), "a reason"},
                           utc_now(), *read_private_key(by)));
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

}  // namespace
}  // namespace quickpay::conformance
