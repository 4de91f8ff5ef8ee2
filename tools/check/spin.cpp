// L3 with Spin: the generated Promela, and the compiled machines inside Spin, visit as many states as the explorer.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "tools/check/in_order.hpp"
#include "tools/check/timed.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;

constexpr std::uint64_t kMaxSpinStates = 60'000; ///< larger configurations are left to the explorer
constexpr std::size_t kFewInstances = 16;        ///< of a set whose model Spin reads in no time
constexpr std::size_t kMaxSpinOrders = 2;          ///< that the generated Promela has
constexpr std::size_t kMaxOutput = 1024 * 1024;    ///< bytes read of a command

struct Output {
  int code = -1;
  std::string text;
};

Output shell(const std::string& command) {
  Output output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  std::array<char, 4096> buffer{};
  while (output.text.size() < kMaxOutput && std::fgets(buffer.data(), buffer.size(), pipe) != nullptr) output.text += buffer.data();
  const int status = ::pclose(pipe);
  output.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return output;
}

/// A folder that goes with the object.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "quickpay-spin-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string word(std::string_view text) {
  std::string out;
  for (const char c : text) out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  return out;
}

void define(std::string& text, const std::string& name, int value) {
  text += " -D" + name + "=" + std::to_string(value);
}

// What a configuration is for the preprocessor of the model.
std::string settings(const CompositionTable& table, const ConfigurationInfo& configuration) {
  std::string text;
  define(text, "ORDERS", configuration.orders);
  define(text, "LOSSES", configuration.loss);
  define(text, "COPIES", configuration.duplication);
  define(text, "CRASHES", configuration.crashes);
  define(text, "FORGERIES", configuration.forgeries);
  define(text, "ANY", configuration.any_world ? 1 : 0);
  define(text, "LAZY", configuration.lazy_timers ? 1 : 0);
  for (const std::string_view players : configuration.players)
    if (players.ends_with(":12")) define(text, "APART_" + word(players.substr(0, players.find(':'))), 1);
  for (const std::string_view option : configuration.options)
    for (std::size_t order = 0; order < kMaxSpinOrders; ++order)
      if (const auto id = option.substr(0, option.find(':')); has_option(configuration, id, order))
        define(text, "WITH_" + word(id) + std::to_string(order + 1), 1);
  for (const std::string_view liar : configuration.liars) define(text, "LIAR_" + word(liar), 1);
  for (const std::string_view role : configuration.suspended) define(text, "AWAY_" + word(role), 1);
  if (!configuration.profile.empty()) define(text, "PROFILE_" + word(configuration.profile), 1);
  for (const std::size_t i : claimed_in(table, configuration.id)) {
    const PropertyInfo& property = table.properties[i];
    if (property.kind == PropertyKind::always && std::find(configuration.fails.begin(), configuration.fails.end(), property.id) == configuration.fails.end())
      define(text, "CLAIM_" + word(property.id), 1);
  }
  return text;
}

// The number before "states, stored", or 0.
std::uint64_t stored(const std::string& output) {
  const std::size_t end = output.find(" states, stored");
  if (end == std::string::npos) return 0;
  std::size_t start = end;
  while (start > 0 && std::isdigit(static_cast<unsigned char>(output[start - 1])) != 0) --start;
  return start == end ? 0 : std::strtoull(output.c_str() + start, nullptr, 10);
}

// What is wrong with Spin's result, or nothing.
std::string judge(const std::string& output, std::uint64_t wanted, std::uint64_t& states) {
  states = stored(output);
  if (output.find("errors: 0") == std::string::npos) return "Spin reports an error:\n" + output.substr(0, 800);
  if (output.find("search not completed") != std::string::npos || output.find("max search depth too small") != std::string::npos)
    return "Spin did not finish";
  if (states != wanted) return std::to_string(states) + " states, the explorer has " + std::to_string(wanted);
  return {};
}

std::string quoted(const std::filesystem::path& path) { return "'" + path.string() + "'"; }

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
  const std::string command = "cd " + quoted(scratch.path()) + " && spin -a -o1 -o2 -o3 -o5" + settings(*known.table, *known.configuration) + " " +
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
  if (known.result.found.states > kMaxSpinStates || !known.result.found.complete) return false;
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
      return run_model(options.root / "statemachines/composition/generated" / (word(known.table->id) + ".pml"), known);
    });
  });
  timed(progress, evidence, "L3", "the compiled machines inside Spin visit exactly as many states", [&](Claim& claim) {
    if (!std::filesystem::exists(options.machines_in_spin))
      return claim.wrong.push_back("there is no program " + options.machines_in_spin.string()), void();
    visit_each(chosen, claim, [&](const Explored& known) { return run_machines(options.machines_in_spin, known); });
  });
}

}  // namespace quickpay::check
