// The reference Paycard without its process.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/paycard/port.hpp"

namespace quickpay::roles {

/// The reference Paycard of the scheme plain, linked into the test: product "card" of B7.
class LinkedCard : public paycard::Port {
 public:
  /// Stands in for the answer of a call, or leaves it to the Paycard.
  using Harm = std::function<void(tl::expected<paycard::Reply, paycard::Trouble>&)>;

  tl::expected<paycard::Reply, paycard::Trouble> call(std::string_view name, paycard::Call call,
                                                      const std::vector<std::string>& in,
                                                      const paycard::State& state) override {
    asked.push_back(std::string(paycard::calls()[static_cast<std::size_t>(call)].name));
    tl::expected<paycard::Reply, paycard::Trouble> reply = run(call, in, state);
    last_in = in;
    last_state = state;
    last_name = name;
    if (const auto harm = harms.find(call); harm != harms.end()) harm->second(reply);
    return reply;
  }
  tl::expected<msg::Manifest, paycard::Trouble> start(std::string_view name) override {
    if (trouble) return tl::unexpected(*trouble);
    if (name != "B7/card") return tl::unexpected(paycard::Trouble::unknown_card);
    return msg::Manifest{"B7", "card", "1.2", 1, file_hash, "1.0", "A Card", only_for, {}};
  }

  std::string file_hash = std::string(64, '7');  ///< as its manifest says
  std::map<paycard::Call, Harm> harms;
  std::optional<paycard::Trouble> trouble;  ///< of the file
  std::optional<std::string> only_for;      ///< in its manifest
  std::vector<std::string> asked;
  std::vector<std::string> last_in;
  paycard::State last_state;
  std::string last_name;

 private:
  struct Store {
    paycard::State state, changed;
    static int get(void* context, const qp_bytes* key, qp_buf* value) {
      auto& self = *static_cast<Store*>(context);
      const auto found = self.state.find(text(*key));
      if (found == self.state.end()) return QP_PAYCARD_REFUSED;
      found->second.copy(reinterpret_cast<char*>(value->data), value->capacity);
      value->size = found->second.size();
      return QP_PAYCARD_DONE;
    }
    static int put(void* context, const qp_bytes* key, const qp_bytes* value) {
      auto& self = *static_cast<Store*>(context);
      self.changed[text(*key)] = text(*value);
      self.state = paycard::merged(self.state, {{text(*key), text(*value)}});
      return QP_PAYCARD_DONE;
    }
    static std::string text(const qp_bytes& bytes) { return {reinterpret_cast<const char*>(bytes.data), bytes.size}; }
  };

  static paycard::Reply run(paycard::Call call, const std::vector<std::string>& in, const paycard::State& state) {
    const std::array<void*, 9> symbols{
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
    std::string room(1 << 17, '\0');
    qp_buf out{reinterpret_cast<std::uint8_t*>(room.data()), room.size(), 0};
    const int result = paycard::invoke(call, symbols.at(static_cast<std::size_t>(call)), card, given.data(), &out);
    qp_paycard_close(card);
    if (result != QP_PAYCARD_DONE) return {static_cast<paycard::Result>(result), {}, {}};
    return {paycard::Result::done, room.substr(0, out.size), std::move(store.changed)};
  }
};

}  // namespace quickpay::roles
