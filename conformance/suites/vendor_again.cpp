// After the delivery: again, other endorsements, late, restarts, a Host that is away. And what every server owes.
#include <fmt/format.h>

#include <memory>

#include "conformance/suites/families.hpp"
#include "conformance/suites/vendor_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kRedeliver = 600;  ///< seconds: T_redeliver
constexpr std::int64_t kLongPause = 3600;
constexpr std::int64_t kRetried = 20;  ///< seconds: a Vendor that was killed has asked its Broker again

struct Sold {
  std::optional<Buyer::Ready> ready;
  Reply goods;
  std::optional<Element> other;
};
using SoldPtr = std::shared_ptr<Sold>;

bool sell(Session& session, const SoldPtr& sold, bool other) {
  Buyer buyer(session);
  sold->ready = buyer.ready();
  if (!sold->ready) {
    return false;
  }
  if (other) {
    sold->other = buyer.endorse(sold->ready->offer, session.world().cast().other_broker);
  }
  sold->goods = buyer.ask(*sold->ready);
  return sold->goods.ok() && (!other || sold->other);
}

void same_goods(Session& session, const std::string& check, const SoldPtr& sold, const Reply& again) {
  const bool same = again.ok() && again.text("Body/DeliveryId") == sold->goods.text("Body/DeliveryId") &&
                    again.text("Body/DeliveredAt") == sold->goods.text("Body/DeliveredAt") &&
                    goods_of(again.document) == goods_of(sold->goods.document);
  judge(session, check, same, "the same goods with the same DeliveryId and DeliveredAt",
        again.ok() ? (same ? "the same" : "others") : outcome_text(again), again.entries);
}

void delivered_again(Session& session) {
  const auto sold = std::make_shared<Sold>();
  if (!sell(session, sold, false)) {
    return unreached(session, outcome_text(sold->goods));
  }
  const std::size_t from = session.transcript().mark();
  same_goods(session, "vendor.delivered.again", sold, Buyer(session).ask(*sold->ready));
  const auto checks = session.world().sent_by_iut("CheckCommit", from);
  judge(session, "vendor.delivered.no-new-check", checks.empty(), "no further CheckCommit",
        checks.empty() ? "none" : "one", checks, Reason::forbidden_message);
}

void delivered_after_restart(Session& session) {
  const auto sold = std::make_shared<Sold>();
  if (!sell(session, sold, false)) {
    return unreached(session, outcome_text(sold->goods));
  }
  if (!session.world().restart(true)) {
    return session.stop({session.iut().alive() ? IutFault::unsupported : IutFault::crashed, "restart"});
  }
  same_goods(session, "vendor.delivered.after-restart", sold, Buyer(session).ask(*sold->ready));
}

Refusal sold_case(Session& session, const std::string& mutation, bool other, std::int64_t pause,
                  const std::string& code) {
  const auto sold = std::make_shared<Sold>();
  Refusal refusal;
  refusal.reach = [&session, sold, other, pause]() {
    return sell(session, sold, other) && (pause == 0 || session.world().advance(pause));
  };
  refusal.stimulus = [&session, sold, mutation, other]() {
    Buyer buyer(session);
    return other ? buyer.ask({sold->ready->offer, *sold->other}) : buyer.ask(*sold->ready, mutation);
  };
  refusal.codes = {code};
  refusal.forbidden = [](const Entry& entry) {
    return entry.kind == EntryKind::request && entry.message == "CheckCommit";
  };
  refusal.forbidden_text = "no goods and no CheckCommit";
  refusal.benign = [&session]() { return Buyer(session).buys(); };
  return refusal;
}

