#include "conformance/trails/owner.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "conformance/trails/rows.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

/// What the role tells its owner at last, and whether that is what he wanted.
struct Word {
  std::string_view wish, tells;
};
constexpr std::array kGranted = {Word{"publish", "published"}, Word{"publish", "listed"}, Word{"withdraw", "withdrawn"}, Word{"renew", "renewed"},
                                 Word{"register", "registered"}, Word{"change", "changed"}, Word{"leave", "gone"}, Word{"add", "added"}};
constexpr std::array<std::string_view, 2> kGoesOn = {"wrong-answers", "incomplete"};

}  // namespace

std::string Owner::wished(const TrailStep& step, IutResult<CallId> call) {
  if (!call) {
    return "the implementation has no such button: " + call.error().what;
  }
  if (does(step, role_, statemachines::Verb::refuse)) {
    const auto outcome = shopper_.finish(call);
    return is_rejected(outcome) ? std::string() : outcome_text(outcome);
  }
  wish_ = step.action;
  open_ = std::move(call);
  return {};
}

std::string Owner::fault_of(const TrailStep& step) {
  std::string fault;
  for (const auto& effect : effects_of(step, role_)) {
    const bool told = effect.verb == statemachines::Verb::tell && std::find(kGoesOn.begin(), kGoesOn.end(), effect.first) == kGoesOn.end();
    if (!told || !open_) {
      continue;
    }
    const bool granted = std::any_of(kGranted.begin(), kGranted.end(), [&](const Word& one) { return one.wish == wish_ && one.tells == effect.first; });
    const auto outcome = shopper_.finish(*std::exchange(open_, std::nullopt));
    if (granted ? !is_accepted(outcome) : !is_rejected(outcome)) {
      fault = "the owner is told: " + outcome_text(outcome);
    }
  }
  return fault;
}

void Owner::let_go() {
  shopper_.calm();
  if (open_) {
    static_cast<void>(shopper_.finish(*std::exchange(open_, std::nullopt)));
  }
}

std::string_view forged_code(const statemachines::EventInfo* event) {
  if (event == nullptr) return protocol::QP_E_FORBIDDEN;
  if (!event->codes.empty()) return event->codes.front();
  const auto has = [&](std::string_view one) { return std::find(event->classes.begin(), event->classes.end(), one) != event->classes.end(); };
  return has("ok") ? protocol::QP_OK : has("same") ? protocol::QP_E_BUSY : protocol::QP_E_FORBIDDEN;
}

}  // namespace quickpay::conformance
