#include "reference/roles/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "reference/codec/generated/protocol.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/roles/broker.hpp"
#include "reference/roles/directory_asker.hpp"
#include "reference/roles/front.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/purchase_link.hpp"
#include "reference/roles/vendor.hpp"
#include "reference/roles/wallet.hpp"
#include "reference/roles/wallet_links.hpp"

namespace quickpay::roles {
namespace {

constexpr std::int64_t kPurgeEveryMs = 60'000;  ///< how often answers are forgotten that nobody may repeat any more
constexpr unsigned kServiceUnavailable = 503;

const tl::unexpected<Refusal> kWrongRole{Refusal{"wrong-role"}};

}  // namespace

class Node::Impl {
 public:
  /// Runs one input as one durable unit.
  template <class Action>
  auto input(Action&& action) {
    facts.now_ms = clock.now_ms();
    known.at(facts.now_ms);
    store.begin();
    struct End {
      Impl& impl;
      ~End() {
        if (impl.keys()) impl.keys()->renew_due();
        if (impl.host) impl.host->log().close_unit();
        if (impl.asks()) impl.asker.ask();
        impl.store.end();
      }
    } end{*this};
    return action();
  }

  Impl(NodeConfig config, ledger::Ledger& ledger_in, const Clock& clock_in, crypto::Random& random,
       const Directory& directory)
      : clock(clock_in),
        ledger(ledger_in),
        registered(directory),
        known(config),
        watched(config.host_entry.empty() ? static_cast<const Directory&>(registered) : static_cast<const Directory&>(known)),
        facts{std::move(config), {}, random, watched, 0},
        store(ledger_in) {
    facts.spans = spans_of(facts.config.parameters);
    const std::string& name = facts.config.role;
    const Parts& parts = linked_parts();
    auto& claimed = facts.config.protocols;
    if (claimed.empty() && !parts.first_left_out.empty()) claimed = linked_protocols();
    if (name == "wallet") wallet = make_wallet(stage, parts);
    if (name == "vendor") vendor = make_vendor(stage, parts);
    if (name == "broker") broker = make_broker(stage, parts);
    if (name == "host") host = make_host(stage, parts);
    if (host) host->log().watch(watched);
    input([&] {
      check_parts(parts);
      if (host) host->members().show_in(registered);
      if (registration()) registration()->recall_name();
      if (keys()) keys()->recall_keys();
      if (asks()) asker.begin();
      outbox.recover();
      stage.take_over();
      if (wallet) wallet->want_vendors();
    });
  }

  /// Nothing leaves a node that is to serve what its program has not got, or whose ledger holds what it does not know: timers
  /// and calls of such records would be lost.
  void check_parts(const Parts& parts) {
    const std::string missing(missing_protocol(facts.config.protocols));
    if (!missing.empty()) store.corrupt("this build is without the protocol " + missing + ", which is to be served");
    for (const MachineLeftOut& each : parts.left_out) {
      if (store.list(each.machine, "", 1).empty()) continue;
      store.corrupt("the ledger has records of " + std::string(each.machine) + ", and this build is without the protocol " +
                    std::string(each.protocol));
    }
  }

  /// Whether this node learns from the Host who others are.
  bool asks() const { return !facts.config.host_entry.empty(); }
  const Directory& inner() const { return asks() ? static_cast<const Directory&>(known) : static_cast<const Directory&>(registered); }

  /// What the Host said of a player, or did not.
  void looked_up(const ledger::Call& call, const CallResult& result) {
    if (!asker.answered(call, outbox.judge(call, result))) return;
    outbox.hurry_to(call.key);
    if (role()) role()->looked_up(call.key);
  }

  /// Whether orders of this Kind are served.
  bool trades(msg::Kind kind) const {
    const auto& message = kind == msg::Kind::regular ? msg::regular::kGetOrderMessage : msg::micro::kGetOrderMessage;
    return serves(facts.config, message.protocol);
  }

  /// A deliberately broken implementation follows links into other systems.
  bool is_own_host(std::string_view named) const {
    const bool own = named == facts.config.host;
    Deviation* deviation = facts.config.deviation;
    return deviation ? deviation->override_predicate(kLinkMachine, "own_host", own) : own;
  }

  /// What the Host says of this node, or nothing yet. It is asked from time to time, as others may change what it says.
  std::optional<msg::Entry> own_entry() {
    const std::string& id = facts.config.id;
    if (!asks() || known.asks_about(id) || known.find(id).found != Found::known) return std::nullopt;
    known.doubt(id);
    return asker.entry_of(id);
  }

