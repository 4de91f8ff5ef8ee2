// Answers that are lost or cannot be believed, time, restarts, a Host that is away.
#include <fmt/format.h>

#include <memory>
#include <set>

#include "conformance/suites/http_cases.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/suites/wallet_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kLongPause = 3600;

struct NoAnswer {
  const char* id;
  const char* title;
  std::function<Act(const std::string& message)> act;
  const char* requirement;
};

const std::vector<NoAnswer> kNoAnswers = {
    {"request-lost", "A request that was lost is sent again with the same bytes.",
     [](const std::string&) { return lose_request(); }, "QP-ADD-01"},
    {"answer-lost", "A request whose answer was lost is sent again with the same bytes.",
     [](const std::string&) { return lose_answer(); }, "QP-ADD-01"},
    {"busy", "A player that is busy is asked again with the same bytes.",
     [](const std::string&) { return answer_code("QP-E-BUSY"); }, "QP-ADD-01"},
    {"http-error", "An HTTP status other than 200 is no answer.", [](const std::string&) { return http_answer(503); },
     "QP-TECH-010"},
    {"redirect", "A redirect is not followed.",
     [](const std::string&) {
       return http_answer(307, {{"Location", "http://127.0.0.1:9/elsewhere"}});
     },
     "QP-ADD-14"},
    {"other-reply-to", "An answer to another request is no answer.",
     [](const std::string& m) { return change_answer(m + "Response.Head.InReplyTo:flip"); }, "QP-ADD-01"},
    {"comment", "An answer outside the XML profile is no answer.",
     [](const std::string& m) { return change_answer(m + "Response:comment"); }, "QP-ADD-20"},
    {"unknown-element", "An answer outside its tables is no answer.",
     [](const std::string& m) { return change_answer(m + "Response.Status:unknown"); }, "QP-ADD-20"},
    {"wrong-type", "An answer of another content type is no answer.",
     [](const std::string&) {
       return raw_answer("other content type", answer_bytes(200, "<a/>", {{"Content-Type", "text/html"}}));
     },
     "QP-TECH-010"},
    {"cut-off", "An answer that is cut off is no answer.",
     [](const std::string&) {
       return raw_answer("cut off",
                         "HTTP/1.1 200 OK\r\nContent-Type: application/quickpay+xml\r\nContent-Length: 10\r\n\r\n<Get");
     },
     "QP-TECH-010"}};

Peer* answerer(Shopper& shopper, const std::string& message) {
  if (message == "InquiryPayment") {
    return shopper.broker();
  }
  return message == "RegisterOrder" ? shopper.host() : shopper.vendor();
}

/// One attempt fails; the next one, with the same bytes, brings the purchase to its end.
void retried(Session& session, const std::string& check, const std::string& message, const Act& act) {
  Shopper shopper(session);
  answerer(shopper, message)->script(message, act);
  const auto call = shopper.begin();
  const auto first = shopper.attempt(message, 0);
  if (!first || !shopper.delivered(*first, act.label)) {
    return unreached(session, message + " was not sent");
  }
  static_cast<void>(session.iut().fence());  // so that the backoff has begun when time moves; who has no fence may be late
  if (!session.world().advance(kFirstRetry)) {
    return session.stop({IutFault::unsupported, "the clock cannot be moved"});
  }
  const auto outcome = shopper.finish(call);
  const auto second = shopper.attempt(message, 1);
  const auto& entries = session.transcript().entries();
  const bool same = second && entries[*second].body == entries[*first].body;
  judge(session, check, is_accepted(outcome) && same, "the same bytes again, then the goods",
        fmt::format("{}, {}", second ? (same ? "the same bytes" : "other bytes") : "no second attempt",
                    outcome_text(outcome)),
        {*first}, second ? Reason::wrong_message : Reason::missing_message);
}

/// Answers that only profile H tells from right ones.
void add_unproven(Suite& suite) {
  struct Unproven {
    const char* id;
    const char* title;
    const char* message;
    const char* mutation;
  };
  static const Unproven kUnproven[] = {
      {"retry.inquiry-payment.paycard-answer", "An Endorsement whose PaycardAnswer is wrong is no answer.",
       "InquiryPayment", "InquiryPaymentResponse.PaycardAnswer:flip"},
      {"retry.inquiry-payment.no-paycard-answer", "An Endorsement without PaycardAnswer is no answer.", "InquiryPayment",
       "InquiryPaymentResponse.PaycardAnswer:remove"},
      {"retry.register-order.no-auth", "An answer that nobody vouches for is no answer.", "RegisterOrder",
       "RegisterOrderResponse.Auth:remove"},
      {"retry.register-order.wrong-auth", "An answer with a wrong Auth is no answer.", "RegisterOrder",
       "RegisterOrderResponse.Auth.Mac.Value:flip"}};
  for (const Unproven& one : kUnproven) {
    suite.positive({.id = one.id,
                    .title = one.title,
                    .subject = std::string(one.message) + ".unsure",
                    .requirements = {"QP-ADD-21"},
                    .mutation = one.mutation,
                    .level_e = false,
                    .profile = "H"},
                   [one, check = suite.name(one.id)](Session& s) {
                     retried(s, check, one.message, change_answer(one.mutation));
                   });
  }
}

