#include "tools/speccompiler/emit/promela_steps.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "tools/speccompiler/emit/model.hpp"

namespace quickpay::spec::promela {
namespace {

template <class T>
std::size_t place(const std::vector<T>& items, const std::string& id) {
  const auto found = std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
  return static_cast<std::size_t>(found - items.begin());
}

std::size_t value_of(const Variable& variable, const std::string& value) {
  const auto found = std::find(variable.values.begin(), variable.values.end(), value);
  return static_cast<std::size_t>(found - variable.values.begin());
}

// All pairs that follow from the declared implications.
std::set<std::pair<std::string, std::string>> closure(const Machine& machine) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (const Implication& item : machine.implications) pairs.emplace(item.if_predicate, item.then_predicate);
  for (std::size_t before = 0; before != pairs.size();) {
    before = pairs.size();
    const auto known = pairs;
    for (const auto& one : known)
      for (const auto& two : known)
        if (one.second == two.first) pairs.emplace(one.first, two.second);
  }
  return pairs;
}

std::string both(const std::string& left, const std::string& right) {
  if (left.empty() || right.empty()) return left + right;
  return left + " && " + right;
}

}  // namespace

std::string Steps::event(const Scene& scene, const Event& event) const {
  std::string text = selection(scene, event);
  if (scene.answered >= 0) {
    const auto letter = static_cast<std::size_t>(scene.answered);
    text += fmt::format("    if :: !{} -> {}:: else fi;\n", names_.letter_part(letter, "open"), give_up(letter));
  }
  return text;
}

std::string Steps::states_with_rows(std::size_t instance, const Event& event) const {
  const Machine& machine = names_.machine(instance);
  std::string text;
  for (std::size_t i = 0; i < machine.states.size(); ++i) {
    const bool any = std::any_of(machine.rows.begin(), machine.rows.end(), [&](const Row& row) {
      return row.state == machine.states[i].id && row.event == event.id;
    });
    if (any) text += fmt::format("{}{} == {}", text.empty() ? "" : " || ", names_.state(instance), i);
  }
  return text;
}

std::string Steps::selection(const Scene& scene, const Event& event) const {
  const Machine& machine = names_.machine(scene.instance);
  std::string text = "    if\n";
  for (const Row& row : machine.rows) {
    if (row.event != event.id) continue;
    std::string body = fmt::format("{} = {}; ", names_.state(scene.instance), place(machine.states, row.to));
    text += fmt::format("    :: {} -> /* {} */ {}{}skip\n", guard(scene, row), row.id, body, effects(scene, row.effects));
  }
  const std::string states = states_with_rows(scene.instance, event);
  const int index = machine.default_of_event[place(machine.events, event.id)];
  const std::vector<Effect> none;
  const auto& given = index < 0 ? none : machine.defaults[static_cast<std::size_t>(index)].effects;
  text += fmt::format("    :: !({}) -> {}skip\n", states.empty() ? "0" : states, effects(scene, given));
  return text + "    :: else -> assert(false)\n    fi;\n";
}

std::string Steps::guard(const Scene& scene, const Row& row) const {
  const Machine& machine = names_.machine(scene.instance);
  const std::string state = fmt::format("({} == {}", names_.state(scene.instance), place(machine.states, row.state));
  return both(both(state, literals(scene, row)), implied(scene, row)) + ")";
}

const Assumption* Steps::assumption(std::size_t instance, const std::string& predicate) const {
  for (const Assumption& item : names_.set().assumptions)
    if (item.instance == names_.set().instances[instance].id && item.predicate == predicate) return &item;
  return nullptr;
}

std::string Steps::literals(const Scene& scene, const Row& row) const {
  const Machine& machine = names_.machine(scene.instance);
  const std::size_t predicates = machine.predicates.size();
  std::string text;
  for (std::size_t bit = 0; bit < predicates + machine.atoms.size(); ++bit) {
    if (((row.mask >> bit) & 1U) == 0) continue;
    const bool wanted = ((row.value >> bit) & 1U) != 0;
    if (bit >= predicates) {
      const Atom& atom = machine.atoms[bit - predicates];
      const std::size_t variable = place(machine.variables, atom.variable);
      text = both(text, fmt::format("{} {} {}", names_.variable(scene.instance, variable), wanted != atom.negated ? "==" : "!=",
                                    value_of(machine.variables[variable], atom.value)));
      continue;
    }
    const Predicate& predicate = machine.predicates[bit];
    const Assumption* assumed = assumption(scene.instance, predicate.id);
    if (assumed == nullptr) continue;
    const bool forged = scene.forged && predicate.over == "message";
    if (!assumed->meaning.empty()) {
      const std::string open = forged ? names_.expression(assumed->forged_open, scene) : "0";
      const std::string meant = (wanted ? "" : "!") + ("(" + names_.expression(assumed->meaning, scene) + ")");
      if (open != "1") text = both(text, open == "0" ? meant : "(" + open + " || " + meant + ")");
    } else if (assumed->usual != wanted && !forged) {
      text = both(text, "ANY");
    }
  }
  return text;
}

