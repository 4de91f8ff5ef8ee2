// The kill tables as a document.
#include "tools/killtables/run.hpp"

namespace quickpay::killtables {
namespace {

constexpr const char* kHead = R"(# Kill tables

Written by `quickpay check --mutants --record`, which tries every mutant; `quickpay check --mutants --sample N` tries a few. A check is worth
what it notices: here are the mistakes that were made on purpose, who noticed them, and those that nobody notices, each with a reason. What is
counted as a mutant, and how the killers work, is told in [tools/killtables](../tools/killtables/README.md).

)";

std::string sizes(const Tried& tried, std::uint64_t seed) {
  return "Populations: " + std::to_string(tried.spec.size) + " changes of the specification, " + std::to_string(tried.code.size) +
         " of the code; " + std::to_string(tried.unpinned) + " changes of machines of protocols for which nothing is pinned are not in it, and " +
         std::to_string(tried.for_suites) + " predicates and effects of machines without an oracle only with `--deep`, before the suites. Without `--deep`, as here, mutants are explored in worlds of at most " +
         std::to_string(kQuickStates) + " states, and reachability is not asked. Seed " +
         std::to_string(seed) + ".\n\n";
}

std::string section(const Population& population) {
  return population.table.text() + "\n### Who lives\n\n" + population.table.survivors_text(population.classified) + "\n";
}

/// The section as it was published, up to the next one.
std::string kept(const std::string& published, const Population& population) {
  const std::string title = "## " + population.table.title() + "\n";
  const std::size_t from = published.find(title);
  if (from == std::string::npos) return title + "\nNot tried yet.\n\n";
  const std::size_t to = published.find("\n## ", from);
  return published.substr(from, to == std::string::npos ? to : to + 1 - from);
}

void look_for(const std::string& published, const Population& population, const char* name, std::vector<std::string>& wrong) {
  for (const Survivor& one : population.classified)
    if (published.find("| `" + one.id + "` | " + one.klass + " | " + one.reason + " |") == std::string::npos)
      wrong.push_back("docs/kill-tables.md does not say of " + one.id + " what " + name + " says");
}

}  // namespace

std::string document(const Tried& tried, std::uint64_t seed, const std::string& published) {
  return kHead + sizes(tried, seed) + (tried.spec.all ? section(tried.spec) : kept(published, tried.spec)) +
         (tried.code.all ? section(tried.code) : kept(published, tried.code));
}

std::vector<std::string> outdated(const std::string& published, const Tried& tried) {
  std::vector<std::string> wrong;
  const std::string expected = sizes(tried, 0);
  if (published.find(expected.substr(0, expected.find(" Seed"))) == std::string::npos)
    wrong.emplace_back("docs/kill-tables.md was written of other populations: run quickpay check --mutants --record");
  look_for(published, tried.spec, "spec_survivors.txt", wrong);
  look_for(published, tried.code, "code_survivors.txt", wrong);
  return wrong;
}

}  // namespace quickpay::killtables
