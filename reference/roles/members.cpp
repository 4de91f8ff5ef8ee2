#include "reference/roles/members.hpp"

#include <algorithm>
#include <charconv>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/seal.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/deviation.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::int64_t kMsOfSecond = 1000;
const std::string kLive = "LIVE";
const std::string kRemoved = "REMOVED";
const std::string kRate = "rate";  // field of a member: what a Broker keeps

std::vector<msg::ListedKey> all_listed(const std::vector<PlayerKey>& keys) {
  std::vector<msg::ListedKey> out;
  for (const PlayerKey& key : keys) out.push_back(listed(key));
  return out;
}

/// "ms bp" of each.
std::vector<std::string> texts_of(const std::vector<Rate>& rates) {
  std::vector<std::string> texts;
  for (const Rate& rate : rates) texts.push_back(std::to_string(rate.from_ms) + ' ' + std::to_string(rate.bp));
  return texts;
}

std::vector<Rate> rates_in(const std::vector<std::string>& texts) {
  std::vector<Rate> rates;
  for (const std::string& text : texts) {
    Rate rate;
    const char* end = text.data() + text.size();
    const auto [space, fault] = std::from_chars(text.data(), end, rate.from_ms);
    const bool read = fault == std::errc{} && space != end && std::from_chars(space + 1, end, rate.bp).ptr == end;
    if (read) rates.push_back(rate);
  }
  return rates;
}

ledger::Record record_of(const Member& member) {
  const Player& player = member.player;
  ledger::Record record{std::string(kMemberMachine), player.id, player.removed ? kRemoved : kLive, {}, {}};
  record.fields["role"] = player.role;
  if (!player.name.empty()) record.fields["name"] = player.name;
  keep_all(record, "Endpoint", endpoints_of(player.endpoints), msg::kEndpointType);
  keep_all(record, "bound", player.bound_addresses);
  if (!player.ticket.empty()) record.fields["ticket"] = player.ticket;
  keep_all(record, "source", player.source_addresses);
  keep_all(record, "currency", player.currencies);
  keep_all(record, kRate, texts_of(player.commissions));
  keep_all(record, "MinPaycard", told_of(player.oldest_paycards), msg::kOldestPaycardType);
  keep_all(record, "Key", all_listed(player.keys), msg::kListedKeyType);
  if (!member.shared) return record;
  record.fields["shared_key"] = crypto::to_hex(member.shared->key);
  set_number(record, "epoch", member.shared->epoch);
  if (member.shared->valid_to_ms) set_number(record, "valid_to_ms", *member.shared->valid_to_ms);
  return record;
}

Member member_of(const ledger::Record& record) {
  Member member;
  Player& player = member.player;
  player.id = record.key;
  player.role = field(record, "role");
  player.name = field(record, "name");
  player.removed = record.state == kRemoved;
  player.endpoints = places_of(recall_all<msg::Endpoint>(record, "Endpoint", msg::kEndpointType));
  player.bound_addresses = recall_all<std::string>(record, "bound");
  player.ticket = field(record, "ticket");
  player.source_addresses = recall_all<std::string>(record, "source");
  player.currencies = recall_all<std::string>(record, "currency");
  player.commissions = rates_in(recall_all<std::string>(record, kRate));
  player.oldest_paycards = oldest_in(recall_all<msg::OldestPaycard>(record, "MinPaycard", msg::kOldestPaycardType));
  for (const auto& key : recall_all<msg::ListedKey>(record, "Key", msg::kListedKeyType)) {
    player.keys.push_back(unlisted(key));
  }
  if (const auto key = crypto::from_hex(field(record, "shared_key")); key && key->size() == crypto::kBoxKeyBytes) {
    member.shared =
        SharedKeyConfig{record.key, number(record, "epoch").value_or(kFirstEpoch), *key, number(record, "valid_to_ms")};
  }
  return member;
}

const std::string kWithdrawn = "withdrawn.";

ledger::Record record_of(std::string_view id, const KeyRing& ring) {
  ledger::Record record{std::string(kMemberKeysMachine), std::string(id), "KEPT", {}, {}};
  keep_all(record, "Key", all_listed(ring.changes.published), msg::kListedKeyType);
  for (const auto& [key_id, from_ms] : ring.changes.withdrawn) set_number(record, kWithdrawn + key_id, from_ms);
  std::vector<msg::SharedKey> shared;
  for (const SharedKeyConfig& key : ring.shared) shared.push_back(given(key));
  keep_all(record, "Shared", shared, msg::kSharedKeyType);
  return record;
}

KeyRing ring_of(const ledger::Record& record) {
  KeyRing ring;
  for (const auto& key : recall_all<msg::ListedKey>(record, "Key", msg::kListedKeyType)) {
    ring.changes.published.push_back(unlisted(key));
  }
  for (auto at = record.fields.lower_bound(kWithdrawn); at != record.fields.end() && at->first.starts_with(kWithdrawn); ++at) {
    ring.changes.withdrawn[at->first.substr(kWithdrawn.size())] = number(record, at->first).value_or(0);
  }
  for (const auto& key : recall_all<msg::SharedKey>(record, "Shared", msg::kSharedKeyType)) {
    ring.shared.push_back({record.key, key.epoch, crypto::from_hex(key.key).value_or(""),
                           after_deadline(parse_time(key.valid_to).value_or(0)) - 1});
  }
  return ring;
}

}  // namespace

