// The Host's directory as other players see it: who asks for a player gets its entry, signed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/parts.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine host.directory. It remembers nothing.
class HostDirectory : public Actor, public HostEntries {
 public:
  explicit HostDirectory(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Answers LookupPlayer; false: the request is of another message. A Host that has no key to sign with
  /// leaves what it would give an entry for unanswered.
  bool serve(Request& request) override;
  std::optional<std::string> own_entry() override;

 private:
  const Player* asked_for(const msg::admin::LookupPlayer& asked) const;
  bool may_know(const msg::admin::LookupPlayer& asked) const;
  msg::Entry entry_of(const Player& player) const;
  void describe_host(msg::Entry& entry) const;
  void describe_terms(const Player& broker, msg::Entry& entry) const;

  Signatures signatures_;
};

}  // namespace quickpay::roles
