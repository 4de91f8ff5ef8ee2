// The Vendor between two Brokers and two buyers, with a Host that is away and a crash in between.
#include <memory>
#include <optional>

#include "conformance/suites/buyer.hpp"
#include "conformance/suites/multi.hpp"

namespace quickpay::conformance {

namespace {

/// Two orders, each endorsed by a Broker of its own.
struct Two {
  std::optional<Buyer::Ready> first, second;
};

bool both_ready(Session& session, Two& two) {
  Buyer buyer(session);
  two.first = buyer.ready(0);
  two.second = buyer.ready(1, session.world().cast().other_broker);
  return two.first && two.second;
}

bool delivers_both(Session& session, const Two& two) {
  return Buyer(session).ask(*two.second).ok() && Buyer(session).ask(*two.first).ok();
}

bool is_check(const Entry& entry) { return entry.kind == EntryKind::request && entry.message == "CheckCommit"; }

/// No CheckCommit until what is returned is true: then the orders of the scenario are delivered rightly.
std::shared_ptr<bool> forbid_checks(Refusal& refusal) {
  const auto over = std::make_shared<bool>(false);
  refusal.forbidden = [over](const Entry& entry) { return !*over && is_check(entry); };
  refusal.forbidden_text = "no goods and no CheckCommit";
  return over;
}

/// Whether the Vendor asked this Broker, and no other, about the order.
bool asked_its_broker(Session& session, const Buyer::Ready& ready) {
  World& world = session.world();
  const std::string order = text_at(ready.offer.ref, "OrderId"), broker = text_at(ready.endorsement, "Broker");
  bool asked = false;
  for (const std::size_t entry : world.sent_by_iut("CheckCommit")) {
    if (text_at(world.document(entry), "Body/OrderRef/OrderId") != order) {
      continue;
    }
    asked = true;
    if (session.transcript().entries()[entry].to != broker) {
      return false;
    }
  }
  return asked;
}

/// Both buyers ask at once.
void two_brokers(Session& session) {
  Two two;
  if (!both_ready(session, two)) {
    return unreached(session, "two endorsements");
  }
  Buyer buyer(session);
  const Pending first = buyer.begin(*two.first), second = buyer.begin(*two.second);
  const Reply one = session.world().finish(first), other = session.world().finish(second);
  const bool apart = one.ok() && other.ok() && one.text("Body/DeliveryId") != other.text("Body/DeliveryId");
  judge(session, "vendor.multi.two-brokers", apart, "two deliveries", outcome_text(one) + ", " + outcome_text(other), other.entries,
        Reason::refused);
  const bool asked = asked_its_broker(session, *two.first) && asked_its_broker(session, *two.second);
  judge(session, "vendor.multi.each-its-broker", asked, "CheckCommit of each order to the Broker that endorsed it",
        asked ? "so" : "otherwise", {}, Reason::wrong_message);
}

/// The first Broker's answer comes after the second one's.
void answers_overtake(Session& session) {
  Two two;
  Buyer buyer(session);
  if (!both_ready(session, two) || buyer.broker() == nullptr) {
    return unreached(session, "two endorsements");
  }
  const std::size_t from = session.transcript().mark();
  buyer.broker()->script("CheckCommit", hold_answer());
  const Pending first = buyer.begin(*two.first);
  if (!session.world().wait_for(from, is_check)) {
    return unreached(session, "CheckCommit");
  }
  const Reply other = buyer.ask(*two.second);
  buyer.broker()->release();
  const Reply one = session.world().finish(first);
  const bool own = goods_of(one.document) != goods_of(other.document);
  judge(session, "vendor.multi.answers-overtake", one.ok() && other.ok() && own, "both deliveries, each with its goods",
        outcome_text(one) + ", " + outcome_text(other), one.entries, Reason::refused);
}

Refusal crossed_secret(Session& session) {
  const auto two = std::make_shared<Two>();
  Refusal refusal;
  refusal.reach = [&session, two]() { return both_ready(session, *two); };
  refusal.stimulus = [&session, two]() {
    Sending sending = Buyer(session).delivery(two->first->offer, two->second->endorsement);
    sending.label = "RequestOrderDelivery.Endorsement:=of the other order";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-MISMATCH"};
  const auto over = forbid_checks(refusal);
  refusal.benign = [&session, two, over]() {
    *over = true;
    return delivers_both(session, *two);
  };
  return refusal;
}

/// One Broker says no while the other one's answer is awaited.
Refusal one_says_no(Session& session) {
  const auto two = std::make_shared<Two>();
  const auto waiting = std::make_shared<Pending>();
  Refusal refusal;
  refusal.reach = [&session, two, waiting]() {
    Buyer buyer(session);
    Peer* other = buyer.broker(session.world().cast().other_broker);
    if (!both_ready(session, *two) || other == nullptr) {
      return false;
    }
    const std::size_t from = session.transcript().mark();
    other->script("CheckCommit", hold_answer());
    *waiting = buyer.begin(*two->second);
    return session.world().wait_for(from, is_check).has_value();
  };
  refusal.stimulus = [&session, two]() {
    Buyer buyer(session);
    buyer.broker()->script("CheckCommit", answer_code("QP-E-MISMATCH"));
    return buyer.ask(*two->first);
  };
  refusal.codes = {"QP-E-MISMATCH"};
  refusal.benign = [&session, waiting]() {
    Buyer buyer(session);
    buyer.broker(session.world().cast().other_broker)->release();
    return session.world().finish(*waiting).ok() && buyer.buys();
  };
  return refusal;
}

/// Sales go on without the Host, and whom the Vendor does not accept it does not accept.
Refusal strange_without_host(Session& session) {
  const auto ready = std::make_shared<std::optional<Buyer::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    World& world = session.world();
    Buyer buyer(session);
    Peer* host = world.peer(world.cast().host);
    if (host == nullptr) {
      return false;
    }
    host->set_down(true);
    *ready = buyer.ready(0, world.cast().strange_broker);
    return ready->has_value() && buyer.buys();
  };
  refusal.stimulus = [&session, ready]() {
    Sending sending = Buyer(session).delivery((*ready)->offer, (*ready)->endorsement);
    sending.label = "RequestOrderDelivery.Endorsement.Broker:=not accepted, Host suspended";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-BROKER"};
  refusal.forbidden = is_check;
  refusal.forbidden_text = "no goods and no CheckCommit";
  refusal.benign = [&session]() {
    World& world = session.world();
    const bool without = Buyer(session).buys();
    world.peer(world.cast().host)->set_down(false);
    return without && Buyer(session).buys();
  };
  return refusal;
}

/// Crash window (c): goods given, the notice not yet sent, and another order endorsed.
Refusal crash_between(Session& session) {
  const auto two = std::make_shared<Two>();
  const auto delivery = std::make_shared<std::string>();
  Refusal refusal;
  refusal.reach = [&session, two, delivery]() {
    World& world = session.world();
    Peer* host = world.peer(world.cast().host);
    if (host == nullptr || !both_ready(session, *two)) {
      return false;
    }
    host->script("RegisterDelivery", lose_request(), 2);
    *delivery = Buyer(session).ask(*two->first).text("Body/DeliveryId");
    return !delivery->empty() && world.restart(true);
  };
  refusal.stimulus = [&session, two]() {
    return Buyer(session).ask(*two->first, "RequestOrderDelivery.Endorsement.OrderRef.Amount:-1");
  };
  refusal.codes = {"QP-E-MISMATCH"};
  const auto over = forbid_checks(refusal);
  refusal.benign = [&session, two, delivery, over]() {
    *over = true;
    const Reply again = Buyer(session).ask(*two->first);
    return again.ok() && again.text("Body/DeliveryId") == *delivery && Buyer(session).ask(*two->second).ok();
  };
  return refusal;
}

void add_refused(Suite& suite) {
  suite.refused({.id = "multi.endorsement-of-the-other-order",
                 .title = "Who knows the secret of one order gets no goods of another.",
                 .subject = "V5 two orders",
                 .requirements = {"QP-SAFE-002", "QP-ADD-03"},
                 .mutation = "RequestOrderDelivery.Endorsement:=of the other order",
                 .twin = "multi.two-brokers",
                 .level_e = false,
                 .parts = {Part::other_broker}},
                crossed_secret);
  suite.refused({.id = "multi.one-broker-says-no",
                 .title = "One Broker's no ends its own order and no other.",
                 .subject = "V17 two orders",
                 .requirements = {"QP-MP-022", "QP-SAFE-001"},
                 .mutation = "CheckCommitResponse.Status:=QP-E-MISMATCH, the other Broker slow",
                 .twin = "multi.answers-overtake",
                 .level_e = false,
                 .parts = {Part::other_broker}},
                one_says_no);
  suite.refused({.id = "multi.strange-broker-without-the-host",
                 .title = "While the Host is suspended sales go on, and only with accepted Brokers.",
                 .subject = "V6 Host suspended",
                 .requirements = {"QP-MP-019", "QP-SAFE-001"},
                 .mutation = "host:down, RequestOrderDelivery.Endorsement.Broker:=not accepted",
                 .twin = "purchase.paid",
                 .level_e = false,
                 .parts = {Part::strange_broker}},
                strange_without_host);
  suite.refused({.id = "multi.crash-between-two-orders",
                 .title = "After a crash the terms of a delivered order stand, and another one's Endorsement is good.",
                 .subject = "V31 crash",
                 .requirements = {"QP-ADD-05", "QP-ADD-03"},
                 .mutation = "restart:hard, RequestOrderDelivery.Endorsement.OrderRef.Amount:-1",
                 .twin = "multi.two-brokers",
                 .level_e = false,
                 .parts = {Part::other_broker}},
                crash_between);
}

}  // namespace

void add_vendor_multi(Suite& suite) {
  suite.positive({.id = "multi.two-brokers",
                  .title = "Two buyers with two Brokers who ask at once both get their goods.",
                  .subject = "V8 V15 two orders",
                  .requirements = {"QP-MP-008", "QP-MP-009"},
                  .mutation = "RequestOrderDelivery:at once, two Brokers",
                  .level_e = false,
                  .more = {suite.check("multi.each-its-broker", "Each order is checked with the Broker that endorsed it.",
                                       {"QP-MP-009", "QP-SAFE-006"}, true)},
                  .parts = {Part::other_broker}},
                 two_brokers);
  suite.positive({.id = "multi.answers-overtake",
                  .title = "A Broker whose answer is late delays its own order alone.",
                  .subject = "V15 two orders",
                  .requirements = {"QP-MP-008", "QP-MP-016"},
                  .mutation = "CheckCommitResponse:held until the other came",
                  .level_e = false,
                  .parts = {Part::other_broker}},
                 answers_overtake);
  add_refused(suite);
}

}  // namespace quickpay::conformance
