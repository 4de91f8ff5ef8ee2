// What a Broker refuses to settle: items, and whole batches.
#include <fmt/format.h>

#include <memory>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/claimant.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

/// One claim with one item that has to be refused in a Settlement.
struct Item {
  Claimable claimed;
  std::vector<Element> approvals = {};
  std::string first_batch = {};  ///< where it was settled before
};

struct RefusedItem {
  const char* id;
  const char* title;
  const char* row;
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<std::optional<Item>(Claimant&)> make;  ///< nothing: not reached
  bool level_e = true;
};

/// The order is in the Settlement, refused with this code, and nothing is accepted.
Reaction reaction_to_item(Session& session, const Reply& reply, const Item& item) {
  Reaction reaction = reaction_on(session, reply, item.claimed);
  const Element* settlement = at(reply.document, "Body/Settlement");
  const Element* refused = settlement == nullptr ? nullptr : refusal_of(*settlement, item.claimed.ref);
  if (!item.first_batch.empty() && refused != nullptr && text_at(*refused, "FirstBatch") != item.first_batch) {
    reaction.code = "another FirstBatch";
  }
  return reaction;
}

Negative refused_item(Session& session, const std::string& check, const RefusedItem& one) {
  const auto item = std::make_shared<std::optional<Item>>();
  const auto reply = std::make_shared<Reply>();
  Negative plan;
  plan.check = check;
  plan.reach = [item, one](Session& s) {
    Claimant claimant(s);
    *item = lacks_keys(s) ? std::nullopt : one.make(claimant);
    return item->has_value();
  };
  plan.stimulus = [item, reply, one](Session& s) {
    Claimant claimant(s);
    const Item& wrong = **item;
    Sending sending = claimant.claiming(claimant.signed_by_vendor(claimant.claim({wrong.claimed}, wrong.approvals)));
    sending.label = one.mutation;
    *reply = s.world().send(std::move(sending));
    return reply->delivered;
  };
  plan.reaction = [item, reply](Session& s) { return reaction_to_item(s, *reply, **item); };
  plan.forbidden = [reply, &session](const Entry& entry) { return answers_with(session, *reply, entry, "<Accepted>"); };
  plan.forbidden_text = "nothing is accepted";
  plan.refusals = {one.code};
  plan.benign = [](Session& s) { return Claimant(s).settles(); };
  return plan;
}

/// A committed order, with one field of its OrderRef changed.
std::function<std::optional<Item>(Claimant&)> committed_but(const char* field, std::string value) {
  return [field, value = std::move(value)](Claimant& claimant) -> std::optional<Item> {
    auto item = claimant.committed();
    if (!item) {
      return std::nullopt;
    }
    const std::string text = value.empty() ? claimant.world().session().random().hex(64) : value;
    set_text(item->ref, field, text);
    return Item{*item};
  };
}

std::optional<Item> other_commit_id(Claimant& claimant) {
  auto item = claimant.committed();
  if (item) {
    item->commit_id = claimant.world().fresh_id();
  }
  return item ? std::optional(Item{*item}) : std::nullopt;
}

std::optional<Item> expired_but(Claimant& claimant, const char* field, const char* value) {
  auto item = claimant.expired();
  if (item && field != nullptr) {
    set_text(item->ref, field, value);
  }
  return item ? std::optional(Item{*item}) : std::nullopt;
}

/// An order that was settled; `wait`: and paid out.
std::optional<Item> settled(Claimant& claimant, bool wait = false) {
  const auto item = claimant.committed();
  if (!item) {
    return std::nullopt;
  }
  const Element claim = claimant.claim({*item});
  const bool there = word_on(claimant.settle(claim), *item) == "accepted";
  if (!there || (wait && !claimant.world().advance(kPastValueDate))) {
    return std::nullopt;
  }
  return Item{*item, {}, text_at(claim, "BatchId")};
}

std::optional<Item> settled_but(Claimant& claimant, const char* field, const char* value) {
  auto item = settled(claimant);
  if (item) {
    set_text(item->claimed.ref, field, value);
    item->first_batch.clear();
  }
  return item;
}

