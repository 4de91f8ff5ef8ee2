// What the Host answers to the notice of a commitment: receipts, in profile H, which are passed on as they came and are never
// a reason to let the Vendor wait for long; and answers that come byte by byte.
#include <fmt/format.h>

#include "conformance/peers/seal.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr int kFences = 20;  // on a busy machine an answer that trickles takes longer than one fence waits for it
constexpr std::int64_t kManyRetries = 3600;  // seconds in which a notice without an answer is sent again and again

/// A right check that wants a receipt.
Sending wanting_check(Payer& payer, const Payer::Endorsed& made) {
  Sending sending = payer.check(made.ref, made.id());
  at(sending.document, "Body")->children.push_back(leaf("WantReceipt", "yes"));
  return sending;
}

/// The receipt that the Host gave the Broker, or null.
const Element* given_receipt(Session& session, Element& kept) {
  const auto found = session.world().find(0, [](const Entry& entry) {
    return entry.kind == EntryKind::response && entry.message == "RegisterCommitResponse" && entry.code == "QP-OK";
  });
  kept = found.empty() ? Element{} : session.world().document(found.front());
  return at(kept, "Body/HostReceipt");
}

void passed_on(Session& session) {
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made) {
    return unreached(session, payer.refusal());
  }
  const Reply yes = session.world().send(wanting_check(payer, *made));
  judge_ok(session, "broker.receipt.passed-on", yes);
  Element document;
  const Element* given = given_receipt(session, document);
  const Element* shown = at(yes.document, "Body/HostReceipt");
  judge(session, "broker.receipt.as-given", shown == nullptr || (given != nullptr && *shown == *given),
        "the Host's receipt as it came, or none", shown == nullptr ? "none" : "another one", yes.entries);
}

/// Without the Host the commitment is given when T_receipt is over, at the latest.
void host_away(Session& session) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  Payer payer(session);
  const auto made = payer.endorsed();
  if (!made || host == nullptr) {
    return unreached(session, payer.refusal());
  }
  host->script("RegisterCommit", lose_request(), -1);
  const Pending pending = world.begin(wanting_check(payer, *made));
  const bool told = world.wait_for(0, [](const Entry& e) { return e.by_iut && is_commit_notice(e); }).has_value();
  world.settle();
  if (!told || !world.advance(protocol::T_receipt_max + 1)) {
    return unreached(session, told ? "the clock cannot be moved" : "RegisterCommit");
  }
  judge_ok(session, "broker.receipt.host-away", world.finish(pending));
  const Pending again = world.begin(wanting_check(payer, *made));
  const bool arrived = payer.endorsed().has_value();  // sent after the check and answered: so the check is there
  world.settle();
  if (!arrived || !world.advance(protocol::T_receipt_max + 1)) {
    return unreached(session, arrived ? "the clock cannot be moved" : payer.refusal());
  }
  judge_ok(session, "broker.receipt.host-away-again", world.finish(again));
}

void host_trickles(Session& session) {
  World& world = session.world();
  Peer* host = world.peer(world.cast().host);
  if (host == nullptr) {
    return unreached(session, "nobody plays the Host");
  }
  host->script("RegisterCommit", trickling_answer(), -1);
  const std::size_t from = session.transcript().mark();
  const Reply yes = Payer(session).pay();
  const bool registered = yes.ok() && world.wait_for(from, [](const Entry& e) { return e.message == "RegisterCommitResponse"; });
  for (int fence = 0; fence < kFences; ++fence) {
    world.settle();  // the answer is on its way as soon as it is on record
  }
  if (!registered || !world.advance(kManyRetries)) {
    return unreached(session, registered ? "the clock cannot be moved" : outcome_text(yes));
  }
  world.settle();
  const std::size_t notices = world.sent_by_iut("RegisterCommit", from).size();
  judge(session, "broker.host.trickle", notices == 1, "one RegisterCommit", fmt::format("{}", notices), {}, Reason::refused);
}

}  // namespace

void add_broker_receipts(Suite& suite) {
  suite.positive({.id = "receipt.passed-on",
                  .title = "A check that wants a receipt is answered with the commitment.",
                  .subject = "B39 B38",
                  .requirements = {"QP-ADD-22", "QP-ADD-05"},
                  .level_e = false,
                  .more = {suite.check("receipt.as-given", "A receipt of the Host is passed on as it came.", {"QP-ADD-22"},
                                       true)},
                  .profile = "H"},
                 passed_on);
  suite.positive({.id = "receipt.host-away",
                  .title = "No receipt is waited for longer than T_receipt.",
                  .subject = "B39 B40 B41",
                  .requirements = {"QP-PERF-007", "QP-ADD-22"},
                  .mutation = "RegisterCommit:lost",
                  .level_e = false,
                  .more = {suite.check("receipt.host-away-again", "A repeated check waits no longer than the first.",
                                       {"QP-PERF-007"}, true)},
                  .profile = "H"},
                 host_away);
  suite.positive({.id = "host.trickle",
                  .title = "An answer of the Host whose bytes come one by one is read, and the notice is sent once.",
                  .subject = "RegisterCommit.ok HTTP",
                  .requirements = {"QP-TECH-010", "QP-ADD-06"},
                  .mutation = "HTTP answer:trickle",
                  .level_e = false},
                 host_trickles);
}

}  // namespace quickpay::conformance
