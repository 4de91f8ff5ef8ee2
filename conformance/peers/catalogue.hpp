// Every mutation that the tables of the specification suggest for a message: operator × field.
#pragma once

#include <string>
#include <vector>

#include "reference/codec/schema.hpp"

namespace quickpay::conformance {

/// Names of mutations of `document` that may break its tables: for each field below Head and Body the operators that
/// fit its cardinality and type. Whether one does break them is for a reader to say: some give another valid value.
std::vector<std::string> table_mutations(const codec::DocumentType& document);

}  // namespace quickpay::conformance
