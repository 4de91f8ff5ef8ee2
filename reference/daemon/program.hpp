// The program that runs.
#pragma once

#include <string_view>

#include "reference/roles/config.hpp"

namespace quickpay::daemon {

/// The version of this kit, such as "0.1.0".
std::string_view program_version();

/// What a Wallet of this program says of itself when it registers (QP-WAL-007): its name, its version, and the SHA-256 of its file,
/// which is read once; the hash is empty if that cannot be read.
const roles::SoftwareConfig& this_program();

}  // namespace quickpay::daemon