/// An order that was settled on an approval, and is claimed with an approval again.
std::optional<Item> approved_again(Claimant& claimant, bool fresh_approval) {
  const Claimable item = claimant.invented();
  const Element approval = claimant.approval({item});
  const Element claim = claimant.claim({item}, {approval});
  if (word_on(claimant.settle(claim), item) != "accepted") {
    return std::nullopt;
  }
  return Item{item, {fresh_approval ? claimant.approval({item}) : approval}, text_at(claim, "BatchId")};
}

/// An order that nobody committed, with an approval of the same order in other words.
std::optional<Item> approved_but(Claimant& claimant, const char* field, const char* value) {
  const Claimable item = claimant.invented();
  Claimable other = item;
  set_text(other.ref, field, value);
  return Item{item, {claimant.approval({other})}};
}

std::optional<Item> endorsed_but(Claimant& claimant, const char* field, const char* value) {
  auto item = claimant.endorsed();
  if (item && field != nullptr) {
    set_text(item->ref, field, value);
  }
  return item ? std::optional(Item{*item}) : std::nullopt;
}

const char* const kOtherDigest = "0000000000000000000000000000000000000000000000000000000000000000";

std::vector<RefusedItem> unsettled_items() {
  return {
      {"unknown-order", "An order that nobody has asked for is not paid.", "G5", "QP-E-UNKNOWN-ORDER", {"QP-SEC-002", "QP-BS-007"},
       "an order that was never inquired", [](Claimant& c) { return std::optional(Item{c.invented()}); }},
      {"uncommitted", "An order that was endorsed and never committed is not paid.", "G7", "QP-E-NO-COMMIT",
       {"QP-BS-007", "QP-SAFE-002"}, "an order that was only endorsed", [](Claimant& c) { return endorsed_but(c, nullptr, ""); }},
      {"uncommitted-other-amount", "Another amount than the one endorsed is a mismatch before all else.", "G6", "QP-E-MISMATCH",
       {"QP-SAFE-001", "QP-BS-007"}, "endorsed, OrderRef.Amount:=126", [](Claimant& c) { return endorsed_but(c, "Amount", "126"); }},
      {"new-other-currency", "An order of another currency than the batch is not paid.", "G3", "QP-E-CURRENCY",
       {"QP-BS-007"}, "never inquired, OrderRef.Currency:=XTS",
       [](Claimant& c) {
         Claimable item = c.invented();
         set_text(item.ref, "Currency", "XTS");
         return std::optional(Item{item});
       }},
      {"other-amount", "Another amount than the one committed is not paid.", "G9", "QP-E-MISMATCH", {"QP-SAFE-001", "QP-SAFE-002"},
       "OrderRef.Amount:=126", committed_but("Amount", "126")},
      {"smaller-amount", "Nor is a smaller amount than the one committed.", "G9", "QP-E-MISMATCH", {"QP-SAFE-001", "QP-SAFE-002"},
       "OrderRef.Amount:=124", committed_but("Amount", "124")},
      {"other-digest", "Another order under this OrderId is not paid.", "G9", "QP-E-MISMATCH", {"QP-SAFE-001", "QP-SAFE-002"},
       "OrderRef.Digest:=another", committed_but("Digest", "")},
      {"other-expires", "Another Expires than the one committed is a mismatch.", "G9", "QP-E-MISMATCH",
       {"QP-SAFE-001", "QP-SAFE-002"}, "OrderRef.Expires:=another", committed_but("Expires", "2026-11-22T23:59:59Z")},
      {"other-commit-id", "A CommitId that the Broker did not give is a mismatch.", "G9", "QP-E-MISMATCH",
       {"QP-SAFE-001", "QP-SAFE-002"}, "CommitId:=another", other_commit_id},
      {"other-currency", "A committed order is claimed in its own currency.", "G8", "QP-E-CURRENCY", {"QP-BS-007"},
       "OrderRef.Currency:=XTS", committed_but("Currency", "XTS")}};
}

