// What the Host does not hear: items that it may not judge, and whole cases.
#include <fmt/format.h>

#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/host_parts.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kUnknown(protocol::QP_E_UNKNOWN_ORDER);

/// Changes a case about one order that would be approved or heard.
using ChangeCase = std::function<void(Claimant&, const PaidOrder&, Element&)>;

struct RefusedCase {
  const char* id;
  const char* title;
  const char* row;
  const char* open_row;  ///< the same while the order is pending
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  ChangeCase change;  ///< puts in what shows that the Broker came first, or does not
  const char* profile = "";
};

void add_tries(Claimant& claimant, Element& host_case, std::int64_t span_s, std::int64_t tries) {
  Element tried = claimant.unreachable();
  set_text(tried, "FirstTry", claimant.world().now_text(-span_s));
  set_text(tried, "Tries", std::to_string(tries));
  Claimant::add(host_case, tried);
}

void refused_with(Claimant& claimant, const PaidOrder& paid, Element& host_case, std::string_view code) {
  Claimant::add(host_case, claimant.settlement(paid, {{paid.ref, std::string(code)}}));
}

/// A Settlement that refuses the order, with a receipt that is changed.
/// `given` empty: the id of a Broker that is none.
ChangeCase receipt_but(const char* field, std::string given, bool sealed) {
  return [field, given = std::move(given), sealed](Claimant& claimant, const PaidOrder& paid, Element& host_case) {
    refused_with(claimant, paid, host_case, kUnknown);
    const std::string value = given.empty() ? claimant.world().cast().unknown_broker : given;
    Element receipt = claimant.receipt(paid);
    if (sealed) {
      set_text(receipt, field, value);
    }
    claimant.seal(receipt, paid);
    if (!sealed) {
      set_text(receipt, field, value);
    }
    child(host_case, "Item")->children.push_back(std::move(receipt));
  };
}

/// An order that no Broker committed, said to be delivered, with a receipt that the Vendor made with its own key.
void claim_on_a_receipt_of_its_own(Claimant& claimant, const PaidOrder&, Element& host_case) {
  Registrar registrar(claimant.world().session());
  const PaidOrder uncommitted = registrar.order();
  claimant.world().send(registrar.delivery(uncommitted));
  host_case = claimant.host_case({uncommitted});
  refused_with(claimant, uncommitted, host_case, kUnknown);
  Element receipt = claimant.receipt(uncommitted);
  claimant.seal(receipt, uncommitted);
  child(host_case, "Item")->children.push_back(std::move(receipt));
}

