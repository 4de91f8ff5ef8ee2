#include "statemachines/explorer/cast.hpp"

#include <algorithm>

#include "statemachines/interpreter/interpreter.hpp"
#include "statemachines/mutation/mutation.hpp"

namespace quickpay::statemachines {
namespace {

const MachineEntry* find_machine(std::span<const MachineEntry> machines, std::string_view id) {
  for (const MachineEntry& entry : machines)
    if (entry.table().id == id) return &entry;
  return nullptr;
}

// A changed row may look at other predicates than the written ones.
void add_read(const MachineModel& model, Player& player) {
  const std::size_t predicates = model.predicates.size();
  const std::uint64_t own = predicates >= kMaxBits ? ~0ULL : (1ULL << predicates) - 1;
  for (const ModelRow& row : model.rows) player.read[row.state * model.events.size() + row.event] |= row.mask & own;
}

bool add_mutant(const MachineEntry& entry, std::string_view mutation, Cast& cast) {
  const MachineModel model = model_of(entry.table());
  for (const Mutation& known : all_mutations(model)) {
    if (known.id != mutation) continue;
    MachineModel changed = mutated(model, known);
    Player player{&entry.table(), nullptr, predicates_read(entry.table()), initial_snapshot(changed)};
    add_read(changed, player);
    cast.engines.push_back(std::make_unique<InterpreterEngine>(std::move(changed)));
    player.engine = cast.engines.back().get();
    cast.players.push_back(std::move(player));
    return true;
  }
  return false;
}

// "assume:b.terms_equal:yes"
bool add_pretence(const CompositionTable& table, std::string_view defect, Cast& cast) {
  for (std::size_t i = 0; i < table.instances.size(); ++i) {
    const auto& predicates = cast.players[i].table->predicates;
    for (std::size_t k = 0; k < predicates.size(); ++k) {
      const std::string start = "assume:" + std::string(table.instances[i].id) + "." + std::string(predicates[k].id);
      if (defect != start + ":yes" && defect != start + ":no") continue;
      cast.pretended = Pretence{i, k, defect.ends_with(":yes")};
      return true;
    }
  }
  return false;
}

void add_player(const MachineEntry& entry, EngineKind kind, Cast& cast) {
  cast.engines.push_back(kind == EngineKind::msm ? entry.make_msm()
                                                 : std::make_unique<InterpreterEngine>(model_of(entry.table())));
  cast.players.push_back({&entry.table(), cast.engines.back().get(), predicates_read(entry.table()),
                          initial_snapshot(entry.table())});
}

}  // namespace

Cast cast_of(const CompositionTable& table, std::span<const MachineEntry> machines, EngineKind kind,
             std::string_view defect) {
  Cast cast;
  bool changed = defect.empty();
  for (const InstanceInfo& instance : table.instances) {
    const MachineEntry* entry = find_machine(machines, instance.machine);
    if (entry == nullptr) {
      cast.problem = "there is no machine " + std::string(instance.machine);
      return cast;
    }
    const bool meant = defect.starts_with(std::string(instance.machine) + ":");
    if (meant && add_mutant(*entry, defect, cast)) {
      changed = true;
    } else {
      add_player(*entry, kind, cast);
    }
  }
  changed = changed || add_pretence(table, defect, cast);
  if (!changed) cast.problem = "there is no defect " + std::string(defect);
  return cast;
}

}  // namespace quickpay::statemachines
