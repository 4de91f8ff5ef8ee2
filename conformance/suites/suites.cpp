#include "conformance/suites/suites.hpp"

#include <iterator>

namespace quickpay::conformance {

std::vector<Scenario> suite_of(std::string_view role) {
  if (role == "host") return host_suite();
  if (role == "broker") return broker_suite();
  if (role == "vendor") return vendor_suite();
  if (role == "wallet") return wallet_suite();
  return {};
}

std::vector<Scenario> all_suites() {
  std::vector<Scenario> all;
  for (const char* role : {"host", "broker", "vendor", "wallet"}) {
    std::vector<Scenario> one = suite_of(role);
    std::move(one.begin(), one.end(), std::back_inserter(all));
  }
  return all;
}

}  // namespace quickpay::conformance
