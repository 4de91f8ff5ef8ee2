// Inputs of the fuzzer as scripts: the first byte picks the role, then each operation takes four bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace quickpay::fuzz {

inline constexpr std::size_t kMaxSteps = 48;  ///< operations that one input can ask for

/// What can happen to a core. The numbers are those of the inputs that are kept, so they stay what they are.
enum class What : std::uint8_t {
  first,       ///< a request of the first message that the role serves
  second,      ///< … of the second
  time,        ///< time passes
  result,      ///< a call is answered, or not
  power,       ///< the power fails, perhaps before the next operations were flushed
  raw,         ///< any bytes as a request
  toggle,      ///< something around the core changes
  disconnect,  ///< a connection is gone
  damage,      ///< the last request again with one byte changed
};
inline constexpr unsigned kWhats = 9;

/// One operation: what to do, and three numbers that say how.
struct Operation {
  What what = What::first;
  std::uint8_t a = 0, b = 0, c = 0;
  std::string_view bytes;  ///< raw: the body
};

/// Cuts an input into operations.
class Script {
 public:
  explicit Script(std::string_view input) : rest_(input) {}
  /// The next operation, if there is one more.
  bool next(Operation& operation);

 private:
  std::string_view rest_;
  std::size_t steps_ = 0;
};

/// A script written by hand: the life of one order or a few.
struct Life {
  const char* name;
  bool vendor;
  std::vector<Operation> steps;
};

/// Lives that together take every case of broker.order and vendor.order.
const std::vector<Life>& lives();

/// The input that plays this life.
std::string input_of(const Life& life);

}  // namespace quickpay::fuzz
