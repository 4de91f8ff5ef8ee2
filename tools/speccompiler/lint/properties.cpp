// Property sets: every name is one of the specification, every formula can be read, every budget stays small.
#include <fmt/format.h>

#include "tools/speccompiler/expand/formula.hpp"
#include "tools/speccompiler/lint/context.hpp"

namespace quickpay::spec {
namespace {

constexpr std::uint32_t kMaxBudget = 9;     ///< of each kind of fault
constexpr std::uint32_t kMaxOrders = 3;     ///< that a configuration may have
constexpr std::uint32_t kMaxGhost = 15;     ///< largest value of a ghost
constexpr std::size_t kMaxInstances = 24;   ///< of a set
constexpr std::size_t kMaxChain = 6;        ///< steps of one durable unit; statemachines/composition admits a port's more

std::string joined(const Effect& effect) {
  std::string text = effect.verb;
  for (const std::string& argument : effect.arguments) text += " " + argument;
  return text;
}

std::vector<std::string> effects_of_machine(const Machine& machine) {
  std::vector<std::string> all;
  for (const Row& row : machine.rows)
    for (const Effect& effect : row.effects) all.push_back(joined(effect));
  for (const Default& written : machine.defaults)
    for (const Effect& effect : written.effects) all.push_back(joined(effect));
  return all;
}

class PropertiesLint {
 public:
  PropertiesLint(LintContext& context, const PropertySet& set) : context_(context), set_(set) {}

  void run() {
    if (set_.instances.empty() || set_.instances.size() > kMaxInstances)
      context_.add(set_.at, fmt::format("properties must have 1 to {} instances", kMaxInstances));
    bool sound = true;
    for (const PropertyInstance& instance : set_.instances)
      sound &= context_.known(instance.at, "machine", instance.machine, ids_of(context_.spec.machines));
    if (!sound) return;  // names of machines are looked up below
    for (const PropertyInstance& item : set_.instances) instance(item);
    for (const Ghost& item : set_.ghosts) ghost(item);
    for (const Observation& seen : set_.observations) observation(seen);
    for (const Follow& item : set_.follows) follow(item);
    chains();
    for (const Permission& item : set_.permissions) permission(item);
    for (const Assumption& assumed : set_.assumptions) assumption(assumed);
    for (const Authentic& item : set_.authentic) authentic(item);
    for (const Configuration& item : set_.configurations) configuration(item);
    for (const Property& item : set_.properties) property(item);
    for (const Unreached& row : set_.unreached) unreached(row);
    for (const Aim& item : set_.aims) aim(item);
    for (const ReportClaim& item : set_.claims) claim(item);
  }

