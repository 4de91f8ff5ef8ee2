// Twins of the oracle: a core that is broken on purpose, in every way that can be told from outside, is found in a life
// in which a right core passes (core_test.cpp).
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "fuzz/core/player.hpp"
#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::fuzz {
namespace {

using statemachines::MachineTable;

const Life& life_of(std::string_view name) {
  const auto at = std::find_if(lives().begin(), lives().end(), [&](const Life& life) { return life.name == name; });
  if (at == lives().end()) throw std::runtime_error("no life " + std::string(name));
  return *at;
}

std::string finding(std::string_view life, const Sabotage& sabotage) {
  return run_core(input_of(life_of(life)), sabotage).wrong;
}

// ---- predicates: what a core believes

struct Believes : roles::Deviation {
  Believes(std::string_view m, std::string_view p, bool v) : machine(m), predicate(p), value(v) {}
  bool override_predicate(std::string_view of, std::string_view asked, bool right) override {
    return of == machine && asked == predicate ? value : right;
  }
  std::string_view machine, predicate;
  bool value;
};

bool found_in_some_life(Sabotage sabotage) {
  return std::any_of(lives().begin(), lives().end(),
                     [&](const Life& life) { return !run_core(input_of(life), sabotage).wrong.empty(); });
}

TEST(OracleTwin, EveryPredicateForcedEitherWayIsFound) {
  int tried = 0;
  for (const auto& entry : statemachines::all::machines()) {
    const MachineTable& table = entry.table();
    if (table.role != "broker" && table.role != "vendor") continue;
    if (table.protocol != "micropayment") continue;  // what the players serve
    for (const auto& predicate : table.predicates) {
      for (const bool value : {false, true}) {
        if (predicate.id == "receipt_awaited" && !value) continue;  // so it is in profile F, in which lives are played
        Believes deviation(table.id, predicate.id, value);
        Sabotage sabotage;
        sabotage.deviation = &deviation;
        EXPECT_TRUE(found_in_some_life(sabotage)) << table.id << " " << predicate.id << " always " << value;
        ++tried;
      }
    }
  }
  EXPECT_GT(tried, 30);
}

// ---- machines: where a core goes and what it does

/// A core on one machine of which a row was changed.
Sabotage with_row(std::string_view machine, std::string_view row,
                  std::function<void(statemachines::ModelRow&)> change) {
  Sabotage sabotage;
  sabotage.engine_factory = [=](const MachineTable& table) -> roles::Machine {
    auto model = statemachines::model_of(table);
    for (auto& candidate : model.rows) {
      if (model.id == machine && candidate.id.starts_with(row)) change(candidate);
    }
    return {&table, std::make_unique<statemachines::InterpreterEngine>(std::move(model))};
  };
  return sabotage;
}

TEST(OracleTwin, ARowThatLeadsElsewhereIsFound) {
  const auto stays = [](statemachines::ModelRow& row) { row.to = row.state; };
  EXPECT_EQ(finding("broker-lapsed", with_row("broker.order", "B31", stays)),
            "broker.order B31 for InquiryPayment in LAPSED: it leads to ENDORSED");
  EXPECT_EQ(finding("vendor-abandoned", with_row("vendor.order", "V29", stays)),
            "vendor.order V29@CHECKING for T_redeliver! in CHECKING: it leads to ABANDONED");
}

TEST(OracleTwin, AnEffectThatIsLeftOutOrRepeatedIsFound) {
  const auto less = [](statemachines::ModelRow& row) { row.effects.pop_back(); };
  const auto twice = [](statemachines::ModelRow& row) { row.effects.push_back(row.effects.back()); };
  EXPECT_EQ(finding("broker-commit", with_row("broker.order", "B20", less)),
            "broker.order B20 for CheckCommit in ENDORSED: its effects differ");
  EXPECT_EQ(finding("vendor-deliver", with_row("vendor.order", "V15", twice)),
            "vendor.order V15@CHECKING for CheckCommit.ok in CHECKING: its effects differ");
}

// ---- the front: what a core lets in

struct Skips : roles::Deviation {
  explicit Skips(int s) : step(s) {}
  bool skip_step(int asked, std::string_view) override { return asked == step; }
  int step;
};

TEST(OracleTwin, EveryStepOfTheProcessingOrderThatIsLeftOutIsFound) {
  for (const int step : {8, 9, 10, 11, 12, 14}) {
    Skips deviation(step);
    Sabotage sabotage;
    sabotage.deviation = &deviation;
    EXPECT_TRUE(found_in_some_life(sabotage)) << step;
  }
}

// ---- what leaves: the trace says one thing, the wire another

struct Wire : roles::Deviation {
  using Changes = std::function<bool(std::string& body)>;  ///< false: it does not leave
  Changes answer, call;
  bool rewrite_answer(std::string_view, roles::Answer& out) override { return !answer || answer(out.body); }
  bool rewrite_outgoing(roles::OutgoingCall& out) override { return !call || call(out.body); }
};

bool replace(std::string& body, const std::string& from, const std::string& to) {
  if (const std::size_t at = body.find(from); at != std::string::npos) body.replace(at, from.size(), to);
  return true;
}
Wire::Changes replaces(std::string from, std::string to) {
  return [=](std::string& body) { return replace(body, from, to); };
}
/// Changes what leaves from the second time on.
Wire::Changes later(Wire::Changes change) {
  return [change, times = 0](std::string& body) mutable { return ++times == 1 || change(body); };
}
const Wire::Changes kNothing = [](std::string&) { return false; };

struct WireCase {
  const char* life;
  bool answers;  ///< else calls
  Wire::Changes change;
  const char* finding;
};

TEST(OracleTwin, WhatLeavesIsComparedAndNotOnlyTheTrace) {
  const WireCase cases[] = {
      {"broker-commit", true, kNothing, "no answer though QP-OK is due"},
      {"broker-commit", true, replaces("<Code>QP-OK", "<Code>QP-E-BUSY"), "an answer that is not valid"},
      {"broker-strangers", true, replaces("QP-E-FORBIDDEN", "QP-E-MISMATCH"),
       "answered QP-E-MISMATCH instead of QP-E-FORBIDDEN"},
      {"broker-strangers", true, replaces("<Retry>no", "<Retry>new"), "QP-E-FORBIDDEN with retry new"},
      {"broker-strangers", true, replaces("<Sender>B7", "<Sender>B8"), "an answer in another's name"},
      {"broker-strangers", true, replaces("<InReplyTo>", "<InReplyTo>0"), "an answer that is not valid"},
      {"broker-commit", true, replaces("<CheckBy>2026", "<CheckBy>2027"),
       "another Endorsement than that of the record"},
      {"broker-commit", true, replaces("<Amount>100", "<Amount>101"), "another Endorsement than that of the record"},
      {"broker-commit", true, replaces("<PaycardAnswer>", "<PaycardAnswer>AAAA"),
       "a PaycardAnswer that proves nothing"},
      {"broker-commit", true, replaces("<SettleBy>2026", "<SettleBy>2027"),
       "the answer does not say what was committed"},
      {"broker-endorsed", true, later(replaces("</Endorsement>", "</Endorsement> ")),
       "a final answer was not repeated as it was"},
      {"vendor-deliver", true, replaces("<Amount>100", "<Amount>101"), "an offer of something else"},
      {"vendor-deliver", true, replaces("<MediaType>text/plain", "<MediaType>text/other"), "other goods"},
      {"vendor-location", true, replaces("127.0.3.1/goods", "127.0.3.2/goods"), "another Location"},
      {"vendor-deliver", true, replaces("<DeliveredAt>2026", "<DeliveredAt>2027"), "another delivery"},
      {"vendor-deliver", false, kNothing, "CheckCommit was not sent"},
      {"vendor-deliver", false, replaces("<Amount>100", "<Amount>101"),
       "CheckCommit: it is not about the Vendor's own copy of the order"},
      {"vendor-deliver", false, replaces("<Receiver>B7", "<Receiver>B8"), "CheckCommit has a wrong Head"},
      {"vendor-deliver", false, replaces("<Amount>", "<Money>"), "CheckCommit is not valid"},
      {"vendor-deliver", false, replaces("<DeliveredAt>2026", "<DeliveredAt>2027"),
       "RegisterDelivery: it does not say what was delivered"},
      {"broker-commit", false, replaces("<CommittedAt>2026", "<CommittedAt>2027"),
       "RegisterCommit: it does not say what was committed"},
      {"vendor-unsure", false, later(kNothing), "a call was not hurried"},
      {"vendor-lost-yes", false, later(replaces("<SentAt>2026", "<SentAt>2027")),
       "CheckCommit was not repeated as it was"},
  };
  for (const WireCase& one : cases) {
    Wire deviation;
    (one.answers ? deviation.answer : deviation.call) = one.change;
    Sabotage sabotage;
    sabotage.deviation = &deviation;
    EXPECT_EQ(finding(one.life, sabotage), one.finding) << one.life;
  }
}

// ---- what is kept: changed behind the core's back

struct KeptCase {
  const char* life;
  std::function<void(ledger::Ledger&)> change;
  std::string_view finding;  ///< how it begins
};

/// Changes every record of a machine.
std::function<void(ledger::Ledger&)> each(std::string machine, std::function<void(ledger::Record&)> change) {
  return [=](ledger::Ledger& ledger) {
    const auto records = ledger.list(machine, "", 10);
    for (ledger::Record record : *records) {
      change(record);
      static_cast<void>(ledger.put(record));
    }
  };
}
/// Changes every pending call.
std::function<void(ledger::Ledger&)> each_call(std::function<void(ledger::Call&)> change) {
  return [=](ledger::Ledger& ledger) {
    const auto calls = ledger.due_calls(std::numeric_limits<std::int64_t>::max(), 10);
    for (ledger::Call call : *calls) {
      change(call);
      static_cast<void>(ledger.put_call(call));
    }
  };
}
void lose_calls(ledger::Ledger& ledger) {
  const auto calls = ledger.due_calls(std::numeric_limits<std::int64_t>::max(), 10);
  for (const ledger::Call& call : *calls) static_cast<void>(ledger.erase_call(call.msg_id));
}
void lose_timers(ledger::Ledger& ledger) {
  const auto timers = ledger.due_timers(std::numeric_limits<std::int64_t>::max(), 10);
  for (const ledger::Timer& timer : *timers)
    static_cast<void>(ledger.erase_timer(timer.machine, timer.key, timer.name));
}

TEST(OracleTwin, WhatIsKeptIsComparedAfterEveryOperation) {
  const auto state = [](const char* to) { return [=](ledger::Record& record) { record.state = to; }; };
  const auto money = [](const char* name) { return [=](ledger::Record& record) { record.fields[name] = "7"; }; };
  const auto due = [](std::int64_t when) { return [=](ledger::Call& call) { call.next_ms = when; }; };
  const KeptCase cases[] = {
      {"broker-commit", each("broker.order", state("LAPSED")), "micro/V1001/order-0 is kept as LAPSED"},
      {"broker-commit", each("account", money("held")), "held of one is 7"},
      {"broker-commit", each("account", money("owed")), "owed of one is 7"},
      {"broker-commit", each("account", money("limit")), "money does not add up: limit of one"},
      {"broker-commit", [](ledger::Ledger& l) { static_cast<void>(l.erase("broker.order", "micro/V1001/order-0")); },
       "a record is not kept"},
      {"broker-commit",
       [](ledger::Ledger& l) {
         static_cast<void>(l.put({"broker.order", "x", "ENDORSED", {}, {}}));
       },
       "a record that should not be: x"},
      {"broker-commit",
       [](ledger::Ledger& l) {
         static_cast<void>(l.put({"port.debt", "x", "HANDED-OVER", {}, {}}));
       },
       "what was handed over to debt differs"},
      {"broker-lapsed", lose_timers, "CheckBy of micro/V1001/order-1 is not kept"},
      {"broker-lapsed",
       [](ledger::Ledger& l) {
         static_cast<void>(l.put_timer({"broker.order", "x", "CheckBy", 1}));
       },
       "CheckBy of x is kept wrongly"},
      {"vendor-join", each("vendor.order", [](ledger::Record& r) { r.variables = {"waiting=no"}; }), "micro/V1001/"},
      {"vendor-lost-yes", lose_calls, "CheckCommit is not kept"},
      {"vendor-lost-yes", each_call(due(1'895'348'800'000)), "CheckCommit was not repeated"},
      {"vendor-lost-yes", each_call(due(0)), "CheckCommit was repeated too early"},
      {"broker-given-up", each_call([](ledger::Call& call) { call.give_up_ms = 0; }),
       "RegisterCommit was not given up"},
      {"vendor-location", each("vendor.order", [](ledger::Record& r) { r.fields["data"] = "x"; }),
       "other goods for a ticket"},
      {"vendor-location", each("vendor.order", [](ledger::Record& r) { r.fields["ticket"] = "x"; }),
       "a ticket is honoured at the wrong time"},
  };
  for (const KeptCase& one : cases) {
    Sabotage sabotage;
    sabotage.after_input = one.change;
    EXPECT_EQ(finding(one.life, sabotage).substr(0, one.finding.size()), one.finding) << one.life;
  }
}

// ---- names: what the specification says and the oracle does not know

class Ignorant : public Oracle {
 public:
  explicit Ignorant(const roles::Directory& directory) : Oracle({}, "broker.order", {}, directory) {}
  std::unique_ptr<Oracle> clone() const override { return nullptr; }

 private:
  std::string key_of(const roles::AnyDocument&) const override { return {}; }
  bool holds(std::string_view, const Turn&) override { return false; }
  void perform(std::string_view, const Turn&) override {}
  std::int64_t due(std::string_view, const Turn&) override { return 0; }
  NewCall call(std::string_view, const Turn&) override { return {}; }
  std::string check_call(const std::string&, const roles::AnyDocument&) override { return {}; }
  std::string check_ok(const Owed&, const roles::AnyDocument&) override { return {}; }
  std::string check_kept(const roles::Node&, ledger::Ledger&) override { return {}; }
};

struct Midnight : roles::Clock {
  std::int64_t now_ms() const override { return 0; }
};

TEST(OracleTwin, APredicateWithoutAMeaningIsAFinding) {
  const roles::TableDirectory directory;
  const Midnight clock;
  sim::MemoryLedger ledger;
  crypto::SeededRandom random(std::uint64_t{1});
  const roles::Node node({}, ledger, clock, random, directory);
  EXPECT_EQ(Ignorant(directory).check({}, node, ledger).substr(0, 28), "no oracle for the predicate ");
}

}  // namespace
}  // namespace quickpay::fuzz
