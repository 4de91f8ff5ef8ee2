// The reference Paycard: its golden value, and that each part of a token counts.
#include "reference/paycard/paycard.hpp"

#include <gtest/gtest.h>

#include "reference/crypto/encoding.hpp"

namespace quickpay::paycard {
namespace {

const std::string kSecret =
    *crypto::from_hex("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");

msg::Token golden() {
  const msg::OrderRef ref{msg::Kind::micro, "V1001", "2026-000042", 125, "USD", "2026-11-22T12:15:00Z",
                          "45e87b576f07dde7674c82498322651e40919de70672941490b3575a37ae813c"};
  return {"W0123456789abcdef0123456789abcdef", "P7", std::string(16, 'a') + std::string(16, 'b'), ref};
}

// QP-ADD-11: the value that an independent program computed.
TEST(Paycard, MakesTheGoldenToken) {
  EXPECT_EQ(make_token(kSecret, golden()), "+7iTS+RHUMkADyTH5k6aJ3OtwvJIe0Q+WFGohesEJiM=");
  EXPECT_TRUE(check_token(kSecret, golden(), make_token(kSecret, golden())));
}

// QP-SAFE-011: a token holds for one Wallet, Paycard, MsgId, order and secret.
TEST(Paycard, BindsEveryPart) {
  const std::string token = make_token(kSecret, golden());
  auto other = golden();
  other.wallet.back() = '0';
  EXPECT_FALSE(check_token(kSecret, other, token));
  other = golden();
  other.paycard = "P8";
  EXPECT_FALSE(check_token(kSecret, other, token));
  other = golden();
  other.msg_id.front() = '0';
  EXPECT_FALSE(check_token(kSecret, other, token));
  other = golden();
  other.order_ref.amount = 126;
  EXPECT_FALSE(check_token(kSecret, other, token));
  EXPECT_FALSE(check_token("another secret", golden(), token));
  EXPECT_FALSE(check_token(kSecret, golden(), token.substr(1)));
  EXPECT_FALSE(check_token(kSecret, golden(), ""));
}

TEST(Paycard, KeepsTokensAndAnswersApart) {
  const msg::Answer answer{golden().msg_id, {"B7", std::string(32, 'e'), golden().order_ref, "", ""}};
  const std::string proof = make_answer(kSecret, answer);
  EXPECT_TRUE(check_answer(kSecret, answer, proof));
  auto other = answer;
  other.endorsement.endorsement_id.front() = '0';
  EXPECT_FALSE(check_answer(kSecret, other, proof));
  EXPECT_FALSE(check_token(kSecret, golden(), proof));
}

}  // namespace
}  // namespace quickpay::paycard
