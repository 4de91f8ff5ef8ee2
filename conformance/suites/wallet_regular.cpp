// The Wallet in regular payment: whose signatures convince it, what it brings to whom, and what it tells the Host.
#include <fmt/format.h>

#include <functional>
#include <map>
#include <memory>
#include <set>

#include "conformance/judges/regular.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/odd_signatures.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/suites/wallet_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter
constexpr std::int64_t kLongPause = 3600;
const std::string kOffer = "regular/GetOrder", kInquiry = "regular/InquiryPayment", kDelivery = "regular/RequestOrderDelivery",
                  kNotice = "regular/RegisterOrder";

Peer* answerer(Shopper& shopper, const std::string& message) {
  return message == kInquiry ? shopper.broker() : message == kNotice ? shopper.host() : shopper.vendor();
}

std::string plain(const std::string& message) { return message.substr(message.find('/') + 1); }

void paid(Session& session) {
  Shopper shopper(session);
  const auto outcome = shopper.buy_regular();
  if (!outcome) {
    return session.stop(outcome.error());
  }
  judge(session, "wallet.regular.paid", is_accepted(outcome), "accepted", outcome_text(outcome), {}, Reason::refused);
  const auto notice = shopper.attempt("RegisterOrder", 0);
  if (!is_accepted(outcome) || !notice) {
    return unreached(session, outcome_text(outcome));
  }
  World& world = session.world();
  const Element document = world.document(*notice);
  const Element* commitment = at(document, "Body/Commitment");
  const Element* receipt = at(document, "Body/Receipt");
  const auto fault = commitment == nullptr || receipt == nullptr ? std::optional<std::string>("no Commitment or no Receipt")
                                                                 : fault_of_receipt(world.plan(), *commitment, *receipt);
  judge(session, "wallet.regular.registered", !fault, "the Commitment and the Receipt of this order", fault.value_or("they"), {*notice});
  world.settle();
  std::map<std::string, std::set<std::string>> kinds;
  for (const char* message : {"GetOrder", "InquiryPayment", "RequestOrderDelivery", "RegisterOrder"}) {
    for (const std::size_t entry : world.sent_by_iut(message)) {
      kinds[message].insert(session.transcript().entries()[entry].msg_id);
    }
  }
  bool four = kinds.size() == 4;
  for (const auto& [message, ids] : kinds) {
    four = four && ids.size() == 1;
  }
  judge(session, "wallet.regular.four-requests", four, "four requests, one of each kind", fmt::format("{} kinds", kinds.size()));
}

// ---------------------------------------------------------------- answers that end a purchase
using Edit = std::function<void(World&, Element&)>;

struct WrongAnswer {
  std::string id;
  const char* title;
  std::string row;
  std::vector<std::string> requirements;
  Edit change;  ///< of the answer
  Arrange arrange = {};
};

/// Changes the signed object `name` in the answer's Body and signs it for `signer` again.
Edit resigned(const char* name, const char* field, std::string value, std::string (*signer)(const Cast&)) {
  return [=](const World& world, Element& answer) {
    Element* object = child(*at(answer, "Body"), name);
    if (object != nullptr) {
      set_text(*object, field, value);
      *object = signed_by(world.plan(), signer(world.cast()), *object);
    }
  };
}
Edit signed_by_key(const char* name, std::string key, std::string purpose = {}) {
  return [name, key = std::move(key), purpose = std::move(purpose)](const World& world, Element& answer) {
    Element* object = child(*at(answer, "Body"), name);
    const SigningKeyPlan* held = signing_key(world.plan(), key);
    const crypto::RsaPrivateKey* used = held != nullptr ? &*held->key : test_key(key);
    if (object != nullptr && used != nullptr) {
      *object = signed_with(*used, *object, purpose);
    }
  };
}
Edit changed(const char* name, const char* field, std::string value) {
  return [name, field, value = std::move(value)](const World&, Element& answer) {
    if (Element* object = child(*at(answer, "Body"), name)) {
      set_text(*object, field, value);
    }
  };
}

