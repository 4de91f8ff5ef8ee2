#include "conformance/judges/revoke.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conformance/judges/revokes_seen.hpp"
#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {

namespace {

using statemachines::EventInfo;
using statemachines::EventKind;

const statemachines::MachineTable& machine_of(std::string_view role) {
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().protocol == "revoke" && entry.table().role == role) {
      return entry.table();
    }
  }
  return statemachines::all::machines().front().table();
}

bool is_signed(const Element* revoke) { return revoke != nullptr && child(*revoke, "Sig") != nullptr; }

/// The key of a signed Revoke is good for the moment of RevokedAt, and for `now`.
bool key_right(const WorldPlan& plan, const Element* revoke, std::int64_t now_ms, bool also_now) {
  if (!is_signed(revoke)) {
    return true;
  }
  const std::string vendor = text_at(*revoke, "OrderRef/Vendor");
  const std::int64_t made = time_of(text_at(*revoke, "RevokedAt"));
  return key_listed(plan, vendor, *revoke, made, now_ms) && (!also_now || key_listed(plan, vendor, *revoke, now_ms, now_ms));
}
bool signature_of(const WorldPlan& plan, const Element* revoke) {
  return !is_signed(revoke) || signature_right(plan, text_at(*revoke, "OrderRef/Vendor"), *revoke);
}

/// What the three roles have in common: a machine for each revoke, fed by the wire.
class RevokeJudge : public SettlementJudge {
 public:
  RevokeJudge(std::shared_ptr<const Exchanges> exchanges, std::string_view role)
      : SettlementJudge(std::move(exchanges), "revoke"), machine_(machine_of(role)) {}

 protected:
  struct Record {
    std::unique_ptr<MachineMonitor> monitor;
    std::vector<Element> asked;  ///< Revokes that came, or that it sent
    Element first;               ///< the one that counts, once that is known
    std::string case_no;
    bool contested = false;  ///< a case that may have contested it has come
  };
  void begin(World& world) override {
    world_ = &world;
    open_.clear();
  }
  Record& record_of(const std::string& key) {
    Record& record = records_[key];
    if (!record.monitor) {
      record.monitor = std::make_unique<MachineMonitor>(machine_, [this, &record](const EventInfo& event) {
        if (event.kind == EventKind::action) return event.id != "contest" || record.contested;
        return world_->real_time() || world_->moved_ms() != 0;
      });
    }
    return record;
  }
  void set(KnownBits& bits, std::string_view id, bool holds) const { bits.set(machine_.table, id, holds); }

  void asked(const Seen& seen, const std::string& key, const KnownBits& bits) {
    open_[seen.entry.exchange] = {key, record_of(key).monitor->request(seen.facts.message, bits)};
  }
  /// The answer follows from the machine. Nothing: it does not belong to it, or to no request that is known.
  Record* answered(const Seen& seen) {
    const auto found = open_.find(seen.entry.exchange);
    if (found == open_.end()) {
      return nullptr;
    }
    const auto [key, input] = found->second;
    open_.erase(found);
    Record& record = record_of(key);
    if (exchanges().of(*seen.facts.request).final_answer == seen.entry.body || is_away_code(seen.code)) {
      record.monitor->answered_outside(input);
      return nullptr;
    }
    if (!record.monitor->replied(input, seen.code)) {
      complain(seen, record, seen.document.name + " " + seen.code, seen.code == "QP-OK" ? Reason::accepted : Reason::wrong_refusal);
    }
    return &record;
  }
  /// A request of its own, which the machine has to want where it is new.
  void sends(const Seen& seen, const std::string& key) {
    Record& record = record_of(key);
    if (calls_.try_emplace(seen.facts.original, key).second && !record.monitor->sent(seen.facts.message)) {
      complain(seen, record, seen.facts.message, Reason::forbidden_message);
    }
  }
  void complain(const Seen& seen, Record& record, const std::string& got, Reason reason) {
    wrong(seen, fmt::format("in {}: {}", fmt::join(record.monitor->states(), ", "), fmt::join(record.monitor->allowed(), ", ")), got,
          reason);
  }
  static bool was_asked(const Record& record, const std::function<bool(const Element&)>& fits) {
    return std::any_of(record.asked.begin(), record.asked.end(), fits);
  }

  MonitoredMachine machine_;

