// The Host judges: what it admits, how registrations and statements become a verdict, and when.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "reference/roles/host.hpp"
#include "reference/roles/host_audit.hpp"
#include "reference/roles/settlement_money.hpp"
#include "reference/roles/tests/signed_single.hpp"

namespace quickpay::roles {
namespace {

constexpr auto& kDispute = batch::kSettleWithHostMessage;

NodeConfig judging_host(const std::string& policy = "anchored") {
  NodeConfig config = signing(host_config());
  config.max_batch = 3;
  config.vote_policy = policy;
  return config;
}

struct Court {
  explicit Court(NodeConfig config = judging_host()) : host(std::move(config)) { publish_keys(host); }
  /// Whatever a test did, the log has to tell of it and follow from the rules.
  ~Court() { EXPECT_EQ(audit(), expected_finding); }
  std::string expected_finding;
  std::string audit(bool with_keys = true) {
    const auto scratch = *ledger::open_sqlite(":memory:");
    AuditOptions options;
    if (with_keys) options.shared_keys = host.node->config().shared_keys;
    const auto report = audit_host(*host.ledger, *scratch, options);
    if (!report) return report.error().what;
    return report->finding ? report->finding->where : std::string{};
  }
  Single host;

  micro::RegisterCommit commitment(const std::string& id) {
    micro::RegisterCommit notice;
    notice.head = host.head("B7", "H1");
    notice.body = {some_ref(id), kWallet, std::string(32, 'c'), "2026-11-22T12:00:01Z", "2026-12-22T12:00:01Z", {}};
    return notice;
  }
  void commit(const std::string& id) {
    host.ask<micro::RegisterCommitResponse>(commitment(id), micro::kRegisterCommitMessage, kBrokerAddress);
  }
  /// In profile H; the receipt that comes with it.
  std::optional<msg::HostReceipt> commit(const std::string& id, const EpochKey& key) {
    Document<micro::RegisterCommit> document;
    document.value = commitment(id);
    document.value.head.profile = msg::Profile::H;
    authenticate(*micro::kRegisterCommitMessage.request, document, key);
    const auto answer =
        host.ask<micro::RegisterCommitResponse>(document.value, micro::kRegisterCommitMessage, kBrokerAddress);
    return answer ? answer->body.host_receipt : std::nullopt;
  }
  void deliver(const std::string& id) {
    micro::RegisterDelivery notice;
    notice.head = host.head("V1001", "H1");
    notice.body = {some_ref(id), "B7", std::string(32, 'c'), std::string(32, 'd'), "2026-11-22T12:00:02Z", {}};
    host.ask<micro::RegisterDeliveryResponse>(notice, micro::kRegisterDeliveryMessage, kVendorAddress);
  }
  void receive(const std::string& id, msg::Outcome outcome = msg::Outcome::received) {
    micro::RegisterOrder notice;
    notice.head = host.head(kWallet, "H1");
    notice.body = {some_ref(id), "B7", std::string(32, 'e'), std::string(32, 'd'), "2026-11-22T12:00:03Z", outcome, {}};
    host.ask<micro::RegisterOrderResponse>(notice, micro::kRegisterOrderMessage, kWalletAddress);
  }

