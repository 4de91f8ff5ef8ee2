// Rules for what is bought, for mail, and for the directory.
#include <algorithm>

#include "reference/crypto/hash.hpp"
#include "reference/roles/accounts.hpp"
#include "reference/roles/facts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/defects.hpp"
#include "reference/sim/campaign/onlooker.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {

namespace micro = msg::micro;
namespace regular = msg::regular;

/// What `look` says of the message at hand; nothing if it is another.
template <class T, class Look>
Said of(const T* message, Look look) {
  return message != nullptr ? Said{look(*message)} : Said{};
}

// ---------------------------------------------------------------- Vendors
template <class Get>
Said item_known(const Sight& s) {
  return of(s.asked<Get>(), [&](const auto& asked) {
    const auto& items = s.site.config.items;
    return std::any_of(items.begin(), items.end(), [&](const roles::ItemConfig& one) { return one.item == asked.body.item; });
  });
}

template <class Get>
Said broker_refused(const Sight& s) {
  return of(s.asked<Get>(), [&](const auto& asked) { return asked.body.broker && !s.plays("broker", *asked.body.broker); });
}

/// The order is the one that the Vendor offered, and who asks for it knows what its BuyerTag was made from.
Said offered(const Sight& s, const msg::OrderRef& ref, const std::optional<std::string>& secret) {
  const auto at = s.learnt.offers.find(s.line.key);
  if (at == s.learnt.offers.end()) return std::nullopt;
  if (ref_to(at->second) != ref) return false;
  if (!secret) return true;
  const msg::Buyer buyer{*secret};
  return crypto::digest("buyer", "Buyer", msg::kBuyerType, &buyer) == at->second.buyer_tag;
}

Said order_matches(const Sight& s) {
  const auto* asked = s.asked<micro::RequestOrderDelivery>();
  return asked ? offered(s, asked->body.endorsement.order_ref, asked->body.buyer_secret) : Said{};
}

Said sale_matches(const Sight& s) {
  const auto* asked = s.asked<regular::RequestOrderDelivery>();
  return asked ? offered(s, asked->body.commitment.order_ref, asked->body.buyer_secret) : Said{};
}

Said broker_of_endorsement(const Sight& s) {
  return of(s.asked<micro::RequestOrderDelivery>(), [&](const auto& asked) { return s.plays("broker", asked.body.endorsement.broker); });
}

Said broker_of_commitment(const Sight& s) {
  return of(s.asked<regular::RequestOrderDelivery>(), [&](const auto& asked) { return s.plays("broker", asked.body.commitment.broker); });
}

Said same_endorsement(const Sight& s) {
  return of(s.asked<micro::RequestOrderDelivery>(), [&](const auto& asked) {
    const auto kept = s.own() ? roles::recall<msg::Endorsement>(*s.own(), "Endorsement", msg::kEndorsementType) : std::nullopt;
    return kept && *kept == asked.body.endorsement;
  });
}

Said same_commitment(const Sight& s) {
  return of(s.asked<regular::RequestOrderDelivery>(), [&](const auto& asked) {
    const auto kept = s.own() ? roles::recall<msg::Commitment>(*s.own(), "Commitment", msg::kCommitmentType) : std::nullopt;
    return kept && *kept == asked.body.commitment;
  });
}

Said sale_key(const Sight& s) {
  return of(s.asked<regular::RequestOrderDelivery>(), [&](const auto& asked) { return s.lists(asked.body.commitment.broker, asked.body.commitment.sig); });
}

Said sale_signed(const Sight& s) {
  const auto* asked = s.asked<regular::RequestOrderDelivery>();
  return asked ? s.signed_by(asked->body.commitment.broker, "Commitment", msg::kCommitmentType, asked->body.commitment) : Said{};
}

Said claim_over(const Sight& s) {
  const auto* asked = s.asked<regular::RequestOrderDelivery>();
  const auto by = asked ? roles::parse_time(asked->body.commitment.claim_by) : std::nullopt;
  return by ? Said{s.now() / 1000 > *by / 1000} : Said{};
}

/// No Vendor of these worlds counts pieces.
Said out_of_stock(const Sight&) { return false; }

/// No Vendor of these worlds needs receipts.
Said receipt_missing(const Sight&) { return false; }

// ---------------------------------------------------------------- Brokers
template <class Inquiry>
const roles::BindingConfig* binding(const Sight& s, const Inquiry& asked) {
  const auto& all = s.site.config.bindings;
  const auto at = std::find_if(all.begin(), all.end(), [&](const roles::BindingConfig& one) { return one.wallet == asked.head.sender && one.paycard == asked.body.paycard; });
  return at == all.end() ? nullptr : &*at;
}