std::string Steps::forced(const Scene& scene, const Row& row, const std::string& predicate, bool value) const {
  const Machine& machine = names_.machine(scene.instance);
  const std::size_t bit = place(machine.predicates, predicate);
  if (((row.mask >> bit) & 1U) != 0) return (((row.value >> bit) & 1U) != 0) == value ? "1" : "0";
  const Assumption* assumed = assumption(scene.instance, predicate);
  if (assumed == nullptr) return "0";
  const bool open = scene.forged && machine.predicates[bit].over == "message";
  if (!assumed->meaning.empty()) {
    const std::string freed = open ? names_.expression(assumed->forged_open, scene) : "0";
    const std::string meant = (value ? "(" : "!(") + names_.expression(assumed->meaning, scene) + ")";
    if (freed != "1") return freed == "0" ? meant : "(!" + freed + " && " + meant + ")";
  }
  return open || assumed->usual != value ? "0" : "!ANY";
}

std::string Steps::implied(const Scene& scene, const Row& row) const {
  std::string text;
  for (const auto& [first, second] : closure(names_.machine(scene.instance))) {
    const std::string holds = forced(scene, row, first, true);
    const std::string fails = forced(scene, row, second, false);
    if (holds != "0" && fails != "0") text = both(text, fmt::format("!({} && {})", holds, fails));
  }
  return text;
}

// Variables first: what is set counts for all effects of the row.
std::string Steps::effects(const Scene& scene, const std::vector<Effect>& list) const {
  const Machine& machine = names_.machine(scene.instance);
  std::string text;
  for (const Effect& item : list) {
    if (item.verb != "set") continue;
    const std::size_t variable = place(machine.variables, item.arguments[0]);
    text += fmt::format("{} = {}; ", names_.variable(scene.instance, variable), value_of(machine.variables[variable], item.arguments[1]));
  }
  for (const Effect& item : list) text += watched(scene, item) + effect(scene, item);
  for (const Effect& item : list) text += consequences(scene, item);
  return text;
}

// What other machines do because of an effect, each after the other.
std::string Steps::consequences(const Scene& scene, const Effect& item) const {
  const Machine& machine = names_.machine(scene.instance);
  std::string text;
  if (item.verb == "hand-over") {
    const Port& port = machine.ports[place(machine.ports, item.arguments[0])];
    const int target = names_.instance_of(port.machine);
    if (target >= 0) text += consequence(scene, static_cast<std::size_t>(target), port.event, "");
  }
  for (const Follow& follow : names_.set().follows) {
    if (follow.instance != names_.set().instances[scene.instance].id || follow.effect != effect_id(item)) continue;
    text += consequence(scene, place(names_.set().instances, follow.to), follow.event, follow.when);
  }
  return text;
}

std::string Steps::consequence(const Scene& scene, std::size_t instance, const std::string& event,
                               const std::string& when) const {
  Scene inner = scene;
  inner.via.push_back(scene.instance);
  inner.instance = instance;
  const Machine& machine = names_.machine(instance);
  std::string text = "\n" + selection(inner, machine.events[place(machine.events, event)]);
  if (!when.empty()) {
    Scene after = scene;
    after.via = inner.via;
    text = fmt::format("\n    if\n    :: {} -> skip;{}    :: else\n    fi;\n", names_.expression(when, after), text);
  }
  const std::string condition = names_.condition(instance);
  return condition.empty() ? text + "    " : fmt::format("\n#if {}{}#endif\n    ", condition, text);
}

