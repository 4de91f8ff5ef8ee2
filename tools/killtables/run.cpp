#include "tools/killtables/run.hpp"

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include "tools/killtables/sample.hpp"
#include "tools/speccompiler/loader/loader.hpp"

namespace quickpay::killtables {
namespace {

constexpr std::size_t kFewWorlds = 10;
constexpr std::size_t kPermilleKilled = 900, kPermilleWithoutGolden = 600;  // what is asked of the whole population

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

template <class Killers>
std::vector<Column> columns_of(const Killers& killers) {
  std::vector<Column> columns;
  for (const auto killer : killers) columns.push_back({std::string(name_of(killer)), std::string(text_of(killer)), true, true, false});
  columns.back().kills = false;
  return columns;
}

std::vector<Column> spec_columns() {
  std::vector<Column> columns = columns_of(kSpecKillers);
  for (const SpecKiller none : {SpecKiller::lint, SpecKiller::same}) columns[static_cast<std::size_t>(none)].counts = false;
  columns[static_cast<std::size_t>(SpecKiller::golden)].golden = true;
  return columns;
}

// The vectors judge constraints of the codec alone, so they have a column of their own before the survivors'.
std::vector<Column> code_columns() {
  std::vector<Column> columns = columns_of(kCodeKillers);
  columns.insert(columns.end() - 1, {"vectors", "the reader takes a vector otherwise than a reader must (`vectors_test`)", true, true, false});
  return columns;
}

bool stopped(const RunOptions& options) { return options.stop != nullptr && *options.stop; }

/// Tries each item on all processors; `judge` gives the column in which it falls. Tables do not depend on the order.
template <class Mutant, class Judge>
void try_each(const RunOptions& options, const std::vector<Mutant>& all, KillTable& table, Judge judge_one) {
  std::atomic<std::size_t> next{0};
  std::mutex one_at_a_time;
  const auto work = [&] {
    for (std::size_t i = next++; i < all.size() && !stopped(options); i = next++) {
      const auto [column, killer] = judge_one(all[i]);
      const std::lock_guard lock(one_at_a_time);
      table.add(all[i].id, all[i].op, column);
      if (options.progress) options.progress(all[i].id, killer);
    }
  };
  std::vector<std::thread> workers;
  for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) workers.emplace_back(work);
  work();
  for (std::thread& worker : workers) worker.join();
}

struct Fallen {
  std::size_t column;
  std::string_view killer;
};

std::string classify(const RunOptions& options, const char* name, Population& population) {
  auto classified = parse_survivors(read(options.root / "tools/killtables" / name));
  if (!classified) return std::string(name) + ", " + classified.error();
  population.classified = std::move(*classified);
  return {};
}

std::string try_spec(const RunOptions& options, Tried& tried) {
  const auto spec = spec::load_spec(options.root / options.spec);
  if (!spec) return "the specification cannot be read";
  const auto intents = parse_intents(read(options.root / "tools/killtables/intents.txt"));
  if (!intents) return "intents.txt, " + intents.error();
  const auto all = spec_mutants(*spec, mutated_protocols(*spec, *intents));
  tried.spec.size = all.size();
  tried.unpinned = spec_mutants(*spec).size() - all.size();
  if (!options.try_spec) return {};
  const SpecJudge judge(*spec, options.compositions, *intents, {{}, !options.deep, options.stop});
  if (!judge.problem().empty()) return "the right specification: " + judge.problem();
  try_each(options, sample(all, options.sample, options.seed), tried.spec.table, [&](const SpecMutant& mutant) {
    const SpecKill kill = judge.judge(mutant);
    return Fallen{static_cast<std::size_t>(kill.killer), name_of(kill.killer)};
  });
  return {};
}

void try_code(const RunOptions& options, const std::vector<CodeMutant>& all, Tried& tried) {
  CodeJudgeOptions judging;
  if (options.deep) judging.suite = options.suite;
  if (!options.deep) judging.worlds = kFewWorlds;
  try_each(options, all, tried.code.table, [&](const CodeMutant& mutant) {
    const CodeKill kill = judge(mutant, judging);
    const std::size_t column = kill.killer == CodeKiller::none ? kCodeKillers.size() : static_cast<std::size_t>(kill.killer);
    return Fallen{column, name_of(kill.killer)};
  });
}

std::string try_codec(const RunOptions& options, const std::vector<CodecMutant>& all, Tried& tried) {
  VectorsByDocument vectors;
  std::error_code error;
  for (const auto& protocol : std::filesystem::directory_iterator(options.root / "vectors/generated", error)) {
    auto loaded = vectors::load_codec_folder(protocol.path());
    if (!loaded) return loaded.error();
    for (vectors::CodecVector& vector : *loaded) vectors[document_of(vector)].push_back(std::move(vector));
  }
  if (error) return "vectors/generated: " + error.message();
  try_each(options, all, tried.code.table, [&](const CodecMutant& mutant) {
    const bool lives = disagreement(mutant, vectors).empty();
    return Fallen{lives ? kCodeKillers.size() : kCodeKillers.size() - 1, lives ? "survived" : "vectors"};
  });
  return {};
}

// A sample takes as many of the codec as of the rest, and of the rest as many rows as others: rows are thousands, and alike.
std::vector<CodeMutant> chosen(const RunOptions& options, std::vector<CodeMutant> all) {
  if (options.sample >= all.size()) return all;
  std::vector<CodeMutant> rows, others;
  for (CodeMutant& mutant : all) (mutant.place == Place::row ? rows : others).push_back(std::move(mutant));
  rows = sample(std::move(rows), options.sample / 2, options.seed);
  others = sample(std::move(others), options.sample - options.sample / 2, options.seed);
  rows.insert(rows.end(), std::make_move_iterator(others.begin()), std::make_move_iterator(others.end()));
  return rows;
}

std::string try_all_code(const RunOptions& options, Tried& tried) {
  auto all = code_mutants();
  auto codec = codec_mutants();
  if (!options.deep) tried.for_suites = std::erase_if(all, needs_suites);
  tried.code.size = all.size() + codec.size();
  if (!options.try_code) return {};
  try_code(options, chosen(options, std::move(all)), tried);
  return try_codec(options, sample(std::move(codec), options.sample, options.seed), tried);
}

void compare(const Population& population, const char* name, bool by_suites, std::vector<std::string>& wrong) {
  for (const std::string& each : population.table.compare(population.classified, population.all, by_suites)) wrong.push_back(std::string(name) + ": " + each);
}

// Shares are asked of whole populations: of a sample they would be luck.
void compare_shares(const Tried& tried, std::vector<std::string>& wrong) {
  const KillTable& spec = tried.spec.table;
  if (spec.mutants() + tried.code.table.mutants() == 0) return wrong.emplace_back("nothing was tried"), void();
  if (!tried.spec.all) return;
  if (spec.killed() * 1000 < spec.mutants() * kPermilleKilled) wrong.emplace_back("fewer than 90 % of the specification's mutants are killed");
  if (spec.killed_without_golden() * 1000 < spec.mutants() * kPermilleWithoutGolden)
    wrong.emplace_back("fewer than 60 % of the specification's mutants are killed without golden numbers");
}

}  // namespace

