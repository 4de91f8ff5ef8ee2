// What a suite is made of: scenarios, and the checks that each of them declares.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/model/verdict.hpp"

namespace quickpay::conformance {

class Session;
struct WorldPlan;  // conformance/peers: players, fixtures and scripts of one scenario

/// One thing that is judged. The id is for ever: a check is never renamed and its id never used again.
struct CheckInfo {
  std::string id;                         ///< slug, e.g. "vendor.mp4.deliver-before-commit"
  std::vector<std::string> requirements;  ///< ids of the specification; at least one
  Level level = Level::must;
  std::string title;                      ///< one sentence, what must hold
  std::string rule;                       ///< the violated sentence, where it is a message rule; empty: the requirement's text
  bool ambient = false;                   ///< judged in every scenario of the role; does not decide whether a twin passed
  bool needs_adapter = false;             ///< cannot be judged at level E
};

/// What is known about a scenario without running it.
struct ScenarioInfo {
  std::string id;                         ///< slug, e.g. "vendor.request-order-delivery.other-amount"; for ever, too
  std::string role;                       ///< role under test: wallet | vendor | broker | host
  std::string protocol = "micropayment";
  std::string profile;                    ///< "F", "H", or empty for both
  std::vector<std::string> requirements;
  std::string subject;                    ///< the row (e.g. "V12") or the constraint that is exercised
  std::string mutation;                   ///< id of the mutation; empty for a positive scenario
  bool negative = false;
  std::string twin;                       ///< negative: id of the scenario with the same session and no mutation
  bool level_e = false;                   ///< can be run against an endpoint without an adapter
  std::string feature;                    ///< runs only if the implementation claims it (hello.features), or does not if `denial`; empty: always
  bool denial = false;                    ///< asks for `feature`, or else for `protocol`; runs only if the implementation does not claim it
  std::vector<CheckInfo> checks;          ///< declared: each must be emitted at least once
};

/// True iff a scenario is for those who do not claim its protocol.
inline bool denies_protocol(const ScenarioInfo& info) { return info.denial && info.feature.empty(); }

/// True iff a scenario is not for this implementation: it is about a feature, and those who claim it (`claimed`), or those who do
/// not, are the others.
inline bool is_of_other_feature(const ScenarioInfo& info, bool claimed) { return !info.feature.empty() && claimed == info.denial; }

/// Plays the scenario. Judges by Session::emit; never throws for what an implementation does.
using ScenarioBody = std::function<void(Session&)>;

/// Changes the players and fixtures before anything starts. Empty: the plain world of the role.
using Arrange = std::function<void(WorldPlan&)>;

struct Scenario {
  ScenarioInfo info;
  ScenarioBody run;
  Arrange arrange;
};

}  // namespace quickpay::conformance
