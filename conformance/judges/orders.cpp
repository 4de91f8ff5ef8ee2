#include "conformance/judges/orders.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conformance/peers/digest.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {

namespace {

std::string plain_key(const Element& document) {
  for (const char* path : {"Body/OrderRef", "Body/Endorsement/OrderRef"}) {
    if (const Element* ref = at(document, path)) {
      return text_at(*ref, "Kind") + " " + text_at(*ref, "Vendor") + " " + text_at(*ref, "OrderId");
    }
  }
  return {};
}

std::string offer_key(const Element& answer) {
  const auto order = [&](const char* field) { return text_at(answer, std::string("Body/Offer/Order/") + field); };
  return order("Kind") + " " + order("Vendor") + " " + order("OrderId");
}

/// A case of the Host: order, Broker and all that the notice says about the order.
std::string case_key(std::string_view message, const Element& document) {
  const Element* ref = at(document, "Body/OrderRef");
  const std::string broker =
      message == "RegisterCommit" ? text_at(document, "Head/Sender") : text_at(document, "Body/Broker");
  return plain_key(document) + " " + broker + " " + (ref == nullptr ? std::string() : digest_of("case", *ref));
}

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? std::string("nothing") : fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

const statemachines::MachineTable* machine_of_role(std::string_view role) {
  const std::string wanted = std::string(role) + (role == "host" ? ".case" : ".order");
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().id == wanted) {
      return &entry.table();
    }
  }
  return nullptr;
}

OrdersJudge::OrdersJudge(std::shared_ptr<const Exchanges> exchanges, std::string_view role)
    : Judge("machine"),
      exchanges_(std::move(exchanges)),
      role_(role),
      machine_(std::make_unique<MonitoredMachine>(*machine_of_role(role))) {}

std::string OrdersJudge::key_of(std::string_view message, const Element& document) const {
  return role_ == "host" ? case_key(message, document) : plain_key(document);
}

void OrdersJudge::begin(World& world) {
  world_ = &world;
  open_.clear();  // what had no answer when its session ended may have been processed all the same
}

OrdersJudge::Order& OrdersJudge::order_of(const std::string& key) {
  Order& order = orders_[key];
  if (!order.monitor) {  // the order keeps its place in memory when it gets another name
    order.monitor = std::make_unique<MachineMonitor>(
        *machine_,
        [this, &order](const statemachines::EventInfo& event) { return hidden_possible(*world_, order, event); });
  }
  return order;
}

bool OrdersJudge::hidden_possible(const World& world, const Order& order, const statemachines::EventInfo& event) {
  if (event.kind == statemachines::EventKind::fetch) {
    return true;
  }
  if (event.kind == statemachines::EventKind::action) {
    return event.id == "decline" || event.id == "cancel" || world.user_did(event.id);
  }
  if (world.real_time()) {
    return true;
  }
  if (world.moved_ms() == 0) {
    return false;
  }
  if (event.id == "Expires!" && order.expires_ms >= 0) {
    return world.now_ms() >= order.expires_ms;
  }
  if (event.id == "CheckBy!" && !order.seen.check_bys.empty() && !order.seen.inquiry_open) {
    return world.now_ms() >= *std::min_element(order.seen.check_bys.begin(), order.seen.check_bys.end());
  }
  return true;
}

void OrdersJudge::on_entry(World& world, std::size_t index) {
  const Entry entry = world.session().transcript().entries()[index];
  if (entry.kind == EntryKind::note || (!world.is_iut(entry.to) && !world.is_iut(entry.from))) {
    return;
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || protocol_of(facts.message) != machine_->table.protocol) {
    return;
  }
  if (entry.belongs == Belongs::earlier_run) {
    return;  // nothing is known of the orders of another run
  }
  if (entry.kind == EntryKind::request) {
    entry.by_iut ? sent_by_iut(world, index, entry, facts) : to_iut(entry, facts);
  } else if (facts.request && entry.by_iut) {
    answer_of_iut(world, index, entry, facts);
  } else if (facts.request) {
    answer_to_iut(world, index, entry, facts);
  }
}

void OrdersJudge::to_iut(const Entry& entry, const Facts& facts) {
  if (!facts.breach.empty() || facts.message == "GetOrder") {
    return;
  }
  const std::string key = key_of(facts.message, facts.document);
  Order& order = order_of(key);
  const KnownBits known = bits_of_request(machine_->table, facts.message, facts.document, order.seen);
  if (facts.message == "InquiryPayment") {
    order.seen.inquiries.push_back(facts.document);
    order.seen.inquiry_open = true;
  }
  open_[entry.exchange] = {key, order.monitor->request(facts.message, known)};
}

void OrdersJudge::complain(World& world, std::size_t index, Order& order, const std::string& got, Reason reason) {
  violation(world, index, fmt::format("in {}: {}", joined(order.monitor->states()), joined(order.monitor->allowed())),
            got, reason);
}

