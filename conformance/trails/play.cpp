#include "conformance/trails/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "conformance/peers/seal.hpp"
#include "conformance/suites/buyer.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/payer.hpp"
#include "conformance/suites/shopper.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/trails/playable.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {

namespace {

using Kind = TrailStep::Kind;

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter

/// The effects of the rows that the role takes in a step.
std::vector<statemachines::EffectInfo> effects_of(const TrailStep& step, std::string_view role) {
  std::vector<statemachines::EffectInfo> all;
  for (const auto& entry : statemachines::all::machines()) {
    for (const auto& known : entry.table().rows) {
      const bool taken = std::find(step.rows.begin(), step.rows.end(), fmt::format("{} {}", entry.table().id, known.id)) != step.rows.end();
      for (const auto effect : known.effects) {
        if (taken && entry.table().role == role) {
          all.push_back(entry.table().effects[effect]);
        }
      }
    }
  }
  return all;
}

/// In profile H both ends of the message prove who they are.
bool vouched_for(const TrailStep& step) {
  const codec::MessageType* type = message_type(step.message);
  return type != nullptr && !type->anonymous;
}

/// The state of the Host's judgement that a row leads to; empty: the row is of another machine.
std::string_view judgement(const std::string& row) {
  constexpr std::string_view kMachine = "host.verdict";
  for (const auto& entry : statemachines::all::machines()) {
    for (const auto& known : entry.table().rows) {
      if (entry.table().id == kMachine && row == fmt::format("{} {}", kMachine, known.id)) return entry.table().states[known.to].id;
    }
  }
  return {};
}

/// The decision in the answer to a case, as the model's Host takes it in this step.
std::string_view decision_of(const TrailStep& step) {
  for (const std::string& row : step.rows) {
    if (const auto state = judgement(row); !state.empty()) return state == "REJECTED" ? "reject " : state == "APPROVED" ? "approve " : "pending ";
  }
  return "approve ";
}

/// The last step that the role sees, or null.
const TrailStep* last_of(const Trail& trail, std::string_view role) {
  const auto last = std::find_if(trail.steps.rbegin(), trail.steps.rend(), [&](const TrailStep& step) { return concerns(step, role); });
  return last == trail.steps.rend() ? nullptr : &*last;
}

/// The step that must not go as in the trail, or null: all of it must. With the anchored vote it is the last one; in profile H the
/// first that the network forges although both ends prove who they are.
const TrailStep* stop_of(const Trail& trail, std::string_view role, std::string_view profile) {
  if (trail.has("literal") && role == "host") {  // who alone counts votes
    return last_of(trail, role);
  }
  const bool proven = profile == "H" && trail.profile == "F" && trail.lies("network");
  const auto first = std::find_if(trail.steps.begin(), trail.steps.end(), [&](const TrailStep& step) {
    return concerns(step, role) && step.forged && vouched_for(step);
  });
  return proven && first != trail.steps.end() ? &*first : nullptr;
}

/// What is played of a trail against one role, step by step.
class Play {
 public:
  Play(Session& session, const Trail& trail, const std::string& role)
      : session_(session), world_(session.world()), trail_(trail), role_(role), buyer_(session), payer_(session), registrar_(session), claimant_(session), shopper_(session) {}

  void run() {
    if (trail_needs_keys() && lacks_keys(session_)) {
      return;
    }
    script_answers();
    for (const TrailStep& step : trail_.steps) {
      if (concerns(step, role_) && !happens(step)) {
        return;
      }
    }
    if (purchase_) {  // what the trail leaves open ends somehow
      static_cast<void>(shopper_.finish(*purchase_));
    }
    if (waiting_) {
      static_cast<void>(world_.finish(waiting_));
    }
    judge_end(true, "");
  }

 private:
  /// False: the trail is not followed any further.
  bool happens(const TrailStep& step) {
    switch (step.kind) {
      case Kind::request:
        return arrival(step);
      case Kind::answer:
        return outcome(step);
      case Kind::no_answer:
        return failure(step);
      case Kind::crash:
        return restarted(step);
      default:
        return acted(step);
    }
  }

  /// The Wallet's user. What he answers is said when he begins.
  bool acted(const TrailStep& step) {
    if (step.action != kOpens) {
      return true;
    }
    const bool yes = std::any_of(trail_.steps.begin(), trail_.steps.end(), [](const TrailStep& one) { return one.action == kConfirms; });
    purchase_ = shopper_.begin(yes ? "yes" : "no");
    if (!*purchase_) {
      session_.stop(purchase_->error());
    }
    return purchase_->has_value();
  }

