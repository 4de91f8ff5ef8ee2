// What the Broker may say to CheckCommit, and what the Vendor makes of it.
#include <memory>

#include "conformance/suites/http_cases.hpp"
#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

struct Answer {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  std::function<Act()> act;
  const char* mutation;
  const char* code;
  const char* profile = "";  ///< empty: both
};

const std::vector<Answer> kAnswers = {{"mismatch",
                                       "The Broker's MISMATCH reaches the Wallet, the goods do not.",
                                       "V17",
                                       {"QP-MP-022", "QP-SAFE-001"},
                                       [] { return answer_code("QP-E-MISMATCH"); },
                                       "CheckCommitResponse.Status:=QP-E-MISMATCH",
                                       "QP-E-MISMATCH"},
                                      {"unknown-order",
                                       "An order that the Broker does not know is not endorsed.",
                                       "V16",
                                       {"QP-MP-022"},
                                       [] { return answer_code("QP-E-UNKNOWN-ORDER"); },
                                       "CheckCommitResponse.Status:=QP-E-UNKNOWN-ORDER",
                                       "QP-E-NOT-ENDORSED"},
                                      {"lapsed",
                                       "A lapsed endorsement reaches the Wallet as such.",
                                       "V18",
                                       {"QP-MP-022"},
                                       [] { return answer_code("QP-E-ENDORSEMENT-EXPIRED"); },
                                       "CheckCommitResponse.Status:=QP-E-ENDORSEMENT-EXPIRED",
                                       "QP-E-ENDORSEMENT-EXPIRED"},
                                      {"forbidden",
                                       "Another refusal of the Broker ends the attempt.",
                                       "V19",
                                       {"QP-MP-022"},
                                       [] { return answer_code("QP-E-FORBIDDEN"); },
                                       "CheckCommitResponse.Status:=QP-E-FORBIDDEN",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"unknown-code",
                                       "A code that nobody knows is followed by its Retry.",
                                       "V19 Retry",
                                       {"QP-MP-022", "QP-GEN-004"},
                                       [] { return answer_code("QP-E-FROM-THE-FUTURE"); },
                                       "CheckCommitResponse.Status:=QP-E-FROM-THE-FUTURE",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"busy",
                                       "A Broker that is busy has said nothing.",
                                       "V20 same",
                                       {"QP-ADD-28", "QP-MP-022"},
                                       [] { return answer_code("QP-E-BUSY"); },
                                       "CheckCommitResponse.Status:=QP-E-BUSY",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"lost",
                                       "A lost answer is no answer.",
                                       "V20 fail",
                                       {"QP-ADD-28", "QP-MP-022"},
                                       [] { return lose_answer(); },
                                       "CheckCommitResponse:lost",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"http-error",
                                       "An HTTP status other than 200 is no answer.",
                                       "V20 HTTP",
                                       {"QP-ADD-28", "QP-MP-022"},
                                       [] { return http_answer(503); },
                                       "CheckCommitResponse:503",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"redirect",
                                       "A redirect is no answer and is not followed.",
                                       "V20 redirect",
                                       {"QP-MP-022", "QP-ADD-28"},
                                       [] {
                                         return http_answer(307, {{"Location", "/qp/1/micro/check-commit"}});
                                       },
                                       "CheckCommitResponse:307",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"other-reply-to",
                                       "An answer to another request is no answer.",
                                       "V20 InReplyTo",
                                       {"QP-ADD-01", "QP-MP-022"},
                                       [] { return change_answer("CheckCommitResponse.Head.InReplyTo:flip"); },
                                       "CheckCommitResponse.Head.InReplyTo:flip",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"no-xml",
                                       "An answer outside the XML profile is no answer.",
                                       "V20 XML",
                                       {"QP-ADD-20", "QP-MP-022"},
                                       [] { return change_answer("CheckCommitResponse:comment"); },
                                       "CheckCommitResponse:comment",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"no-commit-id",
                                       "A yes without CommitId is no answer.",
                                       "V20 schema",
                                       {"QP-ADD-20", "QP-MP-022"},
                                       [] { return change_answer("CheckCommitResponse.CommitId:remove"); },
                                       "CheckCommitResponse.CommitId:remove",
                                       "QP-E-BROKER-UNREACHABLE"},
                                      {"no-auth",
                                       "A yes that nobody vouches for is no answer.",
                                       "V20 Auth",
                                       {"QP-ADD-21", "QP-MP-022"},
                                       [] { return change_answer("CheckCommitResponse.Auth:remove"); },
                                       "CheckCommitResponse.Auth:remove",
                                       "QP-E-BROKER-UNREACHABLE",
                                       "H"},
                                      {"wrong-auth",
                                       "A yes with a wrong Auth is no answer.",
                                       "V20 Auth",
                                       {"QP-ADD-21", "QP-MP-022"},
                                       [] { return change_answer("CheckCommitResponse.Auth.Mac.Value:flip"); },
                                       "CheckCommitResponse.Auth.Mac.Value:flip",
                                       "QP-E-BROKER-UNREACHABLE",
                                       "H"}};

