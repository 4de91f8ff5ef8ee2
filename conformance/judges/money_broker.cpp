// The books of a Broker: holds, commitments and notices (QP-SAFE-003, QP-SAFE-009, QP-SEC-001, QP-ADD-05).
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "conformance/judges/money.hpp"

namespace quickpay::conformance {

namespace {

struct Hold {
  std::string order;
  std::string account;
  std::int64_t amount = 0;
  std::int64_t check_by_ms = 0;
  Element ref;
  std::string wallet;
};

struct Commit {
  std::string id;
  std::string settle_by;
  std::string account;
  std::int64_t amount = 0;
  std::string wallet;
  Element ref;
};

class BrokerBooks final : public MoneyJudge {
 public:
  using MoneyJudge::MoneyJudge;

 private:
  void iut_answers(const Seen& seen) override {
    if (seen.code != "QP-OK") {
      return;
    }
    seen.message == "InquiryPayment" ? endorsed(seen) : committed(seen);
  }

  void iut_asks(const Seen& seen) override {
    if (seen.message == "RegisterCommit") {
      notices_.push_back({seen.index, seen.document});
    }
  }

  static std::string account_of(const Seen& seen) {
    const PaycardPlan* card = seen.world.plan().paycard(text_at(seen.asked, "Body/Paycard"));
    return card == nullptr ? std::string() : card->account;
  }

  void endorsed(const Seen& seen) {
    const Element* endorsement = at(seen.document, "Body/Endorsement");
    const Element* asked = at(seen.asked, "Body/OrderRef");
    if (endorsement == nullptr || asked == nullptr) {
      return;
    }
    const Element* ref = at(*endorsement, "OrderRef");
    if (ref == nullptr || !(*ref == *asked)) {
      violation(seen.world, seen.index, "an Endorsement of the order that was inquired", "another order");
    }
    same(seen, "Broker", seen.world.iut(), text_at(*endorsement, "Broker"));
    const std::string id = text_at(*endorsement, "EndorsementId");
    if (holds_.count(id) != 0) {
      return;
    }
    Hold hold{key_of(*asked),
              account_of(seen),
              std::stoll("0" + text_at(*asked, "Amount")),
              time_of(text_at(*endorsement, "CheckBy")),
              *asked,
              text_at(seen.asked, "Head/Sender")};
    const bool twice = std::any_of(holds_.begin(), holds_.end(), [&](const auto& other) {
      return other.second.order == hold.order && is_live(seen.world, other.second);
    });
    if (twice || commits_.count(hold.order) != 0) {
      violation(seen.world, seen.index, "one endorsement an order while the first is alive", "another EndorsementId");
    }
    holds_[id] = hold;
    within_limit(seen, hold.account);
  }

  bool is_live(const World& world, const Hold& hold) const {
    return commits_.count(hold.order) == 0 && world.now_ms() <= hold.check_by_ms;
  }

  std::int64_t used(const World& world, const std::string& account) const {
    std::int64_t sum = 0;
    for (const auto& [id, hold] : holds_) {
      sum += hold.account == account && is_live(world, hold) ? hold.amount : 0;
    }
    return sum + owed(account);
  }

  std::int64_t owed(const std::string& account) const {
    std::int64_t sum = 0;
    for (const auto& [order, commit] : commits_) {
      sum += commit.account == account ? commit.amount : 0;
    }
    return sum;
  }

  void within_limit(const Seen& seen, const std::string& account) {
    for (const PaycardPlan& card : seen.world.plan().paycards) {
      if (card.broker == seen.world.iut() && card.account == account && used(seen.world, account) > card.limit) {
        violation(seen.world, seen.index, fmt::format("at most {} held and owed for an account", card.limit),
                  std::to_string(used(seen.world, account)));
        return;
      }
    }
  }

  void committed(const Seen& seen) {
    const Element* ref = at(seen.asked, "Body/OrderRef");
    if (seen.message != "CheckCommit" || ref == nullptr) {
      return;
    }
    const std::string key = key_of(*ref);
    const auto hold = holds_.find(text_at(seen.asked, "Body/EndorsementId"));
    if (hold == holds_.end() || !(hold->second.ref == *ref)) {
      violation(seen.world, seen.index, "a commitment only where both sides name the same order and endorsement",
                "a commitment to something else", Reason::accepted);
      return;
    }
    Commit commit{text_at(seen.document, "Body/CommitId"),
                  text_at(seen.document, "Body/SettleBy"),
                  hold->second.account,
                  hold->second.amount,
                  hold->second.wallet,
                  *ref};
    const auto [known, fresh] = commits_.try_emplace(key, commit);
    if (!fresh) {
      same(seen, "CommitId", known->second.id, commit.id);
      same(seen, "SettleBy", known->second.settle_by, commit.settle_by);
    }
  }

  void begin(World&) override { notices_.clear(); }

  void conclude(World& world) override {
    for (const auto& [index, document] : notices_) {
      const Element* ref = at(document, "Body/OrderRef");
      if (ref == nullptr) {
        continue;
      }
      const std::string key = key_of(*ref);
      const Seen seen{world, index, document, document, "RegisterCommit", "", false};
      const auto commit = commits_.find(key);
      if (commit != commits_.end()) {  // otherwise the answer was never seen
        same(seen, "CommitId", commit->second.id, text_at(document, "Body/CommitId"));
        same(seen, "SettleBy", commit->second.settle_by, text_at(document, "Body/SettleBy"));
        same(seen, "Wallet", commit->second.wallet, text_at(document, "Body/Wallet"));
        same(seen, "OrderRef", to_xml(commit->second.ref), to_xml(*ref));
      }
      const std::string& msg_id = msg_id_of(index);
      same(seen, "one notice an order, MsgId", notice_ids_.try_emplace(key, msg_id).first->second, msg_id);
    }
    observed(world);
  }

  /// Conservation: what the Broker says it owes is what it was seen to commit.
  void observed(World& world) {
    const Hello& hello = world.session().iut().hello();
    const bool offered = std::count(hello.observes.begin(), hello.observes.end(), "balance") != 0;
    if (!offered || commits_.empty() || !world.session().iut().alive()) {
      return;
    }
    const auto seen = world.session().iut().observe("balance");
    if (!seen || !seen->value.is_array()) {
      return;
    }
    for (const Json& account : seen->value) {
      if (!account.is_object() || !account.contains("account") || !account["account"].is_string()) {
        continue;
      }
      const std::int64_t said =
          account.contains("owed") && account["owed"].is_number_integer() ? account["owed"].get<std::int64_t>() : -1;
      const std::int64_t expected = owed(account["account"].get<std::string>());
      if (said < expected) {  // an answer may have been lost on the way, so more is possible
        const std::size_t last = world.session().transcript().entries().size() - 1;
        violation(world, last, fmt::format("{} owed by account {}", expected, account["account"].get<std::string>()),
                  std::to_string(said), Reason::wrong_state);
      }
    }
  }

  std::map<std::string, Hold> holds_;      // by EndorsementId
  std::map<std::string, Commit> commits_;  // by order
  std::map<std::string, std::string> notice_ids_;  // order → MsgId of its notice
  std::vector<std::pair<std::size_t, Element>> notices_;  // of the session that is open
};

}  // namespace

std::shared_ptr<MoneyJudge> make_broker_books(std::shared_ptr<const Exchanges> exchanges) {
  return std::make_shared<BrokerBooks>(std::move(exchanges));
}

}  // namespace quickpay::conformance
