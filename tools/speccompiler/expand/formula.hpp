// Formulas over a composition of machines: what is watched, assumed and claimed in a `properties` section.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

inline constexpr int kMaxFormulaDepth = 16;            ///< parentheses and `not` that may be nested
inline constexpr std::size_t kMaxFormulaBytes = 1024;  ///< bytes a formula may have

/// A formula with small integers as values; a truth is 0 or 1. Binding, loosest first: `implies` (one, not repeated), `or`, `and`,
/// `not`, comparison, `+`.
struct Formula {
  enum class Kind : std::uint8_t {
    constant, state, variable, timer, call, ghost, forged, other, liar, profile, variant, option, via,
    negation, conjunction, disjunction, implication, sum, equal, unequal, less, less_equal, word
  };
  Kind kind = Kind::constant;
  std::string first;   ///< as written: the instance, ghost, role, profile or option; of a word before its names are looked up, all of it
  std::string second;  ///< the variable, timer or message of an instance
  int instance = 0;    ///< number of the instance
  int index = 0;       ///< number of the variable or ghost
  int value = 0;       ///< of a constant
  std::vector<Formula> operands;
};

/// Parses; words are left as words, except numbers. Error: what is wrong, with the byte.
tl::expected<Formula, std::string> parse_formula(std::string_view text);

/// Parses and looks up every name: `ghost`, `instance.state`, `instance.variable`, `instance.TIMER` (it runs),
/// `instance.MESSAGE` (an answer is awaited), `msg.forged`, `msg.other`, `msg.VARIANT` (of an outbox), `liar.ROLE`, `profile.ID`, `with.OPTION`, `via.INSTANCE`
/// (this instance took a step earlier in the same unit). The right side of a comparison
/// with a state or a variable is one of its values.
tl::expected<Formula, std::string> resolve_formula(std::string_view text, const Spec& spec, const PropertySet& set);

}  // namespace quickpay::spec