template <class Inquiry>
Said paycard_bound(const Sight& s) {
  return of(s.asked<Inquiry>(), [&](const auto& asked) { return binding(s, asked) != nullptr; });
}

/// An honest Wallet has made it for just this; of a lying one it is known about which orders it lies.
template <class Inquiry>
Said token_right(const Sight& s) {
  return of(s.asked<Inquiry>(), [&](const auto& asked) {
    const std::string sender = asked.head.sender.value_or("");
    const auto& body = asked.body;
    const bool forges = sender == s.liar && std::is_same_v<Inquiry, micro::InquiryPayment> && forges_token(body.order_ref.digest);
    return !forges && s.learnt.tokens.contains(written_token(sender, asked.head.msg_id, body.paycard, body.paycard_token, body.order_ref));
  });
}

template <class Inquiry>
Said currency_active(const Sight& s) {
  return of(s.asked<Inquiry>(), [](const auto& asked) { return asked.body.order_ref.currency == kCurrency; });
}

template <class Inquiry>
Said vendor_accepted(const Sight& s) {
  return of(s.asked<Inquiry>(), [&](const auto& asked) { return s.plays("vendor", asked.body.order_ref.vendor); });
}

/// In these worlds the directory knows everybody, and who is not in it does not exist.
Said entry_at_hand(const Sight&) { return true; }

template <class Inquiry>
Said same_content(const Sight& s) {
  return of(s.asked<Inquiry>(), [&](const auto& asked) {
    const auto ref = s.own() ? ref_of(*s.own()) : std::nullopt;
    return ref && *ref == asked.body.order_ref && roles::field(*s.own(), "wallet") == asked.head.sender && roles::field(*s.own(), "paycard") == asked.body.paycard;
  });
}

/// Everything that the account owes or holds by what was kept before, and this order.
template <class Inquiry>
Said funds_suffice(const Sight& s) {
  const auto* asked = s.asked<Inquiry>();
  const auto* bound = asked ? binding(s, *asked) : nullptr;
  if (bound == nullptr) return std::nullopt;
  const auto& accounts = s.site.config.accounts;
  const auto own = std::find_if(accounts.begin(), accounts.end(), [&](const roles::AccountConfig& one) { return one.account == bound->account; });
  if (own == accounts.end()) return std::nullopt;
  const ledger::Record* kept = s.before(roles::kAccountMachine, bound->account);
  const std::int64_t taken = kept ? roles::number(*kept, "held").value_or(0) + roles::number(*kept, "owed").value_or(0) : 0;
  return taken + asked->body.order_ref.amount <= own->limit;
}

Said msgid_used(const Sight& s) {
  return of(s.asked<micro::InquiryPayment>(), [&](const auto& asked) {
    const auto at = s.learnt.inquired.find(s.place());
    return at != s.learnt.inquired.end() && at->second.contains(asked.head.msg_id);
  });
}

/// No Broker of these worlds has a policy, and nobody inquires often enough to be declined for that.
Said policy_declines(const Sight&) { return false; }

Said check_is_vendors(const Sight& s) {
  return of(s.asked<micro::CheckCommit>(), [](const auto& asked) { return asked.head.sender == asked.body.order_ref.vendor; });
}

Said terms_equal(const Sight& s) {
  return of(s.asked<micro::CheckCommit>(), [&](const auto& asked) {
    const auto kept = s.own() ? roles::recall<msg::Endorsement>(*s.own(), "Endorsement", msg::kEndorsementType) : std::nullopt;
    return kept && kept->endorsement_id == asked.body.endorsement_id && kept->order_ref == asked.body.order_ref;
  });
}

Said receipt_awaited(const Sight& s) {
  const auto* asked = s.asked<micro::CheckCommit>();
  return asked && !asked->body.want_receipt ? Said{false} : Said{};
}

// ---------------------------------------------------------------- Wallets
Said digest_shown(const Sight& s) {
  const auto named = s.learnt.named.find(s.place());
  if (s.line.event != "confirm" || named == s.learnt.named.end()) return std::nullopt;
  std::string shown;
  for (const roles::UserEvent& event : s.site.user) {
    const auto digest = event.details.find("digest");
    if (event.kind == "offer" && event.order == s.line.key && digest != event.details.end()) shown = digest->second;
  }
  return named->second == shown;
}

/// Every Wallet of these worlds has one Paycard that is active.
Said paycard_authorizes(const Sight& s) {
  const auto& cards = s.site.config.paycards;
  return std::count_if(cards.begin(), cards.end(), [](const roles::PaycardConfig& one) { return one.active; }) == 1;
}

