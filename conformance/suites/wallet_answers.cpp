// Refusals of Vendor and Broker, goods that are wrong, goods behind a Location.
#include <fmt/format.h>

#include <memory>

#include "conformance/peers/digest.hpp"
#include "conformance/suites/wallet_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kAfterOffer = protocol::T_order_default + 1;  ///< seconds: the suite's Vendor has no other T_order

struct RefusedBy {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* asked;  ///< the request that is refused
  const char* code;
  const char* forbidden;  ///< the request that must not follow
  std::vector<std::string> reasons;
};

const std::vector<RefusedBy> kRefusals = {{"refused.no-item",
                                           "A Vendor that does not sell the item ends the purchase.",
                                           "W5",
                                           {"QP-MP-005"},
                                           "GetOrder",
                                           "QP-E-NO-ITEM",
                                           "InquiryPayment",
                                           {}},
                                          {"refused.broker",
                                           "A Vendor that does not accept the Broker ends the purchase.",
                                           "W5 new",
                                           {"QP-MP-005"},
                                           "GetOrder",
                                           "QP-E-BROKER",
                                           "InquiryPayment",
                                           {}},
                                          {"refused.vendor",
                                           "A Broker that refuses for good ends the purchase.",
                                           "W15",
                                           {"QP-MP-007"},
                                           "InquiryPayment",
                                           "QP-E-VENDOR",
                                           "RequestOrderDelivery",
                                           {}},
                                          {"refused.forbidden",
                                           "A Broker that forbids ends the purchase.",
                                           "W15",
                                           {"QP-MP-007"},
                                           "InquiryPayment",
                                           "QP-E-FORBIDDEN",
                                           "RequestOrderDelivery",
                                           {}},
                                          {"refused.conflict",
                                           "A conflict at the Broker ends the purchase.",
                                           "W15",
                                           {"QP-MP-007"},
                                           "InquiryPayment",
                                           "QP-E-CONFLICT",
                                           "RequestOrderDelivery",
                                           {}},
                                          {"refused.unknown-code",
                                           "A code that nobody knows is followed by its Retry.",
                                           "W15 Retry",
                                           {"QP-MP-007", "QP-GEN-004"},
                                           "InquiryPayment",
                                           "QP-E-FROM-THE-FUTURE",
                                           "RequestOrderDelivery",
                                           {}},
                                          {"refused.funds",
                                           "Without funds nothing is brought to the Vendor.",
                                           "W14",
                                           {"QP-WAL-011", "QP-SAFE-009"},
                                           "InquiryPayment",
                                           "QP-E-FUNDS",
                                           "RequestOrderDelivery",
                                           {"insufficient", "peer-error", "limit"}},
                                          {"refused.declined",
                                           "A Broker that declines is not asked again without the user.",
                                           "W14",
                                           {"QP-WAL-011"},
                                           "InquiryPayment",
                                           "QP-E-DECLINED",
                                           "RequestOrderDelivery",
                                           {}},
                                          {"refused.paycard",
                                           "A Paycard that is refused is not used without the user.",
                                           "W14",
                                           {"QP-WAL-011"},
                                           "InquiryPayment",
                                           "QP-E-PAYCARD",
                                           "RequestOrderDelivery",
                                           {}}};

Negative refused_by(const std::string& check, const RefusedBy& one) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, one](Session& s) {
    Shopper shopper(s);
    Peer* peer = std::string_view(one.asked) == "GetOrder" ? shopper.vendor() : shopper.broker();
    const Act act = answer_code(one.code);
    peer->script(one.asked, act);
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, act.label).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request(one.forbidden);
  plan.forbidden_text = std::string("no ") + one.forbidden;
  plan.refusals = one.reasons;
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

/// Without funds the user takes another Paycard: the next purchase is paid at its Broker.
void other_paycard(Session& session) {
  Shopper shopper(session);
  shopper.broker()->script("InquiryPayment", answer_code("QP-E-FUNDS"), -1);
  const auto first = shopper.buy();
  const auto chosen = shopper.activate("P8");
  const std::size_t from = session.transcript().mark();
  const auto second = shopper.buy();
  const auto inquiry = shopper.attempt("InquiryPayment", 0, from);
  const std::string card = inquiry ? text_at(session.world().document(*inquiry), "Body/Paycard") : std::string();
  judge(session, "wallet.refused.other-paycard",
        is_rejected(first) && is_accepted(chosen) && is_accepted(second) && card == "P8", "refused, then paid by P8",
        fmt::format("{}, then {} by {}", outcome_text(first), outcome_text(second), card));
}

