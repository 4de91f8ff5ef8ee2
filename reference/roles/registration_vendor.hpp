// A Vendor that registers itself at the Host, moves and leaves (protocol registration).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/roles/parts.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine vendor.registration; one record, whose key is the Host.
class VendorRegistration : public Actor, public VendorJoining {
 public:
  explicit VendorRegistration(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  bool serve(Request& request) override;
  void recall_name() override;
  tl::expected<void, Refusal> act(std::string_view event, Wanted wanted) override;

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
