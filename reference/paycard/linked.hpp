// The reference Paycard without a process of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reference/paycard/port.hpp"

namespace quickpay::paycard {

/// Runs the reference Paycard of the scheme plain inside the caller: product "card", version 1.2, of B7, as they are compiled in.
/// For tests, and for an adapter, which is given no file: nothing is checked of one, and nothing stands between the Paycard and
/// its caller. No Wallet uses it.
class LinkedCard : public Port {
 public:
  /// `hash`: of the file that it stands for, 64 hex digits.
  explicit LinkedCard(std::string hash) : file_hash(std::move(hash)) {}

  tl::expected<Reply, Trouble> call(std::string_view paycard, Call call, const std::vector<std::string>& in,
                                    const State& state) override;
  tl::expected<msg::Manifest, Trouble> start(std::string_view paycard) override;

  std::string file_hash;
};

}  // namespace quickpay::paycard
