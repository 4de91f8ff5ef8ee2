#include "reference/roles/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "reference/codec/leaf.hpp"
#include "reference/roles/facts.hpp"

namespace quickpay::roles {
namespace {

constexpr std::uint16_t kHttp = 80;
constexpr std::uint16_t kHttps = 443;

constexpr std::int64_t kWholeIpv4 = 32;
constexpr std::int64_t kWholeIpv6 = 128;
constexpr std::int64_t kLeastIpv6 = 64;

using Bytes = std::array<std::uint8_t, 16>;

/// The bytes of an address if it is spelled as the library spells it.
bool read(int family, const std::string& text, Bytes& bytes) {
  std::array<char, INET6_ADDRSTRLEN> spelled{};
  return inet_pton(family, text.c_str(), bytes.data()) == 1 &&
         inet_ntop(family, bytes.data(), spelled.data(), spelled.size()) != nullptr && text == spelled.data();
}

Reach reach_of_v4(const Bytes& bytes) {
  if (bytes[0] == 127) return Reach::loopback;
  const bool link_local = bytes[0] == 169 && bytes[1] == 254;
  return bytes[0] == 0 || bytes[0] >= 224 || link_local ? Reach::none : Reach::machine;
}

Reach reach_of_v6(const Bytes& bytes) {
  const bool low = std::all_of(bytes.begin(), bytes.begin() + 10, [](std::uint8_t byte) { return byte == 0; });
  if (low) {  // unspecified, or an IPv4 address in disguise
    const bool one =
        std::all_of(bytes.begin() + 10, bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; }) && bytes[15] == 1;
    return one ? Reach::loopback : Reach::none;
  }
  const bool link_local = bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
  return bytes[0] == 0xff || link_local ? Reach::none : Reach::machine;
}

/// The bytes of an address of either kind, in its one spelling; how many there are, 0 if it is none.
std::size_t read(std::string_view address, Bytes& bytes) {
  const std::string text(address);
  if (read(AF_INET, text, bytes)) return 4;
  return read(AF_INET6, text, bytes) ? bytes.size() : 0;
}

/// The number of bits behind the stroke; nothing if there is no stroke.
std::optional<std::uint32_t> bits_of(std::string_view bound) {
  const std::size_t cut = bound.find('/');
  if (cut == std::string_view::npos) return std::nullopt;
  std::uint32_t bits = 0;
  const auto text = bound.substr(cut + 1);
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), bits);
  return fault == std::errc{} && end == text.data() + text.size() ? bits : 0;  // 0 covers nothing
}

template <class To, class From>
std::vector<To> each(const std::vector<From>& all, To (*of)(const From&)) {
  std::vector<To> out(all.size());
  std::transform(all.begin(), all.end(), out.begin(), of);
  return out;
}

}  // namespace

Reach reach_of(std::string_view address) {
  Bytes bytes{};
  const std::string text(address);
  if (read(AF_INET, text, bytes)) return reach_of_v4(bytes);
  return read(AF_INET6, text, bytes) ? reach_of_v6(bytes) : Reach::none;
}

bool probe_allowed(const Endpoint& at, bool locally) {
  const Reach reach = reach_of(at.address);
  if (reach == Reach::none) return false;
  const bool port_fits = at.port >= kFirstHighPort || at.port == kHttp || at.port == kHttps;
  return locally || (reach == Reach::machine && port_fits);
}

bool covers(std::string_view bound, std::string_view address) {
  const auto bits = bits_of(bound);
  if (!bits) return plain_address(bound) == plain_address(address);
  Bytes one{}, other{};
  const std::size_t size = read(bound.substr(0, bound.find('/')), one);
  if (size == 0 || size != read(plain_address(address), other) || *bits == 0 || *bits > size * 8) return false;
  for (std::uint32_t bit = 0; bit < *bits; ++bit) {
    if ((one[bit / 8] ^ other[bit / 8]) >> (7 - bit % 8) & 1) return false;
  }
  return true;
}

bool may_bind(const msg::Net& net) {
  Bytes bytes{};
  const std::size_t size = read(net.addr, bytes);
  return size == 4 ? net.prefix == kWholeIpv4 : size != 0 && net.prefix >= kLeastIpv6 && net.prefix <= kWholeIpv6;
}

std::string bound_of(const msg::Net& net) {
  const bool whole = net.prefix == (net.addr.find(':') == std::string::npos ? kWholeIpv4 : kWholeIpv6);
  return whole ? net.addr : net.addr + "/" + std::to_string(net.prefix);
}

std::optional<msg::Net> net_of(std::string_view bound) {
  const std::string_view plain = plain_address(bound.substr(0, bound.find('/')));
  if (!codec::carries(msg::kNetType, "Addr", plain)) return std::nullopt;
  msg::Net net;
  net.addr = plain;
  net.prefix = bits_of(bound).value_or(plain.find(':') == std::string_view::npos ? kWholeIpv4 : kWholeIpv6);
  return net;
}

Endpoint place_of(const msg::Endpoint& endpoint) { return {endpoint.addr, static_cast<std::uint16_t>(endpoint.port)}; }

std::vector<Endpoint> places_of(const std::vector<msg::Endpoint>& endpoints) { return each<Endpoint>(endpoints, place_of); }

msg::Endpoint endpoint_of(const Endpoint& place) { return {place.address, place.port}; }

std::vector<msg::Endpoint> endpoints_of(const std::vector<Endpoint>& places) {
  return each<msg::Endpoint>(places, endpoint_of);
}

bool same_place(const Endpoint& one, const Endpoint& other) {
  return one.port == other.port && plain_address(one.address) == plain_address(other.address);
}

}  // namespace quickpay::roles
