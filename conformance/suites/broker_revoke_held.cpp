// Revokes without a signature at the Broker: how long they are held, what the Host's word makes of them, and what claims get meanwhile.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/revoke_told.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kAskAgain = protocol::backoff_cap_default + 60;  ///< seconds until a held revoke is asked about anew
constexpr std::int64_t kDay = 86400;

/// An order of which the Broker holds an unsigned revoke, the Host having said `standing`.
struct Held {
  Promised order;
  Element revoke;
  Reply reply;
  std::size_t from = 0;
};

/// Sends the Revoke and waits for the notice, whatever the Broker says.
std::optional<Held> taken(Revoker& revoker, const std::string& standing, const std::optional<Promised>& order) {
  if (!order) {
    return std::nullopt;
  }
  Held made{*order, revoker.revoke(*order), {}, revoker.session().transcript().mark()};
  revoker.host_says(standing);
  made.reply = revoker.world().send(revoker.revoking(made.revoke));
  return made.reply.ok() && revoker.notice_answered(made.from) ? std::optional(made) : std::nullopt;
}
std::optional<Held> held(Revoker& revoker, const std::string& standing, const std::optional<Promised>& order) {
  auto made = taken(revoker, standing, order);
  return made && !made->reply.text("Body/HoldUntil").empty() ? made : std::nullopt;
}
std::optional<Held> held(Revoker& revoker, const std::string& standing) {
  return held(revoker, standing, revoker.trade().committed());
}

/// HoldUntil passes, the Host saying this from now on.
bool hold_ends(Revoker& revoker, const Held& held, const std::string& standing) {
  revoker.host_says(standing);
  const std::int64_t left = time_of(held.reply.text("Body/HoldUntil")) - revoker.world().now_ms();
  const bool moved = left > 0 && revoker.world().advance(left / 1000 + 2);
  revoker.world().settle();
  return moved;
}

Got first_unsigned(Revoker& revoker) {
  const auto made = taken(revoker, "open", revoker.trade().committed());
  if (!made) {
    return std::nullopt;
  }
  const auto fault = fault_of_answer(revoker.world(), made->reply, made->revoke, "released", "pending");
  const std::vector<Element> notices = revoker.notices(made->from);
  const auto wrong = fault_of_notice(notices.front(), made->revoke, made->revoke, 0);
  return fault ? *fault : wrong ? "a notice with " + *wrong : "pending, and registered";
}

/// After HoldUntil the Host is asked by a notice of its own, and again until it has said something.
Got stands(Revoker& revoker, bool open_first) {
  const auto start = Payer(revoker.session()).account();
  const auto made = held(revoker, "open");
  if (!made || !hold_ends(revoker, *made, open_first ? "open" : "standing")) {
    return std::nullopt;
  }
  std::string got = open_first ? revoker.claimed(made->order) + ", " : "";
  revoker.host_says("standing");
  if (open_first && !revoker.world().advance(kAskAgain)) {
    return std::nullopt;
  }
  revoker.world().settle();
  const std::vector<Element> notices = revoker.notices(made->from);
  const bool anew = notices.size() > 1 && text_at(notices.back(), "Head/MsgId") != text_at(notices.front(), "Head/MsgId");
  const bool same = anew && !fault_of_notice(notices.back(), made->revoke, made->revoke, 0);
  const bool back = !start || Payer(revoker.session()).account() == start;
  return got + revoker.claimed(made->order) + (same ? "" : ", not asked anew") + (back ? "" : ", not refunded");
}

/// A held revoke of a settled order stands: it is deducted, and not before.
Got settled_stands(Revoker& revoker) {
  const auto made = revoker.settled();
  const auto before = revoker.trade().committed(1000), after = revoker.trade().committed(1000);
  const auto one = made ? held(revoker, "open", made->order) : std::nullopt;
  if (!one || !before || !after) {
    return std::nullopt;
  }
  const std::string early = deducted(revoker, revoker.claims({*before}), made->order);
  if (!hold_ends(revoker, *one, "standing")) {
    return std::nullopt;
  }
  const std::string late = deducted(revoker, revoker.claims({*after}), made->order);
  const bool right = early == "nothing" && late == expected_deduction(text_at(one->revoke, "RevokeId"), *made);
  return right ? effect_of(one->reply) + ", deducted afterwards" : early + ", then " + late;
}

/// The whole time for which a revoke that turned out void was held is added to ClaimBy.
Got time_added(Revoker& revoker, std::int64_t beyond) {
  const auto made = held(revoker, "open");
  const std::int64_t begun = revoker.world().now_ms();
  if (!made || !hold_ends(revoker, *made, "void")) {
    return std::nullopt;
  }
  const std::int64_t held_for = revoker.world().now_ms() - begun;
  const std::int64_t until = time_of(text_at(made->order.commitment, "ClaimBy")) + held_for + beyond * 1000;
  return revoker.world().advance((until - revoker.world().now_ms()) / 1000) ? std::optional(revoker.claimed(made->order)) : std::nullopt;
}

/// A signed Revoke turns one without a signature into a final one, under the RevokeId of the first.
Got signed_later(Revoker& revoker, const std::string& standing) {
  const auto made = held(revoker, standing);
  if (!made) {
    return std::nullopt;
  }
  const Element proof = revoker.by_vendor(revoker.revoke(made->order));
  const std::size_t from = revoker.session().transcript().mark();
  const Reply reply = revoker.world().send(revoker.revoking(proof));
  if (const auto fault = fault_of_answer(revoker.world(), reply, made->revoke, "released", "final")) {
    return *fault;
  }
  (void)revoker.notice_answered(from);
  const std::vector<Element> notices = revoker.notices(from);
  const auto wrong = notices.empty() ? std::optional<std::string>("none") : fault_of_notice(notices.back(), made->revoke, proof, 0);
  return wrong ? "a notice with " + *wrong : "final, registered again, " + revoker.claimed(made->order);
}

