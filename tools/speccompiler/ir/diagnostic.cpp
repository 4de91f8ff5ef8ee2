#include "tools/speccompiler/ir/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace quickpay::spec {
namespace {

auto order_of(const Diagnostic& d) {
  return std::tie(d.at.file, d.at.line, d.at.column, d.message, d.severity, d.suggestion);
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  const std::string_view severity = diagnostic.severity == Severity::error ? "error" : "warning";
  std::string line = fmt::format("{}:{}:{}: {}: {}", diagnostic.at.file, diagnostic.at.line, diagnostic.at.column,
                                 severity, diagnostic.message);
  if (!diagnostic.suggestion.empty()) line += fmt::format(" ({})", diagnostic.suggestion);
  return line;
}

bool has_errors(const Diagnostics& diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

void sort_diagnostics(Diagnostics& diagnostics) {
  std::sort(diagnostics.begin(), diagnostics.end(),
            [](const Diagnostic& a, const Diagnostic& b) { return order_of(a) < order_of(b); });
  const auto equal = [](const Diagnostic& a, const Diagnostic& b) { return order_of(a) == order_of(b); };
  diagnostics.erase(std::unique(diagnostics.begin(), diagnostics.end(), equal), diagnostics.end());
}

}  // namespace quickpay::spec
