// What a Wallet does for its user, while its power is cut at every single write of its ledger.
#include <gtest/gtest.h>

#include <tuple>

#include "reference/roles/inquiries.hpp"
#include "reference/roles/tests/asking.hpp"
#include "reference/roles/tests/buying.hpp"
#include "reference/roles/wallet_offers.hpp"

namespace quickpay::roles {
namespace {

constexpr std::uint64_t kDiskSeeds[] = {0, 7};

/// Runs with everything lost that was not synced, and with pieces of it left.
template <class Make>
void expect_nothing_lost(const std::string& label, int at_least, Make make) {
  for (const std::uint64_t seed : kDiskSeeds) {
    const auto counts = ledger::cut_everywhere(label + ", disk seed " + std::to_string(seed), [&](int n) {
      return make(ledger::Cut{n, false, seed});
    });
    EXPECT_GT(counts.cuts, at_least);
    EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
  }
}

template <class Make>
void expect_found(const std::string& label, Make make) {
  EXPECT_FALSE(ledger::cut_everywhere(label + ", lazy", [&](int n) {
                 return make(ledger::Cut{n, true});
               }).wrong.empty());
}

struct Kind {
  const char* name;
  const char* machine;
  const char* item;
};
constexpr Kind kKinds[] = {{"micropayment", "wallet.order", "item-1"},
                           {"fetched", "wallet.order", "item-far"},
                           {"regular", "wallet.purchase", "item-1"}};

class WalletCrash : public testing::TestWithParam<std::tuple<Kind, bool>> {
 protected:
  LinkedCard card;
  std::string label() const {
    const auto& [kind, authenticated] = GetParam();
    return std::string("wallet, ") + kind.name + ", profile " + (authenticated ? "H" : "F");
  }
  std::unique_ptr<Bought> make(const ledger::Cut& cut) {
    const auto& [kind, authenticated] = GetParam();
    return std::make_unique<Bought>(plan_of(card, "wallet", cut, authenticated), kind.machine, kind.item);
  }
};

// QP-WAL-003 QP-WAL-015 QP-ADD-01 QP-SAFE-003 QP-ADD-24: whatever write is the last one before the power fails, what
// the user was shown, said and got stays so, there is one inquiry, the order is paid once, and what the account lost
// the Vendor and the Broker have.
TEST_P(WalletCrash, APurchaseAtEveryWriteLosesNothing) {
  expect_nothing_lost(label(), 20, [this](const ledger::Cut& cut) { return make(cut); });
}

// Twin: a Wallet that lets things out before they are on the disk is found.
TEST_P(WalletCrash, TwinAskingBeforeTheFlushIsFound) {
  expect_found(label(), [this](const ledger::Cut& cut) { return make(cut); });
}

INSTANTIATE_TEST_SUITE_P(Kinds, WalletCrash, testing::Combine(testing::ValuesIn(kKinds), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param).name) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

/// A Paycard's way into a Wallet past wrong answers, a purchase with it, and its way out.
class Added {
 public:
  explicit Added(const ledger::Cut& cut)
      : town_(plan_of(card_, "wallet", cut)), buyer_(town_, "wallet.order", "item-1") {
    town_.on_user = [this](const UserEvent& event) {
      if (event.kind == "question") return posed(event);
      if (event.kind == "tell" && event.text == "added") return added();
      buyer_.on_user(event);
    };
  }

  void run() {
    for (int tries = 0; tries < kMaxTries && !is_added(); ++tries) {
      if (state() == "NONE" || state() == "ABSENT") add();
      town_.wait(kTickMs);
    }
    insist(
        "activate", [](Node& node) { return node.activate_paycard("P20").has_value(); },
        [this] { return field(record(kPaycardMachine, "choice"), "paycard") == "P20"; });
    buyer_.buy();
    insist(
        "remove", [](Node& node) { return node.remove_paycard("P20").has_value(); },
        [this] { return record(kAddedPaycardMachine, "P20").state == kRetired; });
    town_.act("vendor", [](Node& node) { static_cast<void>(node.settle()); });
    town_.wait(60'000);
  }
  const Powered& cutting() const { return town_.cutting(); }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    if (const std::string broken = town_.broken(); !broken.empty()) return broken;
    if (state() != "REMOVED" || town_.state("broker", "broker.paycard", "P20") != "REMOVED")
      return "the Paycard is not removed";
    if (!buyer_.done()) return "the order is not done";
    if (*town_.single("wallet").ledger->next_call_ms()) return "the Wallet still asks";
    const std::map<std::string, std::size_t> once = {
        {"ConfirmPaycard", 1}, {"TakeQuestion", 2},   {"AnswerResponse", 2},      {"RemovePaycard", 1},
        {"GetOrder", 1},       {"InquiryPayment", 1}, {"RequestOrderDelivery", 1}};
    for (const auto& [message, times] : once) {
      if (town_.asked[message].size() != times)
        return std::to_string(town_.asked[message].size()) + " times " + message + " has left";
    }
    if (number(*town_.single("broker").ledger->find(kAccountMachine, "acc-20").value(), "owed") != kPriceOfOne)
      return "another account paid";
    return Bought::wrong_money(town_);
  }

