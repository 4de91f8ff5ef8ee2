#include "tools/speccompiler/lint/lint.hpp"

#include "tools/speccompiler/expand/expand.hpp"
#include "tools/speccompiler/lint/context.hpp"
#include "tools/speccompiler/loader/loader.hpp"

namespace quickpay::spec {

Diagnostics lint(const Spec& spec) {
  LintContext context(spec);
  lint_ids(context);
  lint_lists(context);
  lint_types(context);
  lint_structs(context);
  lint_messages(context);
  lint_machines(context);
  lint_scenarios(context);
  lint_requirements(context);
  lint_properties(context);
  lint_plugins(context);
  sort_diagnostics(context.findings);
  return std::move(context.findings);
}

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
