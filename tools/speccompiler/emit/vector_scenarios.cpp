// scenario-<id>.json: a scenario as the steps of several machines, what each waits for, and what its messages have in common;
// then the same with one thing changed.
#include <set>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vector_json.hpp"
#include "tools/speccompiler/emit/vector_steps.hpp"

namespace quickpay::spec {
namespace {

/// A leaf of a document: the path of its element, and what it is called and typed.
struct Leaf {
  std::string path;
  std::string name;
  std::string type;
};

/// Leaves that say something about the transaction: once in a document, and neither head nor tail, status nor extension. What
/// closes a struct vouches for it, as a tail does for the document, and says nothing itself.
void leaves_below(const Model& model, const std::vector<Field>& fields, const std::string& path, std::vector<Leaf>& out,
                  bool top = true) {
  const Envelope& envelope = model.spec().envelope;
  for (const Field& field : fields) {
    const bool closes = !top && field.is_struct && &field == &fields.back();
    if (field.max > 1 || closes || field.id == envelope.status_name || field.id == envelope.extension_name) continue;
    const std::string below = path + "/" + field.id;
    if (field.is_struct) {
      leaves_below(model, model.record(field.type).fields, below, out, false);
    } else {
      out.push_back({below, field.id, field.type});
    }
  }
}

struct Played {
  const Machine* machine = nullptr;
  const Event* event = nullptr;
  Step step;
  std::vector<std::size_t> after;  ///< steps that it waits for
  std::string document;            ///< the root that travels, if one does
  std::string sender;              ///< the role that wrote it
};

bool does(const Played& played, const std::string& verb, const std::string& argument) {
  return std::any_of(played.step.effects.begin(), played.step.effects.end(), [&](const Effect& each) {
    return each.verb == verb && (argument.empty() || (!each.arguments.empty() && each.arguments.front() == argument));
  });
}

class Player {
 public:
  explicit Player(const Spec& spec) : spec_(spec) {}

  std::vector<Played> run(const Scenario& scenario) {
    std::vector<Played> out;
    for (const ScenarioStep& step : scenario.steps) {
      const Machine* machine = find_id(spec_.machines, step.machine);
      const Event* event = machine == nullptr ? nullptr : find_id(machine->events, step.event);
      if (event == nullptr) return out;
      Situation& situation = situations_.emplace(machine->id, initial_of(*machine)).first->second;
      Played played{machine, event,
                    step_of(spec_, *machine, situation, event->id, predicate_bits(*machine, step.with)), {}, {}, {}};
      situation = played.step.after;
      travel(played);
      played.after = causes(out, played);
      out.push_back(std::move(played));
    }
    return out;
  }

 private:
  void travel(Played& played) const {
    const Message* message = find_message(spec_, played.machine->protocol, played.event->message);
    if (message == nullptr || message->local) return;
    const bool response = played.event->kind == EventKind::response;
    played.document = response ? message->response.root : message->request.root;
    played.sender = response ? message->to : message->from.front();
  }

  /// The step before of the same machine, and the one that made the event.
  std::vector<std::size_t> causes(const std::vector<Played>& before, const Played& played) const {
    std::set<std::size_t> found;
    for (std::size_t i = before.size(); i-- > 0;) {
      if (before[i].machine != played.machine) continue;
      found.insert(i);
      break;
    }
    for (std::size_t i = before.size(); i-- > 0;) {
      if (!made(before[i], played)) continue;
      found.insert(i);
      break;
    }
    return {found.begin(), found.end()};
  }

  bool made(const Played& cause, const Played& played) const {
    const Event& event = *played.event;
    if (std::any_of(cause.machine->ports.begin(), cause.machine->ports.end(), [&](const Port& port) {
          return port.machine == played.machine->id && port.event == event.id && does(cause, "hand-over", port.id);
        })) {
      return true;
    }
    switch (event.kind) {
      case EventKind::request:
        return does(cause, "send", event.message) || does(cause, "outbox", event.message) ||
               (cause.event->kind == EventKind::request && cause.event->message == event.message);
      case EventKind::response:
        return cause.event->kind == EventKind::request && cause.event->message == event.message;
      case EventKind::timer:
        return does(cause, "start", event.timer);
      case EventKind::fetch:
        return does(cause, "fetch", "");
      case EventKind::action:
        return false;
    }
    return false;
  }

  const Spec& spec_;
  std::map<std::string, Situation> situations_;
};

/// What the documents of a scenario have in common: where a value is first seen, and where it has to be again.
class Values {
 public:
  Values(const Spec& spec, const std::vector<Played>& steps) : model_(spec) {
    std::map<std::string, std::set<std::string>> roots;
    for (const Played& each : steps) {
      for (const Leaf& leaf : leaves(each.document)) roots[key(leaf)].insert(each.document);
    }
    for (const auto& [key, documents] : roots) {
      if (documents.size() > 1) shared_.insert(key);
    }
  }

