// What replies, notices to users and waiting requests a step says it made, and whether they were made (L6).
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "reference/roles/trace.hpp"
#include "reference/sim/world.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::sim {

/// Effects that show outside of their record: an answer on the network, a word to the user, a request that waits.
class Deeds {
 public:
  explicit Deeds(World& world) : world_(world) {}

  /// Takes in one step of the input that is looked at.
  void take(const statemachines::MachineTable& table, const roles::TraceLine& line);
  /// The input is over. What is wrong, or nothing; begins anew.
  std::string look(Site& site);
  /// "broker.order.reply QP-OK" → times that it was compared.
  std::map<std::string, std::size_t> compared = {};

 private:
  struct Deed {
    std::string id, machine, key, word;  ///< word: code, or text
  };
  std::string look_at_replies(const Site& site);
  std::string look_at_words(const Site& site);
  std::string look_at_waiting(Site& site);

  World& world_;
  std::vector<Deed> replies_, words_, waiting_;
  std::size_t heard_ = 0;                       ///< of all that was sent
  std::map<std::string, std::size_t> told_;     ///< of what each player's user was told
};

}  // namespace quickpay::sim
