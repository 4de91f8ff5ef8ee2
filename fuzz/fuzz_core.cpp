// Any bytes as a script that happens to one role core, a Broker or a Vendor. After every operation all that came out
// and all that is kept is compared with what the interpreter of the specification says of the same operation.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "fuzz/core/player.hpp"

namespace {

using namespace quickpay;

#ifdef QP_PLANTED_BUG
std::string text_of(std::string_view body, std::string_view element) {
  const std::size_t at = body.find("<" + std::string(element) + ">");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = body.substr(at + element.size() + 2);
  return std::string(rest.substr(0, rest.find('<')));
}

// A Broker that in a later minute knows an order by its Vendor, its OrderId and its Wallet, and does not look at the
// rest of the OrderRef (QP-SAFE-003). In no seed does the first Wallet of an order come again with another OrderRef:
// the fuzzer has to find an inquiry, the passing of time and a changed inquiry together.
class ForgetsTheTerms : public roles::Deviation {
 public:
  void see_request(std::string_view, std::string_view body) override {
    const std::string order = text_of(body, "Vendor") + " " + text_of(body, "OrderId");
    const Came now{text_of(body, "Sender"), text_of(body, "SentAt").substr(0, kMinute)};
    const auto [first, is_new] = first_.emplace(order, now);
    known_ = !is_new && first->second.who == now.who && first->second.when != now.when;
  }
  bool override_predicate(std::string_view, std::string_view predicate, bool value) override {
    return value || (predicate == "same_content" && known_);
  }

 private:
  static constexpr std::size_t kMinute = 16;  // characters of a time up to its minute
  struct Came {
    std::string who, when;
  };
  std::map<std::string, Came> first_;  ///< who came first, by order
  bool known_ = false;
};

fuzz::Played run(std::string_view input) {
  ForgetsTheTerms bug;
  fuzz::Sabotage sabotage;
  sabotage.deviation = &bug;
  return fuzz::run_core(input, sabotage);
}
#else
fuzz::Played run(std::string_view input) { return fuzz::run_core(input); }
#endif

// What libFuzzer counts as new besides code: a row of the specification after another one at the same record. Code says
// little here, because every row is taken by the same few lines.
constexpr std::size_t kPairs = 4096;
[[gnu::section("__libfuzzer_extra_counters"), gnu::used]] std::uint8_t pair_counters[kPairs];

void count(const fuzz::Played& played) {
  for (const std::string& pair : played.pairs) pair_counters[std::hash<std::string>{}(pair) % kPairs] = 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Played played = run({reinterpret_cast<const char*>(data), size});
  count(played);
  if (played.wrong.empty()) return 0;
  std::fprintf(stderr, "finding: %s (after %zu operations)\n", played.wrong.c_str(), played.steps);
  std::abort();
}
