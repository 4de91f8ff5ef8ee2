// The link that a shop's page hands to a Wallet: what is done for which document, and what an Entry in it is good for.
#include <gtest/gtest.h>

#include <algorithm>

#include "reference/roles/purchase_link.hpp"
#include "reference/roles/tests/asking.hpp"

namespace quickpay::roles {
namespace {

const std::string kElsewhere = "127.0.3.99";

msg::PurchaseLink link_with(std::optional<msg::Entry> entry = {}) { return {"H1", "V1001", msg::Kind::micro, "item-1", std::move(entry)}; }

struct LinkedWallet : Asking {
  explicit LinkedWallet(NodeConfig config = wallet_config()) : Asking(std::move(config)) {
    answer("H1", entry_of("H1", "127.0.1.1"));
  }
  /// Why it refused; empty: there is an order.
  std::string follow(const std::string& document) {
    const auto order = node.node->open_purchase_link(document);
    node.flush();
    look();
    return order ? std::string() : order.error().reason;
  }
  std::string follow(const msg::PurchaseLink& link) { return follow(write_purchase_link(link)); }
  /// Where the one request went that asks a shop for an offer; empty: there is none.
  std::string offer_asked_at() const {
    for (const OutgoingCall& call : node.last.calls) {
      if (call.message == "GetOrder") return call.at ? call.at->address : node.node->directory().endpoints_of(call.receiver).at(0).address;
    }
    return {};
  }
  void know_vendor(std::int64_t issued_ms = kNoon) {
    ASSERT_EQ(follow(link_with()), "");
    answer("V1001", entry_of("V1001", kVendorAddress, issued_ms));
    ASSERT_EQ(offer_asked_at(), kVendorAddress);
  }
};

TEST(PurchaseLink, IsReadAsItIsWritten) {  // AMB-83
  const msg::PurchaseLink link = link_with(entry_of("V1001", kVendorAddress));
  const auto again = read_purchase_link(write_purchase_link(link));
  ASSERT_TRUE(again);
  EXPECT_EQ(write_purchase_link(*again), write_purchase_link(link));
  EXPECT_EQ(again->item, "item-1");
  ASSERT_TRUE(again->entry);
}

TEST(PurchaseLink, AWalletAsksForTheVendorThatItNames) {  // QP-ADD-14 QP-ROLE-010
  LinkedWallet wallet;
  EXPECT_EQ(wallet.follow(link_with()), "");
  EXPECT_EQ(wallet.offer_asked_at(), "");
  ASSERT_TRUE(wallet.asked("V1001"));
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress);
}

TEST(PurchaseLink, OfARegularOrderOpensOne) {  // QP-RP-001
  LinkedWallet wallet;
  wallet.know_vendor();
  msg::PurchaseLink link = link_with();
  link.kind = msg::Kind::regular;
  EXPECT_EQ(wallet.follow(link), "");
  ASSERT_EQ(wallet.node.last.calls.size(), 1u);
  EXPECT_EQ(wallet.node.last.calls[0].path, msg::regular::kGetOrderMessage.path);
  NodeConfig without = wallet_config();
  without.protocols = {"micropayment", "administration"};
  LinkedWallet plain(without);
  link.entry = entry_of("V1001", kVendorAddress);
  EXPECT_EQ(plain.follow(link), "not-served");
  EXPECT_EQ(plain.found("V1001"), Found::unavailable) << "nor is anything taken from it";
}

// QP-TECH-003, QP-ADD-20: what is no link of this system changes nothing and asks nobody.
TEST(PurchaseLink, ThatIsNoneComesToNothing) {
  LinkedWallet wallet;
  msg::PurchaseLink other = link_with();
  other.host = "H2";
  EXPECT_EQ(wallet.follow(other), "other-host");
  const std::string good = write_purchase_link(link_with());
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string document = good;
    return document.replace(document.find(from), from.size(), to);
  };
  EXPECT_EQ(wallet.follow(std::string()), "QP-E-XML at byte 0");
  EXPECT_EQ(wallet.follow(changed("</PurchaseLink>", "")).substr(0, 8), "QP-E-XML");
  EXPECT_EQ(wallet.follow(changed("<Item>item-1</Item>", "")).substr(0, 11), "QP-E-SCHEMA");
  EXPECT_EQ(wallet.follow(changed("<Kind>micro</Kind>", "<Kind>huge</Kind>")).substr(0, 11), "QP-E-SCHEMA");
  EXPECT_EQ(wallet.follow(changed("<Vendor>V1001</Vendor>", "<Vendor>B7</Vendor>")).substr(0, 11), "QP-E-SCHEMA");
  EXPECT_EQ(wallet.follow(changed("</Item>", "</Item><Endpoint/>")).substr(0, 11), "QP-E-SCHEMA") << "a page has no say in where a Vendor is";
  const std::string padding(max_purchase_link(), ' ');
  EXPECT_EQ(wallet.follow(padding + good), "QP-E-XML at byte " + std::to_string(max_purchase_link()));
  EXPECT_FALSE(wallet.asked("V1001"));
  EXPECT_EQ(wallet.offer_asked_at(), "");
  EXPECT_EQ(wallet.follow(good), "") << "and the Wallet goes on";
}