/// Signs in a key or encoding with which nothing is signed.
Edit oddly_signed(const char* name, Signer sign) {
  return [name, sign = std::move(sign)](World& world, Element& answer) {
    if (Element* object = child(*at(answer, "Body"), name)) {
      *object = sign(world, *object);
    }
  };
}

std::string vendor_of(const Cast& cast) { return cast.vendor; }
std::string broker_of(const Cast& cast) { return cast.broker; }

std::vector<WrongAnswer> wrong_offers() {
  const std::vector<std::string> checks = {"QP-SAFE-002", "QP-ADD-14"}, signs = {"QP-ADD-18", "QP-ADD-14"};
  const auto order = [](const char* field, std::string value) { return resigned("Offer", field, std::move(value), vendor_of); };
  return {
      {"offer.strangers-key", "An offer that a stranger signed is refused.", "P4 Sig by a stranger", signs, signed_by_key("Offer", "stranger")},
      {"offer.other-vendors-key", "An offer that another Vendor signed is refused.", "P4 Sig by another Vendor", signs,
       signed_by_key("Offer", "V1002")},
      {"offer.hosts-key", "An offer that the Host signed is refused.", "P4 Sig by the Host", signs, signed_by_key("Offer", "H1")},
      {"offer.altered", "An offer that was changed after it was signed is refused.", "P4 Sig", signs, changed("Offer", "Order/Amount", "1")},
      {"offer.wrong-purpose", "A signature for another purpose is none.", "P4 Sig purpose", {"QP-ADD-19", "QP-ADD-18"},
       signed_by_key("Offer", "V1001", "vendor-receipt")},
      {"offer.item-text", "A signed offer with another text than its hash covers is refused.", "P4 ItemText", checks,
       order("ItemText", "Something else")},
      {"offer.other-vendor", "A signed offer of another Vendor than the one contacted is refused.", "P4 Vendor", checks,
       order("Order/Vendor", "V1002")},
      {"offer.buyer-tag", "A signed offer for another buyer is refused.", "P4 BuyerTag", {"QP-ADD-12", "QP-SAFE-002"},
       order("Order/BuyerTag", std::string(64, '0'))},
      {"offer.too-long", "A signed offer that is valid for more than a day is refused.", "P4 Expires", checks,
       order("Order/Expires", "2040-01-01T00:00:00Z")},
      {"offer.currency", "A signed offer in a currency that is not active is refused.", "P4 Currency", checks,
       order("Order/Currency", "XXX")}};
}

std::vector<WrongAnswer> odd_offers() {
  std::vector<WrongAnswer> all;
  for (const OddSignature& odd : all_odd_signatures(&Cast::vendor)) {
    all.push_back({"offer." + odd.id, odd.title, "P4 Sig " + odd.id, {"QP-ADD-18", "QP-ADD-14"}, oddly_signed("Offer", odd.sign), odd.arrange});
  }
  return all;
}

std::vector<WrongAnswer> wrong_commitments() {
  const std::vector<std::string> same = {"QP-SAFE-006"};
  const auto promise = [](const char* field, std::string value) { return resigned("Commitment", field, std::move(value), broker_of); };
  return {{"commitment.other-broker", "A Commitment that names another Broker is none.", "P14 Broker", same, promise("Broker", "B8")},
          {"commitment.amount", "A Commitment to another amount is none.", "P14 Amount", same, promise("OrderRef/Amount", "1")},
          {"commitment.vendor", "A Commitment for another Vendor is none.", "P14 Vendor", {"QP-SAFE-006", "QP-SAFE-001"},
           promise("OrderRef/Vendor", "V1002")},
          {"commitment.order-id", "A Commitment to another order is none.", "P14 OrderId", same, promise("OrderRef/OrderId", "another")},
          {"commitment.digest", "A Commitment to another digest is none.", "P14 Digest", same,
           promise("OrderRef/Digest", std::string(64, '0'))},
          {"commitment.expires", "A Commitment with another expiry is none.", "P14 Expires", same,
           promise("OrderRef/Expires", "2040-01-01T00:00:00Z")}};
}

