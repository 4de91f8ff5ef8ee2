// The words of the Vendor's suite for registration: a Vendor that its owner has register, change and leave, before a Host whose
// Probes are sent by hand.
#pragma once

#include <optional>
#include <string>

#include "conformance/suites/shopper.hpp"

namespace quickpay::conformance {

/// The Vendor under test, which has no name at first.
class Joiner {
 public:
  explicit Joiner(Session& session) : session_(session), world_(session.world()) {}

  World& world() { return world_; }
  Peer& host() { return *world_.peer(world_.cast().host); }

  /// What its owner does: `register`, `rename` or `leave`.
  IutResult<CallId> begin(const std::string& op, const std::string& name = {});
  IutResult<Outcome> finish(const IutResult<CallId>& call);
  IutResult<Outcome> does(const std::string& op, const std::string& name = {}) { return finish(begin(op, name)); }
  /// Registers before a Host that does what it should. True: it has its name.
  bool joins();
  bool renames() { return is_accepted(does("rename", "Renamed Shop")); }
  /// Takes over the name, and in profile H the key, that the Host gave it. False: it gave none.
  bool named();

  /// Begins `op`, whose request the Host keeps until it is released. Nothing: it did not come.
  std::optional<IutResult<CallId>> waits(const std::string& op, const std::string& message);
  /// Lets the Host go on.
  IutResult<Outcome> released(const IutResult<CallId>& call);

  /// The ProbeTag of its last request.
  std::string tag() const;
  /// A Probe as the Host sends it; `tag` empty: of the last request.
  Sending probe(const std::string& tag = {});

 private:
  Session& session_;
  World& world_;
};

}  // namespace quickpay::conformance
