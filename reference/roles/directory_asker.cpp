#include "reference/roles/directory_asker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <utility>

#include "reference/crypto/hash.hpp"
#include "reference/roles/addresses.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/listed_keys.hpp"
#include "reference/roles/signatures.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::roles {
namespace {

using msg::admin::LookupPlayer;
using msg::admin::LookupPlayerResponse;

constexpr std::string_view kPurpose = "directory";
constexpr std::string_view kElement = "Entry";
constexpr std::int64_t kMsOfSecond = 1000;
constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::size_t kPage = 256;  // records read from the ledger at a time

std::int64_t ms_of(std::string_view time) { return parse_time(time).value_or(0); }

std::vector<std::string> active_in(const msg::Entry& entry) {
  std::vector<std::string> active;
  for (const msg::ListedCurrency& line : entry.currency) {
    if (line.active == msg::YesNo::yes) active.push_back(line.code);
  }
  return active;
}

/// Whether the key has the name that its bytes give it.
bool rightly_named(const PlayerKey& key) { return crypto::sha256_hex(key.spki) == key.key_id; }

Signer the_host(std::string_view host, const msg::Entry& entry) {
  return {"host", host, kPurpose, ms_of(entry.issued_at), {}};
}

std::size_t count_for_others(const std::map<std::string, bool, std::less<>>& open) {
  return static_cast<std::size_t>(std::count_if(open.begin(), open.end(), [](const auto& each) { return !each.second; }));
}

}  // namespace

/// Apart, so that who has an asker needs no RSA.
class DirectoryAsker::Checks {
 public:
  explicit Checks(Facts& facts) : signatures(facts) {}
  Signatures signatures;
};

Player player_of(const msg::Entry& entry) {
  Player player;
  player.id = entry.id;
  player.role = msg::to_string(entry.role);
  player.name = entry.name.value_or("");
  player.endpoints = places_of(entry.endpoint);
  for (const msg::Net& net : entry.net) player.bound_addresses.push_back(fmt::format("{}/{}", net.addr, net.prefix));
  player.removed = entry.state == msg::PlayerState::removed;
  // what a Broker endorsed before it was removed counts (AMB-57)
  player.accepted = entry.state == msg::PlayerState::live || (player.removed && entry.role == msg::PlayerRole::broker);
  player.suspended = entry.state == msg::PlayerState::suspended;
  player.source_addresses = entry.source_addr;
  if (entry.role == msg::PlayerRole::broker) player.currencies = active_in(entry);
  if (entry.commission_bp) player.commissions = {{0, *entry.commission_bp}};
  player.oldest_paycards = oldest_in(entry.min_paycard);
  for (const msg::ListedKey& listed : entry.key) {
    PlayerKey key = unlisted(listed);
    if (rightly_named(key)) player.keys.push_back(std::move(key));
  }
  return player;
}

tl::expected<msg::Entry, std::string> read_host_entry(std::string_view text, std::string_view host) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  msg::Entry entry;
  if (!codec::read_fragment(text, kElement, msg::kEntryType, &entry, kRecordFamily)) {
    return tl::unexpected(std::string("is no entry of a directory"));
  }
  if (entry.role != msg::PlayerRole::host || entry.id != host) {
    return tl::unexpected(fmt::format("is the entry of {}, not of the Host {}", entry.id, host));
  }
  const bool signed_by_itself = Signatures::signed_by(player_of(entry), kPurpose, kElement, msg::kEntryType, entry);
  if (!signed_by_itself) return tl::unexpected(std::string("is signed by no key that is in it"));
  return entry;
}

DirectoryAsker::DirectoryAsker(Facts& facts, Store& store, Outbox& outbox, DirectoryCache& cache, Output& output)
    : facts_(facts),
      store_(store),
      outbox_(outbox),
      cache_(cache),
      output_(output),
      checks_(std::make_unique<Checks>(facts)),
      listed_currencies_(facts.config.currencies.empty()) {}
DirectoryAsker::~DirectoryAsker() = default;

