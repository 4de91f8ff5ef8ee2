// The Broker between two Vendors and two Wallets, with a Host that is away and a crash in between.
#include <memory>

#include "conformance/peers/marks.hpp"
#include "conformance/suites/multi.hpp"
#include "conformance/suites/payer.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kAmount = 100;

/// Two orders that are endorsed at the same time.
struct Two {
  Element first, second;
  std::string first_id, second_id;
};

/// The order of another Vendor, otherwise as it is.
Element of_other_vendor(Session& session, Element ref) {
  set_text(ref, "Vendor", session.world().cast().other_vendor);
  return marked_ref(session.run(), std::move(ref));
}

/// Both inquiries are on their way at once, from both Wallets or from one.
bool endorse_both(Session& session, Two& two, bool two_wallets) {
  Payer payer(session);
  const PaycardPlan* other = two_wallets ? payer.other_card() : nullptr;
  const Pending first = session.world().begin(payer.inquiry(two.first));
  const Pending second = session.world().begin(payer.inquiry(two.second, other));
  two.first_id = session.world().finish(first).text("Body/Endorsement/EndorsementId");
  two.second_id = session.world().finish(second).text("Body/Endorsement/EndorsementId");
  return !two.first_id.empty() && !two.second_id.empty();
}

bool of_two_wallets(Session& session, Two& two) {
  Payer payer(session);
  two.first = payer.order(kAmount);
  two.second = payer.order(kAmount);
  return endorse_both(session, two, true);
}

/// The second order has the first one's OrderId, at another Vendor.
bool of_two_vendors(Session& session, Two& two) {
  two.first = Payer(session).order(kAmount);
  two.second = of_other_vendor(session, two.first);
  return endorse_both(session, two, false);
}

Reply commit_second(Session& session, const Two& two) {
  return session.world().send(Payer(session).check(two.second, two.second_id, text_at(two.second, "Vendor")));
}

bool commits_both(Session& session, const Two& two) {
  return commit_second(session, two).ok() && Payer(session).commit(two.first, two.first_id).ok();
}

/// Whether the Host hears of the order, and from whose Paycard it is.
bool noticed(Session& session, const Element& ref, const std::string& wallet) {
  World& world = session.world();
  const auto notice = world.wait_for(0, [&](const Entry& entry) {
    return entry.by_iut && is_commit_notice(entry) && entry.body.find(text_at(ref, "OrderId")) != std::string::npos &&
           entry.body.find(">" + text_at(ref, "Vendor") + "<") != std::string::npos;
  });
  return notice && text_at(world.document(*notice), "Body/Wallet") == wallet;
}

void committed_crosswise(Session& session, const std::string& check, bool (*make)(Session&, Two&), const std::string& second_wallet) {
  Two two;
  if (!make(session, two)) {
    return unreached(session, "two endorsements");
  }
  const Reply second = commit_second(session, two);
  const Reply first = Payer(session).commit(two.first, two.first_id);
  const bool both = first.ok() && second.ok() && first.text("Body/CommitId") != second.text("Body/CommitId");
  judge(session, check, both, "two commitments", outcome_text(second) + ", " + outcome_text(first), first.entries, Reason::refused);
  if (!both) {
    return;
  }
  const bool told = noticed(session, two.first, session.world().cast().wallet) && noticed(session, two.second, second_wallet);
  judge(session, check + ".noticed", told, "a notice of each, with its own Wallet", told ? "both" : "not both", {},
        Reason::wrong_message);
}

/// Two Vendors choose the same MsgId: each has its own answer.
void same_msg_id(Session& session) {
  Two two;
  if (!of_two_vendors(session, two)) {
    return unreached(session, "two endorsements");
  }
  Payer payer(session);
  Sending first = payer.check(two.first, two.first_id), second = payer.check(two.second, two.second_id, text_at(two.second, "Vendor"));
  set_text(second.document, "Head/MsgId", text_at(first.document, "Head/MsgId"));
  const Reply one = session.world().send(std::move(first)), other = session.world().send(std::move(second));
  const bool apart = one.ok() && other.ok() && one.text("Body/CommitId") != other.text("Body/CommitId");
  judge(session, "broker.multi.same-msg-id", apart, "two commitments", outcome_text(one) + ", " + outcome_text(other), other.entries,
        Reason::refused);
}

