// Certificates: every byte is bound, nothing that was not earned is signed, and what is signed can be judged again.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <regex>

#include "conformance/run/recording.hpp"
#include "conformance/tests/certificate_fixture.hpp"
#include "conformance/tests/schema.hpp"
#include "reference/crypto/encoding.hpp"

namespace quickpay::conformance {
namespace {

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
      EXPECT_NE(fall(checked_with_results()).find(file.path + " was changed"), std::string::npos)
          << file.path << " byte " << i;
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
  EXPECT_NE(fall(checked_with_results())
                .find("vendor.pay.accepts in vendor.pay.good is fail by the transcript, pass by report.json"),
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
    payload["counts"] = {{"pass", 0U},         {"fail", 0U},           {"warn", 0U},
                         {"inconclusive", 0U}, {"not_applicable", 0U}, {"error", 0U}};
    for (const Json& check : changed["checks"]) {
      Json& number = payload["counts"][check["verdict"].get<std::string>()];
      number = number.get<unsigned>() + 1;
    }
    changed["counts"] = payload["counts"];
  });
  write(out("report.json"), changed.dump());
  sign_anyway();
  EXPECT_NE(fall(checked_with_results())
                .find("vendor.pay.refuses in vendor.pay.other-amount is fail by the transcript, pass by report.json\n"),
            std::string::npos);
}

// A mandatory check that is said to be none, or counts that nobody counted: the suite of whoever verifies knows better.
TEST_F(CertificateTest, WhatIsMandatoryIsNotForTheReportToSay) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const fs::path transcript = out("transcript/vendor.pay.other-amount.jsonl");
  // No refusal came, so that the scenario goes no further.
  std::string text = std::regex_replace(content_of(transcript), std::regex(R"("kind":1)"), R"("kind":2)");
  const std::size_t benign = text.rfind('\n', text.rfind(R"("step":"do")")) + 1;
  text.erase(benign, text.find('\n', benign) + 1 - benign);
  write(transcript, text);
  Json report = Json::parse(content_of(out("report.json")));
  for (Json& check : report["checks"]) {
    if (check["id"] == "vendor.pay.refuses") {
      check["level"] = "SHOULD";
      check["verdict"] = "inconclusive";
    }
  }
  report["counts"]["pass"] = 3U;
  report["counts"]["inconclusive"] = 1U;
  write(out("report.json"), report.dump());
  sign_anyway([&](Json& payload) {
    payload["counts"] = report["counts"];
    payload["warnings"] = Json::array(
        {{{"check", "vendor.pay.refuses"}, {"scenario", "vendor.pay.other-amount"}, {"verdict", "inconclusive"}}});
  });
  EXPECT_EQ(fall(checked_with_results()),
            "vendor.pay.refuses in vendor.pay.other-amount is mandatory and inconclusive by the transcript\n");
}

// A dispute is never honoured for a certificate, and a report that hides a failure behind one does not stand.
TEST_F(CertificateTest, WhatIsDisputedIsNotCertified) {
  const std::string disputes = R"('{"vendor.pay.refuses": "sentence 4.2 says otherwise"}')";
  const auto run_disputing = [&](const std::string& mode) {
    options_.adapter = "exec env DISPUTES=" + disputes + " python3 conformance/tests/adapters/toy.py " + mode;
    return certify(options_, parts_, out_, err_, nullptr).code;
  };
  EXPECT_EQ(run_disputing("accepts-everything"), ExitCode::as_expected);
  EXPECT_FALSE(has_certificate());
  EXPECT_NE((out_.str() + err_.str()).find("disputes checks that it did not pass"), std::string::npos) << out_.str();
  ASSERT_EQ(run_disputing("location"), ExitCode::as_expected);
  EXPECT_TRUE(checked_with_results().stands()) << fall(checked_with_results());
  Json report = Json::parse(content_of(out("report.json")));
  report["disputed"] = Json::array({report["checks"].back()});
  write(out("report.json"), report.dump());
  sign_anyway();
  EXPECT_NE(fall(checked_with_results()).find("report.json has disputed checks"), std::string::npos);
}

