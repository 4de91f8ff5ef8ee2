// INTERNAL to the Promela emitter: one event of one machine as statements.
#pragma once

#include "tools/speccompiler/emit/promela_names.hpp"

namespace quickpay::spec::promela {

class Steps {
 public:
  explicit Steps(const Names& names) : names_(names) {}

  /// A selection among the rows that fit; what the row does follows it. Ends with the end of the call that `scene` answers.
  std::string event(const Scene& scene, const Event& event) const;

  /// Whether the machine is in a state with rows for the event, as an expression; empty if there is none.
  std::string states_with_rows(std::size_t instance, const Event& event) const;

 private:
  std::string selection(const Scene& scene, const Event& event) const;
  std::string guard(const Scene& scene, const Row& row) const;
  std::string literals(const Scene& scene, const Row& row) const;
  std::string implied(const Scene& scene, const Row& row) const;
  /// Whether a predicate must have this value in the row, as an expression; "0": it need not.
  std::string forced(const Scene& scene, const Row& row, const std::string& predicate, bool value) const;
  std::string effects(const Scene& scene, const std::vector<Effect>& effects) const;
  std::string consequences(const Scene& scene, const Effect& effect) const;
  std::string consequence(const Scene& scene, std::size_t instance, const std::string& event, const std::string& when) const;
  std::string effect(const Scene& scene, const Effect& effect) const;
  std::string calls(const Scene& scene, const Effect& effect) const;
  std::string watched(const Scene& scene, const Effect& effect) const;
  std::string reply(std::size_t letter, const std::string& code) const;
  std::string give_up(std::size_t letter) const;
  const Assumption* assumption(std::size_t instance, const std::string& predicate) const;

  const Names& names_;
};

}  // namespace quickpay::spec::promela
