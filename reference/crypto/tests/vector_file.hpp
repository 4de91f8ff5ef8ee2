// The vectors under vectors/generated as this room's programs read them.
#pragma once

#include <string>
#include <vector>

namespace quickpay::codec::test {

/// One body and what a reader must say about it.
struct CodecVector {
  std::string id;
  std::string document;  ///< root element that the path demands
  std::string code;      ///< empty: valid
  std::string body;
  std::string canonical_sha256;
  std::size_t canonical_bytes = 0;
};

/// The vectors of all files `*.json` in `folder`, ordered by file and place. Throws what the JSON library throws if a file is
/// damaged, and std::runtime_error if a file's count is not the number of its vectors. Empty if there is no such folder.
std::vector<CodecVector> load_vectors(const std::string& folder);

/// Where the micropayment vectors are, relative to the repository's root.
inline constexpr const char* kMicropaymentVectors = "vectors/generated/micropayment";

}  // namespace quickpay::codec::test