/// What no reader may take, in the answer to GetOrder: each breach of the XML profile that is not one of kNoAnswers.
void add_unreadable(Suite& suite) {
  for (const std::string& op : byte_operators()) {
    if (suite.has_any("retry.get-order." + op)) {
      continue;
    }
    const std::string id = "retry.get-order.xml-" + op, mutation = "GetOrderResponse:" + op;
    suite.positive({.id = id,
                    .title = fmt::format("An answer outside the XML profile ({}) is no answer.", op),
                    .subject = "GetOrder.unsure XML",
                    .requirements = {"QP-ADD-20", "QP-MP-004"},
                    .mutation = mutation,
                    .level_e = false},
                   [mutation, check = suite.name(id)](Session& s) { retried(s, check, "GetOrder", change_answer(mutation)); });
  }
}

void add_retries(Suite& suite) {
  add_unproven(suite);
  for (const char* message : {"GetOrder", "InquiryPayment", "RequestOrderDelivery"}) {
    for (const NoAnswer& one : kNoAnswers) {
      const std::string id = "retry." + slug_of(message) + "." + one.id;
      suite.positive(
          {.id = id,
           .title = one.title,
           .subject = std::string(message) + ".unsure",
           .requirements = {one.requirement, "QP-MP-004"},
           .mutation = std::string(message) + "Response:" + one.id,
           .level_e = false},
          [one, message, check = suite.name(id)](Session& s) { retried(s, check, message, one.act(message)); });
    }
  }
  add_unreadable(suite);
  for (const char* message : {"GetOrder", "InquiryPayment", "RequestOrderDelivery", "RegisterOrder"}) {
    for (const AnswerCase& one : damaged_answers()) {
      const std::string id = "retry." + slug_of(message) + ".http-" + one.id;
      suite.positive(
          {.id = id,
           .title = one.title,
           .subject = std::string(message) + ".unsure HTTP",
           .requirements = {"QP-TECH-010", "QP-MP-004"},
           .mutation = std::string("HTTP answer:") + one.id,
           .level_e = false},
          [one, message, check = suite.name(id)](Session& s) {
            retried(s, check, message, damaged_answer(std::string("http ") + one.id, one.damage));
          });
    }
  }
  for (const NoAnswer& one : {kNoAnswers[1], kNoAnswers[2], kNoAnswers[5]}) {
    const std::string id = std::string("retry.register-order.") + one.id;
    suite.positive(
        {.id = id,
         .title = one.title,
         .subject = "RegisterOrder.unsure",
         .requirements = {"QP-ADD-06"},
         .mutation = std::string("RegisterOrderResponse:") + one.id,
         .level_e = false},
        [one, check = suite.name(id)](Session& s) { retried(s, check, "RegisterOrder", one.act("RegisterOrder")); });
  }
}

/// An answer whose bytes come one by one is an answer, and is asked for once.
void trickled(Session& session, const std::string& check, const std::string& message) {
  Shopper shopper(session);
  answerer(shopper, message)->script(message, trickling_answer());
  const auto outcome = shopper.buy();
  const std::size_t attempts = session.world().sent_by_iut(message).size();
  judge(session, check, is_accepted(outcome) && attempts == 1, "accepted at the first attempt",
        fmt::format("{}, {} attempts", outcome_text(outcome), attempts), {}, Reason::refused);
}

void add_trickles(Suite& suite) {
  for (const char* message : {"GetOrder", "InquiryPayment", "RequestOrderDelivery"}) {
    const std::string id = std::string("trickle.") + slug_of(message);
    suite.positive({.id = id,
                    .title = "An answer whose bytes come one by one is read.",
                    .subject = std::string(message) + ".ok HTTP",
                    .requirements = {"QP-TECH-010"},
                    .mutation = "HTTP answer:trickle",
                    .level_e = false},
                   [message, check = suite.name(id)](Session& s) { trickled(s, check, message); });
  }
}

