// The words of revoke, whoever is under test: orders that the suite takes back for a Vendor, notices that it registers for a
// Broker, what the Host says of them, and contests.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/claimant.hpp"
#include "conformance/suites/define.hpp"
#include "conformance/suites/regular.hpp"

namespace quickpay::conformance {

/// A Claim with the answer to it.
struct Batch {
  Element claim;
  Reply reply;
  const Element* settlement() const { return at(reply.document, "Body/Settlement"); }
};

class Revoker {
 public:
  explicit Revoker(Session& session) : session_(session), world_(session.world()), trade_(session) {}

  Session& session() { return session_; }
  World& world() { return world_; }
  RegularTrade& trade() { return trade_; }

  /// The Vendor's word that it takes the order back, not signed.
  Element revoke(const Promised& order);
  /// Signs it for the Vendor of its OrderRef.
  Element by_vendor(Element revoke);

  // ---- the Broker is under test
  /// A request of the first Vendor.
  Sending revoking(Element revoke);
  /// The order taken back, signed or not.
  Reply revokes(const Promised& order, bool with_signature = true);
  /// A new order, taken back with a signature; true: that was final.
  bool takes_back();
  /// An order that was committed and settled.
  struct Settled {
    Promised order;
    std::int64_t commission = 0;
  };
  std::optional<Settled> settled(std::int64_t amount = 400);
  Batch claims(const std::vector<Promised>& orders, std::vector<Element> approvals = {});
  /// What the Broker says of the order when it is claimed: "accepted", a code, or why there is no word.
  std::string claimed(const Promised& order);
  /// The Host answers its notices so from now on: "open", "standing" or "void".
  void host_says(const std::string& standing);
  /// A notice was answered, from `from` on, and the Broker is quiet again.
  bool notice_answered(std::size_t from);
  /// The notices that the Broker sent, from `from` on.
  std::vector<Element> notices(std::size_t from) const;

  // ---- the Host is under test
  /// A notice of the first Broker that embeds this Revoke, or only names it.
  Sending notice(const Element& revoke, bool embedded = true);
  /// An order that nobody registered, and the Vendor's word on it.
  struct Back {
    Promised order;
    Element revoke;  ///< not signed
  };
  Back back(std::int64_t amount = 125);
  /// "1 open" of an answer to a notice, CaseNo and RevokeState; otherwise why there is none.
  static std::string word_on_notice(const Reply& reply);
  /// RevokeState alone.
  static std::string standing(const Reply& reply);
  /// A HostCase of the first Vendor that contests a revoke of the order, with nothing of the Broker, not signed.
  Element contest(const Promised& order);
  /// A HostCase about the order, which the Broker refused with this code, with or without Contest, not signed.
  Element dispute(const Promised& order, const std::string& code, bool contests);
  /// Brings the case; the verdict, or why there is none.
  std::string heard(const Element& host_case);
  bool registers();

 private:
  Session& session_;
  World& world_;
  RegularTrade trade_;
};

/// What is wrong with an answer to RevokeOrder: one English phrase; nothing if all is right. `first`: the Revoke that counts.
/// `state`: "final" or "pending".
std::optional<std::string> fault_of_answer(World& world, const Reply& reply, const Element& first, const std::string& effect,
                                           const std::string& state);
/// What is wrong with a notice of a revoke: `first` gave it its RevokeId, `counts` is embedded.
std::optional<std::string> fault_of_notice(const Element& notice, const Element& first, const Element& counts,
                                           std::int64_t commission);
/// Revokes take back what was committed and undo what was settled: a scenario about them ends here where that cannot be, since
/// the implementation does not claim `regular` or `settlement`, or the fixture has no keys.
bool nothing_to_revoke(Session& session);

}  // namespace quickpay::conformance