std::vector<RefusedItem> late_items() {
  return {
      {"expired", "After SettleBy a commitment is over.", "G12 G16", "QP-E-SETTLE-EXPIRED", {"QP-ADD-27", "QP-BS-007"},
       "claimed after SettleBy", [](Claimant& c) { return expired_but(c, nullptr, ""); }, false},
      {"expired-other-amount", "A mismatch is named before the time.", "G15", "QP-E-MISMATCH", {"QP-SAFE-001"},
       "after SettleBy, OrderRef.Amount:=126", [](Claimant& c) { return expired_but(c, "Amount", "126"); }, false},
      {"expired-other-currency", "Another currency is named before the time.", "G13", "QP-E-CURRENCY", {"QP-BS-007"},
       "after SettleBy, OrderRef.Currency:=XTS", [](Claimant& c) { return expired_but(c, "Currency", "XTS"); }, false}};
}

std::vector<RefusedItem> settled_items() {
  return {
      {"twice", "An order is paid once: a second batch gets the first one named.", "G19", "QP-E-ALREADY-SETTLED",
       {"QP-ADD-09", "QP-SAFE-004"}, "claimed in two batches", [](Claimant& c) { return settled(c); }},
      {"twice-when-paid", "An order is paid once, also when the payment has left.", "G19 G20", "QP-E-ALREADY-SETTLED",
       {"QP-ADD-09", "QP-SAFE-004"}, "claimed again after ValueDate", [](Claimant& c) { return settled(c, true); }, false},
      {"settled-other-amount", "What was settled cannot be claimed with another amount.", "G18", "QP-E-MISMATCH", {"QP-SAFE-001"},
       "settled, OrderRef.Amount:=126", [](Claimant& c) { return settled_but(c, "Amount", "126"); }},
      {"settled-other-currency", "What was settled cannot be claimed in another currency.", "G17", "QP-E-CURRENCY", {"QP-BS-007"},
       "settled, OrderRef.Currency:=XTS", [](Claimant& c) { return settled_but(c, "Currency", "XTS"); }},
      {"approved-twice", "An approval is honoured once.", "G33", "QP-E-ALREADY-SETTLED", {"QP-ADD-09", "QP-BS-004"},
       "the Approval brought again", [](Claimant& c) { return approved_again(c, false); }},
      {"approved-anew", "Another approval of the same order adds nothing.", "G33 anew", "QP-E-ALREADY-SETTLED",
       {"QP-ADD-09", "QP-BS-004"}, "a second Approval", [](Claimant& c) { return approved_again(c, true); }},
      {"settled-then-approved", "An approval of what was settled adds nothing.", "G33 then approved", "QP-E-ALREADY-SETTLED",
       {"QP-ADD-09", "QP-BS-004"}, "settled, then approved",
       [](Claimant& c) {
         auto item = settled(c);
         if (item) {
           item->approvals = {c.approval({item->claimed})};
         }
         return item;
       }},
      {"approval-of-other-amount", "An approval of another amount is none.", "G5 Approved.Amount", "QP-E-UNKNOWN-ORDER", {"QP-BS-004"},
       "Approved.Amount:=124", [](Claimant& c) { return approved_but(c, "Amount", "124"); }},
      {"approval-of-other-digest", "An approval of another order is none.", "G5 Approved.Digest", "QP-E-UNKNOWN-ORDER", {"QP-BS-004"},
       "Approved.Digest:=another", [](Claimant& c) { return approved_but(c, "Digest", kOtherDigest); }},
      {"approval-of-other-id", "An approval of another OrderId is none.", "G5 Approved.OrderId", "QP-E-UNKNOWN-ORDER", {"QP-BS-004"},
       "Approved.OrderId:=another", [](Claimant& c) { return approved_but(c, "OrderId", "order-of-somebody-else"); }}};
}

void add_refused_items(Suite& suite, const std::vector<RefusedItem>& all) {
  for (const RefusedItem& one : all) {
    const std::string id = fmt::format("settle.item.{}", one.id);
    suite.negative({.id = id,
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.mutation,
                    .twin = "settle.accepted",
                    .level_e = one.level_e},
                   [check = suite.name(id), one](Session& session) { return refused_item(session, check, one); });
  }
}

// ---------------------------------------------------------------- whole batches
std::optional<Element> right_claim(Session& session) {
  Claimant claimant(session);
  const auto item = claimant.committed();
  return item ? std::optional(claimant.claim({*item})) : std::nullopt;
}

