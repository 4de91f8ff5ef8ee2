// A small deterministic generator: the same seed gives the same run on every machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quickpay::conformance {

/// SplitMix64. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// A generator for `label` that does not depend on what was drawn from this one.
  static Random derived(std::uint64_t seed, std::string_view label);

  std::uint64_t next();
  /// 0 … bound-1; 0 if bound is 0.
  std::uint64_t below(std::uint64_t bound);
  /// `digits` lower-case hex digits.
  std::string hex(std::size_t digits);

  template <class T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[below(i)]);
    }
  }

 private:
  std::uint64_t state_;
};

}  // namespace quickpay::conformance
