// The Vendor in regular payment: signed offers, receipts on a Broker's word alone, and what it claims afterwards.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "conformance/judges/regular.hpp"
#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/merchant.hpp"
#include "conformance/suites/regular.hpp"
#include "conformance/suites/signed_request.hpp"
#include "conformance/suites/vendor_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kPieces = 3;

bool asks_a_broker(const Entry& entry) {
  return entry.by_iut && entry.kind == EntryKind::request && entry.message == "CheckCommit";
}
bool is_receipt(const Entry& entry) { return entry.by_iut && entry.body.find("<Receipt>") != std::string::npos; }

void offered(Session& session, const std::string& check, std::int64_t pieces) {
  RegularTrade trade(session);
  const auto offer = trade.offer(0, pieces);
  if (!offer) {
    return judge(session, check, false, "an offer", trade.refusal(), {}, Reason::refused);
  }
  const ItemPlan& item = *Buyer(session).item(0);
  const Element& signed_offer = *at(offer->reply.document, "Body/Offer");
  const auto said = [&](const char* field) { return text_at(offer->order, field); };
  const bool terms = said("Kind") == "regular" && said("Vendor") == session.world().iut() && said("Currency") == item.currency &&
                     said("Amount") == std::to_string(item.amount * pieces) && said("BuyerTag") == buyer_tag(offer->secret) &&
                     said("ItemHash") == item_hash(text_at(signed_offer, "Salt"), text_at(signed_offer, "ItemText"));
  const bool right = terms && signature_right(session.world().plan(), session.world().iut(), signed_offer);
  judge(session, check, right, "a signed offer of what was asked for", right ? "it" : terms ? "another signature" : "other terms",
        offer->reply.entries);
}

void accepted(Session& session) {
  RegularTrade trade(session);
  const auto ready = trade.ready();
  if (!ready || lacks_keys(session)) {
    return unreached(session, trade.refusal());
  }
  const std::size_t from = session.transcript().mark();
  const Reply reply = session.world().send(trade.delivery(ready->offer, ready->commitment));
  const Element* receipt = at(reply.document, "Body/Receipt");
  const auto fault = receipt == nullptr ? std::optional(outcome_text(reply))
                                        : fault_of_receipt(session.world().plan(), ready->commitment, *receipt);
  judge(session, "vendor.regular.accepted", !fault, "a signed Receipt", fault.value_or("it"), reply.entries, Reason::refused);
  session.world().settle();
  judge(session, "vendor.regular.nobody-asked", session.world().find(from, asks_a_broker).empty(), "no question to the Broker",
        "CheckCommit", reply.entries, Reason::forbidden_message);
}

/// The same Commitment brought again, in a request of its own, gets the same Receipt.
void same_receipt(Session& session, const std::string& check, bool kill) {
  RegularTrade trade(session);
  const auto ready = trade.ready();
  const Reply first = ready ? session.world().send(trade.delivery(ready->offer, ready->commitment)) : Reply{};
  if (!first.ok() || (kill && !session.world().restart(true))) {
    return unreached(session, first.ok() ? "it cannot be restarted" : outcome_text(first));
  }
  const Reply again = session.world().send(trade.delivery(ready->offer, ready->commitment));
  const Element* one = at(first.document, "Body/Receipt");
  const Element* other = at(again.document, "Body/Receipt");
  judge(session, check, one != nullptr && other != nullptr && *one == *other, "the Receipt of the first time",
        other == nullptr ? outcome_text(again) : "another one", again.entries);
}

/// The accepted order is claimed, with its Commitment.
void claimed(Session& session) {
  RegularTrade trade(session);
  Merchant merchant(session);
  const char* check = "vendor.regular.claimed";
  const auto ready = trade.ready();
  const bool sold = ready && session.world().send(trade.delivery(ready->offer, ready->commitment)).ok();
  if (!session.world().plan().claims("settlement")) {
    return session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not claim the protocol settlement"});
  }
  if (!sold || !merchant.settled_something() || !merchant.request("SettleWithBroker")) {
    return unreached(session, "no sale, or no batch");
  }
  const auto claim = merchant.object("SettleWithBroker");
  const auto items = claim ? all_of(*claim, "Item") : std::vector<const Element*>{};
  const Element* brought = items.size() == 1 ? child(*items.front(), "Commitment") : nullptr;
  const bool right = brought != nullptr && *brought == ready->commitment && *child(*items.front(), "OrderRef") == ready->offer.ref;
  judge(session, check, right, "a Claim of this order with its Commitment", brought == nullptr ? "no Commitment" : "another one");
}

