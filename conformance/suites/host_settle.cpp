// The Host hears disputes: how a case goes on, what is kept, and what its own suspensions change.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/host_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kLate = protocol::T_register_default + 60;
const std::string kUnknown(protocol::QP_E_UNKNOWN_ORDER);
const std::string kExpired(protocol::QP_E_SETTLE_EXPIRED);

/// A dispute at the Host under test, step by step. Steps say whether they could be taken.
class Dispute {
 public:
  explicit Dispute(Session& session) : session_(session), world_(session.world()), registrar_(session), claimant_(session) {
    paid_ = registrar_.order();
  }

  PaidOrder& paid() { return paid_; }
  Claimant& claimant() { return claimant_; }
  World& world() { return world_; }

  bool commits() { return sent(registrar_.commit(paid_)); }
  bool commits_until(std::int64_t settle_by_s) {
    Sending sending = registrar_.commit(paid_);
    set_text(sending.document, "Body/SettleBy", world_.now_text(settle_by_s));
    return sent(sending);
  }
  bool delivers() { return sent(registrar_.delivery(paid_)); }
  bool receives() { return sent(registrar_.reception(paid_)); }
  bool denies() { return sent(registrar_.reception(paid_, "not-received")); }
  bool stranger_receives() { return sent(registrar_.reception(paid_, "", world_.cast().other_wallet)); }
  bool waits(std::int64_t seconds) { return world_.advance(seconds); }
  bool suspended_for(std::int64_t seconds) { return conformance::suspended_for(session_, seconds); }

  /// A case that the Broker refused with this code; empty: that it never answered.
  Element made(const std::string& code) {
    Element host_case = claimant_.host_case({paid_});
    Claimant::add(host_case, code.empty() ? claimant_.unreachable() : claimant_.settlement(paid_, {{paid_.ref, code}}));
    return claimant_.signed_by_vendor(host_case);
  }
  /// Brings it; the first one is kept and brought again by again().
  Reply brings(const std::string& code) {
    last_ = made(code);
    return again();
  }
  Reply again() { return world_.send(claimant_.bringing(last_)); }

 private:
  bool sent(const Sending& sending) { return world_.send(sending).ok(); }

  Session& session_;
  World& world_;
  Registrar registrar_;
  Claimant claimant_;
  PaidOrder paid_;
  Element last_;
};

void judge_verdict(Session& session, const std::string& check, const std::string& expected, const Reply& reply) {
  judge(session, check, verdict_of(reply) == expected, expected, reply.ok() ? verdict_of(reply) : outcome_text(reply),
        reply.entries, Reason::wrong_state);
}

/// A scenario whose last step gives a verdict. Empty reply: it was not reached.
using Course = std::function<std::optional<Reply>(Dispute&)>;

struct Told {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* expected;
  Course course;
  bool level_e = false;
  std::vector<Part> parts = {};
};

void add_told(Suite& suite, const std::vector<Told>& all) {
  for (const Told& one : all) {
    const std::string id = std::string("dispute.") + one.id;
    suite.positive({.id = id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = one.requirements,
                    .mutation = one.id,
                    .level_e = one.level_e,
                    .parts = one.parts},
                   [check = suite.name(id), one](Session& session) {
                     Dispute dispute(session);
                     if (lacks_keys(session)) {
                       return;
                     }
                     const auto reply = one.course(dispute);
                     reply ? judge_verdict(session, check, one.expected, *reply)
                           : unreached(session, "a step before the verdict could not be taken");
                   });
  }
}

using Steps = std::optional<Reply>;
Steps if_taken(bool taken, const std::function<Reply()>& last) { return taken ? Steps(last()) : std::nullopt; }

const char* const kPending = "pending QP-E-PENDING";

