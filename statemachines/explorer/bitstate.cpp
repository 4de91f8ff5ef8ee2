#include "statemachines/explorer/bitstate.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <map>
#include <random>

namespace quickpay::statemachines {
namespace {

constexpr std::uint64_t kLookEvery = 256;  // moves between two looks at the clock
constexpr int kMaxFruitless = 1000;        // runs at random that led to nothing new, after which a search ends

std::uint64_t hash_of(const CompositionState& state, std::size_t width, std::uint64_t seed) {
  std::uint64_t hash = seed * 0x9E3779B97F4A7C15ULL + 1;
  for (std::size_t i = 0; i < width; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, state.data() + i, std::min<std::size_t>(8, width - i));
    hash = (hash ^ word) * 0xFF51AFD7ED558CCDULL;
    hash ^= hash >> 32U;
  }
  return hash;
}

/// The states seen, a few bits each.
class Seen {
 public:
  Seen(std::size_t bytes, std::size_t width, std::uint64_t seed) : words_(std::bit_ceil(std::max<std::size_t>(bytes, 64)) / 8), width_(width), seed_(seed) {}

  bool has(const CompositionState& state) const {
    bool all = true;
    each(state, [&](std::uint64_t bit) { all = all && ((words_[bit / 64] >> (bit % 64)) & 1U) != 0; });
    return all;
  }
  /// Whether it was new; notes how probable it was that a new state is taken for seen.
  bool add(const CompositionState& state) {
    const std::uint64_t before = set_;
    each(state, [&](std::uint64_t bit) {
      std::uint64_t& word = words_[bit / 64];
      if (((word >> (bit % 64)) & 1U) == 0) ++set_;
      word |= 1ULL << (bit % 64);
    });
    if (set_ == before) return false;
    const double odds = std::pow(static_cast<double>(before) / static_cast<double>(bits()), static_cast<double>(kBitsAState));
    omitted_ += odds / (1 - std::min(odds, 0.999));
    return true;
  }
  std::uint64_t bits() const { return words_.size() * 64; }
  double omitted() const { return omitted_; }

 private:
  template <class Do>
  void each(const CompositionState& state, Do what) const {
    const std::uint64_t first = hash_of(state, width_, seed_), step = hash_of(state, width_, ~seed_) | 1U;
    for (std::uint64_t i = 0; i < kBitsAState; ++i) what((first + i * step) & (bits() - 1));
  }

  std::vector<std::uint64_t> words_;
  std::size_t width_;
  std::uint64_t seed_;
  std::uint64_t set_ = 0;
  double omitted_ = 0;
};

class Walker {
 public:
  Walker(const Composition& composition, const std::vector<std::size_t>& checked, const BitLimits& limits)
      : composition_(composition), checked_(checked), limits_(limits), random_(limits.seed),
        seen_(limits.bytes, composition.layout().bytes(), limits.seed) {
    for (const Player& player : composition.layout().players())
      found_.rows.emplace_back(player.table->rows.size() + player.table->defaults.size(), false);
    found_.problem = composition.layout().problem();
  }

  BitSearch walk() {
    if (!found_.problem.empty()) return found_;
    if (!over()) enter(composition_.initial());
    while (!over()) {
      const bool spent = limits_.burst != 0 && found_.states >= burst_end_;
      if ((run_.empty() || spent) && !go_elsewhere()) break;
      Frame& frame = run_.back();
      if (frame.next.empty()) {
        run_.pop_back();
        continue;
      }
      const CompositionState next = frame.next.back();
      frame.next.pop_back();
      enter(next);
    }
    found_.through = run_.empty() && found_.states != 0 && found_.cut == 0 && limits_.burst == 0 && found_.problem.empty();
    found_.bits_a_state = static_cast<double>(seen_.bits()) / static_cast<double>(std::max<std::uint64_t>(found_.states, 1));
    found_.omitted = seen_.omitted();
    return std::move(found_);
  }

 private:
  struct Frame {
    CompositionState state;
    std::vector<CompositionState> next;  ///< not seen when it was entered
  };

  bool over() {
    if (!found_.problem.empty() || found_.states >= limits_.states || (limits_.until_failed && !found_.failed.empty())) return true;
    if (++looks_ % kLookEvery != 1) return false;
    return (limits_.stop != nullptr && *limits_.stop) || std::chrono::steady_clock::now() >= limits_.until;
  }