/// The reasons that fit an answer which is not what was asked for.
const std::vector<std::string> kReasons = {"bad-signature", "untrusted-key", "malformed",       "unknown-field", "replay",
                                           "expired",       "amount-mismatch", "currency",      "duplicate",     "peer-error",
                                           "not-authorised"};

/// The first answer to `message` is changed; the purchase ends and `forbidden` is not sent.
Negative ended(Session& session, const std::string& check, const std::string& message, const WrongAnswer& one, const char* forbidden) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  World& world = session.world();
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, message, one, &world](Session& s) {
    Shopper shopper(s);
    answerer(shopper, message)->script(message, edit_answer(one.id, [&world, one](Element& answer) { one.change(world, answer); }));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin_regular();
    return call->has_value() && shopper.delivered(from, one.id).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request(forbidden);
  plan.forbidden_text = std::string("no ") + forbidden;
  plan.refusals = kReasons;
  plan.benign = [](Session& s) { return Shopper(s).buys_regular(); };
  return plan;
}

/// A player refuses; the purchase ends, and `forbidden` is not sent.
Negative refused_by(const std::string& check, const std::string& message, const std::string& code, const char* forbidden) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.stimulus = [call, message, code](Session& s) {
    Shopper shopper(s);
    answerer(shopper, message)->script(message, answer_code(code));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin_regular();
    return call->has_value() &&
           s.world().wait_for(from, [&](const Entry& entry) { return !entry.by_iut && entry.code == code; }).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request(forbidden);
  plan.forbidden_text = std::string("no ") + forbidden;
  plan.benign = [](Session& s) { return Shopper(s).buys_regular(); };
  return plan;
}

// ---------------------------------------------------------------- answers that are none
struct NoAnswer {
  std::string id;
  const char* title;
  std::string message;
  std::string row;
  std::vector<std::string> requirements;
  std::function<Act(World&)> act;
  Arrange arrange = {};
};

std::function<Act(World&)> edited(std::string label, Edit change) {
  return [label = std::move(label), change = std::move(change)](World& world) {
    return edit_answer(label, [&world, change](Element& answer) { change(world, answer); });
  };
}

/// The Commitment, or the Receipt, in keys and encodings with which nothing is signed.
std::vector<NoAnswer> odd_answers() {
  std::vector<NoAnswer> all;
  const auto add = [&](Who who, const char* name, const std::string& prefix, const std::string& message, const std::string& row) {
    for (const OddSignature& odd : all_odd_signatures(who)) {
      all.push_back({prefix + odd.id, odd.title, message, row + odd.id, {"QP-ADD-18", "QP-ADD-17", "QP-ADD-01"},
                     edited(prefix + odd.id, oddly_signed(name, odd.sign)), odd.arrange});
    }
  };
  add(&Cast::broker, "Commitment", "commitment.", kInquiry, "P12 Sig ");
  add(&Cast::vendor, "Receipt", "receipt.", kDelivery, "P19 Sig ");
  return all;
}

