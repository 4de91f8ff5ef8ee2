// What a run found, as a matrix and as a document.
#include <fmt/format.h>

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

/// The sets of which something was explored, in their order.
std::vector<const CompositionTable*> sets_of(const Evidence& evidence) {
  std::vector<const CompositionTable*> sets;
  for (const Explored& one : evidence.explored)
    if (std::find(sets.begin(), sets.end(), one.table) == sets.end()) sets.push_back(one.table);
  return sets;
}

std::string property_table(const CompositionTable& table) {
  std::string text = "\n### " + std::string(table.id) + "\n\n" + std::string(table.text) + "\n\n";
  text += "| property | goal | says | formula | claimed in | defect that breaks it |\n|---|---|---|---|---|---|\n";
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

// What is inevitable; a formula with a bar of its own would end the cell, and none has one.
std::string ltl_table(std::span<const CompositionTable* const> sets) {
  constexpr std::string_view kBetween = " leads to ";
  std::string text;
  for (const CompositionTable* set : sets)
    for (const PropertyInfo& property : set->properties) {
      const std::size_t at = property.written.find(kBetween);
      if (property.kind != PropertyKind::inevitable || at == std::string_view::npos) continue;
      text += fmt::format("| `{}` | `([] <> (round == 1)) -> [] (({}) -> <> ({}))` |\n", property.id, property.written.substr(0, at),
                          property.written.substr(at + kBetween.size()));
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
  constexpr std::array<std::string_view, 3> kWords{"true", "true, if", "**false**"};
  return kWords[static_cast<std::size_t>(verdict)];
}

std::string quoted(std::span<const std::string_view> items) {
  std::string text;
  for (const std::string_view item : items) text += (text.empty() ? "`" : " `") + std::string(item) + "`";
  return text.empty() ? "–" : text;
}

std::string report_table(std::span<const CompositionTable* const> sets) {
  std::string text = "| claim | says | verdict | why | holds | fails | tests |\n|---|---|---|---|---|---|---|\n";
  for (const CompositionTable* set : sets)
    for (const ReportClaimInfo& claim : set->claims)
      text += "| `" + std::string(claim.id) + "` | " + std::string(claim.says) + " | " + std::string(word_of(claim.verdict)) + " | " +
              std::string(claim.text) + " | " + quoted(claim.holds) + " | " + quoted(claim.fails) + " | " + quoted(claim.tests) + " |\n";
  return text;
}

// The properties whose goal it is, in the order of the sets, and those that it names itself.
std::string aim_table(std::span<const CompositionTable* const> sets) {
  std::string text = "| aim | says | properties | tests |\n|---|---|---|---|\n";
  for (const CompositionTable* set : sets)
    for (const AimInfo& aim : set->aims) {
      std::vector<std::string_view> by;
      for (const CompositionTable* other : sets)
        for (const PropertyInfo& property : other->properties)
          if (property.goal == aim.id) by.push_back(property.id);
      by.insert(by.end(), aim.by.begin(), aim.by.end());
      text += "| " + std::string(aim.id) + " | " + std::string(aim.text) + " | " + quoted(by) + " | " + quoted(aim.tests) + " |\n";
    }
  return text;
}

// What took a second or more, as this machine had it; nothing is compared with it.
std::string times(const Evidence& evidence) {
  std::string text(kTimes);
  text += "\nSeconds of the run that was recorded, with what else the machine had to do; `quickpay check` does not compare them.\n\n| claim | states | seconds |\n|---|---|---|\n";
  double sum = 0;
  for (const Claim& claim : evidence.claims) {
    sum += claim.seconds;
    if (claim.seconds >= 1) text += fmt::format("| {} {} | {} | {:.1f} |\n", claim.level, claim.what, claim.states, claim.seconds);
  }
  return text + fmt::format("| all {} claims, the sum over processors | | {:.0f} |\n", evidence.claims.size(), sum);
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

constexpr const char* kLtl = R"(
## As formulas of LTL

What the table above says of every state, `[] (formula)`, the generated Promela asserts. *A leads to B* Spin checks as it stands here, of each order, by its own
nested search for an acceptance cycle; fairness is written a second time for it, and every difference to the explorer is an error. `round == 1` says that a counter,
which waits for one after the other of all that is done at last until it is taken, or is neither possible nor due, has come round: a run in which it does so again and again is
weakly fair, and no other is. Spin also has to find such a run for each defect. Worlds of up to 5,000 states and `losses` are always asked about, with `--deep` all of up to 60,000.

| property | LTL |
|---|---|
)";

constexpr const char* kAims = R"(
## What it is for

Goals (G), safety (S) and liveness (L) as the protocol was designed for them, and what shows each: properties, whose defects the table above names, and
tests where no model sees what it is about. That the goods arrive whoever lies is no goal: nobody promises it.

)";

constexpr const char* kGoals = R"(
## Goals and liars

*FAILS in n*: a shortest trail has n moves, see below. *assumed*: the goal rests on the honesty of who lies here; *in part*: some of its properties do.
*–*: nothing of it is claimed there, or what it is about never comes there: without revokes nothing shows that they are right. In brackets the states that
were looked at. A goal without a row has no property that says something in these columns; [what it is for](#what-it-is-for) has tests of some. Who only listens changes nothing: such a network is the weak one, and what he
learns is a matter of the goals about secrets. Every cell is explored anew by each run.
)";

constexpr const char* kClaims = R"(
## What the report claims

Declared, with its evidence, in properties.xml.

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
* The snapshot: state and variables are all that a compiled machine keeps from one step to the next. The explorer makes a step from a snapshot once in each
  situation and knows it from then on; L2 compares each with the interpreter's, which keeps nothing else.
* The bodies of predicates and effects: the model takes them by what the specification says they mean.
* Codec, cryptography, ledger and clock of the roles. The model begins where a message has passed the checks of the envelope.
* The model of the network: a message is on its way at most once; a copy beyond that is one of the counted repetitions.

## What is left out of the search

| reduction | where | it cannot miss | it may miss |
|---|---|---|---|
| lazy time | configurations with lazy time | anything that comes of a time-out after everything else has arrived | what only an early time-out shows; configurations with eager time have those |
| at most one copy of a request, and of each answer, on its way | everywhere | loss, delay and as many repetitions as the bound says | two copies on their way beyond that bound |
| a forged message arrives at once | everywhere | any order of arrival: who forges can wait | nothing |
| valuations of predicates that lead to the same row are one move | everywhere | any row, any target, any effect | nothing: predicates have no memory |
| terms are the offered ones or others | everywhere | whatever a machine can tell by comparing | mistakes in comparing itself: tests of the predicates |
| one player of a role lies with all orders of that role | configurations with liars | a lie about one order | an honest and a lying player of one role in one world |
| of states that differ in what is left of faults and forgeries alone, one with at least as much of each | worlds of `--deep` where only `always` properties are claimed | any failure of these, any row, any state of a machine ([why](decisions/0039-the-largest-states.md)) | shortest trails, and what only properties of other kinds show: they are not claimed there |
| bit states, hashes alone | `--search` | that what it finds is real: trails are played again | states whose hashes meet; what it says of coverage counts that |

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

namespace {

bool says_something(const PropertyInfo& property, std::string_view goal, const Explored& explored) {
  return property.goal == goal && !speaks_of_absent(property, explored) && !is_vacuous(property, explored);
}

}  // namespace

std::string cell(std::span<const Explored* const> explored, std::string_view goal) {
  bool open = false;
  bool assumed = false;
  bool complete = true;
  std::size_t steps = 0;  // of the shortest trail that breaks one
  for (const Explored* one : explored) {
    complete &= one->result.found.complete;
    for (const std::size_t i : claimed_in(*one->table, one->configuration->id)) {
      const PropertyInfo& property = one->table->properties[i];
      if (!says_something(property, goal, *one)) continue;
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

std::uint64_t states_behind(std::span<const Explored* const> explored, std::string_view goal) {
  std::uint64_t states = 0;
  for (const Explored* one : explored) {
    const auto claimed = claimed_in(*one->table, one->configuration->id);
    const bool any = std::any_of(claimed.begin(), claimed.end(), [&](std::size_t i) { return says_something(one->table->properties[i], goal, *one); });
    if (any) states += one->result.found.states;
  }
  return states;
}

namespace {

/// A column of the matrix with its configurations, in the order of the first one.
using Columns = std::vector<std::pair<std::string_view, std::vector<const Explored*>>>;

/// Columns that stand in one table: what their names have before a colon, such as *regular*.
using Groups = std::vector<std::pair<std::string_view, Columns>>;

template <class T>
T& entry(std::vector<std::pair<std::string_view, T>>& all, std::string_view name) {
  const auto known = std::find_if(all.begin(), all.end(), [&](const auto& item) { return item.first == name; });
  return known == all.end() ? all.emplace_back(name, T{}).second : known->second;
}

Groups groups_of(const Evidence& evidence, const CompositionTable& set) {
  Groups groups;
  for (const Explored& one : evidence.explored) {
    if (one.table != &set || one.configuration->column.empty()) continue;
    const std::string_view name = one.configuration->column;
    const std::size_t colon = name.find(": ");
    Columns& columns = entry(groups, colon == std::string_view::npos ? "" : name.substr(0, colon));
    entry(columns, colon == std::string_view::npos ? name : name.substr(colon + 2)).push_back(&one);
  }
  return groups;
}

// Goals of which nothing is claimed in any of the columns have no row.
std::string matrix_of(const CompositionTable& set, const Columns& columns) {
  std::string text = "| goal |", line = "|---|";
  for (const auto& [column, ignored] : columns) {
    text += " " + std::string(column) + " |";
    line += "---|";
  }
  text += "\n" + line + "\n";
  for (const std::string_view goal : goals_of(set)) {
    std::string row;
    bool any = false;
    for (const auto& [ignored, explored] : columns) {
      const std::uint64_t states = states_behind(explored, goal);
      any |= states != 0;
      row += " " + cell(explored, goal) + (states == 0 ? "" : " (" + number(states) + ")") + " |";
    }
    if (any) text += "| " + std::string(goal) + " |" + row + "\n";
  }
  return text;
}

std::string columns_table(const Columns& columns) {
  std::string text = "\n| column | configurations and their bounds |\n|---|---|\n";
  for (const auto& [column, explored] : columns) {
    text += "| " + std::string(column) + " |";
    for (const Explored* one : explored) text += (one == explored.front() ? " `" : "; `") + std::string(one->configuration->id) + "`: " + budgets(*one->configuration);
    text += " |\n";
  }
  return text;
}

}  // namespace

std::string matrix(const Evidence& evidence) {
  std::string text;
  for (const CompositionTable* set : sets_of(evidence))
    for (const auto& [group, columns] : groups_of(evidence, *set))
      text += "\n### " + std::string(set->id) + (group.empty() ? "" : ": " + std::string(group)) + "\n\n" + matrix_of(*set, columns) + columns_table(columns);
  return text;
}

Claim recorded(const Evidence& evidence, std::string_view text) {
  const auto compared = [](std::string_view all) { return all.substr(0, all.find(kTimes)); };
  Claim claim{"L4", "states, moves and verdicts are those that were recorded", compared(document(evidence)) == compared(text), 0, 0, {}};
  if (!claim.stands) claim.wrong.emplace_back("docs/verified-properties.md differs: look at why, then run quickpay check --record");
  return claim;
}

std::string document(const Evidence& evidence) {
  std::string text = kHead;
  text.replace(text.find("%SLICE%"), 7, evidence.slice);
  const std::vector<const CompositionTable*> sets = sets_of(evidence);
  if (sets.empty()) return text;
  for (const CompositionTable* set : sets) text += property_table(*set);
  text += kLtl + ltl_table(sets);
  text += kAims + aim_table(sets);
  text += "\n## In which worlds\n\n" + configuration_table(evidence);
  text += kGoals + matrix(evidence);
  text += machines_in_no_world(evidence);
  text += kVotes + vote_table(evidence.votes);
  text += kClaims + report_table(sets);
  text += kTrust;
  text += "\n## How it fails\n\nA shortest trail each, as a list and as a diagram (Mermaid); what is broken stands in the state that it leads to.\n" + failures(evidence);
  return text + times(evidence);
}

}  // namespace quickpay::check
