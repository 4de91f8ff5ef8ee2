// A property set as a model in Promela: one process that does one move after the other. The rules are those of
// statemachines/composition, written a second time: neither reads what the other has.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/promela_fairness.hpp"
#include "tools/speccompiler/emit/promela_steps.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

using promela::Fairness;
using promela::Letter;
using promela::Names;
using promela::Scene;
using promela::Steps;

constexpr std::size_t kOrders = 2;  // the second one only where ORDERS says so; a third is the explorer's alone

// A call is open, and its answers are not on their way.
std::string unanswered(const Names& names, std::size_t index) {
  std::string text = names.letter_part(index, "open");
  for (std::size_t k = 0; k < names.letters()[index].codes.size(); ++k) text += " && !" + names.answer(index, k);
  return text;
}

/// The moves of one order.
class Moves {
 public:
  Moves(const Names& names, bool tells_terms_apart, Fairness& fairness) : names_(names), steps_(names), fairness_(fairness), apart_(tells_terms_apart) {}

  std::string text() {
    for (std::size_t i = 0; i < names_.instances(); ++i) {
      open_part(i);
      for (const Event& event : names_.machine(i).events) own(i, event);
      close_part(i);
    }
    for (std::size_t i = 0; i < names_.letters().size(); ++i) {
      open_part(names_.letters()[i].from);
      request(i);
      earlier(i);
      answers(i);
      losses(i);
      forged_request(i);
      forged_answers(i);
      close_part(names_.letters()[i].from);
    }
    return std::move(text_);
  }

 private:
  // Where the configuration does not have the instance, its moves are not even read.
  void open_part(std::size_t instance) {
    condition_ = names_.condition(instance);
    if (!condition_.empty()) text_ += "#if " + condition_ + "\n";
  }
  void close_part(std::size_t instance) {
    if (!names_.condition(instance).empty()) text_ += "#endif\n";
  }
  void add(const std::string& guard, const std::string& body) {
    text_ += fmt::format("  :: atomic {{ ({}) ->\n{}     }}\n", guard, body);
  }
  // What is done at last if it stays possible, or due, which is what `due` says of the orders that there are.
  std::size_t label(std::vector<Fairness::Due> due) {
    for (Fairness::Due& one : due)
      for (const std::string& more : {std::string(names_.is_first() ? "" : "ORDERS > 1"), condition_})
        if (!more.empty()) one.condition += (one.condition.empty() ? "" : " && ") + more;
    return fairness_.add(std::move(due));
  }
  void add_fair(const std::string& guard, std::vector<Fairness::Due> due, const std::string& body) {
    add(guard, Fairness::taken(label(std::move(due))) + body);
  }
  void add_fair(const std::string& guard, const std::string& body) { add_fair(guard, {{guard, ""}}, body); }
  // What arrives at somebody, if he is there.
  void add_arrival(const std::string& what, int to, const std::string& body) {
    add_fair(what + " && " + away(to), {{what, away(to)}}, body);
  }
  std::string part(std::size_t letter, const char* name) const { return names_.letter_part(letter, name); }
  std::string away(int instance) const {
    return "!AWAY_" + identifier(names_.machine(static_cast<std::size_t>(instance)).role);
  }
  std::string content(const Letter& letter) const {
    return names_.expression(names_.set().instances[letter.from].content, {});
  }

  // Whether another machine's step causes the event; nobody else does.
  bool driven(std::size_t instance, const Event& event) const {
    const auto& follows = names_.set().follows;
    const std::string& id = names_.set().instances[instance].id;
    return std::any_of(follows.begin(), follows.end(),
                       [&](const Follow& item) { return item.to == id && item.event == event.id; });
  }

  // What has to hold for its users to do it.
  std::string permission(std::size_t instance, const Event& event) const {
    std::string text;
    for (const Permission& item : names_.set().permissions)
      if (item.instance == names_.set().instances[instance].id && item.event == event.id)
        text += " && " + names_.expression(item.when, {});
    return text;
  }

  void own(std::size_t instance, const Event& event) {
    Scene scene;
    scene.instance = instance;
    const std::string step = steps_.event(scene, event);
    if (event.kind == EventKind::action) {
      if (driven(instance, event)) return;
      const std::string states = steps_.states_with_rows(instance, event);
      const std::string permitted = permission(instance, event);
      if (!states.empty()) add(permitted.empty() ? states : "(" + states + ")" + permitted, step);
    } else if (event.kind == EventKind::timer) {
      const std::string timer = names_.timer(instance, event.timer);
      add_fair(timer + " && (!LAZY || QUIET)", {{timer, ""}}, "    " + timer + " = 0;\n" + step);
    } else if (event.kind == EventKind::fetch) {
      const std::string fetching = names_.fetching(instance);
      add_fair(fetching, "    " + fetching + " = 0;\n" + step);
    } else if (names_.from_outside(instance, event)) {
      add("1", step);
    }
  }

