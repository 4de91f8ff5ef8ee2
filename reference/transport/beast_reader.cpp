#include "reference/transport/beast_reader.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

namespace quickpay::transport {
namespace {

namespace http = boost::beast::http;

// Reads the head; false if Beast refuses it or sees its end elsewhere.
template <class Parser>
bool read_head(Parser& parser, std::string_view raw) {
  parser.eager(false);
  parser.skip(false);
  parser.header_limit(static_cast<std::uint32_t>(2 * kMaxHeaderBytes));
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());
  boost::system::error_code error;
  const std::size_t used = parser.put(boost::asio::buffer(raw.data(), raw.size()), error);
  return !error && used == raw.size() && parser.is_header_done();
}

template <class Parser>
bool same_framing(const Parser& parser, std::uint64_t length, bool chunked) {
  if (parser.chunked() != chunked) return false;
  return chunked || parser.content_length().value_or(0) == length;
}

bool ends_with(boost::beast::string_view text, std::string_view end) {
  return text.size() >= end.size() &&
         text.substr(text.size() - end.size()) == boost::beast::string_view(end.data(), end.size());
}

}  // namespace

bool beast_agrees(std::string_view raw, const RequestHead& head) {
  if (raw.substr(0, 2) == "\r\n") raw.remove_prefix(2);
  http::request_parser<http::empty_body> parser;
  if (!read_head(parser, raw)) return false;
  const auto& message = parser.get();
  const http::verb wanted = head.rule->method == Method::post ? http::verb::post : http::verb::get;
  return message.version() == 11 && message.method() == wanted && ends_with(message.target(), head.path) &&
         same_framing(parser, head.content_length, head.chunked);
}

bool beast_agrees(std::string_view raw, const ResponseHead& head) {
  http::response_parser<http::empty_body> parser;
  if (!read_head(parser, raw)) return false;
  const auto& message = parser.get();
  return message.version() == 11 && message.result_int() == head.status &&
         (head.status < 200 || head.status == 204 || head.status == 304 ||
          same_framing(parser, head.content_length, head.chunked));
}

}  // namespace quickpay::transport
