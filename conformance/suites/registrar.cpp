#include "conformance/suites/registrar.hpp"

#include <utility>

#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

PaidOrder Registrar::order(std::int64_t amount) {
  const Cast& cast = world_.cast();
  OrderFacts facts;
  facts.vendor = cast.vendor;
  facts.order_id = "order-" + session_.random().hex(16);
  facts.amount = amount;
  facts.expires = world_.now_text(900);
  facts.digest = session_.random().hex(64);
  return {order_ref(facts),  cast.broker,       cast.vendor,      cast.wallet,
          world_.fresh_id(), world_.fresh_id(), world_.fresh_id(),
          world_.now_text(protocol::T_settle_default)};
}

Sending Registrar::commit(const PaidOrder& paid) {
  Sending sending;
  sending.from = paid.broker;
  sending.document = request_of("RegisterCommit", world_.head(paid.broker),
                                {paid.ref, leaf("Wallet", paid.wallet), leaf("CommitId", paid.commit_id),
                                 leaf("CommittedAt", world_.now_text()), leaf("SettleBy", paid.settle_by)});
  return sending;
}

Sending Registrar::delivery(const PaidOrder& paid) {
  Sending sending;
  sending.from = paid.vendor;
  sending.document = request_of("RegisterDelivery", world_.head(paid.vendor),
                                {paid.ref, leaf("Broker", paid.broker), leaf("CommitId", paid.commit_id),
                                 leaf("DeliveryId", paid.delivery_id), leaf("DeliveredAt", world_.now_text())});
  return sending;
}

Sending Registrar::reception(const PaidOrder& paid, const std::string& outcome, const std::string& wallet) {
  Sending sending;
  sending.from = wallet.empty() ? paid.wallet : wallet;
  std::vector<Element> body = {paid.ref, leaf("Broker", paid.broker), leaf("EndorsementId", paid.endorsement_id)};
  if (outcome != "not-received") {
    body.push_back(leaf("DeliveryId", paid.delivery_id));
  }
  body.push_back(leaf("ReceivedAt", world_.now_text()));
  if (!outcome.empty()) {
    body.push_back(leaf("Outcome", outcome));
  }
  sending.document = request_of("RegisterOrder", world_.head(sending.from), std::move(body));
  return sending;
}

Sending Registrar::notice(const PaidOrder& paid, int number) {
  switch (number) {
    case 6:
      return commit(paid);
    case 7:
      return delivery(paid);
    default:
      return reception(paid);
  }
}

bool Registrar::registers() {
  const PaidOrder paid = order();
  return world_.send(commit(paid)).ok() && world_.send(delivery(paid)).ok() && world_.send(reception(paid)).ok();
}

}  // namespace quickpay::conformance
