// Randomness as a constructor argument: the operating system's for real players, a seeded one for tests and peers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace quickpay::crypto {

/// A source of random bytes.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills `out` with random bytes.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// Unpredictable bytes from Botan's generator, which the operating system seeds.
/// When the operating system has no randomness the process cannot go on safely: construction throws std::runtime_error.
class BotanRandom final : public Random {
 public:
  BotanRandom();
  ~BotanRandom() override;
  BotanRandom(const BotanRandom&) = delete;
  BotanRandom& operator=(const BotanRandom&) = delete;
  void fill(std::span<std::uint8_t> out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// The same bytes for the same seed on every machine: SHA-256 of the seed and a counter. For tests and simulations only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::string_view seed);
  explicit SeededRandom(std::uint64_t seed);
  void fill(std::span<std::uint8_t> out) override;

 private:
  std::string seed_;
  std::string block_;
  std::size_t used_ = 0;
  std::uint64_t counter_ = 0;
};

/// `bytes` random bytes.
std::string random_bytes(Random& random, std::size_t bytes);

/// `bytes` random bytes as lower-case hexadecimal digits: a fresh MsgId is random_hex(random, 16).
std::string random_hex(Random& random, std::size_t bytes);

}  // namespace quickpay::crypto
