#include "reference/roles/wallet_paycards.hpp"

#include "reference/codec/canonical.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/paycard/paycard.hpp"
#include "reference/roles/fields.hpp"

namespace quickpay::roles {
namespace {

constexpr std::string_view kEntry = "entry.";  // of a record's fields: what the plug-in stored
constexpr std::int64_t kGuardKeyRef = 1;

bool is_plug_in(const PaycardConfig& card) { return !card.shared_object.empty() || !card.product.empty(); }

std::string name_at_port(const PaycardConfig& card) {
  return card.product.empty() ? card.paycard : paycard::name_of_product(card.broker, card.product);
}

}  // namespace

paycard::State entries_of(const ledger::Record& record) {
  paycard::State state;
  for (const auto& [name, value] : record.fields) {
    if (name.starts_with(kEntry)) state[name.substr(kEntry.size())] = value;
  }
  return state;
}

void put_entries(ledger::Record& record, const paycard::State& state) {
  std::erase_if(record.fields, [](const auto& field) { return field.first.starts_with(kEntry); });
  for (const auto& [key, value] : state) record.fields[std::string(kEntry) + key] = value;
}

PaycardConfig WalletPaycards::added(const ledger::Record& record) const {
  PaycardConfig card{std::string(field(record, "broker")), record.key, {}};
  card.product = field(record, "product");
  return card;
}

std::optional<PaycardConfig> WalletPaycards::find(std::string_view paycard) const {
  for (const PaycardConfig& card : stage_.facts.config.paycards) {
    if (card.paycard == paycard) return card;
  }
  const auto record = stage_.store.find(kAddedPaycardMachine, paycard);
  return record ? std::optional(added(*record)) : std::nullopt;
}

std::optional<PaycardConfig> WalletPaycards::in_use(std::string_view paycard) const {
  const auto record = stage_.store.find(kAddedPaycardMachine, paycard);
  return record && record->state == kRetired ? std::nullopt : find(paycard);
}

void WalletPaycards::add(const PaycardConfig& card, const paycard::State& stored, std::string_view adding) {
  stage_.store.put({std::string(kAddedPaycardMachine), card.paycard, "ADDED", {},
                    {{"broker", card.broker}, {"product", card.product}, {"adding", std::string(adding)}}});
  ledger::Record state{std::string(kPaycardStateMachine), card.paycard, "KEPT", {}, {}};
  put_entries(state, stored);
  stage_.store.put(state);
}

std::string WalletPaycards::adding_of(std::string_view paycard) const {
  const auto record = stage_.store.find(kAddedPaycardMachine, paycard);
  return record && record->state != kRetired ? std::string(field(*record, "adding")) : std::string();
}

void WalletPaycards::retire(std::string_view paycard) {
  auto record = stage_.store.find(kAddedPaycardMachine, paycard);
  if (!record) return;
  record->state = kRetired;
  stage_.store.put(*record);
}

std::optional<Proof> WalletPaycards::prove_removal(const PaycardConfig& card) {
  Proof proof{stage_.facts.fresh_id(), {}, {}};
  ledger::Record record = state_of(card);
  const auto reply = ask(card, record, paycard::Call::remove, {proof.msg_id});
  if (!reply || reply->result != paycard::Result::done) return std::nullopt;
  if (!codec::carries(msg::admin::kRemovePaycardBodyType, "PaycardToken", reply->out)) return std::nullopt;
  proof.token = reply->out;
  proof.state = std::move(record);
  return proof;
}

ledger::Record WalletPaycards::state_of(const PaycardConfig& card) const {
  const auto found = stage_.store.find(kPaycardStateMachine, card.paycard);
  ledger::Record record =
      found.value_or(ledger::Record{std::string(kPaycardStateMachine), card.paycard, "KEPT", {}, {}});
  paycard::State state = entries_of(record);
  if (state.contains(std::string(paycard::kGuardKeyEntry))) return record;
  state.emplace(paycard::kGuardKeyEntry, crypto::random_bytes(stage_.facts.random, paycard::kGuardKeyEntryBytes));
  put_entries(record, state);
  return record;
}

paycard::State WalletPaycards::configured(const PaycardConfig& card) const {
  paycard::State state{{std::string(paycard::kWalletEntry), stage_.facts.config.id},
                       {std::string(paycard::kPaycardEntry), card.paycard}};
  if (!card.secret.empty()) state.emplace(paycard::kSecretEntry, card.secret);
  return state;
}

tl::expected<paycard::Reply, paycard::Trouble> WalletPaycards::ask(const PaycardConfig& card, ledger::Record& record,
                                                                   paycard::Call call,
                                                                   const std::vector<std::string>& in,
                                                                   const paycard::State& besides) {
  paycard::Port* port = stage_.facts.config.paycard_port;
  if (!port) return tl::unexpected(paycard::Trouble::unknown_card);
  const paycard::State given = paycard::merged(configured(card), besides);
  const paycard::State state = paycard::merged(entries_of(record), given);
  auto reply = port->call(name_at_port(card), call, in, state);
  if (!reply || reply->result != paycard::Result::done) return reply;
  paycard::State kept = paycard::merged(state, reply->changed);
  for (const auto& [key, value] : given) kept.erase(key);  // a secret that is configured lies in one place only
  put_entries(record, kept);
  return reply;
}

std::string WalletPaycards::proven_order(const PaycardConfig& card, const msg::OrderRef& ref, std::string_view guard_key,
                                         paycard::State& given) {
  msg::WalletOrder order{stage_.facts.config.id, card.paycard, ref, {}, {}};
  const bool signs = signer_ && ref.kind == msg::Kind::regular;
  if (const auto key = signs ? signer_->sign(order) : std::nullopt) {
    given.emplace(paycard::kWalletKeyEntry, *key);
  } else {
    order.mac = msg::Mac{kGuardKeyRef, crypto::mac(guard_key, "wallet-order", "WalletOrder", msg::kWalletOrderType, &order, "Mac")};
  }
  return codec::canonical("WalletOrder", msg::kWalletOrderType, &order);
}

std::optional<std::string> WalletPaycards::plug_in_token(const PaycardConfig& card, const msg::OrderRef& ref,
                                                         Proof& proof) {
  ledger::Record record = state_of(card);
  const std::string guard_key = entries_of(record)[std::string(paycard::kGuardKeyEntry)];
  paycard::State given;
  const std::string order = proven_order(card, ref, guard_key, given);
  const std::vector<std::string> in{codec::canonical("OrderRef", msg::kOrderRefType, &ref), proof.msg_id, order};
  const auto reply = ask(card, record, paycard::Call::authorize, in, given);
  if (!reply || reply->result != paycard::Result::done) return std::nullopt;
  if (!codec::carries(msg::micro::kInquiryPaymentBodyType, "PaycardToken", reply->out)) return std::nullopt;
  proof.state = std::move(record);
  return reply->out;
}

std::optional<Proof> WalletPaycards::prove(const PaycardConfig& card, const msg::OrderRef& ref) {
  Proof proof{stage_.facts.fresh_id(), {}, {}};
  if (!is_plug_in(card)) {
    const msg::Token token{stage_.facts.config.id, card.paycard, proof.msg_id, ref};
    proof.token = paycard::make_token(card.secret, token);
    return proof;
  }
  const auto token = plug_in_token(card, ref, proof);
  if (!token) return std::nullopt;
  proof.token = *token;
  return proof;
}

bool WalletPaycards::believes(const PaycardConfig& card, const msg::Answer& answer, const std::string& tag) {
  if (!is_plug_in(card)) return paycard::check_answer(card.secret, answer, tag);
  ledger::Record record = state_of(card);
  const std::vector<std::string> in{answer.msg_id,
                                    codec::canonical("Endorsement", msg::kEndorsementType, &answer.endorsement), tag};
  const auto reply = ask(card, record, paycard::Call::check_answer, in);
  if (!reply || reply->result != paycard::Result::done) return false;
  if (!reply->changed.empty()) stage_.store.put(record);
  return true;
}

void WalletPaycards::keep(const Proof& proof) {
  if (proof.state) stage_.store.put(*proof.state);
}

}  // namespace quickpay::roles
