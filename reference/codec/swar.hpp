// Eight bytes at a time in one 64-bit word, whatever the processor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace quickpay::codec::swar {

constexpr std::uint64_t each(std::uint64_t byte) { return byte * 0x0101010101010101ULL; }

/// Not zero if one of the eight bytes is `byte`; zero only if none is.
constexpr std::uint64_t has(std::uint64_t eight, std::uint64_t byte) {
  const std::uint64_t x = eight ^ each(byte);
  return (x - each(0x01)) & ~x & each(0x80);
}

/// Not zero if one of the eight bytes is less than `bound` (at most 0x80); zero only if none is.
constexpr std::uint64_t has_below(std::uint64_t eight, std::uint64_t bound) {
  return (eight - each(bound)) & ~eight & each(0x80);
}

inline std::uint64_t load(const char* at) {
  std::uint64_t eight;
  std::memcpy(&eight, at, sizeof eight);
  return eight;
}

/// The first index from `at` for which `stops` holds, or the size. `may_stop` gets eight bytes and must not be zero if one
/// of them stops.
template <class MayStop, class Stops>
std::size_t skip(std::string_view bytes, std::size_t at, MayStop may_stop, Stops stops) {
  while (at + 8 <= bytes.size() && may_stop(load(bytes.data() + at)) == 0) at += 8;
  while (at < bytes.size() && !stops(static_cast<unsigned char>(bytes[at]))) ++at;
  return at;
}

/// Whether the first `size` bytes are the same; `size` is small, so that a call of memcmp would cost more than it does.
inline bool same(const char* a, const char* b, std::size_t size) {
  while (size >= 8) {
    if (load(a) != load(b)) return false;
    a += 8;
    b += 8;
    size -= 8;
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace quickpay::codec::swar
