// The Broker in regular payment: one inquiry, one signed commitment, and what it owes for it.
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <memory>

#include "conformance/judges/regular.hpp"
#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/regular.hpp"
#include "conformance/suites/signed_request.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

bool settles_nothing(Session& session, const std::string& check) {
  return not_settled_here(session, check, [&] { (void)RegularTrade(session).pays(); });
}

void committed(Session& session) {
  RegularTrade trade(session);
  const auto made = trade.committed();
  const char* check = "broker.regular.committed";
  if (!made) {
    return judge(session, check, false, "a Commitment", trade.refusal(), {}, Reason::refused);
  }
  const auto fault = fault_of_commitment(session.world().plan(), session.world().iut(), made->ref, made->commitment);
  judge(session, check, !fault, "a signed Commitment to this order", fault.value_or("it"));
  const std::int64_t lasts = time_of(text_at(made->commitment, "ClaimBy")) - time_of(text_at(made->commitment, "CommittedAt"));
  judge(session, "broker.regular.claim-by", lasts >= protocol::T_claim_min * 1000, "claimable for at least seven days",
        fmt::format("{} s", lasts / 1000));
}

/// The same order asked for again, in a request of its own, gets the same Commitment.
void same_commitment(Session& session, const std::string& check, bool kill) {
  RegularTrade trade(session);
  const auto made = trade.committed();
  if (!made || (kill && !session.world().restart(true))) {
    return unreached(session, made ? "it cannot be restarted" : trade.refusal());
  }
  const Reply reply = session.world().send(trade.inquiry(made->ref));
  const Element* again = at(reply.document, "Body/Commitment");
  judge(session, check, again != nullptr && *again == made->commitment, "the Commitment of the first time",
        again == nullptr ? outcome_text(reply) : "another one", reply.entries);
}

// ---------------------------------------------------------------- refused inquiries
struct RefusedInquiry {
  const char* id;
  const char* title;
  const char* row;
  const char* later_row;  ///< the same of an order that is committed; empty: not tried then
  const char* code;
  std::vector<std::string> requirements;
  const char* mutation;
  std::function<void(World&, Element&)> order;      ///< before token and message are made
  std::function<void(World&, Sending&)> message = {};
  std::vector<Part> parts = {};
};

void forged(World&, Sending& s) { s.mutation = "InquiryPayment.PaycardToken:flip"; }
void nothing(World&, Element&) {}
void other_currency(World&, Element& ref) { set_text(ref, "Currency", "XXX"); }
void unknown_vendor(World& world, Element& ref) { set_text(ref, "Vendor", world.cast().unknown_vendor); }
void too_much(World&, Element& ref) { set_text(ref, "Amount", "999999999999999"); }

