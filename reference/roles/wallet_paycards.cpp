#include "reference/roles/wallet_paycards.hpp"

#include "reference/codec/canonical.hpp"
#include "reference/codec/leaf.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/paycard/paycard.hpp"

namespace quickpay::roles {
namespace {

constexpr std::string_view kEntry = "entry.";  // of a record's fields: what the plug-in stored
constexpr std::int64_t kGuardKeyRef = 1;

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

/// Whether a message can carry the token: a plug-in may say anything.
bool is_token(std::string_view text) {
  for (const codec::Field& field : msg::micro::kInquiryPaymentBodyType.fields) {
    if (field.name == "PaycardToken") return !codec::check_value(field, text);
  }
  return false;
}

/// E(WalletOrder) with the code under the guard key.
std::string wallet_order(const Facts& facts, const PaycardConfig& card, const msg::OrderRef& ref,
                         std::string_view guard_key) {
  msg::WalletOrder order{facts.config.id, card.paycard, ref, {}, {}};
  const auto code = crypto::mac(guard_key, "wallet-order", "WalletOrder", msg::kWalletOrderType, &order, "Mac");
  order.mac = msg::Mac{kGuardKeyRef, code};
  return codec::canonical("WalletOrder", msg::kWalletOrderType, &order);
}

}  // namespace

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
                                                                   const std::vector<std::string>& in) {
  paycard::Port* port = stage_.facts.config.paycard_port;
  if (!port) return tl::unexpected(paycard::Trouble::unknown_card);
  const paycard::State given = configured(card);
  const paycard::State state = paycard::merged(entries_of(record), given);
  auto reply = port->call(card.paycard, call, in, state);
  if (!reply || reply->result != paycard::Result::done) return reply;
  paycard::State kept = paycard::merged(state, reply->changed);
  for (const auto& [key, value] : given) kept.erase(key);  // a secret that is configured lies in one place only
  put_entries(record, kept);
  return reply;
}

std::optional<std::string> WalletPaycards::plug_in_token(const PaycardConfig& card, const msg::OrderRef& ref,
                                                         Proof& proof) {
  ledger::Record record = state_of(card);
  const std::string guard_key = entries_of(record)[std::string(paycard::kGuardKeyEntry)];
  const std::vector<std::string> in{codec::canonical("OrderRef", msg::kOrderRefType, &ref), proof.msg_id,
                                    wallet_order(stage_.facts, card, ref, guard_key)};
  const auto reply = ask(card, record, paycard::Call::authorize, in);
  if (!reply || reply->result != paycard::Result::done) return std::nullopt;
  if (!is_token(reply->out)) return std::nullopt;
  proof.state = std::move(record);
  return reply->out;
}

std::optional<Proof> WalletPaycards::prove(const PaycardConfig& card, const msg::OrderRef& ref) {
  Proof proof{stage_.facts.fresh_id(), {}, {}};
  if (card.shared_object.empty()) {
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
  if (card.shared_object.empty()) return paycard::check_answer(card.secret, answer, tag);
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
