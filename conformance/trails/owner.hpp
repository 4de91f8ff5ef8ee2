// INTERNAL: what an owner or user wants of the role under test, and what he is told of it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "conformance/suites/shopper.hpp"
#include "conformance/trails/trail.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::conformance {

/// One wish at a time: a new one takes the place of one that is open.
class Owner {
 public:
  Owner(Session& session, const std::string& role) : shopper_(session), role_(role) {}

  /// The role was asked for it in this step. What is wrong; empty: it has begun, or is refused where the trail has that, too.
  std::string wished(const TrailStep& step, IutResult<CallId> call);
  /// What the owner is told after this step, against the trail; empty: it is as in the trail, or nothing is told.
  std::string fault_of(const TrailStep& step);
  /// All that is held or scripted goes on, and what is open ends.
  void let_go();

 private:
  Shopper shopper_;
  const std::string& role_;
  std::string wish_;  ///< action of the step
  std::optional<IutResult<CallId>> open_;
};

/// The code of an answer that a liar writes, so that it is this event of a machine.
std::string_view forged_code(const statemachines::EventInfo* event);

}  // namespace quickpay::conformance
