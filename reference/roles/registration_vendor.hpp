// A Vendor that registers itself at the Host, moves and leaves (protocol registration).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/roles/node.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// What the owner of a Vendor wants the directory to say.
struct Wanted {
  std::vector<Endpoint> endpoints;
  std::string name;  ///< empty: as before, or none
};

/// The machine vendor.registration; one record, whose key is the Host.
class VendorRegistration : public Actor {
 public:
  explicit VendorRegistration(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  /// Answers Probe; false: the request is of another message.
  bool serve(Request& request);
  /// Takes the name and the key that the Host gave before this node began.
  void recall_name();
  /// The owner's `event`: register | change | leave. Refused: not-served, no-seal-key (profile H, register),
  /// out-of-state.
  tl::expected<void, Refusal> act(std::string_view event, Wanted wanted);

 private:
  void choose_secret(Turn& turn);
  void send_register(Turn& turn);
  void send_change(Turn& turn);
  void send_leave(Turn& turn);
  void keep_identifier(Turn& turn);
  void take_name(const ledger::Record& record);
  std::string probe_tag(const ledger::Record& record) const;
  std::optional<msg::RegisterVendorResponseInner> key_in(const ledger::Record& record,
                                                         const AnyDocument& response) const;

  Signatures signatures_;
  Seals seals_;
  Wanted wanted_;  ///< by the act that is under way
};

}  // namespace quickpay::roles
