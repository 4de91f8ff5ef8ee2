// What `quickpay-speccompiler` and `quickpay spec` do, as functions that return what is to be printed.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace quickpay::spec {

/// What a command has to say. Exit codes: 0 nothing to complain about, 1 findings, 2 wrong usage.
struct CommandResult {
  int exit_code = 0;
  std::string out;
  std::string err;
};

/// Checks a specification. With `requirements` it also lists how often each requirement is referred to.
struct LintRequest {
  std::filesystem::path spec;
  bool requirements = false;
  std::filesystem::path evidence;  ///< what tools/evidence.py counted; empty: none
};
CommandResult lint_command(const LintRequest& request);

/// Writes all generated files below `root`, or with `check` only compares them. Nothing is written if the specification
/// is bad. Files that the previous manifest lists and that are no longer generated are removed.
struct BuildRequest {
  std::filesystem::path root;
  std::filesystem::path spec;
  bool check = false;
};
CommandResult build_command(const BuildRequest& request);

/// Lists the differences of two specifications by class. Exit code 1 if one is above the class `allow` (empty: if any).
struct DiffRequest {
  std::filesystem::path before;
  std::filesystem::path after;
  std::string allow;
};
CommandResult diff_command(const DiffRequest& request);

/// Prints the elements called `id`, each with what refers to it.
CommandResult show_command(const std::filesystem::path& spec, const std::string& id);

/// Lists the generated documents, relative to the repository root.
CommandResult doc_command(const std::filesystem::path& spec);

/// Parses the arguments (without the program's name) and runs what they say. `program` is what --help calls it.
CommandResult run_spec_command(const std::vector<std::string>& arguments, const std::string& program);

}  // namespace quickpay::spec
