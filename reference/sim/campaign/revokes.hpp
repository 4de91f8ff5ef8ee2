// Vendors that take orders back, and others who say so in their name.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "reference/codec/generated/messages.hpp"
#include "reference/crypto/random.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Does what operators of Vendors do to take orders back, and what whoever lies can write of it: who is on the path a revoke from the Vendor's
/// address, or the Broker's answer to one; a Wallet the same from its own address; a Vendor one without its signature, of an order that it claims; a
/// Broker the notice of one that nobody made. In profile H none of these has a right Auth that is not its own to make.
class Revokes {
 public:
  /// `liar`: id of the player that is one, or empty.
  Revokes(World& world, const Script& script, const std::string& liar);

  /// The operator of this Vendor takes one of its orders back; `what` chooses which. A micropayment is refused.
  void take_back(const std::string& vendor, unsigned what);
  /// Every Vendor takes some of its orders back.
  void take_some_back();
  /// Somebody says so in the name of this Vendor; where nobody lies it does so itself.
  void forge(const std::string& vendor, unsigned what);
  /// The same of some orders of each Vendor, if anybody lies.
  void forge_some();
  /// Each Vendor contests before the Host what it did not take back, as the alerts in its mailbox tell it.
  void contest_others();
  /// Digests of orders that their Vendors asked to take back.
  const std::set<std::string>& asked() const { return asked_; }

 private:
  void ask_for(const std::string& vendor, const ledger::Record& claim);
  msg::Revoke made_up(const msg::OrderRef& ref, const ledger::Record& claim);
  template <class T>
  void write(const std::string& from, const std::string& sender, const std::string& to, T request, const std::string& path);
  std::optional<std::string> instead_of(const std::string& path, const std::string& body);
  std::string fresh_id();
  unsigned drawn();

  World& world_;
  const Script& script_;
  const std::string& liar_;
  crypto::SeededRandom random_;  ///< of its own: nothing else is drawn otherwise
  std::set<std::string> asked_;
  std::uint64_t answered_ = 0;  ///< requests that somebody on the path saw
  std::map<std::string, int> lies_;  ///< by RevokeId: requests that he answered
};

/// What `inner` does, and the Vendor's revokes leave without their signature, as profile F admits. `inner` may be null.
std::unique_ptr<roles::Deviation> without_signature(std::unique_ptr<roles::Deviation> inner);

}  // namespace quickpay::sim