msg::SharedKey given(const SharedKeyConfig& key) {
  return {crypto::to_hex(key.key), key.epoch, format_time(key.valid_to_ms.value_or(0))};
}

std::optional<msg::SharedKey> shared_key(const Member& member) {
  if (!member.shared) return std::nullopt;
  return given(*member.shared);
}

void Members::show_in(RegisteredDirectory& directory) {
  directory_ = &directory;
  show_all(kMemberMachine, [this](const ledger::Record& record) { show(member_of(record)); });
  show_all(kMemberKeysMachine, [this](const ledger::Record& record) { show_keys(record.key, ring_of(record)); });
}

void Members::show_all(std::string_view machine, const std::function<void(const ledger::Record&)>& each) {
  std::string after;
  for (;;) {
    const auto page = stage_.store.list(machine, after, kPage);
    for (const ledger::Record& record : page) each(record);
    if (page.size() < kPage) return;
    after = page.back().key;
  }
}

void Members::show(const Member& member) {
  if (directory_) directory_->put(member.player);
  const std::string& id = member.player.id;
  if (member.shared && keys_of(id).shared.empty()) share(id, {*member.shared});
}

void Members::show_keys(std::string_view id, const KeyRing& ring) {
  if (directory_) directory_->put_keys(id, ring.changes);
  if (!ring.shared.empty()) share(id, ring.shared);
}

/// The keys of messages count before those that the owner gave, and none of both.
void Members::share(std::string_view id, const std::vector<SharedKeyConfig>& keys) {
  auto& all = stage_.facts.config.shared_keys;
  std::erase_if(all, [&](const SharedKeyConfig& key) { return key.peer == id; });
  all.insert(all.end(), keys.begin(), keys.end());
}

std::vector<SharedKeyConfig> Members::shared_with(std::string_view id) const {
  std::vector<SharedKeyConfig> found;
  for (const SharedKeyConfig& key : stage_.facts.config.shared_keys) {
    if (key.peer == id) found.push_back(key);
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.epoch < b.epoch; });
  return found;
}

KeyRing Members::keys_of(std::string_view id) {
  const auto record = stage_.store.find(kMemberKeysMachine, id);
  return record ? ring_of(*record) : KeyRing{};
}

void Members::put_keys(std::string_view id, const KeyRing& ring) {
  stage_.store.put(record_of(id, ring));
  show_keys(id, ring);
}

std::string Members::next_id(std::string_view role, char letter) {
  const auto counter = stage_.store.find(kIdCounterMachine, role);
  std::int64_t next = counter ? number(*counter, "last").value_or(0) : 0;
  std::string id;
  do {
    id = letter + std::to_string(++next);
  } while (stage_.facts.directory.find(id).found != Found::unknown);
  return id;
}

void Members::take_id(std::string_view role, std::string_view id) {
  ledger::Record counter{std::string(kIdCounterMachine), std::string(role), "COUNTING", {}, {}};
  std::int64_t last = 0;
  std::from_chars(id.data() + 1, id.data() + id.size(), last);
  set_number(counter, "last", last);
  stage_.store.put(counter);
}

void Members::put(const Member& member) {
  stage_.store.put(record_of(member));
  show(member);
}

void Members::remove(std::string_view id) {
  auto member = find(id);
  if (!member) return;
  member->player.removed = true;
  put(*member);
}

std::optional<Member> Members::find(std::string_view id) {
  const auto record = stage_.store.find(kMemberMachine, id);
  if (record) return member_of(*record);
  const Lookup listed = stage_.facts.directory.find(id);
  if (listed.found != Found::known) return std::nullopt;
  Member member{*listed.player, {}};
  // these stay the owner's
  member.player.keys.clear();
  member.player.source_addresses.clear();
  member.player.currencies.clear();
  member.player.oldest_paycards.clear();
  member.player.contract_bp.reset();
  return member;
}

SharedKeyConfig Members::new_key(std::string_view id, std::int64_t epoch) const {
  std::string key(crypto::kBoxKeyBytes, '\0');
  stage_.facts.random.fill({reinterpret_cast<std::uint8_t*>(key.data()), key.size()});
  if (Deviation* deviation = stage_.facts.config.deviation) {
    key = crypto::from_hex(deviation->override_secret(crypto::to_hex(key))).value_or(std::move(key));
  }
  return {std::string(id), epoch, std::move(key), second_in(stage_.facts.spans.epoch)};
}

std::int64_t Members::second_in(std::int64_t span_s) const {
  const std::int64_t this_second = stage_.facts.now_ms / kMsOfSecond * kMsOfSecond;
  return after_deadline(this_second + span_s * kMsOfSecond) - 1;
}

}  // namespace quickpay::roles