  bool restarted(const TrailStep& step) {
    if (!world_.restart(true)) {
      unreached(session_, step.text + ": the implementation cannot be restarted");
      return false;
    }
    return true;
  }

  bool strange(const TrailStep& step) const { return step.forged && trail_.lies("network") && session_.profile() == "H" && vouched_for(step); }

  bool trail_needs_keys() const {
    return std::any_of(trail_.steps.begin(), trail_.steps.end(), [&](const TrailStep& step) {
      return concerns(step, role_) && protocol_of(step.message) == "settlement";
    });
  }

  void judge_end(bool through, const std::string& how) {
    const bool wanted = stop_of(trail_, role_, session_.profile()) == nullptr;
    const std::string goes = trail_.witness ? "the trail goes through" : "the trail goes through, and this no longer holds: " + trail_.says;
    judge(session_, id_of(trail_, role_), through == wanted, wanted ? goes : "the trail does not go through", through ? goes : "it ends: " + how,
          entries_, wanted ? Reason::refused : Reason::wrong_state);
  }

  /// A step did not go as in the trail. Where it must not, that is right; in a step of honest players before, nothing can be said.
  /// False, for the caller to go no further.
  bool ends(const TrailStep& step, const std::string& how) {
    const TrailStep* stop = stop_of(trail_, role_, session_.profile());
    const bool judged = stop == nullptr ? trail_.witness || step.forged || &step == last_of(trail_, role_) : &step == stop;
    judged ? judge_end(false, step.text + ": " + how) : unreached(session_, step.text + ": " + how);
    return false;
  }

  // ---- requests that the role gets
  const TrailStep* next_after(const TrailStep& step) const {
    const TrailStep* end = trail_.steps.data() + trail_.steps.size();
    const TrailStep* next = std::find_if(&step + 1, end, [&](const TrailStep& one) { return concerns(one, role_); });
    return next != end ? next : nullptr;
  }
  /// What the role asks after this request before it answers itself; empty: it answers at once.
  std::string asks_after(const TrailStep& request) const {
    const TrailStep* next = next_after(request);
    if (!is_parked(request)) {
      return {};
    }
    if (next != nullptr) {
      return returns(*next, role_) || fails(*next, role_) ? next->message : "";
    }
    for (const auto& effect : effects_of(request, role_)) {
      if (effect.verb == statemachines::Verb::send) {
        return std::string(effect.first);
      }
    }
    return {};
  }
  /// A Vendor answers RequestOrderDelivery when the Broker has answered; all other requests are answered at once.
  bool is_parked(const TrailStep& request) const { return request.message == "RequestOrderDelivery"; }

  bool arrival(const TrailStep& step) {
    const auto before = step.again ? sent_.find(step.message) : sent_.end();
    auto sending = before == sent_.end() ? message(step) : std::optional(before->second);
    if (!sending) {
      unreached(session_, step.text + ": " + why_);
      return false;
    }
    if (strange(step)) {
      sending->mutation = step.message + ".Auth.Mac.Value:flip";
    }
    sent_.insert_or_assign(step.message, *sending);
    const std::size_t from = session_.transcript().mark();
    waiting_ = world_.begin(std::move(*sending));
    if (const std::string asked = asks_after(step); !asked.empty()) {
      const auto is_asked = [&](const Entry& entry) { return entry.kind == EntryKind::request && entry.message == asked; };
      return world_.wait_for(from, is_asked).has_value() || finished(step);
    }
    return finished(step);
  }

  /// The answer to the last request is what the trail makes of it.
  bool finished(const TrailStep& step) {
    const Reply reply = world_.finish(waiting_);
    waiting_.reset();
    entries_ = reply.entries;
    if (!reply.answered) {
      session_.silent(id_of(trail_, role_), outcome_text(reply), reply.entries);
      return false;
    }
    if (!reply.ok()) {
      return ends(step, outcome_text(reply));
    }
    remember(step, reply);
    if (step.message == "SettleWithHost" && !verdict_of(reply).starts_with(decision_of(step))) {
      return ends(step, verdict_of(reply));
    }
    return true;
  }

