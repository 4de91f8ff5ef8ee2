// A Wallet that asks the Host who a Vendor is before it follows a link, and who its Broker is before it pays.
#include <gtest/gtest.h>

#include "reference/roles/tests/asking.hpp"
#include "reference/roles/wallet_links.hpp"

namespace quickpay::roles {
namespace {

struct AskingWallet : Asking {
  explicit AskingWallet(NodeConfig config = wallet_config()) : Asking(std::move(config)) {
    answer("H1", entry_of("H1", "127.0.1.1"));
  }
  std::string open_link() {
    const auto order = node.node->open_link("V1001", "item-1");
    node.flush();
    look();
    return order.value_or("");
  }
  bool sent(std::string_view message) const {
    for (const OutgoingCall& call : node.last.calls) {
      if (call.message == message) return true;
    }
    return false;
  }
  bool event(std::string_view kind, std::string_view text) const {
    for (const UserEvent& each : node.last.user) {
      if (each.kind == kind && each.text == text) return true;
    }
    return false;
  }
};

TEST(WalletLinks, AWalletAsksForTheBrokersOfItsPaycards) {  // QP-ROLE-010
  NodeConfig config = wallet_config();
  config.new_paycards = {{"B8", "card", "card.so", "card.so.manifest"}};
  AskingWallet wallet(config);
  EXPECT_TRUE(wallet.asked("B7"));
  EXPECT_TRUE(wallet.asked("B8")) << "whose Paycard the user may add";
  EXPECT_EQ(wallet.questions, 3U) << "and for the Host";
}

TEST(WalletLinks, AWalletAsksBeforeItFollowsALink) {  // QP-ADD-14 QP-ROLE-010 QP-ANON-010
  AskingWallet wallet;
  ASSERT_NE(wallet.open_link(), "");
  EXPECT_FALSE(wallet.sent("GetOrder"));
  ASSERT_TRUE(wallet.asked("V1001"));
  EXPECT_FALSE(read(wallet.open.at("V1001")).head.sender) << "the Host is not told who buys where";
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_TRUE(wallet.sent("GetOrder"));
  ASSERT_NE(wallet.open_link(), "");
  EXPECT_TRUE(wallet.sent("GetOrder")) << "at once, the second time";
}

TEST(WalletLinks, AsksWithoutAuthInProfileHToo) {  // QP-ROLE-010 QP-ADD-18
  NodeConfig config = wallet_config();
  config.profile = "H";
  config.shared_keys = {{"H1", 1, std::string(32, 'k'), {}}};
  AskingWallet wallet(config);
  ASSERT_NE(wallet.open_link(), "");
  const auto asked = read(wallet.open.at("V1001"));
  EXPECT_FALSE(asked.auth);
  EXPECT_FALSE(asked.head.sender);
  EXPECT_EQ(asked.head.profile, msg::Profile::H);
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_TRUE(wallet.sent("GetOrder"));
}

TEST(WalletLinks, ALinkToNobodyComesToNothing) {  // QP-ADD-14
  AskingWallet wallet;
  const std::string order = wallet.open_link();
  wallet.refuse("V1001", protocol::QP_E_VENDOR);
  EXPECT_TRUE(wallet.event("tell", "vendor-unknown"));
  EXPECT_TRUE(wallet.event("done", "NONE"));
  EXPECT_FALSE(wallet.sent("GetOrder"));
  EXPECT_FALSE(wallet.node.node->open_link("V1001", "item-1")) << "nor does another one for a while";
}

TEST(WalletLinks, ALinkDoesNotWaitForEver) {  // QP-ADD-20
  AskingWallet wallet;
  ASSERT_NE(wallet.open_link(), "");
  bool told = false;
  while (wallet.asked("V1001")) {
    wallet.fail("V1001");
    told = told || wallet.event("tell", "vendor-unknown");
    wallet.pass(60'000);
  }
  EXPECT_TRUE(told);
}

TEST(WalletLinks, ALinkThatWaitsCanBeCancelled) {  // QP-WAL-015
  AskingWallet wallet;
  const std::string order = wallet.open_link();
  ASSERT_TRUE(wallet.node.node->cancel(order));
  EXPECT_FALSE(wallet.node.node->cancel(order));
  wallet.node.flush();
  EXPECT_TRUE(wallet.event("done", "NONE"));
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_FALSE(wallet.sent("GetOrder"));
}

TEST(WalletLinks, ALinkThatWaitsSurvivesARestart) {  // QP-ADD-20
  AskingWallet wallet;
  ASSERT_NE(wallet.open_link(), "");
  wallet.restart();
  ASSERT_TRUE(wallet.asked("V1001"));
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  EXPECT_TRUE(wallet.sent("GetOrder"));
}

TEST(WalletLinks, EachLinkWaitsForItsOwnVendor) {  // QP-ADD-14
  AskingWallet wallet;
  ASSERT_NE(wallet.open_link(), "");
  ASSERT_TRUE(wallet.node.node->open_link("V1002", "item-1"));
  wallet.node.flush();
  wallet.look();
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  ASSERT_EQ(wallet.node.last.calls.size(), 1U);
  EXPECT_EQ(wallet.node.last.calls[0].receiver, "V1001");
  wallet.answer("V1002", entry_of("V1002", "127.0.3.2"));
  EXPECT_TRUE(wallet.sent("GetOrder"));
}

TEST(WalletLinks, AStaleVendorIsAskedForAgainAndDealtWithWhileTheHostIsAway) {  // QP-MP-019 QP-ROLE-010
  AskingWallet wallet;
  ASSERT_NE(wallet.open_link(), "");
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  wallet.pass(kFreshMs + 1000);
  ASSERT_NE(wallet.open_link(), "");
  EXPECT_FALSE(wallet.sent("GetOrder"));
  wallet.fail("V1001");
  EXPECT_TRUE(wallet.sent("GetOrder"));
}

TEST(WalletLinks, WhatItNeedsIsAskedForInTurn) {  // QP-ADD-20
  NodeConfig config = wallet_config();
  for (std::size_t i = 0; i < kMaxQuestions; ++i) {
    const std::string number = std::to_string(100 + i);
    config.new_paycards.push_back({"B" + number, "card" + number, "card.so", "card.so.manifest"});
  }
  Asking wallet(config);
  EXPECT_EQ(wallet.open.size(), kMaxQuestions) << "at a time";
  ASSERT_TRUE(wallet.node.node->open_link("V1001", "item-1"));
  wallet.node.flush();
  wallet.look();
  EXPECT_FALSE(wallet.asked("V1001"));
  wallet.restart();
  EXPECT_EQ(wallet.open.size(), kMaxQuestions);
  while (!wallet.open.empty() && !wallet.asked("V1001")) {
    const std::string id = wallet.open.begin()->first;
    wallet.answer(id, entry_of(id, "127.0.2.7"));
  }
  EXPECT_TRUE(wallet.asked("V1001")) << "nothing that waits is forgotten";
}

TEST(WalletLinks, OnlySoManyLinksWait) {  // QP-ADD-20
  AskingWallet wallet;
  for (std::size_t i = 0; i < kMaxLinksWaiting; ++i) ASSERT_NE(wallet.open_link(), "");
  EXPECT_EQ(wallet.open_link(), "");
}

TEST(WalletLinks, AnInquiryWaitsForTheBrokersEntry) {  // QP-ROLE-010 QP-MP-006
  AskingWallet wallet;
  const std::string order = wallet.open_link();
  wallet.answer("V1001", entry_of("V1001", kVendorAddress));
  const OutgoingCall asked = wallet.node.last.calls.at(0);
  const auto body = codec::read<micro::GetOrder>(asked.body, *micro::kGetOrderMessage.request).value().body;
  const msg::Item item{std::string(32, '5'), "Article 4711"};
  micro::GetOrderResponse offer;
  offer.head = wallet.node.answer_head(asked, "");
  offer.body.status = success();
  msg::Order made;
  made.vendor = "V1001";
  made.order_id = "order-1";
  made.amount = 125;
  made.currency = "USD";
  made.created = format_time(wallet.node.clock.now);
  made.expires = format_time(wallet.node.clock.now + 900'000);
  made.item_hash = crypto::digest("item", "Item", msg::kItemType, &item);
  made.buyer_tag = body.buyer_tag;
  offer.body.offer = msg::Offer{made, item.item_text, item.salt};
  wallet.node.reply(asked, offer, micro::kGetOrderMessage);
  ASSERT_TRUE(wallet.node.node->confirm(order, wallet.node.last.user.at(0).details.at("digest")));
  wallet.node.flush();
  EXPECT_FALSE(wallet.sent("InquiryPayment"));
  wallet.answer("B7", entry_of("B7", kBrokerAddress));
  EXPECT_TRUE(wallet.sent("InquiryPayment"));
}

}  // namespace
}  // namespace quickpay::roles