void DirectoryAsker::begin() {
  recall_entries();
  for (const ledger::Call& call : store_.due_calls(std::numeric_limits<std::int64_t>::max(), kMaxRecovered)) {
    if (call.machine == kEntryMachine) open_.insert_or_assign(call.key, true);
  }
  const auto given = read_host_entry(facts_.config.host_entry, facts_.config.host);
  const KnownPlayer* own = cache_.kept(facts_.config.host);
  if (given && (!own || ms_of(given->issued_at) > own->issued_ms)) {
    take(*given, facts_.now_ms);
    cache_.want(facts_.config.host);  // a package may be old
  }
  // a Wallet has met the Brokers of its Paycards, and the user may need them any moment
  for (const PaycardConfig& card : facts_.config.paycards) cache_.asks_about(card.broker);
  for (const NewPaycardConfig& card : facts_.config.new_paycards) cache_.asks_about(card.broker);
}

void DirectoryAsker::recall_entries() {
  std::string after;
  for (bool more = true; more && cache_.size() < kMaxKnownPlayers;) {
    const auto page = store_.list(kEntryMachine, after, kPage);
    for (const ledger::Record& record : page) {
      after = record.key;
      const auto entry = recall<msg::Entry>(record, std::string(kElement), msg::kEntryType);
      const auto arrived = number(record, "arrived_ms");
      if (entry && arrived && field(record, "host") == facts_.config.host) hold(*entry, *arrived);
    }
    more = page.size() == kPage;
  }
}

/// Believed from now on, without a word in the ledger.
void DirectoryAsker::hold(const msg::Entry& entry, std::int64_t arrived_ms) {
  const std::int64_t issued_ms = ms_of(entry.issued_at);
  cache_.put({player_of(entry), issued_ms, arrived_ms, ms_of(entry.valid_to) - issued_ms});
  if (entry.role != msg::PlayerRole::host || !listed_currencies_) return;
  facts_.config.currencies = active_in(entry);
}

void DirectoryAsker::make_room() {
  while (cache_.size() >= kMaxKnownPlayers) {
    const std::string id = cache_.oldest();
    if (id.empty()) return;
    store_.erase(kEntryMachine, id);
    cache_.remove(id);
  }
}

void DirectoryAsker::take(const msg::Entry& entry, std::int64_t arrived_ms) {
  if (!cache_.kept(entry.id)) make_room();
  ledger::Record record{std::string(kEntryMachine), entry.id, "KEPT", {}, {}};
  keep(record, std::string(kElement), msg::kEntryType, entry);
  set_number(record, "arrived_ms", arrived_ms);
  record.fields["host"] = facts_.config.host;
  store_.put(record);
  hold(entry, arrived_ms);
}

std::optional<msg::Entry> DirectoryAsker::entry_of(std::string_view id) const {
  const auto record = store_.find(kEntryMachine, id);
  return record ? recall<msg::Entry>(*record, std::string(kElement), msg::kEntryType) : std::nullopt;
}

bool DirectoryAsker::brought(std::string_view id, const msg::Entry& entry) {
  const EntryFault wrong = fault(id, entry);
  if (wrong == "not-signed" || wrong == "other-player") refuse(id, wrong);  // pages may well be older than what is known
  const KnownPlayer* known = cache_.kept(id);
  const std::int64_t issued_ms = ms_of(entry.issued_at);
  if (!wrong.empty() || !passes("newer", !known || known->issued_ms < issued_ms)) return false;
  msg::Entry counted = entry;
  counted.id = id;  // as it is, but for who believes the entry of another
  take(counted, passes("as_old_as_it_is", true) ? std::min(facts_.now_ms, issued_ms) : facts_.now_ms);
  return true;
}

void DirectoryAsker::ask() {
  auto wanted = cache_.take_wanted();
  if (wanted.empty()) return;
  if (const KnownPlayer* host = cache_.kept(facts_.config.host)) {
    cache_.find(host->player.id);  // a question is an occasion to ask for the Host's own entry, too, if that grew stale
    wanted.merge(cache_.take_wanted());
  }
  for (const auto& [id, for_itself] : wanted) {
    if (open_.contains(id)) continue;
    if (open_.size() >= kMaxQuestions) {
      if (for_itself) cache_.want(id);  // what waits for it has no other end
    } else if (for_itself || may_ask_for_others()) {
      open_.insert_or_assign(id, for_itself);
      send(id);
    }
  }
}

