// The Host's log and its audit: what happened is audited clean, and whatever was changed afterwards is named.
#include "reference/roles/host_audit.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <functional>

#include "reference/roles/host_log.hpp"
#include "reference/roles/tests/host_world.hpp"

namespace quickpay::roles {
namespace {

using Entries = std::vector<ledger::Record>;

AuditReport audited(ledger::Ledger& ledger, const std::string& chain = {}) {
  const auto scratch = *ledger::open_sqlite(":memory:");
  AuditOptions options;
  options.chain = chain;
  const auto report = audit_host(ledger, *scratch, options);
  EXPECT_TRUE(report) << (report ? "" : report.error().what);
  return report.value_or(AuditReport{});
}

std::string finding(ledger::Ledger& ledger, const std::string& chain = {}) {
  const AuditReport report = audited(ledger, chain);
  return report.finding ? report.finding->where + ": " + report.finding->what : "";
}
std::string where(ledger::Ledger& ledger) {
  const AuditReport report = audited(ledger);
  return report.finding ? report.finding->where : "";
}

std::string entry(std::int64_t number) { return "entry " + std::to_string(number) + " of the log"; }

Entries entries_of(Single& host) { return *host.ledger->list(kLogMachine, "", ledger::kMaxListed); }

/// What an intruder with a database tool does: the log is replaced by `entries`, numbered or not.
void replace_log(Single& host, const Entries& entries) {
  ASSERT_TRUE(host.ledger->begin_unit());
  for (const auto& old : entries_of(host)) ASSERT_TRUE(host.ledger->erase(kLogMachine, old.key));
  for (const auto& entry : entries) ASSERT_TRUE(host.ledger->put(entry));
  ASSERT_TRUE(host.ledger->end_unit());
  ASSERT_TRUE(host.ledger->flush());
}

void put(Single& host, const ledger::Record& record) {
  ASSERT_TRUE(host.ledger->begin_unit());
  ASSERT_TRUE(host.ledger->put(record));
  ASSERT_TRUE(host.ledger->end_unit());
  ASSERT_TRUE(host.ledger->flush());
}

/// Numbers, chains and the end of the log made anew, so that only what the entries say can give them away.
void forge_log(Single& host, Entries entries) {
  std::string chain;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    entries[i].key = log_key(static_cast<std::int64_t>(i + 1));
    chain = log_chain(chain, entries[i]);
    entries[i].fields["chain"] = chain;
  }
  replace_log(host, entries);
  auto end = **host.ledger->find(kLogEndMachine, "end");
  end.fields["chain"] = chain;
  set_number(end, "number", static_cast<std::int64_t>(entries.size()));
  put(host, end);
}

/// An order that everybody registers, one of them late and one twice, around a suspension; and one that is refused.
void let_happen(World& world) {
  world.ask(world.commit());
  world.host.clock.now += 1000;
  ASSERT_TRUE(world.host.node->suspend());
  world.host.clock.now += 5000;
  ASSERT_TRUE(world.host.node->resume());
  world.ask(world.delivery());
  world.ask(world.delivery());
  world.ask(world.order());
  world.host.clock.now += kRegisterMs + 1;
  world.ask(world.order(msg::Outcome::not_received, kOtherWallet), "127.0.4.2");
  auto refused = world.delivery();
  refused.body.broker = "B9";
  world.ask(refused);
  world.ask(world.commit(some_ref("another")));
  world.host.flush();
}

struct HostAudit : testing::Test {
  World world;
  Single& host = world.host;
  void SetUp() override { let_happen(world); }
};

TEST_F(HostAudit, FindsNothingWhereNothingWasChanged) {
  const AuditReport report = audited(*host.ledger);
  EXPECT_FALSE(report.finding) << report.finding->where << ": " << report.finding->what;
  EXPECT_EQ(report.entries, static_cast<std::int64_t>(entries_of(host).size()));
  EXPECT_EQ(report.inputs, 7);   // five registrations that count, suspension and end; repeats and refusals leave nothing
  EXPECT_EQ(report.records, 4);  // two cases, two statements
  EXPECT_EQ(report.chain, entries_of(host).back().fields["chain"]);
}

TEST_F(HostAudit, FindsNothingInAnEmptyLedger) {
  Single fresh{host_config()};
  const AuditReport report = audited(*fresh.ledger);
  EXPECT_FALSE(report.finding);
  EXPECT_EQ(report.entries + report.records, 0);
}

// QP-ADD-25: mail is no business of a case, and a request that was refused changed nothing.
TEST_F(HostAudit, LogsNeitherMailNorRefusals) {
  const std::size_t before = entries_of(host).size();
  msg::comm::RegisterMessage letter;
  letter.head = host.head("B7", "H1");
  letter.body.kind = "batch-call";
  letter.body.audience.id = {"V1001"};
  letter.body.text = "please settle";
  const auto taken = host.ask<msg::comm::RegisterMessageResponse>(letter, msg::comm::kRegisterMessageMessage, kBrokerAddress);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->body.status.code, protocol::QP_OK);
  auto refused = world.commit();
  refused.body.order_ref.vendor = "V9";
  EXPECT_EQ(world.ask(refused).body.status.code, protocol::QP_E_VENDOR);
  EXPECT_EQ(entries_of(host).size(), before);
  world.ask(world.commit(some_ref("third")));
  EXPECT_EQ(entries_of(host).size(), before + 2);  // twin: what counts is logged, input and change
}

