// Operators on the bytes of a document: what a tree cannot say.
#pragma once

#include <string>
#include <string_view>

namespace quickpay::conformance {

/// Applies the operator to a document in canonical form. False: there is no such operator or no place for it.
bool mutate_bytes(std::string& bytes, std::string_view op);

}  // namespace quickpay::conformance