  /// What later requests need of an answer.
  void remember(const TrailStep& step, const Reply& reply) {
    if (step.message == "GetOrder") {
      offer_->reply = reply;
      if (const Element* order = at(reply.document, "Body/Offer/Order")) {
        offer_->order = *order;
        offer_->ref = order_ref_of(*order);
      }
      offer_->state = reply.text("Body/VendorState");
    } else if (step.message == "InquiryPayment") {
      endorsement_id_ = reply.text("Body/Endorsement/EndorsementId");
    }
  }

  std::optional<Sending> message(const TrailStep& step) {
    if (role_ == "vendor") return to_vendor(step);
    return role_ == "broker" ? to_broker(step) : to_host(step);
  }

  std::optional<Sending> to_vendor(const TrailStep& step) {
    if (step.message == "GetOrder") {
      offer_.emplace();
      return buyer_.get_order(0, &offer_->secret);
    }
    if (!offer_) {
      why_ = "there is no order";
      return std::nullopt;
    }
    const auto endorsement = broker_is_honest() ? buyer_.endorse(*offer_) : std::optional(made_up());
    why_ = buyer_.refusal();
    return endorsement ? std::optional(buyer_.delivery(*offer_, *endorsement)) : std::nullopt;
  }

  /// The Broker commits by itself: its role core must know the order.
  bool broker_is_honest() const {
    return std::any_of(trail_.steps.begin(), trail_.steps.end(),
                       [](const TrailStep& step) { return step.message == "CheckCommit" && step.kind == Kind::request && step.to == "broker"; });
  }

  /// An endorsement that no Broker gave.
  Element made_up() {
    return branch("Endorsement", {leaf("Broker", world_.cast().broker), leaf("EndorsementId", world_.fresh_id()), offer_->ref,
                                  leaf("EndorsedAt", world_.now_text()), leaf("CheckBy", world_.now_text(protocol::T_order_default / 2))});
  }

  std::optional<Sending> to_broker(const TrailStep& step) {
    if (ref_.name.empty()) {
      ref_ = payer_.order();
    }
    if (step.message == "InquiryPayment") {
      return payer_.inquiry(ref_);
    }
    return payer_.check(ref_, endorsement_id_.empty() ? world_.fresh_id() : endorsement_id_);
  }

  std::optional<Sending> to_host(const TrailStep& step) {
    if (paid_.vendor.empty()) {
      paid_ = registrar_.order();
    }
    if (step.message == "RegisterCommit") return registrar_.commit(paid_);
    if (step.message == "RegisterDelivery") return registrar_.delivery(paid_);
    if (step.message == "RegisterOrder") return registrar_.reception(paid_, step.variant == "received" ? "" : step.variant);
    Element brought = claimant_.host_case({paid_});
    Claimant::add(brought, claimant_.settlement(paid_, {{paid_.ref, std::string(protocol::QP_E_UNKNOWN_ORDER)}}));
    return claimant_.bringing(claimant_.signed_by_vendor(std::move(brought)));
  }

  // ---- answers that the role gets
  /// What becomes of each request of the role, in the order of its attempts: the player's role core answers, a liar does, or a loss closes
  /// the connection.
  void script_answers() {
    std::map<std::string, Act> lost;
    for (const TrailStep& step : trail_.steps) {
      Peer* peer = step.from == role_ ? world_.peer(world_.cast().player(step.to)) : nullptr;
      if (peer == nullptr) {
        continue;
      }
      if (step.kind == Kind::lose_request || step.kind == Kind::lose_answer) {
        lost[step.message] = step.kind == Kind::lose_request ? lose_request() : lose_answer();
      } else if (step.kind == Kind::no_answer) {
        peer->script(step.message, lost.try_emplace(step.message, lose_request()).first->second);
        lost.erase(step.message);
      } else if (returns(step, role_)) {
        peer->script(step.message, step.forged ? forged(step) : Act{});
      }
    }
  }

  /// Forged answers say yes, whatever the player would have said: its role core knows nothing of the order.
  Act forged(const TrailStep& step) const {
    Act act = edit_answer("forged " + step.message + "Response", [&world = world_](Element& response) { say_yes(world, response); }, strange(step));
    if (strange(step)) {
      act.mutations = mutations_of(step.message + "Response.Auth.Mac.Value:flip").value_or(Mutations{});
    }
    return act;
  }

  /// The results of CheckCommit; the notices to the Host have no forged answer in any trail that must fail.
  static void say_yes(const World& world, Element& response) {
    Element* body = child(response, "Body");
    if (body == nullptr) {
      return;
    }
    body->children = {branch("Status", {leaf("Code", std::string(protocol::QP_OK))}), leaf("CommitId", std::string(32, 'c')),
                      leaf("CommittedAt", world.now_text()), leaf("SettleBy", world.now_text(protocol::T_settle_default))};
  }

