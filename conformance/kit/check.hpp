// `quickpay check-adapter` without its command line: one adapter alone, and what the document says about it.
#pragma once

#include <functional>
#include <string>

#include "conformance/kit/bench.hpp"
#include "conformance/kit/steps.hpp"

namespace quickpay::conformance::kit {

struct CheckEnd {
  bool reached = false;  ///< false: it did not start or did not say hello, and no step was taken
  std::string unreached_because;
  std::size_t ok = 0, faults = 0, notes = 0, absent = 0;
  bool stopped = false;  ///< before the last step was through
};

/// Called as each step ends.
using OnStep = std::function<void(const Step&, const Answer&)>;

/// Takes every step, until `options.stop` holds. The process must ignore SIGPIPE. Takes no longer than the steps' deadlines together.
CheckEnd check_adapter(const BenchOptions& options, const OnStep& on_step);

/// check_adapter(), told on `out`; the exit code: 0 no fault, 1 faults, 2 no such role, 5 unreachable.
int check_adapter_command(const BenchOptions& options, std::ostream& out, std::ostream& err, bool colour);

}  // namespace quickpay::conformance::kit
