#include "reference/roles/settlement_money.hpp"

namespace quickpay::roles {
namespace {

/// Adds to a sum that grows, or spoils it.
void add_to(std::optional<std::int64_t>& sum, std::int64_t more) {
  if (sum) sum = add_sums(*sum, more);
}

}  // namespace

std::int64_t share(std::int64_t amount, std::int64_t rate_bp) { return money::share(amount, rate_bp); }

std::optional<std::int64_t> add(std::int64_t a, std::int64_t b) {
  using A = money::Arithmetic<std::int64_t>;
  if (!A::sum_fits(a, b)) return std::nullopt;
  return A::sum(a, b);
}

std::optional<std::int64_t> add_sums(std::int64_t a, std::int64_t b) {
  const auto sum = money::add_sums(a, b);
  if (!sum.right) return std::nullopt;
  return sum.value;
}

bool sum_up(msg::Settlement& settlement) {
  std::optional<std::int64_t> accepted = 0, commission = 0, deducted = 0;
  for (const msg::Accepted& item : settlement.accepted) {
    if (item.commission > item.amount) return false;
    add_to(accepted, item.amount);
    add_to(commission, item.commission);
  }
  for (const msg::Deduction& item : settlement.deduction) {
    if (item.commission_reversed > item.amount) return false;
    add_to(deducted, item.amount - item.commission_reversed);
  }
  const auto against = deducted ? add_sums(*deducted, settlement.prior_debit) : std::nullopt;
  if (!accepted || !commission || !against) return false;
  const auto balance = money::balance(*accepted, *commission, *against);
  settlement.accepted_total = *accepted;
  settlement.commission_total = *commission;
  settlement.deduction_total = *deducted;
  settlement.net_total = balance.net;
  settlement.carried_debit = balance.carried;
  return true;
}

bool adds_up(const msg::Settlement& settlement) {
  msg::Settlement again = settlement;
  return sum_up(again) && again == settlement;
}

bool adds_up(const msg::Claim& claim) {
  std::optional<std::int64_t> total = 0;
  for (std::size_t i = 0; i < claim.item.size(); ++i) {
    if (i > 0 && claim.item[i - 1].order_ref.order_id >= claim.item[i].order_ref.order_id) return false;
    add_to(total, claim.item[i].order_ref.amount);
  }
  return total && *total == claim.total && static_cast<std::size_t>(claim.count) == claim.item.size();
}

}  // namespace quickpay::roles
