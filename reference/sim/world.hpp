// A simulated world: nodes of all roles on a network with faults, under a clock of its own, from one seed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "reference/crypto/random.hpp"
#include "reference/ledger/ledger.hpp"
#include "reference/roles/node.hpp"
#include "reference/sim/memory_ledger.hpp"

namespace quickpay::sim {

inline constexpr std::int64_t kStartMs = 1'795'348'800'000;  ///< 2026-11-22T12:00:00Z, where every world begins
inline constexpr std::int64_t kAskTimeoutMs = 20'000;        ///< of World::ask
/// How the id of every Paycard begins: who must not know it is searched for this, and Base64 does not have it by chance.
inline constexpr std::string_view kPaycardCanary = "PaycardCanary";
inline constexpr const char* kHost = "H1";      ///< who is Host in every world
inline constexpr const char* kCurrency = "USD";  ///< the only one that its Brokers take
inline constexpr std::uint16_t kPort = 8080;     ///< of every endpoint
inline constexpr std::uint16_t kSparePort = 6060;  ///< of another one of the first newcomer
inline constexpr const char* kCodes[] = {"ENROL-1", "ENROL-2"};  ///< that its owner gave to Brokers, where there are newcomers
inline constexpr std::size_t kMaxEvents = 2'000'000;         ///< events of one world; more is a loop

class VirtualClock : public roles::Clock {
 public:
  std::int64_t now_ms() const override { return now_ms_; }
  void set(std::int64_t ms) { now_ms_ = ms; }

 private:
  std::int64_t now_ms_ = kStartMs;
};

/// The clock of one player: the world's, set wrongly.
class SiteClock : public roles::Clock {
 public:
  explicit SiteClock(const VirtualClock& base, std::int64_t skew_ms) : base_(base), skew_ms_(skew_ms) {}
  std::int64_t now_ms() const override { return base_.now_ms() + skew_ms_; }

 private:
  const VirtualClock& base_;
  std::int64_t skew_ms_;
};

/// What the network does to messages. Percentages of 100.
struct Faults {
  unsigned loss = 0;
  unsigned duplicate = 0;
  std::int64_t min_delay_ms = 1;
  std::int64_t max_delay_ms = 5;  ///< a wide range reorders
};

/// A message that was put on the network.
struct Sent {
  std::int64_t at_ms = 0;
  std::string from;
  std::string to;
  std::string path;
  bool response = false;
  unsigned http_status = 200;
  std::string body;
  bool arrived = false;
  bool by_node = true;  ///< false: of World::ask, whose sender is no node
};

/// What a node is about to be given: a request, or what became of one of its own. Valid while it is told.
struct Input {
  const std::string& path;
  const std::string& request;                 ///< body
  const roles::CallResult* answer = nullptr;  ///< null: the request is for this node
};

/// One player of a world: its ledger outlives its node.
struct Site {
  roles::NodeConfig config;  ///< the id of a newcomer is what the world calls it: its node has none until the Host gives it one
  std::string address;
  bool newcomer = false;     ///< it has to register at the Host first
  std::vector<roles::Endpoint> places = {};  ///< of a newcomer: where it listens
  roles::TableDirectory directory;
  std::unique_ptr<SiteClock> clock;
  std::unique_ptr<crypto::Random> random;
  std::unique_ptr<ledger::Ledger> ledger;
  MemoryLedger* memory = nullptr;  ///< the ledger, if it is one in memory
  std::unique_ptr<roles::Node> node;  ///< null while it is down
  std::vector<roles::UserEvent> user;
  std::vector<roles::TraceLine> trace;
  int failures = 0;  ///< flushes that failed and stopped the node
};

struct WorldOptions {
  int brokers = 1;
  int vendors = 1;
  int wallets = 1;
  Faults faults;
  std::int64_t limit = 100'000;  ///< of every account, minor units
  bool trace = false;
  bool confirm = true;           ///< users say yes to every offer
  bool authenticate = false;     ///< profile H: players have the keys that they share
  bool sign = false;             ///< Host, Brokers and Vendors have keys, so that they can settle
  bool newcomers = false;        ///< there are players that are to register, too; the Host has a key to seal to, and codes for Brokers
  /// Changes a node's configuration before the node is made.
  std::function<void(roles::NodeConfig&)> configure;
  /// By how much a player's clock is ahead; empty: none is.
  std::function<std::int64_t(const roles::NodeConfig&)> skew_ms;
  /// Opens a site's ledger, also after a crash; empty: MemoryLedger, which keeps what was flushed.
  std::function<std::unique_ptr<ledger::Ledger>(const std::string& id)> open_ledger;
};

class World {
 public:
  World(std::uint64_t seed, WorldOptions options);

  VirtualClock clock;
  Faults faults;
  std::vector<Sent> sent;
  /// Asked for each event of a user; the default confirms offers if the options say so.
  std::function<void(Site&, const roles::UserEvent&)> on_user;
  /// Asked for each request that arrives, by its path and body: an answer that somebody on the path gives in place of the receiver, who does not
  /// get it then. Not asked for those of `ask`.
  std::function<std::optional<std::string>(const std::string& path, const std::string& body)> on_path;
  /// Called before a node is given a request or what became of its own, after which `after_input` follows.
  std::function<void(Site&, const Input&)> before_input;
  /// Called after every input of a node, e.g. to check what must always hold.
  std::function<void(Site&)> after_input;
  /// Called when a node stopped because its ledger failed.
  std::function<void(Site&)> on_stopped;

