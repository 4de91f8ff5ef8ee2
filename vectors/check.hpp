// What is wrong with the vector files, and what our own reader says to them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vectors/vectors.hpp"

namespace quickpay::vectors {

/// Faults of a folder of vectors (the room `vectors/`) as data, one sentence each: ids that are no slugs, not unique or on the
/// list of those that are gone; an invalid vector without a valid base; flags without a note, and notes that nobody uses.
std::vector<std::string> lint(const std::filesystem::path& folder);

/// How our reader differs from the vectors, one sentence each: result, code, and of valid bodies the canonical encoding.
std::vector<std::string> disagreements(const std::vector<CodecVector>& vectors);

}  // namespace quickpay::vectors
