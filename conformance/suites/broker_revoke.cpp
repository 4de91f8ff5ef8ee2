// The Broker takes orders back: what becomes of the money, what it tells the Host, and how long it waits where nobody signed.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/families.hpp"
#include "conformance/suites/revoke_told.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

const std::string kRevoked(protocol::QP_E_REVOKED);
constexpr std::int64_t kAskAgain = protocol::backoff_cap_default + 60;  ///< seconds until a held revoke is asked about anew

std::string shown(const std::optional<std::string>& fault) { return fault.value_or("so"); }

// ---------------------------------------------------------------- signed
/// The first Revoke of an order that is signed: answer and notice.
void taken_back(Session& session, const std::string& check, const std::function<std::optional<Revoker::Settled>(Revoker&)>& make,
                const char* effect) {
  if (nothing_to_revoke(session)) {
    return;
  }
  Revoker revoker(session);
  const auto made = make(revoker);
  if (!made) {
    return unreached(session, "no order: " + revoker.trade().refusal());
  }
  const Element revoke = revoker.by_vendor(revoker.revoke(made->order));
  const std::size_t from = session.transcript().mark();
  const Reply reply = session.world().send(revoker.revoking(revoke));
  const auto fault = fault_of_answer(session.world(), reply, revoke, effect, "final");
  judge(session, check, !fault, fmt::format("{}, final", effect), shown(fault), reply.entries, Reason::refused);
  if (!revoker.notice_answered(from) && revoker.notices(from).empty()) {
    return session.fail(check + ".registered", Reason::missing_message, "RegisterRevoke", "none");
  }
  const auto wrong = fault_of_notice(revoker.notices(from).front(), revoke, revoke, made->commission);
  judge(session, check + ".registered", !wrong, "the notice of this revoke", shown(wrong));
}

std::optional<Revoker::Settled> waiting(Revoker& revoker) {
  const auto made = revoker.trade().committed();
  return made ? std::optional(Revoker::Settled{*made, 0}) : std::nullopt;
}
std::optional<Revoker::Settled> settled(Revoker& revoker) { return revoker.settled(); }
std::optional<Revoker::Settled> paid(Revoker& revoker) {
  const auto made = revoker.settled();
  return made && revoker.world().advance(kPastValueDate) ? made : std::nullopt;
}

void add_taken_back(Suite& suite) {
  using Make = std::optional<Revoker::Settled> (*)(Revoker&);
  struct One {
    const char* id;
    const char* title;
    const char* subject;
    Make make;
    const char* effect;
    bool level_e;
  };
  for (const One& one : {One{"revoke.signed", "A signed revoke of a committed order is final.", "X8 G37", waiting, "released", true},
                         One{"revoke.settled", "So is one of an order that was settled.", "X8 G38", settled, "deduct", true},
                         One{"revoke.paid", "And of one that was paid out.", "X8 G38 PAID", paid, "deduct", false}}) {
    const std::string registered = std::string(one.id) + ".registered";
    suite.positive({.id = one.id,
                    .title = one.title,
                    .subject = one.subject,
                    .requirements = {"QP-RV-002", "QP-RV-003", "QP-RV-004", "QP-ADD-16"},
                    .level_e = one.level_e,
                    .more = {suite.check(registered, "The Host is told, with the Vendor's word as it came.", {"QP-RV-006", "QP-ADD-16"})}},
                   [check = suite.name(one.id), one](Session& s) { taken_back(s, check, one.make, one.effect); });
  }
}

/// What the account of the customer bears once nothing is owed for the order.
Got account_after(Revoker& revoker, std::int64_t amount, const std::function<bool(const Promised&)>& before) {
  const auto start = Payer(revoker.session()).account();
  const auto made = revoker.trade().committed(amount);
  if (!made || !start || !before(*made) || !revoker.revokes(*made).ok()) {
    return std::nullopt;
  }
  const auto left = Payer(revoker.session()).account();
  return left == start ? "as before" : fmt::format("{} held, {} owed", left ? left->first : -1, left ? left->second : -1);
}

