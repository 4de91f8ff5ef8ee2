// What Brokers register of orders that were taken back, what Vendors contest, and what the Host then says of claims.
#include <functional>

#include "reference/roles/shared_keys.hpp"
#include "reference/roles/tests/regular_court.hpp"
#include "reference/roles/tests/revokes.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kHoldMs = protocol::T_hold_default * 1000;
constexpr auto& kRegisterRevoke = revoke::kRegisterRevokeMessage;

struct RevokeHost : RegularCourt {
  const msg::Commitment commitment = commitment_to(regular_ref());
  const msg::OrderRef& ref = commitment.order_ref;

  revoke::RegisterRevoke notice(std::optional<msg::Revoke> embedded) {
    return revoke_notice(host, ref, commitment.commit_id, std::move(embedded));
  }
  revoke::RegisterRevoke proof() { return notice(signed_revoke(ref, commitment.commit_id)); }
  revoke::RegisterRevoke bare() { return notice(bare_revoke(ref, commitment.commit_id)); }

  /// What the Host answers: the standing of the revoke, or the code of a refusal.
  std::string tell(revoke::RegisterRevoke made) {
    made.head.msg_id = host.fresh_id();
    const auto answer = host.ask<revoke::RegisterRevokeResponse>(made, kRegisterRevoke, kBrokerAddress);
    if (!answer || answer->body.status.code != protocol::QP_OK) return answer ? answer->body.status.code : "nothing";
    EXPECT_EQ(answer->body.fee_reversed, 0) << "QP-RV-008";
    EXPECT_TRUE(answer->body.case_no);
    return std::string(msg::to_string(answer->body.revoke_state.value()));
  }
  std::string state() { return state_of(host, "host.revoke", case_key(ref, "B7")); }
  /// What the Host can prove the revoke with.
  std::optional<msg::Revoke> kept() {
    const auto record = host.ledger->find("host.revoke", case_key(ref, "B7"));
    return record && *record ? recall<msg::Revoke>(**record, "Revoke", msg::kRevokeType) : std::nullopt;
  }
  std::string contested(std::string_view code = protocol::QP_E_PENDING) {
    auto brought = bring(commitment, code);
    brought.item[0].contest = msg::Yes::yes;
    return said(brought);
  }
  std::vector<msg::Mail> mails_of(const std::string& player, const std::string& address) {
    msg::comm::RetrieveMessages request;
    request.head = host.head(player, "H1");
    request.body.limit = 10;
    const auto answer = host.ask<msg::comm::RetrieveMessagesResponse>(request, msg::comm::kRetrieveMessagesMessage, address);
    return answer.value().body.message;
  }
  /// The kinds of the messages that the player finds.
  std::string mail_of(const std::string& player, const std::string& address) {
    std::string all;
    for (const msg::Mail& mail : mails_of(player, address)) all += mail.kind + " " + mail.ref.value_or("") + " ";
    return all;
  }
  void suspend_for(std::int64_t ms) {
    ASSERT_TRUE(host.node->suspend());
    host.flush();
    host.pass(ms);
    ASSERT_TRUE(host.node->resume());
    host.flush();
  }
};

// QP-RV-006, QP-RV-011, QP-RV-008: a signed revoke stands at once, and the Vendor alone is told.
TEST_F(RevokeHost, ProvenStands) {
  EXPECT_EQ(tell(proof()), "standing");
  EXPECT_EQ(state(), "PROVEN");
  EXPECT_EQ(kept(), proof().body.revoke);
  EXPECT_EQ(mail_of("V1001", kVendorAddress), "revoke-alert " + std::string(32, 'b') + " ");
  EXPECT_EQ(mail_of("V1002", "127.0.3.2"), "");
  EXPECT_EQ(mail_of("B7", kBrokerAddress), "");
  EXPECT_EQ(tell(proof()), "standing");
  EXPECT_EQ(mail_of("V1001", kVendorAddress), "revoke-alert " + std::string(32, 'b') + " ") << "told once";
}

