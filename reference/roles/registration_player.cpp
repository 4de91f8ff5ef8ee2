#include "reference/roles/registration_player.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/registration_broker.hpp"
#include "reference/roles/registration_vendor.hpp"
#include "reference/roles/registration_wallet.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

constexpr std::string_view kServedProtocol = "registration";

}  // namespace

PlayerRegistration::PlayerRegistration(Machine machine, Stage& stage)
    : Actor(std::move(machine), stage), signatures_(stage.facts), seals_(stage.facts) {
  stage.add(*this);
}

std::optional<msg::Sealed> PlayerRegistration::sealed(const codec::MessageType& type, const void* inner,
                                                      const msg::Head& head) const {
  const PlayerKey* to = seals_.key_of(stage_.facts.config.host);
  return to ? seals_.seal(to->spki, *type.request_inner, inner, type.request->root, head) : std::nullopt;
}

void PlayerRegistration::keep_identifier(Turn& turn, const std::string& id, const std::optional<msg::SharedKey>& shared) {
  turn.record.fields[stage_.facts.config.role] = id;
  if (shared) {
    turn.record.fields["key"] = shared->key;
    set_number(turn.record, "epoch", shared->epoch);
    set_number(turn.record, "valid_to_ms", after_deadline(parse_time(shared->valid_to).value_or(0)) - 1);
  }
  take_name(turn.record);
}

void PlayerRegistration::tell_who(Turn& turn, std::string text) {
  std::map<std::string, std::string> details{{"player", stage_.facts.config.id}};
  if (has_field(turn.record, "ticket")) details["ticket"] = field(turn.record, "ticket");
  turn.told = text;
  stage_.event(turn, "tell", std::move(text), std::move(details));
}

void PlayerRegistration::take_name(const ledger::Record& record) {
  NodeConfig& config = stage_.facts.config;
  if (!has_field(record, config.role)) return;
  if (config.id.empty()) config.id = field(record, config.role);
  const auto key = crypto::from_hex(field(record, "key"));
  if (!key || key->size() != crypto::kBoxKeyBytes) return;
  std::erase_if(config.shared_keys, [&](const SharedKeyConfig& shared) { return shared.peer == config.host; });
  config.shared_keys.push_back({config.host, number(record, "epoch").value_or(1), *key, number(record, "valid_to_ms")});
}

void PlayerRegistration::recall_name() {
  if (const auto record = stage_.store.find(table().id, stage_.facts.config.host)) take_name(*record);
}

tl::expected<void, Refusal> PlayerRegistration::act(std::string_view event, Wanted wanted) {
  if (!serves(stage_.facts.config, kServedProtocol)) return tl::unexpected(Refusal{"not-served"});
  if (auto why = unfit(event, wanted)) return tl::unexpected(std::move(*why));
  Turn turn = stage_.open(*this, stage_.facts.config.host);
  wanted_ = std::move(wanted);
  stage_.run(turn, event);
  if (turn.refused) return tl::unexpected(Refusal{"out-of-state"});
  return {};
}

std::unique_ptr<OwnRegistration> make_registration(Stage& stage) {
  const std::string& role = stage.facts.config.role;
  if (role == "broker") return std::make_unique<BrokerRegistration>(stage);
  if (role == "vendor") return std::make_unique<VendorRegistration>(stage);
  return std::make_unique<WalletRegistration>(stage);
}

}  // namespace quickpay::roles