// Whatever comes in whatever order, restarts and other parameters in between.
TEST(HostAuditLaw, FindsNothingAfterAnyHistory) {
  EXPECT_TRUE(rc::check("an honest Host is audited clean", [] {
    World world;
    for (const int act : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 9))) {
      const msg::OrderRef ref = some_ref("order-" + std::to_string(*rc::gen::inRange(0, 3)), *rc::gen::inRange(1, 3));
      if (act == 0) world.ask(world.commit(ref));
      if (act == 1) world.ask(world.delivery(ref));
      if (act == 2) world.ask(world.order());
      if (act == 3) world.ask(world.order(msg::Outcome::not_received, kOtherWallet), "127.0.4.2");
      if (act == 4) world.host.clock.now += *rc::gen::inRange<std::int64_t>(0, kRegisterMs);
      if (act == 5) world.host.restart();
      if (act == 6) static_cast<void>(world.host.node->suspend());
      if (act >= 6) static_cast<void>(world.host.node->resume());
      world.host.flush();
    }
    RC_ASSERT(finding(*world.host.ledger).empty());
  }));
}

TEST(HostAuditSettings, AreLoggedAgainWhenTheyChange) {
  World world;
  world.ask(world.commit());
  World shorter([] {
    NodeConfig config = host_config();
    config.parameters.t_register = 60;
    return config;
  }());
  shorter.host.ledger = std::move(world.host.ledger);
  shorter.host.restart();
  shorter.host.clock.now += 61'000;
  shorter.ask(shorter.delivery());
  EXPECT_EQ(shorter.variables("host.case"), (std::vector<std::string>{"c=in-time", "d=late"}));
  EXPECT_EQ(finding(*shorter.host.ledger), "");
  const Entries log = entries_of(shorter.host);
  EXPECT_EQ(std::count_if(log.begin(), log.end(), [](const auto& e) { return e.state == kLogSettings; }), 2);
}

// Twins: each byte of each entry.
TEST_F(HostAudit, NamesAnEntryThatWasChanged) {
  const Entries log = entries_of(host);
  for (std::size_t i = 0; i < log.size(); ++i) {
    for (const auto& [name, text] : log[i].fields) {
      Entries changed = log;
      std::string& value = changed[i].fields[name];
      if (value.empty()) value = "x"; else value.back() = static_cast<char>(value.back() ^ 1);
      replace_log(host, changed);
      EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1))) << name;
    }
    Entries changed = log;
    changed[i].state += "X";
    replace_log(host, changed);
    EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1)));
  }
  replace_log(host, log);
  EXPECT_EQ(where(*host.ledger), "");
}

TEST_F(HostAudit, NamesAnEntryThatIsMissing) {
  const Entries log = entries_of(host);
  for (std::size_t i = 0; i < log.size(); ++i) {
    Entries changed = log;
    changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(i));
    replace_log(host, changed);
    EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1)));
  }
}

TEST_F(HostAudit, NamesTheFirstOfTwoThatChangedPlaces) {
  const Entries log = entries_of(host);
  for (std::size_t i = 0; i + 1 < log.size(); ++i) {
    Entries changed = log;
    std::swap(changed[i], changed[i + 1]);
    std::swap(changed[i].key, changed[i + 1].key);
    replace_log(host, changed);
    EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1)));
  }
}