std::vector<Told> decided() {
  return {
      {"approved", "What all three registered is payable, whatever the Broker says.", "J9 Y9", {"QP-BS-010", "QP-SEC-006"},
       "approve QP-OK",
       [](Dispute& d) {
         return if_taken(d.commits() && d.delivers() && d.receives(), [&] { return d.brings(kUnknown); });
       },
       true},
      {"late-reception", "A pending order is approved when the Wallet says that it has the goods.", "Y11 Y23",
       {"QP-BS-011", "QP-ADD-08"}, "approve QP-OK",
       [](Dispute& d) {
         const bool open = d.commits() && verdict_of(d.brings(kUnknown)) == kPending;
         return if_taken(open && d.waits(kLate) && d.receives(), [&] { return d.again(); });
       }},
      {"denied", "A pending order is rejected when the Wallet says that it has nothing.", "Y11 Y24", {"QP-BS-011", "QP-ADD-08"},
       "reject QP-E-NO-DELIVERY",
       [](Dispute& d) {
         const bool open = d.commits() && verdict_of(d.brings(kUnknown)) == kPending;
         return if_taken(open && d.denies(), [&] { return d.again(); });
       },
       true},
      {"strangers-word", "The word of a Wallet that the commitment does not name decides nothing.", "Y25", {"QP-BS-011", "QP-ADD-08"},
       kPending,
       [](Dispute& d) {
         const bool open = d.commits() && verdict_of(d.brings(kUnknown)) == kPending;
         return if_taken(open && d.stranger_receives(), [&] { return d.again(); });
       },
       true,
       {Part::other_wallet}},
      {"late-commit", "A commitment counts, however late it is registered: it is said against the Broker's interest.", "Y11 Y23 commit",
       {"QP-BS-011", "QP-ADD-08"}, "approve QP-OK",
       [](Dispute& d) {
         const bool open = d.delivers() && d.waits(kLate) && verdict_of(d.brings("")) == kPending;
         return if_taken(open && d.commits(), [&] { return d.again(); });
       }},
      {"admitted", "A refusal that admits the commitment is the Broker's yes.", "Y11 Y20", {"QP-ADD-08", "QP-BS-010"}, "approve QP-OK",
       [](Dispute& d) {
         const bool open = d.delivers() && d.waits(kLate) && verdict_of(d.brings("")) == kPending;
         return if_taken(open, [&] { return d.brings(kExpired); });
       }},
      {"denied-by-broker", "A refusal that denies the commitment, and nothing else: the order is not payable.", "Y11 Y21",
       {"QP-ADD-08", "QP-BS-010"}, "reject QP-E-NO-COMMIT",
       [](Dispute& d) {
         const bool open = d.delivers() && d.waits(kLate) && verdict_of(d.brings("")) == kPending;
         return if_taken(open, [&] { return d.brings(kUnknown); });
       }},
      {"still-pending", "A second case with nothing new decides nothing.", "Y11 Y22", {"QP-ADD-08", "QP-BS-010"}, kPending,
       [](Dispute& d) {
         const bool open = d.delivers() && d.waits(kLate) && verdict_of(d.brings("")) == kPending;
         return if_taken(open, [&] { return d.brings(""); });
       }},
      {"window-over", "At the end of the window the Host decides on what it has.", "Y11 Y27", {"QP-ADD-08"}, "reject QP-E-NO-DELIVERY",
       [](Dispute& d) {
         const bool open = d.commits() && verdict_of(d.brings(kUnknown)) == kPending;
         return if_taken(open && d.waits(protocol::T_stmt_default + 1), [&] { return d.again(); });
       }},
      {"last-second-of-window", "The last second of the window counts.", "Y11 Y23 DecideBy", {"QP-ADD-08", "QP-ADD-27"},
       "approve QP-OK",
       [](Dispute& d) {
         const bool open = d.commits() && verdict_of(d.brings(kUnknown)) == kPending;
         return if_taken(open && d.waits(protocol::T_stmt_default) && d.receives(), [&] { return d.again(); });
       }}};
}

