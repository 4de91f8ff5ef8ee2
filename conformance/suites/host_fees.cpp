// The Host's fee: what it tells Brokers of it, and what it gives back when an order is revoked.
#include <fmt/format.h>

#include "conformance/peers/build.hpp"
#include "conformance/suites/host_admission.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/revoke_told.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kHalf = 5000;  ///< basis points of the commission
constexpr std::int64_t kAll = 10'000;
constexpr std::int64_t kHold = protocol::T_hold_default;

/// An order of that amount, and steps: 'P' a Wallet registers its Commitment, 'O' another Wallet does, 's' and 'u' the Broker registers its
/// revoke, signed or not, 'c' the Vendor contests it, 'w' T_hold passes, 'k' the Host is killed.
struct FeePlay {
  const char* id;
  const char* title;
  const char* subject;
  std::int64_t fee_bp;
  std::int64_t amount;
  const char* steps;
  const char* expected;  ///< RevokeState and FeeReversed of each notice of a revoke
};

// Of the commission, which is 250 basis points of the amount.
const std::vector<FeePlay> kPlays = {
    {"reversed", "What was charged for an order is given back when it is revoked.", "Z6 FeeReversed", kHalf, 400, "Ps", "standing 5"},
    {"down", "A half is rounded to the even number below.", "FeeReversed 2.5", kHalf, 200, "Ps", "standing 2"},
    {"up", "And to the even number above.", "FeeReversed 3.5", kHalf, 280, "Ps", "standing 4"},
    {"of-the-commission", "The fee is a share of the commission as it is rounded.", "FeeReversed of Commission", kHalf, 210, "Ps", "standing 2"},
    {"of-nothing", "Where the commission is nothing, so is the fee.", "FeeReversed 0", kAll, 20, "Ps", "standing 0"},
    {"whole", "A Host may charge the whole commission.", "FeeReversed 10000", kAll, 400, "Ps", "standing 10"},
    {"large", "Large amounts are computed to the last unit.", "FeeReversed large", kHalf, 999'999'999'999'999, "Ps", "standing 12500000000000"},
    {"none", "A Host that charges nothing gives nothing back.", "FeeBp 0", 0, 400, "Ps", "standing 0"},
    {"unregistered", "Where no commitment was registered nothing was charged.", "Z6 unregistered", kHalf, 400, "s", "standing 0"},
    {"late", "For an order that is revoked nothing is charged any more.", "Z6 Z27 late", kHalf, 400, "sPs", "standing 0, standing 0"},
    {"once", "An order is charged for once, however many Wallets register it.", "R4 once", kHalf, 400, "POPs", "standing 5"},
    {"again", "The same is said to a notice that comes again.", "Z27 FeeReversed", kHalf, 400, "Pss", "standing 5, standing 5"},
    {"after-kill", "Also after the Host was killed.", "Z27 FeeReversed kill", kHalf, 400, "PkPsks", "standing 5, standing 5"},
    {"open", "While a revoke may be contested nothing is given back; when it stands it is.", "Z7 Z16 FeeReversed", kHalf, 400, "PuuwuP",
     "open 0, open 0, standing 5"},
    {"void", "Nor is it when the revoke is void, until the Vendor's signature proves it.", "Z14 Z21 FeeReversed", kHalf, 400, "Pucus",
     "open 0, void 0, standing 5"}};

class FeeCourse {
 public:
  FeeCourse(Session& session, std::int64_t amount) : revoker_(session), back_(revoker_.back(amount)) {}

  Got plays(std::string_view steps) {
    for (const char step : steps) {
      if (!takes(step)) {
        return std::nullopt;
      }
    }
    return words_;
  }

 private:
  bool takes(char step) {
    World& world = revoker_.world();
    switch (step) {
      case 'P': return world.send(revoker_.trade().notice(back_.order)).ok();
      case 'O': return world.send(revoker_.trade().notice(back_.order, true, world.cast().other_wallet)).ok();
      case 's': return told(revoker_.by_vendor(back_.revoke));
      case 'u': return told(back_.revoke);
      case 'c': return revoker_.heard(revoker_.contest(back_.order)) == "approve QP-OK";
      case 'w': return world.advance(kHold + 1);
      case 'k': return world.restart(true);
      default: return false;
    }
  }
  bool told(const Element& revoke) {
    const Reply reply = revoker_.world().send(revoker_.notice(revoke));
    words_ += words_.empty() ? "" : ", ";
    words_ += reply.ok() ? reply.text("Body/RevokeState") + " " + reply.text("Body/FeeReversed") : outcome_text(reply);
    return true;
  }

  Revoker revoker_;
  Revoker::Back back_;
  std::string words_;
};

/// What is charged for is registered by the messages of regular payment.
bool charges_nothing(Session& session, const std::string& check) {
  const WorldPlan& plan = session.world().plan();
  const bool serves = plan.claims("regular") && plan.claims("revoke") && plan.claims("settlement");
  if (!serves) {
    session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not claim regular, revoke and settlement"});
  }
  return !serves || lacks_keys(session);
}

Arrange charging(std::int64_t fee_bp) {
  return [fee_bp](WorldPlan& plan) { plan.policy.fee_bp = fee_bp; };
}

void judge_fee(Session& session, const std::string& check, const FeePlay& play) {
  if (charges_nothing(session, check)) {
    return;
  }
  const Got got = FeeCourse(session, play.amount).plays(play.steps);
  got ? judge(session, check, *got == play.expected, play.expected, *got, {}, Reason::wrong_state)
      : unreached(session, "a step before could not be taken");
}