std::vector<RefusedInquiry> refused_inquiries() {
  return {
      {"unknown-paycard", "A Paycard that was never issued gets no commitment.", "O1", "O9", "QP-E-PAYCARD", {"QP-PAY-005"},
       "Paycard:=unknown", nothing, [](World&, Sending& s) { s.mutation = "InquiryPayment.Paycard:=PnoSuchCard"; }},
      {"strangers-paycard", "The Paycard of another Wallet gets no commitment.", "O1 Paycard", "", "QP-E-PAYCARD",
       {"QP-PAY-005", "QP-WAL-013"}, "Paycard:=another Wallet's", nothing,
       [](World& w, Sending& s) {
         s.mutation = "InquiryPayment.Paycard:=" + w.plan().paycard_of(w.cast().other_wallet, w.iut())->paycard;
       },
       {Part::other_wallet}},
      {"forged-token", "A token that the Paycard did not make gets no commitment.", "O2", "O10", "QP-E-FORBIDDEN",
       {"QP-PAY-005", "QP-SAFE-011"}, "PaycardToken:flip", nothing, forged},
      {"token-of-other-amount", "A token covers the amount.", "O2 Amount", "", "QP-E-FORBIDDEN", {"QP-ADD-11"},
       "OrderRef.Amount:+1 after the token", nothing,
       [](World&, Sending& s) { s.mutation = "InquiryPayment.OrderRef.Amount:+1"; }},
      {"token-of-another-message", "A token that was overheard is of no use under another MsgId.", "O2 MsgId", "", "QP-E-FORBIDDEN",
       {"QP-ADD-11", "QP-SAFE-011"}, "Head.MsgId:fresh after the token", nothing,
       [](World& w, Sending& s) {
         set_text(s.document, "Head/MsgId", w.fresh_id());
         s.label = "Head.MsgId:fresh after the token";
       }},
      {"inactive-currency", "A currency that is not active is refused.", "O3", "O12", "QP-E-CURRENCY", {"QP-RP-006"},
       "OrderRef.Currency:=XXX", other_currency},
      {"unknown-vendor", "A Vendor that does not exist gets no commitment.", "O5", "", "QP-E-VENDOR", {"QP-SAFE-001"},
       "OrderRef.Vendor:=unknown", unknown_vendor},
      {"beyond-limit", "The Broker commits to no more than the account bears.", "O7", "", "QP-E-FUNDS", {"QP-SAFE-009"},
       "OrderRef.Amount:=999999999999999", too_much},
      {"other-amount", "A committed order has one amount.", "", "O15 Amount", "QP-E-CONFLICT", {"QP-SAFE-003", "QP-ADD-04"},
       "OrderRef.Amount:=126", [](World&, Element& ref) { set_text(ref, "Amount", "126"); }},
      {"other-digest", "A committed order has one digest.", "", "O15 Digest", "QP-E-CONFLICT", {"QP-SAFE-003", "QP-ADD-04"},
       "OrderRef.Digest:=another", [](World&, Element& ref) { set_text(ref, "Digest", std::string(64, 'e')); }},
      {"other-expires", "A committed order has one expiry.", "", "O15 Expires", "QP-E-CONFLICT", {"QP-SAFE-003", "QP-ADD-04"},
       "OrderRef.Expires:=another", [](World&, Element& ref) { set_text(ref, "Expires", "2040-01-01T00:00:00Z"); }},
      {"paycard-before-currency", "Of a wrong Paycard and a wrong currency the Paycard is named.", "O1 O3", "", "QP-E-PAYCARD",
       {"QP-PAY-005"}, "Paycard:=unknown & OrderRef.Currency:=XXX", other_currency,
       [](World&, Sending& s) { s.mutation = "InquiryPayment.Paycard:=PnoSuchCard"; }},
      {"token-before-vendor", "Of a wrong token and an unknown Vendor the token is named.", "O2 O5", "", "QP-E-FORBIDDEN",
       {"QP-PAY-005"}, "PaycardToken:flip & OrderRef.Vendor:=unknown", unknown_vendor, forged},
      {"vendor-before-funds", "Of an unknown Vendor and too large an amount the Vendor is named.", "O5 O7", "", "QP-E-VENDOR",
       {"QP-SAFE-001"}, "OrderRef.Vendor:=unknown & OrderRef.Amount:=999999999999999",
       [](World& w, Element& ref) { unknown_vendor(w, ref), too_much(w, ref); }}};
}

Refusal refused_inquiry(Session& session, const RefusedInquiry& one, bool later) {
  const auto known = std::make_shared<Element>();
  Refusal refusal;
  refusal.reach = [&session, known, later]() {
    RegularTrade trade(session);
    const auto made = later ? trade.committed() : std::optional(Promised{trade.order(), {}, {}, {}});
    *known = made ? made->ref : Element{};
    return made.has_value();
  };
  refusal.stimulus = [&session, known, one]() {
    Element ref = *known;
    one.order(session.world(), ref);
    Sending sending = RegularTrade(session).inquiry(ref);
    if (one.message) {
      one.message(session.world(), sending);
    }
    sending.label = sending.mutation.empty() ? std::string(one.mutation) : sending.label;
    return session.world().send(std::move(sending));
  };
  refusal.codes = {one.code};
  refusal.forbidden = [](const Entry& entry) { return entry.by_iut && entry.body.find("<Commitment>") != std::string::npos; };
  refusal.forbidden_text = "no Commitment";
  refusal.benign = [&session]() { return RegularTrade(session).pays(); };
  return refusal;
}

void add_refused_inquiries(Suite& suite) {
  for (const RefusedInquiry& one : refused_inquiries()) {
    for (const bool later : {false, true}) {
      const char* row = later ? one.later_row : one.row;
      if (*row == '\0') {
        continue;
      }
      suite.refused({.id = fmt::format("regular.inquiry.{}{}", later ? "again." : "", one.id),
                     .title = one.title + std::string(later ? " Also of an order that is committed." : ""),
                     .subject = row,
                     .requirements = one.requirements,
                     .mutation = one.mutation,
                     .twin = "regular.committed",
                     .parts = one.parts},
                    [one, later](Session& session) { return refused_inquiry(session, one, later); });
    }
  }
}

