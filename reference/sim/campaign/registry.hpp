// What an onlooker knows of players that register at the Host.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/directory.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

struct Sight;

/// Who asked for what, by messages; what became of it, by the steps of the Host's machines; whom its owner struck off.
struct Registry {
  /// What a Vendor asks for, until it is decided.
  struct Wish {
    std::string msg_id, tag;
    std::vector<roles::Endpoint> places, probed, rest;  ///< named; to be probed; of these the one that is probed now, and those after it
  };

  /// A message was sent.
  void overhear(const Sent& sent);
  /// A step of the Host's was taken.
  void learn(const Sight& sight);

  /// The places that a Vendor has in the directory.
  std::vector<roles::Endpoint> places_of(World& world, const std::string& vendor) const;
  /// Whether a Vendor other than this one has the place.
  bool is_taken(World& world, const roles::Endpoint& place, const std::string& vendor) const;
  /// The address from which the request came.
  std::string source(World& world, const std::string& msg_id) const;

  std::map<std::string, std::string> sender;                    ///< by MsgId: the player at whose address the request was written
  std::map<std::string, msg::RegisterWalletInner> wallets;      ///< what is in requests, by MsgId
  std::map<std::string, msg::UpdateWalletInner> moves;
  std::map<std::string, msg::RegisterBrokerInner> brokers;
  std::set<std::string> shown;                                  ///< keys as their owners' nodes showed them, with their proofs, as they are written
  std::set<std::string> changes;                                ///< BrokerChanges that nodes sent, as they are written
  std::map<std::string, std::string> tags, nonces;              ///< ProbeTag that a newcomer sent last; Nonce of a Vendor's last Probe
  std::map<std::string, Wish> wishes;                           ///< by Vendor
  std::map<std::string, std::vector<roles::Endpoint>> places;   ///< by Vendor that registered
  std::map<std::string, std::set<std::string>> keys;            ///< by Broker that registered: KeyIds to sign with
  std::map<std::string, std::int64_t> changed_ms;               ///< by Broker: the last change
  std::set<std::string> removed, codes;                         ///< players that left or were struck off; codes that were used
};

}  // namespace quickpay::sim