  // A request whose final answer is kept gets it again; any other is an event of its receiver.
  void request(std::size_t letter) {
    const Letter& item = names_.letters()[letter];
    const std::string moving = part(letter, "moving");
    if (item.to < 0) {
      const std::string taken = Fairness::taken(label({{moving, ""}}));
      for (const Event& event : names_.machine(item.from).events)
        if (event.kind == EventKind::response && event.message == item.message)
          add(moving, taken + "    " + moving + " = 0;\n" + outcome(letter, event, {}));
      return;
    }
    std::string body = "    if\n";
    for (std::size_t i = 0; i < item.codes.size(); ++i)
      body += fmt::format("    :: {} == {} -> {} = 1\n", part(letter, "done"), i + 1, names_.answer(letter, i));
    Scene scene;
    scene.instance = static_cast<std::size_t>(item.to);
    scene.letter = static_cast<int>(letter);
    scene.other = content(item);
    scene.variant = item.variant;
    body += "    :: else ->\n" + steps_.event(scene, *item.arrival) + "    fi;\n";
    add_arrival(moving, item.to, "    " + moving + " = 0;\n" + body);
    add(moving + " && copies > 0 && " + away(item.to), "    copies--;\n" + body);
  }

  void earlier(std::size_t letter) {
    const Letter& item = names_.letters()[letter];
    const std::string old = part(letter, "old");
    if (item.to < 0) return add_fair(old, "    " + old + " = 0;\n");
    Scene scene;
    scene.instance = static_cast<std::size_t>(item.to);
    scene.other = content(item);
    scene.variant = item.variant;
    add_arrival(old, item.to, "    " + old + " = 0;\n" + steps_.event(scene, *item.arrival));
  }

  std::string outcome(std::size_t letter, const Event& event, Scene scene) {
    scene.instance = names_.letters()[letter].from;
    scene.answered = static_cast<int>(letter);
    return "    " + part(letter, "open") + " = 0;\n" + steps_.event(scene, event);
  }

  void answers(std::size_t letter) {
    const Letter& item = names_.letters()[letter];
    const std::string open = part(letter, "open");
    for (std::size_t i = 0; i < item.codes.size(); ++i) {
      const std::string answer = names_.answer(letter, i);
      add_fair(open + " && " + answer, "    " + answer + " = 0;\n" + outcome(letter, *item.outcomes[i], {}));
      add(open + " && " + answer + " && copies > 0", "    copies--;\n" + outcome(letter, *item.outcomes[i], {}));
    }
    if (item.failure == nullptr) return;
    add_fair(open + " && (!LAZY || QUIET)", silence(letter), outcome(letter, *item.failure, {}));
  }

  // When a call has to fail at last: in lazy time, if neither its answer is on its way nor the request to anybody who is there.
  std::vector<Fairness::Due> silence(std::size_t letter) const {
    const int to = names_.letters()[letter].to;
    const std::string still = unanswered(names_, letter), left = still + " && !" + part(letter, "moving");
    std::vector<Fairness::Due> due{{part(letter, "open"), "!LAZY"}};
    if (to < 0) return due.push_back({left, "LAZY"}), due;
    const std::string there = away(to);
    due.push_back({left, "LAZY && " + there});
    due.push_back({still, "LAZY && !(" + there + ")"});
    return due;
  }

  void losses(std::size_t letter) {
    const auto lose = [&](const std::string& what) { add(what + " && losses > 0", "    losses--; " + what + " = 0\n"); };
    lose(part(letter, "moving"));
    for (std::size_t i = 0; i < names_.letters()[letter].codes.size(); ++i) lose(names_.answer(letter, i));
  }

  std::string may_forge(const std::string& message, std::size_t writer) const {
    std::string text = "LIAR_" + identifier(names_.machine(writer).role) + " || (LIAR_network";
    const auto proven = [&](const std::vector<std::string>& profiles) {
      for (const std::string& profile : profiles) text += " && !PROFILE_" + identifier(profile);
    };
    const std::string& protocol = names_.machine(writer).protocol;
    for (const Message& item : names_.spec().messages)
      if (item.id == message && item.protocol == protocol) proven(item.tail);
    for (const Authentic& item : names_.set().authentic)
      if (item.message == message && (item.protocol.empty() || item.protocol == protocol)) proven(item.profiles);
    return "(" + text + "))";
  }