TEST_F(HostAudit, NamesAnEntryThatWasPutIn) {
  const Entries log = entries_of(host);
  for (std::size_t i = 0; i < log.size(); ++i) {
    Entries changed = log;
    changed.insert(changed.begin() + static_cast<std::ptrdiff_t>(i), log[(i + 3) % log.size()]);
    for (std::size_t k = 0; k < changed.size(); ++k) changed[k].key = log_key(static_cast<std::int64_t>(k + 1));
    replace_log(host, changed);
    EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1)));
  }
}

// The chain proves order, not truth: a chain made anew has to survive the replay, too.
TEST_F(HostAudit, NamesADecisionThatDoesNotFollow) {
  const Entries log = entries_of(host);
  for (std::size_t i = 0; i < log.size(); ++i) {
    if (log[i].state != kLogChange) continue;
    for (const auto& [name, text] : log[i].fields) {
      if (name == "chain") continue;
      Entries changed = log;
      changed[i].fields[name] += "x";
      forge_log(host, changed);
      EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1))) << name;
    }
    Entries shorter = log;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    forge_log(host, shorter);
    EXPECT_EQ(where(*host.ledger), entry(static_cast<std::int64_t>(i + 1)));
  }
  forge_log(host, log);
  EXPECT_EQ(where(*host.ledger), "");
}

TEST_F(HostAudit, NamesTheRecordThatTheLogDoesNotTellOf) {
  const auto record = host.node->records("host.case")->front();
  auto changed = record;
  changed.fields["commit.wallet"] = kOtherWallet;
  put(host, changed);
  EXPECT_EQ(finding(*host.ledger), "host.case " + record.key + ": commit.wallet is \"" + kOtherWallet +
                                       "\", by the log it is \"" + kWallet + "\"");
  changed = record;
  changed.variables[1] = "d=late";
  put(host, changed);
  EXPECT_EQ(where(*host.ledger), "host.case " + record.key);
  put(host, record);
  auto invented = record;
  invented.key += "0";
  put(host, invented);
  EXPECT_EQ(where(*host.ledger), "host.case " + invented.key);
}

TEST_F(HostAudit, NamesTheRecordThatIsMissing) {
  const auto record = host.node->records("host.statement")->back();
  ASSERT_TRUE(host.ledger->begin_unit());
  ASSERT_TRUE(host.ledger->erase("host.statement", record.key));
  ASSERT_TRUE(host.ledger->end_unit());
  EXPECT_EQ(where(*host.ledger), "host.statement " + record.key);
}

// Who cuts off the end and all that came of it leaves a shorter, sound log; a chain value kept elsewhere tells.
TEST_F(HostAudit, TellsByAKeptChainValueThatTheEndWasCutOff) {
  const std::string kept = audited(*host.ledger).chain;
  EXPECT_EQ(finding(*host.ledger, kept), "");
  EXPECT_EQ(finding(*host.ledger, entries_of(host)[2].fields["chain"]), "");
  World other;
  other.ask(other.commit());
  EXPECT_EQ(finding(*other.host.ledger), "");
  EXPECT_NE(finding(*other.host.ledger, kept), "");
}

TEST_F(HostAudit, NamesTheEndIfOnlyTheLastEntriesAreGone) {
  Entries log = entries_of(host);
  const auto size = static_cast<std::int64_t>(log.size());
  log.pop_back();
  replace_log(host, log);
  EXPECT_EQ(where(*host.ledger), entry(size));
}

// A Host that breaks the rules while it runs writes a sound chain of wrong decisions.
struct Lenient : Deviation {
  bool override_predicate(std::string_view, std::string_view predicate, bool value) override {
    return predicate == "in_time" || value;
  }
};

TEST(HostAuditOfABrokenHost, NamesTheFirstWrongDecision) {
  Lenient lenient;
  NodeConfig config = host_config();
  config.deviation = &lenient;
  World world(config);
  world.ask(world.commit());
  EXPECT_EQ(finding(*world.host.ledger), "");
  world.host.clock.now += kRegisterMs + 1;
  world.ask(world.delivery());
  EXPECT_EQ(where(*world.host.ledger), entry(5));  // settings, input, change, input, change
}

}  // namespace
}  // namespace quickpay::roles
