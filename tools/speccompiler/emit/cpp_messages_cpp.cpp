// messages.cpp: automata, leaf types, field tables, documents and messages.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/automaton.hpp"
#include "tools/speccompiler/emit/cpp_names.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

template <class T>
std::string numbers(const T* values, std::size_t count, std::size_t per_line) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += i % per_line == 0 ? (i == 0 ? "    " : ",\n    ") : ", ";
    out += fmt::format("{}", static_cast<unsigned>(values[i]));
  }
  return out;
}

std::string automaton(const std::string& name, const std::string& pattern) {
  const Dfa dfa = dfa_of(pattern);
  std::string out = "\n" + comment("//", pattern);
  out += fmt::format("constexpr std::uint8_t {}Classes[256] = {{\n{}}};\n", name, numbers(dfa.classes.data(), 256, 32));
  out += fmt::format("constexpr std::uint16_t {}Moves[] = {{\n{}}};\n", name,
                     numbers(dfa.transitions.data(), dfa.transitions.size(), dfa.class_count));
  out += fmt::format("constexpr std::uint8_t {}Accepts[] = {{\n{}}};\n", name,
                     numbers(dfa.accepting.data(), dfa.accepting.size(), 32));
  return out + fmt::format(
                   "constexpr codec::Automaton {0}{{{0}Classes, {0}Moves, {1}, {0}Accepts,\n"
                   "    codec::find_skip({0}Classes, {0}Moves, {1})}};\n",
                   name, dfa.class_count);
}

std::string values_of(const std::string& name, const Type& type) {
  std::vector<std::string> quoted;
  for (const std::string& value : type.values) quoted.push_back(cpp_string(value));
  return fmt::format("constexpr std::string_view {}Values[] = {{{}}};\n", name, join(quoted, ", "));
}

std::string excluded_of(const std::string& name, const Type& type) {
  std::vector<std::string> ranges;
  for (const CodePointRange& range : type.excluded)
    ranges.push_back(fmt::format("{{0x{:04X}, 0x{:04X}}}", range.first, range.last));
  return fmt::format("constexpr codec::CodePointRange {}Excluded[] = {{{}}};\n", name, join(ranges, ", "));
}

std::string storage_word(Storage storage) {
  switch (storage) {
    case Storage::text:
      return "codec::Storage::text";
    case Storage::integer:
      return "codec::Storage::integer";
    case Storage::enumeration:
      return "codec::Storage::enumeration";
  }
  return {};
}

std::string bytes_word(std::uint32_t bytes) { return bytes == kUnbounded ? "kUnbounded" : fmt::format("{}", bytes); }

// Types with the same pattern share one automaton, named after the first of them.
std::string leaf_types(const Model& model) {
  std::string out;
  std::map<std::string, std::string> automata;
  for (const Type& type : model.spec().types) {
    const std::string name = "k" + identifier(type.id);
    std::string automaton_name = "nullptr";
    if (!type.pattern.empty()) {
      const auto [at, fresh] = automata.emplace(type.pattern, name + "Automaton");
      if (fresh) out += automaton(at->second, type.pattern);
      automaton_name = "&" + at->second;
    }
    if (!type.values.empty()) out += values_of(name, type);
    if (!type.excluded.empty()) out += excluded_of(name, type);
    Field field;
    field.type = type.id;
    out += fmt::format("constexpr codec::LeafType {}Leaf{{{}, {}, {}, {}, {}, {}, {}}};\n", name, cpp_string(type.id),
                       storage_word(type.storage), automaton_name, type.values.empty() ? "{}" : name + "Values",
                       type.excluded.empty() ? "{}" : name + "Excluded", model.min_bytes(field),
                       bytes_word(model.max_bytes(field)));
  }
  return out;
}

std::string path_array(const std::string& name, const std::vector<std::size_t>& indices) {
  return fmt::format("constexpr std::uint16_t {}[] = {{{}}};\n", name, fmt::join(indices, ", "));
}

