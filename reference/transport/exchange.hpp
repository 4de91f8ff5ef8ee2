// What may be seen of, and done to, the bytes of an exchange: for transcripts, and for programs that send broken bytes
// on purpose.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace quickpay::transport {

enum class Direction : std::uint8_t {
  incoming,  ///< a request that this process serves
  outgoing   ///< a request that this process sends
};

/// One request and what was answered, byte for byte as it went over the wire. Either text is cut short, or empty, where
/// the exchange was.
struct Exchange {
  Direction direction = Direction::incoming;
  std::string local;   ///< address:port of this process
  std::string remote;  ///< address:port of the other one
  std::string request;
  std::string response;
};

using ExchangeObserver = std::function<void(const Exchange&)>;

/// What happens to the connection once the bytes are out.
enum class Afterwards : std::uint8_t {
  go_on,  ///< as HTTP says
  close,  ///< it is closed
  reset,  ///< it is torn down without a goodbye
  stall   ///< it stays open and silent until the other side gives up
};

/// Bytes to be sent, in pieces, with a pause before each but the first.
struct RawBytes {
  std::vector<std::string> pieces;
  std::int64_t pause_ms = 0;
  Afterwards afterwards = Afterwards::go_on;
};

/// Sees the bytes of one message just before they leave, and says what leaves instead. `path`: of the request.
using ByteHook = std::function<RawBytes(Direction direction, std::string_view path, std::string bytes)>;

}  // namespace quickpay::transport
