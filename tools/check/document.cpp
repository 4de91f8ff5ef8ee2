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

}  // namespace

std::string budgets(const ConfigurationInfo& configuration) {
  std::string text = configuration.orders == 1 ? "1 order" : number(configuration.orders) + " orders";
  const auto add = [&](std::uint8_t count, std::string_view what) {
    if (count != 0) text.append(", ").append(number(count)).append(" ").append(what);
  };
  add(configuration.loss, "lost");
  add(configuration.duplication, "repeated");
  add(configuration.crashes, "crashed");
  add(configuration.forgeries, "forged by");
  if (configuration.forgeries != 0) text += " " + list(configuration.liars, "+");
  if (!configuration.options.empty()) text += ", with " + list(configuration.options, " and ");
  if (!configuration.players.empty()) text += ", players " + list(configuration.players, " ");
  text += configuration.any_world ? ", any predicates" : "";
  text += configuration.lazy_timers ? ", lazy time" : ", eager time";
  if (!configuration.profile.empty()) text += ", profile " + std::string(configuration.profile);
  if (!configuration.suspended.empty()) text += ", away: " + list(configuration.suspended, " ");
  return text;
}

namespace {

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
    const std::string formula = "`" + std::string(property.written) + "`" + (property.kind == PropertyKind::possible ? " (a state with it can still be reached, no more)" : "");
    text += "| `" + std::string(property.id) + "` | " + std::string(property.goal) + " | " + std::string(property.text) + " | " +
            formula + " | " + (property.within.empty() ? "all" : list(property.within, " ")) + " | ";
    for (std::size_t i = 0; i < property.twin.size(); ++i)
      text += (i == 0 ? "`" : "; `") + std::string(property.twin[i]) + "` in " + std::string(property.twin_in[i]);
    text += " |\n";
  }
  return text;
}

// Lanes in the order of the instances, a role once.
std::string sequence_diagram(const Explored& explored, const Failure& failure) {
  std::string text = "\n```mermaid\nsequenceDiagram\n";
  std::vector<std::string_view> lanes;
  for (const InstanceInfo& instance : explored.table->instances) {
    const std::string_view role = instance.machine.substr(0, instance.machine.find('.'));
    if (!takes_part(instance, *explored.configuration) || std::find(lanes.begin(), lanes.end(), role) != lanes.end()) continue;
    lanes.push_back(role);
    text.append("  participant ").append(role).append("\n");
  }
  for (const std::string& line : failure.diagram) text += "  " + line + "\n";
  return text + "```\n";
}

std::string failures(const Evidence& evidence) {
  std::string text;
  for (const Explored& one : evidence.explored) {
    for (const Failure& failure : one.result.failures) {
      text += "\n### " + std::string(one.table->properties[failure.property].id) + " in " +
              std::string(one.configuration->id) + "\n\n";
      for (std::size_t i = 0; i < failure.trail.size(); ++i)
        text += (i + 1 == failure.trail.size() ? "\n" : number(i + 1) + ". ") + failure.trail[i] + "\n";
      text += sequence_diagram(one, failure);
    }
  }
  return text;
}

std::string_view word_of(ReportVerdict verdict) {
  constexpr std::array<std::string_view, 4> kWords{"true", "true, if", "**false**", "not shown here"};
  return kWords[static_cast<std::size_t>(verdict)];
}

std::string report_table(const CompositionTable& table) {
  std::string text = "| claim | says | verdict | why | holds | fails |\n|---|---|---|---|---|---|\n";
  const auto quoted = [](std::span<const std::string_view> items) {
    std::string list;
    for (const std::string_view item : items) list += (list.empty() ? "`" : " `") + std::string(item) + "`";
    return list.empty() ? std::string("–") : list;
  };
  for (const ReportClaimInfo& claim : table.claims)
    text += "| `" + std::string(claim.id) + "` | " + std::string(claim.says) + " | " + std::string(word_of(claim.verdict)) + " | " +
            std::string(claim.text) + " | " + quoted(claim.holds) + " | " + quoted(claim.fails) + " |\n";
  return text;
}

std::string machines_in_no_world(const Evidence& evidence) {
  if (evidence.apart.empty()) return "";
  std::string text = "\n## What is in no world\n\nThese machines are compared with the specification row by row and step by step (L1, L2), but play in no composition: no property here is about\n"
                     "them. Tests of the roles, cuts of power and the suites are what shows that they work together.\n\n";
  for (const std::string& machine : evidence.apart) text += "* `" + machine + "`\n";
  return text;
}

constexpr const char* kHead = R"(# Verified properties

Written by `quickpay check --record`; `quickpay check` compares. What is counted here depends on the machines and properties of the
specification (slice %SLICE%) and on nothing else. How the model works, and every reduction in it, is told in
[statemachines/composition](../statemachines/composition/README.md); what is assumed of this protocol stands below.

## What is claimed

*A leads to B*: from every state with A that can be reached, every fair run comes to a state with B. A run is fair if what machines, the network
and time can do, or must do since a time-out runs or a call is not answered any more, is done at last; users, faults and liars need do nothing.

)";

