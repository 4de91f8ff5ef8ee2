// The table of a machine, made of the IR when it is asked for: what the compiler of the specification would have generated.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "statemachines/step/step.hpp"
#include "tools/speccompiler/ir/ir.hpp"

namespace quickpay::killtables {

/// A MachineTable with everything that it points to. Neither copied nor moved: the table points into it.
class LiveTable {
 public:
  /// `machine` is expanded. Effects that `like` knows have the numbers that they have there, so that whoever carries out effects by
  /// number does the same for both.
  explicit LiveTable(spec::Machine machine, const LiveTable* like = nullptr);
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;

  const statemachines::MachineTable& table() const { return table_; }
  const spec::Machine& machine() const { return machine_; }

 private:
  std::span<const std::string_view> words(const std::vector<std::string>& list);
  std::span<const statemachines::EffectId> effects(const std::vector<spec::Effect>& list);
  void add_declarations();
  void add_events();
  void add_effects();
  void add_rows();

  spec::Machine machine_;
  std::vector<spec::Effect> known_effects_;
  std::deque<std::string> texts_;
  std::deque<std::vector<std::string_view>> words_;
  std::deque<std::vector<statemachines::EffectId>> effect_lists_;
  std::vector<statemachines::StateInfo> states_;
  std::vector<statemachines::VariableInfo> variables_;
  std::vector<statemachines::EventInfo> events_;
  std::vector<statemachines::PredicateInfo> predicates_;
  std::vector<statemachines::AtomInfo> atoms_;
  std::vector<statemachines::ImplicationInfo> implications_;
  std::vector<statemachines::EffectInfo> effects_;
  std::vector<statemachines::PortInfo> ports_;
  std::vector<statemachines::RowInfo> rows_;
  std::vector<statemachines::DefaultInfo> defaults_;
  statemachines::MachineTable table_;
};

/// What one table has otherwise than the other, or nothing. Texts count, too.
std::string difference(const statemachines::MachineTable& one, const statemachines::MachineTable& other);

}  // namespace quickpay::killtables
