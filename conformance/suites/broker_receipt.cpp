// Receipts of the Host in profile H: passed on as they came, and never a reason to let the Vendor wait for long.
#include "conformance/peers/seal.hpp"
#include "conformance/suites/broker_parts.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

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
}

}  // namespace quickpay::conformance
