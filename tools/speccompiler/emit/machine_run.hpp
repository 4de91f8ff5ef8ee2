// One machine run over its rows, as vectors, diagrams and documents need it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// Where a machine stands: its state and the value of each of its variables.
struct Situation {
  std::string state;
  std::map<std::string, std::string> variables;
  bool operator==(const Situation&) const = default;
};

/// Where a machine begins.
Situation initial_of(const Machine& machine);

/// The predicate bits together with those of the machine's atoms, as rows see them.
std::uint64_t with_atoms(const Machine& machine, const Situation& situation, std::uint64_t predicates);

/// The predicate bits of the predicates named.
std::uint64_t predicate_bits(const Machine& machine, const std::vector<std::string>& names);

/// The names of the predicates that hold, in the order of the machine.
std::vector<std::string> predicates_in(const Machine& machine, std::uint64_t bits);

/// The row that takes the event; null: none does.
const Row* row_for(const Machine& machine, const Situation& situation, const std::string& event, std::uint64_t predicates);

/// The situation after a row.
void apply(const Row& row, Situation& situation);

/// Whether the predicate bits break none of the machine's implications.
bool possible(const Machine& machine, std::uint64_t predicates);

/// Predicate bits with predicate number `index` the other way round, and with it what implications force.
std::uint64_t flip(const Machine& machine, std::uint64_t predicates, std::size_t index);

template <class T>
const T* find_id(const std::vector<T>& elements, const std::string& id) {
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const T& element) { return element.id == id; });
  return found == elements.end() ? nullptr : &*found;
}

}  // namespace quickpay::spec
