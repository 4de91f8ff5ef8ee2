#include "reference/roles/host_log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"

namespace quickpay::roles {
namespace {

constexpr std::string_view kPlayer = "player.";              // field: what the directory said of the id behind it
constexpr std::string_view kCommission = "commission_bp=";   // in such a field: the contract of a Broker; with @ and from when on what it told

struct LoggedParameter {
  const char* name;
  std::int64_t Parameters::*set;
  std::int64_t Spans::*in_force;
};
constexpr std::array<LoggedParameter, 7> kLogged = {{{"T_register", &Parameters::t_register, &Spans::in_time},
                                                     {"T_arb", &Parameters::t_arb, &Spans::arb},
                                                     {"T_broker", &Parameters::t_broker, &Spans::broker},
                                                     {"N_broker", &Parameters::n_broker, &Spans::broker_tries},
                                                     {"T_stmt", &Parameters::t_stmt, &Spans::stmt},
                                                     {"T_hold", &Parameters::t_hold, &Spans::hold},
                                                     {"T_skew", &Parameters::t_skew, &Spans::skew}}};

/// Every text with its length in front, so that no two lists of texts are the same bytes.
void add(std::string& bytes, std::string_view text) {
  bytes += fmt::format("{}:", text.size());
  bytes += text;
}

std::string digest_of(const ledger::Record& record) {
  std::string bytes;
  for (const auto& [name, value] : record.fields) add(bytes, name), add(bytes, without_signatures(value));
  return crypto::sha256_hex(bytes);
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> all;
  while (!text.empty()) {
    const std::size_t cut = std::min(text.find(' '), text.size());
    if (cut > 0) all.emplace_back(text.substr(0, cut));
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
  return all;
}

std::int64_t number_in(std::string_view text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string spelled(const PlayerKey& key) {
  const std::string withdrawn = key.withdrawn_from_ms ? std::to_string(*key.withdrawn_from_ms) : "-";
  return fmt::format("{},{},{},{},{},{}", key.key_id, key.usage == KeyUsage::sign ? "sign" : "seal", key.not_before_ms,
                     key.not_after_ms, withdrawn, crypto::base64_encode(key.spki));
}

/// "role keys…" of a known player, else "unknown" or "unavailable".
std::string spelled(const Lookup& lookup) {
  if (lookup.found == Found::unknown) return "unknown";
  if (lookup.found == Found::unavailable) return "unavailable";
  const Player& player = *lookup.player;
  std::string text = player.role + (player.removed ? " removed" : player.suspended ? " suspended" : " live");
  if (player.contract_bp) text += fmt::format(" {}{}", kCommission, *player.contract_bp);
  for (const Rate& rate : player.commissions) text += fmt::format(" {}{}@{}", kCommission, rate.bp, rate.from_ms);
  for (const PlayerKey& key : player.keys) text.append(1, ' ').append(spelled(key));
  return text;
}

PlayerKey key_of(std::string_view text) {
  std::array<std::string_view, 6> part;
  for (std::string_view& p : part) {
    const std::size_t cut = std::min(text.find(','), text.size());
    p = text.substr(0, cut);
    text.remove_prefix(std::min(cut + 1, text.size()));
  }
  PlayerKey key;
  key.key_id = part[0];
  key.usage = part[1] == "sign" ? KeyUsage::sign : KeyUsage::seal;
  key.not_before_ms = number_in(part[2]);
  key.not_after_ms = number_in(part[3]);
  if (part[4] != "-") key.withdrawn_from_ms = number_in(part[4]);
  key.spki = crypto::base64_decode(part[5]).value_or("");
  return key;
}

/// A word that follows role and life: what a Broker keeps, or a key.
void restore_word(const std::string& word, Player& player) {
  if (word.starts_with(kCommission)) {
    const std::string_view rate = std::string_view(word).substr(kCommission.size());
    const std::size_t cut = rate.find('@');
    const std::int64_t bp = number_in(rate.substr(0, cut));
    if (cut == std::string_view::npos) {
      player.contract_bp = bp;
    } else {
      player.commissions.push_back({number_in(rate.substr(cut + 1)), bp});
    }
  } else {
    player.keys.push_back(key_of(word));
  }
}

}  // namespace

std::string log_key(std::int64_t number) { return fmt::format("{:016}", number); }

std::string without_signatures(std::string text) {
  constexpr std::string_view kFrom = "<Sig>", kTo = "</Sig>";
  for (std::size_t from = text.find(kFrom); from != std::string::npos; from = text.find(kFrom, from)) {
    const std::size_t to = text.find(kTo, from);
    if (to == std::string::npos) return text;
    text.erase(from, to + kTo.size() - from);
  }
  return text;
}

std::string log_chain(std::string_view before, const ledger::Record& entry) {
  std::string bytes;
  add(bytes, before), add(bytes, entry.key), add(bytes, entry.state);
  for (const auto& [name, value] : entry.fields) {
    if (name != "chain") add(bytes, name), add(bytes, value);
  }
  return crypto::sha256_hex(bytes);
}

Lookup WatchedDirectory::find(std::string_view id) const {
  const Lookup lookup = inner_.find(id);
  if (asked_) said_[std::string(kPlayer).append(id)] = spelled(lookup);
  return lookup;
}

std::map<std::string, std::string> WatchedDirectory::take() const {
  asked_ = true;
  return std::exchange(said_, {});
}

void restore_directory(const std::map<std::string, std::string>& fields, TableDirectory& directory) {
  for (const auto& [name, value] : fields) {
    if (!name.starts_with(kPlayer)) continue;
    const std::string id = name.substr(kPlayer.size());
    directory.hide(id, value == "unavailable");
    const std::vector<std::string> word = words(value);
    if (word.size() < 2) {
      directory.remove(id);
      continue;
    }
    Player player;
    player.id = id;
    player.role = word[0];
    player.removed = word[1] == "removed";
    player.suspended = word[1] == "suspended";
    for (std::size_t i = 2; i < word.size(); ++i) restore_word(word[i], player);
    directory.put(std::move(player));
  }
}

std::map<std::string, std::string> log_settings(const Facts& facts) {
  std::map<std::string, std::string> settings = {{"host", facts.config.id},
                                                 {"profile", facts.config.profile},
                                                 {"protocols", joined(facts.config.protocols)},
                                                 {"vote_policy", facts.config.vote_policy},
                                                 {"max_batch", std::to_string(facts.config.max_batch)},
                                                 {"currencies", joined(facts.config.currencies)}};
  for (const auto& p : kLogged) settings[p.name] = std::to_string(facts.spans.*p.in_force);
  if (facts.config.fee_bp > 0) {  // a Host that charges nothing logs as one did that knew of no fee
    settings["fee_bp"] = std::to_string(facts.config.fee_bp);
    settings["commission_bp"] = std::to_string(facts.config.commission_bp);
  }
  return settings;
}

NodeConfig config_of(const std::map<std::string, std::string>& settings) {
  const auto value = [&](const char* name) {
    const auto at = settings.find(name);
    return at == settings.end() ? std::string{} : at->second;
  };
  NodeConfig config;
  config.role = "host";
  config.id = config.host = value("host");
  config.profile = value("profile");
  config.protocols = words(value("protocols"));
  config.vote_policy = value("vote_policy");
  config.max_batch = number_in(value("max_batch"));
  config.currencies = words(value("currencies"));
  config.fee_bp = number_in(value("fee_bp"));
  config.commission_bp = number_in(value("commission_bp"));
  for (const auto& p : kLogged) config.parameters.*p.set = number_in(value(p.name));
  return config;
}

void HostLog::took(const Request& request) {
  if (directory_) directory_->take();  // what the front asked is not what the case rests on
  Input input;
  input.fields = {{"kind", "request"}, {"path", std::string(request.ops->type->path)}};
  input.body = codec::write_document(*request.ops->type->request, request.document->object());
  inputs_.push_back(std::move(input));
}

void HostLog::switched(std::string_view kind) {
  Input input;
  input.fields = {{"kind", std::string(kind)}};
  input.always = true;
  inputs_.push_back(std::move(input));
}

void HostLog::stepped(const Turn& turn, std::string_view event, std::string_view row, bool changed) {
  if (!logged(turn.actor->table().protocol)) return;
  const bool timer = turn.actor->table().events[turn.event].kind == statemachines::EventKind::timer;
  const bool in_request = !inputs_.empty() && inputs_.front().fields["kind"] == "request";
  if (timer && !in_request) {
    Input input;
    input.fields = {{"kind", "timer"}, {"machine", std::string(turn.actor->table().id)}, {"key", turn.key()},
                    {"timer", std::string(turn.actor->table().events[turn.event].timer)}};
    inputs_.push_back(std::move(input));
  }
  if (!changed || inputs_.empty()) return;
  Fields change = {{"machine", std::string(turn.actor->table().id)},
                   {"key", turn.key()},
                   {"event", std::string(event)},
                   {"row", std::string(row)},
                   {"state", turn.record.state},
                   {"variables", joined(turn.record.variables)},
                   {"record", digest_of(turn.record)}};
  if (has_field(turn.record, "fee")) change["fee"] = field(turn.record, "fee");
  inputs_.back().changes.push_back(std::move(change));
}

void HostLog::close_unit() {
  std::erase_if(inputs_, [](const Input& input) { return !input.always && input.changes.empty(); });
  if (!inputs_.empty()) {
    end_ = store_.find(kLogEndMachine, "end").value_or(ledger::Record{std::string(kLogEndMachine), "end", "END", {}, {}});
    note_settings();
    for (Input& input : inputs_) append(input);
    store_.put(end_);
  }
  inputs_.clear();
  if (directory_) directory_->take();
}

/// The settings come before what was decided by them, and again when an operator has changed them.
void HostLog::note_settings() {
  const Fields settings = log_settings(facts_);
  std::string bytes;
  for (const auto& [name, value] : settings) add(bytes, name), add(bytes, value);
  if (field(end_, "settings") == bytes) return;
  append(kLogSettings, settings);
  end_.fields["settings"] = bytes;
}

void HostLog::append(Input& input) {
  Fields fields = std::move(input.fields);
  if (directory_) fields.merge(directory_->take());
  fields["at"] = std::to_string(facts_.now_ms);
  const std::string_view body = input.body;
  if (!body.empty()) fields["body"] = body.substr(0, kMaxLoggedPart);
  append(kLogInput, std::move(fields));
  for (std::size_t at = kMaxLoggedPart; at < body.size(); at += kMaxLoggedPart) {
    append(kLogPart, {{"body", std::string(body.substr(at, kMaxLoggedPart))}});
  }
  for (Fields& change : input.changes) append(kLogChange, std::move(change));
}

void HostLog::append(std::string_view state, Fields fields) {
  const std::int64_t last = number(end_, "number").value_or(0) + 1;
  ledger::Record entry{std::string(kLogMachine), log_key(last), std::string(state), {}, std::move(fields)};
  entry.fields["chain"] = log_chain(field(end_, "chain"), entry);
  set_number(end_, "number", last);
  end_.fields["chain"] = entry.fields["chain"];
  store_.put(entry);
}

}  // namespace quickpay::roles