Said endorsement_right(const Sight& s) {
  const auto* given = s.answered<micro::InquiryPaymentResponse>();
  if (!given || !given->body.endorsement) return std::nullopt;
  const auto* asked = roles::as<micro::InquiryPayment>(s.request);
  return asked && given->body.endorsement->broker == asked->head.receiver && given->body.endorsement->order_ref == asked->body.order_ref;
}

Said content_inline(const Sight& s) {
  return of(s.answered<micro::RequestOrderDeliveryResponse>(), [](const auto& given) { return given.body.content.has_value(); });
}

Said location_allowed(const Sight& s) {
  const auto* given = s.answered<micro::RequestOrderDeliveryResponse>();
  const auto* asked = roles::as<micro::RequestOrderDelivery>(s.request);
  if (!given || !given->body.location || !asked) return std::nullopt;
  const auto vendor = s.world.sites().find(asked->body.endorsement.order_ref.vendor);
  return vendor != s.world.sites().end() && given->body.location->url.find("//" + vendor->second.address + ":") != std::string::npos;
}

/// Only what the Vendor signed is an offer of a regular order, and only of what was asked for.
Said sale_offer_right(const Sight& s) {
  const auto* given = s.answered<regular::GetOrderResponse>();
  const auto* asked = roles::as<regular::GetOrder>(s.request);
  if (!given || !given->body.offer || !asked) return std::nullopt;
  const msg::Order& order = given->body.offer->order;
  if (order.vendor != asked->head.receiver || order.buyer_tag != asked->body.buyer_tag) return false;
  return s.signed_by(order.vendor, "Offer", msg::kSignedOfferType, *given->body.offer);
}

Said commitment_signed(const Sight& s) {
  const auto* given = s.answered<regular::InquiryPaymentResponse>();
  const auto* asked = roles::as<regular::InquiryPayment>(s.request);
  if (!given || !given->body.commitment || !asked) return std::nullopt;
  return s.signed_by(asked->head.receiver.value_or(""), "Commitment", msg::kCommitmentType, *given->body.commitment);
}

Said commitment_right(const Sight& s) {
  const auto* given = s.answered<regular::InquiryPaymentResponse>();
  const auto* asked = roles::as<regular::InquiryPayment>(s.request);
  if (!given || !given->body.commitment || !asked) return std::nullopt;
  return given->body.commitment->broker == asked->head.receiver && given->body.commitment->order_ref == asked->body.order_ref;
}

Said receipt_right(const Sight& s) {
  const auto* given = s.answered<regular::RequestOrderDeliveryResponse>();
  const auto* asked = roles::as<regular::RequestOrderDelivery>(s.request);
  if (!given || !given->body.receipt || !asked) return std::nullopt;
  const msg::Receipt& receipt = *given->body.receipt;
  const msg::Commitment& commitment = asked->body.commitment;
  const msg::OrderRef& ref = commitment.order_ref;
  if (receipt.vendor != ref.vendor || receipt.broker != commitment.broker || receipt.order_id != ref.order_id || receipt.digest != ref.digest ||
      receipt.commit_id != commitment.commit_id)
    return false;
  return s.signed_by(ref.vendor, "Receipt", msg::kReceiptType, receipt);
}

// ---------------------------------------------------------------- the Host
const msg::OrderRef* registered(const Sight& s) {
  if (const auto* commit = s.asked<micro::RegisterCommit>()) return &commit->body.order_ref;
  if (const auto* delivery = s.asked<micro::RegisterDelivery>()) return &delivery->body.order_ref;
  if (const auto* order = s.asked<micro::RegisterOrder>()) return &order->body.order_ref;
  if (const auto* order = s.asked<regular::RegisterOrder>()) return &order->body.order_ref;
  return nullptr;
}

Said vendor_issued(const Sight& s) {
  return of(registered(s), [&](const msg::OrderRef& ref) { return s.plays("vendor", ref.vendor); });
}

Said broker_issued(const Sight& s) {
  if (const auto* commit = s.asked<micro::RegisterCommit>()) return s.plays("broker", commit->head.sender.value_or(""));
  if (const auto* delivery = s.asked<micro::RegisterDelivery>()) return s.plays("broker", delivery->body.broker);
  if (const auto* order = s.asked<micro::RegisterOrder>()) return s.plays("broker", order->body.broker);
  return of(s.asked<regular::RegisterOrder>(), [&](const auto& order) { return s.plays("broker", order.body.broker); });
}

