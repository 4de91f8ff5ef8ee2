// The words of the Wallet's suite for Add Paycard: a user who adds a Paycard, and a Broker whose boxes can be opened and changed.
#pragma once

#include <optional>
#include <string>

#include "conformance/suites/shopper.hpp"

namespace quickpay::conformance {

// What a Wallet sends for it.
inline const std::string kConfirm = "ConfirmPaycard", kTake = "TakeQuestion", kAnswer = "AnswerResponse", kRemove = "RemovePaycard";

/// Adds one Paycard of the first Broker to the Wallet under test.
class Holder {
 public:
  /// `enrolment`: which of the plan.
  explicit Holder(Session& session, std::size_t enrolment = 0)
      : shopper(session), session_(session), world_(session.world()), enrolment_(enrolment) {}

  Shopper shopper;

  World& world() { return world_; }
  const EnrolmentPlan& enrolment() const { return world_.plan().enrolments.at(enrolment_); }

  /// What the user is told to do with the questions.
  struct User {
    std::string confirm = "yes";  ///< no: gives up when they come
    std::string product = {};     ///< empty: that of the plan
    std::string instead = {};     ///< not empty: answers this to whatever is asked
  };
  IutResult<CallId> begin() { return begin(User{}); }
  IutResult<CallId> begin(const User& user);
  IutResult<Outcome> finish(const IutResult<CallId>& call) { return shopper.finish(call); }
  IutResult<Outcome> add() { return finish(begin()); }
  /// All scripts cleared, the Paycard is added; true: accepted.
  bool adds();
  IutResult<Outcome> remove(const std::string& paycard);
  bool activates(const std::string& paycard) { return is_accepted(shopper.activate(paycard)); }

  /// The secret that the Broker gave last, 64 hex digits; empty if it gave none.
  std::string secret() const;

 private:
  Session& session_;
  World& world_;
  std::size_t enrolment_;
};

}  // namespace quickpay::conformance