void OrdersJudge::answer_of_iut(World& world, std::size_t index, const Entry& entry, const Facts& facts) {
  if (entry.kind != EntryKind::response || entry.http_status != 200 || !facts.read.valid()) {
    return;
  }
  const Facts& asked = exchanges_->of(*facts.request);
  judged();
  if (facts.message == "GetOrder" && asked.breach.empty()) {
    return created_offer(world, index, facts);
  }
  const auto found = open_.find(entry.exchange);
  if (found == open_.end()) {
    return;  // refused before the machine: the envelope's matter
  }
  const Open open = found->second;
  open_.erase(found);
  Order& order = order_of(open.key);
  const std::string code = text_at(facts.document, "Body/Status/Code");
  if (facts.message == "InquiryPayment") {
    note_endorsement(order, facts);
  }
  if (asked.final_answer == entry.body) {
    return order.monitor->answered_outside(open.input);
  }
  if (order.monitor->replied(open.input, code)) {
    return;
  }
  if (is_early_code(code)) {
    return order.monitor->answered_outside(open.input);
  }
  complain(world, index, order, facts.document.name + " " + code,
           code == "QP-OK" ? Reason::accepted : Reason::wrong_refusal);
}

void OrdersJudge::created_offer(World& world, std::size_t index, const Facts& facts) {
  const std::string code = text_at(facts.document, "Body/Status/Code");
  if (code != "QP-OK" || !offers_.insert(to_xml(facts.document)).second) {
    return;
  }
  const std::string key = offer_key(facts.document);
  if (orders_.count(key) != 0) {
    return violation(world, index, "an OrderId that was never used", key);
  }
  Order& order = order_of(key);
  order.seen.order = *at(facts.document, "Body/Offer/Order");
  order.expires_ms = time_of(text_at(order.seen.order, "Expires"));
  if (!order.monitor->replied(order.monitor->request("GetOrder", {}), code)) {
    complain(world, index, order, "GetOrderResponse QP-OK", Reason::accepted);
  }
}

void OrdersJudge::note_endorsement(Order& order, const Facts& facts) {
  order.seen.inquiry_open = false;
  const Element* endorsement = at(facts.document, "Body/Endorsement");
  if (endorsement == nullptr) {
    return;
  }
  auto& all = order.seen.endorsements;
  if (std::find(all.begin(), all.end(), *endorsement) == all.end()) {
    all.push_back(*endorsement);
    order.seen.check_bys.push_back(time_of(text_at(*endorsement, "CheckBy")));
  }
}

void OrdersJudge::sent_by_iut(World& world, std::size_t index, const Entry& entry, const Facts& facts) {
  if (!facts.read.valid()) {
    return;
  }
  judged();
  if (calls_.count(entry.msg_id) != 0) {
    return;  // a retry; the envelope compares the bytes
  }
  if (const auto stale = calls_.find(facts.original); stale != calls_.end()) {
    calls_[entry.msg_id] = stale->second;
    return;  // written anew; for the machine it is the same request
  }
  const std::string key = facts.message == "GetOrder" ? "asked " + entry.msg_id : key_of(facts.message, facts.document);
  calls_[entry.msg_id] = key;
  if (role_ == "wallet" && facts.message != "GetOrder" && orders_.count(key) == 0) {
    return violation(world, index, "only orders that were offered", facts.message + " for " + key,
                     Reason::forbidden_message);
  }
  Order& order = order_of(key);
  if (facts.message == "GetOrder") {
    order.seen.buyer_tag = text_at(facts.document, "Body/BuyerTag");
  }
  if (!order.monitor->sent(facts.message)) {
    complain(world, index, order, facts.message, Reason::forbidden_message);
  }
  world.session().transcript().at(index).allowed = order.monitor->allowed();
}

void OrdersJudge::answer_to_iut(World& world, std::size_t, const Entry& entry, const Facts& facts) {
  const Facts& asked = exchanges_->of(*facts.request);
  const std::string msg_id = text_at(asked.document, "Head/MsgId");
  const auto found = calls_.find(msg_id);
  if (found == calls_.end()) {
    return;
  }
  const auto renamed = renamed_.find(msg_id);
  const std::string key = renamed != renamed_.end() ? renamed->second : found->second;
  if (facts.counts && text_at(facts.document, "Body/Status/Code") == protocol::QP_E_STALE) {
    return;  // no event of the machine
  }
  Order& order = order_of(key);
  KnownBits known;
  if (role_ == "wallet" && facts.counts) {
    known = bits_of_answer(machine_->table, world, facts.message, asked.document, facts.document, order.seen,
                           orders_.count(offer_key(facts.document)) != 0 && offer_key(facts.document) != key);
  }
  order.monitor->response(facts.message, text_at(facts.document, "Body/Status/Code"),
                          text_at(facts.document, "Body/Status/Retry"),
                          entry.kind == EntryKind::response && facts.counts, known);
  if (facts.message == "GetOrder" && facts.counts && text_at(facts.document, "Body/Status/Code") == "QP-OK") {
    note_offer(key, facts, asked);
  }
}

void OrdersJudge::note_offer(const std::string& old_key, const Facts& facts, const Facts& asked) {
  const std::string key = offer_key(facts.document);
  if (orders_.count(key) != 0) {
    return;  // an OrderId that came before: the first offer keeps its name
  }
  auto node = orders_.extract(old_key);
  node.key() = key;
  orders_.insert(std::move(node));
  renamed_[text_at(asked.document, "Head/MsgId")] = key;
  Order& order = order_of(key);
  order.seen.order = *at(facts.document, "Body/Offer/Order");
}

}  // namespace quickpay::conformance