/// Goods that are not what the order promised: kept, but not received.
Negative wrong_goods(const std::string& check, const std::string& mutation) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, mutation](Session& s) {
    Shopper shopper(s);
    shopper.vendor()->script("RequestOrderDelivery", change_answer(mutation));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, mutation).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = says_received;
  plan.forbidden_text = "no registration of a reception";
  plan.refusals = {"bad-signature", "amount-mismatch", "malformed", "peer-error"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

/// The Host is told that nothing came.
void tells_not_received(Session& session, const std::string& check, const Act& act) {
  Shopper shopper(session);
  shopper.vendor()->script("RequestOrderDelivery", act);
  const auto outcome = shopper.buy();
  const auto notice = shopper.attempt("RegisterOrder", 0);
  const std::string said = notice ? text_at(session.world().document(*notice), "Body/Outcome") : std::string("nothing");
  judge(session, check, is_rejected(outcome) && said == "not-received", "rejected, and not-received is registered",
        outcome_text(outcome) + ", " + (said.empty() ? "received" : said), {},
        notice ? Reason::wrong_message : Reason::missing_message);
}

/// A lapsed endorsement: a new inquiry with a new MsgId and token, then the goods.
void endorsed_anew(Session& session) {
  Shopper shopper(session);
  shopper.vendor()->script("RequestOrderDelivery", answer_code("QP-E-ENDORSEMENT-EXPIRED"));
  const auto outcome = shopper.buy();
  World& world = session.world();
  const auto inquiries = world.sent_by_iut("InquiryPayment");
  const auto value = [&](std::size_t i, const char* path) { return text_at(world.document(inquiries[i]), path); };
  const bool anew = inquiries.size() == 2 && value(0, "Head/MsgId") != value(1, "Head/MsgId") &&
                    value(0, "Body/PaycardToken") != value(1, "Body/PaycardToken");
  judge(session, "wallet.endorsement.anew", is_accepted(outcome) && anew,
        "a second inquiry with MsgId and token of its own, then the goods",
        fmt::format("{}, {} inquiries", outcome_text(outcome), inquiries.size()), inquiries);
}

/// The endorsement lapsed, and meanwhile the order did, too: the user tries again, and nothing is inquired.
Negative lapsed_too_late(const std::string& check) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  const auto ref = std::make_shared<std::string>();
  Negative plan;
  plan.check = check;
  plan.reach = [ref](Session& s) {
    Shopper shopper(s);
    shopper.vendor()->script("RequestOrderDelivery", answer_code("QP-E-ORDER-EXPIRED"));
    const auto first = shopper.buy();
    *ref = first ? first->ref : std::string();
    return is_rejected(first) && !ref->empty() && s.world().advance(kAfterOffer);
  };
  plan.stimulus = [call, ref](Session& s) {
    Shopper shopper(s);
    const Act act = answer_code("QP-E-ENDORSEMENT-EXPIRED");
    shopper.vendor()->script("RequestOrderDelivery", act);
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin_again(*ref);
    return call->has_value() && shopper.delivered(from, act.label).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request("InquiryPayment");
  plan.forbidden_text = "no InquiryPayment";
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

void fetched(Session& session, const std::string& check, std::optional<Act> first_fetch) {
  Shopper shopper(session);
  if (first_fetch) {
    shopper.vendor()->script("fetch", *first_fetch);
  }
  const std::size_t from = session.transcript().mark();
  const auto call = shopper.begin();
  if (first_fetch && shopper.delivered(from, first_fetch->label)) {
    (void)session.world().advance(3);
  }
  const auto outcome = shopper.finish(call);
  judge(session, check, is_accepted(outcome), "accepted", outcome_text(outcome), {}, Reason::refused);
}

/// A Location that is not the Vendor's is not visited.
Negative foreign_location(const std::string& check) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  const std::string label = "RequestOrderDeliveryResponse.Location.Url:=another Vendor's";
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, label](Session& s) {
    Shopper shopper(s);
    const PlayerPlan& other = *s.world().plan().player(s.world().cast().other_vendor);
    const std::string url = fmt::format("http://{}:{}/goods/article-1", other.address, other.port);
    shopper.vendor()->script("RequestOrderDelivery", edit_answer(label, [url](Element& answer) {
                               set_text(answer, "Body/Location/Url", url);
                             }));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, label).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = [](const Entry& entry) {
    return says_received(entry) || (entry.kind == EntryKind::request && entry.path.rfind("/goods", 0) == 0);
  };
  plan.forbidden_text = "no fetch elsewhere and no reception";
  plan.refusals = {"untrusted-key", "peer-error", "malformed", "not-authorised", "bad-signature"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

/// The goods behind the Location are not what the order promised.
Negative wrong_goods_behind_location(const std::string& check) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call](Session& s) {
    Shopper shopper(s);
    Act act = http_answer(200);
    act.label = "goods:=other bytes";
    act.bytes = answer_bytes(200, "other bytes", {{"Content-Type", "text/plain"}});
    shopper.vendor()->script("fetch", act);
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, act.label).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = says_received;
  plan.forbidden_text = "no registration of a reception";
  plan.refusals = {"bad-signature", "amount-mismatch", "malformed", "peer-error"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

void add_locations(Suite& suite) {
  suite.positive(
      {.id = "location.fetched",
       .title = "Goods behind a Location are fetched with the ticket.",
       .subject = "W19 W25",
       .requirements = {"QP-MP-002"},
       .mutation = "goods:by Location",
       .level_e = false},
      [](Session& s) { fetched(s, "wallet.location.fetched", std::nullopt); }, by_location);
  suite.positive(
      {.id = "location.fetched-again",
       .title = "A fetch that failed is repeated.",
       .subject = "W27",
       .requirements = {"QP-MP-002"},
       .mutation = "goods:fetch lost once",
       .level_e = false},
      [](Session& s) { fetched(s, "wallet.location.fetched-again", lose_request()); }, by_location);
  suite.negative(
      {.id = "location.foreign",
       .title = "A Location that is not the Vendor's is refused.",
       .subject = "W20",
       .requirements = {"QP-ADD-14", "QP-MP-012"},
       .mutation = "RequestOrderDeliveryResponse.Location.Url:=another Vendor's",
       .twin = "location.fetched",
       .level_e = false},
      [check = suite.name("location.foreign")](Session&) { return foreign_location(check); }, by_location);
  suite.negative(
      {.id = "location.wrong-goods",
       .title = "Goods behind a Location are compared with ContentHash.",
       .subject = "W26",
       .requirements = {"QP-SAFE-002"},
       .mutation = "goods:=other bytes",
       .twin = "location.fetched",
       .level_e = false},
      [check = suite.name("location.wrong-goods")](Session&) { return wrong_goods_behind_location(check); },
      by_location);
}

}  // namespace

void add_wallet_answers(Suite& suite) {
  for (const RefusedBy& one : kRefusals) {
    suite.negative({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = one.requirements,
                    .mutation = std::string(one.asked) + "Response.Status:=" + one.code,
                    .twin = "purchase.paid",
                    .level_e = false},
                   [one, check = suite.name(one.id)](Session&) { return refused_by(check, one); });
  }
  suite.positive({.id = "refused.other-paycard",
                  .title = "After a refusal for funds the user pays with another Paycard.",
                  .subject = "W14 W10",
                  .requirements = {"QP-WAL-011", "QP-TECH-018"},
                  .mutation = "InquiryPaymentResponse.Status:=QP-E-FUNDS, activate-paycard",
                  .level_e = false},
                 other_paycard);
  const std::string other_goods = "RequestOrderDeliveryResponse.Content.Data:=" + base64_of("not what was ordered");
  suite.negative(
      {.id = "goods.content-hash",
       .title = "Goods without the promised hash are not received.",
       .subject = "W18",
       .requirements = {"QP-SAFE-002", "QP-MP-012"},
       .mutation = "RequestOrderDeliveryResponse.Content.Data:=other",
       .twin = "purchase.paid",
       .level_e = false},
      [check = suite.name("goods.content-hash"), other_goods](Session&) { return wrong_goods(check, other_goods); });
  suite.positive(
      {.id = "goods.not-received",
       .title = "Wrong goods are registered as not received.",
       .subject = "W18 outbox",
       .requirements = {"QP-MP-012", "QP-SAFE-002"},
       .mutation = "RequestOrderDeliveryResponse.Content.Data:=other",
       .level_e = false},
      [other_goods](Session& s) { tells_not_received(s, "wallet.goods.not-received", change_answer(other_goods)); });
  suite.positive(
      {.id = "refused.not-received",
       .title = "Goods that are refused are registered as not received.",
       .subject = "W23",
       .requirements = {"QP-MP-012"},
       .mutation = "RequestOrderDeliveryResponse.Status:=QP-E-MISMATCH",
       .level_e = false},
      [](Session& s) { tells_not_received(s, "wallet.refused.not-received", answer_code("QP-E-MISMATCH")); });
  suite.positive({.id = "endorsement.anew",
                  .title = "After a lapse the Wallet inquires anew while the order is valid.",
                  .subject = "W21",
                  .requirements = {"QP-MP-007", "QP-ADD-11"},
                  .mutation = "RequestOrderDeliveryResponse.Status:=QP-E-ENDORSEMENT-EXPIRED",
                  .level_e = false},
                 endorsed_anew);
  suite.negative({.id = "endorsement.too-late",
                  .title = "After a lapse nothing is inquired for an order that is no longer valid.",
                  .subject = "W22 still_valid",
                  .requirements = {"QP-MP-007", "QP-ADD-27"},
                  .mutation = "RequestOrderDeliveryResponse.Status:=QP-E-ENDORSEMENT-EXPIRED, after Expires",
                  .twin = "endorsement.anew",
                  .level_e = false},
                 [check = suite.name("endorsement.too-late")](Session&) { return lapsed_too_late(check); });
  add_locations(suite);
}

}  // namespace quickpay::conformance
