// Vectors of machines: single steps, and steps of several machines one after the other.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/speccompiler/emit/machine_run.hpp"

namespace quickpay::spec {

/// One step of one machine: what is given, and what comes of it.
struct Step {
  Situation given;
  std::string event;
  std::uint64_t bits = 0;            ///< predicates that hold
  const Row* row = nullptr;          ///< null: the default of the event
  const Default* fallback = nullptr; ///< used if there is no row
  Situation after;
  std::vector<Effect> effects;
  std::vector<std::string> requirements;
  std::string refusal;  ///< how the event is refused, a flag; empty: it is not
  std::string code;     ///< the error code that is answered, if one is
};

/// How effects refuse an event, as a flag: an error answered, an alarm about a message, the user told and nothing else, …;
/// empty: not at all. `stays`: nothing changed.
std::string refusal(const Spec& spec, EventKind kind, const std::vector<Effect>& effects, bool stays);

Step step_of(const Spec& spec, const Machine& machine, const Situation& given, const std::string& event,
             std::uint64_t bits);

/// `"given": …, "event": …, "expect": …`.
std::string json_step(const Machine& machine, const Step& step);

struct StateVector {
  std::string id;
  Step step;
  std::string base;      ///< of a refused one: the id of a valid one …
  std::string mutation;  ///< … and the one thing that differs, as JSON
};

/// The vectors of one machine: for each row a step that it takes, each refusal with the valid step that it differs from in
/// one thing, and every event that has no row in a state.
std::vector<StateVector> state_vectors_of(const Spec& spec, const Machine& machine);

}  // namespace quickpay::spec
