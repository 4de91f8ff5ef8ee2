// The Host's fee: what it charges, how often, when it gives it back, and what the audit says of one that does not follow.
#include <gtest/gtest.h>

#include "reference/roles/fees.hpp"
#include "reference/roles/host_log.hpp"
#include "reference/roles/sums.hpp"
#include "reference/roles/tests/host_world.hpp"
#include "reference/roles/tests/regular_court.hpp"
#include "reference/roles/tests/revokes.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kHoldMs = protocol::T_hold_default * 1000;
constexpr std::int64_t kRate = 250, kHalf = 5000;  // basis points

NodeConfig charging(std::int64_t fee_bp = kHalf) {
  NodeConfig config = host_config();
  config.commission_bp = kRate;
  config.fee_bp = fee_bp;
  return config;
}

/// A Host that takes half of the commission, and one order of 400, on which that is 5.
struct ChargingHost : testing::Test, RegularCourtOf {
  ChargingHost() : RegularCourtOf(signing(charging())) {}
  ~ChargingHost() override { EXPECT_EQ(finding(), ""); }

  const msg::OrderRef ref = [] {
    msg::OrderRef made = regular_ref();
    made.amount = 400;
    return made;
  }();
  const msg::Commitment commitment = commitment_to(ref);

  std::string registers(const std::string& wallet = kWallet, const std::string& address = kWalletAddress) {
    regular::RegisterOrder request;
    request.head = host.head(wallet, "H1");
    request.body.order_ref = ref;
    request.body.broker = "B7";
    request.body.commitment = commitment;
    return host.ask<regular::RegisterOrderResponse>(request, regular::kRegisterOrderMessage, address)->body.status.code;
  }
  /// RevokeState and FeeReversed.
  std::string revoked(std::optional<msg::Revoke> embedded) {
    const auto notice = revoke_notice(host, ref, commitment.commit_id, std::move(embedded));
    const auto answer = host.ask<revoke::RegisterRevokeResponse>(notice, revoke::kRegisterRevokeMessage, kBrokerAddress);
    return std::string(msg::to_string(answer->body.revoke_state.value())) + " " + std::to_string(answer->body.fee_reversed.value());
  }
  std::string proven() { return revoked(signed_revoke(ref, commitment.commit_id)); }
  std::string bare() { return revoked(bare_revoke(ref, commitment.commit_id)); }
  std::int64_t charged() {
    Store store(*host.ledger);
    return fee_charged(store, case_key(ref, "B7"));
  }
};

// QP-ROLE-019, QP-ADD-24: basis points of the commission, each rounded half to even.
TEST(Fee, IsAShareOfTheCommission) {
  const auto fee = [](std::int64_t amount, std::int64_t fee_bp) { return money::charge(amount, kRate, fee_bp).fee; };
  EXPECT_EQ(fee(400, kHalf), 5);
  EXPECT_EQ(fee(200, kHalf), 2);   // 2.5
  EXPECT_EQ(fee(280, kHalf), 4);   // 3.5
  EXPECT_EQ(fee(210, kHalf), 2);   // of 5, and not 2.625
  EXPECT_EQ(fee(400, 0), 0);
  EXPECT_EQ(fee(400, money::kBasisPoints), 10);
  EXPECT_EQ(money::charge(std::int64_t{999'999'999'999'999}, money::kBasisPoints, money::kBasisPoints).fee, 999'999'999'999'999);
}

// QP-ROLE-019: one order is charged for once, whoever registers it and however often, over a restart, too.
TEST_F(ChargingHost, ChargesOnce) {
  EXPECT_EQ(charged(), 0);
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(charged(), 5);
  host.restart();
  host.node->on_time();
  host.directory.put([&] {
    Player broker = *host.directory.find("B7").player;
    broker.contract_bp = 10'000;  // what changes later changes nothing of what was charged
    return broker;
  }());
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(registers(kOtherWallet, "127.0.4.2"), protocol::QP_OK);
  EXPECT_EQ(charged(), 5);
  EXPECT_EQ(proven(), "standing 5");
}

// QP-RV-008: it is given back when the revoke stands, and neither while it is open nor when it is void.
TEST_F(ChargingHost, GivesBackWhatStands) {
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(bare(), "open 0");
  host.pass(kHoldMs + 1);
  EXPECT_EQ(bare(), "standing 5");
  host.restart();
  EXPECT_EQ(bare(), "standing 5");
}

TEST_F(ChargingHost, KeepsWhatIsVoidUntilItIsProven) {
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(bare(), "open 0");
  auto brought = bring(commitment);
  brought.item[0].contest = msg::Yes::yes;
  EXPECT_EQ(said(brought), "approve QP-OK");
  EXPECT_EQ(bare(), "void 0");
  EXPECT_EQ(proven(), "standing 5");
}

// QP-RV-008: what is revoked is not charged for any more, and so there is nothing to give back.
TEST_F(ChargingHost, ChargesNothingForWhatIsRevoked) {
  EXPECT_EQ(proven(), "standing 0");
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(charged(), 0);
  EXPECT_EQ(proven(), "standing 0");
}

// What may still be contested is charged for.
TEST_F(ChargingHost, ChargesForWhatMayBeContested) {
  EXPECT_EQ(bare(), "open 0");
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(charged(), 5);
  EXPECT_EQ(proven(), "standing 5");
}

