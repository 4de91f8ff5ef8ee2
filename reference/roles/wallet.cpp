#include "reference/roles/wallet.hpp"

#include <algorithm>

#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/times.hpp"
#include "statemachines/micropayment/generated/wallet_order.hpp"

namespace quickpay::roles {
namespace {

namespace machine = statemachines::wallet_order;
using machine::Effect;
using machine::Predicate;
using msg::micro::GetOrderResponse;
using msg::micro::InquiryPaymentResponse;
using DeliveryResponse = msg::micro::RequestOrderDeliveryResponse;

constexpr std::string_view kHttp = "http://";

}  // namespace

bool WalletOrder::holds(std::uint8_t predicate, const Turn& turn) {
  switch (static_cast<Predicate>(predicate)) {
    case Predicate::vendor_entry_there: return offers_.vendor_known(turn.record);
    case Predicate::offer_right: return offer_right(turn);
    case Predicate::digest_shown:
      return turn.user && has_field(turn.record, "digest") && turn.user->digest == field(turn.record, "digest");
    case Predicate::paycard_authorizes: return offers_.authorizes(table(), predicate, turn);
    case Predicate::endorsement_right: return endorsement_right(turn);
    case Predicate::content_inline: {
      const auto* answer = turn.get<DeliveryResponse>();
      return answer && answer->body.content;
    }
    case Predicate::goods_right: return goods_right(turn);
    case Predicate::location_allowed: return location_allowed(turn);
    case Predicate::still_valid: return still_valid(turn);
    case Predicate::notices_settled: return !stage_.outbox.has_notices(turn.record.machine, turn.key());
  }
  return false;
}

bool WalletOrder::offer_right(const Turn& turn) const {
  const auto* answer = turn.get<GetOrderResponse>();
  if (!answer || !answer->body.offer) return false;
  const msg::Offer& offer = *answer->body.offer;
  return offers_.order_right({offer.order, offer.item_text, offer.salt, {}, {}}, msg::Kind::micro, turn.record);
}

bool WalletOrder::trusts(const ledger::Record& record, const ledger::Call& call, const AnyDocument& response) {
  const auto* answer = as<InquiryPaymentResponse>(&response);
  if (!answer || !answer->body.endorsement || stage_.facts.profile() == msg::Profile::F) return true;
  const auto card = offers_.paycards().find(field(record, "paycard"));
  if (!card || !answer->body.paycard_answer) return false;
  return offers_.paycards().believes(*card, {call.msg_id, *answer->body.endorsement}, *answer->body.paycard_answer);
}

bool WalletOrder::endorsement_right(const Turn& turn) const {
  const auto* answer = turn.get<InquiryPaymentResponse>();
  const auto ref = recall<msg::OrderRef>(turn.record, "OrderRef", msg::kOrderRefType);
  return answer && answer->body.endorsement && ref && answer->body.endorsement->order_ref == *ref &&
         answer->body.endorsement->broker == field(turn.record, "broker");
}

std::optional<std::string> WalletOrder::goods_of(const Turn& turn) const {
  if (turn.fetched) return *turn.fetched;
  const auto* answer = turn.get<DeliveryResponse>();
  if (!answer || !answer->body.content) return std::nullopt;
  return crypto::base64_decode(answer->body.content->data);
}

bool WalletOrder::goods_right(const Turn& turn) const {
  const auto goods = goods_of(turn);
  const auto offer = recall<msg::Offer>(turn.record, "Offer", msg::kOfferType);
  if (!goods || !offer) return false;
  return !offer->order.content_hash || crypto::sha256_hex(*goods) == *offer->order.content_hash;
}

bool WalletOrder::location_allowed(const Turn& turn) const {
  const auto* answer = turn.get<DeliveryResponse>();
  if (!answer || !answer->body.location) return false;
  std::string_view rest = answer->body.location->url;
  if (!rest.starts_with(kHttp)) return false;
  rest.remove_prefix(kHttp.size());
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
  const Lookup vendor = stage_.facts.directory.find(field(turn.record, "vendor"));
  if (vendor.found != Found::known) return false;
  const auto& endpoints = vendor.player->endpoints;
  return std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& e) {
    const bool six = e.address.find(':') != std::string::npos;
    const std::string host = six ? "[" + e.address + "]" : e.address;
    return authority == host + ":" + std::to_string(e.port) || (e.port == 80 && authority == host);
  });
}

bool WalletOrder::still_valid(const Turn& turn) const {
  const auto until = number(turn.record, "valid_until_ms");
  return until && stage_.facts.now_ms <= *until;
}