Said delivery_is_vendors(const Sight& s) {
  return of(s.asked<micro::RegisterDelivery>(), [](const auto& asked) { return asked.head.sender == asked.body.order_ref.vendor; });
}

/// From the first step of the case on.
Said in_time(const Sight& s, const std::string& key) {
  const auto first = s.learnt.first.find({"host.case", {s.site.config.id, key}});
  if (first == s.learnt.first.end()) return std::nullopt;
  const std::int64_t passed = s.now() - first->second - s.suspended(first->second, s.now());
  return passed <= roles::spans_of(s.site.config.parameters).in_time * 1000;
}

Said case_in_time(const Sight& s) { return s.own() ? in_time(s, s.line.key) : Said{}; }
Said statement_in_time(const Sight& s) { return in_time(s, s.line.key.substr(0, s.line.key.rfind('/'))); }

Said says_received(const Sight& s) {
  return of(s.asked<micro::RegisterOrder>(), [](const auto& asked) { return !asked.body.outcome || *asked.body.outcome == msg::Outcome::received; });
}

Said evidence_fits(const Sight& s) {
  return of(s.asked<regular::RegisterOrder>(), [](const auto& asked) {
    const auto& body = asked.body;
    if (body.commitment.broker != body.broker || body.commitment.order_ref != body.order_ref) return false;
    return !body.receipt || (body.receipt->vendor == body.order_ref.vendor && body.receipt->broker == body.broker && body.receipt->order_id == body.order_ref.order_id &&
                             body.receipt->digest == body.order_ref.digest && body.receipt->commit_id == body.commitment.commit_id);
  });
}

Said has_receipt(const Sight& s) {
  return of(s.asked<regular::RegisterOrder>(), [](const auto& asked) { return asked.body.receipt.has_value(); });
}

// ---------------------------------------------------------------- mail
Said sender_removed(const Sight& s) {
  return of(s.asked<msg::comm::RegisterMessage>(), [&](const auto& asked) { return !s.world.sites().contains(asked.head.sender.value_or("")); });
}

Said quota_used(const Sight& s) {
  return of(s.asked<msg::comm::RegisterMessage>(), [&](const auto& asked) {
    const auto count = std::count_if(s.learnt.kept.begin(), s.learnt.kept.end(), [&](const auto& one) {
      return one.first.first == "host.message" && roles::field(one.second, "producer") == asked.head.sender;
    });
    return count >= roles::spans_of(s.site.config.parameters).mails_kept;
  });
}

Said has_expiry(const Sight& s) {
  return of(s.asked<msg::comm::RegisterMessage>(), [](const auto& asked) { return asked.body.expires_at.has_value(); });
}

Said nobody_left(const Sight& s) {
  const auto* asked = s.asked<msg::comm::DiscardMessages>();
  const auto named = s.learnt.audience.find(s.line.key);
  if (!asked || named == s.learnt.audience.end()) return std::nullopt;
  const auto gone = s.learnt.discarded.find(s.line.key);
  return std::all_of(named->second.begin(), named->second.end(), [&](const std::string& id) {
    return id == asked->head.sender || (gone != s.learnt.discarded.end() && gone->second.contains(id));
  });
}

Said cursor_beyond(const Sight& s) {
  return of(s.asked<msg::comm::RetrieveMessages>(), [&](const auto& asked) { return asked.body.since > s.learnt.messages; });
}

// ---------------------------------------------------------------- the directory
using msg::admin::LookupPlayer;

bool entry_there(const Sight& s, const LookupPlayer::Body& asked) {
  if (asked.id) return s.plays(msg::to_string(asked.role), *asked.id);
  const auto& all = s.world.sites();
  return asked.endpoint && asked.role == msg::PlayerRole::vendor && std::any_of(all.begin(), all.end(), [&](const auto& one) {
    return one.second.config.role == "vendor" && one.second.address == asked.endpoint->addr && asked.endpoint->port == kPort;
  });
}

Said asks_for_entry(const Sight& s) {
  return of(s.asked<LookupPlayer>(), [&](const auto& asked) { return entry_there(s, asked.body); });
}

Said asks_broker(const Sight& s) {
  return of(s.asked<LookupPlayer>(), [](const auto& asked) { return asked.body.role == msg::PlayerRole::broker; });
}

/// No Wallet of these worlds has given anybody a ticket, and there is one Host.
Said may_know(const Sight& s) {
  return of(s.asked<LookupPlayer>(), [](const auto& asked) { return asked.body.role == msg::PlayerRole::host ? asked.body.id == kHost : asked.body.role != msg::PlayerRole::wallet; });
}

}  // namespace

