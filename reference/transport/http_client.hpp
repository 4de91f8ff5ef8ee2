// An HTTP/1.1 client that believes an answer only if it is complete, plain and of the right type.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "reference/transport/exchange.hpp"
#include "reference/transport/http_policy.hpp"

namespace quickpay::transport {

struct ClientLimits {
  std::size_t body_bytes = 256 * 1024;         ///< of an answer to a POST
  std::size_t fetch_bytes = 64 * 1024 * 1024;  ///< of an answer to a GET
  std::size_t calls = 256;                     ///< at once; more wait in their order
  std::size_t waiting = 100000;                ///< calls that wait; more fail at once
  std::size_t idle_connections = 64;           ///< kept for the next call
  std::int64_t idle_ms = 10000;                ///< that one is kept
};

struct ClientConfig {
  std::string content_type;  ///< of requests and answers
  ClientLimits limits;
  bool keep_alive = true;     ///< connections are used again
  ExchangeObserver observer;  ///< may be empty
  ByteHook hook;              ///< may be empty
};

/// A POST to a literal address.
struct CallSpec {
  std::string address;
  std::uint16_t port = 0;
  std::string source_address;  ///< literal address to send from; empty: any
  std::string path;
  std::string body;
  std::int64_t timeout_ms = kRequestMs;  ///< from the call of post to the last byte of the answer
  std::string host;                      ///< value of the Host field; empty: address and port
  std::size_t answer_bytes = 0;          ///< most of the answer's body; 0: what the client's limits say
};

/// A GET of an absolute http URL with a literal address in it: names are not looked up.
struct FetchSpec {
  std::string url;
  std::string ticket_field;  ///< name of a field to be sent; empty: none
  std::string ticket;
  std::string source_address;
  std::int64_t timeout_ms = kRequestMs;
};

/// What became of a call. Delivered means: one answer 200, complete, of the right content type (of any, for a GET),
/// with nothing behind it. Everything else is an unknown outcome; redirects are not followed.
struct CallResult {
  bool delivered = false;
  unsigned http_status = 0;  ///< 0 if no good head came
  std::string content_type;
  std::string body;
  std::string why;  ///< if not delivered, for logs
};

using CallHandler = std::function<void(CallResult)>;

/// Parts of an http URL with a literal address; nothing if it is anything else, or has user-info or a fragment.
struct HttpUrl {
  std::string address;
  std::uint16_t port = 80;
  std::string authority;  ///< as in the URL
  std::string target;     ///< path and query, at least "/"
};
std::optional<HttpUrl> parse_http_url(std::string_view url);

/// The client. Handlers run inside io_context, never inside post or get, each exactly once unless the client is
/// destroyed before; destroy it when the io_context is not running.
class HttpClient {
 public:
  static std::unique_ptr<HttpClient> create(boost::asio::io_context& io, ClientConfig config);
  virtual ~HttpClient() = default;

  virtual void post(CallSpec spec, CallHandler handler) = 0;
  virtual void get(FetchSpec spec, CallHandler handler) = 0;
  /// Calls that have no result yet.
  virtual std::size_t calls() const = 0;
  /// Ends all calls as not delivered, and closes all connections.
  virtual void close() = 0;
};

}  // namespace quickpay::transport
