// URLs as far as a client needs them: plain http, a literal address, nothing that hides another one.
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <charconv>

#include "reference/transport/http_client.hpp"

namespace quickpay::transport {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// The digits of a port; 0 if they are none.
std::uint16_t port_of(std::string_view text) {
  std::uint32_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535 ? static_cast<std::uint16_t>(port)
                                                                                   : 0;
}

bool split_authority(HttpUrl& url) {
  const std::string_view text = url.authority;
  const bool v6 = !text.empty() && text.front() == '[';
  const auto end = v6 ? text.find(']') : text.find(':');
  const auto colon = v6 && end != std::string_view::npos ? end + 1 : end;
  if (v6 && end == std::string_view::npos) return false;
  url.address = v6 ? text.substr(1, end - 1) : text.substr(0, end);
  if (colon == std::string_view::npos || colon == text.size()) return true;
  url.port = text[colon] == ':' ? port_of(text.substr(colon + 1)) : std::uint16_t{0};
  return url.port != 0;
}

}  // namespace

std::optional<HttpUrl> parse_http_url(std::string_view url) {
  constexpr std::string_view kScheme = "http://";
  if (url.substr(0, kScheme.size()) != kScheme || url.find('#') != std::string_view::npos) return std::nullopt;
  for (const char c : url) {
    if (c <= ' ' || c > '~') return std::nullopt;
  }
  url.remove_prefix(kScheme.size());
  const auto end = std::min(url.find_first_of("/?"), url.size());
  HttpUrl parts;
  parts.authority = url.substr(0, end);
  parts.target = url.substr(end);
  if (parts.target.empty() || parts.target.front() != '/') parts.target.insert(0, 1, '/');
  if (!split_authority(parts)) return std::nullopt;
  error_code error;
  asio::ip::make_address(parts.address, error);
  if (error) return std::nullopt;
  return parts;
}

}  // namespace quickpay::transport
