// Limits, time, lost answers, notices and restarts.
#include <fmt/format.h>

#include <memory>
#include <set>

#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/http_cases.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kParallel = 8;
constexpr std::int64_t kLongPause = 3600;

bool lapse(Session& session, const Payer::Endorsed& made) {
  return session.world().advance((made.check_by_ms() - session.world().now_ms()) / 1000 + 1);
}

/// Several orders at once, of which the account can bear one.
void parallel_orders(Session& session) {
  Payer payer(session);
  World& world = session.world();
  const PaycardPlan* card = payer.other_card();
  if (card == nullptr) {
    return unreached(session, "no Paycard with a small limit");
  }
  std::vector<Pending> pending;
  for (std::size_t i = 0; i < kParallel; ++i) {
    pending.push_back(world.begin(payer.inquiry(payer.order(card->limit / 2 + 1), card)));
  }
  std::size_t endorsed = 0;
  std::size_t refused = 0;
  for (const Pending& one : pending) {
    const Reply reply = world.finish(one);
    endorsed += reply.ok() ? 1 : 0;
    refused += reply.code == "QP-E-FUNDS" ? 1 : 0;
  }
  judge(session, "broker.limit.parallel-orders", endorsed == 1 && refused == kParallel - 1,
        fmt::format("1 endorsed and {} refused for funds", kParallel - 1),
        fmt::format("{} endorsed and {} refused for funds", endorsed, refused), {},
        endorsed > 1 ? Reason::accepted : Reason::refused);
}

/// The same order many times at once: one hold, one Endorsement.
void parallel_same(Session& session) {
  Payer payer(session);
  World& world = session.world();
  const Element ref = payer.order();
  std::vector<Pending> pending;
  for (std::size_t i = 0; i < kParallel; ++i) {
    pending.push_back(world.begin(payer.inquiry(ref)));
  }
  std::set<std::string> ids;
  std::size_t endorsed = 0;
  for (const Pending& one : pending) {
    const Reply reply = world.finish(one);
    endorsed += reply.ok() ? 1 : 0;
    ids.insert(reply.text("Body/Endorsement/EndorsementId"));
  }
  judge(session, "broker.limit.parallel-same", endorsed == kParallel && ids.size() == 1, "one Endorsement for all",
        fmt::format("{} answers, {} Endorsements", endorsed, ids.size()));
}

/// Exactly the limit fits, then nothing more.
Refusal limit_exact(Session& session) {
  Refusal refusal;
  refusal.reach = [&session]() {
    Payer payer(session);
    const PaycardPlan* card = payer.other_card();
    return card != nullptr && payer.endorsed(card->limit, card).has_value();
  };
  refusal.stimulus = [&session]() {
    Payer payer(session);
    return payer.inquire(payer.order(1), payer.other_card());
  };
  refusal.codes = {"QP-E-FUNDS"};
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

/// What is committed stays owed when its CheckBy has passed.
Refusal owed_is_owed(Session& session) {
  Refusal refusal;
  refusal.reach = [&session]() {
    Payer payer(session);
    const PaycardPlan* card = payer.other_card();
    if (card == nullptr) {
      return false;
    }
    const auto made = payer.endorsed(card->limit, card);
    return made && payer.commit(made->ref, made->id()).ok() && lapse(session, *made);
  };
  refusal.stimulus = [&session]() {
    Payer payer(session);
    return payer.inquire(payer.order(1), payer.other_card());
  };
  refusal.codes = {"QP-E-FUNDS"};
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

void lapse_releases(Session& session) {
  Payer payer(session);
  const PaycardPlan* card = payer.other_card();
  const auto made = card == nullptr ? std::nullopt : payer.endorsed(card->limit, card);
  if (!made || !lapse(session, *made)) {
    return unreached(session, made ? "the clock cannot be moved" : payer.refusal());
  }
  judge_ok(session, "broker.lapse.releases", payer.inquire(payer.order(card->limit), card));
}

void lapse_renewed(Session& session) {
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made || !lapse(session, *made)) {
    return unreached(session, made ? "the clock cannot be moved" : payer.refusal());
  }
  const Reply again = payer.inquire(made->ref);
  const std::string id = again.text("Body/Endorsement/EndorsementId");
  judge(session, "broker.lapse.renewed", again.ok() && id != made->id(), "a new Endorsement",
        again.ok() ? (id == made->id() ? "the old one" : "a new one") : outcome_text(again), again.entries,
        Reason::refused);
  judge(session, "broker.lapse.committed", again.ok() && payer.commit(made->ref, id).ok(),
        "the new one can be committed", again.ok() ? "QP-OK or not" : outcome_text(again));
}

/// The request that made the lapsed hold comes again: it makes no second one.
void lapse_same_msg_id(Session& session, const std::string& check, std::int64_t later) {
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made || !lapse(session, *made) || !session.world().advance(later)) {
    return unreached(session, made ? "the clock cannot be moved" : payer.refusal());
  }
  const Reply again = session.world().send(made->inquiry);
  const Element* endorsement = at(again.document, "Body/Endorsement");
  const bool same = again.ok() && endorsement != nullptr && *endorsement == made->endorsement;
  judge(session, check, same, "the Endorsement that has lapsed", same ? "it" : outcome_text(again),
        again.entries);
}

