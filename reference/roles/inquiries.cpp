#include "reference/roles/inquiries.hpp"

#include <algorithm>

#include "reference/crypto/encoding.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/roles/fields.hpp"

namespace quickpay::roles {
namespace {

template <class Message>
std::optional<Inquiry> view(const Message* message) {
  if (!message || !message->head.sender) return std::nullopt;
  return Inquiry{*message->head.sender, message->head.msg_id, message->body.paycard, message->body.paycard_token,
                 &message->body.order_ref};
}

}  // namespace

std::optional<Inquiry> Inquiry::of(const AnyDocument* message) {
  if (const auto micro = view(as<msg::micro::InquiryPayment>(message))) return micro;
  return view(as<msg::regular::InquiryPayment>(message));
}

const BindingConfig* Inquiries::binding(std::string_view wallet, std::string_view paycard) {
  const auto& configured = facts_.config.bindings;
  const auto at = std::find_if(configured.begin(), configured.end(),
                               [&](const BindingConfig& b) { return b.paycard == paycard && b.wallet == wallet; });
  const BindingConfig* bound = at != configured.end() ? &*at : bound_by_protocol(paycard);
  if (!bound || bound->wallet != wallet) return nullptr;
  return store_.find(kBlockedMachine, paycard) ? nullptr : bound;
}

/// The configuration gives no more than the issue code; what was bound by it is in the ledger.
const BindingConfig* Inquiries::bound_by_protocol(std::string_view paycard) {
  const auto record = store_.find(kBindingMachine, paycard);
  const auto secret = record ? crypto::from_hex(field(*record, "secret")) : std::nullopt;
  if (!secret) return nullptr;
  added_ = {std::string(field(*record, "wallet")), std::string(paycard), std::string(field(*record, "account")), *secret,
            paycard::scheme_of(field(*record, "scheme")).value_or(paycard::Scheme::plain)};
  return &added_;
}

std::optional<Account> Inquiries::account_of(const Inquiry& inquiry) {
  const BindingConfig* bound = binding(inquiry);
  return bound ? accounts_.find(bound->account) : std::nullopt;
}

bool Inquiries::token_right(const Inquiry& inquiry) {
  const BindingConfig* bound = binding(inquiry);
  const msg::Token token{std::string(inquiry.wallet), std::string(inquiry.paycard), std::string(inquiry.msg_id),
                         *inquiry.ref};
  return bound && paycard::check_token(bound->secret, token, inquiry.token, bound->scheme);
}

bool Inquiries::currency_active(const Inquiry& inquiry) {
  const auto account = account_of(inquiry);
  return facts_.currency_active(inquiry.ref->currency) && (!account || account->currency == inquiry.ref->currency);
}

Lookup Inquiries::vendor_of(const Inquiry& inquiry) const { return facts_.directory.find(inquiry.ref->vendor); }

bool Inquiries::vendor_accepted(const Inquiry& inquiry) const {
  const Lookup vendor = vendor_of(inquiry);
  return vendor.found == Found::known && vendor.player->role == "vendor" && vendor.player->accepted;
}

bool Inquiries::same_content(const Inquiry& inquiry, const ledger::Record& record) const {
  const auto kept = recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType);
  return kept && *kept == *inquiry.ref && field(record, "wallet") == inquiry.wallet &&
         field(record, "paycard") == inquiry.paycard;
}

bool Inquiries::policy_declines(const Inquiry& inquiry) {
  const NodeConfig& config = facts_.config;
  if (config.decline_above && inquiry.ref->amount > *config.decline_above) return true;
  const auto account = account_of(inquiry);
  return account && config.max_open && account->open >= *config.max_open;
}

bool Inquiries::funds_suffice(const Inquiry& inquiry) {
  const auto account = account_of(inquiry);
  return account && accounts_.suffices(*account, inquiry.ref->amount);
}

std::string Inquiries::take_over(const Inquiry& inquiry, ledger::Record& record) {
  const BindingConfig* bound = binding(inquiry);
  if (!bound) return {};
  keep(record, "OrderRef", msg::kOrderRefType, *inquiry.ref);
  record.fields["wallet"] = inquiry.wallet;
  record.fields["paycard"] = inquiry.paycard;
  record.fields["account"] = bound->account;
  return bound->account;
}

}  // namespace quickpay::roles
