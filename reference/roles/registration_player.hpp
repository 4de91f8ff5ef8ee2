// A player that registers itself at the Host, changes what the Host knows of it, and leaves (protocol registration).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <tl/expected.hpp>

#include "reference/roles/parts.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

/// What the machines broker.registration, vendor.registration and wallet.registration share: one record, whose key is the Host.
/// It holds the identifier under the name of the role, and what came with it.
class PlayerRegistration : public Actor, public OwnRegistration {
 public:
  PlayerRegistration(Machine machine, Stage& stage);

  bool holds(std::uint8_t, const Turn&) override { return false; }  // nothing is asked
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

  void recall_name() override;
  tl::expected<void, Refusal> act(std::string_view event, Wanted wanted) override;

 protected:
  /// Why the player cannot do what its owner wants; nothing if it can.
  virtual std::optional<Refusal> unfit(std::string_view event, const Wanted& wanted) const = 0;

  /// A request to the Host, of which `fill` makes what it says; not sent if it returns false.
  template <class Request, class Fill>
  void ask(Turn& turn, const codec::MessageType& type, Fill fill) {
    const MessageOps* ops = ops_of(type);
    if (!ops) return;
    Document<Request> request;
    request.value.head = stage_.outbox.new_head(*ops, stage_.facts.config.host);
    if (fill(request.value)) stage_.outbox.send(turn.record.machine, turn.key(), *ops, request, {false, 0, 0});
  }
  /// `inner` sealed to the Host for a request of this message; nothing if the Host has no key to seal to that is good now.
  std::optional<msg::Sealed> sealed(const codec::MessageType& type, const void* inner, const msg::Head& head) const;
  /// The same of a request that is nothing but `inner`, sealed to the Host.
  template <class Request, class Inner>
  void ask_sealed(Turn& turn, const codec::MessageType& type, const Inner& inner) {
    ask<Request>(turn, type, [&](Request& request) {
      auto made = sealed(type, &inner, request.head);
      if (made) request.body.sealed = std::move(*made);
      return made.has_value();
    });
  }
  template <class Request>
  void ask_to_leave(Turn& turn, const codec::MessageType& type) {
    ask<Request>(turn, type, [](Request& request) {
      request.body.reason = msg::RemovalReason::user;
      return true;
    });
  }
  /// Tells the owner, and who the player is now: what others have to know to deal with it.
  void tell_who(Turn& turn, std::string text);
  /// Whether the Host has a key to seal to: without one no request would leave.
  bool can_seal() const { return seals_.key_of(stage_.facts.config.host) != nullptr; }
  /// Whether the key that the Host shares with who registers is there in profile H, and absent in profile F.
  bool shares_as_it_must(const std::optional<msg::SharedKey>& shared) const {
    return shared.has_value() == (stage_.facts.profile() == msg::Profile::H);
  }
  /// Keeps the identifier that came, and the key that came with it, and takes both.
  void keep_identifier(Turn& turn, const std::string& id, const std::optional<msg::SharedKey>& shared);

  Signatures signatures_;
  Seals seals_;
  Wanted wanted_;  ///< by the act that is under way

 private:
  void take_name(const ledger::Record& record);
};

/// The machine of the player's role, entered into the stage; not for a Host.
std::unique_ptr<OwnRegistration> make_registration(Stage& stage);

}  // namespace quickpay::roles