using MakeOrder = Element (*)(World&, Element);

Refusal lapsed_inquiry(Session& session, MakeOrder change, const std::string& mutation, const std::string& code) {
  const auto made = std::make_shared<std::optional<Payer::Endorsed>>();
  Refusal refusal;
  refusal.reach = [&session, made]() {
    *made = Payer(session).endorsed();
    return made->has_value() && lapse(session, **made);
  };
  refusal.stimulus = [&session, made, change, mutation]() {
    Sending sending = Payer(session).inquiry(change(session.world(), (*made)->ref));
    sending.mutation = mutation;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {code};
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

/// A lapsed order whose account has been used up in the meantime.
Refusal lapsed_funds(Session& session) {
  const auto made = std::make_shared<std::optional<Payer::Endorsed>>();
  Refusal refusal;
  refusal.reach = [&session, made]() {
    Payer payer(session);
    const PaycardPlan* card = payer.other_card();
    *made = card == nullptr ? std::nullopt : payer.endorsed(card->limit, card);
    return made->has_value() && lapse(session, **made) && payer.endorsed(1, card).has_value();
  };
  refusal.stimulus = [&session, made]() {
    Payer payer(session);
    return payer.inquire((*made)->ref, payer.other_card());
  };
  refusal.codes = {"QP-E-FUNDS"};
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

bool registered_after(Session& session, std::size_t from) {
  return session.world()
      .wait_for(from,
                [](const Entry& entry) {
                  return entry.kind == EntryKind::response && entry.message == "RegisterCommitResponse" &&
                         entry.code == "QP-OK" && entry.mutation.empty();
                })
      .has_value();
}

void host_trouble(Session& session, const std::string& check, const std::function<void(Peer&)>& away,
                  void (*back)(Peer&)) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  if (host == nullptr) {
    return unreached(session, "nobody plays the Host");
  }
  away(*host);
  const Reply yes = Payer(session).pay();
  judge_ok(session, check, yes);
  back(*host);
  const std::size_t from = session.transcript().mark();
  world.settle();  // so that the backoff has begun when time moves
  if (!yes.ok() || !world.advance(kLongPause)) {
    return unreached(session, yes.ok() ? "the clock cannot be moved" : outcome_text(yes));
  }
  judge(session, check + ".registered", registered_after(session, from), "RegisterCommit after the Host is back",
        "seen or not", {}, Reason::missing_message);
}

/// The Host keeps the notice waiting; the Vendor has its answer all the same.
void host_is_not_waited_for(Session& session) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  if (host == nullptr) {
    return unreached(session, "nobody plays the Host");
  }
  host->script("RegisterCommit", hold_answer());
  const Reply yes = Payer(session).pay();
  judge_ok(session, "broker.host.not-waited-for", yes);
  host->release();
}

void commit_outlives_crash(Session& session) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made || host == nullptr) {
    return unreached(session, payer.refusal());
  }
  host->script("RegisterCommit", lose_request(), 2);  // twice: a Broker may send it as soon as it is up, before the mark
  const Reply first = payer.commit(made->ref, made->id());
  if (!first.ok() || !world.restart(true)) {
    return unreached(session, "commit: " + outcome_text(first));
  }
  const std::size_t from = session.transcript().mark();
  const Reply second = payer.commit(made->ref, made->id());
  const bool same = second.ok() && second.text("Body/CommitId") == first.text("Body/CommitId");
  judge(session, "broker.restart.commitment", same, "the same commitment", same ? "it" : outcome_text(second),
        second.entries);
  const bool moved = world.advance(kLongPause);
  const bool told = moved && !world.find(from, [](const Entry& e) { return e.by_iut && is_commit_notice(e); }).empty();
  if (!moved) {
    return session.inconclusive("broker.restart.notice", Reason::adapter_required, "the clock cannot be moved");
  }
  judge(session, "broker.restart.notice", told, "the notice after the crash", told ? "it" : "none", {},
        Reason::missing_message);
}

