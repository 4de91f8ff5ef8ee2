// The words of the Host's suite for registration: Vendors, Wallets and Brokers that come, change and leave, and what the Host
// then says of them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "conformance/suites/rights.hpp"

namespace quickpay::conformance {

/// A key that somebody brings along, with the proof that it has the private part.
struct BroughtKey {
  std::string name = "newcomer";  ///< of a test key
  std::string usage = {};         ///< empty: of a Vendor, who says no usage
  std::string purpose = "key-proof";
  std::int64_t from_s = -86400;  ///< from now
  std::int64_t to_s = 86400LL * 365;
  std::function<void(Element&)> change = {};  ///< before it is signed
  std::string signer = {};                    ///< empty: the key itself
};
/// `bound`: the ProbeTag or Nonce of its request; an element without a name: it has none.
Element brought(World& world, const BroughtKey& key, Element bound);
/// The Host under test lists this key of a player from now on. `name`: of the test key.
void list_key(World& world, const std::string& id, const Element& key, const std::string& name);

/// The request with an inner document for the Host under test.
Element sealed_to_host(Session& session, Element request, const std::string& bytes);
/// 64 hex digits that nobody had.
std::string fresh_key(Session& session);
/// What the Host's answer to `sending` holds; an element without a name if it does not open.
Element told_in(const World& world, const Sending& sending, const Reply& reply);

/// A Vendor at the Host under test.
class NewVendor {
 public:
  /// Listens at a place of the plan, and is no player yet.
  explicit NewVendor(Session& session, std::string place = kNewVendor);
  /// One that the Host's owner has listed.
  static NewVendor of_the_owner(Session& session, const std::string& id);
  void speak_for(const std::string& listed) { place = id = listed; }

  std::string place;  ///< a player of the plan: where it listens first
  std::string id;     ///< empty: it has none
  std::string name;   ///< empty: it says none
  std::string secret, tag;
  bool brings_key = false;

  World& world() { return world_; }
  Element endpoint(const std::string& at) const;
  /// A new registration, under a new secret, with its key and what is sealed.
  Sending registration() { return registration(BroughtKey{}); }
  Sending registration(const BroughtKey& key);
  /// A new change, under a new secret. `places` are players of the plan, or Endpoint elements.
  Sending change(const std::vector<std::string>& places, const std::string& new_name = {});
  Sending change_to(std::vector<Element> endpoints, const std::string& new_name = {});
  Sending leaving();

  /// What answers the next Probe there; empty: at its place.
  void at(const std::string& where, Act act, int times = 1);
  /// The right answer to every Probe there.
  void shows(const std::string& where = {});
  Act right_answer(bool held = false) const;
  Act wrong_answer(bool other_nonce) const;
  /// Waits for a Probe of the Host that came after `from`. False: none came.
  bool probed(std::size_t from = 0);

  /// The whole way: registers and shows where it listens. The Host's answer.
  Reply registers();
  bool joins() { return registers().ok(); }
  /// The whole way of a change, and of leaving.
  Reply moves(const std::vector<std::string>& places, const std::string& new_name = {});
  Reply leaves();

  /// The Host said QP-OK: so it is from now on.
  void joined(const Reply& reply);
  void moved(const std::vector<std::string>& places, const std::string& new_name = {});
  void left();

 private:
  void choose_secret();
  Session& session_;
  World& world_;
  std::string reply_key_;  ///< 64 hex digits
  Element brought_;        ///< the key of the last registration
};

/// A Wallet at the Host under test.
class NewWallet {
 public:
  explicit NewWallet(Session& session, std::string place = kNewWallet);
  static NewWallet of_the_owner(Session& session, const std::string& id);
  void speak_for(const std::string& listed);

  std::string place, id, ticket;
  World& world() { return world_; }
  Element net(const std::string& address, const std::string& prefix = "32") const;
  /// What is sealed in a registration, and in a change.
  Element inner() const;
  Element inner_with(const BroughtKey& key);
  Element change() const;
  Sending sealed(const std::string& message, const std::string& bytes);
  Sending registration(const Element& inner) { return sealed("RegisterWallet", to_xml(inner)); }
  Sending update(const Element& inner) { return sealed("UpdateWallet", to_xml(inner)); }
  Sending leaving();
  /// Sends it, and takes over what a QP-OK says.
  Reply registers() { return registers(inner()); }
  Reply registers(const Element& inner);
  bool joins() { return registers().ok(); }
  Reply updates(const Element& inner);
  Reply leaves();

  /// The Host said QP-OK to that request, which had this inside: so it is from now on.
  void joined(const Sending& sending, const Element& inner, const Reply& reply);
  void updated(const Sending& sending, const Element& inner, const Reply& reply);
  void left();

 private:
  Session& session_;
  World& world_;
};

/// A Broker at the Host under test.
class NewBroker {
 public:
  explicit NewBroker(Session& session, std::string place = kNewBroker);
  static NewBroker of_the_owner(Session& session, const std::string& id);
  void speak_for(const std::string& listed) { place = id = listed; }

  std::string place, id, code;
  Element last_change;  ///< that the Host took, with its signature
  World& world() { return world_; }
  std::vector<BroughtKey> keys;
  Element inner();
  Sending registration(const Element& inner);
  Reply registers() { return registers(inner()); }
  Reply registers(const Element& inner);
  bool joins() { return registers().ok(); }

  /// The Host said QP-OK to that request, which had this inside; to this change, with its signature: so it is from now on.
  void joined(const Sending& sending, const Element& inner, const Reply& reply);
  void changed(const Element& change);

  /// A change of this moment, unsigned; `offset_s`: of another moment.
  Element change(const std::string& name, std::int64_t offset_s = 0);
  /// Signed with its own key.
  Element signed_change(Element change);
  Sending update(const Element& change);
  /// A change of the name that the Host takes.
  Reply renames(const std::string& name, std::int64_t offset_s = 0);
  /// This change, with its own signature; what the Host takes is so from now on.
  Reply changes(Element change);

 private:
  Session& session_;
  World& world_;
};

/// What the Host says of a player.
Reply looked_up(Session& session, const std::string& role, const std::string& id, const std::string& ticket = {});
/// The check that judge_listed() judges, as `<check>.listed`.
inline Also also_listed(const char* title) { return {".listed", title, {"QP-ROLE-009", "QP-ADM-013"}}; }
/// The check: the Host's entry of the player is signed, and says what the plan says. Not applicable where the Host serves no
/// look-ups.
void judge_listed(Session& session, const std::string& check, const std::string& id, const std::string& ticket = {});
/// The same as a condition; true where the Host serves no look-ups.
bool is_listed(Session& session, const std::string& id, const std::string& ticket = {});
/// The check: the Host gives no entry.
void judge_unlisted(Session& session, const std::string& check, const std::string& role, const std::string& id,
                    const std::string& ticket);

/// The Host's owner lists one that registered as removed, or a Broker as suspended or not. False: it cannot.
bool remove_by_owner(World& world, const std::string& id);
bool suspend_by_owner(World& world, const std::string& id, bool suspended = true);
/// A plain transaction: somebody else becomes a Wallet.
bool registers_another(Session& session);
/// An entry is a Probe of the Host.
inline bool is_probe(const Entry& entry) {
  return entry.kind == EntryKind::request && entry.by_iut && entry.message == "Probe";
}

}  // namespace quickpay::conformance
