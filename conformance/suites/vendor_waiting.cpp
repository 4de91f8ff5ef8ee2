// Requests while the Broker is asked, unsure, or has said yes to nobody.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;   ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kRedeliver = 600;  ///< seconds: T_redeliver

/// An order in some middle state, and what it takes to leave it.
struct Middle {
  std::optional<Buyer::Ready> ready;
  std::optional<Element> other;  ///< another endorsement of the same order
  Pending first;
};
using MiddlePtr = std::shared_ptr<Middle>;

bool prepare(Session& session, const MiddlePtr& middle, bool other) {
  Buyer buyer(session);
  middle->ready = buyer.ready();
  if (!middle->ready || buyer.broker() == nullptr) {
    return false;
  }
  if (other) {
    middle->other = buyer.endorse(middle->ready->offer, session.world().cast().other_broker);
  }
  return !other || middle->other;
}

/// CHECKING: the Broker was asked and its answer waits.
bool reach_checking(Session& session, const MiddlePtr& middle, bool other) {
  if (!prepare(session, middle, other)) {
    return false;
  }
  Buyer buyer(session);
  const std::size_t from = session.transcript().mark();
  buyer.broker()->script("CheckCommit", hold_answer());
  middle->first = buyer.begin(*middle->ready);
  return session.world().wait_for(from, is_check_or_notice).has_value();
}

/// UNSURE: the Broker's yes was lost, and is lost again until the script is cleared, so that no retry ends the state.
bool reach_unsure(Session& session, const MiddlePtr& middle, bool other) {
  if (!prepare(session, middle, other)) {
    return false;
  }
  Buyer buyer(session);
  buyer.broker()->script("CheckCommit", lose_answer(), -1);
  return buyer.ask(*middle->ready).code == "QP-E-BROKER-UNREACHABLE";
}

/// COMMITTED: the yes came while no Wallet waited.
bool reach_committed(Session& session, const MiddlePtr& middle, bool other) {
  const std::size_t from = session.transcript().mark();
  if (!reach_unsure(session, middle, other)) {
    return false;
  }
  Buyer(session).broker()->clear_script();
  return session.world().advance(kFirstRetry) &&
         session.world()
             .wait_for(from,
                       [](const Entry& entry) {
                         return entry.kind == EntryKind::response && entry.message == "CheckCommitResponse" &&
                                entry.code == "QP-OK";
                       })
             .has_value();
}

using Reach = bool (*)(Session&, const MiddlePtr&, bool);

