// Money at a Broker: what each account has reserved and what it owes, in minor units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/facts.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kAccountMachine = "account";  ///< records of accounts are kept under this name

/// a + b; nothing if it does not fit. Money is never computed otherwise (QP-SAFE-009).
std::optional<std::int64_t> add(std::int64_t a, std::int64_t b);

/// One account. held >= 0, owed >= 0, held + owed <= limit.
struct Account {
  std::string id;
  std::string currency;
  std::int64_t limit = 0;
  std::int64_t balance = 0;  ///< as configured; reported, decides nothing
  std::int64_t held = 0;     ///< reserved for endorsed orders
  std::int64_t owed = 0;     ///< committed
  std::int64_t open = 0;     ///< endorsed orders
};

/// The accounts of a Broker: limits come from the configuration, what moves from the ledger.
class Accounts {
 public:
  Accounts(Facts& facts, Store& store) : facts_(facts), store_(store) {}

  std::optional<Account> find(std::string_view id);
  /// Whether the amount can be held without passing the limit.
  bool suffices(const Account& account, std::int64_t amount) const;
  void hold(std::string_view id, std::int64_t amount);
  void release(std::string_view id, std::int64_t amount);
  void commit(std::string_view id, std::int64_t amount);

 private:
  void change(std::string_view id, std::int64_t held, std::int64_t owed, std::int64_t open);

  Facts& facts_;
  Store& store_;
};

}  // namespace quickpay::roles
