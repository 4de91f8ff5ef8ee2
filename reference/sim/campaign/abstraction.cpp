#include "reference/sim/campaign/abstraction.hpp"

#include <algorithm>
#include <limits>

#include "reference/roles/accounts.hpp"
#include "reference/roles/fields.hpp"
#include "reference/roles/host.hpp"
#include "reference/roles/role.hpp"
#include "statemachines/composition/generated/payment.hpp"
#include "statemachines/composition/layout.hpp"
#include "statemachines/monitor/judge.hpp"

namespace quickpay::sim {
namespace {

using namespace statemachines;

constexpr std::string_view kDue = "due.";       // fields of a record that mirror its timers
constexpr const char* kFetch = "fetch";         // stands for the message of a GET of goods
/// Predicates that are not always as usual in these worlds, although nobody lies: where the goods are depends on the item, they are asked about before
/// they were fetched, some users name a digest that they were not shown, and Hosts are suspended.
constexpr std::string_view kAsItComes[] = {"wallet.order.content_inline", "wallet.order.location_allowed", "wallet.order.goods_right", "wallet.order.digest_shown",
                                            "host.revoke.put_off"};

const MachineTable* table_of(std::string_view id) {
  for (const MachineTable* table : monitor::all_tables())
    if (table->id == id) return table;
  return nullptr;
}

template <class List>
std::size_t index_of(const List& list, std::string_view id) {
  return static_cast<std::size_t>(std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.id == id; }) - list.begin());
}

std::size_t index_of_machine(const CompositionTable& table, std::string_view machine) {
  const auto at = std::find_if(table.instances.begin(), table.instances.end(), [&](const InstanceInfo& one) { return one.machine == machine; });
  return static_cast<std::size_t>(at - table.instances.begin());
}

/// Ghosts that are followed by the steps alone: no ledger has them.
constexpr std::string_view kOfStepsAlone[] = {"told", "overdue"};
/// Machines whose records are no order's.
constexpr std::string_view kOfManyOrders[] = {"vendor.batch", "broker.batch", "vendor.dispute", "host.hearing"};

template <class List>
bool is_one_of(const List& list, std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

/// Predicates that rows look at in a state at an event.
std::uint64_t looked_at(const MachineTable& table, std::string_view state, std::string_view event) {
  static thread_local std::map<const MachineTable*, std::vector<std::uint64_t>> known;
  auto [at, is_new] = known.try_emplace(&table);
  if (is_new) at->second = predicates_read(table);
  const std::size_t s = index_of(table.states, state), e = index_of(table.events, event);
  return s == table.states.size() || e == table.events.size() ? 0 : at->second[s * table.events.size() + e];
}

std::optional<msg::OrderRef> ref_of(const ledger::Record& record) {
  if (auto ref = roles::recall<msg::OrderRef>(record, "OrderRef", msg::kOrderRefType)) return ref;
  const auto revoke = roles::recall<msg::Revoke>(record, "Revoke", msg::kRevokeType);
  return revoke ? std::optional(revoke->order_ref) : std::nullopt;
}

std::int64_t computed(FormulaOp::Code code, std::int64_t left, std::int64_t right) {
  using Code = FormulaOp::Code;
  switch (code) {
    case Code::conjunction: return left != 0 && right != 0;
    case Code::disjunction: return left != 0 || right != 0;
    case Code::implication: return left == 0 || right != 0;
    case Code::sum: return left + right;
    case Code::equal: return left == right;
    case Code::unequal: return left != right;
    case Code::less: return left < right;
    default: return left <= right;
  }
}

std::string joined(const std::set<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text.empty() ? "nothing" : text;
}

}  // namespace

void Abstracted::add(const Abstracted& other) {
  for (const auto& [id, times] : other.predicates)
    for (std::size_t i = 0; i < times.size(); ++i) predicates[id][i] += times[i];
  for (const auto& [id, times] : other.recomputed)
    for (std::size_t i = 0; i < times.size(); ++i) recomputed[id][i] += times[i];
  for (const auto& [id, times] : other.otherwise) otherwise[id] += times;
  for (const auto& [id, times] : other.ghosts) ghosts[id] += times;
  for (const auto& [id, times] : other.effects) effects[id] += times;
  timers += other.timers;
  calls += other.calls;
}

