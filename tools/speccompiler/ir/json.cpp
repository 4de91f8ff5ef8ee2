// One function an element kind: what of it belongs to the canonical form.
#include <nlohmann/json.hpp>

#include "tools/speccompiler/ir/canonical.hpp"
#include "tools/speccompiler/ir/event_kind.hpp"
#include "tools/speccompiler/ir/json_parts.hpp"

namespace quickpay::spec {
namespace {

using nlohmann::json;

void put(json& out, const char* key, const std::string& value) {
  if (!value.empty()) out[key] = value;
}
void put(json& out, const char* key, const std::vector<std::string>& value) {
  if (!value.empty()) out[key] = value;
}
void put(json& out, const char* key, bool value) {
  if (value) out[key] = true;
}

json effects_json(const std::vector<Effect>& effects) {
  json list = json::array();
  for (const Effect& effect : effects) {
    json one = json::array({effect.verb});
    for (const std::string& argument : effect.arguments) one.push_back(argument);
    list.push_back(std::move(one));
  }
  return list;
}

json condition_json(const Condition& condition) {
  json out{{"path", condition.path}, {"value", condition.value}};
  put(out, "negated", condition.negated);
  return out;
}

json document_json(const Document& document) {
  json out{{"root", document.root}, {"body", list_json(document.body)}};
  put(out, "head", document.head);
  put(out, "inner", document.inner);
  return out;
}

json rules_json(const std::vector<Rule>& rules) {
  json list = json::array();
  for (const Rule& rule : rules) {
    json one{{"text", rule.text}};
    put(one, "requirements", rule.requirements);
    list.push_back(std::move(one));
  }
  return list;
}

std::string storage_name(Storage storage) {
  switch (storage) {
    case Storage::text:
      return "text";
    case Storage::integer:
      return "integer";
    case Storage::enumeration:
      return "enumeration";
  }
  return {};
}

json block_json(const Block& block) {
  return {{"states", block.states}, {"event", block.event}, {"cases", list_json(block.cases)}};
}

json row_json(const Row& row) {
  json out{{"id", row.id}, {"case", row.case_id}, {"state", row.state}, {"event", row.event},
           {"to", row.to}, {"mask", row.mask},    {"value", row.value}, {"effects", effects_json(row.effects)}};
  put(out, "requirements", row.requirements);
  return out;
}

json implication_json(const Implication& implication) {
  return {{"if", implication.if_predicate}, {"then", implication.then_predicate}};
}

json atom_json(const Atom& atom) { return {{"variable", atom.variable}, {"value", atom.value}}; }

template <class T, class F>
json each(const std::vector<T>& items, F convert) {
  json list = json::array();
  for (const T& item : items) list.push_back(convert(item));
  return list;
}

}  // namespace

json common_json(const Common& common) {
  json out = json::object();
  put(out, "id", common.id);
  put(out, "since", common.since);
  put(out, "deprecated", common.deprecated);
  put(out, "replaced_by", common.replaced_by);
  put(out, "requirements", common.requirements);
  put(out, "text", common.text);
  return out;
}

json part_json(const Common& common) { return common_json(common); }
json part_json(const Profile& profile) { return common_json(profile); }

json part_json(const Type& type) {
  json out = common_json(type);
  out["storage"] = storage_name(type.storage);
  put(out, "pattern", type.pattern);
  put(out, "values", type.values);
  put(out, "charset_text", type.charset_text);
  put(out, "sensitive", type.sensitive);
  if (!type.excluded.empty()) {
    out["excluded"] = each(type.excluded, [](const CodePointRange& r) { return json::array({r.first, r.last}); });
  }
  if (type.min_bytes != 0) out["min_bytes"] = type.min_bytes;
  if (type.max_bytes) out["max_bytes"] = *type.max_bytes;
  return out;
}

json part_json(const Field& field) {
  json out = common_json(field);
  out["type"] = field.type;
  out["min"] = field.min;
  out["max"] = field.max;
  put(out, "is_struct", field.is_struct);
  put(out, "fixed", field.fixed);
  if (field.max_bytes) out["max_bytes"] = *field.max_bytes;
  if (field.choice != 0) out["choice"] = field.choice;
  if (field.condition) out["condition"] = condition_json(*field.condition);
  if (!field.profiles.empty()) {
    out["profiles"] = each(field.profiles, [](const ProfileRule& rule) {
      return json{{"profile", rule.profile}, {"min", rule.min}, {"max", rule.max}};
    });
  }
  if (!field.where.empty()) {
    out["where"] = each(field.where, [](const Where& where) {
      return json{{"path", where.path}, {"value", where.value}};
    });
  }
  return out;
}

json part_json(const Struct& s) {
  json out = common_json(s);
  put(out, "of", s.of);
  put(out, "protocol", s.protocol);
  put(out, "plugin", s.plugin);
  out["fields"] = list_json(s.fields);
  return out;
}

json part_json(const Message& message) {
  json out = common_json(message);
  out["protocol"] = message.protocol;
  out["number"] = message.number;
  out["from"] = message.from;
  out["to"] = message.to;
  put(out, "path", message.path);
  put(out, "local", message.local);
  put(out, "notice", message.notice);
  put(out, "anonymous", message.anonymous);
  put(out, "open", message.open);
  put(out, "tail", message.tail);
  out["request"] = document_json(message.request);
  out["response"] = document_json(message.response);
  put(out, "errors", message.errors);
  out["sender"] = rules_json(message.sender);
  out["receiver"] = rules_json(message.receiver);
  return out;
}

json part_json(const State& state) {
  json out = common_json(state);
  put(out, "terminal", state.terminal);
  return out;
}

json part_json(const Variable& variable) {
  json out = common_json(variable);
  out["values"] = variable.values;
  out["initial"] = variable.initial;
  return out;
}

json part_json(const Event& event) {
  json out = common_json(event);
  out["kind"] = word_of(event.kind);
  put(out, "message", event.message);
  put(out, "timer", event.timer);
  put(out, "codes", event.codes);
  put(out, "classes", event.classes);
  return out;
}

json part_json(const Predicate& predicate) {
  json out = common_json(predicate);
  out["over"] = predicate.over;
  out["observable"] = predicate.observable;
  out["abstraction"] = predicate.abstraction;
  return out;
}

json part_json(const Port& port) {
  json out = common_json(port);
  put(out, "protocol", port.protocol);
  put(out, "machine", port.machine);
  put(out, "event", port.event);
  return out;
}

json part_json(const Case& written) {
  json out = common_json(written);
  put(out, "condition", written.condition);
  out["to"] = written.to;
  out["effects"] = effects_json(written.effects);
  return out;
}

json part_json(const Default& written) {
  json out = common_json(written);
  out["kind"] = word_of(written.kind);
  put(out, "event", written.event);
  put(out, "classes", written.classes);
  out["effects"] = effects_json(written.effects);
  return out;
}

json part_json(const Machine& machine) {
  json out = common_json(machine);
  out["protocol"] = machine.protocol;
  out["role"] = machine.role;
  out["key"] = machine.key;
  out["initial"] = machine.initial;
  out["states"] = list_json(machine.states);
  out["variables"] = list_json(machine.variables);
  out["events"] = list_json(machine.events);
  out["predicates"] = list_json(machine.predicates);
  out["implications"] = each(machine.implications, implication_json);
  out["actions"] = list_json(machine.actions);
  out["ports"] = list_json(machine.ports);
  out["blocks"] = each(machine.blocks, block_json);
  out["defaults"] = list_json(machine.defaults);
  out["atoms"] = each(machine.atoms, atom_json);
  out["rows"] = each(machine.rows, row_json);
  out["default_of_event"] = machine.default_of_event;
  return out;
}

json part_json(const Scenario& scenario) {
  json out = common_json(scenario);
  out["protocol"] = scenario.protocol;
  out["steps"] = each(scenario.steps, [](const ScenarioStep& step) {
    json one{{"machine", step.machine}, {"event", step.event}, {"row", step.row}};
    put(one, "with", step.with);
    return one;
  });
  return out;
}

json part_json(const Role& role) {
  json out = common_json(role);
  out["name"] = role.name;
  put(out, "prefix", role.prefix);
  put(out, "id_type", role.id_type);
  put(out, "of", role.of);
  return out;
}

json part_json(const Parameter& parameter) {
  json out = common_json(parameter);
  put(out, "default", parameter.default_value);
  put(out, "unit", parameter.unit);
  put(out, "min", parameter.min);
  put(out, "max", parameter.max);
  put(out, "owner", parameter.owner);
  put(out, "derived", parameter.derived);
  return out;
}

json part_json(const ErrorCode& code) {
  json out = common_json(code);
  out["retry"] = code.retry;
  out["step"] = code.step;
  put(out, "anywhere", code.anywhere);
  return out;
}

json part_json(const ProcessingStep& step) {
  json out = common_json(step);
  out["number"] = step.number;
  out["outcome"] = step.outcome;
  return out;
}

json part_json(const Requirement& requirement) {
  json out = common_json(requirement);
  out["level"] = requirement.level;
  put(out, "reading", requirement.reading);
  put(out, "section", requirement.section);
  put(out, "roles", requirement.roles);
  put(out, "tests", requirement.tests);
  return out;
}

json part_json(const Exclusion& exclusion) {
  return {{"reason", exclusion.reason}, {"until", exclusion.until}, {"requirements", exclusion.requirements}};
}

json part_json(const Decision& decision) {
  json out = common_json(decision);
  out["class"] = decision.kind;
  out["question"] = decision.question;
  out["resolution"] = decision.resolution;
  return out;
}

json part_json(const Family& family) {
  json out = common_json(family);
  out["max_body_bytes"] = family.max_body_bytes;
  out["max_elements"] = family.max_elements;
  out["max_depth"] = family.max_depth;
  return out;
}

json part_json(const Protocol& protocol) {
  json out = common_json(protocol);
  out["family"] = protocol.family;
  return out;
}

json part_json(const Envelope& envelope) {
  json out{{"head", envelope.head}, {"body", envelope.body}, {"response_suffix", envelope.response_suffix}};
  put(out, "tail_name", envelope.tail_name);
  put(out, "tail_type", envelope.tail_type);
  put(out, "status_name", envelope.status_name);
  put(out, "status_type", envelope.status_type);
  put(out, "ok_path", envelope.ok_path);
  put(out, "ok_value", envelope.ok_value);
  put(out, "extension_name", envelope.extension_name);
  put(out, "extension_type", envelope.extension_type);
  if (envelope.extension_max != 0) out["extension_max"] = envelope.extension_max;
  put(out, "request_head", envelope.request_head);
  put(out, "anonymous_request_head", envelope.anonymous_request_head);
  put(out, "open_request_head", envelope.open_request_head);
  put(out, "response_head", envelope.response_head);
  put(out, "anonymous_response_head", envelope.anonymous_response_head);
  return out;
}

}  // namespace quickpay::spec
