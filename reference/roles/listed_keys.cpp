#include "reference/roles/listed_keys.hpp"

#include "reference/codec/leaf.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

std::int64_t ms_of(std::string_view time) { return parse_time(time).value_or(0); }

}  // namespace

msg::ListedKey listed(const PlayerKey& key) {
  msg::ListedKey out;
  out.key_id = key.key_id;
  out.pub_key = crypto::base64_encode(key.spki);
  out.usage = key.usage == KeyUsage::sign ? msg::KeyUse::sign : msg::KeyUse::seal;
  out.not_before = format_time(key.not_before_ms);
  out.not_after = format_time(key.not_after_ms);
  if (key.withdrawn_from_ms) out.withdrawn_from = format_time(*key.withdrawn_from_ms);
  return out;
}

PlayerKey unlisted(const msg::ListedKey& key) {
  PlayerKey out;
  out.key_id = key.key_id;
  out.spki = crypto::base64_decode(key.pub_key).value_or("");
  out.usage = key.usage == msg::KeyUse::sign ? KeyUsage::sign : KeyUsage::seal;
  out.not_before_ms = ms_of(key.not_before);
  out.not_after_ms = after_deadline(ms_of(key.not_after)) - 1;
  if (key.withdrawn_from) out.withdrawn_from_ms = ms_of(*key.withdrawn_from);
  return out;
}

std::vector<OldestPaycard> oldest_in(const std::vector<msg::OldestPaycard>& told) {
  std::vector<OldestPaycard> oldest;
  for (const msg::OldestPaycard& each : told) oldest.push_back({each.product, each.version});
  return oldest;
}

std::vector<msg::OldestPaycard> told_of(const std::vector<OldestPaycard>& oldest) {
  std::vector<msg::OldestPaycard> told;
  for (const OldestPaycard& each : oldest) told.push_back({each.product, each.version});
  return told;
}

std::size_t entry_room(std::string_view field) { return codec::field_named(msg::kEntryType, field)->max; }

}  // namespace quickpay::roles
