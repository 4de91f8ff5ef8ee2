#include "conformance/suites/merchant.hpp"

#include <algorithm>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

constexpr int kMaxMoves = 80;               ///< of the clock while one waits
constexpr std::int64_t kMoveSeconds = 600;
constexpr std::int64_t kWindow = 3600;      ///< seconds to the DecideBy of a scripted Host
constexpr std::chrono::milliseconds kGlance{200};

bool is_one_of_iut(const Entry& entry, std::string_view message) {
  return entry.by_iut && entry.kind == EntryKind::request && entry.message == message;
}

Element refused_entry(const Element& ref, const std::string& code, const std::string& batch) {
  Element entry = branch("Refused", {leaf("OrderId", text_at(ref, "OrderId")), leaf("Digest", text_at(ref, "Digest")),
                                     leaf("Code", code)});
  if (code == protocol::QP_E_ALREADY_SETTLED) {
    entry.children.push_back(leaf("FirstBatch", batch));
  }
  return entry;
}

}  // namespace

std::optional<Element> Merchant::sells(std::size_t item, const std::string& broker) {
  Buyer buyer(session_);
  const auto ready = buyer.ready(item, broker);
  if (!ready || !buyer.ask(*ready).ok()) {
    return std::nullopt;
  }
  world_.settle();
  return ready->offer.ref;
}

IutResult<Outcome> Merchant::settle() { return session_.iut().act("settle-with-broker", Json::object()); }

bool Merchant::nothing_to_settle() {
  const auto outcome = settle();
  return outcome && outcome->kind == OutcomeKind::rejected;
}

bool Merchant::sells_and_settles() {
  calm();
  const auto ref = sells();
  const std::size_t from = session_.transcript().mark();
  if (!ref || !world_.advance(protocol::T_batchmin_default) || !settled_something()) {
    return false;
  }
  const auto claimed = request("SettleWithBroker", 0, from);
  return claimed.has_value();
}

void Merchant::calm() {
  for (Peer* peer : {broker(), host()}) {
    if (peer != nullptr) {
      peer->set_down(false);
      peer->clear_script();
      peer->release();
    }
  }
}

std::optional<std::size_t> Merchant::request(std::string_view message, std::size_t n, std::size_t from) {
  const auto look = [&](std::chrono::milliseconds limit) {
    std::size_t seen = 0;
    return world_.wait_for(from, [&](const Entry& entry) { return is_one_of_iut(entry, message) && seen++ == n; }, limit);
  };
  world_.settle();  // what it does at once is done before time moves, however busy the machine is
  auto found = look(kGlance);
  for (int i = 0; !found && i < kMaxMoves && world_.advance(kMoveSeconds); ++i) {
    found = look(std::chrono::milliseconds(0));
  }
  return found ? found : look(kGlance);
}

std::optional<Element> Merchant::object(std::string_view message, std::size_t n) {
  std::vector<Element> different;
  for (const std::size_t entry : world_.sent_by_iut(message)) {
    const Element document = world_.document(entry);
    const Element* claim = at(document, "Body/Claim");
    const Element* each = claim == nullptr ? at(document, "Body/HostCase") : claim;
    if (each != nullptr && std::find(different.begin(), different.end(), *each) == different.end()) {
      different.push_back(*each);
    }
  }
  return n < different.size() ? std::optional(different[n]) : std::nullopt;
}

bool Merchant::shows_claims() const {
  const auto& observes = session_.iut().hello().observes;
  return std::count(observes.begin(), observes.end(), "claims") != 0;
}

std::string Merchant::state_of(const Element& ref) {
  const auto seen = shows_claims() ? session_.iut().observe("claims") : IutResult<Observation>(Observation{});
  if (!seen || !seen->value.is_array()) {
    return {};
  }
  for (const Json& one : seen->value) {
    if (one.is_object() && one.value("order", "") == text_at(ref, "OrderId")) {
      return one.value("state", "");
    }
  }
  return {};
}

