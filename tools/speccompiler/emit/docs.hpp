// Pieces that several generated documents share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/speccompiler/emit/model.hpp"

namespace quickpay::spec {

/// Requirement ids as links into requirements.md, in brackets; empty if there are none.
std::string requirement_links(const std::vector<std::string>& ids);

/// An anchor that links can lead to.
std::string anchor(const std::string& id);

/// The anchor of a message in messages.md; other protocols may have one of the same name.
std::string message_anchor(const std::string& protocol, const std::string& id);
inline std::string message_anchor(const Message& message) { return message_anchor(message.protocol, message.id); }

/// `1`, `0..1`, `0..8`.
std::string cardinality(std::uint32_t min, std::uint32_t max);

/// A link to a machine's effect as people read it: verb in plain, arguments in code.
std::string effects_text(const std::vector<Effect>& effects);

/// One step of a scenario as it was executed.
struct ExecutedStep {
  const ScenarioStep* step = nullptr;
  const Machine* machine = nullptr;
  const Event* event = nullptr;
  const Row* row = nullptr;  ///< null: no row fits
  std::string from;
  std::string to;
};

/// Runs a scenario over the rows of its machines, each from its initial state. Ends behind the first step that no row
/// fits.
std::vector<ExecutedStep> execute(const Spec& spec, const Scenario& scenario);

/// A scenario as a sequence diagram of characters: a column for each role.
std::string sequence_text(const Spec& spec, const Scenario& scenario);

}  // namespace quickpay::spec
