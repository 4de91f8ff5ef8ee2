// What a player that asks the Host remembers, without the asking: bounds, silence, wants.
#include <gtest/gtest.h>

#include "reference/roles/addresses.hpp"
#include "reference/roles/directory_cache.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {
namespace {

std::string vendor(std::size_t number) { return "V" + std::to_string(1'000'000 + number); }

struct CacheTest : testing::Test {
  CacheTest() : cache(broker_config()) { cache.at(kNoon); }
  void put(const std::string& id, std::int64_t arrived_ms) {
    KnownPlayer known;
    known.player.id = id;
    known.player.role = role_of_id(id);
    known.arrived_ms = arrived_ms;
    known.longest_ms = 1'000'000'000;
    cache.put(std::move(known));
  }
  DirectoryCache cache;
};

TEST_F(CacheTest, TellsTheRoleByTheId) {  // QP-ROLE-001
  EXPECT_EQ(role_of_id("H1"), "host");
  EXPECT_EQ(role_of_id("B7"), "broker");
  EXPECT_EQ(role_of_id("V1001"), "vendor");
  EXPECT_EQ(role_of_id(kWallet), "wallet");
  for (const char* none : {"", "X1", "B", "B0", "W1", "V1 "}) EXPECT_EQ(role_of_id(none), "") << none;
}

TEST_F(CacheTest, RemembersWhatWasWantedOnce) {  // QP-ADD-20
  EXPECT_EQ(cache.find("V1001").found, Found::unavailable);
  EXPECT_EQ(cache.find("V1001").found, Found::unavailable);
  const auto wanted = cache.take_wanted();
  ASSERT_EQ(wanted.size(), 1U);
  EXPECT_FALSE(wanted.at("V1001")) << "it was only named";
  EXPECT_TRUE(cache.take_wanted().empty());
  EXPECT_TRUE(cache.asks_about("V1001"));
  EXPECT_TRUE(cache.take_wanted().at("V1001")) << "and now something waits for it";
}

TEST_F(CacheTest, WantsNoMoreThanSoMany) {  // QP-ADD-20
  for (std::size_t i = 0; i < 2 * kMaxWanted; ++i) static_cast<void>(cache.find(vendor(i)));
  EXPECT_FALSE(cache.asks_about("V1001")) << "nothing waits for what is not asked";
  EXPECT_EQ(cache.take_wanted().size(), kMaxWanted);
}

TEST_F(CacheTest, IsQuietAboutNoMoreThanSoMany) {  // QP-ADD-20
  for (std::size_t i = 0; i <= kMaxQuiet; ++i) {
    cache.at(kNoon + static_cast<std::int64_t>(i));
    cache.be_quiet(vendor(i), Found::unknown);
  }
  EXPECT_EQ(cache.find(vendor(0)).found, Found::unavailable) << "the first one made room";
  EXPECT_EQ(cache.find(vendor(1)).found, Found::unknown);
  EXPECT_EQ(cache.find(vendor(kMaxQuiet)).found, Found::unknown);
}

TEST_F(CacheTest, IsQuietForAsLongAsItMatters) {  // QP-ADD-20
  cache.be_quiet("V1001", Found::unknown);
  cache.be_quiet("V1002", Found::unavailable);
  cache.at(kNoon + kUnansweredMs);
  EXPECT_FALSE(cache.asks_about("V1002"));
  cache.at(kNoon + kUnansweredMs + 1);
  EXPECT_TRUE(cache.asks_about("V1002"));
  EXPECT_EQ(cache.find("V1001").found, Found::unknown);
  cache.at(kNoon + kUnknownMs + 1);
  EXPECT_EQ(cache.find("V1001").found, Found::unavailable);
}

TEST_F(CacheTest, AnEntryEndsTheSilence) {  // QP-ROLE-010
  cache.be_quiet("V1001", Found::unknown);
  put("V1001", kNoon);
  EXPECT_EQ(cache.find("V1001").found, Found::known);
}

TEST_F(CacheTest, KeepsTheHostWhateverItsAge) {  // QP-ROLE-010
  put("H1", kNoon - 1000);
  put("V1001", kNoon);
  put("V1002", kNoon + 1);
  EXPECT_EQ(cache.oldest(), "V1001");
  cache.remove("V1001");
  cache.remove("V1002");
  EXPECT_EQ(cache.oldest(), "");
}

TEST(BoundBy, KnowsTheNetworkOfAWallet) {  // QP-REL-006
  EXPECT_TRUE(covers("2001:db8:0:1::/64", "2001:db8:0:1:ffff::1"));
  EXPECT_FALSE(covers("2001:db8:0:1::/64", "2001:db8:0:2::1"));
  EXPECT_TRUE(covers("10.1.2.3/32", "::ffff:10.1.2.3"));
  EXPECT_FALSE(covers("10.1.2.3/32", "10.1.2.2"));
  EXPECT_TRUE(covers("10.1.2.3", "10.1.2.3"));
  for (const char* none : {"10.1.2.3/", "10.1.2.3/33", "10.1.2.3/0", "somewhere/32", "10.1.2.3/3x", "a01:203::/32", ""}) {
    EXPECT_FALSE(covers(none, "10.1.2.3")) << none;
  }
}

TEST_F(CacheTest, FindsNobodyByAPlace) {  // QP-ROLE-009
  put("V1001", kNoon);
  EXPECT_EQ(cache.find_vendor({kVendorAddress, 8080}).found, Found::unavailable);
}

}  // namespace
}  // namespace quickpay::roles