 private:
  const Machine* machine_of(const Location& at, const std::string& instance) {
    if (!context_.known(at, "instance", instance, ids_of(set_.instances))) return nullptr;
    return find_id(context_.spec.machines, find_id(set_.instances, instance)->machine);
  }
  void formula(const Location& at, const std::string& text) {
    if (const auto read = resolve_formula(text, context_.spec, set_); !read)
      context_.add(at, fmt::format("formula '{}': {}", text, read.error()));
  }
  void instance(const PropertyInstance& item) {
    if (!item.content.empty()) formula(item.at, item.content);
    for (const std::string& option : {item.with, item.without})
      if (!option.empty()) context_.known(item.at, "option", option, ids_of(set_.options));
    if (!item.to.empty()) context_.known(item.at, "instance", item.to, ids_of(set_.instances));
  }
  void ghost(const Ghost& item) {
    if (item.max == 0 || item.max > kMaxGhost)
      context_.add(item.at, fmt::format("the largest value of a ghost is 1 to {}", kMaxGhost));
    roles(item.at, item.shared, false);
  }
  void follow(const Follow& item) {
    const Machine* from = machine_of(item.at, item.instance);
    const Machine* to = machine_of(item.at, item.to);
    if (from != nullptr) context_.known(item.at, "effect", item.effect, effects_of_machine(*from));
    if (to != nullptr) context_.known(item.at, "event", item.event, ids_of(to->events));
    if (!item.when.empty()) formula(item.at, item.when);
  }
  // "PROPERTY@CONFIGURATION"
  void evidence(const Location& at, const std::string& text) {
    const std::size_t sign = text.find('@');
    context_.known(at, "property", text.substr(0, sign), ids_of(set_.properties));
    const std::string configuration = sign == std::string::npos ? "" : text.substr(sign + 1);
    context_.known(at, "configuration", configuration, ids_of(set_.configurations));
  }
  void claim(const ReportClaim& item) {
    for (const std::string& text : item.holds) evidence(item.at, text);
    for (const std::string& text : item.fails) evidence(item.at, text);
    const bool enough = !item.tests.empty() || (item.verdict == "false" ? !item.fails.empty() : !item.holds.empty());
    if (!enough) context_.add(item.at, "a verdict needs evidence: 'tests', or 'fails' for false and 'holds' otherwise");
  }
  void aim(const Aim& item) {
    std::vector<std::string> all;
    bool meant = false;
    for (const PropertySet& set : context_.spec.property_sets)
      for (const Property& property : set.properties) {
        all.push_back(property.id);
        meant |= property.goal == item.id;
      }
    for (const std::string& id : item.by) context_.known(item.at, "property", id, all);
    if (!meant && item.by.empty() && item.tests.empty()) context_.add(item.at, fmt::format("nothing shows that '{}' is reached", item.id));
  }
  // A property of any set may have an aim of any set for its goal.
  std::vector<std::string> aims() const {
    std::vector<std::string> all;
    for (const PropertySet& set : context_.spec.property_sets)
      for (const Aim& item : set.aims) all.push_back(item.id);
    return all;
  }
  // Each machine's step may make others take one, and these others again; nothing may come round.
  void chains() {
    for (const Follow& item : set_.follows)
      if (!chain(item, 2)) return context_.add(item.at, fmt::format("more than {} machines follow each other", kMaxChain));
  }
  bool chain(const Follow& first, std::size_t length) {
    const Machine* machine = machine_of(first.at, first.to);
    if (length > kMaxChain || machine == nullptr) return false;
    for (const Row& row : machine->rows)
      for (const Effect& effect : row.effects)
        for (const Follow& next : set_.follows)
          if (row.event == first.event && next.instance == first.to && next.effect == joined(effect) && !chain(next, length + 1)) return false;
    return true;
  }
  void observation(const Observation& seen) {
    const Machine* machine = machine_of(seen.at, seen.instance);
    if (machine != nullptr) context_.known(seen.at, "effect", seen.effect, effects_of_machine(*machine));
    context_.known(seen.at, "ghost", seen.ghost, ids_of(set_.ghosts));
    formula(seen.at, seen.value);
    if (!seen.when.empty()) formula(seen.at, seen.when);
  }
  // Only what users do can be permitted: whatever else happens has its cause in the model.
  void permission(const Permission& item) {
    formula(item.at, item.when);
    const Machine* machine = machine_of(item.at, item.instance);
    if (machine == nullptr || !context_.known(item.at, "event", item.event, ids_of(machine->events))) return;
    const bool followed = std::any_of(set_.follows.begin(), set_.follows.end(), [&](const Follow& follow) {
      return follow.to == item.instance && follow.event == item.event;
    });
    if (find_id(machine->events, item.event)->kind != EventKind::action || followed)
      context_.add(item.at, fmt::format("'{}' is nothing that a user of '{}' does", item.event, item.instance));
  }
  void assumption(const Assumption& assumed) {
    const Machine* machine = machine_of(assumed.at, assumed.instance);
    if (machine != nullptr) context_.known(assumed.at, "predicate", assumed.predicate, ids_of(machine->predicates));
    if (!assumed.meaning.empty()) formula(assumed.at, assumed.meaning);
    if (!assumed.forged_open.empty()) formula(assumed.at, assumed.forged_open);
  }
  void authentic(const Authentic& item) {
    context_.known(item.at, "message", item.message, ids_of(context_.spec.messages));
    if (!item.protocol.empty() && find_message(context_.spec, item.protocol, item.message) == nullptr)
      context_.add(item.at, fmt::format("'{}' has no message '{}'", item.protocol, item.message));
    for (const std::string& profile : item.profiles)
      context_.known(item.at, "profile", profile, ids_of(context_.spec.profiles));
  }
  void roles(const Location& at, const std::vector<std::string>& names, bool network) {
    std::vector<std::string> known = ids_of(context_.spec.roles);
    if (network) known.emplace_back("network");
    for (const std::string& name : names) context_.known(at, "role", name, known);
  }
  // "ROLE:112": a digit an order, new players in their order.
  void players(const Configuration& item) {
    for (const std::string& text : item.players) {
      const std::size_t colon = text.find(':');
      roles(item.at, {text.substr(0, colon)}, false);
      const std::string digits = colon == std::string::npos ? "" : text.substr(colon + 1);
      bool sound = digits.size() == item.orders;
      char next = '1';
      for (const char digit : digits) {
        sound &= digit >= '1' && digit <= next;
        if (digit == next) ++next;
      }
      if (!sound) context_.add(item.at, fmt::format("'{}': a role, a colon and a digit an order, which counts its players from 1", text));
    }
  }
  // "OPTION", or "OPTION:2" where only some orders have it: the digits of these orders, each once, in their order.
  void option(const Configuration& item, const std::string& text) {
    const std::size_t colon = text.find(':');
    context_.known(item.at, "option", text.substr(0, colon), ids_of(set_.options));
    if (colon == std::string::npos) return;
    char last = '0';
    for (const char digit : text.substr(colon + 1)) {
      if (digit <= last || static_cast<std::uint32_t>(digit - '0') > item.orders)
        return context_.add(item.at, fmt::format("'{}': behind the colon are orders, counted from 1, in their order", text));
      last = digit;
    }
    if (last == '0') context_.add(item.at, fmt::format("'{}': no order behind the colon", text));
  }
  void configuration(const Configuration& item) {
    players(item);
    roles(item.at, item.liars, true);
    roles(item.at, item.suspended, false);
    for (const std::string& text : item.with) option(item, text);
    for (const std::string& id : item.fails) context_.known(item.at, "property", id, ids_of(set_.properties));
    if (!item.profile.empty()) context_.known(item.at, "profile", item.profile, ids_of(context_.spec.profiles));
    for (const std::uint32_t budget : {item.loss, item.duplication, item.crashes, item.forgeries})
      if (budget > kMaxBudget) context_.add(item.at, fmt::format("a budget is at most {}", kMaxBudget));
    if (item.orders == 0 || item.orders > kMaxOrders)
      context_.add(item.at, fmt::format("orders must be 1 to {}", kMaxOrders));
    if (item.forgeries > 0 && item.liars.empty()) context_.add(item.at, "forgeries without a liar");
  }
  void property(const Property& item) {
    formula(item.at, item.holds);
    if (!item.goal.empty()) context_.known(item.at, "aim", item.goal, aims());
    if (!item.from.empty()) formula(item.at, item.from);
    if (item.from.empty() == (item.kind == "possible" || item.kind == "inevitable"))
      context_.add(item.at, "'from' belongs to the kinds 'possible' and 'inevitable', and to no other");
    for (const std::string& id : item.within) context_.known(item.at, "configuration", id, ids_of(set_.configurations));
    for (const std::string& id : item.twin_in) context_.known(item.at, "configuration", id, ids_of(set_.configurations));
    if (item.twin.empty() || item.twin.size() != item.twin_in.size())
      context_.add(item.at, "'twin' and 'twin-in' name a defect and the configuration in which it shows, or as many of each");
  }
  void unreached(const Unreached& row) {
    if (!context_.known(row.at, "machine", row.machine, ids_of(context_.spec.machines))) return;
    std::vector<std::string> rows;
    for (const Row& known : find_id(context_.spec.machines, row.machine)->rows) rows.push_back(known.id);
    context_.known(row.at, "row", row.row, rows);
    if (row.reason.empty()) context_.add(row.at, "a row is not reached, and no reason is given");
  }

  LintContext& context_;
  const PropertySet& set_;
};

}  // namespace

void lint_properties(LintContext& context) {
  for (const PropertySet& set : context.spec.property_sets) PropertiesLint(context, set).run();
}

}  // namespace quickpay::spec
