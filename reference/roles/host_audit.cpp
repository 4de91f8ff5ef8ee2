#include "reference/roles/host_audit.hpp"

#include <fmt/format.h>

#include <functional>
#include <limits>
#include <memory>
#include <utility>

#include "reference/codec/codec.hpp"
#include "reference/crypto/rsa.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/parts.hpp"

namespace quickpay::roles {
namespace {

constexpr std::size_t kPage = 1000;         // entries read at a time
constexpr std::size_t kMaxChunk = 100'000;  // entries that one input may have

using Fields = std::map<std::string, std::string>;

std::string value(const Fields& fields, const std::string& name) {
  const auto at = fields.find(name);
  return at == fields.end() ? std::string{} : at->second;
}

/// A key with which nobody signs; making one takes a moment.
const std::string& some_key() {
  static const std::string pkcs8 = [] {
    crypto::SeededRandom random(std::uint64_t{0});
    crypto::CryptoCounters counters;
    const auto key = crypto::RsaPrivateKey::generate(crypto::kMinKeyBits, random, counters);
    return key ? key->pkcs8_der() : std::string{};
  }();
  return pkcs8;
}

std::string entry_name(std::int64_t number) { return fmt::format("entry {} of the log", number); }

/// A Host that follows the rules, run on an empty ledger by the inputs of a log.
class Replay {
 public:
  Replay(ledger::Ledger& ledger, const std::vector<SharedKeyConfig>& shared_keys)
      : facts_{NodeConfig{}, {}, random_, watched_, 0}, store_(ledger), shared_keys_(shared_keys) {
    host_.log().watch(watched_);
    watched_.take();
  }

  /// These settings are in force from now on.
  void settle(const Fields& settings) {
    facts_.config = config_of(settings);
    facts_.config.shared_keys = shared_keys_;
    facts_.spans = spans_of(facts_.config.parameters);
  }

  /// Runs one input; false if it cannot be read.
  bool run(const ledger::Record& input, const std::string& body) {
    restore_directory(input.fields, directory_);
    store_.begin();
    facts_.now_ms = number(input, "at").value_or(0);
    const bool known = act(input.fields, body);
    host_.log().close_unit();
    store_.end();
    output_ = {};
    return known;
  }

  const Stage& stage() const { return stage_; }
  const std::optional<ledger::Error>& error() const { return store_.error(); }

 private:
  /// The Host signed what it decided. Its key is not here, and what it signed is compared without signatures: any key does.
  void sign_anyhow() {
    constexpr auto kFirst = std::numeric_limits<std::int64_t>::min(), kLast = std::numeric_limits<std::int64_t>::max();
    if (facts_.config.signing_keys.empty()) facts_.config.signing_keys = {{some_key(), kFirst, kLast}};
  }

  bool act(const Fields& input, const std::string& body) {
    const std::string kind = value(input, "kind");
    if (kind == "request") return request(value(input, "path"), body);
    if (kind == "timer") return stage_.fire(value(input, "machine"), value(input, "key"), value(input, "timer")), true;
    if (kind == "suspend") return host_.suspend(), true;
    if (kind == "resume") return host_.resume(), true;
    return false;
  }

  bool request(const std::string& path, const std::string& body) {
    Request request;
    request.ops = ops_of_path(path);
    if (!request.ops) return false;
    if (path == msg::batch::kSettleWithHostMessage.path) sign_anyhow();
    request.document = request.ops->request();
    if (!codec::read_document(body, *request.ops->type->request, request.document->object())) return false;
    host_.on_request(request);
    return true;
  }

  crypto::SeededRandom random_{std::uint64_t{0}};  // of identifiers that no case depends on
  TableDirectory directory_;
  WatchedDirectory watched_{directory_};
  Facts facts_;
  Store store_;
  std::vector<SharedKeyConfig> shared_keys_;
  Output output_;
  Answers answers_{facts_, store_, output_};
  Outbox outbox_{facts_, store_, output_};
  Stage stage_{facts_, store_, answers_, outbox_, output_};
  HostRole host_{stage_, linked_parts()};
};

class Audit {
 public:
  Audit(ledger::Ledger& ledger, ledger::Ledger& scratch, const AuditOptions& options)
      : ledger_(ledger), scratch_(scratch), options_(options), expected_(options.chain) {}

