// The table that says which class a difference has.
#pragma once

#include "tools/speccompiler/diff/diff.hpp"

namespace quickpay::spec {

/// The class of a whole element that came or went.
ChangeClass class_of_element(std::string_view element_kind, ChangeKind kind);

/// The class of one changed leaf; `path` has its keys without indices, e.g. "request.body.max_bytes".
ChangeClass class_of_leaf(std::string_view element_kind, std::string_view path, const std::string& before,
                          const std::string& after);

}  // namespace quickpay::spec
