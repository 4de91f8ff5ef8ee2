#include "statemachines/tests/subjects.hpp"

#include <cstdlib>
#include <iostream>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/tests/door.hpp"

namespace quickpay::statemachines::tests {

std::vector<Subject> generated_subjects() {
  std::vector<Subject> found;
  for (const MachineEntry& entry : all::machines())
    found.push_back({entry.table, entry.make_msm, entry.compiled_table});
  return found;
}

std::vector<Subject> subjects() {
  std::vector<Subject> found = {{&door::table, &door::make_msm, &door::compiled_table}};
  for (const Subject& subject : generated_subjects()) found.push_back(subject);
  return found;
}

std::uint64_t test_seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : 20260101;
  std::cout << "QP_SEED=" << seed << '\n';
  return seed;
}

}  // namespace quickpay::statemachines::tests