  Role* role() const {
    if (wallet) return wallet.get();
    if (vendor) return vendor.get();
    if (broker) return broker.get();
    return host.get();
  }

  OwnKeys* keys() const { return role() ? role()->keys() : nullptr; }
  OwnRegistration* registration() const { return role() ? role()->own_registration() : nullptr; }

  tl::expected<void, Refusal> at_entry(std::string_view event, Wanted wanted) {
    if (!registration()) return kWrongRole;
    return input([&] { return registration()->act(event, std::move(wanted)); });
  }

  template <class Action>
  tl::expected<void, Refusal> at_keys(Action&& action) {
    if (!keys()) return kWrongRole;
    return input([&] { return action(*keys()); });
  }

  /// The log of who can be suspended, or null.
  Suspensions* suspensions() const {
    if (host) return &host->suspensions();
    return broker ? &broker->suspensions() : nullptr;
  }

  void purge() {
    if (facts.now_ms < purge_at_ms) return;
    store.purge_answers(facts.now_ms);
    purge_at_ms = facts.now_ms + kPurgeEveryMs;
  }

  tl::expected<void, Refusal> act(std::string_view order, std::string_view event, const UserInput& given = {}) {
    if (!wallet) return kWrongRole;
    return input([&] { return wallet->act(order, event, given); });
  }

  /// What an operator wants of the claim of an order, of whatever Kind: no OrderId is used for two (QP-ADD-23).
  template <class Action>
  tl::expected<void, Refusal> at_claim(std::string_view order_id, Action&& action) {
    if (!vendor) return kWrongRole;
    msg::OrderRef ref;
    ref.vendor = facts.config.id;
    ref.order_id = order_id;
    return input([&] {
      tl::expected<void, Refusal> done = tl::unexpected(Refusal{"unknown-order"});
      for (const msg::Kind kind : {msg::Kind::micro, msg::Kind::regular}) {
        ref.kind = kind;
        if (!done && done.error().reason == "unknown-order") done = action(order_key(ref));
      }
      return done;
    });
  }