 private:
  World* world_ = nullptr;
  std::map<std::string, Record> records_;
  std::map<std::uint64_t, std::pair<std::string, InputId>> open_;
  std::map<std::string, std::string> calls_;  // MsgId of its own request → record
};

// ---------------------------------------------------------------- Broker
/// QP-RV-002, QP-RV-004, QP-RV-006, QP-ADD-16: the Vendor's own orders, by a good signature or after a hold, and registered as it came.
class BrokerRevokes final : public RevokeJudge {
 public:
  explicit BrokerRevokes(std::shared_ptr<const Exchanges> exchanges) : RevokeJudge(std::move(exchanges), "broker") {}

 private:
  void iut_is_asked(const Seen& seen) override {
    if (seen.facts.message != "RevokeOrder" || seen.facts.repeat) {
      return;
    }
    const WorldPlan& plan = seen.world.plan();
    const Element& revoke = *at(seen.document, "Body/Revoke");
    const Element& ref = *child(revoke, "OrderRef");
    KnownBits bits;
    set(bits, "sender_is_vendor", text_at(ref, "Vendor") == text_at(seen.document, "Head/Sender"));
    set(bits, "key_right", key_right(plan, &revoke, seen.world.now_ms(), true));
    set(bits, "signature_right", signature_of(plan, &revoke));
    set(bits, "is_regular", text_at(ref, "Kind") == "regular");
    set(bits, "signed", is_signed(&revoke));
    if (const auto known = committed_.find(order_name(ref)); known != committed_.end()) {
      set(bits, "order_known", true);
      set(bits, "terms_equal", ref == *child(known->second, "OrderRef") && text_at(revoke, "CommitId") == text_at(known->second, "CommitId"));
      if (seen.world.now_ms() < time_of(text_at(known->second, "ClaimBy"))) {
        set(bits, "debt_lapsed", false);
      }
    }
    record_of(order_name(ref)).asked.push_back(revoke);
    asked(seen, order_name(ref), bits);
  }

  void iut_answers(const Seen& seen) override {
    if (seen.facts.message == "regular/InquiryPayment" && seen.code == "QP-OK") {
      const Element& commitment = *at(seen.document, "Body/Commitment");
      committed_.try_emplace(order_name(*child(commitment, "OrderRef")), commitment);
    }
    Record* record = seen.facts.message == "RevokeOrder" ? answered(seen) : nullptr;
    if (record != nullptr && seen.code == "QP-OK") {
      taken(seen, *record, *at(seen.asked, "Body/Revoke"));
    }
  }

  void taken(const Seen& seen, Record& record, const Element& revoke) {
    const auto said = [&](const char* field) { return text_at(seen.document, std::string("Body/") + field); };
    const bool pending = said("State") == "pending";
    if (record.first.name.empty()) {
      const auto first = std::find_if(record.asked.begin(), record.asked.end(),
                                      [&](const Element& one) { return text_at(one, "RevokeId") == said("RevokeId"); });
      if (first == record.asked.end()) return seen.world.real_time() ? void() : wrong(seen, "the RevokeId of the first Revoke", said("RevokeId"));
      record.first = *first;
    }
    if (said("RevokeId") != text_at(record.first, "RevokeId")) wrong(seen, "RevokeId " + text_at(record.first, "RevokeId"), said("RevokeId"));
    if (said("Amount") != text_at(revoke, "OrderRef/Amount")) wrong(seen, "Amount " + text_at(revoke, "OrderRef/Amount"), said("Amount"));
    if (pending == said("HoldUntil").empty()) wrong(seen, "HoldUntil with pending, and only then", said("State") + " " + said("HoldUntil"));
    if (pending && is_signed(&revoke)) wrong(seen, "a signed revoke to be final", "pending", Reason::wrong_state);
  }