  /// The role has its answer; what waited for it is answered now.
  bool outcome(const TrailStep& step) {
    const bool came = attempted(step, EntryKind::response);
    if (waiting_) {
      return finished(step);
    }
    return came || ends(step, "the request does not come");
  }

  /// The next attempt of the role at this request has come to this end.
  bool attempted(const TrailStep& step, EntryKind end) {
    const auto attempt = shopper_.attempt(step.message, attempts_[step.message]++);
    const auto over = [&](const Entry& entry) {
      return entry.kind == end && entry.exchange == session_.transcript().entries()[*attempt].exchange;
    };
    return attempt && world_.wait_for(*attempt, over);
  }

  /// The role learns that there is no answer: it tries again after a pause, or tells whoever waits for it.
  bool failure(const TrailStep& step) {
    if (!attempted(step, EntryKind::failure)) {
      return ends(step, "the request does not come");
    }
    for (const auto& effect : effects_of(step, role_)) {
      if (effect.verb == statemachines::Verb::answer_parked && waiting_) {
        const Reply reply = world_.finish(std::exchange(waiting_, nullptr));
        entries_ = reply.entries;
        if (reply.code != effect.first) {
          return ends(step, outcome_text(reply));
        }
      }
      if (effect.verb == statemachines::Verb::retry) {
        static_cast<void>(session_.iut().fence());  // so that the pause has begun when time moves; who has no fence may be late
        if (!world_.advance(kFirstRetry)) {
          unreached(session_, step.text + ": the clock cannot be moved");
          return false;
        }
      }
    }
    return true;
  }

  Session& session_;
  World& world_;
  const Trail& trail_;
  const std::string& role_;
  Buyer buyer_;
  Payer payer_;
  Registrar registrar_;
  Claimant claimant_;
  Shopper shopper_;
  std::optional<IutResult<CallId>> purchase_;  ///< of a Wallet
  std::map<std::string, Sending> sent_;        ///< the last request of each message
  std::map<std::string, std::size_t> attempts_;  ///< of the role, by message
  std::optional<Offer> offer_;
  Element ref_;  ///< at a Broker
  PaidOrder paid_;
  std::string endorsement_id_, why_;
  Pending waiting_;
  std::vector<std::size_t> entries_;
};

/// Rows of the machines of a role that the trail takes: the subject of its scenario.
std::string rows_of(const Trail& trail, std::string_view role) {
  std::string rows;
  for (const TrailStep& step : trail.steps) {
    for (const std::string& row : step.rows) {
      if (row.starts_with(std::string(role) + ".")) {
        rows += (rows.empty() ? "" : ", ") + row;
      }
    }
  }
  return rows;
}

}  // namespace

TrailEnd end_of(const Trail& trail, std::string_view role, std::string_view profile) {
  return stop_of(trail, role, profile) == nullptr ? TrailEnd::through : TrailEnd::stopped;
}

std::string id_of(const Trail& trail, std::string_view role) {
  return fmt::format("{}.trail.{}.{}", role, slug_of(trail.id), slug_of(trail.configuration));
}

tl::expected<Scenario, std::string> scenario_of(const Trail& trail, const std::string& role) {
  if (last_of(trail, role) == nullptr) {
    return tl::unexpected("a " + role + " sees nothing of this trail");
  }
  if (!trail.witness && last_of(trail, role) != &trail.steps.back()) {
    return tl::unexpected("it is not a " + role + " that takes the last step: " + trail.steps.back().text);
  }
  Suite suite(role);
  for (const TrailStep& step : trail.steps) {
    if (const std::string_view why = why_not(step, role); !why.empty()) {
      return tl::unexpected(fmt::format("cannot be played against a {}: {}: {}", role, step.text, why));
    }
    if (concerns(step, role) && protocol_of(step.message) == "settlement") {
      suite.belongs_to("settlement", false);
    }
  }
  suite.positive({.id = id_of(trail, role).substr(role.size() + 1),
                  .title = fmt::format("The trail to {} in {} ends as the specification says.", trail.id, trail.configuration),
                  .subject = rows_of(trail, role),
                  .requirements = trail.requirements,
                  .level_e = false},
                 [trail, role](Session& session) { Play(session, trail, role).run(); });
  return std::move(suite.take().front());
}

}  // namespace quickpay::conformance
