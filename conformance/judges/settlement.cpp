#include "conformance/judges/settlement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conformance/judges/revokes_seen.hpp"
#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr std::int64_t kBatchPauseMs = protocol::T_batchmin_default * 1000;

std::string key_of(const Element& ref) { return order_name(ref); }

/// The item brings a Commitment to its order that the Broker signed: its word, whatever it remembers.
bool is_proven(const WorldPlan& plan, const Element& item) {
  const Element* commitment = child(item, "Commitment");
  if (commitment == nullptr) return false;
  const std::string broker = text_at(*commitment, "Broker");
  const std::int64_t made_ms = time_of(text_at(*commitment, "CommittedAt"));
  return *child(*commitment, "OrderRef") == *child(item, "OrderRef") && text_at(*commitment, "CommitId") == text_at(item, "CommitId") &&
         key_listed(plan, broker, *commitment, made_ms, made_ms) && signature_right(plan, broker, *commitment);
}

// ---------------------------------------------------------------- Broker
/// One entry an order, what was committed is paid, and what is carried from one Settlement to the next agrees (QP-ADD-09,
/// QP-SAFE-004, QP-SAFE-005, QP-ADD-24).
class BrokerSettles final : public SettlementJudge {
 public:
  using SettlementJudge::SettlementJudge;

 private:
  struct Committed {
    Element ref;
    std::string commit_id;
    std::int64_t settle_by_ms = 0;
  };

  void iut_is_asked(const Seen& seen) override {
    if (seen.facts.message == "SettleWithBroker" && !seen.facts.repeat) {
      monitor_.asked(seen.world, seen.entry.exchange, seen.document);
      moments_[seen.entry.exchange] = revokes_.moment();
    } else if (seen.facts.message == "RevokeOrder") {
      revokes_.asked(seen.document);
    }
  }

  void iut_answers(const Seen& seen) override {
    if (seen.facts.message == "CheckCommit" && seen.code == "QP-OK") {
      const Element& ref = *at(seen.asked, "Body/OrderRef");
      committed_[key_of(ref)] = {ref, text_at(seen.document, "Body/CommitId"), time_of(text_at(seen.document, "Body/SettleBy"))};
    }
    if (seen.facts.message == "regular/InquiryPayment" && seen.code == "QP-OK") {
      const Element& commitment = *at(seen.document, "Body/Commitment");
      const Element& ref = *child(commitment, "OrderRef");
      committed_[key_of(ref)] = {ref, text_at(commitment, "CommitId"), time_of(text_at(commitment, "ClaimBy"))};
    }
    if (seen.facts.message == "RevokeOrder") {
      revokes_.answered(seen.asked, seen.document);
    }
    if (seen.facts.message != "SettleWithBroker") {
      return;
    }
    const bool stored = exchanges().of(*seen.facts.request).final_answer == seen.entry.body;
    if (const std::string allowed = monitor_.answered(seen.entry.exchange, seen.code, stored); !allowed.empty()) {
      wrong(seen, allowed, "SettleWithBrokerResponse " + seen.code,
            seen.code == "QP-OK" ? Reason::accepted : Reason::wrong_refusal);
    }
    const Element* settlement = at(seen.document, "Body/Settlement");
    if (seen.code == "QP-OK" && settlement != nullptr) {
      settled(seen, *at(seen.asked, "Body/Claim"), *settlement);
    }
  }

  void iut_is_answered(const Seen& seen) override {
    if (seen.facts.message == "RegisterRevoke" && seen.code == "QP-OK") {
      revokes_.judged(seen.world, seen.asked, seen.document);
    }
  }

