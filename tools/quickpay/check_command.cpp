#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>

#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "tools/check/check.hpp"
#include "tools/check/plant.hpp"
#include "tools/check/swarm.hpp"
#include "tools/check/trail.hpp"
#include "tools/killtables/run.hpp"
#include "tools/quickpay/commands.hpp"

namespace quickpay::cli {

namespace {

constexpr const char* kDocument = "docs/verified-properties.md";
constexpr const char* kEach = "each";  // of --plant
constexpr const char* kKillTables = "docs/kill-tables.md";
constexpr std::uint64_t kMaxSeconds = 366ULL * 24 * 60 * 60;
constexpr std::size_t kMaxMegabytes = 1'048'576;
constexpr std::size_t kMutantsALine = 100;  ///< between two lines of progress where there is no terminal

struct Options {
  std::string root = ".";
  std::string configuration;
  bool deep = false;
  bool matrix = false;
  bool record = false;
  bool without_spin = false;
  int level = 4;
  std::string plant;
  std::string trail;
  std::string scenario;  ///< file
  std::vector<statemachines::MachineEntry> machines;
  bool mutants = false;
  std::string population;  ///< spec | code; empty: both
  std::size_t sample = SIZE_MAX;
  std::uint64_t seed = killtables::kDefaultSeed;
  bool search = false;
  std::optional<std::uint64_t> seconds;
  std::size_t megabytes = check::SwarmOptions{}.megabytes;
};

std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) { interrupted = true; }

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

std::filesystem::path program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

check::Options options_of(const Options& options) {
  check::Options all;
  all.root = options.root;
  all.deep = options.deep;
  all.level = options.level;
  all.machines = options.machines;
  all.compositions = statemachines::compositions::all();
  all.built_from = protocol::kSpecId;
  all.machines_in_spin = program_folder() / "msm_in_spin";
  all.without_spin = options.without_spin;
  all.stop = &interrupted;
  return all;
}

/// On a terminal: what is being checked now, on the line that its result will take.
void show_progress(std::string_view what, const check::Claim* done) {
  if (::isatty(STDERR_FILENO) == 0) return;
  if (done == nullptr) std::fprintf(stderr, "\r\033[K… %s", std::string(what).c_str());
  if (done != nullptr) std::fputs("\r\033[K", stderr);
}

void print(const check::Claim& claim) {
  std::string counted = claim.states == 0 ? "" : std::to_string(claim.states);
  std::printf("%-5s %s  %-78s %10s %7.2f s\n", claim.stands ? "ok" : "FAIL", claim.level.c_str(), claim.what.c_str(),
              counted.c_str(), claim.seconds);
  for (const std::string& line : claim.wrong) std::printf("      %s\n", line.c_str());
  std::fflush(stdout);
}

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int show_configuration(const Options& options) {
  const check::Explored one = check::explore_one(options_of(options), options.configuration);
  if (one.configuration == nullptr) {
    std::fprintf(stderr, "quickpay check: there is no configuration '%s'\n", options.configuration.c_str());
    return kUsage;
  }
  const auto& found = one.result.found;
  std::printf("%s: %llu states%s, %llu moves, %.1f bytes of tables a state%s\n", options.configuration.c_str(),
              static_cast<unsigned long long>(found.states), std::string(check::how_kept(one)).c_str(),
              static_cast<unsigned long long>(found.transitions), static_cast<double>(found.bytes) / static_cast<double>(std::max<std::uint64_t>(found.states, 1)),
              found.complete ? "" : ", not explored to the end");
  for (const auto& failure : one.result.failures) {
    std::printf("\n%s does not hold:\n", std::string(one.table->properties[failure.property].id).c_str());
    for (const std::string& line : failure.trail) std::printf("  %s\n", line.c_str());
  }
  for (const std::string& line : one.result.wrong) std::printf("wrong: %s\n", line.c_str());
  return one.result.wrong.empty() ? 0 : 1;
}

/// Writes a trail where the runner can find it, or shows it.
int write_trail(const Options& options) {
  const auto text = check::trail_file(options_of(options), options.trail);
  if (!text) return std::fprintf(stderr, "quickpay check: %s\n", text.error().c_str()), kUsage;
  if (options.scenario.empty()) return std::fputs(text->c_str(), stdout), 0;
  std::ofstream file(options.scenario, std::ios::binary);
  file << *text;
  file.close();
  if (!file) return std::fprintf(stderr, "quickpay check: cannot write %s\n", options.scenario.c_str()), 1;
  return 0;
}

/// The recorded counts are part of the claim; only a run to the end can be recorded or compared.
bool compare_or_record(const Options& options, const check::Evidence& evidence) {
  if (options.deep || options.level < 4) return true;  // explores more, or less, than is recorded
  const std::string path = options.root + "/" + kDocument;
  if (options.record) {
    std::ofstream file(path, std::ios::binary);
    file << check::document(evidence);
    file.close();
    std::printf(file ? "wrote %s\n" : "cannot write %s\n", path.c_str());
    return static_cast<bool>(file);
  }
  const check::Claim claim = check::recorded(evidence, read(path));
  print(claim);
  return claim.stands;
}

killtables::RunOptions killing(const Options& options, std::size_t& tried) {
  killtables::RunOptions all;
  all.root = options.root;
  all.sample = options.sample;
  all.seed = options.seed;
  all.deep = options.deep;
  all.try_spec = options.population != "code";
  all.try_code = options.population != "spec";
  all.compositions = statemachines::compositions::all();
  all.suite = {program_folder() / "quickpay", program_folder() / "killtables_adapter"};
  all.stop = &interrupted;
  all.progress = [&tried](std::string_view id, std::string_view killer) {
    ++tried;
    if (::isatty(STDERR_FILENO) != 0) std::fprintf(stderr, "\r\033[K%zu tried, last %s: %s", tried, std::string(id).c_str(), std::string(killer).c_str());
    else if (tried % kMutantsALine == 0) std::fprintf(stderr, "%zu tried\n", tried);
    if (::isatty(STDERR_FILENO) == 0 && killer == "survived") std::fprintf(stderr, "%s survives\n", std::string(id).c_str());
  };
  return all;
}

/// Publishes a run over everything, or compares with what was published.
bool publish(const Options& options, const killtables::Tried& tried) {
  const std::string path = options.root + "/" + kKillTables;
  if (!options.record) {
    const auto wrong = killtables::outdated(read(path), tried);
    for (const std::string& line : wrong) std::printf("wrong: %s\n", line.c_str());
    return wrong.empty();
  }
  if (!tried.all) return std::fputs("quickpay check: only a run over all mutants can be recorded\n", stderr), false;
  const std::string published = read(path);
  std::ofstream file(path, std::ios::binary);
  file << killtables::document(tried, options.seed, published);
  file.close();
  std::printf(file ? "wrote %s\n" : "cannot write %s\n", path.c_str());
  return static_cast<bool>(file);
}

int kill_mutants(const Options& options) {
  std::size_t count = 0;
  const killtables::Tried tried = killtables::run(killing(options, count));
  if (::isatty(STDERR_FILENO) != 0) std::fputs("\r\033[K", stderr);
  if (!tried.problem.empty()) {
    std::fprintf(stderr, "quickpay check: %s\n", tried.problem.c_str());
    return 1;
  }
  for (const killtables::Population* one : {&tried.spec, &tried.code})
    std::printf("%s\n%s\n", one->table.text().c_str(), one->table.survivors_text(one->classified).c_str());
  for (const std::string& line : tried.wrong) std::printf("wrong: %s\n", line.c_str());
  if (interrupted) {
    std::fputs("quickpay check: stopped; mutants that were not tried are not in the tables\n", stderr);
    return 1;
  }
  const bool stands = publish(options, tried) && tried.wrong.empty();
  std::printf("%s\n", stands ? "the kill tables stand" : "THE KILL TABLES DO NOT STAND");
  return stands ? 0 : 1;
}

/// Searches until the time is over or the user has seen enough.
int search(const Options& options) {
  if (!options.seconds) std::fputs("searching until it is stopped (Ctrl-C, or --seconds)\n", stderr);
  const auto tell = [](const std::string& line) { std::printf("search %s\n", line.c_str()), std::fflush(stdout); };
  const check::SwarmResult result =
      check::search_swarm(options_of(options), {options.seed, options.seconds, options.megabytes, options.configuration}, tell);
  if (!result.problem.empty()) return std::fprintf(stderr, "quickpay check: %s\n", result.problem.c_str()), kUsage;
  std::printf("\n%s", check::coverage(result).c_str());
  return result.found() ? 1 : 0;
}

/// Changes each row in each way, one after the other.
int plant_each(const Options& options) {
  check::Evidence evidence;
  check::check_planted(options_of(options), {}, evidence);
  for (const check::Claim& claim : evidence.claims) print(claim);
  return evidence.stands() ? 0 : 1;
}

int run(Options options) {
  watch_signals();
  if (options.mutants) return kill_mutants(options);
  const auto machines = statemachines::all::machines();
  options.machines.assign(machines.begin(), machines.end());
  if (options.plant == kEach) return plant_each(options);
  if (!options.plant.empty()) options.machines = check::with_defect(machines, options.plant);
  if (options.machines.empty()) {
    std::fprintf(stderr, "quickpay check: no such row to change: '%s'\n", options.plant.c_str());
    return kUsage;
  }
  if (!options.trail.empty()) return write_trail(options);
  if (options.search) return search(options);
  if (!options.configuration.empty()) return show_configuration(options);
  const check::Evidence evidence = check::run(options_of(options), [](std::string_view what, const check::Claim* done) {
    show_progress(what, done);
    if (done != nullptr) print(*done);
  });
  if (interrupted) {
    std::fputs("quickpay check: stopped; what was not explored to the end does not stand\n", stderr);
    return 1;
  }
  if (options.matrix) std::printf("\n%s\n%s\n", check::matrix(evidence).c_str(), check::vote_table(evidence.votes).c_str());
  bool stands = evidence.stands();
  if (stands || !options.record) stands = compare_or_record(options, evidence) && stands;
  if (options.deep && search(options) != 0) stands = false;
  std::printf("%s%s\n", stands ? "all claims stand" : "NOT ALL CLAIMS STAND", options.deep ? "; of worlds that were searched nothing is claimed" : "");
  return stands ? 0 : 1;
}

}  // namespace

