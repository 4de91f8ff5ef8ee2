#include "reference/roles/accounts.hpp"

#include <algorithm>

#include "reference/roles/fields.hpp"

namespace quickpay::roles {

std::optional<std::int64_t> add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

std::optional<Account> Accounts::find(std::string_view id) {
  const auto& all = facts_.config.accounts;
  const auto at = std::find_if(all.begin(), all.end(), [&](const AccountConfig& a) { return a.account == id; });
  if (at == all.end()) return std::nullopt;
  Account account{at->account, at->currency, at->limit, at->balance, 0, 0, 0};
  if (const auto record = store_.find(kAccountMachine, id)) {
    account.held = number(*record, "held").value_or(0);
    account.owed = number(*record, "owed").value_or(0);
    account.open = number(*record, "open").value_or(0);
  }
  return account;
}

bool Accounts::suffices(const Account& account, std::int64_t amount) const {
  const auto used = add(account.held, account.owed);
  const auto wanted = used ? add(*used, amount) : std::nullopt;
  return wanted && *wanted <= account.limit;
}

void Accounts::change(std::string_view id, std::int64_t held, std::int64_t owed, std::int64_t open) {
  const auto account = find(id);
  if (!account) return;
  const auto new_held = add(account->held, held), new_owed = add(account->owed, owed);
  if (!new_held || !new_owed || *new_held < 0 || *new_owed < 0) {
    return store_.corrupt("account " + std::string(id) + " does not add up");
  }
  ledger::Record record{std::string(kAccountMachine), std::string(id), "OPEN", {}, {}};
  set_number(record, "limit", account->limit);
  set_number(record, "balance", account->balance);
  set_number(record, "held", *new_held);
  set_number(record, "owed", *new_owed);
  set_number(record, "open", account->open + open);
  record.fields["currency"] = account->currency;
  store_.put(record);
}

void Accounts::hold(std::string_view id, std::int64_t amount) { change(id, amount, 0, 1); }
void Accounts::release(std::string_view id, std::int64_t amount) { change(id, -amount, 0, -1); }
void Accounts::commit(std::string_view id, std::int64_t amount) { change(id, -amount, amount, -1); }

}  // namespace quickpay::roles
