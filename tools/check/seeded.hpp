// INTERNAL: a specification with the defect that a property names, for those who generate from it.
#pragma once

#include <string_view>

#include <tl/expected.hpp>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::check {

/// The specification with one mistake, called as `twin` of a property calls it: a row of `wrong-target` or `drop-effect`, or what is
/// assumed of a predicate. Otherwise why not.
tl::expected<spec::Spec, std::string> seeded(spec::Spec spec, std::string_view defect);

}  // namespace quickpay::check
