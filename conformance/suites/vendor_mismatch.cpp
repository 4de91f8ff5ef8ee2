// Delivery requests that do not match the order.
#include <memory>

#include "conformance/suites/families.hpp"
#include "conformance/suites/newcomer.hpp"
#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

struct Mismatch {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* mutation;
  const char* code;
};

const std::vector<Mismatch> kMismatches = {
    {"higher-amount",
     "A higher amount than offered is refused.",
     "V5 Amount",
     {"QP-ADD-03", "QP-SAFE-001"},
     "RequestOrderDelivery.Endorsement.OrderRef.Amount:+1",
     "QP-E-MISMATCH"},
    {"lower-amount",
     "A lower amount than offered is refused.",
     "V5 Amount",
     {"QP-ADD-03", "QP-SAFE-001"},
     "RequestOrderDelivery.Endorsement.OrderRef.Amount:-1",
     "QP-E-MISMATCH"},
    {"other-currency",
     "Another currency with the same number is refused.",
     "V5 Currency",
     {"QP-ADD-03"},
     "RequestOrderDelivery.Endorsement.OrderRef.Currency:=JPY",
     "QP-E-MISMATCH"},
    {"other-expires",
     "Another expiry is refused.",
     "V5 Expires",
     {"QP-ADD-03"},
     "RequestOrderDelivery.Endorsement.OrderRef.Expires:=2040-01-01T00:00:00Z",
     "QP-E-MISMATCH"},
    {"other-digest",
     "Another digest with the same fields is refused.",
     "V5 Digest",
     {"QP-ADD-02", "QP-ADD-03"},
     "RequestOrderDelivery.Endorsement.OrderRef.Digest:flip",
     "QP-E-MISMATCH"},
    {"other-order-id",
     "An order that was never offered is unknown.",
     "default RequestOrderDelivery",
     {"QP-ADD-02"},
     "RequestOrderDelivery.Endorsement.OrderRef.OrderId:=never-offered",
     "QP-E-UNKNOWN-ORDER"},
    {"other-vendor",
     "An order of another Vendor is unknown.",
     "default RequestOrderDelivery",
     {"QP-SAFE-001"},
     "RequestOrderDelivery.Endorsement.OrderRef.Vendor:=V999999",
     "QP-E-UNKNOWN-ORDER"},
    {"wrong-secret",
     "A secret that is not the pre-image of the order's tag is refused.",
     "V5 BuyerSecret",
     {"QP-ADD-12"},
     "RequestOrderDelivery.BuyerSecret:flip",
     "QP-E-MISMATCH"},
    {"unknown-broker",
     "A Broker that does not exist is refused.",
     "V6",
     {"QP-MP-008"},
     "RequestOrderDelivery.Endorsement.Broker:=B999999",
     "QP-E-BROKER"},
    {"mismatch-before-broker",
     "Of a wrong amount and an unknown Broker the amount is named.",
     "V5 V6",
     {"QP-ADD-03"},
     "RequestOrderDelivery.Endorsement.OrderRef.Amount:+1 & RequestOrderDelivery.Endorsement.Broker:=B999999",
     "QP-E-MISMATCH"},
    {"kind-regular",
     "An order of the other kind is another order.",
     "default RequestOrderDelivery",
     {"QP-MP-023"},
     "RequestOrderDelivery.Endorsement.OrderRef.Kind:=regular",
     "QP-E-UNKNOWN-ORDER"},
    {"sender-named",
     "A buyer that names itself is refused.",
     "Head.Sender",
     {"QP-ANON-010", "QP-ADD-12"},
     "RequestOrderDelivery.Head.Sender:=wallet",
     "QP-E-SCHEMA"}};

Refusal mismatch(Session& session, const Mismatch& one) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    *ready = Buyer(session).ready();
    return ready->has_value();
  };
  refusal.stimulus = [&session, ready, one]() {
    Sending sending = Buyer(session).delivery((*ready)->offer, (*ready)->endorsement);
    if (std::string_view(one.id) == "sender-named") {
      Element& head = *at(sending.document, "Head");
      head.children.insert(head.children.begin() + 3, leaf("Sender", session.world().cast().wallet));
      sending.label = one.mutation;
    } else {
      sending.mutation = one.mutation;
    }
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.forbidden = is_check_or_notice;
  refusal.forbidden_text = "no CheckCommit, no goods and no notice";
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

Refusal strange_broker(Session& session) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    *ready = Buyer(session).ready(0, session.world().cast().strange_broker);
    return ready->has_value();
  };
  refusal.stimulus = [&session, ready]() { return Buyer(session).ask(**ready); };
  refusal.codes = {"QP-E-BROKER"};
  refusal.forbidden = is_check_or_notice;
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

