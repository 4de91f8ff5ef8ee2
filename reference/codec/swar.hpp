// Eight bytes at a time in one 64-bit word, whatever the processor.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace quickpay::codec::swar {

constexpr std::uint64_t each(std::uint64_t byte) { return byte * 0x0101010101010101ULL; }

// Each of the following sets the highest bit of bytes. The lowest byte in which it is set is right; above that byte a
// borrow may have set more.

/// Marks the bytes that are `byte`.
constexpr std::uint64_t has(std::uint64_t eight, std::uint64_t byte) {
  const std::uint64_t x = eight ^ each(byte);
  return (x - each(0x01)) & ~x & each(0x80);
}

/// Marks the bytes that are less than `bound` (at most 0x80).
constexpr std::uint64_t has_below(std::uint64_t eight, std::uint64_t bound) {
  return (eight - each(bound)) & ~eight & each(0x80);
}

/// The eight bytes at `at`, the first in the lowest byte.
inline std::uint64_t load(const char* at) {
  std::uint64_t eight;
  std::memcpy(&eight, at, sizeof eight);
  if constexpr (std::endian::native == std::endian::big) eight = __builtin_bswap64(eight);
  return eight;
}

/// The first index from `at` of a byte that `mark` marks, or the size. `mark` gets eight bytes, as the functions above do.
template <class Mark>
std::size_t skip(std::string_view bytes, std::size_t at, Mark mark) {
  for (; at + 8 <= bytes.size(); at += 8) {
    const std::uint64_t marks = mark(load(bytes.data() + at));
    if (marks != 0) return at + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  if (at == bytes.size()) return at;
  char last[8] = {};  // fewer than eight are left; what is behind them counts as marked
  std::memcpy(last, bytes.data() + at, bytes.size() - at);
  const std::uint64_t marks = mark(load(last)) | each(0x80) << (8 * (bytes.size() - at));
  return at + static_cast<std::size_t>(std::countr_zero(marks)) / 8;
}

/// Whether the first `size` bytes are the same; `size` is small, so that a call of memcmp would cost more than it does.
inline bool same(const char* a, const char* b, std::size_t size) {
  if (size >= 8) {
    for (std::size_t i = 0; i + 8 < size; i += 8) {
      if (load(a + i) != load(b + i)) return false;
    }
    return load(a + size - 8) == load(b + size - 8);
  }
  if (size >= 4) {
    std::uint32_t first[2];
    std::uint32_t last[2];
    std::memcpy(&first[0], a, 4);
    std::memcpy(&first[1], b, 4);
    std::memcpy(&last[0], a + size - 4, 4);
    std::memcpy(&last[1], b + size - 4, 4);
    return first[0] == first[1] && last[0] == last[1];
  }
  for (std::size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

}  // namespace quickpay::codec::swar
