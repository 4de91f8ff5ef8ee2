// The part of JSON Schema (2020-12) that the schemas of this room use.
#pragma once

#include <string>

#include "vectors/json.hpp"

namespace quickpay::vectors {

/// What is wrong with a value, as "place: sentence"; empty: nothing. A keyword that is not known here is a fault, so that
/// no rule of a schema is passed over in silence.
std::string schema_fault(const Json& schema, const Json& value);

}  // namespace quickpay::vectors
