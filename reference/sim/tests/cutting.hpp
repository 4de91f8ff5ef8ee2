// The power of one player, cut at one write after the other.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"
#include "reference/sim/tests/support.hpp"

namespace quickpay::sim {

inline constexpr std::int64_t kDowntimeMs = 3000;

/// One player keeps its ledger on a disk that forgets, all others keep theirs in memory. Outlives its world.
class Cutting {
 public:
  /// `role`: of the player. `lazy`: it acknowledges before it has flushed, which has to be found.
  Cutting(std::string role, bool lazy) : victim_(std::move(role)), disk_(0), lazy_(lazy) {}

  /// The options of a world with that player in it.
  WorldOptions with(WorldOptions options) {
    options.configure = [this, before = options.configure](roles::NodeConfig& config) {
      if (before) before(config);
      if (victim_ == config.role) victim_ = config.id;
    };
    options.open_ledger = [this](const std::string& id) -> std::unique_ptr<ledger::Ledger> {
      if (id != victim_) return std::make_unique<MemoryLedger>();
      auto opened = ledger::open_sqlite("ledger.db", disk_.vfs_name());
      if (!opened) return std::make_unique<MemoryLedger>();
      if (lazy_) return std::make_unique<ledger::LazyLedger>(std::move(*opened));
      return std::move(*opened);
    };
    return options;
  }

  /// The power fails at this write from now on, counted from 1 (negative: never), and comes back.
  void begin(World& world, int cut) {
    world.on_stopped = [this, &world](Site&) { recover_later(world); };
    before_ = disk_.writes();
    if (cut >= 0) disk_.cut_at(before_ + cut);
  }

  bool was_cut() const { return cuts_ > 0; }
  /// Since begin().
  int writes() const { return disk_.writes() - before_; }

 private:
  void recover_later(World& world) {
    ++cuts_;
    world.later(kDowntimeMs, [this, &world] {
      disk_.power_on();
      world.restart(victim_);
      Site& site = world.site(victim_);
      if (site.node) world.act(site, [](roles::Node& node) { node.show_offers(); });
    });
  }

  std::string victim_;
  ledger::ForgetfulDisk disk_;
  bool lazy_;
  int cuts_ = 0;
  int before_ = 0;
};

/// Plays `make(cut)`, which has run(), verdict() and cutting(), without a cut and then with one at every `step`-th write. What is
/// wrong with a run goes to `wrong`; how many were cut comes back.
template <class Make>
int cut_everywhere(const std::string& label, int step, std::vector<std::string>& wrong, Make make) {
  auto whole = make(-1);
  whole->run();
  if (!whole->verdict().empty()) wrong.push_back("without a cut: " + whole->verdict());
  int cuts = 0;
  for (int n = 1; n <= whole->cutting().writes(); n += step) {
    auto one = make(n);
    one->run();
    cuts += one->cutting().was_cut();
    const std::string found = one->verdict();
    if (!found.empty()) wrong.push_back("cut at write " + std::to_string(n) + ": " + found);
  }
  std::printf("%s: %d writes, %d cuts, %zu wrong\n", label.c_str(), whole->cutting().writes(), cuts, wrong.size());
  return cuts;
}

}  // namespace quickpay::sim