TEST(PurchaseLink, OnlyAWalletOpensOne) {
  Asking vendor(vendor_config());
  EXPECT_EQ(vendor.node.node->open_purchase_link(write_purchase_link(link_with())).error().reason, "wrong-role");
  LinkedWallet wallet;
  EXPECT_EQ(wallet.node.node->purchase_link("item-1").error().reason, "wrong-role");
}

// ---------------------------------------------------------------- an Entry in it
TEST(PurchaseLink, BringsTheVendorsEntryAlong) {  // QP-ROLE-010 QP-MP-019
  LinkedWallet wallet;
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", kVendorAddress))), "");
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress);
  EXPECT_FALSE(wallet.asked("V1001")) << "the Host is not needed";
  wallet.restart();
  EXPECT_EQ(wallet.found("V1001"), Found::known);
}

// QP-ADD-18, QP-ADD-14: what the Host would not have answered is left aside, and the Host is asked.
TEST(PurchaseLink, BringsNoEntryThatTheHostDidNotMake) {
  msg::Entry forged = entry_of("V1001", kElsewhere);
  sign_entry(forged, stranger_key());
  msg::Entry changed = entry_of("V1001", kVendorAddress);
  changed.endpoint.at(0).addr = kElsewhere;
  const msg::Entry another = entry_of("V1002", kElsewhere);
  const msg::Entry ended = entry_of("V1001", kElsewhere, kNoon - kStaleMs - protocol::T_skew_default * 1000 - 1000);
  for (const auto& [entry, why] : std::vector<std::pair<msg::Entry, std::string>>{
           {forged, "not-signed"}, {changed, "not-signed"}, {another, "other-player"}, {ended, ""}}) {
    LinkedWallet wallet;
    EXPECT_EQ(wallet.follow(link_with(entry)), "");
    EXPECT_EQ(wallet.alarmed(why), !why.empty()) << why;
    EXPECT_EQ(wallet.offer_asked_at(), "") << why;
    EXPECT_EQ(wallet.found("V1002"), Found::unavailable);
    ASSERT_TRUE(wallet.asked("V1001")) << why;
    wallet.answer("V1001", entry_of("V1001", kVendorAddress));
    EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress) << why;
  }
}

TEST(PurchaseLink, BringsNothingOlderThanWhatIsKnown) {  // QP-ROLE-010
  LinkedWallet wallet;
  wallet.know_vendor();
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", kElsewhere, kNoon - 60'000))), "");
  EXPECT_FALSE(wallet.alarmed("older")) << "a page may well be older";
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress);
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", kElsewhere))), "") << "nor as new";
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress);
}