  void forged_request(std::size_t letter) {
    const Letter& item = names_.letters()[letter];
    if (item.to < 0) return;
    for (int other = 0; other <= (apart_ ? 1 : 0); ++other) {
      Scene scene;
      scene.instance = static_cast<std::size_t>(item.to);
      scene.forged = true;
      scene.other = std::to_string(other);
      scene.variant = item.variant;
      add("forgeries > 0 && " + may_forge(item.message, item.from) + " && " + away(item.to),
          "    forgeries--;\n" + steps_.event(scene, *item.arrival));
    }
  }

  void forged_answers(std::size_t letter) {
    const Letter& item = names_.letters()[letter];
    if (item.to < 0) return;
    for (const Event& event : names_.machine(item.from).events) {
      if (event.kind != EventKind::response || event.message != item.message || &event == item.failure) continue;
      for (int other = 0; other <= (apart_ ? 1 : 0); ++other) {
        Scene scene;
        scene.forged = true;
        scene.other = std::to_string(other);
        add("forgeries > 0 && " + part(letter, "open") + " && " +
                may_forge(item.message, static_cast<std::size_t>(item.to)),
            "    forgeries--;\n" + outcome(letter, event, scene));
      }
    }
  }

  const Names& names_;
  Steps steps_;
  Fairness& fairness_;
  bool apart_;
  std::string condition_, text_;
};

std::string declarations(const Names& names) {
  std::string text;
  for (std::size_t i = 0; i < names.instances(); ++i) {
    const Machine& machine = names.machine(i);
    std::size_t initial = 0;
    while (machine.states[initial].id != machine.initial) ++initial;
    text += fmt::format("byte {} = {};\n", names.state(i), initial);
    for (std::size_t k = 0; k < machine.variables.size(); ++k) {
      const Variable& variable = machine.variables[k];
      const auto at = std::find(variable.values.begin(), variable.values.end(), variable.initial);
      text += fmt::format("byte {} = {};\n", names.variable(i, k), at - variable.values.begin());
    }
    for (const std::string& timer : Names::timers(machine)) text += fmt::format("bit {};\n", names.timer(i, timer));
    text += fmt::format("bit {};\n", names.fetching(i));
  }
  for (std::size_t i = 0; i < names.letters().size(); ++i) {
    for (const char* part : {"open", "moving", "old", "parked", "deaf"})
      text += fmt::format("bit {};\n", names.letter_part(i, part));
    text += fmt::format("byte {};\n", names.letter_part(i, "done"));
    for (std::size_t k = 0; k < names.letters()[i].codes.size(); ++k) text += fmt::format("bit {};\n", names.answer(i, k));
  }
  for (std::size_t i = 0; i < names.set().ghosts.size(); ++i)
    if (names.set().ghosts[i].shared.empty()) text += fmt::format("byte {};\n", names.ghost(i));
  return text;
}

// Nothing of this order is on its way to anybody who is there.
std::string quiet(const Names& names) {
  std::string text = "1";
  for (std::size_t i = 0; i < names.instances(); ++i) text += " && !" + names.fetching(i);
  for (std::size_t i = 0; i < names.letters().size(); ++i) {
    const Letter& letter = names.letters()[i];
    const std::string away = letter.to < 0 ? "0" : "AWAY_" + identifier(names.machine(static_cast<std::size_t>(letter.to)).role);
    text += fmt::format(" && ({} || !({} || {}))", away, names.letter_part(i, "moving"), names.letter_part(i, "old"));
    for (std::size_t k = 0; k < letter.codes.size(); ++k) text += " && !" + names.answer(i, k);
  }
  return text;
}

// Records, calls, timers and kept answers are durable; connections are not.
std::string crash_of(const Names& names, const std::string& role) {
  std::string text;
  for (std::size_t i = 0; i < names.letters().size(); ++i) {
    const Letter& letter = names.letters()[i];
    const bool receives = letter.to >= 0 && names.machine(static_cast<std::size_t>(letter.to)).role == role;
    if (names.machine(letter.from).role != role && !receives) continue;
    text += fmt::format("    {} = 0; {} = 0; if :: {} -> {} = 1 :: else fi;\n", names.letter_part(i, "moving"),
                        names.letter_part(i, "old"), names.letter_part(i, "parked"), names.letter_part(i, "deaf"));
    for (std::size_t k = 0; k < letter.codes.size(); ++k) text += fmt::format("    {} = 0;\n", names.answer(i, k));
  }
  return text;
}

