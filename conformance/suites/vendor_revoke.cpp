// The Vendor takes orders back, and contests revokes that it did not make.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/merchant.hpp"
#include "conformance/suites/revoke_told.hpp"
#include "conformance/suites/vendor_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const char* const kReason = "out-of-stock";

/// Sells regular orders at the Vendor under test, presses its buttons and answers as its Broker.
class Seller {
 public:
  explicit Seller(Revoker& revoker) : revoker_(revoker), merchant_(revoker.session()) {}

  Revoker& revoker() { return revoker_; }
  World& world() { return revoker_.world(); }
  Merchant& merchant() { return merchant_; }
  const Promised& order() const { return order_; }

  /// The Vendor accepts an order of the item.
  bool sells(std::size_t item = 0) {
    const auto ready = revoker_.trade().ready(item);
    const bool sold = ready && world().send(revoker_.trade().delivery(ready->offer, ready->commitment)).ok();
    if (sold) {
      order_ = {ready->offer.ref, ready->commitment, {}, text_at(ready->commitment, "CommitId")};
      world().settle();
    }
    return sold;
  }
  /// And claims it; the Broker accepts.
  bool settles() {
    return sells() && merchant_.settled_something() && merchant_.request("SettleWithBroker") && is("SETTLED");
  }
  /// A button with the order: "accepted", "rejected"; nothing: there is no such button.
  Got presses(const char* op, Json more = Json::object()) { return presses(op, text_at(order_.ref, "OrderId"), std::move(more)); }
  Got presses(const char* op, const std::string& order, Json more = Json::object()) {
    more["order"] = order;
    const auto outcome = revoker_.session().iut().act(op, more);
    if (!outcome) {
      return std::nullopt;
    }
    world().settle();
    return outcome->kind == OutcomeKind::accepted ? "accepted" : "rejected";
  }
  Got takes_back() { return presses("revoke", {{"reason", kReason}}); }

  /// The Broker answers each RevokeOrder so, `times` times.
  void broker_takes(const char* effect, const char* state, int times = -1, const std::function<void(Element&)>& change = {}) {
    const std::string until = world().now_text(protocol::T_hold_default);
    merchant_.broker()->script("RevokeOrder", answer_made("revoke " + std::string(state), [effect, state, until, change](const Element& request) {
                                 const Element& revoke = *at(request, "Body/Revoke");
                                 Element made = branch("Made", {leaf("RevokeId", text_at(revoke, "RevokeId")), leaf("Effect", effect),
                                                                leaf("Amount", text_at(revoke, "OrderRef/Amount")), leaf("State", state)});
                                 if (std::string_view(state) == "pending") {
                                   made.children.push_back(leaf("HoldUntil", until));
                                 }
                                 if (change) {
                                   change(made);
                                 }
                                 return made.children;
                               }),
                               times);
  }
  /// The order's claim is in this state, where the Vendor shows its claims.
  bool is(const char* state) {
    world().settle();
    return !merchant_.shows_claims() || merchant_.state_of(order_.ref) == state;
  }
  /// A batch may begin, and there is nothing for it.
  bool claims_nothing() { return world().advance(protocol::T_batchmin_default) && merchant_.nothing_to_settle(); }
  /// A batch may begin, and claims the order; `n` batches came before.
  bool claims_it(std::size_t n) {
    const bool made = world().advance(protocol::T_batchmin_default) && merchant_.settled_something() && merchant_.request("SettleWithBroker", n);
    const auto claim = made ? merchant_.object("SettleWithBroker", n) : std::nullopt;
    const auto items = claim ? all_of(*claim, "Item") : std::vector<const Element*>{};
    return std::any_of(items.begin(), items.end(), [&](const Element* item) { return *child(*item, "OrderRef") == order_.ref; });
  }
  /// The n-th Revoke that it sent.
  std::optional<Element> revoke(std::size_t n = 0) {
    const auto entry = merchant_.request("RevokeOrder", n);
    const Element document = entry ? world().document(*entry) : Element{};
    const Element* made = at(document, "Body/Revoke");
    return made == nullptr ? std::nullopt : std::optional(*made);
  }
  /// "signed" if the Revoke is the Vendor's word on the order.
  std::string fault_of(const std::optional<Element>& revoke) {
    if (!revoke) return "no RevokeOrder";
    if (!(*child(*revoke, "OrderRef") == order_.ref)) return "another OrderRef";
    if (text_at(*revoke, "CommitId") != order_.commit_id) return "another CommitId";
    if (text_at(*revoke, "Reason") != kReason) return "Reason " + text_at(*revoke, "Reason");
    return signature_right(world().plan(), world().iut(), *revoke) ? "signed" : "not signed";
  }

