#include "conformance/suites/revoker.hpp"

#include <fmt/format.h>

#include <utility>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

bool is_answer_to_notice(const Entry& entry) {
  return !entry.by_iut && entry.kind == EntryKind::response && entry.message == "RegisterRevokeResponse";
}

}  // namespace

Element Revoker::revoke(const Promised& order) {
  return branch("Revoke", {leaf("RevokeId", world_.fresh_id()), order.ref, leaf("CommitId", order.commit_id),
                           leaf("Reason", "out-of-stock"), leaf("RevokedAt", world_.now_text())});
}

Element Revoker::by_vendor(Element revoke) {
  const std::string vendor = text_at(revoke, "OrderRef/Vendor");
  return signed_by(world_.plan(), vendor, std::move(revoke));
}

// ---------------------------------------------------------------- Broker
Sending Revoker::revoking(Element revoke) {
  Sending sending;
  sending.from = world_.cast().vendor;
  sending.document = request_of("RevokeOrder", world_.head(sending.from), {std::move(revoke)});
  return sending;
}

Reply Revoker::revokes(const Promised& order, bool with_signature) {
  const Element made = revoke(order);
  return world_.send(revoking(with_signature ? by_vendor(made) : made));
}

bool Revoker::takes_back() {
  const auto made = trade_.committed();
  return made && revokes(*made).text("Body/State") == "final";
}

std::optional<Revoker::Settled> Revoker::settled(std::int64_t amount) {
  const auto made = trade_.committed(amount);
  const Batch batch = made ? claims({*made}) : Batch{};
  const Element* accepted = batch.settlement() == nullptr ? nullptr : child(*batch.settlement(), "Accepted");
  return accepted == nullptr ? std::nullopt : std::optional(Settled{*made, number_at(*accepted, "Commission")});
}

Batch Revoker::claims(const std::vector<Promised>& orders, std::vector<Element> approvals) {
  Claimant claimant(session_);
  Batch batch;
  batch.claim = claimant.signed_by_vendor(trade_.claim(orders, std::move(approvals)));
  batch.reply = world_.send(claimant.claiming(batch.claim));
  return batch;
}

std::string Revoker::claimed(const Promised& order) {
  const Batch batch = claims({order});
  const std::string word = word_on(batch.reply, claimable(order));
  return word.empty() ? outcome_text(batch.reply) : word;
}

void Revoker::host_says(const std::string& standing) {
  Peer* host = world_.peer(world_.cast().host);
  if (host == nullptr) {
    return;
  }
  host->clear_script();
  host->script("RegisterRevoke", answer_made("revoke " + standing, [standing](const Element&) {
                 return std::vector<Element>{leaf("CaseNo", "1"), leaf("FeeReversed", "0"), leaf("RevokeState", standing)};
               }),
               -1);
}

bool Revoker::notice_answered(std::size_t from) {
  const bool seen = world_.wait_for(from, is_answer_to_notice).has_value();
  world_.settle();
  return seen;
}

std::vector<Element> Revoker::notices(std::size_t from) const {
  std::vector<Element> all;
  for (const std::size_t entry : world_.sent_by_iut("RegisterRevoke", from)) {
    all.push_back(world_.document(entry));
  }
  return all;
}

// ---------------------------------------------------------------- Host
Sending Revoker::notice(const Element& revoke, bool embedded) {
  std::vector<Element> body = {*child(revoke, "OrderRef"), leaf("CommitId", text_at(revoke, "CommitId")),
                               leaf("RevokeId", text_at(revoke, "RevokeId"))};
  if (embedded) {
    body.push_back(revoke);
  }
  body.push_back(leaf("CommissionReversed", "0"));
  body.push_back(leaf("RevokedAt", text_at(revoke, "RevokedAt")));
  Sending sending;
  sending.from = world_.cast().broker;
  sending.document = request_of("RegisterRevoke", world_.head(sending.from), std::move(body));
  return sending;
}

Revoker::Back Revoker::back(std::int64_t amount) {
  Back made{trade_.paid(amount), {}};
  made.revoke = revoke(made.order);
  return made;
}