/// The notice goes on until the Host answers, with the same bytes.
void notice_until_answered(Session& session, const std::string& check, const std::function<void(Peer&)>& away,
                           const std::function<void(Peer&)>& back) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  if (host == nullptr) {
    return unreached(session, "nobody plays the Host");
  }
  away(*host);
  const Reply goods = Buyer(session).buy();
  judge_ok(session, check, goods);
  back(*host);
  const std::size_t from = session.transcript().mark();
  world.settle();  // so that the backoff has begun when time moves
  if (!goods.ok() || !world.advance(kLongPause)) {
    return unreached(session, goods.ok() ? "the clock cannot be moved" : outcome_text(goods));
  }
  const auto notice = world.wait_for(from, [](const Entry& entry) {
    return entry.kind == EntryKind::response && entry.message == "RegisterDeliveryResponse" && entry.code == "QP-OK";
  });
  judge(session, check + ".registered", notice.has_value(), "RegisterDelivery after the Host is back",
        notice ? "it" : "none", {}, Reason::missing_message);
}

/// Killed when the goods are handed out and the Host has heard nothing of it.
void killed_after_goods(Session& session) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  if (host == nullptr) {
    return unreached(session, "nobody plays the Host");
  }
  host->script("RegisterDelivery", lose_request(), -1);
  const auto sold = std::make_shared<Sold>();
  if (!sell(session, sold, false) || !world.restart(true)) {
    return unreached(session, "goods and a restart: " + outcome_text(sold->goods));
  }
  const std::size_t from = session.transcript().mark();
  host->clear_script();
  same_goods(session, "vendor.crash.delivered", sold, Buyer(session).ask(*sold->ready));
  judge_registered(session, "vendor.crash.delivered.registered", from, sold->goods);
}

/// Killed while the Broker's yes comes in: whatever it has done by then, goods and notice come.
void killed_on_yes(Session& session) {
  Buyer buyer(session);
  World& world = session.world();
  const auto ready = buyer.ready();
  if (!ready || buyer.broker() == nullptr) {
    return unreached(session, buyer.refusal());
  }
  const std::size_t from = session.transcript().mark();
  buyer.broker()->script("CheckCommit", hold_answer());
  const Pending first = buyer.begin(*ready);
  if (!world.wait_for(from, [](const Entry& entry) { return entry.by_iut && entry.message == "CheckCommit"; })) {
    return unreached(session, "CheckCommit");
  }
  buyer.broker()->release();
  if (!world.restart(true) || !world.advance(kRetried)) {
    return unreached(session, "a restart, and a clock that can be moved");
  }
  (void)world.finish(first);
  const Reply goods = buyer.ask(*ready);
  judge_ok(session, "vendor.crash.delivering", goods);
  judge_registered(session, "vendor.crash.delivering.registered", from, goods);
}

void tell_nobody_the_buyer(Session& session) {
  const auto sold = std::make_shared<Sold>();
  if (!sell(session, sold, false)) {
    return unreached(session, outcome_text(sold->goods));
  }
  const auto notice = session.world().wait_for(
      0, [](const Entry& entry) { return entry.by_iut && entry.message == "RegisterDelivery"; });
  if (!notice || session.world().sent_by_iut("CheckCommit").empty()) {
    return unreached(session, "CheckCommit and RegisterDelivery");
  }
  const std::string tag = text_at(sold->ready->offer.order, "BuyerTag");
  const auto leaks = session.world().find(0, [&](const Entry& entry) {
    return entry.by_iut && role_of(entry.to) != "wallet" && entry.body.find(tag) != std::string::npos;
  });
  judge(session, "vendor.purchase.nothing-about-buyer", leaks.empty(), "no BuyerTag in messages to Broker and Host",
        leaks.empty() ? "none" : "one", leaks, Reason::forbidden_message);
}