  void settled(const Seen& seen, const Element& claim, const Element& settlement) {
    const std::string batch = text_at(claim, "Vendor") + "/" + text_at(claim, "BatchId");
    const auto [known, fresh] = settlements_.try_emplace(batch, settlement);
    if (!fresh) {
      if (!(known->second == settlement)) {
        wrong(seen, "the Settlement of the first time", "another one");
      }
      return;
    }
    if (const auto fault = fault_of_settlement(seen.world.plan(), claim, settlement)) {
      return wrong(seen, "a Settlement of this claim that adds up", *fault);
    }
    carried(seen, settlement);
    since_ = moments_[seen.entry.exchange];
    if (const auto fault = revokes_.fault_of_deductions(settlement, since_, !seen.world.real_time())) {
      wrong(seen, "what was settled and taken back to be deducted once", *fault);
    }
    for (const Element* item : all_of(claim, "Item")) {
      const Element& ref = *child(*item, "OrderRef");
      const Element* refused = refusal_of(settlement, ref);
      refused == nullptr ? accepted(seen, claim, *item) : refuses(seen, claim, *item, *refused);
    }
    for (const Element* entry : all_of(settlement, "Accepted")) {
      for (const char* kind : {"regular", "micro"}) {
        revokes_.settled(fmt::format("{} {} {}", kind, text_at(claim, "Vendor"), text_at(*entry, "OrderId")), number_at(*entry, "Commission"));
      }
    }
  }

  void carried(const Seen& seen, const Element& settlement) {
    const std::string book = text_at(settlement, "Vendor") + "/" + text_at(settlement, "Currency");
    const auto before = carried_.find(book);
    const std::string prior = before != carried_.end() ? before->second : seen.world.real_time() ? "" : "0";
    if (!prior.empty() && text_at(settlement, "PriorDebit") != prior) {
      wrong(seen, "PriorDebit " + prior, text_at(settlement, "PriorDebit"));
    }
    carried_[book] = text_at(settlement, "CarriedDebit");
  }

  static bool approves(const Element& claim, const Element& ref) {
    for (const Element* approval : all_of(claim, "Approval")) {
      for (const Element* one : all_of(*approval, "Approved")) {
        if (text_at(*one, "OrderId") == text_at(ref, "OrderId") && text_at(*one, "Digest") == text_at(ref, "Digest") &&
            text_at(*one, "Amount") == text_at(ref, "Amount")) {
          return true;
        }
      }
    }
    return false;
  }

  void accepted(const Seen& seen, const Element& claim, const Element& item) {
    const Element& ref = *child(item, "OrderRef");
    const std::string order = key_of(ref);
    const auto known = committed_.find(order);
    const bool promised = known != committed_.end() && known->second.ref == ref &&
                          known->second.commit_id == text_at(item, "CommitId");
    if (!promised && !approves(claim, ref) && !is_proven(seen.world.plan(), item) && !seen.world.real_time()) {
      wrong(seen, "no order that was neither committed nor approved", "order " + order + " accepted", Reason::accepted);
    }
    const RevokeSeen revoke = revokes_.of(order, since_);
    if (revoke == RevokeSeen::final || (revoke == RevokeSeen::held && !approves(claim, ref))) {
      wrong(seen, "no order that was taken back", "order " + order + " accepted", Reason::accepted);
    }
    const std::string batch = text_at(claim, "BatchId");
    const auto [first, fresh] = entries_.try_emplace(order, batch);
    if (!fresh && first->second != batch) {
      wrong(seen, "one entry an order", fmt::format("order {} settled in two batches", order), Reason::accepted);
    }
  }

