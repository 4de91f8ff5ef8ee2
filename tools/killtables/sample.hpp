// A few of many, the same for the same seed on every machine.
#pragma once

#include <random>
#include <utility>
#include <vector>

namespace quickpay::killtables {

/// `count` of them after a shuffle decided by the seed alone; all in their order if there are not more.
template <class T>
std::vector<T> sample(std::vector<T> all, std::size_t count, std::uint64_t seed) {
  if (count >= all.size()) return all;
  std::mt19937_64 random(seed);
  for (std::size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random() % i]);
  all.resize(count);
  return all;
}

}  // namespace quickpay::killtables
