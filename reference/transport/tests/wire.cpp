#include "reference/transport/tests/wire.hpp"

#include <array>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <cstdlib>

namespace quickpay::transport::tests {

namespace asio = boost::asio;
using boost::system::error_code;
using Tcp = asio::ip::tcp;

bool Loop::until(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    io.restart();
    io.run_one_for(std::chrono::milliseconds(100));
  }
  return true;
}

void Loop::settle() {
  io.restart();
  while (io.poll() > 0) io.restart();
}

struct Wire::State : std::enable_shared_from_this<Wire::State> {
  explicit State(asio::io_context& io) : socket(io) {}
  Tcp::socket socket;
  std::array<char, 16384> buffer{};
  std::string received;
  bool closed = false;
  bool reads = true;

  void read() {
    socket.async_read_some(asio::buffer(buffer), [self = shared_from_this()](error_code error, std::size_t size) {
      self->received.append(self->buffer.data(), size);
      if (error) self->closed = true;
      if (!error && self->reads) self->read();
    });
  }
};

Wire::Wire(Loop& loop, std::uint16_t port, const std::string& source, int receive_buffer)
    : state_(std::make_shared<State>(loop.io)) {
  Tcp::socket& socket = state_->socket;
  socket.open(Tcp::v4());
  if (receive_buffer > 0) socket.set_option(asio::socket_base::receive_buffer_size(receive_buffer));
  socket.bind(Tcp::endpoint(asio::ip::make_address(source), 0));
  socket.connect(Tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
  state_->read();
}

Wire::~Wire() {
  error_code ignored;
  state_->socket.close(ignored);
}

void Wire::send(std::string bytes) {
  auto kept = std::make_shared<std::string>(std::move(bytes));
  asio::async_write(state_->socket, asio::buffer(*kept), [kept, state = state_](error_code, std::size_t) {});
}

void Wire::finish_sending() {
  error_code ignored;
  state_->socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

void Wire::reset() {
  error_code ignored;
  state_->socket.set_option(asio::socket_base::linger(true, 0), ignored);
  state_->socket.close(ignored);
}

void Wire::stop_reading() { state_->reads = false; }
const std::string& Wire::received() const { return state_->received; }
bool Wire::closed() const { return state_->closed; }
std::string Wire::local_port() const { return std::to_string(state_->socket.local_endpoint().port()); }

namespace {

struct Parsed {
  unsigned status;
  std::string body;
};

std::size_t length_in(std::string_view head) {
  const auto at = head.find("Content-Length: ");
  return at == std::string_view::npos ? 0 : std::strtoul(std::string(head.substr(at + 16)).c_str(), nullptr, 10);
}

std::vector<Parsed> parse(std::string_view bytes) {
  std::vector<Parsed> all;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) break;
    const std::string_view head = bytes.substr(0, end + 4);
    const std::size_t length = length_in(head);
    if (bytes.size() < head.size() + length) break;
    const bool good = head.substr(0, 9) == "HTTP/1.1 ";
    const unsigned status = good ? static_cast<unsigned>(std::atoi(std::string(head.substr(9, 3)).c_str())) : 0;
    all.push_back({status, std::string(bytes.substr(head.size(), length))});
    bytes.remove_prefix(head.size() + length);
  }
  return all;
}

}  // namespace

std::vector<unsigned> statuses_in(std::string_view bytes) {
  std::vector<unsigned> all;
  for (const auto& parsed : parse(bytes)) all.push_back(parsed.status);
  return all;
}

std::vector<std::string> bodies_in(std::string_view bytes) {
  std::vector<std::string> all;
  for (const auto& parsed : parse(bytes)) all.push_back(parsed.body);
  return all;
}

struct ScriptedServer::State : std::enable_shared_from_this<ScriptedServer::State> {
  State(asio::io_context& io, std::vector<Script> given)
      : acceptor(io, Tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)), scripts(std::move(given)) {}

  struct Connection : std::enable_shared_from_this<Connection> {
    Connection(Tcp::socket given, std::shared_ptr<State> its_owner, Script its_script)
        : socket(std::move(given)), owner(std::move(its_owner)), script(std::move(its_script)) {}
    Tcp::socket socket;
    std::shared_ptr<State> owner;
    Script script;
    std::array<char, 4096> buffer{};
    std::string request;

    void start() {
      if (script.at_once) answer();
      read();
    }
    void read() {
      socket.async_read_some(asio::buffer(buffer), [self = shared_from_this()](error_code error, std::size_t size) {
        if (error) return;
        self->request.append(self->buffer.data(), size);
        const auto end = self->request.find("\r\n\r\n");
        if (end != std::string::npos && self->request.size() >= end + 4 + length_in(self->request)) {
          self->owner->requests.push_back(std::exchange(self->request, {}));
          if (!self->script.at_once) self->answer();
        }
        self->read();
      });
    }
    void answer() {
      if (script.requests-- == 0) return socket.close();
      asio::async_write(socket, asio::buffer(script.answer), [self = shared_from_this()](error_code, std::size_t) {
        error_code ignored;
        if (self->script.close) self->socket.shutdown(Tcp::socket::shutdown_send, ignored);
      });
    }
  };

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, Tcp::socket socket) {
      if (error) return;
      const Script& script = self->scripts[std::min(self->accepted++, self->scripts.size() - 1)];
      std::make_shared<Connection>(std::move(socket), self, script)->start();
      self->accept();
    });
  }

  Tcp::acceptor acceptor;
  std::vector<Script> scripts;
  std::size_t accepted = 0;
  std::vector<std::string> requests;
};

ScriptedServer::ScriptedServer(Loop& loop, std::vector<Script> scripts)
    : state_(std::make_shared<State>(loop.io, std::move(scripts))) {
  state_->accept();
}

std::uint16_t ScriptedServer::port() const { return state_->acceptor.local_endpoint().port(); }
std::size_t ScriptedServer::connections() const { return state_->accepted; }
const std::vector<std::string>& ScriptedServer::requests() const { return state_->requests; }

}  // namespace quickpay::transport::tests
