// L7: a sample of both populations is killed as the whole populations are, killers that are switched off leave survivors, and
// what changes nothing is not killed.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "statemachines/composition/generated/all.hpp"
#include "tools/killtables/run.hpp"
#include "tools/killtables/sample.hpp"
#include "tools/speccompiler/loader/loader.hpp"

namespace quickpay::killtables {
namespace {

std::uint64_t seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261126;
  std::cout << "QP_SEED=" << value << "\n";
  return value;
}

std::string read(const char* path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const spec::Spec& written() {
  static const spec::Spec spec = *spec::load_spec("spec/quickpay-1.0");
  return spec;
}

const std::vector<Intent>& pinned() {
  static const std::vector<Intent> intents = *parse_intents(read("tools/killtables/intents.txt"));
  return intents;
}

std::vector<SpecMutant> pinned_mutants() { return spec_mutants(written(), mutated_protocols(written(), pinned())); }

template <class Mutants>
void expect_distinct(const Mutants& mutants, std::size_t least) {
  EXPECT_GE(mutants.size(), least);
  std::set<std::string> ids;
  for (const auto& mutant : mutants) EXPECT_TRUE(ids.insert(mutant.id).second) << mutant.id;
}

TEST(Populations, AreLargeAndNamed) {
  expect_distinct(pinned_mutants(), 2500);
  expect_distinct(code_mutants(), 300);
  expect_distinct(codec_mutants(), 300);
}

TEST(Populations, ASampleStands) {
  RunOptions options;
  options.sample = 25;
  options.seed = seed();
  options.compositions = statemachines::compositions::all();
  Tried tried = run(options);
  EXPECT_EQ(tried.problem, "");
  EXPECT_EQ(tried.spec.table.tried(), 25U);
  EXPECT_EQ(tried.code.table.tried(), 50U);
  EXPECT_FALSE(tried.all);
  for (const std::string& wrong : tried.wrong) ADD_FAILURE() << wrong;
  for (const std::string& wrong : outdated(read("docs/kill-tables.md"), tried)) ADD_FAILURE() << wrong;
  // Twin: the published document is compared.
  EXPECT_FALSE(outdated("", tried).empty());
  // What was not tried as a whole is not published anew.
  const std::string kept = document(tried, 1, "# Kill tables\n\n## Mutants of the code\n\nas it was\n");
  EXPECT_NE(kept.find("as it was"), std::string::npos);
  EXPECT_NE(kept.find("Not tried yet."), std::string::npos);
  std::cout << tried.spec.table.text() << tried.code.table.text();
}

std::size_t alive(std::set<SpecKiller> off, const std::vector<SpecMutant>& mutants) {
  SpecJudge judge(written(), {}, pinned(), {std::move(off), true, nullptr});
  EXPECT_EQ(judge.problem(), "");
  std::size_t count = 0;
  for (const SpecMutant& mutant : mutants) count += judge.judge(mutant).killer == SpecKiller::none ? 1 : 0;
  return count;
}

/// Without those of which it is known, and said why, that nothing notices them.
std::vector<SpecMutant> targets() {
  auto all = pinned_mutants();
  const std::string known = read("tools/killtables/spec_survivors.txt");
  std::erase_if(all, [&](const SpecMutant& one) {
    return one.op != "wrong-target" || known.find("\n" + one.id + " | ") != std::string::npos;
  });
  return sample(std::move(all), 100, 1);
}

// Twins: a killer that is switched off leaves survivors. (No worlds here: it is about the scenarios.)
TEST(KillersTwin, SpecMutantsLiveWithoutTheirKiller) {
  const auto all = targets();
  EXPECT_EQ(alive({}, all), 0U);
  const std::size_t without = alive({SpecKiller::scenario, SpecKiller::sim}, all);
  EXPECT_GE(4 * without, 3 * all.size()) << without << " of " << all.size();
}

TEST(KillersTwin, WorldsKillWithoutScenarios) {
  SpecJudge judge(written(), statemachines::compositions::all(), pinned(), {{SpecKiller::scenario, SpecKiller::sim}, true, nullptr});
  ASSERT_EQ(judge.problem(), "");
  std::set<SpecKiller> killers;
  for (const SpecMutant& mutant : pinned_mutants())
    if (mutant.id == "broker.order:repeat-effect:B20:4" || mutant.id == "vendor.order:wrong-target:V8:UNSURE" ||
        mutant.id == "broker.order:drop-effect:B20:3")
      killers.insert(judge.judge(mutant).killer);
  EXPECT_TRUE(killers.contains(SpecKiller::property));
  EXPECT_FALSE(killers.contains(SpecKiller::none));
}

// Role cores carry effects out by their numbers: a mutant's effects have those of the right machine, whatever comes first now.
TEST(KillersTwin, CoresDoWhatTheMutantSays) {
  const SpecJudge judge(written(), {}, pinned(), {{SpecKiller::scenario}, true, nullptr});
  ASSERT_EQ(judge.problem(), "");
  std::size_t judged = 0;
  for (const SpecMutant& mutant : pinned_mutants()) {
    const bool sends_nothing = mutant.id == "vendor.batch:swap-effects:T1:1";  // the batch is sent before it is made
    const bool alarms_first = mutant.id == "vendor.batch:swap-effects:T6:1";
    if (!sends_nothing && !alarms_first) continue;
    ++judged;
    EXPECT_EQ(judge.judge(mutant).killer, sends_nothing ? SpecKiller::sim : SpecKiller::none) << mutant.id;
  }
  EXPECT_EQ(judged, 2U);
}

CodeMutant code_mutant(std::string_view id) {
  for (CodeMutant& mutant : code_mutants())
    if (mutant.id == id) return std::move(mutant);
  ADD_FAILURE() << id;
  return {};
}

TEST(KillersTwin, CodeMutantsLiveWithoutTheirKiller) {
  const CodeMutant row = code_mutant("row:broker.order:drop-row:B20");
  EXPECT_EQ(judge(row, {{}, {}, 1}).killer, CodeKiller::steps);
  EXPECT_EQ(judge(row, {{CodeKiller::steps}, {}, 1}).killer, CodeKiller::none);
  const CodeMutant funds = code_mutant("believes:broker.order:funds_suffice");
  EXPECT_EQ(judge(funds, {{}, {}, 1}).killer, CodeKiller::lives);
  EXPECT_EQ(judge(funds, {{CodeKiller::lives}, {}, 0}).killer, CodeKiller::none);
}

// Twin: whoever kills what changes nothing would make every table worthless.
TEST(KillersTwin, WhatChangesNothingSurvives) {
  for (const CodeMutant& mutant : controls()) {
    const CodeKill kill = judge(mutant, {{}, {}, 2});
    EXPECT_EQ(kill.killer, CodeKiller::none) << mutant.id << ": " << name_of(kill.killer) << ", " << kill.what;
  }
}

TEST(Samples, AreDecidedByTheirSeed) {
  const auto id = [](std::uint64_t which) { return sample(spec_mutants(written()), 3, which)[0].id; };
  EXPECT_EQ(id(1), id(1));
  EXPECT_NE(id(1) + id(2), id(3) + id(4));
}

}  // namespace
}  // namespace quickpay::killtables
