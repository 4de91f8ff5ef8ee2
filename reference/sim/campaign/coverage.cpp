#include "reference/sim/campaign/coverage.hpp"

#include <algorithm>

#include "reference/sim/campaign/onlooker.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/monitor/judge.hpp"

namespace quickpay::sim {
namespace {

using statemachines::MachineTable;

constexpr std::string_view kNotPlayed = "no world plays this machine";

constexpr Unseen kUnseen[] = {
    {"host.keys", kNotPlayed},
    {"broker.applicant", kNotPlayed},
    {"broker.paycard", kNotPlayed},
    {"wallet.paycard", kNotPlayed},
    {"wallet.order.goods_right", "the model assumes nothing that holds in these worlds: it is asked before the goods are there; the ghost goods is compared"},
    {"host.verdict.votes_approve", "its formula sees variables of registrations, which are not followed by order; goal G12 judges every verdict"},
    {"host.verdict.votes_reject", "as votes_approve"},
};

template <class Visit>
void each_predicate(const Visit& visit) {
  for (const MachineTable* table : statemachines::monitor::all_tables())
    for (const auto& predicate : table->predicates) visit(*table, predicate);
}

std::string name_of(const MachineTable& table, std::string_view part) { return std::string(table.id) + "." + std::string(part); }

}  // namespace

std::span<const Unseen> unseen() { return kUnseen; }

bool may_be_compared(std::string_view machine, std::string_view predicate) {
  if (Onlooker::rules().contains(std::string(machine) + "." + std::string(predicate))) return true;
  const auto& payment = statemachines::composition_payment::table();
  return std::any_of(payment.assumptions.begin(), payment.assumptions.end(), [&](const statemachines::AssumptionInfo& one) {
    const std::string_view id = payment.instances[one.instance].machine;
    const auto& all = statemachines::monitor::all_tables();
    const auto table = std::find_if(all.begin(), all.end(), [&](const MachineTable* each) { return each->id == id; });
    return id == machine && table != all.end() && (*table)->predicates[one.predicate].id == predicate;
  });
}

std::string_view why_not(std::string_view machine, std::string_view predicate) {
  const std::string name = std::string(machine) + "." + std::string(predicate);
  for (const Unseen& one : kUnseen)
    if (one.what == name || (one.what == machine && !may_be_compared(machine, predicate))) return one.why;
  return {};
}

Counts count_predicates(const Abstracted& seen) {
  Counts counts;
  each_predicate([&](const MachineTable& table, const statemachines::PredicateInfo& predicate) {
    const auto at = seen.predicates.find(name_of(table, predicate.id));
    ++counts.all;
    if (at == seen.predicates.end()) return;
    ++counts.compared;
    counts.both += at->second[0] != 0 && at->second[1] != 0 ? 1 : 0;
    counts.recomputed += seen.recomputed.contains(at->first) ? 1 : 0;
  });
  return counts;
}

Counts count_effects(const Abstracted& seen) {
  Counts counts;
  for (const MachineTable* table : statemachines::monitor::all_tables())
    for (const auto& effect : table->effects) ++counts.all, counts.compared += seen.effects.contains(name_of(*table, effect.id)) ? 1 : 0;
  return counts;
}

std::string table_of_predicates(const Abstracted& seen) {
  std::string text;
  each_predicate([&](const MachineTable& table, const statemachines::PredicateInfo& predicate) {
    const std::string name = name_of(table, predicate.id);
    const auto at = seen.predicates.find(name);
    text += "  " + name + ": ";
    if (at == seen.predicates.end()) {
      const std::string_view why = why_not(table.id, predicate.id);
      text += "not compared: " + std::string(why.empty() ? "it did not come up" : why) + "\n";
      return;
    }
    text += "did not hold " + std::to_string(at->second[0]) + " times, held " + std::to_string(at->second[1]) + " times, " +
            (seen.recomputed.contains(name) ? "recomputed" : "as assumed") + "\n";
  });
  return text;
}

}  // namespace quickpay::sim
