#include "conformance/suites/suites.hpp"

#include <iterator>

#include "conformance/suites/multi.hpp"

namespace quickpay::conformance {

namespace {

std::vector<Scenario> alone(std::string_view role) {
  if (role == "host") return host_suite();
  if (role == "broker") return broker_suite();
  if (role == "vendor") return vendor_suite();
  if (role == "wallet") return wallet_suite();
  return {};
}

}  // namespace

std::vector<Scenario> suite_of(std::string_view role) {
  std::vector<Scenario> all = alone(role), multi = multi_suite(role);
  std::move(multi.begin(), multi.end(), std::back_inserter(all));
  return all;
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