// QP-ADD-16, QP-RV-012: what is not proven stands when T_hold has passed, to the millisecond, and not before.
TEST_F(RevokeHost, UnprovenWaits) {
  EXPECT_EQ(tell(bare()), "open");
  EXPECT_EQ(mail_of("V1001", kVendorAddress), "revoke-alert " + std::string(32, 'b') + " ") << "QP-RV-011";
  host.pass(kHoldMs);
  EXPECT_EQ(tell(bare()), "open");
  host.pass(1);
  EXPECT_EQ(state(), "STANDING");
  EXPECT_EQ(tell(bare()), "standing");
  EXPECT_EQ(tell(notice({})), "standing");
}

// QP-ADD-16: the Vendor's signature settles at once what was open; after it nothing is contested.
TEST_F(RevokeHost, ASignatureProvesLater) {
  EXPECT_EQ(tell(bare()), "open");
  EXPECT_FALSE(kept());
  EXPECT_EQ(tell(proof()), "standing");
  EXPECT_EQ(state(), "PROVEN");
  EXPECT_EQ(kept(), proof().body.revoke);
  EXPECT_EQ(contested(), "reject QP-E-REVOKED");
  EXPECT_EQ(mail_of("V1001", kVendorAddress), "revoke-alert " + std::string(32, 'b') + " ") << "told once";
}

// QP-ADD-07: T_hold does not run while the Host is suspended.
TEST_F(RevokeHost, SuspensionsPutItOff) {
  EXPECT_EQ(tell(notice({})), "open");
  suspend_for(kDayMs);
  host.pass(kHoldMs - kHourMs);
  EXPECT_EQ(state(), "UNPROVEN");
  EXPECT_EQ(contested(), "approve QP-OK");
  EXPECT_EQ(state(), "VOID");
}

TEST_F(RevokeHost, SuspensionsPutItOffByTheirLength) {
  EXPECT_EQ(tell(bare()), "open");
  suspend_for(kDayMs);
  host.restart();
  host.pass(kHoldMs);
  EXPECT_EQ(tell(bare()), "open");
  host.pass(1);
  EXPECT_EQ(tell(bare()), "standing");
  EXPECT_EQ(contested(), "reject QP-E-REVOKED");
}

/// A notice, spoilt, and the code that it gets.
struct SpoiltNotice {
  const char* name;
  std::function<void(revoke::RegisterRevoke&)> spoil;
  std::string_view code;
};

const SpoiltNotice kSpoilt[] = {
    {"an unknown key", [](auto& n) {
       sign_with(stranger_key(), "revoke", "Revoke", msg::kRevokeType, *n.body.revoke);
     }, protocol::QP_E_KEY},
    {"the Broker's key", [](auto& n) {
       sign_with(key_of("broker"), "revoke", "Revoke", msg::kRevokeType, *n.body.revoke);
     }, protocol::QP_E_KEY},
    {"another purpose", [](auto& n) {
       sign_with(key_of("vendor"), "host-case", "Revoke", msg::kRevokeType, *n.body.revoke);
     }, protocol::QP_E_SIGNATURE},
    {"a change after signing", [](auto& n) { n.body.revoke->reason = msg::RevokeReason::error; }, protocol::QP_E_SIGNATURE},
    {"a revoke of another order", [](auto& n) { n.body.revoke->order_ref.amount += 1, sign(*n.body.revoke); },
     protocol::QP_E_MISMATCH},
    {"a revoke of another commitment", [](auto& n) { n.body.revoke->commit_id = std::string(32, '0'), sign(*n.body.revoke); },
     protocol::QP_E_MISMATCH},
    {"another time", [](auto& n) { n.body.revoked_at = "2026-11-22T12:00:01Z"; }, protocol::QP_E_MISMATCH},
};

const SpoiltNotice kOther[] = {
    {"another RevokeId", [](auto& n) { n.body.revoke_id = std::string(32, '7'); }, protocol::QP_E_CONFLICT},
    {"another CommitId", [](auto& n) {
       n.body.commit_id = n.body.revoke->commit_id = std::string(32, '7');
       sign(*n.body.revoke);
     }, protocol::QP_E_CONFLICT},
};

