// The conformance suite of a role as a killer.
#pragma once

#include <filesystem>
#include <string>

#include "tools/killtables/code_mutants.hpp"

namespace quickpay::killtables {

/// The programs that it takes; both must be there.
struct SuitePrograms {
  std::filesystem::path quickpay;  ///< certifies …
  std::filesystem::path adapter;   ///< … killtables_adapter
  bool there() const;
};

/// The first check that fails when the suite of the mutant's role, in profile F and then in H, is run against it; nothing if
/// none does. Only mutants that deviate can be tried.
std::string failing_check(const CodeMutant& mutant, const SuitePrograms& programs);

}  // namespace quickpay::killtables
