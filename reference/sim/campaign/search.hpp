// Many scripts from one seed, and the shortest that still misses a goal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "reference/sim/campaign/play.hpp"

namespace quickpay::sim {

inline constexpr int kMaxShorter = 500;  ///< plays that shortening may take

/// A script that misses a goal, made as short as it could be.
struct Miss {
  std::size_t run = 0;   ///< counted from 1
  Script script;
  std::string wrong;     ///< what the short one misses
};

struct Search {
  std::size_t runs = 0;        ///< played, without those of shortening
  std::size_t deliveries = 0;
  std::size_t receipts = 0;
  std::size_t revoked = 0;      ///< orders that were taken back, at honest Brokers
  std::size_t with_revoke = 0;  ///< runs in which one was
  std::size_t not_revoked = 0;  ///< revokes that were held in the end, or contested
  std::size_t mails = 0;          ///< shown to a reader
  std::size_t registered = 0;     ///< newcomers that got an identifier
  std::size_t compared = 0;       ///< runs that were played without mail, too
  std::size_t steps = 0;
  Abstracted abstracted = {};
  std::size_t with_liar = 0;   ///< runs
  std::size_t settled = 0;     ///< runs
  std::size_t authenticated = 0;  ///< runs
  std::array<std::size_t, static_cast<std::size_t>(Act::count)> acts = {};  ///< how often each was in a script
  std::array<std::size_t, static_cast<std::size_t>(Join::count)> joins = {};  ///< the same
  std::optional<Miss> miss;
};

/// Plays up to `runs` scripts, the first to miss a goal ends it. Run number n of a seed is always the same script.
/// `progress` is called after each run; false ends the search. `shorter`: plays that shortening may take.
Search search(std::uint64_t seed, std::size_t runs, const Sown& sown = {},
              const std::function<bool(std::size_t run)>& progress = {}, int shorter = kMaxShorter);

}  // namespace quickpay::sim
