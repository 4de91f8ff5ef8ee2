// The words of the Host's suite for keys: a player that publishes and withdraws keys, and asks for those that it shares.
#pragma once

#include <cstdint>
#include <string>

#include "conformance/suites/newcomer.hpp"

namespace quickpay::conformance {

/// A key that is taken back.
struct TakenBack {
  std::string name = {};    ///< of the test key; empty: the one that signs
  std::int64_t from_s = 0;  ///< from now
  std::string signer = {};  ///< of a test key; empty: the one that signs changes
  std::string purpose = "key-withdrawal";
};

/// A player that the Host's owner has listed, at the Host under test.
class KeyOwner {
 public:
  KeyOwner(Session& session, const std::string& who);

  std::string id;
  std::string signer;  ///< name of the test key with which it signs changes; empty: it signs none
  World& world() { return world_; }
  Session& session() { return session_; }

  /// The key with its proof. A key without usage is one to sign.
  Element key(const BroughtKey& key);
  /// A change that lists it, signed by `signer`.
  Element change(Element key) const;
  Sending publishing(Element change) { return sending("PublishKey", std::move(change)); }
  /// The whole way; what a QP-OK lists is listed from then on.
  Reply publishes(const BroughtKey& key);

  Element withdrawal(const TakenBack& back) const;
  Sending withdrawing(Element withdrawal) { return sending("WithdrawKey", std::move(withdrawal)); }
  Reply withdraws(const TakenBack& back);
  /// The Host took this withdrawal: so the plan says from now on.
  void took_back(const Element& withdrawal);

  /// What is sealed in a question for its own key, or for that with a Broker.
  Element wish(const std::string& peer = {}) const;
  Sending asking(const Element& inner);
  /// Asks; what a QP-OK gives is shared from then on. `epoch`: whose code the request has; 0: of the last one.
  Reply asks(const std::string& peer = {}, std::int64_t epoch = 0);
  /// What that answer gives is shared from then on.
  void heard(const Sending& asked, const Reply& reply, const std::string& peer = {});
  Element given;  ///< the Shared of the last answer; without a name: none

  /// The request with the code of that epoch, in profile H.
  Sending under(std::int64_t epoch, Sending sending) const;

 private:
  Sending sending(const std::string& message, Element body) const;
  void keep(const std::string& peer);
  Session& session_;
  World& world_;
};

/// The KeyId of a test key.
std::string key_id_of(const std::string& name);
/// The key that the Host shares with that player in the first epoch ends so many seconds after the session begins.
void ends_in(WorldPlan& plan, const std::string& player, std::int64_t seconds);
/// The directory lists this test key for a player, too.
void lists(WorldPlan& plan, const std::string& player, const std::string& name, const std::string& usage = "sign");
/// It lists no key of the player.
void lists_none(WorldPlan& plan, const std::string& player);
/// A plain transaction: somebody else has a key listed.
bool publishes_another(Session& session);

}  // namespace quickpay::conformance
