// Daemons that know nothing but the Host's entry and look each other up over HTTP, with a Host that tells the truth,
// lies, or is away.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/crypto/signed_object.hpp"
#include "reference/daemon/tests/world.hpp"
#include "reference/roles/directory_asker.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::daemon::tests {
namespace {

namespace admin = msg::admin;

constexpr std::int64_t kDayMs = 86'400'000;
const std::string kTicket = "0123456789abcdef0123456789abcdef";
const std::string kElsewhere = "127.20.0.66";

crypto::RsaPrivateKey made_key(std::uint64_t seed) {
  crypto::SeededRandom random(seed);
  crypto::CryptoCounters counters;
  return *crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
}
const crypto::RsaPrivateKey& host_key() {
  static const auto& key = *new crypto::RsaPrivateKey(made_key(21));
  return key;
}
const crypto::RsaPrivateKey& other_key() {
  static const auto& key = *new crypto::RsaPrivateKey(made_key(22));
  return key;
}

/// The owner of a role's key: everybody but the Wallet signs.
const crypto::RsaPrivateKey& key_of(const std::string& role) {
  static const auto &broker = *new crypto::RsaPrivateKey(made_key(23)), &vendor = *new crypto::RsaPrivateKey(made_key(24));
  return role == "host" ? host_key() : role == "broker" ? broker : vendor;
}

void sign(msg::Entry& entry, const crypto::RsaPrivateKey& key) {
  crypto::SeededRandom random(std::uint64_t{3});
  crypto::CryptoCounters counters;
  const auto made = crypto::sign_object(key, "directory", "Entry", msg::kEntryType, &entry, random, counters);
  entry.sig = msg::Sig{made->key_id, made->value};
}

/// A Host that changes what it says of V1001, from the time at which it is told how.
struct Liar final : roles::Deviation {
  std::function<void(admin::LookupPlayerResponse&)> lie;
  bool rewrite_answer(std::string_view path, roles::Answer& answer) override {
    const auto& type = *admin::kLookupPlayerMessage.response;
    if (!lie || path != admin::kLookupPlayerMessage.path) return true;
    auto said = codec::read<admin::LookupPlayerResponse>(answer.body, type);
    if (!said || !said->body.entry || said->body.entry->id != "V1001") return true;
    lie(*said);
    answer.body = codec::write_document(type, &*said);
    return true;
  }
};

/// Leaves one check of entries out.
struct Credulous final : roles::Deviation {
  std::string check;
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    return value || (machine == roles::kEntryMachine && predicate == check);
  }
};

/// Wallet, Vendor and Broker begin with the Host's entry and nothing else.
struct Strangers {
  Strangers() : world([this](const std::string& role, DaemonConfig& config) { prepare(role, config); }) {
    roles::Player wallet = *world.directory.find(kWallet).player;
    wallet.ticket = kTicket;
    const std::string entry = world.at("host").daemon->node().host_entry().value_or("");
    for (const char* role : {"broker", "vendor", "wallet"}) {
      world.stop(role);
      world.at(role).ledger = ledger::open_sqlite(":memory:").value();
      world.at(role).config.node.host_entry = entry;
      world.at(role).config.node.currencies.clear();
      world.start(role);
    }
    world.directory.put(wallet);
    world.settle();
  }
  void prepare(const std::string& role, DaemonConfig& config) {
    if (role != "wallet") config.node.signing_keys = {{key_of(role).pkcs8_der(), kNow - kDayMs, kNow + 400 * kDayMs}};
    if (role == "host") config.node.deviation = &liar;
    if (role == "broker") config.node.tickets = {{kWallet, kTicket}};
    if (role == "wallet") config.node.deviation = &credulous;
  }
  std::vector<roles::Endpoint> vendor_at() {
    return world.at("wallet").daemon->node().directory().endpoints_of("V1001");
  }
  bool alarmed(std::string_view why) {
    const auto& events = world.at("wallet").events;
    return std::any_of(events.begin(), events.end(), [&](const roles::UserEvent& event) {
      return event.kind == "alarm" && event.text == "entry-refused" && event.details.at("why") == why;
    });
  }
  Liar liar;
  Credulous credulous;
  World world;
};

