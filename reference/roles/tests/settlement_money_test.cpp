// Laws of the arithmetic of settlements (QP-ADD-24).
#include "reference/roles/settlement_money.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace quickpay::roles {
namespace {

TEST(Money, SharesAreRoundedHalfToEven) {
  EXPECT_EQ(share(125, 150), 2);        // 1.875
  EXPECT_EQ(share(300, 150), 4);        // 4.5
  EXPECT_EQ(share(100, 150), 2);        // 1.5
  EXPECT_EQ(share(50, 100), 0);         // 0.5
  EXPECT_EQ(share(0, 10'000), 0);
  EXPECT_EQ(share(kMaxSum, 10'000), kMaxSum);
  EXPECT_EQ(share(kMaxSum, 0), 0);
}

TEST(Money, SumsDoNotWrapAround) {
  EXPECT_EQ(add_sums(kMaxSum, 0), kMaxSum);
  EXPECT_EQ(add_sums(kMaxSum, 1), std::nullopt);
  EXPECT_EQ(add_sums(-1, 1), std::nullopt);
}

__extension__ using Wide = __int128;

// A share is the nearest whole number, the even one of two that are as near.
TEST(Money, SharesAreTheNearest) {
  const bool ok = rc::check([] {
    const auto amount = *rc::gen::inRange<std::int64_t>(0, kMaxSum);
    const auto rate = *rc::gen::inRange<std::int64_t>(0, kBasisPoints + 1);
    const auto part = static_cast<Wide>(share(amount, rate));
    const auto twice = 2 * (static_cast<Wide>(amount) * rate - part * kBasisPoints);
    RC_ASSERT(twice <= kBasisPoints && twice >= -kBasisPoints);
    if (twice == kBasisPoints || twice == -kBasisPoints) RC_ASSERT(part % 2 == 0);
  });
  EXPECT_TRUE(ok);
}

msg::Settlement random_settlement() {
  msg::Settlement made;
  const auto count = *rc::gen::inRange(0, 20);
  for (int i = 0; i < count; ++i) {
    const auto amount = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    made.accepted.push_back({std::to_string(i), amount, share(amount, *rc::gen::inRange(0, 10'001))});
  }
  const auto revoked = *rc::gen::inRange(0, 10);
  for (int i = 0; i < revoked; ++i) {
    const auto amount = *rc::gen::inRange<std::int64_t>(1, 1'000'000);
    made.deduction.push_back({std::to_string(i), "o", amount, share(amount, *rc::gen::inRange(0, 10'001))});
  }
  made.prior_debit = *rc::gen::inRange<std::int64_t>(0, 1'000'000);
  return made;
}

// Nothing is lost between what is due, what is paid and what is carried, and never both are there.
TEST(Money, SettlementsConserve) {
  const bool ok = rc::check([] {
    msg::Settlement made = random_settlement();
    RC_ASSERT(sum_up(made));
    RC_ASSERT(adds_up(made));
    RC_ASSERT(made.net_total >= 0 && made.carried_debit >= 0);
    RC_ASSERT(made.net_total == 0 || made.carried_debit == 0);
    RC_ASSERT(made.net_total - made.carried_debit ==
              made.accepted_total - made.commission_total - made.deduction_total - made.prior_debit);
    auto wrong = made;  // twin: any total that is off by one is seen
    std::int64_t* const totals[] = {&wrong.accepted_total, &wrong.commission_total, &wrong.deduction_total,
                                    &wrong.net_total,      &wrong.carried_debit,    &wrong.prior_debit};
    *totals[*rc::gen::inRange(0, 6)] += 1;
    RC_ASSERT(!adds_up(wrong));
  });
  EXPECT_TRUE(ok);
}

TEST(Money, WhatDoesNotFitIsNoSettlement) {
  msg::Settlement made;
  made.accepted = {{"a", kMaxSum, 0}, {"b", 1, 0}};
  EXPECT_FALSE(sum_up(made));
  made.accepted = {{"a", 5, 6}};
  EXPECT_FALSE(sum_up(made));
  made.accepted.clear();
  made.deduction = {{"r", "a", kMaxSum, 0}};
  made.prior_debit = 1;
  EXPECT_FALSE(sum_up(made));
}

}  // namespace
}  // namespace quickpay::roles
