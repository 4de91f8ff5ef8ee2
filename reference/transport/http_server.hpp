// An HTTP/1.1 server for short answers: strict by http_policy.hpp, single-threaded, driven by a given io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "reference/transport/exchange.hpp"
#include "reference/transport/http_policy.hpp"

namespace quickpay::transport {

/// Bounds on what one peer, or all of them together, can make the server keep or wait for.
struct ServerLimits {
  std::size_t header_bytes = kMaxHeaderBytes;
  std::int64_t header_ms = 5000;   ///< from the first byte of a request to the end of its head
  std::int64_t idle_ms = 60000;    ///< between requests
  std::int64_t write_ms = 10000;   ///< without progress of an answer
  std::int64_t answer_ms = 60000;  ///< that a handler may keep a request; then the connection is closed
  std::int64_t linger_ms = 1000;   ///< that a refused peer may go on sending, so that it can read why
  std::size_t connections = 1024;  ///< at once; then the longest idle one makes room
  std::size_t pipelined = 128;     ///< requests of one connection that wait for answers
};

struct ServerConfig {
  std::string address;     ///< literal IPv4 or IPv6 address to listen at
  std::uint16_t port = 0;  ///< 0: any that is free
  PathTable paths;
  std::string content_type;              ///< of requests and of answers 200
  std::vector<std::string> authorities;  ///< Host values that are this server; empty: its address and port; "*": any
  ServerLimits limits;
  ExchangeObserver observer;  ///< may be empty
  ByteHook hook;              ///< may be empty
};

/// Names one request; never reused while the server lives.
using RequestToken = std::uint64_t;

/// A request that passed steps 1 to 4. The views live until the handler returns.
struct Request {
  RequestToken token = 0;
  std::string_view peer_address;  ///< of the socket; an IPv4-mapped IPv6 address counts as IPv4
  Method method = Method::post;
  std::string_view path;
  std::string_view body;
  std::string_view ticket;  ///< see PathRule::ticket_field
};

using RequestHandler = std::function<void(const Request&)>;
/// No answer can reach this requester any more.
using DisconnectHandler = std::function<void(RequestToken)>;

/// The server. All its handlers run inside io_context; it must outlive them, so destroy it when the io_context is not
/// running (it then closes everything without further notice).
class HttpServer {
 public:
  /// Listens at once; an error names address and reason.
  static tl::expected<std::unique_ptr<HttpServer>, std::string> listen(boost::asio::io_context& io, ServerConfig config,
                                                                       RequestHandler on_request,
                                                                       DisconnectHandler on_disconnect);
  virtual ~HttpServer() = default;

  virtual std::uint16_t port() const = 0;
  /// Answers a request; answers of one connection leave in the order of its requests. A status other than 200 has no
  /// body. `content_type` empty: that of the configuration. A token that is not waiting is ignored.
  virtual void answer(RequestToken token, unsigned status, std::string body, std::string_view content_type = {}) = 0;
  /// Takes no more connections or requests; closes idle connections, the others when their requests are answered.
  virtual void stop_accepting() = 0;
  /// Connections that are open. After stop_accepting, 0 means that everything is answered.
  virtual std::size_t connections() const = 0;
  /// Closes everything now.
  virtual void close() = 0;
};

}  // namespace quickpay::transport