// QP-ADD-16, QP-ADD-18, QP-ADD-06, QP-RV-001, QP-MP-021: each refusal, whatever is on record, changes nothing.
TEST_F(RevokeHost, RefusesInOrder) {
  const std::pair<std::function<void()>, std::string> steps[] = {
      {[] {}, "NONE"},
      {[&] { EXPECT_EQ(tell(bare()), "open"); }, "UNPROVEN"},
      {[&] { EXPECT_EQ(contested(), "approve QP-OK"); }, "VOID"},
      {[&] { EXPECT_EQ(tell(proof()), "standing"); }, "PROVEN"}};
  for (const auto& [step, in_state] : steps) {
    step();
    for (const SpoiltNotice& each : kSpoilt) {
      auto wrong = proof();
      each.spoil(wrong);
      EXPECT_EQ(tell(wrong), each.code) << each.name << " in " << in_state;
    }
    for (const SpoiltNotice& each : kOther) {
      auto other = proof();
      each.spoil(other);
      if (in_state == "NONE") continue;
      EXPECT_EQ(tell(other), each.code) << each.name << " in " << in_state;
    }
    EXPECT_EQ(state(), in_state);
  }
  auto micro = bare();
  micro.body.order_ref.kind = msg::Kind::micro;
  micro.body.revoke.reset();
  EXPECT_EQ(tell(micro), protocol::QP_E_NOT_REVOCABLE);
  auto stranger = notice({});
  stranger.body.order_ref.vendor = "V9999";
  EXPECT_EQ(tell(stranger), protocol::QP_E_VENDOR);
}

// QP-RV-001, QP-MP-021, QP-ADD-18: what is wrong in two ways gets the code that comes first.
TEST_F(RevokeHost, NamesTheFirstOfTwoFaults) {
  const auto spoil_key = [](auto& n) { sign_with(stranger_key(), "revoke", "Revoke", msg::kRevokeType, *n.body.revoke); };
  auto made = proof();
  made.body.order_ref.vendor = "V9999";
  made.body.order_ref.kind = msg::Kind::micro;
  EXPECT_EQ(tell(made), protocol::QP_E_VENDOR);
  made.body.order_ref.vendor = "V1001";
  spoil_key(made);
  EXPECT_EQ(tell(made), protocol::QP_E_NOT_REVOCABLE);
  made = proof();
  made.body.revoked_at = "2026-11-22T12:00:01Z";
  made.body.revoke->reason = msg::RevokeReason::error;
  EXPECT_EQ(tell(made), protocol::QP_E_SIGNATURE);
  spoil_key(made);
  EXPECT_EQ(tell(made), protocol::QP_E_KEY);
  EXPECT_EQ(tell(bare()), "open");
  made = proof();
  made.body.revoke_id = std::string(32, '7');
  made.body.revoked_at = "2026-11-22T12:00:01Z";
  EXPECT_EQ(tell(made), protocol::QP_E_MISMATCH);
}

// QP-RV-006: none but a Broker registers a revoke, and what it says of another copy of the order is another record.
TEST_F(RevokeHost, IsTheBrokersWordOnOneOrder) {
  for (const auto& [sender, address] : {std::pair("V1001", kVendorAddress), std::pair("B7", kVendorAddress)}) {
    auto wrong = bare();
    wrong.head = host.head(sender, "H1");
    const auto answer = host.ask<revoke::RegisterRevokeResponse>(wrong, kRegisterRevoke, address);
    EXPECT_EQ(answer->body.status.code, protocol::QP_E_FORBIDDEN) << sender;
  }
  auto other = bare();
  other.head = host.head("B8", "H1");
  EXPECT_EQ(host.ask<revoke::RegisterRevokeResponse>(other, kRegisterRevoke, "127.0.2.2")->body.status.code, protocol::QP_OK);
  auto copy = notice({});
  copy.body.order_ref.digest = std::string(64, '0');
  EXPECT_EQ(tell(copy), "open");
  EXPECT_EQ(state(), "NONE");
  EXPECT_EQ(said(bring(commitment)), "approve QP-OK");
}

// QP-ADD-18: the key counts for the time of the revoke; while nobody can say whose key it is nothing is final.
TEST_F(RevokeHost, JudgesTheKeyByTheTimeOfTheRevoke) {
  const auto proven = proof();
  host.pass(kDayMs);
  Player vendor = *host.directory.find("V1001").player;
  const Player before = vendor;
  vendor.keys[0].not_before_ms = kNoon + kHourMs;
  host.directory.put(vendor);
  EXPECT_EQ(tell(proven), protocol::QP_E_KEY);
  host.directory.hide("V1001", true);
  EXPECT_EQ(tell(proven), protocol::QP_E_BUSY);
  host.directory.hide("V1001", false);
  vendor = before;
  vendor.keys[0].not_after_ms = kNoon + kHourMs;
  host.directory.put(vendor);
  EXPECT_EQ(tell(proven), "standing");
}