 private:
  Revoker& revoker_;
  Merchant merchant_;
  Promised order_;
};

using Course = std::function<Got(Seller&)>;

ToldOfRevoke told(const char* id, const char* title, const char* subject, std::vector<std::string> requirements, const char* expected,
                  Course course, const char* profile = "") {
  return {id, title, subject, std::move(requirements), expected,
          [course = std::move(course)](Revoker& revoker) {
            Seller seller(revoker);
            return course(seller);
          },
          false, profile};
}

const std::vector<std::string> kBack = {"QP-RV-002", "QP-RV-004", "QP-RV-005", "QP-ADD-16"};

// ---------------------------------------------------------------- taken back
Got after_revoke(Seller& s, const char* effect, const char* state) {
  s.broker_takes(effect, state);
  if (s.takes_back() != "accepted") {
    return std::nullopt;
  }
  const std::string made = s.fault_of(s.revoke());
  const bool once = s.world().sent_by_iut("RevokeOrder").size() == 1;
  return made + (once ? "" : ", more than once") + (s.claims_nothing() && s.is("WITHDRAWN") ? ", not claimed" : ", claimed");
}

std::vector<ToldOfRevoke> taken_back() {
  const char* const right = "signed, not claimed";
  return {told("revoke.sent", "An order that the Vendor takes back is told to its Broker, signed, and claimed no more.", "E1 E3 C18", kBack, right,
               [](Seller& s) { return s.sells() ? after_revoke(s, "released", "final") : std::nullopt; }),
          told("revoke.settled", "So is one that was settled.", "E1 E3 C19", kBack, right,
               [](Seller& s) { return s.settles() ? after_revoke(s, "deduct", "final") : std::nullopt; }),
          told("revoke.withdrawn", "And one whose claim was given up: its customer gets the money back.", "E1 E3 WITHDRAWN", kBack, right,
               [](Seller& s) { return s.sells() && s.presses("withdraw") == "accepted" ? after_revoke(s, "released", "final") : std::nullopt; }),
          told("revoke.pending", "A revoke that is held is one, too.", "E3 pending", kBack, right,
               [](Seller& s) { return s.sells() ? after_revoke(s, "released", "pending") : std::nullopt; })};
}

/// The Broker does not answer as it should; the same Revoke is sent until it does.
Course again(const std::function<void(Seller&)>& trouble, bool kill) {
  return [trouble, kill](Seller& s) -> Got {
    if (!s.sells()) {
      return std::nullopt;
    }
    trouble(s);
    s.broker_takes("released", "final");
    if (s.takes_back() != "accepted" || (kill && !s.world().restart(true))) {
      return std::nullopt;
    }
    const auto first = s.revoke(0), second = s.revoke(1);
    const bool same = first && second && *first == *second;
    return (same ? "the same Revoke, " : second ? "another Revoke, " : "no second one, ") + std::string(s.is("WITHDRAWN") ? "taken back" : "not taken back");
  };
}

