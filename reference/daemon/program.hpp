// The program that runs.
#pragma once

#include <string>

namespace quickpay::daemon {

/// SHA-256 of the file of the running program, 64 hexadecimal digits, which a Wallet says of itself when it registers
/// (QP-WAL-007); empty if it cannot be read. Read once.
const std::string& hash_of_program();

}  // namespace quickpay::daemon
