// What a run found, as a matrix and as a document.
#include <algorithm>
#include <array>

#include "tools/check/check.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string list(std::span<const std::string_view> items, std::string_view separator) {
  std::string text;
  for (const std::string_view item : items) text += (text.empty() ? "" : std::string(separator)) + std::string(item);
  return text;
}

std::vector<std::string_view> goals_of(const CompositionTable& table) {
  std::vector<std::string_view> goals;
  for (const PropertyInfo& property : table.properties)
    if (!property.goal.empty() && std::find(goals.begin(), goals.end(), property.goal) == goals.end())
      goals.push_back(property.goal);
  return goals;
}

std::string budgets(const ConfigurationInfo& configuration) {
  std::string text = configuration.orders == 1 ? "1 order" : number(configuration.orders) + " orders";
  const auto add = [&](std::uint8_t count, std::string_view what) {
    if (count != 0) text += ", " + number(count) + " " + std::string(what);
  };
  add(configuration.loss, "lost");
  add(configuration.duplication, "repeated");
  add(configuration.crashes, "crashed");
  add(configuration.forgeries, "forged by");
  if (configuration.forgeries != 0) text += " " + list(configuration.liars, "+");
  text += configuration.any_world ? ", any predicates" : "";
  text += configuration.lazy_timers ? ", lazy time" : ", eager time";
  if (!configuration.profile.empty()) text += ", profile " + std::string(configuration.profile);
  if (!configuration.suspended.empty()) text += ", away: " + list(configuration.suspended, " ");
  return text;
}

std::string configuration_table(const Evidence& evidence) {
  std::string text = "| configuration | bounds | states | moves | longest trail | endings | must fail, and fails |\n|---|---|---|---|---|---|---|\n";
  for (const Explored& one : evidence.explored) {
    const Exploration& found = one.result.found;
    text += "| `" + std::string(one.configuration->id) + "` | " + budgets(*one.configuration) + " | " + number(found.states) +
            " | " + number(found.transitions) + " | " + number(found.depth) + " | " + number(found.endings) + " | " +
            (one.configuration->fails.empty() ? "–" : list(one.configuration->fails, " ")) + " |\n";
  }
  return text;
}

std::string property_table(const CompositionTable& table) {
  std::string text = "| property | goal | says | formula | claimed in | defect that breaks it |\n|---|---|---|---|---|---|\n";
  for (const PropertyInfo& property : table.properties) {
    const std::string formula = "`" + std::string(property.written) + "`";
    text += "| `" + std::string(property.id) + "` | " + std::string(property.goal) + " | " + std::string(property.text) + " | " +
            formula + " | " + (property.within.empty() ? "all" : list(property.within, " ")) + " | `" +
            std::string(property.twin) + "` in " + list(property.twin_in, "") + " |\n";
  }
  return text;
}

std::string failures(const Evidence& evidence) {
  std::string text;
  for (const Explored& one : evidence.explored) {
    if (one.configuration->column.empty()) continue;
    for (const Failure& failure : one.result.failures) {
      text += "\n### " + std::string(one.table->properties[failure.property].id) + " in " +
              std::string(one.configuration->id) + "\n\n";
      for (std::size_t i = 0; i < failure.trail.size(); ++i)
        text += (i + 1 == failure.trail.size() ? "\n" : number(i + 1) + ". ") + failure.trail[i] + "\n";
    }
  }
  return text;
}

constexpr const char* kHead = R"(# Verified properties

Written by `quickpay check --record`; `quickpay check` compares. What is counted here depends on the machines and properties of the
specification (slice %SLICE%) and on nothing else. How the model works, and every reduction in it, is told in
[statemachines/composition](../statemachines/composition/README.md).

## What is claimed

*A leads to B*: from every state with A that can be reached, a state with B can still be reached.

)";

constexpr const char* kTrust = R"(
## What has to be trusted

* The C++ compiler, Boost.MSM's dispatch as far as L2 has compared it, and the explorer's hash table (whole states are compared, never
  hashes alone).
* The bodies of predicates and effects: the model takes them by what the specification says they mean.
* Codec, cryptography, ledger and clock of the roles. The model begins where a message has passed the checks of the envelope.
* The model of the network: a message is on its way at most once; a copy beyond that is one of the counted repetitions.

## What is assumed

* Who lies still has his honest machine; what he writes besides is forged. He writes only what his role may write; the network may
  write what nothing proves in the profile.
* Terms are told apart as *the offered* and *others*; there is one Vendor, Broker and Wallet, and at most two orders.
* A liar cannot be refuted about his own record: goals that the report rests on an honest player are shown as *assumed*.
)";

}  // namespace

std::string cell(const Explored& explored, std::string_view goal) {
  bool claimed = false;
  bool open = false;
  bool assumed = false;
  for (const std::size_t i : claimed_in(*explored.table, explored.configuration->id)) {
    const PropertyInfo& property = explored.table->properties[i];
    if (property.goal != goal) continue;
    claimed = true;
    const bool rests = assumed_in(property, *explored.configuration);
    open |= !rests;
    assumed |= rests;
    for (const PropertyFinding& item : explored.result.found.failed)
      if (item.property == i) return "FAILS in " + number(item.steps);
  }
  if (!explored.result.found.complete) return "unknown";
  if (!claimed) return "–";
  if (!open) return "assumed";
  return assumed ? "holds, in part assumed" : "holds";
}

std::string matrix(const Evidence& evidence) {
  std::string text;
  if (evidence.explored.empty()) return text;
  text = "| goal |";
  std::string line = "|---|";
  for (const Explored& one : evidence.explored) {
    if (one.configuration->column.empty()) continue;
    text += " " + std::string(one.configuration->column) + " |";
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (const std::string_view goal : goals_of(*evidence.explored.front().table)) {
    text += "| " + std::string(goal) + " |";
    for (const Explored& one : evidence.explored)
      if (!one.configuration->column.empty()) text += " " + cell(one, goal) + " |";
    text += "\n";
  }
  return text;
}

Claim recorded(const Evidence& evidence, std::string_view text) {
  Claim claim{"L4", "states, moves and verdicts are those that were recorded", document(evidence) == text, 0, 0, {}};
  if (!claim.stands) claim.wrong.emplace_back("docs/verified-properties.md differs: look at why, then run quickpay check --record");
  return claim;
}

std::string document(const Evidence& evidence) {
  std::string head = kHead;
  head.replace(head.find("%SLICE%"), 7, evidence.slice);
  if (evidence.explored.empty()) return head;
  std::string text = head + property_table(*evidence.explored.front().table);
  text += "\n## In which worlds\n\n" + configuration_table(evidence);
  text += "\n## Goals and liars\n\n*FAILS in n*: a shortest trail has n moves, see below. *assumed*: the goal rests on the honesty of who lies here; *in part*: some of its properties do. Every cell is explored anew by each run.\n\n" +
          matrix(evidence);
  text += kTrust;
  return text + "\n## How it fails\n" + failures(evidence);
}

}  // namespace quickpay::check