  void iut_asks(const Seen& seen) override {
    if (seen.facts.message != "RegisterRevoke") {
      return;
    }
    const Element& body = *at(seen.document, "Body");
    const Element* embedded = child(body, "Revoke");
    const std::string key = order_name(*child(body, "OrderRef"));
    sends(seen, key);
    const Record& record = record_of(key);
    const std::string id = text_at(body, "RevokeId");
    const bool first = record.first.name.empty() ? was_asked(record, [&](const Element& one) { return text_at(one, "RevokeId") == id; })
                                                 : text_at(record.first, "RevokeId") == id;
    const bool as_it_came = embedded != nullptr && was_asked(record, [&](const Element& one) { return one == *embedded; }) &&
                            text_at(body, "RevokedAt") == text_at(*embedded, "RevokedAt") &&
                            text_at(body, "CommitId") == text_at(*embedded, "CommitId") && *child(body, "OrderRef") == *child(*embedded, "OrderRef");
    if (!seen.world.real_time() && (!first || !as_it_came)) {
      wrong(seen, "a notice of the revoke that came, with the Vendor's word as it came", first ? "another Revoke" : "RevokeId " + id);
    }
  }

  void iut_is_answered(const Seen& seen) override {
    if (seen.facts.message != "RegisterRevoke") {
      return;
    }
    const std::string state = text_at(seen.document, "Body/RevokeState");
    KnownBits bits;
    set(bits, "host_says_void", state == "void");
    set(bits, "host_says_standing", state == "standing");
    record_of(order_name(*at(seen.asked, "Body/OrderRef")))
        .monitor->response("RegisterRevoke", seen.code, text_at(seen.document, "Body/Status/Retry"), !seen.code.empty(), bits);
  }

  std::map<std::string, Element> committed_;  // order → Commitment
};

// ---------------------------------------------------------------- Host
/// QP-RV-006, QP-RV-012, QP-ADD-16: one record a revoke, whose state follows from notices, contests and time.
class HostRevokes final : public RevokeJudge {
 public:
  explicit HostRevokes(std::shared_ptr<const Exchanges> exchanges) : RevokeJudge(std::move(exchanges), "host") {}

 private:
  static std::string key_of(const Element& ref, const std::string& broker) {
    return order_name(ref) + " " + broker + " " + digest_of("case", ref);
  }

  void iut_is_asked(const Seen& seen) override {
    if (seen.facts.message == "SettleWithHost") {
      for (const Element* item : all_of(*at(seen.document, "Body/HostCase"), "Item")) {
        Record& record = record_of(key_of(*child(*item, "OrderRef"), text_at(seen.document, "Body/HostCase/Broker")));
        record.contested = record.contested || child(*item, "Contest") != nullptr;
      }
    }
    if (seen.facts.message != "RegisterRevoke" || seen.facts.repeat) {
      return;
    }
    const Element& body = *at(seen.document, "Body");
    const Element& ref = *child(body, "OrderRef");
    const Element* revoke = child(body, "Revoke");
    const WorldPlan& plan = seen.world.plan();
    const PlayerPlan* vendor = plan.player(text_at(ref, "Vendor"));
    const std::string key = key_of(ref, text_at(seen.document, "Head/Sender"));
    KnownBits bits;
    set(bits, "vendor_issued", vendor != nullptr && vendor->listed && vendor->role == "vendor");
    set(bits, "is_regular", text_at(ref, "Kind") == "regular");
    set(bits, "key_right", revoke == nullptr || fits_vendor(ref, *revoke) ? key_right(plan, revoke, seen.world.now_ms(), false) : false);
    set(bits, "signature_right", signature_of(plan, revoke));
    set(bits, "revoke_fits", revoke == nullptr || (*child(*revoke, "OrderRef") == ref && same(body, *revoke, "CommitId") &&
                                                   same(body, *revoke, "RevokedAt")));
    set(bits, "proven", is_signed(revoke));
    const Record& record = record_of(key);
    if (!record.first.name.empty()) {
      set(bits, "same_revoke", same(body, record.first, "RevokeId") && same(body, record.first, "CommitId"));
    }
    asked(seen, key, bits);
  }

  static bool same(const Element& one, const Element& other, const char* field) { return text_at(one, field) == text_at(other, field); }
  static bool fits_vendor(const Element& ref, const Element& revoke) { return text_at(ref, "Vendor") == text_at(revoke, "OrderRef/Vendor"); }

