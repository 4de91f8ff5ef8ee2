// Sockets of the players: a listener that hands out requests as they came, and calls from a chosen source address.
// All of it runs in the runner's io_context, in one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "conformance/model/iut.hpp"
#include "conformance/peers/http.hpp"

namespace quickpay::conformance {

inline constexpr std::size_t kMaxOpenConnections = 256;  ///< accepted by one listener; more are closed at once
/// Bytes that a client may send ahead while a request of it has no answer; who sends more is cut off.
inline constexpr std::size_t kMaxPipelinedBytes = kMaxHttpHead + kMaxHttpBody;

using ConnectionId = std::uint64_t;

/// A listening socket of one player. Destroying or closing it drops its connections.
class WireServer {
 public:
  struct Handlers {
    /// A complete request, or one that could not be cut out (HttpMessage::broken).
    std::function<void(ConnectionId, const std::string& peer_address, const HttpMessage&)> request;
    /// The client went away while a request of it had no answer.
    std::function<void(ConnectionId)> gone;
  };

  WireServer(boost::asio::io_context& io, Handlers handlers);
  ~WireServer();
  WireServer(const WireServer&) = delete;
  WireServer& operator=(const WireServer&) = delete;

  /// Listens at `address`; port 0: the system chooses. The result stays valid over close() and listen() again.
  tl::expected<Address, std::string> listen(const std::string& address, std::uint16_t port);
  /// Refuses connections from now on, as a player does that is not there.
  void close();
  bool listening() const;

  /// Sends bytes as the answer of that connection's open request; `trickle`: each in a packet of its own.
  void respond(ConnectionId connection, std::string bytes, bool close_after = false, bool trickle = false);
  /// Closes the connection without an answer.
  void drop(ConnectionId connection);

 private:
  struct Connection;
  struct State;
  std::shared_ptr<State> state_;
};

/// What came back on a call.
struct WireReply {
  bool connected = false;  ///< the bytes could be delivered
  bool answered = false;   ///< a complete HTTP response arrived
  HttpMessage message;     ///< iff answered
  std::string error;       ///< iff not answered: why
};

/// Sends `bytes` from `source` (any port) to `target` and reports once: a response, the end of the connection, or
/// `limit` passed. Bytes are delivered as they are. `half_close`: the sending side is shut down after them. `trickle`:
/// each byte goes in a packet of its own.
void wire_call(boost::asio::io_context& io, const std::string& source, const Address& target, std::string bytes,
               std::chrono::milliseconds limit, std::function<void(WireReply)> done, bool half_close = false, bool trickle = false);

}  // namespace quickpay::conformance
