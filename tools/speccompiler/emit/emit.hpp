// Everything that is generated from a specification. Emitters read the IR and nothing else.
#pragma once

#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

/// One generated file, complete.
struct EmittedFile {
  std::string path;     ///< relative to the repository root, with `/`
  std::string content;  ///< bytes as they are committed
};

/// All generated files of an expanded specification that passed the lint, sorted by path. Deterministic: equal
/// specifications give equal bytes.
std::vector<EmittedFile> emit_all(const Spec& spec);

}  // namespace quickpay::spec