// QP-RV-005, QP-RV-006: nobody gets an approval for an order that was taken back, be it proven, standing or merely not
// contested; nothing but the Vendor's contest helps, and that not against its own signature (QP-RV-012).
TEST_F(RevokeHost, RejectsClaimsOfRevokedOrders) {
  EXPECT_EQ(tell(proof()), "standing");
  EXPECT_EQ(contested(), "reject QP-E-REVOKED");
  EXPECT_EQ(state(), "PROVEN");
}

TEST_F(RevokeHost, RejectsClaimsThatContestNothing) {
  EXPECT_EQ(tell(bare()), "open");
  EXPECT_EQ(said(bring(commitment, protocol::QP_E_PENDING)), "reject QP-E-REVOKED");
  EXPECT_EQ(state(), "UNPROVEN");
}

// QP-RV-005, QP-BS-010, QP-RV-012: what is given up contests nothing, and is rejected as what it is.
TEST_F(RevokeHost, RejectsWhatIsWithdrawnAsRevoked) {
  const auto given_up = [&](bool contest) {
    auto brought = bring(commitment);
    brought.item[0].withdrawn = msg::Yes::yes;
    if (contest) brought.item[0].contest = msg::Yes::yes;
    return said(brought);
  };
  EXPECT_EQ(tell(bare()), "open");
  EXPECT_EQ(given_up(true), "reject QP-E-REVOKED");
  EXPECT_EQ(state(), "UNPROVEN") << "nothing was contested";
  EXPECT_EQ(given_up(false), "reject QP-E-REVOKED") << "as before";
}

TEST_F(RevokeHost, RejectsWhatIsContestedTooLate) {
  EXPECT_EQ(tell(bare()), "open");
  host.pass(kHoldMs + 1);
  EXPECT_EQ(contested(), "reject QP-E-REVOKED");
  EXPECT_EQ(state(), "STANDING");
  EXPECT_EQ(tell(proof()), "standing");
  EXPECT_EQ(state(), "PROVEN");
}

// QP-RV-012, QP-ADD-16: contested in time the order is judged as any other, also without the Broker's word and long after
// ClaimBy; then the Vendor's signature still counts.
TEST_F(RevokeHost, ApprovesWhatIsContested) {
  EXPECT_EQ(tell(bare()), "open");
  host.pass(kHoldMs);
  auto brought = bring(commitment);
  brought.settlement.clear();
  EXPECT_EQ(said(brought), "refused QP-E-BROKER-FIRST");
  brought.batch_id = host.fresh_id();
  brought.item[0].contest = msg::Yes::yes;
  EXPECT_EQ(said(brought), "approve QP-OK");
  EXPECT_EQ(tell(bare()), "void");
  EXPECT_EQ(tell(proof()), "standing");
}

TEST_F(RevokeHost, ContestsAreNeverTooLateForTheClaim) {
  const std::int64_t claim_over = (protocol::T_claim_default + protocol::T_arb_default + 10) * 1000;
  host.pass(claim_over);
  EXPECT_EQ(tell(bare()), "open");
  auto other = commitment_to(regular_ref("other"));
  EXPECT_EQ(said(bring(other)), "reject QP-E-SETTLE-EXPIRED") << "as late, but nobody revoked it";
  EXPECT_EQ(contested(), "approve QP-OK");
}

// QP-BS-011: an item that is not admitted contests nothing.
TEST_F(RevokeHost, BadEvidenceContestsNothing) {
  EXPECT_EQ(tell(bare()), "open");
  auto brought = bring(commitment, protocol::QP_E_PENDING);
  brought.item[0].contest = msg::Yes::yes;
  brought.item[0].commitment->claim_by = "2027-12-22T12:00:00Z";
  EXPECT_EQ(said(brought), "refused QP-E-SIGNATURE");
  auto unsigned_case = bring(commitment, protocol::QP_E_PENDING);
  unsigned_case.item[0].contest = msg::Yes::yes;
  EXPECT_EQ(ask(unsigned_case).body.status.code, protocol::QP_E_SIGNATURE);
  EXPECT_EQ(state(), "UNPROVEN");
}

