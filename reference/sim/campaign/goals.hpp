// The goals of the protocol as what can be seen in ledgers and on the network of a simulated world.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "reference/sim/world.hpp"

namespace quickpay::sim {

/// Which goals are looked at, and which cannot be seen here:
///  G1 agreement, G2 one order a commitment, G3 no double charge, G4 final payment: as far as the claim, and in worlds that settle
///  to the money, G5 no forged commitment, G6 no debit without the user's yes, G7 the limit, G8 and G9 what Vendors and the Host may
///  not learn, G10 as far as Paycard tokens, G12 verdicts that follow from the Host's log, G13 delivery without the Host, G15 what
///  is promised, paid and received is the same. Not here: G14, which postbox.hpp and play.cpp look at; G11 and G16 concern protocols whose
///  roles are not built in; G17 is no goal.
/// A goal is promised to honest players: what a liar's own ledger says is not looked at.
class Goals {
 public:
  /// `liar`: id of the player that is one, or empty.
  Goals(World& world, std::string liar) : world_(world), liar_(std::move(liar)) {}

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
  std::string look_at_host(Site& host);
  const ledger::Record* find(std::vector<ledger::Record>& records, const std::string& digest) const;

  World& world_;
  std::string liar_;
  std::set<std::pair<std::string, std::string>> yes_;  ///< wallet, digest
  std::size_t seen_ = 0;                               ///< messages looked at
};

}  // namespace quickpay::sim
