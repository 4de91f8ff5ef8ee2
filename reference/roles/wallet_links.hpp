// Links that the user opened and whose Vendor this Wallet has still to ask the Host about.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/stage.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kLinkMachine = "wallet.link";  ///< records of links that wait, under the orders' keys
inline constexpr std::size_t kMaxLinksWaiting = 64;

/// A link that waited.
struct WaitingLink {
  std::string machine;  ///< of its order
  std::string key;      ///< its order will have
  UserInput input;
};

/// Keeps links until the question about their Vendor is over. A link that waits is no order yet, and nobody but the
/// Host hears of it.
class WalletLinks {
 public:
  explicit WalletLinks(Stage& stage) : stage_(stage) {}

  /// Lets the link wait. False: there is nothing to wait for, or too many wait.
  bool wait(std::string_view machine, const std::string& key, const UserInput& input);
  /// The links to this Vendor, which wait no more.
  std::vector<WaitingLink> take(std::string_view vendor);
  /// The user does not want it any more. False: no such link waits.
  bool drop(std::string_view key);
  /// After a restart: what they wait for is asked for again.
  void want_vendors();

 private:
  Stage& stage_;
};

}  // namespace quickpay::roles
