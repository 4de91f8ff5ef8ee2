#include "conformance/suites/payer.hpp"

#include <utility>

#include "conformance/peers/marks.hpp"

namespace quickpay::conformance {

Element Payer::order(std::int64_t amount, std::int64_t life) {
  OrderFacts facts;
  facts.vendor = world_.cast().vendor;
  facts.order_id = "order-" + session_.random().hex(16);
  facts.amount = amount;
  facts.currency = world_.plan().currencies.empty() ? "USD" : world_.plan().currencies.front();
  facts.expires = world_.now_text(life);
  return marked_ref(session_.run(), order_ref(facts));
}

const PaycardPlan* Payer::card() const { return world_.plan().paycard_of(world_.cast().wallet, world_.iut()); }
const PaycardPlan* Payer::other_card() const {
  return world_.plan().paycard_of(world_.cast().other_wallet, world_.iut());
}

Sending Payer::inquiry(const Element& ref, const PaycardPlan* chosen) {
  const PaycardPlan* paycard = chosen == nullptr ? card() : chosen;
  Sending sending;
  if (paycard == nullptr) {
    return sending;
  }
  const HeadFacts head = world_.head(paycard->wallet);
  sending.from = paycard->wallet;
  sending.document = request_of(
      "InquiryPayment", head,
      {leaf("Paycard", paycard->paycard), ref,
       leaf("PaycardToken", paycard_token(paycard->secret, paycard->wallet, paycard->paycard, head.msg_id, ref))});
  return sending;
}

Sending Payer::check(const Element& ref, const std::string& endorsement_id, const std::string& vendor) {
  Sending sending;
  sending.from = vendor.empty() ? world_.cast().vendor : vendor;
  sending.document = request_of("CheckCommit", world_.head(sending.from), {leaf("EndorsementId", endorsement_id), ref});
  return sending;
}

std::optional<Payer::Endorsed> Payer::endorsed(std::int64_t amount, const PaycardPlan* chosen) {
  Endorsed made;
  made.ref = order(amount);
  made.inquiry = inquiry(made.ref, chosen);
  if (made.inquiry.document.name.empty()) {
    refusal_ = "the fixture has no such Paycard";
    return std::nullopt;
  }
  made.reply = world_.send(made.inquiry);
  const Element* endorsement = at(made.reply.document, "Body/Endorsement");
  if (!made.reply.ok() || endorsement == nullptr) {
    refusal_ = "InquiryPayment: " + outcome_text(made.reply);
    return std::nullopt;
  }
  made.endorsement = *endorsement;
  return made;
}

std::optional<std::pair<std::int64_t, std::int64_t>> Payer::account() const {
  const PaycardPlan* mine = card();
  const auto seen = session_.iut().observe("balance");
  if (mine == nullptr || !seen || !seen->value.is_array()) {
    return std::nullopt;
  }
  for (const Json& one : seen->value) {
    if (one.is_object() && one.value("account", "") == mine->account) {
      return std::pair(one.value("held", std::int64_t{-1}), one.value("owed", std::int64_t{-1}));
    }
  }
  return std::nullopt;
}

Reply Payer::pay(std::int64_t amount) {
  const auto made = endorsed(amount);
  if (!made) {
    Reply reply;
    reply.error = refusal_;
    return reply;
  }
  return commit(made->ref, made->id());
}

bool is_commit_notice(const Entry& entry) {
  return entry.kind == EntryKind::request && entry.message == "RegisterCommit";
}

}  // namespace quickpay::conformance
