// `quickpay reference-adapter`: the adapter protocol on stdin and stdout, the reference behind it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "conformance/reference_adapter/reference_session.hpp"

namespace quickpay::conformance {

/// Serves commands read from `input_fd` until `bye` or the end of input. Each reply is handed to `write` as one line
/// without line end. Returns the exit code of the program: 2 for a fault or protocol that does not exist.
int run_reference_adapter(const AdapterSettings& settings, int input_fd,
                          const std::function<void(std::string_view)>& write);

}  // namespace quickpay::conformance
