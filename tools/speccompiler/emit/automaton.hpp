// Patterns as minimal deterministic automata: what readers run, and where example values come from.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {

/// A minimal deterministic automaton over bytes without states from which nothing is accepted. State 0 is the start.
struct Dfa {
  static constexpr std::uint16_t kRefused = 0xFFFF;
  static constexpr std::size_t kMaxStates = 0xFFFE;

  std::array<std::uint8_t, 256> classes{};  ///< byte → class of bytes that no state tells apart
  std::uint16_t class_count = 0;
  std::vector<std::uint16_t> transitions;  ///< state * class_count + class → state or kRefused
  std::vector<std::uint8_t> accepting;     ///< 1: accepts

  std::size_t size() const { return accepting.size(); }
  std::uint16_t next(std::uint16_t state, char byte) const {
    return transitions[state * class_count + classes[static_cast<unsigned char>(byte)]];
  }
  bool accepts(std::string_view value) const;
};

/// The automaton of a parsed pattern. Its numbering depends on the language alone, so equal languages give equal
/// tables. A pattern of more than kMaxStates states gives an automaton without states, which refuses everything.
Dfa to_dfa(const RegexNode& root);

/// The automaton of a pattern that passed the lint; of any other text one that refuses everything.
Dfa dfa_of(std::string_view pattern);

/// Length of the shortest member; 0 if there is none.
std::uint32_t shortest_length(const Dfa& dfa);

/// Length of the longest member, nothing if there is no longest one.
std::optional<std::uint32_t> longest_length(const Dfa& dfa);

/// A member of exactly `length` bytes, chosen by `seed` among all choices; nothing if there is none.
std::optional<std::string> member(const Dfa& dfa, std::size_t length, std::uint64_t seed);

}  // namespace quickpay::spec
