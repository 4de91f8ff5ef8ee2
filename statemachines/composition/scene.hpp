// INTERNAL to this folder: what a step of a machine needs to know besides the state.
#pragma once

#include "statemachines/composition/composition.hpp"

namespace quickpay::statemachines {

/// An event that an instance takes because another one had an effect.
struct Composition::Task {
  const FollowInfo* follow = nullptr;  ///< nothing: a hand-over
  std::uint8_t instance = 0;
  EventId event = 0;
  std::uint32_t via = 0;
};

struct Composition::Scene {
  std::size_t order = 0;
  std::size_t instance = 0;
  int letter = -1;    ///< the request at hand that can be answered, or -1
  int answered = -1;  ///< the letter whose outcome this is, or -1
  bool forged = false;
  bool other = false;
  std::uint32_t via = 0;  ///< instances that took a step before, in the same unit
  Move move;
  std::string_view variant = {};  ///< of the request at hand
  std::array<Task, kMaxChain> tasks{};  ///< what still has to be done in this unit; the last one first
  std::size_t open = 0;                 ///< how many
};

}  // namespace quickpay::statemachines