std::optional<Element> claim_with_approval(Session& session) {
  Claimant claimant(session);
  const Claimable item = claimant.invented();
  return claimant.claim({item}, {claimant.approval({item})});
}

SignedBase claim_base() {
  SignedBase base;
  base.slug = "settle-with-broker";
  base.inner = "Approval";
  base.twin = "settle.accepted";
  base.key_row = "K3";
  base.signature_row = "K4";
  base.make = right_claim;
  base.make_inner = claim_with_approval;
  base.send = [](Session& session, Element claim) { return Claimant(session).claiming(std::move(claim)); };
  base.benign = [](Session& session) { return Claimant(session).settles(); };
  return base;
}

/// The Claim with these items instead of its own, counted right.
void set_items(Session& session, Element& claim, const std::vector<Claimable>& items) {
  const Element fresh = Claimant(session).claim(items);
  std::erase_if(claim.children, [](const Element& each) { return each.name == "Item"; });
  for (const Element* item : all_of(fresh, "Item")) {
    claim.children.push_back(*item);
  }
  for (const char* field : {"Count", "Total"}) {
    set_text(claim, field, text_at(fresh, field));
  }
}

void too_many(Session& session, Element& claim) {
  Claimant claimant(session);
  std::vector<Claimable> items;
  for (std::int64_t i = 0; i <= session.world().plan().policy.max_batch; ++i) {
    items.push_back(claimant.invented());
  }
  set_items(session, claim, items);
}

void item_twice(Session&, Element& claim) {
  claim.children.push_back(*all_of(claim, "Item").front());
  set_text(claim, "Count", "2");
  set_text(claim, "Total", std::to_string(2 * number_at(claim, "Total")));
}

void not_sorted(Session& session, Element& claim) {
  Claimant claimant(session);
  set_items(session, claim, {claimant.invented(), claimant.invented()});
  std::swap(claim.children.back(), claim.children[claim.children.size() - 2]);
}

/// The Approval inside is for somebody else, and signed so.
std::function<void(Session&, Element&)> approval_for(const char* field, std::function<std::string(const Cast&)> whom) {
  return [field, whom = std::move(whom)](Session& session, Element& claim) {
    World& world = session.world();
    Element& approval = *child(claim, "Approval");
    set_text(approval, field, whom(world.cast()));
    approval = signed_by(world.plan(), world.cast().host, approval);
  };
}

std::function<void(Session&, Element&)> add_to(const char* field, std::int64_t more) {
  return [field, more](Session&, Element& claim) { set_text(claim, field, std::to_string(number_at(claim, field) + more)); };
}

std::vector<Spoilt> spoilt_senders() {
  return {
      {"other-vendors-claim", "A Vendor claims for itself alone.", "K1", "K10", "QP-E-FORBIDDEN", {"QP-SAFE-004", "QP-BS-007"},
       "Head.Sender:=another Vendor", {}, {}, {}, from_other_vendor, {Part::other_vendor}},
      {"item-of-another-vendor", "Every item is of the Vendor that claims.", "K1 Item", "", "QP-E-FORBIDDEN", {"QP-SAFE-004", "QP-BS-007"},
       "Item.OrderRef.Vendor:=another",
       [](Session& s, Element& claim) { set_text(claim, "Item/OrderRef/Vendor", s.world().cast().other_vendor); }, {}, {}, {},
       {Part::other_vendor}},
      {"for-another-broker", "A Claim on another Broker is not this one's.", "K2", "K11", "QP-E-RECEIVER", {"QP-BS-007"},
       "Claim.Broker:=another", [](Session& s, Element& claim) { set_text(claim, "Broker", s.world().cast().other_broker); }, {}, {}, {},
       {Part::other_broker}},
      {"strangers-key", "A key that the directory does not list signs nothing.", "K3", "K12", "QP-E-KEY", {"QP-ADD-18", "QP-BS-006"},
       "Sig by a stranger", {}, with_key("stranger")},
      {"altered", "Signed bytes that were changed are worth nothing.", "K4", "K13", "QP-E-SIGNATURE", {"QP-ADD-18", "QP-BS-006"},
       "Claim.Count:=other after signing", {}, {}, [](World&, Element& claim) { set_text(claim, "Count", "7"); }},
      {"altered-amount", "An amount that was changed after signing is worth nothing.", "K4 Amount", "", "QP-E-SIGNATURE",
       {"QP-ADD-18", "QP-BS-006"}, "Item.OrderRef.Amount:=999 after signing", {}, {},
       [](World&, Element& claim) { set_text(claim, "Item/OrderRef/Amount", "999"); }}};
}