Refusal in_state(Session& session, Reach reach, const std::string& mutation, bool other, const std::string& code) {
  const auto middle = std::make_shared<Middle>();
  Refusal refusal;
  refusal.reach = [&session, middle, reach, other]() { return reach(session, middle, other); };
  refusal.stimulus = [&session, middle, mutation, other]() {
    Buyer buyer(session);
    return other ? buyer.ask({middle->ready->offer, *middle->other}) : buyer.ask(*middle->ready, mutation);
  };
  refusal.codes = {code};
  refusal.after = [&session, middle]() {
    Buyer buyer(session);
    buyer.broker()->clear_script();
    buyer.broker()->release();
    if (middle->first) {
      (void)session.world().finish(middle->first);
    }
  };
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

struct StateCase {
  const char* id;
  const char* title;
  const char* subject;
  const char* requirement;
  Reach reach;
  const char* mutation;
  bool other;
  const char* code;
  const char* twin;
  bool level_e;
};

constexpr const char* kAmount = "RequestOrderDelivery.Endorsement.OrderRef.Amount:+1";
const std::vector<StateCase> kCases = {
    {"checking.other-amount", "While the Broker is asked, a request that does not match is refused.", "V10",
     "QP-ADD-03", reach_checking, kAmount, false, "QP-E-MISMATCH", "checking.joined", true},
    {"checking.other-endorsement", "While the Broker is asked, another endorsement has to wait.", "V12", "QP-SAFE-003",
     reach_checking, "", true, "QP-E-BUSY", "checking.joined", true},
    {"unsure.other-amount", "While nobody knows what the Broker said, a request that does not match is refused.", "V22",
     "QP-ADD-03", reach_unsure, kAmount, false, "QP-E-MISMATCH", "unsure.asked-again", true},
    {"unsure.other-endorsement", "While nobody knows what the Broker said, another endorsement has to wait.", "V24",
     "QP-SAFE-003", reach_unsure, "", true, "QP-E-BUSY", "unsure.asked-again", true},
    {"committed.other-amount", "After the Broker's yes a request that does not match is refused.", "V25", "QP-ADD-03",
     reach_committed, kAmount, false, "QP-E-MISMATCH", "committed.delivered", false},
    {"committed.other-endorsement", "After the Broker's yes another endorsement is a conflict.", "V26", "QP-SAFE-003",
     reach_committed, "", true, "QP-E-CONFLICT", "committed.delivered", false}};

void joined(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_checking(session, middle, false)) {
    return unreached(session, "CheckCommit was not sent");
  }
  Buyer buyer(session);
  const std::size_t from = session.transcript().mark();
  const Pending second = buyer.begin(*middle->ready);
  session.world().settle();
  if (!buyer.offer(1)) {  // what was asked later has an answer: the second request is not on its way any more
    return unreached(session, buyer.refusal());
  }
  buyer.broker()->release();
  const Reply first_reply = session.world().finish(middle->first);
  const Reply second_reply = session.world().finish(second);
  judge_ok(session, "vendor.checking.joined", second_reply);
  const bool same = first_reply.ok() && first_reply.text("Body/DeliveryId") == second_reply.text("Body/DeliveryId");
  judge(session, "vendor.checking.one-delivery", same, "one DeliveryId for both", same ? "one" : "two",
        second_reply.entries);
  const auto checks = session.world().sent_by_iut("CheckCommit", from);
  judge(session, "vendor.checking.one-check", checks.empty(), "no second CheckCommit", checks.empty() ? "none" : "one",
        checks, Reason::forbidden_message);
}

void asked_again(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_unsure(session, middle, false)) {
    return unreached(session, "no QP-E-BROKER-UNREACHABLE after a lost answer");
  }
  Buyer(session).broker()->clear_script();
  const Reply reply = Buyer(session).ask(*middle->ready);
  judge_ok(session, "vendor.unsure.asked-again", reply);
  // Where the clock runs, a retry of the Vendor's own may come between: it has to be the same, too.
  const auto checks = session.world().sent_by_iut("CheckCommit");
  const auto& entries = session.transcript().entries();
  const bool same = checks.size() > 1 && std::all_of(checks.begin(), checks.end(), [&](std::size_t entry) {
                      return entries[entry].body == entries[checks.front()].body;
                    });
  judge(session, "vendor.unsure.same-bytes", same, "the same CheckCommit, byte for byte",
        same ? "the same" : "another or none", checks);
}

/// A wrong request in between makes the Vendor no surer: it asks the Broker before it delivers.
void unsure_still(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_unsure(session, middle, false)) {
    return unreached(session, "no QP-E-BROKER-UNREACHABLE after a lost answer");
  }
  Buyer buyer(session);
  const std::size_t from = session.transcript().mark();
  if (buyer.ask(*middle->ready, kAmount).code != "QP-E-MISMATCH") {
    return unreached(session, "a request that does not match was not refused");
  }
  buyer.broker()->clear_script();
  const Reply reply = buyer.ask(*middle->ready);
  const auto checks = session.world().sent_by_iut("CheckCommit", from);
  judge(session, "vendor.unsure.still", reply.ok() && !checks.empty(), "QP-OK after another CheckCommit",
        checks.empty() ? outcome_text(reply) + " without one" : outcome_text(reply), reply.entries, Reason::forbidden_message);
}

