// quickpay-speccompiler: the spec commands as a program that needs no generated code to build.
#include <cstdio>
#include <string>
#include <vector>

#include "tools/speccompiler/cli/commands.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto result = quickpay::spec::run_spec_command(arguments, "quickpay-speccompiler");
  std::fwrite(result.out.data(), 1, result.out.size(), stdout);
  std::fwrite(result.err.data(), 1, result.err.size(), stderr);
  return result.exit_code;
}
