// A node whose power can be cut: what tests share that cut it at every write of its ledger.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reference/ledger/testing/cuts.hpp"
#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"
#include "reference/roles/tests/single.hpp"

namespace quickpay::roles {

inline constexpr int kMaxTries = 6;  ///< to open a ledger, or to get an answer; the power fails once

/// A node alone that keeps its ledger on a disk that forgets.
class Powered {
  ledger::ForgetfulDisk disk_;  // outlives what is kept on it
  bool lazy_;
  int cuts_ = 0;

 public:
  /// `seed`: of what the node chooses at random.
  Powered(NodeConfig config, const ledger::Cut& cut, std::uint64_t seed = 1)
      : disk_(cut.seed), lazy_(cut.lazy), single(std::move(config), seed) {
    disk_.cut_at(cut.at);
    open();
  }
  /// Its power never fails, so that its ledger needs no disk.
  explicit Powered(NodeConfig config, std::uint64_t seed = 1) : lazy_(false), single(std::move(config), seed) {}

  Single single;

  /// Operations of its disk so far.
  int writes() const { return disk_.writes(); }
  /// The power failed, once the node was made or before.
  bool was_cut() const { return cuts_ > 0; }
  /// How often.
  int cuts() const { return cuts_; }
  /// The power has failed just now: what was not flushed never happened, and the node is dead.
  bool is_cut() const { return disk_.power_is_cut(); }

  /// The power fails, if it has not, and comes back; another node begins with what is durable. What it lets out first
  /// is in Single::last.
  void reopen() {
    ++cuts_;
    single.node.reset();
    disk_.power_on();
    open();
  }
  /// The same, and it does what is due.
  void recover() {
    reopen();
    single.node->on_time();
    single.flush();
  }

  /// Asks with the same bytes until there is an answer, as a player does whose peer is away for a while.
  std::string ask(std::string_view path, const std::string& body, const std::string& address) {
    std::string answer;
    for (int tries = 0; tries < kMaxTries && answer.empty(); ++tries) {
      answer = single.raw(path, body, address);
      if (answer.empty()) recover();
    }
    return answer;
  }

  /// A request with its final answer, which has to stay what it is.
  struct Asked {
    std::string path, body, address, answer;
  };
  std::vector<Asked> kept;

  std::string ask_and_keep(std::string_view path, const std::string& body, const std::string& address) {
    const std::string answer = ask(path, body, address);
    kept.push_back({std::string(path), body, address, answer});
    return answer;
  }
  /// What of `kept` is answered otherwise now, or nothing.
  std::string not_kept() {
    for (const Asked& one : kept) {
      if (single.raw(one.path, one.body, one.address) != one.answer) return "an answer of " + one.path + " is not kept";
    }
    return {};
  }

 private:
  void open() {
    single.node.reset();
    for (int tries = 0; tries < kMaxTries; ++tries) {
      auto opened = ledger::open_sqlite("power.ledger", disk_.vfs_name());
      if (opened) {
        single.ledger = std::move(*opened);
        break;
      }
      ++cuts_;
      disk_.power_on();
    }
    if (lazy_) single.ledger = std::make_unique<ledger::LazyLedger>(std::move(single.ledger));
    single.restart();
  }
};

}  // namespace quickpay::roles