std::string condition_of(const Model& model, const Struct& record, const Field& field, const std::string& name) {
  const Condition& condition = *field.condition;
  return path_array(name + "Path", model.indices(record, condition.path)) +
         fmt::format("constexpr codec::Condition {0}If{{{0}Path, {1}, {2}}};\n", name, cpp_string(condition.value),
                     condition.negated);
}

std::string where_of(const Model& model, const Field& field, const std::string& name) {
  std::string out;
  std::vector<std::string> entries;
  for (const Where& where : field.where) {
    const std::string path = fmt::format("{}Where{}", name, entries.size() + 1);
    out += path_array(path, model.indices(model.record(field.type), where.path));
    entries.push_back(fmt::format("{{{}, {}}}", path, cpp_string(where.value)));
  }
  return out + fmt::format("constexpr codec::FixedLeaf {}Where[] = {{{}}};\n", name, join(entries, ", "));
}

std::string profiles_of(const Field& field, const std::string& name) {
  std::vector<std::string> entries;
  for (const ProfileRule& rule : field.profiles) {
    entries.push_back(fmt::format("{{{}, {}, {}}}", cpp_string(rule.profile), rule.min, rule.max));
  }
  return fmt::format("constexpr codec::ProfileRule {}Profiles[] = {{{}}};\n", name, join(entries, ", "));
}

std::string type_reference(const Model& model, const Field& field) {
  if (!field.is_struct) return fmt::format("&k{}Leaf, nullptr", identifier(field.type));
  for (const DocumentView& view : model.documents()) {
    if (view.body.id == field.type) return fmt::format("nullptr, &k{}BodyType", identifier(view.root.id));
  }
  return fmt::format("nullptr, &msg::k{}Type", identifier(field.type));
}

std::string field_row(const Model& model, const Field& field, const std::string& name, const std::string& member) {
  const std::uint32_t bytes = field.is_struct ? 0 : model.max_bytes(field);
  const std::string row =
      fmt::format("    {{{}, {}, {}, {}, {}, {}, {}, {}, {}, {},", cpp_string(field.id), type_reference(model, field),
                  field.min, field.max, bytes_word(bytes), field.choice, cpp_string(field.fixed),
                  field.condition ? "&" + name + "If" : "nullptr", field.where.empty() ? "{}" : name + "Where",
                  field.profiles.empty() ? "{}" : name + "Profiles");
  const std::string access = fmt::format("codec::access_of<&{}>()}},\n", member);
  return row + (row.size() + access.size() < 120 ? " " : "\n     ") + access;
}

/// The table of one struct: `cpp` is its C++ type, `name` what its tables are called.
std::string struct_table(const Model& model, const Struct& record, const std::string& cpp, const std::string& name) {
  std::string parts;
  std::string rows;
  for (const Field& field : record.fields) {
    const std::string word = "k" + name + identifier(field.id);
    if (field.condition) parts += condition_of(model, record, field, word);
    if (!field.where.empty()) parts += where_of(model, field, word);
    if (!field.profiles.empty()) parts += profiles_of(field, word);
    rows += field_row(model, field, word, cpp + "::" + snake(field.id));
  }
  return fmt::format("\n{0}constexpr codec::Field k{1}Fields[] = {{\n{2}}};\n", parts, name, rows);
}

std::string struct_tables(const Model& model) {
  std::string out;
  std::string definitions;
  for (const Struct* record : model.records()) {
    const std::string name = identifier(record->id);
    out += struct_table(model, *record, "msg::" + identifier(model.base(*record).id), name);
    definitions +=
        fmt::format("constinit const codec::StructType k{0}Type{{{1}, k{0}Fields}};\n", name, cpp_string(record->id));
  }
  return out + "\n}  // namespace\n\n" + definitions;
}

