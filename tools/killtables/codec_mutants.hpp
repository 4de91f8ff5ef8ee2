// Mutants of the constraints that the reader enforces, and the vectors that notice them.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/schema.hpp"
#include "vectors/vectors.hpp"

namespace quickpay::killtables {

class CopiedDocument;

/// One constraint of one field, looser or tighter: "GetOrder/Body.Item:optional".
struct CodecMutant {
  std::string id;
  std::string op;  ///< "constraint-optional"
  const codec::DocumentType* document = nullptr;
  std::function<void(CopiedDocument&)> apply;
};

/// All of them for all documents that travel, in a fixed order; no two have the same id. A struct that a document has in
/// several places is changed in all of them at once.
std::vector<CodecMutant> codec_mutants();

/// Vectors by the root of their document.
using VectorsByRoot = std::map<std::string, std::vector<vectors::CodecVector>, std::less<>>;

/// The first vector that the reader takes otherwise with this mutant than a reader must, or nothing.
std::string disagreement(const CodecMutant& mutant, const VectorsByRoot& all);

}  // namespace quickpay::killtables