  ledger::Result<AuditReport> run() {
    if (auto read = each_entry([&](const ledger::Record& entry) { return take(entry); }); !read) return tl::unexpected(read.error());
    if (!found()) finish_input();
    if (!found()) check_end();
    if (!found() && !failed_) compare_records();
    if (failed_) return tl::unexpected(*failed_);
    return report_;
  }

 private:
  bool found() const { return report_.finding.has_value(); }
  bool find(std::string where, std::string what) {
    if (!found()) report_.finding = AuditFinding{std::move(where), std::move(what)};
    return false;
  }
  template <class T>
  T got(ledger::Result<T> result) {
    if (result) return std::move(*result);
    failed_ = result.error();
    return {};
  }

  /// All entries in order, until `take` says that it is enough.
  ledger::Result<void> each_entry(const std::function<bool(const ledger::Record&)>& take) {
    std::string after;
    while (true) {
      auto page = ledger_.list(kLogMachine, after, kPage);
      if (!page) return tl::unexpected(page.error());
      for (const ledger::Record& entry : *page) {
        if (!take(entry)) return {};
      }
      if (page->size() < kPage) return {};
      after = page->back().key;
      if (options_.progress) options_.progress(report_.entries);
    }
  }

  bool take(const ledger::Record& entry) {
    const std::int64_t number = report_.entries + 1;
    if (entry.key != log_key(number)) {
      return find(entry_name(number), fmt::format("it is missing; in its place stands entry {}", entry.key));
    }
    if (field(entry, "chain") != log_chain(report_.chain, entry)) {
      return find(entry_name(number), "it does not continue the chain: this entry or its place was changed");
    }
    report_.entries = number;
    report_.chain = field(entry, "chain");
    if (report_.chain == expected_) expected_.clear();
    return replay(entry) && !failed_;
  }

  /// Entries are kept until the next input begins; then the one before is run and compared.
  bool replay(const ledger::Record& entry) {
    if (entry.state == kLogSettings || entry.state == kLogInput) {
      if (!finish_input()) return false;
    }
    if (entry.state == kLogSettings) settings_ = entry.fields;
    pending_.push_back(entry);
    if (pending_.size() <= kMaxChunk) return true;
    return find(entry_name(report_.entries), "no input has that many entries");
  }

  bool finish_input() {
    if (pending_.empty()) return true;
    if (pending_.front().state == kLogSettings && pending_.size() == 1) return true;  // goes with the input that follows
    if (!settings_) return find(entry_name(1), "the log does not begin with settings");
    if (!can_replay()) return false;
    if (!replay_) replay_ = std::make_unique<Replay>(scratch_, options_.shared_keys);
    replay_->settle(*settings_);
    return run_pending();
  }

  /// A program that has not got a protocol cannot say what a Host that served it had to do.
  bool can_replay() {
    const std::string missing(missing_protocol(config_of(*settings_).protocols));
    if (missing.empty()) return true;
    failed_ = ledger::Error{"the Host served the protocol " + missing + ", which this build is without"};
    return false;
  }

  bool run_pending() {
    std::string body;
    const ledger::Record* input = nullptr;
    for (const ledger::Record& entry : pending_) {
      if (entry.state == kLogInput) input = &entry;
      if (entry.state == kLogInput || entry.state == kLogPart) body += field(entry, "body");
    }
    if (!input) return find(entry_name(first_pending()), "it tells of a change without an input");
    if (options_.shared_keys.empty() && body.find("<HostReceipt>") != std::string::npos) {
      failed_ = ledger::Error{entry_name(first_pending()) + " carries a receipt, which only the Host's keys can check", true};
      return false;
    }
    if (!replay_->run(*input, body)) return find(entry_name(first_pending()), "its input cannot be read");
    if (replay_->error()) failed_ = *replay_->error();
    ++report_.inputs;
    return compare_pending();
  }

  std::int64_t first_pending() const { return std::stoll(pending_.front().key); }

