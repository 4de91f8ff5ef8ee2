// Broken settlement: what the faults of fault.cpp do to the machines of that protocol.
#pragma once

#include <memory>
#include <string_view>

#include "reference/roles/deviation.hpp"

namespace quickpay::conformance::mutants {

/// The deviation of a fault of settlement, regular payment or revoke; null for any other id.
std::unique_ptr<roles::Deviation> settlement_deviation(std::string_view id);

}  // namespace quickpay::conformance::mutants