std::vector<ToldOfRevoke> repeated() {
  const std::vector<std::string> same = {"QP-ADD-01", "QP-RV-002"};
  const char* const right = "the same Revoke, taken back";
  const auto with = [](Act act) {
    return [act](Seller& s) { s.merchant().broker()->script("RevokeOrder", act); };
  };
  const auto lie = [](const std::function<void(Element&)>& change) {
    return [change](Seller& s) { s.broker_takes("released", "final", 1, change); };
  };
  return {told("revoke.request-lost", "A revoke that nobody received is sent again.", "E6 request", same, right, again(with(lose_request()), false)),
          told("revoke.answer-lost", "While there is no answer the same revoke is sent again.", "E6 answer", same, right,
               again(with(lose_answer()), false)),
          told("revoke.broker-busy", "A revoke that was put off is sent again.", "E6 same", same, right,
               again(with(answer_code("QP-E-BUSY")), false)),
          told("revoke.killed", "A revoke outlives the process that made it.", "E6 restart", same, right, again(with(lose_request()), true)),
          told("revoke.lie.amount", "An answer about another amount is none.", "E4 Amount", same, right,
               again(lie([](Element& made) { set_text(made, "Amount", "1"); }), false)),
          told("revoke.lie.hold", "An answer that is final and holds until some time is none.", "E4 HoldUntil", same, right,
               again(lie([](Element& made) { made.children.push_back(leaf("HoldUntil", "2036-11-22T12:00:00Z")); }), false)),
          told("revoke.lie.pending", "An answer that is pending for no time is none.", "E4 State", same, right,
               again(lie([](Element& made) { set_text(made, "State", "pending"); }), false))};
}

/// The Broker refuses the revoke.
Got refused(Seller& s, const char* code) {
  s.merchant().broker()->script("RevokeOrder", answer_code(code));
  return s.takes_back() == "accepted" && s.revoke() ? Got("") : std::nullopt;
}

std::vector<ToldOfRevoke> failed() {
  const std::vector<std::string> back = {"QP-RV-002", "QP-BS-001"};
  return {
      told("revoke.refused", "What the Broker does not take back is claimed as before.", "E5 C21", back, "claimed",
           [](Seller& s) {
             if (!s.sells() || !refused(s, "QP-E-NOT-REVOCABLE")) {
               return Got();
             }
             return Got(s.claims_it(0) && s.is("SETTLED") ? "claimed" : "not claimed");
           }),
      told("revoke.refused-settled", "And what was settled stays so.", "E5 C20", back, "settled, not claimed",
           [](Seller& s) {
             if (!s.settles() || !refused(s, "QP-E-NOT-REVOCABLE")) {
               return Got();
             }
             const std::string state = s.is("SETTLED") ? "settled" : "another state";
             return Got(state + (s.claims_nothing() ? ", not claimed" : ", claimed again"));
           }),
      told("revoke.refused-withdrawn", "And what was given up.", "E1 E5 C22", back, "given up, not claimed",
           [](Seller& s) {
             if (!s.sells() || s.presses("withdraw") != "accepted" || !refused(s, "QP-E-NOT-REVOCABLE")) {
               return Got();
             }
             const std::string state = s.is("WITHDRAWN") ? "given up" : "another state";
             return Got(state + (s.claims_nothing() ? ", not claimed" : ", claimed"));
           }),
      told("revoke.refused-and-again", "What was refused may be taken back again.", "E5 E1 FAILED", back, "accepted, taken back",
           [](Seller& s) {
             if (!s.sells() || !refused(s, "QP-E-MISMATCH")) {
               return Got();
             }
             s.broker_takes("released", "final");
             const Got told = s.takes_back();
             return told ? Got(*told + (s.revoke(1) && s.is("WITHDRAWN") ? ", taken back" : ", not taken back")) : Got();
           }),
      told("revoke.never-answered", "When T_claim is over it is given up.", "E7 C20", {"QP-ADD-27", "QP-ADD-01"}, "settled, silent",
           [](Seller& s) {
             if (!s.settles()) {
               return Got();
             }
             s.merchant().broker()->script("RevokeOrder", lose_request(), -1);
             if (s.takes_back() != "accepted" || !s.world().advance(protocol::T_claim_default + 1)) {
               return Got();
             }
             const std::size_t from = s.revoker().session().transcript().mark();
             const bool moved = s.world().advance(7200);
             const bool silent = moved && s.world().sent_by_iut("RevokeOrder", from).empty();
             return Got(std::string(s.is("SETTLED") ? "settled" : "another state") + (silent ? ", silent" : ", sent again"));
           },
           "F")};
}

