// The Broker is killed after it has written its books and before anybody heard its answer.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "conformance/suites/revoke_told.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kAskAgain = protocol::backoff_cap_default + 60;  ///< seconds until a notice that was lost is sent again

/// The answers after the crash: to the request as it was sent before, and to the same object in a request of its own.
struct After {
  Reply same, anew;
};

/// The answer to `first` is lost and the Broker killed; nothing: it did not come to that.
std::optional<After> after_kill(World& world, Sending first, Sending anew) {
  first.unheard = true;
  if (world.send(first).error != kAnswerLost || !world.restart(true)) {
    return std::nullopt;
  }
  first.unheard = false;
  After after;
  after.same = world.send(std::move(first));
  after.anew = world.send(std::move(anew));
  return after;
}

void not_shown(Session& session, const std::string& check) {
  session.emit(check, Verdict::not_applicable, {Reason::none, {}, {}, {}, "it does not show its books"});
}

/// One Settlement however often it is asked for, and the books say what it says, once.
void settled(Session& session) {
  Claimant claimant(session);
  World& world = session.world();
  if (lacks_keys(session)) {
    return;
  }
  const auto one = claimant.committed(10001), other = claimant.committed(333);
  if (!one || !other) {
    return unreached(session, claimant.refusal());
  }
  const auto owed = Payer(session).account();
  const Element claim = claimant.signed_by_vendor(claimant.claim({*one, *other}));
  const auto after = after_kill(world, claimant.claiming(claim), claimant.claiming(claim));
  if (!after) {
    return unreached(session, "a lost answer and a restart");
  }
  const Element* first = at(after->same.document, "Body/Settlement");
  const Element* again = at(after->anew.document, "Body/Settlement");
  const std::string words = word_on(after->same, *one) + " " + word_on(after->same, *other);
  const bool right = words == "accepted accepted" && again != nullptr && *first == *again;
  judge(session, "broker.crash.settled", right, "both accepted, by one Settlement",
        first == nullptr ? outcome_text(after->same) : words + (right ? "" : ", then another one"), after->same.entries, Reason::refused);
  if (first == nullptr) {
    return;
  }
  const auto book = book_of(session, text_at(*first, "Currency"));
  if (!book || !owed) {
    return not_shown(session, "broker.crash.settled.books");
  }
  const std::int64_t net = number_at(*first, "NetTotal");
  const bool kept = book->net == net && book->paid == 0 && Payer(session).account() == owed;
  judge(session, "broker.crash.settled.books", kept, fmt::format("{} due, and the customer's account as before", net),
        fmt::format("{} due, {} paid", book->net, book->paid), after->same.entries, Reason::wrong_state);
}

/// What the next Settlements say of an order that was taken back, and what the account of the customer bears.
std::string books_after(Revoker& revoker, const Promised& order, const Revoker::Settled* settled, const std::string& revoke_id) {
  if (settled == nullptr) {
    return revoker.claimed(order) == protocol::QP_E_REVOKED ? "" : "it is claimed all the same";
  }
  const auto next = revoker.trade().committed(1000), later = revoker.trade().committed();
  if (!next || !later) {
    return revoker.trade().refusal();
  }
  const Batch first = revoker.claims({*next}), second = revoker.claims({*later});
  const std::string got = deducted(revoker, first, order) + ", then " + deducted(revoker, second, order);
  return got == expected_deduction(revoke_id, *settled) + ", then nothing" ? "" : got;
}

/// Killed between taking an order back and giving its money back: it is given back once.
void revoked(Session& session, const std::string& check, bool was_settled) {
  if (nothing_to_revoke(session)) {
    return;
  }
  Revoker revoker(session);
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  const auto account = Payer(session).account();
  const auto paid = was_settled ? revoker.settled() : std::nullopt;
  const auto made = was_settled ? (paid ? std::optional(paid->order) : std::nullopt) : revoker.trade().committed(400);
  if (!made || host == nullptr) {
    return unreached(session, "no order: " + revoker.trade().refusal());
  }
  host->script("RegisterRevoke", lose_request(), 2);  // twice: a Broker may send it as soon as it is up
  const Element revoke = revoker.by_vendor(revoker.revoke(*made));
  const auto after = after_kill(world, revoker.revoking(revoke), revoker.revoking(revoke));
  if (!after) {
    return unreached(session, "a lost answer and a restart");
  }
  const std::size_t from = session.transcript().mark();
  const std::string effect = was_settled ? "deduct final" : "released final";
  const std::string got = effect_of(after->same) + ", then " + effect_of(after->anew);
  judge(session, check, got == effect + ", then " + effect, effect + ", twice", got, after->same.entries, Reason::refused);
  world.settle();
  const bool heard = world.advance(kAskAgain) && revoker.notice_answered(from);
  judge(session, check + ".registered", heard, "RegisterRevoke, which the Host hears", heard ? "it" : "none", {}, Reason::missing_message);
  const auto left = Payer(session).account();
  std::string books = left == account ? "" : "another account than before the order, ";
  books += books_after(revoker, *made, paid ? &*paid : nullptr, text_at(revoke, "RevokeId"));
  judge(session, check + ".books", books.empty(), "the money given back once", books.empty() ? "so" : books, {}, Reason::wrong_state);
}

}  // namespace

void add_settlement_crashes(Suite& suite) {
  suite.positive({.id = "crash.settled",
                  .title = "Killed after it has booked a batch and before it is heard, the Broker says the same and books nothing more.",
                  .subject = "K14 kill",
                  .requirements = {"QP-ADD-05", "QP-ADD-09", "QP-SAFE-004"},
                  .mutation = "SettleWithBrokerResponse:lost, restart:hard",
                  .level_e = false,
                  .more = {suite.check("crash.settled.books", "The books say what the Settlement says, once.", {"QP-ADD-09", "QP-ADD-24"}, true)}},
                 settled);
}

void add_revoke_crashes(Suite& suite) {
  for (const bool settled : {false, true}) {
    const std::string id = settled ? "crash.revoked-settled" : "crash.revoked";
    suite.positive({.id = id,
                    .title = "Killed after it has taken an order back and before it is heard, the Broker gives the money back once.",
                    .subject = settled ? "X8 G38 kill" : "X8 G37 kill",
                    .requirements = {"QP-RV-003", "QP-ADD-05", "QP-RV-013"},
                    .mutation = "RevokeOrderResponse:lost, restart:hard",
                    .level_e = false,
                    .more = {suite.check(id + ".registered", "The Host is told after the crash.", {"QP-RV-006", "QP-ADD-06"}, true),
                             suite.check(id + ".books", "Account and Deductions give the money back once.", {"QP-RV-003", "QP-RV-008"}, true)}},
                   [check = suite.name(id), settled](Session& s) { revoked(s, check, settled); });
  }
}

}  // namespace quickpay::conformance
