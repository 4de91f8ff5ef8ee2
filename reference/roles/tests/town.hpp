// A Host, a Broker, a Vendor and a Wallet with a network between them, and the power of one of them that fails.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/roles/directory_asker.hpp"
#include "reference/roles/tests/enrolling.hpp"
#include "reference/roles/tests/power.hpp"
#include "reference/roles/tests/registering.hpp"

namespace quickpay::roles {

inline constexpr std::int64_t kTickMs = 5000;  ///< a short while
inline const std::string kHostAddress = "127.0.1.1";

/// Everybody's configuration, and whose power fails when.
struct TownPlan {
  std::string victim;  ///< wallet | vendor | broker | host
  ledger::Cut cut;
  std::map<std::string, NodeConfig> configs;  ///< by role
};

/// What a player was promised, and whether it still holds.
struct Promise {
  std::string what;
  std::function<bool()> holds;
};

/// Four nodes. What the victim lets out leaves only if its flush succeeded; who is asked by somebody whose power fails
/// meanwhile answers nobody, and who asks somebody whose power fails is told that nobody answered. Promises are looked
/// at whenever the power has come back.
class Town {
  struct Waiting {
    Powered* from;
    int life;  ///< of the one who waits: another one knows nothing of it
    std::string msg_id;
  };

 public:
  explicit Town(const TownPlan& plan) {
    for (const auto& [role, config] : plan.configs) {
      const auto seed = static_cast<std::uint64_t>(role[0]);  // no two choose the same ids
      const auto name = std::forward_as_tuple(role);
      if (role == plan.victim) {
        players_.emplace(std::piecewise_construct, name, std::forward_as_tuple(config, plan.cut, seed));
      } else {
        players_.emplace(std::piecewise_construct, name, std::forward_as_tuple(config, seed));
      }
    }
    victim_ = &at(plan.victim);
    for (auto& [role, player] : players_) player.single.directory = everybody();
    for (auto& [role, player] : players_) look(player);
  }
  Town(const Town&) = delete;  // what is under way knows where it is
  Town& operator=(const Town&) = delete;

  Powered& at(const std::string& role) { return players_.at(role); }
  Single& single(const std::string& role) { return at(role).single; }
  const Powered& cutting() const { return *victim_; }

  /// Asked for each event of the Wallet's user.
  std::function<void(const UserEvent&)> on_user = [](const UserEvent&) {};
  /// Asked for each event of the Vendor's owner.
  std::function<void(const UserEvent&)> on_owner = [](const UserEvent&) {};
  /// Asked for each event of the Broker's owner.
  std::function<void(const UserEvent&)> on_banker = [](const UserEvent&) {};
  /// Where a player sends from, by role.
  std::map<std::string, std::function<std::string()>> addresses = {{"host", [] { return kHostAddress; }},
                                                                   {"broker", [] { return kBrokerAddress; }},
                                                                   {"vendor", [] { return kVendorAddress; }},
                                                                   {"wallet", [] { return kWalletAddress; }}};
  /// The different requests of each message that have left anybody.
  std::map<std::string, std::set<std::string>> asked;

  /// An input of this player, and what leaves. Whether it was acknowledged: its power did not fail meanwhile.
  template <class Input>
  bool act(const std::string& role, Input&& input) {
    Powered& player = at(role);
    input(*player.single.node);
    player.single.flush();
    return look(player);
  }
  /// Something that happens next.
  void then(std::function<void()> what) { under_way_.push_back(std::move(what)); }
  /// Until nothing is under way.
  void carry() {
    while (!under_way_.empty()) {
      const auto next = std::move(under_way_.front());
      under_way_.pop_front();
      next();
    }
  }
  /// The same, and whatever becomes due while the clock goes on.
  void wait(std::int64_t ms) {
    carry();
    const std::int64_t end = now_ms_ + ms;
    for (auto due = next_due_ms(); due && *due <= end; due = next_due_ms()) {
      set_clocks(std::max(*due, now_ms_ + 1));
      for (auto& [role, player] : players_) {
        const auto own = player.single.node->next_due_ms();
        if (own && *own <= now_ms_) act(role, [](Node& node) { node.on_time(); });
      }
      carry();
    }
    set_clocks(end);
  }

  /// From now on this has to hold after every loss of the victim's power.
  void promise(std::string what, std::function<bool()> holds) {
    promises_.push_back({std::move(what), std::move(holds)});
  }
  /// What was promised and did not hold, one more loss of power included; or nothing.
  std::string broken() {
    lose(*victim_);
    return broken_;
  }

  std::string state(const std::string& role, std::string_view machine, std::string_view key) {
    return state_of(single(role), machine, key);
  }
  std::vector<ledger::Record> all(const std::string& role, std::string_view machine) {
    const auto found = single(role).ledger->list(machine, "", ledger::kMaxListed);
    return found ? *found : std::vector<ledger::Record>{};
  }
  std::int64_t sum(const std::string& role, std::string_view machine, const std::string& name) {
    std::int64_t sum = 0;
    for (const auto& record : all(role, machine)) sum += number(record, name).value_or(0);
    return sum;
  }

