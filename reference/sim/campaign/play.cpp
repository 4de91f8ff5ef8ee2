#include "reference/sim/campaign/play.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "reference/roles/accounts.hpp"
#include "reference/roles/trace_step.hpp"
#include "reference/sim/campaign/abstraction.hpp"
#include "reference/sim/campaign/goals.hpp"
#include "reference/sim/campaign/lookups.hpp"
#include "reference/sim/campaign/meddler.hpp"
#include "reference/sim/campaign/membership.hpp"
#include "reference/sim/campaign/newcomers.hpp"
#include "reference/sim/campaign/postbox.hpp"
#include "reference/sim/campaign/revokes.hpp"
#include "reference/sim/world.hpp"
#include "statemachines/monitor/judge.hpp"

namespace quickpay::sim {
namespace {

constexpr std::int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr std::int64_t kStepMs = 2 * kSecond;   // between two actions
constexpr std::int64_t kToTheEnd = 3 * kHour;   // in which everything that can end has ended
constexpr std::int64_t kToTheMoney = 3 * 24 * kHour;  // in which what was settled has been paid
constexpr std::int64_t kCommissionBp = 150;
constexpr int kRounds = 4;  // of settling
constexpr std::uint64_t kWithoutMailOneOf = 4;  // one of so many worlds is played without its mail, too

const char* role_of(Liar liar) {
  return liar == Liar::wallet ? "wallet" : liar == Liar::vendor ? "vendor" : liar == Liar::broker ? "broker" : "";
}

class Player {
 public:
  Player(const Script& script, const Sown& sown)
      : script_(script), sown_(sown), newcomers_(world_, script_), world_(script.seed, options()), revokes_(world_, script_, liar_), goals_(world_, script_, liar_, revokes_.asked()),
        postbox_(world_, script.authenticated), meddler_(world_, script_, liar_), membership_(world_, newcomers_),
        abstraction_(world_, script_, liar_) {
    world_.on_user = [this](Site& at, const roles::UserEvent& event) { decide(at, event); };
    newcomers_.struck = [this](const std::string& id) { abstraction_.onlooker().struck_off(id); };
    world_.before_input = [this](Site&, const Input& input) {
      if (sown_.traced) abstraction_.onlooker().begin(input);
    };
    world_.after_input = [this](Site& at) {
      if (sown_.traced) note(abstraction_.look(at));
      note(goals_.look(at));
      note(membership_.look(at));
    };
  }

  Played play() {
    for (std::size_t i = 0; i < std::max(script_.actions.size(), script_.joinings.size()) && wrong_.empty(); ++i) {
      if (i < script_.joinings.size()) newcomers_.act(script_.joinings[i]);
      if (i < script_.actions.size()) act(script_.actions[i]);
      run(kStepMs);
      note(goals_.look_at_network());
      note(postbox_.wrong());
    }
    meddler_.meddle();
    if (script_.host_only) {
      run(2 * kMinute);
      if (script_.liar == Liar::nobody) note(goals_.look_at_deliveries());
    }
    calm();
    look_everybody_up(world_, script_);
    run(kToTheEnd);
    note(goals_.look_at_network());
    note(goals_.look_at_the_end());
    note(membership_.look_at_the_end());
    collect_all();
    settle();
    Played played;
    played.wrong = wrong_;
    played.deliveries = goals_.deliveries();
    played.receipts = goals_.receipts();
    played.revoked = goals_.revokes(true);
    played.not_revoked = goals_.revokes(false);
    played.mails = postbox_.shown();
    played.registered = membership_.registered();
    played.abstracted = abstraction_.compared();
    judge_traces(played);
    return played;
  }

  /// All that is kept but mail, and of newcomers: the states of records, and accounts.
  std::string fingerprint();

