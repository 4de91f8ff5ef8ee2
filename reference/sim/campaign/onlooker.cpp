#include "reference/sim/campaign/onlooker.hpp"

#include <algorithm>

#include "reference/codec/codec.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/role.hpp"
#include "reference/roles/times.hpp"
#include "reference/sim/campaign/records.hpp"

namespace quickpay::sim {
namespace {


std::unique_ptr<roles::AnyDocument> read(const codec::DocumentType& type, std::unique_ptr<roles::AnyDocument> document, const std::string& body) {
  return codec::read_document(body, type, document->object()) ? std::move(document) : nullptr;
}

bool has_effect(const roles::TraceLine& line, std::string_view effect) {
  return std::find(line.effects.begin(), line.effects.end(), effect) != line.effects.end();
}

template <class T>
std::string written(std::string_view name, const codec::StructType& type, const T& value) {
  return codec::write_fragment(name, type, &value);
}

}  // namespace

msg::OrderRef ref_to(const msg::Order& order) {
  return {order.kind, order.vendor, order.order_id, order.amount, order.currency, order.expires, crypto::digest("order", "Order", msg::kOrderType, &order)};
}

std::string written_token(std::string_view wallet, std::string_view msg_id, std::string_view paycard, std::string_view token, const msg::OrderRef& ref) {
  std::string text;
  for (const std::string_view part : {wallet, msg_id, paycard, token}) text.append(part).append("\n");
  return text + written("OrderRef", msg::kOrderRefType, ref);
}

std::string unsigned_text(const std::string& written) { return written.substr(0, written.rfind("<Sig>")); }

// ---------------------------------------------------------------- what is seen of a step
const ledger::Record* Sight::before(std::string_view machine, std::string_view key) const {
  const auto at = learnt.kept.find({std::string(machine), {site.config.id, std::string(key)}});
  return at == learnt.kept.end() ? nullptr : &at->second;
}

bool Sight::plays(std::string_view role, std::string_view id) const {
  const auto at = world.sites().find(std::string(id));
  return at != world.sites().end() && at->second.config.role == role;
}

bool Sight::lists(std::string_view player, const msg::Sig& sig) const {
  const roles::Lookup known = world.site(kHost).directory.find(player);
  return known.player != nullptr && std::any_of(known.player->keys.begin(), known.player->keys.end(), [&](const roles::PlayerKey& key) {
    return key.key_id == sig.key_id && key.usage == roles::KeyUsage::sign && key.not_before_ms <= now() && now() <= key.not_after_ms;
  });
}

bool Sight::has_signed(std::string_view player, const std::string& written) const {
  const auto at = learnt.signatures.find(std::string(player));
  return at != learnt.signatures.end() && at->second.contains(written);
}

std::int64_t Sight::suspended(std::int64_t from, std::int64_t to) const {
  std::int64_t sum = 0;
  for (const auto& [begin, end] : learnt.suspensions) sum += std::max<std::int64_t>(0, std::min(end, to) - std::max(begin, from));
  return sum;
}

Said put_off(const Sight& s) {
  const std::pair<std::string, Learnt::Place> key{s.line.machine, s.place()};
  const auto began = s.learnt.began.find(key);
  if (began == s.learnt.began.end()) return std::nullopt;
  return s.suspended(began->second, s.now()) > s.learnt.waited.at(key);
}

// ---------------------------------------------------------------- inputs
void Onlooker::begin(const Input& input) {
  overhear();
  end();
  const roles::MessageOps* message = roles::ops_of_path(input.path);
  if (message == nullptr) return;
  request_ = read(*message->type->request, message->request(), input.request);
  if (input.answer != nullptr && input.answer->delivered && input.answer->http_status == 200)
    response_ = read(*message->type->response, message->response(), input.answer->body);
  if (input.answer != nullptr && !response_) request_.reset();
}

void Onlooker::end() {
  request_.reset();
  response_.reset();
  stepped_.clear();
}

void Onlooker::suspended(bool is_suspended) {
  const std::int64_t now = world_.site(kHost).clock->now_ms();
  if (is_suspended && !since_) since_ = now;
  if (is_suspended || !since_) return;
  learnt_.suspensions.emplace_back(*since_, now);
  since_.reset();
}

void Onlooker::overhear() {
  for (; heard_ < world_.sent.size(); ++heard_) {
    if (world_.sent[heard_].by_node) overhear(world_.sent[heard_]);
    learnt_.registry.overhear(world_.sent[heard_]);
  }
}

// Who signed what, and what was offered and asked for: from the first to send it, whatever becomes of it on its way.
void Onlooker::overhear(const Sent& sent) {
  const roles::MessageOps* ops = roles::ops_of_path(sent.path);
  if (ops == nullptr || ops->type->protocol == "communication") return;
  const auto document = sent.response ? read(*ops->type->response, ops->response(), sent.body) : read(*ops->type->request, ops->request(), sent.body);
  if (!document) return;
  const auto sign = [&](std::string_view name, const codec::StructType& type, const auto& value) { learnt_.signatures[sent.from].insert(written(name, type, value)); };
  const auto offer = [&](const msg::Order& order) { learnt_.offers[roles::order_key(ref_to(order))] = order; };
  const auto inquire = [&](const auto& inquiry) {
    learnt_.tokens.insert(written_token(sent.from, inquiry.head.msg_id, inquiry.body.paycard, inquiry.body.paycard_token, inquiry.body.order_ref));
  };
  const roles::AnyDocument* any = document.get();
  if (const auto* micro = roles::as<msg::micro::GetOrderResponse>(any); micro && micro->body.offer) offer(micro->body.offer->order);
  if (const auto* regular = roles::as<msg::regular::GetOrderResponse>(any); regular && regular->body.offer) {
    offer(regular->body.offer->order);
    sign("Offer", msg::kSignedOfferType, *regular->body.offer);
  }
  if (const auto* inquiry = roles::as<msg::micro::InquiryPayment>(any)) inquire(*inquiry);
  if (const auto* inquiry = roles::as<msg::regular::InquiryPayment>(any)) inquire(*inquiry);
  if (const auto* given = roles::as<msg::regular::InquiryPaymentResponse>(any); given && given->body.commitment)
    sign("Commitment", msg::kCommitmentType, *given->body.commitment);
  if (const auto* given = roles::as<msg::regular::RequestOrderDeliveryResponse>(any); given && given->body.receipt)
    sign("Receipt", msg::kReceiptType, *given->body.receipt);
  if (const auto* asked = roles::as<msg::revoke::RevokeOrder>(any)) sign("Revoke", msg::kRevokeType, asked->body.revoke);
  if (const auto* asked = roles::as<msg::batch::SettleWithBroker>(any)) {
    sign("Claim", msg::kClaimType, asked->body.claim);
    auto& [times, first] = learnt_.tries[asked->body.claim.batch_id];
    if (times++ == 0) first = sent.at_ms;
  }
  if (const auto* asked = roles::as<msg::batch::SettleWithHost>(any)) sign("HostCase", msg::kHostCaseType, asked->body.host_case);
  if (const auto* given = roles::as<msg::batch::SettleWithBrokerResponse>(any); given && given->body.settlement)
    sign("Settlement", msg::kSettlementType, *given->body.settlement);
  if (const auto* given = roles::as<msg::batch::SettleWithHostResponse>(any)) {
    if (given->body.verdicts) sign("Verdicts", msg::kVerdictsType, *given->body.verdicts);
    if (given->body.approval) sign("Approval", msg::kApprovalType, *given->body.approval);
  }
}

// ---------------------------------------------------------------- steps
Sight Onlooker::sight(const Site& site, const roles::TraceLine& line) const {
  const bool other = std::any_of(stepped_.begin(), stepped_.end(), [&](const auto& one) {
    return one.first == line.machine && (one.second.second == line.key || line.machine == "vendor.batch");  // batches draw from the same claims
  });
  return {world_, site, liar_, line, learnt_, request_.get(), response_.get(), other};
}

const std::map<std::string_view, Said (*)(const Sight&)>& Onlooker::rules() {
  static const auto all = [] {
    std::map<std::string_view, Said (*)(const Sight&)> made;
    for (const auto& some : {rules_of_orders(), rules_of_revokes(), rules_of_claims(), rules_of_verdicts(), rules_of_registration()})
      for (const Rule& rule : some) made[rule.id] = rule.says;
    return made;
  }();
  return all;
}

Said Onlooker::says(const Site& site, const roles::TraceLine& line, std::string_view predicate) {
  const auto rule = rules().find(line.machine + "." + std::string(predicate));
  const Sight seen = sight(site, line);
  return rule == rules().end() || seen.other ? Said{} : rule->second(seen);
}

void Onlooker::learn(const Site& site, const roles::TraceLine& line) {
  const Sight seen = sight(site, line);
  const std::pair<std::string, Learnt::Place> key{line.machine, seen.place()};
  learnt_.first.try_emplace(key, seen.now());
  learnt_.registry.learn(seen);
  if (has_effect(line, "start HoldUntil") || has_effect(line, "start T_hold") || has_effect(line, "start DecideBy")) {
    const std::int64_t began = learnt_.began.try_emplace(key, seen.now()).first->second;
    learnt_.waited[key] = seen.suspended(began, seen.now());
  }
  const auto inquiry = [&](const auto* asked) {
    if (asked != nullptr && has_effect(line, "reply QP-OK")) learnt_.inquired[seen.place()].insert(asked->head.msg_id);
  };
  inquiry(seen.asked<msg::micro::InquiryPayment>());
  if (const auto* asked = seen.asked<msg::batch::SettleWithBroker>(); asked && has_effect(line, "perform settle"))
    learnt_.claims[seen.place()] = written("Claim", msg::kClaimType, asked->body.claim);
  if (const auto* asked = seen.asked<msg::batch::SettleWithHost>(); asked && has_effect(line, "perform hear"))
    learnt_.claims[seen.place()] = written("HostCase", msg::kHostCaseType, asked->body.host_case);
  if (const auto* asked = seen.asked<msg::micro::RegisterCommit>(); asked && has_effect(line, "perform register-commit"))
    learnt_.settle_by[line.key] = roles::parse_time(asked->body.settle_by).value_or(0);
  if (const auto* asked = seen.asked<msg::comm::RegisterMessage>(); asked && has_effect(line, "perform post"))
    learnt_.audience[line.key] = asked->body.audience.id, ++learnt_.messages;
  if (has_effect(line, "perform alert-vendor")) ++learnt_.messages;  // the Host leaves one itself
  if (const auto* asked = seen.asked<msg::comm::DiscardMessages>(); asked && has_effect(line, "perform note-discard"))
    learnt_.discarded[line.key].insert(asked->head.sender.value_or(""));
  stepped_.insert(key);
}

void Onlooker::keep(const Site& site, const std::string& machine, const std::string& key) {
  const auto found = site.ledger->find(machine, key);
  auto& kept = learnt_.kept;
  if (!found || !*found) {
    kept.erase({machine, {site.config.id, key}});
    return;
  }
  if (machine == "vendor.batch" && (*found)->state != "" && !kept.contains({machine, {site.config.id, key}}))
    learnt_.batches[site.config.id + "/" + std::string(roles::field(**found, "broker")) + "/" + std::string(roles::field(**found, "currency"))] = site.clock->now_ms();
  kept[{machine, {site.config.id, key}}] = **found;
}

}  // namespace quickpay::sim
