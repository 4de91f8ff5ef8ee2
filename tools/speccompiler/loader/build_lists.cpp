// The sections that are lists: requirements, exclusions, decisions, roles, parameters, errors, types.
#include <fmt/format.h>

#include "tools/speccompiler/loader/reader.hpp"

namespace quickpay::spec {

void build_requirements(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children("requirement")) {
    Requirement requirement;
    reader.common(node, requirement);
    requirement.level = Reader::text(node, "level");
    requirement.reading = Reader::text(node, "reading");
    requirement.section = Reader::text(node, "section");
    requirement.roles = Reader::words(node, "roles");
    requirement.tests = Reader::words(node, "test");
    spec.requirements.push_back(std::move(requirement));
  }
}

void build_exclusions(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children("exclusion")) {
    Exclusion exclusion{Reader::text(node, "reason"), Reader::text(node, "until"), {}, reader.at(node)};
    for (const pugi::xml_node inner : node.children("requirement")) {
      exclusion.requirements.push_back(Reader::text(inner, "ref"));
    }
    if (exclusion.reason.empty()) reader.add(node, "an exclusion without a reason");
    spec.exclusions.push_back(std::move(exclusion));
  }
}

void build_decisions(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children("decision")) {
    Decision decision;
    reader.common(node, decision);
    decision.kind = Reader::text(node, "class");
    decision.question = Reader::prose(node.child("question"));
    decision.resolution = Reader::prose(node.child("resolution"));
    if (decision.resolution.empty()) reader.add(node, fmt::format("decision '{}' has no resolution", decision.id));
    spec.decisions.push_back(std::move(decision));
  }
}

void build_roles(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children()) {
    if (node.type() != pugi::node_element) continue;
    Role role;
    reader.common(node, role);
    role.name = Reader::text(node, "name");
    role.prefix = Reader::text(node, "prefix");
    role.id_type = Reader::text(node, "id-type");
    role.of = Reader::text(node, "of");
    spec.roles.push_back(std::move(role));
  }
}

void build_parameters(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children("parameter")) {
    Parameter parameter;
    reader.common(node, parameter);
    parameter.default_value = Reader::text(node, "default");
    parameter.unit = Reader::text(node, "unit");
    parameter.min = Reader::text(node, "min");
    parameter.max = Reader::text(node, "max");
    parameter.owner = Reader::text(node, "owner");
    parameter.derived = Reader::text(node, "derived");
    spec.parameters.push_back(std::move(parameter));
  }
}

void build_errors(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.child("order").children("step")) {
    ProcessingStep step;
    reader.common(node, step);
    step.number = static_cast<int>(Reader::number(node, "no"));
    step.outcome = Reader::text(node, "outcome");
    spec.processing.push_back(std::move(step));
  }
  for (const pugi::xml_node node : section.children("error")) {
    ErrorCode code;
    reader.common(node, code, "code");
    code.retry = Reader::text(node, "retry");
    code.step = static_cast<int>(Reader::number(node, "step"));
    code.anywhere = Reader::yes(node, "anywhere");
    spec.errors.push_back(std::move(code));
  }
}

namespace {

Storage storage_of(const Type& type, pugi::xml_node node) {
  if (!type.values.empty()) return Storage::enumeration;
  return Reader::text(node, "store") == "integer" ? Storage::integer : Storage::text;
}

Type build_type(Reader& reader, pugi::xml_node node) {
  Type type;
  reader.common(node, type);
  type.pattern = Reader::text(node, "pattern");
  type.charset_text = Reader::has(node, "charset");
  type.min_bytes = Reader::number(node, "min-bytes");
  type.sensitive = Reader::text(node, "sensitive");
  if (Reader::has(node, "max-bytes")) type.max_bytes = Reader::number(node, "max-bytes");
  for (const pugi::xml_node value : node.children("value")) type.values.push_back(Reader::text(value, "name"));
  for (const pugi::xml_node range : node.children("exclude")) {
    type.excluded.push_back({static_cast<std::uint32_t>(std::stoul(Reader::text(range, "from"), nullptr, 16)),
                             static_cast<std::uint32_t>(std::stoul(Reader::text(range, "to"), nullptr, 16))});
  }
  type.storage = storage_of(type, node);
  const int kinds = (type.pattern.empty() ? 0 : 1) + (type.charset_text ? 1 : 0) + (type.values.empty() ? 0 : 1);
  if (kinds != 1) {
    reader.add(node, fmt::format("type '{}' must have either a pattern, values or charset=\"text\"", type.id));
  }
  if (Reader::has(node, "store") && type.pattern.empty()) {
    reader.add(node, fmt::format("type '{}' has a store, which only a pattern may have", type.id));
  }
  if (!type.excluded.empty() && !type.charset_text) {
    reader.add(node, fmt::format("type '{}' excludes characters, which only charset=\"text\" may do", type.id));
  }
  return type;
}

}  // namespace

void build_types(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children("type")) spec.types.push_back(build_type(reader, node));
}

}  // namespace quickpay::spec