const std::vector<Abstraction::Named>& Abstraction::meanings() {
  static const std::vector<Named> kMeanings = {
      {"seen", &Abstraction::seen, false},         {"confirmed", &Abstraction::confirmed, false}, {"terms", &Abstraction::terms, false},
      {"endorsed", &Abstraction::endorsed, false}, {"commits", &Abstraction::commits, false},     {"debts", &Abstraction::debts},
      {"claims", &Abstraction::claims},            {"goods", &Abstraction::goods, false},         {"approval", &Abstraction::approval},
      {"payables", &Abstraction::payables},        {"wants", &Abstraction::wants},                {"meant", &Abstraction::meant},
      {"proof", &Abstraction::proof},              {"alien", &Abstraction::alien},                {"note", &Abstraction::note},
      {"refunds", &Abstraction::refunds}};
  return kMeanings;
}

Abstraction::Abstraction(World& world, const Script& script, const std::string& liar)
    : world_(world), liar_(liar), lies_(!liar.empty() || (script.liar == Liar::network && !script.authenticated)), authenticated_(script.authenticated), plain_(script.plain),
      table_(composition_payment::table()), held_(index_of(table_.ghosts, "held")), onlooker_(world, liar_), deeds_(world) {}

std::string Abstraction::look(Site& site) {
  std::size_t& from = read_[site.config.id];
  std::set<Key> touched;
  std::string wrong;
  for (; from < site.trace.size(); ++from) {
    const roles::TraceLine& line = site.trace[from];
    if (site.config.id == liar_) continue;
    if (const std::string what = take(site, line); wrong.empty()) wrong = what;
    touched.insert({line.machine, {site.config.id, line.key}});
  }
  for (const Key& key : touched)
    if (wrong.empty()) wrong = look_at_record(site, key);
  if (const std::string deeds = deeds_.look(site); wrong.empty() && site.config.id != liar_) wrong = deeds;
  for (const auto& [machine, place] : touched) onlooker_.keep(site, machine, place.second);
  for (const roles::AccountConfig& account : site.config.accounts) onlooker_.keep(site, std::string(roles::kAccountMachine), account.account);
  onlooker_.end();
  return wrong.empty() ? wrong : "L6: " + site.config.id + ": " + wrong;
}

// One step, as the model takes it.
std::string Abstraction::take(Site& site, const roles::TraceLine& line) {
  const MachineTable* table = table_of(line.machine);
  if (table == nullptr) return "no machine " + line.machine;
  Shadow& shadow = shadows_[{line.machine, {site.config.id, line.key}}];
  const std::size_t number = index_of(table->events, line.event);
  if (number == table->events.size()) return {};
  const EventInfo& event = table->events[number];
  const std::string answered = event.kind == EventKind::fetch ? kFetch : event.kind == EventKind::response ? std::string(event.message) : "";
  if (event.kind == EventKind::timer) shadow.timers.erase(std::string(event.timer));
  if (!answered.empty()) shadow.calls.erase(answered);
  std::string digest = digest_of(site, line.machine, line.key);
  if (digest.empty()) digest = digest_by_key(line.key, line.machine == "host.revoke");
  const Scene scene{site, table_.instances.size(), *table, line, shadow, digest};
  std::string wrong;
  Scene own = scene;
  own.instance = index_of_machine(table_, line.machine);  // a second instance is the same machine
  wrong = look_at_predicates(own);
  own.over = true;
  for (const std::string& effect : line.effects) watch(own, effect);
  onlooker_.learn(site, line);
  for (const std::string& id : line.effects) {
    const std::size_t effect = index_of(table->effects, id);
    if (effect == table->effects.size()) continue;
    compared_.effects[line.machine + "." + id] += is_compared(own, table->effects[effect]) ? 1 : 0;
    act(shadow, table->effects[effect], answered);
  }
  deeds_.take(*table, line);
  shadow.state = line.after;
  shadow.variables = line.variables_after;
  return wrong;
}

