// L6: predicates and effects mean what their bits in the model say. Every predicate that is compared is turned round, every ghost that is compared is
// kept wrongly; the steps fit the table all the same, so that only this comparison can notice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>

#include "reference/roles/deviation.hpp"
#include "reference/roles/node.hpp"
#include "reference/sim/campaign/coverage.hpp"
#include "reference/sim/campaign/deeds.hpp"
#include "reference/sim/campaign/play.hpp"
#include "reference/sim/memory_ledger.hpp"
#include "statemachines/monitor/judge.hpp"

namespace quickpay::sim {
namespace {

using testing::HasSubstr;

/// Two worlds with newcomers, one in each profile: they register with what is right and what is not, change it and leave, are struck off, and others write in
/// their name.
void add_newcomers(std::vector<Script>& made) {
  constexpr std::uint8_t kVendor = 0, kShop = 1, kWallet = 2, kBroker = 3, kBank = 6;
  Script script;
  script.actions = {{Act::buy, 0, 0}};
  script.joinings = {{Join::enrol, kVendor, 0}, {Join::enrol, kShop, 5}, {Join::enrol, kShop, 6}, {Join::enrol, kShop, 48}, {Join::enrol, kShop, 0}, {Join::change, kVendor, 3},
                     {Join::change, kVendor, 2}, {Join::change, kVendor, 6}, {Join::change, kShop, 6}, {Join::pretend, kVendor, 8}, {Join::pretend, kVendor, 7}};
  for (std::uint8_t what = 0; what < 7; ++what)
    for (const std::uint8_t who : {kVendor, kWallet, kBroker}) {
      if (what == 0) script.joinings.push_back({Join::enrol, who, 0});
      script.joinings.push_back({Join::pretend, who, what});
    }
  for (const Joining& last : {Joining{Join::enrol, kBank, 0}, {Join::enrol, kBank, 7}, {Join::enrol, kBank, 3}, {Join::change, kBroker, 1}, {Join::pretend, kBroker, 8}, {Join::pretend, kBroker, 9},
                              {Join::pretend, kBroker, 10}, {Join::pretend, kBroker, 11}, {Join::change, kWallet, 3}, {Join::change, kWallet, 0}, {Join::leave, kShop, 0}, {Join::strike_off, kWallet, 0},
                              {Join::change, kWallet, 0}, {Join::strike_off, kVendor, 0}, {Join::change, kVendor, 0}})
    script.joinings.push_back(last);
  made.push_back(script);
  script.authenticated = true;
  made.push_back(script);
}

/// Few worlds in which everything that is compared happens: orders beyond a limit, regular ones, settled ones, ones that go before the Host, and ones that
/// are taken back, with a signature and without; one each with a lying Wallet, Vendor and Broker; and two with newcomers.
const std::vector<Script>& worlds() {
  static const std::vector<Script> all = [] {
    std::vector<Script> made(9);
    for (Script& script : made) script.actions = {{Act::buy, 0, 0}, {Act::buy, 0, 2}, {Act::buy, 0, 4}, {Act::buy, 0, 0}, {Act::buy_regular, 0, 0}};
    made[0].players = 8;
    made[1].settles = Settles::plainly;
    made[1].regular = true;
    made[2].settles = Settles::past_the_host;
    made[3].actions.insert(made[3].actions.begin(), {{Act::lose, 0, 30}, {Act::duplicate, 0, 40}});
    made[3].actions.insert(made[3].actions.end(), {{Act::buy, 0, 0}, {Act::crash, 1, 3}, {Act::buy, 0, 2}, {Act::buy_wrongly, 0, 0}});
    for (Script* script : {&made[4], &made[5]}) {
      script->regular = script->takes_back = true;
      script->settles = Settles::plainly;
      script->actions.insert(script->actions.end(), {{Act::buy_regular, 0, 0}, {Act::buy_regular, 0, 1}, {Act::wait, 0, 10}, {Act::take_back, 0, 0}});
    }
    made[5].plain = true;
    made[5].actions.push_back({Act::suspend, 0, 0});
    for (std::size_t liar = 0; liar < 3; ++liar) {
      made[6 + liar].liar = static_cast<Liar>(1 + liar);
      made[6 + liar].regular = made[6 + liar].takes_back = true;
      made[6 + liar].settles = liar == 1 ? Settles::past_the_host : Settles::plainly;
      made[6 + liar].actions.insert(made[6 + liar].actions.end(), {{Act::post, 0, 4}, {Act::collect, 0, 0}, {Act::wait, 0, 10}});
    }
    add_newcomers(made);
    return made;
  }();
  return all;
}

/// What the first of these worlds in which anything is wrong says.
std::string wrong_with(const Sown& sown) {
  for (const Script& script : worlds())
    if (const Played played = play(script, sown); !played.wrong.empty()) return played.wrong;
  return "nothing";
}

/// By world.
const std::vector<Abstracted>& compared_in() {
  static const std::vector<Abstracted> all = [] {
    std::vector<Abstracted> each;
    for (const Script& script : worlds()) each.push_back(play(script).abstracted);
    return each;
  }();
  return all;
}

const Abstracted& compared() {
  static const Abstracted all = [] {
    Abstracted sum;
    for (const Abstracted& one : compared_in()) sum.add(one);
    return sum;
  }();
  return all;
}

TEST(Abstraction, IsTheModelOfTheseWorlds) {
  EXPECT_EQ(wrong_with({}), "nothing");
  EXPECT_EQ(compared().otherwise.size(), 5U);
  for (const auto& [id, times] : compared().otherwise) EXPECT_GT(times, 0U) << id << " is always as usual";
  EXPECT_GT(compared().timers, 20U);
  EXPECT_GT(compared().calls, 50U);
  for (const char* ghost : {"confirmed", "endorsed", "held", "commits", "debts", "claims", "goods", "approval", "payables", "wants", "meant", "proof", "note", "refunds"})
    EXPECT_GT(compared().ghosts.at(ghost), 0U) << ghost;
  EXPECT_GT(compared().predicates.at("broker.order.funds_suffice")[0], 0U);
  EXPECT_GT(compared().predicates.at("broker.order.funds_suffice")[1], 0U);
}

// A predicate that nothing says anything of has a reason, and a rule is of a predicate that there is.
TEST(Abstraction, WhatIsNotComparedHasAReason) {
  std::set<std::string> names;
  for (const statemachines::MachineTable* table : statemachines::monitor::all_tables()) {
    for (const auto& predicate : table->predicates) {
      const std::string name = std::string(table->id) + "." + std::string(predicate.id);
      names.insert(name);
      EXPECT_TRUE(may_be_compared(table->id, predicate.id) || !why_not(table->id, predicate.id).empty()) << name;
      EXPECT_FALSE(compared().predicates.contains(name) && !why_not(table->id, predicate.id).empty()) << name << " is compared";
    }
  }
  for (const auto& [name, ignored] : Onlooker::rules()) {
    EXPECT_TRUE(names.contains(std::string(name))) << name << " is no predicate";
    const bool of_newcomers = name.starts_with("host.vendor.") || name.starts_with("host.wallet.") || name.starts_with("host.broker.") || name.starts_with("vendor.registration.");
    if (of_newcomers) EXPECT_TRUE(compared().predicates.contains(std::string(name))) << name << " does not come up";
  }
  const Counts counts = count_predicates(compared());
  EXPECT_EQ(counts.all, names.size());
  EXPECT_EQ(counts.compared, compared().predicates.size());
  EXPECT_GE(counts.both, 30U);
  EXPECT_GE(count_effects(compared()).compared, 120U);
}

/// One predicate of one machine, turned round.
struct TurnsRound final : roles::Deviation {
  explicit TurnsRound(std::string which) : id(std::move(which)) {}
  bool override_predicate(std::string_view machine, std::string_view predicate, bool value) override {
    return value != (std::string(machine) + "." + std::string(predicate) == id);
  }
  std::string id;
};

// Twins: the body of a predicate, in the first of these worlds in which it is compared.
TEST(Abstraction, EveryComparedPredicateIsNoticedWhenItsBodyIsWrong) {
  std::set<std::string> machines;
  for (const auto& [id, times] : compared().predicates) {
    const Sown sown{id.substr(0, id.find('.')), [&id = id] { return std::make_unique<TurnsRound>(id); }};
    const std::string name = id.substr(id.rfind('.') + 1);
    std::string wrong = "nothing";
    for (std::size_t i = 0; i < worlds().size() && wrong.find(": " + name + " ") == std::string::npos; ++i)
      if (compared_in()[i].predicates.contains(id)) wrong = play(worlds()[i], sown).wrong;
    EXPECT_THAT(wrong, testing::StartsWith("L6: ")) << id;
    EXPECT_THAT(wrong, HasSubstr(": " + name + " ")) << id;
    machines.insert(id.substr(0, id.rfind('.')));
  }
  EXPECT_GE(machines.size(), 20U);
  EXPECT_GE(compared().predicates.size(), 115U);
}

// A predicate that is always true is noticed where it should not be: the limit of an account.
TEST(Abstraction, FundsThatAlwaysSufficeAreNoticed) {
  struct Believes final : roles::Deviation {
    bool override_predicate(std::string_view, std::string_view predicate, bool value) override { return value || predicate == "funds_suffice"; }
  };
  EXPECT_THAT(wrong_with({"broker", [] { return std::make_unique<Believes>(); }}), HasSubstr("funds_suffice holds, otherwise "));
}

/// Keeps records otherwise than it was told.
struct KeepsWrongly : MemoryLedger {
  using Change = std::function<bool(ledger::Record&)>;  ///< false: it is not kept
  explicit KeepsWrongly(Change how) : change(std::move(how)) {}
  ledger::Result<void> put(const ledger::Record& record) override {
    ledger::Record kept = record;
    return change(kept) ? MemoryLedger::put(kept) : ledger::Result<void>{};
  }
  Change change;
};

KeepsWrongly::Change without(std::string machine, std::string field) {
  return [=](ledger::Record& record) { return record.machine == machine ? (record.fields.erase(field), true) : true; };
}

KeepsWrongly::Change in_another_currency(std::string machine) {
  return [=](ledger::Record& record) {
    const auto ref = record.fields.find("OrderRef");
    const std::size_t at = ref == record.fields.end() ? std::string::npos : ref->second.find("USD");
    if (record.machine == machine && at != std::string::npos) ref->second.replace(at, 3, "EUR");
    return true;
  };
}

struct Kept {
  const char* ghost;
  const char* role;
  KeepsWrongly::Change change;
};

// Twins: the body of an effect. The step is told as the table has it, and the ledger has something else.
TEST(Abstraction, EveryComparedGhostIsNoticedWhenAnEffectDoesSomethingElse) {
  const std::array all = {
      Kept{"confirmed of", "wallet", without("wallet.order", "confirmed")},
      Kept{"seen of", "wallet", in_another_currency("wallet.order")},
      Kept{"terms of", "broker", in_another_currency("broker.order")},
      Kept{"endorsed of", "broker", without("broker.order", "Endorsement")},
      Kept{"commits of", "broker", without("broker.order", "commit_id")},
      Kept{"debts of", "broker", [](ledger::Record& record) { return record.machine != "broker.debt"; }},
      Kept{"claims of", "vendor", [](ledger::Record& record) { return record.machine != "vendor.claim"; }},
      Kept{"goods of", "wallet", without("wallet.order", "goods")},
      Kept{"approval of", "vendor", without("vendor.claim", "approval")},
      Kept{"payables of", "broker", without("broker.debt", "commission")},
      Kept{"wants of", "vendor", without("vendor.revoke", "broker")},
      Kept{"meant of", "vendor", without("vendor.revoke", "Revoke")},
      Kept{"proof of", "broker", without("broker.revoke", "Revoke")},
      Kept{"note of", "vendor", without("vendor.claim", "given_up")},
      Kept{"refunds of", "broker", [](ledger::Record& record) { return record.machine != "deduction"; }},
      Kept{"held and owed", "broker", without("account", "held")},
  };
  for (const Kept& one : all) {
    Sown sown{one.role, {}, [&one] { return std::make_unique<KeepsWrongly>(one.change); }};
    const std::string wrong = wrong_with(sown);
    EXPECT_THAT(wrong, testing::StartsWith("L6: ")) << one.ghost;
    EXPECT_THAT(wrong, HasSubstr(one.ghost));
  }
}

// Twins: an answer with another code than the step says, a request that is not kept.
TEST(Abstraction, AnAnswerOtherThanTheStepSaysIsNoticed) {
  struct SaysOtherwise final : roles::Deviation {
    bool rewrite_answer(std::string_view, roles::Answer& answer) override {
      const std::size_t at = answer.body.find("<Code>QP-OK</Code>");
      if (at != std::string::npos) answer.body.replace(at, 18, "<Code>QP-E-BUSY</Code>");
      return true;
    }
  };
  for (const char* role : {"vendor", "broker", "host"})
    EXPECT_THAT(wrong_with({role, [] { return std::make_unique<SaysOtherwise>(); }}), HasSubstr(", by its step QP-OK")) << role;
}

TEST(Abstraction, ARequestThatDoesNotWaitIsNoticed) {
  struct Forgets final : MemoryLedger {
    ledger::Result<void> put_parked(const ledger::Parked&) override { return {}; }
  };
  EXPECT_THAT(wrong_with({"vendor", {}, [] { return std::make_unique<Forgets>(); }}), HasSubstr("has no request that waits"));
}

TEST(Abstraction, AWordThatTheUserDoesNotHearIsNoticed) {
  const auto& tables = statemachines::monitor::all_tables();
  const auto table = std::find_if(tables.begin(), tables.end(), [](const auto* one) { return one->id == "wallet.order"; });
  ASSERT_NE(table, tables.end());
  roles::TraceLine line;
  line.machine = "wallet.order";
  line.key = "order-1";
  line.effects = {"tell refused"};
  World world(1, {});
  Site& wallet = world.site(world.ids("wallet").front());
  Deeds deeds(world);
  const auto told = [&](const char* word) {
    if (word != nullptr) wallet.user.push_back({"tell", "order-1", word, {}});
    deeds.take(**table, line);
    return deeds.look(wallet);
  };
  EXPECT_EQ(told("refused"), "");
  EXPECT_EQ(told(nullptr), "the user is told of nothing, by the steps of order-1 refused");
  EXPECT_EQ(told("offer-wrong"), "the user is told of order-1 offer-wrong, by the steps of order-1 refused");
  EXPECT_EQ(deeds.compared.at("wallet.order.tell refused"), 3U);
}

TEST(Abstraction, AStateThatIsNotKeptIsNoticed) {
  const auto stale = [](ledger::Record& record) {
    if (record.machine == "vendor.order" && record.state == "DELIVERED") record.state = "CHECKING";
    return true;
  };
  EXPECT_THAT(wrong_with({"vendor", {}, [&] { return std::make_unique<KeepsWrongly>(stale); }}), HasSubstr("is kept in CHECKING, by its steps it is in DELIVERED"));
}

TEST(Abstraction, ATimerThatIsNotKeptIsNoticed) {
  struct Sleeps final : MemoryLedger {
    ledger::Result<void> put_timer(const ledger::Timer&) override { return {}; }
  };
  for (const char* role : {"wallet", "broker"})
    EXPECT_THAT(wrong_with({role, {}, [] { return std::make_unique<Sleeps>(); }}), HasSubstr("is woken by nothing, by its steps by ")) << role;
}

TEST(Abstraction, ACallThatIsNotKeptIsNoticed) {
  struct Forgets final : MemoryLedger {
    ledger::Result<void> put_call(const ledger::Call& call) override { return call.notice ? ledger::Result<void>{} : MemoryLedger::put_call(call); }
  };
  for (const char* role : {"vendor", "broker"})
    EXPECT_THAT(wrong_with({role, {}, [] { return std::make_unique<Forgets>(); }}), HasSubstr("has not sent Register")) << role;
}

}  // namespace
}  // namespace quickpay::sim
