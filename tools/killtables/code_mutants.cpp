#include "tools/killtables/code_mutants.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "conformance/mutants/derived.hpp"
#include "statemachines/all/generated/all.hpp"
#include "tools/killtables/broken_ledger.hpp"

namespace quickpay::killtables {
namespace {

using roles::Deviation;
using namespace statemachines;

constexpr std::array<std::string_view, 4> kRoles = {"host", "broker", "vendor", "wallet"};

/// What the suites are tried on, too: an implementation that believes or doubts a predicate, or skips a step.
struct Derived {
  std::string_view op;
  Place place;
};
constexpr std::array kDerived = {Derived{"believes", Place::predicate}, Derived{"doubts", Place::predicate},
                                 Derived{"skips-step", Place::order}};

struct NegatedPredicate final : Deviation {
  NegatedPredicate(std::string_view m, std::string_view p) : machine(m), predicate(p) {}
  bool override_predicate(std::string_view m, std::string_view p, bool value) override {
    return m == machine && p == predicate ? !value : value;
  }
  std::string_view machine, predicate;
};

struct WrongEffect final : Deviation {
  WrongEffect(std::string_view m, EffectId e, bool again) : machine(m), effect(e), twice(again) {}
  void override_effects(const MachineTable& table, std::string_view, std::vector<EffectId>& effects) override {
    if (table.id != machine) return;
    std::vector<EffectId> changed;
    for (const EffectId one : effects) {
      if (one != effect || twice) changed.push_back(one);
      if (one == effect && twice) changed.push_back(one);
    }
    effects = std::move(changed);
  }
  std::string_view machine;
  EffectId effect;
  bool twice;
};

CodeMutant named(Place place, std::string_view role, std::string_view where, std::string op, std::string_view what) {
  CodeMutant mutant;
  mutant.id = std::string(where) + ":" + op + ":" + std::string(what);
  mutant.op = std::move(op);
  mutant.place = place;
  mutant.role = role;
  return mutant;
}

void add_rows(std::vector<CodeMutant>& all, const MachineTable& table) {
  for (const Mutation& mutation : all_mutations(model_of(table))) {
    CodeMutant mutant = named(Place::row, table.role, table.id, std::string(operator_name(mutation.op)), "");
    mutant.id = "row:" + mutation.id;
    mutant.table = &table;
    mutant.mutation = mutation;
    all.push_back(std::move(mutant));
  }
}

// Negated is neither: it is wrong whatever is true.
void add_negated(std::vector<CodeMutant>& all, const MachineTable& table) {
  for (const PredicateInfo& one : table.predicates) {
    CodeMutant mutant = named(Place::predicate, table.role, table.id, "predicate-negated", one.id);
    mutant.table = &table;
    mutant.deviation = [&table, &one] { return std::make_unique<NegatedPredicate>(table.id, one.id); };
    all.push_back(std::move(mutant));
  }
}

void add_effects(std::vector<CodeMutant>& all, const MachineTable& table) {
  for (std::size_t i = 0; i < table.effects.size(); ++i) {
    const Verb verb = table.effects[i].verb;
    if (verb == Verb::set || verb == Verb::ignore) continue;  // the engine sets variables; to ignore is to do nothing
    for (const bool twice : {false, true}) {
      CodeMutant mutant = named(Place::effect, table.role, table.id, twice ? "effect-twice" : "effect-lost", table.effects[i].id);
      mutant.table = &table;
      mutant.deviation = [&table, i, twice] { return std::make_unique<WrongEffect>(table.id, static_cast<EffectId>(i), twice); };
      all.push_back(std::move(mutant));
    }
  }
}

const MachineTable* table_in(std::string_view id) {
  for (const MachineEntry& entry : all::machines())
    if (id.find(":" + std::string(entry.table().id) + ":") != std::string_view::npos) return &entry.table();
  return nullptr;
}

void add_derived(std::vector<CodeMutant>& all, std::string_view role) {
  for (const std::string& id : conformance::mutants::derived_faults(role)) {
    const std::string_view op = std::string_view(id).substr(0, id.find(':'));
    const auto kind = std::find_if(kDerived.begin(), kDerived.end(), [&](const Derived& one) { return one.op == op; });
    if (kind == kDerived.end()) continue;
    CodeMutant mutant = named(kind->place, role, "", std::string(op), "");
    mutant.id = kind->place == Place::order ? std::string(role) + ":" + id : id;  // roles have the same steps
    mutant.table = table_in(id);
    mutant.deviation = [id] { return conformance::mutants::make_derived(id); };
    all.push_back(std::move(mutant));
  }
}

void add_ledger(std::vector<CodeMutant>& all, std::string_view role) {
  for (const LedgerCall call : kLedgerCalls) {
    CodeMutant mutant = named(Place::ledger, role, role, "ledger-call-lost", name_of(call));
    mutant.ledger = [call] { return make_broken_ledger(call); };
    all.push_back(std::move(mutant));
  }
}

}  // namespace

std::vector<CodeMutant> code_mutants() {
  std::vector<CodeMutant> all;
  for (const MachineEntry& entry : all::machines()) {
    add_rows(all, entry.table());
    add_negated(all, entry.table());
    add_effects(all, entry.table());
  }
  for (const std::string_view role : kRoles) {
    add_derived(all, role);
    add_ledger(all, role);
  }
  return all;
}

std::vector<CodeMutant> controls() {
  std::vector<CodeMutant> all;
  for (const std::string_view role : kRoles) {
    CodeMutant deviating = named(Place::predicate, role, role, "nothing", "deviates");
    deviating.deviation = [] { return std::make_unique<Deviation>(); };
    CodeMutant stored = named(Place::ledger, role, role, "nothing", "is lost");
    stored.ledger = [] { return make_broken_ledger(LedgerCall::none); };
    all.push_back(std::move(deviating));
    all.push_back(std::move(stored));
  }
  return all;
}

}  // namespace quickpay::killtables
