#include "conformance/suites/claimant.hpp"

#include <algorithm>

#include "conformance/judges/settlement_rules.hpp"
#include "conformance/peers/build.hpp"
#include "conformance/peers/seal.hpp"
#include "conformance/peers/signing.hpp"
#include "conformance/suites/payer.hpp"
#include "reference/codec/generated/protocol.hpp"

namespace quickpay::conformance {

namespace {

std::string id_of(const Element& ref) { return text_at(ref, "OrderId"); }

std::string number(std::int64_t value) { return std::to_string(value); }

std::int64_t total_of(const std::vector<Claimable>& items) {
  std::int64_t total = 0;
  for (const Claimable& item : items) {
    total += number_at(item.ref, "Amount");
  }
  return total;
}

Element approved_entry(const Element& ref) {
  return branch("Approved", {leaf("OrderId", id_of(ref)), leaf("Digest", text_at(ref, "Digest")),
                             leaf("Amount", text_at(ref, "Amount"))});
}

}  // namespace

std::optional<Claimable> Claimant::committed(std::int64_t amount) {
  Payer payer(session_);
  const auto made = payer.endorsed(amount);
  if (!made) {
    refusal_ = payer.refusal();
    return std::nullopt;
  }
  const Reply yes = payer.commit(made->ref, made->id());
  if (!yes.ok()) {
    refusal_ = "CheckCommit: " + outcome_text(yes);
    return std::nullopt;
  }
  return Claimable{made->ref, yes.text("Body/CommitId")};
}

std::optional<Claimable> Claimant::endorsed(std::int64_t amount) {
  Payer payer(session_);
  const auto made = payer.endorsed(amount);
  refusal_ = payer.refusal();
  return made ? std::optional(Claimable{made->ref, world_.fresh_id()}) : std::nullopt;
}

Claimable Claimant::invented(std::int64_t amount) { return {Payer(session_).order(amount), world_.fresh_id()}; }

Element Claimant::claim(std::vector<Claimable> items, std::vector<Element> approvals) {
  std::sort(items.begin(), items.end(), [](const Claimable& a, const Claimable& b) { return id_of(a.ref) < id_of(b.ref); });
  const std::string currency = world_.plan().currencies.empty() ? "USD" : world_.plan().currencies.front();
  Element claim = branch("Claim", {leaf("BatchId", world_.fresh_id()), leaf("Vendor", world_.cast().vendor),
                                   leaf("Broker", world_.cast().broker), leaf("Currency", currency),
                                   leaf("Count", number(static_cast<std::int64_t>(items.size()))),
                                   leaf("Total", number(total_of(items)))});
  for (Element& approval : approvals) {
    claim.children.push_back(std::move(approval));
  }
  for (const Claimable& item : items) {
    claim.children.push_back(branch("Item", {item.ref, leaf("CommitId", item.commit_id)}));
  }
  return claim;
}

Element Claimant::approval(const std::vector<Claimable>& items) {
  const Cast& cast = world_.cast();
  std::vector<Element> fields = {leaf("Host", cast.host), leaf("Vendor", cast.vendor), leaf("Broker", cast.broker),
                                 leaf("BatchId", world_.fresh_id())};
  for (const Claimable& item : items) {
    fields.push_back(approved_entry(item.ref));
  }
  fields.push_back(leaf("ApprovedAt", world_.now_text()));
  return signed_by(world_.plan(), cast.host, branch("Approval", std::move(fields)));
}

Element Claimant::signed_by_vendor(Element object) {
  const std::string vendor = text_at(object, "Vendor");
  return signed_by(world_.plan(), vendor, std::move(object));
}

Sending Claimant::claiming(Element signed_claim) {
  Sending sending;
  sending.from = world_.cast().vendor;
  sending.document = request_of("SettleWithBroker", world_.head(sending.from), {std::move(signed_claim)});
  return sending;
}

Reply Claimant::settle(const Element& claim) { return world_.send(claiming(signed_by_vendor(claim))); }

std::optional<Claimable> Claimant::expired() {
  auto item = committed();
  return item && world_.advance(protocol::T_settle_default + 1) ? item : std::nullopt;
}

bool Claimant::settles() {
  const auto item = committed();
  return item && word_on(settle(claim({*item})), *item) == "accepted";
}

Element Claimant::host_case(const std::vector<PaidOrder>& orders) {
  std::vector<PaidOrder> sorted = orders;
  std::sort(sorted.begin(), sorted.end(), [](const PaidOrder& a, const PaidOrder& b) { return id_of(a.ref) < id_of(b.ref); });
  Element made = branch("HostCase", {leaf("Host", world_.cast().host), leaf("BatchId", world_.fresh_id()),
                                     leaf("Vendor", world_.cast().vendor), leaf("Broker", sorted.front().broker)});
  for (const PaidOrder& order : sorted) {
    made.children.push_back(branch("Item", {order.ref, leaf("CommitId", order.commit_id), leaf("DeliveryId", order.delivery_id),
                                            leaf("DeliveredAt", world_.now_text())}));
  }
  return made;
}

Element Claimant::settlement(const PaidOrder& of, const std::vector<Denial>& refused) {
  std::vector<Element> fields = {leaf("Broker", of.broker), leaf("Vendor", of.vendor), leaf("BatchId", world_.fresh_id()),
                                 leaf("BatchDigest", session_.random().hex(64)), leaf("Currency", text_at(of.ref, "Currency"))};
  std::vector<Denial> sorted = refused;
  std::sort(sorted.begin(), sorted.end(), [](const Denial& a, const Denial& b) { return id_of(a.ref) < id_of(b.ref); });
  for (const Denial& denial : sorted) {
    Element entry = branch("Refused", {leaf("OrderId", id_of(denial.ref)), leaf("Digest", text_at(denial.ref, "Digest")),
                                       leaf("Code", denial.code)});
    if (denial.code == protocol::QP_E_ALREADY_SETTLED) {
      entry.children.push_back(leaf("FirstBatch", world_.fresh_id()));
    }
    fields.push_back(std::move(entry));
  }
  for (const char* sum : {"AcceptedTotal", "CommissionTotal", "DeductionTotal", "PriorDebit", "CarriedDebit", "NetTotal"}) {
    fields.push_back(leaf(sum, "0"));
  }
  fields.push_back(leaf("ValueDate", world_.now_text(PolicyPlan{}.value_after)));
  fields.push_back(leaf("SettledAt", world_.now_text()));
  return signed_by(world_.plan(), of.broker, branch("Settlement", std::move(fields)));
}

Element Claimant::receipt(const PaidOrder& of) {
  return branch("HostReceipt", {leaf("Host", world_.cast().host), leaf("Vendor", of.vendor), leaf("Broker", of.broker),
                                leaf("OrderId", text_at(of.ref, "OrderId")), leaf("Digest", text_at(of.ref, "Digest")),
                                leaf("CommitId", of.commit_id), leaf("SettleBy", of.settle_by),
                                leaf("RegisteredAt", world_.now_text())});
}

void Claimant::seal(Element& receipt, const PaidOrder& of) {
  const KeyPlan* key = world_.plan().key(world_.cast().host, of.vendor);
  receipt.children.push_back(branch("Mac", {leaf("KeyRef", std::to_string(key == nullptr ? 1 : key->epoch)),
                                            leaf("Value", receipt_mac_of(world_.plan(), receipt))}));
}

Element Claimant::unreachable() {
  return branch("Unreachable", {leaf("FirstTry", world_.now_text(-protocol::T_broker_default)), leaf("LastTry", world_.now_text()),
                                leaf("Tries", number(protocol::N_broker_default))});
}

void Claimant::add(Element& host_case, Element object) {
  const auto is_behind = [&](const Element& each) {
    return each.name == "Item" || (each.name == "Unreachable" && object.name == "Settlement");
  };
  const auto place = std::find_if(host_case.children.begin(), host_case.children.end(), is_behind);
  host_case.children.insert(place, std::move(object));
}

Sending Claimant::bringing(Element signed_case) {
  Sending sending;
  sending.from = world_.cast().vendor;
  sending.document = request_of("SettleWithHost", world_.head(sending.from), {std::move(signed_case)});
  return sending;
}

Reply Claimant::bring(const Element& host_case) { return world_.send(bringing(signed_by_vendor(host_case))); }

bool Claimant::wins() {
  Registrar registrar(session_);
  const PaidOrder paid = registrar.order();
  for (const int notice : {6, 7, 8}) {
    if (!world_.send(registrar.notice(paid, notice)).ok()) {
      return false;
    }
  }
  Element brought = host_case({paid});
  add(brought, settlement(paid, {{paid.ref, std::string(protocol::QP_E_UNKNOWN_ORDER)}}));
  return verdict_of(bring(brought)) == "approve QP-OK";
}

Reaction reaction_on(Session& session, const Reply& reply, const Claimable& item) {
  Reaction reaction = reaction_to(session, reply);
  if (reply.ok()) {
    const std::string word = word_on(reply, item);
    reaction.kind = word == "accepted" ? Reaction::Kind::accepted : Reaction::Kind::refused;
    reaction.code = word.empty() ? "no word on the order" : word;
  }
  return reaction;
}

std::string word_on(const Reply& reply, const Claimable& item) {
  const Element* settlement = at(reply.document, "Body/Settlement");
  if (settlement == nullptr) {
    return {};
  }
  for (const Element* accepted : all_of(*settlement, "Accepted")) {
    if (text_at(*accepted, "OrderId") == id_of(item.ref)) {
      return "accepted";
    }
  }
  const Element* refused = refusal_of(*settlement, item.ref);
  return refused == nullptr ? std::string() : text_at(*refused, "Code");
}

std::string verdict_of(const Reply& reply, std::size_t position) {
  const Element* verdicts = at(reply.document, "Body/Verdicts");
  const auto all = verdicts == nullptr ? std::vector<const Element*>{} : all_of(*verdicts, "Verdict");
  return position < all.size() ? text_at(*all[position], "Decision") + " " + text_at(*all[position], "Code") : std::string();
}

bool suspended_for(Session& session, std::int64_t seconds) {
  const bool stopped = session.iut().act("suspend", Json::object()).has_value();
  const bool moved = stopped && session.world().advance(seconds);
  return moved && session.iut().act("resume", Json::object()).has_value();
}

bool lacks_keys(Session& session) {
  const World& world = session.world();
  const Cast& cast = world.cast();
  for (const std::string& player : {cast.vendor, cast.broker, cast.host}) {
    if (!world.is_iut(player) && signing_key(world.plan(), player) == nullptr) {
      unreached(session, "the fixture has no key to sign with for " + player);
      return true;
    }
  }
  return false;
}

}  // namespace quickpay::conformance
