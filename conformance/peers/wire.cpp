#include "conformance/peers/wire.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <utility>

namespace quickpay::conformance {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using boost::system::error_code;

namespace {

using Written = std::function<void(error_code)>;

constexpr std::size_t kTrickleRun = 64;                   // bytes between two pauses
constexpr std::chrono::milliseconds kTricklePause{10};  // long enough that what was sent is read by itself

/// Writes byte `from` and those behind it, each by itself, with pauses; the socket sends at once what it is given.
void write_trickling(tcp::socket& socket, const std::shared_ptr<std::string>& bytes, std::size_t from, Written done) {
  const auto next = [&socket, bytes, from, done](error_code error) {
    if (error || from + 1 >= bytes->size()) {
      return done(error);
    }
    write_trickling(socket, bytes, from + 1, done);
  };
  asio::async_write(socket, asio::buffer(bytes->data() + from, 1), [&socket, from, next](error_code error, std::size_t) {
    if (error || from % kTrickleRun != 0) {
      return next(error);
    }
    const auto timer = std::make_shared<asio::steady_timer>(socket.get_executor(), kTricklePause);
    timer->async_wait([timer, next](error_code stopped) { next(stopped); });
  });
}

/// `done` keeps alive whom the socket belongs to.
void write_all(tcp::socket& socket, const std::shared_ptr<std::string>& bytes, bool trickle, Written done) {
  if (trickle && !bytes->empty()) {
    return write_trickling(socket, bytes, 0, std::move(done));
  }
  asio::async_write(socket, asio::buffer(*bytes), [bytes, done = std::move(done)](error_code error, std::size_t) { done(error); });
}

}  // namespace

struct WireServer::Connection {
  explicit Connection(tcp::socket s) : socket(std::move(s)) {}
  tcp::socket socket;
  std::string peer;
  std::string stream;
  std::array<char, 16384> buffer{};
  bool waiting = false;  ///< a request has no answer yet
  bool continued = false;
};

struct WireServer::State : std::enable_shared_from_this<State> {
  State(asio::io_context& io, Handlers h) : acceptor(io), handlers(std::move(h)) {}

  void accept() {
    acceptor.async_accept([self = shared_from_this()](error_code error, tcp::socket socket) {
      if (error) {
        return;
      }
      self->admit(std::move(socket));
      self->accept();
    });
  }

  void admit(tcp::socket socket) {
    error_code error;
    const auto remote = socket.remote_endpoint(error);
    if (error || connections.size() >= kMaxOpenConnections) {
      return;
    }
    socket.set_option(tcp::no_delay(true), error);
    const ConnectionId id = ++last;
    auto connection = std::make_shared<Connection>(std::move(socket));
    connection->peer = remote.address().to_string();
    connections.emplace(id, connection);
    read(id, connection);
  }

  void read(ConnectionId id, const std::shared_ptr<Connection>& connection) {
    connection->socket.async_read_some(asio::buffer(connection->buffer),
                                       [self = shared_from_this(), id, connection](error_code error, std::size_t n) {
                                         if (error) {
                                           return self->lost(id);
                                         }
                                         connection->stream.append(connection->buffer.data(), n);
                                         if (connection->waiting && connection->stream.size() > kMaxPipelinedBytes) {
                                           return self->cut_off(id);
                                         }
                                         self->deliver(id, connection);
                                         if (self->connections.count(id) != 0) {
                                           self->read(id, connection);
                                         }
                                       });
  }

  void lost(ConnectionId id) {
    const auto found = connections.find(id);
    if (found == connections.end()) {
      return;
    }
    const bool waiting = found->second->waiting;
    connections.erase(found);
    if (waiting && handlers.gone) {
      handlers.gone(id);
    }
  }

  /// Who floods the suite while it waits for an answer gets none.
  void cut_off(ConnectionId id) {
    if (const auto found = connections.find(id); found != connections.end()) {
      error_code ignored;
      found->second->socket.close(ignored);
      lost(id);
    }
  }

  /// One request at a time: what is pipelined waits in the stream.
  void deliver(ConnectionId id, const std::shared_ptr<Connection>& connection) {
    if (connection->waiting) {
      return;
    }
    if (!connection->continued && connection->stream.find("\r\nExpect: 100-continue\r\n") != std::string::npos) {
      connection->continued = true;
      auto bytes = std::make_shared<std::string>("HTTP/1.1 100 Continue\r\n\r\n");
      asio::async_write(connection->socket, asio::buffer(*bytes), [bytes](error_code, std::size_t) {});
    }
    std::optional<HttpMessage> message = cut_message(connection->stream, false, false);
    if (!message) {
      return;
    }
    connection->waiting = true;
    connection->continued = false;
    handlers.request(id, connection->peer, *message);
  }

  void respond(ConnectionId id, std::string bytes, bool close_after, bool trickle) {
    const auto found = connections.find(id);
    if (found == connections.end()) {
      return;
    }
    auto connection = found->second;
    auto kept = std::make_shared<std::string>(std::move(bytes));
    write_all(connection->socket, kept, trickle, [self = shared_from_this(), id, connection, close_after](error_code error) {
      connection->waiting = false;
      if (error || close_after) {
        self->drop(id);
      } else {
        self->deliver(id, connection);
      }
    });
  }

