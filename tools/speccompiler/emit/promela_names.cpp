#include "tools/speccompiler/emit/promela_names.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec::promela {
namespace {

bool has(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

// The event that an answer is: codes win over classes.
const Event* event_of_answer(const Machine& machine, const std::string& message, const std::string& code,
                             const std::string& klass) {
  const Event* found = nullptr;
  for (const Event& event : machine.events) {
    if (event.kind != EventKind::response || event.message != message) continue;
    if (has(event.codes, code)) return &event;
    if (event.codes.empty() && has(event.classes, klass)) found = &event;
  }
  return found;
}

const Event* event_of_request(const Machine& machine, const std::string& message) {
  for (const Event& event : machine.events)
    if (event.kind == EventKind::request && event.message == message) return &event;
  return nullptr;
}

// Every effect of rows and defaults, in the order of their first appearance in rows.
std::vector<Effect> all_effects(const Machine& machine) {
  std::vector<Effect> all;
  for (const Row& row : machine.rows) all.insert(all.end(), row.effects.begin(), row.effects.end());
  for (const Default& item : machine.defaults) all.insert(all.end(), item.effects.begin(), item.effects.end());
  return all;
}

}  // namespace

std::string class_of(const Spec& spec, const std::string& code) {
  for (const ErrorCode& known : spec.errors)
    if (known.id == code) return known.retry == "none" ? "ok" : known.retry;
  return "no";
}

Names::Names(const Spec& spec, const PropertySet& set, std::size_t order)
    : spec_(spec), set_(set), order_(std::to_string(order)) {
  for (const PropertyInstance& instance : set.instances)
    for (const Machine& machine : spec.machines)
      if (machine.id == instance.machine) machines_.push_back(&machine);
  for (std::size_t i = 0; i < machines_.size(); ++i) add_letters(i);
}

int Names::instance_of(const std::string& machine) const {
  for (std::size_t i = 0; i < machines_.size(); ++i)
    if (machines_[i]->id == machine) return static_cast<int>(i);
  return -1;
}

int Names::letter(std::size_t instance, const std::string& message, const std::string& variant) const {
  for (std::size_t i = 0; i < letters_.size(); ++i)
    if (letters_[i].from == instance && letters_[i].message == message && letters_[i].variant == variant)
      return static_cast<int>(i);
  return -1;
}

void Names::add_letters(std::size_t instance) {
  for (const Effect& effect : all_effects(*machines_[instance]))
    if (effect.verb == "send" || effect.verb == "outbox") add_letter(instance, effect);
}

void Names::add_letter(std::size_t instance, const Effect& effect) {
  Letter made;
  made.from = instance;
  made.message = effect.arguments[0];
  made.variant = effect.arguments.size() > 1 ? effect.arguments[1] : "";
  if (letter(instance, made.message, made.variant) >= 0) return;
  made.to = receiver(instance, made.message);
  if (made.to >= 0) made.arrival = event_of_request(*machines_[static_cast<std::size_t>(made.to)], made.message);
  made.failure = event_of_answer(*machines_[instance], made.message, "", "fail");
  if (made.to >= 0) {
    const Machine& receiver = *machines_[static_cast<std::size_t>(made.to)];
    add_codes(receiver, made);
    for (const Port& port : receiver.ports)
      if (const int target = instance_of(port.machine); target >= 0)
        add_codes(*machines_[static_cast<std::size_t>(target)], made);
  }
  letters_.push_back(std::move(made));
}

// The instance that the sender names, or the first that hears the message; -1: nobody.
int Names::receiver(std::size_t sender, const std::string& message) const {
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    const bool named = set_.instances[sender].to == set_.instances[i].id;
    if (named && event_of_request(*machines_[i], message) != nullptr) return static_cast<int>(i);
  }
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    if (machines_[i]->protocol != machines_[sender]->protocol) continue;  // of another protocol it is another message
    const Event* event = event_of_request(*machines_[i], message);
    if (event != nullptr && !is_port_target(i, event->id)) return static_cast<int>(i);
  }
  return -1;
}

void Names::add_codes(const Machine& machine, Letter& letter) const {
  for (const Effect& effect : all_effects(machine)) {
    if (effect.verb != "reply" && effect.verb != "answer-parked") continue;
    const std::string& code = effect.arguments[0];
    const std::string klass = class_of(spec_, code);
    const Event* event = event_of_answer(*machines_[letter.from], letter.message, code, klass);
    if (event == nullptr || has(letter.codes, code)) continue;
    letter.codes.push_back(code);
    letter.outcomes.push_back(event);
    letter.final.push_back(klass != "same");
  }
}

bool Names::is_port_target(std::size_t instance, const std::string& event) const {
  for (const Machine* machine : machines_)
    for (const Port& port : machine->ports)
      if (port.machine == machines_[instance]->id && port.event == event) return true;
  return false;
}