void WalletOrder::apply(statemachines::EffectId effect, Turn& turn) {
  const Spans& spans = stage_.facts.spans;
  switch (static_cast<Effect>(effect)) {
    case Effect::send_GetOrder: return send_get_order(turn);
    case Effect::send_InquiryPayment: return send_inquiry(turn);
    case Effect::send_RequestOrderDelivery: return send_delivery_request(turn);
    case Effect::outbox_RegisterOrder_received: return send_register_order(turn, msg::Outcome::received);
    case Effect::outbox_RegisterOrder_not_received: return send_register_order(turn, msg::Outcome::not_received);
    case Effect::fetch: return fetch(turn);
    case Effect::start_T_ask: return start_span(turn, "T_ask", spans.ask);
    case Effect::start_T_valid: return start_span(turn, "T_valid", number(turn.record, "valid_s").value_or(0));
    case Effect::start_T_redeliver: return start_span(turn, "T_redeliver", spans.redeliver);
    case Effect::start_T_settle: return start_span(turn, "T_settle", spans.settle);
    case Effect::perform_show_offer: return show_offer(turn);
    case Effect::perform_record_confirmation: return offers_.record_confirmation(turn);
    case Effect::perform_store_endorsement: return store_endorsement(turn);
    case Effect::perform_store_goods: return store_goods(turn);
    case Effect::perform_keep_evidence: return keep_evidence(turn);
    case Effect::perform_clear_outbox: return stage_.outbox.drop_notices(turn.record.machine, turn.key());
    case Effect::stop_T_ask:
    case Effect::stop_T_valid:
    case Effect::stop_T_redeliver:
    case Effect::stop_T_settle:
    case Effect::drop_GetOrder:
    case Effect::drop_InquiryPayment:
    case Effect::drop_RequestOrderDelivery:
    case Effect::tell_vendor_unknown:
    case Effect::tell_offer_wrong:
    case Effect::tell_refused:
    case Effect::tell_no_answer:
    case Effect::tell_cancelled:
    case Effect::tell_offer_expired:
    case Effect::tell_cannot_pay:
    case Effect::tell_endorsement_wrong:
    case Effect::tell_choose_paycard:
    case Effect::tell_goods_wrong:
    case Effect::alarm:
    case Effect::retry:
    case Effect::refuse:
    case Effect::ignore: return stage_.common(effect, turn);
  }
}

void WalletOrder::start_span(Turn& turn, const std::string& timer, std::int64_t seconds) {
  stage_.start(turn, timer, after_span(stage_.facts.now_ms, seconds));
}

std::unique_ptr<WalletRole> make_wallet(Stage& stage, const Parts& parts) {
  return std::make_unique<WalletRole>(stage, parts);
}

WalletRole::WalletRole(Stage& stage, const Parts& parts)
    : stage_(stage),
      offers_(stage),
      links_(stage),
      orders_(machine_for(stage.facts.config, machine::table(), machine::make_msm()), stage),
      purchases_(parts.wallet_purchases(stage)),
      added_(parts.wallet_additions(stage)),
      keys_(parts.own_keys(stage)),
      registration_(parts.own_registration(stage)) {
  stage.add(orders_);
}

tl::expected<std::string, Refusal> WalletRole::open(Actor& machine, const UserInput& input) {
  const std::string key = stage_.facts.fresh_id();
  // the Broker's entry is needed as soon as the user says yes
  if (const auto card = offers_.active_paycard()) stage_.facts.directory.asks_about(card->broker);
  if (links_.wait(machine.table().id, key, input)) return key;
  return follow(machine, key, input);
}

void WalletRole::looked_up(std::string_view vendor) {
  for (const WaitingLink& link : links_.take(vendor)) {
    Actor* machine = link.machine == orders_.table().id ? &orders_ : purchases_->machine();
    if (!machine || !follow(*machine, link.key, link.input)) stage_.output.user.push_back({"done", link.key, "NONE", {}});
  }
}

tl::expected<std::string, Refusal> WalletRole::follow(Actor& machine, const std::string& key, const UserInput& input) {
  Turn turn = stage_.open(machine, key);
  turn.record.fields["vendor"] = input.vendor;
  turn.record.fields["item"] = input.item;
  turn.user = &input;
  stage_.run(turn, "open-link");
  if (turn.record.state == turn.original.state) return tl::unexpected(Refusal{turn.told.value_or("out-of-state")});
  return turn.key();
}

tl::expected<std::string, Refusal> WalletRole::open_link(const UserInput& input) { return open(orders_, input); }

tl::expected<std::string, Refusal> WalletRole::open_regular_link(const UserInput& input) {
  Actor* purchases = purchases_->machine();
  if (!purchases || !serves(stage_.facts.config, purchases->table().protocol)) return not_served();
  return open(*purchases, input);
}

tl::expected<void, Refusal> WalletRole::act(std::string_view order, std::string_view event, const UserInput& input) {
  if (event == "cancel" && links_.drop(order)) {
    stage_.output.user.push_back({"done", std::string(order), "NONE", {}});
    return {};
  }
  Turn turn = stage_.open(orders_, order);
  for (Actor* other : {purchases_->machine(), added_->machine()}) {
    if (other && !turn.existed) turn = stage_.open(*other, order);
  }
  if (!turn.existed) return tl::unexpected(Refusal{"unknown-order"});
  turn.user = &input;
  if (!stage_.run(turn, event)) return tl::unexpected(Refusal{"out-of-state"});
  if (turn.refused) return tl::unexpected(Refusal{"out-of-state"});
  if (turn.told && turn.record.state == turn.original.state) return tl::unexpected(Refusal{*turn.told});
  return {};
}

tl::expected<void, Refusal> WalletRole::activate_paycard(std::string_view paycard) {
  if (!paycard.empty() && !offers_.paycards().in_use(paycard)) return tl::unexpected(Refusal{"unknown-paycard"});
  offers_.choose_paycard(paycard);
  return {};
}

void WalletRole::show_offers() {
  const auto show_all = [&](Actor& machine, auto& shows) {
    std::string after;
    for (std::size_t shown = 0;;) {
      const auto records = stage_.store.list(machine.table().id, after, kMaxOffersShown);
      if (records.empty()) return;
      for (const ledger::Record& record : records) {
        after = record.key;
        if (!waits_for_user(machine.table(), record.state)) continue;  // what is over is not counted
        Turn turn = stage_.open(machine, record.key);
        shows.show(turn);
        if (++shown == kMaxOffersShown) return;
      }
    }
  };
  show_all(orders_, orders_);
  for (WalletPart* part : {purchases_.get(), static_cast<WalletPart*>(added_.get())}) {
    if (part->machine()) show_all(*part->machine(), *part);
  }
}

}  // namespace quickpay::roles