std::vector<Spoilt> spoilt_contents() {
  std::vector<Spoilt> all = {
      {"approval-for-another-broker", "An approval for another Broker is none.", "K5", "K14", "QP-E-MISMATCH", {"QP-BS-004"},
       "Approval.Broker:=another", approval_for("Broker", [](const Cast& cast) { return cast.other_broker; }), {}, {}, {},
       {Part::other_broker}},
      {"approval-for-another-vendor", "An approval for another Vendor is none.", "K5 Vendor", "", "QP-E-MISMATCH", {"QP-BS-004"},
       "Approval.Vendor:=another", approval_for("Vendor", [](const Cast& cast) { return cast.other_vendor; }), {}, {}, {},
       {Part::other_vendor}},
      {"wrong-total", "Total is the sum of the items.", "K6", "K15", "QP-E-TOTAL", {"QP-ADD-24", "QP-BS-007"}, "Claim.Total:+1",
       add_to("Total", 1)},
      {"wrong-count", "Count is the number of items.", "K6 Count", "", "QP-E-TOTAL", {"QP-ADD-24", "QP-BS-007"}, "Claim.Count:+1",
       add_to("Count", 1)},
      {"item-twice", "An order is named once.", "K6 Item", "", "QP-E-TOTAL", {"QP-ADD-24", "QP-BS-007"}, "Claim.Item:duplicate",
       item_twice},
      {"not-sorted", "The items are sorted by OrderId.", "K6 order", "", "QP-E-TOTAL", {"QP-ADD-24", "QP-BS-007"}, "Claim.Item:swap",
       not_sorted},
      {"too-many", "A Broker takes as many items as it says.", "K7", "K16", "QP-E-TOO-MANY", {"QP-BS-005"}, "Claim.Item:more",
       too_many},
      {"inactive-currency", "A currency that is not active is refused as a whole.", "K8", "K17", "QP-E-CURRENCY", {"QP-BS-007"},
       "Claim.Currency:=XTS", [](Session&, Element& claim) { set_text(claim, "Currency", "XTS"); }},
      {"other-content", "A BatchId stands for one Claim.", "", "K18", "QP-E-CONFLICT", {"QP-ADD-01", "QP-ADD-09"},
       "same BatchId, another Claim",
       [](Session& s, Element& claim) { set_items(s, claim, {Claimant(s).invented()}); }}};
  for (Spoilt& fault : all) {
    fault.inner = std::string_view(fault.id).rfind("approval-", 0) == 0;
    if (std::string_view(fault.id) == "too-many") {
      fault.fits = [](const WorldPlan& plan) { return plan.policy.max_batch <= kMostItems; };
    }
  }
  return all;
}

}  // namespace

void add_settlement_refusals(Suite& suite) {
  for (const auto& items : {unsettled_items(), late_items(), settled_items()}) {
    add_refused_items(suite, items);
  }
  const SignedBase base = claim_base();
  std::vector<Spoilt> faults = spoilt_senders();
  for (Spoilt& fault : spoilt_contents()) {
    faults.push_back(std::move(fault));
  }
  add_spoilt(suite, base, faults);
  add_spoilt_pairs(suite, base, faults,
                   {{"other-vendors-claim", "for-another-broker"},
                    {"for-another-broker", "strangers-key"},
                    {"strangers-key", "altered"},
                    {"altered", "approval-for-another-broker"},
                    {"approval-for-another-broker", "wrong-total"},
                    {"wrong-total", "too-many"},
                    {"too-many", "inactive-currency"}});
  add_signature_attacks(suite, base);
}

}  // namespace quickpay::conformance
