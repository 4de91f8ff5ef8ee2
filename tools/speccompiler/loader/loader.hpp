// Reads a specification's XML files into the IR.
#pragma once

#include <cstddef>
#include <filesystem>
#include <tl/expected.hpp>

#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;  ///< bytes one file may have
inline constexpr int kMaxDepth = 16;                           ///< elements that may be nested
inline constexpr std::size_t kMaxElements = 100'000;           ///< elements of all files together
inline constexpr std::size_t kMaxFiles = 64;                   ///< files of one specification
inline constexpr std::uint32_t kMaxCardinality = 16384;        ///< largest number of occurrences of a field

/// Reads the root file and what it includes, resolves the envelope, variants and struct types. The result is neither
/// expanded nor checked. `root` is the root file, or a folder that holds exactly one file whose root element is `spec`.
/// Errors: files that cannot be read or are no XML, unknown or missing elements and attributes, malformed values.
tl::expected<Spec, Diagnostics> load_spec(const std::filesystem::path& root);

}  // namespace quickpay::spec
