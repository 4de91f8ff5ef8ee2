#include "tools/speccompiler/emit/tests/random_spec.hpp"

#include <cstdlib>
#include <iostream>
#include <random>

#include <fmt/format.h>

#include "tools/speccompiler/expand/expand.hpp"

namespace quickpay::spec::test {
namespace {

/// Draws with the few distributions that are needed; the same on every platform.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t n) { return random_() % n; }
  std::size_t between(std::size_t least, std::size_t most) { return least + below(most - least + 1); }
  bool often() { return below(4) != 0; }
  bool rarely() { return below(4) == 0; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[below(from.size())];
  }

 private:
  std::mt19937_64 random_;
};

std::string pattern(Dice& dice) {
  static const std::vector<std::string> kSets = {"[a-z]", "[A-Z0-9]", "x", "[0-9a-f]", "[!-%'-;=?-~]"};
  std::string out = dice.pick(kSets);
  for (std::size_t i = dice.below(3); i > 0; --i) {
    out += dice.pick(kSets) + dice.pick(std::vector<std::string>{"", "?", "{2,5}", "{3}", "*", "+"});
  }
  return dice.rarely() ? out + "|(" + dice.pick(kSets) + "y){2}" : out;
}

void add_types(Dice& dice, Spec& spec) {
  for (std::size_t i = 0; i < dice.between(2, 5); ++i) {
    Type& type = spec.types.emplace_back();
    type.id = fmt::format("T{}", i);
    type.pattern = pattern(dice);
    if (dice.rarely()) type.max_bytes = 40;
  }
  Type& number = spec.types.emplace_back();
  number.id = "Number";
  number.storage = Storage::integer;
  number.pattern = "0|[1-9][0-9]{0,8}";
  Type& choice = spec.types.emplace_back();
  choice.id = "Mood";
  choice.storage = Storage::enumeration;
  choice.values = {"new", "not-new", "class", "3d"};
  Type& words = spec.types.emplace_back();
  words.id = "Prose";
  words.charset_text = true;
  words.min_bytes = 1;
  words.excluded = {{0, 0x1F}, {0x7F, 0x9F}, {0xD800, 0xDFFF}, {0xFFFE, 0xFFFF}};
}

Field field_of(Dice& dice, const Spec& spec, const std::string& name) {
  Field field;
  field.id = name;
  field.text = "The field \"" + name + "\" \\ of a random struct\?\?/";
  if (!spec.structs.empty() && dice.rarely()) {
    field.type = dice.pick(spec.structs).id;
    field.is_struct = true;
  } else {
    field.type = dice.pick(spec.types).id;
    if (field.type == "Prose" || dice.rarely()) field.max_bytes = static_cast<std::uint32_t>(dice.between(30, 90));
  }
  field.min = static_cast<std::uint32_t>(dice.below(2));
  field.max = dice.rarely() ? 3 : 1;
  return field;
}

void add_condition(Dice& dice, std::vector<Field>& fields) {
  fields[0].type = "Mood";
  fields[0].is_struct = false;
  fields[0].min = fields[0].max = 1;
  fields[0].max_bytes.reset();
  for (std::size_t i = 1; i < fields.size(); ++i) {
    if (dice.often()) continue;
    fields[i].condition = Condition{{fields[0].id}, "class", dice.rarely()};
  }
}

void add_choice(Dice& dice, std::vector<Field>& fields) {
  for (std::size_t i = fields.size() - 2; i < fields.size(); ++i) {
    fields[i].choice = 1;
    fields[i].min = fields[i].max = 1;
    if (dice.rarely()) fields[i].max = 3;  // an alternative may be a list
    fields[i].condition.reset();
  }
}

std::vector<Field> fields_of(Dice& dice, const Spec& spec) {
  static const std::vector<std::string> kNames = {"Alpha", "Beta", "Gamma", "Default", "URLPath", "New"};
  std::vector<Field> fields;
  for (std::size_t i = 0; i < dice.between(2, kNames.size()); ++i) fields.push_back(field_of(dice, spec, kNames[i]));
  if (dice.rarely()) add_condition(dice, fields);
  if (fields.size() > 3 && dice.rarely()) add_choice(dice, fields);
  bool some = false;
  for (const Field& field : fields) some = some || (field.min > 0 && !field.condition);
  if (!some) fields.front().min = 1;  // no element may be empty
  if (!some) fields.front().condition.reset();
  return fields;
}

void add_structs(Dice& dice, Spec& spec) {
  for (std::size_t i = 0; i < dice.between(1, 3); ++i) {
    Struct record;
    record.id = fmt::format("Group{}", i);
    record.text = "A random struct.";
    record.fields = fields_of(dice, spec);
    spec.structs.push_back(std::move(record));
  }
}

Field plain(const std::string& name, const std::string& type, bool is_struct) {
  Field field;
  field.id = name;
  field.type = type;
  field.is_struct = is_struct;
  return field;
}

void add_envelope(Spec& spec) {
  Envelope& envelope = spec.envelope;
  envelope.head = "Top";
  envelope.body = "Load";
  envelope.tail_name = "Seal";
  envelope.tail_type = "SealStruct";
  envelope.status_name = "Verdict";
  envelope.status_type = "VerdictStruct";
  envelope.ok_path = {"Word"};
  envelope.ok_value = "not-new";
  envelope.response_suffix = "Echo";
  Struct top;
  top.id = "TopStruct";
  top.fields = {plain("Serial", "Number", false), plain("Whom", "T0", false)};
  top.fields[1].min = 0;
  spec.structs.push_back(top);
  Struct narrow = top;
  narrow.id = "TopNarrow";
  narrow.of = "TopStruct";
  narrow.fields[1].max = 0;
  spec.structs.push_back(narrow);
  Struct verdict;
  verdict.id = "VerdictStruct";
  verdict.fields = {plain("Word", "Mood", false)};
  spec.structs.push_back(verdict);
  Struct seal;
  seal.id = "SealStruct";
  seal.fields = {plain("Wax", "Number", false)};
  spec.structs.push_back(seal);
}

void add_messages(Dice& dice, Spec& spec) {
  spec.protocols.emplace_back().id = "game";
  spec.protocols.back().family = "play";
  Family& family = spec.families.emplace_back();
  family.id = "play";
  family.max_body_bytes = 1 << 20;
  family.max_elements = 5000;
  family.max_depth = 12;
  for (std::size_t i = 0; i < dice.between(1, 2); ++i) {
    Message& message = spec.messages.emplace_back();
    message.id = fmt::format("Move{}", i);
    message.protocol = "game";
    message.from = {"black"};
    message.to = "white";
    message.path = fmt::format("/play/{}", i);
    message.errors = {"X-BAD"};
    message.sender.push_back({{"R-1"}, "Black MUST move.", {}});
    message.request.root = message.id;
    message.request.head = "TopStruct";
    message.request.body = fields_of(dice, spec);
    message.response.root = message.id + "Echo";
    message.response.head = "TopNarrow";
    message.response.body = fields_of(dice, spec);
    for (Field& field : message.response.body) field.condition = Condition{{"Verdict", "Word"}, "not-new", false};
    message.response.body.insert(message.response.body.begin(), plain("Verdict", "VerdictStruct", true));
  }
}

void add_codes(Spec& spec) {
  for (const auto& [code, step] : {std::pair{"X-XML", 1}, std::pair{"X-TABLE", 2}, std::pair{"X-BAD", 3}}) {
    ErrorCode& error = spec.errors.emplace_back();
    error.id = code;
    error.retry = "no";
    error.step = step;
  }
  for (const auto& [id, outcome] : {std::pair{"xml", "X-XML"}, std::pair{"schema", "X-TABLE"}}) {
    ProcessingStep& step = spec.processing.emplace_back();
    step.id = id;
    step.outcome = outcome;
    step.requirements = {"R-1"};
  }
  Requirement& requirement = spec.requirements.emplace_back();
  requirement.id = "R-1";
  requirement.level = "MUST";
  requirement.text = "Everything MUST be well.";
}

std::string condition(Dice& dice, int depth) {
  if (depth == 0) return dice.pick(std::vector<std::string>{"p0", "p1", "not p2", "colour == red", "colour != blue"});
  const std::string left = condition(dice, depth - 1);
  const std::string right = condition(dice, depth - 1);
  return dice.rarely() ? "not (" + left + " and " + right + ")" : left + (dice.rarely() ? " or " : " and ") + right;
}

std::vector<Effect> effects(Dice& dice) {
  static const std::vector<Effect> kEffects = {{"reply", {"X-BAD"}}, {"set", {"colour", "blue"}}, {"perform", {"deal"}},
                                               {"start", {"clock"}}, {"send", {"Move0"}},         {"alarm", {}},
                                               {"ignore", {}}};
  std::vector<Effect> out;
  for (std::size_t i = dice.below(4); i > 0; --i) out.push_back(dice.pick(kEffects));
  return out;
}

void add_block(Dice& dice, Machine& machine, const std::vector<std::string>& states, const std::string& event) {
  Block& block = machine.blocks.emplace_back();
  block.states = states;
  block.event = event;
  for (std::size_t i = dice.below(3) + 1; i > 0; --i) {
    Case& each = block.cases.emplace_back();
    each.id = fmt::format("C{}x{}", machine.blocks.size(), block.cases.size());
    if (i > 1) each.condition = condition(dice, static_cast<int>(dice.below(3)));
    each.to = dice.rarely() ? "same" : dice.pick(machine.states).id;
    each.effects = effects(dice);
    each.requirements = {"R-1"};
  }
}

void add_machine(Dice& dice, Spec& spec, const std::string& id) {
  Machine& machine = spec.machines.emplace_back();
  machine.id = id;
  machine.protocol = "game";
  machine.role = "white";
  machine.key = {"Serial"};
  machine.initial = "Row";  // a name that the engine's header uses, too
  for (const char* state : {"Row", "default", "Open"}) machine.states.emplace_back().id = state;
  Variable& colour = machine.variables.emplace_back();
  colour.id = "colour";
  colour.values = {"red", "blue", "green"};
  colour.initial = "red";
  for (const char* event : {"Move0", "clock!", "push", "Open"}) machine.events.emplace_back().id = event;
  machine.events[0].message = "Move0";
  machine.events[1].kind = EventKind::timer;
  machine.events[1].timer = "clock";
  machine.events[2].kind = machine.events[3].kind = EventKind::action;
  for (const char* predicate : {"p0", "p1", "p2"}) machine.predicates.emplace_back().id = predicate;
  machine.actions.emplace_back().id = "deal";
  add_block(dice, machine, {"Row", "Open"}, "Move0");
  add_block(dice, machine, {"default"}, "clock!");
  if (dice.often()) add_block(dice, machine, {"Open"}, "push");
  Default& fallback = machine.defaults.emplace_back();
  fallback.kind = EventKind::timer;
  fallback.effects = {{"ignore", {}}};
}

}  // namespace

std::uint64_t run_seed() {
  const char* given = std::getenv("QP_SEED");
  const std::uint64_t seed = given == nullptr ? std::random_device{}() : std::strtoull(given, nullptr, 10);
  std::cout << "QP_SEED=" << seed << "\n";
  return seed;
}

Spec random_spec(std::uint64_t seed) {
  Dice dice(seed);
  Spec spec;
  spec.id = "game";
  spec.version = "9";
  spec.xml_namespace = "urn:game:9";
  spec.signature_prefix = "Game";
  add_types(dice, spec);
  add_structs(dice, spec);
  add_envelope(spec);
  add_messages(dice, spec);
  add_codes(spec);
  add_machine(dice, spec, "white.board");
  add_machine(dice, spec, "new");
  expand(spec);
  return spec;
}

}  // namespace quickpay::spec::test