// ---------------------------------------------------------------- refused orders
struct RefusedOrder {
  const char* id;
  const char* title;
  const char* row;
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<void(World&, Sending&)> change;
  std::vector<Part> parts = {};
};

void add_broker(Sending& sending, const std::string& broker) {
  Element& body = *at(sending.document, "Body");
  body.children.insert(body.children.end() - 1, leaf("Broker", broker));
}

std::vector<RefusedOrder> refused_orders() {
  return {{"unknown-item", "An item that is not sold is refused.", "A1", "QP-E-NO-ITEM", {"QP-RP-004"}, "Item:=no-such-item",
           [](World&, Sending& s) { s.mutation = "GetOrder.Item:=no-such-item"; }},
          {"broker-not-accepted", "A Broker that is not accepted is refused early.", "A2", "QP-E-BROKER", {"QP-RP-004"},
           "Broker:=strange", [](World& w, Sending& s) { add_broker(s, w.cast().strange_broker); }, {Part::strange_broker}},
          {"item-before-broker", "Of an unknown item and a Broker not accepted the item is named.", "A1 A2", "QP-E-NO-ITEM",
           {"QP-RP-004"}, "Item:=no-such-item & Broker:=strange",
           [](World& w, Sending& s) {
             add_broker(s, w.cast().strange_broker);
             s.mutation = "GetOrder.Item:=no-such-item";
           },
           {Part::strange_broker}},
          {"kind-micro", "An order of the other kind is not asked for here.", "GetOrder.Kind", "QP-E-SCHEMA", {"QP-TECH-006"},
           "Kind:=micro", [](World&, Sending& s) { s.mutation = "GetOrder.Kind:=micro"; }}};
}

void add_refused_orders(Suite& suite) {
  for (const RefusedOrder& one : refused_orders()) {
    suite.refused({.id = fmt::format("regular.order.{}", one.id),
                   .title = one.title,
                   .subject = one.row,
                   .requirements = one.requirements,
                   .mutation = one.mutation,
                   .twin = "regular.offered",
                   .parts = one.parts},
                  [one](Session& session) {
                    Refusal refusal;
                    refusal.stimulus = [&session, one]() {
                      Sending sending = RegularTrade(session).get_order();
                      one.change(session.world(), sending);
                      sending.label = one.mutation;
                      return session.world().send(std::move(sending));
                    };
                    refusal.codes = {one.code};
                    refusal.benign = [&session]() { return RegularTrade(session).buys(); };
                    return refusal;
                  });
  }
}

// ---------------------------------------------------------------- refused commitments
/// Where the order stands when the wrong Commitment is brought.
enum class Stage : std::uint8_t { offered, expired, accepted };

/// What is wrong about the request of an order that could be accepted. `sign` false: the Commitment is used as it is left.
struct Wrong {
  std::string id;
  const char* title;
  std::string row;
  const char* expired_row;   ///< the same when the order has expired; empty: not tried then
  const char* accepted_row;  ///< and when it was accepted
  const char* code;
  std::vector<std::string> requirements;
  std::string mutation;
  std::function<void(RegularTrade&, RegularTrade::Ready&)> change;
  std::vector<Part> parts = {};
  Arrange arrange = {};
};

/// Changes the Commitment and signs it for its Broker again.
std::function<void(RegularTrade&, RegularTrade::Ready&)> promised_but(const char* field, std::string value) {
  return [field, value = std::move(value)](RegularTrade& trade, RegularTrade::Ready& ready) {
    set_text(ready.commitment, field, value);
    ready.commitment = trade.by_broker(ready.commitment);
  };
}
std::function<void(RegularTrade&, RegularTrade::Ready&)> signed_with_key_of(std::function<std::string(const Cast&)> whose) {
  return [whose = std::move(whose)](RegularTrade& trade, RegularTrade::Ready& ready) {
    ready.commitment = with_key(whose(trade.world().cast()))(trade.world(), ready.commitment);
  };
}
void by_strange_broker(RegularTrade& trade, RegularTrade::Ready& ready) {
  ready.commitment = trade.by_broker(trade.commitment(ready.offer.ref, trade.world().cast().strange_broker));
}
void altered(RegularTrade&, RegularTrade::Ready& ready) { set_text(ready.commitment, "ClaimBy", "2040-01-01T00:00:00Z"); }
void wrong_secret(RegularTrade& trade, RegularTrade::Ready& ready) { ready.offer.secret = trade.world().fresh_id(); }
void another_commitment(RegularTrade& trade, RegularTrade::Ready& ready) {
  ready.commitment = trade.by_broker(trade.commitment(ready.offer.ref));
}
/// Signed right, as another object: a signature is for one purpose.
void wrong_purpose(RegularTrade& trade, RegularTrade::Ready& ready) {
  const SigningKeyPlan* key = signing_key(trade.world().plan(), text_at(ready.commitment, "Broker"));
  if (key != nullptr) {
    ready.commitment = signed_with(*key->key, ready.commitment, "batch-settlement");
  }
}

