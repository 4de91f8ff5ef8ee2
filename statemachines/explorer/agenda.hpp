// Which state is looked at next.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "statemachines/explorer/store.hpp"

namespace quickpay::statemachines {

/// States that are not looked at yet, by number. Where every state is kept they come in the order in which they were found, the nearest first;
/// where only the largest are, those with most left, so that few are found that a later one would have stood for.
class Agenda {
 public:
  explicit Agenda(Keep keep) : sorted_(keep == Keep::largest) {}

  /// Numbers are added in their order, from 0. `left`: how many faults and forgeries are left there, no more than in the first.
  void add(std::uint32_t number, std::size_t left) {
    ++waiting_;
    if (!sorted_) return;
    if (open_.size() <= left) open_.resize(left + 1);
    open_[left].push_back(number);
  }
  bool empty() const { return waiting_ == 0; }
  /// Only if it is not empty.
  std::uint32_t next() {
    --waiting_;
    if (!sorted_) return next_++;
    while (open_.back().empty()) open_.pop_back();
    const std::uint32_t number = open_.back().front();
    open_.back().pop_front();
    return number;
  }

 private:
  bool sorted_;
  std::size_t waiting_ = 0;
  std::uint32_t next_ = 0;
  std::vector<std::deque<std::uint32_t>> open_;
};

}  // namespace quickpay::statemachines
