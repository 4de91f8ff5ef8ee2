#include "reference/paycard/plugins/card.hpp"

#include <new>

#include "reference/codec/canonical.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/hash.hpp"
#include "reference/crypto/signed_object.hpp"
#include "reference/paycard/generated/plugin.hpp"
#include "reference/paycard/plugins/enrol.hpp"

// The build says what the Paycard is: QP_CARD_BROKER, QP_CARD_PRODUCT, QP_CARD_VERSION, QP_CARD_LABEL.

struct qp_paycard {
  quickpay::paycard::CardStore store;
};

namespace quickpay::paycard {
namespace {

constexpr std::size_t kLargestValue = 16384;  // what `get` can give
constexpr std::string_view kWalletOrder = "wallet-order";  // purpose of what proves that the Wallet asks

std::string_view text(const qp_bytes* bytes) { return {reinterpret_cast<const char*>(bytes->data), bytes->size}; }

qp_bytes view(std::string_view bytes) { return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}; }

int give(qp_buf* out, std::string_view bytes) {
  if (bytes.size() > out->capacity) return QP_PAYCARD_FAILED;
  bytes.copy(reinterpret_cast<char*>(out->data), bytes.size());
  out->size = bytes.size();
  return QP_PAYCARD_DONE;
}

int give_outcome(qp_buf* out, const Outcome& outcome) { return outcome ? give(out, *outcome) : outcome.error(); }

/// One leaf of the canonical encoding.
std::string leaf(std::string_view name, std::string_view value) {
  return "(" + std::string(name) + "=" + std::to_string(value.size()) + ":" + std::string(value) + ")";
}

/// Wallet and Paycard, as structures begin with them.
std::string whose(const CardStore& store) {
  return leaf("Wallet", store.get(QP_PAYCARD_ENTRY_WALLET)) + leaf("Paycard", store.get(QP_PAYCARD_ENTRY_PAYCARD));
}

/// The beginning of the one WalletOrder for this order that the Wallet of this Paycard can make: all but its proof.
std::string begun_order(const CardStore& store, std::string_view order_ref) {
  return "(WalletOrder" + whose(store) + std::string(order_ref);
}

/// The same with the code under the guard key.
std::string coded_order(const CardStore& store, std::string_view order_ref) {
  const std::string begun = begun_order(store, order_ref), input = codec::signing_input(kWalletOrder, begun + ")");
  const std::string mac = crypto::to_hex(crypto::hmac_sha256(store.get(QP_PAYCARD_ENTRY_GUARD_KEY), input));
  return begun + "(Mac" + leaf("KeyRef", "1") + leaf("Value", mac) + "))";
}

bool is_signed_by(const std::string& wallet_key, std::string_view order) {
  const auto key = crypto::RsaPublicKey::load(wallet_key);
  msg::WalletOrder asked;
  if (!key || !codec::read_canonical(order, "WalletOrder", msg::kWalletOrderType, &asked, kValues)) return false;
  crypto::CryptoCounters counters;
  return asked.sig && asked.sig->key_id == key->key_id() &&
         crypto::verify_object(*key, kWalletOrder, "WalletOrder", msg::kWalletOrderType, &asked, asked.sig->value, counters);
}

/// Whether the Wallet of this Paycard asks to pay this order (QP-PAY-009).
bool wallet_asks(const CardStore& store, std::string_view order_ref, std::string_view order) {
  const std::string wallet_key = store.get(QP_PAYCARD_ENTRY_WALLET_KEY);
  if (wallet_key.empty()) return crypto::equal_constant_time(coded_order(store, order_ref), order);
  return order.starts_with(begun_order(store, order_ref)) && is_signed_by(wallet_key, order);
}

int prove(const qp_paycard* card, std::string_view purpose, const std::string& element, qp_buf* out) {
  const std::string secret = card->store.get(QP_PAYCARD_ENTRY_SECRET);
  if (secret.empty()) return QP_PAYCARD_REFUSED;
  const auto proof = card_proof(card->store, secret, codec::signing_input(purpose, element));
  return proof ? give(out, *proof) : QP_PAYCARD_FAILED;
}

int authorize(const qp_paycard* card, std::string_view order_ref, std::string_view msg_id, std::string_view order,
              qp_buf* out) {
  const CardStore& store = card->store;
  if (store.get(QP_PAYCARD_ENTRY_GUARD_KEY).empty()) return QP_PAYCARD_REFUSED;
  if (!wallet_asks(store, order_ref, order)) return QP_PAYCARD_REFUSED;
  const std::string token = "(Token" + whose(store) + leaf("MsgId", msg_id) + std::string(order_ref) + ")";
  return prove(card, "paycard-token", token, out);
}

int check(const qp_paycard* card, std::string_view msg_id, std::string_view endorsement, std::string_view tag) {
  const std::string secret = card->store.get(QP_PAYCARD_ENTRY_SECRET);
  const std::string answer = "(Answer" + leaf("MsgId", msg_id) + std::string(endorsement) + ")";
  const bool right = !secret.empty() && card_believes(secret, codec::signing_input("paycard-answer", answer), tag);
  return right ? QP_PAYCARD_DONE : QP_PAYCARD_REFUSED;
}

}  // namespace

