// INTERNAL: what the role under test sees of a trail, and what of that can be played.
#pragma once

#include <string_view>

#include "conformance/trails/trail.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kOpens = "open-link", kConfirms = "confirm", kDeclines = "decline";  ///< what a user may do

/// The role under test has something to do with it.
inline bool arrives(const TrailStep& step, std::string_view role) { return step.kind == TrailStep::Kind::request && step.to == role; }
inline bool returns(const TrailStep& step, std::string_view role) { return step.kind == TrailStep::Kind::answer && step.from == role; }
/// A request of the role has no answer.
inline bool fails(const TrailStep& step, std::string_view role) { return step.kind == TrailStep::Kind::no_answer && step.from == role; }
inline bool is_of(const TrailStep& step, TrailStep::Kind kind, std::string_view role) { return step.kind == kind && step.player == role; }
inline bool concerns(const TrailStep& step, std::string_view role) {
  return arrives(step, role) || returns(step, role) || fails(step, role) || is_of(step, TrailStep::Kind::action, role) || is_of(step, TrailStep::Kind::crash, role);
}

/// Why a step cannot be played against the role, in one sentence; empty: it can, or the role sees nothing of it.
std::string_view why_not(const TrailStep& step, std::string_view role);

}  // namespace quickpay::conformance