// QP-RV-012: an order that was approved before somebody revoked it keeps its verdict, and the revoke is void.
TEST_F(RevokeHost, AnApprovedOrderIsContestedToo) {
  EXPECT_EQ(said(bring(commitment)), "approve QP-OK");
  EXPECT_EQ(tell(bare()), "open");
  EXPECT_EQ(said(bring(commitment)), "approve QP-OK");
  EXPECT_EQ(state(), "UNPROVEN");
  EXPECT_EQ(contested(), "approve QP-OK");
  EXPECT_EQ(state(), "VOID");
}

// QP-RV-005: an order that was approved and then taken back by its Vendor keeps its verdict; the Broker refuses to pay it.
TEST_F(RevokeHost, AProofChangesNoVerdict) {
  EXPECT_EQ(said(bring(commitment)), "approve QP-OK");
  EXPECT_EQ(tell(proof()), "standing");
  EXPECT_EQ(contested(), "approve QP-OK");
  EXPECT_EQ(state(), "PROVEN");
}

// QP-RV-011: the alert says whose it is, whom it is for and what it is about, and keeps like any mail.
TEST_F(RevokeHost, TellsTheVendorAll) {
  EXPECT_EQ(tell(bare()), "open");
  const auto letters = mails_of("V1001", kVendorAddress);
  ASSERT_EQ(letters.size(), 1u);
  EXPECT_EQ(letters[0].producer, "H1");
  EXPECT_EQ(letters[0].kind, "revoke-alert");
  EXPECT_EQ(letters[0].audience, (msg::Audience{std::nullopt, {"V1001"}}));
  EXPECT_EQ(letters[0].order_ref, ref);
  EXPECT_EQ(letters[0].ref, std::string(32, 'b'));
  EXPECT_EQ(letters[0].posted_at, format_time(kNoon));
  EXPECT_EQ(mails_of(kWallet, kWalletAddress).size(), 0u);
  host.pass(protocol::T_cm_default * 1000);
  EXPECT_EQ(mails_of("V1001", kVendorAddress).size(), 1u);
  host.pass(1);
  EXPECT_EQ(mails_of("V1001", kVendorAddress).size(), 0u);
}

// QP-ADD-25, QP-RV-011: what the log tells of a revoke is what the case rests on; the alert is not in it, not even by
// what the directory was asked for its sake, and is there though the directory does not know the Host.
TEST_F(RevokeHost, TheLogTellsNothingOfTheAlert) {
  host.directory.hide("H1", true);
  EXPECT_EQ(tell(bare()), "open");
  host.directory.hide("H1", false);
  ASSERT_EQ(mails_of("V1001", kVendorAddress).size(), 1u);
  EXPECT_EQ(mails_of("V1001", kVendorAddress)[0].producer, "H1");
  std::vector<std::string> players;
  const auto log = host.ledger->list(kLogMachine, "", 10).value();
  for (const auto& entry : log) {
    for (const auto& [name, value] : entry.fields) {
      if (name.starts_with("player.")) players.push_back(name);
    }
  }
  EXPECT_EQ(players, std::vector<std::string>{"player.V1001"});
}

// QP-RV-011: the Host's own alerts need no quota, and a Host without mail registers all the same.
TEST(RevokeHostConfig, AlertsAsItCan) {
  NodeConfig narrow = signing(host_config());
  narrow.parameters.n_cm = 1;
  NodeConfig mute = signing(host_config());
  mute.protocols = {"micropayment", "regular", "settlement", "revoke"};
  for (const NodeConfig& config : {narrow, mute}) {
    Single host{config};
    publish_keys(host);
    for (const char* id : {"one", "two", "three"}) {
      const auto made = revoke_notice(host, regular_ref(id), std::string(32, 'b'));
      const auto answer = host.ask<revoke::RegisterRevokeResponse>(made, kRegisterRevoke, kBrokerAddress);
      EXPECT_EQ(answer->body.revoke_state, msg::RevokeStanding::open);
    }
    const auto mails = host.ledger->list("host.message", "", 10);
    EXPECT_EQ(mails->size(), config.protocols.empty() ? 3u : 0u);
  }
}

