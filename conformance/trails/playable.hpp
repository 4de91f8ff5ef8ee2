// INTERNAL: what the role under test sees of a trail, and what of that can be played.
#pragma once

#include <string>
#include <string_view>

#include "conformance/trails/trail.hpp"

namespace quickpay::conformance {

inline constexpr std::string_view kOpens = "open-link", kConfirms = "confirm", kDeclines = "decline";  ///< what a Wallet's user may do

/// What a trail is about, as the options of its configuration say.
enum class TrailKind : std::uint8_t { micropayment, regular, keys, registration, joining, entries, paycard };
TrailKind kind_of(const Trail& trail);
/// Of administration: nobody buys anything.
inline bool is_administration(TrailKind kind) { return kind != TrailKind::micropayment && kind != TrailKind::regular; }

/// The role under test has something to do with it.
inline bool arrives(const TrailStep& step, std::string_view role) { return step.kind == TrailStep::Kind::request && step.to == role; }
inline bool returns(const TrailStep& step, std::string_view role) { return step.kind == TrailStep::Kind::answer && step.from == role; }
/// A request of the role has no answer.
inline bool fails(const TrailStep& step, std::string_view role) { return step.kind == TrailStep::Kind::no_answer && step.from == role; }
inline bool is_of(const TrailStep& step, TrailStep::Kind kind, std::string_view role) { return step.kind == kind && step.player == role; }
inline bool concerns(const TrailStep& step, std::string_view role) {
  using Kind = TrailStep::Kind;
  return arrives(step, role) || returns(step, role) || fails(step, role) || is_of(step, Kind::action, role) || is_of(step, Kind::crash, role) || is_of(step, Kind::time, role);
}

/// "regular/GetOrder": the name of the message where protocols share one.
std::string qualified(const TrailStep& step);

/// Why a step of the trail cannot be played against the role, in one sentence; empty: it can, or the role sees nothing of it.
std::string_view why_not(const Trail& trail, const TrailStep& step, std::string_view role);

}  // namespace quickpay::conformance
