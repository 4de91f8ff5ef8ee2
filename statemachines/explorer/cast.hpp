// Who runs the machines of a composition: the compiled ones, the interpreter, or one with a defect.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "statemachines/composition/layout.hpp"
#include "statemachines/step/registry.hpp"

namespace quickpay::statemachines {

enum class EngineKind : std::uint8_t { msm, interpreter };

/// A predicate of an instance that has a value although the model says otherwise.
struct Pretence {
  std::size_t instance = 0;
  std::size_t predicate = 0;
  bool value = false;
};

/// The players of a composition and the engines they point to.
struct Cast {
  std::vector<std::unique_ptr<Engine>> engines;
  std::vector<Player> players;
  std::optional<Pretence> pretended;
  std::string problem;  ///< not empty: a machine or a mutation is not there
};

/// One player an instance of `table`, from `machines`, with a defect if one is named: the id of a mutation as statemachines/mutation
/// gives it (that machine is interpreted with this one change; the others stay what `kind` says), or
/// `assume:INSTANCE.PREDICATE:yes|no`, a predicate that has always this value.
Cast cast_of(const CompositionTable& table, std::span<const MachineEntry> machines, EngineKind kind,
             std::string_view defect = {});

}  // namespace quickpay::statemachines
