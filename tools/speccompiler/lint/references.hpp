// Who refers to which requirement.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// One place that names a requirement.
struct Reference {
  std::string requirement;
  std::string kind;     ///< message, field, rule, struct, row, predicate, decision …
  std::string element;  ///< id of the element, with what encloses it: "GetOrder.BuyerTag", "wallet.order W3"
  Location at;
  bool counts = true;  ///< decisions only tell; they put nothing into effect
};

/// All of them, in the order of the specification.
std::vector<Reference> requirement_references(const Spec& spec);

}  // namespace quickpay::spec
