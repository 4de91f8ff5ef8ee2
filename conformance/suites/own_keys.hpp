// The words of the suites for keys at Brokers, Vendors and Wallets: an implementation whose owner has it publish, withdraw and
// renew its keys, before a Host that lists and gives them.
#pragma once

#include <optional>
#include <string>

#include "conformance/suites/shopper.hpp"

namespace quickpay::conformance {

/// One of the three things that an owner can want of a key.
struct KeyDeed {
  const char* op;       ///< of the adapter
  const char* message;  ///< to the Host
  int row;              ///< number of the row of broker.keys that sends it
};
inline constexpr KeyDeed kPublishing{"publish-key", "PublishKey", 1};
inline constexpr KeyDeed kTakingBack{"withdraw-key", "WithdrawKey", 5};
inline constexpr KeyDeed kRenewing{"renew-key", "GetPairKey", 8};

/// The keys of the one under test.
class OwnKeys {
 public:
  explicit OwnKeys(Session& session) : shopper(session), session_(session), world_(session.world()) {}

  Shopper shopper;

  World& world() { return world_; }
  Peer& host() { return *shopper.host(); }
  /// KeyId of the key that it signs with when the session begins.
  std::string own() const;
  /// Of the one that follows (complete_own_keys), which nobody lists.
  static std::string successor();

  /// As its owner wants it: the successor is published, its own key withdrawn, and the key with the Host renewed.
  IutResult<CallId> begin(const KeyDeed& deed);
  IutResult<CallId> begin_publish(const std::string& key_id);
  IutResult<CallId> begin_withdraw(const std::string& key_id, const std::string& reason = "replaced");
  IutResult<CallId> begin_renew(const std::string& peer);
  IutResult<Outcome> finish(const IutResult<CallId>& call) { return shopper.finish(call); }
  IutResult<Outcome> does(const KeyDeed& deed) { return finish(begin(deed)); }
  /// All scripts cleared, the successor is listed, or was before.
  bool publishes();

  /// Begins a deed whose request the Host keeps until scripts are cleared. Nothing: it did not come.
  std::optional<IutResult<CallId>> waits(const KeyDeed& deed);
  /// The Host has answered that message, from that entry on, with this code.
  bool answered(const std::string& message, const std::string& code, std::size_t from = 0);
  /// The last request of that message; without a name: none.
  Element last(const std::string& message);
  /// Publishes, and says under which epoch; empty: in no way, or without a code.
  std::string spoken_epoch();

 private:
  Session& session_;
  World& world_;
};

/// Where its machine of keys has that row: `T<n>` of broker.keys, and its fellows.
std::string key_row(const std::string& role, int of_broker);

// ---- arrangements

inline constexpr const char* kSpareKey = "newcomer-seal";  ///< name of a test key
/// The directory lists a second key with which it signs, so that one is left when the other is withdrawn.
void spare_key(WorldPlan& plan);
inline constexpr const char* kThirdKey = "stranger";  ///< name of a test key
/// It has a third key, which is good long after the successor and which nobody lists.
void third_key(WorldPlan& plan);
/// Its one key to sign has never been listed: it is the first.
void never_listed(WorldPlan& plan);
/// The key with the Host ends so many seconds after T_dir from now.
Arrange ends_after_t_dir(std::int64_t seconds);

/// Publishing, withdrawing and renewing, whatever the Host says.
void add_own_keys(Suite& suite);
/// What an owner is refused.
void add_own_key_refusals(Suite& suite);

}  // namespace quickpay::conformance
