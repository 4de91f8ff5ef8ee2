// L3 with Spin: the generated Promela, and the compiled machines inside Spin, visit as many states as the explorer.
#include <algorithm>
#include <array>

#include "tools/check/in_order.hpp"
#include "tools/check/spin_run.hpp"
#include "tools/check/timed.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

// Properties that the model asserts: those that must hold in every state of the configuration.
std::string asserted(const CompositionTable& table, const ConfigurationInfo& configuration) {
  std::string text;
  for (const std::size_t i : claimed_in(table, configuration.id)) {
    const PropertyInfo& property = table.properties[i];
    if (property.kind == PropertyKind::always && std::find(configuration.fails.begin(), configuration.fails.end(), property.id) == configuration.fails.end())
      text += " -DCLAIM_" + word(property.id) + "=1";
  }
  return text;
}

// What is wrong with Spin's result, or nothing.
std::string judge(const std::string& output, std::uint64_t wanted, std::uint64_t& states) {
  states = stored(output);
  if (output.find("errors: 0") == std::string::npos) return "Spin reports an error:\n" + output.substr(0, 800);
  if (!is_finished(output)) return "Spin did not finish";
  if (states != wanted) return std::to_string(states) + " states, the explorer has " + std::to_string(wanted);
  return {};
}

/// What Spin said of one configuration.
struct Visited {
  std::uint64_t states = 0;
  std::string wrong;  ///< empty: as many states as the explorer has
};

Visited judged(const Output& output, const Explored& known) {
  Visited visited;
  visited.wrong = judge(output.text, known.result.found.states, visited.states);
  if (!visited.wrong.empty()) visited.wrong = std::string(known.configuration->id) + ": " + visited.wrong;
  return visited;
}

// What -o1, -o3 and -o5 leave out are optimisations of the verifier; making them takes Spin longer than they save.
Visited run_model(const std::filesystem::path& model, const Explored& known) {
  const Scratch scratch;
  const std::string command = "cd " + quoted(scratch.path()) + " && spin -a -o1 -o2 -o3 -o5" + settings(*known.table, *known.configuration) +
                              asserted(*known.table, *known.configuration) + " " +
                              quoted(std::filesystem::absolute(model)) +
                              " 2>&1 && tcc -w -DSAFETY -DNOREDUCE -DVECTORSZ=2048 -o pan pan.c 2>&1 && ./pan -E -m1000000 -w22 2>&1";
  return judged(shell(command), known);
}

Visited run_machines(const std::filesystem::path& program, const Explored& known) {
  const Scratch scratch;  // Spin writes trails where it runs
  return judged(shell("cd " + quoted(scratch.path()) + " && QP_CONFIGURATION='" + std::string(known.configuration->id) + "' " +
                      quoted(std::filesystem::absolute(program)) + " -E -m1000000 -w22 2>&1"),
                known);
}

// One run of Spin a processor.
template <class Run>
void visit_each(const std::vector<const Explored*>& chosen, Claim& claim, Run run) {
  in_order<Visited>(chosen.size(), [&](std::size_t i) { return run(*chosen[i]); }, [&](std::size_t, const auto& wait) {
    const Visited visited = wait().result;
    claim.states += visited.states;
    if (!visited.wrong.empty()) claim.wrong.push_back(visited.wrong);
  });
  if (chosen.empty()) claim.wrong.emplace_back("nothing was compared");
}

bool wanted(const Options& options, const Explored& known) {
  if (known.result.found.states > kMaxSpinStates || !known.result.found.complete || known.result.found.keep != Keep::every) return false;
  const ConfigurationInfo& info = *known.configuration;
  if (info.orders > kMaxSpinOrders) return false;
  constexpr std::array<std::string_view, 5> kAlways{"losses", "settlement-loss", "regular-losses", "regular-settlement-loss", "regular-beside-micropayment"};
  if (options.deep || std::find(kAlways.begin(), kAlways.end(), info.id) != kAlways.end()) return true;
  if (known.table->instances.size() <= kFewInstances) return true;
  // Spin needs tens of seconds to read a model of two orders with all machines.
  return info.orders > 1 ? info.options.empty() : !info.fails.empty();
}

}  // namespace

void check_spin(const Options& options, const Progress& progress, Evidence& evidence) {
  if (options.without_spin) return;
  std::vector<const Explored*> chosen;
  for (const Explored& known : evidence.explored)
    if (wanted(options, known)) chosen.push_back(&known);
  timed(progress, evidence, "L3", "the generated Promela has exactly as many states in Spin", [&](Claim& claim) {
    if (shell("command -v spin && command -v tcc").code != 0) return claim.wrong.emplace_back("spin or tcc is not installed"), void();
    visit_each(chosen, claim, [&](const Explored& known) {
      return run_model(model_of_set(options.root, *known.table), known);
    });
  });
  timed(progress, evidence, "L3", "the compiled machines inside Spin visit exactly as many states", [&](Claim& claim) {
    if (!std::filesystem::exists(options.machines_in_spin))
      return claim.wrong.push_back("there is no program " + options.machines_in_spin.string()), void();
    visit_each(chosen, claim, [&](const Explored& known) { return run_machines(options.machines_in_spin, known); });
  });
}

}  // namespace quickpay::check
