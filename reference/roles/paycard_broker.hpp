// Add Paycard at a Broker: who may name issue codes, sessions with their questions, and which Wallet has which Paycard.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reference/roles/inquiries.hpp"
#include "reference/roles/parts.hpp"
#include "reference/roles/seals.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kSessionMachine = "paycard.session";  ///< records: which session is of which Paycard

/// What both machines ask of the configuration and the ledger. Owns nothing.
class PaycardDesk {
 public:
  explicit PaycardDesk(Stage& stage) : stage_(stage) {}

  const EnrolmentConfig* by_code(std::string_view issue_code) const;
  const EnrolmentConfig* by_paycard(std::string_view paycard) const;
  bool file_issued(const msg::ConfirmPaycardInner& asked) const;
  /// Whether the code leads to a Paycard that this Wallet may still get.
  bool code_good(std::string_view issue_code, std::string_view wallet);
  /// The Paycard whose last session, given to this Wallet, is named in the request; empty if there is none.
  std::string paycard_of_session(const Request& request);

 private:
  Stage& stage_;
};

/// The machine broker.applicant.
class BrokerApplicant : public Actor {
 public:
  explicit BrokerApplicant(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}
  std::string port_key(std::string_view port, const Turn& turn) override;

 private:
  bool wallet_fits(const Turn& turn) const;

  PaycardDesk desk_;
};

/// The machine broker.paycard.
class BrokerPaycard : public Actor {
 public:
  explicit BrokerPaycard(Stage& stage);

  bool holds(std::uint8_t predicate, const Turn& turn) override;
  void apply(statemachines::EffectId effect, Turn& turn) override;
  void fill(const ledger::Record&, const AnyDocument*, AnyDocument&) override {}

 private:
  bool key_good(const Turn& turn) const;
  bool answers_right(const Turn& turn) const;
  bool token_right(const Turn& turn);
  const BindingConfig* bound(const Turn& turn);

  void open_session(Turn& turn);
  void pose_questions(Turn& turn);
  void end_session(Turn& turn);
  void bind(Turn& turn);
  void unbind(Turn& turn);

  void answer(Turn& turn);
  std::optional<msg::Boxed> box_for(const Turn& turn, const msg::Head& head) const;
  msg::ConfirmPaycardResponseInner session_opened(const Turn& turn) const;
  msg::TakeQuestionResponseInner questions_posed(const Turn& turn) const;
  msg::AnswerResponseResponseInner paycard_given(const Turn& turn) const;

  PaycardDesk desk_;
  Inquiries inquiries_;
  Seals seals_;
};

/// The Broker's part of the protocol paycard.
class BrokerPaycards : public Part {
 public:
  explicit BrokerPaycards(Stage& stage) : stage_(stage), applicants_(stage), paycards_(stage) {}

  bool serve(Request& request) override;

 private:
  Stage& stage_;
  BrokerApplicant applicants_;
  BrokerPaycard paycards_;
};

}  // namespace quickpay::roles
