// Offers and endorsements that are not what was asked for, and users who do not confirm.
#include <memory>

#include "conformance/suites/wallet_parts.hpp"

namespace quickpay::conformance {

namespace {

struct WrongAnswer {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* mutation;
};

const std::vector<WrongAnswer> kOffers = {{"offer.item-hash",
                                           "An offer whose ItemHash does not follow from text and salt is refused.",
                                           "W4 ItemHash",
                                           {"QP-SAFE-002", "QP-ADD-13"},
                                           "GetOrderResponse.Offer.Order.ItemHash:flip"},
                                          {"offer.item-text",
                                           "An offer with another text than its hash covers is refused.",
                                           "W4 ItemText",
                                           {"QP-SAFE-002", "QP-ADD-13"},
                                           "GetOrderResponse.Offer.ItemText:=Something else"},
                                          {"offer.salt",
                                           "An offer with another salt than its hash covers is refused.",
                                           "W4 Salt",
                                           {"QP-SAFE-002"},
                                           "GetOrderResponse.Offer.Salt:flip"},
                                          {"offer.other-vendor",
                                           "An offer of another Vendor than the one contacted is refused.",
                                           "W4 Vendor",
                                           {"QP-ADD-14", "QP-SAFE-001"},
                                           "GetOrderResponse.Offer.Order.Vendor:=V1002"},
                                          {"offer.buyer-tag",
                                           "An offer for another buyer is refused.",
                                           "W4 BuyerTag",
                                           {"QP-ADD-12", "QP-SAFE-002"},
                                           "GetOrderResponse.Offer.Order.BuyerTag:flip"},
                                          {"offer.kind",
                                           "An offer of another kind is refused.",
                                           "W4 Kind",
                                           {"QP-SAFE-002"},
                                           "GetOrderResponse.Offer.Order.Kind:=regular"},
                                          {"offer.expires-first",
                                           "An offer that expires before it was made is refused.",
                                           "W4 Expires",
                                           {"QP-SAFE-002"},
                                           "GetOrderResponse.Offer.Order.Expires:=2001-01-01T00:00:00Z"},
                                          {"offer.too-long",
                                           "An offer that is valid for more than a day is refused.",
                                           "W4 Expires",
                                           {"QP-SAFE-002"},
                                           "GetOrderResponse.Offer.Order.Expires:=2040-01-01T00:00:00Z"},
                                          {"offer.currency",
                                           "An offer in a currency that is not active is refused.",
                                           "W4 Currency",
                                           {"QP-SAFE-002"},
                                           "GetOrderResponse.Offer.Order.Currency:=XXX"}};

const std::vector<WrongAnswer> kEndorsements = {
    {"endorsement.other-broker",
     "An endorsement that names another Broker is none.",
     "W13 Broker",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.Broker:=B8"},
    {"endorsement.amount",
     "An endorsement of another amount is none.",
     "W13 Amount",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.OrderRef.Amount:+1"},
    {"endorsement.order-id",
     "An endorsement of another order is none.",
     "W13 OrderId",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.OrderRef.OrderId:=another"},
    {"endorsement.vendor",
     "An endorsement for another Vendor is none.",
     "W13 Vendor",
     {"QP-SAFE-006", "QP-SAFE-001"},
     "InquiryPaymentResponse.Endorsement.OrderRef.Vendor:=V1002"},
    {"endorsement.digest",
     "An endorsement of another digest is none.",
     "W13 Digest",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.OrderRef.Digest:flip"},
    {"endorsement.currency",
     "An endorsement in another currency is none.",
     "W13 Currency",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.OrderRef.Currency:=EUR"},
    {"endorsement.expires",
     "An endorsement with another expiry is none.",
     "W13 Expires",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.OrderRef.Expires:=2040-01-01T00:00:00Z"},
    {"endorsement.kind",
     "An endorsement of another kind is none.",
     "W13 Kind",
     {"QP-SAFE-006"},
     "InquiryPaymentResponse.Endorsement.OrderRef.Kind:=regular"}};

/// The reasons that fit an answer which is not what was asked for.
const std::vector<std::string>& wrong_answer_reasons() {
  static const std::vector<std::string> reasons = {"bad-signature", "untrusted-key", "malformed",       "unknown-field",
                                                   "replay",        "expired",       "amount-mismatch", "currency",
                                                   "duplicate",     "peer-error",    "not-authorised"};
  return reasons;
}

Negative wrong_answer(Session& session, const std::string& check, const char* asked, const WrongAnswer& one,
                      const char* forbidden) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, asked, one](Session& s) {
    Shopper shopper(s);
    Peer* peer = std::string_view(asked) == "GetOrder" ? shopper.vendor() : shopper.broker();
    peer->script(asked, change_answer(one.mutation));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, one.mutation).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request(forbidden);
  plan.forbidden_text = std::string("no ") + forbidden;
  plan.refusals = wrong_answer_reasons();
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  static_cast<void>(session);
  return plan;
}

/// An OrderId that came in an earlier purchase.
Negative reused_order_id(const std::string& check) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  const auto used = std::make_shared<std::string>();
  Negative plan;
  plan.check = check;
  plan.reach = [used](Session& s) {
    Shopper shopper(s);
    if (!is_accepted(shopper.buy())) {
      return false;
    }
    const auto inquiry = shopper.attempt("InquiryPayment", 0);
    *used = inquiry ? text_at(s.world().document(*inquiry), "Body/OrderRef/OrderId") : std::string();
    return !used->empty();
  };
  plan.stimulus = [call, used](Session& s) {
    Shopper shopper(s);
    const std::string mutation = "GetOrderResponse.Offer.Order.OrderId:=" + *used;
    shopper.vendor()->script("GetOrder", change_answer(mutation));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, mutation).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request("InquiryPayment");
  plan.forbidden_text = "no InquiryPayment";
  plan.refusals = wrong_answer_reasons();
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

/// The user's answer is not a yes to what was shown.
Negative not_confirmed(const std::string& check, const std::string& answer) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, answer](Session& s) {
    Shopper shopper(s);
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin(answer);
    return call->has_value() &&
           s.world().wait_for(from, [](const Entry& entry) { return entry.message == "GetOrderResponse"; }).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request("InquiryPayment");
  plan.forbidden_text = "no InquiryPayment without the user's yes";
  plan.refusals = {"not-authorised", "amount-mismatch", "bad-signature", "out-of-state"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

Negative at_once(const std::string& check, const std::string& vendor, std::function<bool(const Entry&)> forbidden,
                 std::string text, std::vector<std::string> reasons, bool benign) {
  const auto result = std::make_shared<IutResult<Outcome>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [result, vendor](Session& s) {
    *result = Shopper(s).buy("yes", vendor);
    return true;
  };
  plan.reaction = [result](Session&) { return reaction_of(*result); };
  plan.forbidden = std::move(forbidden);
  plan.forbidden_text = std::move(text);
  plan.refusals = std::move(reasons);
  plan.benign = [benign](Session& s) {
    Shopper shopper(s);
    return (benign || is_accepted(shopper.activate("P7"))) && shopper.buys();
  };
  return plan;
}

void add_links_to_nobody(Suite& suite) {
  suite.negative({.id = "link.unknown-vendor",
                  .title = "A link to a Vendor that no directory knows leads nowhere.",
                  .subject = "W2",
                  .requirements = {"QP-ADD-14"},
                  .mutation = "pay-micro.vendor:=unknown",
                  .twin = "purchase.paid",
                  .level_e = false},
                 [check = suite.name("link.unknown-vendor")](Session& s) {
                   return at_once(
                       check, s.world().cast().unknown_vendor,
                       [](const Entry& e) { return e.kind == EntryKind::request; }, "no message", {}, true);
                 });
  suite.negative({.id = "link.removed-vendor",
                  .title = "Nor does a link to a Vendor that was removed.",
                  .subject = "W2 removed",
                  .requirements = {"QP-ADD-14", "QP-ADD-23"},
                  .mutation = "Vendor:=removed",
                  .twin = "purchase.paid",
                  .level_e = false,
                  .parts = {Part::other_vendor}},
                 [check = suite.name("link.removed-vendor")](Session& s) {
                   return at_once(
                       check, s.world().cast().other_vendor,
                       [](const Entry& e) { return e.kind == EntryKind::request; }, "no message", {}, true);
                 },
                 [](WorldPlan& plan) { plan.player(plan.cast.other_vendor)->removed = true; });
}

}  // namespace

void add_wallet_refusals(Suite& suite) {
  const auto add = [&](const std::vector<WrongAnswer>& list, const char* asked, const char* forbidden) {
    for (const WrongAnswer& one : list) {
      suite.negative({.id = one.id,
                      .title = one.title,
                      .subject = one.subject,
                      .requirements = one.requirements,
                      .mutation = one.mutation,
                      .twin = "purchase.paid",
                      .level_e = false},
                     [one, asked, forbidden, check = suite.name(one.id)](Session& s) {
                       return wrong_answer(s, check, asked, one, forbidden);
                     });
    }
  };
  add(kOffers, "GetOrder", "InquiryPayment");
  add(kEndorsements, "InquiryPayment", "RequestOrderDelivery");
  suite.negative({.id = "offer.reused-order-id",
                  .title = "An OrderId that came before is refused.",
                  .subject = "W4 OrderId",
                  .requirements = {"QP-SAFE-002", "QP-ADD-23"},
                  .mutation = "GetOrderResponse.Offer.Order.OrderId:=used",
                  .twin = "purchase.paid",
                  .level_e = false},
                 [check = suite.name("offer.reused-order-id")](Session&) { return reused_order_id(check); });
  suite.negative({.id = "confirm.declined",
                  .title = "What the user declines is not paid.",
                  .subject = "W8",
                  .requirements = {"QP-WAL-015", "QP-MP-006"},
                  .mutation = "confirm:no",
                  .twin = "purchase.paid",
                  .level_e = false},
                 [check = suite.name("confirm.declined")](Session&) { return not_confirmed(check, "no"); });
  suite.negative(
      {.id = "confirm.other-digest",
       .title = "A yes to another order pays nothing.",
       .subject = "W11 digest_shown",
       .requirements = {"QP-WAL-015"},
       .mutation = "confirm:other-digest",
       .twin = "purchase.paid",
       .level_e = false},
      [check = suite.name("confirm.other-digest")](Session&) { return not_confirmed(check, "other-digest"); });
  suite.negative(
      {.id = "confirm.no-active-paycard",
       .title = "Without an active Paycard nothing is inquired.",
       .subject = "W11 paycard_authorizes",
       .requirements = {"QP-WAL-010", "QP-ROLE-020"},
       .mutation = "paycard:none active",
       .twin = "purchase.paid",
       .level_e = false},
      [check = suite.name("confirm.no-active-paycard")](Session&) {
        return at_once(check, {}, is_request("InquiryPayment"), "no InquiryPayment", {}, false);
      },
      [](WorldPlan& plan) { plan.paycard("P7")->active = false; });
  add_links_to_nobody(suite);
}

}  // namespace quickpay::conformance
