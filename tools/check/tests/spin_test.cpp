// Spin goes red when the explorer counted otherwise, and when a property fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <tuple>

#include "statemachines/all/generated/all.hpp"
#include "tools/check/spin_run.hpp"
#include "tools/check/tests/options.hpp"

namespace quickpay::check {
namespace {

using namespace statemachines;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kWorld = "registration-network-lies-F";  // small, and with failures that it must have

/// What Spin says of one explored world: of the generated Promela first, then of the compiled machines.
std::vector<std::vector<std::string>> said(const Explored& explored) {
  Options options = options_with(all::machines());
  options.machines_in_spin = QP_MACHINES_IN_SPIN;
  Evidence evidence;
  evidence.explored.push_back(explored);
  check_spin(options, {}, evidence);
  std::vector<std::vector<std::string>> wrong;
  for (const Claim& claim : evidence.claims) wrong.push_back(claim.wrong);
  return wrong;
}

TEST(CheckSpin, CountsAsTheExplorerDoes) { EXPECT_THAT(said(explore_one(options_with(all::machines()), kWorld)), ElementsAre(IsEmpty(), IsEmpty())); }

TEST(CheckSpin, ACountThatDiffersIsNoticed) {
  Explored explored = explore_one(options_with(all::machines()), kWorld);
  ++explored.result.found.states;
  const auto differs = ElementsAre(HasSubstr("states, the explorer has " + std::to_string(explored.result.found.states)));
  EXPECT_THAT(said(explored), ElementsAre(differs, differs));
}

// The same world, of which it is not known that it must fail: only the Promela has the properties.
TEST(CheckSpin, APropertyThatFailsIsNoticed) {
  Explored explored = explore_one(options_with(all::machines()), kWorld);
  ConfigurationInfo honest = *explored.configuration;
  const std::string_view others[] = {"P-GONE-REMOVED", "P-REMOVAL-WANTED"};
  honest.fails = others;
  explored.configuration = &honest;
  EXPECT_THAT(said(explored), ElementsAre(ElementsAre(HasSubstr("Spin reports an error")), IsEmpty()));
}

// A verifier that gave up says "errors: 0", too: for want of memory, or of depth.
TEST(CheckSpin, ASearchThatGaveUpHasNotFinished) {
  const Scratch scratch;
  std::ofstream(scratch.path() / "count.pml") << "active proctype count() { int x; do :: x < 200000 -> x++ :: break od }\n";
  const auto searched = [&](const std::string& defines, const std::string& options) {
    return shell("cd " + quoted(scratch.path()) + " && spin -a count.pml && tcc -w" + defines + " -o pan pan.c && ./pan -w12 " + options + " 2>&1").text;
  };
  for (const auto& [defines, options, finishes] : {std::tuple("", "-m201000", true), std::tuple(" -DMEMLIM=16", "-m201000", false), std::tuple("", "-m100", false)}) {
    const std::string text = searched(defines, options);
    EXPECT_THAT(text, HasSubstr("errors: 0")) << options;
    EXPECT_GT(stored(text), 0U) << defines << options;
    EXPECT_EQ(is_finished(text), finishes) << defines << options << text;
  }
}

}  // namespace
}  // namespace quickpay::check
