#include "tools/killtables/spec_mutants.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "tools/killtables/conditions.hpp"
#include "tools/speccompiler/emit/model.hpp"

namespace quickpay::killtables {
namespace {

using spec::Case;
using spec::Effect;
using spec::Machine;

/// Where a list of effects is: a case of a block, or a default.
struct Place {
  std::size_t block = 0, index = 0;
  bool fallback = false;
};

std::vector<Effect>& effects_at(Machine& machine, const Place& place) {
  return place.fallback ? machine.defaults[place.index].effects : machine.blocks[place.block].cases[place.index].effects;
}

class Collector {
 public:
  Collector(const Machine& machine, std::size_t index, std::vector<SpecMutant>& found)
      : machine_(machine), index_(index), found_(found) {}

  void run() {
    for (std::size_t block = 0; block < machine_.blocks.size(); ++block) of_block(block);
    of_defaults();
    of_events();
    of_start();
  }

 private:
  template <class Apply>
  void add(const std::string& op, const std::string& where, Apply apply) {
    found_.push_back({machine_.id + ":" + op + ":" + where, op, index_, std::move(apply)});
  }

  std::string name_of(const spec::Block& block) const {
    return block.states.front() + (block.states.size() > 1 ? "+" : "") + "-" + block.event;
  }

  void of_block(std::size_t b) {
    const spec::Block& block = machine_.blocks[b];
    add("drop-block", name_of(block), [b](Machine& m) { m.blocks.erase(m.blocks.begin() + static_cast<std::ptrdiff_t>(b)); });
    for (std::size_t s = 0; block.states.size() > 1 && s < block.states.size(); ++s)
      add("drop-state", name_of(block) + ":" + block.states[s], [b, s](Machine& m) {
        m.blocks[b].states.erase(m.blocks[b].states.begin() + static_cast<std::ptrdiff_t>(s));
      });
    of_block_event(b);
    for (std::size_t c = 0; c < block.cases.size(); ++c) of_case(b, c);
  }

  // The block listens to the next event of the same kind that its states do not hear already.
  void of_block_event(std::size_t b) {
    const spec::Block& block = machine_.blocks[b];
    const auto kind_of = [&](const std::string& id) {
      const auto at = std::find_if(machine_.events.begin(), machine_.events.end(), [&](const auto& e) { return e.id == id; });
      return at->kind;
    };
    for (const spec::Event& event : machine_.events) {
      if (event.id == block.event || event.kind != kind_of(block.event) || heard(block, event.id)) continue;
      return add("wrong-event", name_of(block) + ":" + event.id, [b, id = event.id](Machine& m) { m.blocks[b].event = id; });
    }
    for (std::size_t other = b + 1; other < machine_.blocks.size(); ++other) {
      if (machine_.blocks[other].states != block.states || kind_of(machine_.blocks[other].event) != kind_of(block.event)) continue;
      return add("swap-events", name_of(block) + ":" + machine_.blocks[other].event,
                 [b, other](Machine& m) { std::swap(m.blocks[b].event, m.blocks[other].event); });
    }
  }

  bool heard(const spec::Block& block, const std::string& event) const {
    return std::any_of(machine_.blocks.begin(), machine_.blocks.end(), [&](const spec::Block& other) {
      return other.event == event && std::any_of(other.states.begin(), other.states.end(), [&](const std::string& state) {
               return std::find(block.states.begin(), block.states.end(), state) != block.states.end();
             });
    });
  }

  void of_case(std::size_t b, std::size_t c) {
    const Case& one = machine_.blocks[b].cases[c];
    if (machine_.blocks[b].cases.size() > 1)
      add("drop-case", one.id, [b, c](Machine& m) {
        m.blocks[b].cases.erase(m.blocks[b].cases.begin() + static_cast<std::ptrdiff_t>(c));
      });
    for (const ChangedCondition& changed : changed_conditions(one.condition))
      add(changed.name.substr(0, changed.name.find(':')) + "-condition", one.id + changed.name.substr(changed.name.find(':')),
          [b, c, text = changed.text](Machine& m) { m.blocks[b].cases[c].condition = text; });
    if (c + 1 < machine_.blocks[b].cases.size() && !machine_.blocks[b].cases[c + 1].condition.empty())
      add("swap-cases", one.id, [b, c](Machine& m) { std::swap(m.blocks[b].cases[c], m.blocks[b].cases[c + 1]); });
    of_target(b, c);
    of_effects({b, c, false}, one.effects, one.id);
  }

  // The states declared before and behind the right one: one slip of the pen to each side.
  void of_target(std::size_t b, std::size_t c) {
    const Case& one = machine_.blocks[b].cases[c];
    const std::size_t count = machine_.states.size();
    const auto at = std::find_if(machine_.states.begin(), machine_.states.end(), [&](const auto& s) {
      return s.id == (one.to == "same" ? machine_.blocks[b].states.front() : one.to);
    });
    const auto right = static_cast<std::size_t>(at - machine_.states.begin());
    std::set<std::string> tried = {one.to, at->id};
    for (const std::size_t wrong : {(right + 1) % count, (right + count - 1) % count}) {
      const std::string& to = machine_.states[wrong].id;
      if (tried.insert(to).second)
        add("wrong-target", one.id + ":" + to, [b, c, to](Machine& m) { m.blocks[b].cases[c].to = to; });
    }
  }

