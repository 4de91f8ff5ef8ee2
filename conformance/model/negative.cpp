#include "conformance/model/negative.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace quickpay::conformance {

namespace {

using Fits = std::function<bool(const Entry&)>;

std::vector<std::size_t> forbidden_entries(Session& session, const Negative& plan, std::size_t from, const Fits& fits) {
  std::vector<std::size_t> found;
  const auto& entries = session.transcript().entries();
  for (std::size_t i = from; plan.forbidden && i < entries.size(); ++i) {
    const bool own = entries[i].by_iut && entries[i].belongs == Belongs::here;
    if (own && (!fits || fits(entries[i])) && plan.forbidden(entries[i])) {
      found.push_back(i);
    }
  }
  return found;
}

/// Condition 1. Not bound to the twin: what must never be sent is wrong in any session.
bool judge_forbidden(Session& session, const Negative& plan, std::size_t from, const Reaction& reaction,
                     const Fits& fits = {}) {
  std::vector<std::size_t> found = forbidden_entries(session, plan, from, fits);
  if (found.empty()) {
    return false;
  }
  Evidence evidence{Reason::forbidden_message, plan.forbidden_text,
                    session.transcript().at(found.front()).summary, std::move(found), {}};
  if (reaction.kind == Reaction::Kind::refused) {
    evidence.detail = "the refusal that was reported contradicts the wire";
  }
  session.emit(plan.check, Verdict::fail, std::move(evidence));
  return true;
}

bool is_right_refusal(const Negative& plan, const std::string& code) {
  return plan.refusals.empty() || code == "unspecified" ||
         std::find(plan.refusals.begin(), plan.refusals.end(), code) != plan.refusals.end();
}

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? std::string("an explicit refusal") : fmt::format("{}", fmt::join(names, " or "));
}

/// Condition 4. True: the implementation lives and refused rightly, nothing was emitted.
bool judge_reaction(Session& session, const Negative& plan, const Reaction& reaction) {
  const std::string expected = joined(plan.refusals);
  const auto emit = [&](Verdict verdict, Reason reason, std::string got) {
    session.emit_twin_bound(plan.check, verdict, {reason, expected, std::move(got), reaction.entries, reaction.detail});
    return false;
  };
  if (!session.iut().alive()) {
    return emit(Verdict::fail, Reason::crash, "the process ended");
  }
  switch (reaction.kind) {
    case Reaction::Kind::crashed: return emit(Verdict::fail, Reason::crash, "the process ended");
    case Reaction::Kind::accepted:
      return emit(Verdict::fail, reaction.self_reported ? Reason::self_report : Reason::accepted, "accepted");
    case Reaction::Kind::silent: return emit(Verdict::inconclusive, Reason::timeout, "no reaction");
    case Reaction::Kind::unsupported: return emit(Verdict::inconclusive, Reason::adapter_required, "not supported");
    case Reaction::Kind::refused: break;
  }
  return is_right_refusal(plan, reaction.code) || emit(Verdict::fail, Reason::wrong_refusal, reaction.code);
}

void precondition_unmet(Session& session, const Negative& plan, std::string detail) {
  session.emit_twin_bound(plan.check, Verdict::inconclusive,
                          {Reason::precondition_unmet, {}, {}, {}, std::move(detail)});
}

std::set<std::string> orders_so_far(Session& session) {
  std::set<std::string> orders;
  for (const Entry& entry : session.transcript().entries()) {
    orders.insert(entry.order);
  }
  orders.erase(std::string());
  return orders;
}

/// Condition 5. Then condition 1 again for the orders of before: what is forbidden may have come while the benign
/// transaction was played, whose own order may have what the stimulus may not.
void judge_benign(Session& session, const Negative& plan, std::size_t from, const Reaction& reaction) {
  const std::set<std::string> before = orders_so_far(session);
  if (plan.benign && !plan.benign(session)) {
    const Reason reason = session.iut().alive() ? Reason::poisoned : Reason::crash;
    session.emit_twin_bound(plan.check, Verdict::fail,
                            {reason, "a plain transaction in the same session succeeds after the refusal",
                             "it does not succeed", reaction.entries, {}});
    return;
  }
  if (judge_forbidden(session, plan, from, reaction,
                      [&](const Entry& entry) { return before.count(entry.order) != 0; })) {
    return;
  }
  session.emit_twin_bound(plan.check, Verdict::pass,
                          {Reason::none, joined(plan.refusals), reaction.code, reaction.entries,
                           reaction.code == "unspecified" ? "reason unverified" : ""});
}

}  // namespace

void negative(Session& session, const Negative& plan) {
  if (plan.reach && !plan.reach(session)) {
    if (!session.iut().alive()) {
      return session.stop({IutFault::crashed, "before the stimulus"});
    }
    return precondition_unmet(session, plan, "the state in which the message is due was not reached");
  }
  const std::size_t from = session.transcript().mark();
  const bool delivered = !plan.stimulus || plan.stimulus(session);
  Reaction reaction;
  if (delivered && plan.reaction) {
    reaction = plan.reaction(session);
  }
  if (session.iut().has_adapter() && session.iut().alive()) {
    (void)session.iut().fence();  // so that "not sent" means more than "not sent yet"; optional for adapters
  }
  if (judge_forbidden(session, plan, from, reaction)) {
    return;
  }
  if (!delivered) {
    return precondition_unmet(session, plan, "the mutated message was not delivered");
  }
  if (!judge_reaction(session, plan, reaction)) {
    return;
  }
  judge_benign(session, plan, from, reaction);
}

Reaction reaction_of(const IutResult<Outcome>& result) {
  using Kind = Reaction::Kind;
  Reaction reaction;
  reaction.self_reported = true;
  if (!result) {
    reaction.detail = result.error().what;
    reaction.kind = result.error().fault == IutFault::crashed       ? Kind::crashed
                    : result.error().fault == IutFault::unsupported ? Kind::unsupported
                                                                    : Kind::silent;
    return reaction;
  }
  switch (result->kind) {
    case OutcomeKind::accepted: reaction.kind = Kind::accepted; break;
    case OutcomeKind::rejected:
      reaction.kind = Kind::refused;
      reaction.code = name_of(result->reason.value_or(RejectReason::unspecified));
      break;
    case OutcomeKind::pending: reaction.detail = "still pending"; break;
  }
  return reaction;
}

}  // namespace quickpay::conformance
