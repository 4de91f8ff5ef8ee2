// What a Vendor must not believe: Settlements and Verdicts that are not what it asked for.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/peers/test_keys.hpp"
#include "conformance/suites/merchant.hpp"
#include "conformance/suites/odd_signatures.hpp"
#include "conformance/suites/vendor_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

using Change = std::function<void(World&, Element&)>;

/// A lie about the answer's object.
struct Lie {
  std::string id;
  const char* title;
  std::string row;
  std::vector<std::string> requirements;
  Change change;  ///< of the Settlement, or of the Body with Verdicts and Approval
  Arrange arrange = {};
};

Element resigned(const World& world, std::string_view signer, const Element& object) {
  return signed_by(world.plan(), signer, object);
}

/// Changes a field of a right Settlement and signs it again, so that only the content is wrong.
Change with_field(const char* field, std::string value) {
  return [field, value = std::move(value)](const World& world, Element& settlement) {
    set_text(settlement, field, value);
    settlement = resigned(world, world.cast().broker, settlement);
  };
}
Change with_sum(const char* field, std::int64_t more) {
  return [field, more](const World& world, Element& settlement) {
    set_text(settlement, field, std::to_string(number_at(settlement, field) + more));
    settlement = resigned(world, world.cast().broker, settlement);
  };
}
/// Changes the lists; the totals follow, and all is signed again.
Change with_lists(std::function<void(Element&)> change) {
  return [change = std::move(change)](const World& world, Element& settlement) {
    change(settlement);
    settlement = summed_up(world, settlement);
  };
}
Change by_key(std::string name, std::string purpose = {}) {
  return [name = std::move(name), purpose = std::move(purpose)](const World& world, Element& object) {
    const SigningKeyPlan* key = signing_key(world.plan(), name);
    const crypto::RsaPrivateKey* used = key != nullptr ? &*key->key : test_key(name);
    if (used != nullptr) {
      object = signed_with(*used, object, purpose);
    }
  };
}

void drop_accepted(Element& settlement) {
  std::erase_if(settlement.children, [](const Element& each) { return each.name == "Accepted"; });
}
void accept_twice(Element& settlement) {
  const auto at = std::find_if(settlement.children.begin(), settlement.children.end(),
                               [](const Element& each) { return each.name == "Accepted"; });
  settlement.children.insert(at, Element(*at));
}
void accept_another(Element& settlement) { set_text(settlement, "Accepted/OrderId", "another-order"); }
void accept_less(Element& settlement) {
  set_text(settlement, "Accepted/Amount", std::to_string(number_at(settlement, "Accepted/Amount") - 1));
}
void keep_too_much(Element& settlement) {
  set_text(settlement, "Accepted/Commission", std::to_string(number_at(settlement, "Accepted/Amount") + 1));
}
/// Accepted and refused at once.
void accept_and_refuse(Element& settlement) {
  const std::string id = text_at(settlement, "Accepted/OrderId");
  const auto place = std::find_if(settlement.children.begin(), settlement.children.end(),
                                  [](const Element& each) { return each.name == "AcceptedTotal"; });
  settlement.children.insert(place, branch("Refused", {leaf("OrderId", id), leaf("Digest", std::string(64, '0')),
                                                       leaf("Code", std::string(protocol::QP_E_UNKNOWN_ORDER))}));
}
/// Refused, but another copy of the order.
void refuse_another_copy(Element& settlement) {
  accept_and_refuse(settlement);
  drop_accepted(settlement);
}

