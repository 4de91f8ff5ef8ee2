// Ledgers in memory that do not do one of the things that they are asked to.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "reference/sim/memory_ledger.hpp"

namespace quickpay::killtables {

enum class LedgerCall : std::uint8_t {
  none, flush, put, put_answer, put_call, erase_call, put_parked, erase_parked, put_timer, erase_timer
};
inline constexpr std::array kLedgerCalls = {
    LedgerCall::flush,      LedgerCall::put,          LedgerCall::put_answer, LedgerCall::put_call,   LedgerCall::erase_call,
    LedgerCall::put_parked, LedgerCall::erase_parked, LedgerCall::put_timer,  LedgerCall::erase_timer};

std::string_view name_of(LedgerCall call);
/// A ledger for which this call does nothing and says that it did.
std::unique_ptr<ledger::Ledger> make_broken_ledger(LedgerCall call);

}  // namespace quickpay::killtables