std::vector<ToldOfRevoke> refunded() {
  return {
      {"revoke.released", "What was committed falls back to the account.", "G37 Account", {"QP-RV-003", "QP-RV-013"}, "as before",
       [](Revoker& r) { return account_after(r, 125, [](const Promised&) { return true; }); }, false},
      {"revoke.refunded", "What was settled is given back to the account, once.", "G38 Account", {"QP-RV-003", "QP-RV-013"}, "as before",
       [](Revoker& r) {
         return account_after(r, 400, [&r](const Promised& order) { return r.claimed(order) == "accepted"; });
       },
       false},
      {"revoke.refunded-once", "However often it is taken back.", "X26 Account", {"QP-RV-003", "QP-ADD-01"}, "as before",
       [](Revoker& r) {
         return account_after(r, 400, [&r](const Promised& order) {
           return r.claimed(order) == "accepted" && r.revokes(order).ok() && r.revokes(order).ok();
         });
       },
       false}};
}

// ---------------------------------------------------------------- deductions
/// The order is deducted in the next Settlement and in none after it.
Got deducted_once(Revoker& revoker, bool accepts_something) {
  const auto made = revoker.settled();
  const auto next = revoker.trade().committed(1000), later = revoker.trade().committed();
  const Reply reply = made ? revoker.revokes(made->order) : Reply{};
  if (!next || !later || !reply.ok()) {
    return std::nullopt;
  }
  const Batch first = revoker.claims({accepts_something ? *next : made->order});
  const Batch second = revoker.claims({*later});
  const std::string got = deducted(revoker, first, made->order) + ", then " + deducted(revoker, second, made->order);
  return got == expected_deduction(reply.text("Body/RevokeId"), *made) + ", then nothing" ? "deducted, then nothing" : got;
}

/// What the next payout cannot bear is carried to the one after it.
Got carried(Revoker& revoker) {
  const auto made = revoker.settled(10000);
  const auto next = revoker.trade().committed(), later = revoker.trade().committed();
  if (!made || !next || !later || !revoker.revokes(made->order).ok()) {
    return std::nullopt;
  }
  const Batch first = revoker.claims({*next}), second = revoker.claims({*later});
  if (first.settlement() == nullptr || second.settlement() == nullptr) {
    return outcome_text(first.reply) + ", " + outcome_text(second.reply);
  }
  const std::int64_t debit = number_at(*first.settlement(), "CarriedDebit");
  const bool right = number_at(*first.settlement(), "NetTotal") == 0 && debit > 0 && debit < 10000 &&
                     number_at(*second.settlement(), "PriorDebit") == debit && deducted(revoker, first, made->order) != "nothing";
  return right ? "carried" : fmt::format("net {}, carried {}, prior {}", number_at(*first.settlement(), "NetTotal"), debit,
                                         number_at(*second.settlement(), "PriorDebit"));
}

/// Two orders under one RevokeId are two orders.
Got under_one_id(Revoker& revoker) {
  const auto one = revoker.settled(), other = revoker.settled(300);
  const auto next = revoker.trade().committed(1000);
  if (!one || !other || !next) {
    return std::nullopt;
  }
  Element first = revoker.revoke(one->order), second = revoker.revoke(other->order);
  const std::string id = text_at(first, "RevokeId");
  set_text(second, "RevokeId", id);
  const bool taken = revoker.world().send(revoker.revoking(revoker.by_vendor(first))).ok() &&
                     revoker.world().send(revoker.revoking(revoker.by_vendor(second))).ok();
  const Batch batch = taken ? revoker.claims({*next}) : Batch{};
  const bool both = deducted(revoker, batch, one->order) == expected_deduction(id, *one) &&
                    deducted(revoker, batch, other->order) == expected_deduction(id, *other);
  return both ? "two Deductions" : "others";
}

