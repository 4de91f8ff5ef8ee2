#include "reference/transport/chunked.hpp"

#include <algorithm>

namespace quickpay::transport {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::size_t ChunkedReader::feed(std::string_view bytes, std::string& body) {
  std::size_t at = 0;
  while (at < bytes.size() && state_ != State::done && !refusal_) {
    if (state_ != State::data) {
      take(bytes[at++], body);
      continue;
    }
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size() - at));
    body.append(bytes.substr(at, size));
    at += size;
    left_ -= size;
    if (left_ == 0) state_ = State::data_cr;
  }
  return at;
}

void ChunkedReader::take(char c, const std::string& body) {
  switch (state_) {
    case State::size:
      return take_size(c);
    case State::extension:
      if (c == '\r') return void(state_ = State::size_end);
      if (++extension_ > kMaxExtensionBytes) return fail(400, "chunk extension is too long");
      if (c != '\t' && (c < ' ' || c > '~')) return fail(400, "bad character in a chunk extension");
      return;
    case State::size_end:
      if (c != '\n') return fail(400, "chunk size without line end");
      return size_ended(body);
    case State::data_cr:
      if (c != '\r') return fail(400, "chunk is longer than its size");
      return void(state_ = State::data_lf);
    case State::data_lf:
      if (c != '\n') return fail(400, "chunk without line end");
      digits_ = extension_ = 0;
      return void(state_ = State::size);
    case State::trailer:
      return take_trailer(c);
    case State::data:
    case State::done:
      return;
  }
}

void ChunkedReader::take_size(char c) {
  const int value = hex_value(c);
  if (value >= 0) {
    if (++digits_ > kMaxSizeDigits) return fail(400, "chunk size has too many digits");
    left_ = left_ * 16 + static_cast<std::uint64_t>(value);
    return;
  }
  if (digits_ == 0) return fail(400, "no chunk size");
  if (c == ';') return void(state_ = State::extension);
  if (c == '\r') return void(state_ = State::size_end);
  fail(400, "bad chunk size");
}

void ChunkedReader::size_ended(const std::string& body) {
  if (left_ > max_body_ - std::min(max_body_, body.size())) return fail(413, "chunked body is too long");
  state_ = left_ == 0 ? State::trailer : State::data;
}

void ChunkedReader::take_trailer(char c) {
  if (++trailers_ > kMaxTrailerBytes) return fail(431, "trailers are too long");
  line_.push_back(c);
  if (c != '\n') return;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') return fail(400, "line feed without carriage return");
  const std::string_view line(line_.data(), line_.size() - 2);
  if (line.empty()) return void(state_ = State::done);
  if (!is_field_line(line)) return fail(400, "bad trailer field");
  line_.clear();
}

}  // namespace quickpay::transport
