// What the model has of a world, once by the steps that were told and once from what is really kept: both must be the same (L6).
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/roles/trace.hpp"
#include "reference/sim/campaign/deeds.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/campaign/script.hpp"
#include "reference/sim/world.hpp"
#include "statemachines/composition/table.hpp"

namespace quickpay::sim {

/// What was compared so far.
struct Abstracted {
  std::map<std::string, std::array<std::size_t, 2>> predicates;  ///< "broker.order.terms_equal" → times that it did not hold, and did
  std::map<std::string, std::array<std::size_t, 2>> recomputed;  ///< those of these that an onlooker says
  std::map<std::string, std::size_t> otherwise;  ///< predicates that are as it comes → times that they were not as usual
  std::map<std::string, std::size_t> ghosts;                     ///< "commits" → times that it was not 0
  std::map<std::string, std::size_t> effects;  ///< "broker.order.perform commit" → times that something was compared that it did
  std::size_t timers = 0, calls = 0;                             ///< that a step started, or sent

  void add(const Abstracted& other);
};

/// Follows every honest player's steps as the composition does: states, variables, timers, open calls, and the ghosts that the property
/// set observes. After each input the ledger must have the same, so that the body of an effect does what its name says in the model. A predicate must be
/// what an onlooker says of it, whoever lies; and where nobody does, also what the property set assumes of it, so that its body means what it means in the model.
///
/// Compared are ghosts that `meanings` (abstraction.cpp) gives a meaning in a ledger, predicates of which the Onlooker has a rule, and those that are assumed
/// to be as usual, or a formula over these ghosts, timers, calls, states and liars; kAsItComes names those that may be otherwise than assumed.
class Abstraction {
 public:
  /// `liar`: id of the player that is one, or empty.
  Abstraction(World& world, const Script& script, const std::string& liar);

  /// Takes in the steps since the last look. What is wrong: "L6: …", or nothing.
  std::string look(Site& site);
  Abstracted compared() const;
  Onlooker& onlooker() { return onlooker_; }

 private:
  using Place = std::pair<std::string, std::string>;  ///< player, key of a record
  using Key = std::pair<std::string, Place>;          ///< machine, place
  /// A record by the steps.
  struct Shadow {
    std::string state;
    std::vector<std::string> variables;
    std::set<std::string> timers, calls;  ///< that run; that were opened and not ended by a step
    std::set<std::string> sent, dropped;  ///< since the last look
  };
  struct Order {
    std::vector<int> ghosts;
    Place account;  ///< player, account; empty: none yet
    std::int64_t amount = 0;
  };
  /// A step, for the formulas.
  struct Scene {
    const Site& site;
    std::size_t instance;
    const statemachines::MachineTable& table;
    const roles::TraceLine& line;
    const Shadow& shadow;
    std::string digest;  ///< of the order; empty: it has none
    bool over = false;   ///< the step is taken, and not about to be
  };
  using Meaning = int (Abstraction::*)(const std::string& digest);
  struct Named {
    std::string_view ghost;
    Meaning meaning;
    bool of_all = true;  ///< false: only of micropayment
  };
  static const std::vector<Named>& meanings();

  std::string take(Site& site, const roles::TraceLine& line);
  void act(Shadow& shadow, const statemachines::EffectInfo& effect, std::string_view answered);
  bool is_compared(const Scene& scene, const statemachines::EffectInfo& effect) const;
  void watch(const Scene& scene, std::string_view effect);
  std::string look_at_predicates(const Scene& scene);
  std::optional<bool> assumed(const Scene& scene, std::size_t predicate);
  std::string look_at_record(Site& site, const Key& key);
  std::string look_at_timers(Site& site, const Key& key, const ledger::Record& record);
  std::string look_at_calls(Site& site, const Key& key);
  std::string look_at_ghosts(const std::string& digest);
  std::string look_at_account(const Place& account);

  std::string digest_of(Site& site, const std::string& machine, const std::string& key);
  std::string digest_by_key(const std::string& order_key, bool is_case);
  std::optional<std::int64_t> state(const statemachines::FormulaOp& op, const Scene& scene);
  std::optional<std::int64_t> load(const statemachines::FormulaOp& op, const Scene& scene);
  std::optional<std::int64_t> value(statemachines::FormulaCode formula, const Scene& scene);
  std::optional<std::int64_t> ghost(std::size_t index, const Scene& scene);
  std::int64_t charged(const Place& account, const std::string& except);
  Order& order(const std::string& digest);
  std::optional<ledger::Record> record(const std::string& machine, const std::string& digest);
  bool differ(const std::string& machine, const std::string& other, const std::string& digest);
  int kept(const char* machine, const char* field, const std::string& digest);

  int seen(const std::string& digest) { return differ("wallet.order", "vendor.order", digest) ? 1 : 0; }
  int confirmed(const std::string& digest) { return kept("wallet.order", "confirmed", digest); }
  int terms(const std::string& digest) { return differ("broker.order", "vendor.order", digest) ? 1 : 0; }
  int endorsed(const std::string& digest) { return kept("broker.order", "Endorsement", digest); }
  int commits(const std::string& digest) { return kept("broker.order", "commit_id", digest); }
  int debts(const std::string& digest) { return kept("broker.debt", nullptr, digest); }
  int claims(const std::string& digest) { return kept("vendor.claim", nullptr, digest); }
  /// The model counts a place to fetch them from as goods.
  int goods(const std::string& digest) { return std::max(kept("wallet.order", "goods", digest), kept("wallet.order", "Location", digest)); }
  int approval(const std::string& digest) { return kept("vendor.claim", "approval", digest); }
  int payables(const std::string& digest) { return kept("broker.debt", "commission", digest); }
  int wants(const std::string& digest);
  int meant(const std::string& digest) { return kept("vendor.revoke", "Revoke", digest); }
  int proof(const std::string& digest);
  int alien(const std::string& digest);
  int note(const std::string& digest);
  int refunds(const std::string& digest);

  World& world_;
  std::string liar_;
  bool lies_;                               ///< somebody does: what is over messages may be anything
  bool authenticated_, plain_;
  const statemachines::CompositionTable& table_;
  std::size_t held_;                        ///< number of the ghost that is an account's
  std::map<std::string, std::size_t> read_;  ///< lines of a player's trace
  std::map<Key, Shadow> shadows_;
  std::map<std::string, Order> orders_;      ///< by digest
  std::map<std::pair<std::string, std::string>, Place> places_;  ///< machine, digest
  std::set<std::string> regular_;            ///< digests
  Abstracted compared_;
  Onlooker onlooker_;
  Deeds deeds_;
};

}  // namespace quickpay::sim
