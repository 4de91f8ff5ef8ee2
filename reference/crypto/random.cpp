#include "reference/crypto/random.hpp"

#include <algorithm>
#include <stdexcept>

#include <botan/auto_rng.h>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"

namespace quickpay::crypto {
namespace {

std::string big_endian(std::uint64_t number) {
  std::string bytes(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> (56 - 8 * i));
  return bytes;
}

}  // namespace

struct BotanRandom::State {
  Botan::AutoSeeded_RNG generator;
};

BotanRandom::BotanRandom() try : state_(std::make_unique<State>()) {
} catch (const std::exception& error) {
  throw std::runtime_error(std::string("no randomness: ") + error.what());
}
BotanRandom::~BotanRandom() = default;

void BotanRandom::fill(std::span<std::uint8_t> out) { state_->generator.randomize(out.data(), out.size()); }

SeededRandom::SeededRandom(std::string_view seed) : seed_(seed) {}
SeededRandom::SeededRandom(std::uint64_t seed) : seed_(big_endian(seed)) {}

void SeededRandom::fill(std::span<std::uint8_t> out) {
  for (std::uint8_t& byte : out) {
    if (used_ == block_.size()) {
      block_ = sha256(seed_ + big_endian(counter_++));
      used_ = 0;
    }
    byte = static_cast<std::uint8_t>(block_[used_++]);
  }
}

std::string random_bytes(Random& random, std::size_t bytes) {
  std::string out(bytes, '\0');
  random.fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

std::string random_hex(Random& random, std::size_t bytes) { return to_hex(random_bytes(random, bytes)); }

}  // namespace quickpay::crypto
