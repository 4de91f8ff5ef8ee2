#include "conformance/judges/regular.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "conformance/peers/build.hpp"
#include "conformance/peers/digest.hpp"
#include "conformance/peers/signing.hpp"
#include "reference/codec/generated/protocol.hpp"
#include "statemachines/all/generated/all.hpp"

namespace quickpay::conformance {

namespace {

using statemachines::EventInfo;
using statemachines::EventKind;

constexpr std::string_view kProtocol = "regular";

const statemachines::MachineTable& machine_of(std::string_view role) {
  for (const auto& entry : statemachines::all::machines()) {
    if (entry.table().protocol == kProtocol && entry.table().role == role) {
      return entry.table();
    }
  }
  return statemachines::all::machines().front().table();
}

const Element* ref_in(const Element& document) {
  const Element* ref = at(document, "Body/OrderRef");
  return ref == nullptr ? at(document, "Body/Commitment/OrderRef") : ref;
}

std::string name_of(const Element& order) { return text_at(order, "Vendor") + " " + text_at(order, "OrderId"); }

std::string joined(const std::vector<std::string>& names) {
  return names.empty() ? std::string("nothing") : fmt::format("{}", fmt::join(names, ", "));
}

std::string shown(const std::optional<std::string>& fault) { return fault.value_or("it"); }

/// The evidence of a notice names what the notice says.
bool evidence_fits(const Element& notice) {
  const Element* ref = at(notice, "Body/OrderRef");
  const Element* commitment = at(notice, "Body/Commitment");
  const Element* receipt = at(notice, "Body/Receipt");
  const Element* promised = commitment == nullptr ? nullptr : child(*commitment, "OrderRef");
  const auto same = [&](const char* field, const std::string& value) { return text_at(*receipt, field) == value; };
  return ref != nullptr && promised != nullptr && *promised == *ref &&
         text_at(*commitment, "Broker") == text_at(notice, "Body/Broker") &&
         (receipt == nullptr || (same("Vendor", text_at(*ref, "Vendor")) && same("OrderId", text_at(*ref, "OrderId")) &&
                                 same("Digest", text_at(*ref, "Digest")) && same("Broker", text_at(*commitment, "Broker")) &&
                                 same("CommitId", text_at(*commitment, "CommitId"))));
}

}  // namespace

std::optional<std::string> fault_of_commitment(const WorldPlan& plan, std::string_view broker, const Element& ref,
                                               const Element& commitment) {
  const Element* named = child(commitment, "OrderRef");
  if (named == nullptr || !(*named == ref)) return "a Commitment to another order";
  if (text_at(commitment, "Broker") != broker) return "a Commitment of " + text_at(commitment, "Broker");
  if (time_of(text_at(commitment, "ClaimBy")) <= time_of(text_at(commitment, "CommittedAt"))) {
    return "a ClaimBy that is over";
  }
  if (!signature_right(plan, broker, commitment)) return "a Commitment that the Broker has not signed";
  return std::nullopt;
}

std::optional<std::string> fault_of_receipt(const WorldPlan& plan, const Element& commitment, const Element& receipt) {
  const auto says = [&](const char* field, const char* path) { return text_at(receipt, field) == text_at(commitment, path); };
  if (!says("Vendor", "OrderRef/Vendor") || !says("OrderId", "OrderRef/OrderId") || !says("Digest", "OrderRef/Digest")) {
    return "a Receipt for another order";
  }
  if (!says("Broker", "Broker") || !says("CommitId", "CommitId")) return "a Receipt for another Commitment";
  if (!signature_right(plan, text_at(receipt, "Vendor"), receipt)) return "a Receipt that the Vendor has not signed";
  return std::nullopt;
}

RegularJudge::RegularJudge(std::shared_ptr<const Exchanges> exchanges, std::string_view role)
    : Judge("regular"),
      exchanges_(std::move(exchanges)),
      role_(role),
      machine_(std::make_unique<MonitoredMachine>(machine_of(role))) {}

void RegularJudge::begin(World& world) {
  world_ = &world;
  open_.clear();
}

void RegularJudge::wrong(const Seen& seen, std::string expected, std::string got, Reason reason) {
  violation(seen.world, seen.index, std::move(expected), std::move(got), reason);
}

void RegularJudge::complain(const Seen& seen, Order& order, const std::string& got, Reason reason) {
  wrong(seen, fmt::format("in {}: {}", joined(order.monitor->states()), joined(order.monitor->allowed())), got, reason);
}

/// At a Host each Wallet's case about each copy of an order stands apart.
std::string RegularJudge::key_of(const Element& request) const {
  const Element* ref = ref_in(request);
  if (ref == nullptr) {
    return "asked " + text_at(request, "Head/MsgId");
  }
  if (role_ != "host") {
    return name_of(*ref);
  }
  return fmt::format("{} {} {} {}", name_of(*ref), text_at(request, "Body/Broker"), text_at(request, "Head/Sender"),
                     digest_of("case", *ref));
}

RegularJudge::Order& RegularJudge::order_of(const std::string& key) {
  Order& order = orders_[key];
  if (!order.monitor) {
    order.monitor = std::make_unique<MachineMonitor>(*machine_, [this](const EventInfo& event) {
      if (event.kind == EventKind::action) {
        return event.id == "decline" || event.id == "cancel" || world_->user_did(event.id);
      }
      return world_->real_time() || world_->moved_ms() != 0;
    });
  }
  return order;
}

KnownBits RegularJudge::bits_of(const Seen& seen, const Element& request, const Order& order) const {
  KnownBits bits = bits_of_request(machine_->table, seen.message, request, order.seen);
  const auto set = [&](std::string_view id, bool holds) { bits.set(machine_->table, id, holds); };
  const Element* commitment = at(request, "Body/Commitment");
  if (role_ == "host") {
    set("evidence_fits", evidence_fits(request));
    set("has_receipt", at(request, "Body/Receipt") != nullptr);
  } else if (role_ == "vendor" && commitment != nullptr) {
    const Element* ref = child(*commitment, "OrderRef");
    const Element& offered = order.seen.order;
    if (!offered.name.empty() && ref != nullptr) {
      set("order_matches", *ref == order_ref_of(offered) &&
                               buyer_tag(text_at(request, "Body/BuyerSecret")) == text_at(offered, "BuyerTag"));
    }
    if (signature_right(seen.world.plan(), text_at(*commitment, "Broker"), *commitment)) {
      set("commitment_signed", true);
    }
    if (!order.commitment.name.empty()) {
      set("same_commitment", *commitment == order.commitment);
    }
  }
  return bits;
}

KnownBits RegularJudge::bits_of_answer(const Seen& seen, const std::string& key) const {
  KnownBits bits;
  const WorldPlan& plan = seen.world.plan();
  const Element& answer = seen.facts.document;
  const Element& request = seen.asked.document;
  const auto set = [&](std::string_view id, bool holds) { bits.set(machine_->table, id, holds); };
  if (const Element* offer = at(answer, "Body/Offer")) {
    const std::string name = name_of(*child(*offer, "Order"));
    const bool known = name != key && orders_.count(name) != 0;
    set("offer_right", offer_is_right(seen.world, request, answer, known) &&
                           signature_right(plan, text_at(request, "Head/Receiver"), *offer));
  }
  if (const Element* commitment = at(answer, "Body/Commitment")) {
    const std::string broker = text_at(request, "Head/Receiver");
    const Element* named = child(*commitment, "OrderRef");
    set("commitment_signed", signature_right(plan, broker, *commitment));
    set("commitment_right", named != nullptr && *named == *at(request, "Body/OrderRef") && text_at(*commitment, "Broker") == broker);
  }
  if (const Element* receipt = at(answer, "Body/Receipt")) {
    set("receipt_right", !fault_of_receipt(plan, *at(request, "Body/Commitment"), *receipt));
  }
  return bits;
}

void RegularJudge::on_entry(World& world, std::size_t index) {
  const Entry entry = world.session().transcript().entries()[index];
  if (entry.kind == EntryKind::note || (!world.is_iut(entry.to) && !world.is_iut(entry.from)) ||
      entry.belongs == Belongs::earlier_run) {
    return;
  }
  if (entry.by_iut && !world.plan().signing_keys.empty()) {
    judged();  // of each of its messages it is known whether it is one of regular payment
  }
  const Facts& facts = exchanges_->of(index);
  if (facts.http || protocol_of(facts.message) != kProtocol || (entry.kind != EntryKind::request && !facts.request)) {
    return;
  }
  const Facts& asked = facts.request ? exchanges_->of(*facts.request) : facts;
  const Seen seen{world, index, entry, facts, asked, std::string(message_type(facts.message)->id),
                  text_at(facts.document, "Body/Status/Code")};
  if (entry.kind == EntryKind::request) {
    entry.by_iut ? iut_asks(seen) : iut_is_asked(seen);
  } else {
    entry.by_iut ? iut_answers(seen) : iut_is_answered(seen);
  }
}

// ---------------------------------------------------------------- a server under test
void RegularJudge::iut_is_asked(const Seen& seen) {
  const Element& request = seen.facts.document;
  if (!seen.facts.breach.empty() || seen.message == "GetOrder") {
    return;
  }
  const std::string key = key_of(request);
  Order& order = order_of(key);
  const KnownBits known = bits_of(seen, request, order);
  if (seen.message == "InquiryPayment") {
    order.seen.inquiries.push_back(request);
  }
  open_[seen.entry.exchange] = {key, order.monitor->request(seen.message, known)};
}

void RegularJudge::iut_answers(const Seen& seen) {
  if (seen.entry.kind != EntryKind::response || seen.entry.http_status != 200 || !seen.facts.read.valid()) {
    return;
  }
  if (seen.message == "GetOrder" && seen.asked.breach.empty()) {
    return offered(seen);
  }
  const auto found = open_.find(seen.entry.exchange);
  if (found == open_.end()) {
    return;  // refused before the machine: the envelope's matter
  }
  const Open open = found->second;
  open_.erase(found);
  Order& order = order_of(open.key);
  if (seen.code == protocol::QP_OK) {
    role_ == "broker" ? promised(seen, order) : role_ == "vendor" ? accepted(seen, order) : registered(seen, order);
  }
  if (seen.asked.final_answer == seen.entry.body) {
    return order.monitor->answered_outside(open.input);
  }
  if (order.monitor->replied(open.input, seen.code)) {
    return;
  }
  if (is_early_code(seen.code)) {
    return order.monitor->answered_outside(open.input);
  }
  complain(seen, order, seen.facts.document.name + " " + seen.code,
           seen.code == protocol::QP_OK ? Reason::accepted : Reason::wrong_refusal);
}

void RegularJudge::offered(const Seen& seen) {
  const Element* offer = at(seen.facts.document, "Body/Offer");
  if (seen.code != protocol::QP_OK || offer == nullptr || seen.asked.final_answer == seen.entry.body) {
    return;
  }
  const Element& made = *child(*offer, "Order");
  const auto known = orders_.find(name_of(made));
  if (known != orders_.end()) {
    return known->second.seen.order == made ? void() : wrong(seen, "an OrderId that was never used", name_of(made));
  }
  Order& order = order_of(name_of(made));
  order.seen.order = made;
  if (!offer_is_right(seen.world, seen.asked.document, seen.facts.document, false)) {
    wrong(seen, "an offer of what was asked for", "another one");
  }
  if (!signature_right(seen.world.plan(), seen.world.iut(), *offer)) {
    wrong(seen, "an offer that the Vendor has signed", "one that is not signed right");
  }
  if (!order.monitor->replied(order.monitor->request("GetOrder", {}), seen.code)) {
    complain(seen, order, "GetOrderResponse QP-OK", Reason::accepted);
  }
}

void RegularJudge::only_one(const Seen& seen, const char* what, Element& kept, const Element& now) {
  if (kept.name.empty()) {
    kept = now;
  } else if (!(kept == now)) {
    wrong(seen, fmt::format("one {} an order, the same each time", what), "another one", Reason::accepted);
  }
}

/// QP-RP-010, QP-SAFE-003: signed by this Broker for exactly the order that was asked for, and one for an order.
void RegularJudge::promised(const Seen& seen, Order& order) {
  const Element& commitment = *at(seen.facts.document, "Body/Commitment");
  const Element& ref = *at(seen.asked.document, "Body/OrderRef");
  if (const auto fault = fault_of_commitment(seen.world.plan(), seen.world.iut(), ref, commitment)) {
    wrong(seen, "a Commitment of this Broker to the order that was asked for", shown(fault));
  }
  only_one(seen, "Commitment", order.commitment, commitment);
}

/// QP-RP-002, QP-RP-010: on a Commitment that its Broker signed, for the order as it was offered, and once.
void RegularJudge::accepted(const Seen& seen, Order& order) {
  const WorldPlan& plan = seen.world.plan();
  const Element& commitment = *at(seen.asked.document, "Body/Commitment");
  const Element& receipt = *at(seen.facts.document, "Body/Receipt");
  const Element& ref = order.seen.order.name.empty() ? *child(commitment, "OrderRef") : order_ref_of(order.seen.order);
  if (const auto fault = fault_of_commitment(plan, text_at(commitment, "Broker"), ref, commitment)) {
    wrong(seen, "an order to be accepted on its Broker's word alone", shown(fault), Reason::accepted);
  }
  if (const auto fault = fault_of_receipt(plan, commitment, receipt)) {
    wrong(seen, "a Receipt for this order and Commitment", shown(fault));
  }
  only_one(seen, "Commitment", order.commitment, commitment);
  only_one(seen, "Receipt", order.receipt, receipt);
}

void RegularJudge::registered(const Seen& seen, Order& order) {
  const std::string number = text_at(seen.facts.document, "Body/CaseNo") + " " + text_at(seen.facts.document, "Body/RegisteredAt");
  if (!order.case_no.empty() && order.case_no != number) {
    wrong(seen, "CaseNo and RegisteredAt of the first time: " + order.case_no, number);
  }
  order.case_no = number;
}

// ---------------------------------------------------------------- a Wallet under test
void RegularJudge::iut_asks(const Seen& seen) {
  if (!seen.facts.read.valid()) {
    return;
  }
  const Element& request = seen.facts.document;
  if (calls_.count(seen.entry.msg_id) != 0) {
    return;  // a retry; the envelope compares the bytes
  }
  if (const auto stale = calls_.find(seen.facts.original); stale != calls_.end()) {
    calls_[seen.entry.msg_id] = stale->second;
    return;
  }
  const std::string key = key_of(request);
  calls_[seen.entry.msg_id] = key;
  if (role_ == "wallet" && seen.message != "GetOrder" && orders_.count(key) == 0) {
    return wrong(seen, "only orders that were offered", seen.message + " for " + key, Reason::forbidden_message);
  }
  Order& order = order_of(key);
  const Element* commitment = at(request, "Body/Commitment");
  if (commitment != nullptr && !(*commitment == order.commitment)) {
    wrong(seen, "the Commitment as the Broker gave it", "another one", Reason::forbidden_message);
  }
  const Element* ref = at(request, "Body/OrderRef");
  if (commitment != nullptr && ref != nullptr && !(*ref == *at(*commitment, "OrderRef"))) {
    wrong(seen, "the OrderRef of the Commitment", "another one", Reason::forbidden_message);
  }
  const Element* receipt = at(request, "Body/Receipt");
  if (receipt != nullptr && !(*receipt == order.receipt)) {
    wrong(seen, "the Receipt as the Vendor gave it", "another one", Reason::forbidden_message);
  }
  if (!order.monitor->sent(seen.message)) {
    complain(seen, order, seen.message, Reason::forbidden_message);
  }
  seen.world.session().transcript().at(seen.index).allowed = order.monitor->allowed();
}

/// What counts is kept as the one there is: what comes again, after a retry, has to be the same bytes.
void RegularJudge::iut_is_answered(const Seen& seen) {
  const auto found = calls_.find(text_at(seen.asked.document, "Head/MsgId"));
  if (found == calls_.end() || (seen.facts.counts && seen.code == protocol::QP_E_STALE)) {
    return;
  }
  Order& order = order_of(found->second);
  const bool valid = seen.entry.kind == EntryKind::response && seen.facts.counts;
  const KnownBits known = valid ? bits_of_answer(seen, found->second) : KnownBits();
  order.monitor->response(seen.message, seen.code, text_at(seen.facts.document, "Body/Status/Retry"), valid, known);
  if (!valid || seen.code != protocol::QP_OK) {
    return;
  }
  const WorldPlan& plan = seen.world.plan();
  if (const Element* commitment = at(seen.facts.document, "Body/Commitment")) {
    const Element& ref = *at(seen.asked.document, "Body/OrderRef");
    if (!fault_of_commitment(plan, text_at(seen.asked.document, "Head/Receiver"), ref, *commitment)) {
      order.commitment = *commitment;
    }
  }
  if (const Element* receipt = at(seen.facts.document, "Body/Receipt")) {
    if (!fault_of_receipt(plan, *at(seen.asked.document, "Body/Commitment"), *receipt)) {
      order.receipt = *receipt;
    }
  }
  const Element* offer = at(seen.facts.document, "Body/Offer");
  if (offer == nullptr) {
    return;
  }
  const Element made = *child(*offer, "Order");
  if (orders_.count(name_of(made)) == 0) {  // an OrderId that came before: the first offer keeps its name
    auto node = orders_.extract(found->second);
    node.key() = name_of(made);
    orders_.insert(std::move(node));
    found->second = name_of(made);
    order_of(found->second).seen.order = made;
  }
}

}  // namespace quickpay::conformance
