// Players that begin with the Host's entry alone, while the power of one of them is cut at every single write of its
// ledger.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tuple>

#include "reference/roles/tests/asking.hpp"
#include "reference/roles/tests/buying.hpp"

namespace quickpay::roles {
namespace {

TownPlan asking_plan(paycard::Port& card, const std::string& victim, const ledger::Cut& cut, bool authenticated) {
  TownPlan plan = plan_of(card, victim, cut, authenticated);
  for (auto& [role, config] : plan.configs) {
    if (role != "host") config = asking(std::move(config));
  }
  return plan;
}

/// One order of players that have to look each other up first.
class Strangers : public Bought {
 public:
  Strangers(paycard::Port& card, const std::string& victim, const ledger::Cut& cut, bool authenticated)
      : Bought(asking_plan(card, victim, cut, authenticated), "wallet.order", "item-1") {
    Player wallet = *town.single("host").directory.find(kWallet).player;
    wallet.ticket = kTicket;
    town.single("host").directory.put(wallet);
  }
};

class EntriesCrash : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  LinkedCard card;
  /// Everything that was not synced is lost in profile F; in H pieces of it stay.
  ledger::Cuts cut_everywhere(bool lazy, int step) {
    const auto& [role, authenticated] = GetParam();
    const std::uint64_t seed = authenticated ? 7 : 0;
    const std::string label = fmt::format("{}, look-ups, profile {}, disk seed {}{}", role, authenticated ? "H" : "F",
                                          seed, lazy ? ", lazy" : "");
    const auto make = [&, who = role, keys = authenticated](int n) {
      return std::make_unique<Strangers>(card, who, ledger::Cut{n, lazy, seed}, keys);
    };
    return ledger::cut_everywhere(label, make, step);
  }
};

// QP-ROLE-010 QP-REL-003 QP-REL-004 QP-ADD-01 QP-ADD-24: whatever write is the last one before the power fails, who was
// known stays known, a link that waited is followed, and the order is paid once.
TEST_P(EntriesCrash, AtEveryWriteLosesNothing) {
  const auto counts = cut_everywhere(false, 1);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// Twin: a player that lets things out before they are on the disk is found; some of the cuts are enough.
TEST_P(EntriesCrash, TwinActingBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(true, 4).wrong.empty()); }

INSTANTIATE_TEST_SUITE_P(Roles, EntriesCrash,
                         testing::Combine(testing::Values("wallet", "vendor", "broker"), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

}  // namespace
}  // namespace quickpay::roles