std::vector<NoAnswer> no_answers() {
  const auto lost = [](World&) { return lose_answer(); };
  const auto busy = [](World&) { return answer_code("QP-E-BUSY"); };
  const std::vector<std::string> retried = {"QP-ADD-01", "QP-RP-001"}, signs = {"QP-ADD-17", "QP-ADD-18", "QP-ADD-01"};
  std::vector<NoAnswer> all = {
      {"commitment.strangers-key", "A Commitment that a stranger signed is no answer.", kInquiry, "P12 Sig by a stranger", signs,
       edited("Commitment under a stranger's key", signed_by_key("Commitment", "stranger"))},
      {"commitment.other-brokers-key", "A Commitment that another Broker signed is no answer.", kInquiry, "P12 Sig by another Broker",
       signs, edited("Commitment under another Broker's key", signed_by_key("Commitment", "B8"))},
      {"commitment.vendors-key", "A Commitment that the Vendor signed is no answer.", kInquiry, "P12 Sig by the Vendor", signs,
       edited("Commitment under the Vendor's key", signed_by_key("Commitment", "V1001"))},
      {"commitment.altered", "A Commitment that was changed after it was signed is no answer.", kInquiry, "P12", signs,
       edited("Commitment changed after signing", changed("Commitment", "ClaimBy", "2040-01-01T00:00:00Z"))},
      {"commitment.wrong-purpose", "A signature for another purpose is none.", kInquiry, "P12 Sig purpose", {"QP-ADD-19", "QP-ADD-18"},
       edited("Commitment signed for another purpose", signed_by_key("Commitment", "B7", "batch-settlement"))},
      {"receipt.strangers-key", "A Receipt that a stranger signed is no answer.", kDelivery, "P19 Sig by a stranger", signs,
       edited("Receipt under a stranger's key", signed_by_key("Receipt", "stranger"))},
      {"receipt.other-vendors-key", "A Receipt that another Vendor signed is no answer.", kDelivery, "P19 Sig by another Vendor", signs,
       edited("Receipt under another Vendor's key", signed_by_key("Receipt", "V1002"))},
      {"receipt.brokers-key", "A Receipt that the Broker signed is no answer.", kDelivery, "P19 Sig by the Broker", signs,
       edited("Receipt under the Broker's key", signed_by_key("Receipt", "B7"))},
      {"receipt.wrong-purpose", "A Receipt that was signed for another purpose is none.", kDelivery, "P19 Sig purpose",
       {"QP-ADD-19", "QP-ADD-18"}, edited("Receipt signed for another purpose", signed_by_key("Receipt", "V1001", "vendor-order"))},
      {"receipt.altered", "A Receipt that was changed after it was signed is no answer.", kDelivery, "P19", signs,
       edited("Receipt changed after signing", changed("Receipt", "AcceptedAt", "2040-01-01T00:00:00Z"))},
      {"receipt.other-order", "A Receipt for another order is no answer.", kDelivery, "P19 OrderId", signs,
       edited("Receipt for another order", resigned("Receipt", "OrderId", "another", vendor_of))},
      {"receipt.other-commitment", "A Receipt for another Commitment is no answer.", kDelivery, "P19 CommitId", signs,
       edited("Receipt for another Commitment", resigned("Receipt", "CommitId", std::string(32, '0'), vendor_of))},
      {"receipt.other-digest", "A Receipt for another digest is no answer.", kDelivery, "P19 Digest", signs,
       edited("Receipt for another digest", resigned("Receipt", "Digest", std::string(64, '0'), vendor_of))}};
  for (const std::string& message : {kOffer, kInquiry, kDelivery, kNotice}) {
    all.push_back({"answer-lost", "A request whose answer was lost is sent again with the same bytes.", message, "", retried, lost});
    all.push_back({"busy", "A player that is busy is asked again with the same bytes.", message, "", retried, busy});
  }
  return all;
}

/// One attempt gets no answer; the next one, with the same bytes, brings the purchase to its end.
void retried(Session& session, const std::string& check, const NoAnswer& one) {
  Shopper shopper(session);
  const Act act = one.act(session.world());
  answerer(shopper, one.message)->script(one.message, act);
  const auto call = shopper.begin_regular();
  const auto first = shopper.attempt(plain(one.message), 0);
  const auto answered = [&] { return act.label.empty() || shopper.delivered(*first, act.label).has_value(); };
  if (!first || !answered()) {
    return unreached(session, one.message + " was not sent");
  }
  static_cast<void>(session.iut().fence());
  if (!session.world().advance(kFirstRetry)) {
    return session.stop({IutFault::unsupported, "the clock cannot be moved"});
  }
  const auto outcome = shopper.finish(call);
  const auto second = shopper.attempt(plain(one.message), 1);
  const auto& entries = session.transcript().entries();
  const bool same = second && entries[*second].body == entries[*first].body;
  judge(session, check, is_accepted(outcome) && same, "the same bytes again, then the receipt",
        fmt::format("{}, {}", second ? (same ? "the same bytes" : "other bytes") : "no second attempt", outcome_text(outcome)), {*first},
        second ? Reason::wrong_message : Reason::missing_message);
}

