// A service that has micropayment alone: what its configuration may claim, and that it starts by claiming what it has.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/daemon/config_file.hpp"
#include "reference/daemon/serve.hpp"

namespace quickpay::daemon {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string broker(const std::string& more) {
  return R"({"player":"B7","listen":{"address":"127.0.0.1","port":0},"ledger":"b.ledger",)" + more + "}";
}

std::string wrong(const std::string& more) {
  const auto config = parse_config("broker", broker(more));
  return config ? "nothing is wrong" : config.error();
}

TEST(LeftOut, AConfigurationThatNamesNoneClaimsWhatIsThere) {
  const auto config = parse_config("broker", broker(R"("directory":"d.json")"));
  ASSERT_TRUE(config) << config.error();
  EXPECT_THAT(config->daemon.node.protocols, ElementsAre("micropayment"));
}

TEST(LeftOut, WhatIsNotThereCannotBeClaimed) {
  EXPECT_EQ(wrong(R"("directory":"d.json","protocols":["micropayment"])"), "nothing is wrong");
  EXPECT_THAT(wrong(R"("directory":"d.json","protocols":["micropayment","revoke"])"),
              HasSubstr("names \"revoke\", which this build is without"));
  EXPECT_THAT(wrong(R"("directory":"d.json","protocols":["micropaymnt"])"), HasSubstr("did you mean \"micropayment\""));
}

TEST(LeftOut, NobodyIsAskedWhoOthersAre) {
  EXPECT_THAT(wrong(R"("host_entry":"h.xml")"), HasSubstr("needs the protocol administration, which this build is without"));
}

// With a key to sign with a Vendor would run them.
TEST(LeftOut, NoBatchesAreRunByThemselves) {
  crypto::SeededRandom random(std::uint64_t{1});
  crypto::CryptoCounters counters;
  const auto key = crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
  ASSERT_TRUE(key);
  const auto config = parse_config("vendor", R"({"player":"V1001","listen":{"address":"127.0.0.1","port":0},
    "ledger":"v.ledger","directory":"d.json","fixtures":{"signing_keys":[{"key":")" +
                                                 crypto::base64_encode(key->pkcs8_der()) +
                                                 R"(","not_before":"2026-01-01T00:00:00Z",
    "not_after":"2026-12-31T23:59:59Z"}]}})");
  ASSERT_TRUE(config) << config.error();
  EXPECT_EQ(config->daemon.node.signing_keys.size(), 1U);
  EXPECT_EQ(config->settle_every, 0);
}

TEST(LeftOut, TheServiceIsInTheProgram) { EXPECT_EQ(serve("broker", "/there/is/no/such/file", {}), kExitConfig); }

}  // namespace
}  // namespace quickpay::daemon