/// An order that was settled on the Host's word leaves the same traces.
Got approved_first(Revoker& revoker) {
  Claimant claimant(revoker.session());
  const auto made = revoker.trade().committed(400), next = revoker.trade().committed(1000);
  if (!made || !next) {
    return std::nullopt;
  }
  const Batch batch = revoker.claims({*made}, {claimant.approval({claimable(*made)})});
  const Reply reply = revoker.revokes(*made);
  if (word_on(batch.reply, claimable(*made)) != "accepted") {
    return std::nullopt;
  }
  const Batch later = revoker.claims({*next});
  return effect_of(reply) + (deducted(revoker, later, *made) == "nothing" ? ", not deducted" : ", deducted");
}

std::vector<ToldOfRevoke> deductions() {
  const std::vector<std::string> money = {"QP-RV-003", "QP-RV-008", "QP-RV-013"};
  return {{"revoke.deducted", "A settled order is deducted from the next Settlement with its commission, once.", "G38 Deduction", money,
           "deducted, then nothing", [](Revoker& r) { return deducted_once(r, true); }},
          {"revoke.deducted-from-nothing", "Also from one that accepts nothing.", "G38 G46 Deduction", money, "deducted, then nothing",
           [](Revoker& r) { return deducted_once(r, false); }},
          {"revoke.carried", "What a payout cannot bear is carried.", "G38 CarriedDebit", {"QP-RV-003", "QP-ADD-24"}, "carried", carried},
          {"revoke.under-one-id", "Two orders under one RevokeId are two Deductions.", "G38 RevokeId", money, "two Deductions",
           under_one_id},
          {"revoke.approved-first", "What was settled on the Host's word is deducted like any other order.", "G26 G38", money,
           "deduct final, deducted", approved_first}};
}

// ---------------------------------------------------------------- again
/// The same order taken back again, under another RevokeId: the first one counts.
Got again(Revoker& revoker, bool with_signature, bool kill) {
  const auto made = revoker.trade().committed();
  if (!made) {
    return std::nullopt;
  }
  const std::size_t from = revoker.session().transcript().mark();
  const Reply first = revoker.revokes(*made, with_signature);
  if (!first.ok() || !revoker.notice_answered(from) || (kill && !revoker.world().restart(true)) || !revoker.world().advance(60)) {
    return std::nullopt;
  }
  const Reply second = revoker.revokes(*made, with_signature);
  revoker.world().settle();
  for (const char* field : {"RevokeId", "Effect", "Amount", "State", "HoldUntil"}) {
    const std::string path = std::string("Body/") + field;
    if (second.text(path) != first.text(path)) {
      return fmt::format("{} {}", field, second.ok() ? second.text(path) : outcome_text(second));
    }
  }
  const std::vector<Element> notices = revoker.notices(from);
  const bool one = std::all_of(notices.begin(), notices.end(), [&](const Element& each) { return each == notices.front(); });
  return one ? "the first answer, one notice" : "another notice";
}

/// A notice that nobody answers is sent again as it was.
Got notice_again(Revoker& revoker) {
  Peer* host = revoker.world().peer(revoker.world().cast().host);
  const auto made = revoker.trade().committed();
  if (host == nullptr || !made) {
    return std::nullopt;
  }
  const std::size_t from = revoker.session().transcript().mark();
  host->script("RegisterRevoke", lose_request());
  if (!revoker.revokes(*made).ok()) {
    return std::nullopt;
  }
  revoker.world().settle();
  if (!revoker.world().advance(kAskAgain)) {
    return std::nullopt;
  }
  const std::vector<Element> notices = revoker.notices(from);
  const bool same = notices.size() > 1 && text_at(notices[1], "Body/RevokeId") == text_at(notices[0], "Body/RevokeId") &&
                    *at(notices[1], "Body") == *at(notices[0], "Body");
  return same ? "sent again" : fmt::format("{} notices", notices.size());
}

