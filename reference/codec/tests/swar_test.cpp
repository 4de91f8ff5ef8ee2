// Eight bytes at a time gives what one byte at a time gives.
#include "reference/codec/swar.hpp"

#include <gtest/gtest.h>

#include <string>

namespace quickpay::codec::swar {
namespace {

std::uint64_t mark(std::uint64_t eight) { return has(eight, '<') | has_below(eight, 0x20) | (eight & each(0x80)); }
bool is_marked(char c) { return c == '<' || static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x80; }

std::size_t skip_slowly(std::string_view bytes, std::size_t at) {
  while (at < bytes.size() && !is_marked(bytes[at])) ++at;
  return at;
}

// Every byte value at every place of words of every length up to three times eight.
TEST(Skip, StopsAtTheFirstMarkedByte) {
  for (std::size_t size = 0; size <= 24; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int value = 0; value < 256; ++value) {
        std::string text(size, ' ');
        text[place] = static_cast<char>(value);
        text[size - 1] = text[size - 1] == ' ' ? '=' : text[size - 1];
        ASSERT_EQ(skip(text, 0, mark), skip_slowly(text, 0)) << size << " " << place << " " << value;
        ASSERT_EQ(skip(text, size / 2, mark), skip_slowly(text, size / 2)) << size << " " << place << " " << value;
      }
    }
  }
}

TEST(Same, LooksAtEveryByte) {
  for (std::size_t size = 0; size <= 40; ++size) {
    const std::string text(size, 'a');
    EXPECT_TRUE(same(text.data(), std::string(size, 'a').data(), size));
    for (std::size_t place = 0; place < size; ++place) {
      std::string other = text;
      other[place] = 'b';
      EXPECT_FALSE(same(text.data(), other.data(), size)) << size << " " << place;
    }
  }
}

}  // namespace
}  // namespace quickpay::codec::swar
