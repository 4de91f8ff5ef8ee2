#include "conformance/reference_adapter/reference_session.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <span>

#include "conformance/reference_adapter/observe.hpp"
#include "reference/codec/protocols.hpp"
#include "reference/daemon/config_file.hpp"
#include "reference/daemon/program.hpp"
#include "reference/roles/times.hpp"

namespace quickpay::conformance {

namespace {

using Clock = Waiters::Clock;
using std::chrono::milliseconds;

OrderedJson some_of(const OrderedJson& object, std::span<const char* const> names) {
  OrderedJson some = OrderedJson::object();
  for (const char* name : names) {
    if (object.contains(name)) {
      some[name] = object[name];
    }
  }
  return some;
}

/// The adapter protocol ignores fields that it does not know; the readers of configuration files do not.
OrderedJson known_fields(const OrderedJson& command) {
  static constexpr std::array kKnown = {"directory", "parameters", "fixtures"};
  static constexpr std::array kFixtures = {"paycards", "items",    "brokers_accepted", "accounts",
                                           "bindings", "keys", "signing_keys",
                                           "sealing_keys", "paycard_files", "enrolments"};
  static constexpr std::array kPolicy = {"commission_bp", "value_after", "max_batch", "probes_locally", "broker_codes", "receipt_from", "fee_bp"};
  OrderedJson known = some_of(command, kKnown);
  if (known.contains("fixtures") && known["fixtures"].is_object()) {
    const OrderedJson given = known["fixtures"];
    known["fixtures"] = some_of(given, kFixtures);
    if (given.contains("policy") && given["policy"].is_object()) {
      known["policy"] = some_of(given["policy"], kPolicy);
    }
  }
  return known;
}

}  // namespace

ReferenceSession::ReferenceSession(boost::asio::io_context& io, Waiters& waiters, mutants::Fault fault, std::string folder)
    : io_(io), waiters_(waiters), fault_(std::move(fault)), folder_(std::move(folder)), purchases_(fault_.manners), additions_(fault_.manners) {}

ReferenceSession::~ReferenceSession() { *alive_ = false; }

tl::expected<std::unique_ptr<ReferenceSession>, std::string> ReferenceSession::start(
    boost::asio::io_context& io, Waiters& waiters, const AdapterSettings& settings, const OrderedJson& command,
    const std::string& folder) {
  mutants::Fault fault;
  if (!settings.fault.empty()) {
    auto made = mutants::make_fault(settings.fault);
    if (!made) {
      return tl::unexpected("no such fault: " + settings.fault);
    }
    fault = std::move(*made);
  }
  if (settings.deviation) fault.deviation = settings.deviation();
  std::unique_ptr<ReferenceSession> session(new ReferenceSession(io, waiters, std::move(fault), folder));
  const auto started = session->configure(settings, command).and_then([&] { return session->open_ledger(); }).and_then([&] {
    return session->open_daemon(0);
  });
  if (!started) {
    return tl::unexpected(started.error());
  }
  return session;
}

tl::expected<void, std::string> ReferenceSession::configure(const AdapterSettings& settings, const OrderedJson& command) {
  roles::NodeConfig& node = config_.node;
  node.role = text_of(command, "role");
  node.id = text_of(command, "player");
  node.host = text_of(command, "host");
  node.profile = text_of(command, "profile");
  node.protocols = settings.protocols;
  if (fault_.manners.claims_everything) {
    node.profile = "F";
    node.protocols = {codec::protocol_names().front()};
  }
  node.currencies = command.value("currencies", std::vector<std::string>{});
  node.trace = !settings.trace.empty();
  trace_path_ = fmt::format("{}/{}-{}.ndjson", settings.trace, ::getpid(), std::filesystem::path(folder_).filename().string());
  const auto now = roles::parse_time(text_of(command, "now"));
  const bool may_be_nameless = node.role != "host";  // one that registers
  if (!now || node.role.empty() || (node.id.empty() && !may_be_nameless)) {
    return tl::unexpected(std::string("setup: role, player or now is missing"));
  }
  clock_ = std::make_unique<daemon::ManualClock>(*now);
  random_ = std::make_unique<crypto::BotanRandom>();
  const OrderedJson known = known_fields(command);
  daemon::Problem problem;
  daemon::ObjectReader reader(known, "", problem);
  daemon::read_parameters(reader, node.parameters);
  daemon::read_fixtures(reader, node);
  daemon::read_policy(reader, node);
  node.commission_bp += fault_.manners.commission_off_bp;
  node.fee_bp += fault_.manners.fee_off_bp;
  if (problem.found()) {
    return tl::unexpected("setup: " + problem.text());
  }
  look_up(command.value("fixtures", OrderedJson::object()));
  if (const auto wallet = give_cards(command); !wallet) {
    return wallet;
  }
  config_.listen_address = text_of(command, "listen");
  config_.source_address = text_of(command, "source");
  config_.follows_clock = false;
  if (node.role == "wallet" && node.id.empty()) {
    node.software = daemon::this_program();
  }
  node.deviation = fault_.deviation.get();
  if (const auto machines = settings.interpreted && !fault_.machines ? mutants::mutated_factory("") : fault_.machines) {
    node.engine_factory = *machines;
  }
  return set_directory(command);
}

/// Where the session gives the Host's entry alone the others are looked up.
void ReferenceSession::look_up(const OrderedJson& fixtures) {
  config_.node.host_entry = text_of(fixtures, "host_entry");
  for (const OrderedJson& ticket : fixtures.value("tickets", OrderedJson::array())) {
    config_.node.tickets.push_back({text_of(ticket, "wallet"), text_of(ticket, "ticket")});
  }
}

/// The files of Paycards that the user of a Wallet may add.
tl::expected<void, std::string> ReferenceSession::give_cards(const OrderedJson& command) {
  auto files = card_files_of(command.value("fixtures", OrderedJson::object()));
  if (!files) {
    return tl::unexpected("setup: " + files.error());
  }
  card_files_ = std::move(*files);
  config_.node.new_paycards = card_files_.products;
  config_.node.paycard_port = card_files_.port.get();
  return {};
}

tl::expected<void, std::string> ReferenceSession::set_directory(const OrderedJson& command) {
  const OrderedJson known = known_fields(command);
  daemon::Problem problem;
  daemon::ObjectReader reader(known, "", problem);
  std::vector<roles::Player> players = daemon::read_players(reader, "directory");
  if (problem.found()) {
    return tl::unexpected("directory: " + problem.text());
  }
  for (const std::string& id : listed_) {
    directory_.remove(id);
  }
  listed_.clear();
  for (roles::Player& player : players) {
    listed_.push_back(player.id);
    directory_.put(std::move(player));
  }
  return {};
}

tl::expected<void, std::string> ReferenceSession::open_ledger() {
  ledger_.reset();
  if (ledgers_ == 0 || fault_.manners.forgets_on_restart) {
    ++ledgers_;
    fresh_ = true;
  }
  auto opened = ledger::open_sqlite(fmt::format("{}-{}.db", folder_, ledgers_));
  if (!opened) {
    return tl::unexpected(opened.error().what);
  }
  ledger_ = std::move(*opened);
  return {};
}

tl::expected<void, std::string> ReferenceSession::open_daemon(std::uint16_t port) {
  daemon::Listeners listeners;
  listeners.user = [this](const roles::UserEvent& event) {
    purchases_.on_event(event);
    additions_.on_event(event);
    membership_.on_event(event);
  };
  listeners.failed = [](const std::string&) { std::_Exit(3); };
  if (config_.node.trace) {
    if (const auto begun = trace_.begin(trace_path_, config_.node, std::exchange(fresh_, false)); !begun) {
      return begun;
    }
    listeners.trace = [this](const roles::TraceLine& line) { return trace_.write(line); };
  }
  daemon::DaemonConfig config = config_;
  config.listen_port = port;
  auto started = daemon::Daemon::start(config, {io_, *ledger_, *clock_, *random_, directory_}, listeners);
  if (!started && port != 0) {
    config.listen_port = 0;
    started = daemon::Daemon::start(config, {io_, *ledger_, *clock_, *random_, directory_}, listeners);
  }
  if (!started) {
    return tl::unexpected(started.error());
  }
  daemon_ = std::move(*started);
  purchases_.attach(daemon_.get());
  additions_.attach(daemon_.get());
  membership_.attach(daemon_.get());
  return {};
}

OrderedJson ReferenceSession::ready() const {
  OrderedJson reply = {{"ready", true}};
  if (!config_.listen_address.empty()) {
    reply["listen"] = {{"address", config_.listen_address}, {"port", daemon_->port()}};
  }
  return reply;
}

// ---------------------------------------------------------------- rest and time
void ReferenceSession::when_quiet(milliseconds patience, std::function<void()> done) {
  constexpr int kRest = 2;  // ticks without work: bytes that wait in a socket are seen in between
  waiters_.add(
      [this, alive = std::weak_ptr<bool>(alive_), rest = 0](bool late) mutable {
        if (alive.expired()) {
          return true;
        }
        rest = daemon_->busy() ? 0 : rest + 1;
        return rest >= kRest || late;
      },
      patience,
      [alive = std::weak_ptr<bool>(alive_), done = std::move(done)] {
        if (!alive.expired()) {
          done();
        }
      });
}

void ReferenceSession::fence(Reply reply) {
  when_quiet(kPatience, [reply = std::move(reply)] { reply({{"done", true}}); });
}

void ReferenceSession::clock(std::int64_t advance_ms, Reply reply) {
  step_clock(clock_->now_ms() + std::max<std::int64_t>(advance_ms, 0), 0, Clock::now() + kClockPatience, std::move(reply));
}

/// Fires timers one after the other, each at its own time: later ones may depend on what earlier ones did.
void ReferenceSession::step_clock(std::int64_t target_ms, std::size_t steps, Clock::time_point patience_end, Reply reply) {
  const auto due = daemon_->node().next_due_ms();
  const bool last = steps >= kMaxClockSteps || !due || *due >= target_ms;
  const std::int64_t next = last ? target_ms : std::max(*due, clock_->now_ms());
  clock_->advance(next - clock_->now_ms());
  daemon_->clock_moved();
  const auto left = std::chrono::duration_cast<milliseconds>(patience_end - Clock::now());
  when_quiet(std::clamp(left, milliseconds(0), kPatience),
             [this, target_ms, steps, patience_end, last, reply = std::move(reply)]() mutable {
               if (!last) {
                 return step_clock(target_ms, steps + 1, patience_end, std::move(reply));
               }
               OrderedJson answer = {{"now", roles::format_time(clock_->now_ms())}, {"next_due_ms", nullptr}};
               if (const auto due_then = daemon_->node().next_due_ms()) {
                 answer["next_due_ms"] = std::max<std::int64_t>(*due_then - clock_->now_ms(), 0);
               }
               reply(std::move(answer));
             });
}

void ReferenceSession::restart(bool hard, Reply reply) {
  if (hard) {
    return begin_again(true, reply);
  }
  auto stopped = std::make_shared<bool>(false);
  daemon_->stop([this, stopped] {
    trace_.end();
    *stopped = true;
  });
  waiters_.add([stopped](bool late) { return *stopped || late; }, milliseconds(daemon::kDrainMs),
               [this, alive = std::weak_ptr<bool>(alive_), reply = std::move(reply)] {
                 if (!alive.expired()) {
                   begin_again(false, reply);
                 }
               });
}

tl::expected<void, std::string> ReferenceSession::lose_in_crash() {
  const mutants::Manners& manners = fault_.manners;
  if (!manners.loses_its_outbox && !manners.tears_its_writes) return {};
  const auto each = [this, &manners]() -> ledger::Result<void> {
    if (auto begun = ledger_->begin_unit(); !begun) return begun;
    if (manners.loses_its_outbox) {
      const auto calls = ledger_->due_calls(std::numeric_limits<std::int64_t>::max(), ledger::kMaxListed);
      for (const ledger::Call& call : calls.value_or(std::vector<ledger::Call>{})) (void)ledger_->erase_call(call.msg_id);
    }
    if (manners.tears_its_writes) {
      for (const char* machine : {"broker.batch", "broker.revoke"}) {
        const auto records = ledger_->list(machine, "", ledger::kMaxListed);
        for (const ledger::Record& one : records.value_or(std::vector<ledger::Record>{})) (void)ledger_->erase(one.machine, one.key);
      }
      (void)ledger_->purge_answers(std::numeric_limits<std::int64_t>::max());
    }
    return ledger_->end_unit().and_then([this] { return ledger_->flush(); });
  };
  return each().map_error([](const ledger::Error& error) { return error.what; });
}

void ReferenceSession::begin_again(bool hard, const Reply& reply) {
  const std::uint16_t port = daemon_->port();
  daemon_.reset();  // what was not flushed is lost with it, as if the process had been killed
  const auto again = open_ledger()
                         .and_then([&] { return hard ? lose_in_crash() : tl::expected<void, std::string>(); })
                         .and_then([&] { return open_daemon(port); });
  if (!again) {
    return reply({{"error", again.error()}});
  }
  if (config_.node.role == "wallet") {
    daemon_->node().show_offers();
    daemon_->touch();
  }
  reply(ready());
}

// ---------------------------------------------------------------- operations
OrderedJson ReferenceSession::refused(const std::string& reason) const {
  return {{"outcome", "rejected"}, {"reason", reason}};
}

OrderedJson ReferenceSession::outcome_of(const std::string& ref, const PurchaseEnd& end) const {
  OrderedJson outcome = end.accepted ? OrderedJson{{"outcome", "accepted"}} : refused(end.reason);
  outcome["ref"] = ref;
  outcome["details"] = {{"state", end.state}};
  return outcome;
}

/// The last word of a broken adapter.
void ReferenceSession::react(OrderedJson outcome, const Reply& reply) const {
  if (fault_.manners.dies_of_refusals && outcome["outcome"] == "rejected") {
    std::_Exit(134);
  }
  if (fault_.manners.hides_payments && outcome["outcome"] == "accepted") {
    outcome["outcome"] = "rejected";
    outcome["reason"] = "unspecified";
  }
  if (fault_.manners.accepts_everything && outcome["outcome"] != "accepted") {
    outcome = {{"outcome", "accepted"}, {"ref", outcome.value("ref", std::string("1"))}};
  }
  reply(std::move(outcome));
}

std::optional<PurchaseEnd> ReferenceSession::end_of(const std::string& ref) const {
  if (membership_.knows(ref)) {
    return membership_.end_of(ref);
  }
  return additions_.knows(ref) ? additions_.end_of(ref) : purchases_.end_of(ref);
}

void ReferenceSession::await(const std::string& ref, milliseconds limit, Reply reply) {
  waiters_.add(
      [this, alive = std::weak_ptr<bool>(alive_), ref](bool late) {
        return alive.expired() || late || end_of(ref).has_value();
      },
      limit, [this, alive = std::weak_ptr<bool>(alive_), ref, reply = std::move(reply)] {
        if (alive.expired()) {
          return;
        }
        const auto end = end_of(ref);
        react(end ? outcome_of(ref, *end) : OrderedJson{{"outcome", "pending"}, {"ref", ref}}, reply);
      });
}

void ReferenceSession::pay(Purchases::Kind kind, const OrderedJson& args, milliseconds limit, const Reply& reply) {
  const std::string confirm = text_of(args, "confirm");
  const auto order = args.contains("link") ? purchases_.open_link(text_of(args, "link"), confirm)
                                           : purchases_.open(kind, text_of(args, "vendor"), text_of(args, "item"), confirm);
  if (!order) {
    return react(refused(order.error().reason), reply);
  }
  await(*order, limit, reply);
}

void ReferenceSession::settle(const Reply& reply) {
  const auto made = daemon_->node().settle();
  daemon_->touch();
  if (!made || *made == 0) {
    return react(refused("out-of-state"), reply);
  }
  react({{"outcome", "accepted"}, {"details", {{"batches", *made}}}}, reply);
}

void ReferenceSession::act(const OrderedJson& command, Reply reply) {
  if (fault_.manners.silent) {
    return;
  }
  if (fault_.manners.rejects_everything) {
    return reply(refused("malformed"));
  }
  const std::string op = text_of(command, "op");
  const OrderedJson args = command.value("args", OrderedJson::object());
  // A reply that leaves at the deadline would be late.
  const milliseconds limit(std::max<std::int64_t>(command.value("deadline_ms", std::int64_t{1000}) * 9 / 10, 1));
  const std::string& role = config_.node.role;
  roles::Node& node = daemon_->node();
  const auto simply = [&](const tl::expected<void, roles::Refusal>& done) {
    daemon_->touch();
    react(done ? OrderedJson{{"outcome", "accepted"}} : refused(reject_reason_for(done.error().reason)), reply);
  };
  if (role == "wallet" && (op == "pay-micro" || op == "pay-regular")) {
    return pay(op == "pay-micro" ? Purchases::Kind::micro : Purchases::Kind::regular, args, limit, reply);
  }
  if (role == "wallet" && op == "try-again") {
    const std::string ref = text_of(args, "ref");
    const auto again = purchases_.try_again(ref);
    return again ? await(ref, limit, std::move(reply)) : react(refused(again.error().reason), reply);
  }
  if (role == "wallet" && op == "add-paycard") {
    const auto begun = additions_.begin(args);
    return begun ? await(*begun, limit, std::move(reply)) : react(refused(begun.error()), reply);
  }
  if (role == "wallet" && op == "remove-paycard") {
    return simply(node.remove_paycard(text_of(args, "paycard")));
  }
  if (role == "wallet" && op == "activate-paycard") {
    return simply(node.activate_paycard(text_of(args, "paycard")));
  }
  if (role == "broker" && op == "block-paycard") {
    return simply(node.block_paycard(text_of(args, "paycard"), args.value("blocked", true)));
  }
  if ((role == "host" || role == "broker") && (op == "suspend" || op == "resume")) {
    return simply(op == "suspend" ? node.suspend() : node.resume());
  }
  if (Membership::offers(role, op) && fault_.manners.declines) {
    return react(refused("out-of-state"), reply);
  }
  if (Membership::offers(role, op)) {
    const auto begun = membership_.begin(op, args, {{config_.listen_address, daemon_->port()}, config_.source_address, clock_->now_ms()});
    return begun ? await(*begun, limit, std::move(reply)) : react(refused(begun.error()), reply);
  }
  if (role == "vendor" && op == "settle-with-broker") {
    return settle(reply);
  }
  if (role == "vendor" && op == "withdraw") {
    return simply(node.withdraw(text_of(args, "order")));
  }
  if (role == "vendor" && op == "revoke") {
    return simply(node.revoke(text_of(args, "order"), args.contains("reason") ? text_of(args, "reason") : "other"));
  }
  if (role == "vendor" && op == "contest") {
    return simply(node.contest(text_of(args, "order")));
  }
  reply({{"unsupported", "this role has no such operation"}});
}

OrderedJson ReferenceSession::observe(const std::string& what) const {
  return conformance::observe(daemon_->node(), what);
}

}  // namespace quickpay::conformance
