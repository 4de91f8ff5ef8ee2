// The user of a town's Wallet who buys something, and what has to be right in the end.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "reference/roles/accounts.hpp"
#include "reference/roles/settlement_broker.hpp"
#include "reference/roles/settlement_vendor.hpp"
#include "reference/roles/tests/town.hpp"
#include "reference/roles/wallet_links.hpp"

namespace quickpay::roles {

inline constexpr std::int64_t kPriceOfOne = 125;  ///< of every item

/// Everybody signs; the Broker keeps a commission and waits for Wallets; the Wallet's Paycards are asked through
/// `card`.
inline TownPlan plan_of(paycard::Port& card, std::string victim, const ledger::Cut& cut, bool authenticated = false) {
  TownPlan plan{std::move(victim), cut, {}};
  plan.configs = {{"host", signing(host_config())},
                  {"broker", issuing(signing(broker_config()))},
                  {"vendor", signing(vendor_config())},
                  {"wallet", adding_config(card)}};
  plan.configs["broker"].commission_bp = 150;
  for (ItemConfig& item : plan.configs["vendor"].items) item.amount = kPriceOfOne;
  plan.configs["wallet"].paycards = {{"B7", "P7", kSecret, true, "card.so", "card.manifest"}};
  if (!authenticated) return plan;
  const auto share = [&](const std::string& one, const std::string& other) {
    NodeConfig &a = plan.configs[one], &b = plan.configs[other];
    const std::string key = crypto::sha256(one + other);
    a.shared_keys.push_back({b.id, 1, key, {}});
    b.shared_keys.push_back({a.id, 1, key, {}});
  };
  for (const char* role : {"broker", "vendor", "wallet"}) share("host", role);
  share("vendor", "broker");
  for (auto& [role, config] : plan.configs) config.profile = "H";
  return plan;
}

/// The user of a town's Wallet, who wants one order and confirms it once it is shown.
class Buyer {
 public:
  Buyer(Town& town, std::string machine, std::string item)
      : town_(town), machine_(std::move(machine)), item_(std::move(item)) {}

  /// Goes on until the order is done or the user has had enough.
  void buy(int tries = 6) {
    for (; tries > 0 && !done(); --tries) {
      if (!knows()) open();
      town_.wait(60'000);
    }
  }
  bool done() { return town_.state("wallet", machine_, order) == "DONE"; }
  std::string order;

  void on_user(const UserEvent& event) {
    if (!order.empty() && event.order != order) return;
    if (event.kind == "offer") shown(event);
    if (event.kind == "received") {
      town_.promise("the goods are gone", [this] {
        const auto record = *town_.single("wallet").ledger->find(machine_, order);
        return record && has_field(*record, "goods");
      });
    }
    if (event.kind == "tell" && event.text == "accepted") {
      town_.promise("the receipt is gone", [this] {
        const auto record = *town_.single("wallet").ledger->find(machine_, order);
        return record && has_field(*record, "Receipt");
      });
    }
    if (event.kind == "done") {
      town_.promise("what was done is open again",
                    [this, end = event.text] { return town_.state("wallet", machine_, order) == end; });
    }
  }

 private:
  /// A link that was lost is opened again: the Wallet knows of no order, and of no link that waits.
  bool knows() { return !order.empty() && !is_gone(); }
  bool is_gone() {
    return town_.state("wallet", machine_, order) == "NONE" && town_.state("wallet", kLinkMachine, order) == "NONE";
  }

  void open() {
    std::string opened;
    const bool acknowledged = town_.act("wallet", [&](Node& node) {
      const bool regular = machine_ == "wallet.purchase";
      opened = (regular ? node.open_regular_link("V1001", item_) : node.open_link("V1001", item_)).value_or("");
    });
    order = opened;
    if (acknowledged && !opened.empty())
      town_.promise("the order that was begun is gone", [this] { return !is_gone(); });
  }
  void shown(const UserEvent& event) {
    order = event.order;
    const std::string digest = event.details.at("digest");
    town_.promise("the offer is another", [this, digest] {
      const auto record = *town_.single("wallet").ledger->find(machine_, order);
      return record && field(*record, "digest") == digest;
    });
    town_.then([this, digest] {
      bool confirmed = false;
      const bool acknowledged =
          town_.act("wallet", [&](Node& node) { confirmed = node.confirm(order, digest).has_value(); });
      if (!acknowledged || !confirmed) return;
      town_.promise("what was confirmed is to be confirmed again", [this] {
        const std::string state = town_.state("wallet", machine_, order);
        return state != "NONE" && state != "ASKED" && state != "OFFERED";
      });
    });
  }

  Town& town_;
  std::string machine_, item_;
};

/// One order, from its link to the Vendor's money.
class Bought {
 public:
  Bought(const TownPlan& plan, std::string machine, std::string item)
      : town(plan), machine_(machine), buyer_(town, std::move(machine), std::move(item)) {
    town.on_user = [this](const UserEvent& event) { buyer_.on_user(event); };
  }

  void run() {
    buyer_.buy();
    for (int tries = 0; tries < 3; ++tries) {  // a run that a loss of power swallowed is asked for again
      town.act("vendor", [](Node& node) { static_cast<void>(node.settle()); });
      town.wait(60'000);
    }
  }
  const Powered& cutting() const { return town.cutting(); }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    if (const std::string broken = town.broken(); !broken.empty()) return broken;
    if (!buyer_.done()) return "the order is not done but " + town.state("wallet", machine_, buyer_.order);
    if (town.all("wallet", machine_).size() != 1) return "there is another order";
    if (*town.single("wallet").ledger->next_call_ms()) return "the Wallet still asks";
    for (const char* message : {"GetOrder", "InquiryPayment", "RequestOrderDelivery"}) {
      if (town.asked[message].size() != 1) return "more than one " + std::string(message) + " has left";
    }
    return wrong_money(town);
  }

  /// What is wrong with the money of one order that was paid from the only account that was used, or nothing.
  static std::string wrong_money(Town& town) {
    const auto account = [&](const char* name) { return town.sum("broker", kAccountMachine, name); };
    if (account("owed") != kPriceOfOne || account("debited") != kPriceOfOne || account("held") != 0)
      return "paid otherwise than once";
    const auto books = town.all("broker", kBookMachine);
    if (books.size() != 1 || !balances(books[0])) return "the books do not balance";
    if (number(books[0], "debited") != kPriceOfOne) return "settled otherwise than once";
    const std::int64_t kept = number(books[0], "commission").value_or(0);
    if (kept <= 0 || town.sum("vendor", kIncomeMachine, "net") + kept != kPriceOfOne) return "money is lost";
    return {};
  }

  Town town;

 private:
  std::string machine_;
  Buyer buyer_;
};

}  // namespace quickpay::roles