std::vector<Told> kept() {
  return {
      {"approval-kept", "An approval is kept, whatever is stated later.", "J19 APPROVED", {"QP-ADD-09", "QP-BS-010"}, "approve QP-OK",
       [](Dispute& d) {
         const bool said = d.commits() && d.delivers() && verdict_of(d.brings(kUnknown)) == "approve QP-OK";
         return if_taken(said && d.denies(), [&] { return d.brings(kUnknown); });
       },
       true},
      {"rejection-kept", "A rejection is kept, whatever is registered later.", "J19 REJECTED", {"QP-ADD-09", "QP-BS-010"},
       "reject QP-E-NO-COMMIT",
       [](Dispute& d) {
         const bool said = d.delivers() && verdict_of(d.brings(kUnknown)) == "reject QP-E-NO-COMMIT";
         return if_taken(said && d.commits() && d.receives(), [&] { return d.brings(kUnknown); });
       },
       true},
      {"withdrawn", "What the Vendor gives up is not payable.", "Y1", {"QP-BS-010"}, "reject QP-E-NOT-CLAIMED",
       [](Dispute& d) {
         Element made = d.claimant().host_case({d.paid()});
         child(made, "Item")->children.push_back(leaf("Withdrawn", "yes"));
         return if_taken(d.commits() && d.delivers(), [&] { return d.claimant().bring(made); });
       },
       true},
      {"withdrawn-when-pending", "A pending order can be given up.", "Y11 Y12", {"QP-BS-010"}, "reject QP-E-NOT-CLAIMED",
       [](Dispute& d) {
         const bool open = d.commits() && verdict_of(d.brings(kUnknown)) == kPending;
         Element made = d.claimant().host_case({d.paid()});
         child(made, "Item")->children.push_back(leaf("Withdrawn", "yes"));
         return if_taken(open, [&] { return d.claimant().bring(made); });
       },
       true},
      {"other-copy", "What was registered of another copy of the order says nothing about this one.", "Y10 OrderRef",
       {"QP-ADD-08", "QP-ADD-06", "QP-SAFE-001"}, "reject QP-E-NO-COMMIT",
       [](Dispute& d) {
         const bool registered = d.commits() && d.delivers() && d.receives();
         set_text(d.paid().ref, "Digest", d.world().session().random().hex(64));
         return if_taken(registered, [&] { return d.brings(kUnknown); });
       },
       true},
      {"conflicting-copies", "Each of two copies of an order is judged by what was registered of it.", "Y9 OrderRef",
       {"QP-ADD-08", "QP-ADD-06"}, "approve QP-OK",
       [](Dispute& d) {
         const PaidOrder right = d.paid();
         set_text(d.paid().ref, "Amount", "999");
         const bool wrong = d.delivers();
         d.paid() = right;
         return if_taken(wrong && d.commits() && d.delivers(), [&] { return d.brings(kUnknown); });
       },
       true},
      {"vendor-and-wallet-alone", "Vendor and Wallet together cannot make a Broker pay that never committed.", "Y10 literal",
       {"QP-SEC-006", "QP-ADD-08"}, "reject QP-E-NO-COMMIT",
       [](Dispute& d) { return if_taken(d.delivers() && d.receives(), [&] { return d.brings(kUnknown); }); }, true}};
}

// ---------------------------------------------------------------- suspensions and time
constexpr std::int64_t kAway = 7200;  ///< seconds of a suspension

