// messages.md: every message and every structure with all its constraints.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vector_tree.hpp"

namespace quickpay::spec {
namespace {

std::string type_link(const Model& model, const Field& field) {
  if (!field.is_struct) return fmt::format("[{0}](types.md#type-{0})", field.type);
  return fmt::format("[{0}](#struct-{0})", model.record(field.type).id);
}

std::string length_words(const Model& model, const Field& field) {
  if (field.is_struct || !model.type(field.type).values.empty()) return {};
  const std::uint32_t least = model.min_bytes(field);
  const std::uint32_t most = model.max_bytes(field);
  if (most == kUnbounded) return fmt::format("at least {} B", least);
  return least == most ? fmt::format("{} B", least) : fmt::format("{}–{} B", least, most);
}

std::string path_words(const std::vector<std::string>& path) { return "`" + join(path, ".") + "`"; }

std::vector<std::string> constraints(const Model& model, const Field& field) {
  std::vector<std::string> out;
  const std::string length = length_words(model, field);
  if (!field.fixed.empty()) out.push_back(fmt::format("always `{}`", field.fixed));
  if (field.fixed.empty() && !length.empty()) out.push_back(length);
  for (const Where& where : field.where) out.push_back(fmt::format("{} is `{}`", path_words(where.path), where.value));
  if (field.choice != 0) out.push_back(fmt::format("exactly one of choice {}", field.choice));
  if (field.condition) {
    out.push_back(fmt::format("only where {} is {}`{}`, and there {}", path_words(field.condition->path),
                              field.condition->negated ? "not " : "", field.condition->value,
                              field.choice == 0 && field.min == 0 ? "optional" : "required"));
  }
  for (const ProfileRule& rule : field.profiles)
    out.push_back(fmt::format("in profile {}: {}", rule.profile, cardinality(rule.min, rule.max)));
  return out;
}

std::string field_table(const Model& model, const std::vector<Field>& fields) {
  std::string out = "| field | type | times | constraints | meaning | rules |\n|---|---|---|---|---|---|\n";
  for (const Field& field : fields) {
    if (field.max == 0) continue;
    out += fmt::format("| `{}` | {} | {} | {} | {} | {} |\n", field.id, type_link(model, field),
                       cardinality(field.min, field.max), join(constraints(model, field), "; "), md_cell(field.text),
                       requirement_links(field.requirements));
  }
  return out;
}

std::string barred_line(const Struct& record) {
  std::vector<std::string> names;
  for (const Field& field : record.fields) {
    if (field.max == 0) names.push_back("`" + field.id + "`");
  }
  return names.empty() ? "" : fmt::format("\nNever there: {}.\n", join(names, ", "));
}

std::string struct_section(const Model& model, const Struct& record) {
  std::string out = fmt::format("\n### {}{}\n\n{}", anchor("struct-" + record.id), record.id, record.text);
  if (!record.of.empty()) out += fmt::format(" A narrower [{0}](#struct-{0}).", record.of);
  if (!record.requirements.empty()) out += " " + requirement_links(record.requirements);
  return out + "\n\n" + field_table(model, record.fields) + barred_line(record);
}

std::string pretty(const Node& node, const std::string& indent, const std::string& attributes) {
  if (node.record == nullptr) return fmt::format("{0}<{1}>{2}</{1}>\n", indent, node.name, xml_escape(node.text.all()));
  std::string out = fmt::format("{}<{}{}>\n", indent, node.name, attributes);
  for (const Node& child : node.children) out += pretty(child, indent + "  ", "");
  return out + fmt::format("{}</{}>\n", indent, node.name);
}

std::string example_text(const Model& model, const DocumentView& view) {
  const Node root = example(model, view, {Extent::minimal, true, 0, ""});
  return "\n```xml\n" + pretty(root, "", fmt::format(" xmlns=\"{}\"", model.spec().xml_namespace)) + "```\n";
}

std::string document_section(const Model& model, const DocumentView& view) {
  const Envelope& envelope = model.spec().envelope;
  const Message& message = *view.message;
  std::string out = fmt::format("\n#### {}`{}`\n\n", view.response ? "Response " : "Request ", view.root.id);
  if (message.local) return out + "Never on the network.\n\n" + field_table(model, view.root.fields);
  if (view.inner) {
    out = fmt::format("\n#### Inside `{0}`: `{1}`\n\nTravels encrypted in `{0}`, as a document with [these fields](#struct-{1}). The shortest one:\n",
                      view.document->root, view.root.id);
    return out + example_text(model, view);
  }
  out += fmt::format("`{0}` is as in [{1}](#struct-{1})", envelope.head, view.document->head);
  if (!envelope.tail_name.empty())
    out += fmt::format(", `{0}` (last, 0..1) as in [{1}](#struct-{1})", envelope.tail_name, envelope.tail_type);
  out += fmt::format(". `{}` holds, in this order:\n\n", envelope.body);
  return out + field_table(model, view.body.fields) + "\nThe shortest one:\n" + example_text(model, view);
}

std::string rule_list(const std::string& title, const std::vector<Rule>& rules) {
  if (rules.empty()) return {};
  std::string out = fmt::format("\n#### {}\n\n", title);
  for (const Rule& rule : rules) out += fmt::format("* {} {}\n", rule.text, requirement_links(rule.requirements));
  return out;
}

std::string error_list(const Spec& spec, const Message& message) {
  if (message.errors.empty()) return {};
  std::string out =
      "\n#### Errors, in the order of their checks\n\nThey come after those of the [processing order](errors.md).\n\n";
  int number = 0;
  for (const std::string& code : message.errors) {
    const auto error =
        std::find_if(spec.errors.begin(), spec.errors.end(), [&](const ErrorCode& each) { return each.id == code; });
    out += fmt::format("{}. [{}](errors.md#{})", ++number, code, code);
    if (error != spec.errors.end()) out += fmt::format(" (retry `{}`): {}", error->retry, error->text);
    out += "\n";
  }
  return out;
}

std::string how_it_travels(const Message& message) {
  if (message.local) return fmt::format("Inside the {}; never on the network.", message.to);
  std::string out = fmt::format("{} → {}, `POST {}`.", join(message.from, ", "), message.to, message.path);
  if (message.anonymous) out += " Anonymous: its head says nothing about the sender.";
  if (message.open) out += " The sender may leave out who it is.";
  if (!message.tail.empty()) {
    out += fmt::format(" In profile {}, its request and every answer from the idempotency check on are authenticated.",
                       join(message.tail, ", "));
  }
  if (message.notice) out += " A notice: repeated until it has a final answer; nobody waits for it.";
  return out;
}

std::string message_section(const Model& model, const Message& message) {
  std::string out = fmt::format("\n### {}{}{}\n\n{} {} {}\n", anchor(message_anchor(message)),
                                message.number.empty() ? "" : message.number + " ", message.id, how_it_travels(message),
                                message.text, requirement_links(message.requirements));
  for (const DocumentView& view : model.documents()) {
    if (view.message == &message) out += document_section(model, view);
  }
  return out + rule_list(fmt::format("What the sender ({}) has to do", join(message.from, ", ")), message.sender) +
         rule_list(fmt::format("What the receiver ({}) has to do", message.to), message.receiver) +
         error_list(model.spec(), message);
}

std::string overview(const Model& model) {
  std::string out = "| no. | message | from | to | path | family | |\n|---|---|---|---|---|---|---|\n";
  for (const Message& message : model.spec().messages) {
    out += fmt::format("| {} | [{}](#{}) | {} | {} | {} | {} | {} |\n", message.number, message.id,
                       message_anchor(message), join(message.from, ", "), message.to, message.local ? "" : "`" + message.path + "`",
                       model.family_of(message).id,
                       message.local       ? "local"
                       : message.anonymous ? "anonymous"
                       : message.open      ? "open"
                       : message.notice    ? "notice"
                                           : "");
  }
  return out;
}

std::string family_lines(const Spec& spec) {
  std::string out = "\n| family | body, at most | elements, at most | depth, at most |\n|---|---|---|---|\n";
  for (const Family& family : spec.families) {
    out += fmt::format("| {} | {} B | {} | {} |\n", family.id, family.max_body_bytes, family.max_elements,
                       family.max_depth);
  }
  return out;
}

std::string introduction(const Spec& spec) {
  const Envelope& envelope = spec.envelope;
  std::string out = fmt::format(R"(
# Messages

Every document is in the namespace `{}`. Its root element has the name of the message, a response's is followed by `{}`. Children of
an element stand in the order of its table.

How to read the tables. *times*: how often the element occurs, repetitions next to each other. *B*: bytes of UTF-8 after entities are
replaced. *always*: the only value. *choice n*: exactly one of the fields with this number is there. *only where P is V*: the field
is there if and only if the leaf P (a path that starts beside the field) has, or has not, the value V; where it says *optional* it
may then be absent. *in profile X*: in a document of that profile the element occurs so often; a breach of this is checked after the
schema, in the step *profile* of the [processing order](errors.md).
)",
                                spec.xml_namespace, envelope.response_suffix);
  if (!envelope.status_name.empty()) {
    out +=
        fmt::format("\nThe body of a response begins with `{}`. Its result fields are there where `{}.{}` is `{}`.\n",
                    envelope.status_name, envelope.status_name, join(envelope.ok_path, "."), envelope.ok_value);
  }
  if (!envelope.extension_name.empty()) {
    out += fmt::format("Every body may end with up to {} `{}`, which a receiver that does not know them ignores.\n",
                       envelope.extension_max, envelope.extension_name);
  }
  return out;
}

}  // namespace

std::string messages_md(const Model& model) {
  const Spec& spec = model.spec();
  std::string out = introduction(spec) + family_lines(spec) + "\n## All messages\n\n" + overview(model);
  for (const Protocol& protocol : spec.protocols) {
    out += fmt::format("\n## Messages of {}\n", protocol.id);
    for (const Message& message : spec.messages) {
      if (message.protocol == protocol.id) out += message_section(model, message);
    }
  }
  out += "\n## Structures\n";
  for (const Struct& record : spec.structs) out += struct_section(model, record);
  return out;
}

}  // namespace quickpay::spec
