// What a Broker asks of an InquiryPayment of either scenario before it binds money.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "reference/roles/accounts.hpp"
#include "reference/roles/documents.hpp"

namespace quickpay::roles {

inline constexpr std::string_view kBlockedMachine = "paycard.blocked";  ///< records of Paycards that pay nothing
inline constexpr std::string_view kRemovedState = "REMOVED";  ///< of such a record: for ever, and not by the operator
inline constexpr std::string_view kBindingMachine = "paycard.binding";  ///< records of what Add Paycard bound

/// An InquiryPayment of micropayment or regular payment. Views into the message.
struct Inquiry {
  std::string_view wallet;
  std::string_view msg_id;
  std::string_view paycard;
  std::string_view token;
  const msg::OrderRef* ref = nullptr;

  /// The inquiry that `message` is; nothing if it is none.
  static std::optional<Inquiry> of(const AnyDocument* message);
};

/// The questions of a Broker about an inquiry. Owns nothing.
class Inquiries {
 public:
  Inquiries(Facts& facts, Store& store) : facts_(facts), store_(store), accounts_(facts, store) {}

  /// The Paycard that pays, or null if it is not bound to the Wallet or is blocked (QP-PAY-005). Valid until the next
  /// question.
  const BindingConfig* binding(const Inquiry& inquiry) { return binding(inquiry.wallet, inquiry.paycard); }
  const BindingConfig* binding(std::string_view wallet, std::string_view paycard);
  bool token_right(const Inquiry& inquiry);
  bool currency_active(const Inquiry& inquiry);
  Lookup vendor_of(const Inquiry& inquiry) const;
  bool vendor_accepted(const Inquiry& inquiry) const;
  /// Whether OrderRef, Wallet and Paycard are those of the order's record.
  bool same_content(const Inquiry& inquiry, const ledger::Record& record) const;
  /// Whether the amount is above what this Broker pays, or its account has too many open endorsements.
  bool policy_declines(const Inquiry& inquiry);
  bool funds_suffice(const Inquiry& inquiry);
  /// Keeps OrderRef, Wallet, Paycard and account in the record; the account, empty if the Paycard is not bound.
  std::string take_over(const Inquiry& inquiry, ledger::Record& record);
  Accounts& accounts() { return accounts_; }

 private:
  std::optional<Account> account_of(const Inquiry& inquiry);

  const BindingConfig* bound_by_protocol(std::string_view paycard);

  Facts& facts_;
  Store& store_;
  Accounts accounts_;
  BindingConfig added_;  ///< the binding of Add Paycard that was asked for last
};

}  // namespace quickpay::roles