std::vector<Lie> lies_of_brokers() {
  const std::vector<std::string> sums = {"QP-ADD-24", "QP-BS-009"};
  const std::vector<std::string> whose = {"QP-ADD-18", "QP-BS-009"};
  return {{"accepted-total", "AcceptedTotal is that of the list.", "T5 AcceptedTotal", sums, with_sum("AcceptedTotal", -1)},
          {"commission-total", "CommissionTotal is that of the list.", "T5 CommissionTotal", sums, with_sum("CommissionTotal", 1)},
          {"deduction-total", "DeductionTotal is that of the list.", "T5 DeductionTotal", sums, with_sum("DeductionTotal", 1)},
          {"net-total", "NetTotal is what remains.", "T5 NetTotal", sums, with_sum("NetTotal", -1)},
          {"net-total-more", "And no more than what remains.", "T5 NetTotal:+1", sums, with_sum("NetTotal", 1)},
          {"carried-debit", "Nothing is carried beside a NetTotal.", "T5 CarriedDebit", sums, with_sum("CarriedDebit", 1)},
          {"dropped", "No item is dropped in silence.", "T5 Accepted:remove", sums, with_lists(drop_accepted)},
          {"twice", "No item is accepted twice.", "T5 Accepted:duplicate", sums, with_lists(accept_twice)},
          {"another-order", "No order is accepted that was not claimed.", "T5 Accepted.OrderId", sums, with_lists(accept_another)},
          {"smaller-amount", "An order is accepted with its amount.", "T5 Accepted.Amount", sums, with_lists(accept_less)},
          {"commission-above", "A commission is never above its amount.", "T5 Accepted.Commission", sums, with_lists(keep_too_much)},
          {"both", "No item is accepted and refused.", "T5 Refused:add", sums, with_lists(accept_and_refuse)},
          {"another-copy", "A refusal names the order that was claimed.", "T5 Refused.Digest", {"QP-BS-009", "QP-SAFE-001"},
           with_lists(refuse_another_copy)},
          {"another-batch", "The answer is to this batch.", "T5 BatchId", whose, with_field("BatchId", std::string(32, '0'))},
          {"another-claim", "The answer is to this Claim.", "T5 BatchDigest", whose, with_field("BatchDigest", std::string(64, '0'))},
          {"another-currency", "The answer is in this currency.", "T5 Currency", whose, with_field("Currency", "EUR")},
          {"another-vendor", "The answer is for this Vendor.", "T5 Vendor", whose, with_field("Vendor", "V1002")},
          {"another-broker", "The answer is of this Broker.", "T5 Broker", whose, with_field("Broker", "B8")},
          {"altered", "What was changed after it was signed is worth nothing.", "T5 Sig", {"QP-ADD-18", "QP-BS-006"},
           [](const World&, Element& settlement) { set_text(settlement, "ValueDate", "2036-11-22T12:00:00Z"); }},
          {"hosts-key", "The Host signs nothing for a Broker.", "T5 Sig by the Host", {"QP-ADD-18", "QP-BS-006"}, by_key("H1")},
          {"other-brokers-key", "Another Broker signs nothing for this one.", "T5 Sig by another Broker", {"QP-ADD-18", "QP-BS-006"},
           by_key("B8")},
          {"strangers-key", "A stranger signs nothing for anybody.", "T5 Sig by a stranger", {"QP-ADD-18", "QP-BS-006"},
           by_key("stranger")},
          {"own-key", "The Vendor's own key signs nothing for a Broker.", "T5 Sig by the Vendor", {"QP-ADD-18", "QP-BS-006"},
           by_key("V1001")},
          {"wrong-purpose", "A signature for another purpose is none.", "T5 Sig:another purpose", {"QP-ADD-19", "QP-ADD-18"},
           by_key("B7", "batch-claim")}};
}

/// Keys and encodings with which nothing is signed, on the object of that name; empty: on the one that is changed.
std::vector<Lie> odd_lies(Who who, const std::string& prefix, const std::string& row, const char* name, const char* requirement) {
  std::vector<Lie> all;
  for (const OddSignature& odd : all_odd_signatures(who)) {
    const Change change = [sign = odd.sign, name = std::string(name)](World& world, Element& given) {
      Element& object = name.empty() ? given : *child(given, name);
      object = sign(world, object);
    };
    all.push_back({prefix + odd.id, odd.title, row + " " + odd.id, {"QP-ADD-18", requirement}, change, odd.arrange});
  }
  return all;
}

