#include "conformance/reference_adapter/observe.hpp"

#include <algorithm>
#include <map>
#include <sstream>

#include "conformance/mutants/rewrite.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/settlement_broker.hpp"

namespace quickpay::conformance {

namespace {

using daemon::Json;
using ledger::Record;

constexpr std::size_t kMaxObserved = 10000;  ///< records that are shown

std::vector<Record> records_of(const roles::Node& node, std::string_view machine) {
  std::vector<Record> all;
  while (all.size() < kMaxObserved) {
    const auto page = node.records(machine, all.empty() ? std::string_view() : std::string_view(all.back().key));
    if (!page || page->empty()) {
      break;
    }
    all.insert(all.end(), page->begin(), page->end());
  }
  return all;
}

std::string field(const Record& record, const std::string& name) {
  const auto found = record.fields.find(name);
  return found == record.fields.end() ? std::string() : found->second;
}

std::string variable(const Record& record, const std::string& name) {
  for (const std::string& pair : record.variables) {
    if (pair.size() > name.size() && pair.compare(0, name.size(), name) == 0 && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return "none";
}

std::string of_order(const Record& record, std::string_view element) {
  return std::string(mutants::text_of(field(record, "OrderRef"), element));
}

std::int64_t number(const std::string& digits) {
  return digits.empty() || digits.find_first_not_of("-0123456789") != std::string::npos ? 0 : std::stoll(digits);
}

Json orders(const roles::Node& node) {
  Json list = Json::array();
  for (const Record& record : records_of(node, node.config().role + ".order")) {
    Json order = {{"vendor", of_order(record, "Vendor")}, {"order", of_order(record, "OrderId")}, {"state", record.state}};
    if (const std::string amount = of_order(record, "Amount"); !amount.empty()) {
      order["amount"] = number(amount);
      order["currency"] = of_order(record, "Currency");
    } else {
      order["vendor"] = field(record, "vendor");  // a Wallet that has no offer yet
    }
    list.push_back(std::move(order));
  }
  return list;
}

Json balance(const roles::Node& node) {
  std::map<std::string, Record> moved;
  for (Record& record : records_of(node, "account")) {
    moved.emplace(record.key, std::move(record));
  }
  Json list = Json::array();
  for (const roles::AccountConfig& account : node.config().accounts) {
    const auto record = moved.find(account.account);
    const auto sum = [&](const char* name) { return record == moved.end() ? 0 : number(field(record->second, name)); };
    list.push_back({{"account", account.account}, {"limit", account.limit}, {"held", sum("held")}, {"owed", sum("owed")},
                    {"currency", account.currency}});
  }
  return list;
}

Json cases(const roles::Node& node) {
  const std::vector<Record> statements = records_of(node, "host.statement");
  Json list = Json::array();
  for (const Record& record : records_of(node, "host.case")) {
    Json about = Json::array();
    for (const Record& statement : statements) {
      const std::size_t cut = statement.key.rfind('/');
      if (statement.key.substr(0, cut) == record.key) {
        about.push_back({{"wallet", statement.key.substr(cut + 1)}, {"received", variable(statement, "o")},
                         {"not_received", variable(statement, "w") == "no"}});
      }
    }
    list.push_back({{"vendor", of_order(record, "Vendor")}, {"order", of_order(record, "OrderId")},
                    {"broker", field(record, "broker")}, {"commit", variable(record, "c")},
                    {"delivery", variable(record, "d")}, {"statements", std::move(about)}});
  }
  return list;
}

Json claims(const roles::Node& node) {
  Json list = Json::array();
  for (const Record& record : records_of(node, "vendor.claim")) {
    list.push_back({{"order", of_order(record, "OrderId")}, {"state", record.state}, {"broker", field(record, "broker")},
                    {"amount", number(of_order(record, "Amount"))}, {"currency", of_order(record, "Currency")}});
  }
  return list;
}

/// Keys are Vendor/Currency of the books, Vendor/BatchId of what was paid out.
Json book(const roles::Node& node) {
  std::map<std::string, std::int64_t> paid;
  for (const Record& record : records_of(node, roles::kPayoutMachine)) {
    paid[record.key.substr(0, record.key.find('/') + 1) + field(record, "currency")] += number(field(record, "net"));
  }
  Json list = Json::array();
  for (const Record& record : records_of(node, roles::kVendorBookMachine)) {
    const std::size_t cut = record.key.find('/');
    list.push_back({{"vendor", record.key.substr(0, cut)}, {"currency", record.key.substr(cut + 1)},
                    {"net", number(field(record, "net"))}, {"paid", paid[record.key]}});
  }
  return list;
}

/// The first three parts of a key.
std::vector<std::string> parts_of(const std::string& key) {
  std::vector<std::string> parts(3);
  std::istringstream words(key);
  for (std::string& part : parts) {
    std::getline(words, part, '/');
  }
  return parts;
}

Json verdicts(const roles::Node& node) {
  Json list = Json::array();
  for (const Record& record : records_of(node, "host.verdict")) {
    const std::vector<std::string> names = parts_of(record.key);  // Vendor, OrderId, Broker, and a digest
    Json one = {{"vendor", names.at(0)}, {"order", names.at(1)}, {"broker", names.at(2)}, {"state", record.state}};
    if (const std::string code = field(record, "code"); !code.empty()) {
      one["code"] = code;
    }
    list.push_back(std::move(one));
  }
  return list;
}

Json goods(const roles::Node& node) {
  Json list = Json::array();
  for (const Record& record : records_of(node, "wallet.order")) {
    if (record.fields.count("goods") != 0) {
      list.push_back({{"vendor", of_order(record, "Vendor")}, {"order", of_order(record, "OrderId")},
                      {"sha256", crypto::sha256_hex(field(record, "goods"))}});
    }
  }
  return list;
}

Json state(const roles::Node& node) {
  return {{"role", node.config().role}, {"player", node.config().id}, {"next_due_ms", node.next_due_ms().value_or(-1)}};
}

}  // namespace

std::vector<std::string> observable(const std::string& role) {
  if (role == "host") {
    return {"cases", "verdicts", "state"};
  }
  if (role == "broker") {
    return {"orders", "balance", "book", "state"};
  }
  return role == "wallet" ? std::vector<std::string>{"orders", "goods", "state"}
                          : std::vector<std::string>{"orders", "claims", "state"};
}

Json observe(const roles::Node& node, const std::string& what) {
  const std::vector<std::string> known = observable(node.config().role);
  if (std::find(known.begin(), known.end(), what) == known.end()) {
    return {{"unverifiable", "this role has no such thing"}};
  }
  static const std::map<std::string, Json (*)(const roles::Node&)> kShown = {
      {"orders", orders},     {"balance", balance}, {"book", book},   {"cases", cases},
      {"verdicts", verdicts}, {"claims", claims},   {"goods", goods}, {"state", state}};
  return {{"value", kShown.at(what)(node)}};
}

}  // namespace quickpay::conformance
