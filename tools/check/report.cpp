// The vote by enumeration, and the verdicts on what the written protocol claims of itself.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tools/check/timed.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

// What a line of evidence, "PROPERTY@CONFIGURATION", says after this run; empty: what is declared.
std::string judge(std::string_view text, bool must_hold, const Evidence& evidence) {
  const std::size_t sign = text.find('@');
  const std::string_view property = text.substr(0, sign);
  for (const Explored& one : evidence.explored) {
    if (one.configuration->id != text.substr(sign + 1)) continue;
    for (const std::size_t i : claimed_in(*one.table, one.configuration->id)) {
      const PropertyInfo& info = one.table->properties[i];
      if (info.id != property) continue;
      if (!one.result.found.complete) return std::string(text) + " was not explored to the end";
      if (assumed_in(info, *one.configuration)) return std::string(text) + " is assumed, not shown";
      if (speaks_of_absent(info, one)) return std::string(text) + " is about machines that are not there";
      if (is_vacuous(info, one)) return std::string(text) + " is about what never comes there";
      const bool failed = std::any_of(one.result.found.failed.begin(), one.result.found.failed.end(),
                                      [&](const PropertyFinding& item) { return item.property == i; });
      return failed == must_hold ? std::string(text) + (failed ? " fails" : " holds") : "";
    }
    return std::string(text) + " is not claimed";
  }
  return std::string(text) + " was not explored";
}

std::string read_text(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

std::string missing_test(const std::filesystem::path& root, std::string_view test) {
  const std::size_t colon = test.find(':'), dot = test.find('.', std::min(colon, test.size()));
  const std::filesystem::path file = root / test.substr(0, colon);
  if (!std::filesystem::is_regular_file(file)) return fmt::format("there is no {}", test.substr(0, colon));
  if (colon == std::string_view::npos) {
    const bool listed = read_text(file.parent_path() / "CMakeLists.txt").find("/" + file.filename().string()) != std::string::npos;
    return listed ? "" : fmt::format("{} is no test of its folder", test);
  }
  if (dot == std::string_view::npos) return fmt::format("{} names no test", test);
  const std::string text = read_text(file);
  for (const char* kind : {"TEST", "TEST_F", "TEST_P", "RC_GTEST_PROP"})
    if (text.find(fmt::format("\n{}({}, {})", kind, test.substr(colon + 1, dot - colon - 1), test.substr(dot + 1))) != std::string::npos) return "";
  return fmt::format("there is no test {}", test);
}

std::vector<std::string> judge_aim(const AimInfo& aim, const std::filesystem::path& root) {
  std::vector<std::string> wrong;
  for (const std::string_view test : aim.tests)
    if (std::string text = missing_test(root, test); !text.empty()) wrong.push_back(std::string(aim.id) + ": " + text);
  return wrong;
}

std::vector<std::string> judge_report(const ReportClaimInfo& claim, const Evidence& evidence) {
  std::vector<std::string> wrong;
  const auto add = [&](std::span<const std::string_view> lines, bool must_hold) {
    for (const std::string_view line : lines)
      if (std::string text = judge(line, must_hold, evidence); !text.empty()) wrong.push_back(std::move(text));
  };
  add(claim.holds, true);
  add(claim.fails, false);
  return wrong;
}

void check_votes(const Options&, const Progress& progress, Evidence& evidence) {
  timed(progress, evidence, "L4", "each rule of the vote promises what the design says, world by world", [&](Claim& claim) {
    evidence.votes = vote_matrix();
    claim.states = evidence.votes.worlds;
    claim.wrong = unexpected(evidence.votes);
  });
}

std::vector<std::string> judge_unseen(const spec::Unseen& item, const std::filesystem::path& root) {
  std::vector<std::string> wrong;
  for (const std::string& test : item.tests)
    if (std::string text = missing_test(root, test); !text.empty()) wrong.push_back(item.requirements.front() + ": " + text);
  return wrong;
}

namespace {

// That each is marked for the model, and that nothing is left out, is the lint's to say.
void check_unseen(const Options& options, const Progress& progress, Evidence& evidence) {
  timed(progress, evidence, "L4", "what is marked for the model and unseen by it has its reason, and the tests that are named are there", [&](Claim& claim) {
    const auto spec = spec::compile_spec(options.root / options.spec);
    if (!spec) return claim.wrong.emplace_back("the specification cannot be read"), void();
    for (const spec::PropertySet& set : spec->property_sets)
      for (const spec::Unseen& item : set.unseen) {
        claim.states += item.requirements.size();
        for (std::string& line : judge_unseen(item, options.root)) claim.wrong.push_back(std::move(line));
      }
  });
}

}  // namespace

void check_report(const Options& options, const Progress& progress, Evidence& evidence) {
  for (const CompositionTable* table : options.compositions)
    for (const ReportClaimInfo& item : table->claims)
      timed(progress, evidence, "L4", "the verdict on " + std::string(item.id) + " has its evidence", [&](Claim& claim) {
        claim.states = item.holds.size() + item.fails.size() + item.tests.size();
        claim.wrong = judge_report(item, evidence);
        for (const std::string_view test : item.tests)
          if (std::string text = missing_test(options.root, test); !text.empty()) claim.wrong.push_back(std::move(text));
      });
  timed(progress, evidence, "L4", "every aim has a property, or a test that is there", [&](Claim& claim) {
    for (const CompositionTable* table : options.compositions)
      for (const AimInfo& aim : table->aims) {
        ++claim.states;
        for (std::string& line : judge_aim(aim, options.root)) claim.wrong.push_back(std::move(line));
      }
    if (claim.states == 0) claim.wrong.emplace_back("there are no aims");
  });
  check_unseen(options, progress, evidence);
}

}  // namespace quickpay::check