std::vector<std::string> roles_of(const Names& names) {
  std::vector<std::string> roles;
  for (std::size_t i = 0; i < names.instances(); ++i) {
    const std::string& role = names.machine(i).role;
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) roles.push_back(role);
  }
  return roles;
}

std::string settings(const Spec& spec) {
  std::string text = "// What the command line does not define is not there.\n";
  const auto add = [&](const std::string& name, int value) {
    text += fmt::format("#ifndef {0}\n#define {0} {1}\n#endif\n", name, value);
  };
  for (const char* name : {"LOSSES", "COPIES", "CRASHES", "FORGERIES", "ANY", "LAZY", "LIAR_network"}) add(name, 0);
  add("ORDERS", 1);
  for (const Role& role : spec.roles) {
    add("LIAR_" + identifier(role.id), 0);
    add("AWAY_" + identifier(role.id), 0);
    add("APART_" + identifier(role.id), 0);
  }
  for (const Option& option : spec.property_sets.front().options)
    for (std::size_t order = 1; order <= kOrders; ++order) add("WITH_" + identifier(option.id) + std::to_string(order), 0);
  for (const Profile& profile : spec.profiles) add("PROFILE_" + identifier(profile.id), 0);
  return text;
}

std::string second(const std::string& text) { return "#if ORDERS > 1\n" + text + "#endif\n"; }

// One for both orders, unless each has a player of its own of a role that it belongs to.
std::string shared_ghosts(const Names& first, const Names& other) {
  std::string text;
  for (std::size_t i = 0; i < first.set().ghosts.size(); ++i) {
    const Ghost& ghost = first.set().ghosts[i];
    if (ghost.shared.empty()) continue;
    std::string apart;
    for (const std::string& role : ghost.shared) apart += (apart.empty() ? "APART_" : " || APART_") + identifier(role);
    text += fmt::format("byte {0};\n#if {2}\nbyte {1};\n#else\n#define {1} {0}\n#endif\n", first.ghost(i), other.ghost(i), apart);
  }
  return text;
}

std::string crash_move(const std::string& body) {
  return "  :: atomic { (crashes > 0) ->\n    crashes--;\n" + body + "     }\n";
}

// Where each order has a player of its own, only one of them crashes.
std::string crashes(const Names& first, const Names& other) {
  std::string text;
  for (const std::string& role : roles_of(first)) {
    const std::string apart = "APART_" + identifier(role);
    text += "#if ORDERS > 1 && " + apart + "\n" + crash_move(crash_of(first, role)) + crash_move(crash_of(other, role)) + "#else\n" +
            crash_move(crash_of(first, role) + second(crash_of(other, role))) + "#endif\n";
  }
  return text;
}

std::string claims(const Names& names) {
  std::string text;
  for (const Property& property : names.set().properties)
    if (property.kind == "always")
      text += fmt::format("#ifdef CLAIM_{}\n  :: !({}) -> assert(false)  // {}\n#endif\n", identifier(property.id), names.expression(property.holds, {}), property.id);
  return text;
}

bool tells_terms_apart(const PropertySet& set) {
  return std::any_of(set.observations.begin(), set.observations.end(),
                     [](const Observation& item) { return item.value.find("msg.other") != std::string::npos; });
}

}  // namespace

std::string composition_pml(const Spec& spec) {
  const PropertySet& set = spec.property_sets.front();
  const Names first(spec, set, 1);
  const Names other(spec, set, kOrders);
  std::string text = settings(spec) + "\n" + declarations(first) + second(declarations(other));
  text += shared_ghosts(first, other);
  text += "byte losses = LOSSES;\nbyte copies = COPIES;\nbyte crashes = CRASHES;\nbyte forgeries = FORGERIES;\n\n";
  text += "#if ORDERS > 1\n#define QUIET (" + quiet(first) + " && " + quiet(other) + ")\n#else\n#define QUIET (" + quiet(first) + ")\n#endif\n\n";
  Fairness fairness;
  const bool apart = tells_terms_apart(set);
  text += Fairness::declarations() + "active proctype world() {\n  do\n" + Fairness::before();
  text += Moves(first, apart, fairness).text();
  text += second(Moves(other, apart, fairness).text()) + crashes(first, other);
  text += claims(first) + second(claims(other)) + fairness.behind();
  return text + "  od\n}\n" + promela::liveness(promela::leads_to(first) + second(promela::leads_to(other)));
}

}  // namespace quickpay::spec
