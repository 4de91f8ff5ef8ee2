#include "reference/sim/invariants.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "reference/roles/accounts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host_audit.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/sim/memory_ledger.hpp"

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

/// What records of debts and orders say that each account and book must show.
struct Expected {
  std::map<std::string, std::int64_t> held, owed, debited;          // by account
  std::map<std::string, std::int64_t> settled, kept;                // by currency: amounts, and commissions on them
  std::map<std::string, std::int64_t> vendors;                      // by Vendor and currency: amounts less commissions
  std::map<std::string, std::int64_t> refunded, reversed;           // by currency: of orders revoked after they were settled
  std::map<std::string, std::int64_t> due_back;                     // by Vendor and currency: amounts less commissions of those
};

void add_debts(ledger::Ledger& broker, Expected& all, std::set<std::string>& decided) {
  for (const auto& record : records(broker, "broker.debt")) {
    if (record.state == "OWED") continue;
    decided.insert(record.key);
    const bool revoked = record.state == "REVOKED";
    if (record.state == "UNCLAIMED" || (revoked && !roles::has_field(record, "batch_id"))) continue;  // nothing was settled
    const auto ref = roles::recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType).value_or(msg::OrderRef{});
    const std::string account(roles::field(record, "account"));
    const std::int64_t commission = roles::number(record, "commission").value_or(0);
    const std::string vendor = ref.vendor + "/" + ref.currency;
    if (!revoked) all.owed[account] += ref.amount, all.debited[account] += ref.amount;
    if (revoked) all.refunded[ref.currency] += ref.amount, all.reversed[ref.currency] += commission;
    if (revoked) all.due_back[vendor] += ref.amount - commission;
    all.settled[ref.currency] += ref.amount;
    all.kept[ref.currency] += commission;
    all.vendors[vendor] += ref.amount - commission;
  }
}

Expected expected_of(ledger::Ledger& broker) {
  Expected all;
  std::set<std::string> decided;  // orders whose debt is settled or has lapsed
  add_debts(broker, all, decided);
  for (const auto& record : records(broker, "broker.order")) {
    const std::string account(roles::field(record, "account"));
    if (record.state == "ENDORSED") all.held[account] += amount_of(record);
    if (record.state == "COMMITTED" && !decided.contains(record.key)) all.owed[account] += amount_of(record);
  }
  for (const auto& record : records(broker, "broker.commitment")) {
    if (!decided.contains(record.key)) all.owed[std::string(roles::field(record, "account"))] += amount_of(record);
  }
  return all;
}

std::string wrong_book(ledger::Ledger& broker, Expected& all) {
  for (const auto& book : records(broker, roles::kBookMachine)) {
    const auto value = [&](const char* name) { return roles::number(book, name).value_or(0); };
    if (!roles::balances(book)) return "book of " + book.key + " does not balance";
    if (value("debited") != all.settled[book.key]) return "debited of " + book.key;
    if (value("commission") != all.kept[book.key]) return "commission of " + book.key;
    if (value("refunded") != all.refunded[book.key]) return "refunded of " + book.key;
    if (value("reversed") != all.reversed[book.key]) return "reversed of " + book.key;
  }
  for (const auto& left : records(broker, roles::kDeductionMachine)) {
    const auto value = [&](const char* name) { return roles::number(left, name).value_or(0); };
    all.due_back[left.key.substr(0, left.key.rfind('/'))] -= value("amount") - value("reversed");
  }
  for (const auto& book : records(broker, roles::kVendorBookMachine)) {
    const auto value = [&](const char* name) { return roles::number(book, name).value_or(0); };
    if (value("payable") != all.vendors[book.key]) return "payable of " + book.key;
    if (value("deducted") != all.due_back[book.key]) return "deducted of " + book.key;
    if (value("net") - value("carried") != value("payable") - value("deducted")) return "net of " + book.key;
  }
  return {};
}

}  // namespace

std::string wrong_money(ledger::Ledger& broker) {
  Expected all = expected_of(broker);
  for (const auto& record : records(broker, roles::kAccountMachine)) {
    const auto value = [&](const char* name) { return roles::number(record, name).value_or(-1); };
    if (value("held") != all.held[record.key]) return "held of " + record.key;
    if (value("owed") != all.owed[record.key]) return "owed of " + record.key;
    if (std::max<std::int64_t>(value("debited"), 0) != all.debited[record.key]) return "debited of " + record.key;
    if (value("held") + value("owed") > value("limit")) return "limit of " + record.key;
  }
  return wrong_book(broker, all);
}

std::string wrong_delivery(ledger::Ledger& vendor, const std::set<std::string>& committed) {
  std::set<std::string> claimed;
  for (const auto& record : records(vendor, "port.claim")) claimed.insert(record.key);
  for (const auto& record : records(vendor, "vendor.claim")) claimed.insert(record.key);
  for (const auto& record : records(vendor, "vendor.order")) {
    const bool delivered = record.state == "DELIVERED";
    if (delivered && !committed.contains(record.key)) return record.key + " delivered without a commitment";
    if (delivered && claimed.erase(record.key) == 0) return record.key + " delivered and not claimed";
  }
  for (const auto& record : records(vendor, "vendor.sale")) {
    if (record.state == "ACCEPTED" && claimed.erase(record.key) == 0) return record.key + " accepted and not claimed";
  }
  return claimed.empty() ? std::string{} : *claimed.begin() + " claimed and not delivered";
}

std::string wrong_log(ledger::Ledger& host) {
  MemoryLedger scratch;
  const auto report = roles::audit_host(host, scratch);
  if (!report) return report.error().what;
  return report->finding ? report->finding->where + ": " + report->finding->what : std::string{};
}

}  // namespace quickpay::sim