  void enter(const CompositionState& state) {
    if (run_.size() > limits_.depth) {  // looked at, but not marked: a shorter run may come here yet
      if (seen_.has(state)) return;
      ++found_.cut;
      run_.push_back({state, {}});
      check(PropertyKind::always);
      return run_.pop_back();
    }
    if (!seen_.add(state)) return;
    ++found_.states;
    found_.depth = std::max(found_.depth, run_.size());
    run_.push_back({state, {}});
    check(PropertyKind::always);
    if (!expand(run_.back())) return;
    ++found_.endings;
    check(PropertyKind::at_end);
  }

  // A run at random from the beginning, through states seen and not; what was left to look at is given up. False: only one walk is wanted, or
  // the last runs led to nothing new.
  bool go_elsewhere() {
    fruitless_ = found_.states == burst_begin_ ? fruitless_ + 1 : 0;
    if (limits_.burst == 0 || fruitless_ > kMaxFruitless) return false;
    burst_begin_ = found_.states;
    burst_end_ = found_.states + limits_.burst;
    run_.assign(1, {composition_.initial(), {}});
    std::vector<CompositionState> all;
    for (std::size_t wanted = random_() % (found_.depth + 1); run_.size() <= wanted;) {
      all.clear();
      composition_.successors(run_.back().state, [&](const Move&, const CompositionState& next) { all.push_back(next); });
      if (all.empty()) break;
      run_.push_back({all[random_() % all.size()], {}});
    }
    expand(run_.back());
    return true;
  }

  // Whether nothing can happen.
  bool expand(Frame& frame) {
    bool ends = true;
    composition_.successors(frame.state, [&](const Move& move, const CompositionState& next) {
      ++found_.transitions;
      note(move);
      if (next == frame.state) return;
      ends = false;
      if (!seen_.has(next)) frame.next.push_back(next);
    });
    std::shuffle(frame.next.begin(), frame.next.end(), random_);
    return ends;
  }

  void note(const Move& move) {
    if (move.stuck) found_.problem = "no row fits: " + composition_.describe(move);
    for (std::size_t i = 0; i < move.steps; ++i) {
      auto& rows = found_.rows[move.movers[i]];
      if (move.rows[i] < rows.size()) rows[move.rows[i]] = true;
    }
  }

  void check(PropertyKind kind) {
    const CompositionState& state = run_.back().state;
    for (const std::size_t property : checked_) {
      const PropertyInfo& info = composition_.layout().table().properties[property];
      if (info.kind != kind || known(property)) continue;
      for (std::size_t order = 0; order < composition_.layout().orders() && !known(property); ++order)
        if (!composition_.holds(info.holds, state, order)) found_.failed.push_back({property, trail()});
    }
  }

  bool known(std::size_t property) const {
    return std::any_of(found_.failed.begin(), found_.failed.end(), [&](const BitFailure& item) { return item.property == property; });
  }

  // The run to here, without what one move can skip. Every move is asked for again.
  std::vector<std::string> trail() const {
    std::map<CompositionState, std::size_t> places;
    for (std::size_t i = 0; i < run_.size(); ++i) places[run_[i].state] = i;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at + 1 < run_.size();) {
      std::size_t furthest = at;
      std::string line;
      composition_.successors(run_[at].state, [&](const Move& move, const CompositionState& next) {
        const auto place = places.find(next);
        if (place == places.end() || place->second <= furthest) return;
        furthest = place->second;
        line = composition_.describe(move);
      });
      if (furthest == at) return {"the run cannot be repeated"};
      lines.push_back(line);
      at = furthest;
    }
    lines.push_back("now: " + composition_.describe(run_.back().state));
    return lines;
  }

  const Composition& composition_;
  const std::vector<std::size_t>& checked_;
  const BitLimits& limits_;
  std::mt19937_64 random_;
  Seen seen_;
  std::vector<Frame> run_;
  std::uint64_t looks_ = 0, burst_begin_ = 0, burst_end_ = 0;
  int fruitless_ = 0;
  BitSearch found_;
};

}  // namespace

BitSearch search_bitstate(const Composition& composition, const std::vector<std::size_t>& checked, const BitLimits& limits) {
  return Walker(composition, checked, limits).walk();
}

}  // namespace quickpay::statemachines