  /// What the replay logged has to be what is logged, entry by entry.
  bool compare_pending() {
    const auto same = got(scratch_.list(kLogMachine, log_key(first_pending() - 1), pending_.size() + 1));
    for (std::size_t i = 0; i < pending_.size(); ++i) {
      const std::string name = entry_name(first_pending() + static_cast<std::int64_t>(i));
      if (i >= same.size()) return find(name, "by the rules nothing happens here: " + told(pending_[i]));
      if (same[i] != pending_[i]) {
        return find(name, fmt::format("by the rules it is {}; the log says {}", told(same[i]), told(pending_[i])));
      }
    }
    if (same.size() > pending_.size()) {
      const auto next = first_pending() + static_cast<std::int64_t>(pending_.size());
      return find(entry_name(next), "by the rules there is one more here: " + told(same.back()));
    }
    pending_.clear();
    return true;
  }

  /// An entry in a few words.
  static std::string told(const ledger::Record& entry) {
    const Fields& f = entry.fields;
    if (entry.state == kLogChange) {
      const std::string fee = value(f, "fee");
      return fmt::format("{} {} by {} to {} [{}]{}, record {}", value(f, "machine"), value(f, "row"), value(f, "event"),
                         value(f, "state"), value(f, "variables"), fee.empty() ? "" : ", fee " + fee,
                         value(f, "record").substr(0, 16));
    }
    return entry.state + " " + value(f, "kind") + value(f, "path");
  }

  void check_end() {
    const auto end = got(ledger_.find(kLogEndMachine, "end"));
    const std::int64_t last = end ? number(*end, "number").value_or(0) : 0;
    if (last != report_.entries || (end && field(*end, "chain") != report_.chain)) {
      find(entry_name(report_.entries + 1), fmt::format("the log ends before it, but the ledger knows of {} entries", last));
    }
    if (!expected_.empty()) find("the log", "no entry has the chain value that was given: entries were cut off or replaced");
  }

  void compare_records() {
    if (!replay_) replay_ = std::make_unique<Replay>(scratch_, options_.shared_keys);
    for (const Actor* actor : replay_->stage().actors()) {
      if (!logged(actor->table().protocol)) continue;
      if (!compare_machine(std::string(actor->table().id))) return;
    }
    compare_machine(std::string(kFeeMachine));
  }

  bool compare_machine(const std::string& machine) {
    std::string after;
    while (!failed_) {
      const auto ours = got(ledger_.list(machine, after, kPage));
      const auto theirs = got(scratch_.list(machine, after, kPage));
      for (std::size_t i = 0; i < std::max(ours.size(), theirs.size()); ++i) {
        if (!compare(i < ours.size() ? &ours[i] : nullptr, i < theirs.size() ? &theirs[i] : nullptr)) return false;
      }
      if (ours.size() < kPage) return true;
      after = ours.back().key;
    }
    return false;
  }

  static ledger::Record unsigned_record(ledger::Record record) {
    for (auto& [name, text] : record.fields) text = without_signatures(std::move(text));
    return record;
  }

  bool compare(const ledger::Record* kept, const ledger::Record* replayed) {
    if (!replayed || (kept && kept->key < replayed->key)) {
      return find(kept->machine + " " + kept->key, "the log knows nothing of this record");
    }
    if (!kept || replayed->key < kept->key) {
      return find(replayed->machine + " " + replayed->key, "the record is missing; the log tells of it");
    }
    ++report_.records;
    if (unsigned_record(*kept) == unsigned_record(*replayed)) return true;
    for (const auto& [name, text] : replayed->fields) {
      if (without_signatures(std::string(field(*kept, name))) == without_signatures(text)) continue;
      return find(kept->machine + " " + kept->key, fmt::format("{} is \"{}\", by the log it is \"{}\"", name, field(*kept, name), text));
    }
    return find(kept->machine + " " + kept->key, "it is not in the state that the log tells of");
  }

  ledger::Ledger& ledger_;
  ledger::Ledger& scratch_;
  const AuditOptions& options_;
  std::string expected_;  ///< the chain value that has not occurred yet
  AuditReport report_;
  std::optional<ledger::Error> failed_;
  std::optional<Fields> settings_;
  std::unique_ptr<Replay> replay_;
  std::vector<ledger::Record> pending_;
};

}  // namespace

ledger::Result<AuditReport> audit_host(ledger::Ledger& ledger, ledger::Ledger& scratch, const AuditOptions& options) {
  return Audit(ledger, scratch, options).run();
}

}  // namespace quickpay::roles
