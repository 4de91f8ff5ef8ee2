// The way of a Paycard into a Wallet and out of it, while the Broker's power is cut at every single write of its ledger.
#include <gtest/gtest.h>

#include <vector>

#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"
#include "reference/roles/tests/adding.hpp"

namespace quickpay::roles {
namespace {

constexpr int kMaxTries = 4;

/// A Wallet answers wrongly once, adds the Paycard, adds it again with a new secret, and gives it up.
class Addings {
 public:
  Addings(int cut, bool lazy) : lazy_(lazy) {
    disk_.cut_at(cut);
    open();
    user_.post = [this](std::string_view path, const std::string& body, const std::string& address) {
      return post(path, body, address);
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

  int writes() const { return disk_.writes(); }
  bool was_cut() const { return cuts_ > 0; }

  /// What is wrong after one more loss of power, or nothing.
  std::string verdict() {
    const std::vector<std::string> right = {"QP-E-ANSWER", "QP-OK", "QP-OK", "QP-OK", "QP-E-FORBIDDEN", "QP-OK", "QP-OK"};
    if (said_ != right) return testing::PrintToString(said_);
    if (user_.secret == old_) return "the second secret is the first one";
    recover();
    for (const Asked& one : std::vector(kept_)) {
      if (broker_.raw(one.path, one.body, one.address) != one.answer) return "an answer of " + one.path + " is not kept";
    }
    if (user_.inquire("P20", user_.secret, some_ref("o-4", 1)) != "QP-E-PAYCARD") return "a removed Paycard pays";
    return user_.confirm() == "QP-E-PAYCARD" ? "" : "a removed Paycard is handed out";
  }

 private:
  struct Asked {
    std::string path, body, address, answer;
  };

  void open() {
    broker_.node.reset();
    for (int tries = 0; tries < kMaxTries; ++tries) {
      auto opened = ledger::open_sqlite("paycard.ledger", disk_.vfs_name());
      if (opened) {
        broker_.ledger = std::move(*opened);
        break;
      }
      ++cuts_;
      disk_.power_on();
    }
    if (lazy_) broker_.ledger = std::make_unique<ledger::LazyLedger>(std::move(broker_.ledger));
    broker_.restart();
  }

  void recover() {
    ++cuts_;
    broker_.node.reset();
    disk_.power_on();
    open();
  }

  /// Asks with the same bytes until there is an answer, as a Wallet does whose Broker is away for a while.
  std::string post(std::string_view path, const std::string& body, const std::string& address) {
    std::string answer;
    for (int tries = 0; tries < kMaxTries && answer.empty(); ++tries) {
      answer = broker_.raw(path, body, address);
      if (answer.empty()) recover();
    }
    kept_.push_back({std::string(path), body, address, answer});
    return answer;
  }

  ledger::ForgetfulDisk disk_;
  bool lazy_;
  int cuts_ = 0;
  Single broker_{issuing()};
  Adder user_{broker_};
  std::vector<Asked> kept_;
  std::vector<std::string> said_;
  std::string old_;
};

struct Counts {
  int cuts = 0;
  std::vector<std::string> wrong;
};

Counts cut_everywhere(bool lazy) {
  Counts counts;
  Addings whole(-1, lazy);
  whole.run();
  const int writes = whole.writes();
  const std::string found = whole.verdict();
  if (!found.empty()) counts.wrong.push_back("without a cut: " + found);
  for (int n = 1; n <= writes; ++n) {
    Addings addings(n, lazy);
    addings.run();
    counts.cuts += addings.was_cut();
    const std::string verdict = addings.verdict();
    if (!verdict.empty()) counts.wrong.push_back("cut at write " + std::to_string(n) + ": " + verdict);
  }
  std::printf("paycard%s: %d writes, %d cuts, %zu wrong\n", lazy ? ", lazy" : "", writes, counts.cuts, counts.wrong.size());
  return counts;
}

// QP-ADM-008 QP-ADM-012 QP-ADD-01: whatever write is the last one before the power fails, the secret that was given is the
// one that counts, the one before it is dead, wrong answers stay counted, and what was removed stays removed.
TEST(PaycardCrash, AtEveryWriteLosesNothing) {
  const Counts counts = cut_everywhere(false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// Twin: a Broker that answers before it has flushed is found.
TEST(PaycardCrash, TwinAnsweringBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(true).wrong.empty()); }

}  // namespace
}  // namespace quickpay::roles