std::vector<Wrong> wrong_commitments() {
  const std::vector<std::string> terms = {"QP-ADD-03", "QP-SAFE-001"}, key = {"QP-ADD-18"}, sig = {"QP-ADD-17", "QP-ADD-18"};
  return {
      {"other-amount", "A Commitment to another amount is none to this order.", "A5 Amount", "A13", "A20", "QP-E-MISMATCH", terms,
       "Commitment.OrderRef.Amount:=1", promised_but("OrderRef/Amount", "1")},
      {"other-digest", "A Commitment to another digest is none to this order.", "A5 Digest", "", "", "QP-E-MISMATCH", terms,
       "Commitment.OrderRef.Digest:=another", promised_but("OrderRef/Digest", std::string(64, 'd'))},
      {"other-expires", "A Commitment to another expiry is none to this order.", "A5 Expires", "", "", "QP-E-MISMATCH", terms,
       "Commitment.OrderRef.Expires:=another", promised_but("OrderRef/Expires", "2040-01-01T00:00:00Z")},
      {"wrong-secret", "Who does not know the secret behind the tag is not the buyer.", "A5 BuyerSecret", "", "A20 BuyerSecret",
       "QP-E-MISMATCH", {"QP-ADD-12"}, "BuyerSecret:=another", wrong_secret},
      {"unknown-order", "An order that was never offered is unknown.", "default RequestOrderDelivery regular", "", "",
       "QP-E-UNKNOWN-ORDER", {"QP-ADD-02"}, "Commitment.OrderRef.OrderId:=never-offered", promised_but("OrderRef/OrderId", "never-offered")},
      {"strange-broker", "The word of a Broker that is not accepted does not count.", "A6", "A14", "", "QP-E-BROKER",
       {"QP-RP-007"}, "Commitment of a strange Broker", by_strange_broker, {Part::strange_broker}},
      {"strangers-key", "A key that the directory does not list signs nothing.", "A8", "A16", "", "QP-E-KEY", key, "Sig by a stranger",
       signed_with_key_of([](const Cast&) { return "stranger"; })},
      {"other-brokers-key", "Another Broker signs nothing for this one.", "A8 Broker", "", "", "QP-E-KEY", key, "Sig by another Broker",
       signed_with_key_of([](const Cast& cast) { return cast.other_broker; }), {Part::other_broker}},
      {"hosts-key", "The Host signs no Commitment.", "A8 Host", "", "", "QP-E-KEY", key, "Sig by the Host",
       signed_with_key_of([](const Cast& cast) { return cast.host; })},
      {"altered", "A Commitment that was changed after it was signed is none.", "A9", "A17", "", "QP-E-SIGNATURE", sig,
       "Commitment.ClaimBy:=later after signing", altered},
      {"wrong-purpose", "A signature for another purpose is none.", "A9 purpose", "", "", "QP-E-SIGNATURE", {"QP-ADD-19", "QP-ADD-18"},
       "Sig:another purpose", wrong_purpose},
      {"claim-over", "A Commitment whose ClaimBy is past pays nothing.", "A10", "A18", "", "QP-E-SETTLE-EXPIRED", {"QP-ADD-27"},
       "Commitment.ClaimBy:=past", promised_but("ClaimBy", "2026-11-22T11:59:59Z")},
      {"expired", "After Expires an order is none any more.", "", "A4 A19", "", "QP-E-ORDER-EXPIRED", {"QP-ADD-27", "QP-ADD-02"},
       "brought after Expires", [](RegularTrade&, RegularTrade::Ready&) {}},
      {"another-commitment", "An order is accepted on one Commitment only.", "", "", "A21", "QP-E-CONFLICT", {"QP-SAFE-003", "QP-ADD-01"},
       "a second Commitment", another_commitment},
      {"amount-before-key", "Of a wrong amount and a wrong key the amount is named.", "A5 A8", "", "", "QP-E-MISMATCH", terms,
       "Commitment.OrderRef.Amount:=1 & Sig by a stranger",
       [](RegularTrade& trade, RegularTrade::Ready& ready) {
         set_text(ready.commitment, "OrderRef/Amount", "1");
         ready.commitment = with_key("stranger")(trade.world(), ready.commitment);
       }},
      {"key-before-time", "Of a wrong key and a ClaimBy that is past the key is named.", "A8 A10", "", "", "QP-E-KEY", key,
       "Sig by a stranger & Commitment.ClaimBy:=past", [](RegularTrade& trade, RegularTrade::Ready& ready) {
         set_text(ready.commitment, "ClaimBy", "2026-11-22T11:59:59Z");
         ready.commitment = with_key("stranger")(trade.world(), ready.commitment);
       }}};
}