std::string CardStore::get(std::string_view key) const {
  std::string room(kLargestValue, '\0');
  const qp_bytes name = view(key);
  qp_buf value{reinterpret_cast<std::uint8_t*>(room.data()), room.size(), 0};
  if (api_.get(api_.context, &name, &value) != QP_PAYCARD_DONE) return {};
  return room.substr(0, value.size);
}

bool CardStore::put(std::string_view key, std::string_view value) const {
  const qp_bytes name = view(key), bytes = view(value);
  return api_.put(api_.context, &name, &bytes) == QP_PAYCARD_DONE;
}

}  // namespace quickpay::paycard

using namespace quickpay::paycard;

uint32_t qp_paycard_abi(void) { return QP_PAYCARD_ABI; }

int qp_paycard_describe(qp_buf* description) {
  return give(description, "(Description" + leaf("Broker", QP_CARD_BROKER) + leaf("Product", QP_CARD_PRODUCT) +
                               leaf("Version", QP_CARD_VERSION) + leaf("Label", QP_CARD_LABEL) + ")");
}

int qp_paycard_open(const qp_store_api* store, qp_paycard** out) {
  *out = new (std::nothrow) qp_paycard{CardStore(*store)};
  return *out != nullptr ? QP_PAYCARD_DONE : QP_PAYCARD_FAILED;
}

void qp_paycard_close(qp_paycard* paycard) { delete paycard; }

int qp_paycard_authorize(qp_paycard* paycard, const qp_bytes* order_ref, const qp_bytes* msg_id,
                         const qp_bytes* wallet_order, qp_buf* token) {
  return authorize(paycard, text(order_ref), text(msg_id), text(wallet_order), token);
}

int qp_paycard_check_answer(qp_paycard* paycard, const qp_bytes* msg_id, const qp_bytes* endorsement,
                            const qp_bytes* answer_tag) {
  return check(paycard, text(msg_id), text(endorsement), text(answer_tag));
}

int qp_paycard_remove(qp_paycard* paycard, const qp_bytes* msg_id, qp_buf* token) {
  return prove(paycard, "paycard-remove", "(Removal" + whose(paycard->store) + leaf("MsgId", text(msg_id)) + ")",
               token);
}

int qp_paycard_confirm(qp_paycard* paycard, const qp_bytes* aad, const qp_bytes* wallet_info, const qp_bytes* issue_code,
                       const qp_bytes* guard_key, qp_buf* sealed_request) {
  const CardIdentity card{QP_CARD_PRODUCT, QP_CARD_VERSION};
  return give_outcome(sealed_request, enrol_confirm(paycard->store, card, text(aad), text(wallet_info), text(issue_code),
                                                    text(guard_key)));
}

int qp_paycard_session(qp_paycard* paycard, const qp_bytes* answer_aad, const qp_bytes* boxed_answer, const qp_bytes* aad,
                       qp_buf* sealed_request) {
  return give_outcome(sealed_request, enrol_session(paycard->store, text(answer_aad), text(boxed_answer), text(aad)));
}

int qp_paycard_questions(qp_paycard* paycard, const qp_bytes* answer_aad, const qp_bytes* boxed_answer, qp_buf* questions) {
  return give_outcome(questions, enrol_questions(paycard->store, text(answer_aad), text(boxed_answer)));
}

int qp_paycard_answers(qp_paycard* paycard, const qp_bytes* aad, const qp_bytes* answers, qp_buf* sealed_request) {
  return give_outcome(sealed_request, enrol_answers(paycard->store, text(aad), text(answers)));
}

int qp_paycard_finish(qp_paycard* paycard, const qp_bytes* answer_aad, const qp_bytes* boxed_answer) {
  const Outcome done = enrol_finish(paycard->store, text(answer_aad), text(boxed_answer));
  return done ? QP_PAYCARD_DONE : done.error();
}
