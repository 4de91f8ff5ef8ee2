// The container: loads one shared object and serves its calls to the Wallet until the Wallet closes its side.
#pragma once

#include "reference/paycard/host/sandbox.hpp"

namespace quickpay::paycard {

inline constexpr int kWalletSocket = 3;  ///< descriptor of the stream to the Wallet
inline constexpr int kSharedObjectFile = 4;   ///< descriptor of the shared object, which nobody can change any more
inline constexpr int kFirstClosed = 5;   ///< from here on the container has no descriptors

/// Runs the container; returns the exit code of the process: 0 when the Wallet closed its side, 1 when it could not be
/// limited or the stream broke.
int run_container(const Protections& protections);

}  // namespace quickpay::paycard
