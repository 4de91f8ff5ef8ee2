// Scenarios pinned by hand: what is meant, whatever the machines of a specification say.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "statemachines/step/step.hpp"

namespace quickpay::killtables {

inline constexpr std::size_t kMaxIntentBytes = 1 << 20;  ///< of a file of intents

struct IntentStep {
  int line = 0;
  std::string machine, event;
  std::vector<std::string> predicates;  ///< true; all others are false
  std::vector<std::string> effects;     ///< as effects are written
  std::string state;                    ///< after it
};

struct Intent {
  std::string id;
  std::vector<std::string> requirements;
  std::string text;
  std::vector<IntentStep> steps;
};

/// Errors: "line N: what".
tl::expected<std::vector<Intent>, std::string> parse_intents(std::string_view text);

/// The machines to play on, by id. Tables must outlive the call.
using Machines = std::map<std::string, const statemachines::MachineTable*, std::less<>>;

/// What becomes otherwise than meant, with line and step: "vendor-sells, line 12: …"; nothing if all is as meant. Machines
/// that are not there are an error; a machine that an intent names is interpreted.
std::string play(const Intent& intent, const Machines& machines);

/// Whether others can see an effect of this verb.
bool visible(statemachines::Verb verb);

}  // namespace quickpay::killtables
