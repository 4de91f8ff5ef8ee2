// The Vendor settles: what it claims, how often, from whom, and what it does with the words that it gets.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/merchant.hpp"
#include "conformance/suites/vendor_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kUnknown(protocol::QP_E_UNKNOWN_ORDER);

/// What a scenario found out; empty: as expected.
struct Found {
  bool reached = true;
  std::string fault;
  static Found not_reached(std::string what) { return {false, std::move(what)}; }
  static Found unless(bool right, std::string fault) { return {true, right ? std::string() : std::move(fault)}; }
};

struct Told {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  std::function<Found(Session&, Merchant&)> course;
  std::vector<Part> parts = {};
};

/// Whether the n-th Claim of the Vendor names exactly these orders.
bool claims_exactly(Merchant& merchant, std::size_t n, const std::vector<Element>& refs) {
  const auto claim = merchant.object("SettleWithBroker", n);
  const auto items = claim ? all_of(*claim, "Item") : std::vector<const Element*>{};
  return items.size() == refs.size() && std::all_of(refs.begin(), refs.end(), [&](const Element& ref) {
           return std::any_of(items.begin(), items.end(),
                              [&](const Element* item) { return *child(*item, "OrderRef") == ref; });
         });
}

/// The order is in this state, where the Vendor shows its claims.
bool in_state(Merchant& merchant, const Element& ref, const std::string& state) {
  merchant.world().settle();
  const std::string shown = merchant.state_of(ref);
  return !merchant.shows_claims() || shown == state;
}

/// A batch may begin again, and the order is in it, or is not.
bool is_claimed_again(Merchant& merchant, const Element& ref, std::size_t n) {
  return merchant.world().advance(protocol::T_batchmin_default) && merchant.settled_something() &&
         merchant.request("SettleWithBroker", n) && claims_exactly(merchant, n, {ref});
}
bool is_not_claimed_again(Merchant& merchant) {
  return merchant.world().advance(protocol::T_batchmin_default) && merchant.nothing_to_settle();
}

/// The order is sold, claimed, and refused by the Broker with this code.
std::optional<Element> refused_order(Merchant& merchant, const std::string& code) {
  const auto ref = merchant.sells();
  if (!ref) {
    return std::nullopt;
  }
  merchant.broker_refuses(code);
  return merchant.settled_something() && merchant.request("SettleWithBroker") ? ref : std::nullopt;
}

/// The order is before the Host, which says this.
std::optional<Element> judged_order(Merchant& merchant, const std::string& decision, const std::string& code) {
  merchant.host_says(decision, code);
  const auto ref = refused_order(merchant, kUnknown);
  return ref && merchant.request("SettleWithHost") ? ref : std::nullopt;
}

const char* const kNoSale = "no sale, or no batch";

std::vector<Told> claimed() {
  return {
      {"settle.batch", "Every delivered order is claimed, many in one batch.", "C1 C2 C5 T1 T3", {"QP-BS-001", "QP-BS-007", "QP-BS-002"},
       [](Session&, Merchant& m) {
         const auto one = m.sells(0), other = m.sells(1);
         const auto told = m.settle();
         if (!one || !other || !told) {
           return Found::not_reached(kNoSale);
         }
         if (told->kind != OutcomeKind::accepted || !m.request("SettleWithBroker")) {
           return Found::unless(false, "no batch of what was delivered");
         }
         const bool right = claims_exactly(m, 0, {*one, *other}) && in_state(m, *one, "SETTLED") && in_state(m, *other, "SETTLED");
         return Found::unless(right, "another Claim, or claims that are not SETTLED");
       }},
      {"settle.nothing", "What was only ordered is not claimed.", "T2", {"QP-BS-005"},
       [](Session& session, Merchant& m) {
         if (!Buyer(session).offer()) {
           return Found::not_reached("no offer");
         }
         const bool nothing = m.nothing_to_settle();
         m.world().settle();
         return Found::unless(nothing && m.world().sent_by_iut("SettleWithBroker").empty(), "a batch of nothing");
       }},
      {"settle.once", "What was settled is not claimed again.", "C5 SETTLED", {"QP-BS-004", "QP-ADD-09"},
       [](Session&, Merchant& m) {
         if (!m.sells() || !m.settled_something() || !m.request("SettleWithBroker")) {
           return Found::not_reached(kNoSale);
         }
         return Found::unless(is_not_claimed_again(m), "claimed again");
       }},
      {"settle.pause", "Two batches for a Broker and currency lie T_batchmin apart.", "T2 T_batchmin", {"QP-BS-005"},
       [](Session&, Merchant& m) {
         const bool first = m.sells() && m.settled_something() && m.request("SettleWithBroker");
         const auto second = m.sells(1);
         if (!first || !second) {
           return Found::not_reached(kNoSale);
         }
         const bool early = m.world().advance(protocol::T_batchmin_default - 1) && m.nothing_to_settle();
         const bool late = m.world().advance(1) && m.settled_something() && m.request("SettleWithBroker", 1);
         return Found::unless(early && late && claims_exactly(m, 1, {*second}), early ? "no second batch in time" : "a batch too early");
       }},
      {"settle.two-brokers", "Each Broker gets a batch of its own orders.", "T1 Broker", {"QP-BS-002", "QP-BS-005"},
       [](Session&, Merchant& m) {
         const auto one = m.sells(0), other = m.sells(1, m.world().cast().other_broker);
         if (!one || !other || !m.settled_something() || !m.request("SettleWithBroker", 1)) {
           return Found::not_reached(kNoSale);
         }
         const bool right = (claims_exactly(m, 0, {*one}) && claims_exactly(m, 1, {*other})) ||
                            (claims_exactly(m, 1, {*one}) && claims_exactly(m, 0, {*other}));
         return Found::unless(right, "other Claims");
       },
       {Part::other_broker}},
      {"settle.expired", "After SettleBy an order is claimed no more.", "C3", {"QP-ADD-27"},
       [](Session&, Merchant& m) {
         if (!m.sells() || !m.world().advance(protocol::T_settle_default + 1)) {
           return Found::not_reached(kNoSale);
         }
         return Found::unless(m.nothing_to_settle(), "claimed after SettleBy");
       }}};
}

