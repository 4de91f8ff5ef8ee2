#include "conformance/trails/play.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "conformance/peers/seal.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/shopper.hpp"
#include "conformance/suites/slug.hpp"
#include "conformance/trails/playable.hpp"
#include "conformance/trails/rows.hpp"
#include "conformance/trails/words.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

using Kind = TrailStep::Kind;

constexpr std::int64_t kFirstRetry = 2;  ///< seconds: backoff 1 s, 50 % jitter

/// In profile H both ends of the message prove who they are, or its answer is in a box.
bool vouched_for(const TrailStep& step) {
  const codec::MessageType* type = message_type(qualified(step));
  const bool boxed = type != nullptr && step.kind == Kind::answer && type->response_inner != nullptr;
  return boxed || (type != nullptr && codec::authenticated(*type, "H", !type->anonymous));
}

/// The last step that the role sees, or null.
const TrailStep* last_of(const Trail& trail, std::string_view role) {
  const auto last = std::find_if(trail.steps.rbegin(), trail.steps.rend(), [&](const TrailStep& step) { return concerns(step, role); });
  return last == trail.steps.rend() ? nullptr : &*last;
}

/// What a Vendor says of a revoke without a signature, which profile H does not have.
bool is_plain(const TrailStep& step) { return step.message == "RevokeOrder" || step.message == "RegisterRevoke"; }

/// The code that the role answers in this step.
std::string_view code_in(const TrailStep& step, std::string_view role) {
  for (const auto& effect : effects_of(step, role)) {
    if (effect.verb == statemachines::Verb::reply || effect.verb == statemachines::Verb::answer_parked) {
      return effect.first;
    }
  }
  return protocol::QP_OK;
}

/// Whether the Host approves in this step.
bool approves(const TrailStep& step) {
  const auto effects = effects_of(step, "host");
  return std::any_of(effects.begin(), effects.end(), [](const auto& effect) { return effect.verb == statemachines::Verb::perform && effect.first == "approve"; });
}

/// The step that must not go as in the trail, or null: all of it must. With the anchored vote it is the last one, if the literal one approves there;
/// in profile H the first that the network forges although both ends prove who they are, or that has no signature.
const TrailStep* stop_of(const Trail& trail, std::string_view role, std::string_view profile) {
  const TrailStep* last = last_of(trail, role);
  if (trail.has("literal") && role == "host" && last != nullptr && approves(*last)) {  // who alone counts votes
    return last;
  }
  const bool has_keys = profile == "H" && trail.profile == "F";
  const bool proven = has_keys && trail.lies("network"), plain = has_keys && trail.has("plain");
  const auto first = std::find_if(trail.steps.begin(), trail.steps.end(), [&](const TrailStep& step) {
    return concerns(step, role) && ((proven && step.forged && vouched_for(step)) || (plain && arrives(step, role) && is_plain(step)));
  });
  return first != trail.steps.end() ? &*first : nullptr;
}

/// What is played of a trail against one role, step by step.
class Play {
 public:
  Play(Session& session, const Trail& trail, const std::string& role)
      : session_(session), world_(session.world()), trail_(trail), role_(role), shopper_(session), words_(words_of(session, trail, role)), of_owner_(is_administration(kind_of(trail))) {}

  void run() {
    if (trail_needs_keys() && lacks_keys(session_)) {
      return;
    }
    script_answers();
    for (const TrailStep& step : trail_.steps) {
      session_.transcript().note(fmt::format("trail, {}: {}", &step - trail_.steps.data() + 1, step.text));
      if (concerns(step, role_) && !happens(step)) {
        return;
      }
    }
    words_->let_go();
    if (purchase_) {  // what the trail leaves open ends somehow
      static_cast<void>(shopper_.finish(*purchase_));
    }
    if (waiting_) {
      static_cast<void>(world_.finish(waiting_));
    }
    if (const std::string fault = words_->fault_at_end(); !fault.empty()) {
      ends(*last_of(trail_, role_), fault);
      return;
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
      case Kind::time:
        return passed(step);
      default:
        return acted(step);
    }
  }