void add_sold(Suite& suite) {
  suite.refused({.id = "delivered.other-amount",
                 .title = "After the delivery a request that does not match is refused.",
                 .subject = "V31",
                 .requirements = {"QP-ADD-03"},
                 .mutation = "RequestOrderDelivery.Endorsement.OrderRef.Amount:-1",
                 .twin = "delivered.again"},
                [](Session& s) {
                  return sold_case(s, "RequestOrderDelivery.Endorsement.OrderRef.Amount:-1", false, 0, "QP-E-MISMATCH");
                });
  suite.refused({.id = "delivered.other-endorsement",
                 .title = "After the delivery another endorsement is a conflict.",
                 .subject = "V32",
                 .requirements = {"QP-SAFE-003"},
                 .mutation = "RequestOrderDelivery.Endorsement:other",
                 .twin = "delivered.again",
                 .parts = {Part::other_broker}},
                [](Session& s) { return sold_case(s, "", true, 0, "QP-E-CONFLICT"); });
  suite.refused({.id = "delivered.too-late",
                 .title = "After T_redeliver the delivery is not repeated.",
                 .subject = "V30",
                 .requirements = {"QP-ADD-27"},
                 .mutation = "now:=CheckCommit+T_redeliver+1",
                 .twin = "delivered.again",
                 .level_e = false},
                [](Session& s) { return sold_case(s, "", false, kRedeliver + 1, "QP-E-ORDER-EXPIRED"); });
  suite.refused({.id = "delivered.two-faults",
                 .title = "Of a wrong amount and a time that is over the time is named.",
                 .subject = "V30 V31",
                 .requirements = {"QP-ADD-27"},
                 .mutation = "now:=CheckCommit+T_redeliver+1 & Amount:+1",
                 .twin = "delivered.again",
                 .level_e = false},
                [](Session& s) {
                  return sold_case(s, "RequestOrderDelivery.Endorsement.OrderRef.Amount:+1", false, kRedeliver + 1,
                                   "QP-E-ORDER-EXPIRED");
                });
}

void add_notices(Suite& suite) {
  const auto registered = [&](const char* id) {
    return suite.check(std::string(id) + ".registered", "The delivery is registered when the Host answers again.",
                       {"QP-ADD-06", "QP-MP-019"}, true);
  };
  suite.positive({.id = "host.away",
                  .title = "Without the Host there are goods, and the notice follows.",
                  .subject = "outbox RegisterDelivery",
                  .requirements = {"QP-MP-019", "QP-MP-015"},
                  .mutation = "host:down",
                  .level_e = false,
                  .more = {registered("host.away")}},
                 [](Session& s) {
                   notice_until_answered(
                       s, "vendor.host.away", [](Peer& host) { host.set_down(true); },
                       [](Peer& host) { host.set_down(false); });
                 });
  suite.positive({.id = "host.answer-lost",
                  .title = "A notice whose answer was lost is sent again.",
                  .subject = "RegisterDelivery.unsure",
                  .requirements = {"QP-ADD-06"},
                  .mutation = "RegisterDeliveryResponse:lost",
                  .level_e = false,
                  .more = {registered("host.answer-lost")}},
                 [](Session& s) {
                   notice_until_answered(
                       s, "vendor.host.answer-lost", [](Peer& host) { host.script("RegisterDelivery", lose_answer()); },
                       [](Peer&) {});
                 });
  suite.positive({.id = "host.busy",
                  .title = "A Host that is busy is asked again.",
                  .subject = "RegisterDelivery same",
                  .requirements = {"QP-ADD-06"},
                  .mutation = "RegisterDeliveryResponse.Status:=QP-E-BUSY",
                  .level_e = false,
                  .more = {registered("host.busy")}},
                 [](Session& s) {
                   notice_until_answered(
                       s, "vendor.host.busy",
                       [](Peer& host) { host.script("RegisterDelivery", answer_code("QP-E-BUSY")); }, [](Peer&) {});
                 });
}

void add_crashes(Suite& suite) {
  const auto registered = [&](const char* id) {
    return suite.check(std::string(id) + ".registered", "The delivery is registered after the crash.", {"QP-ADD-06", "QP-MP-011"}, true);
  };
  suite.positive({.id = "crash.delivered",
                  .title = "Killed after the goods went out and before anybody was told, the Vendor tells it.",
                  .subject = "V15 outbox RegisterDelivery, kill",
                  .requirements = {"QP-ADD-05", "QP-ADD-06"},
                  .mutation = "RegisterDelivery:lost, restart:hard",
                  .level_e = false,
                  .more = {registered("crash.delivered")}},
                 killed_after_goods);
  suite.positive({.id = "crash.delivering",
                  .title = "Killed while the Broker's yes comes in, the Vendor delivers all the same.",
                  .subject = "V15 kill",
                  .requirements = {"QP-ADD-05", "QP-ADD-28"},
                  .mutation = "CheckCommitResponse:on its way, restart:hard",
                  .level_e = false,
                  .more = {registered("crash.delivering")}},
                 killed_on_yes);
}

