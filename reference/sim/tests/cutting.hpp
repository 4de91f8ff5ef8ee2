// The power of one player, cut at one write after the other.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "reference/ledger/testing/cuts.hpp"
#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"
#include "reference/sim/tests/support.hpp"

namespace quickpay::sim {

inline constexpr std::int64_t kDowntimeMs = 3000;

using ledger::cut_everywhere;

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

}  // namespace quickpay::sim
