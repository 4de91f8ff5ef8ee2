// Everything that has to hold between the parts of a specification.
#pragma once

#include <filesystem>
#include <tl/expected.hpp>

#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// Checks an expanded specification; empty if nothing was found. Findings are sorted by place.
Diagnostics lint(const Spec& spec);

/// Loads, expands and checks: what every user of a specification calls. Warnings alone do not fail.
tl::expected<Spec, Diagnostics> compile_spec(const std::filesystem::path& root);

}  // namespace quickpay::spec
