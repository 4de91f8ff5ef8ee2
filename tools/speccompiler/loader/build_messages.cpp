// Structs, variants, messages, and the common section.
#include <fmt/format.h>

#include "tools/speccompiler/loader/reader.hpp"
#include "tools/speccompiler/loader/words.hpp"

namespace quickpay::spec {
namespace {

std::vector<ProfileRule> profile_rules(Reader& reader, pugi::xml_node node) {
  std::vector<ProfileRule> rules;
  for (const pugi::xml_node inner : node.children("profile")) {
    const auto [min, max] = reader.cardinality(inner);
    rules.push_back({Reader::text(inner, "id"), min, max});
  }
  return rules;
}

Field build_field(Reader& reader, pugi::xml_node node) {
  Field field;
  reader.common(node, field, "name");
  field.type = Reader::text(node, "type");
  std::tie(field.min, field.max) = reader.cardinality(node);
  if (Reader::has(node, "max-bytes")) field.max_bytes = Reader::number(node, "max-bytes");
  field.fixed = Reader::text(node, "fixed");
  field.profiles = profile_rules(reader, node);
  for (const pugi::xml_node inner : node.children("where")) {
    field.where.push_back({split_at(Reader::text(inner, "field"), '.'), Reader::text(inner, "equals")});
  }
  if (field.max == 0) reader.add(node, fmt::format("field '{}' may never occur", field.id));
  return field;
}

/// What surrounds a field: the condition of `present`, the number of `choice`.
struct Surroundings {
  std::optional<Condition> condition;
  int choice = 0;
};

std::optional<Condition> build_condition(Reader& reader, pugi::xml_node node) {
  const bool equals = Reader::has(node, "equals");
  if (equals == Reader::has(node, "not-equals")) {
    reader.add(node, "'present' needs either 'equals' or 'not-equals'");
    return std::nullopt;
  }
  const char* attribute = equals ? "equals" : "not-equals";
  return Condition{split_at(Reader::text(node, "when"), '.'), Reader::text(node, attribute), !equals};
}

void build_fields(Reader& reader, pugi::xml_node node, const Surroundings& around, int& choices,
                  std::vector<Field>& out) {
  for (const pugi::xml_node child : node.children()) {
    const std::string_view name = child.name();
    if (name == "field") {
      Field field = build_field(reader, child);
      field.choice = around.choice;
      field.condition = around.condition;
      out.push_back(std::move(field));
    } else if (name == "present") {
      build_fields(reader, child, {build_condition(reader, child), around.choice}, choices, out);
    } else if (name == "choice") {
      const std::size_t before = out.size();
      build_fields(reader, child, {around.condition, ++choices}, choices, out);
      if (out.size() < before + 2) reader.add(child, "a choice needs at least two fields");
    }
  }
}

std::vector<Field> fields_of(Reader& reader, pugi::xml_node node) {
  std::vector<Field> fields;
  int choices = 0;
  build_fields(reader, node, {}, choices, fields);
  return fields;
}

// Narrowings are kept as fields without a type until the base struct is known.
Struct build_variant(Reader& reader, pugi::xml_node node) {
  Struct variant;
  reader.common(node, variant);
  variant.of = Reader::text(node, "of");
  for (const pugi::xml_node inner : node.children("narrow")) {
    Field field;
    reader.common(inner, field, "field");
    std::tie(field.min, field.max) = reader.cardinality(inner);
    variant.fields.push_back(std::move(field));
  }
  return variant;
}

std::vector<Rule> build_rules(Reader& reader, pugi::xml_node node) {
  std::vector<Rule> rules;
  for (const pugi::xml_node inner : node.children("rule")) {
    rules.push_back({Reader::words(inner, "req"), Reader::prose(inner), reader.at(inner)});
  }
  return rules;
}

Envelope build_envelope(pugi::xml_node node) {
  Envelope envelope;
  envelope.head = Reader::text(node, "head");
  envelope.body = Reader::text(node, "body");
  envelope.tail_name = Reader::text(node, "tail");
  envelope.tail_type = Reader::text(node, "tail-type");
  envelope.status_name = Reader::text(node, "status");
  envelope.status_type = Reader::text(node, "status-type");
  envelope.ok_path = split_at(Reader::text(node, "ok-path"), '.');
  envelope.ok_value = Reader::text(node, "ok-value");
  envelope.extension_name = Reader::text(node, "extension");
  envelope.extension_type = Reader::text(node, "extension-type");
  envelope.extension_max = Reader::number(node, "extension-max");
  envelope.request_head = Reader::text(node, "request-head");
  envelope.anonymous_request_head = Reader::text(node, "anonymous-request-head");
  envelope.open_request_head = Reader::text(node, "open-request-head");
  envelope.response_head = Reader::text(node, "response-head");
  envelope.anonymous_response_head = Reader::text(node, "anonymous-response-head");
  envelope.response_suffix = Reader::text(node, "response-suffix");
  return envelope;
}

void build_family(Reader& reader, pugi::xml_node node, Spec& spec) {
  Family family;
  reader.common(node, family);
  family.max_body_bytes = Reader::number(node, "max-body-bytes");
  family.max_elements = Reader::number(node, "max-elements");
  family.max_depth = Reader::number(node, "max-depth", family.max_depth);
  spec.families.push_back(std::move(family));
}

}  // namespace

Struct build_struct(Reader& reader, pugi::xml_node node) {
  if (std::string_view(node.name()) == "variant") return build_variant(reader, node);
  Struct result;
  reader.common(node, result);
  result.fields = fields_of(reader, node);
  return result;
}

Message build_message(Reader& reader, pugi::xml_node node) {
  Message message;
  reader.common(node, message);
  message.number = Reader::text(node, "no");
  message.from = Reader::words(node, "from");
  message.to = Reader::text(node, "to");
  message.path = Reader::text(node, "path");
  message.local = Reader::yes(node, "local");
  message.notice = Reader::yes(node, "notice");
  message.anonymous = Reader::yes(node, "anonymous");
  message.open = Reader::yes(node, "open");
  message.tail = Reader::words(node, "tail");
  message.request.body = fields_of(reader, node.child("request"));
  message.response.body = fields_of(reader, node.child("response"));
  message.request.inner = Reader::text(node.child("request"), "inner");
  message.response.inner = Reader::text(node.child("response"), "inner");
  message.errors = Reader::words(node.child("errors"), "codes");
  message.sender = build_rules(reader, node.child("sender"));
  message.receiver = build_rules(reader, node.child("receiver"));
  if (!node.child("request")) reader.add(node, fmt::format("message '{}' has no request", message.id));
  if (!node.child("response")) reader.add(node, fmt::format("message '{}' has no response", message.id));
  if (message.local == Reader::has(node, "path")) {
    reader.add(node, fmt::format("message '{}' must have either a path or local=\"yes\"", message.id));
  }
  return message;
}

void build_common(Reader& reader, pugi::xml_node section, Spec& spec) {
  for (const pugi::xml_node node : section.children()) {
    const std::string_view name = node.name();
    if (name == "profile") {
      Profile profile;
      reader.common(node, profile);
      spec.profiles.push_back(std::move(profile));
    } else if (name == "family") {
      build_family(reader, node, spec);
    } else if (name == "envelope") {
      if (!spec.envelope.request_head.empty()) reader.add(node, "there is more than one envelope");
      spec.envelope = build_envelope(node);
    } else if (name == "struct" || name == "variant") {
      spec.structs.push_back(build_struct(reader, node));
    }
  }
}

}  // namespace quickpay::spec