// ---------------------------------------------------------------- registration
/// What the Host says in its answer to a Broker; "nothing": no FeeBp.
Play tells_fee(const char* expected) {
  return [expected](Session& session, const std::string& check) {
    NewBroker broker(session);
    const Sending sending = broker.registration(broker.inner());
    const Reply reply = session.world().send(sending);
    const std::string said = reply.ok() ? text_at(told_in(session.world(), sending, reply), "FeeBp") : outcome_text(reply);
    judge(session, check, said == expected || (said.empty() && std::string_view(expected) == "0"), std::string("FeeBp ") + expected,
          said.empty() ? "nothing" : said, reply.entries);
  };
}

/// When a Broker tells another commission.
enum class Tells : std::uint8_t { never, before_it_commits, after_it_committed, nothing_yet };

bool tells_all(NewBroker& broker) {
  const Element change = branch("BrokerChange", {leaf("Broker", broker.id), leaf("CommissionBp", "10000"), leaf("ChangedAt", broker.world().now_text())});
  return broker.changes(change).ok();
}

/// The Broker that came said 1000 basis points of 400, or says later that it is all; of that the Host takes a half. What is dated before it came
/// is charged for by what the Host's owner says of all.
void counts_told_commission(Session& session, const std::string& check, Tells tells, const std::string& fee) {
  NewBroker broker(session);
  World& world = session.world();
  if (charges_nothing(session, check)) {
    return;
  }
  Revoker revoker(session);
  Revoker::Back back = revoker.back(400);
  if (!world.advance(2)) {
    return unreached(session, "a clock that can be moved");
  }
  Element inner = broker.inner();
  inner.children.insert(inner.children.end() - 2, leaf("CommissionBp", "1000"));
  const Reply came = broker.registers(inner);
  if (!came.ok()) {
    return judge_ok(session, check, came);
  }
  const auto later = [&](Tells when) { return tells != when || (world.advance(2) && tells_all(broker) && world.advance(2)); };
  const bool told_before = world.advance(2) && later(Tells::before_it_commits);  // it commits in a later second than it came
  back = tells == Tells::nothing_yet ? back : revoker.back(400);
  if (!told_before || !later(Tells::after_it_committed)) {
    return unreached(session, "a clock that can be moved, and a change");
  }
  set_text(back.order.commitment, "Broker", broker.id);
  Sending notice = revoker.trade().notice(back.order, false);
  Sending revoked = revoker.notice(revoker.by_vendor(back.revoke));
  revoked.from = broker.id;
  revoked.document = request_of("RegisterRevoke", world.head(broker.id), std::vector<Element>(child(revoked.document, "Body")->children));
  const bool registered = world.send(notice).ok();
  const Reply reply = world.send(revoked);
  judge(session, check, registered && reply.text("Body/FeeReversed") == fee, "FeeReversed " + fee,
        reply.ok() ? "FeeReversed " + reply.text("Body/FeeReversed") : outcome_text(reply), reply.entries);
}

Play counts(Tells tells, const char* fee) {
  return [=](Session& session, const std::string& check) { counts_told_commission(session, check, tells, fee); };
}

}  // namespace

void add_host_fees(Suite& suite) {
  for (const FeePlay& play : kPlays) {
    const bool is_unsigned = std::string_view(play.steps).find('u') != std::string_view::npos;
    suite.positive({.id = std::string("revoke.fee.") + play.id,
                    .title = play.title,
                    .subject = play.subject,
                    .requirements = {"QP-RV-008", "QP-ROLE-019", "QP-ADD-24"},
                    .mutation = std::string("fee.") + play.id,
                    .level_e = false,
                    .parts = {Part::other_wallet},
                    .profile = is_unsigned ? "F" : ""},
                   [check = suite.name(std::string("revoke.fee.") + play.id), play](Session& session) { judge_fee(session, check, play); },
                   charging(play.fee_bp));
  }
}

void add_told_fees(Suite& suite) {
  const std::vector<std::string> told = {"QP-ROLE-019"};
  add_rights(suite, "registration",
             {{"broker.fee", "The Host says what it charges of the commission.", "A4 FeeBp", told, tells_fee("5000"), "FeeBp:=5000", {}, "",
               charging(kHalf)},
              {"broker.no-fee", "Or that it charges nothing.", "A4 FeeBp 0", told, tells_fee("0")},
              {"broker.commission", "It computes its fee from the commission that the Broker told.", "A4 CommissionBp", told,
               counts(Tells::never, "20"), "RegisterBroker.CommissionBp:=1000", {}, "", charging(kHalf)},
              {"broker.next-commission", "Another one counts for what is committed from then on.", "A9 CommissionBp", told,
               counts(Tells::before_it_commits, "200"), "BrokerChange.CommissionBp:=10000", {}, "", charging(kHalf)},
              {"broker.last-commission", "And not for what was committed before.", "A9 CommissionBp before", told,
               counts(Tells::after_it_committed, "20"), "BrokerChange.CommissionBp:=10000, after a commitment", {}, "", charging(kHalf)},
              {"broker.no-commission-yet", "Nor does the first one for what was committed before.", "A4 CommissionBp before", told,
               counts(Tells::nothing_yet, "5"), "RegisterBroker.CommissionBp:=1000, after a commitment", {}, "", charging(kHalf)}});
}

}  // namespace quickpay::conformance