constexpr const char* kVotes = R"(
## Rules of the vote

P1 an honest Broker never has to pay what it did not commit to; P2 an honest Vendor that delivered on the Broker's yes is paid; P3 an honest Wallet
that did not inquire is not charged; P4 an honest Wallet that received nothing is not charged (nobody promises that). F: as written, R: a yes comes
with the Host's receipt. *outage*: broken only where the Host was suspended. All worlds of one order, three registrations, three statements, receipt
and suspension are judged by each run; *literal* and *anchored* are the reference's own function.

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
* Terms are told apart as *the offered* and *others*; there are at most three orders, whose Vendors, Brokers and Wallets are the same or
  others: the configuration says which ("wallet:112": the third order is another Wallet's). Who lies lies with all players of a role.
* An order is in at most two batches and one case; a batch and a case have one order. The operator of the Vendor runs a batch at any moment.
  The second batch is asked for until it is answered: it never gives the Broker up.
* Outages that a Broker logs and suspensions that a Host logs put off no deadline.
* Time-outs have no length: a run of the Vendor's tries, the Broker's SettleBy and the Host's DecideBy may end in any order. So that what was committed
  and claimed becomes payable is claimed for at most one fault: with two, the Vendor may give the Broker up and the Host may decide before the
  Broker's registration arrives.
* What is signed is made by its writer alone, and may be sent again by everybody. A Commitment is a commitment whatever its Broker's record says.
* A liar cannot be refuted about his own record: goals that the report rests on an honest player are shown as *assumed*.
)";

}  // namespace

bool speaks_of_absent(const PropertyInfo& property, const Explored& explored) {
  const CompositionTable& table = *explored.table;
  const auto absent = [&](std::size_t instance) { return !takes_part(table.instances[instance], *explored.configuration); };
  return std::any_of(property.holds.begin(), property.holds.end(), [&](const FormulaOp& op) {
    if (op.code == FormulaOp::Code::state || op.code == FormulaOp::Code::variable) return absent(op.instance);
    return op.code == FormulaOp::Code::ghost &&
           std::all_of(table.observations.begin(), table.observations.end(),
                       [&](const ObservationInfo& item) { return item.ghost != op.index || absent(item.instance); });
  });
}

std::string cell(std::span<const Explored* const> explored, std::string_view goal) {
  bool open = false;
  bool assumed = false;
  bool complete = true;
  std::size_t steps = 0;  // of the shortest trail that breaks one
  for (const Explored* one : explored) {
    complete &= one->result.found.complete;
    for (const std::size_t i : claimed_in(*one->table, one->configuration->id)) {
      const PropertyInfo& property = one->table->properties[i];
      if (property.goal != goal || speaks_of_absent(property, *one) || is_vacuous(property, *one)) continue;
      (assumed_in(property, *one->configuration) ? assumed : open) = true;
      for (const PropertyFinding& item : one->result.found.failed)
        if (item.property == i && (steps == 0 || item.steps < steps)) steps = item.steps;
    }
  }
  if (steps != 0) return "FAILS in " + number(steps);
  if (!complete) return "unknown";
  if (!open && !assumed) return "–";
  if (!open) return "assumed";
  return assumed ? "holds, in part assumed" : "holds";
}

std::string matrix(const Evidence& evidence) {
  std::string text;
  if (evidence.explored.empty()) return text;
  std::vector<std::pair<std::string_view, std::vector<const Explored*>>> columns;  // in the order of their first configuration
  for (const Explored& one : evidence.explored) {
    if (one.configuration->column.empty()) continue;
    const auto known = std::find_if(columns.begin(), columns.end(), [&](const auto& item) { return item.first == one.configuration->column; });
    if (known == columns.end()) columns.push_back({one.configuration->column, {&one}});
    else known->second.push_back(&one);
  }
  text = "| goal |";
  std::string line = "|---|";
  for (const auto& [column, ignored] : columns) {
    text += " " + std::string(column) + " |";
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (const std::string_view goal : goals_of(*evidence.explored.front().table)) {
    text += "| " + std::string(goal) + " |";
    for (const auto& [ignored, explored] : columns) text += " " + cell(explored, goal) + " |";
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
  text += "\n## Goals and liars\n\n*FAILS in n*: a shortest trail has n moves, see below. *assumed*: the goal rests on the honesty of who lies here; *in part*: some of its properties do. *–*: nothing of it is claimed there, or what it is about never comes there: without revokes nothing shows that they are right. A goal of the design that has no row has no property here. Every cell is explored anew by each run.\n\n" +
          matrix(evidence);
  text += machines_in_no_world(evidence);
  text += kVotes + vote_table(evidence.votes);
  text += "\n## What the report claims\n\nDeclared, with its evidence, in properties.xml. *Not shown here*: by this document; the reason says where, if anywhere.\n\n" +
          report_table(*evidence.explored.front().table);
  text += kTrust;
  return text + "\n## How it fails\n\nA shortest trail each, as a list and as a diagram (Mermaid); what is broken stands in the state that it leads to.\n" + failures(evidence);
}

}  // namespace quickpay::check
