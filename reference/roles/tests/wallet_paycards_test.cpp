// A Wallet with Paycards that are plug-ins: who is asked, what is kept, and what happens when a plug-in does harm.
#include <gtest/gtest.h>

#include <functional>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/paycard/port.hpp"
#include "reference/roles/tests/offers.hpp"
#include "reference/roles/wallet_paycards.hpp"

namespace quickpay::roles {
namespace {

using paycard::Call;
using paycard::Reply;
using paycard::Result;
using paycard::State;
using paycard::Trouble;

/// Plug-ins as functions, without a process: the port's double.
class Double : public paycard::Port {
 public:
  using Answer = std::function<tl::expected<Reply, Trouble>(Call, const std::vector<std::string>&, const State&)>;

  tl::expected<Reply, Trouble> call(std::string_view paycard, Call call, const std::vector<std::string>& in,
                                    const State& state) override {
    asked.push_back(std::string(paycard) + " " + std::string(paycard::calls()[static_cast<std::size_t>(call)].name));
    states[std::string(paycard)] = state;
    return answers.at(std::string(paycard))(call, in, state);
  }

  std::map<std::string, Answer> answers;
  std::vector<std::string> asked;
  std::map<std::string, State> states;
};

/// Counts its tokens in its store.
tl::expected<Reply, Trouble> counting(Call call, const std::vector<std::string>&, const State& state) {
  if (call != Call::authorize) return Reply{Result::refused, {}, {}};
  const auto found = state.find("count");
  const int count = found == state.end() ? 1 : std::stoi(found->second) + 1;
  return Reply{
      Result::done, crypto::base64_encode("token " + std::to_string(count)), {{"count", std::to_string(count)}}};
}

NodeConfig with_plug_ins(Double& port, std::string profile = "F") {
  NodeConfig config = wallet_config();
  config.profile = std::move(profile);
  config.paycards = {{"B7", "P7", kSecret, true, "seven.so", "seven.manifest"},
                     {"B8", "P8", kSecret, false, "eight.so", "eight.manifest"}};
  config.paycard_port = &port;
  return config;
}

struct PlugInTest : testing::Test {
  Double port;
  std::unique_ptr<Single> wallet;
  std::string order, digest;

