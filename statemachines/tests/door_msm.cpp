#include "statemachines/msm/machine.hpp"
#include "statemachines/tests/door.hpp"

namespace quickpay::statemachines::door {
namespace {

using namespace quickpay::statemachines::msm;

using SHUT = StateOf<0>;
using OPEN = StateOf<1>;
using BROKEN = StateOf<2>;
using push = EventOf<0>;
using pull = EventOf<1>;
using kick = EventOf<2>;

struct Definition : MachineDefinition<Definition, SHUT, 4> {
  // clang-format off
  struct transition_table : Table<
    Row<SHUT, push, OPEN,   Take<0>, Guard<0x4, 0x4>>,  // D1
    Row<SHUT, push, OPEN,   Take<1>, Guard<0x5, 0x1>>,  // D2
    Row<SHUT, push, SHUT,   Take<2>, Guard<0x5, 0x0>>,  // D3
    Row<OPEN, pull, SHUT,   Take<3>, Guard<0x0, 0x0>>,  // D4
    Row<SHUT, kick, BROKEN, Take<4>, Guard<0x2, 0x2>>,  // D5@SHUT
    Row<OPEN, kick, BROKEN, Take<5>, Guard<0x2, 0x2>>   // D5@OPEN
  > {};
  // clang-format on
};

}  // namespace

std::unique_ptr<Engine> make_msm() { return make_engine<Definition>(table()); }
CompiledTable compiled_table() { return walk_table<Definition>(); }

}  // namespace quickpay::statemachines::door
