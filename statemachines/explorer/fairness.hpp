// Which states have a fair run that never comes to what is wanted.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace quickpay::statemachines {

inline constexpr std::uint16_t kUnfair = 0;             ///< label of moves that nobody has to make
inline constexpr std::uint32_t kNowhere = 0xFFFFFFFF;   ///< target of a move that is due here and cannot be made yet

/// A move from one state to another, to the same, or to kNowhere. Equal labels are the same move, whatever comes of it.
struct FairEdge {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint16_t label = kUnfair;
};

/// For each of `count` states whether a run from it, weakly fair, stays outside of `met` for ever; `edges` are in the order of their first
/// states. A run is weakly fair if no label other than kUnfair is possible or due from some time on without pause and never taken; it may
/// end only where there is no such label. Exact for finite graphs: what such a run visits again and again is a strongly connected
/// part of what is not met, and the largest part allows most.
std::vector<bool> may_never_meet(std::size_t count, std::span<const FairEdge> edges, const std::vector<bool>& met);

}  // namespace quickpay::statemachines
