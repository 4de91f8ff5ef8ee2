#include "reference/sim/invariants.hpp"

#include <map>
#include <utility>
#include <vector>

#include "reference/roles/accounts.hpp"
#include "reference/roles/fields.hpp"

namespace quickpay::sim {
namespace {

std::vector<ledger::Record> records(ledger::Ledger& ledger, std::string_view machine) {
  auto all = ledger.list(machine, "", ledger::kMaxListed);
  return all ? std::move(*all) : std::vector<ledger::Record>{};
}

std::int64_t amount_of(const ledger::Record& record) {
  const auto ref = roles::recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType);
  return ref ? ref->amount : 0;
}

}  // namespace

std::string wrong_money(ledger::Ledger& broker) {
  std::map<std::string, std::int64_t> held, owed;
  for (const auto& record : records(broker, "broker.order")) {
    const std::string account(roles::field(record, "account"));
    if (record.state == "ENDORSED") held[account] += amount_of(record);
    if (record.state == "COMMITTED") owed[account] += amount_of(record);
  }
  for (const auto& record : records(broker, roles::kAccountMachine)) {
    const auto value = [&](const char* name) { return roles::number(record, name).value_or(-1); };
    if (value("held") != held[record.key]) return "held of " + record.key;
    if (value("owed") != owed[record.key]) return "owed of " + record.key;
    if (value("held") + value("owed") > value("limit")) return "limit of " + record.key;
  }
  return {};
}

std::string wrong_delivery(ledger::Ledger& vendor, const std::set<std::string>& committed) {
  std::set<std::string> claimed;
  for (const auto& record : records(vendor, "port.claim")) claimed.insert(record.key);
  for (const auto& record : records(vendor, "vendor.order")) {
    const bool delivered = record.state == "DELIVERED";
    if (delivered && !committed.contains(record.key)) return record.key + " delivered without a commitment";
    if (delivered && claimed.erase(record.key) == 0) return record.key + " delivered and not claimed";
  }
  return claimed.empty() ? std::string{} : *claimed.begin() + " claimed and not delivered";
}

}  // namespace quickpay::sim