std::vector<Told> repeated() {
  const auto again = [](Act act, bool restart) {
    return [act, restart](Session& session, Merchant& m) {
      const auto ref = m.sells();
      if (!ref) {
        return Found::not_reached(kNoSale);
      }
      m.broker()->script("SettleWithBroker", act);
      const bool sent = m.settled_something() && m.request("SettleWithBroker") && (!restart || session.world().restart(true));
      if (!sent) {
        return Found::not_reached("no batch, or no restart");
      }
      const bool retried = m.request("SettleWithBroker", 1).has_value();
      return Found::unless(retried && !m.object("SettleWithBroker", 1) && in_state(m, *ref, "SETTLED"),
                           retried ? "another Claim, or not SETTLED" : "no retry");
    };
  };
  return {{"settle.answer-lost", "While there is no answer the same Claim is sent again.", "T8 answer", {"QP-ADD-01", "QP-BS-002"},
           again(lose_answer(), false)},
          {"settle.request-lost", "A Claim that nobody received is sent again.", "T8 request", {"QP-ADD-01", "QP-BS-002"},
           again(lose_request(), false)},
          {"settle.broker-busy", "A Claim that was put off is sent again.", "T8 same", {"QP-ADD-01", "QP-BS-002"},
           again(answer_code("QP-E-BUSY"), false)},
          {"settle.killed", "A Claim outlives the process that made it.", "T8 restart", {"QP-ADD-01", "QP-BS-002"},
           again(lose_answer(), true)},
          {"settle.refused-whole", "What was refused as a whole is claimed again, in another batch.", "T6 C10", {"QP-BS-001", "QP-BS-007"},
           [](Session&, Merchant& m) {
             const auto ref = m.sells();
             m.broker()->script("SettleWithBroker", answer_code("QP-E-CURRENCY"));
             if (!ref || !m.settled_something() || !m.request("SettleWithBroker")) {
               return Found::not_reached(kNoSale);
             }
             return Found::unless(is_claimed_again(m, *ref, 1) && in_state(m, *ref, "SETTLED"), "not claimed again");
           }}};
}

/// The Vendor goes to the Host when it has tried for T_broker, and not before.
Found goes_to_host(Merchant& m) {
  constexpr int kMoves = 60;
  constexpr std::int64_t kStep = 1800;  ///< seconds
  if (!m.sells() || !m.settled_something() || !m.request("SettleWithBroker")) {
    return Found::not_reached(kNoSale);
  }
  const std::int64_t begun = m.world().moved_ms();
  for (int i = 0; i < kMoves && m.world().sent_by_iut("SettleWithHost").empty() && m.world().advance(kStep); ++i) {
  }
  const bool asked = !m.world().sent_by_iut("SettleWithHost").empty();
  const bool patient = m.world().moved_ms() - begun >= protocol::T_broker_default * 1000;
  return Found::unless(asked && patient, asked ? "too early" : "no case");
}

