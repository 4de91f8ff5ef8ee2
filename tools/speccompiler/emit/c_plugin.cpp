// <prefix>_<plug-in>.h: the interface of a plug-in as C sees it.
#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "tools/speccompiler/emit/files.hpp"
#include "tools/speccompiler/emit/text.hpp"

namespace quickpay::spec {
namespace {

constexpr std::string_view kTypes = R"(
/* Bytes that the callee reads and does not keep. */
typedef struct {{
  const uint8_t* data;
  size_t size;
}} {0}_bytes;

/* Room that the callee fills: at most `capacity` bytes at `data`; it sets `size`. */
typedef struct {{
  uint8_t* data;
  size_t capacity;
  size_t size;
}} {0}_buf;

/* One instance of the plug-in; what is in it is its own matter. */
typedef struct {0}_{1} {0}_{1};
)";

constexpr std::string_view kLifeCycle = R"(
/* The version of the interface that the plug-in was made for: {2}_{3}_ABI. Called before anything else. */
{2}_EXPORT uint32_t {0}_{1}_abi(void);

/* Makes an instance. `store` lives as long as the instance. */
{2}_EXPORT int {0}_{1}_open(const {0}_store_api* store, {0}_{1}** out);
)";

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// C has no comment that a text could not end; a specification has no reason to try.
std::string c_comment(const std::string& text) {
  std::string safe = comment_text(text);
  for (std::size_t at = safe.find("*/"); at != std::string::npos; at = safe.find("*/")) safe.replace(at, 2, "* /");
  std::string out = comment("", safe);
  if (!out.empty() && out.back() == '\n') out.pop_back();
  const std::size_t text_at = out.find_first_not_of(' ');
  if (text_at == std::string::npos) return {};
  out = out.substr(text_at);
  for (std::size_t at = out.find('\n'); at != std::string::npos; at = out.find('\n', at + 3)) out.replace(at, 1, "\n  ");
  return "/* " + out + " */\n";
}

std::string value_words(const PluginValue& value) {
  std::string out = fmt::format("{}: at most {} bytes", value.id, value.max_bytes);
  if (!value.type.empty()) out += ", the canonical encoding of " + value.type;
  return value.text.empty() ? out + "." : out + ". " + value.text;
}

std::string call_comment(const PluginCall& call) {
  std::string text = call.text;
  for (const auto* values : {&call.in, &call.out}) {
    for (const PluginValue& value : *values) text += " " + value_words(value);
  }
  return c_comment(text);
}

std::string arguments(const PluginCall& call, const std::string& prefix, const std::string& first) {
  std::vector<std::string> out;
  if (!first.empty()) out.push_back(first);
  for (const PluginValue& value : call.in) out.push_back(fmt::format("const {}_bytes* {}", prefix, value.id));
  for (const PluginValue& value : call.out) out.push_back(fmt::format("{}_buf* {}", prefix, value.id));
  return out.empty() ? "void" : join(out, ", ");
}

std::string results(const Plugin& plugin, const std::string& word) {
  std::vector<std::string> names;
  std::string out = "\n/* What every call returns. Anything else counts as a failure. */\nenum {\n";
  for (std::size_t i = 0; i < plugin.results.size(); ++i) {
    const PluginResult& result = plugin.results[i];
    out += fmt::format("  {}_{} = {}{} {}", word, upper(identifier(result.id)), result.value,
                       i + 1 == plugin.results.size() ? "" : ",", c_comment(result.text));
  }
  return out + "};\n";
}

std::string entries(const Plugin& plugin, const std::string& word) {
  std::string out;
  for (const PluginValue& entry : plugin.entries) {
    out += "\n" + c_comment(value_words(entry));
    out += fmt::format("#define {}_ENTRY_{} \"{}\"\n", word, upper(identifier(entry.id)), entry.id);
  }
  return out;
}

std::string services(const Plugin& plugin) {
  std::string out = "\n/* What the container does for an instance; `context` goes with every call. */\ntypedef struct {\n";
  out += "  void* context;\n";
  for (const PluginCall& service : plugin.services) {
    out += call_comment(service);
    out += fmt::format("  int (*{})({});\n", service.id, arguments(service, plugin.prefix, "void* context"));
  }
  return out + fmt::format("}} {}_store_api;\n", plugin.prefix);
}

}  // namespace

std::string plugin_h(const Plugin& plugin) {
  const std::string name = plugin.prefix + "_" + plugin.id;
  const std::string word = upper(name);
  std::string out = c_comment(plugin.text);
  out += fmt::format("#ifndef {0}_H\n#define {0}_H\n\n#include <stddef.h>\n#include <stdint.h>\n\n", word);
  out += fmt::format("#ifdef __cplusplus\nextern \"C\" {{\n#endif\n\n#define {}_ABI {}u\n", word, plugin.abi);
  out += fmt::format("#define {}_EXPORT __attribute__((visibility(\"default\")))\n", upper(plugin.prefix));
  out += fmt::format(kTypes, plugin.prefix, plugin.id);
  out += results(plugin, word) + entries(plugin, word) + services(plugin);
  out += fmt::format(kLifeCycle, plugin.prefix, plugin.id, upper(plugin.prefix), upper(plugin.id));
  for (const PluginCall& call : plugin.calls) {
    const std::string instance = call.bare ? "" : fmt::format("{}* {}", name, plugin.id);
    out += "\n" + call_comment(call);
    out += fmt::format("{}_EXPORT int {}_{}({});\n", upper(plugin.prefix), name, call.id,
                       arguments(call, plugin.prefix, instance));
  }
  out += fmt::format("\n/* Ends an instance that `open` made. */\n{0}_EXPORT void {1}_close({1}* {2});\n",
                     upper(plugin.prefix), name, plugin.id);
  return out + fmt::format("\n#ifdef __cplusplus\n}}\n#endif\n\n#endif  /* {}_H */\n", word);
}

}  // namespace quickpay::spec