std::vector<std::string> Names::timers(const Machine& machine) {
  std::vector<std::string> names;
  for (const Event& event : machine.events)
    if (event.kind == EventKind::timer && !has(names, event.timer)) names.push_back(event.timer);
  return names;
}

bool Names::from_outside(std::size_t instance, const Event& event) const {
  if (event.kind != EventKind::request || is_port_target(instance, event.id)) return false;
  return std::none_of(letters_.begin(), letters_.end(), [&](const Letter& letter) {
    return letter.to == static_cast<int>(instance) && letter.arrival == &event;
  });
}

std::string Names::state(std::size_t instance) const { return "s_" + identifier(set_.instances[instance].id) + order_; }

std::string Names::variable(std::size_t instance, std::size_t index) const {
  return "x_" + identifier(set_.instances[instance].id) + order_ + "_" + identifier(machine(instance).variables[index].id);
}

std::string Names::timer(std::size_t instance, const std::string& timer) const {
  return "t_" + identifier(set_.instances[instance].id) + order_ + "_" + identifier(timer);
}

std::string Names::fetching(std::size_t instance) const {
  return "f_" + identifier(set_.instances[instance].id) + order_;
}

std::string Names::letter_part(std::size_t letter, const std::string& part) const {
  const Letter& item = letters_[letter];
  return "l" + order_ + "_" + identifier(item.message) + (item.variant.empty() ? "" : "_" + identifier(item.variant)) + "_" +
         identifier(set_.instances[item.from].id) + "_" + part;
}

std::string Names::answer(std::size_t letter, std::size_t code) const {
  return letter_part(letter, "a" + std::to_string(code));
}

std::string Names::ghost(std::size_t index) const {
  const Ghost& item = set_.ghosts[index];
  return "g_" + identifier(item.id) + order_;
}

std::string Names::condition(std::size_t instance) const {
  const PropertyInstance& item = set_.instances[instance];
  std::string text = item.with.empty() ? "" : option(item.with);
  if (!item.without.empty()) text += (text.empty() ? "!" : " && !") + option(item.without);
  return text;
}

std::string Names::option(const std::string& id) const { return "WITH_" + identifier(id) + order_; }

std::string Names::calls(const Formula& formula) const {
  std::string text;
  for (std::size_t i = 0; i < letters_.size(); ++i)
    if (letters_[i].from == static_cast<std::size_t>(formula.instance) && letters_[i].message == formula.second)
      text += (text.empty() ? "" : " || ") + letter_part(i, "open");
  return text.empty() ? "0" : "(" + text + ")";
}

std::string Names::binary(const Formula& formula, const Scene& scene) const {
  const std::string left = expression(formula.operands[0], scene);
  const std::string right = expression(formula.operands[1], scene);
  switch (formula.kind) {
    case Formula::Kind::conjunction: return "(" + left + " && " + right + ")";
    case Formula::Kind::disjunction: return "(" + left + " || " + right + ")";
    case Formula::Kind::implication: return "(!" + left + " || " + right + ")";
    case Formula::Kind::sum: return "(" + left + " + " + right + ")";
    case Formula::Kind::equal: return "(" + left + " == " + right + ")";
    case Formula::Kind::unequal: return "(" + left + " != " + right + ")";
    case Formula::Kind::less: return "(" + left + " < " + right + ")";
    default: return "(" + left + " <= " + right + ")";
  }
}

std::string Names::expression(const Formula& formula, const Scene& scene) const {
  using Kind = Formula::Kind;
  const auto instance = static_cast<std::size_t>(formula.instance);
  const auto index = static_cast<std::size_t>(formula.index < 0 ? 0 : formula.index);
  switch (formula.kind) {
    case Kind::constant: return std::to_string(formula.value);
    case Kind::state: return state(instance);
    case Kind::variable: return variable(instance, index);
    case Kind::timer: return timer(instance, formula.second);
    case Kind::call: return calls(formula);
    case Kind::ghost: return ghost(index);
    case Kind::forged: return scene.forged ? "1" : "0";
    case Kind::other: return scene.other;
    case Kind::liar: return "LIAR_" + identifier(formula.first);
    case Kind::profile: return "PROFILE_" + identifier(formula.first);
    case Kind::variant: return scene.variant == formula.first ? "1" : "0";
    case Kind::option: return option(formula.first);
    case Kind::via: return std::find(scene.via.begin(), scene.via.end(), instance) != scene.via.end() ? "1" : "0";
    case Kind::word: return "0";
    case Kind::negation: return "(!" + expression(formula.operands[0], scene) + ")";
    default: return binary(formula, scene);
  }
}

std::string Names::expression(const std::string& formula, const Scene& scene) const {
  if (formula.empty()) return "0";
  return expression(*resolve_formula(formula, spec_, set_), scene);
}

}  // namespace quickpay::spec::promela