std::vector<RefusedCase> refused_cases() {
  const std::string zeros(64, '0');
  return {
      {"nothing-shown", "The Broker comes first: without a refusal or tries nothing is judged.", "Y5", "Y16", "QP-E-BROKER-FIRST",
       {"QP-ADD-10", "QP-BS-003"}, "no Settlement, no Unreachable", [](Claimant&, const PaidOrder&, Element&) {}},
      {"too-few-tries", "Fewer tries than N_broker are too few.", "Y5 Tries", "", "QP-E-BROKER-FIRST", {"QP-ADD-10", "QP-BS-003"},
       "Unreachable.Tries:-1",
       [](Claimant& c, const PaidOrder&, Element& made) { add_tries(c, made, protocol::T_broker_default, protocol::N_broker_default - 1); }},
      {"too-short-a-time", "Tries within less than T_broker are too few.", "Y5 FirstTry", "", "QP-E-BROKER-FIRST",
       {"QP-ADD-10", "QP-BS-003"}, "Unreachable.FirstTry:+1 s",
       [](Claimant& c, const PaidOrder&, Element& made) { add_tries(c, made, protocol::T_broker_default - 1, protocol::N_broker_default); }},
      {"other-copy-refused", "The refusal of another copy of the order is none of this one.", "Y5 Digest", "", "QP-E-BROKER-FIRST",
       {"QP-ADD-10", "QP-BS-003"}, "Refused.Digest:=another",
       [](Claimant& c, const PaidOrder& paid, Element& made) {
         PaidOrder other = paid;
         set_text(other.ref, "Digest", c.world().session().random().hex(64));
         refused_with(c, other, made, kUnknown);
       }},
      {"other-order-refused", "The refusal of another order is none of this one.", "Y5 OrderId", "", "QP-E-BROKER-FIRST",
       {"QP-ADD-10", "QP-BS-003"}, "Refused.OrderId:=another",
       [](Claimant& c, const PaidOrder& paid, Element& made) {
         PaidOrder other = paid;
         set_text(other.ref, "OrderId", "another-order");
         refused_with(c, other, made, kUnknown);
       }},
      {"settled-already", "What was settled needs no verdict.", "Y6", "Y17", "QP-E-ALREADY-SETTLED", {"QP-ADD-09"},
       "Refused.Code:=QP-E-ALREADY-SETTLED",
       [](Claimant& c, const PaidOrder& paid, Element& made) { refused_with(c, paid, made, protocol::QP_E_ALREADY_SETTLED); }},
      {"wrong-currency", "What was claimed in another currency is to be claimed right.", "Y7", "Y18", "QP-E-CURRENCY", {"QP-BS-003"},
       "Refused.Code:=QP-E-CURRENCY",
       [](Claimant& c, const PaidOrder& paid, Element& made) { refused_with(c, paid, made, protocol::QP_E_CURRENCY); }},
      {"receipt-of-unknown-key", "A receipt under a key that was never issued is none.", "Y2", "Y13", "QP-E-KEY", {"QP-ADD-22"},
       "HostReceipt.Mac.KeyRef:=99", receipt_but("Mac/KeyRef", "99", false), "H"},
      {"receipt-forged", "A receipt that the Host did not make is none.", "Y3", "Y14", "QP-E-SIGNATURE", {"QP-ADD-22"},
       "HostReceipt.Mac.Value:=0", receipt_but("Mac/Value", zeros, false), "H"},
      {"receipt-of-nothing", "A receipt proves no commitment that the Host has not recorded: the Vendor has its key, too.", "Y3 commitment",
       "", "QP-E-SIGNATURE", {"QP-ADD-22"}, "HostReceipt: of an order that nobody committed", claim_on_a_receipt_of_its_own, "H"},
      {"receipt-of-other-commitment", "A receipt for another commitment than the recorded one is none.", "Y3 CommitId", "Y14 CommitId",
       "QP-E-SIGNATURE", {"QP-ADD-22"}, "HostReceipt.CommitId:=another", receipt_but("CommitId", zeros.substr(0, 32), true), "H"},
      {"receipt-of-later-end", "A receipt that gives more time than the recorded commitment is none.", "Y3 SettleBy", "", "QP-E-SIGNATURE",
       {"QP-ADD-22"}, "HostReceipt.SettleBy:=later", receipt_but("SettleBy", "2999-01-01T00:00:00Z", true), "H"},
      {"receipt-of-other-order", "A receipt for another order is none for this one.", "Y4", "Y15", "QP-E-MISMATCH", {"QP-ADD-22"},
       "HostReceipt.OrderId:=another", receipt_but("OrderId", "another-order", true), "H"},
      {"receipt-of-other-digest", "A receipt for another copy of the order is none for this one.", "Y4 Digest", "", "QP-E-MISMATCH",
       {"QP-ADD-22"}, "HostReceipt.Digest:=another", receipt_but("Digest", zeros, true), "H"},
      {"receipt-of-other-broker", "A receipt for another Broker is none for this one.", "Y4 Broker", "", "QP-E-MISMATCH",
       {"QP-ADD-22"}, "HostReceipt.Broker:=another", receipt_but("Broker", "", true), "H"}};
}

Reaction reaction_to_case(Session& session, const Reply& reply) {
  Reaction reaction = reaction_to(session, reply);
  const std::string verdict = verdict_of(reply);
  if (reply.ok()) {
    const bool refused = verdict.rfind("refused ", 0) == 0;
    reaction.kind = verdict.rfind("approve", 0) == 0 ? Reaction::Kind::accepted : Reaction::Kind::refused;
    reaction.code = refused ? verdict.substr(8) : verdict;
  }
  return reaction;
}

/// The order is committed; `open`: and pending before the Host.
bool prepare(Session& session, PaidOrder& paid, bool open) {
  Registrar registrar(session);
  Claimant claimant(session);
  if (lacks_keys(session)) {
    return false;
  }
  paid = registrar.order();
  if (!session.world().send(registrar.commit(paid)).ok()) {
    return false;
  }
  if (!open) {
    return session.world().send(registrar.delivery(paid)).ok();
  }
  Element first = claimant.host_case({paid});
  refused_with(claimant, paid, first, kUnknown);
  return verdict_of(claimant.bring(first)) == "pending QP-E-PENDING";
}

