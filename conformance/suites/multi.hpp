// Scenarios in which the implementation is judged while several others interplay around it: two Vendors, two Brokers, two
// Wallets, a Host that is suspended meanwhile, a crash between two orders, what belongs to one order told of another.
#pragma once

#include <vector>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// All of them for the role under test, ids `<role>.multi.…`.
std::vector<Scenario> multi_suite(std::string_view role);

// The parts of it, a file each.
void add_host_multi(Suite& suite);
void add_broker_multi(Suite& suite);
void add_vendor_multi(Suite& suite);
void add_wallet_multi(Suite& suite);

}  // namespace quickpay::conformance
