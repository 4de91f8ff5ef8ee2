#include "reference/paycard/frame.hpp"

#include <algorithm>

namespace quickpay::paycard {
namespace {

constexpr std::uint8_t kRequestMark = 'Q';
constexpr std::uint8_t kResponseMark = 'R';
constexpr unsigned kByte = 8;

void put_byte(std::string& out, std::uint8_t value) { out += static_cast<char>(value); }

void put_length(std::string& out, std::size_t value) {
  for (unsigned shift = 4 * kByte; shift != 0; shift -= kByte) {
    put_byte(out, static_cast<std::uint8_t>(value >> (shift - kByte)));
  }
}

void put_bytes(std::string& out, std::string_view value) {
  put_length(out, value.size());
  out += value;
}

void put_state(std::string& out, const State& state) {
  put_byte(out, static_cast<std::uint8_t>(state.size()));
  for (const auto& [key, value] : state) {
    put_bytes(out, key);
    put_bytes(out, value);
  }
}

std::size_t length_at(std::string_view bytes) {
  std::size_t value = 0;
  for (const char c : bytes.substr(0, kFrameHead)) value = value << kByte | static_cast<std::uint8_t>(c);
  return value;
}

/// Takes values from the front of bytes; after the first error it gives nothing more.
class Taker {
 public:
  explicit Taker(std::string_view bytes) : left_(bytes) {}

  std::uint8_t byte() {
    if (left_.empty()) return fail("it ends too early"), 0;
    const auto value = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return value;
  }

  std::string bytes(std::size_t most) {
    if (left_.size() < kFrameHead) return fail("it ends too early"), std::string();
    const std::size_t size = length_at(left_);
    if (size > most) return fail("a value is too long"), std::string();
    left_.remove_prefix(kFrameHead);
    if (size > left_.size()) return fail("it ends too early"), std::string();
    std::string value(left_.substr(0, size));
    left_.remove_prefix(size);
    return value;
  }

  // Keys ascend, so that a state has one spelling.
  State state() {
    State out;
    const std::size_t count = byte();
    if (count > kMaxEntries) fail("there are too many entries");
    for (std::size_t i = 0; i < count && error_.empty(); ++i) {
      std::string key = bytes(kPutKey);
      std::string value = bytes(kPutValue);
      if (!out.empty() && key <= out.rbegin()->first) fail("the entries are not in order");
      out.emplace(std::move(key), std::move(value));
    }
    if (error_.empty() && !within_limits(out)) fail("the entries are too large");
    return out;
  }

  void fail(FrameError why) {
    if (error_.empty()) error_ = why;
    left_ = {};
  }
  /// The first error; one, too, if something is left over.
  FrameError end() {
    if (!left_.empty()) fail("something follows");
    return error_;
  }
  bool failed() const { return !error_.empty(); }

 private:
  std::string_view left_;
  FrameError error_;
};

const CallInfo& info(Call call) { return calls()[static_cast<std::size_t>(call)]; }

tl::expected<std::string, FrameError> framed(std::string content) {
  if (content.size() > kMaxFrame) return tl::unexpected(FrameError("the frame is too long"));
  std::string out;
  out.reserve(kFrameHead + content.size());
  put_length(out, content.size());
  return out += content;
}

FrameError fault_of(Call call, const Reply& reply) {
  const auto& out = info(call).out;
  const bool gives = reply.result == Result::done && !out.empty();
  if (reply.out.size() > (gives ? out.front().max_bytes : 0)) return "the output is too long";
  if (reply.result != Result::done && !reply.changed.empty()) return "a call that was not done changes something";
  return within_limits(reply.changed) ? FrameError() : FrameError("the entries are too large");
}

}  // namespace

tl::expected<std::string, FrameError> write_request(const Request& request) {
  const auto& in = info(request.call).in;
  if (request.in.size() != in.size()) return tl::unexpected(FrameError("the call takes another number of values"));
  if (!within_limits(request.state)) return tl::unexpected(FrameError("the entries are too large"));
  std::string content;
  put_byte(content, kRequestMark);
  put_byte(content, static_cast<std::uint8_t>(request.call));
  for (std::size_t i = 0; i < in.size(); ++i) {
    if (request.in[i].size() > in[i].max_bytes) return tl::unexpected(FrameError("a value is too long"));
    put_bytes(content, request.in[i]);
  }
  put_state(content, request.state);
  return framed(std::move(content));
}

tl::expected<std::string, FrameError> write_response(Call call, const Response& response) {
  std::string content;
  put_byte(content, kResponseMark);
  put_byte(content, static_cast<std::uint8_t>(response.stage));
  if (response.stage != Stage::answered) return framed(std::move(content));
  if (const FrameError fault = fault_of(call, response.reply); !fault.empty()) return tl::unexpected(fault);
  put_byte(content, static_cast<std::uint8_t>(response.reply.result));
  put_bytes(content, response.reply.out);
  put_state(content, response.reply.changed);
  return framed(std::move(content));
}

tl::expected<std::size_t, FrameError> read_head(std::string_view head) {
  if (head.size() != kFrameHead) return tl::unexpected(FrameError("it ends too early"));
  const std::size_t length = length_at(head);
  if (length == 0 || length > kMaxFrame) return tl::unexpected(FrameError("the frame has no allowed length"));
  return length;
}

tl::expected<Request, FrameError> read_request(std::string_view content) {
  Taker taker(content);
  Request request;
  if (taker.byte() != kRequestMark) taker.fail("it is no request");
  const std::size_t number = taker.byte();
  if (number >= calls().size()) taker.fail("there is no such call");
  if (!taker.failed()) {
    request.call = static_cast<Call>(number);
    for (const Value& value : info(request.call).in) request.in.push_back(taker.bytes(value.max_bytes));
    request.state = taker.state();
  }
  if (const FrameError error = taker.end(); !error.empty()) return tl::unexpected(error);
  return request;
}

tl::expected<Response, FrameError> read_response(Call call, std::string_view content) {
  Taker taker(content);
  Response response;
  if (taker.byte() != kResponseMark) taker.fail("it is no response");
  const std::uint8_t stage = taker.byte();
  if (stage > static_cast<std::uint8_t>(Stage::other_abi)) taker.fail("there is no such stage");
  response.stage = static_cast<Stage>(stage);
  if (!taker.failed() && response.stage == Stage::answered) {
    const std::uint8_t result = taker.byte();
    if (to_string(static_cast<Result>(result)).empty()) taker.fail("there is no such result");
    response.reply.result = static_cast<Result>(result);
    response.reply.out = taker.bytes(kMaxFrame);
    response.reply.changed = taker.state();
    if (const FrameError fault = fault_of(call, response.reply); !fault.empty()) taker.fail(fault);
  }
  if (const FrameError error = taker.end(); !error.empty()) return tl::unexpected(error);
  return response;
}

}  // namespace quickpay::paycard
