// Defects that are sown into honest players, and what liars do.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "reference/roles/deviation.hpp"
#include "reference/sim/campaign/script.hpp"
#include "reference/sim/memory_ledger.hpp"

namespace quickpay::sim {

/// One fault of one role. A search through scripts must find that one of `goals` is missed.
struct Defect {
  std::string_view id;
  std::string_view role;
  std::string_view goals;  ///< "G7", or several of which one is missed first
  std::string_view text;
  std::unique_ptr<roles::Deviation> (*deviation)();  ///< null: the ledger is at fault
  std::unique_ptr<ledger::Ledger> (*ledger)() = nullptr;
};

std::span<const Defect> defects();
const Defect* find_defect(std::string_view id);

/// Whether a lying Wallet makes no right token for this order.
bool forges_token(std::string_view digest);

/// What the liar of a role does; `secret` is a Wallet's with its Broker.
std::unique_ptr<roles::Deviation> make_lies(Liar liar, std::string wallet, std::string secret);

}  // namespace quickpay::sim
