// plugin.hpp and plugin.cpp: the interface of a plug-in as tables for its container, and its structs.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

std::string constant(const std::string& id) {
  std::string out = "k";
  bool start = true;
  for (const char c : identifier(id)) {
    if (c != '_') out += start ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    start = c == '_';
  }
  return out;
}

std::string results(const Plugin& plugin) {
  std::string out = "\n/// What a call returned.\nenum class Result : std::uint8_t {\n";
  std::string names;
  for (const PluginResult& result : plugin.results) {
    out += comment("  ///", result.text) + fmt::format("  {} = {},\n", identifier(result.id), result.value);
    names += fmt::format("    case Result::{}: return {};\n", identifier(result.id), cpp_string(result.id));
  }
  out += "};\n\n/// The name of a result.\nconstexpr std::string_view to_string(Result result) {\n  switch (result) {\n";
  return out + names + "  }\n  return {};\n}\n";
}

std::string entries(const Plugin& plugin) {
  std::string out;
  for (const PluginValue& entry : plugin.entries) {
    out += "\n" + comment("///", entry.text);
    out += fmt::format("inline constexpr std::string_view {}Entry = {};\n", constant(entry.id), cpp_string(entry.id));
    out += fmt::format("inline constexpr std::uint32_t {}EntryBytes = {};\n", constant(entry.id), entry.max_bytes);
  }
  return out;
}

std::string service_bounds(const Plugin& plugin) {
  std::string out;
  for (const PluginCall& service : plugin.services) {
    for (const auto* values : {&service.in, &service.out}) {
      for (const PluginValue& value : *values) {
        out += fmt::format("inline constexpr std::uint32_t {} = {};  ///< bytes, at most\n",
                           constant(service.id + "_" + value.id), value.max_bytes);
      }
    }
  }
  return out.empty() ? out : "\n// What the services take and give.\n" + out;
}

constexpr std::string_view kDeclarations = R"(
/// Bytes that a call takes or gives.
struct Value {{
  std::string_view name;
  std::uint32_t max_bytes;
}};

/// One call: what it is named in a shared object, what it takes and gives.
struct CallInfo {{
  std::string_view name;
  const char* symbol;
  bool bare;  ///< without an instance
  std::span<const Value> in;
  std::span<const Value> out;  ///< one or none
}};

/// All calls; the value of a Call is its index.
std::span<const CallInfo> calls();

/// Calls the function at `symbol`, which is that of `call`, with as many inputs as CallInfo says; `out` may be null where
/// it gives nothing. Returns what the function returned.
int invoke(Call call, void* symbol, {0}* instance, const {1}_bytes* in, {1}_buf* out);
)";

std::string value_table(const std::string& name, const std::vector<PluginValue>& values) {
  std::vector<std::string> rows;
  for (const PluginValue& value : values) rows.push_back(fmt::format("{{{}, {}}}", cpp_string(value.id), value.max_bytes));
  return values.empty() ? "" : fmt::format("constexpr Value {}[] = {{{}}};\n", name, join(rows, ", "));
}

std::string call_tables(const Plugin& plugin) {
  std::string tables;
  std::string rows;
  for (const PluginCall& call : plugin.calls) {
    const std::string name = constant(call.id);
    tables += value_table(name + "In", call.in) + value_table(name + "Out", call.out);
    rows += fmt::format("    {{{}, {}, {}, {}, {}}},\n", cpp_string(call.id),
                        cpp_string(plugin.prefix + "_" + plugin.id + "_" + call.id), call.bare,
                        call.in.empty() ? "{}" : name + "In", call.out.empty() ? "{}" : name + "Out");
  }
  return tables + "\nconstexpr CallInfo kCalls[] = {\n" + rows + "};\n";
}

std::string invocations(const Plugin& plugin) {
  const std::string name = plugin.prefix + "_" + plugin.id;
  std::string out;
  for (const PluginCall& call : plugin.calls) {
    std::vector<std::string> given;
    if (!call.bare) given.emplace_back("instance");
    for (std::size_t i = 0; i < call.in.size(); ++i) given.push_back(fmt::format("in + {}", i));
    if (!call.out.empty()) given.emplace_back("out");
    out += fmt::format("    case Call::{0}: return reinterpret_cast<decltype(&{1}_{2})>(symbol)({3});\n",
                       identifier(call.id), name, call.id, join(given, ", "));
  }
  return out;
}

}  // namespace

std::string plugin_hpp(const Model& model, const Plugin& plugin) {
  const std::string name = plugin.prefix + "_" + plugin.id;
  std::vector<std::string> names;
  for (const PluginCall& call : plugin.calls) names.push_back(identifier(call.id));
  std::string out = "#pragma once\n\n#include <cstdint>\n#include <span>\n#include <string_view>\n\n";
  out += fmt::format("#include \"reference/codec/generated/messages.hpp\"\n#include \"reference/{0}/generated/{1}.h\"\n",
                     plugin.id, name);
  out += "\nnamespace quickpay::msg {\n" + plugin_structs(model, plugin) + "\n}  // namespace quickpay::msg\n";
  out += fmt::format("\nnamespace quickpay::{} {{\n\n", plugin.id);
  out += fmt::format("/// The version of the interface.\ninline constexpr std::uint32_t kAbi = {};\n", plugin.abi);
  for (const char* word : {"abi", "open", "close"}) {
    out += fmt::format("inline constexpr const char* {}Symbol = \"{}_{}\";\n", constant(word), name, word);
  }
  out += entries(plugin) + service_bounds(plugin) + results(plugin);
  out += fmt::format("\n/// The calls, in the order of the specification.\nenum class Call : std::uint8_t {{ {} }};\n",
                     join(names, ", "));
  out += fmt::format(kDeclarations, name, plugin.prefix);
  return out + fmt::format("\n}}  // namespace quickpay::{}\n", plugin.id);
}

std::string plugin_cpp(const Model& model, const Plugin& plugin, const std::string& folder) {
  const std::string name = plugin.prefix + "_" + plugin.id;
  std::string out = fmt::format("#include \"{}/plugin.hpp\"\n\nnamespace quickpay::msg {{\n", folder);
  out += plugin_struct_tables(model, plugin) + "\n}  // namespace quickpay::msg\n";
  out += fmt::format("\nnamespace quickpay::{} {{\nnamespace {{\n\n", plugin.id);
  out += call_tables(plugin) + "\n}  // namespace\n\nstd::span<const CallInfo> calls() { return kCalls; }\n\n";
  out += fmt::format(
      "int invoke(Call call, void* symbol, [[maybe_unused]] {0}* instance, [[maybe_unused]] const {1}_bytes* in,\n"
      "           [[maybe_unused]] {1}_buf* out) {{\n  switch (call) {{\n",
      name, plugin.prefix);
  return out + invocations(plugin) +
         fmt::format("  }}\n  return -1;\n}}\n\n}}  // namespace quickpay::{}\n", plugin.id);
}

}  // namespace quickpay::spec