  const Clock& clock;
  ledger::Ledger& ledger;
  RegisteredDirectory registered;
  DirectoryCache known;
  WatchedDirectory watched;
  Facts facts;
  Store store;
  Output output;
  Answers answers{facts, store, output};
  Outbox outbox{facts, store, output};
  Stage stage{facts, store, answers, outbox, output};
  Front front{facts, store, answers};
  DirectoryAsker asker{facts, store, outbox, known, output};
  std::unique_ptr<WalletRole> wallet;
  std::unique_ptr<VendorRole> vendor;
  std::unique_ptr<BrokerRole> broker;
  std::unique_ptr<HostRole> host;
  std::int64_t purge_at_ms = 0;
};

Node::Node(NodeConfig config, ledger::Ledger& ledger, const Clock& clock, crypto::Random& random,
           const Directory& directory)
    : impl_(std::make_unique<Impl>(std::move(config), ledger, clock, random, directory)) {}
Node::Node(Node&&) noexcept = default;
Node& Node::operator=(Node&&) noexcept = default;
Node::~Node() = default;

const crypto::CryptoCounters& Node::crypto_counters() const { return impl_->facts.crypto; }

const NodeConfig& Node::config() const { return impl_->facts.config; }

void Node::on_request(ConnectionToken connection, std::string_view peer_address, std::string_view path,
                      std::string_view body) {
  impl_->input([&] {
    if (Deviation* deviation = impl_->facts.config.deviation) deviation->see_request(path, body);
    if (impl_->suspensions() && impl_->suspensions()->suspended()) {
      return impl_->answers.http(connection, kServiceUnavailable);
    }
    auto request = impl_->front.admit(connection, peer_address, path, body);
    if (!request) return;
    if (impl_->role()) impl_->role()->on_request(*request);
    impl_->answers.give(*request, protocol::QP_E_INTERNAL, {});  // does nothing if it was answered or parked
  });
}

void Node::on_call_result(std::string_view msg_id, const CallResult& result) {
  impl_->input([&] {
    impl_->outbox.landed(msg_id);
    const auto call = impl_->store.find_call(msg_id);
    if (call && call->machine == kEntryMachine) return impl_->looked_up(*call, result);
    if (call && call->message != kFetch) impl_->stage.answered(*call, impl_->outbox.judge(*call, result));
  });
}

void Node::on_fetch_result(std::string_view id, bool ok, std::string body) {
  impl_->input([&] {
    impl_->outbox.landed(id);
    const auto call = impl_->store.find_call(id);
    const bool whole = ok && body.size() <= kMaxFetchedBytes;
    if (call && call->message == kFetch) impl_->stage.fetched(*call, whole, body);
  });
}

void Node::on_disconnect(ConnectionToken connection) { impl_->answers.disconnect(connection); }

void Node::on_time() {
  impl_->input([&] {
    impl_->stage.fire_due();
    impl_->outbox.issue_due();
    impl_->purge();
  });
}

tl::expected<std::string, Refusal> Node::open_purchase_link(std::string_view document, std::int64_t quantity) {
  if (!impl_->wallet) return kWrongRole;
  const auto link = read_purchase_link(document);
  if (!link) {
    return tl::unexpected(Refusal{fmt::format("{} at byte {}", codec::code_of(link.error().fault), link.error().offset)});
  }
  if (!impl_->is_own_host(link->host)) return tl::unexpected(Refusal{"other-host"});
  if (!impl_->trades(link->kind)) return not_served();
  const UserInput given{link->vendor, link->item, {}, quantity};
  return impl_->input([&] {
    const bool known = link->entry && impl_->asks() && impl_->asker.brought(link->vendor, *link->entry);
    if (known) impl_->wallet->looked_up(link->vendor);  // what waited for it goes on
    return link->kind == msg::Kind::regular ? impl_->wallet->open_regular_link(given) : impl_->wallet->open_link(given);
  });
}

tl::expected<std::string, Refusal> Node::purchase_link(std::string_view item, bool regular) {
  if (!impl_->vendor) return kWrongRole;
  const NodeConfig& config = impl_->facts.config;
  const msg::Kind kind = regular ? msg::Kind::regular : msg::Kind::micro;
  if (config.id.empty()) return tl::unexpected(Refusal{"out-of-state"});
  if (!impl_->trades(kind)) return not_served();
  if (!codec::carries(msg::kPurchaseLinkType, "Item", item)) return tl::unexpected(Refusal{"unfit-item"});
  return impl_->input([&] {
    return write_purchase_link({config.host, config.id, kind, std::string(item), impl_->own_entry()});
  });
}

tl::expected<std::string, Refusal> Node::open_link(std::string_view vendor, std::string_view item) {
  if (!impl_->wallet) return kWrongRole;
  const UserInput given{std::string(vendor), std::string(item), {}};
  return impl_->input([&] { return impl_->wallet->open_link(given); });
}

tl::expected<std::string, Refusal> Node::open_regular_link(std::string_view vendor, std::string_view item,
                                                           std::int64_t quantity) {
  if (!impl_->wallet) return kWrongRole;
  const UserInput given{std::string(vendor), std::string(item), {}, quantity};
  return impl_->input([&] { return impl_->wallet->open_regular_link(given); });
}

tl::expected<void, Refusal> Node::confirm(std::string_view order, std::string_view digest) {
  return impl_->act(order, "confirm", {{}, {}, std::string(digest)});
}
tl::expected<void, Refusal> Node::decline(std::string_view order) { return impl_->act(order, "decline"); }
tl::expected<void, Refusal> Node::cancel(std::string_view order) { return impl_->act(order, "cancel"); }
tl::expected<void, Refusal> Node::try_again(std::string_view order) { return impl_->act(order, "try-again"); }

tl::expected<void, Refusal> Node::refunded(std::string_view order) { return impl_->act(order, "refunded"); }

tl::expected<void, Refusal> Node::activate_paycard(std::string_view paycard) {
  if (!impl_->wallet) return kWrongRole;
  return impl_->input([&] { return impl_->wallet->activate_paycard(paycard); });
}

tl::expected<std::string, Refusal> Node::add_paycard(std::string_view product, std::string_view issue_code) {
  if (!impl_->wallet) return kWrongRole;
  UserInput given;
  given.product = product;
  given.issue_code = issue_code;
  return impl_->input([&] { return impl_->wallet->added().add(given); });
}

tl::expected<void, Refusal> Node::answer_questions(std::string_view adding,
                                                   const std::vector<std::pair<std::int64_t, std::string>>& answers) {
  UserInput given;
  for (const auto& [no, value] : answers) given.answers.push_back({no, value});
  return impl_->act(adding, "answer", given);
}

tl::expected<void, Refusal> Node::remove_paycard(std::string_view paycard) {
  if (!impl_->wallet) return kWrongRole;
  return impl_->input([&] { return impl_->wallet->added().remove(paycard); });
}

void Node::show_offers() {
  if (impl_->wallet) impl_->input([&] { impl_->wallet->show_offers(); });
}

tl::expected<void, Refusal> Node::block_paycard(std::string_view paycard, bool blocked) {
  if (!impl_->broker) return kWrongRole;
  const auto names = [&](const auto& each) { return each.paycard == paycard; };
  const auto& bound = impl_->facts.config.bindings;
  const auto& enrolled = impl_->facts.config.enrolments;
  const bool known = std::any_of(bound.begin(), bound.end(), names) || std::any_of(enrolled.begin(), enrolled.end(), names);
  if (!known) return tl::unexpected(Refusal{"unknown-paycard"});
  impl_->input([&] { impl_->broker->block(paycard, blocked); });
  return {};
}

tl::expected<void, Refusal> Node::suspend() {
  if (!impl_->suspensions()) return kWrongRole;
  impl_->input([&] { impl_->host ? impl_->host->suspend() : impl_->suspensions()->begin(); });
  return {};
}

tl::expected<void, Refusal> Node::resume() {
  if (!impl_->suspensions()) return kWrongRole;
  impl_->input([&] { impl_->host ? impl_->host->resume() : impl_->suspensions()->end(); });
  return {};
}

tl::expected<std::size_t, Refusal> Node::settle() {
  if (!impl_->vendor) return kWrongRole;
  return impl_->input([&] { return impl_->vendor->claims().run(); });
}

tl::expected<void, Refusal> Node::withdraw(std::string_view order_id) {
  return impl_->at_claim(order_id, [&](const std::string& key) { return impl_->vendor->claims().withdraw(key); });
}

tl::expected<void, Refusal> Node::revoke(std::string_view order_id, std::string_view reason) {
  const auto known = spelled_as<msg::RevokeReason>(reason);
  if (!known) return tl::unexpected(Refusal{"unknown-reason"});
  return impl_->at_claim(order_id, [&](const std::string& key) { return impl_->vendor->revokes().revoke(key, *known); });
}

tl::expected<void, Refusal> Node::contest(std::string_view order_id) {
  return impl_->at_claim(order_id, [&](const std::string& key) { return impl_->vendor->claims().contest(key); });
}

tl::expected<void, Refusal> Node::register_self(Wanted wanted) { return impl_->at_entry("register", std::move(wanted)); }

tl::expected<void, Refusal> Node::change_self(Wanted wanted) { return impl_->at_entry("change", std::move(wanted)); }

tl::expected<void, Refusal> Node::leave() {
  if (impl_->broker) return kWrongRole;  // the Host's owner removes it
  return impl_->at_entry("leave", {});
}

tl::expected<void, Refusal> Node::publish_key(std::string_view key_id) {
  return impl_->at_keys([&](OwnKeys& keys) { return keys.publish(key_id); });
}

tl::expected<void, Refusal> Node::withdraw_key(std::string_view key_id, std::string_view reason,
                                               std::optional<std::int64_t> from_ms) {
  return impl_->at_keys(
      [&](OwnKeys& keys) { return keys.withdraw(key_id, reason, from_ms.value_or(impl_->facts.now_ms)); });
}

tl::expected<void, Refusal> Node::renew_key(std::string_view peer) {
  return impl_->at_keys([&](OwnKeys& keys) { return keys.renew(peer); });
}

std::optional<Goods> Node::redeem(std::string_view ticket) const {
  impl_->facts.now_ms = impl_->clock.now_ms();
  return impl_->vendor ? impl_->vendor->redeem(ticket) : std::nullopt;
}

const Directory& Node::directory() const { return impl_->inner(); }

std::optional<std::string> Node::host_entry() {
  if (!impl_->host) return std::nullopt;
  return impl_->input([&] { return impl_->host->own_entry(); });
}

tl::expected<std::vector<ledger::Record>, ledger::Error> Node::records(std::string_view machine,
                                                                       std::string_view after_key,
                                                                       std::size_t limit) const {
  return impl_->ledger.list(machine, after_key, limit);
}

tl::expected<Output, ledger::Error> Node::flush() {
  impl_->store.flush();
  if (impl_->store.error()) return tl::unexpected(*impl_->store.error());
  return std::exchange(impl_->output, {});
}

std::optional<std::int64_t> Node::next_due_ms() const {
  const auto timer = impl_->store.next_timer_ms();
  const auto call = impl_->store.next_call_ms();
  if (!timer || !call) return timer ? timer : call;
  return std::min(*timer, *call);
}

}  // namespace quickpay::roles