  void refuses(const Seen& seen, const Element& claim, const Element& item, const Element& refused) {
    const Element& ref = *child(item, "OrderRef");
    const auto known = committed_.find(key_of(ref));
    const auto entry = entries_.find(key_of(ref));
    const std::string code = text_at(refused, "Code");
    if (entry != entries_.end() && code == protocol::QP_E_ALREADY_SETTLED &&
        text_at(refused, "FirstBatch") != entry->second) {
      wrong(seen, "FirstBatch " + entry->second, text_at(refused, "FirstBatch"));
    }
    const RevokeSeen revoke = revokes_.of(key_of(ref), since_);
    if (code == protocol::QP_E_REVOKED && (revoke == RevokeSeen::none || revoke == RevokeSeen::voided) && !seen.world.real_time()) {
      wrong(seen, "QP-E-REVOKED of orders that were taken back", key_of(ref) + " refused with it", Reason::wrong_refusal);
    }
    const bool open = revoke == RevokeSeen::none || revoke == RevokeSeen::voided;
    const bool due = open && known != committed_.end() && known->second.ref == ref && entry == entries_.end() &&
                     known->second.commit_id == text_at(item, "CommitId") &&
                     text_at(ref, "Currency") == text_at(claim, "Currency") &&
                     (text_at(ref, "Kind") != "regular" || is_proven(seen.world.plan(), item)) &&
                     seen.world.now_ms() / 1000 * 1000 <= known->second.settle_by_ms;
    if (due) {
      wrong(seen, "an order that was committed to be accepted until SettleBy", key_of(ref) + " refused with " + code,
            Reason::refused);
    }
  }

  BatchMonitor monitor_{"broker.batch"};
  std::map<std::string, Committed> committed_;    // by order
  std::map<std::string, Element> settlements_;    // by Vendor and BatchId
  std::map<std::string, std::string> entries_;    // order → BatchId
  std::map<std::string, std::string> carried_;    // Vendor and currency → CarriedDebit
  RevokesAtBroker revokes_;
  std::map<std::uint64_t, std::uint64_t> moments_;  // of claims, by exchange
  std::uint64_t since_ = 0;                         // of the claim whose answer is looked at
};

// ---------------------------------------------------------------- Vendor
/// It claims what it delivered, once at a time, from the Broker first, and keeps the pause (QP-BS-001 to QP-BS-005).
class VendorSettles final : public SettlementJudge {
 public:
  using SettlementJudge::SettlementJudge;

 private:
  struct Batch {
    Element claim;
    int tries = 0;
    bool open = true;
  };

  void iut_answers(const Seen& seen) override {
    if (seen.facts.message == "RequestOrderDelivery" && seen.code == "QP-OK") {
      delivered_.insert(key_of(*at(seen.asked, "Body/Endorsement/OrderRef")));
    } else if (seen.facts.message == "regular/RequestOrderDelivery" && seen.code == "QP-OK") {
      const Element& commitment = *at(seen.asked, "Body/Commitment");
      const Element& ref = *child(commitment, "OrderRef");
      commits_[key_of(ref)] = {ref, text_at(commitment, "CommitId")};
      delivered_.insert(key_of(ref));
    }
  }

  void iut_asks(const Seen& seen) override {
    if (seen.facts.message == "SettleWithBroker") {
      claims(seen, *at(seen.document, "Body/Claim"));
    } else if (seen.facts.message == "SettleWithHost") {
      brings(seen, *at(seen.document, "Body/HostCase"));
    } else if (seen.facts.message == "RevokeOrder") {
      revoked_.insert(key_of(*at(seen.document, "Body/Revoke/OrderRef")));
    }
  }

  void claims(const Seen& seen, const Element& claim) {
    const auto [batch, fresh] = batches_.try_emplace(text_at(claim, "BatchId"), Batch{claim});
    ++batch->second.tries;
    if (!(batch->second.claim == claim)) {
      return wrong(seen, "the Claim of the first time", "another one under this BatchId");
    }
    if (!fresh) {
      return;
    }
    if (const auto fault = fault_of_claim(seen.world.plan(), claim)) {
      wrong(seen, "a Claim that is signed and adds up", *fault);
    }
    paused(seen, claim);
    for (const Element* item : all_of(claim, "Item")) {
      claims_order(seen, *item);
    }
  }

  void paused(const Seen& seen, const Element& claim) {
    const std::string group = text_at(claim, "Broker") + "/" + text_at(claim, "Currency");
    const auto last = began_.find(group);
    if (last != began_.end() && seen.world.now_ms() - last->second < kBatchPauseMs) {
      wrong(seen, fmt::format("at least {} s between two batches", protocol::T_batchmin_default),
            fmt::format("{} s", (seen.world.now_ms() - last->second) / 1000), Reason::forbidden_message);
    }
    began_[group] = seen.world.now_ms();
  }

