#include "conformance/trails/rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {

namespace {

using statemachines::MachineTable;

const MachineTable* table_of(std::string_view machine) {
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().id == machine) {
      return &entry.table();
    }
  }
  return nullptr;
}

bool has_row(const TrailStep& step, std::string_view machine, std::string_view row) {
  return std::find(step.rows.begin(), step.rows.end(), fmt::format("{} {}", machine, row)) != step.rows.end();
}

/// The state that the machine comes to in the step; empty: it takes no row.
std::string_view target_of(const TrailStep& step, const MachineTable& table) {
  for (const auto& row : table.rows) {
    if (has_row(step, table.id, row.id)) {
      return table.states[row.to].id;
    }
  }
  return {};
}

/// "D20" of "D20.4", "Q18" of "Q18@LIVE": what the specification calls the row.
std::string_view base_of(std::string_view row) { return row.substr(0, row.find_first_of(".@")); }

/// Visits every row, and every default, that machines of the role take in the step.
template <class Row, class Default>
void for_taken(const TrailStep& step, std::string_view role, Row on_row, Default on_default) {
  for (const auto& entry : statemachines::all::machines()) {
    const MachineTable& table = entry.table();
    if (table.role != role) continue;
    bool found = false;
    for (const auto& row : table.rows) {
      if (has_row(step, table.id, row.id)) on_row(table, row), found = true;
    }
    for (const auto& one : table.defaults) {  // some have the name of a row of the same machine
      if (!found && has_row(step, table.id, one.id)) on_default(table, one);
    }
  }
}

/// What an action of broker.debt means to who claims.
struct Word {
  std::string_view action, says;
};
constexpr std::array kWords = {Word{"book", "accepted"},
                               Word{"book-approved", "accepted"},
                               Word{"refuse-unknown", "QP-E-UNKNOWN-ORDER"},
                               Word{"refuse-mismatch", "QP-E-MISMATCH"},
                               Word{"refuse-uncommitted", "QP-E-NO-COMMIT"},
                               Word{"refuse-settled", "QP-E-ALREADY-SETTLED"},
                               Word{"refuse-expired", "QP-E-SETTLE-EXPIRED"},
                               Word{"refuse-pending", "QP-E-PENDING"},
                               Word{"refuse-revoked", "QP-E-REVOKED"}};

}  // namespace

std::vector<statemachines::EffectInfo> effects_of(const TrailStep& step, std::string_view role) {
  std::vector<statemachines::EffectInfo> all;
  const auto add = [&](const MachineTable& table, const auto& taken) {
    for (const auto effect : taken.effects) {
      all.push_back(table.effects[effect]);
    }
  };
  for_taken(step, role, add, add);
  return all;
}

bool does(const TrailStep& step, std::string_view role, statemachines::Verb verb) {
  const auto effects = effects_of(step, role);
  return std::any_of(effects.begin(), effects.end(), [&](const auto& effect) { return effect.verb == verb; });
}

bool tells(const TrailStep& step, std::string_view role, std::string_view what) {
  const auto effects = effects_of(step, role);
  return std::any_of(effects.begin(), effects.end(), [&](const auto& effect) { return effect.verb == statemachines::Verb::tell && effect.first == what; });
}

const statemachines::EventInfo* event_of(const TrailStep& step, std::string_view role) {
  const statemachines::EventInfo* event = nullptr;
  for_taken(step, role, [&](const MachineTable& table, const auto& row) { event = &table.events[row.event]; }, [](const auto&, const auto&) {});
  return event;
}

bool takes_one_of(const TrailStep& step, std::string_view role, std::initializer_list<std::string_view> rows) {
  bool any = false;
  const auto look = [&](const MachineTable&, const auto& taken) { any = any || std::find(rows.begin(), rows.end(), base_of(taken.id)) != rows.end(); };
  for_taken(step, role, look, [](const auto&, const auto&) {});
  return any;
}

bool takes_another(const TrailStep& step, std::string_view role, std::span<const std::string_view> rows) {
  bool any = false;
  const auto look = [&](const MachineTable&, const auto& taken) { any = any || std::find(rows.begin(), rows.end(), base_of(taken.id)) == rows.end(); };
  for_taken(step, role, look, [](const auto&, const auto&) {});
  return any;
}

bool takes(const TrailStep& step, std::string_view machine, std::initializer_list<std::string_view> rows) {
  return std::any_of(rows.begin(), rows.end(), [&](std::string_view row) { return has_row(step, machine, row); });
}

std::string_view state_of(const Trail& trail, std::string_view machine, const TrailStep* before) {
  const MachineTable* table = table_of(machine);
  std::string_view state;
  for (const TrailStep& step : trail.steps) {
    if (&step == before) {
      break;
    }
    if (const auto target = table == nullptr ? std::string_view{} : target_of(step, *table); !target.empty()) {
      state = target;
    }
  }
  return state;
}

std::string_view decision_of(const TrailStep& step) {
  const MachineTable* table = table_of("host.verdict");
  const auto state = table == nullptr ? std::string_view{} : target_of(step, *table);
  return state == "REJECTED" ? "reject " : state.empty() || state == "APPROVED" ? "approve " : "pending ";
}

std::string word_of(const TrailStep& step) {
  for (const auto& effect : effects_of(step, "broker")) {
    const auto known = std::find_if(kWords.begin(), kWords.end(), [&](const Word& one) { return effect.verb == statemachines::Verb::perform && effect.first == one.action; });
    if (known != kWords.end()) {
      return std::string(known->says);
    }
  }
  return {};
}

}  // namespace quickpay::conformance
