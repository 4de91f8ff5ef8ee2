// How far a run is: a bar on a terminal, a line now and then elsewhere.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>

#include "conformance/model/result.hpp"

namespace quickpay::conformance {

inline constexpr std::int64_t kLineEveryMs = 10'000;  ///< between two lines where there is no terminal
inline constexpr std::int64_t kGuessAfterMs = 1'000;  ///< what ran in less says nothing about the time left
inline constexpr std::size_t kBarWidth = 30;          ///< characters

/// Shows progress of one run on one stream. Not thread-safe.
class Progress {
 public:
  using Now = std::function<std::int64_t()>;  ///< milliseconds that only grow

  /// `terminal`: a bar that overwrites itself; otherwise whole lines without a control character.
  Progress(std::ostream& out, bool terminal, bool colour, Now now);

  /// `done` of `total` scenarios are judged, `scenario` the last of them.
  void show(const ScenarioResult& scenario, std::size_t done, std::size_t total);
  /// Takes the bar away.
  void end();

 private:
  std::string left(std::size_t done, std::size_t total) const;

  std::ostream& out_;
  bool terminal_;
  bool colour_;
  Now now_;
  std::int64_t begin_;
  std::int64_t last_;
  std::size_t bad_ = 0;
};

}  // namespace quickpay::conformance
