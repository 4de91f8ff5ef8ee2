// Checks that are refused, in every state of the order.
#include <memory>
#include <set>

#include "conformance/suites/broker_parts.hpp"

namespace quickpay::conformance {

namespace {

enum class State : std::uint8_t { none, endorsed, lapsed, committed };

struct CheckCase {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  State state;
  const char* mutation;  ///< applied to a right check; empty: none
  bool other_vendor;     ///< sent by another Vendor
  const char* code;
};

std::vector<CheckCase> field_cases(State state, const std::string& prefix, const char* row) {
  static const char* kTitle = "Both sides have to agree on every field of the order.";
  const auto one = [&](const char* id, const char* mutation, const char* code) {
    return CheckCase{id, kTitle, row, {"QP-SEC-001", "QP-ADD-03"}, state, mutation, false, code};
  };
  if (state != State::endorsed) {
    return {one(prefix == "lapsed" ? "lapsed.other-amount" : "committed.other-amount", "CheckCommit.OrderRef.Amount:+1",
                "QP-E-MISMATCH"),
            one(prefix == "lapsed" ? "lapsed.other-endorsement-id" : "committed.other-endorsement-id",
                "CheckCommit.EndorsementId:flip", "QP-E-MISMATCH")};
  }
  return {one("higher-amount", "CheckCommit.OrderRef.Amount:+1", "QP-E-MISMATCH"),
          one("lower-amount", "CheckCommit.OrderRef.Amount:-1", "QP-E-MISMATCH"),
          one("other-currency", "CheckCommit.OrderRef.Currency:=JPY", "QP-E-MISMATCH"),
          one("other-expires", "CheckCommit.OrderRef.Expires:=2040-01-01T00:00:00Z", "QP-E-MISMATCH"),
          one("other-digest", "CheckCommit.OrderRef.Digest:flip", "QP-E-MISMATCH"),
          one("other-endorsement-id", "CheckCommit.EndorsementId:flip", "QP-E-MISMATCH"),
          one("other-order-id", "CheckCommit.OrderRef.OrderId:=never-inquired", "QP-E-UNKNOWN-ORDER"),
          one("kind-regular", "CheckCommit.OrderRef.Kind:=regular", "QP-E-SCHEMA"),
          one("other-order-vendor", "CheckCommit.OrderRef.Vendor:=V999999", "QP-E-FORBIDDEN")};
}

const std::vector<CheckCase> kOthers = {{"never-inquired",
                                         "An order that no Wallet inquired is unknown.",
                                         "B17",
                                         {"QP-SEC-002"},
                                         State::none,
                                         "",
                                         false,
                                         "QP-E-UNKNOWN-ORDER"},
                                        {"none.other-vendor",
                                         "Only the Vendor of an order may check it.",
                                         "B16",
                                         {"QP-SAFE-001"},
                                         State::none,
                                         "",
                                         true,
                                         "QP-E-FORBIDDEN"},
                                        {"other-vendor",
                                         "Only the Vendor of an order may check it.",
                                         "B18",
                                         {"QP-SAFE-001"},
                                         State::endorsed,
                                         "",
                                         true,
                                         "QP-E-FORBIDDEN"},
                                        {"lapsed.other-vendor",
                                         "Only the Vendor of an order may check it.",
                                         "B32",
                                         {"QP-SAFE-001"},
                                         State::lapsed,
                                         "",
                                         true,
                                         "QP-E-FORBIDDEN"},
                                        {"committed.other-vendor",
                                         "Only the Vendor of an order may check it.",
                                         "B35",
                                         {"QP-SAFE-001"},
                                         State::committed,
                                         "",
                                         true,
                                         "QP-E-FORBIDDEN"},
                                        {"vendor-before-mismatch",
                                         "Of another Vendor and another amount the Vendor is named.",
                                         "B18 B19",
                                         {"QP-SAFE-001"},
                                         State::endorsed,
                                         "CheckCommit.OrderRef.Amount:+1",
                                         true,
                                         "QP-E-FORBIDDEN"},
                                        {"lapsed",
                                         "After CheckBy the endorsement is of no use.",
                                         "B34",
                                         {"QP-ADD-27"},
                                         State::lapsed,
                                         "",
                                         false,
                                         "QP-E-ENDORSEMENT-EXPIRED"},
                                        {"want-receipt",
                                         "Profile F has no receipt.",
                                         "step 9 WantReceipt",
                                         {"QP-ADD-22"},
                                         State::endorsed,
                                         "WantReceipt",
                                         false,
                                         "QP-E-PROFILE"}};

std::vector<CheckCase> cases() {
  std::vector<CheckCase> all = field_cases(State::endorsed, "", "B19");
  for (const CheckCase& one : field_cases(State::lapsed, "lapsed", "B33")) all.push_back(one);
  for (const CheckCase& one : field_cases(State::committed, "committed", "B36")) all.push_back(one);
  all.insert(all.end(), kOthers.begin(), kOthers.end());
  return all;
}

bool reach(Session& session, State state, std::optional<Payer::Endorsed>& made) {
  Payer payer(session);
  switch (state) {
    case State::none:
      made.emplace();
      made->ref = payer.order();
      made->endorsement = branch("Endorsement", {leaf("EndorsementId", session.world().fresh_id())});
      return true;
    case State::endorsed:
      made = payer.endorsed();
      return made.has_value();
    case State::lapsed:
      made = payer.endorsed();
      return made && session.world().advance((made->check_by_ms() - session.world().now_ms()) / 1000 + 1);
    case State::committed:
      made = payer.endorsed();
      return made && payer.commit(made->ref, made->id()).ok();
  }
  return false;
}

Refusal check_refused(Session& session, const CheckCase& one) {
  const auto made = std::make_shared<std::optional<Payer::Endorsed>>();
  Refusal refusal;
  refusal.reach = [&session, made, one]() { return reach(session, one.state, *made); };
  refusal.stimulus = [&session, made, one]() {
    const std::string vendor = one.other_vendor ? session.world().cast().other_vendor : std::string();
    Sending sending = Payer(session).check((*made)->ref, (*made)->id(), vendor);
    if (std::string_view(one.mutation) == "WantReceipt") {
      at(sending.document, "Body")->children.push_back(leaf("WantReceipt", "yes"));
      sending.label = "CheckCommit.WantReceipt:=yes";
    } else {
      sending.mutation = one.mutation;
    }
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  if (one.state != State::committed) {
    refusal.forbidden = is_commit_notice;
    refusal.forbidden_text = "no commitment and no notice of one";
  }
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

const char* twin_of(State state) {
  switch (state) {
    case State::committed:
      return "check.again";
    case State::lapsed:
      return "check.last-second";
    case State::none:
    case State::endorsed:
      return "payment.committed";
  }
  return "";
}

void again(Session& session) {
  Payer payer(session);
  const auto made = payer.endorsed();
  const Reply first = made ? payer.commit(made->ref, made->id()) : Reply{};
  if (!first.ok()) {
    return unreached(session, made ? outcome_text(first) : payer.refusal());
  }
  const Reply second = payer.commit(made->ref, made->id());
  const bool same = second.ok() && second.text("Body/CommitId") == first.text("Body/CommitId") &&
                    second.text("Body/CommittedAt") == first.text("Body/CommittedAt") &&
                    second.text("Body/SettleBy") == first.text("Body/SettleBy");
  judge(session, "broker.check.again", same, "the same commitment", same ? "it" : outcome_text(second), second.entries);
  if (!session.world().wait_for(0, [](const Entry& e) { return e.by_iut && is_commit_notice(e); })) {
    return unreached(session, "RegisterCommit");
  }
  session.world().settle();
  std::set<std::string> ids;
  const auto notices = session.world().sent_by_iut("RegisterCommit");
  for (const std::size_t entry : notices) {
    ids.insert(session.transcript().entries()[entry].msg_id);
  }
  judge(session, "broker.check.one-notice", ids.size() == 1, "one notice", std::to_string(ids.size()), notices,
        Reason::forbidden_message);
}

void last_second(Session& session) {
  Payer payer(session);
  const auto made = payer.endorsed();
  World& world = session.world();
  if (!made || !world.advance((made->check_by_ms() - world.now_ms()) / 1000)) {
    return unreached(session, made ? "the clock cannot be moved" : payer.refusal());
  }
  judge_ok(session, "broker.check.last-second", payer.commit(made->ref, made->id()));
}

}  // namespace

/// An inquiry that was refused leaves nothing that could be checked.
Refusal after_refused_inquiry(Session& session) {
  const auto ref = std::make_shared<Element>();
  Refusal refusal;
  refusal.reach = [&session, ref]() {
    Payer payer(session);
    *ref = payer.order();
    Sending inquiry = payer.inquiry(*ref);
    inquiry.mutation = "InquiryPayment.Paycard:=PnoSuchCard";
    return session.world().send(std::move(inquiry)).code == "QP-E-PAYCARD";
  };
  refusal.stimulus = [&session, ref]() { return Payer(session).commit(*ref, session.world().fresh_id()); };
  refusal.codes = {"QP-E-UNKNOWN-ORDER"};
  refusal.forbidden = is_commit_notice;
  refusal.forbidden_text = "no QP-OK and no notice of a commitment";
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

void add_broker_checks(Suite& suite) {
  suite.refused({.id = "check.after-refused-inquiry",
                 .title = "An inquiry that was refused endorses nothing.",
                 .subject = "B1 B17",
                 .requirements = {"QP-SEC-002", "QP-PAY-005"},
                 .mutation = "InquiryPayment.Paycard:=unknown, then CheckCommit",
                 .twin = twin_of(State::endorsed)},
                after_refused_inquiry);
  for (const CheckCase& one : cases()) {
    const std::string where = one.state == State::none       ? "NONE "
                              : one.state == State::endorsed ? ""
                              : one.state == State::lapsed   ? "LAPSED "
                                                             : "COMMITTED ";
    suite.refused({.id = std::string("check.") + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = where + (one.other_vendor ? "Sender:=another Vendor " : "") + one.mutation,
                   .twin = twin_of(one.state),
                   .level_e = one.state != State::lapsed,
                   .parts = one.other_vendor ? std::vector<Part>{Part::other_vendor} : std::vector<Part>{},
                   .profile = std::string_view(one.mutation) == "WantReceipt" ? "F" : ""},
                  [one](Session& session) { return check_refused(session, one); });
  }
  suite.positive(
      {.id = "check.again",
       .title = "Asked again, the Broker names the same commitment.",
       .subject = "B37",
       .requirements = {"QP-ADD-05", "QP-ADD-01"},
       .mutation = "CheckCommit:again, new MsgId",
       .more = {suite.check("check.one-notice", "One commitment is registered once.", {"QP-MP-016", "QP-ADD-06"},
                            true)}},
      again);
  suite.positive({.id = "check.last-second",
                  .title = "Until CheckBy, that second included, the endorsement holds.",
                  .subject = "B20",
                  .requirements = {"QP-ADD-27"},
                  .mutation = "now:=CheckBy",
                  .level_e = false},
                 last_second);
}

}  // namespace quickpay::conformance
