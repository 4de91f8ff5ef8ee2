// The section `plugin`: the binary interface between a program and code that somebody else wrote for it.
#include "tools/speccompiler/loader/reader.hpp"

namespace quickpay::spec {
namespace {

PluginValue build_value(Reader& reader, pugi::xml_node node, const char* id) {
  PluginValue value;
  reader.common(node, value, id);
  value.max_bytes = Reader::number(node, "max-bytes");
  value.type = Reader::text(node, "struct");
  return value;
}

PluginCall build_call(Reader& reader, pugi::xml_node node) {
  PluginCall call;
  reader.common(node, call);
  call.bare = Reader::yes(node, "bare");
  for (const pugi::xml_node inner : node.children("in")) call.in.push_back(build_value(reader, inner, "name"));
  for (const pugi::xml_node inner : node.children("out")) call.out.push_back(build_value(reader, inner, "name"));
  return call;
}

PluginResult build_result(Reader& reader, pugi::xml_node node) {
  PluginResult result;
  reader.common(node, result);
  result.value = Reader::number(node, "value");
  return result;
}

}  // namespace

void build_plugin(Reader& reader, pugi::xml_node section, Spec& spec) {
  Plugin plugin;
  reader.common(section, plugin);
  plugin.abi = Reader::number(section, "abi");
  plugin.prefix = Reader::text(section, "prefix");
  for (const pugi::xml_node node : section.children()) {
    const std::string_view name = node.name();
    if (name == "result") plugin.results.push_back(build_result(reader, node));
    if (name == "entry") plugin.entries.push_back(build_value(reader, node, "id"));
    if (name == "service") plugin.services.push_back(build_call(reader, node));
    if (name == "call") plugin.calls.push_back(build_call(reader, node));
    if (name != "struct") continue;
    spec.structs.push_back(build_struct(reader, node));
    spec.structs.back().plugin = plugin.id;
  }
  spec.plugins.push_back(std::move(plugin));
}

}  // namespace quickpay::spec
