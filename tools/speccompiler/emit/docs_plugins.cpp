// plugins.md: the interfaces of plug-ins, call by call, and their structures.
#include <fmt/format.h>

#include "tools/speccompiler/emit/docs.hpp"
#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

std::string where(const Model& model, const std::string& type) {
  if (model.record(type).plugin.empty()) return fmt::format("[{0}](messages.md#struct-{0})", type);
  return fmt::format("[{0}](#struct-{0})", type);
}

std::string values(const Model& model, const std::vector<PluginValue>& all) {
  std::vector<std::string> out;
  for (const PluginValue& value : all) {
    std::string one = fmt::format("`{}` ({} B", value.id, value.max_bytes);
    if (!value.type.empty()) one += ", " + where(model, value.type);
    out.push_back(one + ")" + (value.text.empty() ? "" : ": " + md_cell(value.text)));
  }
  return join(out, "<br>");
}

std::string call_table(const Model& model, const std::vector<PluginCall>& calls) {
  std::string out = "| call | takes | gives | does | rules |\n|---|---|---|---|---|\n";
  for (const PluginCall& call : calls) {
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", call.id, values(model, call.in), values(model, call.out),
                       md_cell(call.text), requirement_links(call.requirements));
  }
  return out;
}

std::string struct_table(const Model& model, const Struct& record) {
  std::string out = fmt::format("\n#### {}{}\n\n{} {}\n\n| field | type | times | at most | meaning |\n|---|---|---|---|---|\n",
                                anchor("struct-" + record.id), record.id, record.text,
                                requirement_links(record.requirements));
  for (const Field& field : record.fields) {
    const std::string type =
        field.is_struct ? where(model, field.type) : fmt::format("[{0}](types.md#type-{0})", field.type);
    const std::string times = field.choice != 0 ? fmt::format("one of choice {}", field.choice)
                                                : cardinality(field.min, field.max);
    out += fmt::format("| `{}` | {} | {} | {} | {} |\n", field.id, type, times,
                       field.is_struct ? "" : fmt::format("{} B", model.max_bytes(field)), md_cell(field.text));
  }
  return out;
}

std::string section(const Model& model, const Plugin& plugin) {
  std::string out = fmt::format("\n## {}{}, version {} of its interface\n\n{} {}\n\n", anchor("plugin-" + plugin.id),
                                plugin.id, plugin.abi, plugin.text, requirement_links(plugin.requirements));
  out += fmt::format("Functions are called `{}_{}_…`; besides the calls there are `abi`, `open` and `close`.\n\n",
                     plugin.prefix, plugin.id);
  out += "| result | value | meaning |\n|---|---|---|\n";
  for (const PluginResult& result : plugin.results) {
    out += fmt::format("| `{}` | {} | {} |\n", result.id, result.value, md_cell(result.text));
  }
  out += "\n### Calls\n\n" + call_table(model, plugin.calls);
  out += "\n### Services of the container\n\n" + call_table(model, plugin.services);
  out += "\n### Entries of the store that the container puts there\n\n| entry | at most | meaning |\n|---|---|---|\n";
  for (const PluginValue& entry : plugin.entries) {
    out += fmt::format("| `{}` | {} B | {} |\n", entry.id, entry.max_bytes, md_cell(entry.text));
  }
  out += "\n### Structures\n";
  for (const Struct& record : model.spec().structs) {
    if (record.plugin == plugin.id) out += struct_table(model, record);
  }
  return out;
}

}  // namespace

std::string plugins_md(const Model& model) {
  std::string out = "\n# Plug-ins\n\nInterfaces of C between a program and code that somebody else wrote for it.\n";
  for (const Plugin& plugin : model.spec().plugins) out += section(model, plugin);
  return out;
}

}  // namespace quickpay::spec
