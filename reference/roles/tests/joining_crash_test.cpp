// A Vendor registers itself, moves and leaves, while its power or the Host's is cut at every single write of the
// ledger.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <tuple>

#include "reference/roles/tests/town.hpp"

namespace quickpay::roles {
namespace {

const std::string kRegistration = "vendor.registration";

TownPlan joining(const std::string& victim, const ledger::Cut& cut, bool authenticated) {
  TownPlan plan{victim, cut, {}};
  plan.configs = {{"host", registering()},
                  {"broker", broker_config()},
                  {"vendor", signing(vendor_config())},
                  {"wallet", wallet_config()}};
  plan.configs["vendor"].id.clear();
  if (authenticated) plan.configs["host"].profile = plan.configs["vendor"].profile = "H";
  return plan;
}

/// The life of a Vendor at its Host, as its owner wants it.
class Joined {
 public:
  Joined(const std::string& victim, const ledger::Cut& cut, bool authenticated)
      : town_(joining(victim, cut, authenticated)) {
    Player host = *town_.single("vendor").directory.find("H1").player;
    const auto key = key_of("broker").public_key();
    host.keys.push_back({key.key_id(), key.spki_der(), KeyUsage::seal, kNoon - kDayMs, kNoon + 400 * kDayMs, {}});
    town_.single("vendor").directory.put(host);
    town_.addresses["vendor"] = [this] { return has_moved() ? kMovedPlace.address : kNewAddress; };
    town_.on_owner = [this](const UserEvent& event) {
      if (event.kind == "tell") told(event.text);
    };
  }

  void run() {
    insist([](Node& node) { return node.register_vendor(kNewPlace, "The Shop").has_value(); },
           [this] { return state() == "REGISTERED"; });
    insist([](Node& node) { return node.change_vendor({kMovedPlace}).has_value(); },
           [this] { return state() == "REGISTERED" && has_moved(); });
    insist([](Node& node) { return node.unregister_vendor().has_value(); }, [this] { return state() == "GONE"; });
  }
  const Powered& cutting() const { return town_.cutting(); }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    if (const std::string broken = town_.broken(); !broken.empty()) return broken;
    if (refused_) return "the Host refused";
    if (state() != "GONE" || town_.state("host", "host.vendor", "V1") != "REMOVED") return "the Vendor is still there";
    if (town_.all("host", "member").size() != 1) return "an identifier was given twice";
    if (town_.single("vendor").node->config().id != "V1") return "the Vendor has another identifier";
    if (*town_.single("vendor").ledger->next_call_ms()) return "the Vendor still asks";
    for (const char* message : {"RegisterVendor", "UpdateVendor", "UnregisterVendor"}) {
      if (town_.asked[message].size() != 1) return "more than one " + std::string(message) + " has left";
    }
    return {};
  }

 private:
  std::string state() { return town_.state("vendor", kRegistration, "H1"); }
  bool has_moved() {
    const auto member = *town_.single("host").ledger->find("member", "V1");
    return member && field(*member, "Endpoint.0").find(kMovedPlace.address) != std::string::npos;
  }
  void told(const std::string& what) {
    refused_ |= what == "refused";
    if (what == "registered")
      town_.promise("the identifier is gone", [this] { return town_.single("vendor").node->config().id == "V1"; });
    if (what == "gone") town_.promise("who left is back", [this] { return state() == "GONE"; });
  }
  /// The owner wants something until it has come about.
  void insist(const std::function<bool(Node&)>& action, const std::function<bool()>& came) {
    for (int tries = 0; tries < kMaxTries && !came(); ++tries) {
      const std::string before = state();
      bool done = false;
      const bool acknowledged = town_.act("vendor", [&](Node& node) { done = action(node); });
      if (done && acknowledged) {
        town_.promise("what was wanted is forgotten", [this, before, came] { return state() != before || came(); });
      }
      town_.wait(60'000);
    }
  }

  Town town_;
  bool refused_ = false;
};

class JoiningCrash : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  static ledger::Cuts cut_everywhere(bool lazy, std::uint64_t seed = 0) {
    const auto& [role, authenticated] = GetParam();
    const std::string label = fmt::format("{}, registration of a Vendor, profile {}, disk seed {}{}", role,
                                          authenticated ? "H" : "F", seed, lazy ? ", lazy" : "");
    const auto make = [&, who = role, keys = authenticated](int n) {
      return std::make_unique<Joined>(who, ledger::Cut{n, lazy, seed}, keys);
    };
    return ledger::cut_everywhere(label, make);
  }
};

// QP-REL-002 QP-ADM-013 QP-ADD-26 QP-ADD-01: whatever write is the last one before the power fails, the Vendor asks
// once for each thing, gets one identifier and keeps it, in profile H with a key that both have, answers the Probe of
// what it asked for, and who left stays away.
TEST_P(JoiningCrash, AtEveryWriteLosesNothing) {
  for (const std::uint64_t seed : {0, 7}) {
    const auto counts = cut_everywhere(false, seed);
    EXPECT_GT(counts.cuts, 10);
    EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
  }
}

// Twin: a player that lets things out before they are on the disk is found.
TEST_P(JoiningCrash, TwinActingBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(true).wrong.empty()); }

INSTANTIATE_TEST_SUITE_P(Roles, JoiningCrash, testing::Combine(testing::Values("vendor", "host"), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

}  // namespace
}  // namespace quickpay::roles
