// A payment during which the power of one player is cut, at every single write of its ledger, in both profiles
// (QP-ADD-05, QP-REL-003).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>
#include <tuple>

#include "reference/ledger/testing/cuts.hpp"
#include "reference/ledger/testing/forgetful_disk.hpp"
#include "reference/ledger/testing/lazy_ledger.hpp"
#include "reference/sim/invariants.hpp"
#include "reference/sim/tests/support.hpp"

namespace quickpay::sim {
namespace {

constexpr int kMaxOpenTries = 4;
constexpr std::int64_t kDowntimeMs = 3000;

struct Where {
  std::string role;            ///< whose power is cut
  bool authenticated = false;  ///< profile H
};

/// One purchase in a world in which one player keeps its ledger on a disk that forgets.
class Purchase {
 public:
  Purchase(const Where& where, const ledger::Cut& cut)
      : victim_(where.role),
        authenticated_(where.authenticated),
        disk_(cut.seed),
        lazy_(cut.lazy),
        shop_(options(cut.at)) {
    if (!shop_.world->site(victim_).node) recover_later();
    shop_.world->on_stopped = [this](Site&) { recover_later(); };
  }

  void run() {
    World& world = *shop_.world;
    for (int tries = 0; tries < 3 && !bought(); ++tries) {  // a link that was lost is opened again
      order_ = world.buy(shop_.wallet, shop_.vendor);
      world.run_for(kMinute);
    }
    world.run_for(2 * kHour);
  }

  bool was_cut() const { return cuts_ > 0; }
  int writes() const { return disk_.writes(); }
  const Purchase& cutting() const { return *this; }

  /// What is wrong in the end, or nothing.
  std::string verdict() {
    World& world = *shop_.world;
    const auto wallet = shop_.only(shop_.wallet, "wallet.order");
    if (wallet.state != "DONE") return "the wallet is " + wallet.state;
    if (orders_asked_for() != 1) return "an order that the wallet asked for is not known to it";
    if (shop_.account("owed") != 125 || shop_.account("held") != 0) return "paid otherwise than once";
    if (shop_.only("H1", "host.case").variables != std::vector<std::string>{"c=in-time", "d=in-time"}) {
      return "the case is not complete";
    }
    const std::string wrong = wrong_log(*world.site("H1").ledger);
    if (!wrong.empty()) return wrong;
    for (const Sent& one : world.sent) {
      if (one.response && one.from == victim_ && one.body.find("QP-OK") != std::string::npos && !kept(one)) {
        return "an acknowledged answer of " + one.path + " is not kept";
      }
    }
    return {};
  }

 private:
  WorldOptions options(int cut) {
    WorldOptions made;
    made.authenticate = authenticated_;
    made.configure = [this](roles::NodeConfig& config) {
      if (victim_ == config.role) victim_ = config.id;
    };
    disk_.cut_at(cut);
    made.open_ledger = [this](const std::string& id) -> std::unique_ptr<ledger::Ledger> {
      if (id != victim_) return std::make_unique<MemoryLedger>();
      return open();
    };
    return made;
  }

  std::unique_ptr<ledger::Ledger> open() {
    for (int tries = 0; tries < kMaxOpenTries; ++tries) {
      auto opened = ledger::open_sqlite("ledger.db", disk_.vfs_name());
      if (opened && lazy_) return std::make_unique<ledger::LazyLedger>(std::move(*opened));
      if (opened) return std::move(*opened);
      ++cuts_;
      disk_.power_on();
    }
    return std::make_unique<MemoryLedger>();
  }

  bool bought() {
    return !order_.empty() && shop_.world->site(shop_.wallet).node && !shop_.wallet_state(order_).empty();
  }

  void recover_later() {
    ++cuts_;
    shop_.world->later(kDowntimeMs, [this] {
      disk_.power_on();
      shop_.world->restart(victim_);
      Site& site = shop_.world->site(victim_);
      if (site.node) shop_.world->act(site, [](roles::Node& node) { node.show_offers(); });
    });
  }

  /// Whether a final answer that left the victim is what a repeat of its request would get.
  bool kept(const Sent& answer) {
    const std::string sender = answer.path.find("order-delivery") == std::string::npos &&
                                       answer.path.find("get-order") == std::string::npos
                                   ? answer.to
                                   : "";
    const auto stored = shop_.world->site(victim_).ledger->find_answer(answer.path, sender, id_in(answer.body, "<InReplyTo>"));
    return stored && *stored && (*stored)->body == answer.body;
  }

  static std::string id_in(const std::string& body, std::string_view tag) {
    const std::size_t at = body.find(tag);
    return at == std::string::npos ? "" : body.substr(at + tag.size(), 32);
  }

  std::size_t orders_asked_for() {
    std::set<std::string> ids;
    for (const Sent& one : shop_.world->sent) {
      if (!one.response && one.path.ends_with("/get-order")) ids.insert(id_in(one.body, "<MsgId>"));
    }
    return ids.size();
  }

  std::string victim_;
  bool authenticated_;
  ledger::ForgetfulDisk disk_;
  bool lazy_;
  int cuts_ = 0;
  Shop shop_;
  std::string order_;
};

ledger::Cuts cut_everywhere(const Where& where, bool lazy, std::uint64_t disk_seed = 0) {
  const std::string label = fmt::format("{} in profile {}, disk seed {}{}", where.role, where.authenticated ? "H" : "F",
                                        disk_seed, lazy ? ", lazy" : "");
  return ledger::cut_everywhere(label, [&](int n) {
    return std::make_unique<Purchase>(where, ledger::Cut{n, lazy, disk_seed});
  });
}

class Crash : public testing::TestWithParam<std::tuple<const char*, bool>> {
 protected:
  Where where() const { return {std::get<0>(GetParam()), std::get<1>(GetParam())}; }
};

// QP-ADD-05, QP-REL-003, QP-ADD-28: whatever write is the last one before the power fails, after the restart nothing
// acknowledged is missing, nothing is paid twice, and the purchase ends well.
TEST_P(Crash, AtEveryWriteLosesNothing) {
  for (const std::uint64_t disk_seed : {0, 7}) {
    const ledger::Cuts counts = cut_everywhere(where(), false, disk_seed);
    EXPECT_GT(counts.cuts, 20);
    EXPECT_TRUE(counts.wrong.empty()) << testing::PrintToString(counts.wrong);
  }
}

// Twin: a ledger that answers before it has flushed loses acknowledged state, and the test sees it.
TEST_P(Crash, TwinAnsweringBeforeTheFlushIsFound) { EXPECT_FALSE(cut_everywhere(where(), true).wrong.empty()); }

INSTANTIATE_TEST_SUITE_P(Roles, Crash,
                         testing::Combine(testing::Values("wallet", "vendor", "broker", "host"), testing::Bool()),
                         [](const auto& in) {
                           return std::string(std::get<0>(in.param)) + (std::get<1>(in.param) ? "_H" : "_F");
                         });

}  // namespace
}  // namespace quickpay::sim
