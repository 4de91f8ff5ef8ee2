// What `quickpay check` claims about a composition: one finding a configuration, a twin, a row.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "statemachines/explorer/cast.hpp"
#include "statemachines/explorer/explorer.hpp"

namespace quickpay::statemachines {

/// A property that does not hold in a configuration, with a trail: a shortest one where every state is kept.
struct Failure {
  std::size_t property = 0;
  std::vector<std::string> trail;
  std::vector<std::string> diagram;  ///< the same as lines of a sequence diagram
};

/// One configuration, explored.
struct ConfigurationResult {
  Exploration found;
  std::vector<Failure> failures;
  /// What departs from the specification's claim, a sentence each; empty: as claimed.
  std::vector<std::string> wrong;
};

/// Indices of the properties that are claimed in a configuration.
std::vector<std::size_t> claimed_in(const CompositionTable& table, std::string_view configuration);

/// Whether a property says nothing in a configuration because of who lies there: its formula is true whatever happens.
bool assumed_in(const PropertyInfo& property, const ConfigurationInfo& configuration);

const ConfigurationInfo* find_configuration(const CompositionTable& table, std::string_view id);

/// Explores one configuration and compares what failed with what must fail.
ConfigurationResult explore(const CompositionTable& table, const Cast& cast, const ConfigurationInfo& configuration,
                            const Limits& limits = {});

/// Seeds the defect that a property names, in the configuration that it names; empty if exactly this property is reported there besides
/// what fails anyway, otherwise what is wrong.
std::string check_twin(const CompositionTable& table, std::span<const MachineEntry> machines,
                       const PropertyInfo& property, const Limits& limits = {});

/// Rows and states that no exploration took or saw and that the specification does not list, and listed ones that were
/// taken after all; a sentence each.
std::vector<std::string> unreached(const CompositionTable& table, const Cast& cast,
                                   const std::vector<Exploration>& explorations);

}  // namespace quickpay::statemachines
