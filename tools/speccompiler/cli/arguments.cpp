// The one file that knows CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>

#include "tools/speccompiler/cli/commands.hpp"

namespace quickpay::spec {
namespace {

constexpr const char* kSpecFolder = "spec/quickpay-1.0";

/// Everything the command line can say.
struct Arguments {
  std::string root = ".";
  std::string spec;
  std::string before;
  std::string after;
  std::string allow;
  std::string id;
  std::string evidence;
  bool requirements = false;
  bool check = false;

  std::filesystem::path spec_path() const {
    return spec.empty() ? std::filesystem::path(root) / kSpecFolder : std::filesystem::path(spec);
  }
};

void add_root(CLI::App& command, Arguments& arguments) {
  command.add_option("--root", arguments.root, "The repository (default: the current folder)");
}

void add_spec(CLI::App& command, Arguments& arguments) {
  command.add_option("SPEC,--spec", arguments.spec,
                     "The specification: its folder or root file (default: spec/quickpay-1.0 of the repository)");
}

void add_lint(CLI::App& app, Arguments& arguments) {
  CLI::App* command = app.add_subcommand("lint", "Check a specification");
  add_root(*command, arguments);
  add_spec(*command, arguments);
  command->add_flag("--requirements", arguments.requirements, "Also list how often each requirement is referred to");
  command->add_option("--evidence", arguments.evidence,
                      "What tools/evidence.py counted: list what shows each MUST, and fail where nothing does");
}

void add_build(CLI::App& app, Arguments& arguments) {
  CLI::App* command = app.add_subcommand("build", "Write all generated files");
  add_root(*command, arguments);
  add_spec(*command, arguments);
  command->add_flag("--check", arguments.check, "Write nothing; exit 1 if a file is missing, different or stale");
}

void add_diff(CLI::App& app, Arguments& arguments) {
  CLI::App* command = app.add_subcommand("diff", "Compare two specifications");
  command->add_option("A", arguments.before, "The earlier one")->required();
  command->add_option("B", arguments.after, "The later one")->required();
  command->add_option("--allow", arguments.allow, "The highest class of change that is no finding")
      ->check(CLI::IsMember({"DOC", "API", "VECTOR", "XSD", "WIRE", "STATE"}));
}

void add_show(CLI::App& app, Arguments& arguments) {
  CLI::App* command = app.add_subcommand("show", "Print what is called ID and what refers to it");
  add_root(*command, arguments);
  command->add_option("ID", arguments.id, "Requirement, message, type, machine, row, error code, decision …")
      ->required();
  command->add_option("--spec", arguments.spec, "The specification: its folder or root file");
}

void add_doc(CLI::App& app, Arguments& arguments) {
  CLI::App* command = app.add_subcommand("doc", "List the generated documents");
  add_root(*command, arguments);
  add_spec(*command, arguments);
}

CommandResult run(const std::string& command, const Arguments& arguments) {
  if (command == "lint") return lint_command({arguments.spec_path(), arguments.requirements, arguments.evidence});
  if (command == "build") return build_command({arguments.root, arguments.spec_path(), arguments.check});
  if (command == "diff") return diff_command({arguments.before, arguments.after, arguments.allow});
  if (command == "show") return show_command(arguments.spec_path(), arguments.id);
  return doc_command(arguments.spec_path());
}

}  // namespace

CommandResult run_spec_command(const std::vector<std::string>& arguments, const std::string& program) {
  Arguments parsed;
  CLI::App app("Checks a specification and generates everything that follows from it.", program);
  app.require_subcommand(1);
  add_lint(app, parsed);
  add_build(app, parsed);
  add_diff(app, parsed);
  add_show(app, parsed);
  add_doc(app, parsed);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // what CLI11 wants of a vector
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out;
    std::ostringstream err;
    const bool help = app.exit(error, out, err) == 0;
    return {help ? 0 : 2, out.str(), err.str()};
  }
  return run(app.get_subcommands().front()->get_name(), parsed);
}

}  // namespace quickpay::spec