void Abstraction::act(Shadow& shadow, const EffectInfo& effect, std::string_view answered) {
  const auto open = [&](std::string message) {
    ++compared_.calls;
    shadow.dropped.erase(message);
    shadow.calls.insert(message);
    shadow.sent.insert(std::move(message));
  };
  const std::string first(effect.first);
  switch (effect.verb) {
    case Verb::start: ++compared_.timers, shadow.timers.insert(first); break;
    case Verb::stop: shadow.timers.erase(first); break;
    case Verb::send:
    case Verb::outbox: open(first); break;
    case Verb::fetch: open(kFetch); break;
    case Verb::retry: open(std::string(answered)); break;
    case Verb::drop:
      shadow.calls.erase(first);
      shadow.sent.erase(first);
      shadow.dropped.insert(first);
      break;
    case Verb::perform:
      if (first == "clear-outbox") shadow.sent.clear();
      break;
    default: break;
  }
}

// Timers, calls and variables are looked at in every record; other effects are where the property set watches a ghost that a ledger has.
bool Abstraction::is_compared(const Scene& scene, const EffectInfo& effect) const {
  switch (effect.verb) {
    case Verb::start:
    case Verb::stop:
    case Verb::send:
    case Verb::outbox:
    case Verb::retry:
    case Verb::drop:
    case Verb::fetch:
    case Verb::set: return true;
    default: break;
  }
  if (lies_ || scene.digest.empty()) return false;
  return std::any_of(table_.observations.begin(), table_.observations.end(), [&](const ObservationInfo& item) {
    if (item.instance != scene.instance || item.effect != effect.id) return false;
    const std::string_view ghost = table_.ghosts[item.ghost].id;
    const auto& all = meanings();
    return ghost == "held" || std::any_of(all.begin(), all.end(), [&](const Named& one) { return one.ghost == ghost && (one.of_all || !regular_.contains(scene.digest)); });
  });
}

Abstracted Abstraction::compared() const {
  Abstracted all = compared_;
  for (const auto& [id, times] : deeds_.compared) all.effects[id] += times;
  std::erase_if(all.effects, [](const auto& one) { return one.second == 0; });
  return all;
}

// What the property set counts at this effect.
void Abstraction::watch(const Scene& scene, std::string_view effect) {
  if (scene.digest.empty()) return;
  for (const ObservationInfo& item : table_.observations) {
    if (item.instance != scene.instance || item.effect != effect) continue;
    const auto when = item.when.empty() ? std::optional<std::int64_t>(1) : value(item.when, scene);
    const auto by = value(item.value, scene);
    if (!when || *when == 0 || !by) continue;
    int& ghost = order(scene.digest).ghosts[item.ghost];
    const int amount = static_cast<int>(*by);
    const int wanted = item.change == GhostChange::set ? amount : item.change == GhostChange::add ? ghost + amount : ghost - amount;
    ghost = std::clamp(wanted, 0, static_cast<int>(table_.ghosts[item.ghost].max));
  }
}

// What the property set assumes of a predicate where nobody lies; nothing if it says nothing of this step.
std::optional<bool> Abstraction::assumed(const Scene& scene, std::size_t predicate) {
  if (lies_) return std::nullopt;
  if (scene.table.protocol == "revoke" && !regular_.contains(scene.digest)) return std::nullopt;  // in the model only regular orders can be taken back
  for (const AssumptionInfo& item : table_.assumptions) {
    if (item.instance != scene.instance || item.predicate != predicate) continue;
    const auto wanted = item.meaning.empty() ? std::optional<std::int64_t>(item.usual) : value(item.meaning, scene);
    return wanted ? std::optional(*wanted != 0) : std::nullopt;
  }
  return std::nullopt;
}

