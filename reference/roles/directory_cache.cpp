#include "reference/roles/directory_cache.hpp"

#include <algorithm>
#include <utility>

#include "reference/codec/generated/messages.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/roles/facts.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kMsOfSecond = 1000;

}  // namespace

std::string_view role_of_id(std::string_view id) {
  if (!codec::carries(msg::kEntryType, "Id", id)) return {};
  switch (id.front()) {
    case 'H': return "host";
    case 'B': return "broker";
    case 'V': return "vendor";
    default: return "wallet";
  }
}

DirectoryCache::DirectoryCache(const NodeConfig& config) : host_(config.host) {
  const Spans spans = spans_of(config.parameters);
  fresh_ms_ = spans.directory * kMsOfSecond;
  stale_ms_ = (spans.directory + spans.directory_stale) * kMsOfSecond;
  for (const TicketConfig& given : config.tickets) tickets_[given.wallet] = given.ticket;
}

const KnownPlayer* DirectoryCache::kept(std::string_view id) const {
  const auto at = known_.find(id);
  return at == known_.end() ? nullptr : &at->second;
}

std::string DirectoryCache::ticket_of(std::string_view id) const {
  const auto at = tickets_.find(id);
  return at == tickets_.end() ? std::string() : at->second;
}

bool DirectoryCache::fresh(const KnownPlayer& known) const {
  return now_ms_ - known.arrived_ms <= std::min(fresh_ms_, known.longest_ms);
}

/// Whoever cannot be asked for the Host's own entry is the Host itself, so that nobody waits for that one.
bool DirectoryCache::counts(const KnownPlayer& known) const {
  if (now_ms_ - known.arrived_ms > std::min(stale_ms_, known.longest_ms)) return false;
  return fresh(known) || host_away() || known.player.id == host_;
}

bool DirectoryCache::can_ask(std::string_view id) const {
  const std::string_view role = role_of_id(id);
  if (role == "host") return id == host_;
  return role == "wallet" ? tickets_.contains(id) : !role.empty();
}

const DirectoryCache::Quiet* DirectoryCache::quiet(std::string_view id) const {
  const auto at = quiet_.find(id);
  return at == quiet_.end() || now_ms_ > at->second.until_ms ? nullptr : &at->second;
}

void DirectoryCache::note(std::string_view id, bool for_itself) const {
  if (quiet(id) || !can_ask(id)) return;
  if (const auto at = wanted_.find(id); at != wanted_.end()) {
    at->second = at->second || for_itself;
  } else if (wanted_.size() < kMaxWanted) {
    wanted_.emplace(id, for_itself);
  }
}

void DirectoryCache::want(std::string_view id) const { note(id, true); }

Lookup DirectoryCache::find(std::string_view id) const {
  const KnownPlayer* known = kept(id);
  if (!known || !fresh(*known)) note(id, known != nullptr);
  if (known && counts(*known)) return {Found::known, &known->player};
  if (const Quiet* silence = quiet(id)) return {silence->found, nullptr};
  return {can_ask(id) ? Found::unavailable : Found::unknown, nullptr};
}

bool DirectoryCache::asks_about(std::string_view id) const {
  if (find(id).found != Found::unavailable || id == host_) return false;  // the Host is asked where it was, however long ago
  note(id, true);
  return wanted_.contains(id);
}

/// Whoever has an id can call from a wrong address, so that this counts as wanted by others.
void DirectoryCache::doubt(std::string_view id) const {
  const KnownPlayer* known = kept(id);
  if (known && now_ms_ - known->arrived_ms > kUndoubtedMs) note(id, false);
}

std::vector<Endpoint> DirectoryCache::endpoints_of(std::string_view id) const {
  const KnownPlayer* known = kept(id);
  const bool usable = known && (id == host_ || counts(*known));
  return usable ? known->player.endpoints : std::vector<Endpoint>();
}

std::string DirectoryCache::oldest() const {
  const KnownPlayer* first = nullptr;
  for (const auto& [id, known] : known_) {
    if (id != host_ && (!first || known.arrived_ms < first->arrived_ms)) first = &known;
  }
  return first ? first->player.id : std::string();
}

void DirectoryCache::put(KnownPlayer known) {
  const std::string id = known.player.id;
  quiet_.erase(id);
  wanted_.erase(id);
  known_.insert_or_assign(id, std::move(known));
}

void DirectoryCache::remove(std::string_view id) {
  if (const auto at = known_.find(id); at != known_.end()) known_.erase(at);
}

std::map<std::string, bool, std::less<>> DirectoryCache::take_wanted() { return std::exchange(wanted_, {}); }

void DirectoryCache::host_answered() { failed_ms_ = -1; }
void DirectoryCache::host_failed() { failed_ms_ = now_ms_; }

void DirectoryCache::be_quiet(std::string_view id, Found found) {
  if (quiet_.size() >= kMaxQuiet && !quiet_.contains(id)) {
    const auto first = std::min_element(quiet_.begin(), quiet_.end(), [](const auto& a, const auto& b) {
      return a.second.until_ms < b.second.until_ms;
    });
    quiet_.erase(first);
  }
  const std::int64_t span_ms = found == Found::unknown ? kUnknownMs : kUnansweredMs;
  quiet_.insert_or_assign(std::string(id), Quiet{now_ms_ + span_ms, found});
  if (const auto at = wanted_.find(id); at != wanted_.end()) wanted_.erase(at);
}

}  // namespace quickpay::roles
