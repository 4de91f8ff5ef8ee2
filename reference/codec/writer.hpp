// Writing of documents: a typed object in, the one canonical form of the wire profile out.
#pragma once

#include <string>
#include <string_view>

#include "reference/codec/schema.hpp"

namespace quickpay::codec {

/// The document of `object` in canonical form: no XML declaration, no white space between elements, `& < >` escaped.
/// `object` must be a valid object of the struct that `type` describes; fields that a variant excludes are left out.
std::string write_document(const DocumentType& type, const void* object);

/// One element `name` without a namespace, for stored records; read back by read_fragment.
std::string write_fragment(std::string_view name, const StructType& type, const void* object);

}  // namespace quickpay::codec