Refusal blocked_paycard(Session& session) {
  Refusal refusal;
  refusal.reach = [&session]() {
    const PaycardPlan* card = Payer(session).other_card();
    const auto done = session.iut().act("block-paycard", {{"paycard", card == nullptr ? "" : card->paycard}});
    return done && done->kind == OutcomeKind::accepted;
  };
  refusal.stimulus = [&session]() {
    Payer payer(session);
    return payer.inquire(payer.order(), payer.other_card());
  };
  refusal.codes = {"QP-E-PAYCARD"};
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

void check_before_inquiry(Session& session) {
  Payer payer(session);
  const Element ref = payer.order();
  const Reply early = payer.commit(ref, session.world().fresh_id());
  const Reply inquired = payer.inquire(ref);
  const std::string id = inquired.text("Body/Endorsement/EndorsementId");
  const Reply late = inquired.ok() && !id.empty() ? payer.commit(ref, id) : Reply{};
  judge(session, "broker.check.before-inquiry", early.code == "QP-E-UNKNOWN-ORDER" && late.ok(),
        "QP-E-UNKNOWN-ORDER, later QP-OK", outcome_text(early) + ", later " + outcome_text(late), late.entries);
}

void add_limits(Suite& suite) {
  suite.positive({.id = "limit.parallel-orders",
                  .title = "Orders that come together never pass the limit.",
                  .subject = "B7 B8 parallel",
                  .requirements = {"QP-ADD-04", "QP-SAFE-009"},
                  .mutation = "InquiryPayment:parallel, other orders",
                  .level_e = false},
                 parallel_orders);
  suite.positive({.id = "limit.parallel-same",
                  .title = "One order that comes many times at once is held once.",
                  .subject = "B8 B11 parallel",
                  .requirements = {"QP-ADD-04", "QP-SAFE-003"},
                  .mutation = "InquiryPayment:parallel, same order"},
                 parallel_same);
  suite.refused({.id = "limit.used-up",
                 .title = "What is held counts against the limit, to the last unit.",
                 .subject = "B7 held",
                 .requirements = {"QP-SAFE-009", "QP-ADD-24"},
                 .mutation = "InquiryPayment:limit + 1",
                 .twin = "inquiry.endorsed",
                 .level_e = false},
                limit_exact);
  suite.refused({.id = "limit.owed",
                 .title = "What is owed counts against the limit.",
                 .subject = "B7 owed",
                 .requirements = {"QP-SAFE-009"},
                 .mutation = "InquiryPayment:after a commitment of the limit",
                 .twin = "lapse.releases",
                 .level_e = false},
                owed_is_owed);
}

void add_same_msg_id(Suite& suite) {
  suite.positive({.id = "lapse.same-msg-id",
                  .title = "A request that made a hold once makes no second one.",
                  .subject = "B28",
                  .requirements = {"QP-ADD-01"},
                  .mutation = "LAPSED InquiryPayment:same MsgId",
                  .level_e = false},
                 [](Session& s) { lapse_same_msg_id(s, "broker.lapse.same-msg-id", 0); });
  suite.positive({.id = "lapse.same-msg-id-later",
                  .title = "A request that made a hold once makes none when its answer may be forgotten.",
                  .subject = "B28 T_answer",
                  .requirements = {"QP-ADD-01"},
                  .mutation = "LAPSED InquiryPayment:same MsgId after T_answer",
                  .level_e = false,
                  .profile = "F"},  // in profile H it is too old to be served
                 [](Session& s) { lapse_same_msg_id(s, "broker.lapse.same-msg-id-later", protocol::T_answer_default + 1); });
}

void add_lapses(Suite& suite) {
  suite.positive({.id = "lapse.releases",
                  .title = "A lapsed hold is released.",
                  .subject = "B21",
                  .requirements = {"QP-ADD-27", "QP-SAFE-009"},
                  .mutation = "now:=CheckBy+1",
                  .level_e = false},
                 lapse_releases);
  suite.positive(
      {.id = "lapse.renewed",
       .title = "A lapsed order can be endorsed anew.",
       .subject = "B31",
       .requirements = {"QP-MP-007", "QP-ADD-04"},
       .mutation = "LAPSED InquiryPayment:again",
       .level_e = false,
       .more = {suite.check("lapse.committed", "The new endorsement can be committed.", {"QP-MP-009"}, true)}},
      lapse_renewed);
  add_same_msg_id(suite);
  struct Lapsed {
    const char* id;
    const char* subject;
    const char* shown;
    MakeOrder change;
    const char* mutation;
    const char* code;
    const char* requirement;
  };
  static constexpr Lapsed kLapsed[] = {
      {"lapse.other-amount", "B27", "LAPSED OrderRef.Amount:+1",
       [](World&, Element ref) {
         set_text(ref, "Amount", "126");
         return ref;
       },
       "", "QP-E-CONFLICT", "QP-SAFE-003"},
      {"lapse.currency", "B24", "LAPSED OrderRef.Currency:=XXX",
       [](World&, Element ref) {
         set_text(ref, "Currency", "XXX");
         return ref;
       },
       "", "QP-E-CURRENCY", "QP-MP-007"},
      {"lapse.forged-token", "B23", "LAPSED InquiryPayment.PaycardToken:flip", [](World&, Element ref) { return ref; },
       "InquiryPayment.PaycardToken:flip", "QP-E-FORBIDDEN", "QP-PAY-005"},
      {"lapse.unknown-paycard", "B22", "LAPSED InquiryPayment.Paycard:=unknown",
       [](World&, Element ref) { return ref; }, "InquiryPayment.Paycard:=PnoSuchCard", "QP-E-PAYCARD", "QP-PAY-005"}};
  for (const Lapsed& one : kLapsed) {
    suite.refused({.id = one.id,
                   .title = "A lapsed order is inquired by the same rules as any other.",
                   .subject = one.subject,
                   .requirements = {one.requirement},
                   .mutation = one.shown,
                   .twin = "lapse.renewed",
                   .level_e = false},
                  [one](Session& s) { return lapsed_inquiry(s, one.change, one.mutation, one.code); });
  }
  suite.refused({.id = "lapse.funds",
                 .title = "A lapsed order finds what the account can still bear.",
                 .subject = "B30",
                 .requirements = {"QP-SAFE-009"},
                 .mutation = "LAPSED account used up",
                 .twin = "lapse.renewed",
                 .level_e = false},
                lapsed_funds);
}

}  // namespace

