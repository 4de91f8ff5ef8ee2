#include "conformance/kit/bench.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/tcp.hpp>

#include "conformance/adapter/protocol.hpp"

namespace quickpay::conformance::kit {

namespace {

constexpr const char* kSecret = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
constexpr const char* kWallet = "W0123456789abcdef0123456789abcdef";
constexpr std::uint16_t kNobodysPort = 9;  ///< of players that do not listen

std::string player_of(const std::string& role) {
  return role == "wallet" ? kWallet : role == "vendor" ? "V1001" : role == "broker" ? "B7" : "H1";
}

Json listed(const std::string& id, const std::string& role, const std::string& address) {
  const bool wallet = role == "wallet";
  return {{"id", id},
          {"role", role},
          {"name", role},
          {"endpoints", wallet ? Json::array() : Json::array({{{"address", address}, {"port", kNobodysPort}}})},
          {"bound", wallet ? Json::array({address}) : Json::array()}};
}

Json fixtures_of(const std::string& role) {
  if (role == "wallet") {
    return {{"paycards", {{{"broker", "B7"}, {"paycard", "P7"}, {"secret", kSecret}, {"active", true}}}}};
  }
  if (role == "vendor") {
    return {{"items",
             {{{"item", "news-1"}, {"text", "An article"}, {"amount", 125}, {"currency", "USD"}, {"media_type", "text/plain"},
               {"data", "aGVsbG8="}, {"content_hash", true}}}},
            {"brokers_accepted", {"B7"}}};
  }
  if (role == "broker") {
    return {{"accounts", {{{"account", "a1"}, {"limit", 100000}, {"balance", 0}, {"currency", "USD"}}}},
            {"bindings", {{{"wallet", kWallet}, {"paycard", "P7"}, {"account", "a1"}, {"secret", kSecret}}}}};
  }
  return Json::object();
}

}  // namespace

bool refused(const Json& reply) { return reply.contains("unsupported") || reply.contains("error"); }

tl::expected<void, std::string> Bench::greet() {
  session_.clear();
  if (auto started = talk_.start(); !started) {
    return started;
  }
  auto reply = talk_.call({{"cmd", "hello"}, {"qpap", qpap::kVersion}}, options_.deadline_ms);
  if (!reply) {
    return tl::unexpected(reply.error());
  }
  if (const auto wrong = qpap::reply_fault("hello", *reply)) {
    return tl::unexpected("reply to hello: " + *wrong);
  }
  if (refused(*reply)) {
    return tl::unexpected("hello was refused: " + reply->value("error", reply->value("unsupported", std::string())));
  }
  hello_ = std::move(*reply);
  return {};
}

tl::expected<void, std::string> Bench::session() {
  if (!session_.empty() && talk_.running()) {
    return {};
  }
  return new_session();
}

tl::expected<void, std::string> Bench::new_session() {
  if (!talk_.running()) {
    if (auto greeted = greet(); !greeted) {
      return greeted;
    }
  }
  session_ = fresh_session_name();
  auto reply = command(setup());
  if (!reply) {
    session_.clear();
    return tl::unexpected("setup: " + reply.error());
  }
  if (const auto wrong = take_listen(*reply)) {
    return tl::unexpected("setup: " + *wrong);
  }
  return {};
}

std::string Bench::fresh_session_name() { return fmt::format("s{:04x}", 0x9f3a + 0x1d * ++sessions_); }

Json Bench::setup() const {
  Json line = {{"cmd", "setup"},       {"role", options_.role},        {"player", player_of(options_.role)},
               {"host", "H1"},         {"profile", "F"},               {"source", "127.18.1.1"},
               {"now", "2026-11-22T12:00:00Z"}, {"directory", directory(0)}, {"currencies", {"USD"}},
               {"fixtures", fixtures_of(options_.role)}, {"x-later", {{"versions", {"may", "say"}}}}};
  if (server()) {
    line["listen"] = "127.18.1.1";
  }
  return line;
}

Json Bench::directory(std::size_t others) const {
  Json players = Json::array();
  for (const char* role : {"wallet", "vendor", "broker", "host"}) {
    if (role != options_.role) {
      players.push_back(listed(player_of(role), role, "127.18.1.2"));
    }
  }
  for (std::size_t i = 0; i < others; ++i) {
    players.push_back(listed(fmt::format("V{}", 2000 + i), "vendor", "127.18.1.3"));
  }
  return players;
}

tl::expected<Json, std::string> Bench::command(Json line, std::int64_t deadline_ms) {
  const std::string cmd = line["cmd"];
  line["session"] = session_;
  auto reply = talk_.call(line, deadline_ms > 0 ? deadline_ms : options_.deadline_ms);
  if (!reply) {
    return reply;
  }
  if (const auto wrong = qpap::reply_fault(cmd, *reply)) {
    return tl::unexpected(*wrong);
  }
  if (reply->contains("error")) {
    return tl::unexpected("the adapter failed: " + (*reply)["error"].get<std::string>());
  }
  return reply;
}

tl::expected<Json, std::string> Bench::odd_command(Json line) { return talk_.call(line, options_.deadline_ms); }

std::optional<std::string> Bench::take_listen(const Json& reply) {
  if (!server()) {
    return std::nullopt;
  }
  if (reply.contains("unsupported")) {
    return "unsupported: " + reply["unsupported"].get<std::string>();
  }
  if (!reply.contains("listen")) {
    return "\"listen\" is missing: a server says where it listens";
  }
  const Ready ready = qpap::ready_of(reply);
  if (ready.listen->address != "127.18.1.1") {
    return "\"listen\" does not name the address that it was given";
  }
  address_ = ready.listen->address;
  port_ = ready.listen->port;
  return std::nullopt;
}

bool Bench::port_open() const {
  boost::asio::io_context io;
  boost::asio::ip::tcp::socket socket(io);
  boost::system::error_code error;
  socket.connect({boost::asio::ip::make_address(address_, error), port_}, error);
  return !error;
}

std::string Bench::where() const { return fmt::format("{}:{}", address_, port_); }

}  // namespace quickpay::conformance::kit
