// The Host between the players of two orders, with a crash in between.
#include <fmt/format.h>

#include <memory>
#include <set>

#include "conformance/suites/multi.hpp"
#include "conformance/suites/registrar.hpp"

namespace quickpay::conformance {

namespace {

const std::vector<Part> kAllTwice = {Part::other_vendor, Part::other_broker, Part::other_wallet};

/// Two paid orders that have no player in common but the Host.
struct Two {
  PaidOrder first, second;
  std::string number;  ///< CaseNo of the first
};

Two two_orders(Session& session) {
  Registrar registrar(session);
  const Cast& cast = session.world().cast();
  Two two{registrar.order(), registrar.order(), {}};
  two.second.vendor = cast.other_vendor;
  two.second.broker = cast.other_broker;
  two.second.wallet = cast.other_wallet;
  set_text(two.second.ref, "Vendor", cast.other_vendor);
  return two;
}

/// The Brokers of both have registered.
bool open_both(Session& session, Two& two) {
  two = two_orders(session);
  const Reply first = session.world().send(Registrar(session).commit(two.first));
  two.number = first.text("Body/CaseNo");
  return first.ok() && session.world().send(Registrar(session).commit(two.second)).ok();
}

void interleaved(Session& session) {
  Registrar registrar(session);
  const Two two = two_orders(session);
  std::set<std::string> first, second;
  bool all = true;
  for (const int number : {6, 7, 8}) {
    const Reply one = session.world().send(registrar.notice(two.first, number));
    const Reply other = session.world().send(registrar.notice(two.second, 14 - number));
    all = all && one.ok() && other.ok();
    first.insert(one.text("Body/CaseNo"));
    second.insert(other.text("Body/CaseNo"));
  }
  const bool apart = first.size() == 1 && second.size() == 1 && first != second;
  judge(session, "host.multi.interleaved", all && apart, "all six acknowledged, in two cases",
        all ? fmt::format("{} and {} cases", first.size(), second.size()) : "not all", {}, Reason::refused);
}

Sending with_id(Sending sending, const std::string& id) {
  set_text(sending.document, "Head/MsgId", id);
  return sending;
}

/// Two Brokers choose the same MsgId: each has its own answers.
void same_msg_id(Session& session) {
  Registrar registrar(session);
  World& world = session.world();
  const Two two = two_orders(session);
  const std::string id = world.fresh_id();
  const Reply first = world.send(with_id(registrar.commit(two.first), id));
  const Reply second = world.send(with_id(registrar.commit(two.second), id));
  const bool apart = first.ok() && second.ok() && first.text("Body/CaseNo") != second.text("Body/CaseNo");
  judge(session, "host.multi.same-msg-id", apart, "two cases", outcome_text(first) + ", " + outcome_text(second), second.entries,
        Reason::refused);
}

Refusal after_both(Session& session, bool crash, std::function<Sending(const Two&)> make, const char* label, const char* code) {
  const auto two = std::make_shared<Two>();
  Refusal refusal;
  refusal.reach = [&session, two, crash]() {
    return open_both(session, *two) && (!crash || session.world().restart(true));
  };
  refusal.stimulus = [&session, two, make = std::move(make), label]() {
    Sending sending = make(*two);
    sending.label = label;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {code};
  refusal.benign = [&session, two]() {
    Registrar registrar(session);
    const Reply first = session.world().send(registrar.delivery(two->first));
    return first.ok() && first.text("Body/CaseNo") == two->number && session.world().send(registrar.delivery(two->second)).ok();
  };
  return refusal;
}

PaidOrder crossed(PaidOrder paid, const std::string& vendor) {
  paid.vendor = vendor;
  return paid;
}

/// A Broker uses its MsgId for another order, while another Broker has used the same one rightly.
Refusal id_used_again(Session& session) {
  const auto id = std::make_shared<std::string>(session.world().fresh_id());
  Refusal refusal;
  refusal.reach = [&session, id]() {
    const Two two = two_orders(session);
    Registrar registrar(session);
    return session.world().send(with_id(registrar.commit(two.first), *id)).ok() &&
           session.world().send(with_id(registrar.commit(two.second), *id)).ok();
  };
  refusal.stimulus = [&session, id]() {
    Registrar registrar(session);
    Sending sending = with_id(registrar.commit(registrar.order()), *id);
    sending.label = "RegisterCommit.Head.MsgId:=of an earlier order";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-CONFLICT"};
  refusal.benign = [&session]() { return Registrar(session).registers(); };
  return refusal;
}

void add_refused(Suite& suite) {
  for (const bool crash : {false, true}) {
    suite.refused({.id = crash ? "multi.crash-then-crossed-delivery" : "multi.crossed-delivery",
                   .title = crash ? "After a crash, too, a Vendor with an open case registers no delivery of another's."
                                  : "A Vendor with an open case registers no delivery of another's.",
                   .subject = crash ? "H9 crash" : "H9 two cases",
                   .requirements = {"QP-MP-011", "QP-SAFE-001"},
                   .mutation = crash ? "restart:hard, RegisterDelivery.Head.Sender:=the other Vendor"
                                     : "RegisterDelivery.Head.Sender:=the other Vendor",
                   .twin = "multi.interleaved",
                   .level_e = false,
                   .parts = kAllTwice},
                  [crash](Session& s) {
                    return after_both(
                        s, crash,
                        [&s](const Two& two) { return Registrar(s).delivery(crossed(two.first, two.second.vendor)); },
                        "RegisterDelivery.Head.Sender:=the other Vendor", "QP-E-FORBIDDEN");
                  });
  }
  suite.refused({.id = "multi.strange-broker-between",
                 .title = "A Broker that was never issued opens no case between two open ones.",
                 .subject = "H7 two cases",
                 .requirements = {"QP-MP-011"},
                 .mutation = "RegisterDelivery.Broker:=unknown, between two cases",
                 .twin = "multi.interleaved",
                 .level_e = false,
                 .parts = kAllTwice},
                [](Session& s) {
                  return after_both(
                      s, false,
                      [&s](const Two&) {
                        PaidOrder paid = Registrar(s).order();
                        paid.broker = s.world().cast().unknown_broker;
                        return Registrar(s).delivery(paid);
                      },
                      "RegisterDelivery.Broker:=unknown", "QP-E-BROKER");
                });
  suite.refused({.id = "multi.msg-id-used-again",
                 .title = "A MsgId that two Brokers share is used once by each.",
                 .subject = "step 14 two senders",
                 .requirements = {"QP-ADD-01"},
                 .mutation = "RegisterCommit.Head.MsgId:=of an earlier order",
                 .twin = "multi.same-msg-id",
                 .level_e = false,
                 .parts = kAllTwice},
                id_used_again);
}

}  // namespace

void add_host_multi(Suite& suite) {
  suite.positive({.id = "multi.interleaved",
                  .title = "The notices of two orders that come in turn, in two orders, make two cases.",
                  .subject = "H2 H4 H8 H11 H16 two cases",
                  .requirements = {"QP-ADD-06", "QP-ROLE-013"},
                  .mutation = "MP6 MP7 MP8 against MP8 MP7 MP6",
                  .level_e = false,
                  .parts = kAllTwice},
                 interleaved);
  suite.positive({.id = "multi.same-msg-id",
                  .title = "Two Brokers that choose the same MsgId do not disturb each other.",
                  .subject = "step 14 two senders",
                  .requirements = {"QP-ADD-01", "QP-ADD-06"},
                  .mutation = "RegisterCommit.Head.MsgId:=of another Broker",
                  .level_e = false,
                  .parts = kAllTwice},
                 same_msg_id);
  add_refused(suite);
}

}  // namespace quickpay::conformance
