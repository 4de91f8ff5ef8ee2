// Random specifications that keep every rule of the language: they show that emitters know no protocol.
#pragma once

#include <cstdint>

#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::spec::test {

/// The seed of this run: QP_SEED if it is set, else a new one. Prints it.
std::uint64_t run_seed();

/// An expanded specification with a few types, structs, messages and machines. Equal seeds give equal specifications.
Spec random_spec(std::uint64_t seed);

}  // namespace quickpay::spec::test