/// Commitments in keys and encodings with which nothing is signed.
std::vector<Wrong> odd_commitments() {
  std::vector<Wrong> all;
  for (const OddSignature& odd : all_odd_signatures(&Cast::broker)) {
    const auto change = [sign = odd.sign](RegularTrade& trade, RegularTrade::Ready& ready) {
      ready.commitment = sign(trade.world(), ready.commitment);
    };
    all.push_back({odd.id, odd.title, (odd.of_key() ? "A8 " : "A9 ") + odd.id, "", "", odd.code, {"QP-ADD-18"},
                   "Commitment.Sig:=" + odd.id, change, {}, odd.arrange});
  }
  return all;
}

bool bring_to(Session& session, Stage stage, const RegularTrade::Ready& ready) {
  World& world = session.world();
  if (stage == Stage::accepted) {
    return world.send(RegularTrade(session).delivery(ready.offer, ready.commitment)).ok();
  }
  const std::int64_t left = (time_of(text_at(ready.offer.order, "Expires")) - world.now_ms()) / 1000;
  return stage == Stage::offered || world.advance(left + 1);
}

Refusal refused_delivery(Session& session, const Wrong& one, Stage stage) {
  const auto ready = std::make_shared<std::optional<RegularTrade::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready, stage]() {
    *ready = lacks_keys(session) ? std::nullopt : RegularTrade(session).ready();
    return ready->has_value() && bring_to(session, stage, **ready);
  };
  refusal.stimulus = [&session, ready, one]() {
    RegularTrade trade(session);
    RegularTrade::Ready wrong = **ready;
    one.change(trade, wrong);
    Sending sending = trade.delivery(wrong.offer, wrong.commitment);
    sending.label = one.mutation;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.forbidden = is_receipt;
  refusal.forbidden_text = "no Receipt";
  refusal.benign = [&session]() { return RegularTrade(session).buys(); };
  return refusal;
}

void add_refused_deliveries(Suite& suite, const std::vector<Wrong>& all) {
  for (const Wrong& one : all) {
    const std::tuple<Stage, const char*, const char*, const char*> stages[] = {
        {Stage::offered, "", one.row.c_str(), ""},
        {Stage::expired, "expired.", one.expired_row, " Also after it has expired."},
        {Stage::accepted, "accepted.", one.accepted_row, " Also after it was accepted."}};
    for (const auto& [stage, prefix, row, more] : stages) {
      if (*row == '\0') {
        continue;
      }
      suite.refused({.id = fmt::format("regular.delivery.{}{}", prefix, one.id),
                     .title = one.title + std::string(more),
                     .subject = row,
                     .requirements = one.requirements,
                     .mutation = one.mutation,
                     .twin = "regular.accepted",
                     .level_e = stage != Stage::expired && !one.arrange,
                     .parts = one.parts},
                    [one, stage = stage](Session& session) { return refused_delivery(session, one, stage); }, one.arrange);
    }
  }
}