std::string Abstraction::look_at_predicates(const Scene& scene) {
  const std::uint64_t read = looked_at(scene.table, scene.line.before, scene.line.event);
  for (std::size_t i = 0; i < scene.table.predicates.size(); ++i) {
    if (((read >> i) & 1U) == 0) continue;
    const std::string id(scene.table.predicates[i].id), name = scene.line.machine + "." + id;
    const bool holds = std::find(scene.line.holds.begin(), scene.line.holds.end(), id) != scene.line.holds.end();
    const Said seen = onlooker_.says(scene.site, scene.line, id);
    std::optional<bool> usual = assumed(scene, i);
    if (usual && is_one_of(kAsItComes, name)) compared_.otherwise[name] += holds != *usual ? 1 : 0, usual.reset();
    if (seen || usual) ++compared_.predicates[name][holds ? 1 : 0];
    if (seen) ++compared_.recomputed[name][holds ? 1 : 0];
    const std::string wrong = scene.line.machine + " " + scene.line.key + ": " + id + (holds ? " holds" : " does not hold") + ", otherwise ";
    if (seen && holds != *seen) return wrong + "by what an onlooker knows";
    if (usual && holds != *usual) return wrong + "in the model";
  }
  return {};
}

std::string Abstraction::look_at_record(Site& site, const Key& key) {
  Shadow& shadow = shadows_[key];
  const auto found = site.ledger->find(key.first, key.second.second);
  const std::string name = key.first + " " + key.second.second;
  std::string wrong;
  if (found && *found) {
    if ((*found)->state != shadow.state || (*found)->variables != shadow.variables) wrong = "is kept in " + (*found)->state + ", by its steps it is in " + shadow.state;
    if (wrong.empty()) wrong = look_at_timers(site, key, **found);
  }
  if (wrong.empty()) wrong = look_at_calls(site, key);
  shadow.sent.clear();
  shadow.dropped.clear();
  if (!wrong.empty()) return name + " " + wrong;
  const std::string digest = digest_of(site, key.first, key.second.second);
  return digest.empty() || lies_ ? std::string{} : look_at_ghosts(digest);
}

std::string Abstraction::look_at_timers(Site& site, const Key& key, const ledger::Record& record) {
  std::set<std::string> mirrored, running;
  for (const auto& [name, ignored] : record.fields)
    if (name.starts_with(kDue)) mirrored.insert(name.substr(kDue.size()));
  const auto all = site.ledger->due_timers(std::numeric_limits<std::int64_t>::max(), ledger::kMaxListed);
  if (!all) return "has timers that cannot be read";
  for (const ledger::Timer& timer : *all)
    if (timer.machine == key.first && timer.key == record.key) running.insert(timer.name);
  const std::set<std::string>& wanted = shadows_[key].timers;
  if (mirrored != wanted) return "has the timers " + joined(mirrored) + ", by its steps " + joined(wanted);
  if (running != wanted) return "is woken by " + joined(running) + ", by its steps by " + joined(wanted);
  return {};
}

// What was sent is kept until it is answered; what no step sent is not there.
std::string Abstraction::look_at_calls(Site& site, const Key& key) {
  const auto all = site.ledger->calls_of(key.first, key.second.second);
  if (!all) return "has calls that cannot be read";
  std::set<std::string> open;
  for (const ledger::Call& call : *all) open.insert(call.message);
  const Shadow& shadow = shadows_[key];
  for (const std::string& message : shadow.sent)
    if (!open.contains(message)) return "has not sent " + message + ", by its steps it has";
  for (const std::string& message : shadow.dropped)
    if (open.contains(message)) return "still sends " + message + ", which a step gave up";
  for (const std::string& message : open)
    if (!shadow.calls.contains(message)) return "sends " + message + ", which no step did";
  return {};
}