// ---------------------------------------------------------------- what is owed for a commitment
/// Orders to claim, or nothing: not reached.
using Make = std::function<std::optional<Promised>(RegularTrade&)>;

std::optional<Promised> promised(RegularTrade& trade) { return trade.committed(); }
std::optional<Promised> lost(RegularTrade& trade) { return trade.forgotten(); }

/// The first claim is accepted; nothing: it was not, or the clock stands still.
std::optional<Promised> settled(RegularTrade& trade, std::int64_t wait) {
  const auto made = trade.committed();
  const bool there = made && word_on(trade.settle({*made}), claimable(*made)) == "accepted";
  return there && (wait == 0 || trade.world().advance(wait)) ? made : std::nullopt;
}

std::optional<Promised> expired(RegularTrade& trade) {
  const auto made = trade.committed();
  const std::int64_t until = made ? time_of(text_at(made->commitment, "ClaimBy")) - trade.world().now_ms() : 0;
  return made && trade.world().advance(until / 1000 + 1) ? made : std::nullopt;
}

void accepted(Session& session, const std::string& check, const Make& make) {
  RegularTrade trade(session);
  if (settles_nothing(session, check)) {
    return;
  }
  const auto made = make(trade);
  if (!made) {
    return unreached(session, trade.refusal());
  }
  const Reply reply = trade.settle({*made});
  const std::string word = word_on(reply, claimable(*made));
  judge(session, check, word == "accepted", "accepted", word.empty() ? outcome_text(reply) : word, reply.entries, Reason::refused);
}

struct RefusedClaim {
  std::string id;
  const char* title;
  std::string row;
  const char* code;
  std::vector<std::string> requirements;
  std::string mutation;
  Make make;                                          ///< a right order …
  std::function<void(RegularTrade&, Promised&)> change;  ///< … and what is wrong about its claim
  bool level_e = true;
  Arrange arrange = {};
};

void no_commitment(RegularTrade&, Promised& one) { one.commitment = Element{}; }
void unlisted_key(RegularTrade& trade, Promised& one) { one.commitment = with_key("stranger")(trade.world(), one.commitment); }
void vendors_key(RegularTrade& trade, Promised& one) {
  one.commitment = with_key(trade.world().cast().vendor)(trade.world(), one.commitment);
}
/// The signature is over another ClaimBy.
void altered(RegularTrade& trade, Promised& one) { set_text(one.commitment, "ClaimBy", trade.world().now_text(31536000)); }
void other_amount(RegularTrade&, Promised& one) { set_text(one.ref, "Amount", "999"); }
void as_it_is(RegularTrade&, Promised&) {}

/// The Broker's own Commitment in keys and encodings with which nothing is signed, and signed for something else.
std::vector<RefusedClaim> odd_commitments() {
  std::vector<RefusedClaim> all;
  for (const OddSignature& odd : all_odd_signatures(&Cast::broker)) {
    const auto change = [sign = odd.sign](RegularTrade& trade, Promised& one) { one.commitment = sign(trade.world(), one.commitment); };
    all.push_back({odd.id, odd.title, (odd.of_key() ? "G28 " : "G29 ") + odd.id, odd.code, {"QP-ADD-18"}, "Commitment.Sig:=" + odd.id,
                   promised, change, false, odd.arrange});
  }
  const auto for_a_batch = [](RegularTrade& trade, Promised& one) {
    const SigningKeyPlan* key = signing_key(trade.world().plan(), trade.world().iut());
    one.commitment = signed_with(*key->key, one.commitment, "batch-settlement");
  };
  all.push_back({"wrong-purpose", "A signature for another purpose is none.", "G29 purpose", "QP-E-SIGNATURE", {"QP-ADD-19", "QP-ADD-18"},
                 "Commitment.Sig:another purpose", promised, for_a_batch, false});
  return all;
}

