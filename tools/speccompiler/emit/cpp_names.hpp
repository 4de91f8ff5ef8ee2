// How structs and fields are called in C++; shared by the declarations and the tables.
#pragma once

#include <string>

#include "tools/speccompiler/emit/model.hpp"

namespace quickpay::spec {

/// The type of one occurrence of a field: a struct, an enumeration, std::string or std::int64_t.
std::string value_type(const Model& model, const Field& field);

/// The type of the data member that holds a field, with std::optional or std::vector around it.
std::string member_type(const Model& model, const Field& field);

}  // namespace quickpay::spec
