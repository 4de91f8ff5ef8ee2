// The arithmetic of settlements: whole minor units, checked, without any state (QP-ADD-24).
#pragma once

#include <cstdint>
#include <optional>

#include "reference/codec/generated/messages.hpp"
#include "reference/roles/sums.hpp"

namespace quickpay::roles {

using money::kBasisPoints;
using money::kMaxSum;

/// money::share of 64-bit integers.
std::int64_t share(std::int64_t amount, std::int64_t rate_bp);

/// a + b, of any sign; nothing if it does not fit.
std::optional<std::int64_t> add(std::int64_t a, std::int64_t b);

/// a + b if both are sums and so is what comes out.
std::optional<std::int64_t> add_sums(std::int64_t a, std::int64_t b);

/// Computes the totals, CarriedDebit and NetTotal of a settlement from its lists and its PriorDebit. False: a total cannot
/// be expressed, or an item takes more than it gives; then the settlement is left half done.
bool sum_up(msg::Settlement& settlement);

/// Whether the totals of a settlement are those of its lists.
bool adds_up(const msg::Settlement& settlement);

/// Whether Count and Total of the claim are those of its items, sorted by OrderId, each once.
bool adds_up(const msg::Claim& claim);

}  // namespace quickpay::roles
