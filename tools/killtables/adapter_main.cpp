// killtables_adapter: one code mutant of the reference behind the adapter protocol, so that the suites can try it.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>

#include "conformance/reference_adapter/program.hpp"
#include "tools/killtables/code_mutants.hpp"

int main(int argc, char** argv) {
  using namespace quickpay;
  const auto all = killtables::code_mutants();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return argc == 2 && one.id == argv[1] && one.deviation; });
  if (found == all.end()) {
    std::fputs("usage: killtables_adapter MUTANT, a mutant that deviates: predicates, effects, steps of the processing order\n", stderr);
    return 2;
  }
  ::signal(SIGPIPE, SIG_IGN);
  conformance::AdapterSettings settings;
  settings.role = found->role;
  settings.deviation = found->deviation;
  return conformance::run_reference_adapter(settings, STDIN_FILENO, [](std::string_view line) {
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fputc('\n', stdout);
    std::fflush(stdout);
  });
}
