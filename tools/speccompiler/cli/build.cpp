#include <fmt/format.h>

#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/cli/files.hpp"
#include "tools/speccompiler/cli/report.hpp"
#include "tools/speccompiler/ir/canonical.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::spec {
namespace {

std::string listed(std::string_view what, const std::vector<std::string>& paths) {
  std::string text;
  for (const std::string& path : paths) text += fmt::format("{}: {}\n", what, path);
  return text;
}

std::string summary(const TreeDifference& difference, std::size_t files, const std::string& id) {
  return fmt::format("spec {}: {} files, {} missing, {} different, {} stale\n", id, files, difference.missing.size(),
                     difference.changed.size(), difference.stale.size());
}

CommandResult checked(const TreeDifference& difference, const std::string& line) {
  const std::string text = listed("missing", difference.missing) + listed("different", difference.changed) +
                           listed("stale", difference.stale);
  return {difference.empty() ? 0 : 1, line, text};
}

}  // namespace

CommandResult build_command(const BuildRequest& request) {
  const auto spec = compile_spec(request.spec);
  if (!spec) return failed(spec.error(), request.spec);
  const auto files = emit_all(*spec);
  const TreeDifference difference = compare_tree(files, request.root);
  const std::string line = summary(difference, files.size(), spec_id(*spec));
  if (request.check) return checked(difference, line);
  if (const auto written = write_tree(files, difference, request.root); !written) {
    return {1, {}, written.error() + "\n"};
  }
  const std::string text =
      listed("wrote", difference.missing) + listed("wrote", difference.changed) + listed("removed", difference.stale);
  return {0, text + line, {}};
}

CommandResult doc_command(const std::filesystem::path& path) {
  const auto spec = compile_spec(path);
  if (!spec) return failed(spec.error(), path);
  std::string text;
  for (const EmittedFile& file : emit_all(*spec)) {
    const auto kind = std::filesystem::path(file.path).extension();
    if (kind == ".md" || kind == ".dot") text += file.path + "\n";
  }
  return {0, text, {}};
}

}  // namespace quickpay::spec
