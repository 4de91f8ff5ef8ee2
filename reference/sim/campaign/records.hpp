// INTERNAL: what players keep, as the campaign looks at it.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/fields.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// All records of a machine; none if the ledger cannot be read.
inline std::vector<ledger::Record> records(Site& site, std::string_view machine) {
  auto all = site.ledger->list(machine, "", ledger::kMaxListed);
  return all ? std::move(*all) : std::vector<ledger::Record>{};
}

/// The OrderRef that a record keeps, or nothing.
inline std::optional<msg::OrderRef> ref_of(const ledger::Record& record) {
  return roles::recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType);
}

}  // namespace quickpay::sim