std::string Revoker::word_on_notice(const Reply& reply) {
  return reply.ok() ? reply.text("Body/CaseNo") + " " + reply.text("Body/RevokeState") : outcome_text(reply);
}

std::string Revoker::standing(const Reply& reply) { return reply.ok() ? reply.text("Body/RevokeState") : outcome_text(reply); }

Element Revoker::contest(const Promised& order) {
  const Cast& cast = world_.cast();
  Element item = branch("Item", {order.ref, leaf("CommitId", order.commit_id)});
  if (!order.commitment.name.empty()) {
    item.children.push_back(order.commitment);
  }
  item.children.push_back(leaf("Contest", "yes"));
  return branch("HostCase", {leaf("Host", cast.host), leaf("BatchId", world_.fresh_id()), leaf("Vendor", cast.vendor),
                             leaf("Broker", cast.broker), std::move(item)});
}

Element Revoker::dispute(const Promised& order, const std::string& code, bool contests) {
  Element made = trade_.host_case(order, code);
  if (contests) {
    child(made, "Item")->children.push_back(leaf("Contest", "yes"));
  }
  return made;
}

std::string Revoker::heard(const Element& host_case) {
  const Reply reply = Claimant(session_).bring(host_case);
  const std::string verdict = verdict_of(reply);
  return verdict.empty() ? outcome_text(reply) : verdict;
}

bool Revoker::registers() { return world_.send(notice(by_vendor(back().revoke))).ok(); }

// ---------------------------------------------------------------- what is right
std::optional<std::string> fault_of_answer(World& world, const Reply& reply, const Element& first, const std::string& effect,
                                           const std::string& state) {
  const auto said = [&](const char* field) { return reply.text(std::string("Body/") + field); };
  if (!reply.ok()) return outcome_text(reply);
  if (said("RevokeId") != text_at(first, "RevokeId")) return "RevokeId " + said("RevokeId");
  if (said("Amount") != text_at(first, "OrderRef/Amount")) return "Amount " + said("Amount");
  if (said("Effect") != effect || said("State") != state) return said("Effect") + ", " + said("State");
  const std::int64_t until = time_of(said("HoldUntil"));
  if (state == "final") {
    return said("HoldUntil").empty() ? std::nullopt : std::optional<std::string>("HoldUntil of a revoke that is final");
  }
  if (until < world.now_ms() / 1000 * 1000 + (protocol::T_hold_min - protocol::T_skew_default) * 1000) {
    return "HoldUntil " + said("HoldUntil");
  }
  return std::nullopt;
}

std::optional<std::string> fault_of_notice(const Element& notice, const Element& first, const Element& counts,
                                           std::int64_t commission) {
  const auto said = [&](const char* field) { return text_at(notice, std::string("Body/") + field); };
  const Element* ref = at(notice, "Body/OrderRef");
  const Element* embedded = at(notice, "Body/Revoke");
  if (ref == nullptr || !(*ref == *child(first, "OrderRef"))) return "another OrderRef";
  if (said("CommitId") != text_at(first, "CommitId")) return "CommitId " + said("CommitId");
  if (said("RevokeId") != text_at(first, "RevokeId")) return "RevokeId " + said("RevokeId");
  if (embedded == nullptr || !(*embedded == counts)) return embedded == nullptr ? "no Revoke" : "another Revoke";
  if (said("RevokedAt") != text_at(counts, "RevokedAt")) return "RevokedAt " + said("RevokedAt");
  if (said("CommissionReversed") != std::to_string(commission)) return "CommissionReversed " + said("CommissionReversed");
  return std::nullopt;
}

bool nothing_to_revoke(Session& session) {
  const WorldPlan& plan = session.world().plan();
  if (!plan.claims("settlement") || (plan.role != "host" && !plan.claims("regular"))) {
    unreached(session, "who serves revoke serves regular and settlement, too; this one does not claim both");
    return true;
  }
  return lacks_keys(session);
}

}  // namespace quickpay::conformance
