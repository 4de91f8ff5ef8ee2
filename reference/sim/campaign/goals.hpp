// The goals of the protocol as what can be seen in ledgers and on the network of a simulated world.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Which goals are looked at, and which cannot be seen here:
///  G1 agreement, G2 one order a commitment, G3 no double charge, G4 final payment: as far as the claim, and in worlds that settle
///  to the money, G5 no forged commitment, G6 no debit without the user's yes, G7 the limit, G8 and G9 what Vendors and the Host may
///  not learn, G10 as far as Paycard tokens, G11 no false revoke, G12 verdicts that follow from the Host's log, G13 delivery without the
///  Host, G15 what is promised, paid, taken back and received is the same, G16 no commission on what is taken back; and RV, that who
///  takes an order back does not claim it, and is heard. Not here: G14, which postbox.hpp and play.cpp look at; G17 is no goal.
///
/// Against who is on the path in profile F it is promised of revokes that none is proven, and that a Vendor who contests in time is paid.
/// A goal is promised to honest players: what a liar's own ledger says is not looked at.
class Goals {
 public:
  /// `liar`: id of the player that is one, or empty. `asked`: digests of orders that their Vendors asked to take back.
  Goals(World& world, const Script& script, std::string liar, const std::set<std::string>& asked)
      : world_(world), liar_(std::move(liar)), asked_(asked), spoofed_(script.liar == Liar::network && !script.authenticated), lying_broker_(script.liar == Liar::broker) {}

  /// The user of this wallet said yes to the order with this digest.
  void confirmed(const std::string& wallet, const std::string& digest) { yes_.insert({wallet, digest}); }
  /// What is wrong at a player after one of its inputs: "G7: …", or nothing.
  std::string look(Site& site);
  /// What is wrong on the network since the last look.
  std::string look_at_network();
  /// What is wrong when all accidents are over and everything had time to end.
  std::string look_at_the_end();
  /// Every order that was confirmed has brought its goods, although the Host was not there (G13).
  std::string look_at_deliveries();
  /// What is wrong when everything that was delivered had time to become money (G3, G4, G12, G15).
  std::string look_at_settlement();
  /// Regular orders that brought a receipt.
  std::size_t receipts();
  /// Revokes at honest Brokers that are final, or those that are not.
  std::size_t revokes(bool final);
  /// Orders that brought goods; without any the goals hold of nothing.
  std::size_t deliveries();

 private:
  bool honest(const std::string& id) const { return id != liar_; }
  std::string look_at_broker(Site& broker);
  /// The machines of an order at its three players.
  struct Kind {
    const char *wallet, *vendor, *broker;
  };
  std::string look_at_order(const ledger::Record& record, const Kind& kind);
  std::string look_at_vendor(Site& vendor);
  std::string look_at_revokes(Site& broker);
  std::string look_at_deductions(Site& broker);
  std::string look_at_taken_back(Site& vendor);
  std::string look_at_alerts(Site& host);
  std::string look_at_claim(Site& vendor, const ledger::Record& claim);
  /// What is owed for an order, by its claim.
  const ledger::Record* debt_of(const ledger::Record& claim, std::vector<ledger::Record>& debts);
  std::string look_at_host(Site& host);
  const ledger::Record* find(std::vector<ledger::Record>& records, const std::string& digest) const;

  World& world_;
  std::string liar_;
  const std::set<std::string>& asked_;
  bool spoofed_;       ///< somebody can write what he likes in a Vendor's name, but for its signature
  bool lying_broker_;
  std::set<std::pair<std::string, std::string>> yes_;  ///< wallet, digest
  std::size_t seen_ = 0;                               ///< messages looked at
};

}  // namespace quickpay::sim