/// A player that never answers: the purchase ends when its timer does, and `forbidden` was not sent.
Negative given_up(const std::string& check, const std::string& silent, std::int64_t seconds,
                  std::function<bool(const Entry&)> forbidden, std::string text) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, silent, seconds](Session& s) {
    Shopper shopper(s);
    answerer(shopper, silent)->script(silent, lose_request(), -1);
    *call = shopper.begin();
    return shopper.attempt(silent, 0).has_value() && s.world().advance(seconds);
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = std::move(forbidden);
  plan.forbidden_text = std::move(text);
  plan.refusals = {"expired", "peer-error", "internal"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

/// Given up without goods, the user tries again and gets them.
void tried_again(Session& session) {
  Shopper shopper(session);
  shopper.vendor()->script("RequestOrderDelivery", answer_code("QP-E-ORDER-EXPIRED"));
  const auto first = shopper.buy();
  if (!is_rejected(first) || first->ref.empty()) {
    return unreached(session, "a purchase without goods, with a ref: " + outcome_text(first));
  }
  shopper.calm();
  const std::size_t from = session.transcript().mark();
  const auto second = shopper.try_again(first->ref);
  if (!second) {
    return session.stop(second.error());
  }
  judge(session, "wallet.again.goods", is_accepted(second), "accepted", outcome_text(second), {}, Reason::refused);
  const auto notice = session.world().wait_for(from, says_received);
  judge(session, "wallet.again.registered", notice.has_value(), "the reception is registered",
        notice ? "it" : "nothing", {}, Reason::missing_message);
}

void host_away(Session& session) {
  Shopper shopper(session);
  shopper.host()->set_down(true);
  const auto outcome = shopper.buy();
  judge(session, "wallet.host.away", is_accepted(outcome), "accepted", outcome_text(outcome), {}, Reason::refused);
  shopper.host()->set_down(false);
  const std::size_t from = session.transcript().mark();
  session.world().settle();  // so that the backoff has begun when time moves
  if (!session.world().advance(kLongPause)) {
    return session.inconclusive("wallet.host.registered", Reason::adapter_required, "the clock cannot be moved");
  }
  const auto notice = session.world().wait_for(
      from, [](const Entry& entry) { return entry.message == "RegisterOrderResponse" && entry.code == "QP-OK"; });
  judge(session, "wallet.host.registered", notice.has_value(), "RegisterOrder after the Host is back",
        notice ? "it" : "none", {}, Reason::missing_message);
}

/// The process ends while the goods are on their way; the purchase goes on by itself.
void crash_between(Session& session) {
  Shopper shopper(session);
  shopper.vendor()->script("RequestOrderDelivery", lose_answer());
  const auto call = shopper.begin();
  const auto asked = shopper.attempt("RequestOrderDelivery", 0);
  if (!asked || !shopper.delivered(*asked, "answer lost") || !session.world().restart(true)) {
    return unreached(session, "RequestOrderDelivery and a restart");
  }
  (void)call;
  const bool moved = session.world().advance(kLongPause / 36);
  const auto notice = session.world().wait_for(*asked, says_received);
  if (!moved && !notice) {
    return session.inconclusive("wallet.restart.goods", Reason::adapter_required, "the clock cannot be moved");
  }
  judge(session, "wallet.restart.goods", notice.has_value(), "goods and their registration after the crash",
        notice ? "both" : "none", {}, Reason::missing_message);
}

/// Killed with the goods in hand, or on their last way, and the Host has heard nothing.
void crash_with_goods(Session& session, const std::string& check, bool in_hand) {
  Shopper shopper(session);
  World& world = session.world();
  const std::size_t from = session.transcript().mark();
  shopper.host()->script("RegisterOrder", lose_request(), -1);
  if (!in_hand) {
    shopper.vendor()->script("RequestOrderDelivery", hold_answer());
  }
  const auto call = shopper.begin();
  bool reached = shopper.attempt("RequestOrderDelivery", 0, from).has_value();
  if (in_hand) {
    reached = is_accepted(shopper.finish(call));
  } else {
    reached = reached && world.wait_for(from, [](const Entry& entry) { return entry.message == "RegisterDelivery"; });
    shopper.vendor()->release();
  }
  if (!reached || !world.restart(true)) {
    return unreached(session, "goods and a restart");
  }
  shopper.host()->clear_script();
  const std::size_t after = session.transcript().mark();
  world.settle();
  (void)world.advance(kLongPause / 36);  // the goods, where they did not arrive
  (void)world.advance(kLongPause);       // and the notice
  const auto told = world.wait_for(after, says_received), heard = world.wait_for(after, [](const Entry& entry) {
    return entry.message == "RegisterOrderResponse" && entry.code == "QP-OK";
  });
  judge(session, check, told && heard, "RegisterOrder after the crash", told ? "unheard" : "none", {}, Reason::missing_message);
  std::set<std::string> inquiries;
  for (const std::size_t entry : world.sent_by_iut("InquiryPayment", from)) {
    inquiries.insert(session.transcript().entries()[entry].msg_id);
  }
  judge(session, check + ".paid-once", inquiries.size() == 1, "one inquiry", fmt::format("{}", inquiries.size()), {},
        Reason::forbidden_message);
}

void add_crashes(Suite& suite) {
  for (const bool in_hand : {true, false}) {
    const std::string id = in_hand ? "crash.goods-in-hand" : "crash.goods-arriving";
    suite.positive({.id = id,
                    .title = in_hand ? "Killed with the goods in hand, the Wallet tells the Host." : "And if they were just coming in.",
                    .subject = in_hand ? "W17 outbox RegisterOrder, kill" : "W17 kill",
                    .requirements = {"QP-WAL-003", "QP-ADD-06"},
                    .mutation = in_hand ? "RegisterOrder:lost, restart:hard" : "RequestOrderDeliveryResponse:on its way, restart:hard",
                    .level_e = false,
                    .more = {suite.check(id + ".paid-once", "Nothing is paid again.", {"QP-SAFE-004", "QP-WAL-003"}, true)}},
                   [check = suite.name(id), in_hand](Session& s) { crash_with_goods(s, check, in_hand); });
  }
}

}  // namespace

void add_wallet_course(Suite& suite) {
  add_retries(suite);
  add_trickles(suite);
  struct Silent {
    const char* id;
    const char* message;
    std::int64_t seconds;
    const char* subject;
    const char* requirement;
    const char* forbidden;
  };
  static constexpr Silent kSilent[] = {
      {"silent.vendor", "GetOrder", 61, "W6", "QP-MP-005", "InquiryPayment"},
      {"silent.broker", "InquiryPayment", 901, "W16", "QP-ADD-27", "RequestOrderDelivery"}};
  for (const Silent& one : kSilent) {
    suite.negative({.id = one.id,
                    .title = "A purchase whose partner is silent ends when its time is over.",
                    .subject = one.subject,
                    .requirements = {one.requirement},
                    .mutation = std::string(one.message) + ":never answered",
                    .twin = "purchase.paid",
                    .level_e = false},
                   [one, check = suite.name(one.id)](Session&) {
                     return given_up(check, one.message, one.seconds, is_request(one.forbidden),
                                     std::string("no ") + one.forbidden);
                   });
  }
  suite.negative({.id = "silent.delivery",
                  .title = "Without goods within T_redeliver no reception is registered.",
                  .subject = "W24",
                  .requirements = {"QP-MP-012"},
                  .mutation = "RequestOrderDelivery:never answered",
                  .twin = "purchase.paid",
                  .level_e = false},
                 [check = suite.name("silent.delivery")](Session&) {
                   return given_up(check, "RequestOrderDelivery", 601, says_received, "no registration of a reception");
                 });
  suite.positive(
      {.id = "again.goods",
       .title = "After a purchase without goods the user can ask for them again.",
       .subject = "W29",
       .requirements = {"QP-MP-008"},
       .mutation = "RequestOrderDeliveryResponse.Status:=QP-E-ORDER-EXPIRED, try-again",
       .level_e = false,
       .more = {suite.check("again.registered", "A reception that comes late is registered.", {"QP-MP-012"}, true)}},
      tried_again);
  suite.positive({.id = "host.away",
                  .title = "Without the Host the goods come, and the notice follows.",
                  .subject = "outbox RegisterOrder",
                  .requirements = {"QP-MP-019", "QP-MP-015"},
                  .mutation = "host:down",
                  .level_e = false,
                  .more = {suite.check("host.registered", "The reception is registered when the Host is back.",
                                       {"QP-ADD-06", "QP-MP-019"}, true)}},
                 host_away);
  suite.positive({.id = "restart.goods",
                  .title = "A purchase outlives a crash.",
                  .subject = "W17",
                  .requirements = {"QP-WAL-003", "QP-ADD-06"},
                  .mutation = "restart:hard",
                  .level_e = false},
                 crash_between);
  add_crashes(suite);
}

}  // namespace quickpay::conformance