std::string Abstraction::look_at_ghosts(const std::string& digest) {
  const Order& one = order(digest);
  for (const Named& named : meanings()) {
    const std::size_t index = index_of(table_.ghosts, named.ghost);
    if (index == table_.ghosts.size() || (!named.of_all && regular_.contains(digest))) continue;
    const int by_steps = one.ghosts[index], real = (this->*named.meaning)(digest);
    compared_.ghosts[std::string(named.ghost)] += by_steps != 0 ? 1 : 0;
    if (by_steps != real)
      return std::string(named.ghost) + " of order " + digest.substr(0, 8) + " is " + std::to_string(by_steps) + " by the steps and " + std::to_string(real) + " in the ledger";
  }
  return one.account.first.empty() ? std::string{} : look_at_account(one.account);
}

// The ghost of an account is money here: what the orders by the steps take of it.
std::string Abstraction::look_at_account(const Place& account) {
  const auto found = world_.site(account.first).ledger->find(roles::kAccountMachine, account.second);
  if (!found || !*found) return {};
  const std::int64_t real = roles::number(**found, "held").value_or(0) + roles::number(**found, "owed").value_or(0);
  const std::int64_t by_steps = charged(account, "");
  compared_.ghosts["held"] += by_steps != 0 ? 1 : 0;
  if (real == by_steps) return {};
  return account.second + " has " + std::to_string(real) + " held and owed, by the steps " + std::to_string(by_steps);
}

std::int64_t Abstraction::charged(const Place& account, const std::string& except) {
  std::int64_t sum = 0;
  for (const auto& [digest, one] : orders_)
    if (one.account == account && digest != except) sum += one.ghosts[held_] * one.amount;
  return sum;
}

// ---------------------------------------------------------------- orders
Abstraction::Order& Abstraction::order(const std::string& digest) {
  Order& one = orders_[digest];
  one.ghosts.resize(table_.ghosts.size());
  return one;
}

std::string Abstraction::digest_of(Site& site, const std::string& machine, const std::string& key) {
  const auto found = site.ledger->find(machine, key);
  const auto ref = found && *found ? ref_of(**found) : std::nullopt;
  if (!ref) return {};
  places_[{machine, ref->digest}] = {site.config.id, key};
  if (ref->kind == msg::Kind::regular) regular_.insert(ref->digest);
  Order& one = order(ref->digest);
  one.amount = ref->amount;
  if (const std::string account(roles::field(**found, "account")); !account.empty() && site.config.role == "broker") one.account = {site.config.id, account};
  return ref->digest;
}

/// Of an order that a player has no record of: a Wallet has it.
std::string Abstraction::digest_by_key(const std::string& order_key, bool is_case) {
  for (const auto& [at, place] : places_) {
    if (at.first != "wallet.order" && at.first != "wallet.purchase") continue;
    const auto known = record(at.first, at.second);
    const auto ref = known ? ref_of(*known) : std::nullopt;
    if (!ref) continue;
    if (roles::order_key(*ref) == order_key || (is_case && roles::case_key(*ref, roles::field(*known, "broker")) == order_key)) return at.second;
  }
  return {};
}

std::optional<ledger::Record> Abstraction::record(const std::string& machine, const std::string& digest) {
  const auto at = places_.find({machine, digest});
  if (at == places_.end()) return std::nullopt;
  const auto found = world_.site(at->second.first).ledger->find(machine, at->second.second);
  const auto ref = found && *found ? ref_of(**found) : std::nullopt;
  return ref && ref->digest == digest ? *found : std::nullopt;  // a link that is opened again may bring another order
}

int Abstraction::kept(const char* machine, const char* field, const std::string& digest) {
  const auto known = record(machine, digest);
  return known && (field == nullptr || roles::has_field(*known, field)) ? 1 : 0;
}

bool Abstraction::differ(const std::string& machine, const std::string& other, const std::string& digest) {
  const auto one = record(machine, digest), two = record(other, digest);
  return one && two && !(*ref_of(*one) == *ref_of(*two));
}

