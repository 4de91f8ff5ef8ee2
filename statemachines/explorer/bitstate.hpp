// Searches worlds that are too large to visit: of a state it remembers a few bits, so that some states are taken for seen.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "statemachines/composition/composition.hpp"

namespace quickpay::statemachines {

inline constexpr std::size_t kBitsAState = 3;  ///< that a state sets in the table

/// How far one search goes. What it visits is decided by `seed`, `bytes`, `depth` and where it is stopped.
struct BitLimits {
  std::uint64_t seed = 1;                ///< of the order of moves and of the hash
  std::size_t bytes = 64U << 20U;        ///< of the table of bits; a power of two
  std::size_t depth = 10'000;            ///< moves of a run; what lies behind is not looked at
  std::uint64_t states = UINT64_MAX;     ///< after so many it stops
  std::uint64_t burst = 0;               ///< 0: one walk; else after so many states it goes on at another place, at random, and gives up what is left
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
  const std::atomic<bool>* stop = nullptr;
  bool until_failed = false;  ///< the first property seen to fail ends it
};

/// A property that was seen to fail, with a run that leads there; not a shortest one.
struct BitFailure {
  std::size_t property = 0;  ///< index into the table
  std::vector<std::string> trail;
};

/// What one search saw. It never shows that a property holds.
struct BitSearch {
  std::uint64_t states = 0;       ///< different ones
  std::uint64_t transitions = 0;  ///< moves told
  std::uint64_t endings = 0;      ///< states in which nothing can happen any more
  std::size_t depth = 0;          ///< moves of the longest run
  std::uint64_t cut = 0;          ///< times that a run was as long as allowed
  bool through = false;           ///< one walk that left nothing to look behind: not stopped, not cut
  double bits_a_state = 0;        ///< size of the table for each state: the hash factor
  double omitted = 0;             ///< states expected to be taken for seen, without what lies behind them
  std::string problem;            ///< not empty: the model itself is wrong, and where
  std::vector<BitFailure> failed;
  std::vector<std::vector<bool>> rows;  ///< instance → row or default taken
};

/// Walks depth first, in an order at random, and checks `always` and `at-end` properties among `checked` (indices into the table).
/// Properties of other kinds need the whole world and are not looked at. The first failure of each property is told.
BitSearch search_bitstate(const Composition& composition, const std::vector<std::size_t>& checked, const BitLimits& limits);

}  // namespace quickpay::statemachines
