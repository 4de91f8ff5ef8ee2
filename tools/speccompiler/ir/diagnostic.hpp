// What the compiler has to say about a specification: one line each, with the place and, where it can, the remedy.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec {

enum class Severity : std::uint8_t { error, warning };

/// One finding.
struct Diagnostic {
  Location at;
  Severity severity = Severity::error;
  std::string message;
  std::string suggestion;  ///< e.g. "did you mean 'Amount'?", or empty
};

using Diagnostics = std::vector<Diagnostic>;

/// "file:line:col: error: message (suggestion)".
std::string to_string(const Diagnostic& diagnostic);

/// Whether at least one finding is an error.
bool has_errors(const Diagnostics& diagnostics);

/// Sorts by file, line, column and message, and drops equal findings.
void sort_diagnostics(Diagnostics& diagnostics);

}  // namespace quickpay::spec
