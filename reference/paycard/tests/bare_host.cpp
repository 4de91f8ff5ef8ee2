// The container with protections switched off by its arguments, for the tests that show what each is for.
#include <algorithm>
#include <string_view>

#include "reference/paycard/host/container.hpp"

int main(int argc, char** argv) {
  const auto without = [&](std::string_view name) { return std::find(argv + 1, argv + argc, name) != argv + argc; };
  quickpay::paycard::Protections protections;
  protections.limits = !without("limits");
  protections.syscalls = !without("syscalls");
  protections.files = !without("files");
  return quickpay::paycard::run_container(protections);
}
