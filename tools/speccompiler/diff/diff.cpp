#include "tools/speccompiler/diff/diff.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "tools/speccompiler/diff/classify.hpp"
#include "tools/speccompiler/diff/elements.hpp"

namespace quickpay::spec {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 6> kNames{"DOC", "API", "VECTOR", "XSD", "WIRE", "STATE"};

/// A path as people read it, and without the names of list items, as the rules read it.
struct Path {
  std::string shown;
  std::string keys;

  Path key(const std::string& name) const {
    return {shown.empty() ? name : shown + "." + name, keys.empty() ? name : keys + "." + name};
  }
  Path item(const std::string& name) const { return {fmt::format("{}[{}]", shown, name), keys}; }
};

// What identifies an item of a list: its id, or a block's states and event, or its position.
std::string item_name(const json& item, std::size_t index) {
  if (item.is_object() && item.contains("id")) return item["id"].get<std::string>();
  if (item.is_object() && item.contains("states") && item.contains("event")) {
    std::vector<std::string> words = item["states"].get<std::vector<std::string>>();
    words.push_back(item["event"].get<std::string>());
    return fmt::format("{}", fmt::join(words, " "));
  }
  return fmt::format("{}", index + 1);
}

bool named_items(const json& list) {
  return list.is_array() && !list.empty() && list.front().is_object() && item_name(list.front(), 0) != "1";
}

// What follows from the rest and would only repeat it.
bool derived(const std::string& key) { return key == "rows" || key == "atoms" || key == "default_of_event"; }

class Differ {
 public:
  Differ(const Element& before, const Element& after, std::vector<Change>& changes)
      : kind_(before.kind), id_(before.id), changes_(changes) {
    values(before.body, after.body, {});
  }

 private:
  void add(ChangeClass change, ChangeKind kind, const Path& path, const json& before, const json& after) {
    const auto text = [](const json& value) { return value.is_null() ? std::string() : value.dump(); };
    changes_.push_back({change, kind, kind_, id_, path.shown, text(before), text(after)});
  }

  void leaf(const Path& path, const json& before, const json& after) {
    const auto text = [](const json& value) { return value.is_null() ? std::string() : value.dump(); };
    const ChangeKind kind = before.is_null()  ? ChangeKind::added
                            : after.is_null() ? ChangeKind::removed
                                              : ChangeKind::changed;
    add(leaf_class(path, before, after, text(before), text(after)), kind, path, before, after);
  }

  // More values for an enumeration admit more; all else is as the table says.
  ChangeClass leaf_class(const Path& path, const json& before, const json& after, const std::string& was,
                         const std::string& is) const {
    const bool longer = kind_ == "type" && path.keys == "values" && before.is_array() && after.is_array() &&
                        before.size() < after.size() && std::equal(before.begin(), before.end(), after.begin());
    return longer ? ChangeClass::xsd : class_of_leaf(kind_, path.keys, was, is);
  }

  void values(const json& before, const json& after, const Path& path) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) return objects(before, after, path);
    if (named_items(before) || named_items(after)) return lists(before, after, path);
    leaf(path, before, after);
  }

  void objects(const json& before, const json& after, const Path& path) {
    std::map<std::string, std::pair<json, json>> members;
    for (const auto& [key, value] : before.items()) members[key].first = value;
    for (const auto& [key, value] : after.items()) members[key].second = value;
    for (const auto& [key, pair] : members) {
      if (!derived(key)) values(pair.first, pair.second, path.key(key));
    }
  }

  void lists(const json& before, const json& after, const Path& path) {
    const auto was = index(before);
    const auto is = index(after);
    for (const auto& [name, item] : was) {
      const auto other = is.find(name);
      if (other == is.end()) {
        whole(path.item(name), item, {});
      } else {
        values(item, other->second, path.item(name));
      }
    }
    for (const auto& [name, item] : is) {
      if (was.count(name) == 0) whole(path.item(name), {}, item);
    }
    order(before, after, was, is, path);
  }

  static std::map<std::string, json> index(const json& list) {
    std::map<std::string, json> items;
    for (std::size_t i = 0; i < list.size(); ++i) items[item_name(list[i], i)] = list[i];
    return items;
  }

  // An item that came or went; an optional field only makes the schema admit more.
  void whole(const Path& path, const json& before, const json& after) {
    const bool optional = (kind_ == "struct" || kind_ == "message") && after.is_object() && after.value("min", 1) == 0;
    const ChangeClass change = optional ? ChangeClass::xsd : class_of_leaf(kind_, path.keys, "", "");
    add(change, before.is_null() ? ChangeKind::added : ChangeKind::removed, path, before, after);
  }

  using Items = std::map<std::string, json>;
  void order(const json& before, const json& after, const Items& was, const Items& is, const Path& path) {
    const auto common = [](const json& list, const Items& other) {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (other.count(item_name(list[i], i)) != 0) names.push_back(item_name(list[i], i));
      }
      return names;
    };
    const auto then = common(before, is);
    const auto now = common(after, was);
    if (then != now) add(class_of_leaf(kind_, path.keys, "", ""), ChangeKind::changed, path.item("order"), then, now);
  }

  std::string kind_;
  std::string id_;
  std::vector<Change>& changes_;
};

using Key = std::pair<std::string, std::string>;

std::map<Key, Element> by_key(const Spec& spec) {
  std::map<Key, Element> elements;
  for (Element& element : elements_of(spec)) {
    Key key{element.kind, element.id};
    elements.emplace(std::move(key), std::move(element));
  }
  return elements;
}

std::string_view word(ChangeKind kind) {
  switch (kind) {
    case ChangeKind::added:
      return "added";
    case ChangeKind::removed:
      return "removed";
    case ChangeKind::changed:
      return "changed";
  }
  return {};
}

}  // namespace

std::string_view name_of(ChangeClass change) { return kNames[static_cast<std::size_t>(change)]; }

std::optional<ChangeClass> change_class_named(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<ChangeClass>(found - kNames.begin());
}

std::string to_string(const Change& change) {
  std::string line =
      fmt::format("{:<6} {:<7} {} {}", name_of(change.change), word(change.kind), change.element_kind, change.element);
  if (change.path.empty()) return line;
  line += ": " + change.path;
  if (change.kind == ChangeKind::changed) line += fmt::format(": {} -> {}", change.before, change.after);
  return line;
}

std::vector<Change> diff(const Spec& before, const Spec& after) {
  std::vector<Change> changes;
  const auto was = by_key(before);
  const auto is = by_key(after);
  for (const auto& [key, element] : was) {
    const auto other = is.find(key);
    if (other != is.end()) {
      Differ(element, other->second, changes);
    } else {
      const ChangeClass change = class_of_element(key.first, ChangeKind::removed);
      changes.push_back({change, ChangeKind::removed, key.first, key.second, {}, {}, {}});
    }
  }
  for (const auto& [key, element] : is) {
    if (was.count(key) != 0) continue;
    const ChangeClass change = class_of_element(key.first, ChangeKind::added);
    changes.push_back({change, ChangeKind::added, key.first, key.second, {}, {}, {}});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.change > b.change; });
  return changes;
}

}  // namespace quickpay::spec
