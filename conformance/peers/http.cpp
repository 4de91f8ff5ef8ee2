#include "conformance/peers/http.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>

namespace quickpay::conformance {

namespace {

constexpr std::string_view kType = "application/quickpay+xml";

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](unsigned char x, unsigned char y) {
           return std::tolower(x) == std::tolower(y);
         });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data()) {
    return std::nullopt;
  }
  return value;
}

HttpMessage read_head(std::string_view head) {
  HttpMessage message;
  std::size_t line_end = head.find("\r\n");
  message.start_line = std::string(head.substr(0, line_end));
  while (line_end != std::string_view::npos) {
    head.remove_prefix(line_end + 2);
    line_end = head.find("\r\n");
    const std::string_view line = head.substr(0, line_end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      message.headers.emplace_back(line.substr(0, colon), trimmed(line.substr(colon + 1)));
    }
  }
  return message;
}

enum class Cut { complete, incomplete, broken };

/// Finds the end of the short line that starts at `from`: a chunk's size, or what follows the last chunk.
Cut find_line(std::string_view stream, std::size_t from, std::size_t& end) {
  const std::string_view rest = stream.substr(from, kMaxChunkLine + 2);
  const std::size_t length = rest.find("\r\n");
  if (length == std::string_view::npos) {
    return rest.size() < kMaxChunkLine + 2 ? Cut::incomplete : Cut::broken;
  }
  end = from + length;
  return Cut::complete;
}

/// Moves a chunked body from `stream` at `from` into `body`; `used` becomes the end of the message. Sizes are whatever
/// the peer says, up to the largest number there is, so they are compared with what is left and never added up.
Cut cut_chunks(std::string_view stream, std::size_t from, std::string& body, std::size_t& used) {
  const std::size_t start = from;
  while (from - start <= kMaxChunkedBody) {
    std::size_t end = 0;
    if (const Cut line = find_line(stream, from, end); line != Cut::complete) {
      return line;
    }
    const auto size = number(stream.substr(from, end - from), 16);
    if (!size || *size > kMaxHttpBody - body.size()) {
      return Cut::broken;
    }
    from = end + 2;
    if (*size == 0) {
      const Cut last = find_line(stream, from, end);
      used = end + 2;
      return last == Cut::complete && end != from ? Cut::broken : last;  // trailers are nobody's business here
    }
    if (stream.size() - from < *size + 2) {
      return Cut::incomplete;
    }
    body.append(stream.substr(from, *size));
    from += *size + 2;
  }
  return Cut::broken;
}

Cut cut_body(std::string_view stream, std::size_t from, bool response, bool ended, HttpMessage& message,
             std::size_t& used) {
  if (same_name(message.header("Transfer-Encoding"), "chunked")) {
    return cut_chunks(stream, from, message.body, used);
  }
  const std::string length = message.header("Content-Length");
  if (length.empty()) {
    if (response && message.status() >= 200 && message.status() != 204 && message.status() != 304) {
      if (stream.size() - from > kMaxHttpBody) {
        return Cut::broken;
      }
      used = stream.size();
      message.body = std::string(stream.substr(from));
      return ended ? Cut::complete : Cut::incomplete;
    }
    used = from;
    return Cut::complete;
  }
  const auto size = number(length, 10);
  if (!size || *size > kMaxHttpBody) {
    return Cut::broken;
  }
  if (stream.size() - from < *size) {
    return Cut::incomplete;
  }
  message.body = std::string(stream.substr(from, *size));
  used = from + *size;
  return Cut::complete;
}

std::string headers_text(const Headers& headers) {
  std::string text;
  for (const auto& [name, value] : headers) {
    text += name + ": " + value + "\r\n";
  }
  return text;
}

std::string_view reason_of(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 307:
      return "Temporary Redirect";
    case 503:
      return "Service Unavailable";
    default:
      return "Answer";
  }
}

}  // namespace

std::string HttpMessage::method() const { return start_line.substr(0, start_line.find(' ')); }

std::string HttpMessage::target() const {
  const std::size_t first = start_line.find(' ');
  if (first == std::string::npos) {
    return {};
  }
  return start_line.substr(first + 1, start_line.find(' ', first + 1) - first - 1);
}

unsigned HttpMessage::status() const {
  if (start_line.rfind("HTTP/1.", 0) != 0 || start_line.size() < 12) {
    return 0;
  }
  return static_cast<unsigned>(number(std::string_view(start_line).substr(9, 3), 10).value_or(0));
}

std::string HttpMessage::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(),
                                  [&](const auto& candidate) { return same_name(candidate.first, name); });
  return found == headers.end() ? std::string() : found->second;
}

bool is_tls(const HttpMessage& broken) {
  constexpr std::string_view kRecordTypes = "\x14\x15\x16\x17";  // a TLS record: its type, then version 3.x
  const std::string& start = broken.start_line;
  return broken.broken && start.size() > 2 && kRecordTypes.find(start[0]) != std::string_view::npos && start[1] == 3;
}

std::optional<HttpMessage> cut_message(std::string& stream, bool response, bool ended) {
  const std::size_t head_end = stream.find("\r\n\r\n");
  const auto broken = [&]() {
    HttpMessage message;
    message.broken = true;
    message.start_line = stream.substr(0, stream.find_first_of("\r\n"));
    stream.clear();
    return message;
  };
  if (head_end == std::string::npos) {
    if (stream.size() > kMaxHttpHead || (ended && !stream.empty())) {
      return broken();
    }
    return std::nullopt;
  }
  HttpMessage message = read_head(std::string_view(stream).substr(0, head_end));
  std::size_t used = 0;
  switch (cut_body(stream, head_end + 4, response, ended, message, used)) {
    case Cut::broken:
      return broken();
    case Cut::incomplete:
      if (ended) {
        return broken();
      }
      return std::nullopt;
    case Cut::complete:
      break;
  }
  stream.erase(0, used);
  return message;
}

std::string post_bytes(std::string_view host, std::string_view path, std::string_view body, const Headers& extra,
                       bool chunked) {
  std::string out = fmt::format("POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: {}\r\n", path, host, kType);
  out += headers_text(extra);
  if (!chunked) {
    return out + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
  }
  const std::size_t half = body.size() / 2;
  return out + fmt::format("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n{}\r\n{:x};x=y\r\n{}\r\n0\r\n\r\n", half,
                           body.substr(0, half), body.size() - half, body.substr(half));
}

std::string answer_bytes(unsigned status, std::string_view body, const Headers& extra) {
  std::string out = fmt::format("HTTP/1.1 {} {}\r\n", status, reason_of(status));
  const bool typed = std::any_of(extra.begin(), extra.end(),
                                 [](const auto& header) { return same_name(header.first, "Content-Type"); });
  if (!body.empty() && !typed) {
    out += fmt::format("Content-Type: {}\r\n", kType);
  }
  return out + headers_text(extra) + fmt::format("Content-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace quickpay::conformance
