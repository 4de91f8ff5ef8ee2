#include "reference/daemon/player_reader.hpp"

#include <cctype>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::daemon {
namespace {

roles::PlayerKey player_key_in(ObjectReader& reader) {
  roles::PlayerKey key;
  key.spki = reader.base64("key");
  if (key.spki.empty()) reader.wrong("key", "is missing");
  key.key_id = crypto::sha256_hex(key.spki);
  const std::string usage = reader.text_or("usage", "sign");
  if (usage != "sign" && usage != "seal") reader.wrong("usage", "must be sign or seal");
  key.usage = usage == "seal" ? roles::KeyUsage::seal : roles::KeyUsage::sign;
  key.not_before_ms = time_in(reader, "not_before");
  key.not_after_ms = last_of(time_in(reader, "not_after"));
  if (reader.has("withdrawn_from")) key.withdrawn_from_ms = time_in(reader, "withdrawn_from");
  return key;
}

// What is said of Brokers only.
void read_terms(ObjectReader& reader, roles::Player& player) {
  for (const char* name : {"suspended", "currencies", "commission_bp", "oldest_paycards"}) {
    if (player.role != "broker" && reader.has(name)) reader.wrong(name, "is of brokers only");
  }
  player.suspended = reader.flag_or("suspended", false);
  player.accepted = player.accepted && !player.suspended;
  player.currencies = reader.texts("currencies");
  for (const std::string& code : player.currencies) {
    if (!codec::carries(msg::kListedCurrencyType, "Code", code)) reader.wrong("currencies", "must be codes such as USD");
  }
  if (player.currencies.size() > roles::entry_room("Currency")) reader.wrong("currencies", "are too many for an entry");
  player.contract_bp = reader.optional_integer("commission_bp", 0, kMaxBasisPoints);
  player.oldest_paycards = oldest_in(reader);
}

}  // namespace

bool is_id_of(std::string_view role, std::string_view id) {
  if (id.size() < 2 || !roles::spelled_as<msg::PlayerRole>(role)) return false;
  return id.front() == std::toupper(static_cast<unsigned char>(role.front()));
}

std::int64_t time_in(ObjectReader& reader, const char* key) {
  const auto time = roles::parse_time(reader.text(key));
  if (!time) reader.wrong(key, "is no time like 2026-11-22T12:00:00Z");
  return time.value_or(0);
}

std::int64_t last_of(std::int64_t second_ms) { return roles::after_deadline(second_ms) - 1; }

std::vector<roles::OldestPaycard> oldest_in(ObjectReader& reader) {
  std::vector<roles::OldestPaycard> oldest;
  reader.list("oldest_paycards", [&](ObjectReader& each) {
    const std::string product = each.text("product"), version = each.text("version");
    if (!codec::carries(msg::kOldestPaycardType, "Product", product)) each.wrong("product", "is no name of a product");
    if (!codec::carries(msg::kOldestPaycardType, "Version", version)) each.wrong("version", "is no version like 1.2");
    oldest.push_back({product, version});
  });
  if (oldest.size() > roles::entry_room("MinPaycard")) reader.wrong("oldest_paycards", "are too many for an entry");
  return oldest;
}

std::vector<std::string> sources_in(ObjectReader& reader) {
  std::vector<std::string> sources = reader.texts("source_addresses");
  for (const std::string& source : sources) {
    if (roles::reach_of(source) == roles::Reach::none) reader.wrong("source_addresses", "must be addresses of one machine each");
  }
  if (sources.size() > roles::entry_room("SourceAddr")) reader.wrong("source_addresses", "are too many for an entry");
  return sources;
}

roles::Player player_in(ObjectReader& reader) {
  roles::Player player;
  player.id = reader.text("id");
  player.role = reader.text("role");
  if (!is_id_of(player.role, player.id)) reader.wrong("id", "is no id of that role");
  player.name = reader.text_or("name", "");
  reader.list("endpoints", [&](ObjectReader& endpoint) {
    const std::string address = endpoint.text("address");
    player.endpoints.push_back({address, static_cast<std::uint16_t>(endpoint.integer("port", 1, 65535))});
  });
  player.bound_addresses = reader.texts("bound");
  reader.list("keys", [&](ObjectReader& key) { player.keys.push_back(player_key_in(key)); });
  player.accepted = reader.flag_or("accepted", true);
  player.removed = reader.flag_or("removed", false);
  const bool sends_as_itself = player.role == "vendor" || player.role == "broker";
  if (!sends_as_itself && reader.has("source_addresses")) reader.wrong("source_addresses", "is of vendors and brokers only");
  player.source_addresses = sources_in(reader);
  if (reader.has("ticket")) {
    if (player.role != "wallet") reader.wrong("ticket", "is of wallets only");
    player.ticket = crypto::to_hex(reader.hex("ticket", kTicketBytes));
  }
  read_terms(reader, player);
  return player;
}

}  // namespace quickpay::daemon
