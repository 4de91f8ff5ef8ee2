// The way of a Paycard into a Wallet and out of it, while the Broker's power is cut at every single write of its ledger.
#include <gtest/gtest.h>

#include <vector>

#include "reference/roles/tests/adding.hpp"
#include "reference/roles/tests/power.hpp"

namespace quickpay::roles {
namespace {

/// A Wallet answers wrongly once, adds the Paycard, adds it again with a new secret, and gives it up.
class Addings {
 public:
  explicit Addings(const ledger::Cut& cut) : broker_(issuing(), cut) {
    user_.post = [this](std::string_view path, const std::string& body, const std::string& address) {
      return broker_.ask_and_keep(path, body, address);
    };
  }

  void run() {
    user_.confirm();
    user_.take();
    said_.push_back(user_.answer_wrongly());
    user_.take();
    said_.push_back(user_.answer());
    old_ = user_.secret;
    said_.push_back(user_.inquire("P20", old_, some_ref("o-1", 1)));
    said_.push_back(user_.add());
    said_.push_back(user_.inquire("P20", old_, some_ref("o-2", 1)));
    said_.push_back(user_.inquire("P20", user_.secret, some_ref("o-3", 1)));
    said_.push_back(user_.remove("P20", user_.secret));
  }

  const Powered& cutting() const { return broker_; }

  /// What is wrong after one more loss of power, or nothing.
  std::string verdict() {
    const std::vector<std::string> right = {"QP-E-ANSWER", "QP-OK", "QP-OK", "QP-OK", "QP-E-FORBIDDEN", "QP-OK", "QP-OK"};
    if (said_ != right) return testing::PrintToString(said_);
    if (user_.secret == old_) return "the second secret is the first one";
    broker_.recover();
    if (const std::string found = broker_.not_kept(); !found.empty()) return found;
    if (user_.inquire("P20", user_.secret, some_ref("o-4", 1)) != "QP-E-PAYCARD") return "a removed Paycard pays";
    return user_.confirm() == "QP-E-PAYCARD" ? "" : "a removed Paycard is handed out";
  }

 private:
  Powered broker_;
  Adder user_{broker_.single};
  std::vector<std::string> said_;
  std::string old_;
};

ledger::Cuts cut_everywhere(bool lazy) {
  return ledger::cut_everywhere(lazy ? "paycard, lazy" : "paycard", [&](int n) {
    return std::make_unique<Addings>(ledger::Cut{n, lazy});
  });
}

// QP-ADM-008 QP-ADM-012 QP-ADD-01: whatever write is the last one before the power fails, the secret that was given is the
// one that counts, the one before it is dead, wrong answers stay counted, and what was removed stays removed.
TEST(PaycardCrash, AtEveryWriteLosesNothing) {
  const ledger::Cuts counts = cut_everywhere(false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// Twin: a Broker that answers before it has flushed is found.
TEST(PaycardCrash, TwinAnsweringBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(true).wrong.empty()); }

}  // namespace
}  // namespace quickpay::roles