/// The answer that comes at last is a MISMATCH: the order is open again, and the next request asks anew.
void open_again(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_unsure(session, middle, false)) {
    return unreached(session, "no QP-E-BROKER-UNREACHABLE after a lost answer");
  }
  Buyer buyer(session);
  const std::size_t from = session.transcript().mark();
  buyer.broker()->clear_script();
  buyer.broker()->script("CheckCommit", answer_code("QP-E-MISMATCH"));
  const auto refused = [](const Entry& entry) {
    return entry.kind == EntryKind::response && entry.message == "CheckCommitResponse" && entry.code == "QP-E-MISMATCH";
  };
  if (!session.world().advance(kFirstRetry) || !session.world().wait_for(from, refused)) {
    return unreached(session, "the Vendor did not ask again");
  }
  judge_ok(session, "vendor.unsure.mismatch", buyer.ask(*middle->ready));
}

void delivered_after_lost_yes(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_committed(session, middle, false)) {
    return unreached(session, "the Vendor did not ask again");
  }
  const auto before = session.world().sent_by_iut("CheckCommit");
  const Reply reply = Buyer(session).ask(*middle->ready);
  judge_ok(session, "vendor.committed.delivered", reply);
  const bool quiet = session.world().sent_by_iut("CheckCommit").size() == before.size();
  judge(session, "vendor.committed.no-new-check", quiet, "no further CheckCommit", quiet ? "none" : "one",
        reply.entries, Reason::forbidden_message);
}

/// Killed with the Broker's yes on record and the goods still here.
void killed_after_yes(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_committed(session, middle, false)) {
    return unreached(session, "the Vendor did not ask again");
  }
  session.world().settle();
  const std::size_t from = session.transcript().mark();
  if (!session.world().restart(true)) {
    return unreached(session, "a restart");
  }
  const Reply reply = Buyer(session).ask(*middle->ready);
  judge_ok(session, "vendor.crash.yes", reply);
  const bool quiet = session.world().sent_by_iut("CheckCommit", from).empty();
  judge(session, "vendor.crash.yes.remembered", quiet, "no further CheckCommit", quiet ? "none" : "one", reply.entries,
        Reason::forbidden_message);
  judge_registered(session, "vendor.crash.yes.registered", from, reply);
}

/// Given up after T_redeliver: never delivered, never claimed.
Refusal abandoned(Session& session) {
  const auto middle = std::make_shared<Middle>();
  Refusal refusal;
  refusal.reach = [&session, middle]() {
    if (!reach_unsure(session, middle, false)) {
      return false;
    }
    Buyer(session).broker()->clear_script();
    Buyer(session).broker()->script("CheckCommit", lose_request(), -1);
    return session.world().advance(kRedeliver + 1);
  };
  refusal.stimulus = [&session, middle]() { return Buyer(session).ask(*middle->ready); };
  refusal.codes = {"QP-E-ORDER-EXPIRED"};
  refusal.forbidden = [](const Entry& entry) { return entry.message == "RegisterDelivery"; };
  refusal.forbidden_text = "no notice of a delivery that never was";
  refusal.after = [&session]() { Buyer(session).broker()->clear_script(); };
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

void others_go_on(Session& session) {
  const auto middle = std::make_shared<Middle>();
  if (!reach_checking(session, middle, false)) {
    return unreached(session, "CheckCommit was not sent");
  }
  const Reply other = Buyer(session).buy(1);
  judge_ok(session, "vendor.checking.others-go-on", other);
  Buyer(session).broker()->release();
  (void)session.world().finish(middle->first);
}

void add_crash(Suite& suite) {
  suite.positive(
      {.id = "crash.yes",
       .title = "Killed after the Broker's yes and before the goods went out, the Vendor delivers when the Wallet returns.",
       .subject = "V14 V28 kill",
       .requirements = {"QP-ADD-05", "QP-ADD-28"},
       .mutation = "CheckCommitResponse:lost, retry, restart:hard",
       .level_e = false,
       .more = {suite.check("crash.yes.remembered", "A commitment that was known is not asked for again.", {"QP-ADD-05", "QP-MP-016"}, true),
                suite.check("crash.yes.registered", "The delivery is registered after the crash.", {"QP-ADD-06", "QP-MP-011"}, true)}},
      killed_after_yes);
}

}  // namespace

