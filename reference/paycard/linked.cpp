#include "reference/paycard/linked.hpp"

#include <array>
#include <cstdint>
#include <utility>

// The build says what the Paycard is, as for its plug-in: QP_CARD_BROKER, QP_CARD_PRODUCT, QP_CARD_VERSION, QP_CARD_LABEL.

namespace quickpay::paycard {
namespace {

constexpr std::size_t kRoom = 128 * 1024;  // bytes for what a call gives; no message can carry more
constexpr std::size_t kCalls = 9;

struct Store {
  State state, changed;
  static int get(void* context, const qp_bytes* key, qp_buf* value) {
    auto& self = *static_cast<Store*>(context);
    const auto found = self.state.find(text(*key));
    if (found == self.state.end()) return QP_PAYCARD_REFUSED;
    if (found->second.size() > value->capacity) return QP_PAYCARD_FAILED;
    found->second.copy(reinterpret_cast<char*>(value->data), value->capacity);
    value->size = found->second.size();
    return QP_PAYCARD_DONE;
  }
  static int put(void* context, const qp_bytes* key, const qp_bytes* value) {
    auto& self = *static_cast<Store*>(context);
    self.changed[text(*key)] = text(*value);
    self.state = merged(self.state, {{text(*key), text(*value)}});
    return QP_PAYCARD_DONE;
  }
  static std::string text(const qp_bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }
};

Reply run(Call call, const std::vector<std::string>& in, const State& state) {
  const std::array<void*, kCalls> symbols{
      reinterpret_cast<void*>(qp_paycard_describe),  reinterpret_cast<void*>(qp_paycard_confirm),
      reinterpret_cast<void*>(qp_paycard_session),   reinterpret_cast<void*>(qp_paycard_questions),
      reinterpret_cast<void*>(qp_paycard_answers),   reinterpret_cast<void*>(qp_paycard_finish),
      reinterpret_cast<void*>(qp_paycard_authorize), reinterpret_cast<void*>(qp_paycard_check_answer),
      reinterpret_cast<void*>(qp_paycard_remove)};
  Store store{state, {}};
  const qp_store_api api{&store, Store::get, Store::put};
  qp_paycard* card = nullptr;
  if (qp_paycard_open(&api, &card) != QP_PAYCARD_DONE) return {};
  std::vector<qp_bytes> given;
  for (const std::string& each : in) given.push_back({reinterpret_cast<const std::uint8_t*>(each.data()), each.size()});
  std::string room(kRoom, '\0');
  qp_buf out{reinterpret_cast<std::uint8_t*>(room.data()), room.size(), 0};
  const int result = invoke(call, symbols.at(static_cast<std::size_t>(call)), card, given.data(), &out);
  qp_paycard_close(card);
  if (result != QP_PAYCARD_DONE) return {static_cast<Result>(result), {}, {}};
  return {Result::done, room.substr(0, out.size), std::move(store.changed)};
}

}  // namespace

tl::expected<Reply, Trouble> LinkedCard::call(std::string_view, Call call, const std::vector<std::string>& in,
                                              const State& state) {
  return run(call, in, state);
}

tl::expected<msg::Manifest, Trouble> LinkedCard::start(std::string_view paycard) {
  if (paycard != name_of_product(QP_CARD_BROKER, QP_CARD_PRODUCT)) return tl::unexpected(Trouble::unknown_card);
  return msg::Manifest{QP_CARD_BROKER, QP_CARD_PRODUCT, QP_CARD_VERSION, QP_PAYCARD_ABI, file_hash, "1.0", QP_CARD_LABEL, {}, {}};
}

}  // namespace quickpay::paycard