/// A revoke and a claim that come at the same time: one of them was first, and both answers say so.
Got beside_a_claim(Revoker& revoker) {
  Claimant claimant(revoker.session());
  World& world = revoker.world();
  const auto made = revoker.trade().committed(400);
  if (!made) {
    return std::nullopt;
  }
  const Element claim = claimant.signed_by_vendor(revoker.trade().claim({*made}));
  const Pending claiming = world.begin(claimant.claiming(claim));
  const Pending revoking = world.begin(revoker.revoking(revoker.by_vendor(revoker.revoke(*made))));
  const std::string word = word_on(world.finish(claiming), claimable(*made)), effect = effect_of(world.finish(revoking));
  const bool right = (word == "accepted" && effect == "deduct final") || (word == kRevoked && effect == "released final");
  return right ? "one of two orders" : word + ", " + effect;
}

std::vector<ToldOfRevoke> repeats() {
  const std::vector<std::string> once = {"QP-ADD-01", "QP-SAFE-004"};
  const char* const right = "the first answer, one notice";
  return {{"revoke.again", "A revoke that comes again, under whatever RevokeId, gets what became of the first.", "X26", once, right,
           [](Revoker& r) { return again(r, true, false); }, false},
          {"revoke.again-after-kill", "Also from a Broker that was killed.", "X26 kill", once, right,
           [](Revoker& r) { return again(r, true, true); }, false},
          {"revoke.unsigned.again", "An unsigned one that comes again is held no longer.", "X15", once, right,
           [](Revoker& r) {
             r.host_says("open");
             return again(r, false, false);
           },
           false, "F"},
          {"revoke.beside-a-claim", "A revoke and a claim that come together are booked one after the other.", "X8 G37 G38 parallel",
           {"QP-RV-003", "QP-ADD-04"}, "one of two orders", beside_a_claim, false},
          {"revoke.notice-again", "A notice is repeated until it has an answer.", "X8 RegisterRevoke", {"QP-RV-006", "QP-ADD-06"}, "sent again",
           notice_again, false}};
}

/// Who could not be believed without a signature is not committed again: an order that was taken back is over.
Got committed_again(Revoker& revoker) {
  const auto made = revoker.trade().committed();
  if (!made || !revoker.revokes(*made).ok()) {
    return std::nullopt;
  }
  const Reply reply = revoker.world().send(revoker.trade().inquiry(made->ref));
  const Element* promise = at(reply.document, "Body/Commitment");
  const bool same = promise != nullptr && *promise == made->commitment;
  return (same || promise == nullptr ? "no second commitment, " : "a second commitment, ") + revoker.claimed(*made);
}

FamilyBase revoke_base() {
  FamilyBase base;
  base.message = "RevokeOrder";
  base.twin = "revoke.signed";
  base.valid = [](Session& session) {
    Revoker revoker(session);
    const auto made = revoker.trade().committed();
    return made ? revoker.revoking(revoker.by_vendor(revoker.revoke(*made))) : Sending{};
  };
  base.benign = [](Session& session) { return Revoker(session).takes_back(); };
  base.unserved = "RegisterRevoke";
  return base;
}

}  // namespace

void add_broker_revoke(Suite& suite) {
  suite.belongs_to("revoke", true);
  add_taken_back(suite);
  for (const auto& some : {refunded(), deductions(), repeats()}) {
    add_told(suite, some);
  }
  add_told(suite, {{"revoke.committed-again", "An order that was taken back is not committed anew.", "X8 O11 G46", {"QP-RV-005", "QP-SAFE-003"},
                    "no second commitment, QP-E-REVOKED", committed_again}});
  add_revoke_crashes(suite);
  add_held_revokes(suite);
  add_revoke_refusals(suite);
  const FamilyBase base = revoke_base();
  add_xml_family(suite, base, {"comment", "doctype", "entity-bomb", "prefix", "cdata", "unclosed"});
  add_schema_family(suite, base, 16);
  add_head_family(suite, base);
  add_repeat_family(suite, base);
  add_auth_family(suite, base);
}

}  // namespace quickpay::conformance
