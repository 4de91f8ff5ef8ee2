// The Wallet's suite: the plain purchase, and what it tells to whom.
#include <fmt/format.h>

#include <map>
#include <set>

#include "conformance/suites/look_ups.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/suites/own_keys.hpp"
#include "conformance/suites/suites.hpp"
#include "conformance/suites/wallet_parts.hpp"

namespace quickpay::conformance {

namespace {

/// Distinct requests of the Wallet by message.
std::map<std::string, std::set<std::string>> requests_of(const Session& session) {
  std::map<std::string, std::set<std::string>> by_message;
  for (const Entry& entry : const_cast<Session&>(session).transcript().entries()) {
    if (entry.by_iut && entry.kind == EntryKind::request) {
      by_message[entry.message].insert(entry.msg_id);
    }
  }
  return by_message;
}

void notice_of_reception(Session& session) {
  Shopper shopper(session);
  const auto notice = shopper.attempt("RegisterOrder", 0);
  if (!notice) {
    return session.fail("wallet.register-order.sent", Reason::missing_message, "RegisterOrder", "none");
  }
  const Element document = session.world().document(*notice);
  const bool right = text_at(document, "Body/Broker") == session.world().cast().broker &&
                     text_at(document, "Body/Outcome") != "not-received";
  judge(session, "wallet.register-order.sent", right, "that the goods arrived, paid by this Broker",
        right ? "it" : "something else", {*notice});
}

void paid(Session& session) {
  Shopper shopper(session);
  const auto outcome = shopper.buy();
  if (!outcome) {
    return session.stop(outcome.error());
  }
  judge(session, "wallet.purchase.paid", is_accepted(outcome), "accepted", outcome_text(outcome), {}, Reason::refused);
  if (!is_accepted(outcome)) {
    return unreached(session, outcome_text(outcome));
  }
  notice_of_reception(session);
  session.world().settle();
  const auto requests = requests_of(session);
  bool four = requests.size() == 4;
  for (const auto& [message, ids] : requests) {
    four = four && ids.size() == 1;
  }
  judge(session, "wallet.purchase.four-requests", four, "four requests, one of each kind",
        fmt::format("{} kinds", requests.size()));
}

void tags_differ(Session& session) {
  Shopper shopper(session);
  const bool first = is_accepted(shopper.buy());
  const bool second = is_accepted(shopper.buy());
  const bool third = is_accepted(shopper.buy("yes", session.world().cast().other_vendor));
  if (!first || !second || !third) {
    return unreached(session, "three purchases");
  }
  std::map<std::string, std::set<std::string>> values;
  std::size_t orders = 0;
  for (const std::size_t entry : session.world().sent_by_iut("GetOrder")) {
    values["BuyerTag"].insert(text_at(session.world().document(entry), "Body/BuyerTag"));
    values["MsgId"].insert(text_at(session.world().document(entry), "Head/MsgId"));
    ++orders;
  }
  judge(session, "wallet.privacy.fresh-tags", values["BuyerTag"].size() == orders && values["MsgId"].size() == orders,
        "another BuyerTag for every order", fmt::format("{} tags for {} orders", values["BuyerTag"].size(), orders));
}

void active_paycard_pays(Session& session) {
  Shopper shopper(session);
  World& world = session.world();
  const PaycardPlan* card = world.plan().paycard_of(world.iut(), world.cast().other_broker);
  const auto chosen = shopper.activate(card->paycard);
  if (!chosen) {
    return session.stop(chosen.error());
  }
  const auto outcome = shopper.buy();
  const auto inquiry = shopper.attempt("InquiryPayment", 0);
  const Element document = inquiry ? world.document(*inquiry) : Element{};
  const bool right =
      text_at(document, "Body/Paycard") == card->paycard && text_at(document, "Head/Receiver") == card->broker;
  judge(session, "wallet.paycard.active-pays", is_accepted(outcome) && right,
        "paid by the active Paycard at its Broker",
        is_accepted(outcome) ? text_at(document, "Body/Paycard") : outcome_text(outcome));
}

/// Nothing is asked of a Broker that is suspended; when it is back it pays.
void suspended_broker_is_not_asked(Session& session) {
  Shopper shopper(session);
  World& world = session.world();
  const std::string broker = world.cast().broker;
  if (!suspend_by_owner(world, broker)) {
    return unreached(session, "a Broker that is suspended");
  }
  const auto outcome = shopper.buy();
  world.settle();
  const bool asked = !world.sent_by_iut("InquiryPayment").empty();
  const bool back = suspend_by_owner(world, broker, false) && shopper.buys();
  judge(session, "wallet.paycard.suspended-broker.back", back, "accepted", "another outcome", {}, Reason::refused);
  if (!asked && !back) {
    return unreached(session, "a Wallet that pays when the Broker is back");  // who never pays asks nobody
  }
  judge(session, "wallet.paycard.suspended-broker", is_rejected(outcome) && !asked, "rejected, and no InquiryPayment",
        outcome_text(outcome) + (asked ? ", and an InquiryPayment" : ""), {}, Reason::forbidden_message);
}

void token_is_right(Session& session) {
  Shopper shopper(session);
  const auto outcome = shopper.buy();
  const auto inquiry = shopper.attempt("InquiryPayment", 0);
  if (!is_accepted(outcome) || !inquiry) {
    return unreached(session, outcome_text(outcome));
  }
  World& world = session.world();
  const Element document = world.document(*inquiry);
  const PaycardPlan* card = world.plan().paycard(text_at(document, "Body/Paycard"));
  const Element* ref = at(document, "Body/OrderRef");
  const bool right = card != nullptr && ref != nullptr &&
                     text_at(document, "Body/PaycardToken") ==
                         paycard_token(card->secret, world.iut(), card->paycard, text_at(document, "Head/MsgId"), *ref);
  judge(session, "wallet.paycard.token", right, "the token of this Wallet, Paycard, MsgId and order",
        right ? "it" : "another", {*inquiry});
}

}  // namespace

std::function<bool(const Entry&)> is_request(std::string message) {
  return [message = std::move(message)](const Entry& entry) {
    return entry.kind == EntryKind::request && entry.message == message;
  };
}

bool says_received(const Entry& entry) {
  return entry.kind == EntryKind::request && entry.message == "RegisterOrder" &&
         entry.body.find("<Outcome>not-received</Outcome>") == std::string::npos;
}

std::vector<Scenario> wallet_suite() {
  Suite suite("wallet");
  suite.positive({.id = "purchase.paid",
                  .title = "A confirmed order is paid, fetched and registered.",
                  .subject = "W17",
                  .requirements = {"QP-MP-002", "QP-MP-005", "QP-MP-007", "QP-MP-008"},
                  .level_e = false,
                  .more = {suite.check("purchase.four-requests", "A purchase takes four requests of the Wallet.",
                                       {"QP-MP-016"}, true),
                           suite.check("register-order.sent", "The reception is registered at the Host.",
                                       {"QP-MP-012", "QP-ADD-06"}, true)}},
                 paid);
  suite.positive({.id = "privacy.fresh-tags",
                  .title = "Nothing that a Vendor sees of a buyer recurs.",
                  .subject = "GetOrder.BuyerTag",
                  .requirements = {"QP-ADD-12", "QP-ANON-010"},
                  .level_e = false},
                 tags_differ);
  suite.positive({.id = "paycard.active-pays",
                  .title = "The active Paycard pays, at its own Broker.",
                  .subject = "W10",
                  .requirements = {"QP-WAL-010", "QP-TECH-018"},
                  .mutation = "activate-paycard",
                  .level_e = false},
                 active_paycard_pays);
  suite.positive({.id = "paycard.suspended-broker",
                  .title = "A Paycard whose Broker is suspended pays nothing.",
                  .subject = "W10 suspended",
                  .requirements = {"QP-ROLE-009", "QP-WAL-010"},
                  .mutation = "Broker:=suspended",
                  .level_e = false,
                  .more = {suite.check("paycard.suspended-broker.back", "It pays when the Broker is back.", {"QP-WAL-010"}, true)}},
                 suspended_broker_is_not_asked);
  suite.positive({.id = "paycard.token",
                  .title = "The token covers Wallet, Paycard, MsgId and order.",
                  .subject = "InquiryPayment.PaycardToken",
                  .requirements = {"QP-ADD-11", "QP-PAY-005"},
                  .level_e = false},
                 token_is_right);
  add_wallet_refusals(suite);
  add_wallet_links(suite);
  add_wallet_answers(suite);
  add_wallet_course(suite);
  add_wallet_regular(suite);
  add_look_ups(suite);
  add_wallet_paycards(suite);
  add_wallet_registration(suite);
  add_own_keys(suite);
  return suite.take();
}

}  // namespace quickpay::conformance
