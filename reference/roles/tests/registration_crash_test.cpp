// Players register, change and leave, while the Host's power is cut at every single write of its ledger.
#include <gtest/gtest.h>

#include <vector>

#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"
#include "reference/roles/tests/entering.hpp"

namespace quickpay::roles {
namespace {

constexpr int kMaxTries = 6;

/// Two servers become Vendors, a thief does not, one Vendor moves, the other leaves, and a fourth one comes to its
/// place. A Wallet comes, moves and leaves; of two Brokers with one code one comes, and changes.
class Comings {
 public:
  enum class Who { vendors, others };
  Comings(Who who, int cut, bool lazy) : who_(who), lazy_(lazy) {
    disk_.cut_at(cut);
    open();
    for (Entering* one : {&wallet_, &bank_, &rival_}) {
      one->carry = [this](std::string_view path, const std::string& body, const std::string& address) {
        return post(path, body, address);
      };
    }
  }

  void run() { who_ == Who::vendors ? run_vendors() : run_others(); }

  int writes() const { return disk_.writes(); }
  bool was_cut() const { return cuts_ > 0; }

  /// What is wrong after one more loss of power, or nothing.
  std::string verdict() {
    const std::vector<std::string> vendors = {"QP-OK", "QP-E-ADDRESS", "QP-OK", "QP-OK", "QP-OK", "QP-OK"};
    const std::vector<std::string> others = {"QP-OK", "QP-OK", "QP-OK", "QP-OK", "QP-E-FORBIDDEN", "QP-OK"};
    if (said_ != (who_ == Who::vendors ? vendors : others)) return testing::PrintToString(said_);
    recover();
    for (const Asked& one : std::vector(kept_)) {
      if (host_.raw(one.path, one.body, one.address) != one.answer) return "an answer of " + one.path + " is not kept";
    }
    return who_ == Who::vendors ? verdict_on_vendors() : verdict_on_others();
  }

 private:
  struct Asked {
    std::string path, body, address, answer;
  };

  void run_vendors() {
    said_.push_back(ask(shop_, shop_.registration()));
    said_.push_back(ask(thief_, thief_.registration(), host_.fresh_id()));
    said_.push_back(ask(second_, second_.registration()));
    said_.push_back(ask(shop_, shop_.update({kThirdPlace, {"127.0.5.4", 9004}}, "The Shop")));
    kept_.back().address = kThirdPlace.address;  // it is not where it was, so that it asks again from where it is
    said_.push_back(ask(second_, second_.leaving()));
    said_.push_back(ask(next_, next_.registration()));
  }
  void run_others() {
    said_.push_back(wallet_.enter());
    auto moving = wallet_.moving({{"127.0.7.1", 32}, {"127.0.7.2", 32}});
    moving.new_ticket = msg::Yes::yes;
    said_.push_back(wallet_.update(moving));
    said_.push_back(wallet_.leave());
    said_.push_back(bank_.enter(bank_.broker()));
    said_.push_back(rival_.enter(rival_.broker()));
    said_.push_back(bank_.update(bank_.change({{kNewBrokerAddress, 8081}}, kNoon)));
  }

  std::string verdict_on_vendors() {
    if (shop_.id == second_.id || next_.id == second_.id || next_.id == shop_.id)
      return "an identifier was given twice";
    const auto shop = *host_.ledger->find("member", shop_.id), second = *host_.ledger->find("member", second_.id);
    if (!shop || field(*shop, "name") != "The Shop" || !has_field(*shop, "Endpoint.1")) return "the move is lost";
    if (!second || second->state != "REMOVED") return "who left is back";
    if (!host_.ledger->list("vendor.place", "", 10)->empty()) return "a place waits for ever";
    return host_.ledger->list("vendor.request", "", 10)->empty() ? "" : "a request waits for ever";
  }
  std::string verdict_on_others() {
    const auto wallet = *host_.ledger->find("member", wallet_.id), bank = *host_.ledger->find("member", bank_.id);
    if (!wallet || wallet->state != "REMOVED" || field(*wallet, "ticket") != wallet_.ticket)
      return "the Wallet is another";
    if (!bank || field(*bank, "Endpoint.0").find("8081") == std::string::npos) return "the Broker's change is lost";
    return {};
  }