  void of_effects(const Place& place, const std::vector<Effect>& effects, const std::string& name) {
    for (std::size_t i = 0; i < effects.size(); ++i) {
      const std::string numbered = name + ":" + std::to_string(i + 1);
      const auto at = static_cast<std::ptrdiff_t>(i);
      add("drop-effect", numbered, [=](Machine& m) { effects_at(m, place).erase(effects_at(m, place).begin() + at); });
      add("repeat-effect", numbered, [=](Machine& m) {
        auto& list = effects_at(m, place);
        list.insert(list.begin() + at, Effect(list[i]));
      });
      if (i + 1 < effects.size() && !(effects[i] == effects[i + 1]))
        add("swap-effects", numbered, [=](Machine& m) { std::swap(effects_at(m, place)[i], effects_at(m, place)[i + 1]); });
      of_argument(place, effects[i], i, numbered);
    }
  }

  // The next other effect of the machine with the same verb, in its order.
  void of_argument(const Place& place, const Effect& effect, std::size_t i, const std::string& numbered) {
    const std::vector<Effect> all = declared_effects();
    const auto at = std::find(all.begin(), all.end(), effect);
    for (std::size_t k = 1; k < all.size(); ++k) {
      const Effect& other = all[(static_cast<std::size_t>(at - all.begin()) + k) % all.size()];
      if (other.verb != effect.verb || other == effect) continue;
      return add(effect.verb == "start" || effect.verb == "stop" ? "wrong-timer" : "wrong-argument",
                 numbered + ":" + spec::effect_id(other), [=](Machine& m) { effects_at(m, place)[i] = other; });
    }
  }

  std::vector<Effect> declared_effects() const {
    std::vector<Effect> all;
    const auto add_new = [&](const std::vector<Effect>& effects) {
      for (const Effect& effect : effects)
        if (std::find(all.begin(), all.end(), effect) == all.end()) all.push_back(effect);
    };
    for (const spec::Block& block : machine_.blocks)
      for (const Case& one : block.cases) add_new(one.effects);
    for (const spec::Default& one : machine_.defaults) add_new(one.effects);
    return all;
  }

  void of_defaults() {
    for (std::size_t i = 0; i < machine_.defaults.size(); ++i) {
      const std::string name = "default-" + std::to_string(i + 1);
      add("drop-default", name, [i](Machine& m) { m.defaults.erase(m.defaults.begin() + static_cast<std::ptrdiff_t>(i)); });
      of_effects({0, i, true}, machine_.defaults[i].effects, name);
    }
  }

  void of_events() {
    for (std::size_t e = 0; e < machine_.events.size(); ++e) {
      const spec::Event& event = machine_.events[e];
      of_words(e, event.id, "classes", &spec::Event::classes, {"ok", "no", "new", "same", "fail"});
      of_words(e, event.id, "codes", &spec::Event::codes, {});
    }
    for (std::size_t i = 0; i < machine_.implications.size(); ++i)
      add("drop-implication", machine_.implications[i].if_predicate, [i](Machine& m) {
        m.implications.erase(m.implications.begin() + static_cast<std::ptrdiff_t>(i));
      });
  }

  // One word fewer: the event is narrower. One more that exists: it is wider.
  void of_words(std::size_t e, const std::string& id, const char* what, std::vector<std::string> spec::Event::*list,
                const std::vector<std::string>& known) {
    const std::vector<std::string>& now = machine_.events[e].*list;
    for (std::size_t i = 0; i < now.size(); ++i)
      add("narrow-event", id + ":" + what + ":" + now[i], [=](Machine& m) {
        (m.events[e].*list).erase((m.events[e].*list).begin() + static_cast<std::ptrdiff_t>(i));
      });
    for (const std::string& word : known)
      if (!now.empty() && std::find(now.begin(), now.end(), word) == now.end())
        add("widen-event", id + ":" + what + ":" + word, [=](Machine& m) { (m.events[e].*list).push_back(word); });
  }

  void of_start() {
    for (const spec::State& state : machine_.states)
      if (state.id != machine_.initial)
        add("initial-state", state.id, [id = state.id](Machine& m) { m.initial = id; });
    for (std::size_t v = 0; v < machine_.variables.size(); ++v)
      for (const std::string& value : machine_.variables[v].values)
        if (value != machine_.variables[v].initial)
          add("initial-value", machine_.variables[v].id + ":" + value, [v, value](Machine& m) { m.variables[v].initial = value; });
  }

  const Machine& machine_;
  std::size_t index_;
  std::vector<SpecMutant>& found_;
};

}  // namespace

std::vector<SpecMutant> spec_mutants(const spec::Spec& spec, const std::vector<std::string>& protocols) {
  std::vector<SpecMutant> found;
  for (std::size_t i = 0; i < spec.machines.size(); ++i) {
    const bool wanted = protocols.empty() || std::find(protocols.begin(), protocols.end(), spec.machines[i].protocol) != protocols.end();
    if (wanted) Collector(spec.machines[i], i, found).run();
  }
  return found;
}

}  // namespace quickpay::killtables