  void claims_order(const Seen& seen, const Element& item) {
    const std::string order = key_of(*child(item, "OrderRef"));
    const auto commit = commits_.find(order);
    if (commit == commits_.end() || !(commit->second.first == *child(item, "OrderRef")) ||
        commit->second.second != text_at(item, "CommitId")) {
      wrong(seen, "only orders that the Broker committed, as it did", order, Reason::forbidden_message);
    }
    if (text_at(item, "OrderRef/Kind") == "regular" && !is_proven(seen.world.plan(), item)) {
      wrong(seen, "a regular order with the Commitment that its Broker signed", order);
    }
    if (delivered_.count(order) == 0) {
      wrong(seen, "only orders that were delivered", order, Reason::forbidden_message);
    }
    if (revoked_.count(order) != 0) {
      wrong(seen, "no order that it took back", order, Reason::forbidden_message);
    }
    if (!held_.insert(order).second) {
      wrong(seen, "an order in one batch or case at a time, and never again once it was settled", order,
            Reason::forbidden_message);
    }
  }

  void brings(const Seen& seen, const Element& host_case) {
    const auto [known, fresh] = cases_.try_emplace(text_at(host_case, "BatchId"), host_case);
    if (!(known->second == host_case)) {
      return wrong(seen, "the HostCase of the first time", "another one under this BatchId");
    }
    if (!fresh) {
      return;
    }
    if (!items_in_order(host_case) || !signature_right(seen.world.plan(), text_at(host_case, "Vendor"), host_case)) {
      wrong(seen, "a HostCase that is signed, with its items in order", "another one");
    }
    for (const Element* item : all_of(host_case, "Item")) {
      contests(seen, *item);
      const bool excused = child(*item, "Withdrawn") != nullptr || child(*item, "Contest") != nullptr;
      if (!came_first(host_case, *child(*item, "OrderRef")) && !excused) {
        wrong(seen, "only orders that the Broker refused or did not answer for T_broker", key_of(*child(*item, "OrderRef")),
              Reason::forbidden_message);
      }
    }
  }

  /// It contests revokes of all regular orders that it did not take back, if it knows of revokes at all.
  void contests(const Seen& seen, const Element& item) {
    const std::string order = key_of(*child(item, "OrderRef"));
    const bool his = text_at(item, "OrderRef/Kind") == "regular" && revoked_.count(order) == 0;
    const bool said = child(item, "Contest") != nullptr;
    const bool demanded = seen.world.plan().claims("revoke") && child(item, "Withdrawn") == nullptr;
    if (said != his && (said || demanded)) {
      wrong(seen, his ? "Contest of a regular order that it did not take back" : "no Contest of what it took back", order);
    }
  }

  bool came_first(const Element& host_case, const Element& ref) const {
    for (const Element* settlement : all_of(host_case, "Settlement")) {
      if (refusal_of(*settlement, ref) != nullptr) {
        return true;
      }
    }
    const Element* tried = child(host_case, "Unreachable");
    const std::int64_t span = tried == nullptr ? 0 : time_of(text_at(*tried, "LastTry")) - time_of(text_at(*tried, "FirstTry"));
    return tried != nullptr && number_at(*tried, "Tries") >= protocol::N_broker_default &&
           span >= protocol::T_broker_default * 1000 && number_at(*tried, "Tries") <= tries_of(ref);
  }

  /// How often the order was claimed in the one batch that took it along.
  std::int64_t tries_of(const Element& ref) const {
    std::int64_t most = 0;
    for (const auto& [id, batch] : batches_) {
      for (const Element* item : all_of(batch.claim, "Item")) {
        most = *child(*item, "OrderRef") == ref ? std::max<std::int64_t>(most, batch.tries) : most;
      }
    }
    return most;
  }