/// What the Host approves meanwhile is paid; a signature that comes then deducts it.
Got approved_meanwhile(Revoker& revoker) {
  Claimant claimant(revoker.session());
  const auto made = held(revoker, "open");
  if (!made) {
    return std::nullopt;
  }
  const Batch batch = revoker.claims({made->order}, {claimant.approval({claimable(made->order)})});
  const std::string word = word_on(batch.reply, claimable(made->order));
  return word + ", then " + effect_of(revoker.revokes(made->order));
}

/// The Host refuses the notice: the revoke stays held, and is asked about again.
Got refused_notice(Revoker& revoker) {
  Peer* host = revoker.world().peer(revoker.world().cast().host);
  const auto made = revoker.trade().committed();
  if (host == nullptr || !made) {
    return std::nullopt;
  }
  host->script("RegisterRevoke", answer_code("QP-E-CONFLICT"));
  Held one{*made, revoker.revoke(*made), {}, revoker.session().transcript().mark()};
  one.reply = revoker.world().send(revoker.revoking(one.revoke));
  if (!one.reply.ok() || !revoker.notice_answered(one.from)) {
    return std::nullopt;
  }
  const std::string early = revoker.claimed(*made);
  return hold_ends(revoker, one, "standing") ? std::optional(early + ", then " + revoker.claimed(*made)) : std::nullopt;
}

std::vector<ToldOfRevoke> holds() {
  const std::vector<std::string> wait = {"QP-ADD-16", "QP-RV-012"};
  const auto claimed_after = [](const char* standing) {
    return [standing](Revoker& r) -> Got {
      const auto made = held(r, standing);
      return made ? std::optional(r.claimed(made->order)) : std::nullopt;
    };
  };
  return {
      {"revoke.unsigned", "A revoke that nobody signed is held for T_hold, and registered.", "X9 X29", {"QP-ADD-16", "QP-RV-006", "QP-RV-012"},
       "pending, and registered", first_unsigned, false, "F"},
      {"revoke.unsigned.claimed", "While it is held, claims wait.", "G39 X29", wait, "QP-E-PENDING", claimed_after("open"), false, "F"},
      {"revoke.unsigned.stands-early", "That it stands counts for nothing before HoldUntil.", "X29 standing", wait, "QP-E-PENDING",
       claimed_after("standing"), false, "F"},
      {"revoke.unsigned.void", "What the Host calls void is dropped, whenever it says so.", "X27 G10", wait, "accepted", claimed_after("void"),
       false, "F"},
      {"revoke.unsigned.stands", "After HoldUntil the Host is asked, and by its word the revoke is final.", "X28 X30 G37 G46", wait,
       "QP-E-REVOKED", [](Revoker& r) { return stands(r, false); }, false, "F"},
      {"revoke.unsigned.open", "It stays held until the Host has said something.", "X29 X30 X28", wait, "QP-E-PENDING, QP-E-REVOKED",
       [](Revoker& r) { return stands(r, true); }, false, "F"},
      {"revoke.unsigned.void-late", "Also after HoldUntil the Host may call it void.", "X30 X27", wait, "accepted",
       [](Revoker& r) -> Got {
         const auto made = held(r, "open");
         return made && hold_ends(r, *made, "void") ? std::optional(r.claimed(made->order)) : std::nullopt;
       },
       false, "F"},
      {"revoke.unsigned.settled", "One of a settled order is deducted when it is final, and not before.", "X9 X28 G38", wait,
       "deduct pending, deducted afterwards", settled_stands, false, "F"},
      {"revoke.unsigned.time-added", "The time for which a void revoke was held is added to ClaimBy.", "X27 G11", wait, "accepted",
       [](Revoker& r) { return time_added(r, -kDay); }, false, "F"},
      {"revoke.unsigned.time-over", "And no more than that.", "X27 G12", wait, "QP-E-SETTLE-EXPIRED",
       [](Revoker& r) { return time_added(r, 60); }, false, "F"},
      {"revoke.unsigned.signed", "A signature makes a held revoke final.", "X14 G37", {"QP-ADD-16", "QP-RV-003", "QP-RV-006"},
       "final, registered again, QP-E-REVOKED", [](Revoker& r) { return signed_later(r, "open"); }, false, "F"},
      {"revoke.void.signed", "And one that was void.", "X21 G37", {"QP-ADD-16", "QP-RV-003", "QP-RV-006"},
       "final, registered again, QP-E-REVOKED", [](Revoker& r) { return signed_later(r, "void"); }, false, "F"},
      {"revoke.unsigned.approved", "What the Host approves meanwhile is paid, and a signature takes it back.", "G26 X14 G38",
       {"QP-BS-004", "QP-RV-003"}, "accepted, then deduct final", approved_meanwhile, false, "F"},
      {"revoke.unsigned.refused-notice", "A notice that the Host refuses leaves the revoke held.", "X31 X30 X28", {"QP-RV-006", "QP-ADD-16"},
       "QP-E-PENDING, then QP-E-REVOKED", refused_notice, false, "F"}};
}

}  // namespace

void add_held_revokes(Suite& suite) { add_told(suite, holds()); }

}  // namespace quickpay::conformance