// QP-ROLE-019: the contract of the Broker counts at any time, before what it told and before that of all.
TEST_F(ChargingHost, CountsTheContractOfTheBroker) {
  Player broker = *host.directory.find("B7").player;
  broker.contract_bp = 1000;
  broker.commissions = {{0, 10'000}};
  host.directory.put(broker);
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(proven(), "standing 20");
}

// QP-ROLE-019: what is agreed later counts for later orders.
TEST_F(ChargingHost, CountsTheRateOfTheCommitment) {
  const auto committed_ms = parse_time(commitment.committed_at);
  ASSERT_TRUE(committed_ms);
  Player broker = *host.directory.find("B7").player;
  broker.commissions = {{0, 1000}, {*committed_ms + 1, 10'000}};
  host.directory.put(broker);
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(charged(), 20);
}

// QP-ROLE-019: until a Broker tells its rate, what the contract of all says counts.
TEST_F(ChargingHost, CountsTheContractOfAllBeforeTheFirstRate) {
  Player broker = *host.directory.find("B7").player;
  broker.commissions = {{*parse_time(commitment.committed_at) + 1, 10'000}};
  host.directory.put(broker);
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(charged(), 5);
}

TEST_F(ChargingHost, CountsARateFromTheMomentThatItWasTold) {
  Player broker = *host.directory.find("B7").player;
  broker.commissions = {{0, 1000}, {*parse_time(commitment.committed_at), 10'000}};
  host.directory.put(broker);
  EXPECT_EQ(registers(), protocol::QP_OK);
  EXPECT_EQ(charged(), 200);
}

// ---------------------------------------------------------------- micropayments and the audit

ledger::Record with_fee(ledger::Record record, const std::string& fee) {
  record.fields["fee"] = fee;
  return record;
}

void put(Single& host, const ledger::Record& record) {
  ASSERT_TRUE(host.ledger->begin_unit());
  ASSERT_TRUE(host.ledger->put(record));
  ASSERT_TRUE(host.ledger->end_unit());
  ASSERT_TRUE(host.ledger->flush());
}

std::string finding(Single& host) {
  const auto scratch = *ledger::open_sqlite(":memory:");
  const auto report = audit_host(*host.ledger, *scratch, {});
  EXPECT_TRUE(report);
  return report->finding ? report->finding->where + ": " + report->finding->what : "";
}

std::vector<ledger::Record> entries_of(Single& host) { return *host.ledger->list(kLogMachine, "", ledger::kMaxListed); }

/// Says another fee in entry `at` and makes the chain anew from there.
void forge(Single& host, std::size_t at, const std::string& fee) {
  auto log = entries_of(host);
  log.at(at).fields["fee"] = fee;
  std::string chain;
  for (auto& entry : log) {
    chain = entry.fields["chain"] = log_chain(chain, entry);
    put(host, entry);
  }
  auto end = **host.ledger->find(kLogEndMachine, "end");
  end.fields["chain"] = chain;
  put(host, end);
}

msg::OrderRef of_400() {
  msg::OrderRef ref = some_ref();
  ref.amount = 400;
  return ref;
}

struct ChargedMicro : testing::Test {
  World world{charging()};
  const std::string key = case_key(of_400(), "B7");
  void SetUp() override {
    world.ask(world.delivery(of_400()));
    world.ask(world.commit(of_400()));
    world.ask(world.commit(of_400()));
    world.host.flush();
  }
  /// The entry of the log that first tells of a fee.
  std::size_t told() {
    const auto log = entries_of(world.host);
    return static_cast<std::size_t>(
        std::find_if(log.begin(), log.end(), [](const auto& entry) { return has_field(entry, "fee"); }) - log.begin());
  }
};

// QP-ROLE-019: the case is charged for with its commitment, the log says so, and the audit computes the same.
TEST_F(ChargedMicro, IsLoggedAndComputedAgain) {
  EXPECT_EQ(field(**world.host.ledger->find(kFeeMachine, key), "fee"), "5");
  EXPECT_EQ(field(entries_of(world.host).at(told()), "fee"), "5");
  EXPECT_EQ(field(entries_of(world.host).at(told()), "event"), "RegisterCommit");
  EXPECT_EQ(finding(world.host), "");
}

// Twins: a fee that does not follow is found where it stands first, with a chain that is sound.
TEST_F(ChargedMicro, AForgedFeeIsFoundInTheLog) {
  forge(world.host, told(), "6");
  const std::string found = finding(world.host);
  EXPECT_TRUE(found.starts_with("entry " + std::to_string(told() + 1) + " of the log: ")) << found;
  EXPECT_NE(found.find("fee 5"), std::string::npos) << found;
  EXPECT_NE(found.find("fee 6"), std::string::npos) << found;
}
TEST_F(ChargedMicro, AForgedFeeIsFoundInTheRecords) {
  const auto charged = **world.host.ledger->find(kFeeMachine, key);
  put(world.host, with_fee(charged, "4"));
  EXPECT_EQ(finding(world.host), "case.fee " + key + ": fee is \"4\", by the log it is \"5\"");
  put(world.host, charged);
  const auto kept = **world.host.ledger->find("host.case", key);
  put(world.host, with_fee(kept, "4"));
  EXPECT_EQ(finding(world.host), "host.case " + key + ": fee is \"4\", by the log it is \"5\"");
  put(world.host, kept);
  ledger::Record invented = charged;
  invented.key = "V1/" + key;
  put(world.host, invented);
  EXPECT_EQ(finding(world.host), "case.fee " + invented.key + ": the log knows nothing of this record");
}

// Without a fee the log is what it was before there were fees.
TEST(NoFee, LeavesNoTrace) {
  World world;
  world.ask(world.commit(of_400()));
  world.host.flush();
  for (const auto& entry : entries_of(world.host)) {
    EXPECT_FALSE(has_field(entry, "fee"));
    EXPECT_FALSE(has_field(entry, "fee_bp"));
  }
  EXPECT_EQ(finding(world.host), "");
}

}  // namespace
}  // namespace quickpay::roles
