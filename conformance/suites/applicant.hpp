// The words of the Broker's suite for Add Paycard: a Wallet with a Paycard that seals what it asks and opens what it gets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "conformance/suites/define.hpp"

namespace quickpay::conformance {

/// Adds one Paycard of the Broker under test.
class Applicant {
 public:
  /// `wallet` empty: the first one. `enrolment`: which of the plan.
  explicit Applicant(Session& session, std::string wallet = {}, std::size_t enrolment = 0);

  World& world() { return world_; }
  const EnrolmentPlan& enrolment() const { return world_.plan().enrolments.at(enrolment_); }

  std::string session_id;
  std::vector<Element> questions;
  std::string secret;  ///< of the Paycard, 64 hex digits

  /// Inner documents as they have to be.
  Element confirmation();
  Element taking();
  Element answering();

  /// A request of that message with the inner document in it.
  Sending sealed(const std::string& message, const Element& inner);
  Sending sealed_bytes(const std::string& message, const std::string& inner);
  /// Sends it and takes what comes over, if it is QP-OK and opens.
  Reply ask(const std::string& message, const Element& inner);
  /// Takes over what an answer to the request that it sealed says.
  void heard(const std::string& message, const Reply& reply);

  Reply confirm() { return ask("ConfirmPaycard", confirmation()); }
  Reply confirm_with(const std::string& code);
  Reply take() { return ask("TakeQuestion", taking()); }
  Reply answer() { return ask("AnswerResponse", answering()); }
  /// Takes questions and answers them wrongly.
  Reply fail();
  /// Wrong answers until the Paycard is locked. False: it is not.
  bool lock();
  /// Names wrong codes until the Wallet is locked. False: it is not.
  bool lock_out();
  /// The whole way. The last reply.
  Reply add();
  bool adds() { return add().ok(); }

  /// Another Wallet that knows the session and the questions of this one.
  Applicant as(const std::string& wallet) const;

  /// A removal with the token that a secret makes (64 hex digits).
  Sending removal(const std::string& with_secret);
  Reply remove(const std::string& with_secret) { return world_.send(removal(with_secret)); }

 private:
  std::string right_answer(const std::string& prompt) const;
  void take_over(const std::string& message, const Element& told);

  Session& session_;
  World& world_;
  std::string wallet_;
  std::size_t enrolment_;
  std::string reply_key_;  ///< raw bytes
};

}  // namespace quickpay::conformance
