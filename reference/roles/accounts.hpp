// Money at a Broker: what each account has reserved and what it owes, in minor units.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/facts.hpp"
#include "reference/roles/money.hpp"
#include "reference/roles/store.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kAccountMachine = "account";  ///< records of accounts are kept under this name

/// One account. held >= 0, owed >= 0, held + owed <= limit: shown for all values in tests/money_proof_test.cpp.
struct Account {
  std::string id;
  std::string currency;
  std::int64_t limit = 0;
  std::int64_t balance = 0;  ///< as configured; reported, decides nothing
  money::Purse<std::int64_t> purse = {0, 0};  ///< held: reserved for endorsed orders; owed: committed or settled
  std::int64_t debited = 0;  ///< settled; a part of what is owed until the customer pays, which is outside QuickPay
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
  /// What was never held is committed; the caller has asked whether it suffices.
  void commit_at_once(std::string_view id, std::int64_t amount);
  /// What was committed falls back: it was never claimed, or it is owed already.
  void uncommit(std::string_view id, std::int64_t amount);
  /// What was committed is settled.
  void debit(std::string_view id, std::int64_t amount);
  /// What was not committed is settled; the caller has asked whether it suffices.
  void debit_uncommitted(std::string_view id, std::int64_t amount);
  /// What was settled is given back.
  void refund(std::string_view id, std::int64_t amount);

 private:
  using Move = money::Moved<std::int64_t> (*)(const money::Purse<std::int64_t>&, const std::int64_t&);
  void change(std::string_view id, Move move, std::int64_t amount, std::int64_t open, std::int64_t debited = 0);

  Facts& facts_;
  Store& store_;
};

}  // namespace quickpay::roles
