// messages.hpp: enumerations, structs, and the declarations of their tables.
#include <fmt/format.h>

#include "tools/speccompiler/emit/cpp_names.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

std::string with_requirements(const Common& element) {
  if (element.requirements.empty()) return element.text;
  return fmt::format("{}{}[{}]", element.text, element.text.empty() ? "" : " ", join(element.requirements, ", "));
}

std::string enumeration(const Type& type) {
  const std::vector<std::string> names = identifiers(type.values);
  std::string out = comment("///", with_requirements(type));
  out += fmt::format("enum class {} : std::uint8_t {{ {} }};\n", identifier(type.id), join(names, ", "));
  out +=
      fmt::format("\n/// The value as it is written in a message.\nconstexpr std::string_view to_string({} value) {{\n",
                  identifier(type.id));
  out += "  switch (value) {\n";
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("    case {}::{}: return {};\n", identifier(type.id), names[i], cpp_string(type.values[i]));
  }
  return out + "  }\n  return {};\n}\n";
}

std::string member_line(const Model& model, const Field& field, const std::string& type, const std::string& indent) {
  std::string initial;
  if (!is_list(field) && !is_optional(field) && !field.is_struct) {
    const Storage storage = model.type(field.type).storage;
    initial = storage == Storage::integer ? " = 0" : storage == Storage::enumeration ? "{}" : "";
  }
  std::string out = comment(indent + "///", with_requirements(field));
  return out + fmt::format("{}{} {}{};\n", indent, type, snake(field.id), initial);
}

std::string members(const Model& model, const Struct& record, const std::string& indent) {
  std::string out;
  for (const Field& field : record.fields) out += member_line(model, field, member_type(model, field), indent);
  return out;
}

std::string equality(const std::string& name, const std::string& indent) {
  return fmt::format("{}bool operator==(const {}&) const = default;\n", indent, name);
}

std::string shared_struct(const Model& model, const Struct& record) {
  const std::string name = identifier(record.id);
  return comment("///", with_requirements(record)) + "struct " + name + " {\n" + members(model, record, "  ") +
         equality(name, "  ") + "};\n";
}

std::string document_comment(const DocumentView& view) {
  const Message& message = *view.message;
  const std::string what = view.response ? fmt::format("Response to {}.", message.id) : with_requirements(message);
  return comment("///", what);
}

std::string document_struct(const Model& model, const DocumentView& view) {
  const Envelope& envelope = model.spec().envelope;
  const std::string name = identifier(view.root.id);
  std::string out = document_comment(view) + "struct " + name + " {\n";
  if (view.message->local) return out + members(model, view.root, "  ") + equality(name, "  ") + "};\n";
  const std::string body = identifier(envelope.body);
  out += "  struct " + body + " {\n" + members(model, view.body, "    ") + equality(body, "    ") + "  };\n";
  for (const Field& field : view.root.fields) {
    const bool is_body = field.type == view.body.id;
    out += member_line(model, field, is_body ? body : member_type(model, field), "  ");
  }
  return out + equality(name, "  ") + "};\n";
}

std::string struct_declarations(const Model& model) {
  std::string out;
  for (const Struct* record : model.records()) {
    if (record->of.empty()) out += "\n" + shared_struct(model, *record);
  }
  out += "\n";
  for (const Struct* record : model.records()) {
    out += fmt::format("extern const codec::StructType k{}Type;\n", identifier(record->id));
  }
  return out;
}

std::string document_tables(const DocumentView& view) {
  const std::string name = identifier(view.root.id);
  std::string out = fmt::format("extern const codec::StructType k{}Type;\n", name);
  if (view.message->local) return out;
  out += fmt::format("extern const codec::StructType k{}BodyType;\n", name);
  return out + fmt::format("extern const codec::DocumentType k{}Document;\n", name);
}

std::string family_namespace(const Model& model, const Family& family) {
  std::string structs;
  std::string tables;
  for (const DocumentView& view : model.documents()) {
    if (model.family_of(*view.message).id != family.id) continue;
    if (view.inner) {
      tables += fmt::format("extern const codec::DocumentType k{}Document;\n", identifier(view.root.id));
      continue;
    }
    structs += "\n" + document_struct(model, view);
    tables += document_tables(view);
    const bool last = view.response || view.message->response.root.empty();
    if (last && !view.message->local) {
      tables += fmt::format("extern const codec::MessageType k{}Message;\n", identifier(view.message->id));
    }
  }
  const std::string name = identifier(family.id);
  return fmt::format("\nnamespace {} {{\n\nextern const codec::Family kFamily;\n{}\n{}\n}}  // namespace {}\n", name,
                     structs, tables, name);
}

/// The visitor's calls, one a message that travels.
std::string visits(const Model& model) {
  std::string out;
  for (const Message& message : model.spec().messages) {
    if (message.local) continue;
    const std::string family = identifier(model.family_of(message).id);
    out += fmt::format("  visit.template operator()<{0}::{1}, {0}::{2}>({0}::k{1}Message);\n", family,
                       identifier(message.request.root), identifier(message.response.root));
  }
  return out;
}

/// The same for what travels inside messages.
std::string inner_visits(const Model& model) {
  std::string out;
  for (const DocumentView& view : model.documents()) {
    if (!view.inner) continue;
    out += fmt::format("  visit.template operator()<{0}>({1}::k{0}Document);\n", identifier(view.root.id),
                       identifier(model.family_of(*view.message).id));
  }
  return out;
}

}  // namespace

std::string plugin_structs(const Model& model, const Plugin& plugin) {
  std::string out;
  std::string tables;
  for (const Struct* record : model.records()) {
    if (record->plugin != plugin.id) continue;
    if (record->of.empty()) out += "\n" + shared_struct(model, *record);
    tables += fmt::format("extern const codec::StructType k{}Type;\n", identifier(record->id));
  }
  return out + "\n" + tables;
}

std::string messages_hpp(const Model& model) {
  std::string out = R"(#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reference/codec/schema.hpp"

namespace quickpay::msg {
)";
  for (const Type& type : model.spec().types) {
    if (type.storage == Storage::enumeration) out += "\n" + enumeration(type);
  }
  out += struct_declarations(model);
  for (const Family& family : model.spec().families) out += family_namespace(model, family);
  out += fmt::format(R"(
/// Calls `visit.template operator()<Request, Response>(message)` for every message that travels, in the order of the
/// specification. What needs the C++ types of all messages goes through here, so that a new message is in it.
template <class Visitor>
void for_each_message([[maybe_unused]] Visitor&& visit) {{
{}}}
)",
                     visits(model));
  out += fmt::format(R"(
/// Calls `visit.template operator()<Inner>(document)` for every document that travels inside a message, encrypted.
template <class Visitor>
void for_each_inner_document([[maybe_unused]] Visitor&& visit) {{
{}}}
)",
                     inner_visits(model));
  out += R"(
/// Every message that travels between players, in the order of the specification.
std::span<const codec::MessageType* const> messages();

/// Every document that travels, in the same order, request before response, and then what travels inside them.
std::span<const codec::DocumentType* const> documents();

/// A default-constructed object of the struct that `document` describes, for code that handles any document; null if
/// it is none of documents().
std::shared_ptr<void> make_document(const codec::DocumentType& document);

/// Every leaf type of the specification.
std::span<const codec::LeafType* const> leaf_types();

}  // namespace quickpay::msg
)";
  return out;
}

}  // namespace quickpay::spec
