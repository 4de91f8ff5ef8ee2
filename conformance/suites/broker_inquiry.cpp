// Inquiries that are refused, on new orders and on known ones.
#include <memory>

#include "conformance/suites/broker_parts.hpp"

namespace quickpay::conformance {

namespace {

/// Changes an OrderRef before token and message are made from it.
using ChangeOrder = void (*)(World&, Element&);
/// Changes the finished message.
using ChangeMessage = void (*)(World&, Sending&);

struct InquiryCase {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* mutation;
  ChangeOrder order;
  ChangeMessage message;
  const char* code;
  std::vector<Part> parts = {};
};

void euros(World&, Element& ref) { set_text(ref, "Currency", "XXX"); }
void nobodys(World& world, Element& ref) { set_text(ref, "Vendor", world.cast().unknown_vendor); }
void euros_of_nobody(World& world, Element& ref) { euros(world, ref), nobodys(world, ref); }
void beyond(World&, Element& ref) { set_text(ref, "Amount", "999999999999999"); }

void forged(World&, Sending& s) { s.mutation = "InquiryPayment.PaycardToken:flip"; }
void no_such_paycard(World&, Sending& s) { s.mutation = "InquiryPayment.Paycard:=PnoSuchCard"; }

/// The Paycard of another Wallet, whose token the sender cannot make.
void strangers_paycard(World& world, Sending& s) {
  s.mutation = "InquiryPayment.Paycard:=" + world.plan().paycard_of(world.cast().other_wallet, world.iut())->paycard;
}

/// A token that was overheard: it belongs to another MsgId.
void replayed_token(World& world, Sending& s) {
  set_text(s.document, "Head/MsgId", world.fresh_id());
  s.label = "InquiryPayment.Head.MsgId:fresh after the token";
}

const std::vector<InquiryCase> kNewOrders = {
    {"unknown-paycard",
     "A Paycard that was never issued is refused.",
     "B1",
     {"QP-PAY-005"},
     "InquiryPayment.Paycard:=unknown",
     nullptr,
     no_such_paycard,
     "QP-E-PAYCARD"},
    {"strangers-paycard",
     "The Paycard of another Wallet is refused.",
     "B1",
     {"QP-PAY-005", "QP-WAL-013"},
     "InquiryPayment.Paycard:=another Wallet's",
     nullptr,
     strangers_paycard,
     "QP-E-PAYCARD",
     {Part::other_wallet}},
    {"forged-token",
     "A token that the Paycard did not make is refused.",
     "B2",
     {"QP-PAY-005", "QP-SAFE-011"},
     "InquiryPayment.PaycardToken:flip",
     nullptr,
     forged,
     "QP-E-FORBIDDEN"},
    {"replayed-token",
     "A token that was overheard is of no use under another MsgId.",
     "B2",
     {"QP-ADD-11", "QP-SAFE-011"},
     "InquiryPayment.Head.MsgId:fresh after the token",
     nullptr,
     replayed_token,
     "QP-E-FORBIDDEN"},
    {"token-of-other-amount",
     "A token covers the amount.",
     "B2 Amount",
     {"QP-ADD-11"},
     "InquiryPayment.OrderRef.Amount:+1 after the token",
     nullptr,
     [](World&, Sending& s) { s.mutation = "InquiryPayment.OrderRef.Amount:+1"; },
     "QP-E-FORBIDDEN"},
    {"token-of-other-vendor",
     "A token covers the Vendor.",
     "B2 Vendor",
     {"QP-ADD-11"},
     "InquiryPayment.OrderRef.Vendor:=another after the token",
     nullptr,
     [](World& w, Sending& s) { s.mutation = "InquiryPayment.OrderRef.Vendor:=" + w.cast().other_vendor; },
     "QP-E-FORBIDDEN",
     {Part::other_vendor}},
    {"inactive-currency",
     "A currency that is not active is refused.",
     "B3",
     {"QP-MP-007"},
     "OrderRef.Currency:=XXX",
     euros,
     nullptr,
     "QP-E-CURRENCY"},
    {"unknown-vendor",
     "A Vendor that does not exist is refused.",
     "B5",
     {"QP-SAFE-001"},
     "OrderRef.Vendor:=unknown",
     nobodys,
     nullptr,
     "QP-E-VENDOR"},
    {"beyond-limit",
     "An order beyond the limit is not endorsed.",
     "B7",
     {"QP-SAFE-009"},
     "OrderRef.Amount:=999999999999999",
     beyond,
     nullptr,
     "QP-E-FUNDS"},
    {"paycard-before-currency",
     "Of a wrong Paycard and a wrong currency the Paycard is named.",
     "B1 B3",
     {"QP-PAY-005"},
     "InquiryPayment.Paycard:=unknown & OrderRef.Currency:=XXX",
     euros,
     no_such_paycard,
     "QP-E-PAYCARD"},
    {"token-before-vendor",
     "Of a wrong token and an unknown Vendor the token is named.",
     "B2 B5",
     {"QP-PAY-005"},
     "InquiryPayment.PaycardToken:flip & OrderRef.Vendor:=unknown",
     nobodys,
     forged,
     "QP-E-FORBIDDEN"},
    {"currency-before-vendor",
     "Of a wrong currency and an unknown Vendor the currency is named.",
     "B3 B5",
     {"QP-MP-007"},
     "OrderRef.Currency:=XXX & OrderRef.Vendor:=unknown",
     euros_of_nobody,
     nullptr,
     "QP-E-CURRENCY"},
    {"vendor-before-funds",
     "Of an unknown Vendor and too large an amount the Vendor is named.",
     "B5 B7",
     {"QP-SAFE-001"},
     "OrderRef.Vendor:=unknown & OrderRef.Amount:=999999999999999",
     [](World& w, Element& ref) { nobodys(w, ref), beyond(w, ref); },
     nullptr,
     "QP-E-VENDOR"}};

const std::vector<InquiryCase> kKnownOrders = {
    {"other-amount",
     "A known order with another amount is a conflict.",
     "B15 Amount",
     {"QP-SAFE-003", "QP-ADD-04"},
     "OrderRef.Amount:+1",
     [](World&, Element& ref) { set_text(ref, "Amount", "126"); },
     nullptr,
     "QP-E-CONFLICT"},
    {"other-digest",
     "A known order with another digest is a conflict.",
     "B15 Digest",
     {"QP-SAFE-003"},
     "OrderRef.Digest:=other",
     [](World&, Element& ref) { set_text(ref, "Digest", std::string(64, 'e')); },
     nullptr,
     "QP-E-CONFLICT"},
    {"other-expires",
     "A known order with another expiry is a conflict.",
     "B15 Expires",
     {"QP-SAFE-003"},
     "OrderRef.Expires:=other",
     [](World&, Element& ref) { set_text(ref, "Expires", "2040-01-01T00:00:00Z"); },
     nullptr,
     "QP-E-CONFLICT"},
    {"other-currency",
     "A known order with an inactive currency names the currency.",
     "B12",
     {"QP-MP-007"},
     "OrderRef.Currency:=XXX",
     euros,
     nullptr,
     "QP-E-CURRENCY"},
    {"forged-token",
     "A known order with a forged token tells nothing.",
     "B10",
     {"QP-PAY-005"},
     "InquiryPayment.PaycardToken:flip",
     nullptr,
     forged,
     "QP-E-FORBIDDEN"},
    {"unknown-paycard",
     "A known order with an unknown Paycard tells nothing.",
     "B9",
     {"QP-PAY-005"},
     "InquiryPayment.Paycard:=unknown",
     nullptr,
     no_such_paycard,
     "QP-E-PAYCARD"}};

Refusal inquiry_refused(Session& session, const InquiryCase& one, bool known, bool committed) {
  const auto made = std::make_shared<std::optional<Payer::Endorsed>>();
  Refusal refusal;
  if (known) {
    refusal.reach = [&session, made, committed]() {
      Payer payer(session);
      *made = payer.endorsed();
      return made->has_value() && (!committed || payer.commit((*made)->ref, (*made)->id()).ok());
    };
  }
  refusal.stimulus = [&session, made, one]() {
    Payer payer(session);
    Element ref = made->has_value() ? (*made)->ref : payer.order();
    if (one.order != nullptr) {
      one.order(session.world(), ref);
    }
    Sending sending = payer.inquiry(ref);
    if (one.message != nullptr) {
      one.message(session.world(), sending);
    }
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.forbidden = committed ? std::function<bool(const Entry&)>() : is_commit_notice;
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

/// Another Wallet, with a Paycard and token of its own, inquires an order that is known.
Refusal other_wallet(Session& session) {
  const auto made = std::make_shared<std::optional<Payer::Endorsed>>();
  Refusal refusal;
  refusal.reach = [&session, made]() {
    *made = Payer(session).endorsed();
    return made->has_value();
  };
  refusal.stimulus = [&session, made]() {
    Payer payer(session);
    return payer.inquire((*made)->ref, payer.other_card());
  };
  refusal.codes = {"QP-E-CONFLICT"};
  refusal.benign = [&session]() { return Payer(session).pays(); };
  return refusal;
}

void same_content(Session& session, const char* check, bool committed) {
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made || (committed && !payer.commit(made->ref, made->id()).ok())) {
    return unreached(session, payer.refusal());
  }
  const Reply again = payer.inquire(made->ref);
  const Element* endorsement = at(again.document, "Body/Endorsement");
  const bool same = again.ok() && endorsement != nullptr && *endorsement == made->endorsement;
  judge(session, check, same, "the same Endorsement", same ? "it" : outcome_text(again), again.entries);
}

void expired_order(Session& session) {
  Payer payer(session);
  judge_ok(session, "broker.inquiry.expires-not-judged", payer.inquire(payer.order(125, -3600)));
}

}  // namespace

void add_broker_inquiries(Suite& suite) {
  for (const InquiryCase& one : kNewOrders) {
    suite.refused({.id = std::string("inquiry.") + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = one.mutation,
                   .twin = "inquiry.endorsed",
                   .parts = one.parts},
                  [one](Session& session) { return inquiry_refused(session, one, false, false); });
  }
  for (const InquiryCase& one : kKnownOrders) {
    suite.refused({.id = std::string("inquiry.known.") + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = std::string("ENDORSED ") + one.mutation,
                   .twin = "inquiry.known.same-content"},
                  [one](Session& session) { return inquiry_refused(session, one, true, false); });
  }
  const InquiryCase& amount = kKnownOrders.front();
  suite.refused({.id = "inquiry.committed.other-amount",
                 .title = "A committed order with another amount is a conflict.",
                 .subject = "B15 COMMITTED",
                 .requirements = {"QP-SAFE-003"},
                 .mutation = "COMMITTED OrderRef.Amount:+1",
                 .twin = "inquiry.committed.same-content"},
                [amount](Session& session) { return inquiry_refused(session, amount, true, true); });
  suite.refused({.id = "inquiry.known.other-wallet",
                 .title = "A known order of another Wallet is a conflict.",
                 .subject = "B15 Wallet",
                 .requirements = {"QP-SAFE-003", "QP-SAFE-001"},
                 .mutation = "ENDORSED Sender:=another Wallet",
                 .twin = "inquiry.known.same-content",
                 .parts = {Part::other_wallet}},
                other_wallet);
  suite.positive({.id = "inquiry.known.same-content",
                  .title = "The same order again gets the same Endorsement.",
                  .subject = "B11",
                  .requirements = {"QP-ADD-01", "QP-SAFE-003"},
                  .mutation = "InquiryPayment:again, new MsgId"},
                 [](Session& s) { same_content(s, "broker.inquiry.known.same-content", false); });
  suite.positive({.id = "inquiry.committed.same-content",
                  .title = "A committed order again gets the same Endorsement.",
                  .subject = "B11 COMMITTED",
                  .requirements = {"QP-SAFE-003"},
                  .mutation = "COMMITTED InquiryPayment:again, new MsgId"},
                 [](Session& s) { same_content(s, "broker.inquiry.committed.same-content", true); });
  suite.positive({.id = "inquiry.expires-not-judged",
                  .title = "Expires is not the Broker's to judge.",
                  .subject = "OrderRef.Expires",
                  .requirements = {"QP-ADD-27"},
                  .mutation = "OrderRef.Expires:=past"},
                 expired_order);
}

}  // namespace quickpay::conformance