std::string local_tables(const Model& model, const DocumentView& view, std::string& definitions) {
  const std::string name = identifier(view.root.id);
  definitions +=
      fmt::format("constinit const codec::StructType k{0}Type{{{1}, k{0}Fields}};\n", name, cpp_string(view.root.id));
  return struct_table(model, view.root, name, name);
}

std::string document_tables(const Model& model, const DocumentView& view, std::string& definitions) {
  if (view.message->local) return local_tables(model, view, definitions);
  const std::string name = identifier(view.root.id);
  if (view.inner) {
    definitions += fmt::format("constinit const codec::DocumentType k{0}Document{{{1}, &msg::k{0}Type, &kFamily}};\n",
                               name, cpp_string(view.root.id));
    return {};
  }
  const std::string body = identifier(model.spec().envelope.body);
  definitions += fmt::format("constinit const codec::StructType k{0}BodyType{{{1}, k{0}BodyFields}};\n", name,
                             cpp_string(view.root.id + "." + model.spec().envelope.body));
  definitions +=
      fmt::format("constinit const codec::StructType k{0}Type{{{1}, k{0}Fields}};\n", name, cpp_string(view.root.id));
  definitions += fmt::format("constinit const codec::DocumentType k{0}Document{{{1}, &k{0}Type, &kFamily}};\n", name,
                             cpp_string(view.root.id));
  return struct_table(model, view.body, name + "::" + body, name + "Body") + struct_table(model, view.root, name, name);
}

/// A table of strings; nothing for an empty one.
std::string string_table(const std::string& name, const std::vector<std::string>& strings) {
  if (strings.empty()) return {};
  std::vector<std::string> quoted;
  for (const std::string& each : strings) quoted.push_back(cpp_string(each));
  return fmt::format("constexpr std::string_view k{}[] = {{{}}};\n", name, join(quoted, ", "));
}

std::string document_pointer(const std::string& root) {
  return root.empty() ? "nullptr" : "&k" + identifier(root) + "Document";
}

std::string message_tables(const Message& message, std::string& definitions) {
  if (message.local) return {};
  const std::string name = identifier(message.id);
  definitions +=
      fmt::format("constinit const codec::MessageType k{}Message{{{}, {}, {}, {}, {}, {}, {}, {}, {}, {},\n    {}, {}, {}, {}, {}}};\n",
                  name, cpp_string(message.id), cpp_string(message.number), cpp_string(message.protocol),
                  cpp_string(message.path), "k" + name + "From", cpp_string(message.to), message.notice,
                  message.anonymous, message.open, message.tail.empty() ? "{}" : "k" + name + "Tail",
                  document_pointer(message.request.root), document_pointer(message.response.root),
                  message.errors.empty() ? "{}" : "k" + name + "Errors", document_pointer(message.request.inner),
                  document_pointer(message.response.inner));
  return "\n" + string_table(name + "From", message.from) + string_table(name + "Tail", message.tail) +
         string_table(name + "Errors", message.errors);
}

std::string family_tables(const Model& model, const Family& family) {
  std::string tables;
  std::string definitions;
  for (const Message& message : model.spec().messages) {
    if (model.family_of(message).id != family.id) continue;
    for (const DocumentView& view : model.documents()) {
      if (view.message == &message) tables += document_tables(model, view, definitions);
    }
    tables += message_tables(message, definitions);
  }
  const std::string limits =
      fmt::format("constinit const codec::Family kFamily{{{}, {}, {}, {}}};\n", cpp_string(family.id),
                  family.max_body_bytes, family.max_elements, family.max_depth);
  return fmt::format("\nnamespace {0} {{\n\n{1}\nnamespace {{\n{2}\n}}  // namespace\n\n{3}\n}}  // namespace {0}\n",
                     identifier(family.id), limits, tables, definitions);
}

