// Reads a chunked body byte by byte, strictly: what another reader might understand differently is refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/transport/http_policy.hpp"

namespace quickpay::transport {

inline constexpr std::size_t kMaxSizeDigits = 8;            ///< of a chunk's size
inline constexpr std::size_t kMaxExtensionBytes = 256;      ///< behind a chunk's size; ignored
inline constexpr std::size_t kMaxTrailerBytes = 16 * 1024;  ///< all trailer lines together; ignored

/// An incremental decoder of one chunked body.
class ChunkedReader {
 public:
  explicit ChunkedReader(std::size_t max_body) : max_body_(max_body) {}

  /// Takes bytes from the front of `bytes` and appends what they carry to `body`; stops behind the body's end.
  /// Returns how many it took. After a refusal nothing more is taken.
  std::size_t feed(std::string_view bytes, std::string& body);
  bool done() const { return state_ == State::done; }
  const std::optional<HttpRefusal>& refusal() const { return refusal_; }

 private:
  enum class State : std::uint8_t { size, extension, size_end, data, data_cr, data_lf, trailer, done };
  void take(char c, const std::string& body);
  void take_size(char c);
  void size_ended(const std::string& body);
  void take_trailer(char c);
  void fail(unsigned status, std::string_view reason) { refusal_ = HttpRefusal{status, reason, {}}; }

  std::size_t max_body_;
  State state_ = State::size;
  std::size_t digits_ = 0;
  std::uint64_t left_ = 0;  // size while it is read, then what is missing of the chunk
  std::size_t extension_ = 0;
  std::size_t trailers_ = 0;
  std::string line_;
  std::optional<HttpRefusal> refusal_;
};

}  // namespace quickpay::transport
