#include "tools/killtables/code_judge.hpp"

#include "fuzz/core/player.hpp"
#include "fuzz/core/script.hpp"
#include "reference/ledger/testing/promises.hpp"
#include "reference/sim/memory_ledger.hpp"
#include "statemachines/equivalence/steps.hpp"
#include "tools/killtables/simulated.hpp"

namespace quickpay::killtables {
namespace {

using statemachines::InterpreterEngine;

// L2: the wrong machine against the right table.
std::string by_steps(const CodeMutant& mutant) {
  if (mutant.place != Place::row) return {};
  const auto right = statemachines::model_of(*mutant.table);
  const InterpreterEngine wrong(statemachines::mutated(right, mutant.mutation));
  if (!(initial_snapshot(wrong.model()) == initial_snapshot(right))) return "it starts elsewhere";
  const auto found = statemachines::compare_steps(wrong, InterpreterEngine(right), &wrong.model());
  return found.same() ? "" : "another step";
}

// The oracle of Broker and Vendor cores, over the lives that take every case of their orders.
std::string by_lives(const CodeMutant& mutant) {
  const bool has_oracle = mutant.role == "broker" || mutant.role == "vendor";
  if (mutant.place == Place::row || !has_oracle || mutant.ledger) return {};
  for (const fuzz::Life& life : fuzz::lives()) {
    if (life.vendor != (mutant.role == "vendor")) continue;
    const auto deviation = mutant.deviation();
    const fuzz::Played played = fuzz::run_core(fuzz::input_of(life), {deviation.get(), {}, {}});
    if (!played.wrong.empty()) return std::string(life.name) + ": " + played.wrong;
  }
  return {};
}

std::string by_promises(const CodeMutant& mutant) {
  if (!mutant.ledger) return {};
  const std::unique_ptr<ledger::Ledger> kept = mutant.ledger();
  auto* memory = dynamic_cast<sim::MemoryLedger*>(kept.get());
  if (memory == nullptr) return {};  // not tried, so nobody noticed
  return ledger::broken_promise([&]() -> ledger::Ledger& { return *kept; }, [&] { memory->crash(); });
}

CodeKill by_worlds(const CodeMutant& mutant, std::size_t worlds) {
  if (mutant.place == Place::row) return {};
  sim::Sown sown;
  sown.role = mutant.role;
  sown.deviation = mutant.deviation;
  sown.ledger = mutant.ledger;
  const std::string wrong = what_goes_wrong(sown, worlds);
  if (wrong.empty()) return {};
  if (wrong.starts_with("L5")) return {CodeKiller::trace, wrong};
  const bool of_worlds = wrong.starts_with("G") || wrong.starts_with("CM") || wrong.starts_with("L6");  // a goal, what mail promises, or the model
  return {of_worlds ? CodeKiller::goals : CodeKiller::reach, wrong};
}

}  // namespace

std::string_view name_of(CodeKiller killer) {
  static constexpr std::array<std::string_view, 8> kNames = {"L2", "lives", "ledger", "L5", "L6", "delivery", "suite", "survived"};
  return kNames[static_cast<std::size_t>(killer)];
}

std::string_view text_of(CodeKiller killer) {
  static constexpr std::array<std::string_view, 8> kTexts = {
      "the machine differs from the table of the specification in a step",
      "the oracle of Broker and Vendor cores (`fuzz_core_test`), over lives that take every case of their orders",
      "the ledger breaks a promise of its interface (`ledger_test`)",
      "a step in a simulated world is not the specification's",
      "a goal is missed in a simulated world",
      "a simulated world without faults no longer brings the goods or the money",
      "a check of the conformance suite of the role fails, in profile F or H",
      "nothing notices"};
  return kTexts[static_cast<std::size_t>(killer)];
}

bool needs_suites(const CodeMutant& mutant) {
  const bool has_oracle = mutant.table != nullptr && (mutant.table->id == "broker.order" || mutant.table->id == "vendor.order");
  if (mutant.place == Place::order && mutant.role == "host") return true;
  return (mutant.place == Place::predicate || mutant.place == Place::effect) && !has_oracle;
}

CodeKill judge(const CodeMutant& mutant, const CodeJudgeOptions& options) {
  const auto on = [&](CodeKiller killer) { return !options.off.contains(killer); };
  if (on(CodeKiller::steps))
    if (auto what = by_steps(mutant); !what.empty()) return {CodeKiller::steps, what};
  if (on(CodeKiller::lives))
    if (auto what = by_lives(mutant); !what.empty()) return {CodeKiller::lives, what};
  if (on(CodeKiller::promises))
    if (auto what = by_promises(mutant); !what.empty()) return {CodeKiller::promises, what};
  if (CodeKill kill = by_worlds(mutant, options.worlds); kill.killer != CodeKiller::none && on(kill.killer)) return kill;
  if (on(CodeKiller::suite) && options.suite.there())
    if (auto what = failing_check(mutant, options.suite); !what.empty()) return {CodeKiller::suite, what};
  return {};
}

}  // namespace quickpay::killtables
