#include "conformance/suites/regular.hpp"

#include <algorithm>
#include <utility>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/registrar.hpp"

namespace quickpay::conformance {

namespace {

std::string number(std::int64_t value) { return std::to_string(value); }

}  // namespace

bool not_settled_here(Session& session, const std::string& check, const std::function<void()>& instead) {
  if (session.world().plan().claims("settlement")) {
    return lacks_keys(session);
  }
  instead();
  session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not claim the protocol settlement"});
  return true;
}

Claimable claimable(const Promised& order) { return {order.ref, order.commit_id}; }

Element RegularTrade::order(std::int64_t amount) {
  OrderFacts facts;
  facts.vendor = world_.cast().vendor;
  facts.order_id = "sale-" + session_.random().hex(16);
  facts.amount = amount;
  facts.currency = world_.plan().currencies.empty() ? "USD" : world_.plan().currencies.front();
  facts.expires = world_.now_text(kOrderLife);
  facts.digest = session_.random().hex(64);
  facts.kind = "regular";
  return order_ref(facts);
}

Element RegularTrade::commitment(const Element& ref, const std::string& broker, std::int64_t claim_by) {
  return branch("Commitment", {leaf("Broker", broker.empty() ? world_.cast().broker : broker), leaf("CommitId", world_.fresh_id()), ref,
                               leaf("CommittedAt", world_.now_text()), leaf("ClaimBy", world_.now_text(claim_by))});
}

Element RegularTrade::by_broker(Element commitment) {
  const std::string broker = text_at(commitment, "Broker");
  return signed_by(world_.plan(), broker, std::move(commitment));
}

Element RegularTrade::by_vendor(Element receipt) {
  const std::string vendor = text_at(receipt, "Vendor");
  return signed_by(world_.plan(), vendor, std::move(receipt));
}

Element RegularTrade::receipt(const Element& commitment) {
  const auto said = [&](const char* path) { return text_at(commitment, path); };
  return branch("Receipt", {leaf("Vendor", said("OrderRef/Vendor")), leaf("Broker", said("Broker")),
                            leaf("OrderId", said("OrderRef/OrderId")), leaf("Digest", said("OrderRef/Digest")),
                            leaf("CommitId", said("CommitId")), leaf("AcceptedAt", world_.now_text())});
}

Sending RegularTrade::request(const std::string& from, std::string_view message, std::vector<Element> body) {
  const std::string name = "regular/" + std::string(message);
  const codec::MessageType* type = message_type(name);
  Sending sending;
  sending.from = from;
  sending.path = path_of(name);
  sending.document = request_of(name, world_.head(type != nullptr && type->anonymous ? std::string() : from), std::move(body));
  return sending;
}

// ---------------------------------------------------------------- Vendor
Sending RegularTrade::get_order(std::size_t position, std::string* secret, std::int64_t quantity) {
  const std::string own_secret = world_.fresh_id();
  const ItemPlan* goods = Buyer(session_).item(position);
  if (goods == nullptr) {
    return {};
  }
  std::vector<Element> body = {leaf("Kind", "regular"), leaf("Item", goods->item)};
  if (quantity != 1) {
    body.push_back(leaf("Quantity", number(quantity)));
  }
  body.push_back(leaf("BuyerTag", buyer_tag(own_secret)));
  if (secret != nullptr) {
    *secret = own_secret;
  }
  return request(world_.cast().wallet, "GetOrder", std::move(body));
}

std::optional<Offer> RegularTrade::offer(std::size_t position, std::int64_t quantity) {
  Offer made;
  const Sending sending = get_order(position, &made.secret, quantity);
  if (sending.document.name.empty()) {
    refusal_ = "the fixture has no such goods";
    return std::nullopt;
  }
  if (!made.take(world_.send(sending))) {
    refusal_ = "GetOrder: " + outcome_text(made.reply);
    return std::nullopt;
  }
  return made;
}

Sending RegularTrade::delivery(const Offer& offer, const Element& commitment) {
  std::vector<Element> body = {commitment, leaf("BuyerSecret", offer.secret)};
  if (!offer.state.empty()) {
    body.push_back(leaf("VendorState", offer.state));
  }
  return request(world_.cast().wallet, "RequestOrderDelivery", std::move(body));
}

std::optional<RegularTrade::Ready> RegularTrade::ready(std::size_t position, const std::string& broker) {
  auto made = offer(position);
  if (!made) {
    return std::nullopt;
  }
  Element promise = by_broker(commitment(made->ref, broker));
  return Ready{std::move(*made), std::move(promise)};
}

Reply RegularTrade::buy(std::size_t position) {
  const auto made = ready(position);
  if (!made) {
    Reply reply;
    reply.error = refusal_;
    return reply;
  }
  return world_.send(delivery(made->offer, made->commitment));
}

// ---------------------------------------------------------------- Broker
Sending RegularTrade::inquiry(const Element& ref, const PaycardPlan* chosen) {
  const PaycardPlan* paycard = chosen == nullptr ? Payer(session_).card() : chosen;
  if (paycard == nullptr) {
    return {};
  }
  Sending sending = request(paycard->wallet, "InquiryPayment", {leaf("Paycard", paycard->paycard), ref});
  const std::string id = text_at(sending.document, "Head/MsgId");
  at(sending.document, "Body")->children.push_back(
      leaf("PaycardToken", paycard_token(paycard->secret, paycard->wallet, paycard->paycard, id, ref)));
  return sending;
}

std::optional<Promised> RegularTrade::committed(std::int64_t amount) {
  Promised made{order(amount), {}, {}, {}};
  const Sending sending = inquiry(made.ref);
  const Reply reply = sending.document.name.empty() ? Reply{} : world_.send(sending);
  const Element* promise = at(reply.document, "Body/Commitment");
  if (!reply.ok() || promise == nullptr) {
    refusal_ = "InquiryPayment: " + outcome_text(reply);
    return std::nullopt;
  }
  made.commitment = *promise;
  made.commit_id = text_at(*promise, "CommitId");
  return made;
}

Promised RegularTrade::promised(std::int64_t amount) {
  Promised made{order(amount), {}, {}, {}};
  made.commitment = by_broker(commitment(made.ref));
  made.commit_id = text_at(made.commitment, "CommitId");
  return made;
}

std::optional<Promised> RegularTrade::forgotten(std::int64_t amount) {
  if (signing_key(world_.plan(), world_.iut()) == nullptr) {
    refusal_ = "the suite does not have the Broker's key";
    return std::nullopt;
  }
  return promised(amount);
}

Element RegularTrade::claim(const std::vector<Promised>& orders, std::vector<Element> approvals) {
  Claimant claimant(session_);
  std::vector<Claimable> items;
  for (const Promised& each : orders) {
    items.push_back(claimable(each));
  }
  Element made = claimant.claim(items, std::move(approvals));
  for (Element& item : made.children) {
    for (const Promised& each : orders) {
      const bool his = item.name == "Item" && text_at(item, "OrderRef/OrderId") == text_at(each.ref, "OrderId");
      if (his && !each.commitment.name.empty()) {
        item.children.push_back(each.commitment);
      }
    }
  }
  return made;
}

Reply RegularTrade::settle(const std::vector<Promised>& orders) { return Claimant(session_).settle(claim(orders)); }

// ---------------------------------------------------------------- Host
Promised RegularTrade::paid(std::int64_t amount) {
  Promised made = promised(amount);
  made.receipt = by_vendor(receipt(made.commitment));
  return made;
}

Sending RegularTrade::notice(const Promised& paid, bool with_receipt, const std::string& wallet) {
  std::vector<Element> body = {paid.ref, leaf("Broker", text_at(paid.commitment, "Broker")), paid.commitment};
  if (with_receipt) {
    body.push_back(paid.receipt);
  }
  return request(wallet.empty() ? world_.cast().wallet : wallet, "RegisterOrder", std::move(body));
}

Element RegularTrade::host_case(const Promised& paid, const std::string& code) {
  const Cast& cast = world_.cast();
  PaidOrder order{paid.ref, cast.broker, cast.vendor, cast.wallet, {}, paid.commit_id, {}};
  Claimant claimant(session_);
  Element made = branch("HostCase", {leaf("Host", cast.host), leaf("BatchId", world_.fresh_id()), leaf("Vendor", cast.vendor),
                                     leaf("Broker", cast.broker)});
  made.children.push_back(claimant.settlement(order, {{paid.ref, code}}));
  Element item = branch("Item", {paid.ref, leaf("CommitId", order.commit_id)});
  if (!paid.commitment.name.empty()) {
    item.children.push_back(paid.commitment);
  }
  made.children.push_back(std::move(item));
  return made;
}

}  // namespace quickpay::conformance
