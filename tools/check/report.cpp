// The vote by enumeration, and the verdicts on what the written protocol claims of itself.
#include <algorithm>

#include "tools/check/timed.hpp"

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

}  // namespace

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

void check_report(const Options& options, const Progress& progress, Evidence& evidence) {
  for (const CompositionTable* table : options.compositions)
    for (const ReportClaimInfo& item : table->claims) {
      if (item.verdict == ReportVerdict::open) continue;
      timed(progress, evidence, "L4", "the verdict on " + std::string(item.id) + " has its evidence", [&](Claim& claim) {
        claim.states = item.holds.size() + item.fails.size();
        claim.wrong = judge_report(item, evidence);
      });
    }
}

}  // namespace quickpay::check