  void iut_is_answered(const Seen& seen) override {
    if (seen.facts.message == "CheckCommit" && seen.code == "QP-OK") {
      const Element& ref = *at(seen.asked, "Body/OrderRef");
      commits_[key_of(ref)] = {ref, text_at(seen.document, "Body/CommitId")};
    } else if (seen.facts.message == "SettleWithBroker") {
      claimed(seen);
    } else if (seen.facts.message == "SettleWithHost") {
      heard(seen);
    } else if (seen.facts.message == "RevokeOrder" && !seen.code.empty() && seen.code != "QP-OK") {
      const bool final_one = text_at(seen.document, "Body/Status/Retry") != "same";
      revoked_.erase(final_one ? key_of(*at(seen.asked, "Body/Revoke/OrderRef")) : std::string());
    }
  }

  /// What the answer gives back may be claimed again; what it accepts never.
  void claimed(const Seen& seen) {
    const Element& claim = *at(seen.asked, "Body/Claim");
    const Element* settlement = at(seen.document, "Body/Settlement");
    const std::string retry = text_at(seen.document, "Body/Status/Retry");
    if (settlement == nullptr && !seen.code.empty() && retry != "same") {
      return release(claim);
    }
    if (settlement == nullptr || fault_of_settlement(seen.world.plan(), claim, *settlement)) {
      return;  // whoever cannot reach a Broker any more goes on by the Host
    }
    for (const Element* item : all_of(claim, "Item")) {
      const Element* refused = refusal_of(*settlement, *child(*item, "OrderRef"));
      if (refused != nullptr && text_at(*refused, "Code") == protocol::QP_E_CURRENCY) {
        held_.erase(key_of(*child(*item, "OrderRef")));
      }
    }
  }

  void heard(const Seen& seen) {
    const Element& host_case = *at(seen.asked, "Body/HostCase");
    const Element& body = *at(seen.document, "Body");
    if (seen.code != "QP-OK") {
      return seen.code.empty() || text_at(seen.document, "Body/Status/Retry") == "same" ? void() : release(host_case);
    }
    if (fault_of_verdicts(seen.world.plan(), host_case, body)) {
      return;
    }
    const auto items = all_of(host_case, "Item");
    const auto verdicts = all_of(*child(body, "Verdicts"), "Verdict");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string decision = text_at(*verdicts[i], "Decision");
      const bool settled = text_at(*verdicts[i], "Code") == protocol::QP_E_ALREADY_SETTLED;
      if (decision == "approve" || (decision == "refused" && !settled)) {
        held_.erase(key_of(*child(*items[i], "OrderRef")));
      }
    }
  }

  void release(const Element& object) {
    for (const Element* item : all_of(object, "Item")) {
      held_.erase(key_of(*child(*item, "OrderRef")));
    }
  }

  std::map<std::string, std::pair<Element, std::string>> commits_;  // order → OrderRef, CommitId
  std::set<std::string> delivered_;
  std::set<std::string> revoked_;  // taken back by it, and not refused
  std::set<std::string> held_;  // orders in a batch or case, or settled
  std::map<std::string, Batch> batches_;
  std::map<std::string, Element> cases_;
  std::map<std::string, std::int64_t> began_;  // Broker and currency → ms
};

// ---------------------------------------------------------------- Host
/// Its verdicts answer the case, an Approval names exactly what is approved, and a decision is kept (QP-BS-010, QP-ADD-09).
class HostSettles final : public SettlementJudge {
 public:
  using SettlementJudge::SettlementJudge;

 private:
  void iut_is_asked(const Seen& seen) override {
    if (seen.facts.message == "SettleWithHost" && !seen.facts.repeat) {
      monitor_.asked(seen.world, seen.entry.exchange, seen.document);
    }
  }

