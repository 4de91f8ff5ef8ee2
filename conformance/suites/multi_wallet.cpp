// The Wallet that has bought elsewhere before, with two Brokers, a Host that is away and a crash in between.
#include <memory>

#include "conformance/suites/multi.hpp"
#include "conformance/suites/wallet_parts.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kLongPause = 3600;

/// The OrderId of the last inquiry; empty: there was none.
std::string last_order(Session& session, std::size_t from) {
  const auto inquiries = session.world().sent_by_iut("InquiryPayment", from);
  return inquiries.empty() ? "" : text_at(session.world().document(inquiries.back()), "Body/OrderRef/OrderId");
}

/// A purchase at the other Vendor; its OrderId, or nothing.
std::string bought_elsewhere(Session& session) {
  const std::size_t from = session.transcript().mark();
  const bool bought = is_accepted(Shopper(session).buy("yes", session.world().cast().other_vendor));
  return bought ? last_order(session, from) : "";
}

/// Two purchases at two Vendors while the Host is suspended.
void two_vendors(Session& session) {
  Shopper shopper(session);
  World& world = session.world();
  shopper.host()->set_down(true);
  const auto first = shopper.buy();
  const auto second = shopper.buy("yes", world.cast().other_vendor);
  judge(session, "wallet.multi.two-vendors", is_accepted(first) && is_accepted(second), "both accepted",
        outcome_text(first) + ", " + outcome_text(second), {}, Reason::refused);
  shopper.host()->set_down(false);
  const std::size_t from = session.transcript().mark();
  world.settle();
  if (!world.advance(kLongPause)) {
    return session.inconclusive("wallet.multi.both-registered", Reason::adapter_required, "the clock cannot be moved");
  }
  const auto heard = [&](const std::string& vendor) {
    return world.wait_for(from, [&](const Entry& entry) {
      return says_received(entry) && entry.body.find(">" + vendor + "<") != std::string::npos;
    });
  };
  const bool both = heard(world.cast().vendor) && heard(world.cast().other_vendor);
  judge(session, "wallet.multi.both-registered", both, "RegisterOrder for both Vendors", both ? "both" : "not both", {},
        Reason::missing_message);
}

/// Another Paycard pays from now on.
void second_broker(Session& session) {
  Shopper shopper(session);
  World& world = session.world();
  const auto first = shopper.buy();
  if (!is_accepted(first) || !is_accepted(shopper.activate("P8"))) {
    return unreached(session, "a purchase and another Paycard");
  }
  const std::size_t from = session.transcript().mark();
  const auto second = shopper.buy();
  const auto inquiries = world.sent_by_iut("InquiryPayment", from);
  const bool there = !inquiries.empty() && session.transcript().entries()[inquiries.front()].to == world.cast().other_broker;
  judge(session, "wallet.multi.second-broker", is_accepted(second) && there, "accepted, by the second Broker",
        outcome_text(second) + (there ? "" : ", another Broker"), inquiries, Reason::wrong_message);
}

/// A purchase in which an answer says something of another purchase.
struct Crossed {
  const char* id;
  const char* title;
  const char* subject;
  std::vector<std::string> requirements;
  const char* asked;      ///< whose answer is changed
  const char* path;       ///< the leaf of the answer that is another one's
  bool order_id;          ///< the other purchase's OrderId; otherwise its Vendor
  bool crash;             ///< between the two purchases
  const char* forbidden;
};

const std::vector<Crossed> kCrossed = {
    {"multi.offer-of-the-other-vendor", "A Vendor offers nothing in the name of another where the user has bought.",
     "W4 two Vendors", {"QP-ADD-14", "QP-SAFE-001"}, "GetOrder", "GetOrderResponse.Offer.Order.Vendor", false, false, "InquiryPayment"},
    {"multi.endorsement-of-the-other-order", "The Endorsement of an earlier order at another Vendor is none of this one.",
     "W13 two orders", {"QP-SAFE-006"}, "InquiryPayment", "InquiryPaymentResponse.Endorsement.OrderRef.OrderId", true, false,
     "RequestOrderDelivery"},
    {"multi.crash-then-other-endorsement", "After a crash, too, another order's Endorsement is none.", "W13 crash",
     {"QP-SAFE-006", "QP-ADD-06"}, "InquiryPayment", "InquiryPaymentResponse.Endorsement.OrderRef.OrderId", true, true,
     "RequestOrderDelivery"}};

