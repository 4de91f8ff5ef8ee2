// What world.pml calls: the successors of the tracked state, from the compiled machines.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "statemachines/all/generated/all.hpp"
#include "statemachines/composition/generated/all.hpp"
#include "statemachines/explorer/claims.hpp"

using namespace quickpay::statemachines;

// The literals in world.pml.
static_assert(kMaxStateBytes == 320 && sizeof(int) == 4);

extern "C" {
int qp_search(int argc, char** argv);  // Spin's main()
unsigned char qp_state[kMaxStateBytes];
int qp_moves;
void qp_take(int number);
}

namespace {

/// The composition that QP_CONFIGURATION names.
struct World {
  Cast cast;
  std::unique_ptr<Composition> composition;
};

[[noreturn]] void give_up(const char* why) {
  std::fprintf(stderr, "QP_CONFIGURATION: %s\n", why);
  std::exit(2);
}

World make_world() {
  const char* name = std::getenv("QP_CONFIGURATION");
  if (name == nullptr) give_up("is not set");
  for (const CompositionTable* table : compositions::all()) {
    const ConfigurationInfo* configuration = find_configuration(*table, name);
    if (configuration == nullptr) continue;
    World world{cast_of(*table, all::machines(), EngineKind::msm), nullptr};
    if (!world.cast.problem.empty()) give_up(world.cast.problem.c_str());
    world.composition = std::make_unique<Composition>(*table, world.cast.players, *configuration);
    const CompositionState start = world.composition->initial();
    std::memcpy(qp_state, start.data(), start.size());
    return world;
  }
  give_up("there is no such configuration");
}

const Composition& composition() {
  static const World world = make_world();
  return *world.composition;
}

CompositionState tracked() {
  CompositionState state;
  std::memcpy(state.data(), qp_state, state.size());
  return state;
}

void count_moves() {
  qp_moves = 0;
  composition().successors(tracked(), [](const Move&, const CompositionState&) { ++qp_moves; });
}

}  // namespace

void qp_take(int number) {
  CompositionState next = tracked();
  int at = 0;
  composition().successors(tracked(), [&](const Move&, const CompositionState& state) {
    if (at++ == number) next = state;
  });
  std::memcpy(qp_state, next.data(), next.size());
  count_moves();
}

// Spin stores the first state before it asks for a move, and engines must not run before main().
int main(int argc, char** argv) {
  composition();
  count_moves();
  return qp_search(argc, argv);
}