  /// The Wallet's user. What he answers is said when he begins. Or the Vendor's operator.
  bool acted(const TrailStep& step) {
    if (role_ == "vendor" || of_owner_) {
      const std::string fault = words_->press(step);
      return fault.empty() ? asked_for(step) : ends(step, fault);
    }
    if (step.action != kOpens) {
      return true;
    }
    const bool yes = std::any_of(trail_.steps.begin(), trail_.steps.end(), [](const TrailStep& one) { return one.action == kConfirms; });
    purchase_ = words_->begin(yes ? "yes" : "no");
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

  bool passed(const TrailStep& step) {
    const auto span = span_of(role_, step.timer, timers_[step.timer]++);
    if (!span || !world_.advance(*span)) {
      unreached(session_, step.text + ": the clock cannot be moved");
      return false;
    }
    world_.settle();
    return does(step, role_, statemachines::Verb::answer_parked) && waiting_ ? finished(step) : true;
  }

  /// What the role sends in this step comes. In administration alone: elsewhere it is seen by what becomes of it.
  bool asked_for(const TrailStep& step) {
    for (const auto& effect : effects_of(step, role_)) {
      const bool sends = effect.verb == statemachines::Verb::send || effect.verb == statemachines::Verb::outbox;
      if (of_owner_ && sends && !shopper_.attempt(effect.first, sends_[std::string(effect.first)]++)) {
        return ends(step, std::string(effect.first) + " does not come");
      }
    }
    return true;
  }

  bool strange(const TrailStep& step) const { return step.forged && trail_.lies("network") && session_.profile() == "H" && vouched_for(step); }

  bool trail_needs_keys() const {
    return std::any_of(trail_.steps.begin(), trail_.steps.end(), [&](const TrailStep& step) {
      return concerns(step, role_) && (step.protocol == "settlement" || step.protocol == "regular" || step.protocol == "revoke");
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
    const std::string harm = judged && &step == stop ? words_->harm_done(step) : std::string();
    judged ? judge_end(!harm.empty(), step.text + ": " + (harm.empty() ? how : harm)) : unreached(session_, step.text + ": " + how);
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
    if (next != nullptr && (returns(*next, role_) || fails(*next, role_))) {
      return next->message;
    }
    for (const auto& effect : effects_of(request, role_)) {
      if (effect.verb == statemachines::Verb::send) {
        return std::string(effect.first);
      }
    }
    return {};
  }
  bool is_parked(const TrailStep& request) const { return does(request, role_, statemachines::Verb::park); }

  bool arrival(const TrailStep& step) {
    const auto before = step.again ? sent_.find(step.message) : sent_.end();
    auto sending = before == sent_.end() ? words_->request(step) : std::optional(before->second);
    if (!sending) {
      unreached(session_, step.text + ": " + words_->why());
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
    if (reply.code != code_in(step, role_)) {
      return ends(step, outcome_text(reply));
    }
    words_->remember(step, reply);
    if (const std::string fault = words_->fault_of(step, reply); !fault.empty()) {
      return ends(step, fault);
    }
    return true;
  }

  // ---- answers that the role gets
  /// What becomes of each request of the role, in the order of its attempts: the player's role core answers, a liar does, or a loss closes
  /// the connection.
  void script_answers() {
    std::map<std::string, Act> lost;
    for (const TrailStep& step : trail_.steps) {
      leave_open(step);
      Peer* peer = step.from == role_ ? words_->answerer(step) : nullptr;
      if (peer == nullptr) {
        continue;
      }
      if (step.kind == Kind::lose_request || step.kind == Kind::lose_answer) {
        lost[step.message] = step.kind == Kind::lose_request ? lose_request() : lose_answer();
      } else if (step.kind == Kind::no_answer) {
        peer->script(step.message, lost.try_emplace(step.message, lose_request()).first->second);
        lost.erase(step.message);
      } else if (returns(step, role_)) {
        peer->script(step.message, answer(step));
      }
    }
  }

  /// In administration a request that the trail does not answer has no answer, or the role would go on.
  void leave_open(const TrailStep& step) {
    for (const auto& effect : effects_of(step, role_)) {
      TrailStep asked{.kind = Kind::request, .message = std::string(effect.first), .from = role_, .rows = step.rows};
      const codec::MessageType* type = message_type(asked.message);
      asked.to = type == nullptr ? std::string() : std::string(type->to);
      Peer* peer = of_owner_ && effect.verb == statemachines::Verb::send && !has_end(step, effect.first) ? words_->answerer(asked) : nullptr;
      if (peer != nullptr) {
        peer->script(asked.message, hold_request());
      }
    }
  }
  /// Something becomes of the request that the role sends in this step before it sends the next one.
  bool has_end(const TrailStep& sent, std::string_view message) const {
    const TrailStep* end = trail_.steps.data() + trail_.steps.size();
    for (const TrailStep* step = &sent + 1; step != end; ++step) {
      if (step->message == message && (returns(*step, role_) || fails(*step, role_))) return true;
      const auto effects = effects_of(*step, role_);
      if (std::any_of(effects.begin(), effects.end(), [&](const auto& one) { return one.verb == statemachines::Verb::send && one.first == message; })) return false;
    }
    return false;
  }

  Act answer(const TrailStep& step) const {
    Act act = words_->answer(step);
    if (strange(step)) {
      act.mutations = mutations_of(step.message + "Response.Auth.Mac.Value:flip").value_or(Mutations{});
      act.invalid = true;
    }
    return act;
  }

  /// The role has its answer; what waited for it is answered now.
  bool outcome(const TrailStep& step) {
    words_->before_answer(step);
    const bool came = attempted(step, EntryKind::response);
    if (waiting_) {
      return finished(step);
    }
    if (!came) {
      return ends(step, "the request does not come");
    }
    if (step.forged && comes_again(step)) {
      return ends(step, "the answer is not taken: the request comes again");
    }
    const std::string fault = words_->fault_of_answer(step);
    return fault.empty() ? asked_for(step) : ends(step, fault);
  }

  /// Whether the role goes on asking, although by its rows the answer that was forged is one.
  bool comes_again(const TrailStep& step) {
    const auto effects = effects_of(step, role_);
    if (std::any_of(effects.begin(), effects.end(), [](const auto& effect) { return effect.verb == statemachines::Verb::retry; })) {
      return false;
    }
    world_.settle();
    static_cast<void>(session_.iut().fence());
    static_cast<void>(world_.advance(kFirstRetry));
    world_.settle();
    return world_.sent_by_iut(step.message).size() > attempts_[step.message];
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
  Shopper shopper_;
  std::unique_ptr<Words> words_;
  bool of_owner_;  ///< it is a trail of administration: whoever owns the role has it do what it does
  std::optional<IutResult<CallId>> purchase_;  ///< of a Wallet
  std::map<std::string, Sending> sent_;        ///< the last request of each message
  std::map<std::string, std::size_t> attempts_;  ///< of the role, by message
  std::map<std::string, std::size_t> sends_;     ///< what the role was to send anew in administration, by message
  std::map<std::string, std::size_t> timers_;    ///< how often each was over
  Pending waiting_;
  std::vector<std::size_t> entries_;
};

/// What who plays a trail has to claim: of the protocols in it the one that builds on the others.
constexpr std::array<std::string_view, 8> kProtocols = {"micropayment", "settlement", "regular", "revoke", "administration", "keys", "registration", "paycard"};

std::size_t rank_of(std::string_view protocol) {
  const auto known = std::find(kProtocols.begin(), kProtocols.end(), protocol);
  return known == kProtocols.end() ? 0 : static_cast<std::size_t>(known - kProtocols.begin());
}

/// What of that the trail needs, whatever its steps are: a deed of an owner has no message.
std::string_view least_of(TrailKind kind) {
  switch (kind) {
    case TrailKind::keys: return "keys";
    case TrailKind::registration:
    case TrailKind::joining: return "registration";
    case TrailKind::entries: return "administration";
    case TrailKind::paycard: return "paycard";
    case TrailKind::micropayment:
    case TrailKind::regular: break;
  }
  return kProtocols.front();
}

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
  std::size_t protocol = rank_of(least_of(kind_of(trail)));
  for (const TrailStep& step : trail.steps) {
    if (const std::string_view why = why_not(trail, step, role); !why.empty()) {
      return tl::unexpected(fmt::format("cannot be played against a {}: {}: {}", role, step.text, why));
    }
    protocol = std::max(protocol, concerns(step, role) ? rank_of(step.protocol) : 0);
  }
  const bool shares_keys = std::any_of(trail.steps.begin(), trail.steps.end(), [&](const TrailStep& step) {  // which profile F does not have
    return step.message == "GetPairKey" || (step.player == role && step.action == "renew");
  });
  Suite suite(role);
  suite.belongs_to(std::string(kProtocols[protocol]), protocol == 0);
  suite.positive({.id = id_of(trail, role).substr(role.size() + 1),
                  .title = fmt::format("The trail to {} in {} ends as the specification says.", trail.id, trail.configuration),
                  .subject = rows_of(trail, role),
                  .requirements = trail.requirements,
                  .level_e = false,
                  .profile = shares_keys ? "H" : ""},
                 [trail, role](Session& session) { Play(session, trail, role).run(); }, arrangement_for(trail, role));
  return std::move(suite.take().front());
}

}  // namespace quickpay::conformance