Negative crossed(const std::string& check, const Crossed& one) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  const auto value = std::make_shared<std::string>();
  Negative plan;
  plan.check = check;
  plan.reach = [one, value](Session& s) {
    const std::string order = bought_elsewhere(s);
    *value = one.order_id ? order : s.world().cast().other_vendor;
    return !order.empty() && (!one.crash || s.world().restart(true));
  };
  plan.stimulus = [call, one, value](Session& s) {
    Shopper shopper(s);
    const std::string mutation = std::string(one.path) + ":=" + *value;
    (std::string_view(one.asked) == "GetOrder" ? shopper.vendor() : shopper.broker())->script(one.asked, change_answer(mutation));
    const std::size_t from = s.transcript().mark();
    *call = shopper.begin();
    return call->has_value() && shopper.delivered(from, mutation).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request(one.forbidden);
  plan.forbidden_text = std::string("no ") + one.forbidden;
  plan.refusals = {"bad-signature", "amount-mismatch", "duplicate", "replay", "peer-error", "not-authorised", "malformed"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

/// A notice waits for the Host, and the user declines another offer.
Negative declined_meanwhile(const std::string& check) {
  const auto call = std::make_shared<IutResult<CallId>>(tl::unexpected(IutError{}));
  Negative plan;
  plan.check = check;
  plan.reach = [](Session& s) {
    Shopper(s).host()->set_down(true);
    return is_accepted(Shopper(s).buy());
  };
  plan.stimulus = [call](Session& s) {
    const std::size_t from = s.transcript().mark();
    *call = Shopper(s).begin("no", s.world().cast().other_vendor);
    return call->has_value() &&
           s.world().wait_for(from, [](const Entry& entry) { return entry.message == "GetOrderResponse"; }).has_value();
  };
  plan.reaction = [call](Session& s) { return reaction_of(Shopper(s).finish(*call)); };
  plan.forbidden = is_request("InquiryPayment");
  plan.forbidden_text = "no InquiryPayment without the user's yes";
  plan.refusals = {"not-authorised"};
  plan.benign = [](Session& s) { return Shopper(s).buys(); };
  return plan;
}

}  // namespace

void add_wallet_multi(Suite& suite) {
  suite.positive({.id = "multi.two-vendors",
                  .title = "Purchases at two Vendors go on without the Host, and both are registered later.",
                  .subject = "outbox RegisterOrder two orders",
                  .requirements = {"QP-MP-019", "QP-ADD-06"},
                  .mutation = "host:down, two Vendors",
                  .level_e = false,
                  .more = {suite.check("multi.both-registered", "Both receptions are registered when the Host is back.",
                                       {"QP-ADD-06", "QP-MP-012"}, true)}},
                 two_vendors);
  suite.positive({.id = "multi.second-broker",
                  .title = "The Paycard that is active decides which Broker pays.",
                  .subject = "W10 two Brokers",
                  .requirements = {"QP-WAL-010", "QP-MP-007", "QP-ROLE-006"},
                  .mutation = "activate-paycard:of another Broker",
                  .level_e = false},
                 second_broker);
  for (const Crossed& one : kCrossed) {
    suite.negative({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = one.requirements,
                    .mutation = std::string(one.crash ? "restart:hard, " : "") + one.path + ":=of another purchase",
                    .twin = "multi.two-vendors",
                    .level_e = false},
                   [one, check = suite.name(one.id)](Session&) { return crossed(check, one); });
  }
  suite.negative({.id = "multi.declined-while-a-notice-waits",
                  .title = "What the user declines is not paid, whatever waits for the Host.",
                  .subject = "W8 Host suspended",
                  .requirements = {"QP-WAL-015", "QP-MP-019"},
                  .mutation = "host:down, confirm:no",
                  .twin = "multi.two-vendors",
                  .level_e = false},
                 [check = suite.name("multi.declined-while-a-notice-waits")](Session&) { return declined_meanwhile(check); });
}

std::vector<Scenario> multi_suite(std::string_view role) {
  Suite suite{std::string(role)};
  if (role == "host") add_host_multi(suite);
  if (role == "broker") add_broker_multi(suite);
  if (role == "vendor") add_vendor_multi(suite);
  if (role == "wallet") add_wallet_multi(suite);
  return suite.take();
}

}  // namespace quickpay::conformance