std::vector<Told> timed() {
  return {
      {"late-for-the-host", "What came late because the Host was suspended came in time.", "Y9 suspended", {"QP-ADD-07", "QP-ADD-08"},
       "approve QP-OK",
       [](Dispute& d) {
         const bool late = d.commits() && d.suspended_for(kAway) && d.waits(protocol::T_register_default - kAway / 2) && d.delivers();
         return if_taken(late, [&] { return d.brings(kUnknown); });
       }},
      {"late-without-reason", "What came late without such a reason did not.", "Y11 late", {"QP-ADD-07", "QP-ADD-08"}, kPending,
       [](Dispute& d) {
         const bool late = d.commits() && d.waits(protocol::T_register_default + kAway / 2) && d.delivers();
         return if_taken(late, [&] { return d.brings(kUnknown); });
       }},
      {"claim-for-a-suspension", "If the Host was suspended meanwhile, the Vendor's claim is its word.", "Y9 claim", {"QP-ADD-07", "QP-ADD-08"},
       "approve QP-OK",
       [](Dispute& d) { return if_taken(d.commits() && d.suspended_for(60), [&] { return d.brings(kUnknown); }); }},
      {"put-off", "A suspension puts DecideBy off.", "Y26", {"QP-ADD-07"}, kPending,
       [](Dispute& d) {
         const bool open = d.delivers() && d.waits(kLate) && verdict_of(d.brings("")) == kPending;
         return if_taken(open && d.suspended_for(kAway) && d.waits(protocol::T_stmt_default - kAway / 2), [&] { return d.again(); });
       }},
      {"put-off-over", "And no longer than it lasted.", "Y26 Y27", {"QP-ADD-07"}, "reject QP-E-NO-COMMIT",
       [](Dispute& d) {
         const bool open = d.delivers() && d.waits(kLate) && verdict_of(d.brings("")) == kPending;
         return if_taken(open && d.suspended_for(kAway) && d.waits(protocol::T_stmt_default + 1), [&] { return d.again(); });
       }},
      {"claimed-too-late", "An order that was first claimed after SettleBy is not payable.", "Y8 SettleBy", {"QP-ADD-27", "QP-ADD-07"},
       "reject QP-E-SETTLE-EXPIRED",
       [](Dispute& d) {
         const bool late = d.commits_until(3600) && d.delivers() && d.waits(3601);
         return if_taken(late, [&] { return d.brings(kUnknown); });
       }},
      {"brought-too-late", "An order that is brought more than T_arb after SettleBy is not payable.", "Y8 T_arb",
       {"QP-ADD-27", "QP-ADD-07"}, "reject QP-E-SETTLE-EXPIRED",
       [](Dispute& d) {
         const bool claimed = d.commits_until(3600) && d.delivers();
         const Element host_case = d.made(kUnknown);
         return if_taken(claimed && d.waits(3600 + protocol::T_arb_default + 1),
                         [&] { return d.world().send(d.claimant().bringing(host_case)); });
       }},
      {"brought-in-time", "The last second of T_arb counts.", "Y9 T_arb", {"QP-ADD-27", "QP-ADD-07"}, "approve QP-OK",
       [](Dispute& d) {
         const bool claimed = d.commits_until(3600) && d.delivers();
         const Element host_case = d.made(kUnknown);
         return if_taken(claimed && d.waits(3600 + protocol::T_arb_default),
                         [&] { return d.world().send(d.claimant().bringing(host_case)); });
       }},
      {"pending-too-late", "A pending order whose T_arb is over is not payable.", "Y11 Y19", {"QP-ADD-27", "QP-ADD-07"},
       "reject QP-E-SETTLE-EXPIRED",
       [](Dispute& d) {
         const bool claimed = d.commits_until(3600);
         const Element first = d.made(kUnknown), second = d.made(kUnknown);
         const bool waited = claimed && d.waits(3600 + protocol::T_arb_default - 60);
         const bool open = waited && verdict_of(d.world().send(d.claimant().bringing(first))) == kPending;
         return if_taken(open && d.waits(61), [&] { return d.world().send(d.claimant().bringing(second)); });
       }}};
}

