// What every predicate must say, as somebody knows it who sees all messages, the plan of a world and its clock, and asks no role core (L6).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/codec/codec.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/roles/documents.hpp"
#include "reference/roles/trace.hpp"
#include "reference/sim/campaign/registry.hpp"
#include "reference/sim/world.hpp"
#include "statemachines/step/step.hpp"

namespace quickpay::sim {

/// What the onlooker has learnt so far.
struct Learnt {
  using Place = std::pair<std::string, std::string>;     ///< player, key of a record
  std::map<std::string, std::set<std::string>> signatures;  ///< by player: what it signed and sent, as it is written
  std::map<std::string, msg::Order> offers;               ///< by key of the order, as the Vendor's answer had it
  std::set<std::string> tokens;                           ///< what Wallets made: written_token()
  std::map<Place, std::set<std::string>> inquired;         ///< MsgIds that a Broker has answered well
  std::map<std::pair<std::string, Place>, ledger::Record> kept;  ///< machine, place: as it was before this input
  std::map<std::pair<std::string, Place>, std::int64_t> first, began;  ///< when a record had its first step; a span of it began (ms)
  std::map<std::pair<std::string, Place>, std::int64_t> waited;  ///< of the Host's suspensions that a deadline has been given
  std::map<Place, std::string> claims;                    ///< what a Broker or Host settled under that key, as it is written
  std::map<std::string, std::int64_t> settle_by, batches;   ///< by case; by "player/broker/currency" (ms)
  std::map<std::string, std::pair<int, std::int64_t>> tries;  ///< by BatchId: how often it was sent, and when first (ms)
  std::map<std::string, std::vector<std::string>> audience;  ///< by number of a message
  std::map<std::string, std::set<std::string>> discarded;
  std::int64_t messages = 0;                              ///< that the Host took
  std::map<Place, std::string> named;                     ///< the digest that a user named last
  std::vector<std::pair<std::int64_t, std::int64_t>> suspensions;  ///< of the Host, by its own clock (ms)
  Registry registry;
};

/// A step about to be judged, and all that is known of it.
struct Sight {
  World& world;
  const Site& site;
  const std::string& liar;
  const roles::TraceLine& line;
  const Learnt& learnt;
  const roles::AnyDocument* request;   ///< that came, or that was answered; null: neither
  const roles::AnyDocument* response;  ///< that came; null: none
  bool other;  ///< the record, or what it draws from, had another step in this input

  template <class T>
  const T* asked() const { return response == nullptr ? roles::as<T>(request) : nullptr; }
  template <class T>
  const T* answered() const { return roles::as<T>(response); }
  std::int64_t now() const { return site.clock->now_ms(); }
  Learnt::Place place() const { return {site.config.id, line.key}; }
  /// A record of this player before the input; null: there was none.
  const ledger::Record* before(std::string_view machine, std::string_view key) const;
  const ledger::Record* own() const { return before(line.machine, line.key); }
  /// Whether this player is in the world in this role.
  bool plays(std::string_view role, std::string_view id) const;
  /// Whether the directory lists the key of this signature for its player, to sign and for now.
  bool lists(std::string_view player, const msg::Sig& sig) const;
  /// Whether the player signed that: a node has sent it, and no liar of these worlds signs anything but by its node.
  template <class T>
  bool signed_by(std::string_view player, std::string_view name, const codec::StructType& type, const T& value) const {
    return has_signed(player, codec::write_fragment(name, type, &value));
  }
  bool has_signed(std::string_view player, const std::string& written) const;
  /// Milliseconds between the two in which the Host was suspended, as far as it has logged that.
  std::int64_t suspended(std::int64_t from, std::int64_t to) const;
};

/// Nothing: it cannot be said of this step.
using Said = std::optional<bool>;

/// What one predicate must be.
struct Rule {
  std::string_view id;  ///< "broker.order.terms_equal"
  Said (*says)(const Sight&);
};
/// Of a deadline that the Host's suspensions put off: there were more since it was set.
Said put_off(const Sight& sight);
// By protocol; micropayment and mail together with orders.
std::vector<Rule> rules_of_orders();
std::vector<Rule> rules_of_revokes();
std::vector<Rule> rules_of_claims();
std::vector<Rule> rules_of_verdicts();
std::vector<Rule> rules_of_registration();

/// Hears of every input of a world, and says of each step that was traced what its predicates must have been. It reads messages with the codec, and records
/// as they were before; no body of a predicate is called.
class Onlooker {
 public:
  Onlooker(World& world, const std::string& liar) : world_(world), liar_(liar) {}

  void begin(const Input& input);  ///< an input comes
  void end();                      ///< and is over
  /// What the predicate must be in this step; nothing: it cannot be said.
  Said says(const Site& site, const roles::TraceLine& line, std::string_view predicate);
  /// The step is over.
  void learn(const Site& site, const roles::TraceLine& line);
  /// The record is as it is now.
  void keep(const Site& site, const std::string& machine, const std::string& key);
  /// The user of the Wallet names this digest.
  void named(const std::string& wallet, const std::string& order, const std::string& digest) { learnt_.named[{wallet, order}] = digest; }
  /// The Host's owner strikes this player off.
  void struck_off(const std::string& id) { learnt_.registry.removed.insert(id); }
  /// The Host is suspended, or goes on.
  void suspended(bool is_suspended);

  static const std::map<std::string_view, Said (*)(const Sight&)>& rules();

 private:
  void overhear();
  void overhear(const Sent& sent);
  Sight sight(const Site& site, const roles::TraceLine& line) const;

  World& world_;
  const std::string& liar_;
  Learnt learnt_;
  std::unique_ptr<roles::AnyDocument> request_, response_;
  std::set<std::pair<std::string, Learnt::Place>> stepped_;  ///< in this input
  std::size_t heard_ = 0;
  std::optional<std::int64_t> since_;  ///< the Host is suspended
};

/// A signed structure as it is written, without its signature, which is its last element.
std::string unsigned_text(const std::string& written);
/// What a token is about: it is right for nothing else.
std::string written_token(std::string_view wallet, std::string_view msg_id, std::string_view paycard, std::string_view token, const msg::OrderRef& ref);
/// The OrderRef of an order as its Vendor offered it.
msg::OrderRef ref_to(const msg::Order& order);

}  // namespace quickpay::sim