  void open() {
    host_.node.reset();
    for (int tries = 0; tries < kMaxTries; ++tries) {
      auto opened = ledger::open_sqlite("registration.ledger", disk_.vfs_name());
      if (opened) {
        host_.ledger = std::move(*opened);
        break;
      }
      ++cuts_;
      disk_.power_on();
    }
    if (lazy_) host_.ledger = std::make_unique<ledger::LazyLedger>(std::move(host_.ledger));
    host_.restart();
  }

  void recover() {
    ++cuts_;
    host_.node.reset();
    disk_.power_on();
    open();
    host_.node->on_time();
    host_.flush();
  }

  /// Asks with the same bytes until there is an answer.
  std::string post(std::string_view path, const std::string& body, const std::string& address) {
    std::string answer;
    for (int tries = 0; tries < kMaxTries && answer.empty(); ++tries) {
      answer = host_.raw(path, body, address);
      if (answer.empty()) recover();
    }
    kept_.push_back({std::string(path), body, address, answer});
    return answer;
  }

  /// Asks with the same bytes until there is an answer, and answers the Probes that come meanwhile.
  template <class Request>
  std::string ask(Newcomer& who, const Request& request, const std::string& secret = {}) {
    std::string code;
    who.probe = {};
    for (int tries = 0; tries < kMaxTries && code.empty(); ++tries) {
      code = who.send(request);
      if (code ==
          protocol::QP_E_FORBIDDEN) {  // the answer was lost on the way: it has moved, and asks from where it is now
        who.place = kThirdPlace;
        code = who.send(request);
      }
      while (code.empty() && !who.probe.msg_id.empty()) {
        const auto answer = who.right_answer(secret.empty() ? who.secret : secret);
        const OutgoingCall asked = std::exchange(who.probe, {});
        host_.reply(asked, answer, admin::kProbeMessage);
        code = who.look();
      }
      if (!code.empty()) break;
      recover();
      who.look();
    }
    kept_.push_back({who.path, who.body, who.from, who.answer});
    return code;
  }

  ledger::ForgetfulDisk disk_;
  Who who_;
  bool lazy_;
  int cuts_ = 0;
  Single host_{admitting()};
  Newcomer shop_{host_};
  Newcomer thief_{host_, {"127.0.5.9", 9009}};
  Newcomer second_{host_, kMovedPlace};
  Newcomer next_{host_, kMovedPlace};
  Entering wallet_{host_, "127.0.7.1"};
  Entering bank_{host_, kNewBrokerAddress};
  Entering rival_{host_, "127.0.6.2"};
  std::vector<Asked> kept_;
  std::vector<std::string> said_;
};

struct Counts {
  int cuts = 0;
  std::vector<std::string> wrong;
};

Counts cut_everywhere(Comings::Who who, bool lazy) {
  Counts counts;
  Comings whole(who, -1, lazy);
  whole.run();
  const int writes = whole.writes();
  const std::string found = whole.verdict();
  if (!found.empty()) counts.wrong.push_back("without a cut: " + found);
  for (int n = 1; n <= writes; ++n) {
    Comings comings(who, n, lazy);
    comings.run();
    counts.cuts += comings.was_cut();
    const std::string verdict = comings.verdict();
    if (!verdict.empty()) counts.wrong.push_back("cut at write " + std::to_string(n) + ": " + verdict);
  }
  std::printf("registration%s: %d writes, %d cuts, %zu wrong\n", lazy ? ", lazy" : "", writes, counts.cuts,
              counts.wrong.size());
  return counts;
}

// QP-REL-002 QP-ADD-23 QP-ADD-26 QP-ADD-01: whatever write is the last one before the power fails, an identifier that
// was given stays given, once; a move is whole; who left stays away.
TEST(RegistrationCrash, OfVendorsAtEveryWriteLosesNothing) {
  const Counts counts = cut_everywhere(Comings::Who::vendors, false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// QP-WAL-005 QP-ROLE-025 QP-ADD-01: a ticket that was given is the one that counts, and a code that was used is used.
TEST(RegistrationCrash, OfWalletsAndBrokersAtEveryWriteLosesNothing) {
  const Counts counts = cut_everywhere(Comings::Who::others, false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// Twins: a Host that answers before it has flushed is found.
TEST(RegistrationCrash, TwinAnsweringBeforeTheFlushIsFound) {
  EXPECT_FALSE(cut_everywhere(Comings::Who::vendors, true).wrong.empty());
  EXPECT_FALSE(cut_everywhere(Comings::Who::others, true).wrong.empty());
}

}  // namespace
}  // namespace quickpay::roles
