// What each protocol beside micropayment is at a player. A class here is all that others see of such a part, and by itself
// it is the part of a build without the protocol: it answers nothing, holds nothing and does not serve its owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/roles/node.hpp"
#include "reference/roles/stage.hpp"

namespace quickpay::roles {

class Fees;
class Members;

/// What an owner is told of a protocol that is not served.
inline tl::unexpected<Refusal> not_served() { return tl::unexpected(Refusal{"not-served"}); }

/// One protocol at one player.
class Part {
 public:
  Part() = default;
  virtual ~Part() = default;
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  /// Answers a request of the protocol; false: it is of another one.
  virtual bool serve(Request& request) { return static_cast<void>(request), false; }
};

/// The own keys of a Broker, Vendor or Wallet (protocol keys).
class OwnKeys : public Part {
 public:
  /// Takes the shared keys that came and leaves those alone that were withdrawn before this node began.
  virtual void recall_keys() {}
  /// See Node::publish_key().
  virtual tl::expected<void, Refusal> publish(std::string_view) { return not_served(); }
  /// See Node::withdraw_key().
  virtual tl::expected<void, Refusal> withdraw(std::string_view, std::string_view, std::int64_t) { return not_served(); }
  /// See Node::renew_key().
  virtual tl::expected<void, Refusal> renew(std::string_view) { return not_served(); }
  /// At the end of every unit: asks for the key of the next epoch where the last one ends within T_dir (QP-ADD-21).
  virtual void renew_due() {}
};

/// A machine of a Wallet with which its user speaks; null where the build has not got it.
class WalletPart : public Part {
 public:
  virtual Actor* machine() { return nullptr; }
  /// Says again what waits for the user.
  virtual void show(Turn&) {}
};

/// A Wallet's regular orders (protocol regular).
using WalletPurchases = WalletPart;

/// The Paycards that a Wallet's user adds (protocol paycard).
class WalletAdditions : public WalletPart {
 public:
  /// The user names an issue code. The key of the record.
  virtual tl::expected<std::string, Refusal> add(const UserInput&) { return not_served(); }
  /// The user gives an added Paycard up.
  virtual tl::expected<void, Refusal> remove(std::string_view) { return not_served(); }
};

/// A Broker, Vendor or Wallet that registers itself (protocol registration).
class OwnRegistration : public Part {
 public:
  /// Takes the name and the key that the Host gave before this node began.
  virtual void recall_name() {}
  /// The owner's `event`: register | change | leave. Refused: see Node::register_self().
  virtual tl::expected<void, Refusal> act(std::string_view, Wanted) { return not_served(); }
};

/// A Vendor's claims (protocol settlement), named by the keys of their orders.
class VendorClaims : public Part {
 public:
  /// Makes the batches that are due; says how many.
  virtual tl::expected<std::size_t, Refusal> run() { return not_served(); }
  virtual tl::expected<void, Refusal> withdraw(std::string_view) { return not_served(); }
  virtual tl::expected<void, Refusal> contest(std::string_view) { return not_served(); }
};

/// The orders that a Vendor takes back (protocol revoke).
class VendorRevokes : public Part {
 public:
  /// The operator takes the order of this key back. Refused: not-served, no-signing-key (profile H), unknown-order,
  /// out-of-state.
  virtual tl::expected<void, Refusal> revoke(std::string_view, msg::RevokeReason) { return not_served(); }
  /// Whether the Vendor has revoked the order of this key, and the Broker did not turn it down.
  virtual bool revoked(std::string_view) { return false; }
};

/// The regular orders to which a Broker has committed itself (protocol regular).
class BrokerCommitments : public Part {
 public:
  /// The record of the order of this key; nothing if there is none.
  virtual std::optional<ledger::Record> order_of(std::string_view) { return std::nullopt; }
};

/// The revokes that a Broker has taken (protocol revoke).
class BrokerRevokes : public Part {
 public:
  /// Whether the order of this key has a revoke that waits here.
  virtual bool held(std::string_view) { return false; }
  /// For how long a revoke of the order has been held until now, milliseconds; it did not become final.
  virtual std::int64_t held_ms(std::string_view) { return 0; }
};

/// The messages that players leave at a Host (protocol communication).
class HostMail : public Part {
 public:
  /// Leaves a message of the Host itself for one player, about an order and the id that its kind speaks of. A Host that
  /// does not serve the protocol has no mail.
  virtual void alert(std::string_view, const std::string&, const msg::OrderRef&, const std::string&) {}
};

/// The regular orders that Wallets registered at a Host (protocol regular).
class HostPurchases : public Part {
 public:
  /// When the Host first took exactly this commitment, UTC ms; nothing if no Wallet registered it.
  virtual std::optional<std::int64_t> registered_ms(const msg::Commitment&) { return std::nullopt; }
};

/// What a Host holds of a revoke, for the verdict on the order.
enum class RevokeRecord : std::uint8_t {
  none,     ///< nothing is registered, or it is void
  open,     ///< not proven, and may still be contested
  standing  ///< proven, or not contested in time
};

/// The revokes that Brokers registered at a Host (protocol revoke), named by the keys of their cases.
class HostRevokes : public Part {
 public:
  virtual RevokeRecord record_of(const std::string&) { return RevokeRecord::none; }
  /// A signed item of the Vendor contests it.
  virtual void contest(const std::string&) {}
};

/// The directory of a Host as others see it (protocol administration).
class HostEntries : public Part {
 public:
  /// The Host's own entry, signed, as an element without a namespace; nothing if it has none or cannot sign.
  virtual std::optional<std::string> own_entry() { return std::nullopt; }
};

/// The cases that come before a Host (protocol settlement).
class HostHearings : public Part {
 public:
  /// Something about the order of this case was registered.
  virtual void registered(const std::string&) {}
};

/// Makes a part that is one of `P`.
template <class P, class... With>
using Make = std::unique_ptr<P> (*)(With...);

template <class P, class... With>
std::unique_ptr<P> absent(With...) {
  return std::make_unique<P>();
}

/// A machine of a protocol that this build has not got.
struct MachineLeftOut {
  std::string_view protocol;
  std::string_view machine;
};

/// The protocols that are linked into a program. What none of them has put here is absent.
struct Parts {
  std::vector<std::string_view> protocols;  ///< in the order of the specification
  std::vector<MachineLeftOut> left_out;     ///< machines of all others
  std::string_view first_left_out;          ///< a protocol of the specification that is not linked in; empty: none

