// The questions of check-adapter, in the order in which they are asked.
#pragma once

#include <span>
#include <string_view>

#include "conformance/kit/bench.hpp"

namespace quickpay::conformance::kit {

struct Step {
  std::string_view paragraph;  ///< of docs/adapter-protocol.md
  std::string_view what;       ///< what holds if it went well
  Answer (*ask)(Bench& bench);
};

/// Every step leaves the bench usable for the next, whatever it has found.
std::span<const Step> steps();

}  // namespace quickpay::conformance::kit