// ---------------------------------------------------------------- contests
/// The Item of the order in the n-th case that the Vendor brings.
std::optional<Element> brought(Seller& s, std::size_t n = 0) {
  if (!s.merchant().request("SettleWithHost", n)) {
    return std::nullopt;
  }
  const auto made = s.merchant().object("SettleWithHost", n);
  for (const Element* item : made ? all_of(*made, "Item") : std::vector<const Element*>{}) {
    if (*child(*item, "OrderRef") == s.order().ref) {
      return *item;
    }
  }
  return std::nullopt;
}

std::string word_on_case(const std::optional<Element>& item) {
  return !item ? "no case" : text_at(*item, "Contest") == "yes" ? "contested" : "not contested";
}

/// The Broker refuses the claim with this code, and the Host approves. `own`: it has refused a revoke of the Vendor before.
Course goes_to_host(const char* code, bool own = false) {
  return [code, own](Seller& s) -> Got {
    if (!s.sells() || (own && !refused(s, "QP-E-MISMATCH"))) {
      return std::nullopt;
    }
    s.merchant().broker_refuses(code);
    s.merchant().host_says("approve", "QP-OK");
    if (!s.merchant().settled_something() || !s.merchant().request("SettleWithBroker")) {
      return std::nullopt;
    }
    const std::string word = word_on_case(brought(s));
    s.merchant().calm();
    return word + (s.claims_it(1) && s.is("SETTLED") ? ", then paid" : ", not paid");
  };
}

/// The operator contests a revoke that the Broker has said nothing about.
Course contests(bool settled) {
  return [settled](Seller& s) -> Got {
    if (settled ? !s.settles() : !s.sells()) {
      return std::nullopt;
    }
    s.merchant().host_says("approve", "QP-OK");
    const Got pressed = s.presses("contest");
    return pressed ? std::optional(*pressed + ", " + word_on_case(brought(s))) : std::nullopt;
  };
}

std::vector<ToldOfRevoke> contested() {
  const std::vector<std::string> say = {"QP-RV-012", "QP-ADD-16"};
  return {told("revoke.contested-pending", "A claim that waits for a revoke goes before the Host, contested.", "C9 U1 C12 PENDING", say,
               "contested, then paid", goes_to_host("QP-E-PENDING")),
          told("revoke.contested-revoked", "So does one that was refused as revoked.", "C9 U1 C12 REVOKED", say, "contested, then paid",
               goes_to_host("QP-E-REVOKED")),
          told("revoke.contested-unknown", "And any other regular order: who knows what was registered.", "C9 U1 C12 UNKNOWN-ORDER", say,
               "contested, then paid", goes_to_host("QP-E-UNKNOWN-ORDER")),
          told("revoke.contested-after-a-refusal", "A revoke that was refused is none: somebody else's is contested all the same.", "C9 U1 C12 E5",
               say, "contested, then paid", goes_to_host("QP-E-PENDING", true)),
          told("revoke.contest", "The operator may contest before the Broker is asked.", "C23 U1", say, "accepted, contested", contests(false)),
          told("revoke.contest-settled", "Also of an order that was settled.", "C24 U1", say, "accepted, contested", contests(true))};
}

// ---------------------------------------------------------------- buttons that refuse
struct Refused {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* op;
  std::function<std::optional<std::string>(Seller&)> reach;  ///< the OrderId; nothing: it did not get there
};

std::optional<std::string> his(Seller& s, bool reached) {
  return reached ? std::optional(text_at(s.order().ref, "OrderId")) : std::nullopt;
}
std::optional<std::string> in_a_batch(Seller& s) {
  s.merchant().broker()->script("SettleWithBroker", hold_request());
  return his(s, s.sells() && s.merchant().settled_something() && s.merchant().request("SettleWithBroker"));
}
std::optional<std::string> before_the_host(Seller& s) {
  s.merchant().host()->script("SettleWithHost", hold_request());
  const bool sold = s.sells();
  s.merchant().broker_refuses("QP-E-UNKNOWN-ORDER");
  return his(s, sold && s.merchant().settled_something() && s.merchant().request("SettleWithHost"));
}
std::optional<std::string> taken(Seller& s) {
  s.broker_takes("released", "final");
  return his(s, s.sells() && s.takes_back() == "accepted" && s.revoke());
}
std::optional<std::string> being_taken(Seller& s) {
  s.merchant().broker()->script("RevokeOrder", hold_request());
  return his(s, s.sells() && s.takes_back() == "accepted" && s.revoke());
}
std::optional<std::string> micropayment(Seller& s) {
  const auto ref = s.merchant().sells();
  return ref ? std::optional(text_at(*ref, "OrderId")) : std::nullopt;
}