// QP-ADD-16, QP-ADD-22: in profile H nothing is registered but what the Vendor signed.
TEST(RevokeHostConfig, TakesOnlyProofsInProfileH) {
  NodeConfig config = signing(host_config());
  config.profile = "H";
  const EpochKey key{1, std::string(32, 'k')};
  config.shared_keys = {{"B7", key.epoch, key.key, {}}};
  Single host{config};
  publish_keys(host);
  const auto code = [&](std::optional<msg::Revoke> embedded) {
    Document<revoke::RegisterRevoke> made;
    made.value.head = host.head("B7", "H1");
    made.value.head.profile = msg::Profile::H;
    made.value.body.order_ref = regular_ref();
    made.value.body.commit_id = std::string(32, 'c');
    made.value.body.revoke_id = std::string(32, 'b');
    made.value.body.revoke = std::move(embedded);
    made.value.body.revoked_at = format_time(kNoon);
    authenticate(*kRegisterRevoke.request, made, key);
    return host.ask<revoke::RegisterRevokeResponse>(made.value, kRegisterRevoke, kBrokerAddress)->body.status.code;
  };
  EXPECT_EQ(code({}), protocol::QP_E_PROFILE);
  EXPECT_EQ(code(bare_revoke(regular_ref(), std::string(32, 'c'))), protocol::QP_E_PROFILE);
  EXPECT_EQ(code(signed_revoke(regular_ref(), std::string(32, 'c'))), protocol::QP_OK);
}

// QP-ADD-16, QP-BS-011: T_hold is the Host's own, and the audit counts with that of the time.
TEST(RevokeHostConfig, HoldsAsLongAsItIsTold) {
  NodeConfig config = signing(host_config());
  config.parameters.t_hold = protocol::T_hold_min;
  RegularCourtOf court(config);
  const std::string key = case_key(regular_ref(), "B7");
  const auto made = revoke_notice(court.host, regular_ref(), std::string(32, 'b'));
  ASSERT_TRUE(court.host.ask<revoke::RegisterRevokeResponse>(made, kRegisterRevoke, kBrokerAddress));
  court.host.pass(protocol::T_hold_min * 1000);
  EXPECT_EQ(state_of(court.host, "host.revoke", key), "UNPROVEN");
  court.host.pass(1);
  EXPECT_EQ(state_of(court.host, "host.revoke", key), "STANDING");
  EXPECT_EQ(court.finding(), "");
}

// QP-ROLE-014: the audit sees that the record of a revoke was changed.
TEST(RevokeHostAudit, FindsAChangedRevoke) {
  Single host{signing(host_config())};
  publish_keys(host);
  const auto made = revoke_notice(host, regular_ref(), std::string(32, 'b'));
  ASSERT_TRUE(host.ask<revoke::RegisterRevokeResponse>(made, kRegisterRevoke, kBrokerAddress));
  auto record = (*host.ledger->find("host.revoke", case_key(regular_ref(), "B7"))).value();
  record.state = "VOID";
  ASSERT_TRUE(host.ledger->begin_unit() && host.ledger->put(record) && host.ledger->end_unit());
  const auto scratch = *ledger::open_sqlite(":memory:");
  const auto report = audit_host(*host.ledger, *scratch, {});
  ASSERT_TRUE(report && report->finding);
  EXPECT_NE(report->finding->where.find("host.revoke"), std::string::npos);
}

/// A Host that lets every item contest every revoke.
struct Forgiving : Deviation {
  bool override_predicate(std::string_view, std::string_view predicate, bool value) override {
    return predicate != "revoked" && value;
  }
};

// QP-RV-005, QP-BS-011: the audit sees the approval of an order that was taken back.
TEST(RevokeHostAudit, FindsAnApprovalOfARevokedOrder) {
  Forgiving forgiving;
  NodeConfig config = signing(host_config());
  config.deviation = &forgiving;
  RegularCourtOf court(config);
  const msg::Commitment commitment = commitment_to(regular_ref());
  const auto made = revoke_notice(court.host, regular_ref(), commitment.commit_id, signed_revoke(regular_ref(), commitment.commit_id));
  ASSERT_TRUE(court.host.ask<revoke::RegisterRevokeResponse>(made, kRegisterRevoke, kBrokerAddress));
  EXPECT_EQ(court.finding(), "");
  EXPECT_EQ(court.said(court.bring(commitment)), "approve QP-OK");
  EXPECT_NE(court.finding(), "");
}

}  // namespace
}  // namespace quickpay::roles
