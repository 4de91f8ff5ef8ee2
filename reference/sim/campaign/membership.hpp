// The goals of registration as what can be seen in ledgers and on the network of a simulated world.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "reference/sim/campaign/newcomers.hpp"
#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// AD1 no identifier twice, AD2 no place of two Vendors, AD3 who was removed stays so, AD4 no key listed that its owner did not show and prove so, AD5 at
/// rest a player and the Host say the same of it, AD6 one Broker a code, and none without.
class Membership {
 public:
  Membership(World& world, const Newcomers& newcomers) : world_(world), newcomers_(newcomers) {}

  /// What is wrong after an input of a player, or nothing.
  std::string look(Site& site);
  /// What is wrong when everything had time to end.
  std::string look_at_the_end();
  /// Newcomers that got an identifier.
  std::size_t registered();

 private:
  void overhear();
  std::string look_at_ids();
  std::string look_at_host();
  std::string look_at_places(const ledger::Record& member);
  std::string look_at_keys(const ledger::Record& member);
  std::string look_at_newcomer(Site& site);
  std::string look_at_member(Site& site, const ledger::Record& own, const ledger::Record* member);

  World& world_;
  const Newcomers& newcomers_;
  std::size_t heard_ = 0;
  std::vector<ledger::Record> members_;  ///< of the Host, as they were looked at last
  std::set<std::string> read_;     ///< MsgIds of what was opened
  std::set<std::string> shown_;    ///< keys as nodes proved them: what a directory says of them
  std::set<std::string> codes_;    ///< right ones, that Brokers named
  std::set<std::string> removed_;  ///< ids
  std::map<std::string, std::string> taken_;  ///< by place: the Vendor that has it, in the look that is under way
};

}  // namespace quickpay::sim