  void SetUp() override {
    port.answers["P7"] = port.answers["P8"] = counting;
    wallet = std::make_unique<Single>(with_plug_ins(port));
  }
  OutgoingCall offered() {
    order = *wallet->node->open_link("V1001", "item-1");
    wallet->flush();
    const OutgoingCall call = wallet->last.calls.at(0);
    wallet->reply(call, offer_for(*wallet, call), micro::kGetOrderMessage);
    digest = wallet->last.user.at(0).details.at("digest");
    return call;
  }
  /// The inquiry that a confirmation sends; nothing if none.
  std::optional<micro::InquiryPayment> confirm() {
    const bool sent = wallet->node->confirm(order, digest).has_value();
    wallet->flush();
    EXPECT_EQ(sent, !wallet->last.calls.empty());
    if (!sent) return std::nullopt;
    return codec::read<micro::InquiryPayment>(wallet->last.calls.at(0).body, *micro::kInquiryPaymentMessage.request)
        .value();
  }
  std::optional<micro::InquiryPayment> inquiry() {
    offered();
    return confirm();
  }
  std::string kept(const std::string& paycard, const std::string& entry) {
    const auto record = *wallet->ledger->find(kPaycardStateMachine, paycard);
    const auto found = record ? record->fields.find("entry." + entry) : decltype(record->fields.end()){};
    return record && found != record->fields.end() ? found->second : "";
  }
  std::string state() { return (*wallet->ledger->find("wallet.order", order))->state; }
};

// QP-PAY-005, QP-WAL-010: the active Paycard is asked once, and its token is what is sent.
TEST_F(PlugInTest, TheActiveOneIsAskedOnce) {
  const auto sent = inquiry();
  ASSERT_TRUE(sent);
  EXPECT_EQ(port.asked, std::vector<std::string>{"P7 authorize"});
  EXPECT_EQ(sent->body.paycard, "P7");
  EXPECT_EQ(sent->head.receiver, "B7");
  EXPECT_EQ(sent->body.paycard_token, crypto::base64_encode("token 1"));
}

// QP-PAY-009: what it is given proves that its Wallet asks, for the MsgId and the order that are sent.
TEST_F(PlugInTest, ItIsGivenWhatItsWalletProves) {
  std::vector<std::string> given;
  port.answers["P7"] = [&](Call call, const auto& in, const State& state) {
    given = in;
    return counting(call, in, state);
  };
  const auto sent = inquiry();
  ASSERT_TRUE(sent);
  const State& state = port.states["P7"];
  EXPECT_EQ(state.at("secret"), kSecret);
  EXPECT_EQ(state.at("wallet"), kWallet);
  EXPECT_EQ(state.at("paycard"), "P7");
  EXPECT_EQ(state.at("guard_key").size(), paycard::kGuardKeyEntryBytes);
  EXPECT_EQ(given.at(0), codec::canonical("OrderRef", msg::kOrderRefType, &sent->body.order_ref));
  EXPECT_EQ(given.at(1), sent->head.msg_id);
  msg::WalletOrder asked{kWallet, "P7", sent->body.order_ref, {}, {}};
  asked.mac = msg::Mac{
      1, crypto::mac(state.at("guard_key"), "wallet-order", "WalletOrder", msg::kWalletOrderType, &asked, "Mac")};
  EXPECT_EQ(given.at(2), codec::canonical("WalletOrder", msg::kWalletOrderType, &asked));
}

// What it stored is durable with the request that carries its token, and each Paycard has its own.
TEST_F(PlugInTest, WhatItStoredOutlivesTheWallet) {
  ASSERT_TRUE(inquiry());
  EXPECT_EQ(kept("P7", "count"), "1");
  EXPECT_EQ(kept("P7", "secret"), "");  // it is in the configuration, and nowhere else
  const std::string guard = kept("P7", "guard_key");
  wallet->restart();
  const auto next = inquiry();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->body.paycard_token, crypto::base64_encode("token 2"));
  EXPECT_EQ(kept("P7", "count"), "2");
  EXPECT_EQ(kept("P7", "guard_key"), guard);
  EXPECT_TRUE(wallet->node->activate_paycard("P8"));
  ASSERT_TRUE(inquiry());
  EXPECT_EQ(kept("P8", "count"), "1");
  EXPECT_NE(kept("P8", "guard_key"), guard);
}

// A token that is not sent never was: nothing is stored for it.
TEST_F(PlugInTest, AnUnusedProofIsForgotten) {
  offered();
  EXPECT_FALSE(wallet->node->confirm(order, std::string(64, '0')));  // not the digest that was shown
  EXPECT_FALSE(*wallet->ledger->find(kPaycardStateMachine, "P7"));
  EXPECT_TRUE(confirm());
  EXPECT_EQ(kept("P7", "count"), "1");
}

// QP-WAL-010, QP-WAL-011: whatever the active Paycard does, the order waits, and the other one pays it.
TEST_F(PlugInTest, AnotherPaysWhereOneDoesHarm) {
  const std::vector<Double::Answer> harms = {
      [](auto...) { return tl::unexpected(Trouble::died); },
      [](auto...) { return tl::unexpected(Trouble::out_of_time); },
      [](auto...) {
        return Reply{Result::refused, {}, {}};
      },
      [](auto...) {
        return Reply{Result::failed, {}, {}};
      },
      [](auto...) {
        return Reply{Result::done, "", {}};
      },
      [](auto...) {
        return Reply{Result::done, "<PaycardToken>", {}};
      },
      [](auto...) {
        return Reply{Result::done, std::string(1028, 'A'), {}};
      },
  };
  for (const auto& harm : harms) {
    port.answers["P7"] = harm;
    EXPECT_TRUE(wallet->node->activate_paycard("P7"));
    offered();
    EXPECT_FALSE(confirm());
    EXPECT_EQ(state(), "OFFERED");
    EXPECT_FALSE(*wallet->ledger->find(kPaycardStateMachine, "P7"));
    EXPECT_TRUE(wallet->node->activate_paycard("P8"));
    const auto sent = confirm();
    ASSERT_TRUE(sent);
    EXPECT_EQ(sent->body.paycard, "P8");
    EXPECT_EQ(sent->head.receiver, "B8");
    EXPECT_EQ(state(), "INQUIRING");
  }
}

// QP-TECH-019: who changes to another Broker is the same Wallet, and keeps what it has of orders before.
TEST_F(PlugInTest, WhoChangesToAnotherBrokerKeepsIdentifierAndHistory) {
  const auto before = inquiry();
  ASSERT_TRUE(before);
  const std::string first = order;
  const auto kept_of_first = [&] { return (*wallet->ledger->find("wallet.order", first)).value(); };
  const ledger::Record history = kept_of_first();
  EXPECT_TRUE(wallet->node->activate_paycard("P8"));
  const auto after = inquiry();
  ASSERT_TRUE(after);
  EXPECT_EQ(before->head.receiver, "B7");
  EXPECT_EQ(after->head.receiver, "B8");
  EXPECT_EQ(before->head.sender, kWallet);
  EXPECT_EQ(after->head.sender, before->head.sender);
  wallet->restart();
  EXPECT_EQ(kept_of_first(), history);
}

TEST_F(PlugInTest, WithoutAPortTheyDoNotPay) {
  NodeConfig config = with_plug_ins(port);
  config.paycard_port = nullptr;
  wallet = std::make_unique<Single>(config);
  offered();
  EXPECT_FALSE(confirm());
  EXPECT_EQ(state(), "OFFERED");
}

// QP-PAY-011: in profile H the Paycard says whether its Broker gave the answer.
TEST_F(PlugInTest, InProfileHItJudgesTheAnswer) {
  bool believes = false;
  std::vector<std::string> given;
  port.answers["P7"] = [&](Call call, const auto& in, const State& state) -> tl::expected<Reply, Trouble> {
    if (call == Call::authorize) return counting(call, in, state);
    given = in;
    return Reply{believes ? Result::done : Result::refused, {}, {}};
  };
  wallet = std::make_unique<Single>(with_plug_ins(port, "H"));
  const auto sent = inquiry();
  ASSERT_TRUE(sent);
  const OutgoingCall call = wallet->last.calls.at(0);
  micro::InquiryPaymentResponse answer;
  answer.head = wallet->answer_head(call, kWallet);
  answer.head.profile = msg::Profile::H;
  answer.body.status = success();
  answer.body.endorsement = msg::Endorsement{"B7", std::string(32, 'e'), sent->body.order_ref, "2026-11-22T12:00:01Z",
                                             "2026-11-22T12:02:01Z"};
  answer.body.paycard_answer = "YW5zd2Vy";
  wallet->reply(call, answer, micro::kInquiryPaymentMessage);
  EXPECT_EQ(state(), "INQUIRING");
  EXPECT_EQ(given, (std::vector<std::string>{
                       sent->head.msg_id,
                       codec::canonical("Endorsement", msg::kEndorsementType, &*answer.body.endorsement), "YW5zd2Vy"}));
  believes = true;
  wallet->pass(60'000);
  wallet->reply(call, answer, micro::kInquiryPaymentMessage);
  EXPECT_EQ(state(), "ENDORSED");
}

// The Broker of a numbered Paycard takes its tokens and no others (QP-PAY-004).
TEST(BrokerOfANumberedPaycard, TakesItsTokens) {
  NodeConfig config = broker_config();
  config.bindings.at(0).scheme = paycard::Scheme::numbered;
  Single broker(config);
  const auto ask = [&](bool numbered) {
    micro::InquiryPayment request;
    request.head = broker.head(kWallet, "B7");
    request.body.paycard = "P7";
    request.body.order_ref = some_ref();
    const std::string input = paycard::token_input({kWallet, "P7", request.head.msg_id, request.body.order_ref});
    request.body.paycard_token =
        numbered ? paycard::numbered_proof(kSecret, 5, input) : paycard::plain_proof(kSecret, input);
    const auto answer =
        *broker.ask<micro::InquiryPaymentResponse>(request, micro::kInquiryPaymentMessage, kWalletAddress);
    if (answer.body.endorsement) {
      const msg::Answer proved{request.head.msg_id, *answer.body.endorsement};
      EXPECT_EQ(answer.body.paycard_answer, paycard::make_answer(kSecret, proved, paycard::Scheme::numbered));
    }
    return answer.body.status.code;
  };
  EXPECT_EQ(ask(false), protocol::QP_E_FORBIDDEN);
  EXPECT_EQ(ask(true), protocol::QP_OK);
}

}  // namespace
}  // namespace quickpay::roles