std::vector<Rule> rules_of_orders() {
  return {{"vendor.order.item_known", &item_known<micro::GetOrder>},
          {"vendor.order.broker_refused", &broker_refused<micro::GetOrder>},
          {"vendor.order.order_matches", &order_matches},
          {"vendor.order.broker_accepted", &broker_of_endorsement},
          {"vendor.order.broker_entry_at_hand", &broker_of_endorsement},
          {"vendor.order.same_endorsement", &same_endorsement},
          {"vendor.order.receipt_missing", &receipt_missing},
          {"vendor.sale.item_known", &item_known<regular::GetOrder>},
          {"vendor.sale.broker_refused", &broker_refused<regular::GetOrder>},
          {"vendor.sale.order_matches", &sale_matches},
          {"vendor.sale.same_commitment", &same_commitment},
          {"vendor.sale.broker_accepted", &broker_of_commitment},
          {"vendor.sale.broker_entry_at_hand", &broker_of_commitment},
          {"vendor.sale.commitment_key_right", &sale_key},
          {"vendor.sale.commitment_signed", &sale_signed},
          {"vendor.sale.claim_over", &claim_over},
          {"vendor.sale.out_of_stock", &out_of_stock},
          {"broker.order.paycard_bound", &paycard_bound<micro::InquiryPayment>},
          {"broker.order.token_right", &token_right<micro::InquiryPayment>},
          {"broker.order.currency_active", &currency_active<micro::InquiryPayment>},
          {"broker.order.vendor_entry_at_hand", &entry_at_hand},
          {"broker.order.vendor_accepted", &vendor_accepted<micro::InquiryPayment>},
          {"broker.order.same_content", &same_content<micro::InquiryPayment>},
          {"broker.order.msgid_used", &msgid_used},
          {"broker.order.policy_declines", &policy_declines},
          {"broker.order.funds_suffice", &funds_suffice<micro::InquiryPayment>},
          {"broker.order.sender_is_vendor", &check_is_vendors},
          {"broker.order.terms_equal", &terms_equal},
          {"broker.order.receipt_awaited", &receipt_awaited},
          {"broker.commitment.paycard_bound", &paycard_bound<regular::InquiryPayment>},
          {"broker.commitment.token_right", &token_right<regular::InquiryPayment>},
          {"broker.commitment.currency_active", &currency_active<regular::InquiryPayment>},
          {"broker.commitment.vendor_entry_at_hand", &entry_at_hand},
          {"broker.commitment.vendor_accepted", &vendor_accepted<regular::InquiryPayment>},
          {"broker.commitment.same_content", &same_content<regular::InquiryPayment>},
          {"broker.commitment.policy_declines", &policy_declines},
          {"broker.commitment.funds_suffice", &funds_suffice<regular::InquiryPayment>},
          {"wallet.order.digest_shown", &digest_shown},
          {"wallet.order.paycard_authorizes", &paycard_authorizes},
          {"wallet.order.endorsement_right", &endorsement_right},
          {"wallet.order.content_inline", &content_inline},
          {"wallet.order.location_allowed", &location_allowed},
          {"wallet.purchase.digest_shown", &digest_shown},
          {"wallet.purchase.paycard_authorizes", &paycard_authorizes},
          {"wallet.purchase.offer_right", &sale_offer_right},
          {"wallet.purchase.commitment_signed", &commitment_signed},
          {"wallet.purchase.commitment_right", &commitment_right},
          {"wallet.purchase.receipt_right", &receipt_right},
          {"host.case.vendor_issued", &vendor_issued},
          {"host.case.broker_issued", &broker_issued},
          {"host.case.sender_is_vendor", &delivery_is_vendors},
          {"host.case.in_time", &case_in_time},
          {"host.statement.says_received", &says_received},
          {"host.statement.in_time", &statement_in_time},
          {"host.purchase.vendor_issued", &vendor_issued},
          {"host.purchase.broker_issued", &broker_issued},
          {"host.purchase.evidence_fits", &evidence_fits},
          {"host.purchase.has_receipt", &has_receipt},
          {"host.message.sender_removed", &sender_removed},
          {"host.message.quota_used", &quota_used},
          {"host.message.has_expiry", &has_expiry},
          {"host.message.nobody_left", &nobody_left},
          {"host.mailbox.cursor_beyond", &cursor_beyond},
          {"host.directory.may_know", &may_know},
          {"host.directory.asks_broker", &asks_broker},
          {"host.directory.entry_there", &asks_for_entry}};
}

}  // namespace quickpay::sim
