// The files of vectors of this room, of every kind.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "vectors/json.hpp"

namespace quickpay::vectors {

/// The kinds of vectors, in the order in which they are told.
inline constexpr const char* kKinds[] = {"codec", "crypto", "state", "scenario", "ledger", "vote"};

struct VectorFile {
  std::filesystem::path path;
  std::string kind;  ///< one of kKinds
  Json json;
};

/// All files of vectors below the folder `vectors`, kinds in order, names in order. What cannot be read is told in `faults`.
std::vector<VectorFile> load_files(const std::filesystem::path& folder, std::vector<std::string>& faults);

/// One JSON file; discarded, and told in `faults`, if it is none.
Json load_json(const std::filesystem::path& file, std::vector<std::string>& faults);

}  // namespace quickpay::vectors
