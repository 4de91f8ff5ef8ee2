// INTERNAL to this folder: what a step of a machine needs to know besides the state.
#pragma once

#include "statemachines/composition/composition.hpp"

namespace quickpay::statemachines {

struct Composition::Scene {
  std::size_t order = 0;
  std::size_t instance = 0;
  int letter = -1;    ///< the request at hand that can be answered, or -1
  int answered = -1;  ///< the letter whose outcome this is, or -1
  bool forged = false;
  bool other = false;
  bool nested = false;  ///< a hand-over: the second machine of the move
  Move move;
  std::string_view variant = {};  ///< of the request at hand
};

}  // namespace quickpay::statemachines
