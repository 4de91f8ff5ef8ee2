#include <fmt/format.h>

#include <algorithm>

#include "tools/speccompiler/cli/commands.hpp"
#include "tools/speccompiler/cli/report.hpp"
#include "tools/speccompiler/diff/elements.hpp"
#include "tools/speccompiler/ir/suggest.hpp"
#include "tools/speccompiler/lint/lint.hpp"
#include "tools/speccompiler/lint/references.hpp"

namespace quickpay::spec {
namespace {

using nlohmann::json;

constexpr int kMaxIndent = 12;  // levels of nesting that are printed

bool flat(const json& value) {
  return !value.is_structured() || (value.is_array() && std::none_of(value.begin(), value.end(), [](const json& item) {
                                      return item.is_structured();
                                    }));
}

std::string scalar(const json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string flat_text(const json& value) {
  if (!value.is_array()) return scalar(value);
  std::string text;
  for (const json& item : value) text += (text.empty() ? "" : " ") + scalar(item);
  return text;
}

// What an item of a list is called, so that it can stand on a line of its own.
std::string title(const json& item) {
  if (item.is_object() && item.contains("id")) return item["id"].get<std::string>();
  return "-";
}

std::string render(const json& value, int indent) {
  if (indent > kMaxIndent) return {};
  const std::string pad(static_cast<std::size_t>(indent) * 2, ' ');
  std::string text;
  if (value.is_array()) {
    for (const json& item : value) {
      text += flat(item) ? fmt::format("{}{}\n", pad, flat_text(item))
                         : fmt::format("{}{}\n", pad, title(item)) + render(item, indent + 1);
    }
    return text;
  }
  for (const auto& [key, member] : value.items()) {
    if (key == "id" || key == "rows" || key == "atoms" || key == "default_of_event") continue;
    text += flat(member) ? fmt::format("{}{}: {}\n", pad, key, flat_text(member))
                         : fmt::format("{}{}\n", pad, key) + render(member, indent + 1);
  }
  return text;
}

std::string shown(const Element& element) {
  std::string text = fmt::format("{} {} ({}:{})\n", element.kind, element.id, element.at.file, element.at.line);
  text += render(element.body, 1);
  if (element.kind != "case" || !element.body.contains("rows")) return text;
  return text + fmt::format("  rows (value/mask): {}\n", fmt::join(element.body["rows"], ", "));
}

// Whether a string anywhere in the element, other than prose, is the id.
bool mentions(const json& value, const std::string& id) {
  if (value.is_string()) return value.get<std::string>() == id;
  if (value.is_array()) {
    return std::any_of(value.begin(), value.end(), [&](const json& item) { return mentions(item, id); });
  }
  if (!value.is_object()) return false;
  for (const auto& [key, member] : value.items()) {
    if (key != "text" && key != "id" && mentions(member, id)) return true;
  }
  return false;
}

std::string referrers(const Spec& spec, const std::vector<Element>& all, const std::string& id) {
  std::string text;
  for (const Reference& reference : requirement_references(spec)) {
    if (reference.requirement != id) continue;
    text += fmt::format("  {} {} ({}:{})\n", reference.kind, reference.element, reference.at.file, reference.at.line);
  }
  if (!text.empty()) return text;
  for (const Element& element : all) {
    if (element.id == id || !mentions(element.body, id)) continue;
    text += fmt::format("  {} {} ({}:{})\n", element.kind, element.id, element.at.file, element.at.line);
  }
  return text;
}

CommandResult unknown(const std::vector<Element>& all, const std::string& id) {
  std::vector<std::string> ids;
  for (const Element& element : all) ids.push_back(element.id);
  const std::string hint = did_you_mean(id, ids);
  return {1, {}, fmt::format("nothing is called '{}'{}\n", id, hint.empty() ? "" : " (" + hint + ")")};
}

}  // namespace

CommandResult show_command(const std::filesystem::path& path, const std::string& id) {
  const auto spec = compile_spec(path);
  if (!spec) return failed(spec.error(), path);
  std::vector<Element> all = elements_of(*spec);
  for (Element& part : machine_parts_of(*spec)) all.push_back(std::move(part));
  std::string text;
  for (const Element& element : all) {
    if (element.id == id) text += shown(element);
  }
  if (text.empty()) return unknown(all, id);
  const std::string from = referrers(*spec, all, id);
  return {0, text + (from.empty() ? "" : "referred to by\n" + from), {}};
}

}  // namespace quickpay::spec
