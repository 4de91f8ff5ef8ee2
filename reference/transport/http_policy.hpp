// What HTTP this project speaks, decided by pure functions over raw bytes before any library reads them. Names of
// paths, content types and tickets are given; nothing here knows a protocol above HTTP.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace quickpay::transport {

inline constexpr std::size_t kMaxHeaderBytes = 16 * 1024;  ///< start line and fields with the empty line that ends them
inline constexpr std::size_t kMaxFields = 100;             ///< fields of one message
inline constexpr std::size_t kMaxMethodBytes = 32;
inline constexpr std::size_t kMaxLengthDigits = 10;      ///< of Content-Length
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;  ///< of a body, unless a path has another limit
inline constexpr std::int64_t kRequestMs = 15000;        ///< for a whole request, unless a path has another limit

enum class Method : std::uint8_t { post, get };

/// What a path expects.
struct PathRule {
  Method method = Method::post;
  std::size_t max_body = kMaxBodyBytes;
  std::int64_t request_ms = kRequestMs;  ///< from the first byte of a request to its last
  std::string ticket_field;              ///< a field whose value the handler gets; empty: none
};

/// All paths that are served. A path is compared byte by byte; nothing is normalised.
using PathTable = std::map<std::string, PathRule, std::less<>>;

/// What requests are judged by. The table must outlive what refers to it.
struct RequestRules {
  const PathTable* paths = nullptr;
  std::string content_type;              ///< of every POST, e.g. "application/xml"; charset=utf-8 may follow it
  std::vector<std::string> authorities;  ///< Host values that are this server, e.g. "192.0.2.1:80"; empty: any
  std::size_t max_header_bytes = kMaxHeaderBytes;
};

/// A refusal below the protocol: it is answered by the status alone, and the connection is closed, since what follows
/// on it may be the rest of something else.
struct HttpRefusal {
  unsigned status = 400;
  std::string_view reason;  ///< static text, for logs
  std::string_view allow;   ///< with 405: the method that the path has
};

/// A head that may be believed. The views point into the judged bytes.
struct RequestHead {
  std::string_view path;
  const PathRule* rule = nullptr;
  std::uint64_t content_length = 0;  ///< 0 also for a chunked body
  bool chunked = false;
  bool expects_continue = false;  ///< the client waits for 100 before it sends the body
  bool keep_alive = true;
  std::string_view ticket;  ///< value of the rule's ticket field
};

/// Finds the end of a head while its bytes arrive, and refuses as soon as it can be seen that there is no good end.
class HeadScanner {
 public:
  explicit HeadScanner(std::size_t max_header_bytes = kMaxHeaderBytes) : max_bytes_(max_header_bytes) {}

  /// `bytes`: everything since the start of the message, more at each call. The size of the head, with the empty line,
  /// or 0 while it is incomplete.
  tl::expected<std::size_t, HttpRefusal> scan(std::string_view bytes);
  void restart() { *this = HeadScanner(max_bytes_); }

 private:
  tl::expected<bool, HttpRefusal> line_ended(std::string_view bytes, std::size_t line_feed);

  std::size_t max_bytes_;
  std::size_t seen_ = 0;
  std::size_t line_start_ = 0;
  std::size_t lines_ = 0;
  bool skipped_empty_ = false;
};

/// Judges a whole request head: framing, Host, path, method, content type and coding, announced size, in this order
/// (steps 1 to 4 of the processing order). One empty line in front is tolerated.
tl::expected<RequestHead, HttpRefusal> judge_request_head(std::string_view raw, const RequestRules& rules);

/// A response head that may be believed.
struct ResponseHead {
  unsigned status = 0;
  std::uint64_t content_length = 0;
  bool chunked = false;
  bool keep_alive = true;
  std::string_view content_type;  ///< empty if there is none
  bool coded = false;             ///< has a content coding: its body is not what it seems
};

/// Judges a whole response head; an error is static text. A response whose end is told by neither Content-Length nor
/// chunks is refused, since nobody could tell whether it is complete. 1xx have no body.
tl::expected<ResponseHead, std::string_view> judge_response_head(std::string_view raw);

/// Whether `value` is `wanted`, in any case, alone or with the one parameter charset=utf-8.
bool is_content_type(std::string_view value, std::string_view wanted);

/// Refuses anything that a trailer section may not have in its lines; they are read and forgotten.
bool is_field_line(std::string_view line);

}  // namespace quickpay::transport