  void drop(ConnectionId id) {
    const auto found = connections.find(id);
    if (found == connections.end()) {
      return;
    }
    error_code ignored;
    found->second->socket.shutdown(tcp::socket::shutdown_both, ignored);
    found->second->socket.close(ignored);
    connections.erase(found);
  }

  void close() {
    error_code ignored;
    acceptor.close(ignored);
    for (auto& [id, connection] : std::exchange(connections, {})) {
      connection->socket.close(ignored);
    }
  }

  tcp::acceptor acceptor;
  Handlers handlers;
  std::map<ConnectionId, std::shared_ptr<Connection>> connections;
  ConnectionId last = 0;
};

WireServer::WireServer(asio::io_context& io, Handlers handlers)
    : state_(std::make_shared<State>(io, std::move(handlers))) {}

WireServer::~WireServer() {
  state_->handlers = {[](ConnectionId, const std::string&, const HttpMessage&) {}, {}};
  state_->close();
}

tl::expected<Address, std::string> WireServer::listen(const std::string& address, std::uint16_t port) {
  error_code error;
  const auto parsed = asio::ip::make_address(address, error);
  const tcp::endpoint endpoint(parsed, port);
  auto& acceptor = state_->acceptor;
  const auto failed = [&](const char* what) {
    error_code ignored;
    acceptor.close(ignored);
    return tl::unexpected(std::string(what) + " " + address + ": " + error.message());
  };
  if (error || acceptor.open(endpoint.protocol(), error)) {
    return failed("open");
  }
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (acceptor.bind(endpoint, error) || acceptor.listen(asio::socket_base::max_listen_connections, error)) {
    return failed("listen at");
  }
  state_->accept();
  return Address{address, acceptor.local_endpoint(error).port()};
}

void WireServer::close() { state_->close(); }
bool WireServer::listening() const { return state_->acceptor.is_open(); }
void WireServer::respond(ConnectionId connection, std::string bytes, bool close_after, bool trickle) {
  state_->respond(connection, std::move(bytes), close_after, trickle);
}
void WireServer::drop(ConnectionId connection) { state_->drop(connection); }

namespace {

/// One call; keeps itself alive until it has reported.
struct Call : std::enable_shared_from_this<Call> {
  Call(asio::io_context& io, std::string b, std::function<void(WireReply)> d, bool h, bool t)
      : socket(io), timer(io), bytes(std::make_shared<std::string>(std::move(b))), done(std::move(d)), half_close(h), trickle(t) {}

  void start(const std::string& source, const Address& target, std::chrono::milliseconds limit) {
    error_code error;
    const auto from = asio::ip::make_address(source, error);
    const auto to = asio::ip::make_address(target.address, error);
    if (error || socket.open(tcp::endpoint(to, target.port).protocol(), error)) {
      return asio::post(socket.get_executor(), [self = shared_from_this(), error]() { self->finish(error.message()); });
    }
    socket.set_option(asio::socket_base::reuse_address(true), error);
    if (socket.bind(tcp::endpoint(from, 0), error)) {
      return asio::post(socket.get_executor(), [self = shared_from_this(), error]() { self->finish(error.message()); });
    }
    timer.expires_after(limit);
    timer.async_wait([self = shared_from_this()](error_code e) {
      if (!e) {
        self->finish("no answer in time");
      }
    });
    socket.async_connect(tcp::endpoint(to, target.port),
                         [self = shared_from_this()](error_code e) { self->connected(e); });
  }

  void connected(error_code error) {
    if (error) {
      return finish(error.message());
    }
    reply.connected = true;
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    write_all(socket, bytes, trickle, [self = shared_from_this()](error_code e) {
      if (e) {
        return;  // the server may have answered and closed before it read everything
      }
      if (self->half_close) {
        self->socket.shutdown(tcp::socket::shutdown_send, e);
      }
    });
    read();
  }

  void read() {
    socket.async_read_some(asio::buffer(buffer), [self = shared_from_this()](error_code error, std::size_t n) {
      self->stream.append(self->buffer.data(), n);
      self->arrived(error);
    });
  }

  void arrived(error_code error) {
    std::optional<HttpMessage> message = cut_message(stream, true, static_cast<bool>(error));
    if (message && !message->broken && message->status() == 100) {
      return arrived(error);  // an interim answer
    }
    if (message && !message->broken) {
      reply.answered = true;
      reply.message = std::move(*message);
      return finish({});
    }
    if (message || error) {
      return finish(!message ? error.message() : is_tls(*message) ? "TLS, and not the plain HTTP of this port" : "not an HTTP response");
    }
    read();
  }

  void finish(std::string error) {
    if (!done) {
      return;
    }
    error_code ignored;
    timer.cancel();
    socket.close(ignored);
    reply.error = std::move(error);
    const auto report = std::exchange(done, {});
    report(std::move(reply));
  }

  tcp::socket socket;
  asio::steady_timer timer;
  std::shared_ptr<std::string> bytes;
  std::function<void(WireReply)> done;
  bool half_close;
  bool trickle;
  std::string stream;
  std::array<char, 16384> buffer{};
  WireReply reply;
};

}  // namespace

void wire_call(asio::io_context& io, const std::string& source, const Address& target, std::string bytes,
               std::chrono::milliseconds limit, std::function<void(WireReply)> done, bool half_close, bool trickle) {
  std::make_shared<Call>(io, std::move(bytes), std::move(done), half_close, trickle)->start(source, target, limit);
}

}  // namespace quickpay::conformance
