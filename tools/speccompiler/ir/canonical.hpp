// The canonical JSON form of the IR and the hashes made from it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// The IR as JSON, expanded rows included, without source locations. Empty members are left out.
nlohmann::json to_json(const Spec& spec);

/// The same as text: keys sorted, no white space, one line feed at the end. Equal specifications give equal bytes.
std::string canonical_json(const Spec& spec);

/// 64 hexadecimal digits: SHA-256 of canonical_json. It names a specification.
std::string spec_id(const Spec& spec);

/// 64 hexadecimal digits: SHA-256 of what a generated file depends on. `slice` is "all", "types", "errors",
/// "parameters", "requirements", "messages:<family>" or "machine:<id>"; empty if there is no such slice.
std::string slice_hash(const Spec& spec, std::string_view slice);

/// SHA-256 in hexadecimal.
std::string sha256_hex(std::string_view bytes);

}  // namespace quickpay::spec
