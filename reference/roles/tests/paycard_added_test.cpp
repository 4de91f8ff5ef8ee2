// Add Paycard from end to end: a Wallet, the reference Broker, and a Paycard that runs in its process.
#include <gtest/gtest.h>

#include "reference/paycard/tests/files.hpp"
#include "reference/roles/tests/enrolling.hpp"
#include "reference/roles/tests/offers.hpp"

namespace quickpay::roles {
namespace {

namespace files = paycard::test;

const std::string kProduct = "paycard-plain";
constexpr std::int64_t kLockMs = protocol::T_lock_default * 1000;

paycard::CardFiles files_in(const files::Folder& folder) {
  const std::string path = files::kFolder + "/" + kProduct + ".so";
  const std::string text = files::signed_manifest(files::manifest_of(kProduct), files::content(path), "B7");
  return {"B7", "", path, folder.write("manifest", text), kProduct};
}

NodeConfig issuing_the_file() {
  NodeConfig config = issuing();
  config.paycard_files = {{kProduct, "1.0", crypto::sha256_hex(files::content(files::kFolder + "/" + kProduct + ".so"))}};
  return config;
}

struct PaycardAdded : testing::Test {
  files::Folder folder;
  paycard::ProcessPort port{files::config_of({files_in(folder)})};
  Single broker{issuing_the_file()};
  Single wallet{adding_config(port, kProduct)};
  Enrolling user{wallet, broker};

  /// What the Broker says to the inquiry of a purchase with the active Paycard.
  std::string pay(Single& payer) {
    const std::string order = *payer.node->open_link("V1001", "item-1");
    payer.flush();
    const OutgoingCall asked = payer.last.calls.at(0);
    payer.reply(asked, offer_for(payer, asked), micro::kGetOrderMessage);
    const std::string digest = payer.last.user.at(0).details.at("digest");
    if (!payer.node->confirm(order, digest)) return "not confirmed";
    payer.flush();
    const OutgoingCall inquiry = payer.last.calls.at(0);
    const CallResult result = user.answer_of_broker(inquiry);
    payer.give(inquiry, result);
    const auto answer = codec::read<micro::InquiryPaymentResponse>(result.body, *micro::kInquiryPaymentMessage.response);
    const bool endorsed = state_of(payer, "wallet.order", order) == "ENDORSED";
    EXPECT_EQ(endorsed, answer->body.status.code == "QP-OK");
    return answer->body.status.code;
  }
  void add() { ASSERT_EQ(user.add(kCode, kProduct), ""); }
  void add_rightly(Enrolling& who) {
    ASSERT_EQ(who.add(kCode, kProduct), "");
    who.carry();
    ASSERT_EQ(who.answer(who.right()), "");
    who.carry();
    ASSERT_EQ(who.state(), "READY");
  }
};

// QP-ADM-005 QP-ADM-006 QP-ADM-008 QP-ADM-010 QP-ADM-011 QP-ADM-012 QP-PAY-005 QP-PAY-007 QP-WAL-010: added after one wrong attempt,
// it pays; given up, it pays no more.
TEST_F(PaycardAdded, PaysUntilItIsGivenUp) {
  add();
  user.carry();
  EXPECT_EQ(user.questions.size(), 3u);
  user.answer(user.wrong());
  user.carry();
  EXPECT_EQ(user.told.back(), "wrong-answers");
  user.answer(user.right());
  user.carry();
  ASSERT_EQ(user.told.back(), "added");
  EXPECT_TRUE(wallet.node->activate_paycard("P20"));
  EXPECT_EQ(pay(wallet), "QP-OK");
  wallet.restart();
  EXPECT_EQ(pay(wallet), "QP-OK");
  EXPECT_TRUE(wallet.node->remove_paycard("P20"));
  wallet.flush();
  user.look();
  ASSERT_EQ(user.pending.size(), 1u);
  EXPECT_EQ(user.pending.front().message, "RemovePaycard");
  EXPECT_EQ(pay(wallet), "not confirmed");
  user.carry();
  EXPECT_EQ(state_of(broker, "broker.paycard", "P20"), "REMOVED");
}

// QP-ADM-012: no more than N_tries wrong answers, also across sessions; after T_lock again.
TEST_F(PaycardAdded, IsLockedAfterTooManyWrongAnswers) {
  for (std::int64_t tries = 1; tries <= protocol::N_tries_default; ++tries) {
    if (tries % 2 == 1) {  // every other try in a session of its own
      if (tries > 1) EXPECT_TRUE(wallet.node->cancel(user.adding));
      add();
      user.carry();
    }
    user.answer(user.wrong());
    user.carry();
    const bool last = tries == protocol::N_tries_default;
    EXPECT_EQ(user.told.back(), last ? "refused" : "wrong-answers") << tries;
  }
  add();
  user.carry();
  EXPECT_EQ(user.told.back(), "refused");
  user.pass(kLockMs + 1000);
  add_rightly(user);
}

// QP-PAY-005 QP-ADM-008: the same Wallet, set up anew, adds the Paycard again: the old secret works until the new one does.
TEST_F(PaycardAdded, TheOldSecretWorksUntilTheNewOneIsGiven) {
  add_rightly(user);
  EXPECT_TRUE(wallet.node->activate_paycard("P20"));
  Single anew{adding_config(port, kProduct)};
  crypto::random_bytes(anew.random, 1000);  // other MsgIds than the first one's
  Enrolling again{anew, broker};
  ASSERT_EQ(again.add(kCode, kProduct), "");
  again.carry();
  EXPECT_EQ(again.questions.size(), 3u);
  EXPECT_EQ(pay(wallet), "QP-OK");
  again.answer(again.wrong());
  again.carry();
  EXPECT_EQ(pay(wallet), "QP-OK");
  again.answer(again.right());
  again.carry();
  ASSERT_EQ(again.told.back(), "added");
  EXPECT_NE(pay(wallet), "QP-OK");
  EXPECT_TRUE(anew.node->activate_paycard("P20"));
  EXPECT_EQ(pay(anew), "QP-OK");
}

// QP-ADM-007: a file that is not the one that was signed is not even started.
TEST_F(PaycardAdded, LoadsNoOtherFile) {
  auto spoiled = files_in(folder);
  spoiled.shared_object = folder.write("spoiled.so", files::content(spoiled.shared_object) + " ");
  paycard::ProcessPort unfit{files::config_of({spoiled})};
  Single other{adding_config(unfit, kProduct)};
  Enrolling victim{other, broker};
  EXPECT_EQ(victim.add(kCode, kProduct), "not-certified");
  EXPECT_TRUE(victim.pending.empty());
}

}  // namespace
}  // namespace quickpay::roles
