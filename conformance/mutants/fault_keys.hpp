// What the named faults of the protocol keys do that no table of beliefs can say: they remember what came before.
#pragma once

#include <memory>
#include <string_view>

#include "reference/roles/deviation.hpp"

namespace quickpay::conformance::mutants {

/// The deviation of such a fault; null for any other id.
std::unique_ptr<roles::Deviation> keys_deviation(std::string_view id);

}  // namespace quickpay::conformance::mutants
