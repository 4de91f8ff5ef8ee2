// What named faults believe, and do otherwise, in the machines of settlement, regular payment, revoke, Add Paycard, registration and keys.
#pragma once

#include <memory>
#include <string_view>

#include "reference/roles/deviation.hpp"

namespace quickpay::conformance::mutants {

/// The deviation of a fault of settlement, regular payment, revoke or Add Paycard; null for any other id.
std::unique_ptr<roles::Deviation> settlement_deviation(std::string_view id);

}  // namespace quickpay::conformance::mutants
