// The vote of Broker, Vendor and Wallet on a disputed order, as a function of the evidence at the Host.
#pragma once

#include <cstdint>
#include <string_view>

namespace quickpay::roles {

/// What a party says when it is asked about an order in dispute.
enum class Stand : std::uint8_t { yes, no, silent };

/// How votes become a decision. The specification's rule is `anchored`; `literal` is the majority taken word by word,
/// kept so that its counter-example can be shown.
enum class Policy : std::uint8_t { anchored, literal };

/// All that the Host knows about one order in dispute (QP-BS-011).
struct Evidence {
  bool commit = false;     ///< the Broker registered the commitment in time
  bool delivery = false;   ///< the Vendor registered the delivery in time
  bool order = false;      ///< the Wallet that the commitment names registered the reception in time
  Stand broker = Stand::silent;
  Stand vendor = Stand::silent;
  Stand wallet = Stand::silent;
  bool proof = false;      ///< the claim carries proof that the Broker committed
  bool suspended = false;  ///< the Host was suspended while registrations were due
  bool revoked = false;    ///< the order was revoked, and that stands
};

/// What one party's registration and statement together count for.
enum class Ballot : std::uint8_t { yes, no, abstain };

/// The effective votes of the three (QP-ADD-08): a statement against the speaker's own interest counts whenever it is
/// made, one in his own interest only if it was registered in time, or if the Host itself was the obstacle.
struct Ballots {
  Ballot broker;
  Ballot vendor;
  Ballot wallet;
};
Ballots ballots(const Evidence& evidence);

enum class Ruling : std::uint8_t {
  approve,   ///< the order is payable
  reject,    ///< it is not; final
  pending,   ///< it is open until somebody's statement or the end of the window
  no_claim,  ///< the Vendor claims nothing
};

/// Whose statement a pending case waits for.
enum class Awaited : std::uint8_t { nobody, broker, wallet };

struct Vote {
  Ruling ruling;
  std::string_view code;  ///< QP-OK of an approval, else why not; of a pending case, why not if nobody says anything more
  Awaited awaited = Awaited::nobody;
};

/// The decision that the evidence at hand allows (QP-BS-010, QP-ADD-08). Total: every evidence has one. Nothing that
/// is said later undoes an approval; a rejection is final because the case ends with it.
Vote vote(const Evidence& evidence, Policy policy = Policy::anchored);

/// The decision when the window for statements closes: who said nothing abstains, and a pending case is rejected.
Vote closed(Vote vote);

}  // namespace quickpay::roles
