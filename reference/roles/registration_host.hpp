// Registration at the Host: who becomes a Vendor, moves and leaves (protocol registration).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/members.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/registration_members.hpp"
#include "reference/roles/seals.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kVendorRequestMachine =
    "vendor.request";  ///< records: which request is of which Vendor; the key is the MsgId
inline constexpr std::string_view kPlaceMachine =
    "vendor.place";  ///< records: which place is being probed for which Vendor

/// The machine host.vendor.
class HostVendor : public Actor {
 public:
  HostVendor(Stage& stage, Members& members);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Where the Probe of a record goes.
  std::optional<Endpoint> place_of(const ledger::Call& call);

 private:
  bool from_there(const Turn& turn) const;
  bool places_allowed(const Turn& turn) const;
  bool places_free(const Turn& turn) const;
  bool places_wait(const Turn& turn) const;
  bool new_places(const Turn& turn) const;
  bool same_request(const Turn& turn) const;
  bool probe_right(const Turn& turn) const;

  void begin(Turn& turn);
  void begin_change(Turn& turn);
  void probe_these(Turn& turn, const std::vector<Endpoint>& places);
  void send_probe(Turn& turn);
  void list(Turn& turn);
  void change(Turn& turn);
  void forget_request(Turn& turn);
  std::optional<msg::Boxed> key_box(const ledger::Record& record, const msg::Head& head) const;

  Members& members_;
  Seals seals_;
};

/// The Host's part of the protocol registration.
class Registrar : public Part {
 public:
  /// `members` outlives the object.
  Registrar(Stage& stage, Members& members);

  bool serve(Request& request) override;

 private:
  std::string vendor_of(const Request& request);

  Stage& stage_;
  Members& members_;
  HostVendor vendors_;
  HostWallet wallets_;
  HostBroker brokers_;
};

}  // namespace quickpay::roles
