// types.md, errors.md, parameters.md, decisions.md and index.md.
#include <algorithm>

#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"
#include "tools/speccompiler/emit/vector_tree.hpp"

namespace quickpay::spec {
namespace {

std::string range_words(const CodePointRange& range) {
  return range.first == range.last ? fmt::format("U+{:04X}", range.first)
                                   : fmt::format("U+{:04X}–U+{:04X}", range.first, range.last);
}

std::string bytes_words(const Model& model, const Type& type) {
  Field field;
  field.type = type.id;
  const std::uint32_t most = model.max_bytes(field);
  if (most == kUnbounded)
    return fmt::format("At least {} byte(s); the field says how many at most.", model.min_bytes(field));
  if (most == model.min_bytes(field)) return fmt::format("{} bytes.", most);
  return fmt::format("{} to {} bytes.", model.min_bytes(field), most);
}

std::string storage_words(Storage storage) {
  switch (storage) {
    case Storage::text:
      return "Text";
    case Storage::integer:
      return "Integer (decimal, 64 bits hold it)";
    case Storage::enumeration:
      return "Enumeration";
  }
  return {};
}

std::string example_words(const Model& model, const Type& type) {
  Field field;
  field.type = type.id;
  const std::string small = example_value(model, field, Extent::minimal, seed_of(type.id)).all();
  const std::string full = example_value(model, field, Extent::full, seed_of(type.id)).all();
  return small == full ? fmt::format("Example: `{}`", small) : fmt::format("Examples: `{}`, `{}`", small, full);
}

std::string type_section(const Model& model, const Type& type) {
  std::string out =
      fmt::format("\n## {}{}\n\n{} {}.", anchor("type-" + type.id), type.id, type.text, storage_words(type.storage));
  if (!type.sensitive.empty()) out += fmt::format(" Sensitive: {}.", type.sensitive);
  if (!type.requirements.empty()) out += " " + requirement_links(type.requirements);
  if (!type.values.empty()) return out + "\n\nValues: `" + join(type.values, "`, `") + "`\n";
  out += " " + bytes_words(model, type) + "\n";
  if (!type.pattern.empty()) out += "\n```\n" + type.pattern + "\n```\n\n" + example_words(model, type) + "\n";
  if (type.charset_text) {
    std::vector<std::string> ranges;
    for (const CodePointRange& range : type.excluded) ranges.push_back(range_words(range));
    out += "\nAll Unicode code points but " + join(ranges, ", ") + ".\n";
  }
  return out;
}

std::string messages_with(const Spec& spec, const std::string& code) {
  std::vector<std::string> links;
  for (const Message& message : spec.messages) {
    if (std::find(message.errors.begin(), message.errors.end(), code) == message.errors.end()) continue;
    links.push_back(fmt::format("[{}](messages.md#{})", message.id, message_anchor(message)));
  }
  return join(links, ", ");
}

}  // namespace

std::string types_md(const Model& model) {
  std::string out = R"(
# Types of leaves

The text of a leaf, after the five entities are replaced and without any trimming, has to match the whole pattern. Patterns are regular
expressions over ASCII: sets `[…]`, groups, `|`, `?`, `*`, `+`, `{n}`, `{n,m}`, and `\` before a character that means itself. They mean the
same in XSD 1.0 and in the common libraries if the *whole* text is matched (mind that `$` often also matches before a final line feed).
Lengths count bytes.
)";
  for (const Type& type : model.spec().types) out += type_section(model, type);
  return out;
}

std::string errors_md(const Spec& spec) {
  std::string out = R"(
# Codes and the order of checks

The first step that fails decides the answer. *http* means an answer of HTTP without a body; *rules* means the checks of the message, in the
order in which it lists its errors.

| step | id | outcome | what is checked or done | rules |
|---|---|---|---|---|
)";
  for (const ProcessingStep& step : spec.processing) {
    out += fmt::format("| {} | {} | {} | {} | {} |\n", step.number, step.id, step.outcome, md_cell(step.text),
                       requirement_links(step.requirements));
  }
  out += R"(
## Codes

*retry* says what a client may do: `no` give up, `same` send the same request again later, `new` begin anew with a fresh request, `none` nothing is
left to do.

| code | retry | step | meaning | listed by | rules |
|---|---|---|---|---|---|
)";
  for (const ErrorCode& error : spec.errors) {
    out += fmt::format("| {}{} | {} | {} | {} | {} | {} |\n", anchor(error.id), error.id, error.retry, error.step,
                       md_cell(error.text), messages_with(spec, error.id), requirement_links(error.requirements));
  }
  return out;
}

std::string parameters_md(const Spec& spec) {
  std::string out = R"(
# Parameters

Durations are in seconds. *owner* is who sets the parameter and whose clock measures it.

| parameter | default | unit | at least | at most | owner | meaning | rules |
|---|---|---|---|---|---|---|---|
)";
  for (const Parameter& parameter : spec.parameters) {
    const std::string value = parameter.derived.empty() ? parameter.default_value : "derived: " + parameter.derived;
    out += fmt::format("| {}`{}` | {} | {} | {} | {} | {} | {} | {} |\n", anchor(parameter.id), parameter.id, value,
                       parameter.unit, parameter.min, parameter.max, parameter.owner, md_cell(parameter.text),
                       requirement_links(parameter.requirements));
  }
  return out;
}

std::string decisions_md(const Spec& spec) {
  std::string out = "\n# What was open, and what was decided\n\nKinds: contradiction, ambiguity, hole, editorial.\n";
  for (const Decision& decision : spec.decisions) {
    out += fmt::format("\n## {}{} ({})\n\n**{}**\n\n{} {}\n", anchor(decision.id), decision.id, decision.kind,
                       decision.question, decision.resolution, requirement_links(decision.requirements));
  }
  return out;
}

std::string index_md(const Spec& spec, const std::vector<std::string>& paths) {
  std::string out = fmt::format("\n# Reference of {} {}\n\n{}\n\n", spec.id, spec.version, spec.text);
  out += R"(Everything here is generated from the specification.

* [Messages](messages.md): what goes over the wire, field by field.
* [Types](types.md) of leaves: patterns and lengths.
* [Codes and the order of checks](errors.md).
* [Parameters](parameters.md).
* [Machines](machines.md): what each role does, row by row, and scenarios.
* [Requirements](requirements.md), where each is met, and what is excluded.
* [Decisions](decisions.md) on what was open.
)";
  if (!spec.plugins.empty()) out += "* [Plug-ins](plugins.md): interfaces of C for code that somebody else writes.\n";
  out += R"(
Diagrams in the language of Graphviz (`dot -Tsvg FILE`):

)";
  for (const std::string& path : paths) out += fmt::format("* [{0}]({0})\n", path);
  return out;
}

}  // namespace quickpay::spec