  /// `"captures": {name: path}, "uses": {path: name}` of the next step.
  std::string json(const Played& played) {
    std::vector<std::string> captures, uses;
    for (const Leaf& leaf : leaves(played.document)) {
      if (shared_.count(key(leaf)) == 0) continue;
      const bool first = known_.insert(key(leaf)).second;
      const std::string path = json_string(leaf.path), name = json_string(leaf.name);
      first ? captures.push_back(name + ": " + path) : uses.push_back(path + ": " + name);
    }
    return fmt::format("\"captures\": {{{}}}, \"uses\": {{{}}}", join(captures, ", "), join(uses, ", "));
  }

 private:
  static std::string key(const Leaf& leaf) { return leaf.name + " " + leaf.type; }

  std::vector<Leaf> leaves(const std::string& root) const {
    std::vector<Leaf> out;
    for (const DocumentView& view : model_.documents()) {
      if (view.root.id == root)
        leaves_below(model_, view.body.fields, root + "/" + model_.spec().envelope.body, out);
    }
    return out;
  }

  Model model_;
  std::set<std::string> shared_;
  std::set<std::string> known_;
};

std::string json_numbers(const std::vector<std::size_t>& numbers) {
  std::vector<std::string> out;
  for (const std::size_t number : numbers) out.push_back(std::to_string(number + 1));
  return "[" + join(out, ", ") + "]";
}

std::string json_played(std::size_t number, const Played& played, Values& values) {
  const std::string travels =
      played.document.empty()
          ? ""
          : fmt::format("\n        \"from\": {}, \"document\": {}, {},", json_string(played.sender),
                        json_string(played.document), values.json(played));
  return fmt::format("      {{ \"step\": {}, \"after\": {}, \"machine\": {}, \"role\": {},{}\n        {} }}", number + 1,
                     json_numbers(played.after), json_string(played.machine->id), json_string(played.machine->role), travels,
                     json_step(*played.machine, played.step));
}

std::string json_changed(const std::string& base, const std::string& word, const std::string& mutation,
                         const Machine& machine, const Step& step) {
  const bool refused = !step.refusal.empty();
  std::string out =
      fmt::format("    {{ \"id\": {}, \"flags\": {}, \"requirements\": {},\n      \"result\": \"{}\"",
                  json_string(base + "." + word), json_list({refused ? step.refusal : "again"}),
                  json_list(step.requirements), refused ? "invalid" : "valid");
  if (!step.code.empty()) out += fmt::format(", \"code\": {}", json_string(step.code));
  return out + fmt::format(", \"base\": {}, \"mutation\": {},\n      \"machine\": {}, {} }}", json_string(base), mutation,
                           json_string(machine.id), json_step(machine, step));
}

/// One step of the scenario other than it is: each predicate of it the other way round, and the event once more.
void changed(const Spec& spec, const std::string& base, std::size_t number, const Played& played,
             std::vector<std::string>& entries) {
  const Machine& machine = *played.machine;
  for (std::size_t i = 0; i < machine.predicates.size(); ++i) {
    const std::uint64_t bits = flip(machine, played.step.bits, i);
    const Step step = step_of(spec, machine, played.step.given, played.event->id, bits);
    if (step.refusal.empty() || step.row == played.step.row) continue;
    const std::string& predicate = machine.predicates[i].id;
    const bool holds = (bits >> i & 1) != 0;
    entries.push_back(json_changed(
        base, fmt::format("step-{}.{}{}", number + 1, holds ? "" : "not-", slug(predicate)),
        fmt::format("{{\"step\": {}, \"predicate\": {}, \"holds\": {}}}", number + 1, json_string(predicate), holds), machine,
        step));
  }
  entries.push_back(json_changed(base, fmt::format("step-{}.again", number + 1),
                                 fmt::format("{{\"step\": {}, \"again\": true}}", number + 1), machine,
                                 step_of(spec, machine, played.step.after, played.event->id, played.step.bits)));
}

}  // namespace

std::string scenario_vectors(const Spec& spec, const std::string& mark) {
  const Scenario& scenario = spec.scenarios.front();
  const std::string id = "scenario." + slug(scenario.id);
  const std::vector<Played> played = Player(spec).run(scenario);
  Values values(spec, played);
  std::vector<std::string> steps, entries;
  for (std::size_t i = 0; i < played.size(); ++i) steps.push_back(json_played(i, played[i], values));
  entries.push_back(fmt::format(
      "    {{ \"id\": {}, \"flags\": [\"whole\"], \"requirements\": {}, \"result\": \"valid\",\n      \"steps\": [\n{}\n      ] }}",
      json_string(id), json_list(scenario.requirements), join(steps, ",\n")));
  for (std::size_t i = 0; i < played.size(); ++i) changed(spec, id, i, played[i], entries);
  return fmt::format(
      "{{ \"generated\": {},\n  \"kind\": \"scenario\",\n  \"protocol\": {},\n  \"scenario\": {},\n  \"text\": {},\n"
      "  \"count\": {},\n  \"vectors\": [\n{}\n  ]\n}}\n",
      json_string(mark), json_string(scenario.protocol), json_string(scenario.id), json_string(scenario.text), entries.size(),
      join(entries, ",\n"));
}

}  // namespace quickpay::spec