 private:
  WorldOptions options();
  void configure(roles::NodeConfig& config);
  void decide(Site& at, const roles::UserEvent& event);
  void act(const Action& action);
  void accident(const Action& action);
  void buy(const Action& action, bool wrongly);
  void buy_regular(const Action& action);
  void mail(const Action& action);
  void buy_more();
  void take_back_and_buy();
  void collect_all();
  void calm();
  void settle();
  void ask_to_settle();
  std::string any(const char* role, unsigned choice) {
    const auto ids = world_.ids(role);
    return ids[choice % ids.size()];
  }
  std::string anybody(unsigned choice) {
    if (script_.host_only) return kHost;
    static constexpr const char* kRoles[] = {"host", "broker", "vendor", "wallet"};
    return any(kRoles[choice % 4], choice / 4);
  }
  /// Time passes until something is wrong.
  void run(std::int64_t ms) {
    world_.run_to([this] { return !wrong_.empty(); }, ms);
  }
  void note(const std::string& wrong) {
    if (wrong_.empty()) wrong_ = wrong;
  }
  void judge_traces(Played& played);

  Script script_;
  Sown sown_;
  std::string liar_;
  std::vector<std::unique_ptr<roles::Deviation>> deviations_;
  std::set<std::string> wrongly_;  // orders whose digest the user gets wrong
  std::set<std::pair<std::string, std::string>> cuts_;
  bool suspended_ = false;
  std::string wrong_;
  Newcomers newcomers_;  // asked for what newcomers do otherwise while the world is made
  World world_;
  Revokes revokes_;
  Goals goals_;
  Postbox postbox_;
  Meddler meddler_;
  Membership membership_;
  Abstraction abstraction_;
};

WorldOptions Player::options() {
  WorldOptions options;
  options.brokers = 1 + (script_.players & 1);
  options.vendors = 1 + (script_.players >> 1 & 1);
  options.wallets = 1 + (script_.players >> 2 & 1);
  options.limit = (script_.players & 8) != 0 && !script_.host_only ? 300 : 100'000;
  options.trace = sown_.traced;
  options.sign = script_.settles != Settles::no || script_.regular;
  options.authenticate = script_.authenticated;
  options.newcomers = !script_.joinings.empty();
  options.configure = [this](roles::NodeConfig& config) { configure(config); };
  options.skew_ms = [this](const roles::NodeConfig& config) {
    return static_cast<std::int64_t>(config.role.size() % 4) * script_.skew * kMinute;
  };
  options.open_ledger = [this](const std::string& id) -> std::unique_ptr<ledger::Ledger> {
    if (sown_.ledger && id != liar_ && world_.site(id).config.role == sown_.role) return sown_.ledger();
    return std::make_unique<MemoryLedger>();
  };
  return options;
}

void Player::configure(roles::NodeConfig& config) {
  if (script_.settles != Settles::no && config.role == "broker") config.commission_bp = kCommissionBp;
  if (script_.settles == Settles::past_the_host) {  // who is not reached is soon taken for unreachable
    config.parameters.t_broker = 60;
    config.parameters.n_broker = 2;
  }
  std::unique_ptr<roles::Deviation> own;
  if (script_.liar != Liar::nobody && config.role == role_of(script_.liar) && liar_.empty()) {
    liar_ = config.id;
    own = make_lies(script_.liar, config.id, config.paycards.empty() ? "" : config.paycards[0].secret);
  } else if (config.role == sown_.role) {
    if (sown_.deviation) own = sown_.deviation();
    config.engine_factory = sown_.engine_factory;
  }
  if (script_.plain && config.role == "vendor") own = without_signature(std::move(own));
  if (!own) own = newcomers_.lies_of(config.id);
  if (!own) return;
  config.deviation = own.get();
  deviations_.push_back(std::move(own));
}

void Player::decide(Site& at, const roles::UserEvent& event) {
  newcomers_.told(at, event);
  const auto digest = event.details.find("digest");
  if (event.kind != "offer" || digest == event.details.end()) return;
  std::string named = digest->second;
  if (wrongly_.contains(event.order)) named.front() = named.front() == '0' ? '1' : '0';
  goals_.confirmed(at.config.id, named);
  abstraction_.onlooker().named(at.config.id, event.order, named);
  world_.later(100, [this, id = at.config.id, order = event.order, named] {
    Site& wallet = world_.site(id);
    if (wallet.node) world_.act(wallet, [&](roles::Node& node) { return node.confirm(order, named); });
  });
}

void Player::buy(const Action& action, bool wrongly) {
  static constexpr const char* kItems[] = {"item-1", "item-2", "item-far"};
  Site& wallet = world_.site(any("wallet", action.who));
  if (!wallet.node) return;
  const auto order = world_.act(wallet, [&](roles::Node& node) {
    return node.open_link(any("vendor", action.what), kItems[action.what / 2 % 3]);
  });
  if (order && wrongly) wrongly_.insert(*order);
}

void Player::buy_regular(const Action& action) {
  if (!script_.regular) return buy(action, false);
  world_.buy_regular(any("wallet", action.who), any("vendor", action.what), 1 + action.what % 3);
}

void Player::mail(const Action& action) {
  static constexpr const char* kRoles[] = {"wallet", "vendor", "broker"};
  const std::string who = any(kRoles[action.who % 3], action.who / 3);
  if (action.act == Act::post) return postbox_.post(who, action.what);
  if (action.what % 8 == 7) return postbox_.discard(who);
  postbox_.collect(who, action.what);
}

// When all accidents are over, whoever may read mail gets all that is kept for him.
void Player::collect_all() {
  if (postbox_.left() == 0) return;
  for (const char* role : {"wallet", "vendor", "broker"})
    for (const std::string& id : world_.ids(role)) postbox_.collect(id, Postbox::kEverything);
  run(kMinute);
  note(postbox_.wrong());
}

void Player::act(const Action& action) {
  switch (action.act) {
    case Act::wait: return run(action.what * kSecond);
    case Act::buy: return buy(action, false);
    case Act::buy_wrongly: return buy(action, !script_.host_only);
    case Act::buy_regular: return buy_regular(action);
    case Act::take_back: return revokes_.take_back(any("vendor", action.who), action.what);
    case Act::forge_revoke: return revokes_.forge(any("vendor", action.who), action.what);
    case Act::post:
    case Act::collect: return mail(action);
    default: return accident(action);
  }
}

void Player::accident(const Action& action) {
  const bool network = !script_.host_only;
  switch (action.act) {
    case Act::lose: world_.faults.loss = network ? action.what % 60 : 0; break;
    case Act::duplicate: world_.faults.duplicate = network ? action.what % 60 : 0; break;
    case Act::delay: world_.faults.max_delay_ms = network ? 5 + action.what * 100 : 5; break;
    case Act::crash: {
      const std::string one = anybody(action.who);
      world_.crash(one);
      world_.later((1 + action.what) * kSecond, [this, one] { world_.restart(one); });
      break;
    }
    case Act::cut: {
      const std::string one = anybody(action.who), other = any("vendor", action.what);
      world_.cut(one, one == other ? "" : other, true);
      cuts_.insert({one, one == other ? "" : other});
      break;
    }
    case Act::suspend:
      if (Site& host = world_.site(kHost); host.node) {
        abstraction_.onlooker().suspended(true);
        static_cast<void>(world_.act(host, [](roles::Node& node) { return node.suspend(); }));
      }
      suspended_ = true;
      break;
    default: calm(); break;
  }
}

void Player::calm() {
  world_.faults = {};
  for (const auto& [a, b] : std::exchange(cuts_, {})) world_.cut(a, b, false);
  for (auto& [id, at] : world_.sites()) {
    if (!at.node) world_.restart(id);
  }
  if (!std::exchange(suspended_, false)) return;
  abstraction_.onlooker().suspended(false);
  static_cast<void>(world_.act(world_.site(kHost), [](roles::Node& node) { return node.resume(); }));
}

void Player::ask_to_settle() {
  for (const std::string& id : world_.ids("vendor")) {
    Site& vendor = world_.site(id);
    if (vendor.node) world_.act(vendor, [](roles::Node& node) { static_cast<void>(node.settle()); });
  }
}

void Player::buy_more() {
  for (const std::string& wallet : world_.ids("wallet")) {
    for (const std::string& vendor : world_.ids("vendor")) {
      world_.buy(wallet, vendor);
      world_.buy_regular(wallet, vendor);
    }
  }
  run(kHour);
}

// Some of what was claimed goes back, is said to go back, and new orders come, so that there is a Settlement that deducts.
void Player::take_back_and_buy() {
  if (!script_.takes_back) return;
  revokes_.contest_others();
  revokes_.take_some_back();
  revokes_.forge_some();
  buy_more();
}

// All Vendors claim what they delivered, again and again, until what was claimed has been paid.
void Player::settle() {
  if (script_.settles == Settles::no || !wrong_.empty()) return;
  const auto meet = [&](bool apart) {
    for (const std::string& vendor : world_.ids("vendor"))
      for (const std::string& broker : world_.ids("broker")) world_.cut(vendor, broker, apart);
  };
  if (script_.settles == Settles::past_the_host) meet(true);
  if (script_.settles == Settles::through_a_storm) world_.faults = {20, 20, 1, 5000};
  ask_to_settle();
  run(kHour / 3);
  meet(false);
  for (int round = 0; round < kRounds; ++round) {
    run(2 * kHour);
    meddler_.meddle();
    world_.faults = {};
    take_back_and_buy();
    ask_to_settle();
  }
  if (script_.takes_back) {  // Vendors look at their mail in time
    run(2 * kHour);
    revokes_.contest_others();
  }
  run(kToTheMoney);
  if (script_.takes_back) {  // what was held without a signature is over, and deducted
    buy_more();
    ask_to_settle();
    run(kToTheMoney);
  }
  meddler_.meddle();
  run(kMinute);
  note(goals_.look_at_settlement());
}

void Player::judge_traces(Played& played) {
  namespace monitor = statemachines::monitor;
  if (!sown_.traced) return;
  static thread_local monitor::Monitor judge(monitor::all_tables(), "simulated");  // a fresh life forgets the last one
  const std::size_t before = judge.coverage().steps;
  for (const auto& [id, site] : world_.sites()) {
    if (id == liar_) continue;
    judge.take(monitor::BeginLine{"simulated", site.config.role, site.newcomer ? "" : id, site.config.profile, true});
    for (const roles::TraceLine& line : site.trace) {
      const auto found = judge.take(roles::as_step(line));
      if (found && played.wrong.empty()) played.wrong = "L5: " + id + ": " + found->what;
    }
  }
  played.steps = judge.coverage().steps - before;
}

/// Mail itself, and what has names at random: a Host that draws for mail draws other ones.
bool is_left_out(std::string_view protocol) { return protocol == "communication" || protocol == "registration" || protocol == "keys"; }

std::string Player::fingerprint() {
  std::string text;
  for (auto& [id, site] : world_.sites()) {
    for (const statemachines::MachineTable* table : statemachines::monitor::all_tables()) {
      if (table->role != site.config.role || is_left_out(table->protocol)) continue;
      const auto all = site.ledger->list(table->id, "", ledger::kMaxListed);
      for (const ledger::Record& record : *all) {
        text += id + " " + record.machine + " " + record.key + " " + record.state;
        for (const std::string& variable : record.variables) text += " " + variable;
        text += "\n";
      }
    }
    const auto accounts = site.ledger->list(roles::kAccountMachine, "", ledger::kMaxListed);
    for (const ledger::Record& account : *accounts)
      for (const auto& [name, value] : account.fields) text += id + " " + account.key + " " + name + " " + value + "\n";
  }
  return text;
}

bool has_mail(const Script& script) {
  return std::any_of(script.actions.begin(), script.actions.end(), [](const Action& one) { return one.act == Act::post || one.act == Act::collect; });
}

Script without_mail(Script script) {
  for (Action& action : script.actions)
    if (action.act == Act::post || action.act == Act::collect) action = {};
  return script;
}

/// The first line in which two texts differ.
std::string difference(const std::string& one, const std::string& other) {
  std::size_t at = 0;
  while (at < one.size() && at < other.size() && one[at] == other[at]) ++at;
  const std::size_t from = at == 0 ? 0 : one.rfind('\n', at - 1) + 1;
  return one.substr(from, one.find('\n', at) - from);
}

}  // namespace

Sown sown(const Defect& defect) {
  Sown fault{std::string(defect.role), {}, {}, {}, false};
  if (defect.deviation != nullptr) fault.deviation = defect.deviation;
  else fault.ledger = defect.ledger;
  return fault;
}

Played play(const Script& script, const Sown& sown) {
  Player player(script, sown);
  Played played = player.play();
  if (!played.wrong.empty() || script.settles != Settles::no || script.seed % kWithoutMailOneOf != 0 || !has_mail(script)) return played;
  Player alone(without_mail(script), sown);
  alone.play();
  played.compared = true;
  const std::string with = player.fingerprint(), without = alone.fingerprint();
  if (with != without) played.wrong = "G14: it is otherwise without mail, where there is: " + difference(without, with);
  return played;
}

}  // namespace quickpay::sim