// ---------------------------------------------------------------- courses
/// A Vendor that refused is asked again with the same Commitment; the Host has heard of it meanwhile.
void again_after_refusal(Session& session) {
  Shopper shopper(session);
  shopper.vendor()->script(kDelivery, answer_code("QP-E-NO-ITEM"));
  const auto call = shopper.begin_regular();
  const auto refused = shopper.finish(call);
  const auto notice = shopper.attempt("RegisterOrder", 0);
  if (!call || !is_rejected(refused) || !notice || refused->ref.empty()) {
    return unreached(session, outcome_text(refused));
  }
  const Element told = session.world().document(*notice);
  judge(session, "wallet.regular.refusal-registered", at(told, "Body/Commitment") != nullptr && at(told, "Body/Receipt") == nullptr,
        "the Commitment alone", "something else", {*notice});
  const auto outcome = shopper.try_again(refused->ref);
  judge(session, "wallet.regular.again-after-refusal", is_accepted(outcome), "accepted", outcome_text(outcome), {}, Reason::refused);
}

/// After a restart the purchase goes on where it was.
void survives(Session& session, const std::string& check, const std::string& message) {
  Shopper shopper(session);
  answerer(shopper, message)->script(message, lose_answer());
  (void)shopper.begin_regular();
  const auto first = shopper.attempt(plain(message), 0);
  if (!first || !session.world().restart(true) || !session.world().advance(kLongPause)) {
    return unreached(session, "it cannot be restarted, or its clock stands still");
  }
  const auto notice = shopper.attempt("RegisterOrder", 0, *first);
  const auto second = shopper.attempt(plain(message), 1);
  const auto& entries = session.transcript().entries();
  const bool same = second && entries[*second].body == entries[*first].body;
  judge(session, check, notice && same, "the same bytes again, and the notice at last",
        second ? (same ? "no notice" : "other bytes") : "no second attempt", {*first}, Reason::missing_message);
}

void add_no_answers(Suite& suite, const std::vector<NoAnswer>& all) {
  for (const NoAnswer& one : all) {
    const std::string id = fmt::format("regular.retry.{}{}", one.row.empty() ? slug_of(plain(one.message)) + "." : std::string(), one.id);
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = one.row.empty() ? plain(one.message) + ".unsure regular" : one.row,
                    .requirements = one.requirements,
                    .mutation = "Response:" + one.id},
                   [one, check = suite.name(id)](Session& s) { retried(s, check, one); }, one.arrange);
  }
}

void add_negatives(Suite& suite) {
  const auto add = [&](const std::vector<WrongAnswer>& all, const std::string& message, const char* forbidden) {
    for (const WrongAnswer& one : all) {
      const std::string id = std::string("regular.") + one.id;
      suite.negative({.id = id,
                      .title = one.title,
                      .subject = one.row,
                      .requirements = one.requirements,
                      .mutation = plain(message) + "Response:" + one.id,
                      .twin = "regular.paid",
                      .level_e = false},
                     [one, message, forbidden, check = suite.name(id)](Session& s) { return ended(s, check, message, one, forbidden); },
                     one.arrange);
    }
  };
  add(wrong_offers(), kOffer, "InquiryPayment");
  add(odd_offers(), kOffer, "InquiryPayment");
  add(wrong_commitments(), kInquiry, "RequestOrderDelivery");
  struct Said {
    const char* id;
    const char* title;
    std::string message;
    const char* row;
    const char* code;
    const char* forbidden;
  };
  const Said kSaid[] = {{"refused.offer", "A Vendor that refuses gets no payment.", kOffer, "P5", "QP-E-NO-ITEM", "InquiryPayment"},
                        {"refused.funds", "What the account does not bear is not bought.", kInquiry, "P15", "QP-E-FUNDS",
                         "RequestOrderDelivery"},
                        {"refused.inquiry", "A Broker that refuses ends the purchase.", kInquiry, "P16", "QP-E-CONFLICT",
                         "RequestOrderDelivery"}};
  for (const Said& one : kSaid) {
    const std::string id = std::string("regular.") + one.id;
    suite.negative({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = {"QP-RP-006", "QP-RP-004"},
                    .mutation = one.code,
                    .twin = "regular.paid",
                    .level_e = false},
                   [one, check = suite.name(id)](Session&) { return refused_by(check, one.message, one.code, one.forbidden); });
  }
}

