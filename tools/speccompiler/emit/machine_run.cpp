#include "tools/speccompiler/emit/machine_run.hpp"

namespace quickpay::spec {
namespace {

std::uint64_t bit_of(const Machine& machine, const std::string& predicate) {
  for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
    if (machine.predicates[i].id == predicate) return std::uint64_t{1} << i;
  }
  return 0;
}

}  // namespace

Situation initial_of(const Machine& machine) {
  Situation situation{machine.initial, {}};
  for (const Variable& variable : machine.variables) situation.variables[variable.id] = variable.initial;
  return situation;
}

std::uint64_t with_atoms(const Machine& machine, const Situation& situation, std::uint64_t predicates) {
  for (std::size_t i = 0; i < machine.atoms.size(); ++i) {
    const Atom& atom = machine.atoms[i];
    const bool equal = situation.variables.at(atom.variable) == atom.value;
    if (equal != atom.negated) predicates |= std::uint64_t{1} << (machine.predicates.size() + i);
  }
  return predicates;
}

std::uint64_t predicate_bits(const Machine& machine, const std::vector<std::string>& names) {
  std::uint64_t bits = 0;
  for (const std::string& name : names) bits |= bit_of(machine, name);
  return bits;
}

std::vector<std::string> predicates_in(const Machine& machine, std::uint64_t bits) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
    if ((bits >> i & 1) != 0) names.push_back(machine.predicates[i].id);
  }
  return names;
}

const Row* row_for(const Machine& machine, const Situation& situation, const std::string& event,
                   std::uint64_t predicates) {
  const std::uint64_t bits = with_atoms(machine, situation, predicates);
  const auto row = std::find_if(machine.rows.begin(), machine.rows.end(), [&](const Row& each) {
    return each.state == situation.state && each.event == event && (bits & each.mask) == each.value;
  });
  return row == machine.rows.end() ? nullptr : &*row;
}

void apply(const Row& row, Situation& situation) {
  situation.state = row.to;
  for (const Effect& effect : row.effects) {
    if (effect.verb == "set" && effect.arguments.size() == 2)
      situation.variables[effect.arguments[0]] = effect.arguments[1];
  }
}

std::uint64_t flip(const Machine& machine, std::uint64_t predicates, std::size_t index) {
  std::uint64_t bits = predicates ^ (std::uint64_t{1} << index);
  const bool holds = (bits >> index & 1) != 0;
  for (std::size_t round = 0; round < machine.implications.size(); ++round) {
    for (const Implication& each : machine.implications) {
      const std::uint64_t cause = bit_of(machine, each.if_predicate), effect = bit_of(machine, each.then_predicate);
      if (holds && (bits & cause) != 0) bits |= effect;
      if (!holds && (bits & effect) == 0) bits &= ~cause;
    }
  }
  return bits;
}

bool possible(const Machine& machine, std::uint64_t predicates) {
  return std::none_of(machine.implications.begin(), machine.implications.end(), [&](const Implication& each) {
    return (predicates & bit_of(machine, each.if_predicate)) != 0 &&
           (predicates & bit_of(machine, each.then_predicate)) == 0;
  });
}

}  // namespace quickpay::spec
