// Where a deliberately broken implementation may differ from a node. No production program has one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "statemachines/step/step.hpp"

namespace quickpay::roles {

struct Answer;
struct OutgoingCall;

/// The few points at which a broken implementation deviates. Every default changes nothing.
class Deviation {
 public:
  virtual ~Deviation() = default;

  /// Sees a request before it is processed.
  virtual void see_request(std::string_view path, std::string_view body) {
    static_cast<void>(path), static_cast<void>(body);
  }
  /// Replaces the value of a predicate.
  virtual bool override_predicate(std::string_view machine, std::string_view predicate, bool value) {
    static_cast<void>(machine), static_cast<void>(predicate);
    return value;
  }
  /// Changes the effects of a step before they are executed.
  virtual void override_effects(const statemachines::MachineTable& table, std::string_view row,
                                std::vector<statemachines::EffectId>& effects) {
    static_cast<void>(table), static_cast<void>(row), static_cast<void>(effects);
  }
  /// Leaves out a step of the processing order (5..14).
  virtual bool skip_step(int step, std::string_view path) {
    static_cast<void>(step), static_cast<void>(path);
    return false;
  }
  /// Changes a request on its way out; the ledger keeps the right one. False: it is not sent.
  virtual bool rewrite_outgoing(OutgoingCall& call) {
    static_cast<void>(call);
    return true;
  }
  /// Changes an answer on its way out; the ledger keeps the right one. False: it is not sent.
  virtual bool rewrite_answer(std::string_view path, Answer& answer) {
    static_cast<void>(path), static_cast<void>(answer);
    return true;
  }
  /// The secret that a Broker gives a Paycard, or the key that a Host gives a player, 64 hex digits, instead of the fresh one.
  virtual std::string override_secret(std::string secret) { return secret; }
  /// The address that a request is taken to come from.
  virtual std::string override_address(std::string_view address) { return std::string(address); }
};

}  // namespace quickpay::roles
