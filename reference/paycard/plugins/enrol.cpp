#include "reference/paycard/plugins/enrol.hpp"

#include <sys/random.h>

#include <cerrno>

#include "reference/codec/canonical.hpp"
#include "reference/codec/generated/messages.hpp"
#include "reference/codec/reader.hpp"
#include "reference/codec/writer.hpp"
#include "reference/crypto/encoding.hpp"
#include "reference/crypto/seal.hpp"

namespace quickpay::paycard {
namespace {

namespace admin = msg::admin;

// What a Paycard keeps while it is added, besides the entries of the interface.
constexpr std::string_view kReplyKey = "reply_key";    // raw bytes
constexpr std::string_view kOpening = "opening_nonce";  // of Confirm Paycard, whose answer may be shown again
constexpr std::string_view kNonce = "nonce";           // of the last request after it
constexpr std::string_view kSession = "session";

constexpr std::size_t kGuardKeyBytes = 32;
constexpr std::size_t kNonceBytes = 16;

const tl::unexpected<int> kRefused{QP_PAYCARD_REFUSED};
const tl::unexpected<int> kBadInput{QP_PAYCARD_BAD_INPUT};
const tl::unexpected<int> kFailed{QP_PAYCARD_FAILED};

/// Straight from the kernel: the process has no files, and lives for one call only as far as the Paycard knows.
class KernelRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    while (!out.empty() && good_) {
      const ssize_t got = ::getrandom(out.data(), out.size(), 0);
      if (got < 0 && errno == EINTR) continue;
      good_ = got > 0;
      if (good_) out = out.subspan(static_cast<std::size_t>(got));
    }
  }
  /// Whether all that was asked for is random.
  bool good() const { return good_; }

 private:
  bool good_ = true;
};

/// The inner document sealed to the Broker, as the canonical encoding of Sealed.
template <class Inner>
Outcome sealed(const CardStore& store, const codec::MessageType& message, const Inner& inner, std::string_view aad,
               KernelRandom& random) {
  const auto key = crypto::RsaPublicKey::load(store.get(QP_PAYCARD_ENTRY_SEAL_KEY));
  if (!key) return kRefused;
  crypto::CryptoCounters counters;
  const crypto::Secret plain(codec::write_document(*message.request_inner, &inner));
  const auto made = crypto::seal(*key, plain.view(), aad, random, counters);
  if (!made || !random.good()) return kFailed;
  const msg::Sealed out{made->key_id, made->wrapped_key, made->boxed.nonce, made->boxed.box};
  return codec::canonical("Sealed", msg::kSealedType, &out);
}

/// What the box of an answer holds, if it is the Broker's answer to the request with the nonce under `nonce`.
template <class Inner>
tl::expected<Inner, int> opened(const CardStore& store, const codec::MessageType& message, std::string_view aad,
                                std::string_view boxed, std::string_view nonce) {
  msg::Boxed box;
  if (!codec::read_canonical(boxed, "Boxed", msg::kBoxedType, &box, kValues)) return kBadInput;
  const crypto::Secret key(store.get(kReplyKey));
  const auto plain = crypto::unbox(key.view(), {box.nonce, box.box}, aad);
  if (!plain) return kRefused;
  auto inner = codec::read<Inner>(plain->view(), *message.response_inner);
  if (!inner || inner->nonce != store.get(nonce)) return kRefused;
  return std::move(*inner);
}

template <class Struct>
bool decode(std::string_view bytes, std::string_view name, const codec::StructType& type, Struct& into) {
  return codec::read_canonical(bytes, name, type, &into, kValues);
}

}  // namespace

Outcome enrol_confirm(const CardStore& store, const CardIdentity& card, std::string_view aad, std::string_view wallet_info,
                      std::string_view issue_code, std::string_view guard_key) {
  KernelRandom random;
  msg::ConfirmPaycardInner inner;
  if (!decode(wallet_info, "WalletInfo", msg::kWalletInfoType, inner.wallet_info)) return kBadInput;
  if (guard_key.size() != kGuardKeyBytes || issue_code.empty()) return kBadInput;
  const crypto::Secret reply_key(crypto::random_bytes(random, crypto::kBoxKeyBytes));
  inner.product = card.product;
  inner.version = card.version;
  inner.file_hash = store.get(QP_PAYCARD_ENTRY_FILE_HASH);
  inner.issue_code = issue_code;
  inner.reply_key = crypto::to_hex(reply_key.view());
  inner.nonce = crypto::random_hex(random, kNonceBytes);
  if (inner.file_hash.empty()) return kRefused;
  auto out = sealed(store, admin::kConfirmPaycardMessage, inner, aad, random);
  crypto::wipe(inner.reply_key);
  const bool kept = store.put(QP_PAYCARD_ENTRY_GUARD_KEY, guard_key) && store.put(kReplyKey, reply_key.view()) &&
                    store.put(kOpening, inner.nonce);
  return kept ? out : kFailed;
}

Outcome enrol_session(const CardStore& store, std::string_view answer_aad, std::string_view boxed, std::string_view aad) {
  const auto answer =
      opened<msg::ConfirmPaycardResponseInner>(store, admin::kConfirmPaycardMessage, answer_aad, boxed, kOpening);
  if (!answer) return tl::unexpected(answer.error());
  KernelRandom random;
  const msg::TakeQuestionInner inner{answer->session_id, crypto::random_hex(random, kNonceBytes)};
  auto out = sealed(store, admin::kTakeQuestionMessage, inner, aad, random);
  const bool kept = store.put(kSession, answer->session_id) && store.put(QP_PAYCARD_ENTRY_PAYCARD, answer->paycard) &&
                    store.put(kNonce, inner.nonce);
  return kept ? out : kFailed;
}

Outcome enrol_questions(const CardStore& store, std::string_view answer_aad, std::string_view boxed) {
  const auto answer =
      opened<msg::TakeQuestionResponseInner>(store, admin::kTakeQuestionMessage, answer_aad, boxed, kNonce);
  if (!answer) return tl::unexpected(answer.error());
  return codec::canonical("TakeQuestionResponseInner", msg::kTakeQuestionResponseInnerType, &*answer);
}

Outcome enrol_answers(const CardStore& store, std::string_view aad, std::string_view answers) {
  msg::AnswerList list;
  if (!decode(answers, "AnswerList", msg::kAnswerListType, list)) return kBadInput;
  KernelRandom random;
  const msg::AnswerResponseInner inner{store.get(kSession), list.answer, crypto::random_hex(random, kNonceBytes)};
  if (inner.session_id.empty()) return kRefused;
  auto out = sealed(store, admin::kAnswerResponseMessage, inner, aad, random);
  return store.put(kNonce, inner.nonce) ? out : kFailed;
}

Outcome enrol_finish(const CardStore& store, std::string_view answer_aad, std::string_view boxed) {
  const auto answer =
      opened<msg::AnswerResponseResponseInner>(store, admin::kAnswerResponseMessage, answer_aad, boxed, kNonce);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->paycard != store.get(QP_PAYCARD_ENTRY_PAYCARD)) return kFailed;
  const auto raw = crypto::from_hex(answer->paycard_secret);
  if (!raw) return kFailed;
  const crypto::Secret secret(*raw);
  bool kept = store.put(QP_PAYCARD_ENTRY_SECRET, secret.view());
  for (const std::string_view entry : {kReplyKey, kOpening, kNonce, kSession}) kept = store.put(entry, {}) && kept;
  if (!kept) return kFailed;
  return std::string();
}

}  // namespace quickpay::paycard
