// Shortcuts through automata, found when the tables are compiled.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace quickpay::codec {

struct ByteRange {
  std::uint8_t first = 0;
  std::uint8_t last = 0;
};

inline constexpr std::size_t kMaxSkipRanges = 6;
inline constexpr std::uint16_t kNoState = 0xFFFF;

/// A stretch of an automaton that can be passed without taking each step: in state `from`, any `period` bytes that all lie
/// in `ranges` lead to state `from + step`, and so on, at most `most` times. With step 0 that is a loop, with step 1 a chain
/// of states numbered one after the other. What the automaton accepts does not depend on it.
struct Skip {
  std::uint16_t from = kNoState;  ///< kNoState: there is no such stretch
  std::uint16_t period = 0;
  std::uint16_t step = 0;
  std::uint16_t most = 0;
  std::uint8_t range_count = 0;
  std::array<ByteRange, kMaxSkipRanges> ranges{};
};

namespace detail {

inline constexpr std::size_t kMaxClasses = 256;
inline constexpr std::uint16_t kMaxPeriod = 4;
inline constexpr std::uint16_t kLeastChain = 8;  // shorter chains are not worth a shortcut

struct SkipSearch {
  std::span<const std::uint8_t> classes;
  std::span<const std::uint16_t> moves;
  std::size_t class_count;

  constexpr std::uint16_t move(std::size_t state, std::size_t kind) const { return moves[state * class_count + kind]; }
  constexpr std::size_t states() const { return moves.size() / class_count; }

  // The state that every class allowed in `from` leads to from `state`, or kNoState if they part or one is refused.
  constexpr std::uint16_t common(std::size_t from, std::size_t state) const {
    std::uint16_t target = kNoState;
    for (std::size_t kind = 0; kind < class_count; ++kind) {
      if (move(from, kind) == kNoState) continue;
      const std::uint16_t next = move(state, kind);
      if (next == kNoState || (target != kNoState && next != target)) return kNoState;
      target = next;
    }
    return target;
  }

  // How many states of a chain that starts with `from` all take the bytes of `from` to the next one.
  constexpr std::uint16_t chain(std::size_t from) const {
    std::uint16_t length = 0;
    while (from + length < states() && common(from, from + length) == from + length + 1) ++length;
    return length;
  }

  // Whether `left` more bytes allowed in `from` lead from `state` back to `from`, whichever they are.
  constexpr bool returns(std::size_t from, std::size_t state, std::uint16_t left) const {
    if (left == 0) return state == from;
    for (std::size_t kind = 0; kind < class_count; ++kind) {
      if (move(from, kind) == kNoState) continue;
      const std::uint16_t next = move(state, kind);
      if (next == kNoState || !returns(from, next, static_cast<std::uint16_t>(left - 1))) return false;
    }
    return true;
  }

  constexpr bool describe(Skip& skip) const {
    std::size_t count = 0;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      if (move(skip.from, classes[byte]) == kNoState) continue;
      const auto value = static_cast<std::uint8_t>(byte);
      if (byte >= 0x80) return false;  // ranges are of ASCII
      if (count > 0 && skip.ranges[count - 1].last + 1 == value) {
        skip.ranges[count - 1].last = value;
        continue;
      }
      if (count == kMaxSkipRanges) return false;
      skip.ranges[count++] = {value, value};
    }
    skip.range_count = static_cast<std::uint8_t>(count);
    return count > 0;
  }
};

}  // namespace detail

/// The best shortcut of an automaton: its first loop, else its longest chain.
constexpr Skip find_skip(std::span<const std::uint8_t> classes, std::span<const std::uint16_t> moves,
                         std::size_t class_count) {
  const detail::SkipSearch search{classes, moves, class_count};
  Skip best;
  for (std::size_t state = 0; state < search.states(); ++state) {
    for (std::uint16_t period = 1; period <= detail::kMaxPeriod; ++period) {
      Skip loop{static_cast<std::uint16_t>(state), period, 0, 0xFFFF, 0, {}};
      if (search.returns(state, state, period) && search.describe(loop)) return loop;
    }
  }
  for (std::size_t state = 0; state < search.states(); ++state) {
    Skip chain{static_cast<std::uint16_t>(state), 1, 1, search.chain(state), 0, {}};
    if (chain.most < std::max<std::uint16_t>(detail::kLeastChain, best.most + 1)) continue;
    if (search.describe(chain)) best = chain;
  }
  return best;
}

}  // namespace quickpay::codec