Negative refused_case(const std::string& check, const RefusedCase& one, bool open, Session& session) {
  const auto paid = std::make_shared<PaidOrder>();
  const auto reply = std::make_shared<Reply>();
  Negative plan;
  plan.check = check;
  plan.reach = [paid, open](Session& s) { return prepare(s, *paid, open); };
  plan.stimulus = [paid, reply, one](Session& s) {
    Claimant claimant(s);
    Element made = claimant.host_case({*paid});
    one.change(claimant, *paid, made);
    Sending sending = claimant.bringing(claimant.signed_by_vendor(made));
    sending.label = one.mutation;
    *reply = s.world().send(std::move(sending));
    return reply->delivered;
  };
  plan.reaction = [reply](Session& s) { return reaction_to_case(s, *reply); };
  plan.forbidden = [reply, &session](const Entry& entry) { return answers_with(session, *reply, entry, "<Approved>"); };
  plan.forbidden_text = "nothing is approved";
  plan.refusals = {one.code};
  plan.benign = [](Session& s) { return Claimant(s).wins(); };
  return plan;
}

void add_refused_cases(Suite& suite) {
  for (const RefusedCase& one : refused_cases()) {
    for (const bool open : {false, true}) {
      const char* row = open ? one.open_row : one.row;
      if (*row == '\0') {
        continue;
      }
      const std::string id = fmt::format("dispute.{}{}", open ? "pending." : "", one.id);
      suite.negative({.id = id,
                      .title = one.title + std::string(open ? " Also while it is pending." : ""),
                      .subject = row,
                      .requirements = one.requirements,
                      .mutation = one.mutation,
                      .twin = "dispute.approved",
                      .profile = one.profile},
                     [check = suite.name(id), one, open](Session& session) { return refused_case(check, one, open, session); });
    }
  }
}

// ---------------------------------------------------------------- whole cases
std::optional<Element> right_case(Session& session) {
  PaidOrder paid;
  if (!prepare(session, paid, false)) {
    return std::nullopt;
  }
  Claimant claimant(session);
  Element made = claimant.host_case({paid});
  refused_with(claimant, paid, made, kUnknown);
  return made;
}

SignedBase host_case_base() {
  SignedBase base;
  base.slug = "settle-with-host";
  base.inner = "Settlement";
  base.twin = "dispute.approved";
  base.key_row = "J3";
  base.signature_row = "J4";
  base.make = right_case;
  base.make_inner = right_case;
  base.send = [](Session& session, Element host_case) { return Claimant(session).bringing(std::move(host_case)); };
  base.benign = [](Session& session) { return Claimant(session).wins(); };
  return base;
}

/// The Settlement inside is of another player, and signed so.
std::function<void(Session&, Element&)> settlement_of(const char* field, std::function<std::string(const Cast&)> whose) {
  return [field, whose = std::move(whose)](Session& session, Element& host_case) {
    Element& settlement = *child(host_case, "Settlement");
    set_text(settlement, field, whose(session.world().cast()));
    settlement = with_key(text_at(host_case, "Broker"))(session.world(), settlement);
  };
}

void more_items(Session& session, Element& host_case) {
  Registrar registrar(session);
  std::vector<PaidOrder> orders;
  for (std::int64_t i = 0; i <= session.world().plan().policy.max_batch; ++i) {
    orders.push_back(registrar.order());
  }
  std::erase_if(host_case.children, [](const Element& each) { return each.name == "Item"; });
  const Element fresh = Claimant(session).host_case(orders);
  for (const Element* item : all_of(fresh, "Item")) {
    host_case.children.push_back(*item);
  }
}

/// Fresh items, the last two out of order.
void unsorted_items(Session& session, Element& host_case) {
  Registrar registrar(session);
  const Element fresh = Claimant(session).host_case({registrar.order(), registrar.order()});
  const auto items = all_of(fresh, "Item");
  std::erase_if(host_case.children, [](const Element& each) { return each.name == "Item"; });
  host_case.children.push_back(*items[1]);
  host_case.children.push_back(*items[0]);
}

