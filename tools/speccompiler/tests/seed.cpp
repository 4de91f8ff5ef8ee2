#include "tools/speccompiler/tests/seed.hpp"

#include <cstdlib>
#include <iostream>
#include <random>
#include <string>

namespace quickpay::spec::test {

bool use_seed() {
  const char* given = std::getenv("QP_SEED");
  const std::string seed = given != nullptr ? given : std::to_string(std::random_device{}());
  std::cout << "QP_SEED=" << seed << '\n';
  return setenv("RC_PARAMS", ("seed=" + seed).c_str(), 1) == 0;
}

namespace {

const bool kSeeded = use_seed();  // RapidCheck reads its parameters at the first property

}  // namespace
}  // namespace quickpay::spec::test