void Merchant::broker_refuses(const std::string& code) {
  const World& world = world_;
  broker()->script("SettleWithBroker", answer_made("refusal " + code, [&world, code](const Element& request) {
                     return std::vector<Element>{refusing_settlement(world, request, code)};
                   }));
}

void Merchant::host_says(const std::string& decision, const std::string& code) {
  const World& world = world_;
  host()->script("SettleWithHost", answer_made("verdict " + decision, [&world, decision, code](const Element& request) {
                   return verdicts_on(world, request, decision, code);
                 }));
}

Element summed_up(const World& world, Element settlement) {
  std::int64_t accepted = 0, commission = 0;
  for (const Element* entry : all_of(settlement, "Accepted")) {
    accepted += number_at(*entry, "Amount");
    commission += number_at(*entry, "Commission");
  }
  const std::int64_t due = accepted - commission - number_at(settlement, "DeductionTotal") - number_at(settlement, "PriorDebit");
  set_text(settlement, "AcceptedTotal", std::to_string(accepted));
  set_text(settlement, "CommissionTotal", std::to_string(commission));
  set_text(settlement, "NetTotal", std::to_string(std::max<std::int64_t>(0, due)));
  set_text(settlement, "CarriedDebit", std::to_string(std::max<std::int64_t>(0, -due)));
  const std::string broker = text_at(settlement, "Broker");
  return signed_by(world.plan(), broker, std::move(settlement));
}

Element refusing_settlement(const World& world, const Element& request, const std::string& code) {
  const Element& claim = *at(request, "Body/Claim");
  std::vector<Element> fields = {leaf("Broker", text_at(claim, "Broker")), leaf("Vendor", text_at(claim, "Vendor")),
                                 leaf("BatchId", text_at(claim, "BatchId")), leaf("BatchDigest", claim_digest(claim)),
                                 leaf("Currency", text_at(claim, "Currency"))};
  for (const Element* item : all_of(claim, "Item")) {
    fields.push_back(refused_entry(*child(*item, "OrderRef"), code, text_at(claim, "BatchId")));
  }
  for (const char* sum : {"AcceptedTotal", "CommissionTotal", "DeductionTotal", "PriorDebit", "CarriedDebit", "NetTotal"}) {
    fields.push_back(leaf(sum, "0"));
  }
  fields.push_back(leaf("ValueDate", world.now_text(PolicyPlan{}.value_after)));
  fields.push_back(leaf("SettledAt", world.now_text()));
  return signed_by(world.plan(), text_at(claim, "Broker"), branch("Settlement", std::move(fields)));
}

std::vector<Element> verdicts_on(const World& world, const Element& request, const std::string& decision, const std::string& code) {
  const Element& host_case = *at(request, "Body/HostCase");
  std::vector<Element> head;
  for (const char* field : {"Host", "Vendor", "Broker", "BatchId"}) {
    head.push_back(leaf(field, text_at(host_case, field)));
  }
  Element verdicts = branch("Verdicts", head), approval = branch("Approval", head);
  for (const Element* item : all_of(host_case, "Item")) {
    const std::string id = text_at(*item, "OrderRef/OrderId"), digest = text_at(*item, "OrderRef/Digest");
    verdicts.children.push_back(
        branch("Verdict", {leaf("OrderId", id), leaf("Digest", digest), leaf("Decision", decision), leaf("Code", code)}));
    if (decision == "pending") {
      verdicts.children.back().children.push_back(leaf("DecideBy", world.now_text(kWindow)));
    }
    approval.children.push_back(branch(
        "Approved", {leaf("OrderId", id), leaf("Digest", digest), leaf("Amount", text_at(*item, "OrderRef/Amount"))}));
  }
  approval.children.push_back(leaf("ApprovedAt", world.now_text()));
  const std::string host = text_at(host_case, "Host");
  std::vector<Element> results = {signed_by(world.plan(), host, std::move(verdicts))};
  if (decision == "approve") {
    results.push_back(signed_by(world.plan(), host, std::move(approval)));
  }
  return results;
}

}  // namespace quickpay::conformance
