// The start of an adapter for a QuickPay @ROLE@: it runs, and the product behind it does nothing yet.
// The commands are those of docs/adapter-protocol.md; § means a section of it. C++20 and POSIX, nothing else.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cctype>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "json.hpp"

namespace {

const std::string kRole = "@ROLE@";
constexpr std::size_t kMaxRequest = 256 * 1024;
constexpr std::string_view kNotYet = "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

/// Your product. Start it here with what `setup` says (§4), or replace this class by it.
class Product {
 public:
  explicit Product(const json::Value& setup) : setup_(setup), players_(setup["directory"]) {}
  ~Product() { stop(); }

  /// Where it listens; a Wallet listens nowhere, which is null.
  json::Value start() {
    const std::string address = setup_["listen"].text();
    if (address.empty()) {
      return {};
    }
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in where{};
    where.sin_family = AF_INET;
    socklen_t size = sizeof where;
    if (::inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1 ||
        ::bind(socket_, reinterpret_cast<sockaddr*>(&where), size) != 0 || ::listen(socket_, 64) != 0) {
      throw std::runtime_error("cannot listen at " + address + ": " + std::strerror(errno));
    }
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&where), &size);
    thread_ = std::thread([this] { serve(); });
    return json::Object{{"address", address}, {"port", static_cast<int>(ntohs(where.sin_port))}};
  }

  void stop() {
    if (socket_ >= 0) {
      stopping_ = true;
      ::shutdown(socket_, SHUT_RDWR);  // wakes the thread
      thread_.join();
      ::close(socket_);
      socket_ = -1;
    }
  }

  /// An operation of §5. The reason says why nothing came of it: the product cannot do it.
  json::Object operate(const std::string&, const json::Value&) { return {{"outcome", "rejected"}, {"reason", "internal"}}; }

  void know(const json::Value& players) { players_ = players; }

 private:
  void serve() {
    while (!stopping_) {
      const int peer = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer >= 0) {
        answer(peer);
        ::close(peer);
      }
    }
  }

  /// Reads one request and answers "501 Not Implemented".
  static void answer(int peer) {
    const timeval patience{2, 0};
    ::setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    std::string request(kMaxRequest, '\0');
    std::size_t size = 0, needed = 1;
    while (size < needed && needed <= kMaxRequest) {
      const ssize_t got = ::recv(peer, request.data() + size, kMaxRequest - size, 0);
      if (got <= 0) {
        return;
      }
      size += static_cast<std::size_t>(got);
      needed = whole(std::string_view(request).substr(0, size));
    }
    (void)::send(peer, kNotYet.data(), kNotYet.size(), MSG_NOSIGNAL);
  }

  /// How long a request is, as far as one can tell from what has arrived.
  static std::size_t whole(std::string_view seen) {
    const std::size_t end = seen.find("\r\n\r\n");
    if (end == std::string_view::npos) {
      return seen.size() + 1;
    }
    const std::string_view name = "\r\ncontent-length:";
    std::string head(seen.substr(0, end));
    for (char& c : head) {
      c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    const std::size_t found = head.find(name);
    return end + 4 + (found == std::string::npos ? 0 : std::strtoul(head.c_str() + found + name.size(), nullptr, 10));
  }

  json::Value setup_;    // player, host, profile, source, currencies, fixtures
  json::Value players_;  // who the others are and where they listen
  int socket_ = -1;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

std::map<std::string, std::unique_ptr<Product>> sessions;

Product& session(const json::Value& line) {
  const auto found = sessions.find(line["session"].text());
  if (found == sessions.end()) {
    throw std::runtime_error("no such session");
  }
  return *found->second;
}

/// What is claimed (§3). Add "fence", "observes", "clock": "virtual" when they are there.
json::Object hello(const json::Value&) {
  return {{"impl", json::Object{{"name", "My @ROLE@"}, {"version", "0"}}},
          {"roles", json::List{kRole}},
          {"profiles", json::List{"F"}},
          {"protocols", json::List{"micropayment"}},
          {"clock", "wall"}};
}

json::Object setup(const json::Value& line) {
  auto product = std::make_unique<Product>(line);
  const json::Value where = product->start();
  sessions[line["session"].text()] = std::move(product);
  json::Object reply = {{"ready", true}};
  if (where["port"].is_number()) {
    reply["listen"] = where;
  }
  return reply;
}

json::Object directory(const json::Value& line) {
  session(line).know(line["directory"]);
  return {{"ready", true}};
}

json::Object do_operation(const json::Value& line) { return session(line).operate(line["op"].text(), line["args"]); }

json::Object teardown(const json::Value& line) {
  session(line);
  sessions.erase(line["session"].text());
  return {};
}

// Not there yet: await, observe (§6), fence, clock and restart (§7). They are answered "unsupported".
const std::map<std::string, std::function<json::Object(const json::Value&)>> kCommands = {
    {"hello", hello}, {"setup", setup},       {"directory", directory},
    {"do", do_operation}, {"teardown", teardown}, {"bye", [](const json::Value&) { return json::Object{}; }}};

json::Object reply_to(const json::Value& line) {
  const auto command = kCommands.find(line["cmd"].text());
  if (command == kCommands.end()) {
    return {{"unsupported", "not in this adapter yet"}};
  }
  try {
    return command->second(line);
  } catch (const std::exception& error) {  // the adapter failed, which is not the product's fault
    return {{"error", std::string(error.what()).substr(0, 1000)}};
  }
}

}  // namespace

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  for (std::string text; std::getline(std::cin, text);) {
    const auto line = json::Reader(text).read();
    if (!line || !(*line)["id"].is_number()) {
      continue;  // nothing that could be answered
    }
    json::Object reply = reply_to(*line);
    reply["id"] = (*line)["id"];
    std::cout << json::write(reply) << std::endl;
    if ((*line)["cmd"].text() == "bye") {
      break;
    }
  }
  sessions.clear();
}
