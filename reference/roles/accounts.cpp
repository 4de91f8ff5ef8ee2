#include "reference/roles/accounts.hpp"

#include <algorithm>

#include "reference/roles/fields.hpp"

namespace quickpay::roles {

std::optional<Account> Accounts::find(std::string_view id) {
  const auto& all = facts_.config.accounts;
  const auto at = std::find_if(all.begin(), all.end(), [&](const AccountConfig& a) { return a.account == id; });
  if (at == all.end()) return std::nullopt;
  Account account{at->account, at->currency, at->limit, at->balance, {0, 0}, 0, 0};
  if (const auto record = store_.find(kAccountMachine, id)) {
    account.purse = {number(*record, "held").value_or(0), number(*record, "owed").value_or(0)};
    account.debited = number(*record, "debited").value_or(0);
    account.open = number(*record, "open").value_or(0);
  }
  return account;
}

bool Accounts::suffices(const Account& account, std::int64_t amount) const {
  return money::suffices(account.purse, amount, account.limit);
}

void Accounts::change(std::string_view id, Move move, std::int64_t amount, std::int64_t open, std::int64_t debited) {
  using A = money::Arithmetic<std::int64_t>;
  const auto account = find(id);
  if (!account) return;
  const auto moved = move(account->purse, amount);
  const std::int64_t all_debited = A::sum(account->debited, debited);
  if (!moved.right || !A::sum_fits(account->debited, debited) || all_debited > moved.purse.owed) return store_.corrupt("account " + std::string(id) + " does not add up");
  ledger::Record record{std::string(kAccountMachine), std::string(id), "OPEN", {}, {}};
  set_number(record, "limit", account->limit);
  set_number(record, "balance", account->balance);
  set_number(record, "held", moved.purse.held);
  set_number(record, "owed", moved.purse.owed);
  set_number(record, "debited", all_debited);
  set_number(record, "open", account->open + open);
  record.fields["currency"] = account->currency;
  store_.put(record);
}

void Accounts::hold(std::string_view id, std::int64_t amount) { change(id, money::hold, amount, 1); }
void Accounts::release(std::string_view id, std::int64_t amount) { change(id, money::release, amount, -1); }
void Accounts::commit(std::string_view id, std::int64_t amount) { change(id, money::commit, amount, -1); }
void Accounts::commit_at_once(std::string_view id, std::int64_t amount) { change(id, money::owe, amount, 0); }
void Accounts::uncommit(std::string_view id, std::int64_t amount) { change(id, money::forgive, amount, 0); }
void Accounts::debit(std::string_view id, std::int64_t amount) { change(id, money::fall_due, amount, 0, amount); }
void Accounts::refund(std::string_view id, std::int64_t amount) { change(id, money::forgive, amount, 0, -amount); }
void Accounts::debit_uncommitted(std::string_view id, std::int64_t amount) { change(id, money::owe, amount, 0, amount); }

}  // namespace quickpay::roles
