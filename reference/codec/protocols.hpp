// The protocols of the specification, by what is generated from it.
#pragma once

#include <string>
#include <vector>

namespace quickpay::codec {

/// The protocols that have messages, each once, in the order of the specification.
std::vector<std::string> protocol_names();

}  // namespace quickpay::codec