std::vector<RefusedClaim> refused_claims() {
  const std::vector<std::string> bare = {"QP-RP-010", "QP-BS-007"}, key = {"QP-ADD-18"}, terms = {"QP-SAFE-001", "QP-SAFE-002"};
  const Make late = expired, once = [](RegularTrade& t) { return settled(t, 0); };
  return {
      {"forgotten.no-commitment", "A regular order that the Broker does not know is nothing without a Commitment.", "G21",
       "QP-E-NO-COMMIT", bare, "forgotten, Item.Commitment:remove", lost, no_commitment},
      {"forgotten.unlisted-key", "A Commitment under a key of nobody is none.", "G22", "QP-E-KEY", key, "forgotten, Sig by a stranger",
       lost, unlisted_key},
      {"forgotten.vendors-key", "A Vendor signs no Commitment.", "G22 Vendor", "QP-E-KEY", key, "forgotten, Sig by the Vendor", lost,
       vendors_key},
      {"forgotten.altered", "A Commitment that was changed after it was signed is none.", "G23", "QP-E-SIGNATURE", key,
       "forgotten, Commitment.ClaimBy:=later after signing", lost, altered},
      {"forgotten.other-amount", "A Commitment to another amount is none to this order.", "G6 Commitment", "QP-E-MISMATCH", terms,
       "forgotten, OrderRef.Amount:=999", lost, other_amount},
      {"forgotten.expired", "A Commitment that ran out is over.", "G24", "QP-E-SETTLE-EXPIRED", {"QP-ADD-27"},
       "forgotten, ClaimBy is past",
       [](RegularTrade& t) {
         auto made = t.forgotten();
         return made && t.world().advance(protocol::T_claim_default + 1) ? made : std::nullopt;
       },
       as_it_is, false},
      {"no-commitment", "A committed order is claimed with its Commitment.", "G27", "QP-E-NO-COMMIT", bare, "Item.Commitment:remove",
       promised, no_commitment},
      {"unlisted-key", "Its Commitment is under the Broker's key.", "G28", "QP-E-KEY", key, "Sig by a stranger", promised, unlisted_key},
      {"altered", "And as the Broker signed it.", "G29", "QP-E-SIGNATURE", key, "Commitment.ClaimBy:=later after signing", promised,
       altered},
      {"other-amount", "Another amount than the one committed is not paid.", "G9 regular", "QP-E-MISMATCH", terms,
       "OrderRef.Amount:=999", promised, other_amount},
      {"expired", "After ClaimBy a commitment is over.", "G12 G16 ClaimBy", "QP-E-SETTLE-EXPIRED", {"QP-ADD-27", "QP-BS-007"},
       "claimed after ClaimBy", late, as_it_is, false},
      {"expired.no-commitment", "Also then the Commitment is asked for first.", "G30", "QP-E-NO-COMMIT", bare,
       "after ClaimBy, Item.Commitment:remove", late, no_commitment, false},
      {"expired.unlisted-key", "Also then its key.", "G31", "QP-E-KEY", key, "after ClaimBy, Sig by a stranger", late, unlisted_key, false},
      {"expired.altered", "Also then its signature.", "G32", "QP-E-SIGNATURE", key, "after ClaimBy, Commitment.ClaimBy:=later", late,
       altered, false},
      {"twice", "A commitment is paid once.", "G19 regular", "QP-E-ALREADY-SETTLED", {"QP-ADD-09", "QP-SAFE-004"},
       "claimed in two batches", once, as_it_is},
      {"twice-when-paid", "Also when the payment has left.", "G19 G20 regular", "QP-E-ALREADY-SETTLED", {"QP-ADD-09", "QP-SAFE-004"},
       "claimed again after ValueDate", [](RegularTrade& t) { return settled(t, kPastValueDate); }, as_it_is, false},
      {"settled.no-commitment", "What was settled is not talked about without its Commitment.", "G34", "QP-E-NO-COMMIT", bare,
       "settled, Item.Commitment:remove", once, no_commitment},
      {"settled.unlisted-key", "Nor with one under a key of nobody.", "G35", "QP-E-KEY", key, "settled, Sig by a stranger", once,
       unlisted_key},
      {"settled.altered", "Nor with one that was changed.", "G36", "QP-E-SIGNATURE", key, "settled, Commitment.ClaimBy:=later", once,
       altered}};
}