TEST_F(CertificateTest, MembersOfAnotherKindAreAFindingAndNoCrash) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const std::string honest = content_of(out("report.json"));
  for (const char* text : {"{\"checks\":[3]}", "{\"checks\":{\"a\":1}}", "{\"checks\":[{\"verdict\":{}}]}",
                           "{\"checks\":7}", "[]", "\xff"}) {
    write(out("report.json"), text);
    sign_anyway();
    EXPECT_FALSE(checked_with_results().stands()) << text;
  }
  write(out("report.json"), honest);
  sign_anyway();
  const std::string certificate = content_of(out("certificate.json"));
  EXPECT_TRUE(checked_with_results().stands());
  for (const char* member :
       {"claims", "counts", "requirements", "implementation", "suite", "spec", "warnings", "issuer"}) {
    sign_anyway([&](Json& payload) { payload[member] = member == std::string("issuer") ? Json::object() : Json("x"); });
    EXPECT_FALSE(checked().stands()) << member;
    write(out("certificate.json"), certificate);
  }
}

TEST_F(CertificateTest, ATranscriptOfAnotherSeedOrScenarioIsRefused) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const fs::path transcript = out("transcript/vendor.pay.good.jsonl");
  const std::string honest = content_of(transcript);
  for (const auto& [from, to] :
       {std::pair{R"("seed":5)", R"("seed":6)"}, std::pair{R"("number":1)", R"("number":2)"},
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

// What is said to be claimed, or not, has to be what the run played, whoever signs it.
TEST_F(CertificateTest, OtherProtocolsThanWerePlayedAreRefused) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  const std::string honest = content_of(out("report.json"));
  for (const auto& [member, names] : {std::pair{"protocols", Json{"communication", "micropayment"}}, std::pair{"unclaimed", Json{"micropayment"}}}) {
    const Json kept = Json::parse(honest)[member];
    sign_anyway([&](Json& payload) { payload["claims"][member] = names; });
    EXPECT_NE(fall(checked_with_results()).find(std::string("report.json has another ") + member), std::string::npos) << member;
    Json report = Json::parse(honest);
    report[member] = names;
    write(out("report.json"), report.dump());
    sign_anyway();
    EXPECT_NE(fall(checked_with_results()).find("asks other questions"), std::string::npos) << member;
    write(out("report.json"), honest);
    sign_anyway([&](Json& payload) { payload["claims"][member] = kept; });
    EXPECT_TRUE(checked_with_results().stands()) << fall(checked_with_results());
  }
}

RC_GTEST_PROP(Recordings, AnyTextIsReadOrRefused, (std::string text)) {
  RC_ASSERT(read_recording(text).has_value() == text.empty());  // and nothing is thrown
}

// ---------------------------------------------------------------- what is not signed
TEST_F(CertificateTest, NothingComesOutForTenBrokenImplementations) {
  ASSERT_EQ(run("location"), ExitCode::as_expected);
  ASSERT_TRUE(has_certificate());
  for (const char* mode : {"always-rejects", "accepts-everything", "crash", "crash-on-bad", "crash-late", "garbage",
                           "null", "wrong-reason", "no-outcome", "error", "pending"}) {
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
           [](RunResult& r) { r.level = "E"; }, [](RunResult& r) { r.baseline = true; },
           [](RunResult& r) { r.complete = false; }, [](RunResult& r) { r.interrupted = true; },
           [](RunResult& r) { r.defects = {"hangs"}; }, [](RunResult& r) { r.scenarios[0].dropped = 1; },
           [](RunResult& r) {
             r.stale = {{"vendor.x", "", "known"}};
           },
           [](RunResult& r) { r.scenarios[0].checks[0].verdict = Verdict::inconclusive; },
           [](RunResult& r) {
             r.scenarios[0].checks[0].verdict = Verdict::fail;
             r.scenarios[0].checks[0].excused = true;
           }}) {
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
  const auto artefact = artefact_of({"conformance/tests/adapters"});
  EXPECT_TRUE(std::any_of(artefact->files.begin(), artefact->files.end(), [](const auto& file) { return file.path == "adapters/toy.py"; }));
}

}  // namespace
}  // namespace quickpay::conformance