// ---------------------------------------------------------------- the Host
Change of_verdicts(std::function<void(Element&)> change) {
  return [change = std::move(change)](const World& world, Element& body) {
    Element& verdicts = *child(body, "Verdicts");
    change(verdicts);
    verdicts = resigned(world, world.cast().host, verdicts);
  };
}
Change of_approval(std::function<void(Element&)> change) {
  return [change = std::move(change)](const World& world, Element& body) {
    Element& approval = *child(body, "Approval");
    change(approval);
    approval = resigned(world, world.cast().host, approval);
  };
}
Change inside(const char* name, Change change) {
  return [name, change = std::move(change)](World& world, Element& body) { change(world, *child(body, name)); };
}
std::function<void(Element&)> text(const char* path, std::string value) {
  return [path, value = std::move(value)](Element& object) { set_text(object, path, value); };
}

std::vector<Lie> lies_of_hosts() {
  const std::vector<std::string> whose = {"QP-ADD-18", "QP-BS-010"};
  return {{"verdict-of-another-order", "Verdicts are about the orders that were brought.", "U2 Verdict.OrderId", whose,
           of_verdicts(text("Verdict/OrderId", "another-order"))},
          {"verdict-of-another-copy", "Verdicts are about this copy of the order.", "U2 Verdict.Digest", whose,
           of_verdicts(text("Verdict/Digest", std::string(64, '0')))},
          {"verdicts-of-another-case", "Verdicts are on this case.", "U2 BatchId", whose, of_verdicts(text("BatchId", std::string(32, '0')))},
          {"verdicts-of-another-broker", "Verdicts are on this Broker.", "U2 Broker", whose, of_verdicts(text("Broker", "B8"))},
          {"verdicts-altered", "Verdicts that were changed are worth nothing.", "U2 Sig", whose,
           inside("Verdicts", [](const World&, Element& one) { set_text(one, "Verdict/Digest", std::string(64, '1')); })},
          {"verdicts-by-broker", "A Broker does not judge.", "U2 Sig by the Broker", whose, inside("Verdicts", by_key("B7"))},
          {"verdicts-purpose", "Verdicts are signed as such.", "U2 Sig:another purpose", {"QP-ADD-19", "QP-BS-010"},
           inside("Verdicts", by_key("H1", "host-approval"))},
          {"verdicts-by-stranger", "A stranger does not judge.", "U2 Sig by a stranger", whose, inside("Verdicts", by_key("stranger"))},
          {"no-approval", "What is approved comes with an Approval.", "U2 Approval:remove", whose,
           [](const World&, Element& body) {
             std::erase_if(body.children, [](const Element& each) { return each.name == "Approval"; });
           }},
          {"approval-of-less", "An Approval names the amount.", "U2 Approved.Amount", whose, of_approval(text("Approved/Amount", "1"))},
          {"approval-of-another-order", "An Approval names the order.", "U2 Approved.OrderId", whose,
           of_approval(text("Approved/OrderId", "another-order"))},
          {"approval-for-another-broker", "An Approval names the Broker.", "U2 Approval.Broker", whose, of_approval(text("Broker", "B8"))},
          {"approval-by-broker", "A Broker approves nothing.", "U2 Approval by the Broker", whose, inside("Approval", by_key("B7"))},
          {"approval-purpose", "An Approval is signed as one.", "U2 Approval:another purpose", {"QP-ADD-19", "QP-BS-010"},
           inside("Approval", by_key("H1", "host-verdicts"))}};
}

// ---------------------------------------------------------------- how it is played
/// Makes the Broker or the Host lie once, and brings the Vendor to ask it.
struct Play {
  const char* message;  ///< that is answered with the lie
  std::function<bool(Merchant&, const Lie&)> ask;
};

