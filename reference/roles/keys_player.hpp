// The keys of a Broker, Vendor or Wallet: published, withdrawn, and those that it shares renewed (protocol keys).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "reference/roles/parts.hpp"
#include "reference/roles/seals.hpp"
#include "reference/roles/signatures.hpp"

namespace quickpay::roles {

inline constexpr std::size_t kMaxEpochs = 4;  ///< keys that it keeps of one peer; an honest Host gives two that are not over
inline constexpr std::int64_t kAsksInTime = 24;  ///< how often a node asks by itself for one key within T_dir

/// The machines broker.keys, vendor.keys and wallet.keys, which differ in their names only; one record, whose key is
/// the Host. It holds the shared keys that came and the KeyIds that were withdrawn, for as long as the node lives.
class PlayerKeys : public Actor, public OwnKeys {
 public:
  PlayerKeys(Machine machine, Stage& stage);
  ~PlayerKeys() override;

  bool holds(std::uint8_t, const Turn&) override { return false; }  // nothing is asked
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  /// A key that does not open, or that answers another request, is no answer.
  bool trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) override;

  void recall_keys() override;
  tl::expected<void, Refusal> publish(std::string_view key_id) override;
  tl::expected<void, Refusal> withdraw(std::string_view key_id, std::string_view reason, std::int64_t from_ms) override;
  tl::expected<void, Refusal> renew(std::string_view peer) override;
  void renew_due() override;

 protected:
  void send_publication(Turn& turn);
  void send_withdrawal(Turn& turn);
  void note_listed(Turn& turn);
  void stop_using(Turn& turn);
  void choose_reply_key(Turn& turn);
  void send_question(Turn& turn);
  void keep_key(Turn& turn);
  void forget_reply_key(Turn& turn);

 private:
  template <class Request, class Fill>
  void ask(Turn& turn, const codec::MessageType& type, Fill fill);
  std::optional<Refusal> unfit() const;
  bool had_signer(const SigningKeyConfig& besides) const;
  tl::expected<void, Refusal> act(std::string_view event);
  void use_published(const ledger::Record& record);
  std::optional<std::int64_t> take(const std::string& peer, const msg::SharedKey& shared);
  std::optional<msg::SharedKey> key_in(const ledger::Record& record, const AnyDocument& response) const;
  std::map<std::string, std::int64_t> ends() const;

  Signatures signatures_;
  Seals seals_;
  // by the act that is under way
  msg::KeyChange change_;
  bool follows_ = false;  ///< it will sign, and does not yet
  msg::Withdrawal withdrawal_;
  std::string peer_;
  std::map<std::string, std::int64_t, std::less<>>
      again_ms_;  ///< before then nobody asks by itself for the key with this peer
};

/// The machine of the player's role, entered into the stage; not for a Host.
std::unique_ptr<OwnKeys> make_player_keys(Stage& stage);

}  // namespace quickpay::roles