std::string Steps::watched(const Scene& scene, const Effect& effect) const {
  std::string text;
  for (const Observation& item : names_.set().observations) {
    if (item.instance != names_.set().instances[scene.instance].id || item.effect != effect_id(effect)) continue;
    const std::size_t index = place(names_.set().ghosts, item.ghost);
    const std::string ghost = names_.ghost(index);
    const std::string value = names_.expression(item.value, scene);
    if (!item.when.empty()) text += fmt::format("if :: {} -> ", names_.expression(item.when, scene));
    const std::uint32_t max = names_.set().ghosts[index].max;
    if (item.change == "take") {
      text += fmt::format("{0} = ({0} < {1} -> 0 : {0} - {1}); ", ghost, value);
    } else {
      const std::string sum = item.change == "add" ? ghost + " + " + value : value;
      text += fmt::format("{0} = ({1} > {2} -> {2} : {1}); ", ghost, sum, max);
    }
    if (!item.when.empty()) text += "skip :: else fi; ";
  }
  return text;
}

std::string Steps::effect(const Scene& scene, const Effect& item) const {
  const auto letter_part = [&](int letter, const char* part) {
    return names_.letter_part(static_cast<std::size_t>(letter), part);
  };
  if (item.verb == "reply") return scene.letter < 0 ? "" : reply(static_cast<std::size_t>(scene.letter), item.arguments[0]);
  if (item.verb == "park") {
    if (scene.letter < 0) return "";
    return fmt::format("{} = 1; {} = 0; ", letter_part(scene.letter, "parked"), letter_part(scene.letter, "deaf"));
  }
  if (item.verb == "retry") {
    if (scene.answered < 0) return "";
    return fmt::format("{} = 1; {} = 1; ", letter_part(scene.answered, "open"), letter_part(scene.answered, "moving"));
  }
  if (item.verb == "start") return names_.timer(scene.instance, item.arguments[0]) + " = 1; ";
  if (item.verb == "stop") return names_.timer(scene.instance, item.arguments[0]) + " = 0; ";
  if (item.verb == "fetch") return names_.fetching(scene.instance) + " = 1; ";
  return calls(scene, item);
}

std::string Steps::calls(const Scene& scene, const Effect& item) const {
  std::string text;
  for (std::size_t i = 0; i < names_.letters().size(); ++i) {
    const Letter& letter = names_.letters()[i];
    const std::string open = names_.letter_part(i, "open");
    const std::string moving = names_.letter_part(i, "moving");
    const bool own = letter.from == scene.instance && !item.arguments.empty() && letter.message == item.arguments[0];
    const bool exact = own && letter.variant == (item.arguments.size() > 1 ? item.arguments[1] : "");
    if (item.verb == "answer-parked" && letter.to == static_cast<int>(scene.instance))
      text += fmt::format("if :: {} -> {}skip :: else fi; ", names_.letter_part(i, "parked"), reply(i, item.arguments[0]));
    if (item.verb == "send" && exact) text += fmt::format("{}{} = 1; {} = 1; ", give_up(i), open, moving);
    if (item.verb == "outbox" && exact)
      text += fmt::format("if :: ({0} && {3} == 0) -> skip :: else -> {2}{0} = 1; {1} = 1 fi; ", open, moving, give_up(i), names_.letter_part(i, "done"));
    if (item.verb == "hurry" && own) text += fmt::format("if :: {} -> {} = 1 :: else fi; ", open, moving);
    if (item.verb == "drop" && own) text += fmt::format("{} = 0; {}", open, give_up(i));
  }
  return text;
}

std::string Steps::reply(std::size_t letter, const std::string& code) const {
  const Letter& item = names_.letters()[letter];
  const auto found = std::find(item.codes.begin(), item.codes.end(), code);
  if (found == item.codes.end()) return "";
  const auto index = static_cast<std::size_t>(found - item.codes.begin());
  std::string text = fmt::format("if :: {0} -> skip :: else -> {2} = 1 fi; {1} = 0; {0} = 0; ", names_.letter_part(letter, "deaf"),
                                 names_.letter_part(letter, "parked"), names_.answer(letter, index));
  if (item.final[index]) text += fmt::format("{} = {}; ", names_.letter_part(letter, "done"), index + 1);
  return text;
}

// A request that its receiver has not answered for good may still arrive.
std::string Steps::give_up(std::size_t letter) const {
  const auto part = [&](const char* name) { return names_.letter_part(letter, name); };
  std::string text = fmt::format("if :: ({0} && {1} == 0) -> {2} = 1 :: else fi; {0} = 0; {3} = 0; {4} = 0; {1} = 0; ",
                                 part("moving"), part("done"), part("old"), part("parked"), part("deaf"));
  for (std::size_t i = 0; i < names_.letters()[letter].codes.size(); ++i) text += names_.answer(letter, i) + " = 0; ";
  return text;
}

}  // namespace quickpay::spec::promela
