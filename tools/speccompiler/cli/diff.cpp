#include "tools/speccompiler/diff/diff.hpp"

#include <fmt/format.h>

#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/cli/report.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::spec {
namespace {

// Sorted by class, so the first change is the gravest.
bool acceptable(const std::vector<Change>& changes, const std::string& allow) {
  if (changes.empty()) return true;
  const auto limit = change_class_named(allow);
  return limit && changes.front().change <= *limit;
}

}  // namespace

CommandResult diff_command(const DiffRequest& request) {
  const auto before = compile_spec(request.before);
  if (!before) return failed(before.error(), request.before);
  const auto after = compile_spec(request.after);
  if (!after) return failed(after.error(), request.after);
  const auto changes = diff(*before, *after);
  std::string text;
  for (const Change& change : changes) text += to_string(change) + "\n";
  const std::string_view gravest = changes.empty() ? "none" : name_of(changes.front().change);
  text += fmt::format("{} changes, highest class: {}\n", changes.size(), gravest);
  return {acceptable(changes, request.allow) ? 0 : 1, std::move(text), {}};
}

}  // namespace quickpay::spec