/// The user does not say yes to what was shown.
void add_unconfirmed(Suite& suite) {
  struct Answer {
    const char* id;
    const char* title;
    const char* row;
    const char* confirm;
  };
  static constexpr Answer kAnswers[] = {{"confirm.declined", "What the user declines is not paid.", "P8", "no"},
                                        {"confirm.other-digest", "A yes to another order pays nothing.", "P11", "other-digest"}};
  for (const Answer& one : kAnswers) {
    const std::string id = std::string("regular.") + one.id;
    suite.negative({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = {"QP-WAL-015", "QP-RP-005"},
                    .mutation = std::string("confirm:") + one.confirm,
                    .twin = "regular.paid",
                    .level_e = false},
                   [one, check = suite.name(id)](Session&) {
                     const auto outcome = std::make_shared<IutResult<Outcome>>(tl::unexpected(IutError{}));
                     Negative plan;
                     plan.check = check;
                     plan.stimulus = [outcome, one](Session& s) {
                       Shopper shopper(s);
                       *outcome = shopper.finish(shopper.begin_regular(one.confirm));
                       return !s.world().sent_by_iut("GetOrder").empty();
                     };
                     plan.reaction = [outcome](Session&) { return reaction_of(*outcome); };
                     plan.forbidden = is_request("InquiryPayment");
                     plan.forbidden_text = "no InquiryPayment without the user's yes";
                     plan.refusals = {"not-authorised", "amount-mismatch", "bad-signature", "out-of-state"};
                     plan.benign = [](Session& s) { return Shopper(s).buys_regular(); };
                     return plan;
                   });
  }
}

}  // namespace

void add_wallet_regular(Suite& suite) {
  suite.belongs_to("regular", false);
  suite.positive({.id = "regular.paid",
                  .title = "A confirmed regular order ends with the Vendor's receipt, and both signatures are registered.",
                  .subject = "P18 P24",
                  .requirements = {"QP-RP-002", "QP-RP-004", "QP-RP-006", "QP-RP-007"},
                  .more = {suite.check("regular.registered", "The Commitment and the Receipt are registered at the Host.",
                                       {"QP-RP-008", "QP-ADD-06"}, true),
                           suite.check("regular.four-requests", "A purchase takes four requests of the Wallet.", {"QP-RP-001"}, true)}},
                 paid);
  suite.positive({.id = "regular.again-after-refusal",
                  .title = "A Vendor that refused can be asked again with the same Commitment.",
                  .subject = "P20 P22 P25",
                  .requirements = {"QP-RP-007", "QP-ADD-01"},
                  .mutation = "RequestOrderDeliveryResponse:QP-E-NO-ITEM",
                  .more = {suite.check("regular.refusal-registered", "The commitment of an order that was refused is registered.",
                                       {"QP-RP-008"}, true)}},
                 again_after_refusal);
  add_no_answers(suite, no_answers());
  add_no_answers(suite, odd_answers());
  for (const std::string& message : {kInquiry, kDelivery}) {
    const std::string id = "regular.after-kill." + slug_of(plain(message));
    suite.positive({.id = id,
                    .title = "A purchase outlives the process.",
                    .subject = plain(message) + ".unsure kill",
                    .requirements = {"QP-ADD-01", "QP-RP-001"},
                    .mutation = "kill"},
                   [message, check = suite.name(id)](Session& s) { survives(s, check, message); });
  }
  add_negatives(suite);
  add_unconfirmed(suite);
}

}  // namespace quickpay::conformance
