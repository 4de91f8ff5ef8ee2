// Links the machines of one protocol and nothing else, and takes a first step with each in both engines.
#include <cstdio>

#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/micropayment/generated/micropayment.hpp"

#ifdef BOOST_MSM_BACK_STATEMACHINE_H
#error "a header of the machines shows Boost.MSM to everybody"
#endif

int main() {
  using namespace quickpay::statemachines;
  std::size_t machines = 0;
  for (const micropayment::MachineEntry& entry : micropayment::machines()) {
    const MachineTable& table = entry.table();
    Snapshot compiled = initial_snapshot(table);
    Snapshot interpreted = compiled;
    const StepResult got = entry.make_msm()->step(compiled, 0, ~0ULL);
    const StepResult expected = InterpreterEngine(model_of(table)).step(interpreted, 0, ~0ULL);
    if (got != expected || compiled != interpreted) return 1;
    ++machines;
  }
  std::printf("%zu machines linked alone\n", machines);
  return machines == 0 ? 1 : 0;
}
