// When a player was not there: the log of its own suspensions.
#pragma once

#include <cstdint>
#include <string_view>

#include "reference/roles/facts.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kSuspensionMachine = "suspension";  ///< logged suspensions are kept under this name
inline constexpr std::size_t kMaxSuspensions = 1000;                  ///< that one deadline takes into account

/// The log of a Host's or Broker's own suspensions, during which its deadlines do not run (QP-ADD-07).
class Suspensions {
 public:
  Suspensions(Facts& facts, Store& store) : facts_(facts), store_(store) {}
  bool suspended();
  void begin();
  void end();
  /// Milliseconds of suspension between two points in time.
  std::int64_t between(std::int64_t from_ms, std::int64_t to_ms);

 private:
  Facts& facts_;
  Store& store_;
};

}  // namespace quickpay::roles