  Site& site(std::string_view id);
  std::map<std::string, Site>& sites() { return sites_; }
  /// Ids of the players of a role, in order, without newcomers.
  std::vector<std::string> ids(std::string_view role) const;
  /// What the newcomers are called, in order.
  std::vector<std::string> newcomers() const;

  void crash(std::string_view id);    ///< the node is gone, its ledger keeps what was flushed
  void restart(std::string_view id);  ///< a new node on the same ledger
  /// No message passes between the two; an empty `b` cuts `a` off from everybody.
  void cut(std::string_view a, std::string_view b, bool is_cut);

  /// Calls `action` after `delay_ms`.
  void later(std::int64_t delay_ms, std::function<void()> action);
  /// Runs an action on a node as one input, and what leaves it.
  template <class Action>
  auto act(Site& site, Action&& action);

  /// Processes everything that happens up to this time; the clock ends there.
  void run_until(std::int64_t ms);
  void run_for(std::int64_t ms) { run_until(clock.now_ms() + ms); }
  /// Runs until `done` or until `limit_ms` have passed; says whether it is done.
  bool run_to(const std::function<bool()>& done, std::int64_t limit_ms);

  /// The user of the wallet opens a link. Returns the key of the order, empty if it was refused.
  std::string buy(const std::string& wallet, const std::string& vendor, const std::string& item = "item-1");
  /// The same with the link of a regular order.
  std::string buy_regular(const std::string& wallet, const std::string& vendor, std::int64_t quantity = 1);
  /// Puts a request of somebody who is no node of his own on the network, from the address of `from`. `told` gets the answer, or
  /// within kAskTimeoutMs that there is none. What becomes of it on the way is drawn apart, for each protocol: nothing else is drawn otherwise because of it.
  void ask(const std::string& from, const std::string& to, const std::string& path, const std::string& body,
           std::function<void(const roles::CallResult&)> told);
  /// State of a record, empty if there is none or the site is down.
  std::string state(std::string_view id, std::string_view machine, std::string_view key);
  /// Requests that arrived at `id`, by message path, e.g. {"/qp/1/micro/check-commit": 1}.
  std::map<std::string, int> arrived(std::string_view id) const;

  std::uint64_t below(std::uint64_t bound);

 private:
  struct Event {
    std::int64_t at_ms;
    std::uint64_t number;
    std::function<void()> action;
    bool operator<(const Event& other) const {
      return at_ms != other.at_ms ? at_ms > other.at_ms : number > other.number;
    }
  };
  struct Exchange {
    std::string caller, msg_id, callee, path;
    bool resolved = false;
    std::function<void(const roles::CallResult&)> told = {};  ///< empty: the caller's node is
    std::string request = {};                                 ///< body
  };

  void populate();
  Site& add_site(roles::NodeConfig config, std::string address);
  void add_newcomers();
  void acquaint(Site& site);  ///< with everybody
  std::unique_ptr<roles::Node> make_node(Site& site);
  std::string receiver_of(const roles::OutgoingCall& call) const;
  void start(Site& site);
  void settle(Site& site);  ///< flushes and sends what leaves
  void wake(Site& site);
  void send(Site& site, const roles::OutgoingCall& call);
  void deliver(const std::shared_ptr<Exchange>& exchange, const std::string& body, std::size_t sent_at);
  void answer(Site& site, const roles::Answer& answer);
  void resolve(const std::shared_ptr<Exchange>& exchange, const roles::CallResult& result);
  void fetch(Site& site, const roles::OutgoingFetch& fetch);
  bool passes(const std::string& a, const std::string& b) const;
  std::int64_t delay();
  bool chance(unsigned percent) { return percent != 0 && below(100) < percent; }

  WorldOptions options_;
  void put_on_network(const std::shared_ptr<Exchange>& exchange, const std::string& body, std::int64_t timeout_ms);

  crypto::SeededRandom random_;
  std::map<std::string, crypto::SeededRandom> asked_random_;  ///< of `ask`, by the protocol in the path
  crypto::SeededRandom* drawing_ = &random_;  ///< what `below` draws from
  /// What becomes of a message on the network is drawn from this.
  crypto::SeededRandom* drawn_from(const Exchange& exchange);
  std::uint64_t seed_;
  std::map<std::string, Site> sites_;
  std::set<std::pair<std::string, std::string>> cuts_;
  std::priority_queue<Event> events_;
  std::map<roles::ConnectionToken, std::shared_ptr<Exchange>> connections_;
  std::uint64_t next_number_ = 1;
  std::size_t processed_ = 0;
};

template <class Action>
auto World::act(Site& site, Action&& action) {
  if constexpr (std::is_void_v<std::invoke_result_t<Action, roles::Node&>>) {
    action(*site.node);
    settle(site);
  } else {
    auto result = action(*site.node);
    settle(site);
    return result;
  }
}

/// One Host, one or two Brokers, Vendors and Wallets, chosen by the seed.
std::unique_ptr<World> make_world(std::uint64_t seed, WorldOptions options);
std::unique_ptr<World> make_world(std::uint64_t seed);

}  // namespace quickpay::sim