std::vector<Told> refused() {
  const auto word = [](const char* code, bool again) {
    return [code = std::string(code), again](Session&, Merchant& m) {
      const auto ref = refused_order(m, code);
      if (!ref) {
        return Found::not_reached(kNoSale);
      }
      m.calm();
      const bool right = again ? is_claimed_again(m, *ref, 1) : in_state(m, *ref, "SETTLED") && is_not_claimed_again(m);
      const bool host = !m.world().sent_by_iut("SettleWithHost").empty();
      return Found::unless(right && !host, host ? "the Host was asked" : "another course");
    };
  };
  return {{"settle.already-settled", "What was settled before needs no Host.", "C6", {"QP-ADD-09", "QP-SAFE-004"},
           word("QP-E-ALREADY-SETTLED", false)},
          {"settle.wrong-currency", "What was refused for its currency is claimed again.", "C7", {"QP-BS-001"}, word("QP-E-CURRENCY", true)},
          {"settle.to-the-host", "What the Broker refuses goes before the Host, with the refusal.", "C9 U1", {"QP-BS-003", "QP-BS-008"},
           [](Session&, Merchant& m) {
             m.host()->script("SettleWithHost", hold_request());
             const auto ref = refused_order(m, kUnknown);
             if (!ref) {
               return Found::not_reached(kNoSale);
             }
             const bool asked = m.request("SettleWithHost").has_value();
             const auto made = m.object("SettleWithHost");
             const Element* settlement = made ? child(*made, "Settlement") : nullptr;
             return Found::unless(settlement != nullptr && refusal_of(*settlement, *ref) != nullptr,
                                  asked ? "a case without the refusal" : "no case");
           }},
          {"settle.liar", "A Broker that answers nothing but lies for T_broker counts as one that does not answer.", "T4 C11 U1",
           {"QP-BS-003", "QP-ADD-10", "QP-ADD-18"},
           [](Session&, Merchant& m) {
             m.broker()->script({"SettleWithBroker", {}, -1, edit_answer("altered for ever", [](Element& answer) {
                                   set_text(answer, "Body/Settlement/ValueDate", "2036-11-22T12:00:00Z");
                                 })});
             return goes_to_host(m);
           }},
          {"settle.unreachable", "What a Broker does not answer for T_broker goes before the Host.", "T7 C11 U1", {"QP-BS-003", "QP-ADD-10"},
           [](Session&, Merchant& m) {
             m.broker()->script("SettleWithBroker", lose_request(), -1);
             return goes_to_host(m);
           }}};
}

std::vector<Told> judged() {
  return {
      {"settle.approved", "An Approval of the Host is brought to the Broker with the next Claim.", "U4 C12", {"QP-BS-004"},
       [](Session&, Merchant& m) {
         const auto ref = judged_order(m, "approve", "QP-OK");
         if (!ref) {
           return Found::not_reached("no case");
         }
         m.calm();
         const bool again = is_claimed_again(m, *ref, 1);
         const auto claim = m.object("SettleWithBroker", 1);
         const bool brought = claim && text_at(*claim, "Approval/Approved/OrderId") == text_at(*ref, "OrderId");
         return Found::unless(again && brought && in_state(m, *ref, "SETTLED"), again ? "without the Approval" : "not claimed again");
       }},
      {"settle.approved-in-vain", "What the Broker refuses although the Host approved it is lost.", "C8", {"QP-BS-004"},
       [](Session&, Merchant& m) {
         const auto ref = judged_order(m, "approve", "QP-OK");
         m.calm();
         m.broker_refuses(kUnknown);
         if (!ref || !is_claimed_again(m, *ref, 1)) {
           return Found::not_reached("no second claim");
         }
         m.calm();
         return Found::unless(in_state(m, *ref, "LOST") && is_not_claimed_again(m), "goes on");
       }},
      {"settle.rejected", "What the Host rejects is claimed no more.", "C13", {"QP-BS-010"},
       [](Session&, Merchant& m) {
         const auto ref = judged_order(m, "reject", "QP-E-NO-COMMIT");
         m.calm();
         return ref ? Found::unless(in_state(m, *ref, "LOST") && is_not_claimed_again(m), "goes on") : Found::not_reached("no case");
       }},
      {"settle.pending", "At DecideBy the Vendor asks the Host again.", "U3 U7", {"QP-BS-010", "QP-ADD-08"},
       [](Session&, Merchant& m) {
         const auto ref = judged_order(m, "pending", "QP-E-PENDING");
         m.calm();
         const bool early = m.world().sent_by_iut("SettleWithHost").size() > 1;
         const bool again = ref && m.request("SettleWithHost", 1);
         return ref ? Found::unless(again && !early && !m.object("SettleWithHost", 1), again ? "too early, or another case" : "no word again")
                    : Found::not_reached("no case");
       }}};
}