  void iut_answers(const Seen& seen) override {
    if (seen.facts.message != "SettleWithHost") {
      return;
    }
    const bool stored = exchanges().of(*seen.facts.request).final_answer == seen.entry.body;
    if (const std::string allowed = monitor_.answered(seen.entry.exchange, seen.code, stored); !allowed.empty()) {
      wrong(seen, allowed, "SettleWithHostResponse " + seen.code,
            seen.code == "QP-OK" ? Reason::accepted : Reason::wrong_refusal);
    }
    if (seen.code == "QP-OK" && !stored) {
      heard(seen, *at(seen.asked, "Body/HostCase"), *at(seen.document, "Body"));
    }
  }

  void heard(const Seen& seen, const Element& host_case, const Element& body) {
    if (const auto fault = fault_of_verdicts(seen.world.plan(), host_case, body)) {
      return wrong(seen, "Verdicts on this case, and an Approval of what is approved", *fault);
    }
    const auto items = all_of(host_case, "Item");
    const auto verdicts = all_of(*child(body, "Verdicts"), "Verdict");
    for (std::size_t i = 0; i < items.size(); ++i) {
      const std::string decision = text_at(*verdicts[i], "Decision") + " " + text_at(*verdicts[i], "Code");
      const std::string order = text_at(host_case, "Broker") + to_xml(*child(*items[i], "OrderRef"));
      const auto before = decided_.find(order);
      if (before != decided_.end() && before->second != decision) {
        wrong(seen, "the decision once reached: " + before->second, decision, Reason::wrong_state);
      }
      if (decision.rfind("approve ", 0) == 0 || decision.rfind("reject ", 0) == 0) {
        decided_.try_emplace(order, decision);
      }
    }
  }

  BatchMonitor monitor_{"host.hearing"};
  std::map<std::string, std::string> decided_;  // Broker and OrderRef → decision
};

}  // namespace

SettlementJudge::SettlementJudge(std::shared_ptr<const Exchanges> exchanges, std::string name)
    : Judge(std::move(name)), exchanges_(std::move(exchanges)) {}

void SettlementJudge::wrong(const Seen& seen, std::string expected, std::string got, Reason reason) {
  violation(seen.world, seen.index, std::move(expected), std::move(got), reason);
}

void SettlementJudge::on_entry(World& world, std::size_t index) {
  const Entry entry = world.session().transcript().entries()[index];
  if (world.plan().signing_keys.empty() || entry.kind == EntryKind::note || entry.belongs == Belongs::earlier_run) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || facts.message.empty()) {
    return;
  }
  static const Element kNothing;
  const Facts* asked = facts.request ? &exchanges_->of(*facts.request) : nullptr;
  const Seen seen{world, index, entry, facts, facts.document, asked == nullptr ? kNothing : asked->document,
                  facts.counts || entry.by_iut ? text_at(facts.document, "Body/Status/Code") : std::string()};
  if (entry.by_iut && (entry.kind == EntryKind::failure || !facts.read.valid())) {
    return;
  }
  if (entry.by_iut) {
    judged();
  }
  if (entry.kind == EntryKind::request) {
    const bool taken = world.is_iut(entry.to) && facts.breach.empty() && facts.read.valid();
    entry.by_iut ? iut_asks(seen) : taken ? iut_is_asked(seen) : void();
  } else if (asked != nullptr && asked->read.valid()) {
    const bool common = entry.by_iut && entry.http_status == 200 && asked->breach.empty();
    world.is_iut(entry.to) ? iut_is_answered(seen) : common ? iut_answers(seen) : void();
  }
}

std::shared_ptr<SettlementJudge> make_settlement_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role) {
  if (role == "broker") {
    return std::make_shared<BrokerSettles>(std::move(exchanges));
  }
  if (role == "vendor") {
    return std::make_shared<VendorSettles>(std::move(exchanges));
  }
  return role == "host" ? std::shared_ptr<SettlementJudge>(std::make_shared<HostSettles>(std::move(exchanges)))
                        : std::make_shared<SettlementJudge>(std::move(exchanges));
}

}  // namespace quickpay::conformance
