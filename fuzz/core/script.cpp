#include "fuzz/core/script.hpp"

namespace quickpay::fuzz {
namespace {

constexpr std::size_t kHeader = 4;  // bytes of an operation before its body

}  // namespace

bool Script::next(Operation& operation) {
  if (rest_.size() < kHeader || ++steps_ > kMaxSteps) return false;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(rest_[i]); };
  operation = {static_cast<What>(byte(0) % kWhats), byte(1), byte(2), byte(3), {}};
  rest_.remove_prefix(kHeader);
  if (operation.what != What::raw) return true;
  operation.bytes = rest_.substr(0, operation.b + 256u * operation.c);
  rest_.remove_prefix(operation.bytes.size());
  return true;
}

std::string input_of(const Life& life) {
  std::string input(1, life.vendor ? '\1' : '\0');
  for (const Operation& step : life.steps) {
    for (const unsigned byte : {static_cast<unsigned>(step.what), 0u + step.a, 0u + step.b, 0u + step.c}) {
      input += static_cast<char>(byte);
    }
    input += step.bytes;
  }
  return input;
}

}  // namespace quickpay::fuzz
