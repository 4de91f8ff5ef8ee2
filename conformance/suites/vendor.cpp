// The Vendor's suite: offers, the plain purchase, and what must not match.
#include <fmt/format.h>

#include <set>

#include "conformance/peers/digest.hpp"
#include "conformance/suites/denials.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/look_ups.hpp"
#include "conformance/suites/own_keys.hpp"
#include "conformance/suites/suites.hpp"
#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::size_t kManyOrders = 8;

/// What an offer says of itself, checked apart from the reference.
std::string fault_of_offer(const Offer& offer, const ItemPlan& item) {
  const auto body = [&](const char* path) { return offer.reply.text(std::string("Body/Offer/") + path); };
  const std::int64_t life = time_of(body("Order/Expires")) - time_of(body("Order/Created"));
  if (body("Order/Amount") != std::to_string(item.amount)) return "Amount " + body("Order/Amount");
  if (body("Order/Currency") != item.currency) return "Currency " + body("Order/Currency");
  if (body("Order/Kind") != "micro") return "Kind " + body("Order/Kind");
  if (body("Order/BuyerTag") != buyer_tag(offer.secret)) return "BuyerTag not as asked";
  if (body("Order/ItemHash") != item_hash(body("Salt"), body("ItemText"))) return "ItemHash not of ItemText and Salt";
  if (body("ItemText") != item.text) return "ItemText " + body("ItemText");
  if (life < 60 * 1000 || life > 86400 * 1000) return fmt::format("valid for {} ms", life);
  if (item.content_hash && body("Order/ContentHash") != sha256_of(item.data)) return "ContentHash not of the goods";
  return {};
}

void offer_is_right(Session& session) {
  Buyer buyer(session);
  const auto offer = buyer.offer();
  const char* check = "vendor.get-order.offer";
  if (!offer) {
    return judge(session, check, false, "an offer", buyer.refusal(), {}, Reason::refused);
  }
  const std::string fault = fault_of_offer(*offer, *buyer.item(0));
  judge(session, check, fault.empty(), "an offer of the item asked for", fault.empty() ? "as expected" : fault,
        offer->reply.entries);
  judge(session, "vendor.get-order.vendor", text_at(offer->order, "Vendor") == session.world().iut(),
        "Vendor " + session.world().iut(), text_at(offer->order, "Vendor"), offer->reply.entries);
}

void order_ids_are_fresh(Session& session) {
  Buyer buyer(session);
  std::set<std::string> ids;
  for (std::size_t i = 0; i < kManyOrders; ++i) {
    const auto offer = buyer.offer(i % 2);
    if (!offer) {
      return unreached(session, buyer.refusal());
    }
    ids.insert(text_at(offer->order, "OrderId"));
  }
  judge(session, "vendor.get-order.fresh-order-ids", ids.size() == kManyOrders,
        fmt::format("{} different OrderIds", kManyOrders), std::to_string(ids.size()));
}

void check_of_own_copy(Session& session, const Buyer::Ready& ready, std::size_t from) {
  World& world = session.world();
  const auto checks = world.sent_by_iut("CheckCommit", from);
  if (checks.empty()) {
    return session.fail("vendor.check-commit.own-copy", Reason::missing_message, "CheckCommit", "none");
  }
  const Element check = world.document(checks.front());
  const Element* ref = at(check, "Body/OrderRef");
  const bool right = ref != nullptr && *ref == ready.offer.ref &&
                     text_at(check, "Body/EndorsementId") == text_at(ready.endorsement, "EndorsementId");
  judge(session, "vendor.check-commit.own-copy", right, "the OrderRef of the offer and the EndorsementId brought",
        right ? "both" : "other values", {checks.front()});
}

void notice_of_delivery(Session& session, const Reply& goods, std::size_t from) {
  World& world = session.world();
  const auto notice = world.wait_for(from, [&](const Entry& entry) {
    return entry.by_iut && entry.kind == EntryKind::request && entry.message == "RegisterDelivery";
  });
  if (!notice) {
    return session.fail("vendor.register-delivery.sent", Reason::missing_message, "RegisterDelivery", "none");
  }
  const Element document = world.document(*notice);
  const bool right = text_at(document, "Body/DeliveryId") == goods.text("Body/DeliveryId") &&
                     text_at(document, "Body/Broker") == world.cast().broker;
  judge(session, "vendor.register-delivery.sent", right, "the notice of this delivery", right ? "it" : "another",
        {*notice});
}

