// L0 to L2: the generated files, the compiled tables, single steps.
#include <algorithm>
#include <sstream>

#include "statemachines/equivalence/rows.hpp"
#include "statemachines/equivalence/steps.hpp"
#include "tools/check/plant.hpp"
#include "tools/check/timed.hpp"
#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/emit/slices.hpp"
#include "tools/speccompiler/ir/canonical.hpp"
#include "tools/speccompiler/ir/diagnostic.hpp"
#include "tools/speccompiler/lint/lint.hpp"

namespace quickpay::check {
namespace {

using statemachines::MachineEntry;
using statemachines::MachineTable;

void add_lines(const std::string& text, std::vector<std::string>& lines) {
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
}

std::string effects_of(const spec::Row& row) {
  std::string text;
  for (const spec::Effect& effect : row.effects) {
    text += (text.empty() ? "" : "; ") + effect.verb;
    for (const std::string& argument : effect.arguments) text += " " + argument;
  }
  return text;
}

std::string effects_of(const MachineTable& table, const statemachines::RowInfo& row) {
  std::string text;
  for (const statemachines::EffectId id : row.effects) {
    text += text.empty() ? "" : "; ";
    text += id < table.effects.size() ? table.effects[id].id : "?";
  }
  return text;
}

std::string_view state_id(const MachineTable& table, statemachines::StateId id) {
  return id < table.states.size() ? table.states[id].id : "?";
}

// What a row of the program has otherwise than the specification, or nothing.
std::string row_difference(const MachineTable& table, const statemachines::RowInfo& got, const spec::Row& wanted) {
  if (got.id != wanted.id) return "stands where " + wanted.id + " must stand";
  if (state_id(table, got.state) != wanted.state) return "starts in another state";
  if (got.event >= table.events.size() || table.events[got.event].id != wanted.event) return "has another event";
  if (state_id(table, got.to) != wanted.to) return "leads to " + std::string(state_id(table, got.to)) + ", must lead to " + wanted.to;
  if (got.mask != wanted.mask || got.value != wanted.value) return "has other conditions";
  if (effects_of(table, got) != effects_of(wanted))
    return "does \"" + effects_of(table, got) + "\", must do \"" + effects_of(wanted) + "\"";
  return "";
}

void compare_with_spec(const MachineTable& table, const spec::Spec& spec, std::vector<std::string>& wrong) {
  const auto found = std::find_if(spec.machines.begin(), spec.machines.end(),
                                  [&](const spec::Machine& machine) { return machine.id == table.id; });
  if (found == spec.machines.end()) return wrong.push_back(std::string(table.id) + " is not in the specification");
  if (found->rows.size() != table.rows.size())
    wrong.push_back(found->id + ": " + std::to_string(table.rows.size()) + " rows, the specification has " +
                    std::to_string(found->rows.size()));
  if (state_id(table, table.initial) != found->initial)
    wrong.push_back(found->id + ": starts in " + std::string(state_id(table, table.initial)));
  for (std::size_t i = 0; i < std::min(table.rows.size(), found->rows.size()); ++i) {
    const std::string difference = row_difference(table, table.rows[i], found->rows[i]);
    if (!difference.empty()) wrong.push_back(found->id + " " + std::string(table.rows[i].id) + " " + difference);
  }
}

void check_rows(const Options& options, const spec::Spec& spec, Claim& claim) {
  for (const MachineEntry& entry : options.machines) {
    compare_with_spec(entry.table(), spec, claim.wrong);
    for (std::string& line : statemachines::compare_rows(entry.table(), entry.compiled_table()))
      claim.wrong.push_back(std::move(line));
    claim.states += entry.table().rows.size();
  }
  for (const spec::Machine& machine : spec.machines) {
    const bool built = std::any_of(options.machines.begin(), options.machines.end(),
                                   [&](const MachineEntry& entry) { return entry.table().id == machine.id; });
    if (!built) claim.wrong.push_back(machine.id + " is not in the program");
  }
}

void check_steps(const MachineEntry& entry, Claim& claim) {
  const auto engine = entry.make_msm();
  const statemachines::InterpreterEngine interpreter(statemachines::model_of(entry.table()));
  const auto compared = statemachines::compare_steps(*engine, interpreter);
  claim.states += compared.combinations;
  if (!compared.complete) claim.wrong.push_back(std::string(entry.table().id) + ": too many bits to try them all");
  if (compared.difference) claim.wrong.push_back(statemachines::report(interpreter.model(), *compared.difference));
}

/// What L1 says of one machine.
std::vector<std::string> wrong_rows(const MachineEntry& entry, const spec::Spec& spec) {
  std::vector<std::string> wrong;
  compare_with_spec(entry.table(), spec, wrong);
  for (std::string& line : statemachines::compare_rows(entry.table(), entry.compiled_table())) wrong.push_back(std::move(line));
  return wrong;
}

// With one row of one machine changed: whether L1 names both. True, too, if the change would change nothing.
bool noticed(const Options& options, const spec::Spec& spec, const std::string& machine, const std::string& row, std::string_view change, Claim& claim) {
  const auto planted = with_defect(options.machines, machine + " " + row + " " + std::string(change));
  if (planted.empty()) return true;
  ++claim.states;
  for (const MachineEntry& entry : planted) {
    if (entry.table().id != machine) continue;
    const auto wrong = wrong_rows(entry, spec);
    return std::any_of(wrong.begin(), wrong.end(), [&](const std::string& line) { return line.starts_with(machine + " ") && line.find(" " + row + " ") != std::string::npos; });
  }
  return false;
}

}  // namespace

void check_planted(const Options& options, const Progress& progress, Evidence& evidence) {
  const auto spec = spec::compile_spec(options.root / options.spec);
  timed(progress, evidence, "L1", "every change of every row is noticed, with its machine and row", [&](Claim& claim) {
    if (!spec) return claim.wrong.emplace_back("the specification cannot be read"), void();
    for (const MachineEntry& entry : options.machines)
      for (const auto& row : entry.table().rows)
        for (const std::string_view change : kChanges)
          if (!noticed(options, *spec, std::string(entry.table().id), std::string(row.id), change, claim))
            claim.wrong.push_back(std::string(entry.table().id) + " " + std::string(row.id) + " " + std::string(change) + " is not noticed");
    if (claim.states == 0) claim.wrong.emplace_back("nothing was changed");
  });
}

void check_generated(const Options& options, const Progress& progress, Evidence& evidence) {
  timed(progress, evidence, "L0", "every generated file is what the specification gives", [&](Claim& claim) {
    const auto result = spec::build_command({options.root, options.root / options.spec, true});
    if (result.exit_code != 0) add_lines(result.err, claim.wrong);
    if (result.exit_code != 0 && claim.wrong.empty()) claim.wrong.push_back(result.out);
  });
}

void check_machines(const Options& options, const Progress& progress, Evidence& evidence) {
  const auto spec = spec::compile_spec(options.root / options.spec);
  timed(progress, evidence, "L0", "this program was built from this specification", [&](Claim& claim) {
    if (!spec) return claim.wrong.emplace_back("the specification cannot be read"), void();
    if (spec::spec_id(*spec) != options.built_from)
      claim.wrong.push_back("the specification is " + spec::spec_id(*spec) + ", the program was built from " +
                            std::string(options.built_from));
  });
  if (!spec) return;
  for (const spec::PropertySet& set : spec->property_sets)
    evidence.slice += (evidence.slice.empty() ? "" : " and ") + spec::slice_id(spec::composition_slice(*spec, set));
  timed(progress, evidence, "L1", "the compiled rows are the specification's", [&](Claim& claim) { check_rows(options, *spec, claim); });
  for (const MachineEntry& entry : options.machines)
    timed(progress, evidence, "L2", "each step of " + std::string(entry.table().id) + " is the interpreter's",
          [&](Claim& claim) { check_steps(entry, claim); });
}

}  // namespace quickpay::check
