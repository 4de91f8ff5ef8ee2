// Look-ups by who asks: a Wallet, Vendor or Broker that begins with the Host's entry alone (feature "look-ups").
#pragma once

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// The session is one in which the implementation begins with the Host's entry alone; the Host has a key to sign entries with.
void begin_with_the_host(WorldPlan& plan);

/// Entries of others that the Host gives rightly, and those that are not believed. In the protocol of regular payment.
void add_look_ups(Suite& suite);

}  // namespace quickpay::conformance