 private:
  using Numbers = std::set<std::int64_t>;

  ledger::Record record(std::string_view machine, std::string_view key) {
    return town_.single("wallet").ledger->find(machine, key)->value_or(ledger::Record{});
  }
  std::string state() { return town_.state("wallet", "wallet.paycard", adding_); }
  bool is_added() { return town_.state("wallet", kAddedPaycardMachine, "P20") != "NONE"; }

  void add() {
    std::string key;
    const bool acknowledged =
        town_.act("wallet", [&](Node& node) { key = node.add_paycard("card", kCode).value_or(""); });
    if (key.empty()) return;
    adding_ = key;
    if (acknowledged)
      town_.promise("the Paycard that was begun is gone", [this] { return state() != "NONE" && state() != "ABSENT"; });
  }
  void posed(const UserEvent& event) {
    adding_ = event.order;
    const std::int64_t no = std::stoll(event.details.at("no"));
    const std::size_t all = std::stoul(event.details.at("of"));
    if (posed_.size() == all && !posed_.contains(no)) posed_.clear();
    posed_[no] = event.text;
    if (posed_.size() == all) town_.then([this, now = posed_] { answer(now); });
  }
  /// Whatever was asked first is answered wrongly.
  void answer(const std::map<std::int64_t, std::string>& questions) {
    Numbers numbers;
    std::vector<std::pair<std::int64_t, std::string>> given;
    for (const auto& [no, prompt] : questions) numbers.insert(no), given.emplace_back(no, right_answer(prompt));
    if (first_.empty()) first_ = numbers;
    if (numbers == first_) spoil(given);
    bool taken = false;
    const bool acknowledged =
        town_.act("wallet", [&](Node& node) { taken = node.answer_questions(adding_, given).has_value(); });
    if (taken && acknowledged)
      town_.promise("what was answered is asked again", [this, numbers] { return open_questions() != numbers; });
  }
  static void spoil(std::vector<std::pair<std::int64_t, std::string>>& given) {
    const std::map<std::string, std::string> wrong = {
        {"Smith & Sons", "Jones"}, {"4711", "4712"}, {"1980-02-29", "1980-02-28"}, {"Elm Road", "Oak Lane"}};
    for (auto& [no, value] : given) value = wrong.at(value);
  }
  Numbers open_questions() {
    Numbers numbers;
    const auto kept = recall<msg::TakeQuestionResponseInner>(record("wallet.paycard", adding_), "Questions",
                                                             msg::kTakeQuestionResponseInnerType);
    if (kept) {
      for (const msg::Question& question : kept->question) numbers.insert(question.no);
    }
    return numbers;
  }
  void added() {
    town_.promise("the secret of the Paycard is gone", [this] {
      if (town_.state("broker", "broker.paycard", "P20") == "REMOVED") return true;  // and what was agreed is forgotten
      const auto binding = *town_.single("broker").ledger->find(kBindingMachine, "P20");
      const std::string secret = crypto::to_hex(field(record(kPaycardStateMachine, "P20"), "entry.secret"));
      return is_added() && binding && field(*binding, "secret") == secret;
    });
  }
  /// The user does something until it has come about.
  void insist(const std::string& what, const std::function<bool(Node&)>& action, const std::function<bool()>& came) {
    for (int tries = 0; tries < kMaxTries && !came(); ++tries) {
      bool done = false;
      const bool acknowledged = town_.act("wallet", [&](Node& node) { done = action(node); });
      if (done && acknowledged) town_.promise("to " + what + " has to be said again", came);
      town_.wait(kTickMs);
    }
  }

  LinkedCard card_;
  Town town_;
  Buyer buyer_;
  std::string adding_;
  std::map<std::int64_t, std::string> posed_;
  Numbers first_;
};

std::unique_ptr<Added> make_added(const ledger::Cut& cut) { return std::make_unique<Added>(cut); }

// QP-WAL-003 QP-WAL-010 QP-ADM-010 QP-ADM-011 QP-ADM-012 QP-ADM-013 QP-ADD-01: the Paycard is asked for once, no
// question is answered twice, the secret that the Wallet was given is the Broker's, the user's choice stays, it pays
// once, and what was given up is given up.
TEST(WalletPaycardCrash, APaycardAtEveryWriteLosesNothing) {
  expect_nothing_lost("wallet, Add Paycard", 40, make_added);
}

// Twin: a Wallet that lets things out before they are on the disk is found.
TEST(WalletPaycardCrash, TwinOfAPaycardAskingBeforeTheFlushIsFound) { expect_found("wallet, Add Paycard", make_added); }

}  // namespace
}  // namespace quickpay::roles
