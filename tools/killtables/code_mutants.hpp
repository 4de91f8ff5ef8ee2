// Code mutants: the reference as it is with one thing wrong, made at run time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reference/ledger/ledger.hpp"
#include "reference/roles/config.hpp"
#include "reference/roles/deviation.hpp"
#include "statemachines/mutation/mutation.hpp"

namespace quickpay::killtables {

/// Where a mutant is wrong: a compiled row, the body of a predicate, the execution of an effect, a step of the processing
/// order, an operation of the ledger.
enum class Place : std::uint8_t { row, predicate, effect, order, ledger };

/// One wrong implementation. Of the three ways to be wrong those that it does not use are empty.
struct CodeMutant {
  std::string id;  ///< "believes:broker.order:funds_suffice"
  std::string op;  ///< "believes"
  Place place = Place::row;
  std::string role;
  std::function<std::unique_ptr<roles::Deviation>()> deviation = {};
  std::function<std::unique_ptr<ledger::Ledger>()> ledger = {};
  const statemachines::MachineTable* table = nullptr;  ///< row, predicate, effect: of the machine …
  statemachines::Mutation mutation = {};               ///< … and what was changed in its rows
};

/// All of them, in a fixed order; no two have the same id.
std::vector<CodeMutant> code_mutants();

/// Mutants that change nothing: whoever kills one of them kills for the wrong reason.
std::vector<CodeMutant> controls();

}  // namespace quickpay::killtables
