#include "statemachines/explorer/fairness.hpp"

#include <algorithm>

namespace quickpay::statemachines {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

/// The states that are not met, and their moves.
class Graph {
 public:
  Graph(std::size_t count, std::span<const FairEdge> edges, const std::vector<bool>& met)
      : edges_(edges), met_(met), first_(count + 1, 0), part_(count, kNone), low_(count, kNone), bad_(count, false) {
    for (const FairEdge& edge : edges_) ++first_[edge.from + 1U];
    for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  }

  std::vector<bool> answer() {
    find_parts();
    for (std::size_t start = 0; start < order_.size();) start = judge(start);
    for (bool grown = true; grown;) {  // parts that lead nowhere else come first, so few rounds suffice
      grown = false;
      for (const std::uint32_t state : order_)
        if (!bad_[state] && leads_to_bad(state)) bad_[state] = grown = true;
    }
    return std::move(bad_);
  }

 private:
  bool leads_to_bad(std::uint32_t state) const {
    for (std::uint32_t k = first_[state]; k < first_[state + 1U]; ++k)
      if (edges_[k].to != kNowhere && bad_[edges_[k].to]) return true;
    return false;
  }

  // Tarjan's algorithm without recursion; states that are met belong to no part.
  void find_parts() {
    for (std::uint32_t root = 0; root < part_.size(); ++root)
      if (!met_[root] && low_[root] == kNone) visit(root);
  }

  struct Frame {
    std::uint32_t state, edge, number;
  };

  void visit(std::uint32_t root) {
    std::vector<Frame> frames;
    const auto enter = [&](std::uint32_t state) {
      frames.push_back({state, first_[state], next_});
      low_[state] = next_++;
      open_.push_back(state);
    };
    enter(root);
    while (!frames.empty()) {
      Frame& frame = frames.back();
      if (frame.edge < first_[frame.state + 1U]) {
        const std::uint32_t to = edges_[frame.edge++].to;
        if (to == kNowhere || met_[to] || part_[to] != kNone) continue;
        if (low_[to] == kNone) {
          enter(to);
        } else {
          low_[frame.state] = std::min(low_[frame.state], low_[to]);
        }
        continue;
      }
      const Frame done = frame;
      frames.pop_back();
      if (!frames.empty()) low_[frames.back().state] = std::min(low_[frames.back().state], low_[done.state]);
      if (low_[done.state] == done.number) close(done.state);
    }
  }

  void close(std::uint32_t root) {
    for (std::uint32_t state = kNone; state != root;) {
      state = open_.back();
      open_.pop_back();
      part_[state] = root;
      order_.push_back(state);
    }
  }

  /// What a state of a part can do.
  struct Label {
    std::uint16_t label;
    std::uint32_t state;
    bool stays;  ///< it leads to the part
  };

  // Judges the part that starts here; returns where the next one starts.
  std::size_t judge(std::size_t start) {
    std::size_t end = start;
    std::vector<Label> labels;
    for (; end < order_.size() && part_[order_[end]] == part_[order_[start]]; ++end) {
      const std::uint32_t state = order_[end];
      for (std::uint32_t k = first_[state]; k < first_[state + 1U]; ++k) {
        const FairEdge& edge = edges_[k];
        const bool stays = edge.to != kNowhere && part_[edge.to] == part_[state];
        if (edge.label != kUnfair) labels.push_back({edge.label, state, stays});
      }
    }
    const bool fair = is_fair(end - start, labels);
    for (std::size_t i = start; i < end; ++i) bad_[order_[i]] = fair;
    return end;
  }

  // Each label is somewhere in the part not possible, or taken without leaving it.
  static bool is_fair(std::size_t states, std::vector<Label>& labels) {
    std::sort(labels.begin(), labels.end(), [](const Label& a, const Label& b) {
      return a.label != b.label ? a.label < b.label : a.state < b.state;
    });
    for (std::size_t i = 0; i < labels.size();) {
      std::size_t next = i;
      std::size_t having = 0;
      bool taken = false;
      for (; next < labels.size() && labels[next].label == labels[i].label; ++next) {
        if (next == i || labels[next].state != labels[next - 1].state) ++having;
        taken |= labels[next].stays;
      }
      if (!taken && having == states) return false;
      i = next;
    }
    return true;
  }

  std::span<const FairEdge> edges_;
  const std::vector<bool>& met_;
  std::vector<std::uint32_t> first_;       ///< edge of each state
  std::vector<std::uint32_t> part_, low_;  ///< a part is named by one of its states
  std::vector<bool> bad_;
  std::vector<std::uint32_t> open_, order_;  ///< `order_`: states, part by part
  std::uint32_t next_ = 0;
};

}  // namespace

std::vector<bool> may_never_meet(std::size_t count, std::span<const FairEdge> edges, const std::vector<bool>& met) {
  return Graph(count, edges, met).answer();
}

}  // namespace quickpay::statemachines