std::vector<std::string> mutated_protocols(const spec::Spec& spec, const std::vector<Intent>& intents) {
  std::set<std::string> machines, protocols;
  for (const Intent& intent : intents)
    for (const IntentStep& step : intent.steps) machines.insert(step.machine);
  for (const spec::Machine& machine : spec.machines)
    if (machines.contains(machine.id)) protocols.insert(machine.protocol);
  return {protocols.begin(), protocols.end()};
}

Tried run(const RunOptions& options) {
  Tried tried{{}, {KillTable("Mutants of the specification", spec_columns()), {}, 0, false}, {KillTable("Mutants of the code", code_columns()), {}, 0, false}, 0, 0, false, {}};
  tried.problem = try_spec(options, tried);
  if (tried.problem.empty()) tried.problem = try_all_code(options, tried);
  if (tried.problem.empty()) tried.problem = classify(options, "spec_survivors.txt", tried.spec);
  if (tried.problem.empty()) tried.problem = classify(options, "code_survivors.txt", tried.code);
  if (!tried.problem.empty()) return tried;
  for (Population* one : {&tried.spec, &tried.code}) one->all = one->table.tried() == one->size;
  tried.all = (tried.spec.all || !options.try_spec) && (tried.code.all || !options.try_code);
  compare(tried.spec, "spec_survivors.txt", false, tried.wrong);
  compare(tried.code, "code_survivors.txt", options.deep && options.suite.there(), tried.wrong);
  compare_shares(tried, tried.wrong);
  return tried;
}

}  // namespace quickpay::killtables
