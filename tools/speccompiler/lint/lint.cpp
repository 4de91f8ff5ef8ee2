#include "tools/speccompiler/lint/lint.hpp"

#include "tools/speccompiler/expand/expand.hpp"
#include "tools/speccompiler/loader/loader.hpp"

namespace quickpay::spec {

Diagnostics lint(const Spec&) { return {}; }

tl::expected<Spec, Diagnostics> compile_spec(const std::filesystem::path& root) {
  auto spec = load_spec(root);
  if (!spec) return spec;
  Diagnostics findings = expand(*spec);
  Diagnostics more = lint(*spec);
  findings.insert(findings.end(), more.begin(), more.end());
  sort_diagnostics(findings);
  if (has_errors(findings)) return tl::make_unexpected(std::move(findings));
  return spec;
}

}  // namespace quickpay::spec