bool ask_broker(Merchant& merchant, const Lie& lie) {
  World& world = merchant.world();
  merchant.broker()->script("SettleWithBroker", edit_answer(lie.id, [&world, lie](Element& answer) {
                              if (Element* settlement = at(answer, "Body/Settlement")) {
                                lie.change(world, *settlement);
                              }
                            }));
  return merchant.settled_something();
}

bool ask_host(Merchant& merchant, const Lie& lie) {
  World& world = merchant.world();
  Act act = answer_made(lie.id, [&world, lie](const Element& request) {
    Element body = branch("Body", verdicts_on(world, request, "approve", "QP-OK"));
    lie.change(world, body);
    return body.children;
  });
  act.label = lie.id;
  merchant.host()->script("SettleWithHost", std::move(act));
  merchant.broker_refuses(std::string(protocol::QP_E_UNKNOWN_ORDER));
  return merchant.settled_something();
}

/// The lie is answered by asking again for the same: it was not believed.
Negative not_believed(const std::string& check, const Lie& lie, const Play& play) {
  const auto from = std::make_shared<std::size_t>(0);
  Negative plan;
  plan.check = check;
  plan.reach = [from](Session& session) {
    Merchant merchant(session);
    const bool sold = merchant.sells().has_value();
    *from = session.transcript().mark();
    return sold;
  };
  plan.stimulus = [lie, play, from](Session& session) {
    Merchant merchant(session);
    const auto lied = [&](const Entry& entry) { return entry.kind == EntryKind::response && entry.mutation == lie.id; };
    return play.ask(merchant, lie) && merchant.request(play.message, 0, *from) &&
           session.world().wait_for(*from, lied).has_value();
  };
  plan.reaction = [play, from](Session& session) {
    Merchant merchant(session);
    Reaction reaction;
    const auto again = merchant.request(play.message, 1, *from);
    const bool same = again && !merchant.object(play.message, 1);
    reaction.kind = same ? Reaction::Kind::refused : session.iut().alive() ? Reaction::Kind::accepted : Reaction::Kind::crashed;
    reaction.detail = again ? "another request" : "no word again";
    if (again) {
      reaction.entries = {*again};
    }
    return reaction;
  };
  const bool of_broker = std::string_view(play.message) == "SettleWithBroker";
  plan.forbidden = [of_broker](const Entry& entry) {
    return of_broker && entry.by_iut && entry.kind == EntryKind::request && entry.message == "SettleWithHost";
  };
  plan.forbidden_text = "the same request again and nothing else";
  plan.benign = [](Session& session) { return Merchant(session).sells_and_settles(); };
  return plan;
}

void add_lies(Suite& suite, const std::vector<Lie>& lies, const Play& play, const std::string& prefix, const std::string& twin) {
  for (const Lie& lie : lies) {
    const std::string id = prefix + lie.id;
    suite.negative({.id = id,
                    .title = lie.title,
                    .subject = lie.row,
                    .requirements = lie.requirements,
                    .mutation = lie.id,
                    .twin = twin,
                    .level_e = !lie.arrange},
                   [check = suite.name(id), lie, play](Session&) { return not_believed(check, lie, play); }, lie.arrange);
  }
}

}  // namespace

void add_settlement_lies(Suite& suite) {
  const Play broker{"SettleWithBroker", ask_broker}, host{"SettleWithHost", ask_host};
  add_lies(suite, lies_of_brokers(), broker, "settle.lie.", "settle.batch");
  add_lies(suite, odd_lies(&Cast::broker, "", "T5", "", "QP-BS-009"), broker, "settle.lie.", "settle.batch");
  add_lies(suite, lies_of_hosts(), host, "settle.host-lie.", "settle.approved");
  add_lies(suite, odd_lies(&Cast::host, "verdicts-", "U2 Verdicts", "Verdicts", "QP-BS-010"), host, "settle.host-lie.", "settle.approved");
  add_lies(suite, odd_lies(&Cast::host, "approval-", "U2 Approval", "Approval", "QP-BS-010"), host, "settle.host-lie.", "settle.approved");
}

}  // namespace quickpay::conformance
