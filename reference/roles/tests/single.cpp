#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {
namespace {

NodeConfig base(std::string role, std::string id) {
  NodeConfig config;
  config.role = std::move(role);
  config.id = std::move(id);
  config.currencies = {"USD"};
  config.trace = true;
  return config;
}

Player player(std::string id, std::string role, std::string address) {
  Player made{std::move(id), std::move(role), {}, {}, {}, true};
  if (made.role == "wallet") {
    made.bound_addresses = {std::move(address)};
  } else {
    made.endpoints = {{std::move(address), 8080}};
  }
  return made;
}

}  // namespace

std::set<std::string>& rows_taken() {
  static std::set<std::string> rows;
  return rows;
}

Single::Single(NodeConfig config, std::uint64_t seed) : random(seed), config_(std::move(config)) {
  directory.put(player("H1", "host", "127.0.1.1"));
  directory.put(player("B7", "broker", kBrokerAddress));
  directory.put(player("B8", "broker", "127.0.2.2"));
  directory.put(player("V1001", "vendor", kVendorAddress));
  directory.put(player("V1002", "vendor", "127.0.3.2"));
  directory.put(player(kWallet, "wallet", kWalletAddress));
  directory.put(player(kOtherWallet, "wallet", "127.0.4.2"));
  ledger = std::move(*ledger::open_sqlite(":memory:"));
  restart();
}

void Single::restart() {
  node = nullptr;
  node = std::make_unique<Node>(config_, *ledger, clock, random, directory);
  flush();
}

Output& Single::flush() {
  auto output = node->flush();
  last = output ? std::move(*output) : Output{};
  for (const TraceLine& line : last.trace) rows_taken().insert(line.machine + " " + line.row);
  return last;
}

void Single::pass(std::int64_t ms) {
  clock.now += ms;
  node->on_time();
  flush();
}

msg::Head Single::anonymous(std::string receiver) {
  msg::Head made;
  made.version = std::string("1");
  made.profile = msg::Profile::F;
  made.host = std::string("H1");
  made.receiver = std::move(receiver);
  made.msg_id = fresh_id();
  return made;
}

msg::Head Single::head(std::string sender, std::string receiver) {
  msg::Head made = anonymous(std::move(receiver));
  made.sender = std::move(sender);
  made.sent_at = format_time(clock.now);
  return made;
}

msg::Head Single::answer_head(const OutgoingCall& call, std::string receiver) {
  msg::Head made = head(call.receiver, receiver);
  if (receiver.empty()) made.receiver = std::nullopt;
  made.in_reply_to = call.msg_id;
  return made;
}

std::string Single::raw(std::string_view path, std::string_view body, std::string_view address,
                        ConnectionToken connection) {
  node->on_request(connection, address, path, body);
  flush();
  for (const Answer& answer : last.answers) {
    if (answer.connection == connection) return answer.body;
  }
  return {};
}

std::string Single::raw(std::string_view path, std::string_view body, std::string_view address) {
  return raw(path, body, address, next_connection++);
}

void Single::give(const OutgoingCall& call, const CallResult& result) {
  const std::string id = call.msg_id;  // `call` may live in `last`
  node->on_call_result(id, result);
  flush();
}

NodeConfig broker_config() {
  NodeConfig config = base("broker", "B7");
  config.accounts = {{"acc-1", 1000, 0, "USD"}, {"acc-2", 1000, 0, "EUR"}};
  config.bindings = {{kWallet, "P7", "acc-1", kSecret}, {kOtherWallet, "P8", "acc-2", kSecret}};
  return config;
}

NodeConfig vendor_config() {
  NodeConfig config = base("vendor", "V1001");
  config.items = {{"item-1", "Article 4711", 125, "USD", "text/plain", "the goods", true, {}},
                  {"item-far", "Far", 75, "USD", "text/plain", "far goods", false, "http://127.0.3.1:8080/goods"}};
  config.brokers_accepted = {"B7"};
  config.vendor_name = "The Shop";
  return config;
}

NodeConfig host_config() { return base("host", "H1"); }

NodeConfig wallet_config() {
  NodeConfig config = base("wallet", kWallet);
  config.paycards = {{"B7", "P7", kSecret, true}};
  return config;
}

msg::OrderRef some_ref(const std::string& order_id, std::int64_t amount) {
  return {msg::Kind::micro, "V1001", order_id, amount, "USD", "2026-11-22T12:15:00Z", std::string(64, 'd')};
}

}  // namespace quickpay::roles
