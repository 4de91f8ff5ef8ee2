// The Host's directory as other players see it: who asks for a player gets its entry, signed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/role.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// The machine host.directory. It remembers nothing.
class HostDirectory : public Actor {
 public:
  explicit HostDirectory(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record& record, const AnyDocument* request, AnyDocument& response) override;

  /// Answers LookupPlayer; false: the request is of another message. A Host that has no key to sign with
  /// leaves what it would give an entry for unanswered.
  bool serve(Request& request);

  /// The Host's own entry, signed, as an element without a namespace; nothing if it has none or cannot sign.
  std::optional<std::string> own_entry();

 private:
  const Player* asked_for(const msg::admin::LookupPlayer& asked) const;
  bool may_know(const msg::admin::LookupPlayer& asked) const;
  msg::Entry entry_of(const Player& player) const;
  void describe_host(msg::Entry& entry) const;

  Signatures signatures_;
};

/// How many occurrences an entry has room for: "Endpoint", "Key", "Net" or "Currency", as the specification bounds them.
std::size_t entry_room(std::string_view field);

}  // namespace quickpay::roles