FamilyBase order_base() {
  FamilyBase base;
  base.message = "GetOrder";
  base.twin = "get-order.offer";
  base.valid = [](Session& session) { return Buyer(session).get_order(); };
  base.benign = [](Session& session) { return Buyer(session).buys(); };
  base.unserved = "RegisterCommit";
  return base;
}

FamilyBase delivery_base() {
  FamilyBase base = order_base();
  base.message = "RequestOrderDelivery";
  base.twin = "purchase.paid";
  base.valid = [](Session& session) {
    Buyer buyer(session);
    const auto ready = buyer.ready();
    return ready ? buyer.delivery(ready->offer, ready->endorsement) : Sending{};
  };
  base.unserved = "CheckCommit";
  return base;
}

}  // namespace

void judge_registered(Session& session, const std::string& check, std::size_t from, const Reply& goods) {
  World& world = session.world();
  world.settle();  // so that the backoff has begun when time moves
  (void)world.advance(kLongPause);
  const std::string delivery = goods.text("Body/DeliveryId");
  const auto notice = world.wait_for(from, [&](const Entry& entry) {
    return entry.by_iut && entry.message == "RegisterDelivery" &&
           text_at(parse_xml(entry.body).value_or(Element{}), "Body/DeliveryId") == delivery;
  });
  const auto heard = world.wait_for(from, [](const Entry& entry) {
    return entry.message == "RegisterDeliveryResponse" && entry.code == "QP-OK";
  });
  judge(session, check, !delivery.empty() && notice && heard, "RegisterDelivery of these goods, which the Host hears",
        notice ? "it, unheard" : "none", {}, Reason::missing_message);
}

void add_vendor_again(Suite& suite) {
  suite.positive({.id = "delivered.again",
                  .title = "Asked again, the Vendor gives the same goods.",
                  .subject = "V33",
                  .requirements = {"QP-ADD-01", "QP-MP-002"},
                  .mutation = "RequestOrderDelivery:again",
                  .more = {suite.check("delivered.no-new-check", "A delivery that is repeated is not checked again.",
                                       {"QP-MP-016"})}},
                 delivered_again);
  suite.positive({.id = "delivered.after-restart",
                  .title = "After a crash the Vendor gives the same goods.",
                  .subject = "V33",
                  .requirements = {"QP-ADD-05", "QP-ADD-06"},
                  .mutation = "restart:hard",
                  .level_e = false},
                 delivered_after_restart);
  suite.positive({.id = "purchase.nothing-about-buyer",
                  .title = "Broker and Host hear nothing of the buyer from the Vendor.",
                  .subject = "CheckCommit RegisterDelivery",
                  .requirements = {"QP-ANON-010", "QP-ANON-009"}},
                 tell_nobody_the_buyer);
  add_sold(suite);
  add_notices(suite);
  add_crashes(suite);
}

void add_vendor_families(Suite& suite) {
  add_xml_family(
      suite, delivery_base(),
      {"comment", "cdata", "doctype", "external-entity", "entity-bomb", "numeric-reference", "attribute",
       "byte-order-mark", "overlong-utf8", "trailing", "too-deep", "schema-then-xml", "no-namespace", "mixed"});
  add_xml_family(suite, order_base(),
                 {"instruction", "redeclared", "other-encoding", "nul", "no-bytes", "json", "second-root"});
  add_rest_of_xml_family(suite, order_base());
  add_schema_family(suite, delivery_base(), 16);
  add_schema_family(suite, order_base(), 8);
  add_head_family(suite, delivery_base());
  add_head_family(suite, order_base());
  add_repeat_family(suite, delivery_base());
  add_repeat_family(suite, order_base());
  add_http_family(suite, order_base());
}

}  // namespace quickpay::conformance
