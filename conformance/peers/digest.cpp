#include "conformance/peers/digest.hpp"

#include <botan/base64.h>
#include <botan/exceptn.h>
#include <botan/hash.h>
#include <botan/hex.h>
#include <botan/mac.h>

#include <vector>

namespace quickpay::conformance {

namespace {

const std::uint8_t* raw(std::string_view bytes) { return reinterpret_cast<const std::uint8_t*>(bytes.data()); }

void append_canonical(std::string& out, const Element& element) {
  out += '(' + element.name;
  if (element.children.empty()) {
    out += '=' + std::to_string(element.text.size()) + ':' + element.text;
  }
  for (const Element& inner : element.children) {
    append_canonical(out, inner);
  }
  out += ')';
}

std::string input_of(std::string_view purpose, const Element& element) {
  std::string input = "QuickPay-1";
  input += '\0';
  input += purpose;
  input += '\0';
  append_canonical(input, element);
  return input;
}

}  // namespace

std::string canonical_of(const Element& element) {
  std::string out;
  append_canonical(out, element);
  return out;
}

std::string labelled_bytes(std::string_view purpose, const Element& element) { return input_of(purpose, element); }

std::string digest_of(std::string_view purpose, const Element& element) {
  return sha256_of(input_of(purpose, element));
}

std::string mac_of(std::string_view key, std::string_view purpose, const Element& element) {
  const auto mac = Botan::MessageAuthenticationCode::create("HMAC(SHA-256)");
  mac->set_key(raw(key), key.size());
  const std::string input = input_of(purpose, element);
  mac->update(raw(input), input.size());
  const auto code = mac->final();
  return {code.begin(), code.end()};
}

std::string sha256_of(std::string_view bytes) {
  const auto hash = Botan::HashFunction::create("SHA-256");
  hash->update(raw(bytes), bytes.size());
  const auto digest = hash->final();
  return Botan::hex_encode(digest.data(), digest.size(), false);
}

std::string base64_of(std::string_view bytes) { return Botan::base64_encode(raw(bytes), bytes.size()); }

std::optional<std::string> bytes_of_base64(std::string_view text) {
  try {
    const auto bytes = Botan::base64_decode(text.data(), text.size(), false);
    std::string out(bytes.begin(), bytes.end());
    if (base64_of(out) != text) {
      return std::nullopt;
    }
    return out;
  } catch (const std::exception&) {  // Botan reports foreign characters by exception
    return std::nullopt;
  }
}

std::string bytes_of_hex(std::string_view text) {
  if (text.find_first_not_of("0123456789abcdef") != std::string_view::npos || text.size() % 2 != 0) {
    return {};
  }
  const auto bytes = Botan::hex_decode(text.data(), text.size(), false);
  return {bytes.begin(), bytes.end()};
}

std::string hex_of(std::string_view bytes) { return Botan::hex_encode(raw(bytes), bytes.size(), false); }

}  // namespace quickpay::conformance
