// Which refusal of a batch or case is right, as the machines say.
#include <fmt/format.h>

#include <algorithm>

#include "conformance/judges/settlement.hpp"
#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {

namespace {

const statemachines::MachineTable* table_of(std::string_view machine) {
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().id == machine) {
      return &entry.table();
    }
  }
  return nullptr;
}

/// The Claim or HostCase of a request; null in any other.
const Element* object_of(const Element& document) {
  const Element* claim = at(document, "Body/Claim");
  return claim == nullptr ? at(document, "Body/HostCase") : claim;
}

bool all_items_of(const Element& object, const std::string& vendor) {
  const auto items = all_of(object, "Item");
  return std::all_of(items.begin(), items.end(),
                     [&](const Element* item) { return text_at(*item, "OrderRef/Vendor") == vendor; });
}

/// An object inside another one, with who has to have signed it and when.
struct Inner {
  const Element* object;
  std::string signer;
  std::int64_t made_ms;
};

std::vector<Inner> inner_objects(const WorldPlan& plan, const Element& object) {
  std::vector<Inner> all;
  for (const Element* approval : all_of(object, "Approval")) {
    all.push_back({approval, plan.cast.host, time_of(text_at(*approval, "ApprovedAt"))});
  }
  for (const Element* settlement : all_of(object, "Settlement")) {
    all.push_back({settlement, text_at(object, "Broker"), time_of(text_at(*settlement, "SettledAt"))});
  }
  return all;
}

bool inner_fit(const WorldPlan& plan, const Element& object) {
  for (const Inner& inner : inner_objects(plan, object)) {
    const bool host = inner.object->name != "Approval" || text_at(*inner.object, "Host") == plan.cast.host;
    if (!host || text_at(*inner.object, "Vendor") != text_at(object, "Vendor") ||
        text_at(*inner.object, "Broker") != text_at(object, "Broker")) {
      return false;
    }
  }
  return true;
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

}  // namespace

BatchMonitor::BatchMonitor(std::string_view machine) : machine_(std::make_unique<MonitoredMachine>(*table_of(machine))) {}

KnownBits BatchMonitor::bits(const World& world, const Element& document, const Batch& batch) const {
  const WorldPlan& plan = world.plan();
  const Element& object = *object_of(document);
  const std::string sender = text_at(document, "Head/Sender");
  const std::int64_t now = world.now_ms();
  bool keys = key_listed(plan, text_at(object, "Vendor"), object, now, now);
  bool signatures = keys && signature_right(plan, text_at(object, "Vendor"), object);
  for (const Inner& inner : inner_objects(plan, object)) {
    keys = keys && key_listed(plan, inner.signer, *inner.object, inner.made_ms, now);
    signatures = signatures && keys && signature_right(plan, inner.signer, *inner.object);
  }
  KnownBits known;
  const auto set = [&](std::string_view id, bool holds) { known.set(machine_->table, id, holds); };
  set("vendor_is_sender", text_at(object, "Vendor") == sender && all_items_of(object, sender));
  set("broker_is_receiver", text_at(object, "Broker") == world.iut());
  set("host_is_receiver", text_at(object, "Host") == world.iut());
  set("keys_right", keys);
  set("signatures_right", signatures);
  set("approvals_fit", inner_fit(plan, object));
  set("settlements_fit", inner_fit(plan, object));
  set("totals_right", object.name == "Claim" && claim_adds_up(object));
  set("items_in_order", items_in_order(object));
  set("too_many", static_cast<std::int64_t>(all_of(object, "Item").size()) > plan.policy.max_batch);
  set("currency_active", contains(plan.currencies, text_at(object, "Currency")));
  const PlayerPlan* broker = plan.player(text_at(object, "Broker"));
  set("broker_issued", broker != nullptr && broker->listed && broker->role == "broker");
  const std::string canonical = canonical_of(object);
  if (batch.known.count(canonical) != 0) {
    set("same_claim", true);
    set("same_case", true);
  } else if (!batch.known.empty()) {
    set("same_claim", false);
    set("same_case", false);
  }
  return known;
}

void BatchMonitor::asked(const World& world, std::uint64_t exchange, const Element& document) {
  const Element* object = object_of(document);
  if (object == nullptr) {
    return;
  }
  const std::string key = text_at(*object, "Vendor") + "/" + text_at(*object, "BatchId");
  Batch& batch = batches_[key];
  if (!batch.monitor) {
    batch.monitor = std::make_unique<MachineMonitor>(*machine_, [](const statemachines::EventInfo&) { return true; });
  }
  open_[exchange] = {key, canonical_of(*object), batch.monitor->request(document.name, bits(world, document, batch))};
}

std::string BatchMonitor::answered(std::uint64_t exchange, const std::string& code, bool stored) {
  const auto found = open_.find(exchange);
  if (found == open_.end()) {
    return {};
  }
  const Open open = found->second;
  open_.erase(found);
  Batch& batch = batches_[open.key];
  if (code == "QP-OK") {
    batch.known.insert(open.canonical);
  }
  if (stored || is_away_code(code)) {
    batch.monitor->answered_outside(open.input);
    return {};
  }
  if (batch.monitor->replied(open.input, code)) {
    return {};
  }
  return fmt::format("in {}: {}", fmt::join(batch.monitor->states(), ", "), fmt::join(batch.monitor->allowed(), ", "));
}

}  // namespace quickpay::conformance