void add_check(CommandLine& line) {
  CLI::App* command = line.app.add_subcommand("check", "Check the machines, their composition and its properties");
  auto options = std::make_shared<Options>();
  command->add_option("--root", options->root, "the repository: specification, generated files, documents")
      ->check(CLI::ExistingDirectory)
      ->capture_default_str();
  command->add_flag("--matrix", options->matrix, "also print which goal holds against whom, and what each rule of the vote promises");
  command->add_option("--level", options->level, "the last level to check: 2 is the machines alone, 4 everything")
      ->check(CLI::IsMember({2, 4}))
      ->capture_default_str();
  command->add_option("--plant", options->plant, "\"MACHINE ROW CHANGE\", such as \"broker.order B20 target\": the program as if this row had been edited, to see it noticed; each: every row in every way, at L1 alone");
  command->add_flag("--without-spin", options->without_spin, "do not ask Spin, and claim nothing of it");
  command->add_flag("--deep", options->deep, "also what takes minutes and gigabytes, and then --search");
  command->add_flag("--search", options->search, "instead: search worlds that are too large to visit, until it is stopped; with --configuration only that one");
  command->add_option("--seconds", options->seconds, "with --deep or --search: how long the search goes on")->check(CLI::Range(std::uint64_t{1}, kMaxSeconds));
  command->add_option("--memory", options->megabytes, "with --deep or --search: megabytes of each processor's table")
      ->check(CLI::Range(std::size_t{1}, kMaxMegabytes))
      ->capture_default_str();
  command->add_flag("--record", options->record, "write docs/verified-properties.md anew");
  command->add_flag("--mutants", options->mutants, "instead: make mistakes on purpose and see who notices (with --record: publish docs/kill-tables.md)");
  command->add_option("--population", options->population, "with --mutants: only these; --record then keeps the rest of the document")->check(CLI::IsMember({"spec", "code"}));
  command->add_option("--sample", options->sample, "with --mutants: so many of each population")->check(CLI::Range(std::size_t{1}, SIZE_MAX));
  command->add_option("--seed", options->seed, "with --mutants: which sample; with --deep or --search: which way the search goes")->capture_default_str();
  command->add_option("--configuration", options->configuration, "explore this one alone and show its trails");
  command->add_option("--trail", options->trail, "instead: PROPERTY@CONFIGURATION that fails, or INSTANCE=STATE@CONFIGURATION or INSTANCE:ROW@CONFIGURATION, as a file for quickpay certify --trail");
  command->add_option("--scenario", options->scenario, "with --trail: the file; default: standard output")->needs("--trail");
  command->footer("One line a claim: level, claim, states or inputs, seconds. Exit codes: 0 all claims stand, 1 one does not,\n"
                  "2 usage. docs/check.md tells what is claimed.");
  command->callback([&line, options] { line.chosen = [options] { return run(*options); }; });
}

}  // namespace quickpay::cli