void add_vendor_waiting(Suite& suite) {
  add_crash(suite);
  for (const StateCase& one : kCases) {
    suite.refused({.id = one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = {one.requirement},
                   .mutation = one.other ? "RequestOrderDelivery.Endorsement:other" : one.mutation,
                   .twin = one.twin,
                   .level_e = one.level_e,
                   .parts = one.other ? std::vector<Part>{Part::other_broker} : std::vector<Part>{}},
                  [one](Session& session) { return in_state(session, one.reach, one.mutation, one.other, one.code); });
  }
  suite.positive(
      {.id = "checking.joined",
       .title = "A second request with the same endorsement waits with the first.",
       .subject = "V11",
       .requirements = {"QP-MP-022"},
       .mutation = "RequestOrderDelivery:parallel",
       .more = {suite.check("checking.one-delivery", "Both requests get the same delivery.", {"QP-SAFE-003"}),
                suite.check("checking.one-check", "The Broker is asked once.", {"QP-MP-016"})}},
      joined);
  suite.positive({.id = "unsure.asked-again",
                  .title = "When the Wallet returns, the Broker is asked again at once.",
                  .subject = "V23",
                  .requirements = {"QP-ADD-28"},
                  .mutation = "CheckCommitResponse:lost",
                  .more = {suite.check("unsure.same-bytes", "The Broker is asked again with the same bytes.",
                                       {"QP-ADD-01", "QP-ADD-28"})}},
                 asked_again);
  suite.positive({.id = "unsure.still",
                  .title = "A wrong request makes an unsure Vendor no surer.",
                  .subject = "V22 V23",
                  .requirements = {"QP-MP-022", "QP-ADD-28"},
                  .mutation = fmt::format("CheckCommitResponse:lost, then {}, then the right request", kAmount)},
                 unsure_still);
  suite.positive({.id = "unsure.mismatch",
                  .title = "A MISMATCH after a lost answer opens the order again.",
                  .subject = "V17 UNSURE",
                  .requirements = {"QP-MP-022", "QP-ADD-28"},
                  .mutation = "CheckCommitResponse:lost, then CheckCommitResponse.Status:=QP-E-MISMATCH",
                  .level_e = false},
                 open_again);
  suite.positive({.id = "committed.delivered",
                  .title = "After a lost yes the Vendor asks again and delivers when the Wallet returns.",
                  .subject = "V14 V28",
                  .requirements = {"QP-ADD-28", "QP-MP-022"},
                  .mutation = "CheckCommitResponse:lost, retry",
                  .level_e = false,
                  .more = {suite.check("committed.no-new-check", "A commitment that is known is not asked for again.",
                                       {"QP-MP-016"})}},
                 delivered_after_lost_yes);
  suite.refused({.id = "abandoned.too-late",
                 .title = "After T_redeliver without an answer the order is given up.",
                 .subject = "V29 V34",
                 .requirements = {"QP-ADD-28"},
                 .mutation = "CheckCommit:never answered",
                 .twin = "committed.delivered",
                 .level_e = false},
                abandoned);
  suite.positive({.id = "checking.others-go-on",
                  .title = "An order that waits delays no other.",
                  .subject = "V8 V15",
                  .requirements = {"QP-MP-020"},
                  .mutation = "CheckCommitResponse:held back"},
                 others_go_on);
}

}  // namespace quickpay::conformance