TEST(PurchaseLink, BringsWhatIsNewer) {  // QP-ROLE-010
  LinkedWallet wallet;
  wallet.know_vendor(kNoon - 60'000);
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", "127.0.3.2"))), "");
  EXPECT_EQ(wallet.offer_asked_at(), "127.0.3.2") << "it has moved";
}

TEST(PurchaseLink, LetsOthersGoOnThatWaitedForIt) {  // QP-ADD-14 QP-ADD-20
  LinkedWallet wallet;
  EXPECT_EQ(wallet.follow(link_with()), "");
  ASSERT_TRUE(wallet.asked("V1001"));
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", kVendorAddress))), "");
  EXPECT_EQ(std::count_if(wallet.node.last.calls.begin(), wallet.node.last.calls.end(), [](const auto& call) { return call.message == "GetOrder"; }), 2);
}

// QP-ROLE-010, QP-MP-019: its age counts from IssuedAt, or a page could keep an entry alive for ever.
TEST(PurchaseLink, AnEntryInItIsAsOldAsItIs) {
  LinkedWallet wallet;
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", kVendorAddress, kNoon - kFreshMs - 60'000))), "");
  EXPECT_EQ(wallet.offer_asked_at(), "");
  ASSERT_TRUE(wallet.asked("V1001")) << "it is asked for again before it is used";
  wallet.fail("V1001");
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress) << "and used while the Host is away";
}

TEST(PurchaseLink, AnEntryThatIsStillToComeCountsFromNow) {  // QP-ROLE-010
  LinkedWallet wallet;
  EXPECT_EQ(wallet.follow(link_with(entry_of("V1001", kVendorAddress, kNoon + 60'000))), "");
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress);
  wallet.pass(kFreshMs + 1000);
  EXPECT_EQ(wallet.follow(link_with()), "");
  EXPECT_TRUE(wallet.asked("V1001"));
}

TEST(PurchaseLink, AVendorThatWasRemovedSellsNothing) {  // QP-ADD-23
  LinkedWallet wallet;
  msg::Entry removed = entry_of("V1001", kVendorAddress);
  removed.state = msg::PlayerState::removed;
  sign_entry(removed);
  EXPECT_EQ(wallet.follow(link_with(removed)), "vendor-unknown");
  EXPECT_EQ(wallet.offer_asked_at(), "");
}

// ---------------------------------------------------------------- the Vendor's side
TEST(PurchaseLink, AVendorMakesOne) {  // AMB-83 QP-ROLE-010
  Asking vendor(vendor_config());
  vendor.answer("H1", entry_of("H1", "127.0.1.1"));
  const auto made = [&](std::string_view item) {
    auto text = vendor.node.node->purchase_link(item);
    vendor.node.flush();
    vendor.look();
    return text;
  };
  const auto first = read_purchase_link(made("item-1").value());
  ASSERT_TRUE(first);
  EXPECT_EQ(first->host + first->vendor + first->item, "H1V1001item-1");
  EXPECT_FALSE(first->entry) << "it has none yet";
  ASSERT_TRUE(vendor.asked("V1001")) << "and asks for it";
  vendor.answer("V1001", entry_of("V1001", kVendorAddress));
  const auto second = read_purchase_link(made("item-1").value());
  ASSERT_TRUE(second && second->entry);
  EXPECT_EQ(second->entry->sig.value, entry_of("V1001", kVendorAddress).sig.value);
  LinkedWallet wallet;
  EXPECT_EQ(wallet.follow(*second), "");
  EXPECT_EQ(wallet.offer_asked_at(), kVendorAddress);
  EXPECT_EQ(made("two words").error().reason, "unfit-item");
  NodeConfig newcomer = vendor_config();
  newcomer.id.clear();
  EXPECT_EQ(Single(newcomer).node->purchase_link("item-1").error().reason, "out-of-state");
  NodeConfig plain = vendor_config();
  plain.protocols = {"micropayment"};
  EXPECT_EQ(Single(plain).node->purchase_link("item-1", true).error().reason, "not-served");
  EXPECT_EQ(made(std::string(129, 'x')).error().reason, "unfit-item");
}

TEST(PurchaseLink, AVendorWithAFileOfPlayersBringsNoEntry) {  // only the Host signs one
  Single vendor(vendor_config());
  const auto text = vendor.node->purchase_link("item-1", true);
  ASSERT_TRUE(text);
  const auto link = read_purchase_link(*text);
  ASSERT_TRUE(link);
  EXPECT_FALSE(link->entry);
  EXPECT_EQ(link->kind, msg::Kind::regular);
}

}  // namespace
}  // namespace quickpay::roles