std::vector<Spoilt> spoilt_cases() {
  std::vector<Spoilt> all = {
      {"other-vendors-case", "A Vendor brings its own cases alone.", "J1", "J10", "QP-E-FORBIDDEN", {"QP-BS-008"},
       "Head.Sender:=another Vendor", {}, {}, {}, from_other_vendor, {Part::other_vendor}},
      {"item-of-another-vendor", "Every item is of the Vendor that brings it.", "J1 Item", "", "QP-E-FORBIDDEN", {"QP-BS-008"},
       "Item.OrderRef.Vendor:=another",
       [](Session& s, Element& made) { set_text(made, "Item/OrderRef/Vendor", s.world().cast().other_vendor); }, {}, {}, {},
       {Part::other_vendor}},
      {"for-another-host", "A case for another Host is not this one's.", "J2", "J11", "QP-E-RECEIVER", {"QP-BS-008"},
       "HostCase.Host:=H999", [](Session&, Element& made) { set_text(made, "Host", "H999"); }},
      {"strangers-key", "A key that the directory does not list signs nothing.", "J3", "J12", "QP-E-KEY", {"QP-ADD-18", "QP-BS-006"},
       "Sig by a stranger", {}, with_key("stranger")},
      {"altered", "Signed bytes that were changed are worth nothing.", "J4", "J13", "QP-E-SIGNATURE", {"QP-ADD-18", "QP-BS-006"},
       "Item.CommitId:=other after signing", {}, {},
       [](World& world, Element& made) { set_text(made, "Item/CommitId", world.fresh_id()); }},
      {"altered-amount", "An amount that was changed after signing is worth nothing.", "J4 Amount", "", "QP-E-SIGNATURE",
       {"QP-ADD-18", "QP-BS-006"}, "Item.OrderRef.Amount:=999 after signing", {}, {},
       [](World&, Element& made) { set_text(made, "Item/OrderRef/Amount", "999"); }},
      {"settlement-of-another-vendor", "A Settlement for another Vendor shows nothing.", "J5", "J14", "QP-E-MISMATCH", {"QP-BS-003"},
       "Settlement.Vendor:=another", settlement_of("Vendor", [](const Cast& cast) { return cast.other_vendor; }), {}, {}, {},
       {Part::other_vendor}},
      {"item-twice", "An order is named once.", "J6 Item", "", "QP-E-TOTAL", {"QP-BS-008"}, "HostCase.Item:duplicate",
       [](Session&, Element& made) { made.children.push_back(*all_of(made, "Item").front()); }},
      {"not-sorted", "The items are sorted by OrderId.", "J6", "J15", "QP-E-TOTAL", {"QP-BS-008"}, "HostCase.Item:swap", unsorted_items},
      {"too-many", "A Host takes as many items as it says.", "J7", "J16", "QP-E-TOO-MANY", {"QP-BS-008"}, "HostCase.Item:more",
       more_items},
      {"unissued-broker", "A Broker that was never issued owes nothing.", "J8", "J17", "QP-E-BROKER", {"QP-BS-008"},
       "HostCase.Broker:=unknown",
       [](Session& s, Element& made) {
         std::erase_if(made.children, [](const Element& each) { return each.name == "Settlement"; });
         set_text(made, "Broker", s.world().cast().unknown_broker);
         Claimant::add(made, Claimant(s).unreachable());
       }},
      {"other-content", "A BatchId stands for one case.", "", "J18", "QP-E-CONFLICT", {"QP-ADD-01"}, "same BatchId, another case",
       [](Session& s, Element& made) { set_text(made, "Item/CommitId", s.world().fresh_id()); }}};
  for (Spoilt& fault : all) {
    if (std::string_view(fault.id) == "too-many") {
      fault.fits = [](const WorldPlan& plan) { return plan.policy.max_batch <= kMostItems; };
    }
  }
  return all;
}

}  // namespace

void add_case_refusals(Suite& suite) {
  add_refused_cases(suite);
  const SignedBase base = host_case_base();
  const std::vector<Spoilt> faults = spoilt_cases();
  add_spoilt(suite, base, faults);
  add_spoilt_pairs(suite, base, faults,
                   {{"other-vendors-case", "for-another-host"},
                    {"for-another-host", "strangers-key"},
                    {"strangers-key", "altered"},
                    {"altered", "settlement-of-another-vendor"},
                    {"settlement-of-another-vendor", "not-sorted"},
                    {"too-many", "unissued-broker"}});
  add_signature_attacks(suite, base);
}

}  // namespace quickpay::conformance
