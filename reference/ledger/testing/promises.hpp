// What every ledger promises, tried call by call: for whoever keeps a role's memory elsewhere than in SQLite.
#pragma once

#include <functional>
#include <string>

#include "reference/ledger/ledger.hpp"

namespace quickpay::ledger {

/// The first promise of Ledger's writes and flush that an empty ledger breaks, as "put_call: …", or nothing. `cut` takes the power away and
/// gives it back: what `ledger()` returns afterwards has what was flushed.
std::string broken_promise(const std::function<Ledger&()>& ledger, const std::function<void()>& cut);

}  // namespace quickpay::ledger
