// A Wallet that adds a Paycard, and the way to its Broker and back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reference/roles/tests/adding.hpp"
#include "reference/roles/tests/linked_card.hpp"
#include "reference/roles/wallet_paycards.hpp"

namespace quickpay::roles {

inline NodeConfig adding_config(paycard::Port& port, std::string product = "card") {
  NodeConfig config = wallet_config();
  config.new_paycards = {{"B7", std::move(product), "card.so", "card.manifest"}};
  config.paycard_port = &port;
  return config;
}

/// Lists the key to which B7 has things sealed.
inline void publish_seal_key(Single& single, std::int64_t not_after_ms = kNoon + 400 * kDayMs) {
  Player broker = *single.directory.find("B7").player;
  const auto key = key_of("broker").public_key();
  broker.keys.push_back({key.key_id(), key.spki_der(), KeyUsage::seal, kNoon - kDayMs, not_after_ms, {}});
  single.directory.put(std::move(broker));
}

/// A Wallet with its user, before a Broker.
class Enrolling {
 public:
  Enrolling(Single& wallet_in, Single& broker_in) : wallet(wallet_in), broker(broker_in) { publish_seal_key(wallet); }

  Single& wallet;
  Single& broker;
  std::string adding;                              ///< key of the record
  std::map<std::int64_t, std::string> questions;   ///< that the user sees: number and prompt
  std::vector<std::string> told;
  std::size_t alarms = 0;

  /// What was refused; empty if nothing was.
  std::string add(const std::string& code = kCode, const std::string& product = "card") {
    const auto begun = wallet.node->add_paycard(product, code);
    if (begun) adding = *begun;
    wallet.flush();
    look();
    return begun ? "" : begun.error().reason;
  }
  std::string answer(const std::vector<std::pair<std::int64_t, std::string>>& given) {
    const auto done = wallet.node->answer_questions(adding, given);
    wallet.flush();
    look();
    return done ? "" : done.error().reason;
  }
  std::vector<std::pair<std::int64_t, std::string>> right() const {
    std::vector<std::pair<std::int64_t, std::string>> all;
    for (const auto& [no, prompt] : questions) all.emplace_back(no, right_answer(prompt));
    return all;
  }
  /// In the form that is asked for, but not what the Broker expects.
  std::vector<std::pair<std::int64_t, std::string>> wrong() const {
    auto all = right();
    for (auto& [no, value] : all) {
      if (value == "Smith & Sons") value = "Jones";
      if (value == "4711") value = "4712";
      if (value == "1980-02-29") value = "1980-02-28";
      if (value == "Elm Road") value = "Oak Lane";
    }
    return all;
  }
  /// The Broker's answer to what the Wallet sent last.
  CallResult answer_of_broker(const OutgoingCall& call) {
    return {true, 200, "application/quickpay+xml", broker.raw(call.path, call.body, kWalletAddress)};
  }
  /// Carries calls to the Broker and answers back until nothing is under way.
  void carry() {
    while (!pending.empty()) carry_one();
  }
  void carry_one() {
    const OutgoingCall call = pending.front();
    pending.erase(pending.begin());
    wallet.give(call, answer_of_broker(call));
    look();
  }
  /// The Wallet is started again; what was under way is repeated.
  void restart() {
    pending.clear();
    wallet.restart();
    look();
    wallet.node->on_time();
    wallet.flush();
    look();
  }
  void pass(std::int64_t ms) {
    broker.pass(ms);
    wallet.pass(ms);
    look();
  }
  /// The whole way with right answers.
  void add_rightly(const std::string& code = kCode) {
    add(code);
    carry();
    answer(right());
    carry();
  }
  std::string state() { return state_of(wallet, "wallet.paycard", adding); }
  void look() {
    for (const OutgoingCall& call : wallet.last.calls) pending.push_back(call);
    for (const UserEvent& event : wallet.last.user) {
      if (event.order != adding && !adding.empty()) continue;
      if (event.kind == "question") asked(event);
      if (event.kind == "tell") told.push_back(event.text);
      alarms += event.kind == "alarm";
    }
    wallet.last = {};
  }

  std::vector<OutgoingCall> pending;

 private:
  void asked(const UserEvent& event) {
    const std::int64_t no = std::stoll(event.details.at("no"));
    if (questions.size() == std::stoul(event.details.at("of")) && !questions.contains(no)) questions.clear();
    questions[no] = event.text;
  }
};

}  // namespace quickpay::roles