Negative refused_claim(Session& session, const std::string& check, const RefusedClaim& one) {
  const auto made = std::make_shared<std::optional<Promised>>();
  const auto reply = std::make_shared<Reply>();
  Negative plan;
  plan.check = check;
  plan.reach = [made, one](Session& s) {
    RegularTrade trade(s);
    *made = lacks_keys(s) ? std::nullopt : one.make(trade);
    return made->has_value();
  };
  plan.stimulus = [made, reply, one](Session& s) {
    RegularTrade trade(s);
    Claimant claimant(s);
    one.change(trade, **made);
    Sending sending = claimant.claiming(claimant.signed_by_vendor(trade.claim({**made})));
    sending.label = one.mutation;
    *reply = s.world().send(std::move(sending));
    return reply->delivered;
  };
  plan.reaction = [made, reply](Session& s) { return reaction_on(s, *reply, {(*made)->ref, {}}); };
  plan.forbidden = [reply, &session](const Entry& entry) { return answers_with(session, *reply, entry, "<Accepted>"); };
  plan.forbidden_text = "nothing is accepted";
  plan.refusals = {one.code};
  plan.benign = [](Session& s) {
    RegularTrade trade(s);
    const auto next = trade.committed();
    return next && word_on(trade.settle({*next}), claimable(*next)) == "accepted";
  };
  return plan;
}

void add_refused_claims(Suite& suite, const std::vector<RefusedClaim>& all) {
  for (const RefusedClaim& one : all) {
    const std::string id = fmt::format("regular.settle.{}", one.id);
    suite.positive({.id = id,  // with a twin: a negative scenario all the same
                    .title = one.title,
                    .subject = one.row,
                    .requirements = one.requirements,
                    .mutation = one.mutation,
                    .twin = one.id.rfind("forgotten.", 0) == 0 ? "regular.settle.forgotten" : "regular.settle.accepted",
                    .level_e = one.level_e},
                   [check = suite.name(id), one](Session& session) {
                     return settles_nothing(session, check) ? void() : negative(session, refused_claim(session, check, one));
                   },
                   one.arrange);
  }
}

void add_claims(Suite& suite) {
  const auto takes = [&](const char* id, const char* title, const char* subject, std::vector<std::string> requirements, Make make) {
    suite.positive({.id = id, .title = title, .subject = subject, .requirements = std::move(requirements), .mutation = id},
                   [check = suite.name(id), make = std::move(make)](Session& s) { accepted(s, check, make); });
  };
  takes("regular.settle.accepted", "A committed order that is claimed with its Commitment is accepted.", "G10 regular",
        {"QP-SAFE-005", "QP-RP-010", "QP-BS-009"}, promised);
  takes("regular.settle.forgotten", "A Broker stands by its signature, also of an order that it does not know.", "G25",
        {"QP-RP-010", "QP-ADD-17", "QP-SAFE-005"}, lost);
  add_refused_claims(suite, refused_claims());
  add_refused_claims(suite, odd_commitments());
}

FamilyBase regular_base() {
  FamilyBase base;
  base.message = "regular/InquiryPayment";
  base.twin = "regular.committed";
  base.valid = [](Session& session) {
    RegularTrade trade(session);
    return trade.inquiry(trade.order());
  };
  base.benign = [](Session& session) { return RegularTrade(session).pays(); };
  base.unserved = "regular/GetOrder";
  return base;
}

}  // namespace

void add_broker_regular(Suite& suite) {
  suite.belongs_to("regular", true);
  suite.positive({.id = "regular.committed",
                  .title = "A right inquiry gets the Broker's signed commitment to exactly this order.",
                  .subject = "O8",
                  .requirements = {"QP-RP-006", "QP-RP-010", "QP-ADD-17", "QP-SAFE-006"},
                  .more = {suite.check("regular.claim-by", "The commitment stays claimable for at least seven days.",
                                       {"QP-SAFE-005", "QP-RP-009"})}},
                 committed);
  for (const bool kill : {false, true}) {
    const std::string id = kill ? "regular.again-after-kill" : "regular.again";
    suite.positive({.id = id,
                    .title = "An order gets one Commitment, however often it is asked for.",
                    .subject = kill ? "O11 kill" : "O11",
                    .requirements = {"QP-ADD-01", "QP-SAFE-003", "QP-RP-010"},
                    .level_e = !kill},
                   [check = suite.name(id), kill](Session& s) { same_commitment(s, check, kill); });
  }
  add_refused_inquiries(suite);
  add_claims(suite);
  const FamilyBase base = regular_base();
  add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix", "cdata", "unclosed"});
  add_schema_family(suite, base, 12);
  add_head_family(suite, base);
  add_repeat_family(suite, base);
}

}  // namespace quickpay::conformance
