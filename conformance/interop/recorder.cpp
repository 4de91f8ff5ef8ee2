#include "conformance/interop/recorder.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "conformance/peers/build.hpp"

namespace quickpay::conformance {

namespace {

std::int64_t steady_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool says_length(const std::string& name) {
  std::string lower;
  for (const char c : name) {
    lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return lower == "content-length" || lower == "transfer-encoding";
}

/// The message as it came, its body with a length.
std::string bytes_of(const HttpMessage& message) {
  std::string bytes = message.start_line + "\r\n";
  for (const auto& [name, value] : message.headers) {
    bytes += says_length(name) ? std::string() : name + ": " + value + "\r\n";
  }
  return bytes + fmt::format("Content-Length: {}\r\n\r\n", message.body.size()) + message.body;
}

std::string authority_of(const Address& address) { return fmt::format("{}:{}", address.address, address.port); }

/// A request to the server: who named the front in Host meant the server.
HttpMessage readdressed(HttpMessage request, const Address& front, const Address& server) {
  for (auto& [name, value] : request.headers) {
    const bool host = name.size() == 4 && (name[0] == 'H' || name[0] == 'h') && value == authority_of(front);
    value = host ? authority_of(server) : value;
  }
  return request;
}

/// What judges know a message by.
void describe(Entry& entry) {
  const Element document = parse_xml(entry.body).value_or(Element{});
  entry.message = document.name.substr(0, 64);
  entry.msg_id = text_at(document, "Head/MsgId").substr(0, 64);
  entry.code = text_at(document, "Body/Status/Code").substr(0, 64);
  entry.summary = entry.message.empty() ? entry.summary : entry.message + (entry.code.empty() ? "" : " " + entry.code);
}

Entry answer_to(const Entry& request, EntryKind kind) {
  Entry entry;
  entry.kind = kind;
  entry.from = request.to;
  entry.to = request.from;
  entry.exchange = request.exchange;
  entry.path = request.path;
  return entry;
}

}  // namespace

Recorder::Recorder(boost::asio::io_context& io) : io_(io), transcript_(&steady_us) {}

Recorder::~Recorder() { *alive_ = false; }

tl::expected<Address, std::string> Recorder::stand_before(const std::string& player, const Address& server) {
  players_[server.address] = player;
  if (server.port == 0) {
    return server;
  }
  servers_[player] = server;
  WireServer::Handlers handlers;
  handlers.request = [this, player](ConnectionId connection, const std::string& source, const HttpMessage& request) {
    forward(player, connection, source, request);
  };
  auto& front = fronts_[player] = std::make_unique<WireServer>(io_, std::move(handlers));
  auto fronted = front->listen(server.address, 0);
  if (fronted) {
    front_at_[player] = *fronted;
  }
  return fronted;
}

std::string Recorder::player_at(const std::string& address) const {
  const auto found = players_.find(address);
  return found == players_.end() ? std::string() : found->second;
}

void Recorder::forward(const std::string& player, ConnectionId connection, const std::string& source, const HttpMessage& request) {
  Entry entry;
  entry.kind = EntryKind::request;
  entry.from = player_at(source);
  entry.to = player;
  entry.exchange = ++exchanges_;
  entry.path = request.target();
  entry.headers = request.headers;
  entry.body = request.body;
  entry.summary = request.start_line.substr(0, 200);
  describe(entry);
  if (entry.from.empty()) {
    entry.from = source;
    entry.findings.push_back(kWrongSource);
  }
  transcript_.add(entry);
  if (request.broken) {
    return fronts_.at(player)->drop(connection);
  }
  ++open_;
  const HttpMessage onward = readdressed(request, front_at_.at(player), servers_.at(player));
  wire_call(io_, source, servers_.at(player), bytes_of(onward), kForwardLimit,
            [this, player, connection, entry, alive = std::weak_ptr<bool>(alive_)](const WireReply& reply) {
              const auto token = alive.lock();
              if (token && *token) {
                answered(player, connection, entry, reply);
              }
            });
}

void Recorder::answered(const std::string& player, ConnectionId connection, const Entry& request, const WireReply& reply) {
  --open_;
  if (!reply.answered) {
    Entry failure = answer_to(request, EntryKind::failure);
    failure.summary = reply.error.substr(0, 200);
    transcript_.add(std::move(failure));
    return fronts_.at(player)->drop(connection);
  }
  Entry answer = answer_to(request, EntryKind::response);
  answer.http_status = reply.message.status();
  answer.headers = reply.message.headers;
  answer.body = reply.message.body;
  answer.summary = fmt::format("HTTP {}", answer.http_status);
  describe(answer);
  const bool lost = loses_ && loses_(request);
  answer.mutation = lost ? "lost on its way back" : "";
  transcript_.add(std::move(answer));
  if (lost) {
    return fronts_.at(player)->drop(connection);
  }
  fronts_.at(player)->respond(connection, bytes_of(reply.message));
}

}  // namespace quickpay::conformance
