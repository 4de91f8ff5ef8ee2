// HTTP messages as bytes: cut out of a stream, and built. Tolerant on purpose: what an implementation sends is recorded
// as it is and judged by scenarios; what the suite sends may be as broken as a scenario wants it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace quickpay::conformance {

inline constexpr std::size_t kMaxHttpHead = 64U << 10;  ///< of what an implementation sends
inline constexpr std::size_t kMaxHttpBody = 1U << 20;   ///< with the transfer coding removed
inline constexpr std::size_t kMaxChunkLine = 1024;      ///< a chunk's size and extensions, without the line end
inline constexpr std::size_t kMaxChunkedBody = 8 * kMaxHttpBody;  ///< in its transfer coding; chunks of one byte fit

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One request or response as it was seen.
struct HttpMessage {
  std::string start_line;
  Headers headers;
  std::string body;     ///< transfer coding removed
  bool broken = false;  ///< could not be cut out; the connection is of no more use

  std::string method() const;
  std::string target() const;
  /// 0 if the start line is not that of a response.
  unsigned status() const;
  /// The first header of that name (any case); empty if there is none.
  std::string header(std::string_view name) const;
};

/// Removes one complete message from the front of `stream`. Nothing: it is not complete yet; with `ended` what is there
/// of a response without a length is complete. A broken one takes everything.
std::optional<HttpMessage> cut_message(std::string& stream, bool response, bool ended);

/// Whether what could not be cut out is the beginning of TLS: somebody took a plain port for another.
bool is_tls(const HttpMessage& broken);

/// A request as a client of this protocol sends it.
std::string post_bytes(std::string_view host, std::string_view path, std::string_view body, const Headers& extra = {},
                       bool chunked = false);
/// A response with the protocol's content type; without body for a status other than 200.
std::string answer_bytes(unsigned status, std::string_view body, const Headers& extra = {});

}  // namespace quickpay::conformance