/// What a Vendor asks about the second order is wrong.
Refusal crossed(Session& session, bool (*make)(Session&, Two&), std::function<Sending(const Two&)> ask, const char* label, const char* code) {
  const auto two = std::make_shared<Two>();
  Refusal refusal;
  refusal.reach = [&session, two, make]() { return make(session, *two); };
  refusal.stimulus = [&session, two, ask = std::move(ask), label]() {
    Sending sending = ask(*two);
    sending.label = label;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {code};
  const auto over = std::make_shared<bool>(false);  // afterwards both orders are committed rightly
  refusal.forbidden = [over](const Entry& entry) { return !*over && is_commit_notice(entry); };
  refusal.forbidden_text = "no commitment and no notice of one";
  refusal.benign = [&session, two, over]() {
    *over = true;
    return commits_both(session, *two);
  };
  return refusal;
}

/// Payments go on without the Host, and limits hold.
Refusal limit_without_host(Session& session) {
  Refusal refusal;
  refusal.reach = [&session]() {
    World& world = session.world();
    Payer payer(session);
    Peer* host = world.peer(world.cast().host);
    const PaycardPlan* card = payer.other_card();
    if (host == nullptr || card == nullptr) {
      return false;
    }
    host->set_down(true);
    const auto made = payer.endorsed(card->limit, card);
    return made && payer.commit(made->ref, made->id()).ok() && payer.pays();
  };
  refusal.stimulus = [&session]() {
    Payer payer(session);
    Sending sending = payer.inquiry(payer.order(1), payer.other_card());
    sending.label = "InquiryPayment:limit + 1, Host suspended";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-FUNDS"};
  refusal.benign = [&session]() {
    World& world = session.world();
    const bool without = Payer(session).pays();
    world.peer(world.cast().host)->set_down(false);
    return without && Payer(session).pays();
  };
  return refusal;
}

/// Crash window (a): committed, the notice not yet sent, and another order endorsed.
Refusal crash_between(Session& session) {
  const auto two = std::make_shared<Two>();
  const auto commit = std::make_shared<std::string>();
  Refusal refusal;
  refusal.reach = [&session, two, commit]() {
    World& world = session.world();
    Peer* host = world.peer(world.cast().host);
    if (host == nullptr || !of_two_wallets(session, *two)) {
      return false;
    }
    host->script("RegisterCommit", lose_request(), 2);
    *commit = Payer(session).commit(two->first, two->first_id).text("Body/CommitId");
    return !commit->empty() && world.restart(true);
  };
  refusal.stimulus = [&session, two]() {
    Sending sending = Payer(session).check(two->first, two->first_id);
    sending.mutation = "CheckCommit.OrderRef.Amount:+1";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-MISMATCH"};
  refusal.benign = [&session, two, commit]() {
    const Reply again = Payer(session).commit(two->first, two->first_id);
    return again.ok() && again.text("Body/CommitId") == *commit && commit_second(session, *two).ok();
  };
  return refusal;
}

void add_crossed(Suite& suite) {
  suite.refused({.id = "multi.endorsement-of-the-other-order",
                 .title = "The Endorsement of one Wallet's order commits no order of another.",
                 .subject = "B19 two Wallets",
                 .requirements = {"QP-SEC-001", "QP-SAFE-003"},
                 .mutation = "CheckCommit.EndorsementId:=of the other order",
                 .twin = "multi.two-wallets",
                 .level_e = false,
                 .parts = {Part::other_wallet}},
                [](Session& s) {
                  return crossed(s, of_two_wallets, [&s](const Two& two) { return Payer(s).check(two.second, two.first_id); },
                                 "CheckCommit.EndorsementId:=of the other order", "QP-E-MISMATCH");
                });
  suite.refused({.id = "multi.order-of-the-other-vendor",
                 .title = "A Vendor with an endorsed order commits no order of another Vendor.",
                 .subject = "B18 two Vendors",
                 .requirements = {"QP-SAFE-001"},
                 .mutation = "CheckCommit.Head.Sender:=the other Vendor",
                 .twin = "multi.two-vendors",
                 .level_e = false,
                 .parts = {Part::other_vendor}},
                [](Session& s) {
                  return crossed(s, of_two_vendors, [&s](const Two& two) { return Payer(s).check(two.second, two.second_id); },
                                 "CheckCommit.Head.Sender:=the other Vendor", "QP-E-FORBIDDEN");
                });
  suite.refused({.id = "multi.same-order-id",
                 .title = "One OrderId at two Vendors names two orders, each with its own Endorsement.",
                 .subject = "B19 two Vendors",
                 .requirements = {"QP-SEC-001", "QP-SAFE-003"},
                 .mutation = "CheckCommit.EndorsementId:=of that OrderId at the other Vendor",
                 .twin = "multi.two-vendors",
                 .level_e = false,
                 .parts = {Part::other_vendor}},
                [](Session& s) {
                  return crossed(
                      s, of_two_vendors,
                      [&s](const Two& two) { return Payer(s).check(two.second, two.first_id, text_at(two.second, "Vendor")); },
                      "CheckCommit.EndorsementId:=of that OrderId at the other Vendor", "QP-E-MISMATCH");
                });
}

}  // namespace

void add_broker_multi(Suite& suite) {
  const auto noticed_too = [&](const std::string& id) {
    return suite.check(id + ".noticed", "Each commitment is registered with its own Wallet.", {"QP-MP-010", "QP-ADD-05"}, true);
  };
  suite.positive({.id = "multi.two-wallets",
                  .title = "Orders of two Wallets that come and are committed crosswise stay apart.",
                  .subject = "B8 B20 two Wallets",
                  .requirements = {"QP-SAFE-003", "QP-MP-009"},
                  .mutation = "InquiryPayment:two Wallets, CheckCommit crosswise",
                  .level_e = false,
                  .more = {noticed_too("multi.two-wallets")},
                  .parts = {Part::other_wallet}},
                 [](Session& s) {
                   committed_crosswise(s, "broker.multi.two-wallets", of_two_wallets, s.world().cast().other_wallet);
                 });
  suite.positive({.id = "multi.two-vendors",
                  .title = "One OrderId at two Vendors is two orders, and both are paid.",
                  .subject = "B8 B20 two Vendors",
                  .requirements = {"QP-SAFE-003", "QP-ADD-23"},
                  .mutation = "InquiryPayment:two Vendors, one OrderId",
                  .level_e = false,
                  .more = {noticed_too("multi.two-vendors")},
                  .parts = {Part::other_vendor}},
                 [](Session& s) { committed_crosswise(s, "broker.multi.two-vendors", of_two_vendors, s.world().cast().wallet); });
  suite.positive({.id = "multi.same-msg-id",
                  .title = "Two Vendors that choose the same MsgId do not disturb each other.",
                  .subject = "step 14 two senders",
                  .requirements = {"QP-ADD-01", "QP-SAFE-003"},
                  .mutation = "CheckCommit.Head.MsgId:=of another Vendor",
                  .level_e = false,
                  .parts = {Part::other_vendor}},
                 same_msg_id);
  add_crossed(suite);
  suite.refused({.id = "multi.limit-without-the-host",
                 .title = "While the Host is suspended payments go on and limits hold.",
                 .subject = "B7 Host suspended",
                 .requirements = {"QP-SAFE-009", "QP-MP-019"},
                 .mutation = "host:down, InquiryPayment:limit + 1",
                 .twin = "payment.committed",
                 .level_e = false,
                 .parts = {Part::other_wallet}},
                limit_without_host);
  suite.refused({.id = "multi.crash-between-two-orders",
                 .title = "After a crash the terms of a committed order stand, and another one's Endorsement is good.",
                 .subject = "B36 crash",
                 .requirements = {"QP-ADD-05", "QP-SEC-001"},
                 .mutation = "restart:hard, CheckCommit.OrderRef.Amount:+1",
                 .twin = "multi.two-wallets",
                 .level_e = false,
                 .parts = {Part::other_wallet}},
                crash_between);
}

}  // namespace quickpay::conformance