  /// A settlement of B7 that refuses these orders.
  msg::Settlement refusing(const std::vector<std::string>& ids, std::string_view code) {
    msg::Settlement made;
    made.broker = "B7";
    made.vendor = "V1001";
    made.batch_id = std::string(32, '1');
    made.batch_digest = std::string(64, '2');
    made.currency = "USD";
    for (const auto& id : ids) made.refused.push_back({id, some_ref(id).digest, std::string(code), {}});
    made.value_date = made.settled_at = format_time(host.clock.now);
    EXPECT_TRUE(sum_up(made));
    sign(made);
    return made;
  }
  msg::HostCase bring(const std::vector<std::string>& ids, std::string_view code = protocol::QP_E_UNKNOWN_ORDER) {
    msg::HostCase made;
    made.host = "H1";
    made.batch_id = host.fresh_id();
    made.vendor = "V1001";
    made.broker = "B7";
    if (!code.empty()) made.settlement.push_back(refusing(ids, code));
    for (const auto& id : ids) {
      msg::CaseItem item;
      item.order_ref = some_ref(id);
      made.item.push_back(item);
    }
    sign(made);
    return made;
  }
  msg::HostCase unreachable(const std::string& id, std::int64_t tries, std::int64_t span_ms) {
    auto made = bring({id}, "");
    made.unreachable = msg::Unreachable{format_time(host.clock.now - span_ms), format_time(host.clock.now), tries};
    sign(made);
    return made;
  }
  batch::SettleWithHostResponse ask(const msg::HostCase& brought, const std::string& sender = "V1001",
                                    const std::string& address = kVendorAddress) {
    batch::SettleWithHost request;
    request.head = host.head(sender, "H1");
    request.body.host_case = brought;
    return host.ask<batch::SettleWithHostResponse>(request, kDispute, address).value();
  }
  std::string code(const msg::HostCase& brought) { return ask(brought).body.status.code; }
  /// What is said of the first item, as "reject QP-E-NO-COMMIT".
  std::string said(const msg::HostCase& brought) {
    const auto answer = ask(brought);
    if (!answer.body.verdicts) return answer.body.status.code;
    const auto& verdict = answer.body.verdicts->verdict.at(0);
    return std::string(msg::to_string(verdict.decision)) + " " + verdict.code;
  }
  /// In profile H: of the order "a", with this receipt.
  std::string said_of(const msg::HostReceipt& receipt) {
    auto brought = bring({"a"}, protocol::QP_E_SIGNATURE);
    brought.item[0].host_receipt = receipt;
    sign(brought);
    batch::SettleWithHost request;
    request.head = host.head("V1001", "H1");
    request.head.profile = msg::Profile::H;
    request.body.host_case = brought;
    const auto answer = host.ask<batch::SettleWithHostResponse>(request, kDispute, kVendorAddress).value();
    const auto& verdict = answer.body.verdicts->verdict.at(0);
    return std::string(msg::to_string(verdict.decision)) + " " + verdict.code;
  }
  std::string state(const std::string& id) { return state_of(host, "host.verdict", case_key(some_ref(id), "B7")); }
};

const std::string kApproved = "approve QP-OK";
const std::string kPending = "pending QP-E-PENDING";

// QP-BS-003, QP-BS-004, QP-BS-010, QP-SEC-006: a registered commitment and the delivery outweigh the Broker's denial.
TEST(Judge, ApprovesWhatWasRegistered) {
  Court court;
  court.commit("a"), court.deliver("a");
  const auto brought = court.bring({"a"});
  const auto answer = court.ask(brought);
  ASSERT_TRUE(answer.body.verdicts && answer.body.approval);
  EXPECT_EQ(answer.body.approval->approved, (std::vector<msg::Approved>{{"a", some_ref("a").digest, 125}}));
  EXPECT_EQ(answer.body.approval->batch_id, brought.batch_id);
  crypto::CryptoCounters counters;
  const auto key = key_of("host").public_key();
  EXPECT_TRUE(crypto::verify_object(key, "host-verdicts", "Verdicts", msg::kVerdictsType, &*answer.body.verdicts,
                                    answer.body.verdicts->sig.value, counters));
  EXPECT_TRUE(crypto::verify_object(key, "host-approval", "Approval", msg::kApprovalType, &*answer.body.approval,
                                    answer.body.approval->sig.value, counters));
  EXPECT_EQ(court.state("a"), "APPROVED");
}

// QP-ADD-01, QP-ADD-09: asked again, under whatever MsgId or case, the Host says the same; the same case to the letter.
TEST(Judge, KeepsToItsDecision) {
  Court court;
  court.commit("a"), court.deliver("a");
  const auto brought = court.bring({"a"});
  const auto first = court.ask(brought);
  court.receive("a", msg::Outcome::not_received);
  const auto signatures = court.host.node->crypto_counters().rsa_signatures;
  court.host.pass(kHourMs);
  EXPECT_EQ(court.ask(brought).body, [&] {
    auto body = first.body;
    return body;
  }());
  EXPECT_EQ(court.host.node->crypto_counters().rsa_signatures, signatures);
  EXPECT_EQ(court.said(court.bring({"a"}, "")), kApproved);
  auto other = brought;
  other.item[0].commit_id = std::string(32, '0');
  sign(other);
  EXPECT_EQ(court.code(other), protocol::QP_E_CONFLICT);
}

struct Spoilt {
  const char* name;
  std::function<void(msg::HostCase&)> spoil;
  std::string_view code;
  bool sign_again = true;
};
const Spoilt kSpoilt[] = {
    {"another vendor", [](auto& c) { c.vendor = "V1002"; }, protocol::QP_E_FORBIDDEN},
    {"an item of another vendor", [](auto& c) { c.item[0].order_ref.vendor = "V1002"; }, protocol::QP_E_FORBIDDEN},
    {"another host", [](auto& c) { c.host = "H2"; }, protocol::QP_E_RECEIVER},
    {"an unknown key", [](auto& c) { sign_with(stranger_key(), "host-case", "HostCase", msg::kHostCaseType, c); },
     protocol::QP_E_KEY, false},
    {"a settlement by a stranger", [](auto& c) {
       sign_with(stranger_key(), "batch-settlement", "Settlement", msg::kSettlementType, c.settlement[0]);
     }, protocol::QP_E_KEY},
    {"a change after signing", [](auto& c) { c.item[0].commit_id = std::string(32, '0'); }, protocol::QP_E_SIGNATURE, false},
    {"a forged settlement", [](auto& c) { c.settlement[0].refused[0].code = "QP-E-MISMATCH"; }, protocol::QP_E_SIGNATURE},
    {"a settlement for another vendor", [](auto& c) { c.settlement[0].vendor = "V1002", sign(c.settlement[0]); },
     protocol::QP_E_MISMATCH},
    {"an item twice", [](auto& c) { c.item.push_back(c.item[0]); }, protocol::QP_E_TOTAL},
    {"too many items", [](auto& c) {
       for (const char* id : {"b", "c", "d"}) c.item.push_back(c.item[0]), c.item.back().order_ref.order_id = id;
     }, protocol::QP_E_TOO_MANY},
};

// QP-BS-006, QP-BS-008, QP-ADD-18: every refusal of a case as a whole, before it is heard and after.
TEST(Judge, RefusesACaseAsAWhole) {
  Court court;
  const auto right = court.bring({"a"});
  for (const bool heard : {false, true}) {
    if (heard) court.ask(right);
    for (const Spoilt& each : kSpoilt) {
      auto wrong = right;
      each.spoil(wrong);
      if (each.sign_again) sign(wrong);
      EXPECT_EQ(court.code(wrong), each.code) << each.name;
    }
    auto unissued = right;
    unissued.broker = "B9";
    unissued.settlement.clear();
    sign(unissued);
    EXPECT_EQ(court.code(unissued), protocol::QP_E_BROKER);
  }
  EXPECT_EQ(court.ask(right, "V1002", "127.0.3.2").body.status.code, protocol::QP_E_FORBIDDEN);
}

// QP-ADD-10, QP-BS-003: what is not admitted is refused and leaves nothing, whether the order is open or not.
TEST(Judge, AdmitsOnlyWhoAskedTheBrokerFirst) {
  Court court;
  for (const bool open : {false, true}) {
    if (open) {
      EXPECT_EQ(court.said(court.bring({"a"}, protocol::QP_E_KEY)), kPending);
    }
    const std::string state = open ? "OPEN" : "NONE";
    const auto refused = [](std::string_view code) { return "refused " + std::string(code); };
    EXPECT_EQ(court.said(court.bring({"a"}, "")), refused(protocol::QP_E_BROKER_FIRST));
    EXPECT_EQ(court.said(court.unreachable("a", 8, kDayMs - 1000)), refused(protocol::QP_E_BROKER_FIRST));
    EXPECT_EQ(court.said(court.unreachable("a", 7, kDayMs)), refused(protocol::QP_E_BROKER_FIRST));
    EXPECT_EQ(court.said(court.bring({"a"}, protocol::QP_E_ALREADY_SETTLED)), refused(protocol::QP_E_ALREADY_SETTLED));
    EXPECT_EQ(court.said(court.bring({"a"}, protocol::QP_E_CURRENCY)), refused(protocol::QP_E_CURRENCY));
    auto other_copy = court.bring({"a"});
    other_copy.item[0].order_ref.digest = std::string(64, '0');
    sign(other_copy);
    EXPECT_EQ(court.said(other_copy), refused(protocol::QP_E_BROKER_FIRST));
    EXPECT_EQ(court.state("a"), state);
  }
  EXPECT_EQ(court.said(court.unreachable("a", 8, kDayMs)), kPending);
}

// QP-ADD-08: each rule of the vote that the registrations of a case can lead to.
TEST(Judge, CountsTheVotes) {
  const auto judged = [](const std::function<void(Court&)>& registered, std::string_view code) {
    Court court;
    registered(court);
    return court.said(court.bring({"a"}, code));
  };
  const auto nothing = [](Court&) {};
  const auto denied = protocol::QP_E_NO_COMMIT, silent = protocol::QP_E_SIGNATURE, admitted = protocol::QP_E_SETTLE_EXPIRED;
  EXPECT_EQ(judged(nothing, denied), "reject QP-E-NO-COMMIT");
  EXPECT_EQ(judged(nothing, silent), kPending);
  EXPECT_EQ(judged(nothing, admitted), kPending);
  EXPECT_EQ(judged([](Court& c) { c.deliver("a"); }, admitted), kApproved);
  EXPECT_EQ(judged([](Court& c) { c.deliver("a"); }, denied), "reject QP-E-NO-COMMIT");
  EXPECT_EQ(judged([](Court& c) { c.commit("a"); }, denied), kPending);
  EXPECT_EQ(judged([](Court& c) { c.commit("a"), c.receive("a"); }, denied), kApproved);
  EXPECT_EQ(judged([](Court& c) { c.commit("a"), c.receive("a", msg::Outcome::not_received); }, denied),
            "reject QP-E-NO-DELIVERY");
}

// QP-ADD-08, QP-ROLE-013: Vendor and Wallet together make no commitment, but by the literal rule: its counter-example.
TEST(Judge, TheWalletsWordNeedsACommitment) {
  for (const std::string policy : {"anchored", "literal"}) {
    Court court(judging_host(policy));
    court.deliver("a"), court.receive("a");
    EXPECT_EQ(court.said(court.bring({"a"})), policy == "literal" ? kApproved : "reject QP-E-NO-COMMIT") << policy;
    EXPECT_EQ((court.deliver("b"), court.said(court.bring({"b"}))), "reject QP-E-NO-COMMIT") << "no Wallet said anything";
  }
}

// QP-ADD-08, QP-BS-011: an open case is decided by the first registration that decides it, and at DecideBy at the latest.
TEST(Judge, DecidesAtTheFirstMoment) {
  Court court;
  const auto brought = court.bring({"a"}, protocol::QP_E_SIGNATURE);
  EXPECT_EQ(court.said(brought), kPending);
  EXPECT_EQ(court.said(court.bring({"a"}, protocol::QP_E_KEY)), kPending);
  court.deliver("a");
  EXPECT_EQ(court.state("a"), "OPEN");
  court.commit("a");
  EXPECT_EQ(court.state("a"), "APPROVED");
  EXPECT_EQ(court.said(brought), kApproved);

  const auto other = court.bring({"b"}, protocol::QP_E_SIGNATURE);
  EXPECT_EQ(court.said(other), kPending);
  court.commit("b");
  court.receive("b", msg::Outcome::not_received);
  EXPECT_EQ(court.state("b"), "REJECTED");
  EXPECT_EQ(court.said(other), "reject QP-E-NO-DELIVERY");

  const auto late = court.bring({"c"}, protocol::QP_E_SIGNATURE);
  EXPECT_EQ(court.said(late), kPending);
  court.host.pass(protocol::T_stmt_default * 1000);
  EXPECT_EQ(court.state("c"), "OPEN");
  court.host.pass(1000);
  EXPECT_EQ(court.said(late), "reject QP-E-NO-COMMIT");
  court.commit("c"), court.deliver("c");
  EXPECT_EQ(court.said(late), "reject QP-E-NO-COMMIT");
}

// QP-ADD-08: an open case can be decided by what another case brings.
TEST(Judge, DecidesByWhatAnotherCaseBrings) {
  Court court;
  court.deliver("a");
  court.ask(court.bring({"a"}, protocol::QP_E_KEY));
  EXPECT_EQ(court.said(court.bring({"a"}, protocol::QP_E_SETTLE_EXPIRED)), kApproved);
  court.ask(court.bring({"b"}, protocol::QP_E_KEY));
  EXPECT_EQ(court.said(court.bring({"b"}, protocol::QP_E_NO_COMMIT)), "reject QP-E-NO-COMMIT");
}

// QP-ADD-07: a suspension puts DecideBy off, and lets the claim stand for the delivery that could not be registered.
TEST(Judge, ForgivesItsOwnSuspensions) {
  Court court;
  const auto brought = court.bring({"a"}, protocol::QP_E_SIGNATURE);
  EXPECT_EQ(court.said(brought), kPending);
  ASSERT_TRUE(court.host.node->suspend());
  court.host.flush();
  court.host.pass(kDayMs);
  ASSERT_TRUE(court.host.node->resume());
  court.host.flush();
  court.host.pass(protocol::T_stmt_default * 1000 - kDayMs + 1000);
  EXPECT_EQ(court.state("a"), "OPEN");
  court.commit("a");
  EXPECT_EQ(court.said(brought), kApproved);
  const auto late = court.bring({"b"}, protocol::QP_E_SIGNATURE);
  EXPECT_EQ(court.said(late), kPending);
  court.host.pass(protocol::T_stmt_default * 1000 + 1000);
  EXPECT_EQ(court.said(late), "reject QP-E-NO-COMMIT");
}

// QP-ADD-07, QP-ADD-27: first claimed after SettleBy, or brought more than T_arb after it.
TEST(Judge, RejectsWhatComesTooLate) {
  const std::int64_t settle_by = 30 * kDayMs + 1000;
  {
    Court court;
    court.commit("a"), court.deliver("a"), court.commit("b"), court.deliver("b");
    court.host.clock.now += settle_by;
    EXPECT_EQ(court.said(court.bring({"a"})), kApproved);  // the last second of SettleBy is in time
    court.host.clock.now += 1000;
    EXPECT_EQ(court.said(court.bring({"b"})), "reject QP-E-SETTLE-EXPIRED");
  }
  Court court;
  court.commit("a"), court.deliver("a"), court.commit("b"), court.deliver("b");
  const auto a = court.bring({"a"}), b = court.bring({"b"});
  court.host.clock.now += settle_by + protocol::T_arb_default * 1000;
  EXPECT_EQ(court.said(a), kApproved);
  court.host.clock.now += 1000;
  EXPECT_EQ(court.said(b), "reject QP-E-SETTLE-EXPIRED");
}

// QP-ADD-07: an open case is no way round T_arb.
TEST(Judge, RejectsAnOpenCaseThatIsBroughtTooLate) {
  Court court([] {
    auto config = judging_host();
    config.parameters.t_stmt = 1000 * 86400;
    return config;
  }());
  court.commit("a");
  EXPECT_EQ(court.said(court.bring({"a"})), kPending);
  court.host.clock.now += 60 * kDayMs;
  EXPECT_EQ(court.said(court.bring({"a"})), "reject QP-E-SETTLE-EXPIRED");
}

// QP-BS-010: a claim that its Vendor gives up.
TEST(Judge, RejectsWhatIsWithdrawn) {
  for (const bool open : {false, true}) {
    Court court;
    if (open) {
      EXPECT_EQ(court.said(court.bring({"a"}, protocol::QP_E_KEY)), kPending);
    }
    auto brought = court.bring({"a"}, "");
    brought.item[0].withdrawn = msg::Yes::yes;
    sign(brought);
    EXPECT_EQ(court.said(brought), "reject QP-E-NOT-CLAIMED");
    EXPECT_EQ(court.state("a"), "REJECTED");
  }
}

// QP-ADD-22: in profile H a receipt of the Host counts for a commitment that is on record; one that is not its own, or that a
// Vendor made with the key that it has, is refused.
TEST(Judge, WeighsItsOwnReceipts) {
  auto config = judging_host();
  config.profile = "H";
  const std::string secret(32, 'k');
  config.shared_keys = {{"V1001", 1, secret, {}}, {"B7", 1, std::string(32, 'b'), {}}};
  Court court(config);
  msg::HostReceipt receipt{"H1", "V1001", "B7", "a", some_ref("a").digest, std::string(32, 'c'), "2026-12-22T12:00:01Z",
                           "2026-11-22T12:00:01Z", {}};
  receipt.mac = receipt_mac(receipt, {1, secret});
  const auto said = [&](const msg::HostReceipt& with) { return court.said_of(with); };
  EXPECT_EQ(said(receipt), "refused QP-E-SIGNATURE") << "nobody committed";
  EXPECT_EQ(court.state("a"), "NONE");
  const auto given = court.commit("a", {1, std::string(32, 'b')});
  ASSERT_TRUE(given);
  EXPECT_EQ(given->mac.value, receipt_mac(*given, {1, secret}).value);
  for (const bool open : {false, true}) {
    auto wrong = receipt;
    wrong.commit_id = std::string(32, 'd');
    wrong.mac = receipt_mac(wrong, {1, secret});
    EXPECT_EQ(said(wrong), "refused QP-E-SIGNATURE") << "another commitment";
    wrong = receipt;
    wrong.settle_by = "2027-12-22T12:00:01Z";
    wrong.mac = receipt_mac(wrong, {1, secret});
    EXPECT_EQ(said(wrong), "refused QP-E-SIGNATURE") << "more time than was committed";
    wrong = receipt;
    wrong.mac.key_ref = 2;
    EXPECT_EQ(said(wrong), "refused QP-E-KEY");
    wrong = receipt;
    wrong.settle_by = "2027-12-22T12:00:01Z";
    EXPECT_EQ(said(wrong), "refused QP-E-SIGNATURE");
    wrong = receipt;
    wrong.order_id = "b";
    wrong.mac = receipt_mac(wrong, {1, secret});
    EXPECT_EQ(said(wrong), "refused QP-E-MISMATCH");
    if (!open) {
      EXPECT_EQ(said(*given), kPending);  // the commitment is on record; the delivery is not
    }
  }
  EXPECT_EQ(court.audit(), "");
  EXPECT_NE(court.audit(false).find("carries a receipt"), std::string::npos);  // without keys nothing is taken for clean
}

// QP-ADD-22: a receipt is judged by the key that was good when it was made, however late it is brought; one that says that it
// was made when the key was over is none.
TEST(Judge, WeighsReceiptsOfAnEpochThatIsOver) {
  auto config = judging_host();
  config.profile = "H";
  const std::string secret(32, 'k'), broker(32, 'b');
  config.shared_keys = {{"V1001", 1, secret, kNoon + kDayMs - 1}, {"B7", 1, broker, {}}};
  Court court(config);
  auto receipt = court.commit("a", {1, broker});
  ASSERT_TRUE(receipt);
  court.host.clock.now += 2 * kDayMs;
  const auto right = receipt;
  receipt->registered_at = format_time(court.host.clock.now);
  receipt->mac = receipt_mac(*receipt, {1, secret});
  EXPECT_EQ(court.said_of(*receipt), "refused QP-E-KEY");
  EXPECT_EQ(court.said_of(*right), kPending);
}

TEST(Judge, NeedsAKeyAndADirectory) {
  Court court;
  court.host.directory.hide("B7", true);
  EXPECT_EQ(court.code(court.bring({"a"})), protocol::QP_E_BUSY);
  Court unkeyed(host_config());
  EXPECT_EQ(unkeyed.code(unkeyed.bring({"a"})), protocol::QP_E_INTERNAL);
}

// QP-BS-011: the twins of what every other test of this file shows when its Court closes.
TEST(JudgeAudit, NamesAVerdictThatDoesNotFollow) {
  Court court;
  court.deliver("a");
  EXPECT_EQ(court.said(court.bring({"a"})), "reject QP-E-NO-COMMIT");
  auto record = court.host.node->records("host.verdict")->at(0);
  record.state = "APPROVED";
  ASSERT_TRUE(court.host.ledger->begin_unit());
  ASSERT_TRUE(court.host.ledger->put(record));
  ASSERT_TRUE(court.host.ledger->end_unit());
  court.expected_finding = "host.verdict " + record.key;
}

struct Generous : Deviation {
  bool override_predicate(std::string_view, std::string_view predicate, bool value) override {
    return predicate == "votes_approve" || value;
  }
};

TEST(JudgeAudit, NamesTheFirstWrongVerdictOfABrokenHost) {
  Generous generous;
  NodeConfig config = judging_host();
  config.deviation = &generous;
  Court court(config);
  court.deliver("a");
  EXPECT_EQ(court.audit(), "");
  EXPECT_EQ(court.said(court.bring({"a"})), kApproved);
  court.expected_finding = "entry 5 of the log";  // settings; input, change; input, change
}

// A case whose document does not fit into one entry.
TEST(JudgeAudit, ReplaysLargeCases) {
  NodeConfig config = judging_host();
  config.max_batch = 10000;
  Court court(config);
  std::vector<std::string> ids;
  for (int i = 0; i < 1500; ++i) ids.push_back("order-" + std::to_string(100000 + i));
  court.commit(ids[7]), court.deliver(ids[7]);
  EXPECT_EQ(court.code(court.bring(ids)), protocol::QP_OK);
  EXPECT_EQ(court.state(ids[7]), "APPROVED");
  const auto entries = *court.host.ledger->list("host.log", "", ledger::kMaxListed);
  EXPECT_GT(std::count_if(entries.begin(), entries.end(), [](const auto& e) { return e.state == "PART"; }), 0);
}

}  // namespace
}  // namespace quickpay::roles