  void iut_answers(const Seen& seen) override {
    Record* record = seen.facts.message == "RegisterRevoke" ? answered(seen) : nullptr;
    if (record == nullptr || seen.code != "QP-OK") {
      return;
    }
    const std::string number = text_at(seen.document, "Body/CaseNo"), state = text_at(seen.document, "Body/RevokeState");
    if (record->first.name.empty()) {
      record->first = *at(seen.asked, "Body");
      record->case_no = number;
    }
    if (record->case_no != number) wrong(seen, "CaseNo of the first time: " + record->case_no, number);
    const std::vector<std::string> states = record->monitor->states();
    const bool right = std::any_of(states.begin(), states.end(), [&](const std::string& one) {
      return (one == "UNPROVEN" && state == "open") || (one == "VOID" && state == "void") ||
             ((one == "STANDING" || one == "PROVEN") && state == "standing");
    });
    if (!right) wrong(seen, fmt::format("the RevokeState of {}", fmt::join(states, ", ")), state, Reason::wrong_state);
  }
};

// ---------------------------------------------------------------- Vendor
/// QP-RV-002, QP-ADD-16: it takes back what it accepted, signed, and with the same word until that is refused.
class VendorRevokes final : public RevokeJudge {
 public:
  explicit VendorRevokes(std::shared_ptr<const Exchanges> exchanges) : RevokeJudge(std::move(exchanges), "vendor") {}

 private:
  void iut_answers(const Seen& seen) override {
    if (seen.facts.message == "regular/RequestOrderDelivery" && seen.code == "QP-OK") {
      const Element& commitment = *at(seen.asked, "Body/Commitment");
      accepted_.try_emplace(order_name(*child(commitment, "OrderRef")), commitment);
    }
  }

  void iut_asks(const Seen& seen) override {
    if (seen.facts.message != "RevokeOrder") {
      return;
    }
    const Element& revoke = *at(seen.document, "Body/Revoke");
    const std::string key = order_name(*child(revoke, "OrderRef"));
    const auto accepted = accepted_.find(key);
    sends(seen, key);
    if (accepted == accepted_.end() || !(*child(revoke, "OrderRef") == *child(accepted->second, "OrderRef")) ||
        text_at(revoke, "CommitId") != text_at(accepted->second, "CommitId") || seen.entry.to != text_at(accepted->second, "Broker")) {
      wrong(seen, "only orders that it accepted on a Commitment, to their Broker", key, Reason::forbidden_message);
    }
    if (signing_key(seen.world.plan(), seen.world.iut()) != nullptr && !is_signed(&revoke)) {
      wrong(seen, "a signed Revoke of who has a key", "one without a signature");
    }
    if (!signature_of(seen.world.plan(), &revoke)) {
      wrong(seen, "a Revoke that the Vendor has signed", "another signature");
    }
    Record& record = record_of(key);
    const bool waiting = seen.world.now_ms() - time_of(text_at(record.first, "RevokedAt")) < protocol::T_claim_default * 1000;
    if (!record.first.name.empty() && waiting && !(record.first == revoke)) {
      wrong(seen, "the Revoke of the first time", "another one");
    }
    record.first = revoke;
  }

  void iut_is_answered(const Seen& seen) override {
    if (seen.facts.message != "RevokeOrder") {
      return;
    }
    const auto said = [&](const char* field) { return text_at(seen.document, std::string("Body/") + field); };
    const Element& revoke = *at(seen.asked, "Body/Revoke");
    Record& record = record_of(order_name(*child(revoke, "OrderRef")));
    KnownBits bits;
    set(bits, "answer_right", said("Amount") == text_at(revoke, "OrderRef/Amount") && (said("State") == "pending") != said("HoldUntil").empty());
    const std::string retry = text_at(seen.document, "Body/Status/Retry");
    record.monitor->response("RevokeOrder", seen.code, retry, !seen.code.empty(), bits);
    if (!seen.code.empty() && seen.code != "QP-OK" && retry != "same") {
      record.first = Element{};  // it may be taken back anew
    }
  }

  std::map<std::string, Element> accepted_;  // order → Commitment
};

}  // namespace

std::shared_ptr<SettlementJudge> make_revoke_judge(std::shared_ptr<const Exchanges> exchanges, std::string_view role) {
  if (role == "broker") {
    return std::make_shared<BrokerRevokes>(std::move(exchanges));
  }
  if (role == "vendor") {
    return std::make_shared<VendorRevokes>(std::move(exchanges));
  }
  return role == "host" ? std::shared_ptr<SettlementJudge>(std::make_shared<HostRevokes>(std::move(exchanges)))
                        : std::make_shared<SettlementJudge>(std::move(exchanges), "revoke");
}

}  // namespace quickpay::conformance