/// The last piece is sold: whoever comes later gets nothing, and the order is over.
Refusal sold_out(Session& session) {
  const auto ready = std::make_shared<std::optional<RegularTrade::Ready>>();
  Refusal refusal;
  refusal.reach = [&session, ready]() {
    *ready = RegularTrade(session).ready();
    return ready->has_value() && RegularTrade(session).buys();
  };
  refusal.stimulus = [&session, ready]() {
    Sending sending = RegularTrade(session).delivery((*ready)->offer, (*ready)->commitment);
    sending.label = "the last piece is sold";
    return session.world().send(std::move(sending));
  };
  refusal.codes = {"QP-E-NO-ITEM"};
  refusal.forbidden = is_receipt;
  refusal.forbidden_text = "no Receipt";
  refusal.benign = [&session]() { return RegularTrade(session).buy(1).ok(); };
  return refusal;
}

FamilyBase order_base() {
  FamilyBase base;
  base.message = "regular/GetOrder";
  base.twin = "regular.offered";
  base.valid = [](Session& session) { return RegularTrade(session).get_order(); };
  base.benign = [](Session& session) { return RegularTrade(session).buys(); };
  base.unserved = "regular/InquiryPayment";
  return base;
}

FamilyBase delivery_base() {
  FamilyBase base = order_base();
  base.message = "regular/RequestOrderDelivery";
  base.twin = "regular.accepted";
  base.valid = [](Session& session) {
    RegularTrade trade(session);
    const auto ready = trade.ready();
    return ready ? trade.delivery(ready->offer, ready->commitment) : Sending{};
  };
  base.unserved = "regular/RegisterOrder";
  return base;
}

void add_positive(Suite& suite) {
  for (const std::int64_t pieces : {std::int64_t{1}, kPieces}) {
    const std::string id = pieces == 1 ? "regular.offered" : "regular.offered-pieces";
    suite.positive({.id = id,
                    .title = pieces == 1 ? "An offer is what was asked for, and signed." : "So many pieces cost so many times as much.",
                    .subject = pieces == 1 ? "A3" : "A3 Quantity",
                    .requirements = {"QP-RP-004", "QP-ADD-02", "QP-ADD-18"}},
                   [check = suite.name(id), pieces](Session& s) { offered(s, check, pieces); });
  }
  suite.positive({.id = "regular.accepted",
                  .title = "A signed Commitment is accepted with a signed Receipt.",
                  .subject = "A12",
                  .requirements = {"QP-RP-002", "QP-RP-010", "QP-RP-007", "QP-ADD-17"},
                  .more = {suite.check("regular.nobody-asked", "The Broker's signature is enough: nobody is asked.", {"QP-RP-010"})}},
                 accepted);
  for (const bool kill : {false, true}) {
    const std::string id = kill ? "regular.again-after-kill" : "regular.again";
    suite.positive({.id = id,
                    .title = "The Commitment brought again gets the same Receipt.",
                    .subject = kill ? "A22 kill" : "A22",
                    .requirements = {"QP-ADD-01", "QP-SAFE-003"},
                    .level_e = !kill},
                   [check = suite.name(id), kill](Session& s) { same_receipt(s, check, kill); });
  }
  suite.positive({.id = "regular.claimed",
                  .title = "An accepted order is claimed from the Broker with its Commitment.",
                  .subject = "A12 C1 C2",
                  .requirements = {"QP-BS-001", "QP-ADD-17"},
                  .level_e = false},
                 claimed);
}

}  // namespace

void add_vendor_regular(Suite& suite) {
  suite.belongs_to("regular", true);
  add_positive(suite);
  add_refused_orders(suite);
  add_refused_deliveries(suite, wrong_commitments());
  add_refused_deliveries(suite, odd_commitments());
  suite.refused({.id = "regular.delivery.sold-out",
                 .title = "A Vendor that has no piece left refuses, and no receipt is given.",
                 .subject = "A11",
                 .requirements = {"QP-RP-007"},
                 .mutation = "the last piece is sold",
                 .twin = "regular.accepted",
                 .level_e = false},
                sold_out, [](WorldPlan& plan) {
                  for (ItemPlan& item : plan.items) {
                    if (item.vendor == plan.iut) {
                      item.stock = 1;
                      break;
                    }
                  }
                });
  for (const FamilyBase& base : {order_base(), delivery_base()}) {
    add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix"});
    add_schema_family(suite, base, 10);
    add_head_family(suite, base);
    add_repeat_family(suite, base);
  }
}

}  // namespace quickpay::conformance
