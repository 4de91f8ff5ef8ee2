// Wires suites, players and specification for `quickpay certify`.
#pragma once

#include "conformance/certify/certify.hpp"

namespace quickpay::cli {

conformance::CertifyParts certify_parts();

}  // namespace quickpay::cli