void paid(Session& session) {
  Buyer buyer(session);
  const auto ready = buyer.ready();
  if (!ready) {
    return unreached(session, buyer.refusal());
  }
  const std::size_t from = session.transcript().mark();
  const Reply reply = buyer.ask(*ready);
  judge_ok(session, "vendor.purchase.paid", reply);
  if (!reply.ok()) {
    return unreached(session, outcome_text(reply));
  }
  const auto goods = goods_of(reply.document);
  judge(session, "vendor.purchase.goods", goods == buyer.item(0)->data, "the goods that were ordered",
        goods ? fmt::format("{} bytes", goods->size()) : "no content", reply.entries);
  check_of_own_copy(session, *ready, from);
  notice_of_delivery(session, reply, from);
}

Refusal refused_order(Session& session, const std::string& code, const std::function<void(World&, Sending&)>& change) {
  Refusal refusal;
  refusal.stimulus = [&session, change]() {
    Sending sending = Buyer(session).get_order();
    change(session.world(), sending);
    return session.world().send(std::move(sending));
  };
  refusal.codes = {code};
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

void add_offers(Suite& suite) {
  suite.positive(
      {.id = "get-order.offer",
       .title = "The offer is for the item asked for and its hashes are right.",
       .subject = "V3",
       .requirements = {"QP-MP-005", "QP-ADD-02", "QP-REL-005"},
       .more = {suite.check("get-order.vendor", "The order names the Vendor that made it.", {"QP-SAFE-001"})}},
      offer_is_right);
  suite.positive({.id = "get-order.fresh-order-ids",
                  .title = "No OrderId is used twice.",
                  .subject = "Order.OrderId",
                  .requirements = {"QP-ADD-23"}},
                 order_ids_are_fresh);
  suite.refused({.id = "get-order.unknown-item",
                 .title = "An item that is not sold is refused.",
                 .subject = "V1",
                 .requirements = {"QP-MP-005"},
                 .mutation = "GetOrder.Item:=no-such-item",
                 .twin = "get-order.offer"},
                [](Session& session) {
                  return refused_order(session, "QP-E-NO-ITEM",
                                       [](World&, Sending& s) { s.mutation = "GetOrder.Item:=no-such-item"; });
                });
  suite.refused({.id = "get-order.broker-not-accepted",
                 .title = "A Broker that is not accepted is refused early.",
                 .subject = "V2",
                 .requirements = {"QP-MP-005"},
                 .mutation = "GetOrder.Broker:=strange",
                 .twin = "get-order.offer",
                 .parts = {Part::strange_broker}},
                [](Session& session) {
                  return refused_order(session, "QP-E-BROKER", [](World& world, Sending& s) {
                    if (Element* body = at(s.document, "Body")) {
                      body->children.insert(body->children.begin() + 2, leaf("Broker", world.cast().strange_broker));
                    }
                    s.label = "GetOrder.Broker:=strange";
                  });
                });
  suite.refused({.id = "get-order.item-before-broker",
                 .title = "Of an unknown item and a Broker not accepted the item is named.",
                 .subject = "V1 V2",
                 .requirements = {"QP-MP-005"},
                 .mutation = "GetOrder.Item:=no-such-item & GetOrder.Broker:=strange",
                 .twin = "get-order.offer",
                 .parts = {Part::strange_broker}},
                [](Session& session) {
                  return refused_order(session, "QP-E-NO-ITEM", [](World& world, Sending& s) {
                    if (Element* body = at(s.document, "Body")) {
                      body->children.insert(body->children.begin() + 2, leaf("Broker", world.cast().strange_broker));
                    }
                    s.mutation = "GetOrder.Item:=no-such-item";
                  });
                });
}

}  // namespace

std::vector<Scenario> vendor_suite() {
  Suite suite("vendor");
  add_offers(suite);
  suite.positive(
      {.id = "purchase.paid",
       .title = "An endorsed order is checked, delivered in the answer, and registered.",
       .subject = "V15",
       .requirements = {"QP-MP-022", "QP-MP-002", "QP-MP-009", "QP-MP-011"},
       .more = {suite.check("purchase.goods", "The goods are those of the item.", {"QP-MP-002"}),
                suite.check("check-commit.own-copy", "CheckCommit carries the Vendor's own copy of the order.",
                            {"QP-ADD-03", "QP-SEC-001"}),
                suite.check("register-delivery.sent", "The delivery is registered at the Host.",
                            {"QP-MP-011", "QP-ADD-06"})}},
      paid);
  add_vendor_mismatches(suite);
  add_vendor_checks(suite);
  add_vendor_receipts(suite);
  add_vendor_waiting(suite);
  add_vendor_again(suite);
  add_vendor_locations(suite);
  add_vendor_families(suite);
  add_vendor_settlement(suite);
  add_vendor_regular(suite);
  add_look_ups(suite);
  add_vendor_revoke(suite);
  add_vendor_registration(suite);
  add_own_keys(suite);
  add_denials(suite);
  return suite.take();
}

}  // namespace quickpay::conformance