/// Anybody can name ids that do not exist. That must neither flood the Host nor keep this player from what it needs.
bool DirectoryAsker::may_ask_for_others() {
  if (std::abs(facts_.now_ms - minute_ms_) > kMinuteMs) minute_ms_ = facts_.now_ms, asked_ = 0;
  if (asked_ >= kMaxForOthersAMinute || count_for_others(open_) >= kMaxForOthers) return false;
  ++asked_;
  return true;
}

void DirectoryAsker::send(const std::string& id) {
  const MessageOps* ops = ops_of(msg::admin::kLookupPlayerMessage);
  const auto role = spelled_as<msg::PlayerRole>(role_of_id(id));
  if (!ops || !role) return;
  Document<LookupPlayer> question;
  question.value.head = outbox_.new_head(*ops, facts_.config.host);
  question.value.body.role = *role;
  question.value.body.id = id;
  if (*role == msg::PlayerRole::wallet) question.value.body.ticket = cache_.ticket_of(id);
  outbox_.send(kEntryMachine, id, *ops, question, {});
}

/// A deliberately broken implementation leaves checks out.
bool DirectoryAsker::passes(std::string_view check, bool right) const {
  Deviation* deviation = facts_.config.deviation;
  return deviation ? deviation->override_predicate(kEntryMachine, check, right) : right;
}

EntryFault DirectoryAsker::fault(std::string_view id, const msg::Entry& entry) const {
  const bool same = entry.id == id && msg::to_string(entry.role) == role_of_id(id);
  if (!passes("same_player", same)) return "other-player";
  const KnownPlayer* host = cache_.kept(facts_.config.host);
  const Signer signer = the_host(facts_.config.host, entry);
  const bool signed_right =
      host && checks_->signatures.fault_of(host->player, signer, kElement, msg::kEntryType, entry).empty();
  if (!passes("host_signed", signed_right)) return "not-signed";
  const std::int64_t issued_ms = ms_of(entry.issued_at);
  const KnownPlayer* known = cache_.kept(id);
  if (!passes("not_older", !known || issued_ms >= known->issued_ms)) return "older";
  const std::int64_t last_ms = ms_of(entry.valid_to) + facts_.spans.skew * kMsOfSecond;
  return passes("in_time", facts_.now_ms <= last_ms) ? EntryFault() : "too-old";
}

void DirectoryAsker::close(const std::string& id, Found found) {
  open_.erase(id);
  if (found != Found::known) cache_.be_quiet(id, found);
}

/// Whether the answer is an entry that counts.
bool DirectoryAsker::learn(const ledger::Call& call, const Judged& judged) {
  const auto* answer = as<LookupPlayerResponse>(judged.response.get());
  if (judged.klass != "ok" || !answer || !answer->body.entry) return false;
  const EntryFault wrong = fault(call.key, *answer->body.entry);
  if (wrong.empty()) {
    take(*answer->body.entry, facts_.now_ms);
    return true;
  }
  refuse(call.key, wrong);
  return false;
}

void DirectoryAsker::refuse(std::string_view id, EntryFault wrong) {
  output_.user.push_back({"alarm", std::string(id), "entry-refused", {{"why", std::string(wrong)}}});
  // perhaps the Host signs with its next key, which an entry of its own announces
  if (wrong == "not-signed" && id != facts_.config.host) cache_.want(facts_.config.host);
}

bool DirectoryAsker::answered(const ledger::Call& call, const Judged& judged) {
  store_.erase_call(call.msg_id);
  if (learn(call, judged)) {
    cache_.host_answered();
    close(call.key, Found::known);
    return true;
  }
  // Nobody signs a refusal, so it takes nothing away that the Host has signed.
  if ((judged.klass == "no" || judged.klass == "new") && !cache_.kept(call.key)) {
    cache_.host_answered();
    close(call.key, Found::unknown);
    return true;
  }
  cache_.host_failed();
  if (call.attempts < kMaxAttempts) {
    outbox_.retry(call, judged.after_s);
    return cache_.kept(call.key) != nullptr;  // what is there counts while the Host is away
  }
  close(call.key, Found::unavailable);
  return true;
}

}  // namespace quickpay::roles
