// Look-ups by who asks: a Wallet, Vendor or Broker that begins with the Host's entry alone (feature "look-ups").
#pragma once

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// Entries of others that the Host gives rightly, and those that are not believed. In the protocol of regular payment.
void add_look_ups(Suite& suite);

}  // namespace quickpay::conformance
