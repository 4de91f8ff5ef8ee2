#include "reference/sim/world.hpp"

#include <algorithm>
#include <utility>

namespace quickpay::sim {
namespace {

constexpr std::string_view kMediaType = "application/quickpay+xml";

}  // namespace

World::World(std::uint64_t seed, WorldOptions options)
    : faults(options.faults), options_(std::move(options)), random_(seed), seed_(seed) {
  on_user = [this](Site& at, const roles::UserEvent& event) {
    if (!options_.confirm || event.kind != "offer") return;
    const auto digest = event.details.find("digest");
    if (digest == event.details.end()) return;
    later(100, [this, id = at.config.id, order = event.order, shown = digest->second] {
      Site& wallet = site(id);
      if (wallet.node) act(wallet, [&](roles::Node& node) { return node.confirm(order, shown); });
    });
  };
  populate();
}

Site& World::site(std::string_view id) { return sites_.at(std::string(id)); }

std::vector<std::string> World::ids(std::string_view role) const {
  std::vector<std::string> found;
  for (const auto& [id, at] : sites_) {
    if (at.config.role == role && !at.newcomer) found.push_back(id);
  }
  return found;
}

std::vector<std::string> World::newcomers() const {
  std::vector<std::string> found;
  for (const auto& [id, at] : sites_)
    if (at.newcomer) found.push_back(id);
  return found;
}

std::uint64_t World::below(std::uint64_t bound) {
  std::array<std::uint8_t, 8> bytes{};
  drawing_->fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = value << 8 | byte;
  return value % bound;
}

std::int64_t World::delay() {
  const std::int64_t range = std::max<std::int64_t>(0, faults.max_delay_ms - faults.min_delay_ms);
  return faults.min_delay_ms + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(range) + 1));
}

void World::start(Site& at) {
  at.ledger = nullptr;
  at.memory = nullptr;
  at.ledger = options_.open_ledger ? options_.open_ledger(at.config.id) : std::make_unique<MemoryLedger>();
  at.memory = dynamic_cast<MemoryLedger*>(at.ledger.get());
  at.node = make_node(at);
  settle(at);
}

std::unique_ptr<roles::Node> World::make_node(Site& at) {
  roles::NodeConfig config = at.config;
  if (at.newcomer) config.id.clear();  // it is kept in the ledger, once there is one
  return std::make_unique<roles::Node>(std::move(config), *at.ledger, *at.clock, *at.random, at.directory);
}

void World::crash(std::string_view id) {
  Site& at = site(id);
  at.node = nullptr;
  if (at.memory) at.memory->crash();
}

void World::restart(std::string_view id) {
  Site& at = site(id);
  if (at.node) crash(id);
  if (!at.memory) return start(at);
  at.node = make_node(at);
  settle(at);
}

void World::cut(std::string_view a, std::string_view b, bool is_cut) {
  const std::pair<std::string, std::string> pair{a, b};
  if (is_cut) {
    cuts_.insert(pair);
  } else {
    cuts_.erase(pair);
  }
}

bool World::passes(const std::string& a, const std::string& b) const {
  return !cuts_.contains({a, b}) && !cuts_.contains({b, a}) && !cuts_.contains({a, ""}) && !cuts_.contains({b, ""});
}

void World::later(std::int64_t delay_ms, std::function<void()> action) {
  events_.push({clock.now_ms() + delay_ms, next_number_++, std::move(action)});
}

void World::run_until(std::int64_t ms) {
  run_to([] { return false; }, ms - clock.now_ms());
}

bool World::run_to(const std::function<bool()>& done, std::int64_t limit_ms) {
  const std::int64_t end = clock.now_ms() + limit_ms;
  while (!done()) {
    if (events_.empty() || events_.top().at_ms > end || ++processed_ > kMaxEvents) {
      clock.set(std::max(clock.now_ms(), end));
      return done();
    }
    const Event next = events_.top();
    events_.pop();
    clock.set(std::max(clock.now_ms(), next.at_ms));
    next.action();
  }
  return true;
}

void World::settle(Site& at) {
  if (!at.node) return;
  auto output = at.node->flush();
  if (!output) {  // the disk failed: the process stops before anything leaves
    ++at.failures;
    at.node = nullptr;
    if (on_stopped) on_stopped(at);
    return;
  }
  std::move(output->trace.begin(), output->trace.end(), std::back_inserter(at.trace));
  for (const roles::Answer& one : output->answers) answer(at, one);
  for (const roles::OutgoingCall& call : output->calls) send(at, call);
  for (const roles::OutgoingFetch& one : output->fetches) fetch(at, one);
  for (const roles::UserEvent& event : output->user) {
    at.user.push_back(event);
    if (on_user) on_user(at, event);
  }
  if (after_input) after_input(at);
  if (const auto due = at.node->next_due_ms()) {
    const std::int64_t wait = std::max<std::int64_t>(1, *due - at.clock->now_ms());
    later(wait, [this, id = at.config.id] { wake(site(id)); });
  }
}

void World::wake(Site& at) {
  if (!at.node) return;
  const auto due = at.node->next_due_ms();
  if (due && *due <= at.clock->now_ms()) act(at, [](roles::Node& node) { node.on_time(); });
}

void World::send(Site& at, const roles::OutgoingCall& call) {
  put_on_network(std::make_shared<Exchange>(Exchange{at.config.id, call.msg_id, receiver_of(call), call.path, false}), call.body, call.timeout_ms);
}

