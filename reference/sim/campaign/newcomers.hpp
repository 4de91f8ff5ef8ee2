// Players that register at the Host while others buy, what their owners want of it, and who writes such requests in their name.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "reference/crypto/random.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Does what owners of newcomers want: they register, with a place, a network or a code that is right or not, change that, and leave; the Host's owner
/// strikes one off. What somebody else writes is what a newcomer's node has sent, with one thing in it that is otherwise, from its address.
class Newcomers {
 public:
  Newcomers(World& world, const Script& script);

  void act(const Joining& joining);
  /// The user of a player was told something.
  void told(const Site& at, const roles::UserEvent& event);
  /// What a newcomer does otherwise than it should: sometimes one of them gives a wrong secret to who probes it. Null: nothing.
  std::unique_ptr<roles::Deviation> lies_of(const std::string& name);

  /// Called when the Host's owner strikes a player off.
  std::function<void(const std::string& id)> struck;
  /// Ids of those that its owner struck off.
  const std::set<std::string>& struck_off() const { return struck_off_; }
  /// Where a newcomer is to be found, as its owner was told last.
  const std::map<std::string, std::vector<roles::Endpoint>>& places() const { return places_; }

 private:
  void enrol(Site& site, unsigned what);
  void change(Site& site, unsigned what);
  void leave(Site& site);
  void crash(const std::string& name, unsigned what);
  void strike_off(Site& site);
  void pretend(const std::string& name, unsigned what);
  std::string spoilt(const Sent& sent, unsigned what);
  std::vector<roles::Endpoint> first_place(const Site& site, unsigned what);
  std::vector<roles::Endpoint> new_places(const Site& site, unsigned what);
  void use(const Site& site, const roles::Endpoint& shared);
  std::string fresh_id();

  World& world_;
  const Script& script_;
  crypto::SeededRandom random_;  ///< of its own: nothing else is drawn otherwise
  std::map<std::string, roles::Wanted> wanted_;
  std::map<std::string, std::vector<roles::Endpoint>> places_;
  std::set<std::string> struck_off_;
  bool lies_ = false;
};

}  // namespace quickpay::sim