/// The owner of the Host suspends the Broker after it has endorsed; it is reinstated before the benign order.
Refusal suspended_broker(Session& session) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  const std::string broker = session.world().cast().broker;
  Refusal refusal;
  refusal.reach = [&session, ready, broker]() {
    *ready = Buyer(session).ready();
    return ready->has_value() && suspend_by_owner(session.world(), broker);
  };
  refusal.stimulus = [&session, ready]() { return Buyer(session).ask(**ready); };
  refusal.codes = {"QP-E-BROKER"};
  refusal.forbidden = is_check_or_notice;
  refusal.forbidden_text = "no check and no notice";
  refusal.benign = [&session, broker]() { return suspend_by_owner(session.world(), broker, false) && Buyer(session).buys(); };
  return refusal;
}

Refusal expired(Session& session) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    Buyer buyer(session);
    *ready = buyer.ready();
    World& world = session.world();
    return ready->has_value() &&
           world.advance((time_of(text_at((*ready)->offer.order, "Expires")) - world.now_ms()) / 1000 + 1);
  };
  refusal.stimulus = [&session, ready]() { return Buyer(session).ask(**ready); };
  refusal.codes = {"QP-E-ORDER-EXPIRED"};
  refusal.forbidden = is_check_or_notice;
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

/// In the last second the order is still taken: the Broker is asked. Its hold has lapsed long ago, so it says no.
void last_second(Session& session) {
  Buyer buyer(session);
  const auto offer = buyer.offer();
  World& world = session.world();
  if (!offer || !world.advance((time_of(text_at(offer->order, "Expires")) - world.now_ms()) / 1000)) {
    return unreached(session, offer ? "the clock cannot be moved" : buyer.refusal());
  }
  const auto endorsement = buyer.endorse(*offer);
  if (!endorsement) {
    return unreached(session, buyer.refusal());
  }
  judge_ok(session, "vendor.delivery.last-second", world.send(buyer.delivery(*offer, *endorsement)));
}

void without_secret(Session& session) {
  Buyer buyer(session);
  const auto ready = buyer.ready();
  if (!ready) {
    return unreached(session, buyer.refusal());
  }
  judge_ok(session, "vendor.delivery.without-secret", buyer.ask(*ready, "RequestOrderDelivery.BuyerSecret:remove"));
}

Refusal no_secret(Session& session) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    *ready = Buyer(session).ready();
    return ready->has_value();
  };
  refusal.stimulus = [&session, ready]() {
    return Buyer(session).ask(**ready, "RequestOrderDelivery.BuyerSecret:remove");
  };
  refusal.codes = {"QP-E-PROFILE"};
  refusal.forbidden = is_check_or_notice;
  refusal.forbidden_text = "no check and no notice";
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

}  // namespace

bool is_check_or_notice(const Entry& entry) {
  return entry.kind == EntryKind::request && (entry.message == "CheckCommit" || entry.message == "RegisterDelivery");
}

void add_vendor_mismatches(Suite& suite) {
  for (const Mismatch& one : kMismatches) {
    suite.refused({.id = std::string("delivery.") + one.id,
                   .title = one.title,
                   .subject = one.subject,
                   .requirements = one.requirements,
                   .mutation = one.mutation,
                   .twin = "purchase.paid"},
                  [one](Session& session) { return mismatch(session, one); });
  }
  suite.refused({.id = "delivery.broker-not-accepted",
                 .title = "An endorsement of a Broker that is not accepted is refused.",
                 .subject = "V6",
                 .requirements = {"QP-MP-008"},
                 .mutation = "RequestOrderDelivery.Endorsement.Broker:=strange",
                 .twin = "purchase.paid",
                 .parts = {Part::strange_broker}},
                strange_broker);
  suite.refused({.id = "delivery.broker-suspended",
                 .title = "Nor is one of a Broker that is suspended by now.",
                 .subject = "V6 suspended",
                 .requirements = {"QP-MP-008", "QP-ROLE-009"},
                 .mutation = "Broker:=suspended",
                 .twin = "purchase.paid",
                 .level_e = false},
                suspended_broker);
  suite.refused({.id = "delivery.expired",
                 .title = "A second after Expires the order is refused.",
                 .subject = "V9",
                 .requirements = {"QP-ADD-27"},
                 .mutation = "now:=Expires+1",
                 .twin = "delivery.last-second",
                 .level_e = false},
                expired);
  suite.positive({.id = "delivery.last-second",
                  .title = "Until Expires, that second included, the order is taken.",
                  .subject = "V8",
                  .requirements = {"QP-ADD-27"},
                  .mutation = "now:=Expires",
                  .level_e = false},
                 last_second);
  suite.positive({.id = "delivery.without-secret",
                  .title = "Without BuyerSecret profile F delivers.",
                  .subject = "V8",
                  .requirements = {"QP-MP-008"},
                  .mutation = "RequestOrderDelivery.BuyerSecret:remove",
                  .profile = "F"},
                 without_secret);
  suite.refused({.id = "delivery.without-secret-in-h",
                 .title = "Profile H delivers to nobody who does not know the BuyerSecret.",
                 .subject = "step 9",
                 .requirements = {"QP-ADD-12", "QP-ADD-21"},
                 .mutation = "RequestOrderDelivery.BuyerSecret:remove",
                 .twin = "purchase.paid",
                 .profile = "H"},
                no_secret);
}

}  // namespace quickpay::conformance
