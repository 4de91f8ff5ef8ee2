// Automata for hand-written tables: one set of bytes for each position.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/schema.hpp"

namespace quickpay::codec::test {

/// Owns the tables of an automaton that accepts words whose byte k is in positions[k], at least `min_bytes` long.
class ChainAutomaton {
 public:
  ChainAutomaton(std::vector<std::string> positions, std::size_t min_bytes);
  ChainAutomaton(const ChainAutomaton&) = delete;
  const Automaton& get() const { return automaton_; }

 private:
  std::vector<std::uint8_t> classes_;
  std::vector<std::uint16_t> transitions_;
  std::vector<std::uint8_t> accepting_;
  Automaton automaton_;
};

/// `count` times the set of bytes `set`, after the sets of `first`.
std::vector<std::string> positions(std::vector<std::string> first, std::size_t count, const std::string& set);

inline const std::string kDigits = "0123456789";
inline const std::string kHex = "0123456789abcdef";

}  // namespace quickpay::codec::test