std::string lists(const Model& model) {
  std::string messages;
  for (const Message& message : model.spec().messages) {
    if (message.local) continue;
    messages += fmt::format("    &{}::k{}Message,\n", identifier(model.family_of(message).id), identifier(message.id));
  }
  std::string documents;
  std::string makers;
  for (const DocumentView& view : model.documents()) {
    if (view.message->local) continue;
    const std::string name = identifier(model.family_of(*view.message).id) + "::";
    const std::string root = identifier(view.root.id);
    documents += fmt::format("    &{}k{}Document,\n", name, root);
    makers += fmt::format("  if (&document == &{0}k{1}Document) return std::make_shared<{2}{1}>();\n", name, root,
                          view.inner ? "msg::" : name);
  }
  std::string leaves;
  for (const Type& type : model.spec().types) leaves += fmt::format("    &k{}Leaf,\n", identifier(type.id));
  std::string out = "\nnamespace {\n\n";
  if (!messages.empty()) out += fmt::format("constexpr const codec::MessageType* kMessages[] = {{\n{}}};\n", messages);
  if (!documents.empty())
    out += fmt::format("constexpr const codec::DocumentType* kDocuments[] = {{\n{}}};\n", documents);
  if (!leaves.empty()) out += fmt::format("constexpr const codec::LeafType* kLeafTypes[] = {{\n{}}};\n", leaves);
  out += "\n}  // namespace\n\n";
  out += fmt::format("std::span<const codec::MessageType* const> messages() {{ return {}; }}\n",
                     messages.empty() ? "{}" : "kMessages");
  out += fmt::format("std::span<const codec::DocumentType* const> documents() {{ return {}; }}\n",
                     documents.empty() ? "{}" : "kDocuments");
  out += fmt::format("std::span<const codec::LeafType* const> leaf_types() {{ return {}; }}\n",
                     leaves.empty() ? "{}" : "kLeafTypes");
  out += fmt::format(
      "\nstd::shared_ptr<void> make_document([[maybe_unused]] const codec::DocumentType& document) {{\n{}  return "
      "nullptr;\n}}\n",
      makers);
  return out;
}

}  // namespace

std::string plugin_struct_tables(const Model& model, const Plugin& plugin) {
  const auto used = [&](const Type& type) {
    return std::any_of(model.records().begin(), model.records().end(), [&](const Struct* record) {
      const auto& fields = record->fields;
      return record->plugin == plugin.id &&
             std::any_of(fields.begin(), fields.end(), [&](const Field& field) { return field.type == type.id; });
    });
  };
  Spec own = model.spec();
  std::erase_if(own.types, [&](const Type& type) { return !used(type); });
  std::string tables;
  std::string definitions;
  for (const Struct* record : model.records()) {
    if (record->plugin != plugin.id) continue;
    const std::string name = identifier(record->id);
    tables += struct_table(model, *record, "msg::" + identifier(model.base(*record).id), name);
    definitions +=
        fmt::format("constinit const codec::StructType k{0}Type{{{1}, k{0}Fields}};\n", name, cpp_string(record->id));
  }
  return "namespace {\n\n[[maybe_unused]] constexpr std::uint32_t kUnbounded = 0xFFFFFFFF;\n" + leaf_types(Model(own)) + tables + "\n}  // namespace\n\n" + definitions;
}

std::string messages_cpp(const Model& model) {
  std::string out = R"(#include "reference/codec/generated/messages.hpp"

namespace quickpay::msg {
namespace {

[[maybe_unused]] constexpr std::uint32_t kUnbounded = 0xFFFFFFFF;
)";
  out += leaf_types(model);
  out +=
      "\n// Fields: name, leaf, struct, least and most occurrences, most bytes, choice, fixed value, condition, where, "
      "profiles.\n";
  out += struct_tables(model);
  for (const Family& family : model.spec().families) out += family_tables(model, family);
  return out + lists(model) + "\n}  // namespace quickpay::msg\n";
}

}  // namespace quickpay::spec
