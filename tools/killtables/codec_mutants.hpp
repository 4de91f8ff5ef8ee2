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

/// One constraint of one field, looser or tighter: "GetOrder/Body.Item:optional", "regular/GetOrder/…" where a root recurs.
struct CodecMutant {
  std::string id;
  std::string op;  ///< "constraint-optional"
  const codec::DocumentType* document = nullptr;
  std::function<void(CopiedDocument&)> apply;
};

/// All of them for all documents that travel, in a fixed order; no two have the same id. A struct that a document has in
/// several places is changed in all of them at once.
std::vector<CodecMutant> codec_mutants();

/// Vectors by what they are documents of. A root may recur in another family, with other constraints.
using VectorsByDocument = std::map<const codec::DocumentType*, std::vector<vectors::CodecVector>>;

/// What a vector's path and root say that it is; null: there is no such message.
const codec::DocumentType* document_of(const vectors::CodecVector& vector);

/// The first vector that the reader takes otherwise with this mutant than a reader must, or nothing.
std::string disagreement(const CodecMutant& mutant, const VectorsByDocument& all);

}  // namespace quickpay::killtables