// ---------------------------------------------------------------- formulas
/// Of the ghost of an account an order sees whether there is room for it: in the model the limit is one order.
std::optional<std::int64_t> Abstraction::ghost(std::size_t index, const Scene& scene) {
  if (scene.digest.empty()) return std::nullopt;
  if (index != held_) {
    const std::string_view id = table_.ghosts[index].id;
    const bool regular = regular_.contains(scene.digest);
    const bool known = is_one_of(kOfStepsAlone, id) || std::any_of(meanings().begin(), meanings().end(), [&](const Named& one) { return one.ghost == id && (one.of_all || !regular); });
    return known ? std::optional<std::int64_t>(order(scene.digest).ghosts[index]) : std::nullopt;
  }
  Order& one = order(scene.digest);
  Place account = one.account;
  if (const auto wallet = record("wallet.order", scene.digest); account.first.empty() && wallet && roles::field(*wallet, "broker") == scene.site.config.id)
    for (const roles::BindingConfig& bound : scene.site.config.bindings)
      if (bound.paycard == roles::field(*wallet, "paycard")) account = {scene.site.config.id, bound.account};
  const auto& accounts = scene.site.config.accounts;
  const auto own = std::find_if(accounts.begin(), accounts.end(), [&](const roles::AccountConfig& known) { return known.account == account.second; });
  if (own == accounts.end()) return std::nullopt;
  return charged(account, scene.digest) + one.amount <= own->limit ? 0 : 1;
}

/// Number of the state in which a machine has the order.
std::optional<std::int64_t> Abstraction::state(const FormulaOp& op, const Scene& scene) {
  const std::string machine(table_.instances[op.instance].machine);
  const MachineTable* table = table_of(machine);
  if (table == nullptr || scene.digest.empty() || is_one_of(kOfManyOrders, machine)) return std::nullopt;
  if (op.instance == scene.instance) return index_of(table->states, scene.over ? scene.line.after : scene.line.before);
  const auto at = places_.find({machine, scene.digest});
  const auto shadow = at == places_.end() ? shadows_.end() : shadows_.find({machine, at->second});
  return shadow == shadows_.end() || shadow->second.state.empty() ? table->initial : index_of(table->states, shadow->second.state);
}

std::optional<std::int64_t> Abstraction::load(const FormulaOp& op, const Scene& scene) {
  using Code = FormulaOp::Code;
  const bool own = op.instance == scene.instance;
  switch (op.code) {
    case Code::constant: return op.value;
    case Code::timer: return own ? std::optional<std::int64_t>(scene.shadow.timers.contains(std::string(op.name))) : std::nullopt;
    case Code::call: return own ? std::optional<std::int64_t>(scene.shadow.calls.contains(std::string(op.name))) : std::nullopt;
    case Code::ghost: return ghost(op.index, scene);
    case Code::state: return state(op, scene);
    case Code::profile: return op.name == (authenticated_ ? "H" : "F");
    case Code::option:
      if (op.name == "regular") return regular_.contains(scene.digest);
      return op.name == "plain" ? plain_ : op.name == "settlement" || op.name == "mail" || op.name == "revoke";
    case Code::forged:
    case Code::other:
    case Code::liar: return 0;  // only asked where nobody lies
    default: return std::nullopt;
  }
}

// Nothing if anything in it is not known here.
std::optional<std::int64_t> Abstraction::value(FormulaCode formula, const Scene& scene) {
  std::vector<std::int64_t> stack;
  for (const FormulaOp& op : formula) {
    if (op.code < FormulaOp::Code::negation) {
      const auto loaded = load(op, scene);
      if (!loaded) return std::nullopt;
      stack.push_back(*loaded);
    } else if (op.code == FormulaOp::Code::negation) {
      stack.back() = stack.back() == 0 ? 1 : 0;
    } else {
      const std::int64_t right = stack.back();
      stack.pop_back();
      stack.back() = computed(op.code, stack.back(), right);
    }
  }
  return stack.size() == 1 ? std::optional<std::int64_t>(stack.back()) : std::nullopt;
}

}  // namespace quickpay::sim
