// The specification as a flat list of named elements: what `show` finds and `diff` compares.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// One element with its canonical form.
struct Element {
  std::string kind;  ///< requirement, message, machine …
  std::string id;
  Location at;
  nlohmann::json body;
};

/// Everything that is declared at the top of a section or protocol, in the order of the IR.
std::vector<Element> elements_of(const Spec& spec);

/// The parts of machines (states, events, predicates, cases with their rows …); ids may occur more than once.
std::vector<Element> machine_parts_of(const Spec& spec);

}  // namespace quickpay::spec