std::vector<Refused> refused_buttons() {
  const std::vector<std::string> rest = {"QP-RV-002"}, say = {"QP-RV-012"};
  return {{"revoke.button.unknown", "An order that there is not is not taken back.", "E2 unknown", rest, "revoke",
           [](Seller&) { return std::optional<std::string>("no-such-order"); }},
          {"revoke.button.micropayment", "A micropayment is not taken back.", "E2 Kind", {"QP-RV-001", "QP-MP-021"}, "revoke", micropayment},
          {"revoke.button.in-a-batch", "What is in a batch is not taken back.", "E2 CLAIMED", rest, "revoke", in_a_batch},
          {"revoke.button.before-the-host", "Nor what is before the Host.", "E2 ARBITRATION", rest, "revoke", before_the_host},
          {"revoke.button.twice", "Nor what was taken back.", "E2 REVOKED", rest, "revoke", taken},
          {"revoke.button.meanwhile", "Nor what is being taken back.", "E2 REVOKING", rest, "revoke", being_taken},
          {"contest.button.unknown", "A revoke of an order that there is not is not contested.", "refuse contest unknown", say, "contest",
           [](Seller&) { return std::optional<std::string>("no-such-order"); }},
          {"contest.button.in-a-batch", "Nor one of an order in a batch.", "refuse contest CLAIMED", say, "contest", in_a_batch},
          {"contest.button.own", "Nor one of the Vendor's own.", "refuse contest WITHDRAWN", say, "contest", taken}};
}

/// A plain order that is taken back.
bool takes_one_back(Session& session) {
  Revoker revoker(session);
  Seller seller(revoker);
  seller.merchant().calm();
  seller.broker_takes("released", "final");
  const std::size_t before = session.world().sent_by_iut("RevokeOrder").size();
  return seller.sells() && seller.takes_back() == "accepted" && seller.merchant().request("RevokeOrder", before).has_value();
}

Negative refused_button(Session& session, const std::string& check, const Refused& one) {
  const auto revoker = std::make_shared<Revoker>(session);
  const auto order = std::make_shared<std::optional<std::string>>();
  const auto pressed = std::make_shared<Reaction>();
  Negative plan;
  plan.check = check;
  plan.reach = [revoker, order, one](Session& s) {
    Seller seller(*revoker);
    *order = nothing_to_revoke(s) ? std::nullopt : one.reach(seller);
    return order->has_value();
  };
  plan.stimulus = [order, pressed, one](Session& s) {
    *pressed = reaction_of(s.iut().act(one.op, {{"order", **order}}));
    s.world().settle();
    return true;
  };
  plan.reaction = [pressed](Session&) { return *pressed; };
  plan.forbidden = [order, one](const Entry& entry) {
    const bool message = entry.message == (std::string_view(one.op) == "revoke" ? "RevokeOrder" : "SettleWithHost");
    return entry.by_iut && entry.kind == EntryKind::request && message && entry.body.find("<OrderId>" + **order + "<") != std::string::npos;
  };
  plan.forbidden_text = "nothing is sent about the order";
  plan.benign = takes_one_back;
  return plan;
}

void add_refused_buttons(Suite& suite) {
  for (const Refused& one : refused_buttons()) {
    suite.negative({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = one.requirements,
                    .mutation = one.id,
                    .twin = std::string_view(one.op) == "revoke" ? "revoke.sent" : "revoke.contest"},
                   [check = suite.name(one.id), one](Session& session) { return refused_button(session, check, one); });
  }
}

}  // namespace

void add_vendor_revoke(Suite& suite) {
  suite.belongs_to("revoke", false);
  for (const auto& some : {taken_back(), repeated(), failed(), contested()}) {
    add_told(suite, some);
  }
  add_refused_buttons(suite);
}

}  // namespace quickpay::conformance
