// The words of the suites for registration at Brokers, Vendors and Wallets: an implementation whose owner has it register, change
// and leave, before a Host whose Probes are sent by hand.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/rights.hpp"
#include "conformance/suites/shopper.hpp"

namespace quickpay::conformance {

/// The implementation under test, which has no name at first.
class Joiner {
 public:
  explicit Joiner(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  Peer& host() { return *world_.peer(world_.cast().host); }

  /// What its owner does: `register`, `rename` (of a Wallet `rebind`) or `leave`.
  IutResult<CallId> begin(const std::string& op);
  IutResult<Outcome> finish(const IutResult<CallId>& call);
  IutResult<Outcome> does(const std::string& op) { return finish(begin(op)); }
  /// Registers before a Host that does what it should. True: it has its name.
  bool joins();
  bool changes() { return is_accepted(does(changing())); }
  /// Takes over the name, and in profile H the key, that the Host gave it. False: it gave none.
  bool named();

  /// Begins `op`, whose request the Host keeps until it is released. Nothing: it did not come.
  std::optional<IutResult<CallId>> waits(const std::string& op);
  /// Lets the Host go on.
  IutResult<Outcome> released(const IutResult<CallId>& call);

  /// The operation that changes what the Host knows of it.
  std::string changing() const;
  /// The message of an operation.
  std::string message_of(const std::string& op) const;
  const std::string& role() const { return world_.plan().role; }

  /// The ProbeTag of its last request.
  std::string tag() const;
  /// A Probe as the Host sends it; `tag` empty: of the last request.
  Sending probe(const std::string& tag = {});

 private:
  Session& session_;
  World& world_;
};

/// The message of an operation of a player of this role: "RegisterVendor" of `register`, "UnregisterVendor" of `leave`, and
/// "UpdateVendor" of `rename` and `rebind`.
std::string joining_message(const std::string& role, const std::string& op);
/// The operation that changes what the Host knows of a player of this role.
std::string changing_of(const std::string& role);

/// Registers, and judges that it came to a name; true: an owner can go on. False: the session is at its end.
bool judge_entered(Session& session, Joiner& joiner, const std::string& check);

/// What a player does that registers itself, whatever the Host says, as far as it is the same of all of them.
struct Joining {
  std::string role;
  const char* changes;             ///< title: what its change is
  std::vector<std::string> comes;  ///< requirements of who enters
  std::string refusal;             ///< code of a registration that is refused
  std::string change_refusal;      ///< and of a change
  bool change_gone = true;         ///< a change can be answered QP-E-GONE
  // rows of its machine, `F<n>`: those of a right course, behind each of which are those of what else the Host can say
  int register_row = 1;
  int enters_row = 4;
  int change_row = 6;
  int leave_row = 10;              ///< 0: no message removes it
};
/// Scenarios whose ids are the same of every role; a change is called after the operation of the adapter.
std::vector<Right> joining_rights(const Joining& joining);

}  // namespace quickpay::conformance
