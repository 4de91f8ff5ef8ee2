// Turns the priority chains of machines into rows that exclude each other and together are total.
#pragma once

#include <cstddef>

#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

inline constexpr std::size_t kMaxMachineRows = 90;      ///< rows a machine may have
inline constexpr std::size_t kMaxMachineBits = 64;      ///< predicates and atoms a machine may have
inline constexpr std::size_t kMaxMachineVariables = 8;  ///< variables a machine may have
inline constexpr std::size_t kMaxCaseEffects = 12;      ///< effects a case may have
inline constexpr std::size_t kMaxBlockBits = 20;        ///< distinct bits the conditions of one block may name

/// Fills `atoms`, `rows` and `default_of_event` of the machine anew. Cases of a block are tried in order; each becomes
/// the cubes of a decision tree over the bits in order of first appearance. Bits that conditions do not know, and
/// conditions that are none, are findings; the block concerned gets no rows. `spec` gives the retry classes of codes.
Diagnostics expand_machine(const Spec& spec, Machine& machine);

/// Expands all machines.
Diagnostics expand(Spec& spec);

}  // namespace quickpay::spec
