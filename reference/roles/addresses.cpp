#include "reference/roles/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <string>

#include "reference/roles/facts.hpp"

namespace quickpay::roles {
namespace {

constexpr std::uint16_t kHttp = 80;
constexpr std::uint16_t kHttps = 443;

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

bool same_place(const Endpoint& one, const Endpoint& other) {
  return one.port == other.port && plain_address(one.address) == plain_address(other.address);
}

}  // namespace quickpay::roles