bool is_second_check_or_notice(const Entry& entry, const std::shared_ptr<std::string>& first) {
  if (entry.kind != EntryKind::request || entry.path == "/goods") {
    return false;
  }
  if (entry.message == "CheckCommit" && first->empty()) {
    *first = entry.msg_id;
  }
  return entry.message == "RegisterDelivery" || (entry.message == "CheckCommit" && entry.msg_id != *first);
}

Refusal check_answered(Session& session, const Act& act, const char* code) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  const auto first = std::make_shared<std::string>();
  Refusal refusal;
  refusal.reach = [&session, ready, act]() {
    Buyer buyer(session);
    *ready = buyer.ready();
    Peer* broker = buyer.broker();
    if (!ready->has_value() || broker == nullptr) {
      return false;
    }
    broker->script("CheckCommit", act);
    return true;
  };
  refusal.stimulus = [&session, ready]() { return Buyer(session).ask(**ready); };
  refusal.codes = {code};
  refusal.forbidden = [first](const Entry& entry) { return is_second_check_or_notice(entry, first); };
  refusal.forbidden_text = "no goods, no notice, and no new CheckCommit";
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

void check_trickles(Session& session) {
  Buyer buyer(session);
  const auto ready = buyer.ready();
  Peer* broker = buyer.broker();
  if (!ready || broker == nullptr) {
    return unreached(session, buyer.refusal());
  }
  broker->script("CheckCommit", trickling_answer());
  judge_ok(session, "vendor.check-commit.trickle", buyer.ask(*ready));
}

/// A Broker that cannot be reached: the order waits, everything else goes on.
Refusal broker_down(Session& session) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    Buyer buyer(session);
    *ready = buyer.ready();
    if (!ready->has_value() || buyer.broker() == nullptr) {
      return false;
    }
    buyer.broker()->set_down(true);
    return true;
  };
  refusal.stimulus = [&session, ready]() { return Buyer(session).ask(**ready); };
  refusal.codes = {"QP-E-BROKER-UNREACHABLE"};
  refusal.forbidden = [](const Entry& entry) { return entry.message == "RegisterDelivery"; };
  refusal.benign = [&session]() {
    Buyer buyer(session);
    buyer.broker()->set_down(false);
    return buyer.buys();
  };
  return refusal;
}

/// Refused once, the order is open for another endorsement.
void other_endorsement_after_refusal(Session& session) {
  Buyer buyer(session);
  const auto ready = buyer.ready();
  if (!ready || buyer.broker() == nullptr) {
    return unreached(session, buyer.refusal());
  }
  buyer.broker()->script("CheckCommit", answer_code("QP-E-ENDORSEMENT-EXPIRED"));
  const Reply refused = buyer.ask(*ready);
  const auto second = buyer.endorse(ready->offer, session.world().cast().other_broker);
  if (refused.ok() || !second) {
    return unreached(session, "first attempt: " + outcome_text(refused) + ", " + buyer.refusal());
  }
  judge_ok(session, "vendor.check-commit.other-endorsement", buyer.ask({ready->offer, *second}));
}

}  // namespace

void add_vendor_checks(Suite& suite) {
  for (const Answer& one : kAnswers) {
    suite.refused({.id = std::string("check-commit.") + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = one.mutation,
                   .twin = "purchase.paid",
                   .profile = one.profile},
                  [one](Session& session) { return check_answered(session, one.act(), one.code); });
  }
  for (const AnswerCase& one : damaged_answers()) {
    suite.refused({.id = std::string("check-commit.http-") + one.id,
                   .title = one.title,
                   .subject = "V20 HTTP",
                   .requirements = {"QP-TECH-010", "QP-MP-022", "QP-ADD-28"},
                   .mutation = std::string("HTTP answer:") + one.id,
                   .twin = "purchase.paid"},
                  [one](Session& session) {
                    return check_answered(session, damaged_answer(std::string("http ") + one.id, one.damage),
                                          "QP-E-BROKER-UNREACHABLE");
                  });
  }
  suite.positive({.id = "check-commit.trickle",
                  .title = "An answer of the Broker whose bytes come one by one is read.",
                  .subject = "V15 HTTP",
                  .requirements = {"QP-TECH-010", "QP-MP-022"},
                  .mutation = "HTTP answer:trickle",
                  .level_e = false},
                 check_trickles);
  suite.refused({.id = "check-commit.broker-down",
                 .title = "Without an answer of the Broker there are no goods.",
                 .subject = "V20 connection",
                 .requirements = {"QP-MP-022", "QP-MP-019", "QP-ADD-28"},
                 .mutation = "CheckCommit:refused",
                 .twin = "purchase.paid"},
                broker_down);
  suite.positive({.id = "check-commit.other-endorsement",
                  .title = "After a refusal another endorsement of the order is checked.",
                  .subject = "V18 V8",
                  .requirements = {"QP-MP-022", "QP-MP-008"},
                  .mutation = "CheckCommitResponse.Status:=QP-E-ENDORSEMENT-EXPIRED",
                  .parts = {Part::other_broker}},
                 other_endorsement_after_refusal);
}

}  // namespace quickpay::conformance