 private:
  /// Lets out what the last input made. Whether the power is there.
  bool look(Powered& player) {
    const Output out = std::exchange(player.single.last, {});
    for (const Answer& answer : out.answers) {
      const auto waiting = open_.find({&player, answer.connection});
      if (waiting == open_.end()) continue;
      tell(waiting->second, {true, answer.http_status, "application/quickpay+xml", answer.body});
      open_.erase(waiting);
    }
    for (const OutgoingCall& call : out.calls) send(player, call);
    for (const OutgoingFetch& goods : out.fetches) fetch(player, goods);
    for (const UserEvent& event : out.user) {
      if (&player == &at("wallet")) on_user(event);
      if (&player == &at("vendor")) on_owner(event);
      if (&player == &at("broker")) on_banker(event);
    }
    if (player.is_cut()) return lose(player), false;
    if (&player == victim_ && !player.single.node->config().host_entry.empty()) promise_entries();
    return true;
  }
  /// Who the victim knows it has to know for ever.
  void promise_entries() {
    const auto entries = victim_->single.ledger->list(kEntryMachine, "", ledger::kMaxListed);
    if (!entries) return;
    for (const auto& record : *entries) {
      if (!known_.insert(record.key).second) continue;
      promise("the entry of " + record.key + " is gone",
              [this, id = record.key] { return victim_->single.ledger->find(kEntryMachine, id)->has_value(); });
    }
  }

  void send(Powered& from, const OutgoingCall& call) {
    asked[call.message].insert(call.body);
    const Waiting waiting{&from, from.cuts(), call.msg_id};
    const bool somewhere = call.at || !from.single.node->directory().endpoints_of(call.receiver).empty();
    if (!somewhere) return tell(waiting, {});
    then([this, waiting, call] {
      Powered& to = call.at ? at("vendor") : at(std::string(role_of_id(call.receiver)));
      const ConnectionToken token = to.single.next_connection++;
      open_[{&to, token}] = waiting;
      to.single.node->on_request(token, address_of(*waiting.from), call.path, call.body);
      to.single.flush();
      look(to);
    });
  }
  void tell(const Waiting& waiting, CallResult result) {
    then([this, waiting, result = std::move(result)] {
      if (waiting.from->cuts() != waiting.life) return;
      OutgoingCall call;
      call.msg_id = waiting.msg_id;
      waiting.from->single.give(call, result);
      look(*waiting.from);
    });
  }
  void fetch(Powered& from, const OutgoingFetch& wanted) {
    then([this, &from, life = from.cuts(), wanted] {
      if (from.cuts() != life) return;
      const auto goods = single("vendor").node->redeem(wanted.ticket);
      from.single.node->on_fetch_result(wanted.id, goods.has_value(), goods ? goods->data : std::string());
      from.single.flush();
      look(from);
    });
  }

  /// The power of the player fails, and comes back; it goes on from what is durable.
  void lose(Powered& player) {
    std::erase_if(open_, [&](const auto& entry) {
      if (entry.first.first == &player) tell(entry.second, {});
      return entry.first.first == &player;
    });
    player.reopen();
    for (const Promise& promise : promises_) {
      if (broken_.empty() && !promise.holds()) broken_ = promise.what;
    }
    look(player);
    const bool user = &player == &at("wallet");
    player.single.node->on_time();
    if (user) player.single.node->show_offers();
    player.single.flush();
    look(player);
  }

  std::optional<std::int64_t> next_due_ms() {
    std::optional<std::int64_t> least;
    for (auto& [role, player] : players_) {
      if (const auto due = player.single.node->next_due_ms()) least = std::min(least.value_or(*due), *due);
    }
    return least;
  }
  void set_clocks(std::int64_t ms) {
    now_ms_ = ms;
    for (auto& [role, player] : players_) player.single.clock.now = ms;
  }

  /// Who everybody is, with all keys; made once, since keys take long.
  static const TableDirectory& everybody() {
    static const TableDirectory made = [] {
      Single any{host_config()};
      publish_keys(any);
      publish_seal_key(any);
      return any.directory;
    }();
    return made;
  }

  std::string address_of(const Powered& player) const {
    for (const auto& [role, each] : players_) {
      if (&each == &player) return addresses.at(role)();
    }
    return {};
  }

  std::int64_t now_ms_ = kNoon;
  std::map<std::string, Powered> players_;
  Powered* victim_ = nullptr;
  std::deque<std::function<void()>> under_way_;
  std::map<std::pair<Powered*, ConnectionToken>, Waiting> open_;
  std::vector<Promise> promises_;
  std::set<std::string> known_;  ///< whose entries were promised
  std::string broken_;
};

}  // namespace quickpay::roles
