#include "tools/killtables/simulated.hpp"

#include <array>

#include "reference/sim/campaign/search.hpp"

namespace quickpay::killtables {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kPurchases = 3;

/// One world without accidents.
struct Quiet {
  std::uint8_t players;
  sim::Settles settles;
  bool authenticated;
};
constexpr std::array<Quiet, 6> kQuiet = {{{0, sim::Settles::no, false},
                                          {7, sim::Settles::no, false},
                                          {7, sim::Settles::plainly, false},
                                          {0, sim::Settles::no, true},
                                          {0, sim::Settles::past_the_host, false},
                                          {0, sim::Settles::past_the_host, true}}};

// One purchase of each kind of goods, and time for each to end.
sim::Script script_of(const Quiet& quiet) {
  sim::Script script;
  script.seed = kSeed;
  script.players = quiet.players;
  script.settles = quiet.settles;
  script.authenticated = quiet.authenticated;
  for (std::uint8_t kind = 0; kind < kPurchases; ++kind)
    script.actions.push_back({sim::Act::buy, 0, static_cast<std::uint8_t>(2 * kind)});
  return script;
}

}  // namespace

std::string what_goes_wrong(const sim::Sown& sown, std::size_t worlds, bool money) {
  for (const Quiet& quiet : kQuiet) {
    if (!money && quiet.settles != sim::Settles::no) continue;
    const sim::Played played = sim::play(script_of(quiet), sown);
    if (!played.wrong.empty()) return played.wrong;
    if (played.deliveries != kPurchases)
      return std::to_string(played.deliveries) + " of " + std::to_string(kPurchases) + " purchases without faults brought goods";
  }
  const sim::Search found = sim::search(kSeed, worlds, sown, {}, 0);
  return found.miss ? found.miss->wrong : "";
}

}  // namespace quickpay::killtables