// ---------------------------------------------------------------- whole cases
/// Many orders in one case: each its own verdict, one Approval of those that are payable.
void many_items(Session& session) {
  Registrar registrar(session);
  Claimant claimant(session);
  World& world = session.world();
  if (lacks_keys(session)) {
    return;
  }
  std::vector<PaidOrder> orders = {registrar.order(100), registrar.order(200), registrar.order(300)};
  std::sort(orders.begin(), orders.end(), [](const PaidOrder& a, const PaidOrder& b) {
    return text_at(a.ref, "OrderId") < text_at(b.ref, "OrderId");
  });
  const bool registered = world.send(registrar.commit(orders[0])).ok() && world.send(registrar.delivery(orders[0])).ok() &&
                          world.send(registrar.delivery(orders[1])).ok() && world.send(registrar.commit(orders[2])).ok();
  if (!registered) {
    return unreached(session, "the registrations were refused");
  }
  Element made = claimant.host_case(orders);
  Claimant::add(made, claimant.settlement(orders[0], {{orders[0].ref, kUnknown}, {orders[1].ref, kUnknown}, {orders[2].ref, kUnknown}}));
  const Reply reply = claimant.bring(made);
  const std::string got = verdict_of(reply, 0) + ", " + verdict_of(reply, 1) + ", " + verdict_of(reply, 2);
  const std::string expected = std::string("approve QP-OK, reject QP-E-NO-COMMIT, ") + kPending;
  judge(session, "host.dispute.many", got == expected, expected, got, reply.entries, Reason::wrong_state);
}

void same_verdicts(Session& session, const std::string& check, bool restart) {
  Dispute dispute(session);
  if (lacks_keys(session)) {
    return;
  }
  const bool registered = dispute.commits() && dispute.delivers();
  const Reply first = registered ? dispute.brings(kUnknown) : Reply{};
  if (!first.ok() || (restart && !session.world().restart(true))) {
    return unreached(session, first.ok() ? "it cannot be restarted" : outcome_text(first));
  }
  const Reply second = dispute.again();
  const auto same = [&](const char* path) {
    const Element* one = at(first.document, path);
    const Element* other = at(second.document, path);
    return one != nullptr && other != nullptr && *one == *other;
  };
  judge(session, check, same("Body/Verdicts") && same("Body/Approval"), "the Verdicts and the Approval of the first time",
        second.ok() ? "others" : outcome_text(second), second.entries);
}

FamilyBase case_base() {
  FamilyBase base;
  base.message = "SettleWithHost";
  base.twin = "dispute.approved";
  base.valid = [](Session& session) {
    Dispute dispute(session);
    const bool ready = dispute.commits() && dispute.delivers();
    Element made = dispute.made(kUnknown);
    Claimant::add(made, dispute.claimant().unreachable());  // so that there is a field of every kind to be broken
    return ready ? dispute.claimant().bringing(dispute.claimant().signed_by_vendor(made)) : Sending{};
  };
  base.benign = [](Session& session) { return Claimant(session).wins(); };
  base.unserved = "SettleWithBroker";
  return base;
}

}  // namespace

void add_host_settlement(Suite& suite) {
  suite.belongs_to("settlement", true);
  for (const auto& some : {decided(), kept(), timed()}) {
    add_told(suite, some);
  }
  suite.positive({.id = "dispute.many",
                  .title = "Each order of a case gets its own verdict.",
                  .subject = "J9 Y9 Y10 Y11",
                  .requirements = {"QP-BS-010", "QP-ROLE-014"}},
                 many_items);
  for (const bool restart : {false, true}) {
    const std::string id = restart ? "dispute.again-after-kill" : "dispute.again";
    suite.positive({.id = id,
                    .title = "The same case gets the same verdicts, signed once.",
                    .subject = restart ? "J19 kill" : "J19",
                    .requirements = {"QP-ADD-01", "QP-ADD-09"},
                    .level_e = !restart},
                   [check = suite.name(id), restart](Session& s) { same_verdicts(s, check, restart); });
  }
  add_host_votes(suite);
  add_case_refusals(suite);
  const FamilyBase base = case_base();
  add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix", "cdata", "unclosed"});
  add_schema_family(suite, base, 24);
  add_head_family(suite, base);
  add_repeat_family(suite, base);
}

}  // namespace quickpay::conformance
