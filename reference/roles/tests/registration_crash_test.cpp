// Players register, change and leave, while the Host's power is cut at every single write of its ledger.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <vector>

#include "reference/roles/tests/entering.hpp"
#include "reference/roles/tests/power.hpp"

namespace quickpay::roles {
namespace {

/// Two servers become Vendors, a thief does not, one Vendor moves, the other leaves, and a fourth one comes to its
/// place. A Wallet comes, moves and leaves; of two Brokers with one code one comes, and changes.
class Comings {
 public:
  enum class Who { vendors, others };
  Comings(Who who, msg::Profile profile, const ledger::Cut& cut)
      : who_(who), host_(profile == msg::Profile::H ? in_h(admitting()) : admitting(), cut) {
    for (Entering* one : {&wallet_, &bank_, &rival_}) {
      one->profile = profile;
      one->carry = [this](std::string_view path, const std::string& body, const std::string& address) {
        return host_.ask_and_keep(path, body, address);
      };
    }
  }

  void run() { who_ == Who::vendors ? run_vendors() : run_others(); }

  const Powered& cutting() const { return host_; }

  /// What is wrong after one more loss of power, or nothing.
  std::string verdict() {
    const std::vector<std::string> vendors = {"QP-OK", "QP-E-ADDRESS", "QP-OK", "QP-OK", "QP-OK", "QP-OK"};
    const std::vector<std::string> others = {"QP-OK", "QP-OK", "QP-OK", "QP-OK", "QP-E-FORBIDDEN", "QP-OK"};
    if (said_ != (who_ == Who::vendors ? vendors : others)) return testing::PrintToString(said_);
    host_.recover();
    if (const std::string found = host_.not_kept(); !found.empty()) return found;
    return who_ == Who::vendors ? verdict_on_vendors() : verdict_on_others();
  }

 private:
  void run_vendors() {
    said_.push_back(ask(shop_, shop_.registration()));
    said_.push_back(ask(thief_, thief_.registration(), host_.single.fresh_id()));
    said_.push_back(ask(second_, second_.registration()));
    said_.push_back(ask(shop_, shop_.update({kThirdPlace, {"127.0.5.4", 9004}}, "The Shop")));
    host_.kept.back().address = kThirdPlace.address;  // it is not where it was, so that it asks again from where it is
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
    const auto shop = *host_.single.ledger->find("member", shop_.id),
               second = *host_.single.ledger->find("member", second_.id);
    if (!shop || field(*shop, "name") != "The Shop" || !has_field(*shop, "Endpoint.1")) return "the move is lost";
    if (!second || second->state != "REMOVED") return "who left is back";
    if (!host_.single.ledger->list("vendor.place", "", 10)->empty()) return "a place waits for ever";
    return host_.single.ledger->list("vendor.request", "", 10)->empty() ? "" : "a request waits for ever";
  }
  std::string verdict_on_others() {
    const auto wallet = *host_.single.ledger->find("member", wallet_.id),
               bank = *host_.single.ledger->find("member", bank_.id);
    if (!wallet || wallet->state != "REMOVED" || field(*wallet, "ticket") != wallet_.ticket)
      return "the Wallet is another";
    if (!bank || field(*bank, "Endpoint.0").find("8081") == std::string::npos) return "the Broker's change is lost";
    // in profile H with the code of the key that it was given
    return bank_.update(bank_.change({{kNewBrokerAddress, 8082}}, kNoon + 1000)) == protocol::QP_OK ? "" : "the Broker is a stranger";
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
        host_.single.reply(asked, answer, admin::kProbeMessage);
        code = who.look();
      }
      if (!code.empty()) break;
      host_.recover();
      who.look();
    }
    host_.kept.push_back({who.path, who.body, who.from, who.answer});
    return code;
  }

  Who who_;
  Powered host_;
  Newcomer shop_{host_.single};
  Newcomer thief_{host_.single, {"127.0.5.9", 9009}};
  Newcomer second_{host_.single, kMovedPlace};
  Newcomer next_{host_.single, kMovedPlace};
  Entering wallet_{host_.single, "127.0.7.1"};
  Entering bank_{host_.single, kNewBrokerAddress};
  Entering rival_{host_.single, "127.0.6.2"};
  std::vector<std::string> said_;
};

ledger::Cuts cut_everywhere(Comings::Who who, msg::Profile profile, bool lazy) {
  const std::string label = fmt::format("registration, {}, profile {}{}", who == Comings::Who::vendors ? "vendors" : "others",
                                        msg::to_string(profile), lazy ? ", lazy" : "");
  return ledger::cut_everywhere(label, [&](int n) { return std::make_unique<Comings>(who, profile, ledger::Cut{n, lazy}); });
}

// QP-REL-002 QP-ADD-23 QP-ADD-26 QP-ADD-01: whatever write is the last one before the power fails, an identifier that
// was given stays given, once; a move is whole; who left stays away. That of profile H: joining_crash_test.
TEST(RegistrationCrash, OfVendorsAtEveryWriteLosesNothing) {
  const ledger::Cuts counts = cut_everywhere(Comings::Who::vendors, msg::Profile::F, false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

class OthersCrash : public testing::TestWithParam<msg::Profile> {};

// QP-WAL-005 QP-ROLE-025 QP-ADD-01 QP-ADD-21: a ticket that was given is the one that counts, a code that was used is used,
// and so is a key.
TEST_P(OthersCrash, OfWalletsAndBrokersAtEveryWriteLosesNothing) {
  const ledger::Cuts counts = cut_everywhere(Comings::Who::others, GetParam(), false);
  EXPECT_GT(counts.cuts, 20);
  EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
}

// Twins: a Host that answers before it has flushed is found.
TEST_P(OthersCrash, TwinAnsweringBeforeTheFlushIsFound) {
  EXPECT_FALSE(cut_everywhere(Comings::Who::others, GetParam(), true).wrong.empty());
}
TEST(RegistrationCrash, TwinAnsweringBeforeTheFlushIsFound) {
  EXPECT_FALSE(cut_everywhere(Comings::Who::vendors, msg::Profile::F, true).wrong.empty());
}

INSTANTIATE_TEST_SUITE_P(Profiles, OthersCrash, testing::Values(msg::Profile::F, msg::Profile::H),
                         [](const auto& in) { return std::string(msg::to_string(in.param)); });

}  // namespace
}  // namespace quickpay::roles
