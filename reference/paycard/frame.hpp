// What Wallet and container say to each other: one request, one response, each a frame of bounded length.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

#include "reference/paycard/port.hpp"

namespace quickpay::paycard {

inline constexpr std::size_t kFrameHead = 4;          ///< bytes that give the length of a frame, the highest first
inline constexpr std::size_t kMaxFrame = 512 * 1024;  ///< bytes of a frame without its head

/// A call as it goes to the container. `in` has as many values as the call takes, each within its bound.
struct Request {
  Call call = Call::describe;
  std::vector<std::string> in;
  State state;
  bool operator==(const Request&) const = default;
};

/// How far the container came.
enum class Stage : std::uint8_t { answered, not_loadable, other_abi };

/// The answer of the container. Only an answered one has a reply.
struct Response {
  Stage stage = Stage::answered;
  Reply reply;
  bool operator==(const Response&) const = default;
};

/// Why bytes are no frame. Static English text.
using FrameError = std::string_view;

/// A frame with its head. An error means that the value breaks a bound.
tl::expected<std::string, FrameError> write_request(const Request& request);
tl::expected<std::string, FrameError> write_response(Call call, const Response& response);

/// The length that a head of kFrameHead bytes gives, 1 to kMaxFrame.
tl::expected<std::size_t, FrameError> read_head(std::string_view head);

/// The content of a frame, without its head. Every bound is checked; what is left over is an error.
tl::expected<Request, FrameError> read_request(std::string_view content);
/// The answer to `call`: it has an output where the call gives one and was done, and within its bound.
tl::expected<Response, FrameError> read_response(Call call, std::string_view content);

}  // namespace quickpay::paycard