  Make<OwnKeys, Stage&> own_keys = absent<OwnKeys, Stage&>;
  Make<OwnRegistration, Stage&> own_registration = absent<OwnRegistration, Stage&>;
  Make<WalletPurchases, Stage&> wallet_purchases = absent<WalletPurchases, Stage&>;
  Make<WalletAdditions, Stage&> wallet_additions = absent<WalletAdditions, Stage&>;
  Make<Part, Stage&> vendor_sales = absent<Part, Stage&>;
  Make<VendorRevokes, Stage&> vendor_revokes = absent<VendorRevokes, Stage&>;
  Make<VendorClaims, Stage&, VendorRevokes&> vendor_claims = absent<VendorClaims, Stage&, VendorRevokes&>;
  Make<BrokerCommitments, Stage&> broker_commitments = absent<BrokerCommitments, Stage&>;
  Make<BrokerRevokes, Stage&> broker_revokes = absent<BrokerRevokes, Stage&>;
  Make<Part, Stage&, BrokerCommitments&, BrokerRevokes&> broker_batches =
      absent<Part, Stage&, BrokerCommitments&, BrokerRevokes&>;
  Make<Part, Stage&> broker_paycards = absent<Part, Stage&>;
  Make<HostMail, Stage&> host_mail = absent<HostMail, Stage&>;
  Make<HostRevokes, Stage&, HostMail&> host_revokes = absent<HostRevokes, Stage&, HostMail&>;
  Make<HostPurchases, Stage&, Fees&> host_purchases = absent<HostPurchases, Stage&, Fees&>;
  Make<HostEntries, Stage&> host_entries = absent<HostEntries, Stage&>;
  Make<Part, Stage&, Members&> host_registrar = absent<Part, Stage&, Members&>;
  Make<Part, Stage&, Members&> host_keys = absent<Part, Stage&, Members&>;
  Make<HostHearings, Stage&, HostRevokes&, HostPurchases&> host_hearings =
      absent<HostHearings, Stage&, HostRevokes&, HostPurchases&>;
};

/// From now on `place` makes objects of the class `Here`.
template <class Here, class P, class... With>
void put_in(std::unique_ptr<P> (*&place)(With...)) {
  place = [](With... with) -> std::unique_ptr<P> { return std::make_unique<Here>(with...); };
}

/// Those of this program, as CMake has chosen them (QP_PROTOCOLS).
const Parts& linked_parts();

/// The names of the protocols of this program, in the order of the specification.
std::vector<std::string> linked_protocols();

/// The first protocol of those claimed that this program has not got; empty: it has them all. Whoever claims none claims all of
/// the specification.
std::string_view missing_protocol(const std::vector<std::string>& claimed);

}  // namespace quickpay::roles