/// A Probe goes to whoever listens where it is sent, if anybody does.
std::string World::receiver_of(const roles::OutgoingCall& call) const {
  if (!call.at) return call.receiver;
  for (const auto& [name, at] : sites_)
    if (std::find(at.places.begin(), at.places.end(), *call.at) != at.places.end()) return name;
  return {};
}

void World::ask(const std::string& from, const std::string& to, const std::string& path, const std::string& body,
                std::function<void(const roles::CallResult&)> told) {
  put_on_network(std::make_shared<Exchange>(Exchange{from, {}, to, path, false, std::move(told)}), body, kAskTimeoutMs);
}

crypto::SeededRandom* World::drawn_from(const Exchange& exchange) {
  if (!exchange.told) return &random_;
  return &asked_random_.try_emplace(exchange.path.substr(0, exchange.path.rfind('/')), seed_ + 1).first->second;
}

void World::put_on_network(const std::shared_ptr<Exchange>& exchange, const std::string& body, std::int64_t timeout_ms) {
  drawing_ = drawn_from(*exchange);
  exchange->request = body;
  later(timeout_ms, [this, exchange] { resolve(exchange, {}); });
  const int copies = chance(faults.duplicate) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    sent.push_back({clock.now_ms(), exchange->caller, exchange->callee, exchange->path, false, 0, body, false, !exchange->told});
    if (chance(faults.loss)) continue;
    later(delay(), [this, exchange, body, index = sent.size() - 1] { deliver(exchange, body, index); });
  }
  drawing_ = &random_;
}

void World::deliver(const std::shared_ptr<Exchange>& exchange, const std::string& body, std::size_t sent_at) {
  const auto to = sites_.find(exchange->callee);
  if (to == sites_.end() || !to->second.node) return later(1, [this, exchange] { resolve(exchange, {}); });
  if (!passes(exchange->caller, exchange->callee)) return;
  if (const auto forged = on_path && !exchange->told ? on_path(exchange->path, body) : std::nullopt)
    return resolve(exchange, {true, 200, std::string(kMediaType), *forged});
  sent[sent_at].arrived = true;
  const roles::ConnectionToken token = next_number_++;
  connections_[token] = exchange;
  const std::string from = site(exchange->caller).address;
  if (before_input) before_input(to->second, {exchange->path, body});
  act(to->second, [&](roles::Node& node) { node.on_request(token, from, exchange->path, body); });
}

void World::answer(Site& at, const roles::Answer& given) {
  const auto found = connections_.find(given.connection);
  if (found == connections_.end()) return;
  const auto exchange = found->second;
  connections_.erase(found);
  sent.push_back({clock.now_ms(), at.config.id, exchange->caller, exchange->path, true, given.http_status, given.body,
                  false});
  drawing_ = drawn_from(*exchange);
  const bool lost = chance(faults.loss) || !passes(at.config.id, exchange->caller);
  const std::int64_t wait = lost ? 0 : delay();
  drawing_ = &random_;
  if (lost) return;
  later(wait, [this, exchange, given, index = sent.size() - 1] {
    sent[index].arrived = true;
    resolve(exchange, {true, given.http_status, std::string(kMediaType), given.body});
  });
}

void World::resolve(const std::shared_ptr<Exchange>& exchange, const roles::CallResult& result) {
  if (std::exchange(exchange->resolved, true)) return;
  std::erase_if(connections_, [&](const auto& entry) {  // whoever still works on an answer has nobody to give it to
    if (entry.second != exchange) return false;
    if (Site& callee = site(exchange->callee); callee.node) callee.node->on_disconnect(entry.first);
    return true;
  });
  if (exchange->told) return exchange->told(result);
  Site& caller = site(exchange->caller);
  if (!caller.node) return;
  if (before_input) before_input(caller, {exchange->path, exchange->request, &result});
  act(caller, [&](roles::Node& node) { node.on_call_result(exchange->msg_id, result); });
}

void World::fetch(Site& at, const roles::OutgoingFetch& wanted) {
  std::string owner;
  for (const auto& [id, other] : sites_) {
    if (wanted.url.find("//" + other.address + ":") != std::string::npos) owner = id;
  }
  later(delay(), [this, wallet = at.config.id, owner, wanted] {
    const auto vendor = sites_.find(owner);
    const bool up = vendor != sites_.end() && vendor->second.node && passes(wallet, owner) && !chance(faults.loss);
    const auto goods = up ? vendor->second.node->redeem(wanted.ticket) : std::nullopt;
    Site& caller = site(wallet);
    if (!caller.node) return;
    act(caller, [&](roles::Node& node) {
      node.on_fetch_result(wanted.id, goods.has_value(), goods ? goods->data : std::string{});
    });
  });
}

std::string World::buy(const std::string& wallet, const std::string& vendor, const std::string& item) {
  Site& at = site(wallet);
  if (!at.node) return {};
  return act(at, [&](roles::Node& node) { return node.open_link(vendor, item); }).value_or("");
}

std::string World::buy_regular(const std::string& wallet, const std::string& vendor, std::int64_t quantity) {
  Site& at = site(wallet);
  if (!at.node) return {};
  return act(at, [&](roles::Node& node) { return node.open_regular_link(vendor, "item-1", quantity); }).value_or("");
}

std::string World::state(std::string_view id, std::string_view machine, std::string_view key) {
  Site& at = site(id);
  if (!at.node) return {};
  const auto record = at.ledger->find(machine, key);
  return record && *record ? (*record)->state : std::string{};
}

std::map<std::string, int> World::arrived(std::string_view id) const {
  std::map<std::string, int> count;
  for (const Sent& one : sent) {
    if (!one.response && one.arrived && one.to == id) ++count[one.path];
  }
  return count;
}

}  // namespace quickpay::sim