std::vector<Told> given_back() {
  return {
      {"settle.turned-down", "What the Host does not judge yet is claimed again.", "C15", {"QP-BS-003"},
       [](Session&, Merchant& m) {
         const auto ref = judged_order(m, "refused", "QP-E-BROKER-FIRST");
         m.calm();
         return ref ? Found::unless(is_claimed_again(m, *ref, 1), "not claimed again") : Found::not_reached("no case");
       }},
      {"settle.turned-down-settled", "What the Host calls settled is not claimed again.", "C14", {"QP-ADD-09"},
       [](Session&, Merchant& m) {
         const auto ref = judged_order(m, "refused", "QP-E-ALREADY-SETTLED");
         m.calm();
         return ref ? Found::unless(in_state(m, *ref, "SETTLED") && is_not_claimed_again(m), "goes on") : Found::not_reached("no case");
       }},
      {"settle.case-returned", "A case that was refused as a whole is claimed again.", "U5 C16", {"QP-BS-003", "QP-BS-008"},
       [](Session&, Merchant& m) {
         m.host()->script("SettleWithHost", answer_code("QP-E-BROKER"));
         const auto ref = refused_order(m, kUnknown);
         if (!ref || !m.request("SettleWithHost")) {
           return Found::not_reached("no case");
         }
         m.calm();
         return Found::unless(is_claimed_again(m, *ref, 1), "not claimed again");
       }},
      {"settle.case-lost", "A case without an answer is brought again.", "U6", {"QP-ADD-01", "QP-BS-008"},
       [](Session&, Merchant& m) {
         m.host()->script("SettleWithHost", lose_answer());
         const auto ref = refused_order(m, kUnknown);
         if (!ref || !m.request("SettleWithHost")) {
           return Found::not_reached("no case");
         }
         const bool again = m.request("SettleWithHost", 1).has_value();
         return Found::unless(again && !m.object("SettleWithHost", 1), again ? "another case" : "no retry");
       }}};
}

std::vector<Told> withdrawn() {
  const auto withdraw = [](Session& session, const Element& ref) {
    return session.iut().act("withdraw", {{"order", text_at(ref, "OrderId")}});
  };
  return {{"settle.withdrawn", "What the owner gives up is not claimed.", "C4", {"QP-BS-001"},
           [withdraw](Session& s, Merchant& m) {
             const auto ref = m.sells();
             const auto done = ref ? withdraw(s, *ref) : tl::unexpected(IutError{});
             return done ? Found::unless(m.nothing_to_settle() && in_state(m, *ref, "WITHDRAWN"), "claimed all the same")
                         : Found::not_reached("no sale, or no withdrawal");
           }},
          {"settle.withdrawn-before-host", "What is given up before the Host is brought there as withdrawn.", "C17", {"QP-BS-003"},
           [withdraw](Session& s, Merchant& m) {
             const auto ref = judged_order(m, "pending", "QP-E-PENDING");
             m.calm();
             const auto done = ref ? withdraw(s, *ref) : tl::unexpected(IutError{});
             if (!done) {
               return Found::not_reached("no case, or no withdrawal");
             }
             (void)m.request("SettleWithHost", 1);
             const auto made = m.object("SettleWithHost", 1);
             return Found::unless(made && text_at(*made, "Item/Withdrawn") == "yes", "no case that gives it up");
           }},
          {"settle.withdrawn-too-late", "What was settled cannot be given up.", "refuse withdraw", {"QP-BS-001"},
           [withdraw](Session& s, Merchant& m) {
             const auto ref = m.sells();
             if (!ref || !m.settled_something() || !m.request("SettleWithBroker")) {
               return Found::not_reached(kNoSale);
             }
             m.world().settle();
             const auto done = withdraw(s, *ref);
             return done ? Found::unless(done->kind == OutcomeKind::rejected, "given up") : Found::not_reached("no withdrawal");
           }}};
}

}  // namespace

void add_vendor_settlement(Suite& suite) {
  suite.belongs_to("settlement", false);
  for (const auto& some : {claimed(), repeated(), refused(), judged(), given_back(), withdrawn()}) {
    for (const Told& one : some) {
      suite.positive({.id = one.id,
                      .title = one.title,
                      .subject = one.subject,
                      .requirements = one.requirements,
                      .mutation = one.id,
                      .parts = one.parts},
                     [check = suite.name(one.id), one](Session& session) {
                       Merchant merchant(session);
                       const Found found = one.course(session, merchant);
                       found.reached ? judge(session, check, found.fault.empty(), one.title,
                                             found.fault.empty() ? "so it was" : found.fault, {}, Reason::wrong_state)
                                     : unreached(session, found.fault);
                     });
    }
  }
  add_settlement_lies(suite);
}

}  // namespace quickpay::conformance
