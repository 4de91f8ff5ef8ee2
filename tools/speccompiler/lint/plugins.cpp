// Plug-ins: names that become functions of C, bounds, structs that exist.
#include <fmt/format.h>

#include <set>

#include "tools/speccompiler/lint/context.hpp"
#include "tools/speccompiler/regex/regex.hpp"

namespace quickpay::spec {
namespace {

constexpr std::uint32_t kMaxValueBytes = 1024 * 1024;
constexpr std::string_view kForm = "[a-z][a-z0-9]*(_[a-z0-9]+)*";
// What every plug-in has besides its calls.
constexpr std::string_view kLifeCycle[] = {"abi", "open", "close"};

class PluginLint {
 public:
  explicit PluginLint(LintContext& context) : context_(context) {}

  void check(const Plugin& plugin) {
    form(plugin, plugin.prefix, "prefix");
    form(plugin, plugin.id, "plug-in");
    if (plugin.abi == 0) context_.add(plugin.at, fmt::format("the versions of plug-in '{}' start at 1", plugin.id));
    results(plugin);
    if (plugin.calls.empty()) context_.add(plugin.at, fmt::format("plug-in '{}' has no calls", plugin.id));
    calls(plugin, "service", plugin.services);
    calls(plugin, "call", plugin.calls);
    values(plugin, "entry", plugin.entries);
  }

 private:
  void form(const Common& at, const std::string& name, const std::string& what) {
    if (matches(kForm, name)) return;
    context_.add(at.at, fmt::format("the {} '{}' must be lower-case words joined by underscores", what, name));
  }

  // A plug-in can say that it did what it was asked; nothing else has a fixed value.
  void results(const Plugin& plugin) {
    std::set<std::uint32_t> seen;
    std::set<std::string> names;
    for (const PluginResult& result : plugin.results) {
      if (!names.insert(result.id).second) {
        context_.add(result.at, fmt::format("result '{}' is declared twice", result.id));
      }
      if (!seen.insert(result.value).second) {
        context_.add(result.at, fmt::format("value {} of result '{}' is taken", result.value, result.id));
      }
    }
    if (seen.count(0) == 0) context_.add(plugin.at, fmt::format("plug-in '{}' has no result with value 0", plugin.id));
  }

  void calls(const Plugin& plugin, const std::string& what, const std::vector<PluginCall>& all) {
    std::set<std::string> seen;
    if (what == "call") seen.insert(std::begin(kLifeCycle), std::end(kLifeCycle));
    for (const PluginCall& call : all) {
      form(call, call.id, what);
      if (!seen.insert(call.id).second) {
        context_.add(call.at, fmt::format("the name of {} '{}' of plug-in '{}' is taken", what, call.id, plugin.id));
      }
      std::vector<PluginValue> both = call.in;
      both.insert(both.end(), call.out.begin(), call.out.end());
      values(plugin, what + " '" + call.id + "'", both);
    }
  }

  void values(const Plugin& plugin, const std::string& owner, const std::vector<PluginValue>& all) {
    std::set<std::string> seen;
    for (const PluginValue& value : all) {
      form(value, value.id, "value");
      if (!seen.insert(value.id).second) {
        context_.add(value.at, fmt::format("'{}' of {} of plug-in '{}' is there twice", value.id, owner, plugin.id));
      }
      if (value.max_bytes == 0 || value.max_bytes > kMaxValueBytes) {
        context_.add(value.at, fmt::format("'{}' of {} needs a bound from 1 to {}", value.id, owner, kMaxValueBytes));
      }
      if (!value.type.empty()) context_.known(value.at, "struct", value.type, ids_of(context_.spec.structs));
    }
  }

  LintContext& context_;
};

/// Messages, and the structs that they share, know no struct of a plug-in.
void lint_foreign(LintContext& context, const std::vector<Field>& fields) {
  for (const Field& field : fields) {
    for (const Struct& record : context.spec.structs) {
      if (record.id != field.type || record.plugin.empty()) continue;
      context.add(field.at, fmt::format("field '{}': '{}' belongs to plug-in '{}'", field.id, record.id, record.plugin));
    }
  }
}

}  // namespace

void lint_plugins(LintContext& context) {
  for (const Plugin& plugin : context.spec.plugins) PluginLint(context).check(plugin);
  for (const Struct& record : context.spec.structs) {
    if (record.plugin.empty()) lint_foreign(context, record.fields);
  }
  for (const Message& message : context.spec.messages) {
    lint_foreign(context, message.request.body);
    lint_foreign(context, message.response.body);
  }
}

}  // namespace quickpay::spec