namespace {

/// The Host cannot be reached, or what it answers is lost or nobody's word.
void add_host_troubles(Suite& suite) {
  const auto registered = [&](const char* id) {
    return suite.check(std::string(id) + ".registered", "The commitment is registered when the Host answers again.",
                       {"QP-ADD-06", "QP-MP-019"}, true);
  };
  suite.positive({.id = "host.away",
                  .title = "Without the Host commitments go on, and the notice follows.",
                  .subject = "outbox RegisterCommit",
                  .requirements = {"QP-MP-019", "QP-MP-015"},
                  .mutation = "host:down",
                  .level_e = false,
                  .more = {registered("host.away")}},
                 [](Session& s) {
                   host_trouble(
                       s, "broker.host.away", [](Peer& host) { host.set_down(true); },
                       [](Peer& host) { host.set_down(false); });
                 });
  suite.positive({.id = "host.answer-lost",
                  .title = "A notice whose answer was lost is sent again.",
                  .subject = "RegisterCommit.unsure",
                  .requirements = {"QP-ADD-06"},
                  .mutation = "RegisterCommitResponse:lost",
                  .level_e = false,
                  .more = {registered("host.answer-lost")}},
                 [](Session& s) {
                   host_trouble(
                       s, "broker.host.answer-lost", [](Peer& host) { host.script("RegisterCommit", lose_answer()); },
                       [](Peer&) {});
                 });
  for (const char* what : {"remove", "Mac.Value:flip"}) {
    const bool absent = std::string_view(what) == "remove";
    const std::string id = absent ? "host.no-auth" : "host.wrong-auth";
    const std::string mutation = absent ? "RegisterCommitResponse.Auth:remove" : "RegisterCommitResponse.Auth.Mac.Value:flip";
    suite.positive({.id = id,
                    .title = "A notice whose answer nobody vouches for is sent again.",
                    .subject = "RegisterCommit.unsure",
                    .requirements = {"QP-ADD-21", "QP-ADD-06"},
                    .mutation = mutation,
                    .level_e = false,
                    .more = {registered(id.c_str())},
                    .profile = "H"},
                   [check = suite.name(id), mutation](Session& s) {
                     host_trouble(
                         s, check, [mutation](Peer& host) { host.script("RegisterCommit", change_answer(mutation)); },
                         [](Peer&) {});
                   });
  }
  for (const AnswerCase& one : damaged_answers()) {
    const std::string id = std::string("host.http-") + one.id;
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = "RegisterCommit.unsure HTTP",
                    .requirements = {"QP-TECH-010", "QP-ADD-06"},
                    .mutation = std::string("HTTP answer:") + one.id,
                    .level_e = false,
                    .more = {registered(id.c_str())}},
                   [check = suite.name(id), act = damaged_answer(std::string("http ") + one.id, one.damage)](Session& s) {
                     host_trouble(s, check, [act](Peer& host) { host.script("RegisterCommit", act); }, [](Peer&) {});
                   });
  }
  suite.positive({.id = "host.not-waited-for",
                  .title = "The Vendor's answer does not wait for the Host.",
                  .subject = "B20 outbox",
                  .requirements = {"QP-MP-015", "QP-PERF-007"},
                  .mutation = "RegisterCommitResponse:held back"},
                 host_is_not_waited_for);
}

}  // namespace

void add_broker_course(Suite& suite) {
  add_limits(suite);
  add_lapses(suite);
  add_host_troubles(suite);
  suite.positive(
      {.id = "restart.commitment",
       .title = "A commitment outlives a crash.",
       .subject = "B37",
       .requirements = {"QP-ADD-05", "QP-SAFE-005"},
       .mutation = "restart:hard",
       .level_e = false,
       .more = {suite.check("restart.notice", "The notice outlives a crash.", {"QP-ADD-05", "QP-ADD-06"}, true)}},
      commit_outlives_crash);
  suite.refused({.id = "inquiry.blocked-paycard",
                 .title = "A Paycard that was blocked is refused.",
                 .subject = "B1",
                 .requirements = {"QP-PAY-005"},
                 .mutation = "block-paycard",
                 .twin = "inquiry.endorsed",
                 .level_e = false},
                blocked_paycard);
  suite.positive({.id = "check.before-inquiry",
                  .title = "A check that comes too early spoils nothing.",
                  .subject = "B17 B8 B20",
                  .requirements = {"QP-SEC-002", "QP-SEC-001"},
                  .mutation = "CheckCommit:before InquiryPayment"},
                 check_before_inquiry);
}

}  // namespace quickpay::conformance