// QP-ROLE-010, QP-REL-004, QP-MP-013: nobody was told of anybody, and everybody gets to know whom they meet.
TEST(LookUp, StrangersMakeAPurchase) {
  Strangers all;
  World& world = all.world;
  EXPECT_TRUE(all.vendor_at().empty());
  ASSERT_NE(world.buy(), "");
  ASSERT_TRUE(world.advance_until("DONE"));
  EXPECT_EQ(world.state_of("vendor", "vendor.order"), "DELIVERED");
  EXPECT_EQ(world.state_of("broker", "broker.order"), "COMMITTED");
  EXPECT_EQ(all.vendor_at().at(0).address, world.at("vendor").address);
  for (const auto& [role, entries] : std::map<std::string, std::size_t>{{"wallet", 3}, {"vendor", 2}, {"broker", 3}}) {
    const auto kept = world.at(role).daemon->node().records(roles::kEntryMachine);
    EXPECT_EQ(kept->size(), entries) << role << ": the Host, and whom it met";
  }
}

// QP-ADD-18, QP-RP-004: whoever verifies a signature has the key from the Host.
TEST(LookUp, StrangersMakeARegularPurchase) {
  Strangers all;
  World& world = all.world;
  Place& wallet = world.at("wallet");
  const auto order = wallet.daemon->node().open_regular_link("V1001", "news-1", 1);
  ASSERT_TRUE(order);
  wallet.daemon->touch();
  world.settle();
  const auto offer = std::find_if(wallet.events.begin(), wallet.events.end(), [](const auto& event) { return event.kind == "offer"; });
  ASSERT_NE(offer, wallet.events.end());
  ASSERT_TRUE(wallet.daemon->node().confirm(*order, offer->details.at("digest")));
  wallet.daemon->touch();
  for (int i = 0; i < 60 && world.state_of("wallet", "wallet.purchase") != "DONE"; ++i) world.advance(2000);
  EXPECT_EQ(world.state_of("wallet", "wallet.purchase"), "DONE");
  EXPECT_EQ(world.state_of("vendor", "vendor.sale"), "ACCEPTED");
  ASSERT_EQ(world.at("vendor").daemon->node().settle().value_or(0), 1U) << "and the Vendor gets its money";
  world.at("vendor").daemon->touch();
  for (int i = 0; i < 10; ++i) world.advance(10'000);
  EXPECT_EQ(world.state_of("vendor", "vendor.claim"), "SETTLED");
}

// QP-ADD-20: what was learnt is not asked again, after a restart neither.
TEST(LookUp, TheSecondPurchaseNeedsNoHost) {
  Strangers all;
  World& world = all.world;
  ASSERT_NE(world.buy(), "");
  ASSERT_TRUE(world.advance_until("DONE"));
  for (const char* role : {"broker", "vendor", "wallet"}) world.start(role);
  world.stop("host");
  const std::size_t before = world.at("wallet").events.size();
  ASSERT_NE(world.buy(), "");
  world.advance(1000);
  const auto& events = world.at("wallet").events;
  EXPECT_TRUE(std::any_of(events.begin() + static_cast<std::ptrdiff_t>(before), events.end(),
                          [](const roles::UserEvent& event) { return event.kind == "received"; }));
}

// QP-MP-019: the Host is away. Entries count for T_dir, then for T_dir_stale while it does not answer, and no longer.
TEST(LookUp, EntriesOutliveTheHostForSoLongAndNoLonger) {
  for (const std::int64_t days : {0, 7, 9}) {
    Strangers all;
    World& world = all.world;
    ASSERT_NE(world.buy(), "");
    ASSERT_TRUE(world.advance_until("DONE"));
    world.stop("host");
    world.advance(days * kDayMs);
    const auto order = world.at("wallet").daemon->node().open_link("V1001", "news-1");
    world.at("wallet").daemon->touch();
    ASSERT_TRUE(order);
    world.settle();
    for (int i = 0; i < 30; ++i) world.advance(10'000);
    const auto& events = world.at("wallet").events;
    const bool offered = std::any_of(events.begin(), events.end(), [&](const roles::UserEvent& event) {
      return event.kind == "offer" && event.order == *order;
    });
    EXPECT_EQ(offered, days < 8) << days;
  }
}

// QP-ADD-14: who comes to a shop for the first time while the Host is away comes to no other shop.
TEST(LookUp, AFirstLinkNeedsTheHost) {
  Strangers all;
  World& world = all.world;
  world.stop("host");
  ASSERT_TRUE(world.at("wallet").daemon->node().open_link("V1001", "news-1"));
  world.at("wallet").daemon->touch();
  world.settle();
  world.start("host");
  world.settle();
  for (int i = 0; i < 3; ++i) world.advance(2000);
  EXPECT_EQ(world.state_of("wallet", "wallet.order"), "OFFERED") << "as soon as it is back";
}

// QP-ROLE-010, AMB-83: with a link that brings the shop's entry along it does; what is paid with was met before.
TEST(LookUp, AFirstLinkThatBringsAnEntryNeedsNoHost) {
  Strangers all;
  World& world = all.world;
  const auto link_of_shop = [&] {
    auto link = world.at("vendor").daemon->node().purchase_link("news-1");
    world.at("vendor").daemon->touch();
    world.settle();
    return link.value_or("");
  };
  link_of_shop();  // the Vendor asks the Host who it is
  const std::string link = link_of_shop();
  ASSERT_THAT(link, testing::HasSubstr("<Entry>"));
  world.stop("host");
  ASSERT_TRUE(all.vendor_at().empty());
  ASSERT_TRUE(world.at("wallet").daemon->node().open_purchase_link(link));
  world.at("wallet").daemon->touch();
  world.settle();
  EXPECT_EQ(world.state_of("wallet", "wallet.order"), "OFFERED");
}

struct Lie {
  const char* check;  ///< of the Wallet that finds it
  const char* why;    ///< as its alarm says; null: the answer is no document of this Host, and nobody is alarmed
  std::function<void(admin::LookupPlayerResponse&)> tell;
};

std::vector<Lie> lies() {
  const auto elsewhere = [](msg::Entry& entry) { entry.endpoint.at(0).addr = kElsewhere; };
  return {{"host_signed", "not-signed",
           [=](auto& said) {  // such as the Host of another system would sign it
             elsewhere(*said.body.entry), sign(*said.body.entry, other_key());
           }},
          {"host_signed", "not-signed", [=](auto& said) { elsewhere(*said.body.entry); }},
          {"not_older", "older",
           [=](auto& said) {
             elsewhere(*said.body.entry);
             said.body.entry->issued_at = roles::format_time(kNow - 1000);
             sign(*said.body.entry, host_key());
           }},
          {"same_player", "other-player",
           [=](auto& said) {
             elsewhere(*said.body.entry);
             said.body.entry->id = "V1002";
             sign(*said.body.entry, host_key());
           }},
          {"", nullptr, [=](auto& said) {  // an answer of the Host of another system
             said.head.host = "H2", said.head.sender = "H2";
             elsewhere(*said.body.entry), sign(*said.body.entry, other_key());
           }}};
}

/// The Wallet knows the shop, its entry grows stale, the Host begins to lie, and the user opens another link.
void meet_again(Strangers& all, const Lie& lie) {
  World& world = all.world;
  ASSERT_NE(world.buy(), "");
  ASSERT_TRUE(world.advance_until("DONE"));
  world.advance(kDayMs + 60'000);
  all.liar.lie = lie.tell;
  ASSERT_TRUE(world.at("wallet").daemon->node().open_link("V1001", "news-1"));
  world.at("wallet").daemon->touch();
  world.settle();
}

// QP-ADD-18, QP-ADD-14, QP-ROLE-010: another key, an older IssuedAt, another Id, another Host.
TEST(LookUp, ALieIsFoundOut) {
  for (const Lie& lie : lies()) {
    Strangers all;
    meet_again(all, lie);
    EXPECT_EQ(all.alarmed(lie.why ? lie.why : "not-signed"), lie.why != nullptr) << lie.check;
    for (const roles::Endpoint& at : all.vendor_at()) EXPECT_NE(at.address, kElsewhere) << lie.check;
    EXPECT_TRUE(all.world.at("wallet").daemon->node().directory().endpoints_of("V1002").empty()) << lie.check;
  }
}

// The twin: a Wallet without the check is led elsewhere.
TEST(LookUp, ACredulousWalletIsDeceived) {
  for (const Lie& lie : lies()) {
    if (!lie.why) continue;  // what is no document of this Host is read by nobody: there is no check of entries to leave out
    Strangers all;
    all.credulous.check = lie.check;
    meet_again(all, lie);
    EXPECT_FALSE(all.alarmed(lie.why)) << lie.check;
    const std::string taken = std::string(lie.why) == "other-player" ? "V1002" : "V1001";
    const auto where = all.world.at("wallet").daemon->node().directory().endpoints_of(taken);
    ASSERT_FALSE(where.empty()) << lie.check;
    EXPECT_EQ(where.at(0).address, kElsewhere) << lie.check;
  }
}

}  // namespace
}  // namespace quickpay::daemon::tests
