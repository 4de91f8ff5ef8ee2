#include "reference/roles/directory_host.hpp"

#include <algorithm>

#include "reference/codec/leaf.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/administration/generated/host_directory.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::host_directory;
using machine::Effect;
using machine::Predicate;
using msg::admin::LookupPlayer;
using msg::admin::LookupPlayerResponse;

constexpr std::int64_t kMsOfSecond = 1000;

/// A deliberately broken implementation may say something else of who is suspended.
msg::PlayerState state_of(const Player& player, Deviation* deviation) {
  if (player.removed) return msg::PlayerState::removed;
  const bool suspended = deviation ? deviation->override_predicate("host.directory", "says_suspended", player.suspended) : player.suspended;
  return suspended ? msg::PlayerState::suspended : msg::PlayerState::live;
}

/// Whether one more fits.
template <class T>
bool room_for(const std::vector<T>& list, std::string_view field) {
  return list.size() < entry_room(field);
}

}  // namespace

HostDirectory::HostDirectory(Stage& stage)
    : Actor(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage), signatures_(stage.facts) {
  stage.add(*this);
}

const Player* HostDirectory::asked_for(const LookupPlayer& asked) const {
  const Directory& directory = stage_.facts.directory;
  const auto& body = asked.body;
  Lookup found;
  if (body.id) found = directory.find(*body.id);
  if (body.endpoint) found = directory.find_vendor(place_of(*body.endpoint));
  const bool fits = found.found == Found::known && found.player->role == msg::to_string(body.role);
  return fits ? found.player : nullptr;
}

/// Whether there is such a Wallet must not show, so that an unknown one and a wrong ticket are the same.
bool HostDirectory::may_know(const LookupPlayer& asked) const {
  const auto& body = asked.body;
  if (body.role == msg::PlayerRole::host) return body.id == stage_.facts.config.id && asked_for(asked);
  if (body.role != msg::PlayerRole::wallet) return true;
  const Player* wallet = asked_for(asked);
  return wallet && !wallet->ticket.empty() && crypto::equal_constant_time(wallet->ticket, body.ticket.value_or(""));
}

bool HostDirectory::holds(std::uint8_t predicate, const Turn& turn) {
  const auto* asked = turn.get<LookupPlayer>();
  if (!asked) return false;
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::may_know: return may_know(*asked);
    case Predicate::asks_broker: return asked->body.role == msg::PlayerRole::broker;
    case Predicate::entry_there: return asked_for(*asked) != nullptr;
  }
  return false;
}

void HostDirectory::apply(statemachines::EffectId effect, Turn& turn) {
  switch (static_cast<Effect>(effect)) {
    case Effect::reply_QP_OK:
    case Effect::reply_QP_E_FORBIDDEN:
    case Effect::reply_QP_E_BROKER:
    case Effect::reply_QP_E_VENDOR: return stage_.common(effect, turn);
  }
}

msg::Entry HostDirectory::entry_of(const Player& player) const {
  const Facts& facts = stage_.facts;
  msg::Entry entry;
  entry.role = spelled_as<msg::PlayerRole>(player.role).value_or(msg::PlayerRole::vendor);
  entry.id = player.id;
  entry.state = state_of(player, facts.config.deviation);
  for (const PlayerKey& key : player.keys) {
    msg::ListedKey made = listed(key);
    const bool fits = codec::carries(msg::kListedKeyType, "PubKey", made.pub_key);
    if (fits && room_for(entry.key, "Key")) entry.key.push_back(std::move(made));
  }
  if (player.role == "wallet") {
    for (const std::string& bound : player.bound_addresses) {
      const auto net = net_of(bound);
      if (net && room_for(entry.net, "Net")) entry.net.push_back(*net);
    }
  } else {
    if (codec::carries(msg::kEntryType, "Name", player.name)) entry.name = player.name;
    for (const Endpoint& at : player.endpoints) {
      const std::string address(plain_address(at.address));
      const bool fits = codec::carries(msg::kEndpointType, "Addr", address);
      if (fits && room_for(entry.endpoint, "Endpoint")) entry.endpoint.push_back({address, at.port});
    }
    for (const std::string& source : player.source_addresses) {
      const std::string address(plain_address(source));
      const bool fits = codec::carries(msg::kEntryType, "SourceAddr", address);
      if (fits && room_for(entry.source_addr, "SourceAddr")) entry.source_addr.push_back(address);
    }
  }
  if (player.role == "broker") describe_terms(player, entry);
  if (player.role == "host") describe_host(entry);
  entry.issued_at = format_time(facts.now_ms);
  entry.valid_to = format_time(facts.now_ms + (facts.spans.directory + facts.spans.directory_stale) * kMsOfSecond);
  return entry;
}

void HostDirectory::describe_terms(const Player& broker, msg::Entry& entry) const {
  for (const std::string& code : broker.currencies) {
    const bool fits = codec::carries(msg::kListedCurrencyType, "Code", code);
    if (fits && room_for(entry.currency, "Currency")) entry.currency.push_back({code, {}, msg::YesNo::yes});
  }
  if (!broker.commissions.empty()) entry.commission_bp = broker.commissions.back().bp;  // its contract is not told
  entry.min_paycard = told_of(broker.oldest_paycards);
  entry.min_paycard.resize(std::min(entry.min_paycard.size(), entry_room("MinPaycard")));
}

/// Of others the Host was not told which profile and protocols they speak.
void HostDirectory::describe_host(msg::Entry& entry) const {
  const NodeConfig& config = stage_.facts.config;
  entry.profile = {stage_.facts.profile()};
  for (const MessageOps& ops : message_ops()) {
    const auto family = spelled_as<msg::ServedFamily>(ops.type->request->family->id);
    const bool known = family && std::count(entry.protocol.begin(), entry.protocol.end(), *family) != 0;
    const bool answers = ops.type->to == config.role && serves(config, ops.type->protocol);
    if (family && !known && answers) entry.protocol.push_back(*family);
  }
  for (const std::string& code : config.currencies) {
    if (room_for(entry.currency, "Currency")) entry.currency.push_back({code, {}, msg::YesNo::yes});
  }
}

void HostDirectory::fill(const ledger::Record&, const AnyDocument* request, AnyDocument& response) {
  const auto* asked = as<LookupPlayer>(request);
  auto* answer = as<LookupPlayerResponse>(&response);
  const Player* player = asked ? asked_for(*asked) : nullptr;
  if (!answer || !player) return;
  msg::Entry entry = entry_of(*player);
  if (signatures_.sign("directory", "Entry", msg::kEntryType, entry)) answer->body.entry = std::move(entry);
}

std::optional<std::string> HostDirectory::own_entry() {
  const Facts& facts = stage_.facts;
  const Lookup own = facts.directory.find(facts.config.id);
  if (own.found != Found::known || own.player->role != "host") return std::nullopt;
  msg::Entry entry = entry_of(*own.player);
  if (!signatures_.sign("directory", "Entry", msg::kEntryType, entry)) return std::nullopt;
  return codec::write_fragment("Entry", msg::kEntryType, &entry);
}

bool HostDirectory::serve(Request& request) {
  const auto* asked = as<LookupPlayer>(request.document.get());
  if (!asked) return false;
  const bool gives = may_know(*asked) && asked_for(*asked);
  if (!gives || signatures_.can_sign()) stage_.serve(*this, request.asker(), request);
  return true;
}

}  // namespace quickpay::roles
