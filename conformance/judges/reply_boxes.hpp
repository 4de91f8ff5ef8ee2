// Boxes that answer sealed requests under the ReplyKey of their request, as an onlooker opens them who has the receiver's key.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "conformance/judges/exchanges.hpp"

namespace quickpay::conformance {

/// What a box should be and what it is.
struct BoxFault {
  std::string expected;
  std::string got;
};

/// What a sealed request and the box of its answer hold.
struct ReadBox {
  Element asked;
  Element told;  ///< without a name: nothing that can be judged further
  std::vector<BoxFault> faults;
};

/// Remembers which nonces were used.
class ReplyBoxes {
 public:
  /// Nothing if nobody here can look into the request. `again`: the request came before, and so may the nonce.
  std::optional<ReadBox> read(const WorldPlan& plan, const Facts& asked, const Facts& answer, bool again);

 private:
  std::set<std::string> used_;  ///< nonces, with their key
};

}  // namespace quickpay::conformance
